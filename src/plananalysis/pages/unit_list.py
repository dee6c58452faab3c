"""各责任单位一览: what each unit leads, what of it needs action, what it has reported and has still to answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from plananalysis.base.text import say
from plananalysis.editions.opened import Published, Record
from plananalysis.figures.marks import OUTLOOKS, outlook_boxes
from plananalysis.pages.columns import column, count_column
from plananalysis.pages.counts import counted, outlook_counts
from plananalysis.pages.links import indicator_link, unit_link
from plananalysis.pages.rows import addressed, alerted, binding, in_places, missing_leaves, over, urgent
from plananalysis.render.blocks import Column, Drawing, Table, Words, words
from plananalysis.render.quantities import Count


@dataclass(frozen=True)
class _Unit:
    """A unit with the rows it leads and those it shares, what of them needs action, and what the round knows of it."""

    code: str
    name: str
    led: Sequence[Record]
    shared: Sequence[Record]
    urgent: Sequence[Record]
    lacking: Sequence[Record]
    returned: Record | None
    asked: Record | None

    @property
    def open(self) -> int | None:
        """Questions it has still to answer: of its returns, and about its recorded values."""
        names = {"open_errors": self.asked, "open_questions": self.asked}
        names |= {"errors": self.returned, "questions": self.returned}
        found = [r.whole(name) or 0 for name, r in names.items() if r is not None]
        return sum(found) if found else None


def unit_list(edition: Published) -> Table:
    """One line per unit, those with most to do first; links lead to its sheet and its papers."""
    finished = over(edition)
    columns = [
        column("unit", lambda u: unit_link(edition, u.code, u.name)),
        _count("led", lambda u: len(u.led)),
        _count("led_shared", lambda u: len(u.shared)),
    ]
    if finished:
        columns.append(column("missed", _missed_named))
    else:
        columns += [
            column("outlooks", _strip, "strip"),
            _count("act", lambda u: len(u.urgent)),
            _count("act_binding", lambda u: len(binding(u.urgent))),
            Column(say("alert.both_red"), lambda u: Count(len(alerted(u.urgent, "both_red")) or None), 8, "r"),
            _count("lacking", lambda u: len(u.lacking)),
        ]
    if edition.shows("completeness") and edition.records("completeness"):
        columns += [
            Column(say("column.reported_of"), _reported, 9, "r", "short"),
            count_column("open", lambda u: u.open),
        ]
    if edition.audience == "internal":
        columns.append(column("papers", lambda u: _papers(edition, u, finished)))
    return edition.table(
        say("brief.units.caption"),
        columns,
        _units(edition),
        "stack unit-list",
        note=say(f"brief.units.note{'_over' if finished else ''}", year=edition.as_of),
    )


def _units(edition: Published) -> list[_Unit]:
    acted, lacking = urgent(edition), missing_leaves(edition, edition.rows)
    returned = {r.text("unit"): r for r in edition.records("completeness")} if edition.shows("completeness") else {}
    asked = {r.text("unit"): r for r in edition.records("accountability")} if edition.shows("accountability") else {}

    def leads(code: str) -> Callable[[Record], bool]:
        return lambda r: r.words("responsible_units")[:1] == (code,)

    def of(code: str, name: str) -> _Unit:
        led = [r for r in edition.rows if leads(code)(r)]
        shared = [r for r in edition.rows if code in r.words("responsible_units")[1:]]
        own, gaps = [r for r in acted if leads(code)(r)], [r for r in lacking if leads(code)(r)]
        return _Unit(code, name, led, shared, own, gaps, returned.get(code), asked.get(code))

    found = [of(code, name) for code, name in edition.unit_names.items()]
    by_need = (lambda u: len(_missed(u))) if over(edition) else (lambda u: len(u.urgent))
    return sorted(found, key=lambda u: (-by_need(u), -len(u.lacking), -len(u.led)))


def _count(name: str, count: Callable[[Any], int]) -> Column:
    """A column in which nothing stands for none, so that the numbers are seen."""
    return count_column(name, lambda u: count(u) or None)


def _missed(unit: _Unit) -> list[Record]:
    return in_places(unit.led)[1]


def _missed_named(unit: _Unit) -> Words | None:
    held = words(*map(indicator_link, _missed(unit)), role="list")
    return words(words(Count(len(held.parts)), role="b"), " ", held) if held.parts else None


def _strip(unit: _Unit) -> Drawing | None:
    counts = outlook_counts(unit.led)
    told = say("brief.units.bar", unit=unit.name, listed=counted(counts, OUTLOOKS))
    return Drawing(outlook_boxes(counts, told), told) if unit.led else None


def _reported(unit: _Unit) -> str | None:
    r = unit.returned
    if r is None or not (r.number("due") or 0):
        return None
    return say("brief.outside.count", met=r.whole("reported") or 0, total=r.whole("due") or 0)


def _papers(edition: Published, unit: _Unit, finished: bool) -> Words:
    links = [words(say("brief.units.feedback"), link=f"documents/feedback/{unit.code}.xlsx")]
    if not finished and addressed(edition, unit.code):
        links.append(words(say("brief.units.letter"), link=f"documents/letters/{unit.code}.docx"))
    return words(*links, role="list")
