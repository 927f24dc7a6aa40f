"""What Quarto leaves to be done on the site in _docs: `python .ci/finish.py`, once after it.

The search index without folded source and slides, with an entry a function and a number a lesson;
of the bar at the top only the page that is open is marked as the current one; and figures are
WebP."""
import json
import posixpath
import re
from html.parser import HTMLParser

from pictures import lightened
from tree import CFG, ROOT, files

DOCS = ROOT / CFG["doc_path"]
LEFT_OUT = {"details", "script", "style", "nav", "header", "button", "math", "svg"}
EMPTY = {"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
CURRENT = re.compile(r'<a class="nav-link active" href="([^"]+)" aria-current="page">')
SLIDES, LISTS = "slides.html", {"reference.html"} # lists name what has a page of its own
BUTTONS = {"colab", "source", "quarto-back-to-top", "anchorjs-link"} # they say nothing of the page


class Sections(HTMLParser):
    "The text of a page by its sections of second and third rank; closed boxes are left out."
    def __init__(self, html):
        super().__init__()
        self.found = [dict(id="", heading="", text="")] # the words before the first heading
        self.inside, self.skipped, self.in_heading, self.open = False, 0, False, []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag == "main":
            self.inside = True
        if not self.inside or tag in EMPTY:
            return
        kinds = {*(found.get("class") or "").split(), found.get("id")}
        if self.skipped or tag in LEFT_OUT or kinds & BUTTONS:
            self.skipped += 1
        elif tag == "section" and kinds & {"level2", "level3"}:
            self.open.append(len(self.found))
            self.found.append(dict(id=found.get("id", ""), heading="", text=""))
        elif tag == "section":
            self.open.append(self.here())
        elif tag in ("h2", "h3"):
            self.in_heading = True

    def handle_endtag(self, tag):
        if tag == "main":
            self.inside = False
        if not self.inside or tag in EMPTY:
            return
        if self.skipped:
            self.skipped -= 1
        elif tag == "section" and self.open:
            self.open.pop()
        elif tag in ("h2", "h3"):
            self.in_heading = False

    def here(self):
        "The section that words belong to."
        return self.open[-1] if self.open else 0

    def handle_data(self, data):
        if self.inside and not self.skipped:
            section = self.found[self.here()]
            section["heading" if self.in_heading else "text"] += data


def squeezed(text):
    "Text with single blanks."
    return " ".join(text.replace("\ufeff", "").split())


def lesson_title(title):
    "A title that is found by 'lesson 21' too."
    return re.sub(r"^(\d+)\. ", r"Lesson \1: ", title)


def entries(name, title, crumbs):
    "What the search knows of a page: one entry for its opening, one a section."
    html = (DOCS / name).read_text(encoding="utf-8")
    for section in Sections(html).found[: 1 if name in LISTS else None]:
        href = f"{name}#{section['id']}" if section["id"] else name
        text, heading = squeezed(section["text"]), squeezed(section["heading"])
        if text or heading or not section["id"]:
            yield dict(objectID=href, href=href, title=lesson_title(title), section=heading,
                text=text, crumbs=crumbs)


def index(known):
    "The search index, with the titles and trails that Quarto gave."
    pages = {}
    for entry in known:
        name = entry["href"].partition("#")[0]
        pages.setdefault(name, (re.sub(r"^Lesson (\d+): ", r"\1. ", entry["title"]),
            entry.get("crumbs")))
    return [entry for name, (title, crumbs) in sorted(pages.items())
        if name != SLIDES and (DOCS / name).is_file() for entry in entries(name, title, crumbs)]


def marked(html, name):
    "A page on which the bar marks no page but this one."
    def put(found):
        target = posixpath.normpath(posixpath.join(posixpath.dirname(name), found[1]))
        return found[0] if target == name else f'<a class="nav-link" href="{found[1]}">'
    return CURRENT.sub(put, html)


if __name__ == "__main__":
    place = DOCS / "search.json"
    known = json.loads(place.read_text(encoding="utf-8"))
    place.write_text(json.dumps(index(known), ensure_ascii=False, indent=0), encoding="utf-8")
    for path in files(DOCS, "*.html"):
        html = marked(path.read_text(encoding="utf-8"), path.relative_to(DOCS).as_posix())
        path.write_text(lightened(html, path.parent), encoding="utf-8")
