"""The table twins of a figure: what was observed, and what the coming years need and are expected to bring."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from plananalysis.assessments.sentences import number
from plananalysis.editions.opened import Published, Record
from plananalysis.figures import Chart, Point, format_value, plain_value
from plananalysis.figures.chart import years_shown
from plananalysis.pages import wording
from plananalysis.pages.charts import fan_decimals, required_values, segments
from plananalysis.render.html import Column, Html, html, table, tag

CHUNK = 16  # years side by side; more would not fit a sheet of A4

Line = tuple[str, Callable[[int], object]]  # what is in the line, and its cell for a year


def ahead(edition: Published, row: Record) -> Html | None:
    """Each remaining year: the value needed on the way to the goal, and where the projection expects the series."""
    say = edition.say
    needed = dict(required_values(row, edition))
    projected = {r.whole("year") or 0: r for r in edition.projected.get(row.text("series"), [])}
    years = sorted({*needed, *projected})
    if not years:
        return None
    exact, coarse = row.whole("decimals") or 0, fan_decimals(row)

    def quantile(year: int, level: str) -> str:
        value = projected[year].number(level) if year in projected else None
        return wording.DASH if value is None else format_value(value, coarse)

    lines: list[Line] = []
    if needed:
        lines.append((say("pages.needed"), lambda y: format_value(needed[y], exact) if y in needed else wording.DASH))
    if projected:
        lines.append((say("pages.median"), lambda y: quantile(y, "q50")))
        lines.append(
            (say("pages.interval80"), lambda y: say("pages.from_to", low=quantile(y, "q10"), high=quantile(y, "q90")))
        )
    return _by_year(edition, row, "pages.ahead_caption", years, lines)


def behind(edition: Published, row: Record, chart: Chart) -> list[Html]:
    """The observed values of the figure, of other places too, as tables of at most sixteen years."""
    say, code = edition.say, row.text("series")
    earlier, observed = segments(edition, code)
    old = {p.year for p in earlier} - {p.year for p in observed}
    points = {p.year: p for p in (*earlier, *observed)}
    about = edition.series.get(code, row)
    reported = {r.whole("year") or 0: r for r in edition.observed.get(code, []) if r.number("value") is not None}

    others = [(line.label, {p.year: p for p in line.points}) for line in chart.comparators]
    withheld = {r.whole("year") or 0 for r in edition.observed.get(code, []) if r.text("withheld") == "True"}

    def value(year: int) -> Html | str:
        if year not in points:
            return wording.STAR if year in withheld else wording.DASH
        p = points[year]
        sign = say("pages.status_old") if p.year in old else say(f"pages.status_{p.status}")
        return html(number(p.value, "", row.whole("decimals") or 0), tag("sup", sign) if sign else None)

    def counted(year: int, column: str) -> str:
        found = reported[year].number(column) if year in reported else None
        return wording.DASH if found is None else wording.count(found)

    def elsewhere(held: dict[int, Point], year: int) -> Html | str:
        if year not in held:
            return wording.DASH
        sign = say(f"pages.status_{held[year].status}")
        return html(
            plain_value(held[year].value, max(row.whole("decimals") or 0, 2)), tag("sup", sign) if sign else None
        )

    first = years_shown(chart)[0]
    drawn = {y for _, held in others for y in held if y >= first}
    years, made = sorted({*points, *drawn, *withheld}), []
    for start in range(0, len(years), CHUNK):
        chunk = years[start : start + CHUNK]
        lines: list[Line] = [(say("pages.actual"), value)]
        for column in ("numerator", "denominator"):
            if any(counted(y, column) != wording.DASH for y in chunk):
                lines.append((about.text(column) or say(f"pages.{column}"), lambda y, c=column: counted(y, c)))
        lines += [(place, lambda y, h=held: elsewhere(h, y)) for place, held in others]
        made.append(_by_year(edition, row, "pages.behind_caption", chunk, lines, css="ahead behind"))
    elsewhere_marked = any(held[y].status in ("P", "E", "B") for _, held in others for y in drawn & held.keys())
    marked = old or elsewhere_marked or any(p.status in ("P", "E", "B") for p in observed)
    return [*made, tag("p", say("pages.status_key"), cls="small")] if marked else made


def _by_year(
    edition: Published, row: Record, caption: str, years: Sequence[int], lines: Sequence[Line], css: str = "ahead"
) -> Html:
    def cell(year: int) -> Callable[[Any], object]:
        return lambda line: line[1](year)

    head = wording.unit_label(edition, row.text("unit")) or edition.say("pages.item")
    columns = [Column(head, lambda line: line[0]), *[Column(str(y), cell(y), number=True) for y in years]]
    return table(edition.say(caption, name=row.text("name"), mark=edition.mark), columns, lines, css=css)
