"""What is known of one series: its comparable values, and how it has moved."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from plananalysis.base.text import say, speaking
from plananalysis.observations import History
from plananalysis.plan import Thresholds
from plananalysis.plan.units import unit_name
from plananalysis.projections import World
from plananalysis.projections.steps import Steps, steps
from plananalysis.workbench import decompose
from plananalysis.workbench.answers import AHEAD


class Known:
    """What :class:`~plananalysis.workbench.indicator.Indicator` can say without projecting a target; the attributes are explained there."""

    history: History
    name: str
    thresholds: Thresholds
    language: str
    fictional: bool
    source: str
    world: World
    assumed: tuple[int, ...]

    @property
    def code(self) -> str:
        """Code of the series, or the name of an indicator of your own."""
        return self.history.series

    @property
    def unit(self) -> str:
        """Unit of measure, in the indicator's language."""
        with speaking(self.language):
            return unit_name(self.history.unit)

    @property
    def frame(self) -> pd.DataFrame:
        """Comparable values by year: ``value``, the counts behind it, and whether a scenario ``assumed`` it."""
        h = self.history
        columns: dict[str, Any] = {"value": h.values, "events": h.numerators, "exposed": h.denominators}
        if self.assumed:
            columns["assumed"] = np.isin(h.years, self.assumed)
        table = pd.DataFrame(columns, index=pd.Index(h.years, name="year"))
        return self._about(table.dropna(axis=1, how="all"))

    def surprises(self, last: int = 5) -> pd.DataFrame:
        """How surprising the newest values were, each in the range projected from the years before it.

        Returns
        -------
        DataFrame
            Index ``year``: ``value``, the 80 % and 99 % ranges, ``rank`` in the predicted distribution (0 … 1), and ``unusual``
            where it fell outside the range by which 波动较大 is judged.
        """
        return self._about(decompose.surprises(self.history, self.thresholds, last))

    def parts(self) -> pd.DataFrame:
        """The history taken apart by statsmodels' UnobservedComponents: ``value``, ``level``, ``trend`` a year, ``irregular``."""
        return self._about(self._parts.copy())

    def volatility(self) -> pd.Series:
        """How much it moves in a year and how much of that chance alone explains, see :func:`workbench.decompose.volatility`."""
        return self._about(decompose.volatility(self.history))

    def breaks(self) -> pd.DataFrame:
        """Years in which level or trend may have changed, most likely first, see :func:`workbench.decompose.breaks`."""
        return self._about(decompose.breaks(self.history))

    def steps(self, years_ahead: int = AHEAD) -> Steps:
        """How its projection comes about, see :class:`plananalysis.projections.steps.Steps`."""
        return steps(self.history, years_ahead, self.world)

    @cached_property
    def _parts(self) -> pd.DataFrame:
        return decompose.parts(self.history)

    def _say(self, key: str, **values: Any) -> str:
        return say(key, self.language, **values)

    def _about(self, table: Any) -> Any:
        """The table with what it is about, which pandas carries along in ``attrs``."""
        table.attrs |= {"series": self.code, "name": self.name, "unit": self.unit, "source": self.source}
        table.attrs["fictional"] = self.fictional
        return table
