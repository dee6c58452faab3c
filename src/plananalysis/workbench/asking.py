"""What may be asked of an indicator, and in which language it answers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from plananalysis.assessments.events import Event
from plananalysis.assessments.targets import Undecidable
from plananalysis.base.errors import UsageError
from plananalysis.base.text import LANGUAGES, language, say
from plananalysis.plan import Reading

OPERATORS = (">=", ">", "<=", "<")
KINDS = {  # what may be asked for, and the kind of target it is
    "about": "about",
    "between": "within_band",
    "rise": "rise",
    "fall": "fall",
    "hold": "hold_or_rise",
    "rise each year": "rise_each_year",
    "rise gradually": "rise_gradually",
}


@dataclass(frozen=True)
class Target:
    """A target as it is read: the printed words, the event they stand for, and by when.

    Parameters
    ----------
    reading
        See :class:`plananalysis.plan.Reading`.
    base_year, year
        The plan period's base and target year.
    """

    reading: Reading
    base_year: int
    year: int

    def __str__(self) -> str:
        """The printed words, or sign and number where the words are a bare number."""
        reading = self.reading
        sign = {">=": "≥", "<=": "≤"}.get(reading.operator, reading.operator)
        bare = reading.kind == "threshold" and reading.target_text == reading.value_text
        return f"{sign}{reading.target_text}" if bare else reading.target_text

    def short(self, what: Event | Undecidable) -> str:
        """The acceptable values in figures, where the target is one about a single value; else the words."""
        if not isinstance(what, Event) or what.statistic != "end" or what.steps != "any":
            return str(self)
        if math.isinf(what.low):
            return f"≤{what.high:g}"
        return f"≥{what.low:g}" if math.isinf(what.high) else f"{what.low:g}–{what.high:g}"


def reading_of(series: str, op: str, value: Any, language: str) -> Reading:
    """The reading that an operator and a value of one's own stand for.

    >>> reading_of("W03", ">=", 95, "en").target_text, reading_of("W03", "between", (103, 107), "en").low
    ('≥95', 103.0)
    """
    if op not in OPERATORS and op not in KINDS:
        known = ", ".join([*OPERATORS, *KINDS])
        raise UsageError(say("workbench.errors.operator", language, op=op, known=known))
    kind, low, high, number = KINDS.get(op, "threshold"), None, None, None
    text = op
    if op == "between":
        low, high = (float(v) for v in value)
        text = f"{low:g}–{high:g}"
    elif op in OPERATORS or op == "about":
        number = math.nan if value is None else float(value)
        if not math.isfinite(number):
            raise UsageError(say("workbench.errors.value", language, op=op, value=value))
        text = {">=": "≥", "<=": "≤", "about": "≈"}.get(op, op) + f"{number:g}"
    sign, digits = (op if op in OPERATORS else ""), ("" if number is None else f"{number:g}")
    return Reading(series, kind, sign, number, digits, low, high, None, text, "printed", "", "", "", "")


def language_of(asked: str | None) -> str:
    """The language asked for, or the one spoken at the moment.

    Raises
    ------
    UsageError
        There is no such language.
    """
    chosen = asked or language()
    if chosen not in LANGUAGES:
        raise UsageError(say("workbench.errors.language", asked=chosen, known=", ".join(LANGUAGES)))
    return chosen
