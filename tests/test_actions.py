"""Measures are read strictly, belong to the edition that could know of them, and their kind follows from the verdict by rule."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from plananalysis.assessments import actions
from plananalysis.assessments.verdicts import ALERTS, OUTLOOKS
from plananalysis.base.errors import DataError
from plananalysis.base.text import catalogue
from plananalysis.plan import load_plan

ROOT = Path(__file__).parents[1]
HEADER = ",".join(actions.COLUMNS)


@pytest.fixture
def office(tmp_path):
    """A project folder with one area of two series and one unit, whose edition closed on 30 June 2026."""
    (tmp_path / "data" / "raw" / "somewhere").mkdir(parents=True)
    plan = SimpleNamespace(
        area="somewhere",
        known_on="2026-06-30",
        series=pd.DataFrame(index=["W01", "W02"]),
        units=pd.DataFrame(index=["health"]),
        together=lambda: (plan,),
    )

    def load(*lines: str) -> pd.DataFrame:
        text = "\n".join([HEADER, *lines]) + "\n"
        (tmp_path / "data" / "raw" / "somewhere" / "actions.csv").write_text(text, encoding="utf-8-sig")
        return actions.load_actions(tmp_path, plan)

    load.root, load.plan = tmp_path, plan
    return load


def line(**cells: str) -> str:
    good = {"action": "A1", "series": "W01", "unit": "health", "kind": "reach", "title": "筛查", "start": "2024-03-01", "end": "",
            "status": "under_way", "good_practice": "no", "source": "会议纪要", "note": ""}  # fmt: skip
    return ",".join({**good, **cells}.values())


def test_an_office_without_the_file_has_no_measures(office):
    assert list(actions.load_actions(office.root, office.plan).columns) == actions.COLUMNS


def test_measures_stand_in_the_order_of_the_plan_then_of_time(office):
    held = office(
        line(action="A1", series="W02"), line(action="A2", start="2025-01-01"), line(action="A3", start="2023-01-01")
    )
    assert held["action"].tolist() == ["A3", "A2", "A1"]


def test_an_edition_shows_nothing_that_began_after_the_year_it_closed(office):
    held = office(line(action="A1", start="2026-12-31"), line(action="A2", start="2027-01-01"))
    assert held["action"].tolist() == ["A1"]


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"series": "W99"}, "series"),
        ({"unit": "nobody"}, "unit"),
        ({"kind": "punish"}, "kind"),
        ({"status": "ongoing"}, "status"),
        ({"good_practice": ""}, "good_practice"),
        ({"title": ""}, "title"),
        ({"title": "长" * 201}, "title"),
        ({"source": ""}, "source"),
        ({"start": "2024-02-30"}, "start"),
        ({"end": "2024/13/1"}, "end"),
        ({"end": "2024-02-29"}, "end"),
        ({"status": "done"}, "end"),
    ],
)
def test_a_broken_rule_names_row_and_column(office, cells, column):
    with pytest.raises(DataError) as error:
        office(line(action="A0"), line(**cells))
    assert [(p.file, p.row, p.column) for p in error.value.problems] == [("data/raw/somewhere/actions.csv", 3, column)]
    assert all(p.rule and p.advice for p in error.value.problems)


def test_every_problem_of_a_file_is_listed_at_once(office):
    with pytest.raises(DataError) as error:
        office(line(kind="x"), line(unit="y"))
    assert [(p.row, p.column) for p in error.value.problems] == [(3, "action"), (2, "kind"), (3, "unit")]


def test_the_example_records_measures_of_every_kind(tmp_path):
    (tmp_path / "data" / "raw" / "example").mkdir(parents=True)
    shutil.copy(ROOT / "data" / "raw" / "simulation" / "actions.csv", tmp_path / "data" / "raw" / "example")
    held = actions.load_actions(tmp_path, load_plan(ROOT, "example", 2025))
    assert set(held["kind"]) == set(actions.KINDS)
    assert held["source"].eq("示例数据(虚构)").all()


def test_every_verdict_that_is_not_good_gets_a_kind_of_action_and_a_good_one_none():
    for outlook, position, alert in itertools.product(OUTLOOKS, ("met", "not_met", "unknown"), ("", *ALERTS)):
        kinds = actions.proposed({"outlook": outlook, "position": position, "alerts": alert, "why_no_probability": ""})
        assert list(kinds) == [k for k in actions.KINDS if k in kinds]
        assert ("reach" in kinds) == (position == "not_met")
        assert ("fill" in kinds) == (outlook == "no_data")
        assert (
            not {"reach", "hold"} <= set(kinds) or outlook == "met_slipping"
        )  # only a row of parts, one met and one not
        if outlook == "met_secure" and position == "met" and not alert:
            assert kinds == ()


def test_a_target_without_a_band_is_to_be_clarified():
    row = {"outlook": "needs_judgement", "position": "unknown", "alerts": "volatile", "why_no_probability": "no_band"}
    assert actions.proposed(row) == ("stabilise", "clarify")


def test_kinds_and_states_have_words():
    texts = catalogue()
    assert {f"actions.kind.{k}" for k in actions.KINDS} | {f"actions.meaning.{k}" for k in actions.KINDS} <= set(texts)
    assert {f"actions.status.{s}" for s in actions.STATUSES} <= set(texts)
