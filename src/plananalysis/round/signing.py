"""Who does something in the round, and on which day."""

from __future__ import annotations

from plananalysis.base.errors import UsageError
from plananalysis.base.text import say
from plananalysis.plan.findings import iso_date


def named(on: str, by: str) -> None:
    """Refuse what nobody answers for, or what has no day.

    Raises
    ------
    UsageError
        The day is no ISO date, or nobody is named.
    """
    if not iso_date(on):
        raise UsageError(say("intake.bad_date", date=on))
    if not by.strip():
        raise UsageError(say("intake.nobody"))
