"""What must hold of the pages as nbdev hands them to Quarto: `_proc`, made here without Quarto."""
import json
import posixpath
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote

import yaml
from tree import CFG, CODE, FENCE, MACHINE, NBS, ROOT, SITE, files, ours

PROCESSED = ROOT / "_proc"
HOME = re.compile("|".join(map(re.escape, {str(ROOT), str(Path.home()), sys.prefix})))
INTERNALS = re.compile(r"(?:<|&lt;|\\<)(?:function |factory>|lambda>)|object at 0x[0-9a-f]+")
TARGETS = re.compile(r"\]\(<?([^)\s>]+)>?(?: +\"[^\"\n]*\")?\)|<[^>]*? (?:href|src)=\"([^\"]+)\"")
OUTSIDE = re.compile(r"(?!https?:)[a-z]+:|//")
SOURCE = f"{CFG['git_url']}/blob/{CFG['branch']}/"


@cache
def processing():
    "Process the notebooks, once; what went wrong."
    done = subprocess.run([sys.executable, ".ci/process.py"], cwd=ROOT, capture_output=True,
        text=True)
    return done.stderr.strip().splitlines()[-8:] if done.returncode else []


def processed():
    "The folder of processed pages."
    if processing():
        raise RuntimeError("the notebooks could not be processed")
    return PROCESSED


def said(outputs):
    "The outputs of a cell that a page shows as text: markdown and HTML; then all of them."
    rich, everything = [], []
    for out in outputs:
        data = out.get("data", {"text/plain": out.get("text", "")})
        for kind, value in data.items():
            if not kind.startswith("image/"):
                text = value if isinstance(value, str) else "".join(map(str, value))
                everything.append(text)
                rich += [text] if kind in ("text/markdown", "text/html") else []
    return "\n\n".join(rich), "\n".join(everything)


def page_of(path):
    "A page: its name, what is written on it, what its code says, and where links can arrive."
    name = path.relative_to(PROCESSED).as_posix()
    written, shown, labels, cells = [path.read_text(encoding="utf-8")], [], [], []
    if path.suffix == ".ipynb":
        written = []
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            source = "".join(cell["source"])
            cells.append((cell["cell_type"], source, cell.get("outputs", [])))
            if cell["cell_type"] != "code":
                written.append(source)
                continue
            labels += re.findall(r"^#\| *label: *(\S+)", source, re.M)
            rich, everything = said(cell["outputs"])
            written.append(rich)
            shown += [everything, *(line for line in source.splitlines() if line[:2] == "#|")]
    text = "\n\n".join(written)
    head = re.match(r"\s*---\n(.*?)\n---\s*\n", text, re.S)
    meta = yaml.safe_load(head[1]) if head else {}
    html = meta.get("output-file", posixpath.basename(name).rpartition(".")[0] + ".html")
    return SimpleNamespace(name=name, text=text, shown="\n".join(shown), meta=meta, cells=cells,
        html=posixpath.join(posixpath.dirname(name), html), anchors=anchors(text) | set(labels))


@cache
def pages():
    "Every page by its name in _proc."
    found = (page_of(path) for path in files(processed(), "*.ipynb", "*.qmd"))
    return {page.name: page for page in found}


def slug(heading):
    "The anchor that pandoc makes of a heading."
    text = re.sub(r"!?\[(.*?)\]\(.*?\)", r"\1", heading)
    text = re.sub(r"-{2,3}|\.\.\.|<[^>]+>", "", text)
    text = re.sub(r"[^\w\s.-]", "", text.lower())
    return re.sub(r"^[\W\d_]+", "", re.sub(r"\s+", "-", text.strip()))


