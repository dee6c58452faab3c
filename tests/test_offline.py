"""Pages open anywhere: they refer to nothing outside their folder, and a browser asks the network for nothing."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import threading
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path

import pytest
from paper_edition import every_combination, write_edition

from plananalysis import editions, tables
from plananalysis.reports import report

ROOT = Path(__file__).parents[1]
CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
FETCHING = {
    "src",
    "href",
    "srcset",
    "action",
    "formaction",
    "poster",
    "data",
    "background",
    "cite",
    "ping",
    "manifest",
    "xlink:href",
}
FORBIDDEN = {"script", "iframe", "object", "embed", "link", "base", "form", "audio", "video", "source"}
NAMES = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}  # names of languages, which nobody fetches


class Scanner(HTMLParser):
    """Collects what a page refers to and the places others can refer to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.outside: list[str] = []
        self.inside: list[str] = []
        self.ids: set[str] = set()
        self.policy = ""
        self.in_style = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.in_style = tag == "style"
        self.ids.add(given.get("id", ""))
        if tag in FORBIDDEN or (tag == "meta" and given.get("http-equiv", "").lower() == "refresh"):
            self.outside.append(f"<{tag}>")
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"]
        for name, value in given.items():
            if name.startswith("on"):
                self.outside.append(f"{name}={value}")
            elif name in FETCHING and not value.startswith("data:"):
                (self.outside if re.match(r"\s*([a-z][a-z0-9+.-]*:|//)", value, re.IGNORECASE) else self.inside).append(
                    value
                )
            elif name == "style":
                self.outside += css_references(value)
            elif "://" in value and value not in NAMES and name not in ("content", "aria-label", "title"):
                self.outside.append(value)

    handle_startendtag = handle_starttag

    def handle_endtag(self, tag: str) -> None:
        self.in_style = self.in_style and tag != "style"

    def handle_data(self, data: str) -> None:
        if self.in_style:
            self.outside += css_references(data)


def css_references(css: str) -> list[str]:
    """Addresses outside the page in a style sheet."""
    found = re.findall(r"@import[^;]*", css)
    return found + [a for a in re.findall(r"url\(\s*['\"]?([^)'\"]*)", css) if not a.startswith(("data:", "#"))]


def dead_links(folder: Path, pages: dict[str, Scanner]) -> list[str]:
    """Links to files or places that do not exist."""
    dead = []
    for name, page in pages.items():
        for link in page.inside:
            file, _, place = link.partition("#")
            target = pages.get(file or name)
            missing_file = target is None and not (folder / file).is_file()
            missing_place = target is not None and place and place not in target.ids
            if missing_file or missing_place:
                dead.append(f"{name}: {link}")
    return dead


