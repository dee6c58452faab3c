"""How the groups of a series differ: what each reported, the gap between them, and where it is expected to go."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from plananalysis.assessments.gap_words import by_chance, caution, sentence
from plananalysis.assessments.gaps import PAIRS
from plananalysis.assessments.sentences import change_name, difference, number
from plananalysis.base.text import listed
from plananalysis.editions.opened import Published, Record
from plananalysis.figures import Chart, Fan, Line, Point, format_value, gap_chart, group_chart
from plananalysis.pages import wording
from plananalysis.pages.charts import fan_decimals
from plananalysis.plan.units import unit_name
from plananalysis.render.html import Column, Html, drawing, html, items, table, tag

_QUANTILES = ("q10", "q25", "q50", "q75", "q90")


def groups_block(edition: Published, row: Record) -> Html | None:
    """One block for each dimension in which groups of the series were reported; None when there is none."""
    held = edition.of_series("gaps", row.text("series"))
    made = [
        _block(edition, row, dimension, [g for g in held if g.text("dimension") == dimension])
        for dimension in dict.fromkeys(g.text("dimension") for g in held)
    ]
    return html(*made) if made else None


def _block(edition: Published, row: Record, dimension: str, gaps: Sequence[Record]) -> Html:
    say = edition.say
    how = say(f"cards.groups_{dimension}")
    known = [g for g in gaps if g.number("value") is not None]
    if not known:
        return tag("div", tag("p", tag("b", how), _missing(edition, gaps[0])), cls="aside-block")
    paired = dimension in PAIRS
    told = known if paired else [max(known, key=lambda g: abs(g.number("value") or 0.0))]
    lead = [tag("p", tag("b", how), sentence(g.cells)) for g in told]
    careful = [tag("p", words, cls="small") for g in told if (words := caution(g.cells))]
    years = {g.text("gap"): _years(edition, g) for g in known}
    names = listed(dict.fromkeys(g.text(side) for side in ("group_name", "other_name") for g in known))
    drawn = [
        tag(
            "figure",
            drawing(_lines(edition, row, known, years, names, " ".join(sentence(g.cells) for g in told))),
            tag("figcaption", say("cards.groups_figure", how=how, names=names)),
        )
    ]
    if paired and (chart := _gap(edition, known[0], years[known[0].text("gap")])) is not None:
        words = say("cards.gap_figure", group=known[0].text("group_name"), other=known[0].text("other_name"))
        drawn.append(tag("figure", drawing(gap_chart(chart)), tag("figcaption", words)))
    if not paired:
        drawn.append(_ages(edition, row, known))
    tables = _tables(edition, row, how, known, years)
    data = tag("details", tag("summary", say("cards.gap_data", how=how)), *tables, cls="data")
    notes = items(_notes(edition, years[known[0].text("gap")]), css="notes")
    return tag("div", *lead, *careful, tag("div", *drawn, cls="strips"), notes, data, cls="aside-block")


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
    return edition.say("cards.groups_missing", names=listed(have), missing=listed(lack))


def _years(edition: Published, gap: Record) -> list[Record]:
    rows = [r for r in edition.of_series("gap_years", gap.text("series")) if r.text("gap") == gap.text("gap")]
    return sorted(rows, key=lambda r: r.whole("year") or 0)


def _observed(rows: Sequence[Record], column: str = "value") -> tuple[Point, ...]:
    """Comparable years; a break's first year is drawn like any other."""
    held = [r for r in rows if r.number(column) is not None and not r.text("left_out")]
    return tuple(Point(r.whole("year") or 0, r.number(column) or 0.0, r.text("status") or "A") for r in held)


def _lines(
    edition: Published, row: Record, gaps: Sequence[Record], years: dict[str, list[Record]], names: str, told: str
) -> str:
    """The groups' own values."""
    rows = [years[g.text("gap")] for g in gaps]
    alt = edition.say("cards.groups_alt", names=names, sentences=told)
    about = (unit_name(row.text("unit")), row.whole("decimals") or 0, alt, edition.mark)
    lines = [Line(g.text("group_name"), _observed(r, "group_value")) for g, r in zip(gaps, rows, strict=True)]
    other = Line(gaps[0].text("other_name"), _observed(max(rows, key=len), "other_value"))
    if gaps[0].text("other") == "total":
        return group_chart(lines, *about, total=other)
    return group_chart([*lines, other], *about)


def _gap(edition: Published, gap: Record, rows: Sequence[Record]) -> Chart | None:
    """The gap as a series; none when it says nothing, being no more than chance."""
    observed = _observed(rows)
    if len(observed) < 2 or by_chance(gap.cells):
        return None
    ahead = [r for r in rows if r.number("q50") is not None]
    fan = None
    if ahead:
        bands = [tuple(r.number(q) or 0.0 for r in ahead) for q in _QUANTILES]
        fan = Fan(tuple(r.whole("year") or 0 for r in ahead), *bands)
    return Chart(
        unit=change_name(gap.text("unit")),
        decimals=gap.whole("decimals") or 0,
        observed=observed,
        base_year=edition.base_year,
        target_year=edition.target_year,
        alt=sentence(gap.cells),
        fan=fan,
        mark=edition.mark,
        fan_decimals=fan_decimals(gap),
    )


