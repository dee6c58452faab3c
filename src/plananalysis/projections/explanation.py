"""What a report can say about one verdict, and the sentences it says it in."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import pandas as pd

from plananalysis.base.text import say
from plananalysis.projections.alike import Analogue
from plananalysis.projections.analogues import indicator_name, place_name, source_name


@dataclass(frozen=True)
class Variant:
    """The probability under another view of the same data; ``key`` names it in the catalogue."""

    key: str
    probability: float


@dataclass(frozen=True, repr=False)
class Explanation:
    """What a report can say about one verdict.

    Parameters
    ----------
    comparable, made_it
        How many comparable windows were followed long enough, and the share of them that moved at least as far as needed
        (stayed on the good side, when the goal is met already). NaN when no single goal value can be named.
    needed_a_year, own_a_year
        Change per year that reaches the goal, and the series' own straight line over its last ten years, in its unit.
    pace_multiple
        ``needed_a_year / own_a_year``; NaN when the series stands still or moves the other way.
    kept
        Whether the goal is met already, so that the windows asked had to keep it.
    variants, steady
        Other views, and whether all of them keep the verdict.
    """

    series: str
    years_ahead: int
    comparable: int
    made_it: float
    needed_a_year: float
    own_a_year: float
    pace_multiple: float
    analogues: tuple[Analogue, ...]
    variants: tuple[Variant, ...]
    steady: bool
    kept: bool = False

    def __repr__(self) -> str:
        made = f", {self.made_it:.0%} of {self.comparable} made it" if self.comparable else ""
        return f"<Explanation {self.series}: {len(self.analogues)} analogues{made}, {'steady' if self.steady else 'unsteady'}>"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.sentence)}{escape(self.verdict)}</p>{self.named().to_html(index=False)}"

    @property
    def sentence(self) -> str:
        """What comparable histories did, ready to print; empty where no single goal value can be named."""
        return made_it(self.comparable, self.made_it, self.years_ahead, self.kept)

    @property
    def verdict(self) -> str:
        """Whether other views of the data keep the verdict, ready to print."""
        return steadiness(self.steady)

    def named(self) -> pd.DataFrame:
        """The analogues, one per row: what was measured where, from which year, and how similar it was."""
        rows = [
            (indicator_name(a.indicator), place_name(a.entity), source_name(a.source), a.origin_year, a.similarity)
            for a in self.analogues
        ]
        return pd.DataFrame(rows, columns=["indicator", "entity", "source", "origin_year", "similarity"])

    def followed(self, year: int, value: float) -> pd.DataFrame:
        """What each analogue did next, translated to this series and counted from its newest year and value.

        Returns
        -------
        DataFrame
            Long: ``analogue`` (its row in :meth:`named`), ``year``, ``value``; each begins with the year and value given.
        """
        steps = [
            (n, year + i, v) for n, a in enumerate(self.analogues) for i, v in enumerate([value, *map(float, a.path)])
        ]
        return pd.DataFrame(steps, columns=["analogue", "year", "value"])


def made_it(comparable: int, share: float, years: int, kept: bool) -> str:
    """What comparable histories did, in a sentence; empty where there were none."""
    key = "projections.stayed" if kept else "projections.made_it"
    return say(key, n=comparable, years=years, share=round(100 * share)) if comparable else ""


def steadiness(steady: bool) -> str:
    """Whether other views of the data keep a verdict, in words."""
    return say("projections.steady" if steady else "projections.unsteady")
