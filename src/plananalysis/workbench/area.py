"""One area at one edition: its plan, its observations and what follows from them, as frames with names in the chosen language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from plananalysis.assessments import AssessedYear, assess_areas
from plananalysis.assessments.gaps import tables
from plananalysis.base.errors import UsageError
from plananalysis.base.tables import find_root
from plananalysis.base.text import LANGUAGES, read_names, say, speaking
from plananalysis.editions.speaker import Speaker
from plananalysis.observations import History, as_known, counting, histories, known_histories, load_observations
from plananalysis.observations import vintages as all_vintages
from plananalysis.plan import Plan, load_plan, load_plans
from plananalysis.plan.units import unit_name
from plananalysis.projections.outlook import TOGETHER
from plananalysis.workbench import comparisons, holdings, pictures, show, verdict_tables
from plananalysis.workbench.asking import Target, language_of
from plananalysis.workbench.indicator import Indicator

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def open_area(
    code: str,
    as_of: int | None = None,
    *,
    root: str | Path | None = None,
    language: str | None = None,
    outline: str = "",
) -> Area:
    """An area's plan and data as they stood for one edition.

    Parameters
    ----------
    code
        Folder of ``data/raw``: ``example``, ``china``, ``jiangbei``, or your own.
    as_of
        Last data year; by default the area's own setting.
    root
        Project folder; by default the one around the working directory, or ``PLANANALYSIS_ROOT``.
    language
        ``zh`` or ``en``, for names, units, pictures and messages.
    outline
        Id of the plan period whose targets are meant, where several run in the year; by default the area's first one.

    Raises
    ------
    UsageError
        No such area, year or language; the message lists what there is.
    DataError
        The plan or a submission breaks rules; lists all of them.

    Examples
    --------
    >>> china = open_area("china", 2024, language="en")
    >>> china
    China 2024: 38 series, 12 targets for 2030, 250 values
    >>> bool(china["W03"].chance() == china.chances().loc["W03", "probability"])
    True
    """
    folder = find_root() if root is None else Path(root)
    chosen = language_of(language)
    names = {} if chosen == LANGUAGES[0] else read_names(folder)
    with speaking(chosen, names):
        return Area(folder, load_plan(folder, code, as_of, chosen, outline), chosen, names)


@dataclass(frozen=True, eq=False, repr=False)
class Area(Speaker):
    """One area at one edition; :func:`open_area` makes it. ``area[series]`` is an :class:`Indicator`.

    Parameters
    ----------
    root
        Project folder.
    plan
        The plan as it held, names in ``language``.
    """

    root: Path
    plan: Plan
    language: str
    names: Mapping[str, str] = field(default_factory=dict)

    # ---- what there is -----------------------------------------------------------------------------------------

    @cached_property
    def indicators(self) -> pd.DataFrame:
        """Every series of the plan: ``name``, ``unit``, ``domain`` and how it is measured, by code."""
        about = self.plan.series.drop(columns=["responsible_units"])
        with self.speaking():
            units = about["unit"].map({u: unit_name(u) for u in about["unit"].unique()})
        lead = [codes[0] if codes else "" for codes in self.plan.series["responsible_units"]]
        lead_names = [self.plan.units["name"].get(code, "") for code in lead]
        first = ["name", "unit", "domain", "lead_unit"]
        about = about.assign(unit=units, lead_unit=lead_names)
        return about[[*first, *(c for c in about.columns if c not in first)]]

    @property
    def targets(self) -> pd.DataFrame:
        """The reading in force of every target, with the series' name and unit, by code."""
        return self.indicators[["name", "unit", "domain"]].join(self.plan.targets, how="right")

    @property
    def domains(self) -> pd.DataFrame:
        """The plan's domains, by code, with the number of its rows in each."""
        return self.plan.domains.assign(targets=self.plan.rows()["domain"].value_counts()).fillna({"targets": 0})

    @property
    def units(self) -> pd.DataFrame:
        """The responsible units, by code."""
        return self.plan.units

    @property
    def periods(self) -> pd.DataFrame:
        """The editions of the plan period that can be opened, by year: up to when reports counted, and how many values were known."""
        plans = self._plans
        known = [as_known(self.observations, p.known_on, p.as_of) for p in plans]
        rows = [(p.as_of, p.known_on, p.outline.base_year, p.outline.target_year, len(p.targets)) for p in plans]
        columns = ["as_of", "known_on", "base_year", "target_year", "targets"]
        return pd.DataFrame(rows, columns=columns).assign(values=[len(k) for k in known]).set_index("as_of")

    @cached_property
    def coverage(self) -> pd.DataFrame:
        """How much is known of each series that carries values: years, gaps, definitions, groups and revisions."""
        return holdings.coverage(self.plan.leaves(), self._known_by_closing, self.view, self.histories())

    def tidy(self, groups: bool = False, vintages: bool = False) -> pd.DataFrame:
        """Every value known, one row each, with name, unit and source.

        Parameters
        ----------
        groups
            Also the values of groups (sex, residence, age); by default totals only.
        vintages
            Also what was reported before and revised later; by default the newest report of each value.

        Returns
        -------
        DataFrame
            One row per series, group, definition and year (and ``reported_at`` with ``vintages``). ``comparable`` marks the years since
            the last break: one definition for each series, so that ``tidy().query("comparable").pivot(index="year",
            columns="series", values="value")`` mixes nothing.
        """
        rows = all_vintages(self._known_by_closing) if vintages else self.view
        if not groups:
            rows = rows[rows["group"] == "total"]
        rows = rows[rows["series"].isin(self.plan.leaves().index)].reset_index(drop=True)
        table = holdings.tidy(rows, self.indicators, {group: self.histories(group) for group in rows["group"].unique()})
        table.attrs |= {"area": self.plan.area, "as_of": self.plan.as_of, "fictional": self.plan.fictional}
        return table

    def search(self, text: str) -> pd.DataFrame:
        """Series whose code, name (in either language), target, unit or domain holds ``text``; rows of :attr:`indicators`."""
        chinese = load_plan(self.root, self.plan.area, self.plan.as_of, LANGUAGES[0], self.plan.outline.id)
        return self.indicators[holdings.holding(text, self.plan, self.indicators, chinese)]

    @property
    def source(self) -> str:
        """Where the values are from, in words."""
        plan = self.plan
        return say("workbench.source", self.language, name=plan.name, as_of=plan.as_of, known_on=plan.known_on)

    # ---- what follows ------------------------------------------------------------------------------------------

    def chances(self) -> pd.DataFrame:
        """The verdict on every row of the plan, as the reports print it, and both paces in steps that need no unit.

        Returns
        -------
        DataFrame
            By code: probability, outlook, evidence grade and alerts (codes, see the glossary), required and own change a year in
            the unit, and ``required_steps`` and ``own_steps``: the same in usual yearly steps of the series (the mean size of its
            yearly changes), positive toward the target, so that paces of a rate and of a share stand on one axis.
        """
        with self.speaking():
            return verdict_tables.chances(self.edition, self.indicators["lead_unit"])

    def met(self, codes: Sequence[str] | None = None, together: float | None = None, n: int = 10_000) -> pd.Series:
        """How many targets will be met, draw by draw: ``.mean()``, ``.quantile([.1, .9])``, ``(met >= 50).mean()``.

        Parameters
        ----------
        codes
            Rows of the plan to count; by default all of them that have a probability. Parts of a row are not counted beside it.
        together
            Correlation of two targets' surprises; by default as measured (``projections.outlook``). 0 lets every target stand for
            itself, which makes the range too narrow.

        Returns
        -------
        Series
            ``attrs``: ``asked`` rows, ``without`` (rows that have no probability and are not counted), ``together``.
        """
        table = self.edition.assessments
        rows = table[table["role"] != "part"] if codes is None else table.loc[list(codes)]
        found = verdict_tables.met(rows["probability"], TOGETHER if together is None else float(together), n)
        found.attrs |= {"language": self.language, "fictional": self.plan.fictional}
        return found

    def gaps(self) -> pd.DataFrame:
        """The gap of every pair of groups the plan asks for, with its history's end and its projection, by gap."""
        with self.speaking():
            return comparisons.gaps(self.plan, self.view)

    def gap_years(self) -> pd.DataFrame:
        """Every year of every gap: both groups' values, the difference, and the range of coming years."""
        with self.speaking():
            return tables(self.plan, self.view)["gap_years"]

    def places(self) -> pd.DataFrame:
        """Published values of the places the area is compared with; ``attrs["note"]`` says why there are none."""
        with self.speaking():
            return comparisons.places(self.root, self.plan, self.view, self.language)

    def __getitem__(self, key: str | tuple[str, str]) -> Indicator:
        """The indicator of a series, or of a group of it: ``area["C16", "sex:female"]``."""
        code, group = key if isinstance(key, tuple) else (key, "total")
        self._check(code)
        return self._indicator(code, group)

    def __iter__(self) -> Any:
        return iter(self.plan.leaves().index)

    def __len__(self) -> int:
        return len(self.plan.leaves())

    def __contains__(self, code: object) -> bool:
        return code in self.plan.leaves().index

    # ---- pictures ----------------------------------------------------------------------------------------------

    def plot_ranking(self, ax: Axes | None = None, **options: Any) -> Axes:
        """The probability of every target, see :func:`plananalysis.workbench.pictures.ranking`."""
        return pictures.ranking(self, ax, **options)

    def plot_pace(self, ax: Axes | None = None, **options: Any) -> Axes:
        """Required against own pace, see :func:`plananalysis.workbench.pictures.pace`."""
        return pictures.pace(self, ax, **options)

    def plot_met(self, ax: Axes | None = None, **options: Any) -> Axes:
        """How many targets will be met; ``options`` as for :meth:`met`."""
        return pictures.counts(self.met(**options), ax)

    def plot_groups(self, code: str, dimension: str | None = None, ax: Axes | None = None) -> Axes:
        """The groups of one series side by side, see :func:`plananalysis.workbench.pictures.groups`."""
        return pictures.groups(self, code, dimension, ax)

    def __repr__(self) -> str:
        return show.area_line(self)

    def _repr_html_(self) -> str:
        return show.area_html(self)

    # ---- inside, computed once ---------------------------------------------------------------------------------

    @cached_property
    def observations(self) -> pd.DataFrame:
        """Everything ever reported, as it was typed."""
        with self.speaking():
            return load_observations(self.root, self.plan.area)

    @cached_property
    def view(self) -> pd.DataFrame:
        """What was known when the edition closed."""
        return as_known(self.observations, self.plan.known_on, self.plan.as_of)

    @cached_property
    def edition(self) -> AssessedYear:
        """The edition with the memory of those before it, as the reports have it."""
        with self.speaking():
            chain = list(zip(self._plans, known_histories(self.observations, self._plans), strict=True))
            return assess_areas([chain])[0][-1]

    def histories(self, group: str = "total") -> dict[str, History]:
        """The comparable history of every series, empty where nothing is known."""
        return histories(self.view, self.plan.leaves(), group)

    @cached_property
    def _all(self) -> pd.DataFrame:
        return self.tidy(groups=True)

    @cached_property
    def _totals(self) -> dict[str, History]:
        return self.histories()

    @cached_property
    def _plans(self) -> list[Plan]:
        with self.speaking():
            return load_plans(self.root, self.plan.area, self.plan.as_of, self.language, self.plan.outline.id)

    @property
    def _known_by_closing(self) -> pd.DataFrame:
        all_ = self.observations
        return counting(all_[all_["year"] <= self.plan.as_of], self.plan.known_on)

    def _indicator(self, code: str, group: str = "total") -> Indicator:
        plan, about = self.plan, self.plan.series.loc[code]
        history = self._totals[code] if group == "total" else self.histories(group)[code]
        target = reference = None
        if code in plan.targets.index and group == "total":
            reading = plan.reading(code)
            target = Target(reading, plan.outline.base_year, plan.outline.target_year)
            reference = self._indicator(reading.reference) if reading.reference else None
        name = about["name"] if group == "total" else f"{about['name']} ({group})"
        return Indicator(
            history,
            name,
            plan.thresholds,
            target,
            self.language,
            plan.draws,
            reference,
            self._all[(self._all["series"] == code) & (self._all["group"] == group)],
            plan.fictional,
            self.source,
            plan.world if group == "total" else "new",
            (lambda: str(self.edition.assessments.loc[code, "outlook"])) if target else None,
        )

    def _check(self, code: str) -> None:
        if code in self:
            return
        with self.speaking():
            if code in self.plan.series.index:
                parts = ", ".join(self.plan.parts(code))
                raise UsageError(say("workbench.errors.compound", code=code, parts=parts))
            near = get_close_matches(code.upper(), list(self), 5, 0.3)
            raise UsageError(say("workbench.errors.series", code=code, near=", ".join(near), count=len(self)))
