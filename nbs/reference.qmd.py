"""---
title: Every function
description: "All public names by module, with their signatures; each leads to the lesson that explains it."
toc-depth: 2
---"""
import ast
import json
import re

from nbdev.config import get_config


def lesson(path):
    "Module and title of a notebook; no module if it exports nothing."
    text = ["".join(c["source"]) for c in json.loads(path.read_text(encoding="utf-8"))["cells"]]
    module = re.search(r"#\| default_exp (\w+)", "\n".join(text))
    title = re.search(r"^# (.+)$", "\n".join(text), re.M)
    return module and module[1], title and title[1]


def signature(node):
    "Name and parameters, without annotations; a patched method with its class in front."
    if isinstance(node, ast.ClassDef):
        return node.name
    args, patch = node.args, next((ast.unparse(d) for d in node.decorator_list if ast.unparse(d).startswith("patch")), "")
    owner = f"{ast.unparse(args.args.pop(0).annotation)}." if patch else ""
    for a in [*args.args, *args.kwonlyargs, *filter(None, (args.vararg, args.kwarg))]:
        a.annotation = None
    return f"{owner}{node.name}" + ("" if "as_prop" in patch else f"({ast.unparse(args)})")


def rows(tree, page):
    "A table row for each public name of a module."
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            said, name = ast.get_docstring(node) or "", signature(node)
            yield "| [`{}`]({}#{}) | {} |".format(*(text.replace("|", r"\|") for text in (name, page, name.split("(")[0].lower(), said.partition("\n")[0])))


cfg = get_config()
print("Parameters and results are described where the function is made: follow the link. `import` from the module of the heading, for instance `from brain_tumor_tl.evaluation import predict`.\n")
for path in sorted(cfg.nbs_path.glob("[0-9]*.ipynb")):
    module, title = lesson(path)
    if module:
        tree = ast.parse((cfg.lib_path/f"{module}.py").read_text(encoding="utf-8"))
        print(f"## {module}\n\n[{title}]({path.name}). {(ast.get_docstring(tree) or '').strip()}\n\n| name | what it does |\n|---|---|")
        print("\n".join(rows(tree, path.name)), "\n")
