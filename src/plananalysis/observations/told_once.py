"""Series each of whose years was reported once, under one definition and without a break: nothing has to be decided about them.

Nearly all are such, and what is known of them on a date is told without walking their reports.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from plananalysis.observations.walk import starts_segment


class Told(NamedTuple):
    """What is known of one series on a date: columns ascending by year, values all known.

    ``places`` are the decimals of each value as it was typed, empty where that is not known; ``least`` and ``most`` span all values
    ever reported.
    """

    years: np.ndarray
    values: np.ndarray
    numerators: np.ndarray
    denominators: np.ndarray
    places: tuple[int, ...]
    definition: str
    least: float
    most: float


@dataclass(frozen=True)
class ToldOnce:
    """Such series of one place and group; entry ``i`` of ``of`` is the series of report ``i``."""

    codes: list[str]
    definitions: list[str]
    least: list[float]
    most: list[float]
    of: np.ndarray
    day: np.ndarray
    columns: tuple[np.ndarray, ...]  # year, value, numerator, denominator
    places: np.ndarray | None

    @classmethod
    def among(cls, reported: pd.DataFrame) -> tuple[ToldOnce, pd.DataFrame]:
        """Those among the reports of one place and group, and the reports of the other series."""
        of, codes = pd.factorize(reported["series"].to_numpy(object), sort=True)
        year = reported["year"].to_numpy("int64")
        order = np.lexsort((year, of))
        texts = ["definition", "status", "reported_at", *(["value_text"] if "value_text" in reported else [])]
        definition, status, day, *typed = (reported[c].to_numpy(object)[order] for c in texts)
        of, year = of[order], year[order]
        odd = undecided(of, year, definition, status)
        use = ~odd[of]
        names = ("value", "numerator", "denominator")
        columns = (year[use], *(reported[c].to_numpy("float64")[order][use] for c in names))
        own = (np.cumsum(~odd) - 1)[of[use]]
        first = np.flatnonzero(np.diff(own, prepend=-1))
        least, most = (end.reduceat(columns[1], first).tolist() if len(first) else [] for end in (np.fmin, np.fmax))
        typed = [np.array([decimals(text) for text in column[use]], "int64") for column in typed]
        told = cls(
            codes[~odd].tolist(),
            definition[use][first].tolist(),
            least,
            most,
            own,
            day[use].astype(str),
            columns,
            typed[0] if typed else None,
        )
        return told, reported[~use[np.argsort(order)]]

    def known(self, known_on: str, as_of: int) -> dict[str, Told]:
        """What is known on a closing date."""
        keep = (self.day <= known_on) & (self.columns[0] <= as_of) & ~np.isnan(self.columns[1])
        years, values, above, below = (column[keep] for column in self.columns)
        places = None if self.places is None else self.places[keep]
        ends = np.searchsorted(self.of[keep], np.arange(len(self.codes) + 1)).tolist()
        found = {}
        for i, code in enumerate(self.codes):
            some = slice(ends[i], ends[i + 1])
            typed = () if places is None else tuple(places[some].tolist())
            found[code] = Told(
                years[some],
                values[some],
                above[some],
                below[some],
                () if -1 in typed else typed,
                self.definitions[i],
                self.least[i],
                self.most[i],
            )
        return found


def undecided(of: np.ndarray, year: np.ndarray, definition: np.ndarray, status: np.ndarray) -> np.ndarray:
    """Of each number in ``of`` (a series, or one of a place) whether its reports must be walked; reports are sorted by it and by year."""
    odd = np.zeros(of.max() + 1 if len(of) else 0, bool)
    odd[of[1:][(of[1:] == of[:-1]) & ((year[1:] == year[:-1]) | (definition[1:] != definition[:-1]))]] = True
    marks, words = pd.factorize(status)
    odd[of[np.array([starts_segment(word) for word in words], bool)[marks]]] = True
    return odd


def decimals(text: str) -> int:
    """Decimals of a number as it was typed; -1 where that is not known."""
    return len(text.partition(".")[2]) if text else -1


def matching(column: pd.Series, pattern: str | re.Pattern[str]) -> np.ndarray:
    """Which cells match a pattern from end to end; each different text is looked at once, and a long column has few."""
    places, texts = pd.factorize(column, use_na_sentinel=False)
    return np.array([re.fullmatch(pattern, str(text)) is not None for text in texts], bool)[places]
