"""What the overviews of many areas share: how many are in difficulty, and how outlooks and probabilities spread over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from plananalysis import schema
from plananalysis.base.text import LANGUAGES, say
from plananalysis.editions.frames import rows_in
from plananalysis.editions.opened import Record
from plananalysis.editions.speaker import Speaker
from plananalysis.figures.marks import ASSESSABLE, OUTLOOKS, outlook_bar
from plananalysis.figures.panorama import chance_spread, outlook_strip
from plananalysis.pages.cells import binding_mark
from plananalysis.pages.counts import counted, with_key
from plananalysis.pages.links import coded
from plananalysis.render.blocks import Column, Drawing, Figure, Group, Words, words
from plananalysis.render.quantities import Count

if TYPE_CHECKING:
    import pandas as pd

NARROW = 350  # units of a drawing on a phone
HARD = ("hard", "very_hard")


@dataclass(frozen=True, repr=False)
class Overview(Speaker):
    """The tables of many areas; ``info`` is the description that lies beside them."""

    info: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]
    language: str = field(default=LANGUAGES[0], kw_only=True)
    names: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    on_paper: bool = field(default=False, kw_only=True)  # counts stand in columns where a screen has drawings

    place_of_tables: ClassVar[str] = "nation"  # as the schema calls it

    @property
    def over(self) -> bool:
        """Whether it is the target year: what was reached is told, and nothing is expected any more."""
        return int(self.info["as_of"]) >= self.target_year

    def now(self, key: str, **values: Any) -> str:
        """A sentence of the page, in the target year its twin that tells what was reached."""
        whole = f"pages.{self.place_of_tables}.{key}"
        return say(f"{whole}_reached" if self.over else whole, **values)

    def records(self, name: str) -> list[Record]:
        if name not in self._records:  # every indicator of every page asks again
            about = schema.table(self.place_of_tables, name)
            # these pages are the office's own: nothing is withheld, as the words of a row ask
            rows = [Record({"withheld": "", **row}, about, self) for row in rows_in(self.tables[name])]
            self._records[name] = rows
        return [*self._records[name]]

    @cached_property
    def _records(self) -> dict[str, list[Record]]:
        return {}

    def bar(self, counts: dict[str, int], alt: str) -> Group | Figure:
        """All outlooks as one bar, with its key."""
        if self.on_paper:
            told = counted(counts)
            return Figure(Drawing(outlook_bar(counts, told, 620), told), told)
        return with_key(counts, alt)

    def spread(self, bins: Sequence[int], alt: str) -> Drawing:
        """How probabilities spread over the areas, beside the cuts of the words."""
        return Drawing(chance_spread(bins, [self.thresholds[n] for n in ("very_hard", "hard", "likely")], alt), alt)


def in_difficulty(row: Record | None) -> int:
    """Hard and very hard targets counted in a line."""
    return 0 if row is None else sum(row.whole(o) or 0 for o in HARD)


def with_outlook(row: Record | None) -> int:
    """Targets with a stated outlook counted in a line."""
    if row is None:
        return 0
    return row.whole("able") or 0 if "able" in row.cells else sum(row.whole(o) or 0 for o in ASSESSABLE)


def outlooks_of(row: Record) -> dict[str, int]:
    return {o: row.whole(o) or 0 for o in OUTLOOKS}


def strip(row: Record) -> Drawing:
    """The areas' outlooks of one target as a strip."""
    counts = outlooks_of(row)
    alt = counted(counts)
    return Drawing(outlook_strip(counts, alt), alt)


def count_of(title: str, *names: str) -> Column:
    """A column of what a line counts under one name, or under several together."""
    return Column(title, lambda r: Count(sum(r.whole(n) or 0 for n in names)), 7, "r")


def outlook_columns(whole: bool = False) -> list[Column]:
    """The outlooks of a line in columns of numbers, for where a strip has no room: the ``whole`` of them, or those that fit on a sheet."""
    if whole:
        return [count_of(say(f"outlook.{o}"), o) for o in OUTLOOKS]
    return [
        count_of(say("column.outlook_met"), "met_secure", "met_slipping"),
        *(count_of(say(f"outlook.{o}"), o) for o in ("likely", "uncertain")),
        count_of(say("column.outlook_hard"), *HARD),
        count_of(say("column.outlook_none"), "needs_judgement", "no_data"),
    ]


def indicator(row: Record) -> Words:
    return words(coded(row.text("series"), row.text("name")), binding_mark(row))
