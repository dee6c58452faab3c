"""Decisions about what came in, and the questions that go back."""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain, count
from pathlib import Path

from plananalysis.base.drafts import sweep_folder
from plananalysis.base.errors import DataError, Problem, UsageError
from plananalysis.base.publication import lock
from plananalysis.base.text import say
from plananalysis.plan import load_plan
from plananalysis.returns import register
from plananalysis.returns.issues import Key, cells_of, key_text, runs
from plananalysis.returns.register import DECISIONS, Review, Submission
from plananalysis.round import forms
from plananalysis.round.checking import Checker
from plananalysis.round.receiving import named
from plananalysis.round.standing import Standing, beside, stand, standing


def review(
    root: Path,
    area: str,
    submission: str,
    decision: str,
    by: str,
    on: str,
    reason: str = "",
    issues: Collection[Key] = (),
    year: int | None = None,
) -> list[Review]:
    """Record a decision about a submission; a waiver of several issues is one line for each.

    Parameters
    ----------
    submission
        Its path below the ``returns`` folder, the eight characters of its fingerprint, or a unit (code or name): its newest.
    decision
        ``accept``: its values count from its day of receipt. ``ask``: it went back with questions.
        ``waive``: some issues need no answer; they stay visible with the reason. ``reopen``: what was accepted does not count
        until it is accepted again.
    issues
        The issues waived: rule, series, group, year (:attr:`plananalysis.returns.Issue.key`).
    year
        Of the submission, where its unit alone does not tell it.

    Raises
    ------
    UsageError
        No such submission, decision or issue; a waiver or reopening without reason; a question about what was accepted already, a
        reopening of what was not.
    DataError
        Accepting while something is open; lists what.
    """
    named(on, by)
    if decision not in DECISIONS:
        raise UsageError(say("intake.no_decision", decision=decision, known="、".join(DECISIONS)))
    with lock(root, area):
        sweep_folder(register.folder(root, area))
        checker = Checker.load(root, area)
        one = find(root, area, submission, checker, year)
        decided = register.reviews(root, area)
        done = one.submission in register.accepted_days(decided)
        if done and decision in ("accept", "ask"):
            raise UsageError(say("intake.accepted_already", submission=one.submission))
        if decision == "reopen" and not done:
            raise UsageError(say("intake.not_accepted", submission=one.submission))
        if decision == "reopen" and not reason.strip():
            raise UsageError(say("intake.no_reopen_reason"))
        if decision in ("accept", "waive"):
            found = register.read_registered(root, area, one, checker.book)
            if isinstance(found, Problem):
                raise DataError([found])
            now = stand(root, area, one, found, beside(root, area, one.year, checker), decided, checker)
            if decision == "accept" and now.open:
                raise _still_open(now)
            if decision == "waive" and not (issues and {i.key for i in now.issues}.issuperset(issues)):
                known = "、".join(key_text(run) for run in runs(now.open))
                raise UsageError(say("intake.no_issue" if known else "intake.nothing_open", known=known))
            if decision == "waive" and not reason.strip():
                raise UsageError(say("intake.no_reason"))
        about = issues if decision == "waive" else [("", "", "", None)]
        new = [
            Review(one.submission, decision, rule, series, group, "" if year is None else str(year), reason, by, on)
            for rule, series, group, year in about
        ]
        register.decide(root, area, new)
        return new


def accept_clean(root: Path, area: str, year: int, by: str, on: str) -> tuple[list[Review], list[Standing]]:
    """Accept the newest submission of every unit of a year, and its back series, where nothing is open.

    Returns
    -------
    tuple
        The decisions, and what was left because something is open.

    Raises
    ------
    UsageError
        No such area, a year outside the plan, no date, nobody named.
    BusyError
        Another run is writing.
    DataError
        Plan, observations or register break rules; nothing is decided.
    """
    named(on, by)
    load_plan(root, area, year)
    with lock(root, area):
        sweep_folder(register.folder(root, area))
        waiting = [one for one in standing(root, area, year) if not one.accepted_on]
        new = [
            Review(one.submission.submission, "accept", "", "", "", "", "", by, on) for one in waiting if not one.open
        ]
        if new:
            register.decide(root, area, new)
        return new, [one for one in waiting if one.open]


def _still_open(now: Standing) -> DataError:
    """What keeps a submission from being accepted, each with the name by which it can be waived."""
    listed = [
        Problem(
            f"{run[0].file} {run[0].sheet}".strip(),
            0,
            cells_of(run),
            run[0].value,
            f"{run[0].series} {run[0].message}",
            run[0].advice + say("intake.waive", issue=key_text(run)),
        )
        for run in runs(now.open)
    ]
    return DataError(listed, say("intake.still_open", submission=now.submission.submission, count=len(now.open)))


def questions(root: Path, area: str, year: int, out: Path, by: str = "", on: str = "") -> list[Path]:
    """Write a workbook of questions for every unit whose newest submission of a year has open issues.

    The unit's values are kept, cells in question are coloured and carry a note, and a sheet lists every question. Corrected and
    sent back it is an ordinary return. With ``by``, who sends them ``on`` a day, that each was asked is on record.

    Returns
    -------
    list of Path
        Empty when nothing is open.
    """
    if by:
        named(on, by)
    load_plan(root, area, year)  # a year outside the plan is told as such
    checker = Checker.load(root, area)
    known = checker.known_texts()
    paths, asked = [], []
    for one in standing(root, area, year, checker):
        if one.open and not one.accepted_on:
            data = forms.question_form(checker.book, one.found, one.open, known)
            name = Path(forms.form_name(checker.book, one.found.unit, year, one.found.back_series, questions=True))
            free = (out / f"{name.stem}{again}{name.suffix}" for again in chain([""], (f"-{n}" for n in count(2))))
            paths.append(next(path for path in free if forms.place(path, data)))  # one the unit wrote in stays
            asked.append(one.submission.submission)
    for submission in asked if by else ():
        review(root, area, submission, "ask", by, on)
    return paths


def find(root: Path, area: str, text: str, checker: Checker, year: int | None = None) -> Submission:
    """The submission named by its path, its fingerprint, or its unit (the newest), of one year where it is given.

    Raises
    ------
    UsageError
        None is.
    """
    known = register.submissions(root, area)
    unit = checker.book.unit_called(text)
    hits = [s for s in known if text in (s.submission, s.sha256[:8], s.sha256) or (unit and s.unit == unit)]
    hits = [s for s in hits if year in (None, s.year)]
    if not hits:
        words = {"submission": text, "year": year, "known": "、".join(s.submission for s in known[-10:])}
        raise UsageError(say("intake.no_submission" if year is None else "intake.no_submission_of_year", **words))
    return hits[-1]
