"""What other districts tell: on the day of an edition and no later, to a district alone as to one in its city."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from plananalysis.base.errors import DataError
from plananalysis.base.tables import write_table
from plananalysis.editions import building, inputs, peers
from plananalysis.observations.peers import LEAST, Places, among, in_common, shared, spoken
from plananalysis.plan import load_plans
from plananalysis.projections import project
from plananalysis.simulate import simulate

ROOT = Path(__file__).resolve().parents[1]
YEARS = range(2016, 2026)
PLAN = pd.DataFrame(
    {"role": "target", "unit": "件", "lower": 0.0, "upper": np.nan, "direction": 1, "rhythm": "annual"}, index=["W01"]
)


def reported(place: int, slope: float, years=YEARS, **cells) -> pd.DataFrame:
    """A place whose value rises by ``slope`` a year, each year reported in the next one's April."""
    rows = pd.DataFrame({"year": list(years)})
    rows["value"] = 100.0 + 10 * place + slope * (rows["year"] - 2016)
    rows["reported_at"] = (rows["year"] + 1).astype(str) + "-04-30"
    fixed = {
        "series": "W01",
        "area": f"p{place}",
        "group": "total",
        "definition": "",
        "tier": "",
        "submission": "a.csv",
    }
    given = fixed | {"file_row": rows.index, "status": "A", "numerator": np.nan, "denominator": np.nan} | cells
    return rows.assign(**given)


def told(*places: pd.DataFrame, closings=(("2025-06-30", 2024), ("2026-06-30", 2025)), **cells):
    areas = sorted({a for rows in places for a in rows["area"]})
    gathered = Places(areas, ["W01"], closings)
    for rows in places:
        gathered.add(rows, PLAN.assign(**cells))
    held = gathered.told()
    return {
        area: [spoken(held[i, at], ["W01"]).get("W01") for at in range(len(closings))] for i, area in enumerate(areas)
    }


SIX = [reported(i, slope) for i, slope in enumerate((5.0, 1, 2, 3, 4, 5))]


def test_a_place_hears_of_the_others_as_worked_out_by_hand():
    drift, gap, _, number = among(np.array([rows["value"] for rows in SIX]), 1, -np.inf, np.inf)[0]
    # the others' rises are 1 2 3 4 5 a year, the place itself rises by 5; they stand at 119 … 195, it at 145
    assert (drift, number) == (3 / 5, 5)
    levels = [100 + 10 * i + 9 * i for i in range(1, 6)]
    assert gap == pytest.approx(np.tanh((np.median(levels) - 145) / np.std(levels)))
    held = told(*SIX, lower=np.nan)["p0"][1]
    assert (held.year, held.drift, held.gap, held.peers) == (2025, 0.6, round(gap / 0.05) * 0.05, 5)


def test_what_places_have_in_common_as_worked_out_by_hand():
    sway = np.cumsum([0.0, 1, -1, 1, -1])
    together, opposed = np.array([sway] * 6), np.array([sway] * 5 + [-sway])
    # changes of 1, counted as sqrt(4 / 3) for the mean taken away: of a year's six five stand above and one below
    mean, alone = 2 / 3 * 4 / 6 * 4 / 3, 4 / 3 * 2 / 3
    assert in_common(opposed, -np.inf, np.inf) == pytest.approx(
        (4 * (mean - alone / 6), 4 * (mean - alone / 6 + alone))
    )
    assert shared([in_common(opposed, -np.inf, np.inf)]) == pytest.approx(0.33)
    assert shared([in_common(together, -np.inf, np.inf)]) == 1.0
    assert shared([in_common(np.vstack([sway, -sway] * 3), -np.inf, np.inf)]) == shared([]) == 0.0
    assert in_common(together[:LEAST], -np.inf, np.inf) == (0.0, 0.0)  # a place and four others


def test_how_alike_places_are_is_told_with_everything_known_on_the_day_and_in_no_order():
    rng = np.random.default_rng(3)
    common = rng.normal(0, 3, len(YEARS)).cumsum()
    swaying = [one.assign(value=one["value"] + common + rng.normal(0, 3, len(YEARS))) for one in SIX]
    found = told(*swaying)
    assert {one.shared for one in found["p0"]} < {n / 100 for n in range(10, 90)}
    assert told(*[rows.sample(frac=1, random_state=1) for rows in swaying[::-1]]) == found
    grid = np.array([one["value"] for one in swaying])
    assert len({in_common(grid[rng.permutation(6)], -np.inf, np.inf) for _ in range(20)}) == 1  # to the bit
    late = [one.assign(value=-one["value"], reported_at="2026-03-01")[-2:-1] for one in swaying]
    changed = told(*swaying, *late)
    assert all(changed[a][0] == found[a][0] and changed[a][1].shared != found[a][1].shared for a in found)


def test_nothing_later_than_the_day_an_edition_closes_is_heard():
    before = told(*SIX)
    assert all(len(set(pair)) == 2 and [one.year for one in pair] == [2024, 2025] for pair in before.values())
    late = [reported(i, -9.0, years=[2024, 2025], reported_at="2026-07-01") for i in range(1, 6)]
    assert told(*SIX, *late) == before
    early = [one.assign(reported_at="2026-06-30") for one in late]
    changed = told(*SIX, *early)
    assert [one[0] for one in changed.values()] == [one[0] for one in before.values()] and changed["p0"] != before["p0"]


@pytest.mark.parametrize("bounds", [(0.0, np.nan), (np.nan, np.nan), (0.0, 1000.0)])
def test_places_with_the_same_bounds_or_none_are_peers(bounds):
    assert told(*SIX, unit="%", lower=bounds[0], upper=bounds[1])["p0"][1].peers == 5


