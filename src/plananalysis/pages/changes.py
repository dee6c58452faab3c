"""What differs from the edition before: which rows are told one by one, and which are only counted."""

from __future__ import annotations

from collections.abc import Sequence

from plananalysis.base.text import say
from plananalysis.editions.opened import Published, Record
from plananalysis.figures.marks import ASSESSABLE
from plananalysis.pages.cells import Cells, chance
from plananalysis.pages.columns import column
from plananalysis.pages.counts import counted, outlook_counts
from plananalysis.pages.outlooks import outlook_word
from plananalysis.render.blocks import Column, Table, words

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


def first_sentence(first: Sequence[Record]) -> str:
    """How many rows had no data in the edition before and have which outlook now; empty for none."""
    if not first:
        return ""
    now = outlook_counts(r.but(outlook=r.text("to_outlook")) for r in first)
    return say("pages.changes_new", count=len(first), listed=counted(now))


def nothing_changed(edition: Published) -> str:
    """What stands where no outlook differs from the edition before, or there is none before."""
    if not edition.is_first and not any(r.text("outlook") in ASSESSABLE for r in edition.rows):
        return say("pages.changes_blind")
    if edition.is_first:
        return say("pages.changes_first")
    return say("pages.changes_shown" if edition.withholds else "pages.changes_none")


def changes_table(edition: Published, whole: bool = False) -> Table:
    """Rows whose outlook differs from the edition before; unless ``whole``, many that had no data are counted in a note.

    Parameters
    ----------
    whole
        Every row and every number in a cell of its own, as a spreadsheet has them.
    """
    told, first = (edition.records("changes"), []) if whole else compared(edition)
    cells = Cells(edition)
    hidden = {code for code, r in edition.assessments.items() if "probability" in r.words("withheld")}

    def about(r: Record) -> Record:
        return edition.assessments.get(r.text("series"), r)

    def seen(r: Record) -> Record:
        return r.but(withheld="from_probability;to_probability" if r.text("series") in hidden else "")

    def chances(r: Record) -> object:
        before, after = (chance(edition, seen(r), f"{end}_probability") for end in ("from", "to"))
        return after if seen(r).words("withheld") else words(before, " → ", after)

    def end(name: str) -> list[Column]:
        """What an edition said, in cells of their own."""
        said, stated = f"{name}_outlook", f"{name}_probability"
        return [
            column(said, lambda r: outlook_word(r.text(said))),
            column(stated, lambda r: chance(edition, seen(r), stated)),
        ]

    both = [
        column(
            "change", lambda r: words(outlook_word(r.text("from_outlook")), " → ", outlook_word(r.text("to_outlook")))
        ),
        column("probability", chances),
    ]
    columns = [
        *(
            [column("unit", lambda r: cells.unit(about(r)))]
            if edition.several_units and edition.audience != "public"
            else []
        ),
        column("indicator", lambda r: cells.indicator(about(r)), ""),
        *([*end("from"), *end("to")] if whole else both),
        column("cause", lambda r: say(f"cause.{r.text('cause')}") if r.text("cause") in CAUSES else r.text("cause")),
    ]
    counted_too = first_sentence(first)
    return edition.table(
        say("pages.changes_caption", year=edition.as_of - 1),
        columns,
        told,
        "changes stack",
        note=counted_too if told else "",
        empty=counted_too or nothing_changed(edition),
    )


CAUSES = ("new_data", "revised_data", "area_changed", "reading_changed", "method")
