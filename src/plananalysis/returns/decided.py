"""What counts of a return on a day: decisions about the whole file or about one indicator, in the order they were written.

An indicator is a series in one year of one file, with all its groups. A decision counts from its own day, so that an edition that
had closed by then stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from plananalysis.returns.register import REOPEN, USES, WITHDRAWN, Review, Submission

EVER = "9999-12-31"
Item = tuple[str, int]  # series, year
_ABOUT_USE = (*USES, REOPEN)


@dataclass(frozen=True)
class Span:
    """From which day an indicator of a return was in use, until the day before which (:data:`EVER` while it still is).

    ``submission`` is the line of the register that held in that time, ``decision`` the one by which it was in use.
    """

    since: str
    until: str
    submission: Submission
    decision: Review


def by_submission(decided: Iterable[Review]) -> dict[str, list[Review]]:
    """Decisions about each submission, in their order."""
    found: dict[str, list[Review]] = {}
    for one in decided:
        found.setdefault(one.submission, []).append(one)
    return found


def in_use(decided: Iterable[Review], item: Item, day: str = EVER) -> Review | None:
    """The decision by which an indicator is in use on a day: accepted, or provisionally; None where it is not in use.

    Parameters
    ----------
    decided
        About its submission, in their order.
    """
    last = None
    for one in decided:
        if one.on <= day and _covers(one, item):
            last = one
    return None if last is None or last.decision == REOPEN else last


def as_of(lines: Iterable[Submission], day: str = EVER) -> Submission | None:
    """A submission as the register had it on a day, from its lines in their order; None where it was withdrawn by then."""
    last = None
    for one in lines:
        if one.decided_on <= day:
            last = one
    return None if last is None or last.entry == WITHDRAWN else last


def spans(lines: Sequence[Submission], decided: Sequence[Review], item: Item) -> Iterator[Span]:
    """The times in which an indicator of a submission was in use, each with the day of receipt that held.

    Parameters
    ----------
    lines, decided
        All lines of the register about the submission, and all decisions, in their order.
    """
    about = [one for one in decided if _covers(one, item)]
    days = sorted({one.on for one in about} | {one.decided_on for one in lines})
    open_: Span | None = None
    for day in days:
        line, decision = as_of(lines, day), in_use(about, item, day)
        if open_ is not None and decision is not None and _same(open_, line, decision):
            continue
        if open_ is not None:
            yield Span(open_.since, day, open_.submission, open_.decision)
        open_ = None if line is None or decision is None else Span(day, EVER, line, decision)
    if open_ is not None:
        yield open_


def _same(now: Span, line: Submission | None, decision: Review) -> bool:
    return line == now.submission and decision.decision == now.decision.decision


def newest(submissions: Iterable[Submission]) -> list[Submission]:
    """Of each unit and year, the return received last, and its last back series; of one day, the one registered last."""
    found: dict[tuple[str, int, bool], Submission] = {}
    for one in submissions:
        before = found.get((one.unit, one.year, one.back_series))
        if before is None or one.received_on >= before.received_on:
            found[one.unit, one.year, one.back_series] = one
    return list(found.values())


def known(lines: Mapping[str, Sequence[Submission]], day: str) -> list[Submission]:
    """Submissions that had come in by a day, as the register had them then."""
    then = (as_of(entries, day) for entries in lines.values())
    return [one for one in then if one is not None and one.received_on <= day]


def _covers(one: Review, item: Item) -> bool:
    series, year = item
    return one.decision in _ABOUT_USE and one.series in ("", series) and one.year in ("", str(year))
