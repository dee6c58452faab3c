"""Whatever form it takes, and in either language, an edition says the same value, verdict and order of every row."""

from __future__ import annotations

import io
import itertools
import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paper_edition import DOMAINS, page, row, silent, write_edition

from plananalysis.base.digits import rounded
from plananalysis.base.text import catalogue, say
from plananalysis.editions.opened import Published
from plananalysis.figures.marks import ASSESSABLE, OUTLOOKS
from plananalysis.pages import open_edition, papers
from plananalysis.pages.midterm import progress
from plananalysis.pages.papers.report import report
from plananalysis.pages.papers.sentences import facts
from plananalysis.pages.rows import cuts, missing_leaves
from plananalysis.render.cuts import CUTS, signed, threshold
from plananalysis.render.quantities import Chance, Progress, Share, Value, chance, percent

UNITS = ("%", "‰", "1/10万", "件", "岁", "万人", "名")
EDGES = (
    0.0,
    0.004,
    0.0099,
    0.01,
    0.0949,
    0.0996,
    0.105,
    0.3251,
    0.3299,
    0.33,
    0.505,
    0.655,
    0.658,
    0.6599,
    0.66,
    0.99,
    0.996,
    1.0,
)


def any_rows(seed: int) -> list[dict[str, Any]]:
    """Rows of every outlook with values as they occur: any unit and precision, old values, none, probabilities at the cuts."""
    draw = random.Random(seed)
    rows = []
    for i, (domain, n) in enumerate(itertools.product(DOMAINS, range(7)), start=1):
        code = f"{'W' if domain.startswith('women') else 'C'}{i:03d}"
        unit, decimals, outlook = draw.choice(UNITS), draw.choice((0, 1, 2)), draw.choice(OUTLOOKS)
        now, before, base = (round(draw.uniform(0, 90), decimals) for _ in range(3))
        cells = {
            "unit": unit,
            "decimals": decimals,
            "value": now,
            "previous_value": before,
            "baseline": base,
            "value_year": draw.choice((2025, 2025, 2024)),
            "probability": draw.choice(EDGES) if outlook in ASSESSABLE else None,
            "attribute": draw.choice(("binding", "anticipatory")),
            "alerts": draw.choice(("", "volatile", "both_red;hard_to_reach")),
        }
        made = row(code, outlook, draw.choice(("threshold", "about", "rise")), domain, **cells)
        rows.append(silent(code, domain=domain, plan=domain.partition(".")[0]) if n == 6 else made)
    return rows


def editions_of(root: Path, seed: int) -> dict[str, Published]:
    write_edition(root, any_rows(seed), fictional=True)
    return {language: open_edition("paper", 2025, root, language) for language in ("zh", "en")}


def each_speaking(editions: dict[str, Published]) -> Iterator[tuple[str, Published]]:
    """Every edition while its language is spoken."""
    for language, edition in editions.items():
        with edition.speaking():
            yield language, edition


# ---- what each form shows of a row: value, outlook, probability -------------------------------------------------------

Shown = dict[str, tuple[str, str, str]]


def bare(text: str) -> str:
    return re.sub(r"[\s,]", "", text)


