"""Reported values as sheets: series down, years across."""

from __future__ import annotations

from collections.abc import Sequence

from plananalysis.base.text import listed, say
from plananalysis.editions.opened import Record
from plananalysis.pages.papers.facts import HIDDEN, Facts
from plananalysis.pages.papers.sentences import hidden_note
from plananalysis.plan.units import unit_name
from plananalysis.render.xlsx import Cell, Number, Sheet


def number(row: Record, value: float | None, finer: bool = False) -> Cell:
    places = row.whole("decimals") or 0
    return None if value is None else Number(value, places + (finer and places < 2))


def share(value: float | None) -> Cell:
    return None if value is None else Number(value, share=True)


def history_sheet(facts: Facts, codes: Sequence[str]) -> Sheet:
    """Totals by series and year, newest definition first; what a year's value needs to be read right stands in the last column."""
    return _wide(facts, codes, say("documents.sheet.history"), say("documents.caption.history"), total=True)


def groups_sheet(facts: Facts) -> Sheet:
    """Values by sex, age group and residence, where they are reported."""
    codes = list(facts.edition.series)
    return _wide(facts, codes, say("documents.sheet.groups"), say("documents.caption.groups"), total=False)


def _wide(facts: Facts, codes: Sequence[str], name: str, heading: str, total: bool) -> Sheet:
    wanted = set(codes)
    cells: dict[tuple[str, str, str], dict[int, Record]] = {}
    for r in facts.edition.records("observations"):
        group = r.text("group") or "total"
        if r.text("series") in wanted and (group == "total") == total and _known(r):
            cells.setdefault((r.text("series"), group, r.text("definition")), {})[r.whole("year") or 0] = r
    years = sorted({y for held in cells.values() for y in held})
    place = {code: i for i, code in enumerate(facts.edition.series)}
    lines = []
    for (code, group, definition), held in sorted(
        cells.items(), key=lambda c: (place.get(c[0][0], 0), c[0][1], -max(c[1]), c[0][2])
    ):
        about = facts.edition.series[code]
        values: list[Cell] = [_value(facts, about, held.get(year), group) for year in years]
        notes = [n for n in (facts.cell_note(r) for _, r in sorted(held.items())) if n]
        notes = [say("documents.definition", text=definition), *notes] if definition else notes
        lines.append(
            [
                code,
                about.text("name"),
                *([] if total else [group_name(group)]),
                unit_name(about.text("unit")),
                listed(about.words("responsible_names")[:1]),
                *values,
                say("joint.clause").join(notes),
            ]
        )
    heads = [say("documents.column.code"), say("documents.column.name")]
    heads += [] if total else [say("documents.column.group")]
    heads += [
        say("documents.column.measure"),
        say("documents.column.lead_unit"),
        *map(str, years),
        say("documents.column.remark"),
    ]
    return Sheet(name, heading, heads, lines, hidden_note(facts), fixed=2, widest=30)


def _known(r: Record) -> bool:
    """Whether there is a value, be it one that is withheld."""
    return r.number("value") is not None or r.text("withheld") == "True"


def _value(facts: Facts, about: Record, r: Record | None, group: str) -> Cell:
    if r is None:
        return None
    if facts.hidden(about.text("series"), r.whole("year"), group):
        return HIDDEN
    return number(about, r.number("value"))


def group_name(group: str) -> str:
    """
    >>> group_name("sex:female"), group_name("total"), group_name("age:0-6")
    ('女', '合计', '0-6')
    """
    kind, _, value = group.partition(":")
    try:
        return say(f"documents.group.{value or kind}")
    except KeyError:
        return value or kind
