"""Part of harness.py: mutants of good files through every reader, in a child with limits."""
import contextlib
import csv
import io
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from pathlib import Path

SECONDS, MEMORY = 5, 1 << 30 # what one mutant may take


def picture(kind):
    "A small picture as a file of a kind."
    import numpy as np
    from PIL import Image
    grey = np.add.outer(np.arange(48), np.arange(40)).astype(np.uint8) * 2
    out = io.BytesIO()
    Image.fromarray(np.stack([grey, grey // 2, grey], 2)).save(out, kind)
    return out.getvalue()


def dicom(inside=None):
    "A small DICOM file, its pixels as they are or inside a JPEG or JPEG 2000 stream."
    import numpy as np
    from pydicom import dcmwrite
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.encaps import encapsulate
    from pydicom.uid import ExplicitVRLittleEndian, JPEG2000Lossless, JPEGBaseline8Bit, generate_uid
    from PIL import Image
    grey, ds = np.add.outer(np.arange(48), np.arange(40)).astype(np.uint8) * 2, Dataset()
    ds.file_meta = FileMetaDataset()
    syntax = {None: ExplicitVRLittleEndian, "JPEG": JPEGBaseline8Bit, "JPEG2000": JPEG2000Lossless}
    ds.file_meta.TransferSyntaxUID = syntax[inside]
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.4"
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID = generate_uid(entropy_srcs=["a"])
    ds.Rows, ds.Columns, ds.BitsAllocated, ds.BitsStored, ds.HighBit = 48, 40, 8, 8, 7
    ds.PixelRepresentation, ds.SamplesPerPixel, ds.Modality = 0, 1, "MR"
    ds.PhotometricInterpretation, ds.PixelData = "MONOCHROME2", grey.tobytes()
    if inside:
        out = io.BytesIO()
        Image.fromarray(grey).save(out, inside)
        ds.PixelData = encapsulate([out.getvalue()])
        ds["PixelData"].is_undefined_length = True
    out = io.BytesIO()
    dcmwrite(out, ds, enforce_file_format=True)
    return out.getvalue()


def looping():
    "The 654 bytes or so that pydicom 3.0.2 never comes back from: a box without a length."
    good = dicom("JPEG2000")
    at = good.index(b"jP  ") - 4
    return good[:at + 12] + bytes(4) + b"free" + good[at + 12:]


def nifti(packed):
    "A small volume."
    import gzip
    import nibabel
    import numpy as np
    volume = np.arange(24 * 20 * 6, dtype=np.int16).reshape(24, 20, 6)
    data = nibabel.Nifti1Image(volume, np.eye(4)).to_bytes()
    return gzip.compress(data) if packed else data


def npz():
    "A reference as it lies beside a model."
    import numpy as np
    out = io.BytesIO()
    np.savez_compressed(out, features=np.eye(4, 8, dtype=np.float16), distances=np.arange(3.),
        lows=np.zeros(6), highs=np.ones(6), sha256=np.array("0" * 64))
    return out.getvalue()


def table():
    "A table of scans."
    out = io.StringIO()
    csv.writer(out).writerows([["path", "label", "split"], *(
        [f"a{i}.png", "yes" if i % 2 else "no", "train" if i % 3 else "test"] for i in range(30))])
    return out.getvalue().encode()


def written(read, suffix, data):
    "A reader of a path, given bytes."
    folder = Path(os.environ["TMPDIR"])
    file = folder / f"mutant{suffix}"
    file.write_bytes(data)
    return read(file)


def upload(data):
    from brain_tumor_tl.deploy.intake import read_upload
    return read_upload(data).pixels


def scan(suffix, data):
    from brain_tumor_tl.core.files import read_scan
    return written(read_scan, suffix, data)


def listing(data):
    from brain_tumor_tl.dataset import scan_table
    written(scan_table, ".csv", data)


def reference(data):
    from brain_tumor_tl.deploy.out_of_distribution import Reference
    def read(file):
        file.rename(file.with_name("reference.npz"))
        Reference.load(file.parent, "0" * 64)
    written(read, ".npz", data)


def card(data):
    from brain_tumor_tl.core.cards import ClassifierCard, check_card, read_json
    written(lambda file: check_card(read_json(file), file, ClassifierCard), ".json", data)


def readers():
    "Name, a good file and its reader, of every kind."
    from harness_cards import CARD
    for kind in ("PNG", "JPEG", "BMP", "TIFF", "WEBP", "GIF", "JPEG2000"):
        suffix = {"JPEG2000": ".jp2"}.get(kind, f".{kind.lower()}")
        yield kind, picture(kind), partial(scan, suffix)
    for kind in ("PNG", "JPEG"):
        yield f"{kind} sent", picture(kind), upload
    for inside in (None, "JPEG", "JPEG2000"):
        yield f"DICOM {inside or 'plain'}", dicom(inside), upload
    yield "DICOM that loops", looping(), upload
    yield "NIfTI", nifti(False), upload
    yield "NIfTI packed", nifti(True), upload
    yield "CSV of scans", table(), listing
    yield "reference.npz", npz(), reference
    yield "classifier.json", json.dumps(CARD).encode(), card


def fault(read, data):
    "What is wrong with how a reader takes a file, or None."
    import numpy as np

    from brain_tumor_tl.core.imports import BadInput
    try:
        pixels = read(data)
    except BadInput as e:
        said = str(e)
        return "MemoryError" if "MemoryError" in said else "two lines" if "\n" in said else None
    except Exception as e:
        return f"{type(e).__name__}: {e}"[:200]
    fine = pixels is None or pixels.dtype == np.uint8 and pixels.ndim == 3
    return None if fine else f"pixels {pixels.dtype} {pixels.shape}"


def child(name, first, last):
    "Mutants of one kind, a line before and after each."
    import resource

    import numpy as np
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1) # what a library prints is no answer
    def tell(*words):
        print(json.dumps(words), file=answers, flush=True)
    _, good, read, changed = next(row for row in kinds() if row[0] == name)
    if said := fault(read, good): # whatever is imported late; a good file is taken
        tell(0, f"a good file: {said}")
    virtual = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (virtual + MEMORY, virtual + MEMORY))
    for i in range(first, last):
        bad = changed(good, np.random.default_rng([i, len(good)]))
        tell(i)
        tell(i, fault(read, bad))


def processor_seconds(pid):
    "What a process has used so far, of its own."
    with contextlib.suppress(OSError):
        used = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return sum(map(int, used)) / os.sysconf("SC_CLK_TCK")
    return 0


class Watch(threading.Thread):
    "Kills a child that is silent for too long: of processor time, or of a clock on a busy machine."
    def __init__(self, process):
        super().__init__(daemon=True)
        self.process, self.begun = process, False
        self.heard()
        self.start()

    def heard(self):
        self.since = time.monotonic(), processor_seconds(self.process.pid)

    def run(self):
        while self.process.poll() is None:
            clock, used = self.since
            hung = self.begun and processor_seconds(self.process.pid) - used > SECONDS
            if hung or time.monotonic() - clock > 300:
                self.process.kill()
            time.sleep(.1)


def watched(name, first, last, folder):
    "Mutants in a child; the next one, and what was wrong. It is killed where it hangs."
    command = [sys.executable, __file__, name, str(first), str(last)]
    with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as own:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True, env=os.environ | {"TMPDIR": own})
        watch, wrong, at = Watch(process), [], None
        for line in process.stdout:
            watch.heard()
            watch.begun, (i, *said) = True, json.loads(line)
            at = i + bool(said)
            wrong += [f"{name}, mutant {i}: {said[0]}"] if said and said[0] else []
        process.wait()
    if at is None:
        raise RuntimeError(f"{name}: the child did not start")
    if at < last:
        wrong.append(f"{name}, mutant {at}: hung or died ({process.returncode})")
    return min(at + 1, last), wrong


def many(name, n, folder):
    "So many mutants of a kind, in as many children as it takes."
    first, wrong = 0, []
    while first < n:
        first, more = watched(name, first, n, folder)
        wrong += more
    return name, n, wrong


def tried(counts, folder):
    "A row a kind, of so many mutants each; two children at a time."
    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(many, name, n, folder) for name, n in counts.items()]
        for done, job in enumerate(as_completed(jobs), 1):
            name, n, wrong = job.result()
            yield f"{done} of {len(jobs)} kinds of file"
            yield f"{name}, mutants", n, wrong


def rows(folder, size):
    names = [name for name, *_ in readers()]
    yield from tried(dict.fromkeys(names, -(-size["mutants"] // len(names))), folder)


def kinds():
    "Name, a good file, its reader and what changes it, of every kind of file."
    from brain_tumor_tl.deploy.intake import mutant
    yield from ((*row, mutant) for row in readers())
    if "HARNESS_MODELS" in os.environ:
        from harness_models import models
        yield from models(Path(os.environ["HARNESS_MODELS"]))


if __name__ == "__main__":
    child(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
