"""What every indicator means and where its numbers come from, on one page, and what the words of the reports mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from plananalysis.base.text import say
from plananalysis.editions.opened import Published, Record
from plananalysis.editions.speaker import spoken
from plananalysis.figures import OUTLOOKS
from plananalysis.pages.cells import binding_mark, unit_label
from plananalysis.pages.definitions import definition_blocks
from plananalysis.pages.links import indicator_link
from plananalysis.pages.masthead import masthead
from plananalysis.pages.outlooks import outlook_word
from plananalysis.pages.rows import with_parts
from plananalysis.render.blocks import Facts, Group, Heading, words
from plananalysis.render.cuts import named
from plananalysis.render.html import Blocks, blocks

TERMS = (
    *("row", "baseline", "binding", "anticipatory", "reading", "about", "definition"),
    *("probability", "range", "grade", "position", "schedule"),
)
ALERTS = ("hard_to_reach", "both_red", "slipping", "relapse_risk", "volatile", "verify")


@spoken
@dataclass(frozen=True)
class IndicatorsPage:
    edition: Published

    def masthead(self) -> Blocks:
        return masthead(self.edition, self.edition.name, self.edition.title)

    def indicators(self) -> Blocks:
        """Every indicator by domain as printed, then those collected for comparison."""
        made: list[Any] = []
        for domain in self.edition.domains:
            rows = [*with_parts(self.edition, self.edition.in_domain(domain.code))]
            rows += self.edition.references(domain.code)
            made += [Heading(1, domain.name), *map(self._indicator, rows)] if rows else []
        return blocks(*made)

    def _indicator(self, row: Record) -> Group:
        code = row.text("series")
        unit = words(unit_label(row.text("unit")), role="unit")
        name = indicator_link(row)
        title = Heading(3, words(name, unit, binding_mark(row)))
        return Group([title, *definition_blocks(self.edition, row)], "indicator", "section", code)

    def glossary(self) -> Blocks:
        """The words of the reports, as this edition uses them."""
        cuts = named(self.edition.thresholds)
        terms = [(say(f"glossary.{t}"), say(f"glossary.{t}_means", **self._years)) for t in TERMS]
        outlooks = [(outlook_word(o), say(f"pages.meaning.{o}", **cuts)) for o in OUTLOOKS]
        told = ALERTS if self.edition.audience != "public" else ()  # the public reads no alerts
        alerts = [(say(f"alert.{a}"), say(f"glossary.alert_{a}", **cuts)) for a in told]
        return blocks(Facts([*terms, *outlooks, *alerts], "facts meanings"))

    @property
    def _years(self) -> dict[str, int]:
        return {"base": self.edition.base_year, "target": self.edition.target_year}
