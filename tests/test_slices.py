"""Slices: a page sees all it shows, and its number changes exactly when something it sees does."""

from __future__ import annotations

import csv
import io
import random
from pathlib import Path

import pandas as pd
import pytest
from paper_edition import (
    BRIEF,
    DOMAIN,
    INDICATORS,
    METHOD,
    QUALITY,
    UNIT,
    page,
    row,
    write_edition,
)

from plananalysis.editions.opened import Published
from plananalysis.editions.slices import Slice, Tables, slice_of
from plananalysis.pages import open_edition
from plananalysis.pages.definitions import IndicatorsPage
from plananalysis.pages.domain import DomainPage
from plananalysis.pages.method import MethodPage
from plananalysis.pages.papers.feedback import feedback_bytes
from plananalysis.pages.quality import QualityPage

HEALTH, LAW, FAMILY = "women.health", "women.law", "children.family"
SECTIONS = {
    "overview": BRIEF,
    "domain": DOMAIN,
    "unit": UNIT,
    "data_quality": QUALITY,
    "method_check": METHOD,
    "indicators": INDICATORS,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five rows of three domains and two units, one of them corrected, one questioned, one explained."""
    rows = [
        row("W001", "hard", domain=HEALTH, responsible_units="区卫健委", alerts="hard_to_reach;volatile"),
        row("W002", "likely", domain=HEALTH, responsible_units="区卫健委;区教委"),
        row("W003", "uncertain", domain=LAW, responsible_units="区教委"),
        row("C001", "met_secure", domain=FAMILY, responsible_units="区教委"),
        row("C002", "no_data", domain=FAMILY, responsible_units="区卫健委", value=None, value_year=None, value_text=""),
    ]
    questions = [
        {"severity": "explain", "rule": "jump", "series": "W001", "group": "total", "year": 2025, "value": "70"}
        | {"submission": "a.csv", "file_row": 2, "column": "value", "message": "变化大", "advice": "请说明。"}
    ]
    scores = [
        {"method": m, "horizon": h, "series": 5, "cases": 20, "met_share": 0.4, "brier": b}
        | {"coverage80": 0.8, "coverage95": 0.95}
        for m, b in (("engine", 0.16), ("last_value", 0.2))
        for h in (0, 1)
    ]
    changes = [
        {"series": "W001", "from_outlook": "uncertain", "to_outlook": "hard", "from_probability": 0.4}
        | {"to_probability": 0.2, "cause": "new_data", "sentence": "W001变了。"}
    ]
    made = write_edition(
        tmp_path,
        rows,
        quality=pd.DataFrame(questions),
        backtests=pd.DataFrame(scores),
        changes=pd.DataFrame(changes),
        reliability=pd.DataFrame({"stated": [0.1, 0.7], "came_true": [0.12, 0.69], "cases": [400, 300]}),
    )
    seen = text(made, "observations")
    seen[0] |= {"correction": "更正：填错"}
    put(made, "observations", [r if "correction" in r else r | {"correction": ""} for r in seen])
    return made


def text(folder: Path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / f"{name}.csv").read_text(encoding="utf-8-sig").splitlines()))


def put(folder: Path, name: str, rows: list[dict[str, str]]) -> None:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    (folder / f"{name}.csv").write_text(out.getvalue(), encoding="utf-8-sig")


def opened(folder: Path) -> Published:
    return open_edition("paper", 2025, folder.parents[3])


def pages(edition: Published) -> dict[str, tuple[str, str]]:
    """Content and number of every page."""
    made = {
        "overview": edition.brief(),
        "data_quality": edition.quality_page(),
        "method_check": edition.method_page(),
        "indicators": edition.indicators_page(),
        **{f"domain {d}": edition.domain_page(d) for d in (HEALTH, LAW, FAMILY)},
        **{f"unit {u}": edition.unit_page(u) for u in edition.unit_names},
    }
    held = Tables(edition.folder)
    number = {name: held.seen(seen_by(edition, name).view).digest for name in made}
    return {name: (page(one, SECTIONS[name.split()[0]]), number[name]) for name, one in made.items()}


def seen_by(edition: Published, name: str) -> Published:
    return edition.seen_by(*name.split())


def changed(folder: Path, name: str, series: str, column: str, value: str) -> set[str]:
    """Pages with another number after one cell of one series was changed."""
    before = pages(opened(folder))
    rows = text(folder, name)
    next(r for r in rows if r["series"] == series)[column] = value
    put(folder, name, rows)
    after = pages(opened(folder))
    return {p for p in before if before[p][1] != after[p][1]}


def test_a_page_made_from_its_slice_is_the_page_made_from_everything(folder):
    edition = opened(folder)
    domain = next(d for d in edition.domains if d.code == HEALTH)
    assert page(DomainPage(edition, domain), DOMAIN) == page(edition.domain_page(HEALTH), DOMAIN)
    assert page(QualityPage(edition), QUALITY) == page(edition.quality_page(), QUALITY)
    assert page(MethodPage(edition), METHOD) == page(edition.method_page(), METHOD)
    assert page(IndicatorsPage(edition), INDICATORS) == page(edition.indicators_page(), INDICATORS)


def test_a_units_workbook_made_from_its_slice_is_the_one_made_from_everything(folder):
    edition = open_edition("paper", 2025, folder.parents[3])
    for unit in edition.unit_names:
        assert feedback_bytes(edition.seen_by("unit", unit), unit) == feedback_bytes(edition, unit), unit


def test_a_table_a_page_does_not_see_is_an_error_and_not_empty(folder):
    with pytest.raises(LookupError, match="does not see the table quality"):
        opened(folder).seen_by("overview").records("quality")
    assert opened(folder).seen_by("domain", HEALTH).records("analogues") == []  # nobody has it


def test_a_corrected_value_changes_its_domain_its_units_the_brief_and_the_list_of_values_alone(folder):
    assert changed(folder, "observations", "W002", "value", "71.5") == {
        "overview",
        "indicators",
        f"domain {HEALTH}",
        "unit health",
        "unit education",
    }


def test_a_value_that_is_gone_changes_the_page_that_counts_values_too(folder):
    assert "data_quality" in changed(folder, "observations", "W002", "value", "")


def test_a_corrected_value_counts_where_corrections_are_listed(folder):
    assert "data_quality" in changed(folder, "observations", "W001", "value", "1.5")


def test_a_question_changes_the_pages_that_show_the_cell_and_never_the_brief(folder):
    pages_of_it = {"data_quality", "indicators", "unit health", f"domain {HEALTH}"}
    assert changed(folder, "quality", "W001", "message", "请核对") == pages_of_it


def test_the_words_of_a_verdict_leave_the_pages_that_tell_none(folder):
    for column in ("reason", "value_text", "pace_since"):
        assert not {"data_quality", "indicators"} & changed(folder, "assessments", "W002", column, "anders")


def test_a_verdict_alone_leaves_the_page_of_what_indicators_mean(folder):
    assert "indicators" not in changed(folder, "assessments", "W002", "probability", "0.3")


def test_a_score_changes_the_method_page_alone(folder):
    before = pages(opened(folder))
    rows = text(folder, "backtests")
    rows[0]["brier"] = "0.17"
    put(folder, "backtests", rows)
    after = pages(opened(folder))
    assert {p for p in before if before[p] != after[p]} == {"method_check"}


def test_where_an_edition_came_from_counts_for_the_method_page_alone(folder):
    before = pages(opened(folder))
    info = folder / "edition.json"
    info.write_text(info.read_text(encoding="utf-8").replace('"engine": "纸上"', '"engine": "别的"'), encoding="utf-8")
    after = pages(opened(folder))
    assert {p for p in before if before[p] != after[p]} == {"method_check"}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_no_page_changes_without_its_number(folder, seed):
    """Cells get another value of their own column, which is always a possible one, or a number a little larger."""
    draw = random.Random(seed)
    edition = opened(folder)
    before = pages(edition)
    for name in ("observations", "assessments", "projections", "quality", "changes", "backtests", "plan"):
        rows = text(folder, name)
        line, column = draw.choice(rows), draw.choice([c for c in rows[0] if c not in ("series", "row", "role")])
        others = sorted({r[column] for r in rows} - {line[column]})
        kept = line[column]
        line[column] = draw.choice(others) if others else f"{kept}1" if kept.replace(".", "").isdigit() else kept
        put(folder, name, rows)
        try:
            after = pages(opened(folder))
        except (ValueError, KeyError, TypeError):  # no such edition can be: nobody sees a page of it
            after = before
        silent = [p for p in before if before[p][0] != after[p][0] and before[p][1] == after[p][1]]
        assert silent == [], f"{name}.{column} of {line.get('series')}: {kept} -> {line[column]}"
        line[column] = kept
        put(folder, name, rows)


def test_a_unit_sees_nothing_of_other_units(folder):
    seen = opened(folder).seen_by("unit", "health")
    held = {r.text("series") for name in ("plan", "assessments", "observations") for r in seen.records(name)}
    assert held == {"W001", "W002", "C002"}


def test_a_domain_sees_what_its_targets_are_compared_with():
    plan = [
        {"series": "W21", "row": "W21", "domain": "a", "responsible_units": "x", "responsible_names": "甲", "reference": "W20"},
        {"series": "W20", "row": "W20", "domain": "b", "responsible_units": "y", "responsible_names": "乙", "reference": ""},
    ]  # fmt: skip
    assert slice_of("domain", "a", plan).series == {"W20", "W21"}
    assert slice_of("unit", "x", plan) == Slice("unit", frozenset({"W21"}), frozenset({"x"}))


def test_changes_are_named_by_table_and_series(folder):
    view = Slice("overview")
    before = Tables(folder).seen(view)
    rows = text(folder, "observations")
    rows[-1]["value"] = "1"
    put(folder, "observations", [*rows, rows[0] | {"series": "W999"}])
    found = Tables(folder).seen(view).changed(before.as_record())
    assert found == {"observations": [rows[-1]["series"], "W999"]}
    assert before.changed(before.as_record()) == {}
