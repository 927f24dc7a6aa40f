"""What must hold of the rendered site in a browser, with no network: `python .ci/checks.py screen`.

Left out, and said so, where no Chromium with its driver is installed."""
import functools
import http.server
import shutil
import threading
from contextlib import contextmanager
from functools import cache

import finish
from on_site import DOCS, pages

PHONE, DESK = (390, 844), (1400, 900)
PAGES_404 = {"404.html"} # its addresses begin at the root of the published site
SCREENSHOTS = {"app.html", "deploy/app.html"} # pictures of a screen, as it is
CONTRAST = 4.5
MEASURE = """
const luminance = c => {
  const [r, g, b] = c.map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
  return .2126 * r + .7152 * g + .0722 * b;
};
const parts = c => {
  const n = c.match(/[\\d.]+/g).map(Number);
  return n.length < 4 ? [...n, 1] : n;
};
const over = (a, b) => [0, 1, 2].map(i => a[i] * a[3] + b[i] * (1 - a[3]));
const faint = {};
const words = 'code, a, figcaption, summary, p, li, td, th, h1, h2, h3';
for (const e of document.querySelectorAll(words)) {
  if (!e.checkVisibility() || !e.textContent.trim() || e.closest('svg, pre')) continue;
  const style = getComputedStyle(e), large = parseFloat(style.fontSize) >= 24;
  const layers = [];
  for (let p = e; p; p = p.parentElement) {
    layers.unshift(parts(getComputedStyle(p).backgroundColor));
    if (layers[0][3] == 1) break;
  }
  const ground = layers.reduce((under, layer) => over(layer, under), [255, 255, 255]);
  const ink = over(parts(style.color), ground);
  const [a, b] = [luminance(ink), luminance(ground)];
  const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
  const name = e.tagName + '.' + e.className;
  if (contrast < (large ? 3 : arguments[0])) faint[name] = contrast.toFixed(1);
}
const tall = e => e.getBoundingClientRect().height > 1.6 * parseFloat(
  getComputedStyle(e).lineHeight);
const lines = [...document.querySelectorAll('main pre.sourceCode code > span[id]')].filter(
  e => e.checkVisibility() && tall(e));
const cut = [...document.querySelectorAll('main .cell-output pre, main pre.sourceCode')].filter(
  e => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1);
const width = document.documentElement.scrollWidth;
const drawn = [...document.querySelectorAll('main img[src*="_files/"]')].filter(
  e => e.checkVisibility() && e.complete && e.clientWidth);
const ratio = e => e.naturalWidth / e.clientWidth;
const name = e => e.getAttribute('src').split('/').pop();
const blunt = drawn.filter(e => ratio(e) < 1.9).map(name);
const shrunk = drawn.filter(e => (e.getAttribute('width') || e.naturalWidth / 2)
  > 1.3 * e.clientWidth).map(name);
return {width, blunt, shrunk, faint, wrapped: lines.length, cut: cut.length};
"""

SLIDE = """
Reveal.configure({fragments: false, transition: 'none'});
const all = Reveal.getSlides(), wrong = [];
const floor = () => document.querySelector('.reveal > .footer').getBoundingClientRect().top;
all.forEach((slide, i) => {
  const at = Reveal.getIndices(slide);
  Reveal.slide(at.h, at.v);
  const boxes = [...slide.querySelectorAll('*')].filter(e => !e.closest('aside'));
  const bottom = Math.max(...boxes.map(e => e.getBoundingClientRect().bottom));
  const wide = [...slide.querySelectorAll('pre')].some(e => e.scrollWidth > e.clientWidth + 1);
  const title = (slide.querySelector('h1, h2') || slide).textContent.trim();
  if (bottom > floor() + 1 || wide) wrong.push(title);
});
return wrong;
"""


def programs():
    "The browser and its driver; nothing where one is missing."
    names = ("chromium", "chromium-browser", "google-chrome")
    browser = next(filter(None, map(shutil.which, names)), None)
    driver = shutil.which("chromedriver")
    return (browser, driver) if browser and driver else None


@contextmanager
def served():
    "The site at an address of this machine."
    class Quiet(http.server.SimpleHTTPRequestHandler):
        "Files of _docs, without a log."
        def log_message(self, *_):
            pass
    handler = functools.partial(Quiet, directory=str(DOCS))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


@contextmanager
def opened(size, dark):
    "A browser without a window and without any network but this machine."
    from selenium import webdriver
    browser, driver = programs()
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    rules = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    for word in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", rules):
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "SEVERE"})
    found = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    metrics = dict(width=size[0], height=size[1], deviceScaleFactor=1, mobile=False)
    found.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    scheme = dict(name="prefers-color-scheme", value="dark" if dark else "light")
    found.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
    try:
        yield found
    finally:
        found.quit()


@cache
def seen(size, dark):
    "What a browser finds on each page."
    found = {}
    with served() as base, opened(size, dark) as browser:
        for name in sorted(pages().keys() - PAGES_404 - {finish.SLIDES}):
            if "<main" in pages()[name].html: # a moved page only leads on
                browser.get(base + name)
                found[name] = browser.execute_script(MEASURE, CONTRAST)
                found[name]["errors"] = [row["message"] for row in browser.get_log("browser")]
    return found


def no_errors():
    "no page throws an error in a browser without network"
    return [f"{name}: {row['errors'][0]}" for name, row in seen(DESK, False).items()
        if row["errors"]]


def phone_fits():
    "no page is wider than a phone"
    return [f"{name}: {row['width']} pixels" for name, row in seen(PHONE, False).items()
        if row["width"] > PHONE[0]]


def code_in_lines():
    "no line of code wraps or is cut on a screen of 1,400 pixels, and no output is cut"
    return [f"{name}: {row['wrapped']} lines wrap, {row['cut']} outputs cut"
        for name, row in seen(DESK, False).items() if row["wrapped"] or row["cut"]]


def figures_sharp():
    "figures have twice the resolution of the screen and are shrunk by 1.3 at most"
    return [f"{name}: {row['blunt']} blunt, {row['shrunk']} shrunk"
        for name, row in seen(DESK, False).items()
        if name not in SCREENSHOTS and (row["blunt"] or row["shrunk"])]


def contrast():
    "words stand out from their ground by 4.5 at least, in the light and in the dark"
    return [f"{name}, {ground}: {row['faint']}" for ground in ("light", "dark")
        for name, row in seen(DESK, ground == "dark").items() if row["faint"]]


def slides_fit():
    "no slide reaches under its footer or cuts a line of code"
    with served() as base, opened((1280, 720), False) as browser:
        from selenium.webdriver.support.ui import WebDriverWait
        browser.get(base + finish.SLIDES)
        wait = WebDriverWait(browser, 20)
        wait.until(lambda b: b.execute_script("return window.Reveal && Reveal.isReady()"))
        return browser.execute_script(SLIDE)


def left_out():
    "no Chromium with its driver is here: no page was looked at in a browser"
    return []


CHECKS = (no_errors, phone_fits, code_in_lines, figures_sharp, contrast, slides_fit)
CHECKS = CHECKS if programs() else (left_out,)
