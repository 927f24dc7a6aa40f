"""The picture that a message with a link to the site shows, nbs/images/card.png, from the first
figure of the home page; `python .ci/readme.py` makes it too."""
from PIL import Image, ImageDraw, ImageFont
from tree import NBS

SIZE = 1200, 630
GROUND, INK, QUIET = "#22313f", "#ffffff", "#b9c7d4"
TITLE = "Transfer learning on brain MRI"
SAID = "Where a usual network looks, and where one looks that was shown the tumour"


def panels(picture):
    "The last two scans of the figure: columns that are not white all the way down."
    grey = picture.convert("L").point(lambda value: 255 * (value > 250))
    rows = grey.crop((0, int(grey.height * .3), grey.width, int(grey.height * .8)))
    blank = [rows.crop((x, 0, x + 1, rows.height)).getextrema()[0] == 255
        for x in range(rows.width)]
    edges = [x for x in range(1, len(blank)) if blank[x] != blank[x - 1]]
    left, right = edges[-4:-2], edges[-2:]
    side = left[1] - left[0]
    bottom = max(y for y in range(grey.height) if grey.getpixel((sum(left) // 2, y)) < 255) + 1
    return [picture.crop((a, bottom - side, b, bottom)) for a, b in (left, right)]


def card(picture):
    "The card, 1200 x 630 pixels."
    sheet = Image.new("RGB", SIZE, GROUND)
    draw = ImageDraw.Draw(sheet)
    draw.text((60, 36), TITLE, INK, ImageFont.load_default(54))
    draw.text((60, 104), SAID, QUIET, ImageFont.load_default(27))
    for x, scan in zip((60, 620), panels(picture)):
        sheet.paste(scan.resize((520, 450), Image.Resampling.LANCZOS, box=crop(scan)), (x, 156))
    return sheet


def crop(scan):
    "The part of a scan with the shape of its place on the card."
    spare = scan.height * (1 - 450 / 520)
    return 0, spare / 2, scan.width, scan.height - spare / 2


def write():
    "Make the card anew."
    picture = Image.open(NBS / "images/index-1.png").convert("RGB")
    card(picture).quantize(256).save(NBS / "images/card.png", optimize=True)


if __name__ == "__main__":
    write()
