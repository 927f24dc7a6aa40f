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
import html
import json
import re
from itertools import islice

import yaml
from nbdev.config import get_config


def section(text, heading):
    "What stands under a heading, without its exercises."
    end = r"(?=^## |^\*\*Exercise|\Z)"
    found = re.search(rf"^## {heading}[ \t]*\n(.*?){end}", text, re.M | re.S)
    return found[1].strip() if found else ""


def option(source, name):
    "What an option line of a cell says."
    found = re.search(rf"^#\| {name}: (.+)$", source, re.M)
    return str(yaml.safe_load(found[1])) if found else ""


def pictures(cells):
    "Caption, alt text and data of each stored figure."
    for cell in cells:
        source = "".join(cell["source"])
        caption, alt = option(source, "fig-cap"), option(source, "fig-alt")
        for out in cell.get("outputs", []) if caption else []:
            png = out.get("data", {}).get("image/png")
            if png:
                yield caption, html.escape(alt), "".join(png).replace("\n", "")


def slides(path):
    "The slides of one lesson."
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    prose = [cell for cell in cells if cell["cell_type"] == "markdown"]
    text = "\n\n".join("".join(cell["source"]) for cell in prose)
    title, subtitle = (re.search(rf"^{mark} (.+)$", text, re.M)[1] for mark in "#>")
    aim = re.search(r"^After this lesson.*?\.(?=\s)", text, re.M)
    yield f"## {int(path.name[:2])}. {title}\n\n{subtitle}\n\n{aim[0] if aim else ''}\n"
    yield f"[The lesson]({path.name})\n"
    notes, notice = section(text, "For the teacher"), section(text, "What to notice")
    if notes:
        yield f"::: {{.notes}}\n{notes}\n:::\n"
    for caption, alt, png in islice(pictures(cells), 2):
        picture = f'<img class="r-stretch" alt="{alt}" src="data:image/png;base64,{png}">'
        yield f"## {title} {{.smaller}}\n\n{picture}\n\n{caption}\n"
    if notice:
        yield f"## {title}: what to notice {{.smaller}}\n\n{notice}\n"


for lesson in sorted(get_config().nbs_path.glob("[01][0-9]_*.ipynb"))[:16]:
    print("\n".join(slides(lesson)))
