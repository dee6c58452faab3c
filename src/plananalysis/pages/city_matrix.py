"""Where the difficulties of a city gather: districts down, domains across."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from plananalysis.base.text import listed, say
from plananalysis.editions.opened import Record
from plananalysis.pages.city_tables import CityTables
from plananalysis.pages.columns import column
from plananalysis.pages.many import in_difficulty, with_outlook
from plananalysis.render.blocks import Column, Paragraph, Words, words
from plananalysis.render.html import Blocks, blocks

ACROSS = 10  # districts that fit across a sheet
_ALL = ""  # stands for all districts together, or for all domains


def matrix(page: CityTables) -> Blocks:
    """Districts down, domains across: hard and very hard targets among those with an outlook; in the target year those not reached."""
    domains = page.records("domains")
    counts: dict[tuple[str, str], tuple[int, int]] = {}
    for r in page.rows if page.over else page.records("matrix"):
        if r.text("area") in page.built:
            of_line = _reached(r) if page.over else (in_difficulty(r), with_outlook(r))
            for key in {(a, d) for a in (r.text("area"), _ALL) for d in (r.text("domain"), _ALL)}:
                hard, able = counts.get(key, (0, 0))
                counts[key] = hard + of_line[0], able + of_line[1]

    def share(area: str) -> float:
        hard, able = counts.get((area, _ALL), (0, 0))
        return hard / max(able, 1)

    if page.on_paper and len(page.built) <= ACROSS:
        names = {d.text("domain"): d.text("name") for d in domains} | {_ALL: say("pages.total")}

        def of(title: str, area: str) -> Column:
            return Column(title, lambda d: _share(*counts.get((area, d), (0, 0))), 10, "r")

        columns = [
            replace(column("domain", lambda d: names[d]), width=24),
            *(of(page.districts[a], a) for a in page.built),
            of(say("pages.city.all"), _ALL),
        ]
        note = Paragraph(page.now("matrix_paper"), "small")
        caption = page.now("matrix_caption")
        return blocks(note, page.table(caption, columns, [d.text("domain") for d in domains], "matrix", foot=[_ALL]))

    def one(domain: Record) -> Column:
        code = domain.text("domain")

        def cell(area: str) -> Any:
            found = counts.get((area, code), (0, 0))
            link = page.place(area, f"{code}.html") if area != _ALL and found[0] else ""
            inside = _share(*found)
            return words(inside, link=link) if link else inside

        return Column(words(domain.text("name"), role="upright"), cell, 6, "r", "cell")

    total = Column(say("pages.total"), lambda a: _share(*counts.get((a, _ALL), (0, 0))), 6, "r", "cell total")
    first = column("district", lambda a: say("pages.city.all") if a == _ALL else page.link(a))
    order = sorted(page.built, key=lambda a: (-share(a), a))
    caption = page.now("matrix_caption")
    made = page.table(caption, [first, total, *map(one, domains)], order, "matrix", foot=[_ALL])
    uneven = page.info.get("uneven_domains", [])
    odd = say("pages.city.matrix_uneven", domains=listed(uneven)) if uneven else ""
    return blocks(Paragraph(page.now("matrix_note"), "small"), Paragraph(odd, "small"), made)


def _reached(row: Record) -> tuple[int, int]:
    """Whether a target was not reached, and whether that can be told."""
    position = row.text("position")
    return int(position == "not_met"), int(position in ("met", "not_met"))


def _share(hard: int, able: int) -> Words | None:
    """``3/7``, heavier and on a darker ground the larger the share: the numbers say the same without either. A dash for none."""
    if not able:
        return None
    level = 0 if not hard else 1 if hard / able < 1 / 3 else 2 if hard / able < 2 / 3 else 3
    counted = words(str(hard), role="b") if level else str(hard)
    return words(counted, words(f"/{able}", role="of"), role=f"lv{level}")
