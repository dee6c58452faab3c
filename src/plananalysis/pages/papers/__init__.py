"""The files an edition is handed out as: report, tables, warning list, draft letters, one feedback workbook per unit, and PDF.

Everything is read from the derived tables of the edition. ``annual`` is the yearly report, ``midterm`` and ``final`` are the
evaluations; the audience decides what is handed out and what of it is withheld.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from plananalysis.base.tables import write_atomic

if TYPE_CHECKING:
    from plananalysis.pages.papers.facts import Facts
    from plananalysis.render.blocks import Document

__all__ = ["files_for_all", "files_of", "files_to", "pdf", "write"]


def write(
    root: Path, area: str, as_of: int, folder: Path, edition: str = "annual", audience: str = "internal"
) -> list[Path]:
    """Write an edition's documents into a folder.

    Parameters
    ----------
    root
        Project folder with the built edition in ``data/processed/<area>/<as_of>``.
    folder
        Where the files go; made when it is not there. Other files in it are left alone.
    edition
        One of :data:`plananalysis.editions.variant.EDITIONS`.
    audience
        One of :data:`plananalysis.editions.variant.AUDIENCES`. ``internal`` gets everything; ``leading-group`` no unit's feedback workbook; ``public`` the report
        and the tables alone, without what was asked about the data and without small counts.

    Returns
    -------
    list of Path
        The files written: ``report.docx``, ``tables.xlsx``, ``warning_list.docx``, ``letters/<unit>.docx``, ``feedback/<unit>.xlsx``.

    Raises
    ------
    UsageError
        No such edition, kind of report or audience; or a final evaluation before the target year.
    """
    from plananalysis.pages.papers.facts import open_facts

    facts = open_facts(root, area, as_of, edition, audience)
    paths = []
    for name, make in files_of(facts).items():
        path = folder / name
        write_atomic(path, make())
        paths.append(path)
    return paths


def pdf(
    root: Path, area: str, as_of: int, folder: Path, edition: str = "annual", audience: str = "internal"
) -> list[Path]:
    """Write the brief and the report as PDF into a folder: ``brief.pdf``, ``report.pdf``.

    Raises
    ------
    UsageError
        As for :func:`write`; or the optional extra ``pdf`` is not installed.
    """
    from plananalysis.pages.papers.brief import brief
    from plananalysis.pages.papers.facts import open_facts
    from plananalysis.pages.papers.tables import footer
    from plananalysis.render.pdf import pdf_bytes

    facts = open_facts(root, area, as_of, edition, audience)
    made = {"brief.pdf": brief(facts), "report.pdf": _report(facts)}
    paths = []
    for name, document in made.items():
        path = folder / name
        write_atomic(path, pdf_bytes(document, footer(facts)))
        paths.append(path)
    return paths


def files_of(facts: Facts) -> dict[str, Callable[[], bytes]]:
    """Every file of an edition for its audience, by path in the folder, each made when asked for."""
    files = files_for_all(facts)
    kinds = {"public": (), "leading-group": ("letters",), "internal": ("letters", "feedback")}
    for kind in kinds[facts.audience]:
        for unit in facts.unit_names:
            files |= files_to(facts, kind, unit)
    return files


def files_for_all(facts: Facts) -> dict[str, Callable[[], bytes]]:
    """The files that speak about the edition as a whole."""
    from plananalysis.pages.papers.tables import tables_bytes
    from plananalysis.pages.papers.warnings import warning_list
    from plananalysis.render.docx import word_bytes

    files: dict[str, Callable[[], bytes]] = {
        "report.docx": lambda: word_bytes(_report(facts)),
        "tables.xlsx": lambda: tables_bytes(facts),
    }
    if facts.audience != "public" and not facts.over:
        files["warning_list.docx"] = lambda: word_bytes(warning_list(facts), compact=True)
    return files


def files_to(facts: Facts, kind: str, unit: str) -> dict[str, Callable[[], bytes]]:
    """What is sent to one unit, made from what that unit may see and nothing else.

    Parameters
    ----------
    kind
        ``letters``, where there is none for a unit that need not be written to, or ``feedback``.
    """
    from plananalysis.pages.papers.feedback import feedback_bytes
    from plananalysis.pages.papers.warnings import addressed, letter, letter_bytes

    own = replace(facts, edition=facts.edition.seen_by("unit", unit))
    if kind == "feedback":
        return {f"feedback/{unit}.xlsx": lambda: feedback_bytes(own, unit)}
    if facts.over or not addressed(own, unit):
        return {}
    return {f"letters/{unit}.docx": lambda: letter_bytes(own, letter(own, unit))}


def _report(facts: Facts) -> Document:
    from plananalysis.pages.papers.annual import annual_report
    from plananalysis.pages.papers.evaluations import final_report, midterm_report

    return {"annual": annual_report, "midterm": midterm_report, "final": final_report}[facts.mode](facts)
