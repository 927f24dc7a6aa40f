"""The stored figures of the site as WebP: a chart without loss, a scan at a third of its bytes.

Notebooks keep PNG, which every reader of notebooks shows; a page need not carry its weight."""
import base64
import re
from io import BytesIO

from PIL import Image

LINKED = re.compile(r'((?:src|href)=")([^":]+_files/[^":]+)\.png(?=")')
INLINE = re.compile(r'(?<=src=")data:image/png;base64,([\w+/=]+)(?=")')
QUALITY = 90 # where loss saves bytes


def webp(png):
    "A picture as WebP, without loss where that takes no more bytes than with it."
    picture = Image.open(BytesIO(png)).convert("RGBA")
    picture = picture if picture.getextrema()[3][0] < 255 else picture.convert("RGB")
    found = []
    for options in (dict(lossless=True, quality=50), dict(quality=QUALITY)):
        file = BytesIO()
        picture.save(file, "WEBP", **options)
        found.append(file.getvalue())
    return min(found, key=len)


def lightened(html, folder):
    "A page in a folder whose figures are WebP; the PNG files that it showed are replaced."
    def file(found):
        png = folder / f"{found[2]}.png"
        if png.is_file():
            png.with_suffix(".webp").write_bytes(webp(png.read_bytes()))
            png.unlink()
        there = png.with_suffix(".webp").is_file()
        return f"{found[1]}{found[2]}.{'webp' if there else 'png'}"
    def inline(found):
        picture = webp(base64.b64decode(found[1]))
        return f"data:image/webp;base64,{base64.b64encode(picture).decode()}"
    return INLINE.sub(inline, LINKED.sub(file, html))
