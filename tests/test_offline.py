"""Pages open anywhere: they refer to nothing outside their folder; what a browser does with them is in test_browser."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from paper_edition import every_combination, write_edition

from plananalysis.reports import report

ROOT = Path(__file__).parents[1]
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
FORBIDDEN = {"iframe", "object", "embed", "link", "base", "form", "audio", "video", "source"}
NAMES = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}  # names of languages, which nobody fetches


class Scanner(HTMLParser):
    """Collects what a page refers to and the places others can refer to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.outside: list[str] = []
        self.inside: list[str] = []
        self.ids: set[str] = set()
        self.classes: set[str] = set()
        self.policy = ""
        self.scripts: list[str] = []
        self.inner = ""  # the style or script element that is open
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.inner = tag if tag in ("style", "script") else ""
        if tag == "script" and given == {"type": "application/json"}:
            self.inner = ""  # data, which no browser runs
        elif tag == "script":
            self.scripts.append("")
            self.outside += [f"<script {name}>" for name in given]
        self.ids.add(given.get("id", ""))
        self.classes.update(given.get("class", "").split())
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
        self.inner = "" if tag == self.inner else self.inner

    def handle_data(self, data: str) -> None:
        if self.inner == "style":
            self.outside += css_references(data)
        if self.inner == "script":
            self.scripts[-1] += data
            self.outside += re.findall(
                r"\b(?:fetch|XMLHttpRequest|WebSocket|EventSource|sendBeacon|import)\b|//\w", data
            )


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
def paper(tmp_path_factory, crew):
    """The committed notebooks on an edition with every outlook of every kind of target."""
    root = tmp_path_factory.mktemp("paper")
    write_edition(root, every_combination(), fictional=True)
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    outcome = report(root, "paper", as_of=2025, pool=crew)
    assert outcome.failed == []
    return root / "reports"


@pytest.mark.parametrize(
    "bad",
    [
        "<img src='http://a.example/x.png'>",
        "<img src='//a.example/x.png'>",
        "<a href='https://a.example'>x</a>",
        "<link rel='stylesheet' href='x.css'>",
        "<script src='x.js'></script>",
        "<script>fetch('x')</script>",
        "<script type='module'>1</script>",
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


def test_every_page_forbids_the_browser_to_fetch_anything_and_to_run_anything_but_its_own_script(paper):
    for name, page in {**scanned(paper / "paper" / "2025"), **scanned(paper)}.items():
        allowed = dict(part.split(" ", 1) for part in page.policy.split("; "))
        assert allowed["default-src"] == "'none'", name
        assert {v for k, v in allowed.items() if k in ("img-src", "font-src")} <= {"data:"}
        assert "connect-src" not in allowed
        digests = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in page.scripts]
        assert allowed.get("script-src", "") == " ".join(f"'sha256-{d}'" for d in digests), name
        assert len(digests) == 1 or (digests == [] and "sorted" not in page.classes), name


def test_the_script_of_a_page_can_be_read_in_one_sitting_and_says_nothing_itself():
    scripts = sorted((ROOT / "src/plananalysis/template/plan/static").glob("*.js"))
    assert len(scripts) == 7
    for script in scripts:
        text = script.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 120, script.name
        assert text.isascii(), script.name  # words come from the catalogue, through the page


def test_every_link_leads_somewhere(paper):
    folder = paper / "paper" / "2025"
    assert dead_links(folder, scanned(folder)) == []
    assert dead_links(paper, scanned(paper)) == []


def test_pages_are_small_enough_to_send(paper):
    sizes = {path.name: path.stat().st_size for path in (paper / "paper" / "2025").glob("*.html")}
    assert sizes.pop("index.html") < 2_000_000
    assert max(sizes.values()) < 1_000_000


@pytest.mark.slow
def test_all_areas_of_this_project_are_offline_linked_and_the_same_twice(every_area, tmp_path, crew):
    for name in ("data", "notebooks"):
        shutil.copytree(every_area / name, tmp_path / name)
    assert report(tmp_path, "example", documents=False, pool=crew).failed == []
    again = bytes_of(tmp_path / "reports" / "example")
    assert again and again == bytes_of(every_area / "reports" / "example")
    for run in sorted((every_area / "reports").glob("*/*/run.json")):
        pages = scanned(run.parent)
        assert len(pages) > 10
        assert [f"{name}: {page.outside}" for name, page in pages.items() if page.outside] == []
        papers = re.compile(
            r"index\.html: documents/(feedback|letters)/\w+\.(xlsx|docx)"
        )  # not made here, see conftest
        assert [dead for dead in dead_links(run.parent, pages) if not papers.fullmatch(dead)] == []
        sizes = {p.name: p.stat().st_size for p in run.parent.glob("*.html")}
        assert all(size < (2_000_000 if name == "index.html" else 1_000_000) for name, size in sizes.items()), sizes
