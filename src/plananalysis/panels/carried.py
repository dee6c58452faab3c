"""Counties of a panel's file that came out of others: their reports carried on, as those of an area's own folder are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from plananalysis.base import area_changes
from plananalysis.base.area_changes import AreaChange
from plananalysis.base.errors import Problem
from plananalysis.observations.continued import Measure, continued


def needed(changes: Sequence[AreaChange], codes: Collection[str]) -> list[str]:
    """Areas whose rows must be read beside those of ``codes``."""
    found = (p for code in codes for p in area_changes.predecessors(changes, code))
    return [p for p in dict.fromkeys(found) if p not in set(codes)]


def carried_on(
    by_area: Mapping[str, pd.DataFrame],
    code: str,
    changes: Sequence[AreaChange],
    series: pd.DataFrame,
    none: pd.DataFrame,
) -> tuple[pd.DataFrame, list[Problem]]:
    """An area's reports with those of the areas it came out of, and what keeps them from being joined.

    Parameters
    ----------
    by_area
        Rows of the area and of those it needs, as `columnar.Reader.rows` has them.
    series
        The plan's, indexed by code.
    none
        Rows of an area that reported nothing.
    """
    mine = area_changes.of_area(changes, code)
    if not mine or not by_area:
        return by_area.get(code, none), []
    leaves = series[series["role"] != "compound"]
    measures = {str(s): Measure(unit, int(n)) for s, unit, n in leaves[["unit", "decimals"]].itertuples()}

    def of(place: str) -> pd.DataFrame:
        return carried_on(by_area, place, changes, series, none)[0]

    return continued(by_area.get(code, none), code, mine, of, measures)
