"""What a plan holds once it is checked: its tables, and how each target is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, Literal

import pandas as pd

from plananalysis.base.errors import UsageError
from plananalysis.base.text import aside, listed, say
from plananalysis.plan.printed import questions, read_milestones
from plananalysis.plan.settings import Outline
from plananalysis.plan.thresholds import Thresholds


@dataclass(frozen=True)
class Reading:
    """How a target is read: the printed words beside the event they stand for."""

    series: str
    kind: str
    operator: str
    value: float | None
    value_text: str
    low: float | None
    high: float | None
    reference: str | None
    target_text: str
    operator_source: str
    confidence: str
    decided_on: str
    decided_by: str
    reason: str
    milestones: tuple[tuple[int, str], ...] = ()  # years on the way, each with its value as printed

    @property
    def asks(self) -> tuple[Any, ...]:
        """What is asked of the values: a row that only confirms a reading asks the same."""
        return self.kind, self.operator, self.value, self.low, self.high, self.reference

    @property
    def amount(self) -> float:
        """The number of a reading whose kind has one."""
        assert self.value is not None, f"{self.kind} has no number"
        return self.value

    @property
    def least(self) -> float:
        """The lower end of a reading whose kind has one."""
        assert self.low is not None, f"{self.kind} has no lower end"
        return self.low

    @property
    def most(self) -> float:
        """The upper end of a reading whose kind has one."""
        assert self.high is not None, f"{self.kind} has no upper end"
        return self.high


@dataclass(frozen=True, eq=False, repr=False)
class Plan:
    """A checked plan as it held on ``known_on``; `load_plan` makes it.

    ``targets`` has the reading in force of each target, ``first_targets`` the first one of those that were decided more than once.
    ``beside`` are the plans of the other periods that run in the year: the same series, some with a target here and there; ``shared``
    the series that stand in another plan as well and are rows of this period by that. ``asked_years`` are the first base year and the last
    target year of the periods that ask for a series; ``as_reported`` are the series as ``series.csv`` has them, where some are shared.
    """

    area: str
    name: str
    name_en: str
    fictional: bool
    as_of: int
    known_on: str
    office: str
    office_en: str
    outline: Outline
    comparators: tuple[str, ...]
    thresholds: Thresholds
    plans: pd.DataFrame
    domains: pd.DataFrame
    units: pd.DataFrame
    series: pd.DataFrame
    targets: pd.DataFrame
    first_targets: pd.DataFrame
    companions: pd.DataFrame
    definitions: pd.DataFrame
    shared: frozenset[str] = frozenset()
    asked_years: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    as_reported: pd.DataFrame | None = None
    beside: tuple[Plan, ...] = ()
    country: bool = False

    @property
    def world(self) -> Literal["plan", "country"]:
        """Whose histories tell how its indicators go on: those of whole countries, or of places like no other that is known."""
        return "country" if self.country else "plan"

    def __repr__(self) -> str:
        period = f"{self.outline.base_year + 1}–{self.outline.target_year}, known on {self.known_on}"
        return f"<Plan {self.area} {self.as_of}: {len(self.rows())} rows, {len(self.series)} series, {period}>"

    @property
    def draws(self) -> str:
        """Names the random draws of the edition; one for all areas, so that equal histories get equal probabilities whatever a place is called."""
        return f"edition {self.as_of}"

    def called(self) -> dict[str, Any]:
        """What the area, its office and its plans are called, in both languages, as derived tables keep it beside them.

        ``plans`` names each plan, ``plans_name`` all of them together; an office or a common name that is not said is "".
        """
        return {
            "name": self.name,
            "name_en": self.name_en,
            "office": self.office,
            "office_en": self.office_en,
            "plans": {code: dict(self.plans.loc[code]) for code in self.plans.index if code in self._codes},
            "plans_name": self.outline.short,
            "plans_name_en": self.outline.short_en,
        }

    @property
    def plans_name(self) -> str:
        """What the plans are called together: as the period says, else one after the other."""
        return self.outline.short or listed(self.plans.loc[self._codes, "name"])

    @property
    def all_plans(self) -> str:
        """What the plans of all periods that run in the year are called."""
        return listed(plan.plans_name for plan in self.together())

    @property
    def all_titles(self) -> str:
        """The titles of all periods that run in the year."""
        return listed(plan.outline.title for plan in self.together())

    @cached_property
    def _codes(self) -> list[str]:
        """The plans of the period that have rows or series, in printed order."""
        return [code for code in dict.fromkeys(self.series["plan"]) if self.outline.is_of(code)]

    def together(self) -> tuple[Plan, ...]:
        """The plans of all periods that run in the year, this one first."""
        return (self, *self.beside)

    def of(self, series: str) -> Plan:
        """The plan whose period a series has a target in: this one, else one beside it; this one where none has."""
        return next((plan for plan in self.together() if self.beside and series in plan.targets.index), self)

    @property
    def since(self) -> int:
        """The earliest base year of the periods that run in the year: from it on values are asked for."""
        return min(plan.outline.base_year for plan in self.together())

    @property
    def until(self) -> int:
        """The latest target year of the periods that run in the year."""
        return max(plan.outline.target_year for plan in self.together())

    def named(self) -> dict[str, tuple[Plan, str]]:
        """Every target of the periods that run in the year: its plan and series by the name forms have for it.

        That is the series' code; with the id of the period, as ``W02@fyp14``, where it is a row of a second plan.
        """
        return {
            f"{series}@{plan.outline.id}" if series in plan.shared else series: (plan, series)
            for plan in self.together()
            for series in plan.targets.index
        }

    def asked(self, series: str) -> str:
        """What the printed targets on a series say, each with its year where several periods run; "" where there is none."""
        told = [
            (str(plan.targets.at[series, "target_text"]), plan.outline.target_year)
            for plan in self.together()
            if series in plan.targets.index
        ]
        return listed(text + aside(say("pages.year", year=year)) * bool(self.beside) for text, year in told)

    def narrowed(self) -> Plan:
        """Only what its own period is about: rows and series of its plans, and series of others that a target is measured by.

        Where periods do not name their plans, each is of all, and the plan is as it is.
        """
        if not self.outline.plans:
            return replace(self, beside=())
        own = self.series["plan"].isin(self._codes) | self.series.index.isin(self.targets["reference"])
        series = self.series[own]
        units = {unit for units in series["responsible_units"] for unit in units}
        return replace(
            self,
            plans=self.plans.loc[self._codes],
            units=self.units[self.units.index.isin(units)],
            series=series,
            definitions=self.definitions[self.definitions["series"].isin(series.index)],
            beside=(),
        )

    def rows(self) -> pd.DataFrame:
        """The plan's own rows (89 for Jiangbei), in printed order."""
        return self.series[self.series["role"].isin(("target", "compound"))]

    def leaves(self) -> pd.DataFrame:
        """Series that carry observations: all but the rows judged by their parts."""
        return self.series[self.series["role"] != "compound"]

    def collected(self) -> pd.DataFrame:
        """The same series as units report them: whichever plan names one as well, it is asked for once, of the units of its own plan."""
        return self.leaves() if self.as_reported is None else self.as_reported

    def parts(self, row: str) -> list[str]:
        """Series codes of a compound row's parts, in order; empty for any other row."""
        return list(self.series.index[(self.series["row"] == row) & (self.series["role"] == "part")])

    def reading(self, series: str) -> Reading:
        """The reading in force of one series.

        Raises
        ------
        UsageError
            The series has no target in this edition.
        """
        if series not in self._readings:
            raise UsageError(say("plan.errors.series", series=series, known=listed(self.targets.index)))
        return self._readings[series]

    @cached_property
    def _readings(self) -> dict[str, Reading]:
        return _read(self.targets)

    @cached_property
    def first_readings(self) -> dict[str, Reading]:
        """The first reading of each target of which something else is asked now, by series."""
        return {s: first for s, first in _read(self.first_targets).items() if first.asks != self.reading(s).asks}

    def questions(self, today: str) -> list[str]:
        """What the office should look at again in its readings, in sentences; ``today`` is an ISO date."""
        columns = (self.targets.index, self.targets["kind"], self.targets["target_text"])
        return list(questions(zip(*columns, strict=True), today, self.targets["decided_on"].to_dict()))

    def to_table(self) -> pd.DataFrame:
        """The derived table ``plan``: one line per series, with the reading in force."""
        names = self.units["name"].to_dict()
        references = self.targets["reference"].map(self.series["name"]).fillna("")
        table = self.series.assign(
            domain_name=self.series["domain"].map(self.domains["name"]),
            domain_name_en=self.series["domain"].map(self.domains["name_en"]),
            responsible_names=[";".join(names[u] for u in units) for units in self.series["responsible_units"]],
            responsible_units=self.series["responsible_units"].map(";".join),
        )
        return table.join(self.targets.assign(reference_name=references)).reset_index()


def _read(targets: pd.DataFrame) -> dict[str, Reading]:
    """The readings of a table of targets, by series."""
    columns = {f.name: targets[f.name].tolist() for f in fields(Reading) if f.name != "series"}
    for name in ("value", "low", "high"):
        columns[name] = [None if v != v else float(v) for v in columns[name]]
    columns["reference"] = [v or None for v in columns["reference"]]
    columns["milestones"] = [tuple(read_milestones(v) or ()) for v in columns["milestones"]]
    rows = zip(*columns.values(), strict=True)
    return {
        series: Reading(series, **dict(zip(columns, row, strict=True)))
        for series, row in zip(targets.index.tolist(), rows, strict=True)
    }
