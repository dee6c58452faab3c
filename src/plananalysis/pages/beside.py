"""What stands beside a series on its card: published values of other places, measures taken, and values that were changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from plananalysis.assessments.sentences import difference, number
from plananalysis.base.text import listed, sentence, sentences, translated
from plananalysis.editions.opened import Published, Record
from plananalysis.figures import Chart, Line, Measure, Point, measure_sign
from plananalysis.figures.chart import years_shown
from plananalysis.pages import wording
from plananalysis.render.html import Column, Html, drawing, html, table, tag


def with_company(edition: Published, row: Record, chart: Chart) -> Chart:
    """The figure of a card: the same series with other places and numbered measures."""
    lines = [Line(rows[0].text("place_name"), _points(rows)) for rows in _places(edition, row).values()]
    marks = [
        Measure(n, int(m.text("start")[:4]), m.text("status"), m.text("title"))
        for n, m in enumerate(measures_of(edition, row), start=1)
    ]
    return replace(chart, comparators=tuple(lines), measures=tuple(marks))


def _points(rows: Sequence[Record]) -> tuple[Point, ...]:
    return tuple(Point(r.whole("year") or 0, r.number("value") or 0.0, r.text("status") or "A") for r in rows)


def _places(edition: Published, row: Record) -> dict[str, list[Record]]:
    """Comparable published values by place, ascending by year."""
    found: dict[str, list[Record]] = {}
    for r in edition.of_series("comparators", row.text("series")):
        if not r.text("left_out") and r.number("value") is not None:
            found.setdefault(r.text("place"), []).append(r)
    return {place: sorted(rows, key=lambda r: r.whole("year") or 0) for place, rows in found.items()}


# ---- other places ----------------------------------------------------------------------------------------------


def compared_block(edition: Published, row: Record) -> Html | None:
    """A sentence for each place, and folded away every value with its source."""
    say, code = edition.say, row.text("series")
    rows = edition.of_series("comparators", code)
    if not rows:
        return None
    names = listed(dict.fromkeys(r.text("place_name") for r in rows))
    told = [_told(edition, row, held) for held in _places(edition, row).values()]
    left_out = sum(bool(r.text("left_out")) for r in rows)
    lead = tag("p", tag("b", say("cards.compared", places=names)), sentences(*told)) if told else None
    note = tag("p", say("cards.compared_left_out", count=left_out), cls="small") if left_out and told else None
    if not told:
        lead = tag("p", tag("b", say("cards.compared", places=names)), say("cards.compared_none", count=left_out))
    shown = tag("details", tag("summary", say("cards.compared_data", places=names)), _table(edition, row, names, rows))
    return tag("div", lead, note, shown, cls="aside-block")


def _told(edition: Published, row: Record, rows: Sequence[Record]) -> str:
    """Where the area stands beside one place in the newest year both were observed, and that place's newest value."""
    say, place = edition.say, rows[0].text("place_name")
    newest, both = rows[-1], [r for r in rows if r.number("difference") is not None]

    def value(r: Record) -> str:
        return _value(edition, row, r) + (say("cards.derived") if r.text("status") == "E" else "")

    last = {"place": place, "year": newest.whole("year"), "value": value(newest)}
    if not both:
        return sentence(say("cards.compared_silent" if row.number("value") is None else "cards.compared_alone", **last))
    r = both[-1]
    gap = r.number("difference") or 0.0
    relation = "same" if gap == 0 else "higher" if gap > 0 else "lower"
    size = difference(gap, row.text("unit"), row.whole("decimals") or 0)
    clause = say(
        "cards.compared_both",
        year=r.whole("year"),
        own=number(r.number("own_value") or 0.0, row.text("unit"), row.whole("decimals") or 0),
        place=place,
        value=value(r),
        relation=say(f"cards.compared_{relation}", size=size),
    )
    return sentence(clause, say("cards.compared_newer", **last) if newest is not r else "")


def _value(edition: Published, row: Record, r: Record) -> str:
    found = r.number("value") or 0.0
    places = max(row.whole("decimals") or 0, len(f"{found:.6f}".rstrip("0").partition(".")[2]))
    return number(found, row.text("unit"), min(places, 4))


