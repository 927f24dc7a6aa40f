"""What hostile input does to the package: what was tried, and what held.

    python .ci/harness.py                  a short form, under two minutes; .ci/run calls it
    python .ci/harness.py --long           10,000 mutants, 20 kills, a minute of 16 clients
    python .ci/harness.py --long --write   and nbs/harness.csv, which a lesson shows
    python .ci/harness.py readers cards    some parts: runs, readers, models, cards, service
    python .ci/harness.py --long --mutants 20000 --kills 50 --requests 5000    longer still

A line a kind, `ok: ...` or `FAILED: ...`, below it what did not hold; the long form says in
between how far it is. Everything happens in child processes and in folders that are thrown away."""
import argparse
import csv
import importlib
import os
import platform
import shutil
import sys
import tempfile
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

from tree import NBS, ROOT

PARTS = ("runs", "readers", "models", "cards", "service")
SHORT = dict(mutants=700, kills=1, seconds=8, requests=0, places=1)
LONG = dict(mutants=10_000, kills=20, seconds=60, requests=0, places=5)
FIELDS = ("part", "what", "tried", "held", "seconds", "machine", "day")


def machine():
    "On what this runs, in a few words."
    name, info = platform.processor() or platform.machine(), Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    named = next((line for line in lines if line.startswith("model name")), f": {name}")
    return f"{os.cpu_count()} cores, {named.partition(':')[2].strip()}"


def said(part, what, tried, wrong, start):
    "One row, told at once."
    state, held = "FAILED" if wrong else "ok", tried - min(tried, len(wrong))
    lines = [f"{state}: {part}: {what}: {held:,} of {tried:,} held"]
    lines += [f"    {line[:300]}" for line in wrong[:10]]
    print("\n".join(lines), flush=True)
    took = round(time.monotonic() - start)
    return (part, what, tried, held, took, machine(), date.today().isoformat()), not wrong


def carried_out(part, folder, size):
    "The rows of a part, and were all well; in between how far it is, in the long form."
    rows, start = [], time.monotonic()
    try:
        for found in importlib.import_module(f"harness_{part}").rows(folder, size):
            if not isinstance(found, str):
                rows.append(said(part, *found, start))
                start = time.monotonic()
            elif size["long"]:
                print(f"    {time.strftime('%H:%M:%S')} {part}: {found}", flush=True)
    except Exception as error:
        told = traceback.format_exception_only(error)[-1].strip()
        rows.append(said(part, f"the harness itself ({part})", 1, [told], start))
    return rows


def written(rows):
    "nbs/harness.csv, the rows of parts that were not tried as they were."
    file, fresh = NBS / "harness.csv", {row[0] for row in rows}
    if file.is_file():
        with open(file, newline="", encoding="utf-8") as f:
            rows = [*(row for row in list(csv.reader(f))[1:] if row[0] not in fresh), *rows]
    with open(file, "w", newline="", encoding="utf-8") as f:
        rows = sorted(rows, key=lambda row: PARTS.index(row[0]))
        csv.writer(f, lineterminator="\n").writerows([FIELDS, *rows])


def arguments():
    "What was asked for, and how much of it."
    parser = argparse.ArgumentParser(description="what hostile input does to the package")
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--write", action="store_true", help="nbs/harness.csv")
    parser.add_argument("--mutants", type=int, help="of all files together")
    parser.add_argument("--kills", type=int, help="of runs at work")
    parser.add_argument("--requests", type=int, help="hostile ones, at least")
    asked = parser.parse_args()
    counts = {name: getattr(asked, name) for name in ("mutants", "kills", "requests")}
    given = {name: n for name, n in counts.items() if n is not None}
    return asked, (LONG if asked.long else SHORT) | given | {"long": asked.long}


def main():
    asked, size = arguments()
    folder = Path(tempfile.mkdtemp(prefix="harness-"))
    os.environ |= {"BTL_RUNS": str(folder / "runs"), "TQDM_DISABLE": "1", "PYTHONPATH": str(ROOT),
        "TF_CPP_MIN_LOG_LEVEL": "3", "TMPDIR": str(folder), "BTL_CACHE": str(folder / "cache")}
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    os.environ.pop("BTL_DATA", None)
    start = time.monotonic()
    try: # in the short form a part waits while another one works
        with ThreadPoolExecutor(1 if size["long"] else 2) as pool:
            jobs = [pool.submit(carried_out, part, folder, size) for part in asked.parts or PARTS]
            rows = [row for job in jobs for row in job.result()]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if asked.write:
        written([row for row, _ in rows])
    bad = sum(not well for _, well in rows)
    print(f"the harness took {time.monotonic() - start:.0f} s")
    print(f"{len(rows) - bad} passed, {bad} failed")
    return bool(bad)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.exit(main())
