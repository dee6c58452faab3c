"""A small driver for the system's Chromium: the DevTools protocol over two pipes, with nothing but the standard library.

The browser reads commands on its file descriptor 3 and answers on 4, each a JSON text ended by a NUL byte; no port is
opened and no address is known to anybody else. Every request that leaves a page would have to go through a proxy that
answers nothing and remembers who asked.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import importlib.util
import itertools
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
OWN_ERRANDS = re.compile(r"google|gstatic|gvt1")  # what a browser asks for itself, page or no page
SWITCHES = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars", "--mute-audio"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"),
    *("--disable-dev-shm-usage", "--disable-default-apps", "--remote-debugging-pipe"),
)
ARRIVED = "document.readyState === 'complete' && document.body?.innerText.trim()"  # and not the blank page in between
PHONE = {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True}
DESK = {"width": 1280, "height": 900, "deviceScaleFactor": 1, "mobile": False}
# Runs before the page's own first line: what moved after it was drawn, and what the policy refused.
WATCH = """
window.__moved = 0; window.__refused = [];
new PerformanceObserver(l => l.getEntries().forEach(e => window.__moved += e.value)).observe({type: 'layout-shift', buffered: true});
document.addEventListener('securitypolicyviolation', e => window.__refused.push(e.violatedDirective + ' ' + e.blockedURI));
"""

AXE = importlib.util.find_spec("axe_playwright_python")  # None: without axe
# Questions to a page: what axe finds wrong, what sticks out of it, when it was loaded and drawn, and where the keyboard is.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE_RUN = """axe.run(document, {runOnly: %s, resultTypes: ['violations']%s}).then(found => found.violations.map(
  v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.target.join(' ') + ' ' + n.html.slice(0, 120)).join(' | ')))"""
AXE_ALL = AXE_RUN % (json.dumps(TAGS), ", rules: {'color-contrast': {enabled: innerWidth > 500}}")
AXE_CONTRAST = AXE_RUN % ("{type: 'rule', values: ['color-contrast']}", "")
OUTSIDE = "[...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.scroll')).map(e => e.outerHTML.slice(0, 90)).slice(0, 3)"
LOADED = """new Promise(done => new PerformanceObserver(() => done([
  performance.getEntriesByType('navigation')[0].loadEventEnd,
  performance.getEntriesByName('first-contentful-paint')[0].startTime])).observe({type: 'paint', buffered: true}))"""
FOCUSED = """(() => { const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
  const seen = r.width > 0 && r.height > 0 && r.bottom > 0 && r.top < innerHeight && r.right > 0 && r.left < innerWidth;
  return [e.matches('.skip') ? 'skip' : e.closest('nav') ? 'nav' : e.closest('th') && e.matches('button') ? 'sort' : e.tagName.toLowerCase(),
    seen && (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2), e.outerHTML.slice(0, 100)]; })()"""


class ProtocolError(RuntimeError):
    """The browser refused a command."""


class Browser:
    """One running Chromium.

    Parameters
    ----------
    profile
        Folder for its profile; the caller deletes it.
    proxy
        Port on this machine of a proxy that every request has to go through; None for a browser that asks directly.
    """

    def __init__(self, profile: Path, proxy: int | None) -> None:
        ours, theirs = _pipe(), _pipe()  # commands, answers
        command = [
            *(CHROMIUM or "chromium", *SWITCHES, f"--user-data-dir={profile}"),
            *((f"--proxy-server=http://127.0.0.1:{proxy}", "--proxy-bypass-list=<-loopback>") if proxy else ()),
            "about:blank",
        ]

        def place() -> None:
            os.dup2(ours[0], 3)
            os.dup2(theirs[1], 4)

        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"LC_ALL": "C.UTF-8"},  # else names of files in Chinese get lost where no language is set
            close_fds=False,
            preexec_fn=place,
            start_new_session=True,
        )
        os.close(ours[0])
        os.close(theirs[1])
        self._commands, self._answers = ours[1], theirs[0]
        self._numbers = itertools.count(1)
        self._rest = b""
        self._events: dict[str, list[dict[str, Any]]] = {}

    def send(self, method: str, session: str = "", timeout: float = 180, **params: Any) -> dict[str, Any]:
        """Do one command and return its result; events that arrive meanwhile are kept."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params} | ({"sessionId": session} if session else {})
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + timeout
        while True:
            answer = self._next(until)
            if answer.get("id") != number:
                continue
            if "error" in answer:
                raise ProtocolError(f"{method}: {answer['error'].get('message')}")
            return answer["result"]

    def wait(self, session: str, method: str, timeout: float = 180, **wanted: Any) -> None:
        """Wait for an event of this name with these parameters, unless it has arrived already."""
        until = time.monotonic() + timeout
        while not any(wanted.items() <= event.items() for event in self.events(session, method)):
            self._next(until)

    def events(self, session: str, method: str) -> list[dict[str, Any]]:
        return [e["params"] for e in self._events.get(session, []) if e["method"] == method]

    def forget(self, session: str) -> None:
        self._events.pop(session, None)

    def _next(self, until: float) -> dict[str, Any]:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._answers], [], [], max(0.0, until - time.monotonic()))
            chunk = os.read(self._answers, 1 << 20) if ready else b""
            if not chunk:
                raise TimeoutError("the browser does not answer" if not ready else "the browser has gone")
            self._rest += chunk
        text, _, self._rest = self._rest.partition(b"\0")
        message = json.loads(text)
        if "method" in message:
            self._events.setdefault(message.get("sessionId", ""), []).append(message)
        return message

    def page(self, **shape: Any) -> Page:
        return Page(self, shape or PHONE)

    def close(self) -> None:
        with contextlib.suppress(OSError, ProtocolError, TimeoutError):
            self.send("Browser.close", timeout=5)
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        os.close(self._commands)
        os.close(self._answers)


