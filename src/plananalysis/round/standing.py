"""Each submission as it stands today: what is open, what was waived, since when it counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from plananalysis.base.errors import DataError, Problem
from plananalysis.returns import Issue, Return, register
from plananalysis.returns.counted import Place, contents, read_registered, waived
from plananalysis.returns.decided import EVER, by_submission, in_use, known, newest
from plananalysis.returns.issues import waiver
from plananalysis.returns.register import ACCEPT, PROVISIONAL, Review, Submission
from plananalysis.round.checking import Checker
from plananalysis.round.due import due_date

_TWO = ("logic",)  # rules about two indicators, told of one: nobody can say which of them is wrong
_NOBODYS = ("code_missing", "far_cell")  # about what was not read: no indicator waits for it


@dataclass(frozen=True)
class Item:
    """One indicator of one year in a return, with all its groups: what is accepted, used provisionally or sent back by itself.

    Parameters
    ----------
    open
        Questions about it that nobody has answered, and those that keep it from being used: about the whole file, or about an
        indicator it is held against.
    use
        ``accept`` or ``provisional`` where its values count, otherwise "".
    since
        ISO date from which they do; "" where they do not.
    reason
        Why they are used provisionally; "" otherwise.
    filled
        Whether the unit filled anything in.
    """

    series: str
    year: int
    filled: bool
    open: tuple[Issue, ...]
    use: str
    since: str
    reason: str

    @property
    def clean(self) -> bool:
        """Whether it can be accepted."""
        return not self.open

    @property
    def state(self) -> str:
        """``accept``, ``provisional``, ``clean`` (nothing is asked, not accepted yet) or ``open``."""
        return self.use or ("clean" if self.clean else "open")


@dataclass(frozen=True)
class Standing:
    """A submission as it stands.

    Parameters
    ----------
    issues
        Everything found, by today's rules.
    open
        What somebody still has to answer.
    waived
        Questions that need no answer, each with the decision that says so.
    items
        Its indicators by year, in the order of the form.
    """

    submission: Submission
    found: Return
    issues: tuple[Issue, ...]
    open: tuple[Issue, ...]
    waived: tuple[tuple[Issue, Review], ...]
    items: tuple[Item, ...]

    @property
    def accepted_on(self) -> str:
        """Day since when all of it is accepted; "" while something is not."""
        needed = [i for i in self.items if i.filled or i.open]  # a line left blank needs no decision of its own
        return max((i.since for i in self.items), default="") if all(i.use == ACCEPT for i in needed) else ""

    def in_state(self, *states: str) -> list[Item]:
        """Its indicators that are in one of the states of :attr:`Item.state`."""
        return [item for item in self.items if item.state in states]


def standing(
    root: Path, area: str, year: int | None = None, checker: Checker | None = None, day: str = EVER
) -> list[Standing]:
    """The newest submission of every unit and year (and of every back series), checked again by today's rules.

    Parameters
    ----------
    day
        ISO date: what had come in and was decided by then.

    Raises
    ------
    DataError
        A registered file is gone or was changed.
    """
    checker = checker or Checker.load(root, area)
    problems: list[Problem] = []
    read: list[tuple[Submission, Return]] = []
    for one in newest(s for s in known(register.lines(root, area), day) if year in (None, s.year)):
        found = read_registered(root, area, one, checker.book)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            read.append((one, found))
    if problems:
        raise DataError(problems)
    decisions = Decisions.load(root, area, day)
    everybody = [found for _, found in read]
    return [stand(root, area, one, found, everybody, decisions, checker) for one, found in read]


def standing_of(root: Path, area: str, one: Submission, checker: Checker) -> Standing:
    """One submission as it stands, the newest of its unit or not.

    Raises
    ------
    DataError
        Its file is gone or was changed.
    """
    found = read_registered(root, area, one, checker.book)
    if isinstance(found, Problem):
        raise DataError([found])
    return stand(root, area, one, found, beside(root, area, one.year, checker), Decisions.load(root, area), checker)


def beside(root: Path, area: str, year: int, checker: Checker) -> list[Return]:
    """What the units' newest submissions of a year say."""
    of_year = newest(s for s in register.submissions(root, area) if s.year == year and not s.back_series)
    read = [read_registered(root, area, one, checker.book) for one in of_year]
    return [found for found in read if isinstance(found, Return)]


