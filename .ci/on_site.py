"""What must hold of the rendered site in `_docs`."""
import json
import posixpath
import re
from functools import cache
from html.parser import HTMLParser
from urllib.parse import unquote

import finish
import on_pages
from tree import CFG, MACHINE, NBS, ROOT, SITE, code_cells, files, has_picture, notebooks, ours

DOCS = ROOT / CFG["doc_path"]
PICTURES = {"og:image", "twitter:image"}
LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}
STAY = {"canonical", "alternate", "next", "prev"} # links in the head that load nothing
MANY_SCANS = {"slides.html", "beyond/audit.html", "data/duplicates.html", "data/simulation.html",
    "deploy/figures.html"} # pages that may weigh more than the others
WEIGHT = 1e6 # bytes of a page and its own pictures
SOUGHT = {"drop_leaks": "dataset.html#drop_leaks", "grad-cam": "gradcam.html",
    "lesson 21": "commands.html", "threshold": "threshold.html"}


class Page(HTMLParser):
    "What a page has: ids, links, pictures, and the links around pictures."
    def __init__(self, path):
        super().__init__()
        self.name = path.relative_to(DOCS).as_posix()
        self.html = path.read_text(encoding="utf-8")
        self.ids, self.links, self.pictures, self.badges = set(), [], [], []
        self.loaded, self.current, self.heads = [], [], 0
        self.feed(self.html)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.ids |= {found.get("id"), found.get("name")} - {None}
        kind = (found.get("class") or "").split()
        self.heads += tag == "h1"
        if tag in LOADED and found.get("rel") not in STAY:
            self.loaded.append(found.get(LOADED[tag]) or "")
        if tag == "a":
            self.links.append(found.get("href") or "")
            self.badges += [found.get("href") or ""] if "colab" in kind else []
            self.current += [found.get("href")] if "aria-current" in found else []
        elif tag == "img" and (source := found.get("src") or found.get("data-src")):
            self.pictures.append(source)
        elif tag == "meta" and found.get("property", found.get("name")) in PICTURES:
            self.pictures.append(found.get("content") or "")


@cache
def pages():
    "Every rendered page by its place."
    own = (path for path in files(DOCS, "*.html") if "site_libs" not in path.parts)
    return {page.name: page for page in map(Page, own)}


def page_name(path):
    "Where the page of a notebook or .qmd lies."
    name = re.sub(r"^\d+[a-zA-Z0-9]*_", "", path.name.lower()).partition(".")[0] + ".html"
    return posixpath.join(path.parent.relative_to(NBS).as_posix(), name).removeprefix("./")


def inside(page, link):
    "File and anchor of a link within the site; nothing of one that leads elsewhere."
    base = posixpath.dirname(page.name)
    if link.rstrip("/") == SITE or link.startswith(SITE + "/"):
        base, link = "", link.removeprefix(SITE).lstrip("/")
    elif link.startswith(CFG["doc_baseurl"] + "/"): # on 404.html, which stands in for any address
        base, link = "", link.removeprefix(CFG["doc_baseurl"] + "/")
    if not link or link.startswith("http") or on_pages.OUTSIDE.match(link):
        return None
    file, _, anchor = unquote(link).partition("#")
    file = file.partition("?")[0]
    target = posixpath.normpath(posixpath.join(base, file)) if file else page.name
    return ("index.html" if target == "." else target), anchor


def all_pages():
    "every notebook and every .qmd has its page, and no folder of runs has one"
    sources = [*notebooks(), *filter(ours, files(NBS, "*.qmd", "*.qmd.py"))]
    missing = {page_name(path) for path in sources} - pages().keys()
    left = [path for path in files(DOCS, "runs") if path.is_dir()]
    return sorted(missing) + [path.relative_to(ROOT).as_posix() for path in left]


def badges_are_links():
    "every notebook's page has one link to Colab"
    wrong = [f"{name}: {len(pages()[name].badges)} badges" for name in map(page_name, notebooks())
        if name in pages() and len(pages()[name].badges) != 1]
    return wrong + [f"{page.name}: leads to {link or 'nothing'}" for page in pages().values()
        for link in page.badges if not link.startswith("https://colab.research.google.com/")]


def sources_have_lines():
    "every link to a line of our source names a file and a line that are there"
    return [f"{page.name}: {link}: {wrong}" for page in pages().values()
        for link in sorted(set(page.links))
        if link.startswith(on_pages.SOURCE) and (wrong := on_pages.source_fault(link))]


