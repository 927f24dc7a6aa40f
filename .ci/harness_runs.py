"""Part of harness.py: kill -9 at random moments of a small run, which then goes on to the same end."""
import json
import os
import random
import signal
import subprocess
import time
from pathlib import Path

SMALL = ("--epochs", "1", "--fine_tune_epochs", "1", "--views", "1", "--protocol", "held_out",
    "--weights", "none", "--name", "small")


def started(data, out):
    "A small run in a process group of its own."
    command = ["btl_run", "--data", data, "--out", out, *SMALL]
    return subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True, start_new_session=True)


def ended(process):
    "Wait for a run; what it complained of."
    said = process.communicate()[1]
    return "" if process.returncode == 0 else f"exit {process.returncode}: {said.strip()[-200:]}"


def killed(process, seconds):
    "Kill a run with all its children after so many seconds; was it still at work?"
    try:
        process.wait(seconds)
        return False
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return True


def result(out):
    "The metrics of a run, without the seconds they took, and its predictions."
    folder = Path(out) / "small"
    metrics = json.loads((folder / "metrics.json").read_text())
    metrics.pop("seconds", None)
    return json.dumps(metrics, sort_keys=True), (folder / "predictions.csv").read_text()


def left_over(out):
    "What lies beside a finished run."
    return sorted(path.name for path in Path(out).iterdir() if path.name != "small")


def rows(folder, size):
    data, first = folder / "scans", folder / "first"
    make = ["btl_simulate", data, "--n_train", "24", "--n_test", "8"]
    subprocess.run(list(map(str, make)), check=True, capture_output=True)
    start, wrong, same = time.monotonic(), [], []
    if said := ended(started(data, first)):
        raise RuntimeError(said)
    took, rng = time.monotonic() - start, random.Random(0)
    for k in range(size["kills"]):
        out, moment = folder / f"killed{k}", rng.uniform(.05, .95) * took
        killed(started(data, out), moment)
        if said := ended(started(data, out)):
            wrong.append(f"after {moment:.1f} s: {said}")
            continue
        if result(out) != result(first):
            wrong.append(f"after {moment:.1f} s: other metrics or predictions")
        if left := left_over(out):
            same.append(f"after {moment:.1f} s: {', '.join(left)}")
    yield "kill -9, then on to the same end", size["kills"], wrong
    yield "nothing left beside a finished run", size["kills"], same
