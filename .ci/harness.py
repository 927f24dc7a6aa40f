"""What hostile input does to the package: what was tried, and what held.

    python .ci/harness.py                  a short form, under two minutes; .ci/run calls it
    python .ci/harness.py --long           10,000 mutants, 20 kills, a minute of 16 clients
    python .ci/harness.py --long --write   and nbs/harness.csv, which a lesson shows
    python .ci/harness.py readers cards    some parts: runs, readers, cards, service

A line a kind, `ok: ...` or `FAILED: ...`, below it what did not hold. Everything happens in child
processes and in folders that are thrown away."""
import argparse
import csv
import importlib
import os
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

from tree import NBS, ROOT

PARTS = ("runs", "readers", "cards", "service")
SHORT = dict(mutants=700, kills=1, seconds=8, places=1)
LONG = dict(mutants=10_000, kills=20, seconds=60, places=5)
FIELDS = ("part", "what", "tried", "held", "seconds")


def carried_out(part, folder, size):
    "The rows of a part, each with a list of what did not hold."
    start = time.monotonic()
    try:
        rows = importlib.import_module(f"harness_{part}").rows(folder, size)
    except Exception as error:
        said = traceback.format_exception_only(error)[-1].strip()
        rows = [(f"the harness itself ({part})", 1, [said])]
    took = round(time.monotonic() - start)
    return [(part, what, tried, tried - len(wrong), took, wrong) for what, tried, wrong in rows]


def told(rows):
    "Each row as a line; were all well?"
    for part, what, tried, held, took, wrong in rows:
        print(f"{'FAILED' if wrong else 'ok'}: {part}: {what}: {held:,} of {tried:,} held",
            flush=True)
        for line in wrong[:10]:
            print(f"    {line[:300]}", flush=True)
    return not any(row[-1] for row in rows)


def main():
    parser = argparse.ArgumentParser(description="what hostile input does to the package")
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--write", action="store_true", help="nbs/harness.csv")
    asked = parser.parse_args()
    folder, rows = Path(tempfile.mkdtemp(prefix="harness-")), []
    os.environ |= {"BTL_RUNS": str(folder / "runs"), "TQDM_DISABLE": "1", "PYTHONPATH": str(ROOT),
        "TF_CPP_MIN_LOG_LEVEL": "3", "TMPDIR": str(folder)}
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    os.environ.pop("BTL_DATA", None)
    start, well = time.monotonic(), True
    try:
        for part in asked.parts or PARTS:
            rows += carried_out(part, folder, LONG if asked.long else SHORT)
            well = told([row for row in rows if row[0] == part]) and well
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if asked.write:
        with open(NBS / "harness.csv", "w", newline="", encoding="utf-8") as f:
            csv.writer(f, lineterminator="\n").writerows([FIELDS, *(row[:-1] for row in rows)])
    bad = sum(bool(row[-1]) for row in rows)
    print(f"the harness took {time.monotonic() - start:.0f} s")
    print(f"{len(rows) - bad} passed, {bad} failed")
    return not well


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.exit(main())
