"""Owns the table ``movement`` of a city: what has become of each district's targets since its edition of the year before."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

COLUMNS = ["area", "compared", "met_before", "met_now", "gained", "lost", "better", "worse", "expected_change"]
_ORDER = (
    "very_hard",
    "hard",
    "uncertain",
    "likely",
)  # of targets that are not met; of those met, secure is better than slipping
_MET = ("met_slipping", "met_secure")


def movement(verdicts: pd.DataFrame, earlier: Mapping[str, pd.DataFrame], as_of: int) -> pd.DataFrame:
    """One line per district whose last edition said something of the same targets.

    Parameters
    ----------
    verdicts
        One line per district and row of the plan, with ``area``, ``series``, ``position``, ``outlook`` and ``probability``.
    earlier
        Each district's table ``earlier``.

    Returns
    -------
    DataFrame
        ``gained`` and ``lost``: targets met now and not before, and the other way round; ``better`` and ``worse``: outlooks of the others that
        moved up or down; ``expected_change``: how many more targets are expected to be met than a year ago.
    """
    rows = []
    for area, now in verdicts.groupby("area", sort=True):
        said = earlier.get(str(area))
        if said is None or not len(said):
            continue
        before = said[pd.to_numeric(said["year"]) == as_of - 1].set_index("series")
        columns = ["position", "outlook", "probability"]
        both = now.set_index("series").join(before[columns].add_suffix("_before"), how="inner")
        if both.empty:
            continue
        met, met_before = both["position"] == "met", both["position_before"] == "met"
        known = both["position"].isin(("met", "not_met")) & both["position_before"].isin(("met", "not_met"))
        step = _steps(both["outlook"], both["outlook_before"])
        change = pd.to_numeric(both["probability"]) - pd.to_numeric(both["probability_before"])
        counted = [known.sum(), (known & met_before).sum(), (known & met).sum(), (known & met & ~met_before).sum()]
        counted += [(known & ~met & met_before).sum(), (step > 0).sum(), (step < 0).sum()]
        rows.append([area, *map(int, counted), round(float(change.sum()), 3)])
    return pd.DataFrame(rows, columns=COLUMNS).sort_values(
        ["expected_change", "area"], ascending=[False, True], ignore_index=True
    )


def _steps(now: pd.Series, before: pd.Series) -> pd.Series:
    """How many words an outlook moved up; 0 where it went from one kind to the other, which positions tell."""
    moved = pd.Series(0, now.index)
    for words in (_ORDER, _MET):
        place = {word: i for i, word in enumerate(words)}
        moved += (now.map(place) - before.map(place)).fillna(0).astype(int)
    return moved
