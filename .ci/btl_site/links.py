"""Links of a page: names of the package to their places, relative; the badge without a picture."""
import posixpath
import re
from urllib.parse import urlsplit

from nbdev.config import get_config
from nbdev.doclinks import NbdevLookup

# What stays as it is: links with what stands in them, HTML, code in more than one backtick.
KEPT = r"!?\[(?:[^\[\]]|\[[^\[\]]*\])*\](?:\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?: \"[^\"]*\")?\)|\{)"
NAME = re.compile(rf"({KEPT}|<a\b.*?</a>|<summary>.*?</summary>|``.+?``)|`([A-Za-z][\w.]*)(\(\))?`")
BADGE = re.compile(r"<a href=\"([^\"]+)\"><img src=\"[^\"]*colab-badge[^>]*></a>")


def site():
    "Where the site is published."
    cfg = get_config()
    return cfg.doc_host + cfg.doc_baseurl


def relative(found, place):
    "A link into the published site, as seen from a page."
    parts = urlsplit(found.removeprefix(site() + "/"))
    here = place.parent.as_posix()
    own = re.sub(r"^\d+_", "", place.stem) + ".html"
    anchor = f"#{parts.fragment}" if parts.fragment else ""
    if anchor and posixpath.join(here, own).removeprefix("./") == parts.path:
        return anchor
    return posixpath.relpath(parts.path or "index.html", here) + anchor


def inward(text, place):
    "Text whose links into the published site are relative."
    return re.sub(rf"(?<=[(\"]){re.escape(site())}/[^)\s\"]*",
        lambda found: relative(found[0], place), text)


def address(name, place):
    "Where a name is described, as seen from a page; nothing for what is private or unknown."
    if any(part.startswith("_") for part in name.split(".")):
        return None
    found = NbdevLookup().doc(name)
    ours = isinstance(found, str) and found.startswith(site() + "/")
    return relative(found, place) if ours else found


def linked_line(line, place):
    "A line whose names in backticks lead to their descriptions, unless they stand in a link."
    def put(found):
        to = None if found[1] else address(found[2], place)
        return f"[{found[0]}]({to})" if to else found[0]
    return NAME.sub(put, line)


def linked(text, place):
    "Markdown with its names linked; headings and code are left alone."
    lines, fence = [], ""
    for line in text.splitlines():
        mark = re.match(r"\s*(`{3,}|~{3,})", line)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        elif not fence and not line.startswith(("#", "    ")):
            line = linked_line(line, place)
        lines.append(line)
    return "\n".join(lines)


def badge_as_link(text):
    "The Colab badge as a link in words: its picture would come from elsewhere."
    return BADGE.sub(r"[Open in Colab](\1){.colab}", text)
