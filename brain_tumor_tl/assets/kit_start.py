"""Open the lessons of this class kit, or check that nothing is missing.

    python start.py            opens the handouts in Jupyter
    python start.py --check    opens every run of the kit; nothing is trained"""
import os
import subprocess
import sys
from pathlib import Path

KIT = Path(__file__).resolve().parent


def set_places():
    "Let the lessons find the scans, the runs and the weights of the kit."
    os.environ["BTL_RUNS"] = str(KIT / "runs")
    if (KIT / "scans").is_dir():
        os.environ["BTL_DATA"] = str(KIT / "scans")
    else:
        os.environ.pop("BTL_DATA", None)
    if (KIT / "keras").is_dir():
        os.environ["KERAS_HOME"] = str(KIT / "keras")


def check():
    "Open each run as a lesson does; one line a run, and whether all are there."
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from brain_tumor_tl.runs import Run
    from brain_tumor_tl.workflow import lesson_settings

    missing = 0
    for protocol in (KIT / "protocols.txt").read_text(encoding="utf-8").split():
        run = Run(lesson_settings(protocol=protocol), say=lambda *said: None)
        there = run.stage() == "metrics" and run.need_pictures() is run
        missing += not there
        print(f"{protocol}: {'ready' if there else 'MISSING'} ({run.folder.name})")
    return 1 if missing else 0


if __name__ == "__main__":
    set_places()
    if "--check" in sys.argv[1:]:
        sys.exit(check())
    sys.exit(subprocess.call([sys.executable, "-m", "jupyter", "lab", str(KIT / "handouts")]))
