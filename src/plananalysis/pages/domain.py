"""The report on one domain: who must act, how each series runs, and what the verdicts rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plananalysis.base.text import listed, say
from plananalysis.editions.opened import Domain, Published, Record
from plananalysis.editions.speaker import spoken
from plananalysis.figures.fan import mini_fan
from plananalysis.figures.marks import ASSESSABLE
from plananalysis.pages.cells import Cells, chance
from plananalysis.pages.charts import chart_of
from plananalysis.pages.columns import marks_note, rows_table
from plananalysis.pages.counts import counts_block, counts_sentence, outlook_counts, position_sentence
from plananalysis.pages.elsewhere import strip_figure
from plananalysis.pages.final import evaluation
from plananalysis.pages.links import coded
from plananalysis.pages.masthead import masthead
from plananalysis.pages.missing import missing_table
from plananalysis.pages.outlooks import outlook_of, reached_word
from plananalysis.pages.poster import poster
from plananalysis.pages.rows import leaves, named, over
from plananalysis.pages.series import series_block
from plananalysis.pages.thresholds import how_to_read, thresholds
from plananalysis.render.blocks import Drawing, Group, Heading, Paragraph, Words, words
from plananalysis.render.html import NOTHING, Blocks, blocks
from plananalysis.render.quantities import Value


@spoken
@dataclass(frozen=True)
class DomainPage:
    edition: Published
    domain: Domain

    @property
    def _rows(self) -> list[Record]:
        return self.edition.in_domain(self.domain.code)

    @property
    def _over(self) -> bool:
        return over(self.edition)

    def masthead(self) -> Blocks:
        edition, plan = self.edition, self.edition.plan_name(self.domain.plan)
        return masthead(edition, self.domain.name, say("pages.domain_subtitle", area=edition.name, plan=plan))

    def summary(self) -> Blocks:
        """The domain in sentences, then its outlooks as one bar."""
        if self._over:
            return NOTHING
        if not self._rows:
            return blocks(Paragraph(say("pages.no_targets"), "lead"))
        told = [counts_sentence(self._rows), position_sentence(self.edition, self._rows), *self._named()]
        return blocks(*(Paragraph(s, "lead") for s in told if s), counts_block(self.edition, self._rows))

    def targets(self) -> Blocks:
        """Every row, the responsible unit first, and where the area and other places stand."""
        if self._over:
            return NOTHING
        text = say("pages.domain_rows_caption", domain=self.domain.name, count=len(self._rows))
        made = rows_table(self.edition, self._rows, text, here=True)
        return blocks(made, marks_note(self.edition, self._rows), strip_figure(self.edition, self._rows))

    def overview(self) -> Blocks:
        """Small multiples of everything that has values, in printed order; the rest is named; then series without a target."""
        held = leaves(self.edition, self._rows)
        silent = [leaf for leaf in held if chart_of(self.edition, leaf) is None]
        note = say("pages.overview_silent", count=len(silent), named=named(silent)) if silent else ""
        others = self.edition.references(self.domain.code)
        title = Heading(3, say("pages.references"), "plain") if others else None
        drawn = poster(self.edition, self._rows) if self.edition.mode == "annual" and not self._over else None
        return blocks(drawn, self._multiples(held), Paragraph(note, "small"), title, self._multiples(others))

    def _multiples(self, held: Sequence[Record]) -> Group | None:
        made = [small for leaf in held if (small := self._small(leaf)) is not None]
        return Group(made, "multiples") if made else None

    def series(self) -> Blocks:
        """One block per row, in printed order, each followed by the way to the one before and the one after it."""
        rows: list[Record | None] = [None, *self._rows, None]
        around = zip(rows, self._rows, rows[2:], strict=False)
        return blocks(
            *(b for before, row, after in around for b in (series_block(self.edition, row), _turns(before, after)))
        )

    def evaluation(self) -> Blocks:
        """What a mid-term or final evaluation asks, and once the target year is reached what was reached."""
        return evaluation(self.edition, self._rows, whole=False)

    def gaps(self) -> Blocks:
        return NOTHING if self._over else blocks(missing_table(self.edition, self._rows))

    def reading(self) -> Blocks:
        """How to read the figures, and the thresholds."""
        return blocks(how_to_read(self.edition), thresholds(self.edition))

    def _named(self) -> list[str]:
        """Sentences that name the rows an official asks about first."""
        made = []
        for key, wanted in (("hard", ("very_hard", "hard")), ("slipping", ("met_slipping",))):
            rows = [r for r in self._rows if r.text("outlook") in wanted]
            if rows:
                found = listed(say("pages.named_row", name=r.text("name"), unit=r.text("lead_name")) for r in rows)
                made.append(say(f"pages.domain_{key}", count=len(rows), named=found))
        counts = outlook_counts(self._rows)
        if not made:
            made.append(say("pages.domain_no_hard" if any(counts[o] for o in ASSESSABLE) else "pages.domain_blind"))
        return made

    def _small(self, leaf: Record) -> Words | None:
        """Name, small figure, newest value, target and outlook; None without values."""
        chart = chart_of(self.edition, leaf)
        if chart is None:
            return None
        newest = chart.observed[-1]
        year = words(say("pages.year", year=newest.year), role="year")
        shown = Value(newest.value, leaf.text("unit"), leaf.whole("decimals") or 0)
        if newest.year == leaf.whole("value_year"):
            shown = Cells(self.edition).newest_value(leaf)  # with the digits and the doubt it was published with
        value = words(shown, year, role="small-value")
        head = words(coded(leaf.text("series"), leaf.text("name")), role="small-title")
        figure = Drawing(mini_fan(chart), leaf.text("name"))
        if not leaf.text("outlook"):
            return words(head, figure, words(value, role="small-foot"), role="small-multiple")
        goal = words(say("pages.goal", target=leaf.text("target_text")), role="goal-text")
        if self._over:
            verdict = words(reached_word(leaf), role="small-verdict")
        else:
            told = chance(self.edition, leaf)
            verdict = words(outlook_of(leaf), told if told else None, role="small-verdict")
        foot = words(value, goal, role="small-foot")
        return words(head, figure, foot, verdict, role="small-multiple", link=f"#{leaf.text('series')}")


def _turns(before: Record | None, after: Record | None) -> Paragraph:
    """The way to the cards beside one."""
    sides = [
        (row, say(f"reports.page.{side}", name=f"{row.text('series')} {row.text('name')}"))
        for side, row in (("before", before), ("after", after))
        if row
    ]
    return Paragraph(
        words(*(words(told, link=f"#{row.text('series')}") for row, told in sides)) if sides else "", "turns"
    )
