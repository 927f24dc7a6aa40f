"""A Colab badge and one install line in every notebook: `python .ci/badges.py [NOTEBOOK...]`.

nbdev makes a page's head of the whole title cell and drops what else stands in it. So that cell keeps title and subtitle;
the badge opens the cell after it, with the words that follow the subtitle."""
import json
import re
import sys
from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEAD = re.compile(r"\s*(# .+(?:\n+> .+)?)\s*", re.A)
BADGE = re.compile(r"\[!\[Open in Colab\]\(.*?\)\]\(.*?\)\s*")
INSTALL = "colab-install"

_parser = ConfigParser(interpolation=None)
_parser.read(ROOT / "settings.ini", encoding="utf-8")
CFG = _parser["DEFAULT"]


def badge(path):
    "The badge that opens a notebook in Colab."
    place = f"{CFG['git_url'].removeprefix('https://github.com/')}/blob/{CFG['branch']}/{CFG['nbs_path']}/{path.name}"
    return f"[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/{place})"


def install():
    "The hidden cell that installs the package where the folder /content says that this is Colab."
    source = f"#| hide\n#| eval: false\n! [ -e /content ] && pip install -q \"{CFG['lib_name']}[dev] @ git+{CFG['git_url']}\""
    return dict(cell_type="code", execution_count=None, id=INSTALL, metadata={}, outputs=[], source=source.splitlines(True))


def with_badge(path):
    "The notebook with title, badge and install cell in place."
    nb = json.loads(path.read_text(encoding="utf-8"))
    cells = [c for c in nb["cells"] if c.get("id") != INSTALL and "[ -e /content ]" not in "".join(c["source"])]
    at = next(i for i, c in enumerate(cells) if c["cell_type"] == "markdown")
    text = "".join(cells[at]["source"])
    head = HEAD.match(text)
    rest = [text[head.end():]]
    if at + 1 < len(cells) and BADGE.match(after := "".join(cells[at + 1]["source"])):
        rest, cells = [*rest, after], cells[:at + 1] + cells[at + 2:]
    words = "\n\n".join(filter(None, (BADGE.sub("", t).strip() for t in rest)))
    cells[at]["source"] = head[1].splitlines(True)
    second = dict(cell_type="markdown", id="colab-badge", metadata={}, source="\n\n".join(filter(None, (badge(path), words))).splitlines(True))
    nb["cells"] = [*cells[:at + 1], second, install(), *cells[at + 1:]]
    return json.dumps(nb, indent=1, ensure_ascii=False) + "\n"


def without_badge():
    "The notebooks whose badge is missing or out of date."
    return [path for path in sorted((ROOT / CFG["nbs_path"]).glob("*.ipynb")) if path.read_text(encoding="utf-8") != with_badge(path)]


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]) if sys.argv[1:] else without_badge():
        path.write_text(with_badge(path), encoding="utf-8")
