"""Part of harness.py: kill -9 at random moments of a small run, which then goes on to its end."""
import json
import os
import random
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

SMALL = ("--epochs", "1", "--fine_tune_epochs", "1", "--views", "1", "--protocol", "held_out",
    "--backbone", "MobileNetV2_0.35", "--weights", "none", "--image_size", "64", "--name", "small")


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


def survived(data, out, moments):
    "A run killed after so many seconds, again and again, that goes on: kills, its complaint."
    kills = [killed(started(data, out), moment) for moment in moments]
    return sum(kills), ended(started(data, out))


ONE = threading.Lock() # several parts ask for the small run


def small_run(folder):
    "A small run that nobody killed, made if there is none yet."
    data, first = folder / "scans", folder / "first"
    with ONE:
        if not data.is_dir():
            make = ["btl_simulate", data, "--n_train", "24", "--n_test", "8"]
            subprocess.run(list(map(str, make)), check=True, capture_output=True)
        complaint = "" if (first / "small").is_dir() else ended(started(data, first))
    if complaint:
        raise RuntimeError(complaint)
    return first / "small"


def rows(folder, size):
    few, rng, start = size["kills"] < 3, random.Random(0), time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        whole = pool.submit(small_run, folder)
        while few and not (folder / "scans").is_dir():
            time.sleep(.1)
        most = 12 if few else (whole.result(), time.monotonic() - start)[1]
        each = 1 if few else 2 # kills of one run
        plans = [[rng.uniform(1, most) for _ in range(each)] for _ in range(size["kills"] // each)]
        jobs = {pool.submit(survived, folder / "scans", folder / f"killed{k}", moments): k
            for k, moments in enumerate(plans)}
        tried, wrong, left = 0, [], []
        for job in as_completed(jobs):
            k, (kills, complaint) = jobs[job], job.result()
            out, tried = folder / f"killed{k}", tried + kills
            if complaint or result(out) != result(whole.result().parent):
                moments = ", ".join(f"{s:.1f}" for s in plans[k])
                wrong.append(f"after {moments} s: {complaint or 'other metrics or predictions'}")
            left += [f"run {k}: {name}" for name in left_over(out)]
            yield f"{tried} kills, {len(wrong)} ends that differ"
    yield "kill -9, then on to the same end", tried, wrong
    yield "nothing left beside a finished run", len(plans), left
