"""---
title: Transfer learning on brain MRI
subtitle: Sixteen steps, from the folders to Grad-CAM
image: images/card.png
search: false
format:
  revealjs:
    theme: [default, slides.scss]
    width: 1280
    height: 720
    margin: 0.05
    center: false
    slide-number: c/t
    code-overflow: wrap
    code-line-numbers: false
    html-math-method: mathml
    footer: For teaching and research; not a medical device
    toc: false
---"""
import ast
import html
import json
import re
from types import SimpleNamespace

import yaml
from nbdev.config import get_config

NBS = get_config().nbs_path
LINES = 6 # of code, at most
ROW = re.compile(r"^\| (\d:\d\d) \| (.+?) \| (.*?) ?\| (.*?) ?\| (.*?) ?\|$", re.M)
END = r"(?=^## |^\*\*Exercise|\Z)"


def section(text, heading):
    "What stands under a heading, without its exercises."
    found = re.search(rf"^## {heading}[ \t]*\n(.*?){END}", text, re.M | re.S)
    return found[1].strip() if found else ""


def schedule():
    "The rows of the two hours: minute and minutes, the lesson, what is shown and asked."
    rows = ROW.findall((NBS / "teach.qmd").read_text(encoding="utf-8").split("## Fifty minutes")[0])
    starts = [60 * int(row[0][0]) + int(row[0][2:]) for row in rows] + [120]
    for row, start, end in zip(rows, starts, starts[1:]):
        lesson = re.search(r"\((\w+\.ipynb)", row[1] + row[3])
        if lesson:
            yield SimpleNamespace(minute=row[0], minutes=end - start, lesson=lesson[1],
                run=row[2], show=row[3], ask=row[4].strip('"'))


def option(source, name):
    "What an option line of a cell says."
    found = re.search(rf"^#\| {name}: (.+)$", source, re.M)
    return str(yaml.safe_load(found[1])) if found else ""


def plain(text):
    "Markdown whose links are words: a slide leads nowhere."
    return re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", text)


def pictures(cells):
    "Caption, alt text and data of each stored figure by its label."
    found = {}
    for cell in cells:
        source = "".join(cell["source"])
        for out in cell.get("outputs", []):
            png = out.get("data", {}).get("image/png")
            if png and option(source, "label"):
                found[option(source, "label")] = (option(source, "fig-cap"),
                    html.escape(option(source, "fig-alt")), "".join(png).replace("\n", ""))
    return found


def picture(row, cells):
    "The picture that the schedule shows at a step, or the lesson's first."
    found = pictures(cells)
    asked = re.findall(rf"{row.lesson}#(fig-[\w-]+)", row.show)
    labels = [label for label in asked if label in found] or list(found)
    if not labels:
        return ""
    caption, alt, png = found[labels[0]]
    return f'''::: {{.fragment .picture}}
<img alt="{alt}" src="data:image/png;base64,{png}">

{plain(caption)}
:::
'''


def code(cells):
    "The lines of code that the step is about: the document's, at most six."
    text, inside = "", False
    for cell in cells:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            if inside and re.search(r"^## ", source, re.M):
                break
            inside = inside or "## The document's step" in source
            fenced = re.search(r"```python\n(.*?)```", source, re.S) if inside else None
            if fenced:
                text = fenced[1]
                break
        elif inside and "#| hide" not in source and len(text.splitlines()) < LINES:
            text += re.sub(r"^#\|.*\n", "", source, flags=re.M) + "\n"
    return "\n".join(short(text))


def short(text):
    "Whole statements of some code, at most six lines; those over several lines are joined."
    rows, kept, simple = text.splitlines(), [], (ast.Assign, ast.Expr)
    long = sum(map(bool, map(str.strip, rows))) > LINES
    said = [node for node in ast.parse(text).body if not (long and "print(" in ast.unparse(node))]
    for node in said:
        lines = [row for row in rows[node.lineno - 1 : node.end_lineno] if row.strip()]
        if long and isinstance(node, simple):
            lines = [re.sub(r"(?<=[(\[]) | (?=[)\]])|,(?= *[)\]]+$)", "",
                " ".join(map(str.strip, lines)))]
        if len(kept) + len(lines) > LINES:
            break
        kept += lines
    return [re.sub(r"(?<=\S) {3,}#", "  #", row) for row in kept]


def notice(text):
    "Finding and number of the box at the lesson's top, together at most forty words."
    box = re.search(r'title="In two minutes"\}\n(.*?)\n:::', text, re.S)[1]
    found = re.findall(r"\*\*(?:Finding|Number):\*\* (.+?)(?= \*\*|\s*\[The figure)", box)
    return "\n".join(f"- {point[0].upper()}{plain(point[1:])}" for point in found)


def notes(row, text):
    "What the teacher sees: the time, what to run or show, what to say."
    todo = "\n\n".join(f"{name}: {plain(what)}"
        for name, what in (("Run", row.run), ("Show", row.show)) if what)
    return f"""::: {{.notes}}
Minute {row.minute}, for {row.minutes} minutes.

{todo}

{section(text, "For the teacher")}
:::
"""


def slides(row):
    "Two slides of one lesson: the question with its picture; the code and what to notice."
    cells = json.loads((NBS / row.lesson).read_text(encoding="utf-8"))["cells"]
    text = "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    title, about = (re.search(rf"^{mark} (.+)$", text, re.M)[1] for mark in "#>")
    number = int(row.lesson[:2]) if row.lesson[:2].isdigit() else 0
    place = f"[{number}. {title}]({row.lesson})" if number else f"[The first page]({row.lesson})"
    yield f"## {row.ask}\n\n[{place} · {row.minutes} min]{{.place}}\n"
    yield picture(row, cells)
    yield notes(row, text)
    if 1 <= number <= 16:
        yield f"## {about.rstrip('.')} {{.step}}\n\n[{place}]{{.place}}\n"
        yield f"```python\n{code(cells)}\n```\n"
        yield f"[What to notice]{{.notice}}\n\n{notice(text)}\n"


CLOSING = """## Now vote again

[The same six scans as at the start]{.place}

- Which of your answers changed, and which number changed it?
- Accuracy without its test set says little: ask what leaked.
- A number without an interval says little: ask how many scans.
- A heat map without a measure says little: ask whether it meets the tumour.

[Everything here is computed in the lessons: [the story in one page](index.ipynb).]{.place}
"""
for row in schedule():
    print("\n".join(slides(row)))
print(CLOSING)