def no_machine():
    "no page and not the search index names a path of the machine the site was made on"
    wrong = []
    for path in [*(DOCS / name for name in pages()), DOCS / "search.json"]:
        text = re.sub(r"data:[\w/+;-]+,[\w+/=]+", "", path.read_text(encoding="utf-8"))
        for pattern in (on_pages.HOME, MACHINE):
            if found := pattern.search(text):
                wrong.append(f"{path.relative_to(DOCS)}: {found[0]}")
                break
    return wrong


def pictures_there():
    "every picture of a page is there"
    return [f"{page.name}: {picture}" for page in pages().values() for picture in page.pictures
        if (found := inside(page, picture)) and not (DOCS / found[0]).is_file()]


def pictures_shown():
    "every picture of a lesson is on its page"
    missing = []
    for path in notebooks():
        stored = sum(has_picture([out]) for _, source, outputs in code_cells(path)
            for out in outputs if "#| hide" not in source)
        page = pages().get(page_name(path))
        shown = len(page.pictures) if page else 0
        missing += [f"{page_name(path)}: {shown} of {stored}"] if shown < stored else []
    return missing


def link_fault(page, link):
    "What is wrong with a link within the site."
    found = inside(page, link)
    if not found:
        return None
    file, anchor = found
    if not (DOCS / file).is_file():
        return "is not there"
    known = file in pages() and anchor and not anchor.startswith("/") # slides number themselves
    return "no such place on the page" if known and anchor not in pages()[file].ids else None


def links_arrive():
    "every link within the site has its page and its place on it"
    return [f"{page.name}: {link}: {wrong}" for page in pages().values()
        for link in sorted(set(page.links)) if (wrong := link_fault(page, link))]


def nothing_from_elsewhere():
    "no page loads a script, a style, a font or a picture from elsewhere"
    wrong = [f"{page.name}: {link[:80]}" for page in pages().values()
        for link in sorted(set(page.loaded)) if re.match(r"(?:https?:)?//", link)]
    styles = [path for path in files(DOCS, "*.css")]
    return wrong + [f"{path.relative_to(DOCS)}: {found[0][:80]}" for path in styles
        if (found := re.search(r"(?:url\(|@import )[\"']?(?:https?:)?//[^)]*",
            path.read_text(encoding="utf-8")))]


def one_title():
    "every page has one heading of the first rank"
    return [f"{page.name}: {page.heads}" for page in pages().values()
        if page.heads != 1 and page.name != finish.SLIDES and "<main" in page.html]


def own_page_marked():
    "the bar at the top marks no page as the current one but that which is open (.ci/finish.py)"
    return [f"{page.name}: {link}" for page in pages().values() for link in page.current
        if link and (found := inside(page, link)) and found[0] != page.name]


def weight(page):
    "Bytes of a page with its own pictures."
    own = {found[0] for link in page.pictures if (found := inside(page, link))}
    return len(page.html.encode()) + sum((DOCS / name).stat().st_size for name in own
        if (DOCS / name).is_file() and not name.startswith("images/card"))


def pages_light():
    "no page is over 1 MB but those that show many scans"
    return [f"{page.name}: {weight(page):,} bytes" for page in pages().values()
        if page.name not in MANY_SCANS and weight(page) > WEIGHT]


def cards_are_files():
    "what a message that links to a page shows is a file of the site"
    return [f"{page.name}: {link[:40]}" for page in pages().values()
        for link in re.findall(r'<meta (?:property|name)="(?:og|twitter):image" content="([^"]*)"',
            page.html) if link.startswith("data:")]


def search_is_ours():
    "the search knows no closed box and no slide, and names what is sought most (.ci/finish.py)"
    known = json.loads((DOCS / "search.json").read_text(encoding="utf-8"))
    wrong = [] if known == finish.index(known) else ["search.json is not that of .ci/finish.py"]
    for words, href in SOUGHT.items():
        named = [entry["href"] for entry in known
            if words in f"{entry['title']} | {entry['section']}".lower()]
        wrong += [] if href in named else [f"{words!r} does not name {href}"]
    return wrong


CHECKS = (all_pages, badges_are_links, sources_have_lines, no_machine, pictures_there,
    pictures_shown, links_arrive, nothing_from_elsewhere, one_title, own_page_marked, pages_light,
    cards_are_files, search_is_ours)
