"""Which code of a page is open, what a closed box is called, and where it stands."""
import ast
import re

from execnb.nbio import mk_cell
from nbdev.showdoc import showdoc_nm

KINDS = (ast.FunctionDef, ast.ClassDef)
IMPORTS = (ast.Import, ast.ImportFrom)
OPTION = re.compile(r"#\|.*\n")
ANNOUNCED = 24 # lines that a sentence with a colon at its end may open


def parsed(source):
    "The statements of a cell; none where it is no Python."
    try:
        return ast.parse(source).body
    except SyntaxError:
        return []


def offered(source):
    "What an exported cell defines for the outside; 'Class.method' for a patched method."
    nodes = [node for node in parsed(source) if isinstance(node, KINDS)]
    return [showdoc_nm(node) for node in nodes if not node.name.startswith("_")]


def teaches(names, lesson):
    "Does the code of a cell belong to what a lesson teaches?"
    return lesson and any(not name.startswith(("plot_", "show_")) for name in names)


def constants(node):
    "The names in capitals that an assignment gives."
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    names = [n.id for target in targets if target for n in ast.walk(target)
        if isinstance(n, ast.Name)]
    return [name for name in names if name.isupper()]


def title(source):
    "What a closed box is called: by what is defined in it, the public names first."
    nodes = parsed(source)
    names = [showdoc_nm(node) for node in nodes if isinstance(node, KINDS)]
    names = names or [name for node in nodes if isinstance(node, (ast.Assign, ast.AnnAssign))
        for name in constants(node)]
    public = [name for name in names if not name.rpartition(".")[2].startswith("_")]
    names = public or names
    if not names:
        return "Imports" if any(isinstance(node, IMPORTS) for node in nodes) else "Preparation"
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return "Source of " + ", ".join(f"`{name}`" for name in names[:3]) + more


def apart(cell):
    "A teaching cell as two: its public code open, then its private helpers in a closed box."
    body = OPTION.sub("", cell.source)
    lines, nodes = body.splitlines(), parsed(body)
    private = [isinstance(node, KINDS) and node.name.startswith("_") for node in nodes]
    if not any(private) or all(private):
        return [cell]
    ends = [node.end_lineno for node in nodes[:-1]]
    texts = {True: [], False: []}
    for hidden, start, end in zip(private, [0, *ends], [*ends, len(lines)]):
        texts[hidden].append("\n".join(lines[start:end]).strip("\n"))
    cell.source = options(cell.source) + "\n\n".join(texts[False])
    return [cell, mk_cell(folded("\n\n".join(texts[True])), "code")]


def options(source):
    "The lines with options that open a cell."
    return "".join(OPTION.findall(source))


def option(source, name):
    "What an option says, without its quotes."
    found = re.search(rf"^#\| {name}: *(.+)$", options(source), re.M)
    return found[1].strip("\"'") if found else ""


def is_closed(cell):
    "Is the code of a cell in a closed box?"
    return cell.cell_type == "code" and option(cell.source, "code-fold") == "true"


def folded(source, open_=False, name=None):
    "A cell in a closed box with a name, unless it is to be open or says so itself."
    if open_ or option(source, "code-fold") == "false":
        return source
    name = name or option(source, "code-summary") or title(OPTION.sub("", source))
    rest = re.sub(r"^#\| code-(?:fold|summary):.*\n", "", source, flags=re.M)
    return f"#| code-fold: true\n#| code-summary: \"{name}\"\n{rest}"


def split(cell):
    "Three imports or more that open a cell, apart from the code that follows them."
    body = OPTION.sub("", cell.source)
    nodes = parsed(body)
    first = next((i for i, node in enumerate(nodes) if not isinstance(node, IMPORTS)), len(nodes))
    if first < 3 or option(cell.source, "code-fold"):
        return [cell]
    if first == len(nodes):
        cell.source = folded(cell.source)
        return [cell]
    lines = body.splitlines()
    end = nodes[first - 1].end_lineno
    imports = mk_cell(folded("\n".join(lines[:end])), "code")
    cell.source = options(cell.source) + "\n".join(lines[end:]).lstrip("\n")
    return [imports, cell]


def turned(cell):
    "A closed box with a name; the output of one first, then what makes it."
    if is_closed(cell):
        cell.source = folded(cell.source)
    if not is_closed(cell) or not cell.outputs:
        return [cell]
    code = mk_cell(folded(OPTION.sub("", cell.source), name=option(cell.source, "code-summary")),
        "code")
    cell.source = "#| echo: false\n" + re.sub(r"^#\| code-.*\n", "", cell.source, flags=re.M)
    return [cell, code]


def called(boxes):
    "What two boxes in one are called: as their authors say, or by what is defined in both."
    bodies = [OPTION.sub("", box.source) for box in boxes]
    names = [option(box.source, "code-summary") for box in boxes]
    given = [name for name, body in zip(names, bodies) if name != title(body)]
    if not given:
        return title("\n".join(bodies))
    kept = [name for name in names if name in given or name != "Imports"]
    return kept[0] if len(kept) < 2 else f"{kept[0]}; {kept[1][0].lower()}{kept[1][1:]}"


def joined(cells):
    "Closed boxes without output that follow one another become one."
    found = []
    for cell in cells:
        last = found[-1] if found else cell
        if found and all(is_closed(c) and not c.outputs for c in (last, cell)):
            name = called((last, cell))
            body = [OPTION.sub("", c.source).strip("\n") for c in (last, cell)]
            last.source = folded("\n\n".join(body), name=name)
        else:
            found.append(cell)
    return found


def announced(cells):
    "After a sentence that ends with a colon: the figure before what draws it, short code open."
    cells, i = list(cells), 0
    while i < len(cells) - 1:
        text, box = cells[i], cells[i + 1]
        i += 1
        waits = text.cell_type == "markdown" and text.source.rstrip().endswith(":")
        if not waits or not is_closed(box) or box.outputs:
            continue
        after = cells[i + 1] if i + 1 < len(cells) else None
        if after is not None and after.cell_type == "code" and not is_closed(after):
            cells[i], cells[i + 1] = after, box
        elif len(OPTION.sub("", box.source).splitlines()) <= ANNOUNCED:
            box.source = re.sub(r"^#\| code-(?:fold|summary):.*\n", "", box.source, flags=re.M)
    return cells


def arranged(cells, copied):
    "The cells of a page with its boxes in place; of one made to be copied imports stay open."
    parts = cells if copied else (part for cell in cells
        for part in (split(cell) if cell.cell_type == "code" else [cell]))
    parts = (part for cell in parts
        for part in (turned(cell) if cell.cell_type == "code" else [cell]))
    return announced(joined(parts))
