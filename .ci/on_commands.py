"""What must hold of the commands: what is printed of them can be typed, and answers at once."""
import contextlib
import inspect
import io
import os
import re
import resource
import shlex
import subprocess
import sys
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from tempfile import TemporaryDirectory

from fastcore.script import anno_parser
from tree import CFG, FENCE, NBS, ROOT, cells, files, modules, notebooks, read, rel

SHELL = re.compile(r"^ *```(?:sh|bash|shell|console)\n(.*?)^ *```", re.M | re.S)
UNPUBLISHED = re.compile(r"pip install(?: -\w+)* \\?['\"]?"
    rf"{CFG['lib_name']}(?:\[[^\]]*\]|(?![\w\[]))(?! @ )")
HEAVY = ("tensorflow", "keras")
SECONDS = 0.5

COMMAND = """import sys, {module}
if __name__ == "__main__":
    try:
        {call}
    finally:
        found = [name for name in {heavy} if name in sys.modules]
        print("".join(" " + name for name in found), file=sys.stderr, end="")
"""
BARE = """import sys
sys.modules |= dict.fromkeys({missing})
from {module} import {name}
if __name__ == "__main__":
    sys.exit({name}())
"""


def scripts():
    "Module and function of each console script; `main` of console looks both up by the name."
    rows = CFG["console_scripts"].split()
    return {row.split("=")[0]: (f"{CFG['lib_name']}.commands", row.split("=")[0]) for row in rows}


@cache
def parser(name):
    "The argument parser of a console script, ours or nbdev's; none of another program."
    if name in scripts():
        module, function = scripts()[name]
    elif name.startswith("nbdev_"):
        found = [e for e in entry_points(group="console_scripts") if e.name == name]
        module, function = found[0].value.split(":")
    else:
        return None
    called = getattr(import_module(module), function)
    return anno_parser(getattr(called, "__wrapped__", called), prog=name)


def pages():
    "README, notebooks and pages as (name, markdown)."
    yield "README.md", read(ROOT / "README.md")
    for path in notebooks():
        yield rel(path), "\n\n".join(s for kind, s, _ in cells(path) if kind == "markdown")
    for path in files(NBS, "*.qmd"):
        yield rel(path), read(path)


def commands(block):
    "The commands of a block of shell, each as a list of words."
    for line in block.replace("\\\n", " ").splitlines():
        split = shlex.shlex(line.removeprefix("$ "), posix=True, punctuation_chars=True)
        split.whitespace_split = True
        words = []
        for word in [*split, ";"]:
            if set(word) <= set(";&|"):
                yield words
                words = []
            elif words or not re.match(r"\w+=", word):
                words.append(word)


def faults_of_pip(words):
    "What is wrong with a `pip install`."
    extras = {k.removesuffix("_requirements") for k in CFG if k.endswith("_requirements")}
    for word in words:
        asked = re.match(rf"(?:\.|{CFG['lib_name']})(?:\[(.*?)\])?( @ git\+\S+)?$", word)
        if asked and word[0] != "." and not asked[2]:
            yield f"{word} is not published"
        if asked and asked[2] and asked[2] != f" @ git+{CFG['git_url']}":
            yield f"{asked[2].strip()} is not where the package is"
        for extra in set(filter(None, re.split(r",\s*", asked[1] or ""))) - extras if asked else ():
            yield f"there is no extra {extra}"


def faults(words):
    "What is wrong with a command."
    name = words[0] if words else ""
    if words[:2] == ["pip", "install"]:
        yield from faults_of_pip(words[2:])
    elif name == "python" and len(words) > 1 and words[1].endswith(".py"):
        if not (ROOT / words[1]).is_file():
            yield f"there is no {words[1]}"
    elif name.startswith("btl_") and name not in scripts():
        yield "no such command"
    elif parser(name):
        said = io.StringIO()
        try:
            with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
                parser(name).parse_args([word for word in words[1:] if word != "--help"])
        except SystemExit:
            yield said.getvalue().strip().splitlines()[-1]


def lines_parse():
    "every command line in a block of shell is one that its command understands"
    return [f"{page}: {shlex.join(words)}: {fault}" for page, text in pages()
        for block in SHELL.findall(text) for words in commands(block) for fault in faults(words)]


