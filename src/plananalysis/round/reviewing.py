"""Decisions about what came in, and the questions that go back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import chain, count
from pathlib import Path

from plananalysis.base.drafts import sweep_folder
from plananalysis.base.errors import DataError, Problem, UsageError
from plananalysis.base.publication import lock
from plananalysis.base.text import say
from plananalysis.plan import load_plan
from plananalysis.returns import Issue, register
from plananalysis.returns.issues import Key, cells_of, key_text, runs
from plananalysis.returns.register import ACCEPT, ASK, DECISIONS, PROVISIONAL, REOPEN, WAIVE, Review, Submission
from plananalysis.round import forms
from plananalysis.round.checking import Checker
from plananalysis.round.signing import named
from plananalysis.round.standing import Item, Standing, standing, standing_of


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
    indicators: Collection[tuple[str, int | None]] = (),
) -> list[Review]:
    """Record a decision about a submission or some of its indicators; a decision about several is one line for each.

    Parameters
    ----------
    submission
        Its path below the ``returns`` folder, the eight characters of its fingerprint, or a unit (code or name): its newest.
    decision
        ``accept``: values count from the day of the decision. ``provisional``: they are used with open questions, marked so.
        ``ask``: they went back with questions. ``waive``: some issues need no answer; they stay visible with the reason.
        ``reopen``: what was accepted or used provisionally does not count until it is again.
    issues
        The issues waived: rule, series, group, year (:attr:`plananalysis.returns.Issue.key`).
    year
        Of the submission, where its unit alone does not tell it.
    indicators
        What is decided about, by series and year (None: every year of the file); everything where empty, but that ``provisional``
        then means what is neither clean nor in use.

    Returns
    -------
    list of Review
        The lines added.

    Raises
    ------
    UsageError
        No such submission, decision, issue or indicator; a waiver, reopening or provisional use without reason; a decision that
        changes nothing.
    DataError
        Accepting while something is open; lists what.
    """
    named(on, by)
    if decision not in DECISIONS:
        raise UsageError(say("intake.no_decision", decision=decision, known="、".join(DECISIONS)))
    if decision in (PROVISIONAL, REOPEN) and not reason.strip():
        raise UsageError(say(f"intake.no_reason_{decision}"))
    with lock(root, area):
        sweep_folder(register.folder(root, area))
        checker = Checker.load(root, area)
        one = find(root, area, submission, checker, year)
        now = standing_of(root, area, one, checker)
        about = _waived(now, issues, reason) if decision == WAIVE else _scopes(now, _about(now, decision, indicators))
        new = _lines(now, decision, about, reason, by, on)
        register.decide(root, area, new)
        return new


def accept_clean(
    root: Path, area: str, year: int, by: str, on: str, units: Collection[str] = ()
) -> tuple[list[Review], list[Standing]]:
    """Accept every clean indicator in the newest return of every unit of a year, and in its back series.

    A file of which nothing is open is accepted as a whole; of another, the indicators about which nothing is asked.

    Parameters
    ----------
    units
        Codes of the units meant; all where empty.

    Returns
    -------
    tuple
        The decisions, and the returns of which something was left because it is open.

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
        waiting = [s for s in standing(root, area, year) if not s.accepted_on]
        waiting = [s for s in waiting if not units or s.submission.unit in units]
        new = []
        for one in waiting:
            clean = [i for i in one.items if i.clean and i.filled and i.use != ACCEPT] if one.open else None
            new += _lines(one, ACCEPT, _scopes(one, clean), "", by, on)
        if new:
            register.decide(root, area, new)
        return new, [one for one in waiting if one.open]


def after_closing(root: Path, area: str, decided: Sequence[Review], year: int | None = None) -> dict[int, str]:
    """Of decisions that take values into use, or waive a question about a table, the years whose edition had closed by then, with the
    closing day.

    What was decided after an edition has closed is not in it: whoever registers an old round gives the day on which it was decided.

    Parameters
    ----------
    year
        The edition that a decision about a table is meant for; the area's own where None.
    """
    known = {s.submission: s.year for s in register.submissions(root, area)}
    found = {}
    for one in decided:
        stored = one.submission.startswith(f"{register.STORED}/")
        if stored or (one.decision in register.USES and one.submission in known):
            plan = load_plan(root, area, year if stored else known[one.submission])
            if one.on > plan.known_on:
                found[plan.as_of] = plan.known_on
    return found


def _about(now: Standing, decision: str, indicators: Collection[tuple[str, int | None]]) -> list[Item] | None:
    """The indicators a decision changes, None where it is about the whole file; refused where nothing would, or what is open be accepted."""
    name, named = now.submission.submission, _named(now, indicators)
    if decision == ASK and (indicators or not now.accepted_on):
        return named if indicators else None
    if decision == REOPEN:
        changed = [i for i in named if i.use]
    elif decision == PROVISIONAL:
        changed = [i for i in named if not i.use and (indicators or not i.clean)]
    else:
        changed = [i for i in named if i.use != ACCEPT]
    if not changed:
        done = {REOPEN: "not_accepted", PROVISIONAL: "nothing_provisional"}.get(decision, "accepted_already")
        raise UsageError(say(f"intake.{done}", submission=name))
    if decision == ACCEPT:
        still = now.open if not indicators else tuple(dict.fromkeys(i for item in changed for i in item.open))
        if still:
            raise _still_open(now, still)
    return changed if indicators or decision == PROVISIONAL else None


