"""Part of harness.py: mutants of good files through every reader, in a child with limits."""
import csv
import io
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
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

    from brain_tumor_tl.deploy.intake import mutant
    _, good, read = next(row for row in readers() if row[0] == name)
    fault(read, good) # whatever is imported late
    virtual = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (virtual + MEMORY, virtual + MEMORY))
    for i in range(first, last):
        bad = mutant(good, np.random.default_rng([i, len(good)])) if i else good
        print(json.dumps([i]), flush=True)
        print(json.dumps([i, fault(read, bad)]), flush=True)


def watched(name, first, last, folder):
    "Mutants in a child; the next one, and what was wrong. It is killed where it hangs."
    command = [sys.executable, __file__, name, str(first), str(last)]
    with tempfile.TemporaryDirectory(dir=folder) as own:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True, env=os.environ | {"TMPDIR": own})
        heard, wrong, at = time.monotonic(), [], None

        def watch():
            while process.poll() is None:
                patience = SECONDS if at is not None else 60
                if time.monotonic() - heard > patience:
                    process.kill()
                time.sleep(.2)

        threading.Thread(target=watch, daemon=True).start()
        for line in process.stdout:
            heard, said = time.monotonic(), json.loads(line)
            if len(said) == 1:
                at = said[0]
            elif said[1]:
                wrong.append(f"{name}, mutant {said[0]}: {said[1]}")
            if len(said) == 2 and said[0] == last - 1:
                at = last
        process.wait()
    if at is None:
        raise RuntimeError(f"{name}: the child did not start")
    if at < last:
        wrong.append(f"{name}, mutant {at}: hung or died ({process.returncode})")
    return min(at + 1, last), wrong


def rows(folder, size):
    kinds = [name for name, *_ in readers()]
    each = -(-size["mutants"] // len(kinds))
    for name in kinds:
        first, wrong = 0, []
        while first < each:
            first, more = watched(name, first, each, folder)
            wrong += more
        yield f"{name}, mutants", each, wrong


if __name__ == "__main__":
    child(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
