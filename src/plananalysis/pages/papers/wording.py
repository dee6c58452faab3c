"""Words that every paper needs: ordinals, days, and what the area and its plans are called."""

from __future__ import annotations

from plananalysis.base.text import LANGUAGES, language, say
from plananalysis.editions.opened import Published
from plananalysis.render import texts
from plananalysis.render.blocks import Heading
from plananalysis.render.texts import day, without_mark

_DIGITS = "零一二三四五六七八九十"


def ordinal(n: int) -> str:
    """Chinese ordinal below one hundred, as headings count.

    >>> ordinal(3), ordinal(10), ordinal(15), ordinal(20), ordinal(21)
    ('三', '十', '十五', '二十', '二十一')
    """
    tens, ones = divmod(n, 10)
    if n <= 10:
        return _DIGITS[n]
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")


def counted(n: int) -> str:
    """A number as headings and sentences count in the language spoken."""
    return ordinal(n) if language() == LANGUAGES[0] else str(n)


def heading(level: int, n: int, text: str) -> Heading:
    return Heading(level, say(f"documents.heading.level_{level}", number=counted(n), text=text))


def known_on(edition: Published) -> str:
    """The day of the newest report used: the closing day may lie ahead while nothing more has come in."""
    reported = [r.text("reported_at") for r in edition.records("observations") if r.number("value") is not None]
    return day(max(reported, default=str(edition.info["known_on"])))


def area_name(edition: Published) -> str:
    """The area's name without the mark of fictional data, which stands beside every title anyway."""
    return without_mark(edition.name)


def plan_titles(edition: Published) -> str:
    return texts.plan_titles(edition.title, edition.name)


def since_base(edition: Published) -> bool:
    """Whether there are data of any year of the plan."""
    return (edition.info.get("newest_year") or 0) > edition.base_year
