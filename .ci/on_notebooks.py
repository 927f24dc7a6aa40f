"""What must hold of each notebook: its options, its outputs, its lesson."""
import ast
import json
import re

import yaml
from badges import without_badge
from tree import MACHINE, NBS, cells, code_cells, has_picture, lesson, notebooks, prose, rel

# What nbdev reads itself; all else in a line `#| key: value` is YAML for Quarto.
DIRECTIVES = {"hide", "export", "exporti", "exports", "default_exp", "exec_doc", "slow"}
STRINGS = {"label", "fig-cap", "fig-alt", "tbl-cap", "code-summary"}
SECTIONS = ("## For the teacher", "## What to notice", "## Pitfalls", "## Exercises",
    "## Further reading")
# Taught as lessons are, wherever they stand; beside them the sixteen steps and nbs/beyond/.
TAUGHT = {"environment", "dataset", "augmentation", "samples", "backbone", "compilation",
    "training", "curves", "evaluation", "errors", "unfreezing", "class_weights", "schedule",
    "fine_tuning", "threshold", "gradcam", "workflow", "report", "prediction", "simulation",
    "audit", "calibration", "backbones", "tta", "active_learning", "export", "app",
    "honest_model", "cross_validation", "four_classes"}
MEASURED = {"offline_weights", "benchmarks", "scaling_out"} # records, not for a class
MACHINERY = {"audit_page", "learning_rates", "next_scans", "pretraining_heads",
    "formula_pictures", "pretext_tasks", "pretraining", "slide_deck", "class_kit",
    "repeated_runs", "machine_limits"} # rooms that a lesson stands on
NO_RESULT = re.compile(r"test_|.*\.(set|set_\w+|legend|axis|axvline|axhline|tight_layout|"
    r"set_visible|add_argument|mkdir|touch|write_text|write_bytes|append|"
    r"compile|save_model)$")
SILENT = ("broken(", "trace", "train", "activations", "save_classifier", "seed_everything",
    "unfreeze", "plant(", "refused(")
NOISE = re.compile(rf"Warning:|WARNING:[a-z]|WARNING: All log|{MACHINE.pattern}|\\u001b\[|"
    r"<Figure size")


def option_lines(source):
    "The lines `#| ...` that open a cell, without their mark."
    lines = []
    for line in filter(str.strip, source.splitlines()):
        if not (found := re.match(r"\s*#\s*\|(.*)", line)):
            break
        lines.append(found[1].strip())
    return lines


def option_faults(source):
    "What is wrong with the options of a cell."
    lines = option_lines(source)
    options = [line for line in lines if re.match(r"[\w-]+\s*:", line)]
    for line in set(lines) - set(options):
        if line.split()[0] not in DIRECTIVES:
            yield f"neither an option nor one of nbdev's: {line}"
    try:
        found = yaml.safe_load("\n".join(options)) or {}
    except yaml.YAMLError as error:
        found = {}
        yield " ".join(str(error).split())
    for key in STRINGS & set(found):
        if not isinstance(found[key], str):
            yield f"{key} is no string: {found[key]!r}"


def options_parse():
    "every option of a cell (#| key: value) is YAML, captions, alt texts and labels are strings"
    return [f"{rel(path)}: code cell {i}: {fault}" for path in notebooks()
        for i, source, _ in code_cells(path) for fault in option_faults(source)]


def prints(source):
    "Does a cell print or show something, going by its last statement?"
    if re.search(r"#\| (hide|export|eval: false|slow|default_exp)", source):
        return False
    body = ast.parse(re.sub(r"^\s*[%!].*$", "pass", source, flags=re.M)).body
    last = body[-1] if body else None
    if not isinstance(last, ast.Expr) or source.rstrip().endswith(";"):
        return "#| fig-cap" in source
    name = ast.unparse(last.value).split("(")[0]
    return not NO_RESULT.match(name) and not isinstance(last.value, ast.Constant)


def output_fault(source, outputs):
    "What is missing below a cell, if something is."
    if "#| fig-cap" in source and "#| slow" not in source and not has_picture(outputs):
        return "has no picture"
    if not prints(source) or outputs or source.splitlines()[-1].strip().startswith(SILENT):
        return None
    return f"has no output: {source.splitlines()[-1][:60]}"


def outputs_stored():
    "every cell that shows something has its output stored"
    return [f"{rel(path)}: code cell {i} {fault}" for path in notebooks()
        for i, source, outputs in code_cells(path) if (fault := output_fault(source, outputs))]


def alt_texts():
    "every stored picture has an alt text"
    return [f"{rel(path)}: code cell {i}" for path in notebooks()
        for i, source, outputs in code_cells(path)
        if has_picture(outputs) and "#| fig-alt" not in source and "#| hide" not in source]


def figures_labelled():
    "every caption has a label of its own, which links can name"
    wrong = []
    for path in notebooks():
        labels = [re.findall(r"^#\| label: (fig-[a-z0-9-]+)$", source, re.M)
            for _, source, _ in code_cells(path) if "#| fig-cap" in source]
        wrong += [f"{rel(path)}: {labels.count(label)} times {label or 'no label'}"
            for label in labels if len(label) != 1 or labels.count(label) > 1]
    return wrong


def no_errors_or_noise():
    "no error, warning or path of one machine in stored outputs"
    found = []
    for path in notebooks():
        for i, _, outputs in code_cells(path):
            text = json.dumps([out for out in outputs if "image/png" not in out.get("data", {})])
            if any(out["output_type"] == "error" for out in outputs):
                found.append(f"{rel(path)}: code cell {i}: an error")
            elif noise := NOISE.search(text):
                found.append(f"{rel(path)}: code cell {i}: {noise[0]}")
    return found


def is_taught(path):
    "Is a notebook a lesson with all that a teacher needs?"
    name, folder = lesson(path), path.parent.relative_to(NBS).as_posix()
    step = folder == "." and re.match(r"(0\d|1[0-6])_", path.name)
    return name in TAUGHT and folder != "core" or bool(step) or (
        folder == "beyond" and name not in MEASURED | MACHINERY)


def taught():
    "every lesson has its teacher's section, exercises with folded answers, pitfalls, reading"
    missing = [f"no notebook for {name}"
        for name in sorted(TAUGHT - {lesson(path) for path in notebooks()})]
    for path in filter(is_taught, notebooks()):
        text = prose(path)
        missing += [f"{rel(path)}: {part}" for part in SECTIONS
            if not re.search(rf"^{part}$", text, re.M)]
        answers = len(re.findall(r"<details>\s*<summary>", text))
        missing += [f"{rel(path)}: {answers} folded answers"] if answers < 2 else []
    return missing


def badges_there():
    "every notebook has its Colab badge below a title cell of its own (if not: .ci/badges.py)"
    return [rel(path) for path in without_badge()]


def said_by_hand(path):
    "Markdown cells between a table that was computed and the next heading."
    below = False
    for kind, source, outputs in cells(path):
        if kind == "markdown" and below and not source.startswith("#"):
            yield source
        elif kind == "markdown":
            below = False
        for out in outputs:
            table = "".join(out.get("data", {}).get("text/markdown", "")).lstrip().startswith("|")
            below = below or table


def claims_computed():
    "what the home page says of its table of results is computed, not typed"
    return [source[:90] for source in said_by_hand(NBS / "index.ipynb")]


CHECKS = (options_parse, outputs_stored, figures_labelled, alt_texts, no_errors_or_noise, taught,
    badges_there, claims_computed)
