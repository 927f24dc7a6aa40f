"""The checkout as the checks see it: where things lie, and what stands in the notebooks."""
import json
import re
import subprocess
from configparser import ConfigParser
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

ROOT = Path(__file__).resolve().parent.parent
_parser = ConfigParser(interpolation=None)
_parser.read(ROOT / "settings.ini", encoding="utf-8")
CFG = _parser["DEFAULT"]
NBS = ROOT / CFG["nbs_path"]
LIB = ROOT / CFG["lib_path"]
SITE = CFG["doc_host"] + CFG["doc_baseurl"]
MACHINE = re.compile(r"/(?:work|root|farm|opt|tmp|home/\w+|Users/\w+|var/folders)/[\w.-]+")
FENCE = re.compile(r"^ *```.*?^ *```", re.M | re.S)
CODE = re.compile(rf"{FENCE.pattern}|`[^`\n]*`", re.M | re.S)


def copy():
    "A new folder with the files of the checkout, without those that git ignores."
    listed = subprocess.run(["git", "ls-files", "-coz", "--exclude-standard"], cwd=ROOT,
        check=True, capture_output=True, text=True).stdout
    folder = Path(mkdtemp(prefix="checks-")) / ROOT.name
    for name in filter(None, listed.split("\0")):
        place(ROOT / name, folder / name)
    return folder


def place(file, to):
    "A copy of a file, or of a link; nothing where the file was deleted."
    if not file.is_symlink() and not file.is_file():
        return
    to.parent.mkdir(parents=True, exist_ok=True)
    if file.is_symlink():
        to.symlink_to(file.readlink())
    else:
        to.write_bytes(file.read_bytes())


def ours(path):
    "Is a file of nbs/ a page's source, and nothing that a run or a tool left there?"
    parts = path.relative_to(NBS).parts
    return not any(part.startswith((".", "_")) or part == "runs" for part in parts)


def files(folder, *patterns):
    "Files below a folder."
    return sorted(path for pattern in patterns for path in folder.rglob(pattern))


@cache
def notebooks():
    "Every notebook, in whatever folder."
    return [path for path in files(NBS, "*.ipynb") if ours(path)]


@cache
def modules():
    "Every exported module, and the package's own face."
    return [path for path in files(LIB, "*.py") if path.name != "_modidx.py"]


def rel(path):
    "How a notebook or module is called in messages, links and the sidebar."
    return path.relative_to(NBS if path.is_relative_to(NBS) else ROOT).as_posix()


@cache
def read(path):
    "The text of a file."
    return path.read_text(encoding="utf-8")


@cache
def cells(path):
    "The cells of a notebook as (kind, source, outputs)."
    found = json.loads(read(path))["cells"]
    return [(c["cell_type"], "".join(c["source"]), c.get("outputs", [])) for c in found]


def code_cells(path):
    "Number, source and outputs of each code cell."
    found = [(source, outputs) for kind, source, outputs in cells(path) if kind == "code"]
    return [(i, source, outputs) for i, (source, outputs) in enumerate(found)]


def prose(path):
    "What a notebook says between its code."
    return "\n\n".join(source for kind, source, _ in cells(path) if kind == "markdown")


def lesson(path):
    "What a notebook is about: its name without number and folder."
    return re.sub(r"^\d+_", "", path.stem)


def has_picture(outputs):
    "Is one of the outputs a picture?"
    return any("image/png" in out.get("data", {}) for out in outputs)
