"""How good projections of this kind were when checked, and exactly what this edition was made from."""

from __future__ import annotations

from dataclasses import dataclass

from plananalysis.figures import reliability
from plananalysis.pages import common
from plananalysis.pages.published import Published
from plananalysis.pages.quality import plain_table
from plananalysis.pages.tables import Block, Column, drawing, html, paragraphs, table, tag


@dataclass(frozen=True)
class MethodPage:
    edition: Published

    def masthead(self) -> Block:
        return common.masthead(self.edition, self.edition.say("pages.method_title"), self.edition.name)

    def principle(self) -> Block:
        """How a probability comes about, and what it leaves out."""
        say, info = self.edition.say, self.edition.info
        engine = say("pages.method_engine", engine=info.get("engine") or "—", version=info.get("version") or "—")
        return Block(paragraphs([say("pages.method_how_plain"), say("pages.method_limits"), engine]))

    def scores(self) -> Block:
        """Projections from earlier years against what happened, beside simple rules."""
        say = self.edition.say
        made = plain_table(self.edition, "backtests", say("pages.scores_caption"), say("pages.scores_none"))
        return Block(html(made, tag("p", say("pages.scores_note"), cls="small")))

    def reliability(self) -> Block:
        """Whether seven of ten came true where seven of ten was said."""
        edition = self.edition
        say = edition.say
        bins = [(r.number("stated"), r.number("came_true"), r.whole("cases")) for r in edition.records("reliability")]
        known = [(s, c, n) for s, c, n in bins if s is not None and c is not None and n]
        if not known:
            return Block(tag("p", say("pages.scores_none"), cls="none"))
        listed = "、".join(f"{s:.0%}→{c:.0%}" for s, c, _ in known)
        figure = tag(
            "figure",
            drawing(reliability(known, say("pages.reliability_alt", listed=listed))),
            tag("figcaption", say("pages.reliability_caption")),
        )
        return Block(figure)

    def retrospective(self) -> Block:
        """What would have been said half-way through a finished plan period, beside what happened."""
        say = self.edition.say
        made = plain_table(
            self.edition, "retrospective", say("pages.retrospective_caption"), say("pages.retrospective_none")
        )
        note = (
            tag("p", say("pages.retrospective_note"), cls="small") if "retrospective" in self.edition.tables else None
        )
        return Block(html(made, note))

    def thresholds(self) -> Block:
        return Block(common.thresholds_table(self.edition))

    def inputs(self) -> Block:
        """Every file the edition was made from, with its checksum."""
        edition = self.edition
        say = edition.say
        files = sorted((edition.info.get("inputs") or {}).items())
        columns = [
            Column(say("pages.input_file"), lambda f: f[0]),
            Column(say("pages.input_hash"), lambda f: tag("code", str(f[1])[:16])),
        ]
        return Block(table(common.caption(edition, say("pages.inputs_caption")), columns, files, css="plain"))
