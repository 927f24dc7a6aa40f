"""README.md from nbs/index.ipynb, without Quarto: `python .ci/readme.py` writes it, and with it
the pictures of the home page and the card made of the first."""
import base64
import re
import sys

import card
import tree
import yaml
from tree import NBS, ROOT, SITE

INDEX = NBS / "index.ipynb"


def cells():
    "The cells of the index as (kind, source, outputs)."
    return tree.cells(INDEX)


def unexecuted():
    "The cells of the index that are there for their output and have none."
    return [source.splitlines()[-1] for kind, source, outputs in cells()
        if kind == "code" and "#| echo: false" in source and not outputs]


def place(link):
    "Where a link of the index leads from the README: into nbs/, or to what the site alone has."
    if link.endswith(".qmd") and not (NBS / link).is_file():
        return f"{SITE}/{link.removesuffix('.qmd')}.html"
    return f"{NBS.name}/{link}"


def pictures():
    "The stored pictures of the index by file name, with their alt texts."
    found = {}
    for _, source, outputs in cells():
        for png in (out["data"]["image/png"] for out in outputs if tree.has_picture([out])):
            alt = re.search(r"#\| fig-alt: (.*)", source)
            name = f"index-{len(found) + 1}.png"
            found[name] = (unquoted(alt[1]) if alt else "", base64.b64decode("".join(png)))
    return found


def unquoted(value):
    "What a YAML string says, quoted or not."
    return yaml.safe_load(value)


def output(out, names):
    "An output as markdown: as it is, as a link to a picture, or as a block of code."
    data = out.get("data", {})
    if "text/markdown" in data:
        return "".join(data["text/markdown"])
    if "image/png" in data:
        name, (alt, _) = next(names)
        return f"![{alt}](images/{name})"
    text = "".join(data.get("text/plain", out.get("text", "")))
    return f"```\n{text.rstrip()}\n```" if text.strip() else ""


def parts():
    "What of the index stands in the README, piece by piece."
    names = iter(pictures().items())
    for kind, source, outputs in cells():
        if kind == "markdown":
            yield re.sub(r"^:::.*\n*", "", source, flags=re.M) # boxes of the site alone
        elif kind == "code" and "#| hide" not in source:
            code = "\n".join(line for line in source.splitlines() if not line.startswith("#|"))
            if code.strip() and "#| echo: false" not in source:
                yield f"```python\n{code.strip()}\n```"
            yield from filter(None, (output(out, names) for out in outputs))


def readme():
    "The text of the README."
    text = "\n\n".join(part.strip() for part in parts()) + "\n"
    link = re.compile(r"\]\((?!https?:|#|nbs/|LICENSE)([^)]+)\)")
    return link.sub(lambda found: f"]({place(found[1])})", text)


if __name__ == "__main__":
    if missing := unexecuted():
        sys.exit(f"nbs/index.ipynb: {len(missing)} cells have no output, execute it first; "
            f"the last one ends with {missing[-1]}")
    (NBS / "images").mkdir(exist_ok=True)
    for name, (_, png) in pictures().items():
        (NBS / "images" / name).write_bytes(png)
    (ROOT / "README.md").write_text(readme(), encoding="utf-8")
    card.write()
