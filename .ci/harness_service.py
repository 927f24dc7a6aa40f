"""Part of harness.py: the app of a small run among good, bad and slow clients, and thieves."""
import contextlib
import json
import os
import random
import re
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SECRET = "the secret word 8d1f"
CLIENTS = 16


def free_port():
    "A port that nobody listens at."
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def asked(url, data=None, kind=None, method=None, headers=None):
    "Status and body of an answer."
    headers = (headers or {}) | ({"content-type": kind} if kind else {})
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def form(*files, **fields):
    "A form with files of (name, bytes): body and content type."
    edge, parts = uuid.uuid4().hex, []
    for name, data in files:
        head = f'form-data; name="files"; filename="{name}"'
        parts.append(f"--{edge}\r\ncontent-disposition: {head}\r\n\r\n".encode() + data + b"\r\n")
    for name, value in fields.items():
        head = f'form-data; name="{name}"'
        parts.append(f"--{edge}\r\ncontent-disposition: {head}\r\n\r\n{value}\r\n".encode())
    return b"".join([*parts, f"--{edge}--\r\n".encode()]), f"multipart/form-data; boundary={edge}"


@contextlib.contextmanager
def service(folder):
    "The app of the small run in a process: its port, the process, and what it complains to."
    from harness_runs import small_run
    run, port, log = small_run(folder), free_port(), folder / "service.log"
    (folder / "uploads").mkdir(exist_ok=True)
    with open(log, "w") as errors:
        process = subprocess.Popen(["btl_app", str(run), "--port", str(port)], cwd=folder,
            stdout=errors, stderr=errors, env=os.environ | {"TMPDIR": str(folder / "uploads")})
        try:
            for _ in range(1800):
                if process.poll() is not None:
                    raise RuntimeError(log.read_text()[-300:])
                with contextlib.suppress(OSError):
                    asked(f"http://127.0.0.1:{port}/health")
                    break
                time.sleep(.1)
            yield port, process, log
        finally:
            process.kill()
            process.wait()


def routes():
    "Path of every address that Gradio has, read from its own table."
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    import gradio
    from gradio.routes import App

    def every(table):
        for route in table:
            if hasattr(route, "effective_candidates"):
                yield from every(route.effective_candidates())
            else:
                yield route.path
    return sorted(set(every(App.create_app(gradio.Blocks()).routes)))


def hidden(folder):
    "A file with a secret, a link to it, a named pipe, and their folder."
    place = folder / "elsewhere"
    place.mkdir()
    (place / "secret.txt").write_text(SECRET)
    (place / "link.png").symlink_to(place / "secret.txt")
    os.mkfifo(place / "pipe.png")
    return [place / "secret.txt", place / "link.png", place / "pipe.png", place, "/etc/hostname"]


def bodies(place):
    "Bodies that name a file as Gradio's own page would."
    file = {"path": str(place), "orig_name": "a.png", "meta": {"_type": "gradio.FileData"}}
    whole = dict(data=[[file], file, False, .5], fn_index=0, trigger_id=1, session_hash="abc")
    for body in (whole, file, dict(whole, data=[file]), dict(whole, fn_index=1)):
        yield json.dumps(body).encode(), "application/json"
    yield form(("a.png", str(place).encode()))


def attempts(folder, n):
    "Address, body and content type of requests for n made-up files at every address of Gradio."
    places = hidden(folder)
    for i, path in enumerate(routes()):
        for place in (places[(i + k) % len(places)] for k in range(n)):
            filled = re.sub(r"{\w+}", "abc", re.sub(r"{\w*:path}", str(place), path))
            yield filled, None, None
            yield f"{filled}?path={place}&deep_link={place}", None, None
            for body, kind in bodies(place):
                yield filled, body, kind


def theft(url, own, address, body, kind):
    "What is wrong with the answer to a made-up file, or None."
    status, said = asked(url + address, body, kind)
    if SECRET.encode() in said or len(own) > 4 and said.strip().strip(b'"') == own:
        return f"{address}: gives the file away"
    return f"{address}: status {status}" if status >= 500 or body and status < 400 else None


def thefts(url, folder, n):
    "Every address with n made-up files, three at a time: tried, and what came out or went wrong."
    own = Path("/etc/hostname").read_bytes().strip() if os.path.exists("/etc/hostname") else b"-"
    with ThreadPoolExecutor(3) as pool:
        faults = list(pool.map(lambda ask: theft(url, own, *ask), attempts(folder, n)))
    return len(faults), [fault for fault in faults if fault]


def good(url, picture, known, wrong):
    "Somebody who wants an answer."
    status, said = asked(f"{url}/predict", *form(("a.png", picture)))
    if status == 503:
        return
    p = json.loads(said)["results"][0]["probabilities"] if status == 200 else {}
    if not p or max(abs(p[name] - known[name]) for name in known) > 1e-4:
        wrong.append(f"a good request: status {status}, {said[:100]!r}")