def anchors(text):
    "Where a link into a page can arrive."
    text = FENCE.sub("", text)
    found = set(re.findall(r"\{[^}\n]*#([\w:.-]+)[^}\n]*\}|\bid=\"([^\"]+)\"", text))
    found = {a or b for a, b in found}
    for heading in re.findall(r"^#{1,6} +(.+?)(?: +\{[^}]*\})?(?: +#+)? *$", text, re.M):
        name = slug(heading) or "section"
        again = 1
        unique = name
        while unique in found:
            unique = f"{name}-{again}"
            again += 1
        found.add(unique)
    return found


def links(page):
    "Every place that a page points to: links, pictures, its own picture for others."
    for found in TARGETS.findall(CODE.sub("", page.text)):
        yield found[0] or found[1]
    if "image" in page.meta:
        yield page.meta["image"]


def source_fault(link):
    "What is wrong with a link to a line of our source."
    file, _, line = unquote(link.removeprefix(SOURCE)).partition("#L")
    path = ROOT / file
    if not path.exists():
        return "no such file"
    if line and not (line.isdigit() and int(line) <= len(path.read_bytes().splitlines())):
        return "no such line"
    return None


def fault(page, link):
    "What is wrong with a link."
    base = posixpath.dirname(page.name)
    if link.rstrip("/") == SITE or link.startswith(SITE + "/"):
        base, link = "", link.removeprefix(SITE).lstrip("/") or "index.html"
    if link.startswith("http") or OUTSIDE.match(link):
        return None
    file, _, anchor = unquote(link).partition("#")
    if file.startswith("/"):
        base, file = "", file.lstrip("/")
    target = posixpath.normpath(posixpath.join(base, file)) if file else page.name
    by_html = {p.html: p.name for p in pages().values()}
    to = pages().get(target) or pages().get(by_html.get(target, ""))
    if not to:
        return None if (processed() / target).is_file() else "is not there"
    return "no such place on the page" if anchor and anchor not in to.anchors else None


def processing_works():
    "nbdev processes every notebook"
    sources = filter(ours, files(NBS, "*.ipynb", "*.qmd", "*.qmd.py"))
    names = {path.relative_to(NBS).as_posix().removesuffix(".py") for path in sources}
    return processing() or sorted(names ^ pages().keys())


def no_machine():
    "no page names a path of the machine it was made on"
    wrong = []
    for page in pages().values():
        for pattern in (HOME, MACHINE):
            found = pattern.search(f"{page.text}\n{page.shown}")
            if found:
                start = max(0, found.start() - 40)
                text = f"{page.text}\n{page.shown}"[start:found.end() + 20]
                wrong.append(f"{page.name}: {' '.join(text.split())}")
                break
    return wrong


def no_internals():
    "no page shows how Python prints a function or an object without a name"
    return [f"{page.name}: {found[0]}" for page in pages().values()
        for found in INTERNALS.finditer(f"{page.text}\n{page.shown}")]


def sources_have_lines():
    "every link to a line of our source names a file and a line that are there"
    return [f"{page.name}: {link}: {wrong}" for page in pages().values()
        for link in sorted(set(links(page)))
        if link.startswith(SOURCE) and (wrong := source_fault(link))]


def links_arrive():
    "every link and picture of a page has its target"
    return [f"{page.name}: {link}: {wrong}" for page in pages().values()
        for link in sorted(set(links(page))) if (wrong := fault(page, link))]


def references_arrive():
    "every @fig-... and @tbl-... names a figure or table of its page"
    wrong = []
    for page in pages().values():
        asked = re.findall(r"(?<![\w/])@((?:fig|tbl|eq|sec)-[\w-]+)", CODE.sub("", page.text))
        wrong += [f"{page.name}: @{label}" for label in asked if label not in page.anchors]
    return wrong


def boxes(page):
    "The closed boxes of a page: the words in front of each, its name, whether it has an output."
    before = ""
    for kind, source, outputs in page.cells:
        name = re.search(r'^#\| code-fold: true\n#\| code-summary: "(.*)"$', source, re.M)
        if kind == "code" and "code-fold: true" in source:
            yield before, name[1] if name else "", bool(outputs)
        before = source if kind == "markdown" else ""


