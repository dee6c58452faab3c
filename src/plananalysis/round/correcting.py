"""Mistakes in the register, mended by a further line: what was written stays, what counts is the last word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from plananalysis.base.errors import UsageError
from plananalysis.base.publication import lock
from plananalysis.base.text import say
from plananalysis.plan.findings import iso_date
from plananalysis.returns import register
from plananalysis.returns.register import CORRECTED, WITHDRAWN, Submission
from plananalysis.round.checking import Checker
from plananalysis.round.receiving import named
from plananalysis.round.reviewing import find


def correct(
    root: Path,
    area: str,
    submission: str,
    by: str,
    on: str,
    reason: str,
    received_on: str = "",
    unit: str = "",
    year: int | None = None,
    withdraw: bool = False,
) -> Submission:
    """Register a submission under another date, unit or year, or withdraw it.

    Parameters
    ----------
    submission
        As for :func:`plananalysis.round.review`.
    by, on, reason
        Who corrects it on which day, and why.
    received_on, unit, year
        What is right; "" or None where the register is. A unit by its code or name.
    withdraw
        It was registered by mistake: its values do not count, its file and its lines stay.

    Returns
    -------
    Submission
        The line that was added.

    Raises
    ------
    UsageError
        No such submission or unit, no date, no reason, nothing to correct; or it was accepted already and unit or year would change.
    BusyError
        Another run is writing.
    DataError
        The register or the plan breaks rules.
    """
    named(on, by)
    if not reason.strip():
        raise UsageError(say("intake.no_correction_reason"))
    if received_on and not iso_date(received_on):
        raise UsageError(say("intake.bad_date", date=received_on))
    with lock(root, area):
        checker = Checker.load(root, area)
        one = find(root, area, submission, checker)
        code = checker.book.unit_called(unit) if unit else one.unit
        if code not in checker.book.by_unit:
            raise UsageError(say("returns.no_unit", unit=unit, known="、".join(checker.book.by_unit)))
        right = replace(
            one, received_on=received_on or one.received_on, unit=code, year=one.year if year is None else year
        )
        if right == one and not withdraw:
            raise UsageError(say("intake.nothing_corrected", submission=one.submission))
        if (right.unit, right.year) != (one.unit, one.year) and _accepted(root, area, one):
            raise UsageError(say("intake.correct_accepted", submission=one.submission))
        entry = WITHDRAWN if withdraw else CORRECTED
        line = replace(right, entry=entry, by=by, reason=say("intake.corrected_on", on=on, reason=reason.strip()))
        register.register(root, area, [line])
        return line


def history(root: Path, area: str, submission: str) -> Sequence[Submission]:
    """Every line of the register about one submission, oldest first."""
    return [one for one in register.entries(root, area) if one.submission == submission]


def _accepted(root: Path, area: str, one: Submission) -> bool:
    return any(r.submission == one.submission and r.decision in register.USES for r in register.reviews(root, area))
