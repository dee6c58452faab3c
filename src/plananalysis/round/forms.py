"""Yearly forms: one workbook per responsible unit out, the same workbook with questions back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from plananalysis.base import tables
from plananalysis.base.errors import UsageError
from plananalysis.base.names import file_part
from plananalysis.base.text import say
from plananalysis.observations import as_known, load_observations, starts_segment
from plananalysis.plan import load_plan
from plananalysis.returns import Codebook, Issue, Return, Row, codebook
from plananalysis.returns.decided import EVER
from plananalysis.returns.layout import STATUS_WORDS, YES
from plananalysis.returns.rows import NUMBERS
from plananalysis.round.form_sheets import Form, form_bytes

__all__ = ["Form", "form_bytes", "form_name", "known_texts", "place", "question_form", "write"]

_EARLIEST = 1990  # of a back series: no plan of this kind is older


def write(
    root: Path,
    area: str,
    year: int,
    out: Path,
    back_series: bool = False,
    units: Sequence[str] = (),
    kept: list[Path] | None = None,
    first: int = 0,
) -> list[Path]:
    """Write one form per responsible unit into ``out``. What lies there is never overwritten: a unit may have filled it in.

    Parameters
    ----------
    year
        Data year the forms ask for.
    back_series
        Ask for every year since the base year, with what was reported filled in to be checked (the mid-term's re-check).
    units
        Codes or names of the units wanted; all where empty.
    first
        First year of a back series, not after the base year; 0 for the base year.
    kept
        Gets every file that lay there with another content and was left as it is.

    Returns
    -------
    list of Path
        The forms that are there as made now, in the order in which the plan lists its units.

    Raises
    ------
    UsageError
        No such area or unit, no plan period covers the year, or a back series would begin after the base year.
    DataError
        Plan or observations break rules.
    """
    plan = load_plan(root, area, year)
    if first and (not back_series or not _EARLIEST <= first <= plan.since):
        raise UsageError(say("forms.first", first=_EARLIEST, base=plan.since))
    book = codebook(root, plan)
    view = as_known(load_observations(root, area), EVER, year)
    known = known_texts(view)
    filled = _filled(view) if back_series else {}
    wanted = book.units_called(units) or [*book.by_unit]  # an unknown unit is refused before anything is written
    paths = []
    for unit in (u for u in book.by_unit if u in wanted):
        form = Form(book, unit, year, back_series, known, filled, first=first)
        if not form.lines():  # of a unit that only a period before or after this year asks
            continue
        path = out / form_name(book, unit, year, back_series)
        there = place(path, form_bytes(form))
        if there:
            paths.append(path)
        elif kept is not None:
            kept.append(path)
    return paths


def place(path: Path, data: bytes) -> bool:
    """Write a file unless one of another content lies there; whether it is there now."""
    if path.exists():
        return path.is_file() and path.read_bytes() == data
    tables.write_atomic(path, data)
    return True


def form_name(book: Codebook, unit: str, year: int, back_series: bool = False, questions: bool = False) -> str:
    """File name of a form."""
    kind = ("_历年" if back_series else "") + ("_问题" if questions else "")
    return f"{year}_{unit}_{file_part(book.unit_name(unit))}{kind}.xlsx"


def known_texts(view: pd.DataFrame) -> dict[tuple[str, str, int], str]:
    """Values as typed by series, group and year; of several definitions the one reported last."""
    held = view[view["value"].notna()].sort_values("reported_at", kind="stable")
    keys = zip(held["series"], held["group"], held["year"].tolist(), strict=True)
    return dict(zip(keys, held["value_text"], strict=True))


def question_form(
    book: Codebook, found: Return, issues: Sequence[Issue], known: Mapping[tuple[str, str, int], str]
) -> bytes:
    """The form with what the unit filled in and the questions about it, made anew.

    The unit's own file is never edited: saving it through a library would drop what that library does not know.
    """
    filled = {(row.series, row.group, row.year): _content(row) for row in found.rows}
    first = min((row.year for row in found.rows), default=0) if found.back_series else 0
    return form_bytes(Form(book, found.unit, found.year, found.back_series, known, filled, issues, first))


def _filled(view: pd.DataFrame) -> dict[tuple[str, str, int], dict[str, str | float]]:
    filled: dict[tuple[str, str, int], dict[str, str | float]] = {}
    for row in view.sort_values("reported_at", kind="stable").itertuples():
        status = STATUS_WORDS.get(row.status, STATUS_WORDS["A"])
        words = {"status": status, "definition": row.definition, "note": row.note}
        counts = {name: _number(getattr(row, f"{name}_text")) for name in NUMBERS}
        changed = {"changed": YES, "change_note": row.note} if starts_segment(row.status) else {}
        filled[row.series, row.group, row.year] = {**counts, **words, **changed}
    return filled


def _content(row: Row) -> dict[str, str | float]:
    """Input cells of a line as the unit saw them."""
    numbers: dict[str, str | float] = {}
    for name, cell in row.read.items():
        shown = f"{cell.text}%" if cell.unit == "%" and "%" not in cell.raw and "％" not in cell.raw else cell.raw
        numbers[name] = _number(shown) if cell.kind == "number" else cell.raw
    return {**numbers, **row.typed}


def _number(text: str) -> str | float:
    """A number where a spreadsheet shows it as it was typed, otherwise the text itself."""
    try:
        number = float(text)
    except ValueError:
        return text
    return number if f"{number:.15g}" == text else text