def _table(edition: Published, row: Record, names: str, rows: Sequence[Record]) -> Html:
    say, decimals = edition.say, row.whole("decimals") or 0

    def apart(r: Record) -> str:
        if r.text("left_out"):
            return say(f"cards.left_out_{r.text('left_out')}")
        gap = r.number("difference")
        if gap is None:
            return wording.DASH
        size = number(abs(gap), "", decimals)
        return size if gap == 0 else ("+" if gap > 0 else "−") + size

    def own(r: Record) -> str:
        found = r.number("own_value")
        return wording.DASH if found is None else number(found, row.text("unit"), decimals)

    def value(r: Record) -> Html:
        sign = say(f"pages.status_{r.text('status')}") if r.text("status") in ("P", "E", "B") else ""
        return html(_value(edition, row, r), tag("sup", sign) if sign else None)

    columns = [
        Column(say("cards.compared_place"), lambda r: r.text("place_name")),
        Column(say("pages.column.year"), lambda r: r.text("year"), number=True),
        Column(say("pages.column.number"), value, number=True),
        Column(say("cards.compared_own"), own, number=True),
        Column(say("cards.compared_difference"), apart, number=True),
        Column(say("cards.compared_reported"), lambda r: r.text("reported_at"), css="short"),
        Column(
            say("cards.compared_source"),
            lambda r: html(
                r.text("source"), tag("span", translated(r.text("note")), cls="more") if r.text("note") else None
            ),
            css="source",
        ),
    ]
    key = tag("p", say("pages.status_key"), cls="small") if any(r.text("status") in "PEB" for r in rows) else None
    caption = say("cards.compared_caption", name=row.text("name"), places=names, mark=edition.mark)
    return html(table(caption, columns, rows, css="ahead compared"), key)


# ---- measures and changed values -------------------------------------------------------------------------------


def measures_of(edition: Published, row: Record) -> list[Record]:
    """Measures recorded for this very series, by the day they begin."""
    return sorted(edition.of_series("actions", row.text("series")), key=lambda m: (m.text("start"), m.text("action")))


def measures_block(edition: Published, row: Record, chart: Chart | None = None) -> Html | None:
    """The measures by the numbers that stand in the figure."""
    say, measures = edition.say, measures_of(edition, row)
    if not measures:
        return None
    units = {code: name for name, code in edition.unit_codes.items()}
    first = None if chart is None else years_shown(chart)[0]
    made = []
    for n, m in enumerate(measures, start=1):
        end = m.text("end")
        dates = say("cards.measure_dates" if end else "cards.measure_from", start=m.text("start"), end=end)
        status = tag("b", say(f"actions.status.{m.text('status')}"))
        outside = say("cards.measure_outside") if first is not None and int(m.text("start")[:4]) < first else None
        words = [tag("span", w) for w in (units.get(m.text("unit"), m.text("unit")), dates)]
        good = tag("span", say("cards.good_practice"), cls="binding") if m.text("good_practice") == "yes" else None
        title = tag("span", m.text("title"), good, cls="what")
        made.append(tag("li", _sign(n, m.text("status")), title, *words, status, outside))
    lead = say("cards.measures" if chart is not None else "cards.measures_plain")
    return tag("div", tag("p", tag("b", lead)), tag("ul", *made, cls="measure-list"), cls="aside-block")


def _sign(number_: int, status: str) -> Html:
    """The sign of the figure before the words of the list."""
    markup = measure_sign(number_, status, 7, 7)
    return drawing(
        '<svg xmlns="http://www.w3.org/2000/svg" class="mark" viewBox="0 0 14 14" width="14" height="14" '
        f'aria-hidden="true">{markup}</svg>'
    )


def changed_values(edition: Published, row: Record) -> list[str]:
    """What was revised between reports or corrected, in words."""
    code = row.text("series")
    made = [
        r.text("message")
        for r in edition.of_series("quality", code)
        if r.text("rule").startswith("revision") and r.text("group") in ("", "total")
    ]
    unit, decimals = row.text("unit"), row.whole("decimals") or 0
    for r in edition.observed.get(code, []):
        if r.text("correction") and r.number("value") is not None:
            old = r.text("submitted_value")
            words = {"year": r.whole("year"), "old": old, "value": number(r.number("value") or 0.0, unit, decimals)}
            made.append(edition.say("cards.corrected", reason=r.text("correction").rstrip("。"), **words))
    return made
