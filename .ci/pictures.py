"""The stored figures of the site as WebP: a chart without loss, a scan at a third of its bytes.

Notebooks keep PNG, which every reader of notebooks shows; a page need not carry its weight.
`python .ci/pictures.py NOTEBOOK...` gives their large figures a palette of 256 colours, which
halves them; to be called where a notebook has grown over the limit of the checks."""
import base64
import json
import re
import sys
from io import BytesIO
from pathlib import Path

from PIL import Image

LINKED = re.compile(r'((?:src|href)=")([^":]+_files/[^":]+)\.png(?=")')
INLINE = re.compile(r'(?<=src=")data:image/png;base64,([\w+/=]+)(?=")')
QUALITY = 90 # where loss saves bytes
LARGE = 200_000 # bytes of a stored figure that is worth a palette


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


def with_palette(png):
    "A picture of at most 256 colours, or as it was where that saves little."
    picture = Image.open(BytesIO(png))
    rgb, file = picture.convert("RGB"), BytesIO()
    few = rgb.quantize(palette=rgb.quantize(256))
    colours, ground = few.getpalette(), 3 * few.getpixel((0, 0))
    colours[ground : ground + 3] = rgb.getpixel((0, 0)) # white stays white
    few.putpalette(colours)
    few.save(file, "PNG", optimize=True, dpi=picture.info.get("dpi"))
    return file.getvalue() if len(file.getvalue()) < .8 * len(png) else png


def slimmed(path):
    "A notebook with its large figures in 256 colours; bytes saved."
    text = path.read_text(encoding="utf-8")
    notebook = json.loads(text)
    for out in (out for cell in notebook["cells"] for out in cell.get("outputs", [])):
        png = base64.b64decode("".join(out.get("data", {}).get("image/png", "")))
        if len(png) > LARGE:
            out["data"]["image/png"] = base64.b64encode(with_palette(png)).decode()
    slim = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    path.write_text(slim, encoding="utf-8")
    return len(text) - len(slim)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(f"{name}: {slimmed(Path(name)):,} bytes less")
