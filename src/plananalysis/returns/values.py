"""The value parser: what a person typed into a number cell, read exactly or refused with a suggestion.

It never raises and never guesses. Only FF01-FF5E, the ideographic and the no-break space and the minus sign are mapped to
their plain forms, and digits are ``[0-9]``: NFKC would read ``92.6①`` as 92.61 and ``\\d`` takes Arabic digits, too.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from plananalysis.plan.units import CASES, PER, RATES
from plananalysis.sheets.formats import shown

HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x2212: "-", 0x3000: " ", 0xA0: " "}

_WORDS = {
    **dict.fromkeys(
        ("—", "——", "–", "-", "--", "/", "缺", "缺报", "缺失", "未报", "无数据", "NA", "N/A", "n/a", "#N/A"), "missing"
    ),
    **dict.fromkeys(("…", "……", "...", "……。"), "tiny"),
    **dict.fromkeys(("不适用", "不涉及"), "not_applicable"),
    **dict.fromkeys(("空", "(空)"), "blank"),
}
_UNIT = r"%|‰|1/10万|每?/?10万|/十万|十万分之|万人|亿|万|千|人次|人|岁|年|件|例|个|张|名|户|所|小时|元"
_NUMBER = re.compile(
    rf"(?P<before>≥|≤|>=|<=|>|<|约|近|超过|超|大于|小于|不低于|不超过)?\s*"
    rf"(?P<number>[+-]?(?:0|[1-9][0-9]*|[1-9][0-9]{{0,2}}(?:,[0-9]{{3}})+)(?:\.[0-9]+)?)"
    rf"\s*(?P<unit>{_UNIT})?\s*(?P<after>左右|以上|以下|余|多|\+)?"
)
_RANGE = re.compile(r"[0-9.]+\s*%?\s*(~|-|—|–|至|到)\s*[0-9.]+.*")
_CHINESE = re.compile(r"[负零〇一二两三四五六七八九十百千万亿点]+")
_DATE = re.compile(r"[0-9]{4}([-/.年])[0-9]{1,2}([-/.月])[0-9]{1,2}日?|[0-9]{1,2}月[0-9]{1,2}日")
_MARK = re.compile(r"[\u00b9\u00b2\u00b3\u2070-\u209f\u2460-\u24ff\u2776-\u2793*#]+$|[\[(][0-9a-zA-Z注]+[\])]$")
_ERRORS = ("#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!")
_MANY = {
    "万人": 10_000,
    "万": 10_000,
    "亿": 10**8,
    "千": 1000,
    **dict.fromkeys(("人", "名", "件", "个", "户", "张", ""), 1),
}
_UNIT_SPELLINGS = {
    **dict.fromkeys(("10万", "/10万", "每10万", "1/10万", "每/10万", "/十万", "十万分之"), "1/10万"),
    **dict.fromkeys(("例",), "件"),
}


@dataclass(frozen=True)
class Parsed:
    """A cell that was read.

    Parameters
    ----------
    kind
        ``number``, ``blank``, ``missing``, ``tiny``, ``not_applicable`` or ``error``. A number is a number even when it is marked with a unit or a qualifier; callers compare those.
    value
        The number, None for every other kind.
    text
        The number written plainly (``92.6``, ``0``); "" for other kinds.
    unit, qualifier
        Unit typed with it (``%``, ``万``) and words such as ``≥`` or ``左右``; "" when there are none.
    raw
        What stood in the cell, character by character; a number of a spreadsheet as it shows at full precision.
    problem, suggestion
        For errors: name of the rule broken, and what the writer may have meant ("" when nobody can tell).
    """

    kind: str
    value: float | None
    text: str
    unit: str
    qualifier: str
    raw: str
    problem: str = ""
    suggestion: str = ""


def parse_value(raw: Any, number_format: str = "General") -> Parsed:
    """Read one raw cell, typed text or a spreadsheet's number with its display format.

    Examples
    --------
    >>> parse_value("92.6％").text, parse_value("92.6％").unit
    ('92.6', '%')
    >>> parse_value(0.926, "0.0%").text
    '92.6'
    >>> parse_value("92.6①").problem, parse_value("92.6①").suggestion
    ('footnote', '92.6')
    """
    if raw is None:
        return Parsed("blank", None, "", "", "", "")
    if isinstance(raw, bool):
        return _error(str(raw).upper(), "boolean")
    if isinstance(raw, int | float):
        return _shown(raw, number_format)
    if isinstance(raw, datetime | date | time | timedelta):
        return _error(str(raw), "date")
    text = str(raw)
    half = text.translate(HALF_WIDTH).strip()
    if not half:
        return Parsed("blank", None, "", "", "", text)
    if half in _WORDS:
        return Parsed(_WORDS[half], None, "", "", "", text)
    match = _NUMBER.fullmatch(half)
    if match and len(match["number"]) <= 30:
        plain = _written(Decimal(match["number"].replace(",", "")), match["number"])
        unit = match["unit"] or ""
        qualifier = (match["before"] or "") + (match["after"] or "")
        return Parsed("number", float(plain), plain, _UNIT_SPELLINGS.get(unit, unit), qualifier, text)
    return _error(text, *_diagnosis(half))


def raw_text(raw: Any) -> str:
    """A cell's content as text: what was typed, or a number at the fifteen digits a spreadsheet shows at most."""
    if raw is None:
        return ""
    if isinstance(raw, float) and math.isfinite(raw):
        return _digits(raw)
    return str(raw)


