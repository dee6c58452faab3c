"""Everything a return is held against: the plan, what was known before, the other units' returns."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from plananalysis.base.text import aside
from plananalysis.checks.beside import load_logic
from plananalysis.checks.findings import RULES
from plananalysis.checks.first import elsewhere
from plananalysis.checks.returned import Known, value_issues
from plananalysis.observations import as_known, current_definition, load_observations
from plananalysis.plan import load_plan
from plananalysis.returns import EXPLAIN, HINT, TOTAL, Codebook, Issue, Return, codebook, in_order, issue
from plananalysis.returns.decided import EVER
from plananalysis.returns.register import PROVISIONAL
from plananalysis.returns.rows import Row
from plananalysis.round.forms import known_texts

Key = tuple[str, str, int]  # series, group, year


@dataclass(frozen=True, eq=False)
class Checker:
    """An area's knowledge, loaded once for many returns. :meth:`load` makes it."""

    known: Known

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
        view = as_known(load_observations(root, area), EVER, plan.until)
        logic = load_logic(root, area, set(plan.series.index))
        return cls(Known(plan, codebook(root, plan), view, logic, elsewhere(root, plan)))

    @property
    def book(self) -> Codebook:
        """What every unit is asked for."""
        return self.known.book

    @cached_property
    def reported(self) -> frozenset[str]:
        """Series of which any value is known."""
        view = self.known.view
        return frozenset(view.loc[view["value"].notna(), "series"])

    @cached_property
    def values(self) -> Mapping[Key, float]:
        """The value known of every series, group and year, in the definition in use."""
        found: dict[Key, float] = {}
        for cells in self.known.cells.values():
            held = [c for c in cells if not math.isnan(c.value)]
            groups = {c.group for c in held}
            current = {group: current_definition(c for c in held if c.group == group) for group in groups}
            for cell in sorted(held, key=lambda c: c.definition == current[c.group]):
                found[cell.series, cell.group, cell.year] = cell.value
        return found

    @cached_property
    def _related(self) -> Mapping[str, frozenset[str]]:
        pairs = [tuple(pair) for pair in self.known.logic[["left", "right"]].to_numpy()]
        found: dict[str, set[str]] = {}
        for left, right in pairs:
            found.setdefault(left, set()).add(right)
            found.setdefault(right, set()).add(left)
        return {series: frozenset(others) for series, others in found.items()}

    def held_against(self, series: str) -> frozenset[str]:
        """The series that stand in a relation to one: where it is broken, nobody can say which of the two is wrong."""
        return self._related.get(series, frozenset())

    def known_texts(self) -> dict[Key, str]:
        """What was reported before, as it was typed."""
        return known_texts(self.known.view)

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
        sheet = found.sheet
        others = list(others)
        issues = [*found.issues, *value_issues(self.known, found, others, received_on, sheet)]
        issues += self._disagreements(found, others, sheet)
        given = self._given(found, received_on)
        issues = [i for i in issues if not (i.open and (i.series, i.group, i.year) in given and _by_itself(i))]
        about: dict[str, Any] = {"sheet": sheet, "year": found.year, "value": found.year, "received": received_on}
        if received_on and received_on[:4] < str(found.year):
            issues.append(issue("year_to_come", found.file, **about))
        elif received_on and received_on <= f"{found.year}-12-31":
            issues.append(issue("year_open", found.file, EXPLAIN, **about))
        if received_on and due and received_on > due:
            issues.append(issue("late", found.file, HINT, year=found.year, received=received_on, due=due))
        return in_order(replace(i, about=self._name(i)) if i.series in self._names else i for i in issues)

    def _name(self, found: Issue) -> str:
        group = aside(self.book.groups.get(found.group, found.group)) if found.group not in ("", TOTAL) else ""
        return self._names[found.series] + group

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return dict(self.known.plan.series["name"])

    def _given(self, found: Return, received_on: str) -> frozenset[tuple[str, str, int | None]]:
        """Lines of a back series left as the office had filled them in: what it holds itself it does not ask the unit about."""
        if not found.back_series:
            return frozenset()
        held = {(r.series, r.group, r.year): r for r in found.rows if not r.blank}
        return frozenset(
            (c.series, c.group, c.year)
            for cells in self.known.cells.values()
            for c in cells
            if (row := held.get((c.series, c.group, c.year))) is not None
            and c.use != PROVISIONAL
            and (not received_on or c.reported_at < received_on)
            and all(
                _alike(told, known)
                for told, known in zip(_numbers(row), (c.value, c.numerator, c.denominator), strict=True)
            )
        )

    def _disagreements(self, found: Return, others: Iterable[Return], sheet: str) -> list[Issue]:
        lines = {(a.series, a.group): a for a in self.book.lines(found.unit)}
        beside = dict(self.values)
        for sent in others:
            if sent.unit != found.unit and sent.year == found.year:
                beside |= {(r.series, r.group, r.year): r.value for r in sent.rows if not math.isnan(r.value)}
        issues = []
        for row in found.rows:
            line, other = lines[row.series, row.group], beside.get((row.series, row.group, row.year))
            if line.lead or other is None or math.isnan(row.value) or row.value == other:
                continue
            lead = self.known.plan.series.loc[row.series, "responsible_units"][0]
            about = {"sheet": sheet, "cell": row.cells["value"], "series": row.series, "group": row.group}
            words = {"value": row.read["value"].raw, "unit": self.book.unit_name(lead), "year": row.year}
            words |= {"other": f"{other:.{line.decimals}f}", "explanation": row.answer}
            issues.append(issue("units_disagree", found.file, EXPLAIN, **about, **words))
        return issues


def _numbers(row: Row) -> tuple[float, float, float]:
    return row.value, row.count("numerator"), row.count("denominator")


def _alike(told: float, known: float) -> bool:
    return told == known or (math.isnan(told) and math.isnan(known))


def _by_itself(found: Issue) -> bool:
    """Whether an issue is about how a line is written, its value alone or its past, not about others of the year."""
    return found.rule not in RULES or RULES[found.rule].against in ("alone", "past")
