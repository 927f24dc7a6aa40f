"""Stored outputs as a page shows them: tables that line up, headings outside the page's outline.

Quarto loads jQuery and require.js from elsewhere where an output is `text/html`. The same HTML as
a raw block of Markdown needs neither."""
import re
from html.parser import HTMLParser

from .links import inward

NUMBER = re.compile(r"[<>~±+−-]?\s*[\d.,]+\s*(?:%|x|s|GB|MB)?(?:\s*(?:±|\(|to|of|/|\[|-|–).*)?|"
    r"(?i:nan|none|inf)|[-–—]?")
RULED = re.compile(r"^\|?[ :|-]*-[ :|-]*$")
DIGITS = 4 # behind the point


class Table(HTMLParser):
    "Rows and cells of a table of pandas."
    def __init__(self, html):
        super().__init__()
        self.rows, self.part, self.cell = [], "", None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag in ("thead", "tbody", "caption", "style"):
            self.part = tag
        elif tag == "tr":
            self.rows.append((self.part, []))
        elif tag in ("th", "td") and self.rows:
            span = {k: int(found.get(k) or 1) for k in ("colspan", "rowspan")}
            self.cell = dict(tag=tag, text="", **span)
            self.rows[-1][1].append(self.cell)
        elif tag == "br" and self.cell is not None:
            self.cell["text"] += "\n"

    def handle_endtag(self, tag):
        if tag in ("th", "td"):
            self.cell = None

    def handle_data(self, data):
        if self.cell is not None and self.part != "style":
            self.cell["text"] += data


def placed(rows):
    "Each cell of a table with the column that it stands in."
    left = {} # column: rows that a cell from above still covers
    for _, cells in rows:
        column = 0
        taken = {k for k, n in left.items() if n > 0}
        left = {k: n - 1 for k, n in left.items() if n > 1}
        for cell in cells:
            while column in taken:
                column += 1
            cell["column"] = column
            if cell["rowspan"] > 1:
                left |= {column + k: cell["rowspan"] - 1 for k in range(cell["colspan"])}
            column += cell["colspan"]
    return rows


def is_number(text):
    "Is this an entry of a column of numbers?"
    return bool(NUMBER.fullmatch(text.strip()))


def numeric(entries):
    "Are these the entries of a column of numbers?"
    return any(re.search(r"\d", text) for text in entries) and all(map(is_number, entries))


def rounded(entries):
    "Numbers of one column with equally many digits behind the point, at most four if they say it."
    plain = [re.fullmatch(r"-?\d+\.(\d+)", text.strip()) for text in entries]
    if not all(plain) or not entries:
        return entries
    digits = max(len(found[1].rstrip("0")) for found in plain) or 1
    small = [abs(float(text)) for text in entries if float(text)]
    if digits > DIGITS and min(small) >= 10 ** (2 - DIGITS): # two digits are left at least
        digits = DIGITS
    digits = max(digits, min(3, *(len(found[1]) for found in plain)))
    return [f"{float(text):.{digits}f}" for text in entries]


def escaped(text):
    "Text for HTML, safe from Pandoc."
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").strip()


def as_html(cell, right):
    "A cell with its place; a number that is not there as a dash."
    spans = "".join(f' {k}="{cell[k]}"' for k in ("colspan", "rowspan") if cell[k] > 1)
    number = ' class="number"' if cell["column"] in right and cell["colspan"] == 1 else ""
    text = "–" if cell["text"].strip() == "NaN" else escaped(cell["text"])
    return f"<{cell['tag']}{spans}{number}>{text}</{cell['tag']}>"


def table(html):
    "A table of pandas: numbers to the right and with equal digits, no style of its own."
    rows = placed(Table(html).rows)
    body = [cells for part, cells in rows if part == "tbody"]
    columns = {}
    for cell in (cell for cells in body for cell in cells if cell["tag"] == "td"):
        columns.setdefault(cell["column"], []).append(cell)
    right = set()
    for column, cells in columns.items():
        texts = [cell["text"] for cell in cells]
        if numeric(texts):
            right.add(column)
            for cell, text in zip(cells, rounded(texts)):
                cell["text"] = text
    heads = [cells for part, cells in rows if part == "thead"]
    lines = []
    for tag, part in (("thead", heads), ("tbody", body)):
        inner = "\n".join(f"<tr>{''.join(as_html(c, right) for c in cells)}</tr>" for cells in part)
        lines.append(f"<{tag}>\n{inner}\n</{tag}>")
    notes = re.findall(r"<p>(\d+ rows × \d+ columns)</p>", html)
    said = "".join(f"<p class=\"shape\">{note}</p>" for note in notes)
    start = '<table class="table pandas" data-quarto-disable-processing="true">'
    return f"{start}\n{''.join(lines)}\n</table>{said}"


def without_headings(html):
    "HTML whose headings are no part of the page's outline."
    html = re.sub(r"<h([1-6])\b([^>]*)>", r'<p class="heading-\1"\2>', html)
    return re.sub(r"</h[1-6]>", "</p>", html)


def aligned(text):
    "Tables of Markdown whose columns of numbers stand to the right."
    lines = text.splitlines()
    for i in (i for i, line in enumerate(lines) if i and RULED.match(line) and "|" in line):
        end = next((k for k in range(i + 1, len(lines)) if "|" not in lines[k]), len(lines))
        rows = [[cell.strip() for cell in line.strip().strip("|").split("|")]
            for line in lines[i + 1 : end]]
        rules = lines[i].strip().strip("|").split("|")
        for k, rule in enumerate(rules):
            entries = [row[k] for row in rows if k < len(row)]
            if ":" not in rule and numeric([re.sub(r"[*`]", "", text) for text in entries]):
                rules[k] = rule.strip() + ":"
        lines[i] = "|" + "|".join(rules) + "|"
    return "\n".join(lines)


def quiet(text):
    "Markdown of an output whose headings are no part of the page's outline."
    text = re.sub(r"^#{1,6} +(.+)$", r"**\1**", text, flags=re.M)
    return aligned(text)


def shown(out, place):
    "An output as the page shows it, which lies at a place below nbs/."
    data = out.get("data", {})
    if html := "".join(data.get("text/html", "")):
        html = table(html) if "<table" in html and "<thead" in html else without_headings(html)
        rest = {k: v for k, v in data.items() if k not in ("text/html", "text/plain")}
        out["data"] = rest | {"text/markdown": f"```{{=html}}\n{html.strip()}\n```\n"}
    elif markdown := "".join(data.get("text/markdown", "")):
        out["data"] = data | {"text/markdown": inward(quiet(markdown), place)}
    return out
