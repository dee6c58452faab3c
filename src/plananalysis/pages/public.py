"""What the public reads on the brief: where each domain stands in a few sentences, and how to read the numbers."""

from __future__ import annotations

from collections.abc import Sequence

from plananalysis.base.text import say
from plananalysis.editions.opened import Published, Record
from plananalysis.pages.counts import places_listed
from plananalysis.pages.links import page_file
from plananalysis.render.blocks import Heading, Items, Paragraph, Words, words
from plananalysis.render.html import Blocks, blocks

COLUMNS = ("indicator", "value", "target", "position", "outlook", "probability")  # of all targets
_GROUPS = {
    "fine": ("met_secure", "likely"),
    "open": ("met_slipping", "uncertain"),
    "hard": ("hard", "very_hard"),
    "unknown": ("needs_judgement", "no_data"),
}


def domains(edition: Published) -> Blocks:
    """Of each domain: how many targets are met, and which are expected, open, hard and unknown, each name leading to its card."""
    made: list[object] = []
    for domain in edition.domains:
        if not (rows := edition.in_domain(domain.code)):
            continue
        link = words(domain.name, link=page_file(domain.code))
        told = say("brief.public.domain", rows=len(rows), listed=places_listed(rows))
        lines = [_line(name, [r for r in rows if r.text("outlook") in held]) for name, held in _GROUPS.items()]
        made += [Heading(2, link), Paragraph(told), Items([line for line in lines if line], "by-outlook")]
    return blocks(*made)


def _line(name: str, rows: Sequence[Record]) -> Words | None:
    if not rows:
        return None
    linked = [words(r.text("name"), link=f"{page_file(r.text('domain'))}#{r.text('series')}") for r in rows]
    before, _, after = say(f"brief.public.{name}", names="\n").partition("\n")
    return words(words(before, role="b"), words(*linked, role="list"), after)


def reading(edition: Published) -> Blocks:
    """What the words mean, in plain words."""
    return blocks(
        Paragraph(say("brief.public.what")), Paragraph(say("brief.public.why")) if edition.withholds else None
    )
