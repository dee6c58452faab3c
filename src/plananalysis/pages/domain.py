"""The report on one domain: who must act, how each series runs, and what the verdicts rest on."""

from __future__ import annotations

from dataclasses import dataclass

from plananalysis.figures import ASSESSABLE, mini_fan
from plananalysis.pages import common, wording
from plananalysis.pages.charts import chart_of
from plananalysis.pages.counts import counts_block, counts_sentence, position_sentence
from plananalysis.pages.published import Domain, Published, Record, outlook_counts
from plananalysis.pages.series import series_block
from plananalysis.pages.tables import Block, Html, drawing, html, paragraphs, tag


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
        edition = self.edition
        sentences = [
            counts_sentence(edition, self._rows),
            position_sentence(edition, self._rows),
            *self._named(),
        ]
        caption = common.caption(edition, edition.say("pages.counts_caption", year=edition.target_year))
        return Block(html(paragraphs(sentences, css="lead"), counts_block(edition, self._rows, caption)))

    def targets(self) -> Block:
        """Every row, the responsible unit first."""
        text = self.edition.say("pages.domain_rows_caption", domain=self.domain.name, count=len(self._rows))
        return Block(common.rows_table(self.edition, self._rows, text, grouped=False, other_page=False))

    def overview(self) -> Block:
        """Small multiples of everything that has values, in printed order; the rest is named."""
        shown, silent = [], []
        for row in self._rows:
            for leaf in self.edition.parts(row) or [row]:
                made = self._small(leaf)
                if made is None:
                    silent.append(leaf)
                else:
                    shown.append(made)
        named = "、".join(f"{leaf.text('series')} {leaf.text('name')}" for leaf in silent)
        note = (
            tag("p", self.edition.say("pages.overview_silent", count=len(silent), named=named), cls="small")
            if silent
            else None
        )
        return Block(html(tag("div", *shown, cls="multiples") if shown else None, note))

    def series(self) -> Block:
        """One block per row, in printed order."""
        return Block(html(*[series_block(self.edition, row) for row in self._rows]))

    def gaps(self) -> Block:
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
                named = "、".join(say("pages.named_row", name=r.text("name"), unit=r.text("lead_unit")) for r in rows)
                made.append(say(f"pages.domain_{key}", count=len(rows), named=named))
        counts = outlook_counts(self._rows)
        if not made and sum(counts[o] for o in ASSESSABLE):
            made.append(say("pages.domain_no_hard"))
        return made

    def _small(self, leaf: Record) -> Html | None:
        chart = chart_of(self.edition, leaf)
        if chart is None:
            return None
        value = tag("span", leaf.text("value_text"), tag("span", f"{leaf.text('value_year')}年", cls="year"))
        probability = wording.percent(leaf.number("probability"), wording.chance_cuts(self.edition))
        head = tag("span", tag("span", leaf.text("series"), cls="code"), leaf.text("name"), cls="small-title")
        foot = tag(
            "span",
            value,
            tag("span", self.edition.say("pages.target_short", target=leaf.text("target_text")), cls="goal-text"),
            cls="small-foot",
        )
        verdict = tag(
            "span",
            wording.outlook_word(self.edition, leaf.text("outlook")),
            tag("span", probability, cls="p") if leaf.number("probability") is not None else None,
            cls="small-verdict",
        )
        return tag(
            "a", head, drawing(mini_fan(chart)), foot, verdict, href=f"#{leaf.text('series')}", cls="small-multiple"
        )
