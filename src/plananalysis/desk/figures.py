"""What is known of a line of a form: its past, its target, and a figure of both with the value that was sent."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from plananalysis.assessments.events import Event
from plananalysis.assessments.targets import event
from plananalysis.base.digits import plain
from plananalysis.base.text import listed, say, translated
from plananalysis.figures.chart import Chart, Goal, Point
from plananalysis.figures.fan import fan_chart
from plananalysis.observations import histories
from plananalysis.plan.units import unit_name
from plananalysis.returns import TOTAL, Asked, Row
from plananalysis.round import Checker

_PAST = 6  # values told before the one that was sent


@dataclass(frozen=True, eq=False)
class Past:
    """What an area knew of each line before a return came in."""

    checker: Checker

    @cached_property
    def _values(self) -> Mapping[tuple[str, str], dict[int, float]]:
        found: dict[tuple[str, str], dict[int, float]] = {}
        for (series, group, year), value in self.checker.values.items():
            found.setdefault((series, group), {})[year] = value
        return found

    @cached_property
    def _texts(self) -> Mapping[tuple[str, str, int], str]:
        return self.checker.known_texts()

    @cached_property
    def _events(self) -> Mapping[str, Event]:
        """What each target asks of the value in the target year, of those that ask it."""
        plan = self.checker.book.plan
        known = histories(self.checker.known.view, plan.leaves())
        asked = {}
        for series, history in known.items():
            if series in (one := plan.of(series)).targets.index:
                about = one.outline.base_year, one.thresholds
                asked[series] = event(one.reading(series), history, *about, until=one.outline.target_year)
        return {s: e for s, e in asked.items() if isinstance(e, Event) and e.statistic == "end"}

    def before(self, series: str, group: str, year: int) -> list[tuple[int, str]]:
        """The newest values before a year as they were reported, oldest first."""
        years = sorted(y for y in self._values.get((series, group), {}) if y < year)[-_PAST:]
        return [(y, self._texts.get((series, group, y), "")) for y in years]

    def target(self, series: str, group: str) -> str:
        """The target as printed; "" where the plan has none for the line."""
        return self.checker.book.plan.asked(series) if group == TOTAL else ""

    def figure(self, line: Asked, row: Row | None) -> str:
        """The line's history with the value that was sent, as SVG; "" where there is nothing to draw."""
        known = dict(self._values.get((line.series, line.group), {}))
        sent = row.value if row else math.nan
        points = [Point(y, v) for y, v in sorted(known.items()) if not row or y != row.year]
        points += [Point(row.year, sent, "Q")] if row and not math.isnan(sent) else []
        points.sort(key=lambda p: p.year)
        if not points:
            return ""
        outline, unit = self.checker.book.plan.of(line.series).outline, unit_name(line.unit)
        told = [say("desk.figure.point", year=p.year, value=plain(p.value, line.decimals)) for p in points[-_PAST:]]
        alt = say("desk.figure.alt", name=translated(line.name), unit=unit, values=listed(told))
        return fan_chart(
            Chart(
                unit,
                line.decimals,
                tuple(points),
                outline.base_year,
                outline.target_year,
                alt,
                goal=self._goal(line),
                lower=None if math.isnan(line.lower) else line.lower,
                upper=None if math.isnan(line.upper) else line.upper,
            )
        )

    def _goal(self, line: Asked) -> Goal | None:
        asked = self._events.get(line.series) if line.group == TOTAL else None
        if asked is None:
            return None
        low, high = (None if math.isinf(edge) else edge for edge in (asked.low, asked.high))
        if low is None and high is None:
            return None
        return Goal(low, high, say("pages.goal", target=self.target(line.series, line.group)))
