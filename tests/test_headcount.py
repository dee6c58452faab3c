"""headcount: what a distance in percent amounts to in people, and when nothing may be said of it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plananalysis.base.digits import rounded
from plananalysis.editions.opened import Record
from plananalysis.pages.rows import headcount
from plananalysis.pages.rows import headcount_told as told

NAMES = {"numerator": "婴儿死亡数", "denominator": "活产数"}


def about(value: float, goal: float, numerator: float | None, denominator: float | None, **cells: object):
    """An edition of one row and its newest value, and the row."""
    row = {
        "series": "C02",
        "value": value,
        "goal": goal,
        "value_year": 2025,
        "unit": "‰",
        "decimals": 2,
        "position": "not_met",
    }
    seen = {"year": 2025, "numerator": numerator, "denominator": denominator}
    edition = SimpleNamespace(observed={"C02": [Record(seen)]}, audience="internal", series={"C02": Record(NAMES)})
    return edition, Record(row | cells)


def change(*given: float, **cells: object) -> int | None:
    found = headcount(*about(*given, **cells))
    return found and found.change


def test_fifteen_deaths_in_5906_births_are_still_too_many():
    """14 of 5906 are 2.37 ‰, 15 are 2.54 ‰: below 2.5 ‰ with 16 of the 30 deaths fewer."""
    assert change(5.08, 2.49, 30, 5906) == -16
    assert told(*about(5.08, 2.49, 30, 5906)) == "按2025年活产数5,906计，婴儿死亡数至少需减少16"


@pytest.mark.parametrize(
    ("value", "goal", "counts", "expected"),
    [
        (23.53, 30, (8, 34), 3),  # 10 of 34 are 29.41 %, 11 are 32.35 %
        (29.99, 30, (8997, 29999), 2),  # 8998 of 29999 are 29.994 %, published as 29.99; 8999 are 30.00
        (50.00, 100, (1, 2), 1),
        (3.00, 0, (3, 100), -3),
    ],
)
def test_the_least_change_with_which_the_published_value_meets_the_target(value, goal, counts, expected):
    assert change(value, goal, *counts, unit="%") == expected


def test_what_cannot_be_said_is_not_said():
    assert (
        change(5.08, 2.49, None, 5906) is None
        and change(5.08, 2.49, 30, None) is None
        and change(5.08, 2.49, 30, 0) is None
    )
    assert change(5.08, 2.49, 31, 5906) is None, "the counts do not make the value"
    assert (
        change(5.08, 2.49, 30, 5906, position="met") is None
        and change(5.08, 2.49, 30, 5906, position="unknown") is None
    )
    assert change(5.08, 2.49, 30, 5906, unit="岁") is None and change(5.08, float("inf"), 30, 5906) is None
    assert change(5.08, 2.49, 30, 5906, value_year=2024) is None, "counts of another year"


def test_the_public_reads_no_number_below_five():
    for counts, expected in (((8, 34), None), ((80, 340), 22)):
        edition, row = about(23.53, 30, *counts, unit="%")
        found = headcount(SimpleNamespace(**vars(edition) | {"audience": "public"}), row)
        assert (found and found.change) == expected


@given(
    st.integers(1, 60_000),
    st.data(),
    st.sampled_from([("%", 100), ("‰", 1000), ("1/10万", 100_000)]),
    st.integers(0, 2),
)
def test_one_person_less_would_not_do(below, data, unit, places):
    above = data.draw(st.integers(0, below))
    aim = data.draw(st.integers(0, below))  # the target is what some count would be published as

    def published(count: int) -> float:
        return rounded(unit[1] * count / below, places) / 10**places

    value, goal = published(above), published(aim)
    found = change(value, goal, above, below, unit=unit[0], decimals=places)
    if value == goal:
        assert found is None
        return
    better = (lambda v: v >= goal) if goal > value else (lambda v: v <= goal)
    assert better(published(above + found)) and not better(published(above + found - (1 if found > 0 else -1)))


def test_other_names_stand_where_the_plan_gives_none():
    edition, row = about(5.08, 2.49, 30, 5906)
    bare = SimpleNamespace(**vars(edition) | {"series": {"C02": Record({"numerator": "", "denominator": ""})}})
    assert told(bare, row) == "按2025年分母5,906计，分子至少需减少16"
    assert told(edition, replace(row, cells=dict(row.cells) | {"position": "met"})) is None