def options_exist():
    "every option that prose names together with its command is there"
    wrong = []
    for page, text in pages():
        for said in re.findall(r"`(btl_\w+ [^`\n]*)`", FENCE.sub("", text)):
            name, *words = said.split()
            if name not in scripts():
                wrong.append(f"{page}: {said}: no such command")
                continue
            known = parser(name)._option_string_actions
            options = (re.match(r"--?[a-z]\w*", word) for word in words)
            wrong += [f"{page}: {said}: {found[0]}" for found in options
                if found and found[0] not in known]
    return wrong


def advice_works():
    "nobody is told to install the package by name from where it is not published"
    texts = [("README.md", read(ROOT / "README.md"))]
    texts += [(rel(path), read(path)) for path in [*modules(), *files(NBS, "*.qmd")]]
    for path in notebooks():
        texts.append((rel(path), "\n".join(source for _, source, _ in cells(path))))
    return [f"{name}: {found[0]}" for name, text in texts for found in UNPUBLISHED.finditer(text)]


def spent():
    "Seconds of processor time of all children so far: the same on a busy machine."
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def child(folder, name, text, *arguments, **more):
    "A program run as a console script is: seconds, status, what it said and complained."
    file = Path(folder) / name
    file.write_text(text, encoding="utf-8")
    start = spent()
    command = [sys.executable, file, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, **more)
    return spent() - start, done.returncode, done.stdout, done.stderr


def slowness(folder, name, module, call, *arguments):
    "What is wrong with a quick call: best of three where the first was slow."
    text = COMMAND.format(module=module, call=call, heavy=HEAVY)
    best = None
    for _ in range(3):
        seconds, status, said, complaint = child(folder, name, text, *arguments)
        best = min(best or seconds, seconds)
        if status or complaint:
            return f"{name}: status {status}, {complaint.strip()[-200:]}"
        if arguments and "usage:" not in said:
            return f"{name}: prints no usage"
        if best < SECONDS:
            return None
    return f"{name}: {best:.2f} s"


def cheap():
    "the import and the --help of each command take half a second at most and no TensorFlow"
    wrong = []
    with TemporaryDirectory() as folder:
        wrong.append(slowness(folder, f"import {CFG['lib_name']}", CFG["lib_name"], "pass"))
        for name, (module, function) in scripts().items():
            call = f"{module}.{function}()"
            wrong.append(slowness(folder, name, module, call, "--help"))
    return list(filter(None, wrong))


def runs_found():
    "no command has a folder of runs of its own: BTL_RUNS says where they are"
    wrong = []
    for name, (module, function) in scripts().items():
        options = inspect.signature(getattr(import_module(module), function)).parameters
        for option in options.values():
            if re.match("runs(?!\\w)", str(option.default)):
                wrong.append(f'{name}: {option.name}="{option.default}"')
    return wrong


def runs_outside():
    "what lessons leave lies outside nbs/, where neither the site nor the tests sweep it up"
    inside = (f"from {CFG['lib_name']}.core.files import runs_folder\n"
        f"from pathlib import Path\n"
        f"print(runs_folder().resolve().is_relative_to(Path({str(NBS)!r}).resolve()))")
    env = {k: v for k, v in os.environ.items() if k != "BTL_RUNS"}
    done = subprocess.run([sys.executable, "-c", inside], cwd=NBS, env=env, capture_output=True,
        text=True)
    return [] if done.stdout.strip() == "False" else [(done.stdout + done.stderr).strip()[-300:]]


def plain_audit():
    "btl_audit works without the extras, or says so before it works"
    module, _ = scripts()["btl_audit"]
    extra = CFG["audit_requirements"].split() if "audit_requirements" in CFG else []
    missing = [re.split(r"[<>=;]", name)[0].replace("-", "_") for name in extra]
    bare = {name: BARE.format(missing=missing, module=module, name=name)
        for name in ("btl_simulate", "btl_audit")}
    here = dict(env=os.environ | {"CUDA_VISIBLE_DEVICES": ""})
    with TemporaryDirectory() as folder:
        here["cwd"] = folder
        made = child(folder, "btl_simulate", bare["btl_simulate"], "sim", "--n_train", "24",
            "--n_test", "8", **here)
        if made[1]:
            return [f"btl_simulate: {made[3].strip()[-300:]}"]
        took, status, _, said = child(folder, "btl_audit", bare["btl_audit"], "sim", **here)
    at_once = status == 2 and took < 2 and missing
    return [] if status == 0 or at_once else [f"status {status} after {took:.0f} s: {said[-300:]}"]


CHECKS = (lines_parse, options_exist, advice_works, cheap, runs_found, runs_outside,
    plain_audit)
