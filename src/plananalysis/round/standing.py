"""Each submission as it stands today: what is open, what was waived, since when it counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from plananalysis.base.errors import DataError, Problem
from plananalysis.returns import Issue, Return, register
from plananalysis.returns.register import Review, Submission
from plananalysis.round.checking import Checker
from plananalysis.round.due import due_date

# names under which rules were waived before returns and the year's data were held against one table of them
_FORMER = {
    "out_of_bounds": ("bounds",),
    "rate_mismatch": ("ratio", "ratio_inverted", "part_over_whole", "count_differs"),
    "unit_slip": ("unit_slip_history",),
    "zero_denominator": ("denominator_zero",),
    "missing_unexplained": ("missing_reason",),
    "no_counts": ("counts_missing",),
    "jump": ("large_change", "both_sexes"),
    "off_trend": ("jump",),
    "logic": ("relation",),
    "groups": ("groups_sum", "groups_range"),
}


@dataclass(frozen=True)
class Standing:
    """A submission as it stands: its content, what is open, what was waived (issue and decision), and when it was accepted."""

    submission: Submission
    found: Return
    issues: tuple[Issue, ...]
    open: tuple[Issue, ...]
    waived: tuple[tuple[Issue, Review], ...]
    accepted_on: str


def standing(root: Path, area: str, year: int | None = None, checker: Checker | None = None) -> list[Standing]:
    """The newest submission of every unit and year (and of every back series), checked again by today's rules.

    Raises
    ------
    DataError
        A registered file is gone or was changed.
    """
    checker = checker or Checker.load(root, area)
    newest: dict[tuple[str, int, bool], Submission] = {}
    for one in register.submissions(root, area):
        if year in (None, one.year):
            newest[one.unit, one.year, one.back_series] = one
    problems: list[Problem] = []
    read: list[tuple[Submission, Return]] = []
    for one in newest.values():
        found = register.read_registered(root, area, one, checker.book)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            read.append((one, found))
    if problems:
        raise DataError(problems)
    decisions = register.reviews(root, area)
    everybody = [found for _, found in read]
    return [stand(root, area, one, found, everybody, decisions, checker) for one, found in read]


def beside(root: Path, area: str, year: int, checker: Checker) -> list[Return]:
    """What the units' newest submissions of a year say."""
    newest = {s.unit: s for s in register.submissions(root, area) if s.year == year and not s.back_series}
    read = [register.read_registered(root, area, one, checker.book) for one in newest.values()]
    return [found for found in read if isinstance(found, Return)]


def stand(
    root: Path, area: str, one: Submission, found: Return, beside: list[Return], decided: list[Review], checker: Checker
) -> Standing:
    issues = checker.check(found, one.received_on, due_date(root, area, one.year), beside)
    own = [r for r in decided if r.submission == one.submission]
    waivers = {(r.rule, r.series, r.group, r.year): r for r in own if r.decision == "waive"}
    named = [(i, _waiver(i, waivers)) for i in issues]
    waived = tuple((i, w) for i, w in named if w is not None)
    still = tuple(i for i, w in named if w is None and i.open)
    accepted_on = register.accepted_days(own).get(one.submission, "")
    return Standing(one, found, tuple(issues), still, waived, accepted_on)


def _waiver(issue: Issue, waivers: Mapping[tuple[str, str, str, str], Review]) -> Review | None:
    """The decision that a question needs no answer; None where there is none."""
    place = (issue.series, issue.group, "" if issue.year is None else str(issue.year))
    return next(
        (waivers[key] for r in (issue.rule, *_FORMER.get(issue.rule, ())) if (key := (r, *place)) in waivers), None
    )
