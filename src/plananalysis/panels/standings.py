"""How districts differ in what they are expected to reach, and how much of that is more than chance.

A district is held against what the city as a whole reaches on the very targets that can be judged in it, so that neither gaps in its
data nor targets that districts set differently count for or against it. What is compared is the number of targets met in the target
year; until then it is uncertain, and targets of one district tend to succeed and fail together. In the target year it is known: then no
question of chance arises, and what was reached is said as it is.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from plananalysis.projections.outlook import ALIKE, TOGETHER

SURE = 0.80  # of the central range; a district outside it is above or below with 90 % probability
DRAWS = 4000
FEWEST = 10  # targets with a stated probability that a district needs to be placed at all
_SEED = 20300101
COLUMNS = [
    "area",
    "able",
    "expected",
    "usual",
    "difference",
    "low",
    "high",
    "rank_low",
    "rank_high",
    "standing",
]


def one_reading(verdicts: pd.DataFrame) -> pd.Series:
    """Whether a verdict is on a target that reads the same in all districts; on others an easier target would be rewarded."""
    if "target_text" not in verdicts:
        return pd.Series(True, verdicts.index)
    return verdicts.groupby("series")["target_text"].transform("nunique") <= 1


def standings(verdicts: pd.DataFrame, reached: bool = False) -> pd.DataFrame:
    """Each district's expected number of targets met beside what is usual in the city, best first.

    Parameters
    ----------
    verdicts
        One line per district and row of the plan: ``area``, ``series``, ``probability`` (NaN where none is stated) and
        ``target_text``, where districts may set targets of their own.
    reached
        It is the target year: only what is decided is counted, without ranges, ranks or verdicts about chance.

    Returns
    -------
    DataFrame
        ``able``: targets of one reading with a probability; ``expected``: how many of them will be met; ``usual``: how many of the same targets
        districts of the city meet on average; ``difference`` with its range ``low`` … ``high``; the range of the ranks the district may
        have; ``standing``: ``above``, ``below``, ``within`` (chance alone may explain it), ``reached`` or ``few`` (too few targets to
        be placed). Districts that are equal in a draw share all the ranks they take up.
    """
    from scipy.stats import rankdata

    alike = verdicts.assign(probability=verdicts["probability"].astype(float).where(one_reading(verdicts)))
    if reached:
        alike["probability"] = alike["probability"].where(alike["probability"].isin([0, 1]))
    chances = in_order(alike)
    areas, p = list(chances.index), chances.to_numpy()
    able = np.isfinite(p)
    placed = able.sum(1) >= FEWEST
    if placed.sum() < 2:
        placed[:] = False
    usual = np.where(able[placed].any(0), np.nansum(p[placed], 0) / np.maximum(able[placed].sum(0), 1), np.nan)
    drawn = _drawn(p[placed], able[placed])  # draws x districts: number met beyond the city's mean on the same targets
    low, high = np.quantile(drawn, [(1 - SURE) / 2, (1 + SURE) / 2], axis=0) if placed.any() else (np.empty(0),) * 2
    share = drawn / np.maximum(able[placed].sum(1), 1)
    order = -share.round(9)  # equal shares share their ranks
    best = np.quantile(rankdata(order, "min", axis=1), 0.1, axis=0) if placed.any() else np.empty(0)
    worst = np.quantile(rankdata(order, "max", axis=1), 0.9, axis=0) if placed.any() else np.empty(0)
    rows, at = [], 0
    for i, area in enumerate(areas):
        expected = float(np.nansum(p[i]))
        line: dict[str, object] = {"area": area, "able": int(able[i].sum()), "expected": round(expected, 3)}
        if not placed[i]:
            rows.append(line | {"standing": "few"})
            continue
        own = float(np.nansum(np.where(able[i], usual, np.nan)))
        if reached:
            rows.append(line | {"usual": round(own, 3), "difference": round(expected - own, 3), "standing": "reached"})
            continue
        word = "above" if low[at] > 0 else "below" if high[at] < 0 else "within"
        rows.append(
            line
            | {
                "usual": round(own, 3),
                "difference": round(expected - own, 3),
                "low": round(float(low[at]), 3),
                "high": round(float(high[at]), 3),
                "rank_low": int(np.floor(best[at])),
                "rank_high": int(np.ceil(worst[at])),
                "standing": word,
            }
        )
        at += 1
    table = pd.DataFrame(rows, columns=COLUMNS)
    per_target = (table["difference"] / table["able"].clip(lower=1)).round(6)
    return table.iloc[np.lexsort((table["area"], -per_target.fillna(-9)))].reset_index(drop=True)


def in_order(verdicts: pd.DataFrame) -> pd.DataFrame:
    """Probabilities, districts by targets, the districts ordered by what is said of them: who is drawn first has nothing to do with names."""
    chances = verdicts.pivot(index="area", columns="series", values="probability").astype(float)
    return chances.iloc[np.lexsort(chances.fillna(-1.0).to_numpy().T[::-1])] if len(chances.columns) else chances


def met_in_all(verdicts: pd.DataFrame) -> tuple[float, int, int]:
    """How many targets all districts will meet together: the expected number, and its 80 % range."""
    p = in_order(verdicts).to_numpy()
    low, high = np.quantile([met.sum() for met in _met(p)], [(1 - SURE) / 2, (1 + SURE) / 2])
    return float(np.nansum(p)), int(np.floor(low)), int(np.ceil(high))


def _drawn(p: np.ndarray, able: np.ndarray) -> np.ndarray:
    """How many more targets each district meets than the city's mean on the same targets, draw by draw."""
    divisor = np.maximum(able.sum(0), 1)
    beyond = ((met - met.sum(0) / divisor) for met in _met(p))
    return np.array([np.where(able, one, 0.0).sum(1) for one in beyond]).reshape(DRAWS, len(p))


def _met(p: np.ndarray) -> Iterator[np.ndarray]:
    """Which district meets which target, draw by draw; NaN meets nothing.

    Three normal variables add up to each surprise: one common to a district's targets, one common to a target's districts, and its own (a
    two-factor Gaussian copula).
    """
    from scipy.special import ndtri

    rng = np.random.default_rng(_SEED)
    districts, targets = p.shape
    able = np.isfinite(p)
    cut = ndtri(np.clip(np.where(able, p, 0.5), 1e-9, 1 - 1e-9))
    for _ in range(DRAWS):
        place, target = rng.standard_normal((districts, 1)), rng.standard_normal(targets)
        own = rng.standard_normal((districts, targets))
        surprise = np.sqrt(TOGETHER) * place + np.sqrt(ALIKE) * target + np.sqrt(1 - TOGETHER - ALIKE) * own
        yield able & (surprise < cut)