def html_shows(edition: Published) -> Shown:
    found = re.search(r"<table.*?</table>", page(edition.brief(), ["rows"]), re.DOTALL)[0]
    found = re.sub(r"<svg.*?</svg>", "", found, flags=re.DOTALL)
    lines = [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", line) for line in re.findall(r"<tr.*?</tr>", found, re.DOTALL)]
    heads = [re.sub("<[^>]*>", "", h) for h in lines[0]]
    places = [heads.index(say(f"column.{c}")) for c in ("indicator", "value", "outlook", "probability")]
    made = {}
    for line in lines[1:]:
        if len(line) == len(heads):
            code, value, outlook, chance = (line[p] for p in places)
            own = re.sub("<[^>]*>", "", re.sub(r'<span class="(year|more|inferred)[^>]*>.*?</span>', "", value))
            outlook = re.sub(r'<span class="inferred"[^>]*>.*?</span>', "", outlook)
            made[re.search(r"[WC]\d{3}", code)[0]] = (
                bare(own),
                re.sub("<[^>]*>", "", outlook),
                re.sub("<[^>]*>", "", chance).replace("&lt;", "<").replace("&gt;", ">"),
            )
    return made


def docx_shows(edition: Published) -> Shown:
    paper = docx.Document(io.BytesIO(papers.files_for_all(edition)["report.docx"]()))
    wanted = [say("column.indicator"), say("column.value"), say("column.outlook"), say("column.probability")]
    made = {}
    for table in paper.tables:
        heads = [c.text for c in table.rows[0].cells]
        if not set(wanted) <= set(heads) or heads[0] != wanted[0]:
            continue
        for line in table.rows[1:]:
            cells = [c.text for c in line.cells]
            if code := re.match(r"([WC]\d{3}) ", cells[0]):
                _, value, outlook, chance = (cells[heads.index(w)] for w in wanted)
                value = re.split(r"（|\s*\(", value)[0]
                made[code[1]] = (bare(value), re.split(r"（|\s*\(", outlook)[0].strip(), chance)
    return made


def displayed(cell: Any) -> str:
    """A cell as a spreadsheet shows it."""
    if cell.value is None:
        return "—"
    if cell.data_type != "n":
        return str(cell.value)
    form = cell.number_format
    if form.startswith('"'):
        return form.strip('"')
    decimals = len(form.rstrip("%").partition(".")[2])
    value = cell.value * (100 if form.endswith("%") else 1)
    return f"{rounded(value, decimals) / 10**decimals:.{decimals}f}" + ("%" if form.endswith("%") else "")


def xlsx_shows(edition: Published) -> Shown:
    book = openpyxl.load_workbook(io.BytesIO(papers.files_for_all(edition)["tables.xlsx"]()))
    sheet = book[say("documents.sheet.rows")]
    lines = list(sheet.iter_rows())
    start = next(i for i, line in enumerate(lines) if line[0].value == say("column.code"))
    heads = [c.value for c in lines[start]]
    places = [heads.index(say(f"column.{c}")) for c in ("code", "value", "outlook", "probability")]
    made = {}
    for line in lines[start + 1 :]:
        code, value, outlook, chance = (line[p] for p in places)
        word = re.split(r"（| \(", displayed(outlook))[0]
        made[code.value] = (displayed(value), word, displayed(chance))
    return made


def pdf_shows(edition: Published, tmp_path: Path) -> str:
    (tmp_path / "brief.pdf").write_bytes(papers.pdfs_of(edition)["brief.pdf"]())
    told = subprocess.run(["pdftotext", "-raw", tmp_path / "brief.pdf", "-"], capture_output=True, check=True)
    return bare(told.stdout.decode())


def same_number(text: str, other: str) -> bool:
    """Whether two cells print one number: a unit and zeros at its end aside."""
    one, two = (
        re.sub(r"[^\d.\-−—]", "", t.replace("/10万", "").replace("per100000", "")).strip(".") for t in (text, other)
    )
    return one == two or (bool(one) and bool(two) and "—" not in one + two and float(one) == float(two))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_form_in_both_languages_says_the_same_of_every_row(tmp_path: Path, seed: int):
    printed: dict[str, list[str]] = {}
    for language, edition in each_speaking(editions_of(tmp_path, seed)):
        html, word, sheet = html_shows(edition), docx_shows(edition), xlsx_shows(edition)
        order = [r.text("series") for r in edition.rows]
        assert list(html) == list(word) == list(sheet) == order
        for code in order:
            assert html[code] == word[code], code
            (value, outlook, stated), in_sheet = html[code], sheet[code]
            assert (outlook, stated) == in_sheet[1:], code
            if edition.assessments[code].text("unit") != "万人" or language == "zh":  # English counts persons
                assert same_number(value, in_sheet[0]), (code, value, in_sheet[0])
        if shutil.which("pdftotext"):
            pytest.importorskip("typst")
            text = pdf_shows(edition, tmp_path)
            text = text[text.rindex(bare(say("documents.brief.rows"))) :]
            places = [text.index(code) for code in order]
            assert places == sorted(places)
            for code, start, end in zip(order, places, [*places[1:], len(text)], strict=True):
                held = text[start:end]
                assert all(bare(part) in held for part in html[code]), (code, html[code], held)
        printed[language] = [html[code][2] for code in order]
        for r in edition.rows:
            number, cut = r.number("probability"), cuts(edition)
            if number is not None:
                stated = Chance(number, cut)
                assert html[r.text("series")][2] == str(stated)
                assert (stated.words if str(stated)[0] in "<>" else str(stated)) in facts(edition, r)
    assert printed["zh"] == printed["en"]


@pytest.mark.parametrize("seed", [4])
def test_a_row_is_counted_among_the_gaps_on_page_paper_and_pdf_alike(tmp_path: Path, seed: int):
    for _, edition in each_speaking(editions_of(tmp_path, seed)):
        count = len(missing_leaves(edition, edition.rows))
        body = page(edition.brief(), ["gaps"])
        (total,) = re.findall(r"<tfoot>.*?<td[^>]*>(\d+)</td>", body) or [str(count)]
        (told,) = [
            t
            for b in report(edition).blocks
            if (t := getattr(b, "text", ""))
            and isinstance(t, str)
            and say("pages.gap_line", kind=say("pages.gap.no_observations"), count=4)[:-1] in t
        ]
        assert int(total) == count > 0
        assert re.search(rf"(?<!\d){count}(?!\d)", told)


# ---- one function for each quantity ------------------------------------------------------------------------------------


@given(st.floats(0, 1), st.lists(st.floats(0.05, 0.95).map(lambda c: round(c, 2)), max_size=3))
def test_a_probability_reads_alike_in_cell_sentence_and_spreadsheet(p: float, cut: list[float]):
    cell, told = Chance(p, cut), chance(p, cut)
    assert str(cell) == percent(p, cut)
    digits = re.sub(r"[^\d.]", "", str(cell))
    assert digits in told or (digits, told) in (("1", "不足1%"), ("99", "99%以上"))
    shown = cell.format.strip('"') if cell.format.startswith('"') else f"{rounded(p, 2)}%"
    assert shown == str(cell) and (p >= 0.01 or shown == "<1%")
    number = float(digits) / 100
    if str(cell)[0] not in "<>":
        assert all((number >= c - 1e-9) == (p >= c) for c in cut)


@given(st.floats(-1e6, 1e6), st.integers(0, 3))
def test_a_value_is_rounded_alike_in_text_and_spreadsheet(value: float, decimals: int):
    shown = Value(value, "%", decimals)
    assert shown.format == "0" + ("." + "0" * decimals if decimals else "")
    assert float(str(shown).rstrip("%")) == pytest.approx(rounded(value, decimals) / 10**decimals, abs=1e-9)


def test_a_cut_is_printed_one_way_everywhere(tmp_path: Path):
    assert threshold("control_level", 0.975) == "97.5%" and threshold("clear_by", 0.05) == "5个百分点"
    assert threshold("about_tolerances_shown", [1.0, 2.0]) == "1、2个百分点"
    edition = editions_of(tmp_path, 5)["zh"]
    edition.info["thresholds"]["control_level"] = 0.975
    paper = docx.Document(io.BytesIO(papers.files_for_all(edition)["report.docx"]()))
    cells = {t.cell(i, 0).text: t.cell(i, 1).text for t in paper.tables for i in range(len(t.rows))}
    book = openpyxl.load_workbook(io.BytesIO(papers.files_for_all(edition)["tables.xlsx"]()))
    sheet = {line[0].value: line[1].value for line in book[say("documents.sheet.thresholds")].iter_rows()}
    body = re.search(
        r"<caption>" + say("pages.thresholds_caption") + r".*?</table>",
        page(edition.brief(), ["thresholds"]),
        re.DOTALL,
    )[0]
    order = re.findall(r'<th scope="row">(.*?)</th>', body)
    assert order == [name for name in cells if name in order] == [name for name in sheet if name in order]
    name = catalogue()["pages.threshold.control_level"]
    assert cells[name] == sheet[name] == "97.5%" and f'{name}</th><td class="num">97.5%' in page(
        edition.brief(), ["thresholds"]
    )


@pytest.mark.parametrize(
    ("quantity", "text"),
    [
        (Share.of(1, 3), "33.3%"),
        (Share.of(1, 0), "—"),
        (Share(0.125, 0), "13%"),
        (Value(None), "—"),
        (Value(3.0, "%", 1, hidden=True), "*"),
    ],
)
def test_what_is_missing_or_withheld_is_not_a_number(quantity: Any, text: str):
    assert str(quantity) == text


# ---- one key for each text ---------------------------------------------------------------------------------------------

FAMILIES = ("audience.", "cards.", "column.", "documents.", "evaluation.", "measures.", "pages.", "units.")
CLOSED = (  # texts of closed sets, of headings and of sheets, which may say by chance what another set says
    *("documents.final.", "documents.silent.", "documents.sheet.", "documents.brief.", "pages.gap.", "pages.source_"),
    *("pages.actual", "pages.view"),
)


def test_no_text_of_pages_and_papers_stands_twice():
    found: dict[tuple[str, str], list[str]] = {}
    for key, text in catalogue().items():
        if key.startswith(FAMILIES) and not key.startswith(CLOSED):
            found.setdefault((text, catalogue("en").get(key, "")), []).append(key)
    assert [keys for keys in found.values() if len(keys) > 1] == []


# ---- changes and errors ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [6])
def test_a_change_has_its_own_sign_in_every_form(tmp_path: Path, seed: int):
    edition = editions_of(tmp_path, seed)["zh"]
    paper = docx.Document(io.BytesIO(papers.files_for_all(edition)["report.docx"]()))
    (annex,) = [t for t in paper.tables if say("column.step") in [c.text for c in t.rows[0].cells]]
    heads = [c.text for c in annex.rows[0].cells]
    written = {
        code[1]: line.cells[heads.index(say("column.since_base", year=2020))].text
        for line in annex.rows
        if (code := re.match(r"([WC]\d{3}) ", line.cells[0].text))
    }
    book = openpyxl.load_workbook(io.BytesIO(papers.files_for_all(edition)["tables.xlsx"]()))
    lines = [[c.value for c in line] for line in book[say("documents.sheet.rows")].iter_rows()]
    place = next(line for line in lines if line[0] == say("column.code")).index(say("column.since_base", year=2020))
    sheet = {line[0]: line[place] for line in lines}
    signs = set()
    for r in edition.rows:
        now, base, code = r.number("value"), r.number("baseline"), r.text("series")
        if now is None or base is None:
            assert written[code] == "—" and sheet[code] is None
            continue
        places = r.whole("decimals") or 0
        steps = rounded(now, places) - rounded(base, places)
        sign = "+" if steps > 0 else "−" if steps < 0 else say("documents.unchanged")
        assert written[code].startswith(sign), (code, written[code])
        assert sheet[code] == pytest.approx(steps / 10**places)
        signs.add(sign)
    assert {"+", "−"} <= signs


def test_a_report_counts_the_errors_of_its_data_and_not_what_is_to_be_explained(tmp_path: Path):
    found = [("error", 2), ("explain", 5), ("hint", 7)]
    quality = [
        {"severity": s, "rule": "jump", "series": "W001", "group": "total", "year": 2024, "value": "1",
         "submission": f"{s}.csv", "file_row": i, "message": "某问题", "advice": "请核对"}
        for s, n in found for i in range(n)
    ]  # fmt: skip
    write_edition(tmp_path, [row("W001", "hard")], quality=pd.DataFrame(quality))
    paper = docx.Document(io.BytesIO(papers.files_for_all(open_edition("paper", 2025, tmp_path))["report.docx"]()))
    told = "\n".join(p.text for p in paper.paragraphs)
    assert say("documents.gap_errors", count=2) in told


def test_the_foot_says_a_cut_as_the_table_of_cuts_does():
    said = signed({**dict.fromkeys(CUTS, 0.66), "likely": 0.975, "clear_by": 0.05, "sources": {}})
    assert "不低于97.5%" in said and "界线5个百分点以上" in said and say("reports.page.not_signed_off") in said


def test_the_poster_says_of_every_row_what_its_tables_say(tmp_path: Path):
    shares = (-0.2, 0.0, 0.545, 0.995, 1.0, 1.8, 12.5)
    rows = [
        row(f"W{i:02}", "uncertain", name=f"很长的指标名称{i}" * 5, schedule="on", task_progress=share, time_progress=0.545,
            probability=0.1 * i)
        for i, share in enumerate(shares, 1)
    ]  # fmt: skip
    write_edition(tmp_path, rows)
    edition = open_edition("paper", 2025, tmp_path)
    made = progress(edition, edition.rows)._repr_html_()
    wide = re.search(r'<div class="wide-only"><svg.*?</svg>', made, re.DOTALL)[0]
    drawn = re.findall(r"<text[^>]*>[›‹ ]*([^<]*)</text>", wide)
    assert "时间进度 55%" in drawn[:6]
    drawn = drawn[6:]  # the words of the axis come first
    assert [t for t in drawn if t in {str(Progress(s)) for s in shares}] == [str(Progress(s)) for s in shares]
    made = re.sub(r'<details class="numbers">.*?</details>', "", made, flags=re.DOTALL)  # the figure's own numbers
    listed = re.findall(r"<td[^>]*>(倒退|已完成|\d+%)</td>", made)
    assert [str(Progress(s)) for s in shares] == listed[1::3]  # between value and time
    assert [t for t in drawn if re.fullmatch(r"[1-7]0%", t)] == [f"{i}0%" for i in range(1, 8)]
    assert all(f"很长的指标名称{i}" * 5 in "".join(drawn) for i in range(1, 8))  # in full, whatever lines it takes


def test_the_poster_is_in_annual_editions_too_and_says_nothing_where_nothing_is_known(tmp_path: Path):
    write_edition(tmp_path / "some", [row("W01", "hard"), silent("W02")])
    edition = open_edition("paper", 2025, tmp_path / "some")
    for made in (edition.brief().map(), edition.domain_page("women.health").overview()):
        drawn = re.search(r'<svg[^>]*class="progress-dots".*?</svg>', made._repr_html_(), re.DOTALL)[0]
        assert "指标W01" in drawn and ">20%</text>" in drawn
    write_edition(tmp_path / "none", [silent("W01")])
    assert "progress-dots" not in page(open_edition("paper", 2025, tmp_path / "none").brief(), ["map"])
