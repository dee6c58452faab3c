"""The files an edition is handed out as: report, tables, warning list, draft letters, one feedback workbook per unit, and PDF.

Everything is read from the derived tables of the edition. ``annual`` is the yearly report, ``midterm`` and ``final`` are the
evaluations; the audience decides what is handed out and what of it is withheld.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plananalysis.editions.opened import Published

Makers = dict[str, Callable[[], bytes]]


def files_of(edition: Published) -> Makers:
    """Every file of an edition for its audience, by path in the folder, each made when asked for."""
    files = files_for_all(edition)
    kinds = {"public": (), "leading-group": ("letters",), "internal": ("letters", "feedback")}
    for kind in kinds[edition.audience]:
        for unit in edition.unit_names:
            files |= files_to(edition, kind, unit)
    return files


def files_for_all(edition: Published) -> Makers:
    """The files that speak about the edition as a whole."""
    from plananalysis.pages.papers.data_tables import tables_bytes
    from plananalysis.pages.papers.report import report
    from plananalysis.pages.papers.warnings import warning_list
    from plananalysis.pages.rows import over
    from plananalysis.render.docx import word_bytes

    files: Makers = {
        "report.docx": lambda: word_bytes(report(edition)),
        "tables.xlsx": lambda: tables_bytes(edition),
    }
    if edition.audience != "public" and not over(edition):
        files["warning_list.docx"] = lambda: word_bytes(warning_list(edition), "list")
    return files


def pdfs_of(edition: Published) -> Makers:
    """The brief and the report, typeset."""
    from plananalysis.pages.papers.brief import brief
    from plananalysis.pages.papers.data_tables import footer
    from plananalysis.pages.papers.report import report
    from plananalysis.render.pdf import pdf_bytes

    makers = {"brief.pdf": brief, "report.pdf": report}

    def typeset(make: Callable[[Published], Any]) -> Callable[[], bytes]:
        return lambda: pdf_bytes(make(edition), footer(edition))

    return {name: typeset(make) for name, make in makers.items()}


def files_to(edition: Published, kind: str, unit: str) -> Makers:
    """What is sent to one unit, made from what that unit may see and nothing else.

    Parameters
    ----------
    kind
        ``letters``, where there is none for a unit that need not be written to, or ``feedback``.
    """
    from plananalysis.pages.papers.feedback import feedback_bytes
    from plananalysis.pages.papers.warnings import letter
    from plananalysis.pages.rows import addressed, over
    from plananalysis.render.docx import word_bytes

    own = edition.seen_by("unit", unit)
    if kind == "feedback":
        return {f"feedback/{unit}.xlsx": lambda: feedback_bytes(own, unit)}
    if over(own) or not addressed(own, unit):
        return {}
    return {f"letters/{unit}.docx": lambda: word_bytes(letter(own, unit), "letter")}
