"""An outlook as pages show it: its sign and its word, never one without the other."""

from __future__ import annotations

from plananalysis.base.text import say
from plananalysis.editions.opened import Record
from plananalysis.figures.marks import OUTLOOKS, key, mark
from plananalysis.pages import rows
from plananalysis.render.blocks import Drawing, Words, words

# the sign of whether a target was reached
REACHED = {"met": "met_secure", "not_met": "very_hard", "unknown": "no_data"}


def outlook_word(outlook: str) -> Words | None:
    """Sign and word of an outlook, never the one without the other; nothing where none was stated."""
    if outlook not in OUTLOOKS:
        return None
    return words(Drawing(mark(outlook)), say(f"outlook.{outlook}"), role=f"outlook o-{outlook}")


def outlook_of(row: Record) -> Words | None:
    """Sign and word of a row's outlook, or that it is withheld."""
    if rows.withheld(row, "outlook"):
        return words(say("audience.withheld"), role="outlook")
    return outlook_word(row.text("outlook"))


def outlook_key(outlook: str) -> Words:
    return words(Drawing(key(outlook)), say(f"outlook.{outlook}"), role="outlook")


def reached_word(row: Record) -> Words:
    """Whether a target was reached, with the sign of the outlook that expects it."""
    if rows.withheld(row, "position"):
        return words(say("audience.withheld"), role="outlook")
    position = row.text("position") or "unknown"
    return words(Drawing(mark(REACHED[position])), say(f"documents.final.{position}"), role="outlook")
