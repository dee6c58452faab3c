"""How the groups of a series differ: what each reported, the gap between them, and where it is expected to go."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from plananalysis.assessments.sentences import difference, number
from plananalysis.figures import Chart, Fan, Line, Point, format_value, gap_chart, group_chart
from plananalysis.gaps import PAIRS, by_chance, caution, sentence
from plananalysis.pages import wording
from plananalysis.pages.published import Published, Record
from plananalysis.pages.tables import Column, Html, drawing, html, items, table, tag
from plananalysis.text import listed

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
    names = listed(dict.fromkeys(n for g in known for n in (g.text("group_name"), g.text("other_name"))))
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
    data = tag(
        "details", tag("summary", say("cards.gap_data", how=how)), _table(edition, row, how, known, years), cls="data"
    )
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
    about = (row.text("unit"), row.whole("decimals") or 0, alt, edition.mark)
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
        unit=difference(0.0, gap.text("unit"), 0).removeprefix("0").strip(),
        decimals=gap.whole("decimals") or 0,
        observed=observed,
        base_year=edition.base_year,
        target_year=edition.target_year,
        alt=sentence(gap.cells),
        fan=fan,
        mark=edition.mark,
        fan_decimals=min(gap.whole("decimals") or 0, 2),
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


def _table(edition: Published, row: Record, how: str, gaps: Sequence[Record], years: dict[str, list[Record]]) -> Html:
    """Every value of the figures: what the groups reported, the gap, and its projection."""
    say, decimals = edition.say, row.whole("decimals") or 0
    lines: list[tuple[str, Callable[[int], str]]] = []

    def line(words: str, rows: Sequence[Record], cell: Callable[[Record], str]) -> None:
        by_year = {r.whole("year"): r for r in rows}
        lines.append((words, lambda y: cell(by_year[y]) if y in by_year else wording.DASH))

    def value(column: str) -> Callable[[Record], str]:
        return lambda r: wording.DASH if r.number(column) is None else number(r.number(column) or 0.0, "", decimals)

    def span(r: Record) -> str:
        ends = {end: _plain(r.number(q), min(decimals, 2)) for end, q in (("low", "q10"), ("high", "q90"))}
        return wording.DASH if r.number("q10") is None else say("pages.from_to", **ends)

    for gap in gaps:
        line(gap.text("group_name"), years[gap.text("gap")], value("group_value"))
    line(gaps[0].text("other_name"), max(years.values(), key=len), value("other_value"))
    for gap in gaps:
        rows = years[gap.text("gap")]
        words = say("cards.gap_line", group=gap.text("group_name"), other=gap.text("other_name"))
        line(words, rows, lambda r: _signed(r.number("value"), decimals) + ("*" if r.text("left_out") else ""))
        if any(r.number("q50") is not None for r in rows) and not by_chance(gap.cells):
            line(say("cards.gap_median"), rows, lambda r: _signed(r.number("q50"), min(decimals, 2)))
            line(say("cards.gap_range"), rows, span)
    shown = sorted({r.whole("year") or 0 for g in gaps for r in years[g.text("gap")]})
    if all(by_chance(g.cells) for g in gaps):
        shown = [y for y in shown if y <= edition.as_of]
    head = wording.unit_label(edition, row.text("unit")) or say("pages.item")
    columns = [Column(head, lambda entry: entry[0])]
    columns += [Column(str(y), lambda entry, y=y: entry[1](y), number=True) for y in shown]
    caption = say("cards.gap_caption", name=row.text("name"), how=how, mark=edition.mark)
    return table(caption, columns, lines, css="ahead behind")


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
    words = _plain(value, decimals)
    return f"+{words}" if value > 0 and any(c in "123456789" for c in words) else words


def _plain(value: float | None, decimals: int) -> str:
    return wording.DASH if value is None else format_value(value, decimals)
