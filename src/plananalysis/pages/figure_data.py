"""The table twins of a figure: what was observed, and what the coming years need and are expected to bring."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from plananalysis.base.text import say
from plananalysis.editions.opened import Published, Record
from plananalysis.figures.chart import Chart, years_shown
from plananalysis.pages.cells import as_published, unit_label
from plananalysis.pages.charts import fan_decimals, required_values, segments
from plananalysis.render.blocks import Column, Paragraph, Table, words
from plananalysis.render.quantities import STAR, Count, Projected, Value

CHUNK = 16  # years side by side; more would not fit a sheet of A4

Line = tuple[str, Callable[[int], Any]]  # what is in the line, and its cell for a year


def by_year(
    edition: Published, row: Record, caption: str, years: Sequence[int], lines: Sequence[Line], role: str = "ahead"
) -> Table:
    """Lines by year, with the unit of the row at their head."""
    head = Column(unit_label(row.text("unit")) or say("column.item"), lambda line: line[0], 20)

    def at(year: int) -> Callable[[Line], Any]:
        return lambda line: line[1](year)

    columns = [head, *(Column(str(y), at(y), 6, "r") for y in years)]
    return edition.table(caption, columns, lines, role)


def ahead(edition: Published, row: Record) -> Table | None:
    """Each remaining year: the value needed on the way to the goal, and where the projection expects the series."""
    needed = dict(required_values(row, edition))
    projected = {r.whole("year") or 0: r for r in edition.projected.get(row.text("series"), [])}
    years = sorted({*needed, *projected})
    if not years:
        return None
    exact, coarse = row.whole("decimals") or 0, fan_decimals(row)

    def quantile(year: int, level: str) -> Projected:
        return Projected(projected[year].number(level) if year in projected else None, "", coarse)

    def interval(year: int) -> str:
        return say("pages.from_to", low=quantile(year, "q10"), high=quantile(year, "q90"))

    lines: list[Line] = []
    if needed:
        lines.append((say("pages.needed"), lambda y: Projected(needed.get(y), "", exact)))
    if projected:
        lines.append((say("pages.median"), lambda y: quantile(y, "q50")))
        lines.append((say("pages.interval80"), interval))
    return by_year(edition, row, say("pages.ahead_caption", name=row.text("name")), years, lines)


def behind(edition: Published, row: Record, chart: Chart) -> list[Any]:
    """The observed values of the figure, of other places too, as tables of at most sixteen years."""
    code, decimals = row.text("series"), row.whole("decimals") or 0
    earlier, observed = segments(edition, code)
    old = {p.year for p in earlier} - {p.year for p in observed}
    points = {p.year: p for p in (*earlier, *observed)}
    about, held = edition.series.get(code, row), edition.observed.get(code, [])
    reported = {r.whole("year") or 0: r for r in held if r.number("value") is not None}
    withheld = {r.whole("year") or 0 for r in held if r.text("withheld") == "True"}
    others = [(line.label, {p.year: p for p in line.points}) for line in chart.comparators]

    def marked(value: Value, status: str) -> Any:
        sign = say(f"pages.status_{status}")
        return words(value, words(sign, role="sup") if sign else None)

    def value(year: int) -> Any:
        if year not in points:
            return STAR if year in withheld else None
        return marked(as_published(reported[year], "", decimals), "old" if year in old else points[year].status)

    def elsewhere(there: dict[int, Any], year: int) -> Any:
        return marked(Value(there[year].value, "", max(decimals, 2)), there[year].status) if year in there else None

    first = years_shown(chart)[0]
    drawn = {y for _, there in others for y in there if y >= first}
    years, made = sorted({*points, *drawn, *withheld}), []
    caption = say("pages.behind_caption", name=row.text("name"))
    for start in range(0, len(years), CHUNK):
        chunk = years[start : start + CHUNK]
        lines: list[Line] = [(say("pages.actual"), value)]
        for name in ("numerator", "denominator"):
            counts = {y: Count(reported[y].number(name)) for y in chunk if y in reported}
            if any(counts.values()):
                lines.append((about.text(name) or say(f"pages.{name}"), counts.get))
        lines += [(place, partial(elsewhere, there)) for place, there in others]
        made.append(by_year(edition, row, caption, chunk, lines, "ahead behind"))
    seen = [*observed, *(there[y] for _, there in others for y in drawn & there.keys())]
    key = Paragraph(say("pages.status_key"), "small") if old or any(p.status in "PEBQ" for p in seen) else None
    return [*made, key]
