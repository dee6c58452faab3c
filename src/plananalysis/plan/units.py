"""Units of measure: which there are, what a number with one of them counts, and how it is written.

A plan may use units that are not named here (所, 万元, Mtoe): any word may be one. Of such a unit nothing is assumed: it is
neither a share nor a count of events or people.
"""

from __future__ import annotations

import re

from plananalysis.base.text import LANGUAGES, catalogue, language, say, tellable, translated

# what numerator over denominator is multiplied by
PER = {"%": 100, "‰": 1000, "1/10万": 100_000, "女=100": 100, "比": 1}
RATES = ("%", "‰", "1/10万")
CASES = ("件", "例", "起", "宗")  # things that happen, one by one
PERSONS = ("人", "人次")
COUNTS = (*CASES, *PERSONS, "名", "个", "户")  # whole numbers of events, people or things
AMOUNTS = (*COUNTS, "万人", "张")  # they increase and decrease, other measures rise and fall
KNOWN = (*PER, *COUNTS, "万人", "张", "岁", "年", "小时")
_WORD = re.compile(r"(?=.{1,30}$)(?=.*[^\W\d_])[^\W_]+([ /·.-][^\W_]+)*")
# ways to write a share that are none of the signs above
_MISSPELT = (
    *("分之", "百分", "千分", "率", "万分", "percent", "per cent", "pct"),
    *("per thousand", "per mille", "per 100", "per 1,000", "/1000", "/100000"),
)


def is_unit(text: str) -> bool:
    """Whether a plan's indicator may be measured in this.

    >>> is_unit("1/10万"), is_unit("张/千人"), is_unit("kg per head"), is_unit("％"), is_unit("十万分之"), is_unit("per cent")
    (True, True, True, False, False, False)
    """
    return text in KNOWN or bool(_WORD.fullmatch(text) and not any(word in text.lower() for word in _MISSPELT))


def with_unit(digits: str, unit: str) -> str:
    """Digits that stand already, with their unit.

    >>> with_unit("92.60", "%"), with_unit("8.1", "1/10万"), with_unit("3", "所"), with_unit("3", "Mtoe")
    ('92.60%', '8.1/10万', '3所', '3 Mtoe')
    """
    key = f"unit.{unit}"
    if key in catalogue():
        return say(key, number=digits)
    word = language() != LANGUAGES[0] or (unit[:1].isascii() and unit[:1].isalpha())
    return f"{digits} {translated(unit)}" if word else digits + unit


@tellable
def unit_name(unit: str) -> str:
    """A unit by itself, as heads of columns and axes name it.

    >>> unit_name("1/10万")
    '1/10万'
    """
    key = f"unit_name.{unit}"
    return say(key) if key in catalogue() else translated(unit)
