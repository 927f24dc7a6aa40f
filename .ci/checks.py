"""What must hold of the repository beside its tests; one line a check, `ok: ...` or `FAILED: ...`."""
import ast
import builtins
import json
import re
import subprocess
import sys
from functools import cache

from badges import without_badge
from readme import ROOT, pictures, readme

NOTEBOOKS = sorted((ROOT / "nbs").glob("*.ipynb"))
MODULES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "brain_tumor_tl").glob("*.py")) if path.stem != "_modidx"}
FOREIGN = {"safe_mode", "out_relu"} # names of Keras that stand in prose alone
PROSE = re.compile(r"^```.*?^```|`[^`\n]*`", re.M | re.S)


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


def figures_labelled():
    "every caption has a label of its own, which links can name"
    wrong = []
    for path in NOTEBOOKS:
        labels = [re.findall(r"^#\| label: (fig-[a-z0-9-]+)$", source, re.M) for source, _ in code_cells(path) if "#| fig-cap" in source]
        wrong += [f"{path.name}: {labels.count(label)} times {label or 'no label'}" for label in labels if len(label) != 1 or labels.count(label) > 1]
    return wrong


def no_errors_or_noise():
    "no error, warning or path of one machine in stored outputs"
    found = []
    for path in NOTEBOOKS:
        for i, (_, outputs) in enumerate(code_cells(path)):
            text = json.dumps([o for o in outputs if "image/png" not in o.get("data", {})])
            if any(o["output_type"] == "error" for o in outputs) or re.search(r"Warning:|WARNING:[a-z]|WARNING: All log|/(?:work|root|farm)/|\\u001b\[|<Figure size", text):
                found.append(f"{path.name}: code cell {i}")
    return found


@cache
def pages():
    "The text of every page of the site by its file name."
    text = {path.name: "\n\n".join("".join(c["source"]) for c in json.loads(path.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == "markdown") for path in NOTEBOOKS}
    text |= {path.name: path.read_text(encoding="utf-8") for path in sorted((ROOT / "nbs").glob("*.qmd"))}
    for path in sorted((ROOT / "nbs").glob("*.qmd.py")):
        text[path.stem] = subprocess.run([sys.executable, path], cwd=ROOT / "nbs", check=True, capture_output=True, text=True).stdout
    return text


@cache
def anchors(name):
    "Where a link into a page can arrive: its headings, its figures, and the functions that a lesson exports."
    text = re.sub(r"^```.*?^```", "", pages()[name], flags=re.M | re.S)
    heads = [re.sub(r"[^\w\s.-]", "", re.sub(r"\]\(.*?\)", "", h).lower()) for h in re.findall(r"^#+ (.+)$", text, re.M)]
    figures = [] if not name.endswith(".ipynb") else re.findall(r"^#\| label: (\S+)", "\n".join(source for source, _ in code_cells(ROOT / "nbs" / name)), re.M)
    made = re.findall(rf"'{re.escape(re.sub(r'^[0-9]+_', '', name).replace('.ipynb', '.html'))}#([\w.]+)'", (ROOT / "brain_tumor_tl/_modidx.py").read_text(encoding="utf-8"))
    return {re.sub(r"^[^a-z]+", "", re.sub(r"\s+", "-", h.strip())) for h in heads} | set(made) | set(figures)


def links_lead_somewhere():
    "every link between pages leads to a page, and to a heading on it"
    broken = []
    for name, text in pages().items():
        for link, anchor in re.findall(r"\]\((?!https?:|data:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)", re.sub(PROSE, "", text)):
            if link and link not in pages() and link != "LICENSE" and not (ROOT / "nbs" / link).exists():
                broken.append(f"{name}: {link}")
            elif anchor and (link or name) in pages() and anchor not in anchors(link or name):
                broken.append(f"{name}: {link}#{anchor}")
    return broken


def names_exist():
    "every name in backticks that looks like code of ours stands in some code"
    files = [ROOT / "settings.ini", *(ROOT / ".ci").glob("*"), *(ROOT / "nbs").glob("*.qmd.py")]
    code = [*MODULES.values(), *(source for path in NOTEBOOKS for source, _ in code_cells(path)), *(f.read_text(encoding="utf-8") for f in files if f.is_file())]
    known = set(re.findall(r"\w+", "\n".join(code))) | set(dir(builtins)) | FOREIGN
    unknown = []
    for name, text in pages().items():
        for said in re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)):
            found = re.match(r"(?:(\w+)\.)*([a-z]\w*)(\(.*\))?$", said)
            if found and (found[3] or "_" in found[2]) and found[2] not in (re.findall(r"\w+", MODULES[found[1]]) if found[1] in MODULES else known):
                unknown.append(f"{name}: {said}")
    return unknown


