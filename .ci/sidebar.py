"""nbs/sidebar.yml from the tree of notebooks: `python .ci/sidebar.py` writes it."""
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NBS = ROOT / "nbs"
OPENING = {
    "The story in one page": "index.ipynb",
    "Teach it in two hours": "teach.qmd",
    "Use it in your own notebook": "recipes.ipynb",
}
SECTIONS = (
    ("The sixteen steps", ".", range(1, 17)),
    ("The whole workflow", ".", range(17, 100)),
    ("Beyond the document", "beyond", range(1, 100)),
    ("A trained model at work", "deploy", range(1, 100)),
    ("Where scans come from", "data", range(1, 100)),
    ("What every step stands on", "core", range(1, 100)),
)
CLOSING = {
    "Every function": "reference.qmd",
    "Glossary": "glossary.qmd",
    "References": "references.qmd",
    "Slides": "slides.qmd",
}


def title_of(path):
    "The title of a notebook."
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if found := re.match(r"# (.+)", "".join(cell["source"])):
            return found[1].replace('"', "'")
    raise SystemExit(f"{path}: no title")


def page(text, href, indent):
    "One entry."
    return f'{indent}- text: "{text}"\n{indent}  href: {href}\n'


def section(name, folder, numbers):
    "A section with the notebooks of a folder, in the order of their numbers."
    text = f"      - section: {name}\n        contents:\n"
    for path in sorted((NBS / folder).glob("[0-9][0-9]_*.ipynb")):
        number = int(path.name[:2])
        if number in numbers:
            lesson = f"{number}. " if folder == "." else "" # as in the title of the page
            href = path.relative_to(NBS).as_posix()
            text += page(lesson + title_of(path), href, " " * 10)
    return text


def sidebar():
    "The whole file."
    text = "website:\n  sidebar:\n    style: floating\n    contents:\n"
    text += "".join(page(name, href, " " * 6) for name, href in OPENING.items())
    text += "".join(section(*part) for part in SECTIONS)
    text += "      - section: Reference\n        contents:\n"
    return text + "".join(page(name, href, " " * 10) for name, href in CLOSING.items())


if __name__ == "__main__":
    if sys.argv[1:] == ["check"]:
        sys.exit((NBS / "sidebar.yml").read_text(encoding="utf-8") != sidebar())
    (NBS / "sidebar.yml").write_text(sidebar(), encoding="utf-8")
