"""One indicator: what is known of it, what may come of it, and how probably a target will be met."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from plananalysis.assessments.events import Event
from plananalysis.assessments.targets import Undecidable
from plananalysis.base.errors import UsageError
from plananalysis.base.text import speaking
from plananalysis.observations import History
from plananalysis.plan import Thresholds
from plananalysis.plan.thresholds import national
from plananalysis.projections import Projection, World
from plananalysis.projections.explain import explain_goal
from plananalysis.projections.explanation import Explanation
from plananalysis.projections.methods import Method
from plananalysis.workbench import answers, pictures, scenarios, show
from plananalysis.workbench.answers import N_PATHS
from plananalysis.workbench.asking import Target, language_of, reading_of
from plananalysis.workbench.history import history_of
from plananalysis.workbench.known import Known

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class Indicator(Known):
    """One indicator with its comparable history; ``open_area(code)[series]`` or :meth:`from_frame` make it.

    Parameters
    ----------
    history
        Comparable values since the last break, with unit, bounds, precision and the better side.
    name
        In the indicator's language.
    target
        The target in force, if any.
    thresholds
        Tolerances and cuts that targets leave open.
    edition
        Names the draw of sample paths; the same edition gives the same paths, to the bit.
    reference
        The indicator a relative target is measured by.
    reported
        Every value known, of all definitions, one row per year and definition, as ``Area.tidy`` gives it.
    fictional
        The numbers are invented; pictures and tables say so.
    source
        Where the values are from, in words.
    world
        ``plan`` for an indicator of a plan, which did better than others like it in finished plans; ``new`` for any other series;
        ``known`` for one of a source the engine learned from.
    verdict
        The outlook that the edition states, asked for when it is wanted; None where no edition speaks of it.
    assumed
        Years whose values are a scenario's, see :meth:`what_if`.
    """

    history: History
    name: str
    thresholds: Thresholds
    target: Target | None = None
    language: str = "zh"
    edition: str = "workbench"
    reference: Indicator | None = None
    reported: pd.DataFrame | None = field(default=None)
    fictional: bool = False
    source: str = ""
    world: World = "new"
    verdict: Callable[[], str] | None = None
    assumed: tuple[int, ...] = ()

    @classmethod
    def from_frame(
        cls,
        data: pd.DataFrame | pd.Series | Mapping[int, float],
        *,
        name: str,
        unit: str = "",
        bounds: tuple[float | None, float | None] | None = None,
        better: str = "higher",
        year: str = "year",
        value: str = "value",
        events: str | None = None,
        exposed: str | None = None,
        decimals: int | None = None,
        language: str | None = None,
    ) -> Indicator:
        """An indicator from values of your own; no plan and no folder is needed.

        Parameters
        ----------
        data
            A frame with a column of years and one of values, a series indexed by year, or a mapping from year to value.
        unit
            ``%``, ``‰``, ``per 100,000`` or ``1/10万``, or any word; shares and rates get their natural bounds from it.
        bounds
            Lowest and highest possible value, None where there is none; by default those of the unit.
        better
            ``higher``, ``lower`` or ``neither``.
        events, exposed
            Columns with the counts behind a rate (deaths, births), if known; they let chance be told from change.
        decimals
            Decimals at which values are published and compared; by default the most that a value has, at most 4.

        Raises
        ------
        DataError
            Lists every value that is no number, every year twice, every value out of bounds.

        Examples
        --------
        >>> Indicator.from_frame({2020: 8.1, 2021: 7.4, 2022: 7.0, 2023: 6.2}, name="Deaths", unit="‰", better="lower", language="en")
        Deaths (‰): 4 values 2020–2023, newest 6.2
        """
        language = language_of(language)
        columns = {"year": year, "value": value, "events": events, "exposed": exposed}
        with speaking(language):
            history = history_of(data, name, unit, bounds, better, columns, decimals)
        return cls(history, name, national(), language=language)

    def with_target(
        self, op: str, value: float | tuple[float, float] | None = None, *, by: int, base: int | None = None
    ) -> Indicator:
        """The same indicator with a target of your own, asked for as in :meth:`chance`; pictures show it."""
        reading = reading_of(self.code, op, value, self.language)
        return replace(self, target=Target(reading, answers.base_year(self, base), int(by)), verdict=None)

    # ---- what is known -----------------------------------------------------------------------------------------

    @property
    def event(self) -> Event | Undecidable | None:
        """What must be true of a path for the target to be met, or why nothing can be said; None without a target."""
        return answers.event_of(self, self.target) if self.target else None

    # ---- what may come -----------------------------------------------------------------------------------------

    def paths(self, to: int | None = None, n: int = N_PATHS, method: str | Method | None = None) -> pd.DataFrame:
        """Sample paths of the coming years.

        Parameters
        ----------
        to
            Last year; by default the target's, or five years ahead.
        n
            Number of paths; 1,000 by default, as in the reports.
        method
            Name in :data:`plananalysis.methods` or a function ``(history, target_year, n) -> n x years``; ours by default.

        Returns
        -------
        DataFrame
            Index ``path``, columns ``year``, in the indicator's unit, not rounded.

        Raises
        ------
        UsageError
            The history cannot be projected; says why.
        """
        found = answers.projection(self, to, n, method)
        if found.reason is not None:
            raise UsageError(self._say(f"workbench.no_paths.{found.reason}", name=self.name))
        table = pd.DataFrame(found.paths, columns=pd.Index(found.years, name="year"))
        return self._about(table.rename_axis(index="path"))

    def quantiles(
        self,
        levels: Sequence[float] = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975),
        to: int | None = None,
        n: int = N_PATHS,
        method: str | Method | None = None,
    ) -> pd.DataFrame:
        """Quantiles of the coming years: index ``year``, one column a level."""
        paths = self.paths(to, n, method)
        found = np.quantile(paths.to_numpy(), levels, axis=0).T
        return self._about(pd.DataFrame(found, paths.columns, pd.Index(levels, name="quantile")))

    def chance(
        self,
        op: str | None = None,
        value: Any = None,
        *,
        by: int | None = None,
        base: int | None = None,
        method: str | Method | None = None,
    ) -> float | pd.Series:
        """Probability that a target is met, compared at published precision: the number the reports print.

        Parameters
        ----------
        op
            ``>=``, ``>``, ``<=``, ``<``, ``about``, ``between``, ``rise``, ``fall``, ``hold``, ``rise each year`` or
            ``rise gradually``; without it, the indicator's own target is asked for.
        value
            The target value; for ``between`` a pair. A list gives a series with one probability for each.
        by
            Target year; by default that of the indicator's target.
        base
            Year that ``rise``, ``fall`` and ``hold`` are measured from; by default the plan's base year.

        Returns
        -------
        float or Series
            NaN where no probability can be stated; :meth:`why_no_chance` says why.

        Examples
        --------
        >>> rate = Indicator.from_frame({y: 60.0 + y - 2012 + y % 2 for y in range(2012, 2025)}, name="Rate", unit="%")
        >>> rate.chance(">=", [70, 75, 95], by=2030).is_monotonic_decreasing
        True
        """
        if op is not None and op != "between" and not np.isscalar(value) and value is not None:
            asked = pd.Index(value, name=op)
            each = [answers.chance(self, op, v, by, base, method).probability for v in asked]
            return self._about(pd.Series(each, asked, float, name="probability"))
        found = answers.chance(self, op, value, by, base, method).probability
        return float("nan") if found is None else float(found)

    def why_no_chance(self) -> str:
        """Why :meth:`chance` is NaN for the indicator's own target; empty when it is not."""
        if self.target is None:
            return self._say("workbench.no_target", name=self.name)
        found = answers.chance(self)
        return self._say(f"workbench.why.{found.why_not}") if found.probability is None else ""

    def outlook(self) -> str:
        """The word for :meth:`chance`: that of the edition, or of an indicator of your own by the thresholds in force."""
        return self._say(f"outlook.{answers.outlook(self)}")

    @cached_property
    def met(self) -> bool:
        """Whether the newest values meet the target already."""
        return answers.met_now(self)

    def compare(self, names: Sequence[str | Method] | None = None, to: int | None = None) -> pd.DataFrame:
        """What several methods say: the target's probability and the range of the target year, one row a method.

        Parameters
        ----------
        names
            Names in :data:`plananalysis.methods`, or methods; all of them by default.
        """
        return self._about(answers.compared(self, names, to))

    def what_if(
        self, values: Mapping[int, float] | None = None, *, pace: float | None = None, until: int | None = None
    ) -> Indicator:
        """The indicator as it would stand after other years: what follows is projected from there.

        Parameters
        ----------
        values
            Assumed values by year: coming years, or observed ones that are replaced.
        pace, until
            Instead: the coming years up to ``until`` move ``pace`` times as fast as the last five did
            (``assessments.verdicts.pace``), held within the natural bounds.

        Examples
        --------
        >>> rate = Indicator.from_frame({y: 60.0 + y - 2012 for y in range(2012, 2025)}, name="Rate", unit="%")
        >>> rate.what_if(pace=2, until=2026).frame["value"].tail(3).tolist()
        [72.0, 74.0, 76.0]
        """
        h = self.history
        if pace is not None:
            if until is None or until <= h.years[-1]:
                raise UsageError(self._say("workbench.errors.until", last=int(h.years[-1])))
            values = scenarios.paced(h, pace, int(until))
        if not values:
            raise UsageError(self._say("workbench.errors.nothing_assumed"))
        with speaking(self.language):
            history, years = scenarios.after(h, values, self.name)
        return replace(self, history=history, assumed=tuple(sorted({*self.assumed, *years})), verdict=None)

    def next_value(self, levels: Sequence[float] = (0.05, 0.25, 0.5, 0.75, 0.95)) -> pd.DataFrame:
        """What the coming year's value will tell: the target's chance as it would stand after each.

        Returns
        -------
        DataFrame
            Index: quantiles of the coming year's projection; ``value`` and the ``probability`` after it.
        """
        year = int(self.history.years[-1]) + 1
        values = self.quantiles(levels, year).loc[year].round(self.history.decimals)
        after = [self.what_if({year: value}).chance() for value in values]
        return self._about(pd.DataFrame({"value": values, "probability": after}))

    def explain(self, goal: float | None = None) -> Explanation | None:
        """Real histories like this one and what became of them.

        Parameters
        ----------
        goal
            The value to be reached, by default the target's. None is returned where it names no single value, or nothing is projected.
        """
        wanted = answers.goal(self) if goal is None else goal
        if wanted is None:
            return None
        with speaking(self.language):
            return explain_goal(self.history, wanted, answers.last_year(self, None), self.edition)

    # ---- pictures ----------------------------------------------------------------------------------------------

    def plot(self, ax: Axes | None = None, bands: Sequence[int] = (50, 80), **options: Any) -> Axes:
        """History, projection and target, see :func:`plananalysis.workbench.pictures.fan`."""
        return pictures.fan(self, ax, bands, **options)

    def plot_chance(self, ax: Axes | None = None, values: Sequence[float] | None = None, **options: Any) -> Axes:
        """The probability for every target value, see :func:`plananalysis.workbench.pictures.chance_curve`."""
        return pictures.chance_curve(self, ax, values, **options)

    def __repr__(self) -> str:
        return show.indicator_line(self)

    def _repr_html_(self) -> str:
        return show.indicator_html(self)

    # ---- inside ------------------------------------------------------------------------------------------------

    @cached_property
    def _drawn(self) -> dict[tuple[Method | None, int, int], Projection]:
        return {}
