"""---
title: Transfer learning on brain MRI
subtitle: Sixteen steps, from the folders to Grad-CAM
format:
  revealjs:
    theme: simple
    slide-number: c/t
    scrollable: true
    footer: For teaching and research; not a medical device
    toc: false
---"""
import json
import re
from itertools import islice

from nbdev.config import get_config


def section(text, heading):
    "What stands under a heading, without its exercises."
    found = re.search(rf"^## {heading}[ \t]*\n(.*?)(?=^## |^\*\*Exercise|\Z)", text, re.M | re.S)
    return found[1].strip() if found else ""


def pictures(cells):
    "Caption, alt text and data of each stored figure."
    for cell in cells:
        source = "".join(cell["source"])
        given = {k: (re.search(rf"^#\| fig-{k}: (.+)$", source, re.M) or ["", ""])[1] for k in ("cap", "alt")}
        for out in cell.get("outputs", []) if given["cap"] else []:
            if png := out.get("data", {}).get("image/png"):
                yield given["cap"], given["alt"], "".join(png).replace("\n", "")


for path in sorted(get_config().nbs_path.glob("[01][0-9]_*.ipynb"))[:16]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    text = "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    title, subtitle = (re.search(rf"^{mark} (.+)$", text, re.M)[1] for mark in "#>")
    aim = re.search(r"^After this lesson.*?\.(?=\s)", text, re.M)
    print(f"## {int(path.name[:2])}. {title}\n\n{subtitle}\n\n{aim[0] if aim else ''}\n\n[The lesson]({path.name})\n")
    if notes := section(text, "For the teacher"):
        print(f"::: {{.notes}}\n{notes}\n:::\n")
    for caption, alt, png in islice(pictures(cells), 2):
        print(f'## {title} {{.smaller}}\n\n<img class="r-stretch" alt="{alt.replace(chr(34), "&quot;")}" src="data:image/png;base64,{png}">\n\n{caption}\n')
    if notice := section(text, "What to notice"):
        print(f"## {title}: what to notice {{.smaller}}\n\n{notice}\n")
