"""The screen before the rules: nothing a rule asks about may lie outside it, and most series must."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from plananalysis.checks.beside import load_logic
from plananalysis.checks.doubts import in_error
from plananalysis.checks.findings import RULES
from plananalysis.checks.quality import findings
from plananalysis.checks.ranges import Point, distances, expected
from plananalysis.checks.screen import screen
from plananalysis.observations import as_known, load_observations
from plananalysis.plan import load_plans

ROOT = Path(__file__).parents[1]
# said of a series and not of a value, or never more than a hint: no value is doubted for them
SPARED = {"gap", "stale", "late", "not_in_edition", "no_counts", "truncated"}


def at(rows, series, year, group="total"):
    return (rows["series"] == series) & (rows["year"] == year) & (rows["group"] == group)


def times(column, factor, series, year):
    def spoil(rows):
        here = at(rows, series, year)
        assert here.any(), (series, year)
        rows.loc[here, column] *= factor
        rows.loc[here, f"{column}_text"] = rows.loc[here, column].map("{:g}".format)
        return rows

    return spoil


def put(series, year, **cells):
    def spoil(rows):
        for column, cell in cells.items():
            rows.loc[at(rows, series, year), column] = cell
        return rows

    return spoil


def again(series, year, factor, day, **cells):
    """Reported a second time, with another value."""

    def spoil(rows):
        new = times("value", factor, series, year)(rows[at(rows, series, year)].copy()).assign(reported_at=day, **cells)
        return pd.concat([rows, new.assign(submission="later.csv")], ignore_index=True)

    return spoil


def copied(series, year, later):
    return lambda rows: copied_from(series, series, later, year)(rows)


def copied_from(series, other, year, from_year=None):
    def spoil(rows):
        (source,) = rows[at(rows, other, from_year or year)].to_dict("records")
        return put(series, year, value=source["value"], value_text=source["value_text"])(rows)

    return spoil


def first_only(series, factor):
    """A series that begins in 2024, so many times what it would be."""

    def spoil(rows):
        return times("value", factor, series, 2024)(rows[(rows["series"] != series) | (rows["year"] >= 2024)].copy())

    return spoil


def above_its_partner(left, right, year):
    def spoil(rows):
        least = rows.loc[at(rows, right, year), "value"].max()
        return put(left, year, value=least - 1, value_text=f"{least - 1:g}")(rows)

    return spoil


@pytest.fixture(scope="module")
def plans():
    return load_plans(ROOT, "example", 2025)


@pytest.fixture(scope="module")
def logic(plans):
    return load_logic(ROOT, "example", set(plans[-1].leaves().index))


@pytest.fixture(scope="module")
def sound(plans):
    rows = load_observations(ROOT, "example")
    return rows[(rows["group"] == "total") & rows["series"].isin(plans[-1].leaves().index)].reset_index(drop=True)


@pytest.fixture(scope="module")
def situations(plans, logic, sound):
    error = next(r for r in logic.itertuples() if r.relation == ">=")
    usual = next(r for r in logic.itertuples() if r.relation == "usually>=")
    counted = sound[sound["numerator"].notna() & (sound["year"] == 2024)]["series"].tolist()
    defined = sound[(sound["definition"] != "") & (sound["year"] == 2025)]["series"].iloc[0]
    return {
        "as it is": lambda rows: rows,
        "tenfold": times("value", 10.0, "W18", 2019),
        "below nothing": times("value", -1.0, "C12", 2018),
        "a hair too many": put("W11", 2018, value=100.01, value_text="100.01"),
        "other counts": times("numerator", 1.3, counted[0], 2024),
        "nobody below": put(counted[1], 2024, denominator=0.0, denominator_text="0"),
        "one count gone": put(counted[2], 2024, numerator=np.nan, numerator_text=""),
        "another denominator": times("denominator", 1.001, "C02", 2024),
        "impossible pair": above_its_partner(error.left, error.right, 2020),
        "unusual pair": above_its_partner(usual.left, usual.right, 2024),
        "jump": times("value", 1.9, "C12", 2025),
        "off its course": times("value", 1.12, "W18", 2025),
        "missing, unsaid": put("W18", 2025, value=np.nan, value_text="", status="M", note=""),
        "revised": again("W18", 2024, 1.2, "2026-02-01"),
        "taken back": again("W18", 2024, np.nan, "2026-02-01", status="M", note="x", value_text=""),
        "copied": copied("W18", 2024, 2025),
        "copied from everybody": copied_from("W11", "C21", 2025),
        "definition left blank": put(defined, 2025, definition=""),
        "unwritten definition": put("W18", 2025, definition="of-nobody"),
        "break": put("W18", 2023, status="B", status_typed="B"),
        "begun as a fraction": first_only("W18", 0.01),
    }


def doubted(plan, rows, logic):
    found = findings(plan, rows, as_known(rows, plan.known_on, plan.as_of), logic)
    return [f for f in found if f.severity != "hint" and f.cell.submission]


def test_what_rules_ask_about_is_among_the_suspects_and_few_others_are(plans, logic, sound, situations):
    area, rules = plans[-1].area, set()
    for name, spoil in situations.items():
        rows = spoil(sound.copy())
        suspects = screen(plans[-1], rows, logic)
        told = doubted(plans[-1], rows, logic)
        rules |= {f.rule for f in told}
        assert {f.cell.series for f in told} <= suspects.asked[area], name
        for plan in plans:
            wrong = in_error(plan, as_known(rows, plan.known_on, plan.as_of), logic)
            assert set(wrong) <= suspects.errors[area], (name, plan.as_of)
        assert suspects.errors[area] <= suspects.asked[area]
        assert len(suspects.asked[area]) < 0.5 * len(plans[-1].leaves()), name
    lacking = set(RULES) - SPARED - rules - {"groups"}
    assert not lacking, f"no situation for {lacking}"


def test_groups_that_do_not_add_up_are_suspect(plans, logic):
    rows = load_observations(ROOT, "example")
    rows = rows[rows["series"].isin(plans[-1].leaves().index)].reset_index(drop=True)
    parts = (rows["group"] != "total") & (rows["year"] == 2023) & rows["numerator"].notna()
    rows.loc[parts, "numerator"] *= 1.3
    rows.loc[parts, "numerator_text"] = rows.loc[parts, "numerator"].map("{:g}".format)
    told = doubted(plans[-1], rows, logic)
    assert "groups" in {f.rule for f in told}
    assert {f.cell.series for f in told} <= screen(plans[-1], rows, logic).asked[plans[-1].area]


def test_areas_together_are_told_what_each_is_told_alone(plans, logic, sound, situations):
    held = [spoil(sound.copy()).assign(area=f"a{i:02}") for i, spoil in enumerate(situations.values())]
    together = screen(plans[-1], pd.concat(held, ignore_index=True).sample(frac=1, random_state=1), logic)
    for rows in held:
        (area,) = rows["area"].unique()
        alone = screen(plans[-1], rows, logic)
        assert (together.errors[area], together.asked[area]) == (alone.errors[area], alone.asked[area])


@pytest.mark.parametrize(
    "unit, upper, decimals",
    [("%", 100.0, 2), ("‰", np.nan, 2), ("件", np.nan, 0), ("女=100", np.nan, 1), ("年", np.nan, 1)],
)
def test_distances_of_many_histories_are_those_of_each(unit, upper, decimals):
    draw = np.random.default_rng(7)
    years, values, people = (np.full((40, 14), np.nan) for _ in range(3))
    for row in range(40):
        n = int(draw.integers(2, 15))
        years[row, :n] = np.sort(draw.choice(np.arange(2008, 2026), n, replace=False))
        values[row, :n] = np.round(draw.uniform(0, 100, n), decimals)
        people[row, :n] = np.where(draw.random(n) < 0.9, draw.integers(1, 5000, n), np.nan)
    told = distances(years, values, people, [(unit, upper, decimals)] * 40)
    for row in range(40):
        points = [
            Point(int(y), v, np.nan, d) for y, v, d in zip(years[row], values[row], people[row], strict=True) if y == y
        ]
        for at, new in enumerate(points):
            usual = expected(points[:at], new, unit, upper, decimals)
            assert (usual is None and np.isnan(told[row, at])) or told[row, at] == pytest.approx(
                usual.distance, rel=1e-9
            )