def bad(url, picture, rng, wrong):
    "Somebody who tries what comes to mind."
    from harness_readers import dicom, looping

    from brain_tumor_tl.deploy.intake import mutant
    import numpy as np
    source = np.random.default_rng(rng.randrange(10**9))
    what = rng.randrange(6)
    body, kind = form(("a.png", mutant(picture, source)))
    if what == 1:
        body, kind = form(("../../a.dcm", mutant(dicom(), source)))
    elif what == 2:
        body, kind = form(("a.dcm", looping()))
    elif what == 3:
        body, kind = form(("a.png", picture), slice=rng.choice(["nan", "-1", "1e999", "x"]))
    elif what == 4:
        body = body[:rng.randrange(len(body))]
    elif what == 5:
        body, kind = rng.randbytes(1000), rng.choice(["application/json", "text/plain", kind])
    path = rng.choice(["/predict", "/cases", "/example", "/gradio_api/queue/join"])
    status, said = asked(url + path, body, kind)
    if status >= 500 and status != 503 or b"Traceback" in said:
        wrong.append(f"a bad request ({what}) to {path}: status {status}, {said[:100]!r}")


def slow(port, rng):
    "Somebody who begins and does not end."
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)) as s:
        head = b"POST /predict HTTP/1.1\r\nhost: localhost\r\n"
        more = b"content-type: multipart/form-data; boundary=a\r\ncontent-length: 9999\r\n\r\n--a"
        s.sendall(rng.choice([b"", head, head + more]))
        time.sleep(rng.uniform(.5, 2))


def crowd(port, seconds, hostile):
    "Clients of all kinds at once, until enough were hostile: how many of each kind, and faults."
    from harness_readers import picture
    url, image, wrong = f"http://127.0.0.1:{port}", picture("PNG"), []
    known = json.loads(asked(f"{url}/predict", *form(("a.png", image)))[1])["results"][0]
    end, counts = time.monotonic() + seconds, dict.fromkeys(("good", "bad", "slow"), 0)

    def client(k):
        rng, kind = random.Random(k), ("good", "good", "bad", "slow")[k % 4]
        while time.monotonic() < end or counts["bad"] + counts["slow"] < hostile:
            try:
                if kind == "good":
                    good(url, image, known["probabilities"], wrong)
                elif kind == "bad":
                    bad(url, image, rng, wrong)
                else:
                    slow(port, rng)
            except OSError as error:
                wrong.append(f"a {kind} request: {type(error).__name__}: {error}")
            counts[kind] += 1

    threads = [threading.Thread(target=client, args=(k,)) for k in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return counts, wrong


def end_of(port, process):
    "Told to end while connections are held: what is wrong with how it does."
    held = [socket.create_connection(("127.0.0.1", port)) for _ in range(8)]
    for s in held:
        s.sendall(b"POST /predict HTTP/1.1\r\nhost: localhost\r\ncontent-length: 99\r\n\r\nx")
    start = time.monotonic()
    process.send_signal(signal.SIGTERM)
    try:
        status = process.wait(10)
        return [] if status == 0 else [f"exit {status}"]
    except subprocess.TimeoutExpired:
        return [f"still there after {time.monotonic() - start:.0f} s"]


def at_the_door(port):
    "Who is turned away before anything is read: tried, and what went wrong."
    url, image, wrong = f"http://127.0.0.1:{port}", form(("a.png", b"x")), []
    cases = [
        (403, "POST", "/predict", {"origin": "http://evil.example"}),
        (403, "POST", "/cases", {"origin": "null"}),
        (403, "POST", "/example", {"sec-fetch-site": "cross-site"}),
        (400, "GET", "/health", {"host": "evil.example"}),
        (405, "GET", "/predict", {}),
        (405, "DELETE", "/predict", {}),
        (404, "POST", "/gradio_api/upload", {}),
    ]
    for expected, method, path, headers in cases:
        body, kind = image if method == "POST" else (None, None)
        status, _ = asked(url + path, body, kind, method, headers)
        wrong += [f"{method} {path} {headers}: status {status}"] if status != expected else []
    return len(cases), wrong


def rows(folder, size):
    with service(folder) as (port, process, log):
        url = f"http://127.0.0.1:{port}"
        stolen, wrong = thefts(url, folder, size["places"])
        yield "made-up files to every address of Gradio", stolen, wrong
        yield "foreign pages, other names, other methods", *at_the_door(port)
        counts, wrong = crowd(port, size["seconds"], size["requests"] - stolen)
        hostile = counts["bad"] + counts["slow"]
        yield f"{stolen + hostile} hostile requests so far"
        lost = [line for line in wrong if line.startswith("a good")]
        wrong = [line for line in wrong if line not in lost]
        yield f"bad and slow requests among {CLIENTS} clients", hostile, wrong
        yield "right answers to good requests among them", counts["good"], lost
        status, said = asked(f"{url}/health")
        yield "alive afterwards", 1, [] if status == 200 else [f"health {status}: {said[:200]}"]
        left = {path.name for path in (folder / "uploads").iterdir()}
        left -= {"__pycache__"} # of code that TensorFlow writes and Python compiles
        yield "no file left by uploads", 1, [f"left: {sorted(left)}"] if left else []
        yield "an end within 10 s of SIGTERM", 1, end_of(port, process)
        said = log.read_text()
        yield "no traceback in its log", 1, [said[-300:]] if "Traceback" in said else []
