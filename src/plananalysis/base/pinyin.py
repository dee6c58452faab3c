"""How Chinese is typed on a keyboard with Latin letters: the syllables of a name, for those who search for it."""

from __future__ import annotations

import re

_OTHER = re.compile("[0-9a-z]+")


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
