"""The brief: one page first, then how many are expected, which need action now and by whom, what changed, what is missing.

Each reader's brief holds what that reader asks: the office all of it; the leading group no tables it can find elsewhere; the public
neither alerts nor units, but what is reached and what is expected, domain by domain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plananalysis.base.text import say
from plananalysis.editions.opened import Published, Record
from plananalysis.editions.speaker import spoken
from plananalysis.figures.marks import OUTLOOKS, mark
from plananalysis.pages.changes import changes_table
from plananalysis.pages.columns import SCREEN, column, count_column, marks_note, rows_table
from plananalysis.pages.counts import able, nothing_urgent, outlook_counts, places_listed
from plananalysis.pages.expected import expected
from plananalysis.pages.final import evaluation
from plananalysis.pages.links import page_file
from plananalysis.pages.masthead import brief_title, changes_told, masthead
from plananalysis.pages.measures import ACT, WATCH, action_table
from plananalysis.pages.missing import missing_table
from plananalysis.pages.one_page import one_page
from plananalysis.pages.outlooks import outlook_word
from plananalysis.pages.poster import posters
from plananalysis.pages.rows import over, urgent
from plananalysis.pages.thresholds import how_to_read, thresholds
from plananalysis.pages.unit_list import unit_list
from plananalysis.render.blocks import Column, Drawing, Group, Heading, Items, Paragraph, Words, words
from plananalysis.render.html import NOTHING, Blocks, blocks
from plananalysis.render.quantities import Count

SHOWN = 12  # rows of the action list with a figure each; the rest follows without, and the list says so
_WATCHED = ("slipping", "relapse_risk", "above_band", "below_band", "volatile", "verify")


@spoken
@dataclass(frozen=True)
class BriefPage:
    edition: Published

    @property
    def _over(self) -> bool:
        """Whether the target year is reached, when other questions are asked."""
        return over(self.edition)

    @property
    def _public(self) -> bool:
        return self.edition.audience == "public"

    @property
    def _whole(self) -> bool:
        """Whether the reader is the office, whose brief holds every table."""
        return self.edition.audience == "internal"

    def masthead(self) -> Blocks:
        """Title block; areas that changed in the plan period make the values before and after it unlike."""
        edition = self.edition
        return blocks(masthead(edition, brief_title(edition)), *changes_told(edition.info, edition.base_year + 1))

    def one_page(self) -> Blocks:
        """First screen and first sheet: title, the sentence, the numbers, who must act, what is expected, what changed."""
        return blocks(self.masthead(), Group(one_page(self.edition), "one-page", "section"))

    def expected(self) -> Blocks:
        """Standing by the offices' classes, and what the expected number is short of."""
        return NOTHING if self._over else expected(self.edition)

    def action(self) -> Blocks:
        """The short list: rows called hard to reach, 双红 first, then binding before anticipatory, then by probability."""
        if self._over or self._public:
            return NOTHING
        edition, rows = self.edition, urgent(self.edition)
        if not rows:
            return blocks(Paragraph(nothing_urgent(edition.rows), "lead"))
        lead = Paragraph(say("pages.action_order"))
        shown = action_table(edition, rows[:SHOWN], say("pages.action_caption"), ACT)
        rest = rows[SHOWN:]
        if not rest:
            return blocks(lead, shown, marks_note(edition, rows))
        more = Paragraph(say("pages.action_more", count=len(rest), shown=SHOWN))
        others = rows_table(edition, rest, say("pages.action_more_caption"))
        return blocks(lead, shown, more, others, marks_note(edition, rest))

    def units(self) -> Blocks:
        """What each responsible unit leads, has to act on, has reported and still owes."""
        told = not self._public and self.edition.several_units
        return blocks(unit_list(self.edition)) if told else NOTHING

    def watch(self) -> Blocks:
        """Rows that are not called hard to reach but slip, swing or need their newest value verified."""
        if self._over or not self._whole:
            return NOTHING
        edition, acted = self.edition, {r.text("series") for r in urgent(self.edition)}
        rows = [r for r in edition.rows if r.text("series") not in acted and _first_alert(r) < len(_WATCHED)]
        rows.sort(key=lambda r: (r.text("attribute") != "binding", _first_alert(r)))
        if not rows:
            return blocks(Paragraph(say("pages.watch_none" if able(edition.rows) else "pages.watch_blind"), "none"))
        return blocks(action_table(edition, rows, say("pages.watch_caption"), WATCH), marks_note(edition, rows))

    def map(self) -> Blocks:
        """Every row of the plan as one tile in the line of its domain, and how far each has come; for the public a few sentences on each."""
        if self._over:
            return NOTHING
        edition = self.edition
        if self._public:
            return public_domains(edition)
        held = {d.code: rows for d in edition.domains if (rows := edition.in_domain(d.code))}

        def counted(outlook: str) -> Column:
            found = {code: outlook_counts(rows)[outlook] for code, rows in held.items()}
            return Column(say(f"outlook.{outlook}"), lambda d: Count(found[d.code] or None), 8, "r")

        columns = [
            column("domain", lambda d: words(d.name, link=page_file(d.code))),
            column("tiles", lambda d: words(*map(_tile, held[d.code]), role="tiles")),
            count_column("rows", lambda d: len(held[d.code])),
            *map(counted, ("very_hard", "hard", "no_data")),
        ]
        shown = [d for d in edition.domains if d.code in held]
        plans = dict.fromkeys(d.plan for d in shown)
        groups = [(edition.plan_name(plan), [d for d in shown if d.plan == plan]) for plan in plans]
        made = edition.table(say("pages.map_caption"), columns, groups, "map", grouped=True)
        # a mid-term evaluation shows them itself
        drawn = posters(edition, edition.rows) if edition.mode == "annual" else []
        return blocks(Paragraph(words(*map(outlook_word, OUTLOOKS)), "key-line"), made, *drawn)

    def changes(self) -> Blocks:
        """Rows whose outlook differs from the edition before, with the cause."""
        return NOTHING if self._over else blocks(changes_table(self.edition))

    def evaluation(self) -> Blocks:
        """What a mid-term or final evaluation asks, and once the target year is reached what was reached."""
        return evaluation(self.edition, self.edition.rows, whole=True)

    def gaps(self) -> Blocks:
        """What is missing from whom; in a final evaluation a verdict that rests on an older value says so beside it."""
        return blocks(missing_table(self.edition, self.edition.rows)) if self._whole and not self._over else NOTHING

    def thresholds(self) -> Blocks:
        """What figures and words mean; for the office also every cut."""
        if self._public:
            return public_reading(self.edition)
        return blocks(how_to_read(self.edition), self.cuts() if self._whole else None)

    def cuts(self) -> Blocks:
        """Every cut a verdict depends on."""
        return thresholds(self.edition)

    def rows(self) -> Blocks:
        """Every row of the plan, by domain; the leading group finds them on the domains' pages."""
        if self._over or self.edition.audience == "leading-group":
            return NOTHING
        edition = self.edition
        names = PUBLIC_COLUMNS if self._public else SCREEN
        caption = say("pages.rows_caption", count=len(edition.rows))
        made = rows_table(edition, edition.rows, caption, names, grouped=True)
        return blocks(made, marks_note(edition, edition.rows))


