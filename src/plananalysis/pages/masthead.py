"""The title block at the head of every page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from plananalysis.base.text import listed, say
from plananalysis.editions.called import plans_name
from plananalysis.editions.opened import Published
from plananalysis.render.blocks import Facts, Group, Heading, Paragraph, words
from plananalysis.render.html import Blocks, blocks
from plananalysis.render.quantities import STAR


def masthead(edition: Published, title: str, subtitle: str = "") -> Blocks:
    """Title block: what the page is, the edition, the last data year, until when data was taken in."""
    return title_block(
        title,
        subtitle,
        [
            *period(
                edition.info.get("newest_year"), edition.info.get("known_on"), edition.base_year, edition.target_year
            ),
            *(((say("pages.beside"), others),) if (others := beside(edition)) else ()),
        ],
        say("audience.note", star=STAR) if edition.withholds else None,
    )


def beside(edition: Published) -> str:
    """The plans of other periods that have a report of their own for the year, each with its target year; "" where there are none."""
    others = edition.info.get("beside", ())
    return listed(say("pages.beside_of", plans=plans_name(one), target=one["target_year"]) for one in others)


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
