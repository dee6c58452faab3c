"""Typed numbers: read exactly, or refused with a suggestion."""

from __future__ import annotations

import math
import re

from plananalysis.base.text import say
from plananalysis.returns.values import Parsed, parse_value

_PLAIN = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")  # [0-9], not \d: \d also takes Arabic and other digits
_NOTHING = ("无", "NaN", "nan", "null")  # what programs and people write for no value, besides the words of forms
_EXPONENT = re.compile(r"[+-]?[0-9.]+[eE][+-]?[0-9]+")


def parse_number(text: str) -> tuple[float | None, str]:
    """Read a typed number: ``(number, "")``, or ``(None, advice in Chinese)``. Nothing is guessed, nothing is repaired.

    Full-width digits, units, thousands separators, ``≥`` and words are refused with a suggestion. Characters are never
    normalised by NFKC, which would read ``92.6①`` as 92.61.

    Examples
    --------
    >>> parse_number("0")
    (0.0, '')
    >>> parse_number("92.6%")
    (None, '数值栏不写单位，请写成 92.6。')
    """
    if _PLAIN.fullmatch(text):
        number = float(text) + 0.0  # "-0" is 0
        return (number, "") if math.isfinite(number) else (None, say("observations.number.finite"))
    parsed = parse_value(text)
    if parsed.kind not in ("number", "error") or text.strip() in _NOTHING:
        return None, say("observations.number.missing")
    key, meant = _mistake(text, parsed)
    return None, say(f"observations.number.{key}", number=meant, mark=parsed.qualifier)


def same_number(left: str, right: str) -> bool:
    """Whether two cells say the same: the same text, or texts of one number (``18`` and ``18.0``)."""
    if left == right:
        return True
    number = parse_number(left)[0]
    return number is not None and number == parse_number(right)[0]


def _mistake(text: str, parsed: Parsed) -> tuple[str, str]:
    """Which sentence says what keeps a cell from being a plain number, and the number meant; "" when nobody can tell."""
    if parsed.kind == "number":
        kinds = {"unit": parsed.unit, "mark": parsed.qualifier, "thousands": "," in text}
        return next((key for key, there in kinds.items() if there), "suggestion"), parsed.text
    if _EXPONENT.fullmatch(text.strip()):
        return "exponent", ""
    known = parsed.problem in ("point", "zeros") and parsed.suggestion
    return (parsed.problem, parsed.suggestion) if known else ("plain", "")
