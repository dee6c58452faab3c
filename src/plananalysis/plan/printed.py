"""A reading held against the printed words it reads: the number, the sign, the unit, the date.

What the office has decided by itself (``operator_source`` office) is not held against the print, but it cannot be of another day or unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from plananalysis.base.text import listed, say
from plananalysis.plan.findings import Row, number, target_number

Contradiction = tuple[str, str, Mapping[str, Any]]  # column, rule, words

_YEARS = re.compile(r"(19|20)\d{2}\s*(年|[—–-](?=(19|20)\d{2}))|\b(by|in|until|since|from|of)\s+(19|20)\d{2}\b", re.I)
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)(?:\s*[:：]\s*(\d+(?:\.\d+)?))?")
_UNIT = re.compile(r"[%％‰]|[/／]10万|十万分")
_IN_HEAD = re.compile(r"[(（]([%％‰]|[^()（）]*10万|十万分[^()（）]*)[)）]\s*$")
_SAME = {"％": "%", "／10万": "/10万", "1/10万": "/10万", "十万分": "/10万"}
_AT_LEAST = re.compile(r"≥|>=|>|以上|不低于|不少于|至少|高于|超过(?!不)")
_AT_MOST = re.compile(r"≤|<=|<|以下|以内|不高于|不超过|低于|少于")
# five-year plans print what is to be added up in brackets
_OVER_THE_PERIOD = re.compile(r"[\[［【]\s*[\d.]+\s*[\]］】]")
_ABOUT = re.compile(r"左右|上下|^约")
_SINGLE = ("threshold", "about", "each_year")  # kinds that take one printed number as it stands
_AMOUNTS = ("rise_by", "fall_by", "cumulative_rise", "cumulative_fall", "growth")
_NUMBERLESS = ("rise", "fall", "fall_clearly", "hold_or_rise", "rise_each_year", "rise_gradually", "under_control")


def numbers(text: str) -> list[float]:
    """Numbers of a printed target, without years and without the 10万 of a rate.

    >>> numbers("8/10万"), numbers("2:3"), numbers("在2020年基础上每年降低0.5到1个百分点"), numbers("at least 10 % by 2020")
    ([8.0], [0.6666666666666666], [0.5, 1.0], [10.0])
    """
    found = []
    for first, second in _NUMBER.findall(_plain(text)):
        found.append(float(first) / float(second) if second and float(second) else float(first))
    return found


def as_printed(value: str, text: str) -> str:
    """A target's number with the digits its text prints it with, which a spreadsheet does not keep.

    >>> as_printed("5", "降至5.0‰以下"), as_printed("5.0", "5以下"), as_printed("2/3", "2:3"), as_printed("9", "8")
    ('5.0', '5', '2/3', '9')
    """
    shown = [first for first, second in _NUMBER.findall(_plain(text)) if not second]
    return next((s for s in shown if re.fullmatch(r"[\d.]+", value) and float(s) == float(value)), value)


def _plain(text: str) -> str:
    return re.sub(r"(每|[/／])\s*1?10?万|十万分之?", " ", _YEARS.sub(" ", text))


def contradictions(row: Row, one: Row | None, last: str = "9999") -> Iterator[Contradiction]:
    """Everything in which a reading cannot be what is printed.

    Parameters
    ----------
    one
        The row of its series.
    last
        The target year: a plan that is over is not read anew.
    """
    if row["decided_on"][:4] > last:
        yield "decided_on", "print_future", {"last": last}
    unit = "" if one is None else _plain_unit(one["unit"])
    if one is not None and (head := _IN_HEAD.search(one["indicator"])) and unit not in ("", _plain_unit(head[1])):
        yield "target_text", "print_unit_head", {"printed": head[1], "unit": one["unit"], "indicator": one["indicator"]}
    kind, text, printed = row["kind"], row["target_text"], numbers(row["target_text"])
    value, low, high = (target_number(row[c]) for c in ("value", "low", "high"))
    if kind in _SINGLE and (signs := {_plain_unit(s) for s in _UNIT.findall(text)}) and unit and unit not in signs:
        yield "target_text", "print_unit", {"printed": listed(sorted(signs)), "unit": (one or {})["unit"]}
    share = one is not None and one["unit"] == "%" and number(one["upper"]) == 100
    if share and kind == "within_band" and (high or 2) <= 1:
        yield "high", "print_fraction", {"low": f"{100 * (low or 0):g}", "high": f"{100 * (high or 0):g}"}
    if row["operator_source"] == "office" or not printed:
        return
    shown = {"printed": listed(f"{n:g}" for n in printed), "text": text}
    places = len(row["value"].partition(".")[2])  # a number printed with more digits may be read at those published
    read = [*printed, *(round(n, places) for n in printed if places)]
    if kind in (*_SINGLE, *_AMOUNTS) and value is not None and not any(abs(value - n) < 1e-9 for n in read):
        yield "value", "print_number", shown
    if kind in ("rise_yearly", "fall_yearly"):
        for column, amount in (("low", low), ("high", high)):
            if amount is not None and not any(abs(amount - n) < 1e-9 for n in printed):
                yield column, "print_number", shown
    if kind == "within_band" and low is not None and high is not None and not any(low <= n <= high for n in printed):
        yield "low", "print_band", shown
    if kind in ("threshold", "each_year") and row["operator_source"] == "printed":
        up, down = bool(_AT_LEAST.search(text)), bool(_AT_MOST.search(text))
        if _ABOUT.search(text) and not (up or down):
            yield "kind", "print_about", shown
        elif up != down and (row["operator"] in (">=", ">")) != up:
            yield "operator", "print_operator", shown
    if kind == "about" and not _ABOUT.search(text):
        yield "kind", "print_not_about", shown


def questions(readings: Iterable[tuple[str, str, str]], today: str, decided: Mapping[str, str]) -> Iterator[str]:
    """What the office should look at again, in sentences: nothing of it is wrong by itself.

    Parameters
    ----------
    readings
        Series, kind and printed words of each target.
    today, decided
        ISO dates: a reading decided later than today was hardly decided.
    """
    for series, kind, text in readings:
        if left := unread(kind, text):
            yield say(
                "plan.question.unread", series=series, text=text, numbers=listed(f"{n:g}" for n in left), kind=kind
            )
        elif kind == "threshold" and _OVER_THE_PERIOD.search(text):
            yield say("plan.question.bracket", series=series, text=text)
        if decided[series] > today:
            yield say("plan.question.future", series=series, date=decided[series], today=today)


def unread(kind: str, target_text: str) -> list[float]:
    """Printed numbers that a kind of target without a number leaves unread.

    >>> unread("fall", "在2020年基础上每年降低0.5到1个百分点"), unread("rise", "提高")
    ([0.5, 1.0], [])
    """
    return numbers(target_text) if kind in _NUMBERLESS else []


def read_milestones(text: str) -> list[tuple[int, str]] | None:
    """Years and values on the way (``2025:90;2027:95``), None when written otherwise.

    >>> read_milestones("2025:90;2027:95"), read_milestones("2025年90")
    ([(2025, '90'), (2027, '95')], None)
    """
    pairs = [
        re.fullmatch(r"((?:19|20)\d{2})\s*[:：]\s*(\d+(?:\.\d+)?)", part.strip()) for part in text.split(";") if part
    ]
    return None if any(p is None for p in pairs) else [(int(p[1]), p[2]) for p in pairs if p]


def _plain_unit(sign: str) -> str:
    for typed, plain in _SAME.items():
        if typed in sign:
            return plain
    return sign if sign in ("%", "‰", "/10万") else "/10万" if "10万" in sign else ""
