"""An English edition says the same as the Chinese one, in English alone: pages, papers, workbooks, and every number."""

from __future__ import annotations

import inspect
import io
import re
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from xml.sax.saxutils import escape

import openpyxl
import pandas as pd
import pytest
from paper_edition import BRIEF, INDICATORS, METHOD, QUALITY, page, text_of

from plananalysis import editions
from plananalysis.assessments.sentences import pace_clause
from plananalysis.assessments.verdicts import Pace
from plananalysis.base import fonts
from plananalysis.base.errors import UsageError
from plananalysis.base.text import catalogue, language, read_names, speaking, translated
from plananalysis.checks.findings import amount, year_list
from plananalysis.editions.opened import Published
from plananalysis.pages import open_edition
from plananalysis.pages import papers as documents
from plananalysis.plan import load_plan
from plananalysis.plan.names import untranslated
from plananalysis.plan.units import unit_name, with_unit
from plananalysis.render.html import Blocks
from plananalysis.render.quantities import change, change_name, difference, number

ROOT = Path(__file__).parents[1]
CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff01-\uff65]+")
MARKED = re.compile(r'<(\w+)[^>]*\blang="zh"[^>]*>(.*?)</\1>', re.DOTALL)
CITED = re.compile(
    r'<td[^>]*class="[^"]*source[^"]*".*?</td>|<q>.*?</q>', re.DOTALL
)  # where a published value stands, as it is called there
AREAS = {"jiangbei": 2025, "china": 2024}


def built(tmp: Path, *areas: str) -> Path:
    """A project with the real raw data and editions of some areas."""
    (tmp / "data").mkdir()
    (tmp / "data" / "raw").symlink_to(ROOT / "data" / "raw")
    (tmp / "notebooks").symlink_to(ROOT / "notebooks")
    for area in areas:
        editions.build(tmp, area)
    return tmp


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("english"), *AREAS)


def pages_of(edition: Published, domains: int, units: int) -> dict[str, str]:
    made = {"index": page(edition.brief(), BRIEF), "quality": page(edition.quality_page(), QUALITY)}
    made["method"] = page(edition.method_page(), METHOD)
    made["indicators"] = page(edition.indicators_page(), INDICATORS)
    made |= {code: every_block(edition.domain_page(code)) for code in edition.domain_codes[:domains]}
    codes = [r.text("unit") for r in edition.records("completeness")][:units]
    return made | {code: every_block(edition.unit_page(code)) for code in codes}


def every_block(of: object) -> str:
    """All that a notebook could ask of a page."""
    names = [n for n, m in vars(type(of)).items() if not n.startswith("_") and inspect.isfunction(m)]
    made = [getattr(of, n)() for n in names if len(inspect.signature(getattr(of, n)).parameters) == 0]
    return "".join(block._repr_html_() for block in made if isinstance(block, Blocks))


def chinese_in(markup: str) -> list[str]:
    """Chinese that is not marked as such, and Chinese that is but is no citation."""
    marked = [m[1] for m in MARKED.findall(CITED.sub("", markup))]
    return [*CHINESE.findall(MARKED.sub("", markup)), *marked]


@pytest.mark.parametrize("area", AREAS)
def test_pages_are_english_alone_and_the_font_has_every_glyph(root: Path, area: str):
    made = pages_of(open_edition(area, AREAS[area], root, language="en"), domains=2, units=1)
    assert {name: found for name, text in made.items() if (found := chinese_in(text))} == {}
    assert fonts.missing("".join(map(text_of, made.values()))) == ""


def test_a_chinese_page_has_no_sentence_of_the_english_catalogue(root: Path):
    made = "".join(map(text_of, pages_of(open_edition("jiangbei", 2025, root, language="zh"), 1, 1).values()))
    pieces = {p.strip(" .,;:()“”") for t in english().values() for p in re.split(r"\{[^}]*\}", t)}
    assert {p for p in pieces if p.count(" ") >= 2 and p in made} == set()