def scale_of(unit: str) -> int | None:
    """By what a numerator divided by its denominator is multiplied to give the unit; None where it is not a ratio."""
    return PER.get(unit)


def same_unit(typed: str, wanted: str) -> bool:
    """Whether a unit typed beside a number says nothing else than the plan's unit."""
    alike = typed in ("", wanted) or {typed, wanted} <= {*CASES}
    return alike or {typed, wanted} in ({"人", "名"}, {"个", "所"}) or (typed, wanted) == ("人次", "人")


def in_unit(text: str, typed: str, wanted: str) -> str:
    """The number in the wanted unit when both are known sizes of the same thing, else "": a suggestion, never used as a value."""
    if typed in RATES and wanted in RATES:
        return _written(Decimal(text) * PER[wanted] / PER[typed])
    if typed in _MANY and wanted in _MANY:
        return _written(Decimal(text) * _MANY[typed] / _MANY[wanted])
    return ""


def decimals_of(text: str) -> int:
    """Decimals a plain number is written with."""
    return len(text.partition(".")[2])


def _shown(raw: float, number_format: str) -> Parsed:
    """A spreadsheet's number the way its reader sees it."""
    if not math.isfinite(raw) or abs(raw) >= 1e15:
        return _error(str(raw), "number")
    text = _digits(raw)
    seen = shown(number_format)
    if seen.scaled:
        return _error(text, "scaled")  # shows 1.2 for 12345: what was meant, only the writer knows
    if seen.percent:
        text = _written(Decimal(text) * 100)
        return Parsed("number", float(text), text, "%", "", _digits(raw))
    unit = re.search(_UNIT, seen.literal.translate(HALF_WIDTH))
    name = unit.group() if unit else ""
    return Parsed("number", float(text), text, _UNIT_SPELLINGS.get(name, name), "", text)


def _digits(raw: float) -> str:
    """Fifteen significant digits without exponent: 92.60000000000001, a sum's rounding dust, is 92.6 on every screen."""
    return str(raw) if isinstance(raw, int) else _written(Decimal(f"{raw:.15g}"))


def _written(number: Decimal, typed: str = "") -> str:
    """A number without exponent or sign of zero; digits that were typed stay (``18.0``), computed ones are trimmed."""
    text = f"{number:f}"
    if not typed and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.removeprefix("-") if not number else text


def _diagnosis(half: str) -> tuple[str, str]:
    """Name of the broken rule, and what may have been meant."""
    if half.upper() in _ERRORS:
        return "formula_error", ""
    if half == "无":
        return "none_word", ""
    if _DATE.fullmatch(half):
        return "date", ""
    for problem, changed in (
        ("footnote", _MARK.sub("", half).strip()),
        ("point", re.sub("[。·・’']", ".", half)),
        ("comma", half.replace(",", ".") if half.count(",") == 1 else half),
        ("spaces", re.sub(r"\s+", "", half)),
        ("zeros", re.sub(r"^([+-]?)0+(?=[0-9])", r"\1", half)),
        ("point", f"0{half}" if half.startswith(".") else half.removesuffix(".")),
    ):
        found = _NUMBER.fullmatch(changed) if changed != half else None
        if found:
            return problem, found["number"].replace(",", "")
    if _RANGE.fullmatch(half):
        return "range", ""
    if re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]{1,2}", half):
        return "exponent", _written(Decimal(half))
    if _CHINESE.fullmatch(half):
        return "chinese_digits", ""
    if half.startswith("="):
        return "formula", ""
    return "number", ""


def _error(raw: str, problem: str, suggestion: str = "") -> Parsed:
    return Parsed("error", None, "", "", "", raw, problem, suggestion)
