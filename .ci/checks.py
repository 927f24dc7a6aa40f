"""What must hold of the repository beside its tests; one line a check, `ok: ...` or `FAILED: ...`."""
import ast
import json
import re
import subprocess
import sys
from pathlib import Path

from readme import ROOT, pictures, readme

NOTEBOOKS = sorted((ROOT / "nbs").glob("*.ipynb"))


def code_cells(path):
    "Source and outputs of each code cell."
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            yield "".join(cell["source"]), cell["outputs"]


def changed_by(command, folder):
    "What a command changes in a folder of the checkout."
    before = subprocess.run(["git", "diff", folder], cwd=ROOT, capture_output=True, text=True).stdout
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    after = subprocess.run(["git", "diff", "--stat", folder], cwd=ROOT, capture_output=True, text=True).stdout
    return [] if not before and not after else [after or "uncommitted changes were there before"]


def modules_match():
    "every module is its notebook's export"
    return changed_by(["nbdev_export"], "brain_tumor_tl")


def notebooks_clean():
    "notebooks are clean"
    return changed_by(["nbdev_clean"], "nbs")


def readme_matches():
    "README.md is made from nbs/index.ipynb"
    files = {ROOT / "nbs/images" / name: png for name, (_, png) in pictures().items()}
    same = (ROOT / "README.md").read_text(encoding="utf-8") == readme() and all(f.is_file() and f.read_bytes() == png for f, png in files.items())
    return [] if same else ["run: python .ci/readme.py"]


def prints(source):
    "Does a cell print or show something, going by its last statement?"
    if re.search(r"#\| (hide|export|eval: false|slow|default_exp)", source):
        return False
    body = ast.parse(re.sub(r"^\s*[%!].*$", "pass", source, flags=re.M)).body
    last = body[-1] if body else None
    if not isinstance(last, ast.Expr) or source.rstrip().endswith(";"):
        return "#| fig-cap" in source
    name = ast.unparse(last.value).split("(")[0]
    return not re.match(r"test_|.*\.(set|set_\w+|legend|axis|axvline|axhline|tight_layout|set_visible|add_argument|mkdir|touch|write_text|write_bytes|append)$", name) and not isinstance(last.value, ast.Constant)


def outputs_stored():
    "every cell that shows something has its output stored"
    silent = ("trace", "train", "activations", "save_classifier", "seed_everything", "unfreeze", "plant(", "refused(")
    missing = []
    for path in NOTEBOOKS:
        for i, (source, outputs) in enumerate(code_cells(path)):
            if "#| fig-cap" in source and "#| slow" not in source and not any("image/png" in o.get("data", {}) for o in outputs):
                missing.append(f"{path.name}: code cell {i} has no picture")
            elif prints(source) and not outputs and not source.splitlines()[-1].strip().startswith(silent):
                missing.append(f"{path.name}: code cell {i} has no output: {source.splitlines()[-1][:60]}")
    return missing


def alt_texts():
    "every stored picture has an alt text"
    return [f"{path.name}: code cell {i}" for path in NOTEBOOKS for i, (source, outputs) in enumerate(code_cells(path))
            if any("image/png" in o.get("data", {}) for o in outputs) and "#| fig-alt" not in source and "#| hide" not in source]


def no_errors_or_noise():
    "no error, warning or path of one machine in stored outputs"
    found = []
    for path in NOTEBOOKS:
        for i, (_, outputs) in enumerate(code_cells(path)):
            text = json.dumps([o for o in outputs if "image/png" not in o.get("data", {})])
            if any(o["output_type"] == "error" for o in outputs) or re.search(r"Warning:|/(?:work|root|farm)/|\\u001b\[|<Figure size", text):
                found.append(f"{path.name}: code cell {i}")
    return found


def links_lead_somewhere():
    "every link between pages leads to a file"
    broken = []
    for path in NOTEBOOKS:
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                links = re.findall(r"\]\((?!https?:|#)([^)#]+)", "".join(cell["source"]))
                broken += [f"{path.name}: {link}" for link in links if not (path.parent / link).exists() and link != "LICENSE"]
    return broken


def documented():
    "every exported function has a docstring and docments"
    bare = []
    for path in sorted((ROOT / "brain_tumor_tl").glob("*.py")):
        source = path.read_text(encoding="utf-8")
        rows = source.splitlines()
        for node in ast.parse(source).body:
            if not isinstance(node, (ast.FunctionDef, ast.ClassDef)) or node.name.startswith("_"):
                continue
            if not ast.get_docstring(node):
                bare.append(f"{path.name}: {node.name} has no docstring")
            if isinstance(node, ast.FunctionDef):
                args = [a for a in node.args.args + node.args.kwonlyargs if a.arg != "self"]
                bare += [f"{path.name}: {node.name}({a.arg}) has no docment" for a in args if "#" not in rows[a.lineno - 1] and "Param(" not in rows[a.lineno - 1]]
    return bare


def tracked_sizes():
    "no tracked file is over 3 MB"
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True).stdout.split("\0")
    return [f for f in files if f and (ROOT / f).is_file() and (ROOT / f).stat().st_size > 3e6]


if __name__ == "__main__":
    for check in (modules_match, notebooks_clean, readme_matches, outputs_stored, alt_texts, no_errors_or_noise, links_lead_somewhere, documented, tracked_sizes):
        wrong = check()
        print(f"{'FAILED' if wrong else 'ok'}: {check.__doc__}")
        for line in wrong[:20]:
            print(f"    {line}")
    sys.exit(0)
