"""What a number format makes a reader see: a unit, a factor, a date. As Excel and WPS read the code, for the first section.

A format is a small language: ``0.00\\%`` shows 8.40% for 8.4 while ``0.00%`` shows it for 0.084, and ``0.00‰`` shows a sign that
nobody typed. ECMA-376 part 1, 18.8.31.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

BUILT_IN = {
    **{0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00"},
    **{12: "# ?/?", 13: "# ??/??", 37: "#,##0;(#,##0)", 38: "#,##0;(#,##0)", 39: "#,##0.00", 40: "#,##0.00"},
    **{48: "##0.0E+0", 49: "@"},
    # dates and times, those of Chinese Excel included; which one does not matter here
    **dict.fromkeys((*range(14, 18), *range(27, 32), 36, *range(50, 59)), "yyyy-mm-dd"),
    **dict.fromkeys((*range(18, 23), *range(32, 36), 45, 46, 47), "h:mm"),
}
_PIECE = re.compile(
    r'"(?P<quoted>[^"]*)"?|[\\!](?P<escaped>.)|_.|\*(?P<fill>.)|\[\$(?P<currency>[^\]-]*)[^\]]*\]|\[(?P<bracket>[^\]]*)\]|(?P<code>.)',
    re.DOTALL,
)
_ELAPSED = re.compile(r"h+|m+|s+")
_DAYS, _LAST = datetime(1899, 12, 30), 2_958_465  # 31 December 9999


@dataclass(frozen=True)
class Shown:
    """A format's first section.

    Parameters
    ----------
    literal
        Characters shown beside the number as they are: units, mostly.
    codes
        The rest: digits, separators, ``%``.
    date
        The number is shown as a date or a time.
    scaled
        The number is shown divided by thousands, with a point that is no decimal point, or differently above some limit.
    """

    literal: str
    codes: str
    date: bool
    scaled: bool

    @property
    def percent(self) -> bool:
        """Whether the number is shown multiplied by a hundred."""
        return "%" in self.codes


@lru_cache(maxsize=1000)
def shown(code: str) -> Shown:
    """What a format shows.

    >>> shown('0.00"%"').literal, shown(r"0.00\\%").literal, shown("0.00‰").literal, shown("0.0%").percent
    ('%', '%', '‰', True)
    """
    literal, codes, elapsed, odd = "", "", False, False
    for piece in _PIECE.finditer(code):
        beside = piece["quoted"] or piece["escaped"] or piece["currency"] or ""
        odd |= piece["escaped"] == "."
        if piece["bracket"]:
            elapsed |= bool(_ELAPSED.fullmatch(piece["bracket"].lower()))
            odd |= piece["bracket"][0] in "<>="  # shows one thing for some numbers and another for others
        elif piece["code"] == ";":
            break
        elif piece["code"] and piece["code"].isascii():
            codes += piece["code"]
        else:
            literal += beside or piece["code"] or ""
    general = re.sub("general", "", codes, flags=re.IGNORECASE)
    date = elapsed or (bool(re.search(r"[dmyhs]", general.lower())) and not re.search("[0#?]", general.split(".")[0]))
    scaled = odd or bool(re.search(r"[0#?],+(?![0#?])", codes))
    return Shown(literal, codes, date, scaled)


def as_moment(serial: float, since_1904: bool = False) -> Any:
    """The date or time of day that a number is shown as; the number itself where there is no such day.

    >>> as_moment(45659), as_moment(0.08541666666666667)
    (datetime.datetime(2025, 1, 2, 0, 0), datetime.time(2, 3))
    """
    days = serial + (1462 if since_1904 else 0)
    if not 0 <= days <= _LAST:
        return serial
    moment = _DAYS + timedelta(seconds=round(days * 86_400))
    return moment.time() if 0 <= serial < 1 and moment.date() == _DAYS.date() else moment
