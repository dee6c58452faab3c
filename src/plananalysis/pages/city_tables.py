"""The tables of a city: its districts, their names and addresses, and their rows of the plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from typing import ClassVar

from plananalysis.base.text import listed, say, sentences
from plananalysis.editions.opened import Record
from plananalysis.editions.variant import Variant
from plananalysis.figures.marks import ASSESSABLE
from plananalysis.pages.cells import binding_mark
from plananalysis.pages.links import coded
from plananalysis.pages.many import Overview
from plananalysis.render.blocks import Paragraph, Words, words
from plananalysis.render.html import Blocks, blocks
from plananalysis.render.quantities import Value

ROWS = 500  # districts times indicators on one page of a domain: with figures and maps each takes some 1,700 bytes, and a page at most a megabyte
NAMED = 5  # districts named in a cell; the others are counted


def file_of(domain: str, part: int = 1) -> str:
    """The file of a domain's page, or of one of its pages."""
    return f"{domain}.html" if part == 1 else f"{domain}.{part}.html"


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
        domain = self.about[series].text("domain")
        part = next(i for i, held in enumerate(self.parts[domain], start=1) if series in held)
        return words(coded(series), words(self.about[series].text("name"), link=f"{file_of(domain, part)}#{series}"))

    @cached_property
    def parts(self) -> dict[str, list[list[str]]]:
        """The measured series of each domain in the order of the plan, by the page that holds all districts beside each other on them."""
        held: dict[str, dict[str, None]] = {r.text("domain"): {} for r in self.records("domains")}
        for r in self.records("verdicts"):
            if r.text("role") != "compound":
                held.setdefault(r.text("domain"), {})[r.text("series")] = None
        made = {}
        for domain, series in held.items():
            count = max(1, ceil(len(series) * len(self.districts) / ROWS))
            size = max(1, ceil(len(series) / count))
            made[domain] = [list(series)[i : i + size] for i in range(0, len(series), size)] or [[]]
        return made

    def title_of(self, domain: Record, part: int) -> str:
        """Name of a domain, with the number of the page where there are several."""
        count = len(self.parts[domain.text("domain")])
        name = domain.text("name")
        return name if count == 1 else say("pages.city.domain_part", domain=name, part=part, count=count)

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