def taught():
    "lessons 01 to 27, and 33 to 35, have their teacher's section, exercises with folded answers, pitfalls and further reading"
    wanted = ("## For the teacher", "## What to notice", "## Pitfalls", "## Exercises", "## Further reading")
    missing = []
    for path in NOTEBOOKS:
        if re.match(r"(0\d|1\d|2[0-7]|3[3-5])_", path.name):
            text = pages()[path.name]
            missing += [f"{path.name}: {part}" for part in wanted if not re.search(rf"^{part}$", text, re.M)]
            missing += [f"{path.name}: {n} folded answers"] if (n := len(re.findall(r"<details>\s*<summary>", text))) < 2 else []
    return missing


def badges_there():
    "every notebook has its Colab badge, and its title cell holds title and subtitle alone (if not: python .ci/badges.py)"
    return [path.name for path in without_badge()]


def in_sidebar():
    "every page stands in the sidebar, once"
    listed = re.findall(r"href: (\S+)", (ROOT / "nbs/sidebar.yml").read_text(encoding="utf-8"))
    return sorted(set(pages()) ^ set(listed)) + sorted({p for p in listed if listed.count(p) > 1})


def papers_listed():
    "every paper that a lesson links stands in references.bib, and every entry is cited in references.qmd"
    bib = (ROOT / "nbs/references.bib").read_text(encoding="utf-8").lower()
    known = set(re.findall(r"(?:doi|eprint) = \{(.+?)\}", bib))
    wrong = [f"{name}: {paper}" for name, text in pages().items() for paper in re.findall(r"(?:doi\.org/|arxiv\.org/(?:abs|pdf)/)([^)\s>]+?)(?:v\d+)?(?=[)\s>])", text.lower()) if paper not in known]
    cited = set(re.findall(r"@([\w-]+)", pages()["references.qmd"].lower()))
    return wrong + [f"references.bib: {key} is not cited, or not there" for key in sorted(cited ^ set(re.findall(r"^@\w+\{(.+?),", bib, re.M)))]


def documented():
    "every exported function has a docstring and docments"
    bare = []
    for module, source in MODULES.items():
        rows = source.splitlines()
        for node in ast.parse(source).body:
            if not isinstance(node, (ast.FunctionDef, ast.ClassDef)) or node.name.startswith("_"):
                continue
            if not ast.get_docstring(node):
                bare.append(f"{module}: {node.name} has no docstring")
            if isinstance(node, ast.FunctionDef):
                args = [a for a in node.args.args + node.args.kwonlyargs if a.arg != "self"]
                bare += [f"{module}: {node.name}({a.arg}) has no docment" for a in args if "#" not in rows[a.lineno - 1] and "Param(" not in rows[a.lineno - 1]]
    return bare


def tracked_sizes():
    "no tracked file but the packaged weights is over 3 MB"
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True).stdout.split("\0")
    return [f for f in files if f and (ROOT / f).is_file() and (ROOT / f).stat().st_size > 3e6 and f != "brain_tumor_tl/assets/offline.npz"]


def site_pictures():
    "every picture of a lesson is on its page, and every picture of a page is there"
    missing = []
    for path in sorted((ROOT / "_docs").glob("*.html")):
        for file in re.findall(r'<img[^>]* src="(?!https?:|data:)([^"]+)"', path.read_text(encoding="utf-8")):
            missing += [] if (path.parent / file).is_file() else [f"{path.name}: {file}"]
    for path in NOTEBOOKS:
        stored = sum("image/png" in o.get("data", {}) for source, outputs in code_cells(path) for o in outputs if "#| hide" not in source)
        page = ROOT / "_docs" / re.sub(r"^[0-9]+_", "", path.name).replace(".ipynb", ".html")
        shown = len(re.findall("<img", page.read_text(encoding="utf-8"))) if page.is_file() else -1
        missing += [] if shown >= stored else [f"{page.name}: {shown} pictures of {stored}"]
    return missing


CHECKS = (modules_match, notebooks_clean, readme_matches, outputs_stored, figures_labelled, alt_texts, no_errors_or_noise, links_lead_somewhere, names_exist,
          taught, badges_there, in_sidebar, papers_listed, documented, tracked_sizes)

if __name__ == "__main__":
    for check in (site_pictures,) if sys.argv[1:] == ["site"] else CHECKS:
        wrong = check()
        print(f"{'FAILED' if wrong else 'ok'}: {check.__doc__}")
        for line in wrong[:20]:
            print(f"    {line}")
    sys.exit(0)
