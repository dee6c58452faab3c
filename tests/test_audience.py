"""What the public is given tells no count of one to four people: neither to a reader who searches nor to one who reckons."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import intake_corpus as corpus
import pandas as pd
import pytest
from paper_edition import row, small, text_of, whole

from plananalysis import editions, reports
from plananalysis.base.errors import UsageError
from plananalysis.base.text import said
from plananalysis.editions.additive import Cell
from plananalysis.editions.audience import LEFT_OUT, Secrets, for_audience
from plananalysis.pages import final, open_edition
from plananalysis.pages import papers as documents
from plananalysis.plan import load_plan
from plananalysis.round import database, export

SECRET = {
    ("W02", "total", 2018): 3,
    ("W02", "total", 2024): 2,
    ("W04", "total", 2017): 2,
    ("W04", "total", 2023): 3,
    ("C01", "sex:female", 2024): 2,
    ("W06.1", "total", 2024): 2,
}
OTHER = {
    ("W02", "total", 2018): 4,
    ("W02", "total", 2024): 3,
    ("W04", "total", 2017): 3,
    ("W04", "total", 2023): 4,
    ("C01", "sex:female", 2024): 3,
    ("W06.1", "total", 2024): 3,
}
# a row judged by the worst of its parts, one of which is rare
PARTS = """W06,W06,compound,women,women.work,6,,杀害、伤害妇女刑事案件发生数(件),杀害、伤害妇女刑事案件发生数,件,printed,0,,0,-1,anticipatory,police,,,annual,,,
W06.1,W06,part,women,women.work,6,,杀害、伤害妇女刑事案件发生数(件),杀害妇女刑事案件发生数,件,printed,0,,0,-1,anticipatory,police,,,annual,,,
W06.2,W06,part,women,women.work,6,,杀害、伤害妇女刑事案件发生数(件),伤害妇女刑事案件发生数,件,printed,0,,0,-1,anticipatory,police,,,annual,,,
"""
PART_TARGETS = "".join(
    f"{series},2021-2030,2021-12-28,规划文本(虚构),得到控制,{kind},,,,,,printed,low,,,\n"
    for series, kind in (("W06", "worst_part"), ("W06.1", "under_control"), ("W06.2", "under_control"))
)
# what was asked at first of one with secret counts and of one of the parts: there each count more or less decides
FIRST = {"W02": ("下降,fall,,", 40), "W06.1": ("得到控制,under_control,,", 2)}


def changed(targets: str) -> str:
    """The same targets in force, some of them decided anew."""
    for series, (read, limit) in FIRST.items():
        was = f"{series},2021-2030,2021-12-28,规划文本(虚构),{read}"
        assert targets.count(was) == 1
        first = was.replace(read, f"{read.split(',')[0]},threshold,<=,{limit}")
        now = was.replace("2021-12-28,规划文本", "2023-03-01,办公室") + ",,,,office,low,,,只看升降\n"
        targets = targets.replace(was, first) + now
    return targets


def project(root: Path, secret: dict[tuple[str, str, int], int]) -> Path:
    """The invented area, alike in everything but a few counts below five, built up to 2024."""
    corpus.write_area(root)
    corpus.write_history(root)
    path = next((root / "data" / "raw" / "demo" / "observations").glob("*.csv"))
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    born = {r["year"]: int(r["denominator"]) for r in rows if r["series"] == "W02"}
    died = {r["year"]: int(r["numerator"]) for r in rows if r["series"] == "C01"}
    for file, text in (("series", PARTS), ("targets", PART_TARGETS)):
        place = root / "data" / "raw" / "demo" / "plan" / f"{file}.csv"
        held = place.read_text(encoding="utf-8").replace("\nC01,", f"\n{text}C01,", 1)
        place.write_text(changed(held) if file == "targets" else held, encoding="utf-8")
    for n, year in enumerate(sorted(born)):
        rows += [cells("W06.1", "total", int(year), 5 + n % 3), cells("W06.2", "total", int(year), 40 - n)]
    for (series, group, year), count in secret.items():
        if group != "total":
            girls, boys = born[str(year)] // 2, born[str(year)] - born[str(year)] // 2
            rest = died[str(year)] - count
            rows += [cells(series, group, year, count, girls), cells(series, "sex:male", year, rest, boys)]
            continue
        r = next(r for r in rows if r["series"] == series and r["year"] == str(year))
        r["numerator"], r["value"] = (
            str(count),
            str(count) if series in ("W04", "W06.1") else f"{1e5 * count / born[str(year)]:.2f}",
        )
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    (root / "data" / "raw" / "demo" / "actions.csv").write_text(
        "action,series,unit,kind,title,start,end,status,good_practice,source,note\n"
        "A01,W02,health,reach,某项措施,2023-01-01,,under_way,no,虚构,\n", encoding="utf-8"
    )  # fmt: skip
    editions.build(root, "demo", 2024, n_paths=200)
    return root


def sentence(stored: object) -> str:
    return str(said(json.loads(str(stored))))


def cells(series: str, group: str, year: int, count: int, people: int = 0) -> dict[str, str]:
    value, when = f"{1e3 * count / people:.2f}" if people else str(count), f"{year + 1}-05-10"
    return {"series": series, "group": group, "year": str(year), "value": value, "numerator": str(count),
            "denominator": str(people or ""), "status": "A", "definition": "", "reported_at": when, "note": ""}  # fmt: skip


@pytest.fixture(scope="module")
def roots(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return (
        project(tmp_path_factory.mktemp("one"), SECRET),
        project(tmp_path_factory.mktemp("other"), OTHER),
    )


def handed_out(root: Path) -> dict[str, str]:
    """Everything the public is given, as text: pages, and the content of every document."""
    edition = open_edition("demo", 2024, root, audience="public")
    found = {k: text_of(v) for k, v in whole(edition).items()}
    midterm = open_edition("demo", 2024, root, audience="public", mode="midterm")
    found["midterm"] = text_of(midterm.brief().evaluation()._repr_html_())
    found["story"] = text_of(final.story(midterm, midterm.rows)._repr_html_())
    out = root / "out"
    database.rebuild(root, "demo")
    rows = edition.tables["observations"].to_dict("records")
    found |= {f"export/{p.name}": p.read_text(encoding="utf-8") for p in export.export(root, "demo", out, rows)}
    for name, make in documents.files_of(edition).items():
        with zipfile.ZipFile(io.BytesIO(make())) as archive:
            parts = {n: archive.read(n).decode("utf-8", "replace") for n in archive.namelist() if n.endswith(".xml")}
            for n in archive.namelist():  # drawings hold their words as UTF-16
                if n.endswith(".emf"):
                    parts[n] = archive.read(n).decode("latin-1") + archive.read(n).decode("utf-16-le", "replace")
        found |= {f"{name}/{n}": text for n, text in parts.items()}
    return found


@pytest.fixture(scope="module")
def given(roots) -> list[dict[str, str]]:
    return [handed_out(root) for root in roots]


@pytest.mark.slow
def test_what_the_public_is_given_does_not_depend_on_a_secret_count(roots, given):
    """Who could work a count out would see a difference between an edition with 2 cases and the same one with 3."""
    one, other = (open_edition("demo", 2024, root).tables["assessments"].set_index("series") for root in roots)
    assert (one["reason"] != other["reason"]).any(), "the secrets do not reach the verdicts at all"
    here, there = given
    assert here.keys() == there.keys() and len(here) > 15
    assert {name for name in here if here[name] != there[name]} == set()


def public_tables(root: Path) -> dict[str, str]:
    tables = open_edition("demo", 2024, root, audience="public").tables
    return {name: tables[name].to_csv() for name in tables}


def test_no_value_of_the_hidden_counts_changes_a_table_of_the_public(tmp_path):
    """All of them 1, 2, 3 or 4: whatever is made from tables that are the same is the same."""
    made = [project(tmp_path / str(n), dict.fromkeys(SECRET, n)) for n in range(1, 5)]
    verdicts = {open_edition("demo", 2024, root).tables["assessments"]["outlook"].str.cat(sep=" ") for root in made}
    assert len(verdicts) > 1, "the counts decide no verdict, so that nothing could be told"
    first, *others = map(public_tables, made)
    assert len(first) > 8 and all(other == first for other in others)


def moves(base: dict[Any, int], at_once: int = 3) -> list[dict[Any, int]]:
    """Every hidden count takes each of the three other values, a few at once: all upwards or all downwards, lest two changes cancel."""
    runs: list[dict[Any, int]] = []
    for upwards in (True, False):
        steps = [(n, cell) for cell, c in base.items() for n in range(1, 5) if n != c and (n > c) is upwards]
        count = -(-len(steps) // at_once)
        runs += [{cell: n for n, cell in steps[i::count]} for i in range(count)]
    return runs


@pytest.mark.slow
def test_no_value_of_any_hidden_count_changes_what_is_handed_out(tmp_path):
    """Every hidden count of 1 to 4 takes the three other values; pages, papers and evaluations stay the same."""
    base = {("W02", "total", year): 1 for year in range(2016, 2025)} | SECRET
    first, tried = handed_out(project(tmp_path / "first", base)), []
    for number, changed in enumerate(moves(base)):
        found = handed_out(project(tmp_path / str(number), base | changed))
        assert {name for name in first if first[name] != found[name]} == set(), changed
        tried += changed.items()
    assert set(tried) == {(cell, n) for cell, count in base.items() for n in range(1, 5) if n != count}
    assert len(tried) == 3 * len(base) == 39


@pytest.mark.slow
def test_the_whole_folder_of_a_public_edition_is_the_same_for_the_least_and_the_greatest(tmp_path, crew):
    """As ``report`` publishes it, ``run.json`` and the summary with it, byte by byte."""
    held = []
    for n in (1, 4):
        root = project(tmp_path / str(n), dict.fromkeys(SECRET, n))
        assert reports.report(root, "demo", 2024, audience="public", pool=crew).failed == []
        folder = root / "reports" / "demo" / "2024-public"
        held.append({p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()})
    assert {"run.json", "summary.txt", "index.html", "documents/tables.xlsx"} <= held[0].keys()
    for other in held[1:]:
        assert {name for name in held[0] if held[0][name] != other.get(name)} == set() and len(other) == len(held[0])


@pytest.mark.slow
def test_no_withheld_rate_is_printed_anywhere(roots, given):
    secrets = Secrets.of(open_edition("demo", 2024, roots[0]).tables["observations"], load_plan(roots[0], "demo", 2024))
    assert {Cell(*key) for key in SECRET} <= secrets.hidden
    observations = open_edition("demo", 2024, roots[0]).tables["observations"]
    rates = {
        f"{r.value:.2f}"
        for r in observations.itertuples()
        if Cell(r.series, r.group, int(r.year)) in secrets.hidden and r.series != "W04"
    }
    shown = {
        f"{r.value:.2f}"
        for r in observations.itertuples()
        if Cell(r.series, r.group, int(r.year)) not in secrets.hidden
    }
    assert len(rates - shown) > 5
    text = "\n".join(given[0].values())
    assert [rate for rate in sorted(rates - shown) if re.search(rf"(?<![\d.]){re.escape(rate)}(?!\d)", text)] == []


@pytest.mark.slow
def test_the_public_is_told_that_and_why_something_is_missing(roots):
    edition = open_edition("demo", 2024, roots[0], audience="public")
    assert "不予公布" in text_of(edition.brief().masthead()._repr_html_())
    shown = edition.domain_page("women.health").targets()._repr_html_()
    assert "孕产妇死亡率" in shown and ">*<" in shown


@pytest.mark.slow
def test_measures_are_not_for_the_public(roots, given):
    assert "某项措施" not in "".join(given[0].values())
    assert "某项措施" in open_edition("demo", 2024, roots[0]).unit_page("health").measures()._repr_html_()


def of(series: str, *rows: str, years: tuple[int, ...] = (2024,), newest: int = 2024) -> Secrets:
    hidden = frozenset(Cell(series, "total", year) for year in years)
    return Secrets(hidden, frozenset({series}), frozenset({series}), frozenset(rows), {series: newest}, 2020)


def test_a_verdict_on_a_hidden_value_is_withheld_whatever_it_says():
    """Who knows the program could try which of the four counts gives the verdict that is printed."""
    made = {}
    for outlook in ("hard", "met_secure", "needs_judgement"):
        about = row("W002", outlook, value=80.0, value_year=2024, kind="threshold")
        made[outlook] = of("W002")._row(about)
        assert (made[outlook]["position"], made[outlook]["outlook"]) == ("unknown", "needs_judgement")
        assert (made[outlook]["alerts"], made[outlook]["schedule"]) == ("", "not_applicable")
        assert "outlook" in made[outlook]["withheld"] and made[outlook]["value_text"] == "*"
        assert "不公布" in sentence(made[outlook]["reason"])
    assert len({str(sorted(m.items(), key=lambda i: i[0])) for m in made.values()}) == 1


def test_whether_a_target_is_met_may_stand_where_the_newest_value_is_shown():
    about = row("W002", "hard", value=80.0, value_year=2024, kind="threshold")
    made = of("W002", years=(2022,))._row(about)
    assert (made["position"], made["outlook"], made["value"]) == ("not_met", "needs_judgement", 80.0)
    assert "probability" in made["withheld"] and "position" not in made["withheld"]
    assert of("W002", years=(2022,))._row(about | {"kind": "fall"})["position"] == "unknown"  # its limit is a count's


def test_where_a_target_stood_by_its_first_reading_is_withheld_and_that_it_was_changed_is_not(tmp_path):
    secrets = of("W002", years=(2022,))
    about = {"value": 80.0, "value_year": 2024, "kind": "threshold", "first_position": "met"}
    made = secrets._row(row("W002", "hard", **about))
    assert pd.isna(made["first_position"]) and "first_position" in made["withheld"].split(";")
    assert "first_position" not in secrets._row(row("W002", "hard", **about | {"first_position": ""}))["withheld"]
    told = text_of(small(tmp_path, row("W001", "met_secure"), made).brief().expected()._repr_html_())
    assert "1项目标的读法有过调整（指标W002）；按最初的读法，已达标1项（现为1项）。其中1项按最初的读法无法判断" in told


def test_a_verdict_by_a_first_reading_against_another_series_is_withheld_with_that_one(roots):
    table, plan = open_edition("demo", 2024, roots[0]).tables["observations"], load_plan(roots[0], "demo", 2024)
    first = plan.targets.loc[["W01"]].assign(kind="relative", reference="W02")
    assert "W01" not in Secrets.of(table, plan).touched
    assert "W01" in Secrets.of(table, replace(plan, first_targets=first)).touched


def test_which_value_is_doubted_is_not_told():
    """A value that cannot be true beside a hidden one is left out of the verdict; its year must not show that."""
    about = row("W002", "hard", value=80.0, value_year=2023, kind="threshold", doubted_year=2024, doubted_value=800.0)
    made = of("W002", years=(2022,))._row(about)
    assert (made["value_year"], made["value_text"], made["position"]) == (2024, "*", "unknown")


def test_a_row_of_parts_tells_nothing_that_may_rest_on_a_withheld_part():
    rows = [
        row("W001", "hard", "worst_part", role="compound", worst_part="W001.2", probability=0.2),
        row("W001.1", "likely", role="part", row="W001", name="甲", probability=0.8),
        row("W001.2", "hard", role="part", row="W001", name="乙", probability=0.2),
    ]
    secrets = of("W001.1", "W001")
    whole_row, first, second = secrets._assessments(pd.DataFrame(rows)).to_dict("records")
    assert pd.isna(whole_row["probability"]) and pd.isna(whole_row["value"]) and whole_row["worst_part"] == ""
    assert whole_row["reading_text"] == ""  # it may tell the limit of the part that decides
    assert (whole_row["position"], whole_row["outlook"], whole_row["alerts"]) == ("unknown", "needs_judgement", "")
    assert "probability" in first["withheld"] and pd.isna(first["probability"])
    assert (second["withheld"], second["probability"], second["outlook"]) == ("", 0.2, "hard")


def test_a_change_of_verdict_that_rests_on_a_hidden_count_is_not_even_named():
    changes = pd.DataFrame({"series": ["W001", "W001.1", "W003"], "from_outlook": "hard", "to_outlook": "likely"})
    secrets = of("W001.1", "W001")
    for name in ("changes", "earlier", "retrospective"):
        assert secrets.without(name, {name: changes})["series"].tolist() == ["W003"]
    assert secrets.without("backtests", {"backtests": pd.DataFrame({"brier": [0.2]})}).empty


@pytest.mark.slow
def test_a_table_nobody_has_thought_of_is_not_shown_where_it_may_tell(roots):
    root = roots[0]
    tables = dict(open_edition("demo", 2024, root).tables)
    tables["new"] = pd.DataFrame({"series": ["W01", "W02"], "secret": [1, 2]})
    tables["newer"] = pd.DataFrame({"secret": [2]})
    seen = for_audience(tables, "public", lambda rows: Secrets.of(rows, load_plan(root, "demo", 2024)))
    assert seen["new"]["series"].tolist() == ["W01"] and seen["newer"].empty
    assert not LEFT_OUT["public"] & set(seen)


def test_the_leading_group_sees_everything_but_questions_and_sheets_of_units(tmp_path: Path):
    questions = pd.DataFrame(
        [
            {
                "unit": "health",
                "state": "open",
                "series": "W001",
                "message": "为何下降",
                "severity": "explain",
                "advice": "请说明",
            }
        ]
    )
    answered = pd.DataFrame(
        [{"unit": "health", "name": "区卫健委", "due": "2026-05-31", "received_on": "2026-05-20", "on_time": True}]
    )
    small(tmp_path, row("W001", "hard"), return_questions=questions, accountability=answered)
    group = open_edition("paper", 2025, tmp_path, audience="leading-group")
    pages = "".join(whole(group).values())
    assert "为何下降" not in pages and "2026-05-20" in pages and 'href="unit.' not in pages
    with pytest.raises(UsageError, match="leading-group"):
        group.unit_page("health")
    assert "为何下降" in "".join(whole(open_edition("paper", 2025, tmp_path)).values())
