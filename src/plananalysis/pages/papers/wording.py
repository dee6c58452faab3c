"""Words that every paper needs: ordinals, days, and what the area and its plans are called."""

from __future__ import annotations

import re
from datetime import date

from plananalysis.base.text import LANGUAGES, language, say
from plananalysis.editions.opened import Published
from plananalysis.render.blocks import Heading

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


def day(iso: str) -> str:
    """
    >>> day("2026-06-30")
    '2026年6月30日'
    """
    when = date.fromisoformat(iso)
    return say("documents.day", year=when.year, month=say(f"documents.month.{when.month}"), day=when.day)


def known_on(edition: Published) -> str:
    """The day of the newest report used: the closing day may lie ahead while nothing more has come in."""
    reported = [r.text("reported_at") for r in edition.records("observations") if r.number("value") is not None]
    return day(max(reported, default=str(edition.info["known_on"])))


def area_name(edition: Published) -> str:
    """The area's name without the mark of fictional data, which stands beside every title anyway."""
    return without_mark(edition.name)


def without_mark(name: str) -> str:
    return re.sub(r"\s*[(（](虚构|fictional)[)）]$", "", name)


def plan_titles(edition: Published) -> str:
    titles = [t for t in without_mark(edition.title).split(say("pages.count_joint")) if t]
    area = area_name(edition)
    if titles and titles[0].startswith(area):  # said once, meant of all
        titles = [t if t.startswith((area, "《")) else area + t for t in titles]
    shown = [t if t.startswith("《") else say("documents.book", title=t) for t in titles]
    return say("documents.book_joint").join(shown)


def since_base(edition: Published) -> bool:
    """Whether there are data of any year of the plan."""
    return (edition.info.get("newest_year") or 0) > edition.base_year
