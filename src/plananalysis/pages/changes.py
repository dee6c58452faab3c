"""What differs from the edition before: which rows are told one by one, and which are only counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from plananalysis.editions.opened import Published, Record
from plananalysis.figures import OUTLOOKS

FEW = 12  # so many rows with a first outlook are told one by one; when a district's first data come in there are scores


def compared(edition: Published) -> tuple[list[Record], list[Record]]:
    """Rows whose outlook differs from the edition before: to be told one by one, and those only to be counted.

    Counted are rows that had no data in the edition before, where they are many.
    """
    rows = edition.records("changes")
    first = [r for r in rows if r.text("from_outlook") == "no_data"]
    if len(first) <= FEW:
        return rows, []
    return [r for r in rows if r.text("from_outlook") != "no_data"], first


def first_sentence(edition: Published, first: Sequence[Record]) -> str:
    """How many rows had no data in the edition before and have which outlook now; empty for none."""
    if not first:
        return ""
    counts = Counter(r.text("to_outlook") for r in first)
    say = edition.say
    named = [say("pages.count_of", outlook=say(f"outlook.{o}"), count=counts[o]) for o in OUTLOOKS if counts[o]]
    return say("pages.changes_new", count=len(first), listed=say("pages.count_joint").join(named))


def nothing_changed(edition: Published) -> str:
    """What stands where no outlook differs from the edition before, or there is none before."""
    return edition.say("pages.changes_first" if edition.is_first else "pages.changes_none")
