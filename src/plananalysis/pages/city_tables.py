"""The tables of a city: its districts, their names and addresses, and their rows of the plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from plananalysis.base.text import listed, say, sentences
from plananalysis.editions.opened import Record
from plananalysis.editions.variant import Variant
from plananalysis.figures import ASSESSABLE
from plananalysis.pages.cells import binding_mark
from plananalysis.pages.links import coded
from plananalysis.pages.many import Overview
from plananalysis.render.blocks import Paragraph, Words, words
from plananalysis.render.html import Blocks, blocks
from plananalysis.render.quantities import Value

NAMED = 5  # districts named in a cell; the others are counted


@dataclass(frozen=True, repr=False)
class CityTables(Overview):
    """The tables of one city; ``info`` is the content of ``city.json``."""

    as_of: int = 0

    place_of_tables: ClassVar[str] = "city"

    def __repr__(self) -> str:
        return f"<city {self.info['area']} {self.as_of}>"

    @cached_property
    def rows(self) -> list[Record]:
        """Every row of the plan in every district."""
        return [r for r in self.records("verdicts") if r.text("role") != "part"]

    @cached_property
    def about(self) -> dict[str, Record]:
        """A row of each measured series, for what is the same of it in all districts: name, unit, decimals, good side."""
        return {r.text("series"): r for r in reversed(self.records("verdicts")) if r.text("role") != "compound"}

    def value(self, series: str, number: float | None) -> Value:
        """A value of a series in its unit."""
        about = self.about[series]
        return Value(number, about.text("unit"), about.whole("decimals") or 0)

    def named(self, series: str) -> Words:
        """Code and name of a series, leading to all districts beside each other on it."""
        about = self.about[series]
        return words(coded(series), words(about.text("name"), link=f"{about.text('domain')}.html#{series}"))

    @cached_property
    def districts(self) -> dict[str, str]:
        return {r.text("area"): r.text("name") for r in self.records("districts")}

    @property
    def public(self) -> bool:
        """Whether the public reads it: of targets, not of whom they blame."""
        return self.info.get("audience") == "public"

    @property
    def built(self) -> list[str]:
        return list(self.info["districts"])

    def none(self, key: str) -> Blocks:
        """What stands where a list is empty: where most targets have no outlook, that is not good news."""
        unknown = sum(r.text("outlook") not in ASSESSABLE for r in self.rows)
        blind = unknown * 2 > len(self.rows)
        caution = say("pages.city.unknown", rows=len(self.rows), unknown=unknown) if blind else ""
        return blocks(Paragraph(sentences(say(f"pages.city.{key}"), caution), "lead"))

    def few(self, areas: Sequence[str]) -> str:
        """Some districts by name; how many there are is said beside it."""
        names = listed(self.districts[a] for a in areas[:NAMED])
        return say("pages.city.and_others", names=names) if len(areas) > NAMED else names

    def place(self, area: str, page: str) -> str:
        """Address of a district's page."""
        form = Variant(audience="public" if self.public else "internal", language=self.language)
        return f"../../{area}/{self.as_of}{form.suffix}/{page}"

    def link(self, area: str, page: str = "index.html") -> Words:
        return words(self.districts[area], link=self.place(area, page))

    def indicator(self, row: Record) -> Words:
        code = row.text("series")
        place = self.place(row.text("area"), f"{row.text('domain')}.html#{code}")
        return words(coded(code), words(row.text("name"), link=place), binding_mark(row))
