"""A Colab badge and one install line in every notebook: `python .ci/badges.py [NOTEBOOK...]`.

nbdev makes a page's head of the whole title cell and drops what else stands in it. So that cell
keeps title and subtitle; the badge opens the cell after it, with the words that follow the
subtitle. The badge is HTML: of a linked picture in Markdown Quarto's lightbox drops the link."""
import json
import re
import sys
from pathlib import Path

from tree import CFG, ROOT, notebooks

HEAD = re.compile(r"\s*(# .+(?:\n+> .+)?)\s*", re.A)
BADGE = re.compile(r"(?:\[!\[Open in Colab\]\(.*?\)\]\(.*?\)|<a [^>]*><img [^>]*></a>)\s*")
COLAB = "https://colab.research.google.com"
INSTALL = "colab-install"


def badge(path):
    "The badge that opens a notebook in Colab."
    repo = CFG["git_url"].removeprefix("https://github.com/")
    file = path.resolve().relative_to(ROOT).as_posix()
    picture = f'<img src="{COLAB}/assets/colab-badge.svg" alt="Open in Colab">'
    return f'<a href="{COLAB}/github/{repo}/blob/{CFG["branch"]}/{file}">{picture}</a>'


def install():
    "The hidden cell that installs the package where the folder /content says that this is Colab."
    package = f"{CFG['lib_name']}[dev] @ git+{CFG['git_url']}"
    source = f'#| hide\n#| eval: false\n! [ -e /content ] && pip install -q "{package}"'
    return dict(cell_type="code", execution_count=None, id=INSTALL, metadata={}, outputs=[],
        source=source.splitlines(True))


def with_badge(path):
    "The notebook with title, badge and install cell in place."
    nb = json.loads(path.read_text(encoding="utf-8"))
    cells = [c for c in nb["cells"]
        if c.get("id") != INSTALL and "[ -e /content ]" not in "".join(c["source"])]
    texts = ["".join(c["source"]) if c["cell_type"] == "markdown" else "" for c in cells]
    at = next(i for i, text in enumerate(texts) if text)
    head = HEAD.match(texts[at])
    opened = [i for i, text in enumerate(texts) if i != at and BADGE.match(text)]
    rest = [texts[at][head.end():], *(texts[i] for i in opened)]
    cells = [c for i, c in enumerate(cells) if i not in opened]
    words = filter(None, (BADGE.sub("", t, count=1).strip() for t in rest))
    cells[at]["source"] = head[1].splitlines(True)
    second = dict(cell_type="markdown", id="colab-badge", metadata={},
        source="\n\n".join([badge(path), *words]).splitlines(True))
    nb["cells"] = [*cells[:at + 1], second, install(), *cells[at + 1:]]
    return json.dumps(nb, indent=1, ensure_ascii=False) + "\n"


def without_badge():
    "The notebooks whose badge is missing or out of date."
    return [p for p in notebooks() if p.read_text(encoding="utf-8") != with_badge(p)]


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]) if sys.argv[1:] else without_badge():
        path.write_text(with_badge(path), encoding="utf-8")
