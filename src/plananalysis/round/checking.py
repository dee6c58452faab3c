"""Everything a return is held against: the plan, what was known before, the other units' returns."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from plananalysis.checks.quality import load_logic
from plananalysis.checks.ranges import Point
from plananalysis.checks.returned import Key, Past, check_rows, point
from plananalysis.observations import as_known, histories, load_observations
from plananalysis.plan import Plan, load_plan
from plananalysis.returns import EXPLAIN, HINT, TOTAL, Codebook, Issue, Return, codebook, in_order, issue, layout
from plananalysis.round.forms import known_texts

_EVER = "9999-12-31"


@dataclass(frozen=True, eq=False)
class Checker:
    """An area's knowledge, loaded once for many returns. :meth:`load` makes it."""

    root: Path
    plan: Plan
    book: Codebook
    view: pd.DataFrame
    past: Mapping[tuple[str, str], Past]
    values: Mapping[Key, Point]
    logic: pd.DataFrame
    reported: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def load(cls, root: Path, area: str) -> Checker:
        """Read plan, observations and relations.

        Raises
        ------
        UsageError
            No such area.
        DataError
            Plan or observations break rules.
        """
        plan = load_plan(root, area, language="zh")
        view = as_known(load_observations(root, area), _EVER, plan.outline.target_year)
        past = past_of(view, plan)
        values = {(*key, p.year): p for key, one in past.items() for p in one.points.values()}
        reported = frozenset(view.loc[view["value"].notna(), "series"])
        logic = load_logic(root, area, set(plan.series.index))
        return cls(root, plan, codebook(root, plan), view, past, values, logic, reported)

    def known_texts(self) -> dict[Key, str]:
        """What was reported before, as it was typed."""
        return known_texts(self.view)

    def check(self, found: Return, received_on: str = "", due: str = "", others: Iterable[Return] = ()) -> list[Issue]:
        """All issues of a return, worst first; a refused one keeps the reason it was refused for.

        Parameters
        ----------
        received_on, due
            ISO dates; with both, a late return is noted.
        others
            Returns of other units that came in beside it.
        """
        if found.refused:
            return list(found.issues)
        beside = dict(self.values)
        for other in others:
            if other.unit != found.unit and other.year == found.year:
                beside |= {(r.series, r.group, r.year): point(r) for r in other.rows if not math.isnan(r.value)}
        sheet = next(
            (i.sheet for i in found.issues if i.sheet), layout.SHEET if found.file.lower().endswith(".xlsx") else ""
        )
        issues = [
            *found.issues,
            *check_rows(found.rows, found.unit, self.past, self.book, self.logic, found.file, sheet, beside),
        ]
        issues += self._disagreements(found, beside, sheet)
        if received_on and received_on[:4] < str(found.year):
            issues.append(
                issue("year_to_come", found.file, sheet=sheet, year=found.year, value=found.year, received=received_on)
            )
        if received_on and due and received_on > due:
            issues.append(issue("late", found.file, HINT, year=found.year, received=received_on, due=due))
        return in_order(issues)

    def _disagreements(self, found: Return, beside: Mapping[Key, Point], sheet: str) -> list[Issue]:
        lines = {(a.series, a.group): a for a in self.book.lines(found.unit)}
        issues = []
        for row in found.rows:
            line, other = lines[row.series, row.group], beside.get((row.series, row.group, row.year))
            if line.lead or other is None or math.isnan(row.value) or row.value == other.value:
                continue
            lead = self.plan.series.loc[row.series, "responsible_units"][0]
            about = {
                "sheet": sheet,
                "cell": row.cells["value"],
                "series": row.series,
                "group": row.group,
                "year": row.year,
            }
            words = {
                "value": row.read["value"].raw,
                "unit": self.book.unit_name(lead),
                "other": f"{other.value:.{line.decimals}f}",
            }
            issues.append(
                issue("units_disagree", found.file, EXPLAIN, **about, **words, explanation=row.explanation or row.note)
            )
        return issues


def past_of(view: pd.DataFrame, plan: Plan) -> dict[tuple[str, str], Past]:
    """What is known of every series and group, with the year from which it is comparable."""
    past: dict[tuple[str, str], Past] = {}
    for group in sorted({TOTAL, *view["group"]}):
        for series, one in histories(view, plan.series, group).items():
            if len(one.years) == 0:
                continue
            numbers = zip(
                one.years.tolist(), one.values.tolist(), one.numerators.tolist(), one.denominators.tolist(), strict=True
            )
            points = {year: Point(year, value) for year, value, _ in one.earlier}
            points |= {p[0]: Point(*p) for p in numbers}
            past[series, group] = Past(points, frozenset(filter(None, (one.break_year,))))
    return past
