"""What must hold of the repository beside its tests; one line a check, `ok: ...` or `FAILED: ...`.

    python .ci/checks.py                      all of them, in a copy: nothing in the tree is changed
    python .ci/checks.py commands notebooks   some groups
    python .ci/checks.py site screen          the rendered site in _docs, in a browser too
"""
import importlib
import os
import shutil
import subprocess
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import tree

GROUPS = ("notebooks", "repository", "commands", "pages")
RENDERED = ("site", "screen")
INSIDE = "BTL_CHECKS_COPY"


def checks_of(group):
    "The checks of a group, in order."
    return importlib.import_module(f"on_{group}").CHECKS


def failures(check):
    "What a check finds wrong; also that it could not be carried out."
    try:
        return check()
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        said = f"{type(error).__name__}: {error}".splitlines()
        return [f"stopped in {where.name}, line {where.lineno}: {said[0]}", *said[1:]]


def carry_out(groups):
    "Every check of these groups, told as it ends; were all well?"
    well = True
    for check in (check for group in groups for check in checks_of(group)):
        wrong = failures(check)
        well = well and not wrong
        print(f"{'FAILED' if wrong else 'ok'}: {check.__doc__}", flush=True)
        for line in wrong[:20]:
            print(f"    {line}", flush=True)
        if len(wrong) > 20:
            print(f"    and {len(wrong) - 20} more", flush=True)
    return well


def in_a_copy(group):
    "The same for one group in a copy of the checkout, which is thrown away; status and lines."
    folder = tree.copy()
    env = {k: v for k, v in os.environ.items() if k != "BTL_DATA"}
    env |= {INSIDE: "1", "PYTHONPATH": str(folder), "TF_CPP_MIN_LOG_LEVEL": "3"}
    env |= {"BTL_RUNS": str(folder.parent / "runs")}
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"
    try:
        command = [sys.executable, folder / ".ci/checks.py", group]
        done = subprocess.run(command, cwd=folder, env=env, stdout=subprocess.PIPE, text=True)
        return done.returncode, done.stdout
    finally:
        shutil.rmtree(folder.parent)


def in_copies(groups):
    "All groups, a core each, told in order; were all well?"
    well = True
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        for status, lines in pool.map(in_a_copy, groups):
            print(lines, end="", flush=True)
            well = well and status == 0
    return well


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    groups = sys.argv[1:] or GROUPS
    if unknown := set(groups) - {*GROUPS, *RENDERED}:
        known = ", ".join([*GROUPS, *RENDERED])
        sys.exit(f"no such checks: {', '.join(unknown)}; there are {known}")
    if set(RENDERED) & set(groups) or INSIDE in os.environ:
        sys.exit(not carry_out(groups))
    sys.exit(not in_copies(groups))
