"""The overview for the leading group: how many, which need action now and by whom, what changed, what is missing."""

from __future__ import annotations

from dataclasses import dataclass

from plananalysis.editions.opened import Published, Record
from plananalysis.figures import OUTLOOKS, mark, mini_fan
from plananalysis.pages import common, sifting, wording
from plananalysis.pages.changes import compared, first_sentence, nothing_changed
from plananalysis.pages.charts import chart_of
from plananalysis.pages.counts import (
    counts_block,
    counts_sentence,
    gaps_sentence,
    nothing_urgent,
    outlook_counts,
    position_sentence,
    urgent,
)
from plananalysis.pages.evaluation import evaluation
from plananalysis.pages.measures import on_record, proposal
from plananalysis.render.html import NOTHING, Block, Column, Html, drawing, html, paragraphs, table, tag

SHOWN = 12  # rows of the action list with a figure each; the rest follows without, and the list says so
_OTHER_ALERTS = ("slipping", "volatile", "verify")
_PACE = 5  # column of the action list that makes no sense for rows that are only watched


@dataclass(frozen=True)
class BriefPage:
    edition: Published

    def masthead(self) -> Block:
        return common.masthead(self.edition, self.edition.name, self.edition.title)

    def outlooks(self) -> Block:
        """First screen: counts of outlooks with their denominators."""
        if self.edition.mode == "final":
            return NOTHING
        edition = self.edition
        return Block(html(paragraphs(opening(edition), css="lead"), self._counts()))

    def action(self) -> Block:
        """The short list: rows called hard to reach, 双红 first, then binding before anticipatory, then by probability."""
        if self.edition.mode == "final":
            return NOTHING
        edition = self.edition
        rows = urgent(edition)
        if not rows:
            return Block(tag("p", nothing_urgent(edition, edition.rows), cls="lead"))
        binding = sum(r.text("attribute") == "binding" for r in rows)
        both = sum("both_red" in r.words("alerts") for r in rows)
        lead = edition.say("pages.action_lead", count=len(rows), binding=binding, both=both)
        made = [tag("p", lead, cls="lead"), self._list("pages.action_caption", self._columns(), rows[:SHOWN])]
        if rest := rows[SHOWN:]:
            made.append(tag("p", edition.say("pages.action_more", count=len(rest), shown=SHOWN)))
            text = edition.say("pages.action_more_caption")
            made.append(common.rows_table(edition, rest, text, grouped=False, other_page=True))
        return Block(html(*made, common.marks_note(edition, rows[:SHOWN]) if not rest else None))

    def watch(self) -> Block:
        """Rows that are not called hard to reach but slip, swing or need their newest value verified."""
        if self.edition.mode == "final":
            return NOTHING
        edition = self.edition
        urgent_ones = {r.text("series") for r in urgent(edition)}
        rows = [r for r in edition.rows if r.text("series") not in urgent_ones and _first_alert(r) < len(_OTHER_ALERTS)]
        rows.sort(key=lambda r: (r.text("attribute") != "binding", _first_alert(r)))
        if not rows:
            return Block(tag("p", edition.say("pages.watch_none"), cls="none"))
        columns = self._columns()
        columns[_PACE] = Column(edition.say("pages.column.alerts"), lambda r: wording.alert_words(edition, r))
        return Block(html(self._list("pages.watch_caption", columns, rows), common.marks_note(edition, rows)))

    def map(self) -> Block:
        """Every row of the plan as one tile in the line of its domain."""
        if self.edition.mode == "final":
            return NOTHING
        edition = self.edition
        say = edition.say

        def counted(outlook: str) -> Column:
            found = {d.code: outlook_counts(edition.in_domain(d.code))[outlook] for d in edition.domains}
            return Column(say(f"outlook.{outlook}"), lambda d: found[d.code] or wording.DASH, number=True)

        columns = [
            Column(say("pages.column.domain"), lambda d: tag("a", d.name, href=wording.page_file(d.code))),
            Column(say("pages.column.tiles"), lambda d: self._tiles(edition.in_domain(d.code)) or wording.DASH),
            Column(say("pages.column.rows"), lambda d: len(edition.in_domain(d.code)), number=True),
            *map(counted, ("very_hard", "hard", "no_data")),
        ]
        plans = dict.fromkeys(d.plan for d in edition.domains)
        groups = [(edition.plan_name(plan), [d for d in edition.domains if d.plan == plan]) for plan in plans]
        key = tag("p", *[wording.outlook_word(edition, o) for o in OUTLOOKS], cls="key-line")
        return Block(
            html(
                key, table(common.caption(edition, say("pages.map_caption")), columns, groups, grouped=True, css="map")
            )
        )

    def changes(self) -> Block:
        """Rows whose outlook differs from the edition before, with the cause."""
        if self.edition.mode == "final":
            return NOTHING
        edition = self.edition
        say = edition.say
        rows, first = compared(edition)
        cuts = wording.chance_cuts(edition)

        def between(r: Record, kind: str) -> Html | str:
            if kind == "outlook":
                return html(
                    wording.outlook_word(edition, r.text("from_outlook")),
                    " → ",
                    wording.outlook_word(edition, r.text("to_outlook")),
                )
            if "probability" in self._about(r).words("withheld"):
                return wording.STAR
            return f"{wording.percent(r.number('from_probability'), cuts)} → {wording.percent(r.number('to_probability'), cuts)}"

        columns = [
            Column(say("pages.column.unit"), lambda r: wording.units_cell(self._about(r), edition)),
            Column(say("pages.column.indicator"), lambda r: wording.indicator_cell(edition, self._about(r))),
            Column(say("pages.column.change"), lambda r: between(r, "outlook")),
            Column(say("pages.column.probability"), lambda r: between(r, "probability"), number=True),
            Column(
                say("pages.column.cause"),
                lambda r: say(f"pages.cause_{r.text('cause')}") if r.text("cause") in _CAUSES else r.text("cause"),
            ),
        ]
        text = common.caption(edition, say("pages.changes_caption", year=edition.as_of - 1))
        counted = tag("p", first_sentence(edition, first), cls="lead") if first else None
        made = table(text, columns, rows, css="changes stack", empty=nothing_changed(edition))
        return Block(html(counted, made if rows or not first else None))

    def evaluation(self) -> Block:
        """What a mid-term or final evaluation asks; nothing in an annual edition."""
        return evaluation(self.edition, self.edition.rows, whole=True)

    def gaps(self) -> Block:
        """What is missing from whom."""
        if self.edition.mode == "final":
            return NOTHING  # a verdict that rests on an older value says so beside it
        return Block(common.missing_by_unit(self.edition, self.edition.rows))

    def thresholds(self) -> Block:
        return Block(html(common.how_to_read(self.edition), common.thresholds_table(self.edition)))

    def rows(self) -> Block:
        """Every row of the plan, by domain."""
        if self.edition.mode == "final":
            return NOTHING
        text = self.edition.say("pages.rows_caption", count=len(self.edition.rows))
        return Block(common.rows_table(self.edition, self.edition.rows, text, grouped=True, other_page=True))

    def _counts(self) -> Html:
        edition = self.edition
        text = edition.say("pages.counts_caption", year=edition.target_year)
        return counts_block(edition, edition.rows, common.caption(edition, text))

    def _columns(self) -> list[Column]:
        edition = self.edition
        say = edition.say
        return [
            Column(say("pages.column.unit"), lambda r: wording.units_cell(r, edition)),
            Column(say("pages.column.indicator"), lambda r: self._indicator(r), css="name"),
            Column(say("pages.column.value"), lambda r: wording.value_cell(edition, r), number=True),
            Column(
                say("pages.column.target", year=edition.target_year),
                lambda r: wording.target_cell(edition, r),
                css="target",
            ),
            Column(
                say("pages.column.probability"),
                lambda r: html(
                    tag("b", wording.chance(edition, r)),
                    wording.outlook_cell(edition, r),
                ),
                number=True,
            ),
            Column(say("pages.column.pace"), lambda r: self._pace(r), number=True),
            Column(say("pages.column.figure"), lambda r: self._figure(r), css="figure", tall=True),
        ]

    def _list(self, key: str, columns: list[Column], rows: list[Record]) -> Html:
        """A list of rows with a figure each and the reason in a line below."""
        edition = self.edition
        reason = Column(edition.say("pages.column.reason"), self._reason, css="reason")
        text = common.caption(edition, edition.say(key))
        columns = sifting.sortable(edition, columns)
        return table(text, columns, rows, below=reason, css="action stack", facets=sifting.facets(edition))

    def _reason(self, row: Record) -> Html:
        """Why, what kind of action follows by rule, and which measures are on record."""
        return html(row.text("reason"), proposal(self.edition, row), on_record(self.edition, row))

    def _indicator(self, row: Record) -> Html:
        edition = self.edition
        both = (
            tag("span", edition.say("alert.both_red"), cls="alert a-both_red")
            if "both_red" in row.words("alerts")
            else None
        )
        marks = html(wording.binding_mark(edition, row), both)
        return html(wording.indicator_link(row), tag("span", marks, cls="marks") if marks else None)

    def _pace(self, row: Record) -> Html | str:
        needed, usual = wording.change(row, "required_annual_change"), wording.change(row, "observed_annual_change")
        if needed == wording.DASH and usual == wording.DASH:
            return wording.DASH
        say = self.edition.say
        return html(
            tag("span", say("pages.pace_needed", change=needed), cls="line"),
            tag("span", say("pages.pace_usual", change=usual), cls="line"),
        )

    def _figure(self, row: Record) -> Html | str:
        chosen = next((p for p in self.edition.parts(row) if p.text("name") == row.text("worst_part")), row)
        chart = chart_of(self.edition, chosen)
        return wording.DASH if chart is None else drawing(mini_fan(chart))

    def _about(self, change: Record) -> Record:
        return self.edition.assessments.get(change.text("series"), change)

    def _tiles(self, rows: list[Record]) -> Html | None:
        return tag("span", *[self._tile(r) for r in rows], cls="tiles") if rows else None

    def _tile(self, row: Record) -> Html:
        outlook, code = row.text("outlook"), row.text("series")
        word = self.edition.say(f"outlook.{outlook}")
        return tag(
            "a",
            code,
            drawing(mark(outlook)),
            tag("span", word, cls="unseen"),
            href=f"{wording.page_file(row.text('domain'))}#{code}",
            title=f"{row.text('name')}:{word}",
            cls=f"tile t-{outlook}",
        )


_CAUSES = ("new_data", "revised_data", "reading_changed", "method")


def _first_alert(row: Record) -> int:
    """Place of a row's weightiest alert among those to watch; beyond the last when it has none of them."""
    return min((_OTHER_ALERTS.index(a) for a in row.words("alerts") if a in _OTHER_ALERTS), default=len(_OTHER_ALERTS))


def opening(edition: Published) -> list[str]:
    """How many rows have which outlook, how many are met today and, where most have no data, what is missing."""
    found = [counts_sentence(edition, edition.rows), position_sentence(edition, edition.rows)]
    if outlook_counts(edition.rows)["no_data"] * 2 > len(edition.rows):  # then what is missing is the news
        found.append(gaps_sentence(edition, common.missing_leaves(edition, edition.rows)))
    return [sentence for sentence in found if sentence]
