"""What stands beside a series on its card: published values of other places, measures taken, and values that were changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from plananalysis.base.text import listed, say, sentence, sentences, translated
from plananalysis.editions.opened import Published, Record
from plananalysis.figures.chart import Chart, Line, Measure, Point, years_shown
from plananalysis.figures.marks import measure_sign, sign
from plananalysis.pages.columns import column, of_series
from plananalysis.pages.elsewhere import by_place, their_value, yardsticks
from plananalysis.render.blocks import Drawing, Fold, Group, Items, Paragraph, Table, more, words
from plananalysis.render.quantities import Change, Value, Year, difference


def with_company(edition: Published, row: Record, chart: Chart) -> Chart:
    """The figure of a card: the same series with other places and numbered measures."""
    lines = [Line(rows[0].text("place_name"), _points(rows)) for rows in by_place(edition, row).values()]
    marks = [
        Measure(n, int(m.text("start")[:4]), m.text("status"), m.text("title"))
        for n, m in enumerate(_measures(edition, row), start=1)
    ]
    return replace(chart, comparators=tuple(lines), measures=tuple(marks))


def _points(rows: Sequence[Record]) -> tuple[Point, ...]:
    return tuple(Point(r.whole("year") or 0, r.number("value") or 0.0, r.text("status") or "A") for r in rows)


# ---- other places ----------------------------------------------------------------------------------------------


def compared_block(edition: Published, row: Record) -> Group | None:
    """A sentence for each place, and folded away every value with its source."""
    rows = edition.of_series("comparators", row.text("series"))
    if not rows:
        return None
    names = listed(dict.fromkeys(r.text("place_name") for r in rows))
    told = [_told(edition, row, held) for held in by_place(edition, row).values()]
    left_out = sum(bool(r.text("left_out")) for r in rows)
    lead = sentences(*told) if told else say("cards.compared_none", count=left_out)
    note = say("cards.compared_left_out", count=left_out) if left_out and told else ""
    shown: list[Any] = [comparators_table(edition, rows, row.text("name"), _CARD)]
    if any(r.text("status") in ("P", "E", "B") for r in rows):
        shown.append(Paragraph(say("pages.status_key"), "small"))
    fold = Fold(say("cards.compared_data", places=names), shown)
    about = Paragraph(lead, lead=say("cards.compared", places=names))
    held = [Paragraph(told, lead=say("cards.yardstick")) for told in yardsticks(edition, row)]
    return Group([about, *held, Paragraph(note, "small"), fold], "aside-block")


_CARD = ("place", "year", "place_value", "own_value", "place_gap", "published_on", "source")


def comparators_table(edition: Published, rows: Sequence[Record], about: str, names: Sequence[str]) -> Table:
    """Every published value of other places beside the area's own of the same year, or why the two are not compared."""

    def series(r: Record) -> Record:
        return edition.series[r.text("series")]

    def own(kind: Any, name: str) -> Callable[[Record], Any]:
        return lambda r: kind(r.number(name), series(r).text("unit"), series(r).whole("decimals") or 0)

    def published(r: Record) -> Any:
        sign = say(f"pages.status_{r.text('status')}") if r.text("status") in ("P", "E", "B") else ""
        shown = their_value(series(r), r)
        return words(shown, words(sign, role="sup")) if sign else shown

    def apart(r: Record) -> Any:
        why = r.text("left_out")
        return say(f"cards.left_out_{why}") if why else own(Change, "difference")(r)

    def source(r: Record) -> Any:
        note = translated(r.text("note")) if r.text("note") else ""
        return words(r.text("source"), more(note))

    cells: dict[str, Callable[[Record], Any]] = {
        "place": lambda r: r.text("place_name"),
        "year": lambda r: Year(r.number("year")),
        "place_value": published,
        "own_value": own(Value, "own_value"),
        "place_gap": apart,
        "published_on": lambda r: r.text("reported_at"),
        "source": source,
    }
    made = of_series(edition, names, {name: column(name, cell) for name, cell in cells.items()})
    places = listed(dict.fromkeys(r.text("place_name") for r in rows))
    caption = say("cards.compared_caption", name=about, places=places)
    return edition.table(caption, made, rows, "ahead compared")


def _told(edition: Published, row: Record, rows: Sequence[Record]) -> str:
    """Where the area stands beside one place in the newest year both were observed, and that place's newest value."""
    place = rows[0].text("place_name")
    newest, both = rows[-1], [r for r in rows if r.number("difference") is not None]

    def value(r: Record) -> str:
        return f"{their_value(row, r)}" + (say("cards.derived") if r.text("status") == "E" else "")

    last = {"place": place, "year": newest.whole("year"), "value": value(newest)}
    if not both:
        return sentence(say("cards.compared_silent" if row.number("value") is None else "cards.compared_alone", **last))
    r = both[-1]
    gap, unit, places = r.number("difference") or 0.0, row.text("unit"), row.whole("decimals") or 0
    relation = "same" if gap == 0 else "higher" if gap > 0 else "lower"
    told = {
        "place": place,
        "year": r.whole("year"),
        "value": value(r),
        "own": Value(r.number("own_value"), unit, places),
    }
    size = difference(gap, unit, places)
    clause = say("cards.compared_both", **told, relation=say(f"cards.compared_{relation}", size=size))
    return sentence(clause, say("cards.compared_newer", **last) if newest is not r else "")


# ---- measures and changed values -------------------------------------------------------------------------------


def _measures(edition: Published, row: Record) -> list[Record]:
    """Measures recorded for this very series, by the day they begin."""
    return sorted(edition.of_series("actions", row.text("series")), key=lambda m: (m.text("start"), m.text("action")))


def measures_block(edition: Published, row: Record, chart: Chart | None = None) -> Group | None:
    """The measures by the numbers that stand in the figure."""
    measures = _measures(edition, row)
    if not measures:
        return None
    first = None if chart is None else years_shown(chart)[0]
    made = []
    for n, m in enumerate(measures, start=1):
        end = m.text("end")
        dates = say("cards.measure_dates" if end else "cards.measure_from", start=m.text("start"), end=end)
        outside = say("cards.measure_outside") if first is not None and int(m.text("start")[:4]) < first else None
        good = words(say("cards.good_practice"), role="binding") if m.text("good_practice") == "yes" else None
        what, who = words(m.text("title"), good, role="what"), words(edition.unit_name(m.text("unit")), role="who")
        status = words(say(f"actions.status.{m.text('status')}"), role="b")
        made.append(
            words(
                Drawing(sign(measure_sign(n, m.text("status"), 7, 7), 14)),
                what,
                who,
                words(dates, role="when"),
                status,
                outside,
            )
        )
    lead = say("cards.measures" if chart is not None else "cards.measures_plain")
    return Group([Paragraph(words(lead, role="b")), Items(made, "measure-list")], "aside-block")


def changed_values(edition: Published, row: Record) -> list[str]:
    """What was revised between reports or corrected, in words."""
    code = row.text("series")
    made = [
        r.text("message")
        for r in edition.of_series("quality", code)
        if r.text("rule").startswith("revision") and r.text("group") in ("", "total")
    ]
    for r in edition.observed.get(code, []):
        if r.text("correction") and r.number("value") is not None:
            value = Value(r.number("value"), row.text("unit"), row.whole("decimals") or 0)
            about = {"year": r.whole("year"), "old": r.text("submitted_value"), "value": value}
            made.append(say("cards.corrected", reason=r.text("correction").rstrip("。"), **about))
    return made
