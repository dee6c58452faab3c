"""Typed numbers: read exactly, or refused with a suggestion."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from plananalysis.base.text import say

_PLAIN = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")  # [0-9], not \d: \d also takes Arabic and other digits
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x2212: "-", 0x3000: " ", 0xA0: " "}
_MISSING = re.compile(r"[—…/-]+|无|空|缺报?|不适用|无数据|N/?A|[Nn]a[Nn]|null")
_UNITS = re.compile(r"(%|‰|/10万|万人|万|岁|年|人|件|个|张|名|户|小时)$")
_MARKS = re.compile(r"^(≥|≤|>=|<=|>|<|约|近|超)|(左右|以上|以下)$")


def parse_number(text: str) -> tuple[float | None, str]:
    """Read a typed number: ``(number, "")``, or ``(None, advice in Chinese)``. Nothing is guessed, nothing is repaired.

    Full-width digits, units, thousands separators, ``≥`` and words are refused with a suggestion. Characters are never
    normalised by NFKC, which would read ``92.6①`` as 92.61.

    Examples
    --------
    >>> parse_number("0")
    (0.0, '')
    >>> parse_number("92.6%")
    (None, '数值栏不写单位,请写成 92.6。')
    """
    if _PLAIN.fullmatch(text):
        number = float(text) + 0.0  # "-0" is 0
        return (number, "") if math.isfinite(number) else (None, say("observations.number.finite"))
    half = text.translate(_HALF_WIDTH).strip()
    if _MISSING.fullmatch(half):
        return None, say("observations.number.missing")
    for key, changed in _suggestions(half):
        if _PLAIN.fullmatch(changed):
            mark = _MARKS.search(half)
            return None, say(f"observations.number.{key}", number=changed, mark=mark.group() if mark else "")
    if re.fullmatch(r"[+-]?[0-9.]+[eE][+-]?[0-9]+", half):
        return None, say("observations.number.exponent")
    return None, say("observations.number.plain")


def same_number(left: str, right: str) -> bool:
    """Whether two cells say the same: the same text, or texts of one number (``18`` and ``18.0``)."""
    if left == right:
        return True
    number = parse_number(left)[0]
    return number is not None and number == parse_number(right)[0]


def _suggestions(half: str) -> Iterator[tuple[str, str]]:
    """What the writer may have meant, and which sentence says so."""
    yield "suggestion", half.removeprefix("+")
    yield "point", re.sub("[。·]", ".", half)
    if re.fullmatch(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", half):
        yield "thousands", half.replace(",", "")
    yield "unit", _UNITS.sub("", half).strip()
    yield "mark", _MARKS.sub("", half).strip()
    yield "zeros", re.sub(r"^(-?)0+(?=[0-9])", r"\1", half)
