"""The first page as it is seen: one screen on a desk and the answer on a phone, one sheet when it is printed, in Word and in PDF."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from browser import CHROMIUM, DESK, PHONE, Page, printed, sheets

from plananalysis.pages import open_edition, papers
from plananalysis.pages.one_page import headline, one_page
from plananalysis.render.blocks import Facts, flat, plain

AREAS = {"example": 2025, "jiangbei": 2025, "china": 2024}
NEXT = "现状如何，预计能实现多少项"  # the heading after the first page
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine; CI has one"),
    pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is missing"),
]
BELOW = "(s => { const e = document.querySelector(s); return e ? e.getBoundingClientRect().bottom : 0; })"


@pytest.fixture(scope="module")
def root(every_area: Path) -> Path:
    assert set(AREAS) <= {p.name for p in (every_area / "reports").iterdir()}
    return every_area


@pytest.fixture(scope="module")
def page(proxied):
    made = proxied[0].page(**DESK)
    yield made
    made.close()


def file_of(root: Path, area: str) -> Path:
    return root / "reports" / area / str(AREAS[area]) / "index.html"


def bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def last_words(root: Path, area: str) -> str:
    """The end of the first page: its last fact, or the last unit of its list."""
    edition = open_edition(area, AREAS[area], root).seen_by("overview")
    facts = [content for b in flat(one_page(edition)) if isinstance(b, Facts) for _, content in b.pairs]
    return bare(plain(facts[-1])) if facts else "另有13个单位"


@pytest.mark.parametrize("area", AREAS)
def test_the_first_screen_of_a_desk_holds_the_sentence_the_numbers_and_who_must_act(root: Path, page: Page, area: str):
    page.reshape(width=1280, height=800, deviceScaleFactor=1, mobile=False)
    page.open(file_of(root, area).as_uri())
    assert page("document.querySelector('.one-page').getBoundingClientRect().top") <= 90
    for what in (".headline", ".key-numbers", "table.must-act", ".one-page .counts-block"):
        assert page(f"{BELOW}('{what}')") <= 800, what
    assert page("window.__moved") == 0


@pytest.mark.parametrize("area", AREAS)
def test_a_phone_shows_the_sentence_and_the_numbers_without_scrolling(root: Path, page: Page, area: str):
    page.reshape(**PHONE)
    page.open(file_of(root, area).as_uri())
    assert page(f"{BELOW}('.headline')") <= PHONE["height"] * 0.6
    assert page(f"{BELOW}('.key-numbers')") <= PHONE["height"]
    assert page("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("area", AREAS)
def test_printed_the_first_page_is_one_sheet(root: Path, page: Page, area: str, tmp_path: Path):
    page.reshape(**DESK)
    first, second, *_ = map(bare, sheets(printed(page, file_of(root, area)), tmp_path))
    edition = open_edition(area, AREAS[area], root).seen_by("overview")
    assert bare(headline(edition)) in first and last_words(root, area) in first
    assert bare(NEXT) in second and bare(NEXT) not in first


@pytest.mark.parametrize("area", AREAS)
def test_in_pdf_the_first_page_is_one_sheet(root: Path, area: str, tmp_path: Path):
    pytest.importorskip("typst")
    made = papers.pdfs_of(open_edition(area, AREAS[area], root))
    for name, begins in (("brief.pdf", "一、预计达标项数"), ("report.pdf", "根据《")):
        first, second, *_ = map(bare, sheets(made[name](), tmp_path))
        assert last_words(root, area) in first, name
        assert bare(begins) in second and bare(begins) not in first, name


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is missing")
@pytest.mark.parametrize("area", AREAS)
def test_in_word_the_first_page_is_one_sheet(root: Path, area: str, tmp_path: Path):
    (tmp_path / "report.docx").write_bytes(papers.files_for_all(open_edition(area, AREAS[area], root))["report.docx"]())
    profile = f"-env:UserInstallation={(tmp_path / 'office').as_uri()}"
    convert = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", tmp_path, tmp_path / "report.docx"]
    subprocess.run(convert, check=True, capture_output=True)
    first, second, *_ = map(bare, sheets((tmp_path / "report.pdf").read_bytes(), tmp_path))
    assert last_words(root, area) in first
    assert "根据《" in second and "根据《" not in first


def test_past_outlooks_are_signs_on_a_screen_and_words_to_the_pointer_on_paper_and_on_a_phone(root: Path, page: Page):
    page.reshape(**DESK)
    page.open(file_of(root, "example").as_uri())
    signs = page("document.querySelectorAll('table.rows td.past .past-signs').length")
    assert signs > 80
    assert page("[...document.querySelectorAll('.past-signs')].every(s => /\\d{4}.*年/.test(s.title))")
    width = "document.querySelector('table.rows td.past .past-words').getBoundingClientRect().width"
    assert page(width) <= 1
    page.send("Emulation.setEmulatedMedia", media="print")
    assert page(width) > 20
    page.send("Emulation.setEmulatedMedia", media="")
    page.reshape(**PHONE)
    assert page(width) > 20
