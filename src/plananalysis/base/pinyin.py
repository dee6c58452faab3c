"""How Chinese is typed on a keyboard with Latin letters: the syllables of a name, for those who search for it."""

from __future__ import annotations

import re

_OTHER = re.compile("[0-9a-z]+")
_KINDS = (
    *("特别行政区", "自治区", "自治州", "自治县", "自治旗", "地区", "林区"),
    *("省", "市", "州", "盟", "县", "区", "旗"),
)


def syllables(text: str) -> list[str]:
    """Syllables without tones, ü as v; letters and figures as they stand, in lower case; no marks.

    Words decide how a character with several readings is read (``pypinyin``, whose tables of words are loaded at first use).

    >>> syllables("7岁以下儿童行为")
    ['7', 'sui', 'yi', 'xia', 'er', 'tong', 'xing', 'wei']
    """
    from pypinyin import Style, lazy_pinyin

    def kept(other: str) -> str:
        return " ".join(_OTHER.findall(other.lower()))

    return " ".join(lazy_pinyin(text, style=Style.NORMAL, errors=kept)).split()


def place_name(text: str) -> str:
    """The name of a place in Hanyu Pinyin, name and kind apart as on maps (GB/T 28039); what is not Chinese stays as it is.

    >>> place_name("浙江省"), place_name("江北区"), place_name("延边朝鲜族自治州")
    ('Zhejiang Sheng', 'Jiangbei Qu', 'Yanbianchaoxianzu Zizhizhou')
    """
    from pypinyin import Style, lazy_pinyin

    kind = next((k for k in _KINDS if text.endswith(k) and len(text) > len(k) + 1), "")
    # as a whole: a known name decides how its characters are read
    read = lazy_pinyin(text, style=Style.NORMAL, v_to_u=True)
    parts = ("".join(read[: len(read) - len(kind)]), "".join(read[len(read) - len(kind) :]))
    return " ".join(word[:1].upper() + word[1:] for word in parts if word)
