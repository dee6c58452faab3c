"""Who does something in the round, and on which day."""

from __future__ import annotations

from plananalysis.base.errors import UsageError
from plananalysis.base.text import say
from plananalysis.plan.findings import iso_date


def named(on: str, by: str, reason: str = "-", needed: str = "no_reason") -> None:
    """Refuse what nobody answers for, what has no day, or no reason where one is ``needed`` (its sentence in the catalogue).

    Raises
    ------
    UsageError
        The day is no ISO date, nobody is named, or the reason is empty.
    """
    if not iso_date(on):
        raise UsageError(say("intake.bad_date", date=on))
    if not by.strip():
        raise UsageError(say("intake.nobody"))
    if not reason.strip():
        raise UsageError(say(f"intake.{needed}"))
