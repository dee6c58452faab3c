"""Reports of many areas as arrays, so that a rule can ask all of them at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from plananalysis.checks import cells
from plananalysis.plan import Plan
from plananalysis.plan.proposing import is_rate_of_change


@dataclass(frozen=True)
class About:
    """What the rules ask of a series, an entry for each."""

    codes: list[str]
    leaves: list[Mapping[str, Any]]
    lower: np.ndarray
    upper: np.ndarray
    decimals: np.ndarray
    scale: np.ndarray  # NaN where its counts are not of that kind
    is_count: np.ndarray
    is_change: np.ndarray
    annual: np.ndarray
    since: np.ndarray
    definitions: list[set[str]]

    @classmethod
    def of(cls, plan: Plan) -> About:
        table = plan.leaves()
        codes, leaves = [str(c) for c in table.index], list(table.to_dict("index").values())
        registered: dict[str, set[str]] = defaultdict(set)
        for row in plan.definitions.itertuples():
            registered[row.series].add(row.definition)
        scales = [cells.scale_of(one) for one in leaves]
        return cls(
            codes=codes,
            leaves=leaves,
            lower=np.array([float(one["lower"]) for one in leaves]),
            upper=np.array([float(one["upper"]) for one in leaves]),
            decimals=np.array([int(one["decimals"]) for one in leaves]),
            scale=np.array([np.nan if s is None else float(s) for s in scales]),
            is_count=np.array([cells.is_count(one) for one in leaves]),
            is_change=np.array([one["lower"] < 0 or is_rate_of_change(one["name"]) for one in leaves]),
            annual=np.array([one["rhythm"] == "annual" for one in leaves]),
            since=np.array([plan.of(code).outline.base_year for code in codes]),
            definitions=[registered[code] for code in codes],
        )


@dataclass(frozen=True)
class Rows:
    """Reports in the order of area, series, group and year; a line is one group of one series of one area."""

    areas: list[str]
    about: About
    area: np.ndarray
    series: np.ndarray
    group: np.ndarray
    total: int  # the group that is none
    line: np.ndarray
    year: np.ndarray
    value: np.ndarray
    above: np.ndarray
    below: np.ndarray
    day: np.ndarray
    status: np.ndarray
    definition: np.ndarray
    places: np.ndarray  # decimals of the value as given

    @classmethod
    def of(cls, about: About, reports: pd.DataFrame) -> Rows:
        series = pd.Index(about.codes).get_indexer(reports["series"])
        reports, series = reports[series >= 0], series[series >= 0]
        area, areas = pd.factorize(reports["area"])
        group, groups = pd.factorize(reports["group"])
        year = reports["year"].to_numpy("int64")
        order = np.lexsort((year, group, series, area))
        texts = [reports[c].to_numpy(object).astype(str) for c in ("reported_at", "status", "definition")]
        numbers = [reports[c].to_numpy("float64") for c in ("value", "numerator", "denominator")]
        places = about.decimals[series]
        if "value_text" in reports:
            places = reports["value_text"].str.partition(".")[2].str.len().to_numpy("int64")
        total = groups.get_loc("total") if "total" in groups else -1
        line = (area * len(about.codes) + series) * max(len(groups), 1) + group
        columns = [column[order] for column in (line, year, *numbers, *texts, places)]
        return cls([str(a) for a in areas], about, area[order], series[order], group[order], total, *columns)

    def where(self, wanted: np.ndarray) -> Rows:
        """Some of the reports."""
        held = {n: c[wanted] if isinstance(c, np.ndarray) else c for n, c in vars(self).items()}
        return Rows(**held)

    def put(self, found: dict[str, set[str]], place: int) -> None:
        """Note a series of an area, ``area * series + series``."""
        area, series = divmod(int(place), len(self.about.codes))
        found[self.areas[area]].add(self.about.codes[series])

    @property
    def place(self) -> np.ndarray:
        """Series of an area, as one number."""
        return self.area * len(self.about.codes) + self.series


def ends(held: Rows, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The least and the largest number reported for each area, series, group and year; NaN where there is none."""
    if not len(numbers):
        none = np.full((0, len(held.about.codes), 1, 1), np.nan)
        return none, none
    start = held.year.min()
    shape = len(held.areas), len(held.about.codes), held.group.max() + 1, held.year.max() - start + 1
    least, most = np.full(shape, np.nan), np.full(shape, np.nan)
    at = held.area, held.series, held.group, held.year - start
    np.fmin.at(least, at, numbers)
    np.fmax.at(most, at, numbers)
    return least, most
