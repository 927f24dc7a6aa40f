"""---
title: Every function
description: "All public names by folder and module, with their signatures; each leads to its page."
toc-depth: 3
---"""
import ast
import json
import re

from nbdev.config import get_config

FOLDERS = {
    ".": "The sixteen steps, and the whole workflow",
    "beyond": "Beyond the document",
    "deploy": "A trained model at work",
    "data": "Where scans come from",
    "core": "What every step stands on",
}
OPENING = """Parameters and results are described where the function is made: follow the link.
`import` from the module of the heading, for instance
`from brain_tumor_tl.data.simulation import simulate`.
"""


def lesson(path):
    "Module and title of a notebook; no module if it exports nothing."
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    text = "\n".join("".join(cell["source"]) for cell in cells)
    module = re.search(r"^#\| default_exp ([\w.]+)", text, re.M)
    title = re.search(r"^# (.+)$", text, re.M)
    return module and module[1], title and title[1]


def signature(node):
    "Name and parameters, without annotations; a patched method with its class in front."
    if isinstance(node, ast.ClassDef):
        return node.name
    args = node.args
    marks = [ast.unparse(d) for d in node.decorator_list if ast.unparse(d).startswith("patch")]
    owner = f"{ast.unparse(args.args.pop(0).annotation)}." if marks else ""
    for arg in [*args.args, *args.kwonlyargs, *filter(None, (args.vararg, args.kwarg))]:
        arg.annotation = None
    called = "" if any("as_prop" in mark for mark in marks) else f"({ast.unparse(args)})"
    return f"{owner}{node.name}{called}"


def rows(tree, page):
    "A table row for each public name of a module."
    for node in tree.body:
        offered = isinstance(node, (ast.FunctionDef, ast.ClassDef))
        if offered and not node.name.startswith("_"):
            name, said = signature(node), (ast.get_docstring(node) or "").partition("\n")[0]
            anchor = name.split("(")[0].lower()
            name, said = name.replace("|", r"\|"), said.replace("|", r"\|")
            yield f"| [`{name}`]({page}#{anchor}) | {said} |"


def section(path, cfg):
    "A module: its title, what it is about, and a table of its public names."
    module, title = lesson(path)
    if not module:
        return ""
    source = cfg.lib_path / f"{module.replace('.', '/')}.py"
    tree = ast.parse(source.read_text(encoding="utf-8"))
    page = path.relative_to(cfg.nbs_path).as_posix()
    table = "\n".join(rows(tree, page))
    about = (ast.get_docstring(tree) or "").strip()
    head = f"### {module}\n\n[{title}]({page}). {about}\n"
    table = f"::: {{.api}}\n\n| name | what it does |\n|---|---|\n{table}\n\n:::\n" if table else ""
    return f"{head}\n{table}" if table else ""


cfg = get_config()
print(OPENING)
for folder, name in FOLDERS.items():
    print(f"## {name}\n")
    for path in sorted((cfg.nbs_path / folder).glob("[0-9]*.ipynb")):
        print(section(path, cfg))
