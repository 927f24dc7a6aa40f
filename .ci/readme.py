"""README.md from nbs/index.ipynb, without Quarto: `python .ci/readme.py` writes it."""
import base64
import json
import re
import sys

from badges import CFG, ROOT


def cells():
    "The cells of the index as (kind, source, outputs)."
    for cell in json.loads((ROOT / "nbs/index.ipynb").read_text(encoding="utf-8"))["cells"]:
        yield cell["cell_type"], "".join(cell["source"]), cell.get("outputs", [])


def unexecuted():
    "The cells of the index that are there for their output and have none."
    return [source.splitlines()[-1] for kind, source, outputs in cells() if kind == "code" and "#| echo: false" in source and not outputs]


def place(link):
    "Where a link of the index leads from the README: into nbs, or to the site for pages that are made with it."
    made = link.endswith(".qmd") and not (ROOT / "nbs" / link).is_file()
    return f"{CFG['doc_host']}{CFG['doc_baseurl']}/{link.removesuffix('.qmd')}.html" if made else f"nbs/{link}"


def pictures():
    "The stored pictures of the index by file name, with their alt texts."
    found = {}
    for _, source, outputs in cells():
        for out in outputs:
            if "image/png" in out.get("data", {}):
                alt = re.search(r"#\| fig-alt: (.*)", source)
                found[f"index-{len(found) + 1}.png"] = (alt[1] if alt else "", base64.b64decode("".join(out["data"]["image/png"])))
    return found


def output(out, names):
    "An output as markdown: as it is if it is markdown, a link if it is a picture, else a code block."
    data = out.get("data", {})
    if "text/markdown" in data:
        return "".join(data["text/markdown"])
    if "image/png" in data:
        name, (alt, _) = next(names)
        return f"![{alt}](images/{name})"
    text = "".join(data.get("text/plain", out.get("text", "")))
    return f"```\n{text.rstrip()}\n```" if text.strip() else ""


def readme():
    "The text of the README."
    parts, names = [], iter(pictures().items())
    for kind, source, outputs in cells():
        if kind == "markdown":
            parts.append(re.sub(r"^> (?=\S)", "> ", source))
        elif kind == "code" and "#| hide" not in source:
            code = "\n".join(line for line in source.splitlines() if not line.startswith("#|"))
            if code.strip() and "#| echo: false" not in source:
                parts.append(f"```python\n{code.strip()}\n```")
            parts += filter(None, (output(out, names) for out in outputs))
    text = "\n\n".join(p.strip() for p in parts) + "\n"
    return re.sub(r"\]\((?!https?:|#|nbs/|LICENSE)([^)]+)\)", lambda m: f"]({place(m[1])})", text)


if __name__ == "__main__":
    if missing := unexecuted():
        sys.exit(f"nbs/index.ipynb: {len(missing)} cells have no output, execute it first; the last one ends with {missing[-1]}")
    (ROOT / "nbs/images").mkdir(exist_ok=True)
    for name, (_, png) in pictures().items():
        (ROOT / "nbs/images" / name).write_bytes(png)
    (ROOT / "README.md").write_text(readme(), encoding="utf-8")
