"""What a plan holds once it is checked: its tables, and how each target is read."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import pandas as pd

from plananalysis.base.errors import UsageError
from plananalysis.base.text import listed, say
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
            "plans": {code: dict(row) for code, row in self.plans.iterrows() if code in set(self.series["plan"])},
            "plans_name": self.outline.short,
            "plans_name_en": self.outline.short_en,
        }

    @property
    def plans_name(self) -> str:
        """What the plans are called together: as the period says, else one after the other."""
        return self.outline.short or listed(self.plans.loc[list(dict.fromkeys(self.series["plan"])), "name"])

    def rows(self) -> pd.DataFrame:
        """The plan's own rows (89 for Jiangbei), in printed order."""
        return self.series[self.series["role"].isin(("target", "compound"))]

    def leaves(self) -> pd.DataFrame:
        """Series that carry observations: all but the rows judged by their parts."""
        return self.series[self.series["role"] != "compound"]

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
