"""How the groups of a series differ: what each reported, the gap between them, and where it is expected to go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from plananalysis.assessments.gap_words import by_chance, caution, sentence
from plananalysis.assessments.gaps import PAIRS
from plananalysis.base.text import listed, say
from plananalysis.editions.opened import Published, Record, gathered
from plananalysis.figures.chart import Chart, Line, Point
from plananalysis.figures.fan import gap_chart
from plananalysis.figures.groups import group_chart
from plananalysis.pages.charts import fan_decimals, fan_from
from plananalysis.pages.columns import column, of_series
from plananalysis.pages.figure_data import Line as YearLine
from plananalysis.pages.figure_data import by_year
from plananalysis.plan.units import unit_name
from plananalysis.render.blocks import Column, Drawing, Figure, Fold, Group, Items, Paragraph, Table, words
from plananalysis.render.quantities import Chance, Change, Signed, Value, Year, change_name


def groups_block(edition: Published, row: Record) -> list[Group]:
    """One block for each dimension in which groups of the series were reported."""
    held = gathered(edition.of_series("gaps", row.text("series")), lambda g: g.text("dimension"))
    return [_block(edition, row, dimension, gaps) for dimension, gaps in held.items()]


def gap_columns(edition: Published, names: Sequence[str]) -> list[Column]:
    """Columns about gaps; how one moves is left open where chance alone makes such a difference."""

    def sized(kind: Any, name: str) -> Callable[[Record], Any]:
        return lambda g: kind(g.number(name), g.text("unit"), g.whole("decimals") or 0)

    def told(cell: Callable[[Record], Any]) -> Callable[[Record], Any]:
        return lambda g: None if by_chance(g) else cell(g)

    cells: dict[str, Callable[[Record], Any]] = {
        "group": lambda g: g.text("group_name"),
        "other_group": lambda g: g.text("other_name"),
        "year": lambda g: Year(g.number("value_year")),
        "group_value": sized(Value, "group_value"),
        "other_value": sized(Value, "other_value"),
        "group_gap": sized(Change, "value"),
        "gap_measure": lambda g: change_name(g.text("unit")),
        "baseline": sized(Change, "baseline"),
        "gap_change": told(sized(Change, "change")),
        "narrower": told(lambda g: Chance(g.number("p_narrower"))),
        "remark": lambda g: caution(g) or None,
    }
    years = {"baseline": edition.base_year, "narrower": edition.target_year}
    own = {name: column(name, cell, year=years.get(name)) for name, cell in cells.items()}
    ended = edition.as_of >= edition.target_year  # a gap of the target year is known, not expected
    return of_series(edition, [name for name in names if name != "narrower" or not ended], own)


def _block(edition: Published, row: Record, dimension: str, gaps: Sequence[Record]) -> Group:
    how = say(f"cards.groups_{dimension}")
    known = [g for g in gaps if g.number("value") is not None]
    if not known:
        return Group([Paragraph(_missing(edition, gaps[0]), lead=how)], "aside-block")
    paired = dimension in PAIRS
    told = known if paired else [max(known, key=lambda g: abs(g.number("value") or 0.0))]
    lead = [Paragraph(sentence(g), lead=how) for g in told]
    careful = [Paragraph(words, "small") for g in told if (words := caution(g))]
    years = {g.text("gap"): _years(edition, g) for g in known}
    names = listed(dict.fromkeys(g.text(side) for side in ("group_name", "other_name") for g in known))
    lines = _lines(edition, row, known, years, names, " ".join(sentence(g) for g in told))
    drawn: list[Any] = [Figure(Drawing(lines), say("cards.groups_figure", how=how, names=names))]
    if not paired:
        shown = gap_columns(edition, ("group", "year", "group_value", "group_gap", "gap_change", "narrower"))
        drawn.append(edition.table(say("cards.gap_age"), shown, known, "ahead"))
    elif (chart := _gap(edition, known[0], years[known[0].text("gap")])) is not None:
        caption = say("cards.gap_figure", group=known[0].text("group_name"), other=known[0].text("other_name"))
        drawn.append(Figure(Drawing(gap_chart(chart), chart.alt), caption))
    data = Fold(say("cards.gap_data", how=how), _tables(edition, row, how, known, years), "data")
    notes = Items(_notes(years[known[0].text("gap")]), "notes")
    return Group([*lead, *careful, Group(drawn, "strips"), notes, data], "aside-block")


def _missing(edition: Published, gap: Record) -> str:
    """Which group was reported and which was not."""
    seen = {
        r.text("group") for r in edition.of_series("observations", gap.text("series")) if r.number("value") is not None
    }
    names = {"group": gap.text("group_name"), "other": gap.text("other_name")}
    have = [name for key, name in names.items() if gap.text(key) in seen]
    lack = [name for key, name in names.items() if gap.text(key) not in seen]
    if not lack:  # both were reported, but never in one year and definition
        return ""
    return say("cards.groups_missing", names=listed(have), missing=listed(lack))


def _years(edition: Published, gap: Record) -> list[Record]:
    rows = [r for r in edition.of_series("gap_years", gap.text("series")) if r.text("gap") == gap.text("gap")]
    return sorted(rows, key=lambda r: r.whole("year") or 0)


def _observed(rows: Sequence[Record], name: str = "value") -> tuple[Point, ...]:
    """Comparable years; a break's first year is drawn like any other."""
    held = [r for r in rows if r.number(name) is not None and not r.text("left_out")]
    return tuple(Point(r.whole("year") or 0, r.number(name) or 0.0, r.text("status") or "A") for r in held)