def boxes_named():
    "every closed box has a name, and no sentence with a colon at its end leads into one"
    return [f"{page.name}: {name or 'no name'} after: {before.strip()[-50:]!r}"
        for page in pages().values() for before, name, _ in boxes(page)
        if not name or before.rstrip().endswith(":")]


def links_relative():
    "every link between our pages is relative, so that a copy of the site leads to itself"
    return [f"{page.name}: {link}" for page in pages().values()
        for link in sorted(set(links(page))) if link.startswith(SITE)]


def signatures_say():
    "every signature says what it takes: no *args alone, no NoneType, no class that returns None"
    empty = re.compile(r"\(\s*\*args, \*\*kwargs\s*\)|\*\*data: ?Any|NoneType|"
        r"^class .*-> ?None", re.M)
    return [f"{page.name}: {found[0]}" for page in pages().values()
        for code in re.findall(r"^### [^\n]*\n.*?```python\n(.*?)```", page.text, re.M | re.S)
        if (found := empty.search(code))]


def no_html_outputs():
    "no output is text/html: for those Quarto loads jQuery and require.js from elsewhere"
    return sorted({page.name for page in pages().values() for _, _, outputs in page.cells
        for out in outputs if "text/html" in out.get("data", {})})


def titles_agree():
    "a page is called in the sidebar as it calls itself"
    side = dict(map(reversed, re.findall(r'- text: "(.+)"\n +href: (\S+)',
        (NBS / "sidebar.yml").read_text(encoding="utf-8"))))
    own = {name: str(page.meta.get("title", "")).replace('"', "'")
        for name, page in pages().items() if name.endswith(".ipynb")}
    named = {"index.ipynb", "recipes.ipynb"} # called there by what they are for
    return [f"{name}: {side.get(name)!r} and {title!r}" for name, title in own.items()
        if name not in named and side.get(name) != title]


def outputs_keep_out():
    "no heading of an output enters the outline of its page"
    heading = re.compile(r"^#{1,6} |<h[1-6]\b", re.M)
    return [f"{page.name}: {found[0]}" for page in pages().values() for _, _, outputs in page.cells
        for out in outputs if (found := heading.search(said([out])[0]))]


def bar_leads_home():
    "the bar at the top leads to the repository that settings.ini names"
    bar = yaml.safe_load((ROOT / "_quarto.yml").read_text(encoding="utf-8"))["website"]["navbar"]
    found = [entry["href"] for entry in bar.get("right", [])]
    return [] if CFG["git_url"] in found else found or ["no link on the right"]


def slides_full():
    "every step has its slides: question, picture, at most six lines of code, forty words, minutes"
    text, wrong = pages()["slides.qmd"].text, []
    steps = re.split(r"^## ", text, flags=re.M)[1:]
    numbers = [int(found[1]) for step in steps
        if (found := re.search(r"\[\[(\d+)\. .*· \d+ min\]", step))]
    wrong += [f"step {n}: {numbers.count(n)} questions" for n in range(1, 17)
        if numbers.count(n) != 1]
    for step in steps:
        head = step.partition("\n")[0]
        code = re.search(r"```python\n(.*?)```", step, re.S)
        words = step.partition("{.notice}")[2].split()
        asked = "min]{.place}" in step
        wrong += [f"{head}: {part}" for part, bad in {
            "no picture": asked and "<img" not in step,
            "no minutes": asked and "Minute" not in step,
            "no code": code and not code[1].strip(),
            "over six lines": code and len(code[1].strip().splitlines()) > 6,
            "nothing to notice": code and not words,
            "over forty words": len([w for w in words if w != "-"]) > 40}.items() if bad]
    return wrong


CHECKS = (processing_works, no_machine, no_internals, sources_have_lines, links_arrive,
    references_arrive, boxes_named, links_relative, signatures_say, no_html_outputs, titles_agree,
    outputs_keep_out, bar_leads_home, slides_full)
