"""Part of harness.py: kill -9 at random moments of a small run, which then goes on to its end."""
import json
import os
import random
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SMALL = ("--epochs", "1", "--fine_tune_epochs", "1", "--views", "1", "--protocol", "held_out",
    "--weights", "none", "--image_size", "64", "--name", "small")


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


def survived(data, out, moment):
    "A run that is killed after so many seconds and goes on; what it complained of."
    killed(started(data, out), moment)
    return ended(started(data, out))


def rows(folder, size):
    data, first, rng = folder / "scans", folder / "first", random.Random(0)
    make = ["btl_simulate", data, "--n_train", "24", "--n_test", "8"]
    subprocess.run(list(map(str, make)), check=True, capture_output=True)
    outs = [folder / f"killed{k}" for k in range(size["kills"])]
    moments = [rng.uniform(3, 40) for _ in outs]
    with ThreadPoolExecutor(2) as pool:
        whole = pool.submit(lambda: ended(started(data, first)))
        said = list(pool.map(survived, [data] * len(outs), outs, moments))
    if whole.result():
        raise RuntimeError(whole.result())
    wrong, left = [], []
    for out, moment, complaint in zip(outs, moments, said):
        if complaint or result(out) != result(first):
            wrong.append(f"after {moment:.1f} s: {complaint or 'other metrics or predictions'}")
        left += [f"after {moment:.1f} s: {name}" for name in left_over(out)]
    yield "kill -9, then on to the same end", len(outs), wrong
    yield "nothing left beside a finished run", len(outs), left
