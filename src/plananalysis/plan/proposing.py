"""A reading proposed for a printed target, for an office to look at: what is not printed is marked as inferred, what is unclear is left open."""

from __future__ import annotations

import re
from functools import lru_cache

from plananalysis.plan.printed import numbers

_UP = r"提高|提升|上升|增加|增长|增至|达到|不断扩大|increase|raise|rise|improve|reach"
_DOWN = r"降低|下降|减少|减至|降至|降到|缩小|控制在|reduce|decrease|lower|fall|decline|cut"
# words of a target without a number, the more special ones first: kind, and the direction it implies
_WORDS = (
    (r"高于|低于|同步|适应|一致|than|in line with", "", ""),  # held against something that only the office can name
    (r"合理(比例|区间|水平)", "keep_reasonable", ""),
    (r"得到(有效)?控制|有效控制", "under_control", "-1"),
    (r"逐年(提高|提升|上升|增加)|(increase|rise) (every|each) year", "rise_each_year", "1"),
    (r"逐步(提高|提升|上升|增加)|gradually (increase|rise)", "rise_gradually", "1"),
    (r"(明显|显著|大幅)(降低|下降|减少)|(significantly|markedly) (reduce|decrease|fall)", "fall_clearly", "-1"),
    (r"巩固(和|并)?(提高|提升)", "hold_or_rise", "1"),
    (_UP, "rise", "1"),
    (_DOWN, "fall", "-1"),
)
# signs of a target with one number: operator, and whether it is printed
_SIGNS = (
    (r"≥|>=|以上|不低于|不少于|至少|at least|not less than|no less than|or more|minimum", ">="),
    (r"≤|<=|以下|以内|不高于|不超过|至多|at most|not more than|no more than|not exceed|or less|maximum", "<="),
    (r">|＞|超过|高于|大于|more than|above|over|exceed", ">"),
    (r"<|＜|低于|少于|小于|less than|below|under", "<"),
)
_YEARLY = re.compile(r"每年(平均)?(?P<up>提高|增加|上升|增长)?(?P<down>降低|下降|减少)?[^0-9]*[0-9]")
_MEAN = re.compile(r"年均(增长|增速|递增)?|average annual growth", re.I)
_EACH = re.compile(r"每年(都|均)?(?=不|≥|≤|<|>|达到|保持|控制)|each year|every year", re.I)
_ABOUT = re.compile(r"左右|上下|^约|about|around|approximately", re.I)
_OPEN = re.compile(r"[\[［【]|倍|翻")  # sums over the period and multiples: only the office knows of what


# a yearly rate of change: its target covers the years of the period, as 专栏1 of the national 14th plan lists them under 年均/累计
_RATE_OF_CHANGE = re.compile(r"(增长|增速|增长率|增长速度|growth|growth rate)$", re.I)
# names that say which way is better; of others somebody has to say it
_BETTER_LOW = re.compile(
    r"死亡|发生率|发病|患病|贫血|近视|肥胖|超重|缺陷|低体重|迟缓|失业|辍学|贫困|受侵害|伤害|溺水|mortality|poverty|dropout",
    re.I,
)
_BETTER_HIGH = re.compile(
    r"普及|覆盖|参保|入学|入园|巩固率|合格率|达标率|检查率|筛查|接种|治疗率|保健|管理率|知晓|普惠|破案率|满意|预期寿命"
    r"|受教育年限|素养|优良率|coverage|enrol|life expectancy",
    re.I,
)


@lru_cache(maxsize=1024)
def is_rate_of_change(name: str) -> bool:
    """Whether a series is a yearly rate of change itself.

    >>> is_rate_of_change("全社会研发经费投入增长"), is_rate_of_change("粮食综合生产能力")
    (True, False)
    """
    return bool(_RATE_OF_CHANGE.search(re.sub(r"\s*[(（].*?[)）]\s*$", "", name)))


def direction_of(name: str) -> str:
    """Which way is better by a series' name, ``1`` or ``-1``; "" where its name does not say.

    >>> direction_of("农村自来水普及率"), direction_of("婴儿死亡率"), direction_of("出生人口性别比")
    ('1', '-1', '')
    """
    low, high = bool(_BETTER_LOW.search(name)), bool(_BETTER_HIGH.search(name))
    return "" if low == high else "-1" if low else "1"


def proposed_reading(text: str, direction: str = "", name: str = "") -> dict[str, str] | None:
    """The reading that a printed target suggests: its kind, the cells that kind needs, ``operator_source`` and ``direction``.

    Parameters
    ----------
    direction
        That of the series where it is known: a bare number is at least or at most, as the series is better high or low.
    name
        That of the series: "more than 7" of a yearly rate of change is taken to be its mean over the period, which is inferred.

    Returns
    -------
    None where nothing certain enough is printed: the office reads it. 以上 and 以下 include their number, as the Civil Code (article 1259) has it.

    Examples
    --------
    >>> proposed_reading("≥82.3")["operator"], proposed_reading("8/10万以下")["value"], proposed_reading("95", "1")["operator_source"]
    ('>=', '8', 'inferred')
    >>> proposed_reading("45左右")["kind"], proposed_reading("逐年提高")["kind"], proposed_reading("[13.5]"), proposed_reading("95")
    ('about', 'rise_each_year', None, None)
    """
    found = numbers(text)
    if not text or _OPEN.search(text):
        return None
    if not found:
        for words, kind, towards in _WORDS:
            if re.search(words, text, re.I):
                reading = {"kind": kind, "operator_source": "printed", "direction": towards or direction}
                return reading if kind else None
        return None
    values = [f"{n:g}" for n in found]
    if (part := _YEARLY.search(text)) and (part["up"] or part["down"]) and len(values) <= 2:
        kind, towards = ("rise_yearly", "1") if part["up"] else ("fall_yearly", "-1")
        return {"kind": kind, "low": values[0], "high": values[-1], "operator_source": "printed", "direction": towards}
    if len(values) != 1:
        return None
    value = _printed(values[0], text)
    if _ABOUT.search(text):
        return {"kind": "about", "value": value, "operator_source": "printed", "direction": direction}
    operator, source = _operator(text, direction)
    if not operator:
        return None
    towards = direction or ("1" if operator[0] == ">" else "-1")
    kind = "threshold"
    if _MEAN.search(text):
        if operator[0] != ">":
            return None
        kind = "growth"
    elif _EACH.search(text):
        kind = "each_year"
    elif is_rate_of_change(name) and operator[0] == ">":
        kind, source = "growth", "inferred"
    return {"kind": kind, "operator": operator, "value": value, "operator_source": source, "direction": towards}


def _operator(text: str, direction: str) -> tuple[str, str]:
    """The operator of a target with one number, and whether it is printed or follows from the meaning."""
    for words, operator in _SIGNS:
        if re.search(words, text, re.I):
            return operator, "printed"
    meant = "1" if re.search(_UP, text, re.I) else "-1" if re.search(_DOWN, text, re.I) else direction
    return {"1": ">=", "-1": "<="}.get(meant, ""), "inferred"


def _printed(value: str, text: str) -> str:
    """A ratio as a fraction, other numbers as they stand in the text."""
    if ratio := re.search(r"(\d+)\s*[:：]\s*(\d+)", text):
        return f"{ratio[1]}/{ratio[2]}"
    printed = re.search(rf"(?<![\d.]){re.escape(value)}(\.?0*)(?![\d.])", text)
    return printed[0] if printed else value