@dataclass(frozen=True)
class Decisions:
    """All decisions of an area: by submission, and the waivers wherever they hold."""

    made: Mapping[str, Sequence[Review]]
    waived: Mapping[Place, Mapping[str, Review]]

    @classmethod
    def load(cls, root: Path, area: str, day: str = EVER) -> Decisions:
        """Those that were taken by a day."""
        return cls(by_submission(r for r in register.reviews(root, area) if r.on <= day), waived(root, area, day))


@dataclass(frozen=True)
class Version:
    """A submission of a round, and how many indicators of its year are in use from it, ``provisional`` of them with open questions."""

    submission: Submission
    used: int
    provisional: int


def versions(root: Path, area: str, year: int, checker: Checker | None = None, day: str = EVER) -> list[Version]:
    """Every submission of a year's round in the order of receipt, and which of them is in use.

    Where a unit's later submission is in use for an indicator, the earlier one is not.

    Raises
    ------
    UsageError, DataError
        No such area; the register breaks rules. A file that is gone has nothing in use.
    """
    checker = checker or Checker.load(root, area)
    made = Decisions.load(root, area, day).made
    sent = sorted((s for s in known(register.lines(root, area), day) if s.year == year), key=lambda s: s.received_on)
    source: dict[tuple[str, str], tuple[str, str]] = {}  # by unit and series
    for one in sent:
        said = contents(root, area, one, checker.book)
        for row in said.rows if not isinstance(said, Problem) else ():
            if row["year"] == str(year) and (use := in_use(made.get(one.submission, ()), (row["series"], year))):
                source[one.unit, row["series"]] = one.submission, use.decision
    count = Counter(source.values())
    provisional = [count[one.submission, PROVISIONAL] for one in sent]
    return [Version(one, count[one.submission, ACCEPT] + n, n) for one, n in zip(sent, provisional, strict=True)]


def stand(
    root: Path, area: str, one: Submission, found: Return, beside: list[Return], decisions: Decisions, checker: Checker
) -> Standing:
    """A submission as it stands, beside the returns of other units."""
    issues = checker.check(found, one.received_on, due_date(root, area, one.year), beside)
    own = decisions.made.get(one.submission, ())
    place = f"{register.RETURNS}/{one.submission}"
    named = [(i, waiver(i.rule, decisions.waived.get((place, i.series, i.group, i.year), {}))) for i in issues]
    settled = tuple((i, w) for i, w in named if w is not None)
    still = tuple(i for i, w in named if w is None and i.open)
    return Standing(one, found, tuple(issues), still, settled, tuple(_items(found, still, own, checker)))


def _items(found: Return, still: Sequence[Issue], decided: Sequence[Review], checker: Checker) -> Iterator[Item]:
    """The indicators of a return: those it has lines of, and those whose lines are missing."""
    asked = {a.series for a in checker.book.lines(found.unit)}
    about = [(r.series, r.year) for r in found.rows]
    filled = {(r.series, r.year) for r in found.rows if not r.blank}
    about += [(i.series, i.year) for i in still if i.series in asked and i.year is not None]
    for series, year in dict.fromkeys(about):
        concerns = checker.held_against(series)
        open_ = tuple(i for i in still if i.year in (None, year) and _concerns(i, series, concerns))
        use = in_use(decided, (series, year))
        told = (use.decision, use.on, use.reason if use.decision == PROVISIONAL else "") if use else ("", "", "")
        yield Item(series, year, (series, year) in filled, open_, *told)


def _concerns(issue: Issue, series: str, held_against: Collection[str]) -> bool:
    """Whether an issue keeps an indicator waiting: its own, one about the file, or one of what it is held against."""
    if not issue.series:
        return issue.rule not in _NOBODYS
    return issue.series == series or (issue.rule in _TWO and issue.series in held_against)
