"""What a page says of an exported name: its heading, what it is for, how it is called."""
import ast
import inspect
import re
from operator import attrgetter
from pathlib import Path

from nbdev.config import get_config
from nbdev.showdoc import showdoc_nm

KINDS = (ast.FunctionDef, ast.ClassDef)


def source_address(found):
    "Where the repository shows the code, with its line."
    cfg = get_config()
    found = inspect.unwrap(found) # of a command, the function rather than fastcore's wrapper
    file = Path(inspect.getsourcefile(found)).resolve().relative_to(cfg.config_path.resolve())
    line = inspect.getsourcelines(found)[1]
    return f"{cfg.git_url}/blob/{cfg.branch}/{file.as_posix()}#L{line}"


def head_of(node, source):
    "The lines of a function from `def` to its first statement, as they are written."
    first = node.body[0]
    lines = source.splitlines()[node.lineno - 1 : first.end_lineno]
    if first.lineno == node.lineno: # all on one line
        return lines[0][: first.col_offset].rstrip()
    return "\n".join(lines[: first.lineno - node.lineno]).rstrip()


def fields_of(node, source):
    "The annotated entries of a class with what is said of each, as they are written."
    lines = source.splitlines()
    for entry in node.body:
        if isinstance(entry, ast.AnnAssign) and not entry.target.id.startswith("_"):
            yield from lines[entry.lineno - 1 : entry.end_lineno]


def signature(node, source):
    "How a function is called, or what a class is made of."
    if not isinstance(node, ast.ClassDef):
        return head_of(node, source)
    bases = ", ".join([ast.unparse(base) for base in node.bases])
    head = f"class {node.name}({bases}):" if bases else f"class {node.name}:"
    made = [part for part in node.body if getattr(part, "name", "") == "__init__"]
    body = head_of(made[0], source).splitlines() if made else list(fields_of(node, source))
    return "\n".join([head, *body]) if body else head.removesuffix(":")


def described(module, name, source, brief):
    "Link to the source and heading; unless brief, what it does and its signature too."
    found = attrgetter(name)(module)
    found = found.fget if isinstance(found, property) else found
    text = f"[source]({source_address(found)}){{.source}}\n\n### {name}\n"
    if brief:
        return text
    node = next(n for n in ast.parse(source).body
        if isinstance(n, KINDS) and name in {showdoc_nm(n), n.name})
    said = re.sub(r"(?<![\w`])\*(?=\S)|(?<=/)\*", r"\\*", ast.get_docstring(node) or "")
    return f"{text}\n{said}\n\n```python\n{signature(node, source)}\n```\n"