def cited_in(workbook: bytes) -> list[str]:
    """Where published values of other places stand, as it is called there; in the words of the file, longest first."""
    head, *lines = [
        line for line in openpyxl.load_workbook(io.BytesIO(workbook))["Other places"].iter_rows(values_only=True)
        if "Code" in line or line[-1]
    ]  # fmt: skip
    assert head[-1] == "Source"
    return sorted({escape(str(line[-1])) for line in lines}, key=len, reverse=True)


def test_papers_and_workbooks_are_english_alone(root: Path):
    facts = open_edition("jiangbei", 2025, root, "en")
    with facts.speaking():
        made = {name: make() for name, make in documents.files_of(facts).items() if "feedback" not in name}
    found = {name: words_of(data) for name, data in made.items()}
    for cited in cited_in(made["tables.xlsx"]):
        found["tables.xlsx"] = found["tables.xlsx"].replace(cited, "")
    assert {"report.docx", "tables.xlsx", "warning_list.docx"} <= set(found)
    assert {name: set(CHINESE.findall(text)) for name, text in found.items() if CHINESE.search(text)} == {}


def test_an_edition_is_built_once_for_both_languages(root: Path):
    assert [p.name for p in (root / "data" / "processed" / "jiangbei").iterdir() if p.name[0] != "."] == ["2025"]
    rows = zip(
        *(open_edition("jiangbei", 2025, root, lang).records("assessments") for lang in ("zh", "en")), strict=True
    )
    told = {(zh.text("outlook") == en.text("outlook"), zh.cells == en.cells) for zh, en in rows}
    assert told == {(True, True)}


def test_opening_an_edition_in_one_language_leaves_another_as_it_is(root: Path):
    chinese = open_edition("jiangbei", 2025, root, "zh")
    before = text_of(page(chinese.brief(), BRIEF))
    english = open_edition("jiangbei", 2025, root, "en")
    page_of_both = chinese.brief(), english.brief()
    first, second = (text_of(page(one, BRIEF)) for one in page_of_both)
    assert first == before and not CHINESE.search(second) and language() == "zh"
    row = english.assessments["W03"]
    assert CHINESE.search(chinese.assessments["W03"].text("reason")) and not CHINESE.search(row.text("reason"))


def test_what_is_spoken_around_a_build_leaves_no_trace_in_it(tmp_path: Path):
    made = []
    for number_, spoken in enumerate(("zh", "en")):
        root = tmp_path / str(number_)
        root.mkdir()
        with speaking(spoken):
            folder = built(root, "china") / "data" / "processed" / "china" / "2024"
        made.append({p.name: p.read_bytes() for p in sorted(folder.iterdir())})
    assert made[0] == made[1]


@pytest.mark.parametrize(
    "asked",
    [
        lambda root: open_edition("jiangbei", 2025, root, "fr"),
        lambda root: load_plan(root, "jiangbei", language="fr"),
    ],
)
def test_a_language_there_is_not_is_refused_by_name(root: Path, asked: Callable[[Path], object]):
    with pytest.raises(UsageError, match="fr"):
        asked(root)


@pytest.mark.parametrize("area", ["jiangbei", "example", "china"])
def test_every_name_of_a_plan_has_an_english_one_and_codes_stay(area: str):
    chinese, english = load_plan(ROOT, area), load_plan(ROOT, area, language="en")
    with speaking("en", read_names(ROOT)):
        assert untranslated(english) == []
        assert not CHINESE.search(english.name + english.outline.title + "".join(english.domains["name"]))
    pd.testing.assert_index_equal(chinese.series.index, english.series.index)
    for column in ("indicator", "unit", "decimals", "responsible_units", "rhythm", "groups"):
        pd.testing.assert_series_equal(chinese.series[column], english.series[column])
    assert chinese.series["name"].nunique() == english.series["name"].nunique()  # two series must not read as one
    assert untranslated(chinese) == []


def test_a_name_without_a_translation_stays_and_known_pieces_are_put_together(tmp_path: Path):
    with speaking("en", read_names(ROOT)):
        assert translated("区卫健委") == "District Health Commission"
        assert translated("没有译名的单位") == "没有译名的单位"
        assert translated("个案随访管理(虚构)") == "Follow-up of each case (fictional)"
        assert translated("提高;降低") == "Rise; fall"
        assert translated("提高;没有译名") == "提高;没有译名"
        assert translated("由公布值推算:95.5-0.3") == "worked out from published values: 95.5 − 0.3"
    assert translated("区卫健委") == "区卫健委"


