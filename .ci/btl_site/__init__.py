"""How notebooks become pages: stored outputs, nothing is run, and every exported name described.

nbdev would run every cell that holds an import, drop exported code from the page, and link to the
published site from every copy of it. `settings.ini` leaves those steps out (`skip_procs`) and puts
this one in (`procs`). It belongs to the checkout, not to the installed package: setup.py makes it
importable for `pip install -e .` alone."""
import re
from importlib import import_module
from pathlib import Path

import yaml
from execnb.nbio import mk_cell
from nbdev.config import get_config
from nbdev.process import Processor

from .folds import apart, arranged, folded, offered, teaches
from .links import badge_as_link, linked
from .outputs import shown
from .signatures import described

MOVED = { # pages that stood at the root before there were folders; their old addresses redirect
    "active_learning", "api", "app", "audit", "backbones", "benchmarks", "calibration",
    "cross_validation", "download", "export", "four_classes", "honest_model", "intake",
    "offline_weights", "out_of_distribution", "prediction", "report", "runtimes", "serving",
    "simulation", "tta",
}
LESSON = re.compile(r"(0[1-9]|1[0-6])_\w+\.ipynb")
CARD = "images/card.png" # what a message that links to the site shows


def headed(cell, path):
    "The head of a page: its number in the title, its old address, the picture for messages."
    if not cell.source.startswith("---\n"):
        return
    meta = yaml.safe_load(cell.source.strip().strip("-"))
    at_root = path.parent.name == "nbs"
    number, name = re.match(r"(?:(\d+)_)?(\w+)", path.stem).groups()
    if at_root and number:
        meta["title"] = f"{int(number)}. {meta['title']}"
    if not at_root and name in MOVED:
        meta["aliases"] = [f"/{name}.html"]
    if name == "index":
        meta["image"] = CARD
    text = yaml.safe_dump(meta, allow_unicode=True, sort_keys=True, width=1000)
    cell.source = f"---\n{text}\n---\n\n"


class ApiDocs(Processor):
    "Exported cells behind the description of what they offer; nothing is run."

    def begin(self):
        path = Path(getattr(self.nb, "path_", ""))
        place = path.resolve().relative_to(get_config().nbs_path.resolve())
        lesson = bool(LESSON.fullmatch(path.name)) and path.parent.name == "nbs"
        cells, module = [], None
        for cell in self.nb.cells:
            words = cell.directives_ if cell.cell_type == "code" else {}
            if "default_exp" in words:
                module = import_module(f"{get_config().lib_name}.{words['default_exp'][0]}")
                continue
            if {"export", "exporti", "exports"} & set(words):
                names = offered(cell.source)
                brief = teaches(names, lesson)
                about = (described(module, name, cell.source, brief) for name in names)
                cells += [mk_cell(linked(text, place), "markdown") for text in about]
                cell.source = folded(cell.source, open_=brief)
                if brief:
                    cells += apart(cell)
                    continue
            elif cell.cell_type == "code":
                cell.outputs = [shown(out, place) for out in cell.get("outputs", [])]
            elif cell.cell_type == "raw":
                headed(cell, path)
            else:
                cell.source = linked(badge_as_link(cell.source), place)
            cells.append(cell)
        self.nb.cells = arranged(cells, copied=path.name == "recipes.ipynb")
