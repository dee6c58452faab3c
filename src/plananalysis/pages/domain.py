"""The report on one domain: who must act, how each series runs, and what the verdicts rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plananalysis.assessments.sentences import number
from plananalysis.base.text import listed
from plananalysis.editions.opened import Domain, Published, Record
from plananalysis.figures import ASSESSABLE, mini_fan
from plananalysis.pages import common, wording
from plananalysis.pages.charts import chart_of
from plananalysis.pages.counts import counts_block, counts_sentence, outlook_counts, position_sentence
from plananalysis.pages.evaluation import evaluation
from plananalysis.pages.series import series_block
from plananalysis.render.html import NOTHING, Block, Html, drawing, html, paragraphs, tag


@dataclass(frozen=True)
class DomainPage:
    edition: Published
    domain: Domain

    @property
    def _rows(self) -> list[Record]:
        return self.edition.in_domain(self.domain.code)

    def masthead(self) -> Block:
        edition = self.edition
        return common.masthead(
            edition,
            self.domain.name,
            edition.say("pages.domain_subtitle", area=edition.name, plan=edition.plan_name(self.domain.plan)),
        )

    def summary(self) -> Block:
        """The domain in sentences, then its outlooks as one bar."""
        if self.edition.mode == "final":
            return NOTHING
        edition = self.edition
        if not self._rows:
            return Block(tag("p", edition.say("pages.no_targets"), cls="lead"))
        sentences = [
            counts_sentence(edition, self._rows),
            position_sentence(edition, self._rows),
            *self._named(),
        ]
        caption = common.caption(edition, edition.say("pages.counts_caption", year=edition.target_year))
        return Block(html(paragraphs(sentences, css="lead"), counts_block(edition, self._rows, caption)))

    def targets(self) -> Block:
        """Every row, the responsible unit first."""
        if self.edition.mode == "final":
            return NOTHING
        text = self.edition.say("pages.domain_rows_caption", domain=self.domain.name, count=len(self._rows))
        return Block(common.rows_table(self.edition, self._rows, text, grouped=False, other_page=False))

    def overview(self) -> Block:
        """Small multiples of everything that has values, in printed order; the rest is named; then series without a target."""
        leaves = [leaf for row in self._rows for leaf in (self.edition.parts(row) or [row])]
        silent = [leaf for leaf in leaves if chart_of(self.edition, leaf) is None]
        named = listed(f"{leaf.text('series')} {leaf.text('name')}" for leaf in silent)
        note = (
            tag("p", self.edition.say("pages.overview_silent", count=len(silent), named=named), cls="small")
            if silent
            else None
        )
        others = self.edition.references(self.domain.code)
        title = tag("h3", self.edition.say("pages.references"), cls="plain") if others else None
        return Block(html(self._multiples(leaves), note, title, self._multiples(others)))

    def _multiples(self, leaves: Sequence[Record]) -> Html | None:
        made = [small for leaf in leaves if (small := self._small(leaf)) is not None]
        return tag("div", *made, cls="multiples") if made else None

    def series(self) -> Block:
        """One block per row, in printed order."""
        return Block(html(*[series_block(self.edition, row) for row in self._rows]))

    def evaluation(self) -> Block:
        """What a mid-term or final evaluation asks; nothing in an annual edition."""
        return evaluation(self.edition, self._rows, whole=False)

    def gaps(self) -> Block:
        if self.edition.mode == "final":
            return NOTHING
        return Block(common.missing_by_unit(self.edition, self._rows))

    def reading(self) -> Block:
        """How to read the figures, and the thresholds."""
        return Block(html(common.how_to_read(self.edition), common.thresholds_table(self.edition)))

    def _named(self) -> list[str]:
        """Sentences that name the rows an official asks about first."""
        say, made = self.edition.say, []
        for key, wanted in (("hard", ("very_hard", "hard")), ("slipping", ("met_slipping",))):
            rows = [r for r in self._rows if r.text("outlook") in wanted]
            if rows:
                named = listed(say("pages.named_row", name=r.text("name"), unit=r.text("lead_unit")) for r in rows)
                made.append(say(f"pages.domain_{key}", count=len(rows), named=named))
        counts = outlook_counts(self._rows)
        if not made and sum(counts[o] for o in ASSESSABLE):
            made.append(say("pages.domain_no_hard"))
        return made

    def _small(self, leaf: Record) -> Html | None:
        """Name, small figure, newest value, target and outlook; None without values."""
        edition, chart = self.edition, chart_of(self.edition, leaf)
        if chart is None:
            return None
        newest = chart.observed[-1]
        year = tag("span", edition.say("pages.year", year=newest.year), cls="year")
        value = tag("span", number(newest.value, leaf.text("unit"), leaf.whole("decimals") or 0), year)
        head = tag("span", tag("span", leaf.text("series"), cls="code"), leaf.text("name"), cls="small-title")
        if not leaf.text("outlook"):
            return tag(
                "div", head, drawing(mini_fan(chart)), tag("span", value, cls="small-foot"), cls="small-multiple"
            )
        goal = tag("span", edition.say("pages.target_short", target=leaf.text("target_text")), cls="goal-text")
        probability = leaf.number("probability")
        chance = (
            tag("span", wording.percent(probability, wording.chance_cuts(edition))) if probability is not None else None
        )
        words = html(wording.outlook_word(edition, leaf.text("outlook")), chance)
        words = wording.reached_word(leaf) if edition.mode == "final" else words
        verdict = tag("span", words, cls="small-verdict")
        foot = tag("span", value, goal, cls="small-foot")
        return tag(
            "a", head, drawing(mini_fan(chart)), foot, verdict, href=f"#{leaf.text('series')}", cls="small-multiple"
        )
