"""The tables of one city with the look-ups and names every piece of its overview needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from plananalysis.base.tables import edition_folder
from plananalysis.base.text import language, listed, say, sentences
from plananalysis.editions.opened import Record
from plananalysis.figures import ASSESSABLE
from plananalysis.pages import wording
from plananalysis.render.html import Html, html, tag

if TYPE_CHECKING:
    import pandas as pd

NAMED = 5  # districts named in a cell; the others are counted


@dataclass(frozen=True, repr=False)
class CityTables:
    """The tables of one city.

    Parameters
    ----------
    info
        Content of ``city.json``.
    """

    as_of: int
    info: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]

    def __repr__(self) -> str:
        return f"<city {self.info['area']} {self.as_of}>"

    # ---- what pages of an edition know about themselves, so that they share their words ------------------------

    say = staticmethod(say)

    @property
    def fictional(self) -> bool:
        return bool(self.info["fictional"])

    @property
    def mark(self) -> str:
        return say("pages.fictional") if self.fictional else ""

    @property
    def thresholds(self) -> Mapping[str, Any]:
        return dict(self.info["thresholds"])

    @property
    def target_year(self) -> int:
        return int(self.info["target_year"])

    @property
    def base_year(self) -> int:
        return int(self.info["base_year"])

    # ---- rows -----------------------------------------------------------------------------------------------

    def records(self, name: str) -> list[Record]:
        return [Record(row) for row in self.tables[name].to_dict("records")]

    @cached_property
    def rows(self) -> list[Record]:
        """Every row of the plan in every district."""
        return [r for r in self.records("verdicts") if r.text("role") != "part"]

    @cached_property
    def names(self) -> dict[str, str]:
        return {r.text("area"): r.text("name") for r in self.records("districts")}

    @property
    def built(self) -> list[str]:
        return list(self.info["districts"])

    # ---- names -----------------------------------------------------------------------------------------------

    def none(self, key: str) -> Html:
        """What stands where a list is empty: where most targets have no outlook, that is not good news."""
        unknown = sum(r.text("outlook") not in ASSESSABLE for r in self.rows)
        blind = unknown * 2 > len(self.rows)
        caution = say("pages.city.unknown", rows=len(self.rows), unknown=unknown) if blind else ""
        return tag("p", sentences(say(f"pages.city.{key}"), caution), cls="lead")

    def few(self, areas: Sequence[str]) -> str:
        """Some districts by name; how many there are is said beside it."""
        names = listed(self.names[a] for a in areas[:NAMED])
        return say("pages.city.and_others", names=names) if len(areas) > NAMED else names

    def link(self, area: str, page: str = "index.html") -> Html:
        folder = edition_folder(self.as_of, language())
        return tag("a", self.names[area], href=f"../../{area}/{folder}/{page}")

    def indicator(self, row: Record) -> Html:
        folder = edition_folder(self.as_of, language())
        place = f"../../{row.text('area')}/{folder}/{row.text('domain')}.html#{row.text('series')}"
        link = tag("a", row.text("name"), href=place)
        return html(tag("span", row.text("series"), cls="code"), link, wording.binding_mark(self, row))
