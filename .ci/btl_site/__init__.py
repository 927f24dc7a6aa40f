"""How notebooks become pages: stored outputs, nothing is run, and every exported name described.

nbdev would run every cell that holds an import and drop exported code from the page.
`settings.ini` leaves those steps out (`skip_procs`) and puts this one in (`procs`). It belongs to
the checkout, not to the installed package: setup.py makes it importable for `pip install -e .`
alone."""
import ast
import inspect
import re
from importlib import import_module
from operator import attrgetter
from pathlib import Path

from execnb.nbio import mk_cell
from nbdev.config import get_config
from nbdev.process import Processor
from nbdev.showdoc import show_doc, showdoc_nm

KINDS = (ast.FunctionDef, ast.ClassDef)
# nbdev links private names too, which no page describes
PRIVATE = re.compile(r"\[(`(?:\w+\.)*_\w+(?:\(\))?`)\]\([^)]*\)")
MOVED = { # pages that stood at the root before there were folders; their old addresses redirect
    "active_learning", "api", "app", "audit", "backbones", "benchmarks", "calibration",
    "cross_validation", "download", "export", "four_classes", "honest_model", "intake",
    "offline_weights", "out_of_distribution", "prediction", "report", "runtimes", "serving",
    "simulation", "tta",
}
LESSON = re.compile(r"(0[1-9]|1[0-6])_\w+\.ipynb")


def offered(source):
    "What an exported cell defines for the outside; 'Class.method' for a patched method."
    nodes = [node for node in ast.parse(source).body if isinstance(node, KINDS)]
    return [showdoc_nm(node) for node in nodes if not node.name.startswith("_")]


def source_address(found):
    "Where the repository shows the code, with its line."
    cfg = get_config()
    found = inspect.unwrap(found) # of a command, the function rather than fastcore's wrapper
    file = Path(inspect.getsourcefile(found)).resolve().relative_to(cfg.config_path.resolve())
    line = inspect.getsourcelines(found)[1]
    return f"{cfg.git_url}/blob/{cfg.branch}/{file.as_posix()}#L{line}"


def described(module, name, brief):
    "A markdown cell: source link and heading, and unless brief signature and parameters."
    found = attrgetter(name)(module)
    found = found.fget if isinstance(found, property) else found
    text = show_doc(found, name=name)._repr_markdown_().replace("<factory>", "...")
    text = re.sub(r"https?://[^\s)\"]+#L\w+", source_address(found), text)
    heading = re.search(r"^#+ .+$", text, re.M)
    return mk_cell(text[:heading.end()] if brief and heading else text, "markdown")


def teaches(names, lesson):
    "Does the code of a cell belong to what a lesson teaches?"
    return lesson and any(not name.startswith(("plot_", "show_")) for name in names)


def redirected(cell, path):
    "The head of a moved page with its old address."
    name = re.sub(r"^\d+_", "", path.stem)
    if path.parent.name != "nbs" and name in MOVED and cell.source.startswith("---\n"):
        cell.source = f"---\naliases: [/{name}.html]\n" + cell.source[4:]


def folded(source, names, lesson):
    "The options that fold an exported cell under a name; a lesson's teaching code stays open."
    if "code-fold" in source:
        return source
    title = "Source of " + ", ".join(names) if names else "Imports and helpers"
    fold = "false" if teaches(names, lesson) else "true"
    return f"#| code-fold: {fold}\n#| code-summary: \"{title}\"\n{source}"


class ApiDocs(Processor):
    "Exported cells behind the description of what they offer; nothing is run."

    def begin(self):
        cells, module = [], None
        path = Path(getattr(self.nb, "path_", ""))
        lesson = bool(LESSON.fullmatch(path.name)) and path.parent.name == "nbs"
        for cell in self.nb.cells:
            words = cell.directives_ if cell.cell_type == "code" else {}
            if "default_exp" in words:
                module = import_module(f"{get_config().lib_name}.{words['default_exp'][0]}")
                continue
            if {"export", "exporti", "exports"} & set(words):
                names = offered(cell.source)
                brief = teaches(names, lesson)
                cells += [described(module, name, brief) for name in names]
                cell.source = folded(cell.source, names, lesson)
            if cell.cell_type == "raw":
                redirected(cell, path)
            if cell.cell_type == "markdown":
                cell.source = PRIVATE.sub(r"\1", cell.source)
            cells.append(cell)
        self.nb.cells = cells