def test_a_unit_of_the_plans_own_is_written_apart_and_asked_to_be_named():
    plan = load_plan(ROOT, "jiangbei")
    plan.series.loc["C23", "unit"] = "所"
    assert (number(12, "所", 0), difference(3, "所", 0), unit_name("所"), untranslated(plan)) == (
        "12所",
        "3所",
        "所",
        [],
    )
    with speaking("en", read_names(ROOT)):
        plan = load_plan(ROOT, "jiangbei")
        plan.series.loc["C23", "unit"] = "所"
        assert (number(12, "所", 0), difference(3, "所", 0), unit_name("所")) == ("12 所", "3 所", "所")
        assert ["所" in sentence for sentence in untranslated(plan)] == [True]


def test_english_numbers_carry_their_units_and_thousands():
    with speaking("en"):
        assert number(93.10, "%", 2) == "93.1%"
        assert number(8, "1/10万", 2) == "8 per 100,000"
        assert number(81.65, "岁", 1) == "81.7 years"
        assert number(1, "件", 0) == "1 case"
        assert number(12.3, "万人", 2) == "123,000 persons"
        assert number(12.34, "万人", 2) == "123,400 persons"
        assert number(12345, "件", 0) == "12,345 cases"
        assert number(-0.5, "%", 1) == "−0.5%"
        assert difference(-0.9, "%", 1) == "0.9 percentage points"
        assert difference(1, "%", 1) == "1 percentage point"
        assert difference(0.02, "万人", 2) == "200 persons"
        assert difference(2, "件", 0) == "2 cases"
        assert with_unit("92.60", "%") == "92.60%"
        assert (unit_name("女=100"), change_name("%")) == ("females = 100", "percentage points")
        assert (amount("24.73", "万人"), amount("0", "1/10万")) == ("247,300 persons", "0 per 100,000")
        assert year_list([2012, 2013, 2014, 2016]) == "2012–2014, 2016"
        clause = pace_clause(
            SimpleNamespace(unit="%", direction=1, decimals=1, years=[2020, 2025]),
            Pace(0.5, -0.2, float("nan"), 2020),
            promising=True,
        )
    assert "rise of 0.5 percentage points" in clause and "fall of 0.2 percentage points" in clause
    assert number(12.3, "万人", 2) == "12.3万人"
    assert [change(v, "%", 1) for v in (0.0, 0.04, 0.06, -2.0)] == ["持平", "持平", "+0.1个百分点", "−2个百分点"]


@pytest.mark.slow
def test_a_full_edition_is_english(tmp_path: Path):
    """The example has what other areas lack: every outlook, measures, groups, corrections, findings of every kind."""
    root = built(tmp_path, "example")
    made = pages_of(open_edition("example", 2025, root, language="en"), domains=6, units=2)
    assert {name: found for name, text in made.items() if (found := chinese_in(text))} == {}
    paper = open_edition("example", 2025, root, "en")
    files = documents.files_of(paper)
    some = [*(n for n in files if "/" not in n), *sorted(n for n in files if "/" in n)[::7]]
    with paper.speaking():
        found = {name: words_of(files[name]()) for name in some}
    assert len(found) >= 6
    assert {name: set(CHINESE.findall(text)) for name, text in found.items() if CHINESE.search(text)} == {}


def words_of(data: bytes) -> str:
    """The text of a paper or workbook; names of fonts and styles are no text."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = [
            n for n in archive.namelist() if re.search(r"document|header|footer|sharedStrings|sheet\d|workbook", n)
        ]
        xml = "".join(archive.read(n).decode("utf-8") for n in parts if n.endswith(".xml"))
    named = re.findall(r"<(?:sheet|table|v:shape)\b[^>]*\bname=\"([^\"]*)", xml) + re.findall(
        r"\bstring=\"([^\"]*)", xml
    )
    return " ".join([re.sub(r"<[^>]*>", " ", xml), *named])


@cache
def english() -> dict[str, str]:
    zh = catalogue("zh")
    return {key: text for key, text in catalogue("en").items() if text != zh.get(key)}