def _lines(
    edition: Published, row: Record, gaps: Sequence[Record], years: dict[str, list[Record]], names: str, told: str
) -> str:
    """The groups' own values."""
    rows = [years[g.text("gap")] for g in gaps]
    alt = say("cards.groups_alt", names=names, sentences=told)
    about = (unit_name(row.text("unit")), row.whole("decimals") or 0, alt, edition.mark)
    lines = [Line(g.text("group_name"), _observed(r, "group_value")) for g, r in zip(gaps, rows, strict=True)]
    other = Line(gaps[0].text("other_name"), _observed(max(rows, key=len), "other_value"))
    if gaps[0].text("other") == "total":
        return group_chart(lines, *about, total=other)
    return group_chart([*lines, other], *about)


def _gap(edition: Published, gap: Record, rows: Sequence[Record]) -> Chart | None:
    """The gap as a series; none when it says nothing, being no more than chance."""
    observed = _observed(rows)
    if len(observed) < 2 or by_chance(gap):
        return None
    return Chart(
        unit=change_name(gap.text("unit")),
        decimals=gap.whole("decimals") or 0,
        observed=observed,
        base_year=edition.base_year,
        target_year=edition.target_year,
        alt=sentence(gap),
        fan=fan_from([r for r in rows if r.number("q50") is not None]),
        mark=edition.mark,
        fan_decimals=fan_decimals(gap),
    )


def _tables(
    edition: Published, row: Record, how: str, gaps: Sequence[Record], years: dict[str, list[Record]]
) -> list[Table]:
    """Every value of the figures: what the groups reported and the gap, then its projection."""
    decimals = row.whole("decimals") or 0
    observed: list[YearLine] = []
    ahead: list[YearLine] = []
    shown = sorted({r.whole("year") or 0 for rows in years.values() for r in rows})

    def line(rows: Sequence[Record], cell: Callable[[Record], Any]) -> Callable[[int], Any]:
        return {r.whole("year") or 0: cell(r) for r in rows}.get

    def value(name: str) -> Callable[[Record], Value]:
        return lambda r: Value(r.number(name), "", decimals)

    def gap_of(r: Record) -> Any:
        size = Signed(r.number("value"), "", decimals)
        return words(size, "*") if r.text("left_out") and size else size

    for gap in gaps:
        observed.append((gap.text("group_name"), line(years[gap.text("gap")], value("group_value"))))
    observed.append((gaps[0].text("other_name"), line(max(years.values(), key=len), value("other_value"))))
    for gap in gaps:
        rows, coarse = years[gap.text("gap")], fan_decimals(gap)
        title = say("cards.gap_line", group=gap.text("group_name"), other=gap.text("other_name"))
        observed.append((title, line(rows, gap_of)))
        expected = [r for r in rows if r.number("q50") is not None]
        if expected and not by_chance(gap):

            def quantile(r: Record, level: str, places: int = coarse) -> Signed:
                return Signed(r.number(level), "", places)

            def ends(r: Record, quantile: Callable[..., Signed] = quantile) -> str:
                return say("cards.gap_span", low=quantile(r, "q10"), high=quantile(r, "q90"))

            ahead.append((say("cards.gap_median", gap=title), line(expected, partial(quantile, level="q50"))))
            ahead.append((say("pages.interval80"), line(expected, ends)))

    def table(key: str, years: Sequence[int], lines: Sequence[YearLine]) -> Table:
        caption = say(f"cards.{key}_caption", name=row.text("name"), how=how)
        return by_year(edition, row, caption, years, lines, "ahead behind")

    made = [table("gap", [y for y in shown if y <= edition.as_of], observed)]
    future = [y for y in shown if any(cell(y) is not None for _, cell in ahead)]
    return [*made, table("gap_ahead", future, ahead)] if ahead else made


def _notes(rows: Sequence[Record]) -> list[str]:
    """Years that do not count, and why."""
    made = []
    for why, key in (("copied_total", "left_out"), ("not_comparable", "earlier")):
        found = sorted({r.whole("year") or 0 for r in rows if r.text("left_out") == why})
        if found:
            made.append(say(f"cards.gap_{key}", years=listed(map(str, found))))
    return made