@pytest.mark.parametrize(
    "other",
    [{"definition": "other"}, {"group": "sex:female"}, {"status": "M", "value": np.nan}],
    ids=lambda o: next(iter(o)),
)
def test_a_place_that_does_not_report_the_same_is_nobodys_peer(other):
    assert LEAST == 5
    assert told(*SIX[:5], SIX[5].assign(**other))["p0"] == [None, None]


def test_what_came_before_a_break_is_no_drift():
    broken = SIX[5].assign(status=["B" if y == 2024 else "A" for y in YEARS])
    assert told(*SIX[:5], broken)["p0"] == [None, None]  # four others' drifts are left


def test_invented_places_tell_nothing_to_real_ones():
    gathered = Places([f"p{i}" for i in range(6)], ["W01"], [("2026-06-30", 2025)])
    for rows in SIX:
        gathered.add(rows, PLAN, world=str(rows["area"].iloc[0] == "p0"))
    assert not gathered.told()["year"].any()


def test_how_alike_invented_places_are_says_nothing_of_real_ones():
    sway = np.resize([0.0, 9.0], len(YEARS))
    real, invented = SIX, [reported(i + 10, i).assign(value=lambda t: t["value"] + sway) for i in range(6)]
    gathered = Places([f"p{i}" for i in (*range(6), *range(10, 16))], ["W01"], [("2026-06-30", 2025)])
    for rows in (*real, *invented):
        gathered.add(rows, PLAN.assign(lower=np.nan), world=str(int(rows["area"].iloc[0][1:]) > 9))
    assert gathered.told()["shared"][:, 0, 0].tolist() == [0] * 6 + [100] * 6


def test_neither_order_nor_company_of_rows_counts():
    shuffled = [rows.sample(frac=1, random_state=i) for i, rows in enumerate(SIX)]
    assert told(*shuffled[::-1]) == told(*SIX) == told(pd.concat(SIX, ignore_index=True))


@pytest.fixture(scope="module")
def city(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("city")
    simulate(ROOT, areas=LEAST + 1, seed=11, target=root)
    return root


def alone(city: Path, tmp_path: Path) -> Path:
    raw = tmp_path / "data" / "raw"
    shutil.copytree(city / "data" / "raw" / "sim-0001", raw / "sim-0001")
    shutil.copy(city / "data" / "raw" / "thresholds.toml", raw)
    return tmp_path


def test_a_district_alone_with_what_its_city_handed_it_gets_the_same_numbers(city, tmp_path):
    inside = building.editions(city, "sim-0001", n_paths=60)
    root = alone(city, tmp_path)
    without = building.editions(root, "sim-0001", n_paths=60)
    write_table(peers.table(inside), inputs.handed(root, "sim-0001"))
    given = building.editions(root, "sim-0001", n_paths=60)
    for one, other in zip(inside, given, strict=True):
        pd.testing.assert_frame_equal(one.assessments, other.assessments, check_exact=True)
    moved = inside[-1].assessments["probability"] - without[-1].assessments["probability"]
    assert (moved.abs() > 0.01).sum() > 20
    assert {h.beside.peers for h in inside[-1].histories.values() if h.beside} == {LEAST}


def test_a_table_that_was_changed_is_told_with_file_and_row(city, tmp_path):
    root = alone(city, tmp_path)
    place = inputs.handed(root, "sim-0001")
    place.write_text(
        "as_of,series,year,drift,gap,peers,shared\n2025,W01,2025,0.5,0.1,5,0.1\n2025,W03,2025,viel,0.1,5,0.1\n",
        encoding="utf-8",
    )
    with pytest.raises(DataError) as raised:
        peers.beside(root, load_plans(root, "sim-0001"))
    (problem,) = raised.value.problems
    assert (problem.file, problem.row) == ("data/raw/sim-0001/peers.csv", 3)


def test_a_table_of_an_earlier_program_is_refused_once_with_what_to_do(city, tmp_path):
    """It has no column for how alike the places are; to add an empty one would not help."""
    root = alone(city, tmp_path)
    inputs.handed(root, "sim-0001").write_text(
        "as_of,series,year,drift,gap,peers\n2025,W01,2025,0.5,0.1,5\n2025,W03,2025,0.2,0.1,5\n", encoding="utf-8"
    )
    with pytest.raises(DataError) as raised:
        peers.beside(root, load_plans(root, "sim-0001"))
    (problem,) = raised.value.problems
    assert "较早版本" in problem.rule and "重新运行全市报告" in problem.advice


def test_a_history_cut_off_has_other_peers(city):
    history = next(h for h in building.editions(city, "sim-0001", n_paths=2)[-1].histories.values() if h.beside)
    full, shorter = (
        history,
        replace(
            history,
            years=history.years[:-1],
            values=history.values[:-1],
            numerators=np.array([]),
            denominators=np.array([]),
        ),
    )
    same = [project([replace(h, beside=None)], 2030, "t")[h.series].paths for h in (full, shorter)]
    drawn = [project([h], 2030, "t")[h.series].paths for h in (full, shorter)]
    assert not np.array_equal(drawn[0], same[0]) and np.array_equal(drawn[1], same[1])


def test_the_record_of_a_districts_inputs_changes_with_its_peers_and_names_none_of_their_files(city, tmp_path):
    shutil.copytree(city / "data", tmp_path / "data")
    first = inputs.digests(tmp_path, "sim-0001")
    assert not any("sim-0002" in name for name in first)
    path = next((tmp_path / "data" / "raw" / "sim-0002" / "observations").glob("*.csv"))
    path.write_text(path.read_text(encoding="utf-8-sig") + "\n", encoding="utf-8")
    second = inputs.digests(tmp_path, "sim-0001")
    assert {name for name in first if first[name] != second[name]} == {inputs.PEERS}
