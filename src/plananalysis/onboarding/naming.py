"""Which indicator of a plan a line of a table is: by its code, else by its name, with what else it could be."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from plananalysis.returns.values import HALF_WIDTH

SURE, LIKELY = 0.86, 0.55  # measured on names of three plans: see tests/test_importing.py
_LEAD = 0.08  # by how much the best must be ahead of the second to be taken without asking
_DROPPED = re.compile(r"[(（\[【].*?[)）\]】]|[\s、，,;；:：·\"“”《》%‰]|(?<![0-9])[0-9]{1,2}[.、．](?=[^0-9])")
_OPENING = re.compile(
    r"^(本区|全区|全市|全县|全省|我区|我市|其中|[一二三四五六七八九十]+、|[(（][0-9一二三四五六七八九十]+[)）])"
)
_SAME = {
    "百分比": "比例",
    "比重": "比例",
    "占比": "比例",
    "比率": "比例",
    "数量": "数",
    "人数": "数",
    "覆盖面": "覆盖率",
    "女童": "女性",
    "妇女": "女性",
}
_OPPOSITES = (
    *(("男", "女"), ("城", "农"), ("小学", "初中"), ("小学", "高中"), ("初中", "高中")),
    *(("新生儿", "婴儿"), ("婴儿", "5岁"), ("达标率", "优良率"), ("发生", "死亡")),
)
_SHARES = ("率", "比例")


def unnumbered(name: str) -> str:
    """A name without the number of a list before it.

    >>> unnumbered("1.孕产妇死亡率"), unnumbered("（2）婴儿死亡率"), unnumbered("1.5米以下儿童数"), unnumbered("3岁以下入托率")
    ('孕产妇死亡率', '婴儿死亡率', '1.5米以下儿童数', '3岁以下入托率')
    """
    return re.sub(
        r"^\s*(?:[（(][0-9一二三四五六七八九十]{1,3}[)）]|[0-9]{1,2}[.．、](?![0-9])|[一二三四五六七八九十]{1,3}、)\s*",
        "",
        name,
    )


@dataclass(frozen=True)
class Candidate:
    """A series that a line may be; ``score`` from 0 to 1."""

    series: str
    score: float


def plain_name(name: str) -> str:
    """A name without what tables add to it: units and remarks in brackets, numbers of lists, the area.

    >>> plain_name("（1）本区 孕产妇死亡率（1/10万）"), plain_name("普惠性幼儿园占比")
    ('孕产妇死亡率', '普惠性幼儿园比例')
    """
    text = _OPENING.sub("", name.translate(HALF_WIDTH).strip())
    text = _DROPPED.sub("", _OPENING.sub("", text.strip())) or re.sub(r"\s", "", text)
    for one, other in _SAME.items():
        text = text.replace(one, other)
    return text.lower()


def candidates(name: str, code: str, series: Mapping[str, Sequence[str]]) -> list[Candidate]:
    """The series that a name may mean, best first, at most five.

    Parameters
    ----------
    series
        The names each series has, by its code.
    """
    if code in series:
        return [Candidate(code, 1.0)]
    wanted = plain_name(name)
    scored = [Candidate(one, max(_alike(wanted, plain_name(n)) for n in names)) for one, names in series.items()]
    return sorted(scored, key=lambda c: -c.score)[:5]


def chosen(found: Sequence[Candidate]) -> tuple[str, bool]:
    """The best series, "" where none is likely, and whether it may be taken without asking."""
    if not found or found[0].score < LIKELY:
        return "", False
    second = found[1].score if len(found) > 1 else 0.0
    alone = found[0].score == 1.0 > second
    return found[0].series, alone or (found[0].score >= SURE and found[0].score - second >= _LEAD)


def _alike(one: str, other: str) -> float:
    """Likeness of two names: letters in common in their order; one that holds the other whole is nearly it.

    Words that turn a name into its opposite number (男 and 女, 城 and 乡) are never alike; where one is about women and the other does
    not say so, or one is a share and the other is not, somebody is asked.
    """
    if not one or not other:
        return 0.0
    if one == other:
        return 1.0
    for left, right in _OPPOSITES:
        if (left in one and left not in other and right in other) or (
            right in one and right not in other and left in other
        ):
            return 0.3
    ratio = SequenceMatcher(None, one, other, autojunk=False).ratio()
    short, long = sorted((one, other), key=len)
    if short in long and len(short) >= 4:
        ratio = max(ratio, 0.6 + 0.35 * len(short) / len(long))
    unlike = ("女" in one) != ("女" in other) or one.endswith(_SHARES) != other.endswith(_SHARES)
    return min(ratio, SURE - 0.01) if unlike else ratio
