"""Mistakes in the register, mended by a further line: what was written stays, what counts is the last word."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from plananalysis.base import tables
from plananalysis.base.errors import DataError, Problem, UsageError
from plananalysis.base.publication import lock
from plananalysis.base.text import say
from plananalysis.plan.findings import iso_date
from plananalysis.returns import register
from plananalysis.returns.counted import read_registered
from plananalysis.returns.decided import newest
from plananalysis.returns.register import CORRECTED, RECEIVED, WITHDRAWN, Review, Submission
from plananalysis.round.checking import Checker
from plananalysis.round.receiving import free_path
from plananalysis.round.reviewing import find
from plananalysis.round.signing import named
from plananalysis.round.standing import standing_of


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
    of_year: int | None = None,
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
    of_year
        Of the submission, where its unit alone does not tell it.
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
    named(on, by, reason, "no_correction_reason")
    if received_on and not iso_date(received_on):
        raise UsageError(say("intake.bad_date", date=received_on))
    with lock(root, area):
        checker = Checker.load(root, area)
        one = find(root, area, submission, checker, of_year)
        (code,) = checker.book.units_called([unit or one.unit])
        day, of = received_on or one.received_on, one.year if year is None else year
        right = replace(one, received_on=day, unit=code, year=of)
        if right == one and not withdraw:
            raise UsageError(say("intake.nothing_corrected", submission=one.submission))
        if (right.unit, right.year) != (one.unit, one.year) and _accepted(root, area, one):
            raise UsageError(say("intake.correct_accepted", submission=one.submission))
        entry = WITHDRAWN if withdraw else CORRECTED
        line = replace(right, entry=entry, by=by, reason=say("intake.corrected_on", on=on, reason=reason.strip()))
        register.register(root, area, [line])
        return line


def restore(
    root: Path, area: str, submission: str, by: str, on: str, reason: str, year: int | None = None
) -> tuple[Submission, list[Review]]:
    """Make an earlier version of a return current again: as if its unit had sent it once more on the day.

    What was decided about it then is decided again on the day; that its values differ from the version in between is answered by
    the reason. Nothing of the version in between is changed, nor of an edition that has closed.

    Parameters
    ----------
    submission, year
        As for :func:`plananalysis.round.review`; a unit's name means the version before its newest.
    by, on, reason
        Who decides so on which day, and why.

    Returns
    -------
    tuple
        The line that was added to the register, and the decisions.

    Raises
    ------
    UsageError
        No such submission, no date, no reason, or it is the newest already.
    BusyError
        Another run is writing.
    DataError
        The register or the plan breaks rules, or the file is gone.
    """
    named(on, by, reason, "no_correction_reason")
    with lock(root, area):
        checker = Checker.load(root, area)
        one = find(root, area, submission, checker, year, before=True)
        alike = [s for s in register.submissions(root, area) if _of(s) == _of(one)]
        (latest,) = newest(alike)
        if latest.sha256 == one.sha256:
            raise UsageError(say("intake.newest_already", submission=latest.submission))
        found = read_registered(root, area, one, checker.book)
        if isinstance(found, Problem):
            raise DataError([found])
        home = register.folder(root, area)
        taken = [e.submission for e in register.entries(root, area)]
        place = free_path(one.year, one.unit, on, one.sha256, Path(one.submission).suffix, taken)
        words = say("intake.restored", submission=one.submission, reason=reason.strip())
        line = replace(one, submission=place, received_on=on, by=by, entry=RECEIVED, reason=f"{on} {words}")
        line = replace(line, supersedes=latest.submission)
        tables.write_atomic(home / place, (home / one.submission).read_bytes())
        register.register(root, area, [line])
        decided = [
            replace(r, submission=place, by=by, on=on, reason=r.reason or words)
            for r in register.reviews(root, area)
            if r.submission == one.submission and r.decision in (*register.USES, register.REOPEN)
        ]
        changed = [i.key for i in standing_of(root, area, line, checker).open if i.rule.startswith("revision")]
        decided += [
            Review(place, register.WAIVE, rule, series, group, str(year or ""), words, by, on)
            for rule, series, group, year in changed
        ]
        register.decide(root, area, decided)
        return line, decided


def _of(one: Submission) -> tuple[str, int, bool]:
    return one.unit, one.year, one.back_series


def _accepted(root: Path, area: str, one: Submission) -> bool:
    return any(r.submission == one.submission and r.decision in register.USES for r in register.reviews(root, area))