def scanned(folder: Path) -> dict[str, Scanner]:
    return {path.name: Scanner(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.html"))}


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*.*")) if p.name != "run.json"
    }


@pytest.fixture(scope="module")
def paper(tmp_path_factory):
    """The committed notebooks on an edition with every outlook of every kind of target."""
    root = tmp_path_factory.mktemp("paper")
    write_edition(root, every_combination(), fictional=True)
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    outcome = report(root, "paper", as_of=2025)
    assert outcome.failed == []
    return root / "reports"


@pytest.mark.parametrize(
    "bad",
    [
        "<img src='http://a.example/x.png'>",
        "<img src='//a.example/x.png'>",
        "<a href='https://a.example'>x</a>",
        "<link rel='stylesheet' href='x.css'>",
        "<script>1</script>",
        "<style>@import 'x.css';</style>",
        "<style>p{background:url(x.png)}</style>",
        "<p style='background:url(http://a.example)'>",
        "<p onclick='x()'>",
        "<meta http-equiv='refresh' content='0'>",
        "<svg><image xlink:href='http://a.example/x.png'/></svg>",
    ],
)
def test_references_are_found(bad):
    assert Scanner(bad).outside


@pytest.mark.parametrize(
    "good",
    [
        "<a href='index.html#W03'>x</a>",
        "<img src='data:image/png;base64,AA'>",
        "<p>见 http://a.example</p>",
        "<svg xmlns='http://www.w3.org/2000/svg'></svg>",
    ],
)
def test_text_and_neighbours_are_not_taken_for_references(good):
    assert Scanner(good).outside == []


def test_no_page_refers_to_anything_outside(paper):
    for name, page in {**scanned(paper / "paper" / "2025"), **scanned(paper)}.items():
        assert page.outside == [], name


def test_every_page_forbids_the_browser_to_fetch_or_run_anything(paper):
    for name, page in {**scanned(paper / "paper" / "2025"), **scanned(paper)}.items():
        allowed = dict(part.split(" ", 1) for part in page.policy.split("; "))
        assert allowed["default-src"] == "'none'", name
        assert {v for k, v in allowed.items() if k in ("img-src", "font-src")} == {"data:"}
        assert "script-src" not in allowed and "connect-src" not in allowed


def test_every_link_leads_somewhere(paper):
    folder = paper / "paper" / "2025"
    assert dead_links(folder, scanned(folder)) == []
    assert dead_links(paper, scanned(paper)) == []


def test_pages_are_small_enough_to_send(paper):
    sizes = {path.name: path.stat().st_size for path in (paper / "paper" / "2025").glob("*.html")}
    assert sizes.pop("index.html") < 2_000_000
    assert max(sizes.values()) < 1_000_000


@contextmanager
def recording_proxy():
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
                    requests.append(connection.recv(4096).decode("latin-1").split("\r\n")[0])
                except OSError:
                    requests.append("?")

    threading.Thread(target=listen, daemon=True).start()
    try:
        yield server.getsockname()[1], requests
    finally:
        server.close()


def opened_in_browser(page: Path, profile: Path) -> tuple[str, list[str]]:
    """The page as the browser holds it after loading, and what it asked the network for."""
    with recording_proxy() as (port, requests):
        command = [
            *(
                CHROMIUM,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--no-first-run",
            ),
            *("--disable-component-update", "--disable-sync", "--disable-extensions", f"--user-data-dir={profile}"),
            *(
                f"--proxy-server=http://127.0.0.1:{port}",
                "--proxy-bypass-list=<-loopback>",
                "--virtual-time-budget=3000",
            ),
            *("--dump-dom", page.as_uri()),
        ]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120, check=True)
    return done.stdout, [r for r in requests if not re.search(r"google|gstatic|gvt1", r)]  # the browser's own errands


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine; CI has one")
def test_browser_asks_the_network_for_nothing(paper, tmp_path):
    for name in ("index.html", "women.health.html"):
        held, requests = opened_in_browser(paper / "paper" / "2025" / name, tmp_path / name)
        assert "纸上区" in held
        assert requests == [], name


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine; CI has one")
def test_browser_would_be_caught_asking(tmp_path):
    page = tmp_path / "bad.html"
    page.write_text("<!doctype html><p>x</p><img src='http://reports.invalid/logo.png'>", encoding="utf-8")
    assert any("reports.invalid" in request for request in opened_in_browser(page, tmp_path / "profile")[1])


@pytest.mark.slow
def test_all_areas_of_this_project_are_offline_linked_and_the_same_twice(tmp_path):
    roots = [tmp_path / name for name in ("first", "again")]
    shutil.copytree(ROOT / "data" / "raw", roots[0] / "data" / "raw")
    shutil.copytree(ROOT / "notebooks", roots[0] / "notebooks")
    areas = tables.areas(roots[0])
    assert {"china", "example", "jiangbei"} <= set(areas)
    for area in areas:
        editions.build(roots[0], area)
    shutil.copytree(roots[0], roots[1])
    assert report(roots[0], areas).failed == []
    assert report(roots[1], "example").failed == []
    again = bytes_of(roots[1] / "reports" / "example")
    assert again and again == bytes_of(roots[0] / "reports" / "example")
    for run in sorted((roots[0] / "reports").glob("*/*/run.json")):
        pages = scanned(run.parent)
        assert len(pages) > 10
        assert [f"{name}: {page.outside}" for name, page in pages.items() if page.outside] == []
        assert dead_links(run.parent, pages) == []
        sizes = {p.name: p.stat().st_size for p in run.parent.glob("*.html")}
        assert all(size < (2_000_000 if name == "index.html" else 1_000_000) for name, size in sizes.items()), sizes
