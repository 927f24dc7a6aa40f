"""README.md from nbs/index.ipynb, without Quarto: `python .ci/readme.py` writes it."""
import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def cells():
    "The cells of the index as (kind, source, outputs)."
    for cell in json.loads((ROOT / "nbs/index.ipynb").read_text(encoding="utf-8"))["cells"]:
        yield cell["cell_type"], "".join(cell["source"]), cell.get("outputs", [])


def output(out):
    "An output as markdown: as it is if it is markdown, else as a code block."
    data = out.get("data", {})
    if "text/markdown" in data:
        return "".join(data["text/markdown"])
    text = "".join(data.get("text/plain", out.get("text", "")))
    return f"```\n{text.rstrip()}\n```" if text.strip() and "image/png" not in data else ""


def readme():
    "The text of the README."
    parts = []
    for kind, source, outputs in cells():
        if kind == "markdown":
            parts.append(re.sub(r"^> (?=\S)", "> ", source))
        elif kind == "code" and "#| hide" not in source:
            code = "\n".join(line for line in source.splitlines() if not line.startswith("#|"))
            if code.strip() and "#| echo: false" not in source:
                parts.append(f"```python\n{code.strip()}\n```")
            parts += filter(None, map(output, outputs))
    text = "\n\n".join(p.strip() for p in parts) + "\n"
    return re.sub(r"\]\((?!https?:|#|nbs/|LICENSE)([^)]+)\)", r"](nbs/\1)", text)


if __name__ == "__main__":
    (ROOT / "README.md").write_text(readme(), encoding="utf-8")
