"""Part of harness.py: mutants of a run's files, of its weights and of its exports, each vouched for
by a card with the right sum, as somebody would who means harm."""
import hashlib
import io
import json
import os
import shutil
import subprocess
import zipfile
from functools import partial
from pathlib import Path

FILES = ("settings.json", "scans.csv", "predictions.csv", "history.csv", "metrics.json")
FORMATS = {"litert": ".tflite", "litert-int8": ".tflite", "onnx": ".onnx", "openvino": ".xml"}


def scratch():
    return Path(os.environ["TMPDIR"])


def taken(folder):
    "Everything of a run that a report, the app or a reader asks for."
    from brain_tumor_tl.deploy.track_record import TrackRecord
    from brain_tumor_tl.runs import Run
    run = Run.open(folder)
    record = TrackRecord.of_run(run)
    record.counted(.4)
    TrackRecord.tested(run)
    run.scans, run.history, run.metrics, run.threshold, run.root, run.choosing()
    run.predictions("initial"), run._repr_html_()


def run_file(small, name, data):
    "A run one of whose files is changed."
    folder = scratch() / "changed"
    if not folder.is_dir():
        shutil.copytree(small, folder, ignore=shutil.ignore_patterns("*.keras", "figures"))
    (folder / name).write_bytes(data)
    try:
        taken(folder)
    finally:
        shutil.copy(small / name, folder / name)


def answered(model, engine=None):
    "What a model says of a picture; pixels, for whoever asks whether they are some."
    import numpy as np

    from brain_tumor_tl.deploy.prediction import Predictor
    predictor = Predictor(model, engine=engine)
    p = predictor.forward(predictor.fitted(np.zeros((40, 40, 3), np.uint8))[None])[0]
    if not (np.isfinite(p).all() and abs(sum(p) - 1) < 1e-3):
        raise ValueError(f"an answer that is none: {p}")


def weights(small, data):
    "A model file of other bytes, with a card that vouches for them."
    folder = scratch() / "model"
    folder.mkdir(exist_ok=True)
    (folder / "model.keras").write_bytes(data)
    card = json.loads((small / "classifier.json").read_text())
    card["sha256"] = hashlib.sha256(data).hexdigest()
    (folder / "classifier.json").write_text(json.dumps(card))
    answered(folder, "Keras") # which reads the arrays; a conversion a mutant would take hours


def inner(data, rng):
    "A model file whose arrays are changed and packed again, the sums of the archive right."
    from brain_tumor_tl.deploy.intake import mutant
    out, name = io.BytesIO(), "model.weights.h5"
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.namelist():
            old_part = old.read(part)
            new.writestr(part, mutant(old_part, rng) if part == name else old_part)
    return out.getvalue()


def export(file, data, part=None):
    "An exported network one of whose files has other bytes, with a card that vouches for them."
    from brain_tumor_tl.core.runtimes import read_export
    folder, part = scratch() / "export", part or file
    shutil.copytree(file.parent, folder, dirs_exist_ok=True)
    (folder / part.name).write_bytes(data)
    card = read_export(file)
    card["sha256" if part == file else "weights_sha256"] = hashlib.sha256(data).hexdigest()
    (folder / f"{file.name}.json").write_text(json.dumps(card))
    answered(folder / file.name)


def exports(folder):
    "Name of what is changed, its file, and the export it belongs to."
    for name, suffix in FORMATS.items():
        file = folder / "exports" / name / f"small{suffix}"
        if file.is_file():
            yield f"an export, {name}", file, file
            if suffix == ".xml":
                yield f"an export, {name}, its weights", file.with_suffix(".bin"), file


def models(folder):
    "Name, a good file, its reader and what changes it, of a run and of what came of it."
    from brain_tumor_tl.deploy.intake import mutant
    small = folder / "first" / "small"
    for name in FILES:
        good, read = (small / name).read_bytes(), partial(run_file, small, name)
        yield f"{name} of a run", good, read, mutant
    keras = (small / "model.keras").read_bytes()
    yield "model.keras, its bytes", keras, partial(weights, small), mutant
    yield "model.keras, its arrays", keras, partial(weights, small), inner
    for name, part, file in exports(folder):
        yield name, part.read_bytes(), partial(export, file, part=part), mutant


def exported(small, folder):
    "Exports of the small run in every format that is installed here."
    for name, suffix in FORMATS.items():
        file = folder / "exports" / name / f"small{suffix}"
        command = ["btl_export", small, "--format", name, "--out", file, "--skip_check"]
        made = subprocess.run(list(map(str, command)), capture_output=True, text=True)
        if made.returncode and "pip install" not in made.stderr:
            raise RuntimeError(made.stderr[-300:])


def rows(folder, size):
    from harness_readers import tried
    from harness_runs import small_run
    small, n = small_run(folder), size["mutants"]
    os.environ["HARNESS_MODELS"] = str(folder)
    counts = {f"{name} of a run": n // 20 for name in FILES}
    if size["long"]:
        exported(small, folder)
        counts |= {f"model.keras, its {what}": n // 100 for what in ("bytes", "arrays")}
        counts |= {name: n // 50 for name, *_ in exports(folder)}
    yield from tried(counts, folder)