def _tile(row: Record) -> Words:
    outlook, code = row.text("outlook"), row.text("series")
    word = say(f"outlook.{outlook}")
    return words(
        code,
        Drawing(mark(outlook)),
        words(word, role="unseen"),
        role=f"tile t-{outlook}",
        link=f"{page_file(row.text('domain'))}#{code}",
        title=f"{row.text('name')}:{word}",
    )


def _first_alert(row: Record) -> int:
    """Place of a row's weightiest alert among those to watch; beyond the last when it has none of them."""
    return min((_WATCHED.index(a) for a in row.words("alerts") if a in _WATCHED), default=len(_WATCHED))


PUBLIC_COLUMNS = ("indicator", "value", "target", "position", "outlook", "probability")  # of all targets
_GROUPS = {
    "fine": ("met_secure", "likely"),
    "open": ("met_slipping", "uncertain"),
    "hard": ("hard", "very_hard"),
    "unknown": ("needs_judgement", "no_data"),
}


def public_domains(edition: Published) -> Blocks:
    """Of each domain: how many targets are met, and which are expected, open, hard and unknown, each name leading to its card."""
    made: list[object] = []
    for domain in edition.domains:
        if not (rows := edition.in_domain(domain.code)):
            continue
        link = words(domain.name, link=page_file(domain.code))
        told = say("brief.public.domain", rows=len(rows), listed=places_listed(rows))
        lines = [_line(name, [r for r in rows if r.text("outlook") in held]) for name, held in _GROUPS.items()]
        made += [Heading(2, link), Paragraph(told), Items([line for line in lines if line], "by-outlook")]
    return blocks(*made)


def _line(name: str, rows: Sequence[Record]) -> Words | None:
    if not rows:
        return None
    linked = [words(r.text("name"), link=f"{page_file(r.text('domain'))}#{r.text('series')}") for r in rows]
    before, _, after = say(f"brief.public.{name}", names="\n").partition("\n")
    return words(words(before, role="b"), words(*linked, role="list"), after)


def public_reading(edition: Published) -> Blocks:
    """What the words mean, in plain words."""
    return blocks(
        Paragraph(say("brief.public.what")), Paragraph(say("brief.public.why")) if edition.withholds else None
    )
