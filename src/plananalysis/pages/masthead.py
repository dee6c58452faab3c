"""What stands at the head of every page: what it calls itself, of which data it speaks, and what became of its areas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from plananalysis.base.text import LANGUAGES, language, listed, say, sentences, translated
from plananalysis.editions import called
from plananalysis.editions.opened import Published
from plananalysis.render.blocks import Facts, Group, Heading, Paragraph, words
from plananalysis.render.html import Blocks, blocks
from plananalysis.render.quantities import STAR


def masthead(edition: Published, title: str, subtitle: str = "") -> Blocks:
    """Title block: what the page is, the edition, the last data year, until when data was taken in."""
    newest, known_on = edition.info.get("newest_year"), edition.info.get("known_on")
    pairs = period(newest, known_on, edition.base_year, edition.target_year)
    pairs += [(say("pages.beside"), others)] if (others := beside(edition)) else []
    return title_block(title, subtitle, pairs, say("audience.note", star=STAR) if edition.withholds else None)


def brief_title(edition: Published) -> str:
    """监测简报, 中期评估报告 or 终期评估报告; the public reads of progress."""
    about = edition.bare_name, edition.plans_name, edition.as_of, edition.mode, edition.audience
    return called.brief_title(*about)


def beside(edition: Published) -> str:
    """The plans of other periods that have a report of their own for the year, each with its target year; "" where there are none."""
    others = edition.info.get("beside", ())
    return listed(say("pages.beside_of", plans=called.plans_name(one), target=one["target_year"]) for one in others)


def period(newest: int | None, known_on: Any, base_year: int, target_year: int) -> list[tuple[str, Any]]:
    """Until when data reach and were taken in, and which years the plan covers."""
    return [
        (say("pages.as_of"), say("pages.year", year=newest) if newest else say("pages.no_data_yet")),
        (say("pages.known_on"), known_on),
        (say("pages.period"), say("pages.period_of", base=base_year, target=target_year)),
    ]


def title_block(title: str, subtitle: str, pairs: Iterable[tuple[Any, Any]], note: str | None = None) -> Blocks:
    """Title, subtitle and facts in as few lines as they need; below them, what is withheld."""
    title_line = words(title, words(subtitle, role="masthead-subtitle") if subtitle else None)
    head = Group([Heading(0, title_line, "masthead-title"), Facts(pairs, "facts inline")], "masthead", "header")
    return blocks(head, Paragraph(note, "small withheld-note") if note else None)


SHOWN = 12  # changes told one by one, the newest of them


def changes_told(info: Mapping[str, Any], since: int = 0, note: str = "") -> list[Paragraph]:
    """A sentence for each change from a year on, and what its words mean; nothing where no area changed.

    Parameters
    ----------
    info
        Content of ``edition.json``, ``city.json`` or ``panel.json``.
    note
        What else is to be known of them.
    """
    held = [one for one in info.get("area_changes", []) if one["year"] >= since]
    if not held:
        return []
    more = say("area_changes.told.more", count=len(held), shown=SHOWN) if len(held) > SHOWN else ""
    told = [Paragraph(_sentence(one), "lead") for one in held[-SHOWN:]]
    return [Paragraph(more, "lead"), *told, Paragraph(sentences(say("area_changes.told.note"), note), "small")]


def _sentence(one: Mapping[str, Any]) -> str:
    before, after = (listed(_names(one[side])) for side in ("before", "after"))
    what = say(f"area_changes.told.{one['kind']}", before=before, after=after)
    return say("area_changes.told.lead", date=one["date"], what=what, how=_how(one))


def _names(names: Sequence[Sequence[str]]) -> list[str]:
    return [(language() != LANGUAGES[0] and english) or str(translated(name)) for name, english in names]


def _how(one: Mapping[str, Any]) -> str:
    joined, broken, year = one["joined"], one["broken"], one["year"]
    key = "joined_all" if one["whole"] else "" if joined or broken else f"all_{one['declared']}"
    key = key or ("broken_some" if not joined else "joined_rest" if broken else "joined")
    return say(f"area_changes.told.{key}", joined=joined, broken=broken, year=year)
