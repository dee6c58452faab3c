"""One series' comparable values, and what is known about them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from plananalysis.observations.peers import Beside

_YEARLY = ("years", "values", "numerators", "denominators")


@dataclass(frozen=True, eq=False, repr=False)
class History:
    """One series' comparable annual values, ascending by year: the segment since the last break in definition.

    Parameters
    ----------
    values
        In ``unit``; missing years are absent, never filled.
    lower, upper
        Natural bounds in ``unit``; NaN where there is none.
    decimals, direction, rhythm
        Publishing precision; 1 when higher is better, -1 when lower is, 0 neutral; annual, election or census.
    numerators, denominators
        Counts behind ``values``; NaN where unknown.
    earlier
        (year, value, definition) of points that are not comparable with ``values``.
    break_year
        First year of the segment when there are earlier points.
    doubted
        (year, value) of values that cannot be true, ascending: outside the natural bounds, or found in error (:meth:`without`).
        They are in neither of the others, so that nothing rests on them.
    places
        Decimals of each value as it was typed; empty where that is not known.
    questioned
        Years whose value is to be explained by its unit.
    waiting
        Years for which a return came in that nobody has accepted yet.
    provisional
        Years whose value the office uses although questions about it are open; they are among ``questioned``.
    period
        For how many years together each value is; it stands at the last of them.
    beside
        What the same series tells in other places; counts for projections from its own year.
    """

    series: str
    unit: str
    years: np.ndarray
    values: np.ndarray
    lower: float
    upper: float
    decimals: int
    direction: int
    rhythm: str
    numerators: np.ndarray
    denominators: np.ndarray
    earlier: tuple[tuple[int, float, str], ...] = ()
    break_year: int | None = None
    group: str = "total"
    doubted: tuple[tuple[int, float], ...] = ()
    places: tuple[int, ...] = ()
    questioned: tuple[int, ...] = ()
    waiting: tuple[int, ...] = ()
    provisional: tuple[int, ...] = ()
    period: int = 1
    beside: Beside | None = None

    @property
    def newest_places(self) -> int:
        """Decimals with which the newest value was published."""
        return self.places[-1] if self.places else self.decimals

    def during(self, some: np.ndarray) -> History:
        """The history in some of its years alone, chosen by a mask; what else is known of it stays."""
        return replace(self, **{name: getattr(self, name)[some] for name in _YEARLY})

    def without(self, years: Collection[int]) -> History:
        """The history with the values of some years taken out and kept as doubted."""
        out = np.isin(self.years, list(years))
        if not out.any():
            return self
        told = zip(self.years[out].tolist(), self.values[out].tolist(), strict=True)
        places = tuple(p for p, gone in zip(self.places, out, strict=False) if not gone)
        return replace(self.during(~out), places=places, doubted=tuple(sorted({*self.doubted, *told})))

    def heard(self, told: Beside) -> History:
        """The history beside what other places tell; ``replace`` would set each of its fields anew, and a nation has a million."""
        made = object.__new__(History)
        vars(made).update(vars(self) | {"beside": told})
        vars(made).pop("digest", None)
        return made

    def question(self, year: int) -> str:
        """What is asked about a value: ``provisional`` where the office uses it all the same, ``explain``, or nothing."""
        return "provisional" if year in self.provisional else "explain" if year in self.questioned else ""

    @property
    def newest_doubted(self) -> tuple[int, float] | None:
        """The newest value reported, when it is one that cannot be true."""
        last = self.doubted[-1] if self.doubted else None
        return last if last and (not len(self.years) or last[0] > self.years[-1]) else None

    def __repr__(self) -> str:
        if not len(self.years):
            return f"<History {self.series}: no values>"
        newest = f"newest {self.values[-1]:.{self.decimals}f}"
        return f"<History {self.series} ({self.unit}): {len(self.years)} values {self.years[0]}–{self.years[-1]}, {newest}>"

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything this history says; equal histories have equal digests."""
        arrays = (self.years, self.values, self.numerators, self.denominators)
        about = [v for v in vars(self).values() if not isinstance(v, np.ndarray)]
        said = hashlib.sha256(repr(about).encode())
        for array in arrays:
            said.update(f"\0{array.dtype.str}{len(array)}\0".encode())
            said.update(array.tobytes())
        return said.hexdigest()
