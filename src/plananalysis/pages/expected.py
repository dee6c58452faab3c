"""How many targets are expected to be met, how sure that is, what is short of all, and what finished plans elsewhere said of themselves.

The outside view stands beside the expected number and never goes into it; see :mod:`plananalysis.assessments.finished`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from plananalysis.base.digits import fixed
from plananalysis.base.text import LANGUAGES, listed, say, sentence, sentences
from plananalysis.editions.opened import Published, Record
from plananalysis.pages.columns import column, count_column
from plananalysis.pages.links import indicator_link
from plananalysis.pages.rows import binding, over, scopes, withheld
from plananalysis.plan.classes import class_of
from plananalysis.projections.outlook import Outlook, outlook
from plananalysis.render.blocks import Column, Fold, Paragraph, Table, more, words
from plananalysis.render.html import Blocks, blocks
from plananalysis.render.quantities import Count, Share, chance

NAMED = 8  # rows of a line told by name
SURE = 0.8  # how sure the number of binding targets is said to be reached at least
_GROUPS = {  # what is short of all targets, by outlook
    "hard": ("hard", "very_hard"),
    "uncertain": ("uncertain",),
    "likely": ("likely",),
    "met": ("met_secure", "met_slipping"),
    "judgement": ("needs_judgement", "no_data"),
}


def with_probability(rows: Sequence[Record]) -> list[Record]:
    return [r for r in rows if r.number("probability") is not None]


def _outlook(rows: Sequence[Record]) -> Outlook:
    return outlook([r.number("probability") or 0.0 for r in rows])


def expected_sentence(edition: Published) -> str:
    """How many targets are expected to be met, with the central 80 %; empty where no target has a probability."""
    known = with_probability(edition.rows)
    if not known:
        return ""
    found = _outlook(known)
    low, high = found.range()
    about = {"rows": len(known), "year": edition.target_year, "expected": fixed(found.expected, 0)}
    told = say("brief.expected.all", **about, low=low, high=high)
    without = len(edition.rows) - len(known)
    return told + (say("brief.expected.without", count=without) if without else "")


def binding_sentence(edition: Published) -> str:
    """The same for binding targets: the most of which one can be fairly sure, and whether all come."""
    known = with_probability(binding(edition.rows))
    if not known:
        return ""
    found = _outlook(known)
    least = max(k for k in range(len(known) + 1) if k == 0 or found.at_least(k) >= SURE)
    told = {"rows": len(known), "expected": fixed(found.expected, 0), "all": chance(found.at_least(len(known)))}
    if not least:
        return say("brief.expected.binding_none", **told)
    return say("brief.expected.binding", least=least, chance=chance(found.at_least(least)), **told)


# ---- elsewhere -------------------------------------------------------------------------------------------------------


def outside_sentence(edition: Published) -> str:
    """What finished plans, and plans half-way, printed of themselves: counts, their range by place, and how they were counted."""
    told = []
    for stage in ("final", "mid"):
        held = [r for r in edition.records("finished") if r.text("stage") == stage]
        if not held:
            continue
        shares = sorted(m / t for m, t in _by_place(held).values())
        met, total = _sums(held)
        about = {"places": len(shares), "met": met, "total": total, "share": Share.of(met, total, 1)}
        span = {"low": Share(shares[0], 0), "high": Share(shares[-1], 0)}
        told.append(say(f"brief.outside.{stage}", **about, **span))
    return sentence(*told, say("brief.outside.note")) if told else ""


def _sums(rows: Sequence[Record]) -> tuple[int, int]:
    return sum(r.whole("met") or 0 for r in rows), sum(r.whole("total") or 0 for r in rows)


def _by_place(rows: Sequence[Record]) -> dict[str, tuple[int, int]]:
    places = dict.fromkeys(r.text("place") for r in rows)
    return {place: _sums([r for r in rows if r.text("place") == place]) for place in places}


def _outside_table(edition: Published) -> Fold | None:
    rows = edition.records("finished")
    if not rows:
        return None

    def period(r: Record) -> str:
        return say("pages.from_to", low=r.text("first"), high=r.text("last"))

    def count(r: Record) -> str:
        return say("brief.outside.count", met=r.text("met"), total=r.text("total"))

    columns = [
        column("place", lambda r: words(r.text("place"), role="b")),
        Column(say("pages.period"), period, 12, "l", "short"),
        column("stage", lambda r: say(f"brief.outside.stage.{r.text('stage')}"), "short"),
        Column(say("column.reported_met"), count, 10, "r"),
        Column(say("column.rate_all"), lambda r: Share.of(r.whole("met") or 0, r.whole("total") or 0), 8, "r"),
    ]
    if edition.language == LANGUAGES[0]:  # the words are Chinese, and are evidence as they stand
        columns.append(Column(say("column.printed"), lambda r: words(r.text("quote"), more(r.text("note"))), 50))
    caption = say("brief.outside.caption")
    return Fold(say("brief.outside.fold"), [Table(caption, columns, rows, role="stack outside")], "data")


# ---- what is short of all --------------------------------------------------------------------------------------------


def expected(edition: Published) -> Blocks:
    """Standing by the offices' classes, what is short of all targets row by row, and the outside view's places; for the public no sums of chances."""
    table, known = standing_table(edition), with_probability(edition.rows)
    if not known:
        return blocks(table)
    short = None if edition.audience == "public" else gap_table(edition)
    read = Paragraph(say("brief.outside.read")) if edition.records("finished") else None
    return blocks(table, short, read, _outside_table(edition))


def gap_table(edition: Published) -> Table | None:
    """What the expected number lacks to all rows, by outlook; its lines add up to the whole gap."""
    known = with_probability(edition.rows)
    if not known:
        return None
    groups = [(name, [r for r in known if r.text("outlook") in outlooks]) for name, outlooks in _GROUPS.items()]
    rest = [r for r in edition.rows if r not in known]
    lines: list[tuple[str, list[Record], float]] = [
        (name, held, sum(1 - (r.number("probability") or 0.0) for r in held)) for name, held in groups if held
    ]
    lines += [("without", rest, float(len(rest)))] if rest else []
    whole = sum(short for *_, short in lines)
    numbers = {"rows": len(edition.rows), "expected": fixed(len(edition.rows) - whole, 1), "gap": fixed(whole, 1)}
    columns = [
        column("cause", lambda g: say(f"brief.gap.{g[0]}") if g[0] else say("pages.total")),
        count_column("rows", lambda g: len(g[1])),
        Column(say("column.short"), lambda g: fixed(g[2], 1), 8, "r"),
        Column(say("column.which"), lambda g: _codes(g) if g[0] else "", 60, "l", "which"),
    ]
    return edition.table(
        say("brief.gap.caption", **numbers),
        columns,
        lines,
        "stack gaps",
        foot=[("", edition.rows, whole)],
        note=say("brief.gap.note"),
    )


def _codes(group: tuple[str, list[Record], float]) -> Any:
    """The rows that lack most, and how many more there are: the last ones lack next to nothing."""
    held = sorted(group[1], key=lambda r: r.number("probability") or 0.0)
    rest = len(held) - NAMED
    shown = held[:NAMED] if rest > 1 else held
    more = say("brief.gap.more", count=rest) if rest > 1 else None
    return words(words(*map(indicator_link, shown), role="list"), more)


# ---- counts that add up ----------------------------------------------------------------------------------------------


def standing_table(edition: Published) -> Table:
    """Of all, each plan and the binding rows: N = a + b + c with the rate on N and on a + b, and the offices' classes."""
    rows = edition.rows
    public = edition.audience == "public"
    lines = [] if over(edition) or public else edition.info.get("classes") or []  # the classes are of what is to come

    def at(group: Any, position: str) -> int:
        return sum(r.text("position") == position for r in group[1])

    def met_of(*others: str) -> Any:
        return lambda g: Share.of(at(g, "met"), at(g, "met") + sum(at(g, o) for o in others))

    def classed(code: str) -> Any:
        return lambda g: Count(sum(class_of(lines, r.text("position"), r.text("outlook")) == code for r in g[1]))

    named = "name" if edition.language == LANGUAGES[0] else "name_en"
    rates = () if public else (("all", ("not_met", "unknown")), ("known", ("not_met",)))
    columns = [
        column("standing", lambda g: g[0]),
        count_column("of_n", lambda g: len(g[1])),
        count_column("of_a", lambda g: at(g, "met")),
        count_column("of_b", lambda g: at(g, "not_met")),
        count_column("of_c", lambda g: at(g, "unknown")),
        *(Column(say(f"column.rate_{of}"), met_of(*others), 8, "r") for of, others in rates),
        *(Column(line[named], classed(line["class"]), 9, "r") for line in lines),
    ]
    newest = edition.info.get("newest_year") or math.inf  # without any value nothing is one of the base year
    base = say("brief.standing.base", base_year=edition.base_year) if newest <= edition.base_year else ""
    counted = say("brief.standing.note", none=lines[-1][named]) if lines else say("brief.standing.sum")
    note = sentences(base, counted, _as_first_read(rows))
    caption = say(f"brief.standing.{'caption' if lines else 'caption_now'}")
    told = scopes(edition, rows, say("brief.standing.all"))
    return edition.table(caption, columns, told, "stack standing", note=note)


def _as_first_read(rows: Sequence[Record]) -> str:
    """How many would be met by the first readings of the targets, where some were changed; one that is withheld counts as unknown."""
    changed = [r for r in rows if r.text("first_position") or withheld(r, "first_position")]
    if not changed:
        return ""
    met = sum(r.text("position") == "met" for r in rows)
    first = met + sum((r.text("first_position") == "met") - (r.text("position") == "met") for r in changed)
    open_ = sum(r.text("first_position") not in ("met", "not_met") for r in changed)
    names = listed(r.text("name") for r in changed)
    return sentences(
        say("brief.standing.first", count=len(changed), names=names, first=first, met=met),
        say("brief.standing.first_unknown", count=open_) if open_ else "",
    )