def _ages(edition: Published, row: Record, gaps: Sequence[Record]) -> Html:
    """Every age group beside everybody."""
    say, unit, decimals = edition.say, row.text("unit"), row.whole("decimals") or 0

    def changed(g: Record) -> str:
        moved = g.text("trend")
        if not moved or by_chance(g.cells):
            return wording.DASH
        return say(f"cards.change_{moved}", size=difference(g.number("change") or 0.0, unit, decimals))

    def narrower(g: Record) -> str:
        return wording.DASH if by_chance(g.cells) else wording.percent(g.number("p_narrower"))

    first = gaps[0]
    columns = [
        Column(say("cards.gap_group"), lambda g: g.text("group_name")),
        Column(
            say("cards.gap_value", year=first.whole("value_year")),
            lambda g: number(g.number("group_value") or 0.0, unit, decimals),
            number=True,
        ),
        Column(
            say("cards.gap_now", other=first.text("other_name")),
            lambda g: _signed(g.number("value"), decimals),
            number=True,
        ),
        Column(say("cards.gap_change", year=edition.base_year), changed, number=True),
        Column(say("cards.gap_narrower", year=edition.target_year), narrower, number=True),
    ]
    return table(html(say("cards.gap_age"), " ", edition.mark), columns, gaps, css="ahead")


def _tables(
    edition: Published, row: Record, how: str, gaps: Sequence[Record], years: dict[str, list[Record]]
) -> list[Html]:
    """Every value of the figures: what the groups reported and the gap, then its projection."""
    say, decimals = edition.say, row.whole("decimals") or 0
    observed: list[tuple[str, Cells]] = []
    ahead: list[tuple[str, Cells]] = []

    def value(column: str) -> Callable[[Record], str]:
        return lambda r: wording.DASH if r.number(column) is None else number(r.number(column) or 0.0, "", decimals)

    for gap in gaps:
        observed.append((gap.text("group_name"), _cells(years[gap.text("gap")], value("group_value"))))
    observed.append((gaps[0].text("other_name"), _cells(max(years.values(), key=len), value("other_value"))))
    for gap in gaps:
        rows, coarse = years[gap.text("gap")], fan_decimals(gap)
        words = say("cards.gap_line", group=gap.text("group_name"), other=gap.text("other_name"))
        observed.append(
            (words, _cells(rows, lambda r: _signed(r.number("value"), decimals) + ("*" if r.text("left_out") else "")))
        )
        expected = [r for r in rows if r.number("q50") is not None]
        if expected and not by_chance(gap.cells):
            ahead.append(
                (say("cards.gap_median", gap=words), _cells(expected, lambda r, d=coarse: _signed(r.number("q50"), d)))
            )
            ahead.append((say("cards.gap_range"), _cells(expected, lambda r, d=coarse: _span(edition, r, d))))
    made = []
    for key, lines in (("cards.gap_caption", observed), ("cards.gap_ahead_caption", ahead)):
        shown = sorted({y for _, cells in lines for y in cells if key != "cards.gap_caption" or y <= edition.as_of})
        head = wording.unit_label(edition, row.text("unit")) or say("pages.item")
        columns = [Column(head, lambda entry: entry[0])]
        columns += [Column(str(y), lambda entry, y=y: entry[1].get(y, wording.DASH), number=True) for y in shown]
        caption = say(key, name=row.text("name"), how=how, mark=edition.mark)
        made += [table(caption, columns, lines, css="ahead behind")] if lines else []
    return made


Cells = dict[int, str]


def _cells(rows: Sequence[Record], cell: Callable[[Record], str]) -> Cells:
    return {r.whole("year") or 0: cell(r) for r in rows}


def _span(edition: Published, r: Record, decimals: int) -> str:
    ends = {end: _signed(r.number(q), decimals) for end, q in (("low", "q10"), ("high", "q90"))}
    return edition.say("cards.gap_span", **ends)


def _notes(edition: Published, rows: Sequence[Record]) -> list[str]:
    """Years that do not count, and why."""
    made = []
    for why, key in (("copied_total", "left_out"), ("not_comparable", "earlier")):
        found = sorted({r.whole("year") or 0 for r in rows if r.text("left_out") == why})
        if found:
            made.append(edition.say(f"cards.gap_{key}", years=listed(map(str, found))))
    return made


def _signed(value: float | None, decimals: int) -> str:
    if value is None:
        return wording.DASH
    words = format_value(value, decimals)
    return f"+{words}" if value > 0 and any(c in "123456789" for c in words) else words