class Page:
    """One tab, as wide as a phone or a desk."""

    def __init__(self, browser: Browser, shape: dict[str, Any]) -> None:
        self._browser = browser
        self._target = browser.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = browser.send("Target.attachToTarget", targetId=self._target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.send(f"{domain}.enable")
        self.send("Page.setLifecycleEventsEnabled", enabled=True)
        self.send("Emulation.setFocusEmulationEnabled", enabled=True)
        self.send("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
        self.reshape(**shape)

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        return self._browser.send(method, self._session, **params)

    def events(self, method: str) -> list[dict[str, Any]]:
        return self._browser.events(self._session, method)

    def reshape(self, **shape: Any) -> None:
        self.send("Emulation.setDeviceMetricsOverride", **shape)

    def open(self, address: str) -> None:
        """Load a page and wait until it has been drawn."""
        self.send("Page.bringToFront")  # a tab behind another one is not drawn
        for place in ("about:blank", address):  # without the first, another place on the same page would load nothing
            self._browser.forget(self._session)
            self.load(place)
        self("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")

    def load(self, address: str) -> None:
        """Go to a page and wait until it is loaded; this one, not the one before it."""
        loader = self.send("Page.navigate", url=address)["loaderId"]
        self._browser.wait(self._session, "Page.lifecycleEvent", name="load", loaderId=loader)

    def until(self, condition: str, seconds: float = 300) -> None:
        """Wait until a JavaScript condition holds, whatever pages come and go meanwhile."""
        until = time.monotonic() + seconds
        while True:
            with contextlib.suppress(ProtocolError):  # between two pages there is nobody to ask
                if self(f"!!({condition})"):
                    return
            assert time.monotonic() < until, (condition, self("document.body.innerText"))
            time.sleep(0.05)

    def __call__(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page; a promise is waited for."""
        given = {
            "expression": expression,
            "awaitPromise": True,
            "returnByValue": True,
            "allowUnsafeEvalBlockedByCSP": True,
        }
        answer = self.send("Runtime.evaluate", **given)
        if "exceptionDetails" in answer:
            raise ProtocolError(json.dumps(answer["exceptionDetails"])[:800])
        return answer["result"].get("value")

    def axe(self, question: str = AXE_ALL) -> list[str]:
        """What axe finds wrong on the page as it is now, by default of everything but the contrast on a phone."""
        if not self("'axe' in window"):
            source = Path(AXE.submodule_search_locations[0], "axe.min.js").read_text(encoding="utf-8")
            self.send("Runtime.evaluate", expression=source)
        return self(question)

    def press(self, key: str, code: int = 0, text: str = "", modifiers: int = 0) -> None:
        """Press and release a key, as a person would."""
        given = {"key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": modifiers}
        self.send("Input.dispatchKeyEvent", type="keyDown", text=text, **given)
        self.send("Input.dispatchKeyEvent", type="keyUp", **given)

    def complaints(self) -> list[str]:
        """Errors on the console, exceptions, and what the policy refused."""
        logged = [e["entry"] for e in self.events("Log.entryAdded")]
        called = [e for e in self.events("Runtime.consoleAPICalled") if e["type"] in ("error", "assert")]
        thrown = [e["exceptionDetails"]["text"] for e in self.events("Runtime.exceptionThrown")]
        return [
            *(e["text"] for e in logged if e["level"] == "error"),
            *(str(e["args"]) for e in called),
            *(thrown + self("window.__refused")),
        ]

    def requests(self) -> list[str]:
        """Addresses the page asked for, but for itself and what is written inside it."""
        asked = [e["request"]["url"] for e in self.events("Network.requestWillBeSent")]
        return [a for a in asked if not a.startswith(("data:", "file:"))] + [
            a for a in asked if a.startswith("file:") and a.partition("#")[0] != self("location.href.split('#')[0]")
        ]

    def close(self) -> None:
        self._browser.send("Target.closeTarget", targetId=self._target)


def _pipe() -> tuple[int, int]:
    """Both ends of a pipe, out of the way of the numbers 3 and 4."""
    low = os.pipe()
    high = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in low)
    for end in low:
        os.close(end)
    return high[0], high[1]


@contextmanager
def recording_proxy() -> Iterator[tuple[int, list[str]]]:
    """A proxy that answers nothing and remembers the first line of every request."""
    server = socket.create_server(("127.0.0.1", 0))
    requests: list[str] = []

    def listen() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(2)
                try:
                    line = connection.recv(4096).decode("latin-1").split("\r\n")[0]
                except OSError:
                    line = "?"
                if not OWN_ERRANDS.search(line):
                    requests.append(line)

    threading.Thread(target=listen, daemon=True).start()
    try:
        yield server.getsockname()[1], requests
    finally:
        server.close()


def printed(page: Page, file: Path) -> bytes:
    page.open(file.as_uri())
    return base64.b64decode(page.send("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"])


def sheets(pdf: bytes, folder: Path) -> list[str]:
    """Text of every sheet."""
    file = folder / "printed.pdf"
    file.write_bytes(pdf)
    done = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, check=True)
    return done.stdout.decode("utf-8").split("\f")[:-1]
