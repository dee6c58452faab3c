"""Official targets of finished plans (``data/raw/official``): asked again while they were running, they tell what probabilities of plans are worth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from plananalysis.base import tables
from plananalysis.projections import World, engine, project_with
from plananalysis.projections.reference import Corpus, assemble, bounds, decimals

LONGEST, SHORTEST = 15, 4  # years of history and values a question needs
FEWEST = 50  # questions that give a family of programmes a voice
FIRST_YEAR = 1960  # as the reference begins
WATCHED = "chn"  # the place whose plan is told here: nothing is learned from its own years
WHEN = ("third year", "half-way", "two years before the end")


@dataclass(frozen=True)
class Questions:
    """Targets asked at one moment of their plan; ``asked`` has one row each, ``histories`` what was known then."""

    asked: pd.DataFrame
    histories: list[Any]


def load_official(root: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The targets, and the values as series x years."""
    folder = root / "data" / "raw" / "official"
    targets = tables.read_table(folder / "targets.csv", dtype={"series": str, "place": str})
    values = tables.read_table(folder / "values.csv", dtype={"series": str})
    return targets, values.pivot(index="series", columns="year", values="value").sort_index(axis=1)


def corpus(targets: pd.DataFrame, values: pd.DataFrame) -> Corpus:
    """The series that targets are set on, as histories to learn from."""
    about = targets[targets["place"] != WATCHED].drop_duplicates("series").set_index("series")
    register = about[["indicator", "unit_type", "direction", "kind"]].assign(
        source="official", entity="c-" + about["place"], fold=0, use="learn"
    )
    known = values.loc[values.index.isin(register.index), [y for y in values if y >= FIRST_YEAR]]
    long = known.stack().rename_axis(["series", "year"]).rename("value").reset_index()
    return assemble(register[register.index.isin(long["series"])], long)


def questions(targets: pd.DataFrame, values: pd.DataFrame) -> Questions:
    """Every target asked in the third year, half-way and two years before its end, where a value of that year and three before it are known.

    Targets on a mean of years are left out.
    """
    years = values.columns.to_numpy(int)
    rows, histories = [], []
    grid, at = values.to_numpy(float), {s: i for i, s in enumerate(values.index)}
    for target in targets[targets["statistic"] == "value"].itertuples():
        moments = {target.start + 2: WHEN[0], target.mid_year: WHEN[1], target.target_year - 2: WHEN[2]}
        for origin, when in moments.items():
            ahead = target.target_year - origin
            if target.series not in at or not 1 <= ahead <= engine.HORIZONS or origin not in years:
                continue
            known = (years <= origin) & (years > origin - LONGEST) & np.isfinite(grid[at[target.series]])
            seen = grid[at[target.series], known]
            if known.sum() < SHORTEST or years[known][-1] != origin:
                continue
            rows.append([target.id, when, origin, ahead, seen[-1]])
            histories.append(_history(f"{target.id}|{when}", target, years[known] - origin, seen))
    asked = pd.DataFrame(rows, columns=["id", "when", "origin", "ahead", "last"]).merge(targets, on="id", how="left")
    return Questions(asked, histories)


def _history(code: str, target: Any, years: np.ndarray, values: np.ndarray) -> SimpleNamespace:
    lower, upper = bounds(target.unit_type, values.min())
    return SimpleNamespace(
        series=code, unit=target.unit_type, years=years, values=values, lower=lower, upper=upper, decimals=int(decimals(values[None])[0]),
        direction=int(target.direction), rhythm="annual", numerators=None, denominators=None,
    )  # fmt: skip


def met_now(asked: pd.DataFrame) -> np.ndarray:
    """Whether the target was met by the last value known."""
    return good(asked["last"].to_numpy(float), asked)


def good(values: np.ndarray, asked: pd.DataFrame) -> np.ndarray:
    """Which values (questions, or questions x anything) are on the good side of their target, at the decimals it is compared at."""
    shape = (-1,) + (1,) * (values.ndim - 1)
    side, target = (asked[c].to_numpy(float).reshape(shape) for c in ("direction", "target"))
    digits = asked["compare_decimals"].to_numpy(float).reshape(shape)
    factor = 10.0 ** np.nan_to_num(digits)
    shown = np.where(np.isfinite(digits), np.floor(values * factor + 0.5) / factor, values)
    upper = asked["target_upper"].to_numpy(float).reshape(shape)
    strict = asked["operator"].isin((">", "<")).to_numpy().reshape(shape)
    gap = side * (shown - target)
    reached = np.where(strict, gap > 1e-9, gap >= -1e-9)
    return np.where(np.isfinite(upper), (shown >= target - 1e-9) & (shown <= upper + 1e-9), reached)


def stated(found: Questions, learned: engine.Learned, world: World = "plan") -> np.ndarray:
    """Probability that each target is met, as the product would have said it."""
    ahead = found.asked["ahead"].to_numpy(int)
    p = np.empty(len(ahead))
    for start in range(0, len(ahead), 500):
        some = slice(start, start + 500)
        told = project_with(learned, found.histories[some], int(ahead[some].max()), "official", world=world)
        ends = np.stack(
            [told[h.series].paths[:, k - 1] for h, k in zip(found.histories[some], ahead[some], strict=True)]
        )
        p[some] = good(ends, found.asked.iloc[some]).mean(axis=1)
    return p


def shift_of(p: np.ndarray, asked: pd.DataFrame) -> float:
    """By how many normal scores plans' indicators did better than ``p`` says: half of what families of programmes did on average.

    Each family (of fifty questions or more) has one voice, its least Brier score. Families differ by as much as they do better on
    average, so that a family of its own is promised half. A band has no good side to do better on.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import ndtr, ndtri

    sided = (asked["direction"] != 0).to_numpy()
    p, asked = p[sided], asked[sided]
    score, met = ndtri(np.clip(p, 0.002, 0.998)), asked["met"].to_numpy(float)
    found = []
    for rows in asked.reset_index(drop=True).groupby("family").groups.values():
        if len(rows) >= FEWEST:
            loss = lambda d, x=score[rows], y=met[rows]: float(((ndtr(x + d) - y) ** 2).mean())  # noqa: E731
            found.append(minimize_scalar(loss, bounds=(-1, 1), method="bounded").x)
    return round(float(np.mean(found)) / 2, 3) if found else 0.0


def learn_shift(root: Path, learned: engine.Learned) -> dict[str, np.ndarray]:
    """``plan.shift``, from all shipped targets."""
    found = questions(*load_official(root))
    return {"plan.shift": np.array(shift_of(stated(found, learned, "new"), found.asked))}


def left_out(p: np.ndarray, asked: pd.DataFrame) -> np.ndarray:
    """``p`` as it would be stated with the shift learned from the other families of programmes only."""
    from scipy.special import ndtr, ndtri

    out, sided = p.copy(), (asked["direction"] != 0).to_numpy()
    for family in asked["family"].unique():
        mine = (asked["family"] == family).to_numpy()
        shift = shift_of(p[~mine], asked[~mine])
        mine = mine & sided
        out[mine] = ndtr(ndtri(np.clip(p[mine], 0.002, 0.998)) + shift)
    return out