def _named(now: Standing, indicators: Collection[tuple[str, int | None]]) -> list[Item]:
    """The indicators of a return that are named; all of them where none is."""
    if not indicators:
        return list(now.items)
    found = [i for i in now.items if (i.series, i.year) in indicators or (i.series, None) in indicators]
    there = {(i.series, year) for i in found for year in (i.year, None)}
    if absent := [
        series if year is None else f"{series}/{year}" for series, year in indicators if (series, year) not in there
    ]:
        known = "、".join(dict.fromkeys(i.series for i in now.items))
        raise UsageError(say("intake.no_indicator", indicators="、".join(absent), known=known))
    return found


def _scopes(now: Standing, items: Iterable[Item] | None) -> list[Key]:
    """What a decision is about as its lines say it; None for the whole file, no year where all years of the file are meant."""
    if items is None:
        return [("", "", "", None)]
    of: dict[str, list[int]] = {}
    for item in items:
        of.setdefault(item.series, []).append(item.year)
    every = Counter(i.series for i in now.items)
    return [
        ("", series, "", year)
        for series, years in of.items()
        for year in ([None] if len(years) == every[series] else years)
    ]


def _lines(now: Standing, decision: str, about: Iterable[Key], reason: str, by: str, on: str) -> list[Review]:
    """A decision as lines of the list, one for each of what it is about."""
    name = now.submission.submission
    return [Review(name, decision, *key[:3], "" if key[3] is None else str(key[3]), reason, by, on) for key in about]


def _waived(now: Standing, issues: Collection[Key], reason: str) -> Collection[Key]:
    """The issues that may be waived; refused where one of them is none of the return, or no reason is given."""
    if not (issues and {i.key for i in now.issues}.issuperset(issues)):
        known = "、".join(key_text(run) for run in runs(now.open))
        raise UsageError(say("intake.no_issue" if known else "intake.nothing_open", known=known))
    if not reason.strip():
        raise UsageError(say("intake.no_reason"))
    return issues


def _still_open(now: Standing, still: Sequence[Issue]) -> DataError:
    """What keeps a submission or some of its indicators from being accepted, each with the name by which it can be waived."""
    listed = []
    for run in runs(still):
        file, rule = (f"{a} {b}".strip() for a, b in ((run[0].file, run[0].sheet), (run[0].series, run[0].message)))
        advice = run[0].advice + say("intake.waive", issue=key_text(run))
        listed.append(Problem(file, 0, cells_of(run), run[0].value, rule, advice))
    return DataError(listed, say("intake.still_open", submission=now.submission.submission, count=len(still)))


def questions(
    root: Path, area: str, year: int, out: Path, by: str = "", on: str = "", units: Collection[str] = ()
) -> list[Path]:
    """Write a workbook of questions for every unit whose newest submission of a year has open issues.

    The unit's values are kept, cells in question are coloured and carry a note, and a sheet lists every question. Corrected and
    sent back it is an ordinary return. With ``by``, who sends them ``on`` a day, that each was asked is on record.

    Parameters
    ----------
    units
        Codes or names of the units meant; all where empty.

    Returns
    -------
    list of Path
        Empty when nothing is open.
    """
    if by:
        named(on, by)
    load_plan(root, area, year)  # a year outside the plan is told as such
    checker = Checker.load(root, area)
    wanted = checker.book.units_called(units)  # an unknown unit is refused before anything is written
    known = checker.known_texts()
    paths, asked = [], []
    for one in standing(root, area, year, checker):
        if one.open and not one.accepted_on and (not wanted or one.submission.unit in wanted):
            data = forms.question_form(checker.book, one.found, one.open, known)
            name = Path(forms.form_name(checker.book, one.found.unit, year, one.found.back_series, questions=True))
            free = (out / f"{name.stem}{again}{name.suffix}" for again in chain([""], (f"-{n}" for n in count(2))))
            paths.append(next(path for path in free if forms.place(path, data)))  # one the unit wrote in stays
            asked.append(one.submission.submission)
    for submission in asked if by else ():
        review(root, area, submission, "ask", by, on)
    return paths


def find(
    root: Path, area: str, text: str, checker: Checker, year: int | None = None, before: bool = False
) -> Submission:
    """The submission named by its path, its fingerprint, or its unit (the newest), of one year where it is given.

    Parameters
    ----------
    before
        Of a unit the one before its newest, where there is one.

    Raises
    ------
    UsageError
        None is.
    """
    known = register.submissions(root, area)
    unit = checker.book.unit_called(text)
    hits = [s for s in known if text in (s.submission, s.sha256[:8], s.sha256) or (unit and s.unit == unit)]
    hits = sorted((s for s in hits if year in (None, s.year)), key=lambda s: s.received_on)
    if not hits:
        words = {"submission": text, "year": year, "known": "、".join(s.submission for s in known[-10:])}
        raise UsageError(say("intake.no_submission" if year is None else "intake.no_submission_of_year", **words))
    return hits[-2] if before and unit and len(hits) > 1 else hits[-1]
