"""The sheet one responsible unit gets back: what it reported, what is open, where its targets stand, what is due next.

Nothing of other units' unpublished details can be on it: the page is made from a slice of the edition that holds nothing but the
series for which the unit answers; see :mod:`plananalysis.editions.slices`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from plananalysis.base.errors import UsageError
from plananalysis.base.text import listed, say, sentences
from plananalysis.editions.opened import Published, Record
from plananalysis.editions.speaker import spoken
from plananalysis.pages.columns import column, marks_note
from plananalysis.pages.counts import counts_sentence, nothing_urgent, places_listed
from plananalysis.pages.final import reached
from plananalysis.pages.links import coded, indicator_link
from plananalysis.pages.masthead import masthead
from plananalysis.pages.measures import action_table, kinds_table, measures_table
from plananalysis.pages.quality import COUNTED, asked_table, findings_table
from plananalysis.pages.rows import alerted, named, over, proposals, urgent
from plananalysis.pages.thresholds import how_to_read
from plananalysis.plan.units import unit_name
from plananalysis.render.blocks import Column, Facts, Group, Paragraph, Table, Words, words
from plananalysis.render.html import NOTHING, Blocks, blocks
from plananalysis.render.quantities import Value

WATCHED = ("hard_to_reach", "slipping", "relapse_risk", "above_band", "below_band", "volatile", "verify")


@dataclass(frozen=True)
class Todo:
    """One thing to do: what it is about, how much and until when, and which series or targets."""

    name: str
    told: str
    which: Sequence[Record]


@spoken
@dataclass(frozen=True)
class UnitPage:
    """One unit's sheet; ``edition`` holds nothing but the unit's own series."""

    edition: Published
    unit: str
    name: str

    @classmethod
    def of(cls, edition: Published, unit: str) -> UnitPage:
        """The sheet of a unit, by its code.

        Raises
        ------
        UsageError
            The edition is for other readers than the offices themselves, or no unit has this code.
        """
        names = edition.unit_names
        if edition.audience != "internal":
            raise UsageError(say("units.not_for", audience=edition.audience))
        if unit not in names:
            raise UsageError(say("units.unknown", unit=unit, known=listed(names)))
        return cls(edition.seen_by("unit", unit), unit, names[unit])

    def masthead(self) -> Blocks:
        edition = self.edition
        return masthead(edition, self.name, say("units.subtitle", area=edition.name, title=edition.title))

    def todo(self) -> Blocks:
        """本单位要办的事: what to answer until when, which targets need action, what to report next."""
        return blocks(Group([Facts([(t.name, _with_names(t)) for t in self.todos], "facts todo")], "todo-box"))

    @cached_property
    def todos(self) -> list[Todo]:
        """The same line by line."""
        edition, day = self.edition, next_due(self.edition)
        asked = [*self.to_answer[0], *self.to_answer[1]]
        about = [edition.series[c] for c in dict.fromkeys(r.text("series") for r in asked) if c in edition.series]
        key = "answer_over" if self._over else "answer"  # a period that is over has no next return
        answer = say(f"units.todo.{key}", count=len(asked), day=day) if asked else say("units.todo.nothing")
        found = [Todo(say("units.todo.questions"), answer, about)]
        if self.rows:
            binding, key = sum(r.text("attribute") == "binding" for r in self.urgent), "missed" if self._over else "act"
            none = say("units.todo.none_missed") if self._over else nothing_urgent(self.rows)
            act = say(f"units.todo.{key}", count=len(self.urgent), binding=binding) if self.urgent else none
            found.append(Todo(say(f"units.todo.targets{'_missed' if self._over else ''}"), act, self.urgent))
        if self.duties and not self._over:
            year, gaps = edition.as_of + 1, [d.series for d in self.duties if d.missing]
            report = say("units.todo.report", year=year, day=day, count=len(self.annual))
            also = say("units.due_gaps", count=len(gaps)) if gaps else ""
            found.append(Todo(say("units.todo.next"), sentences(report, also), gaps))
        return found

    def reported(self) -> Blocks:
        """What the unit was asked for in the round of the edition's year and what it sent."""
        year, due, silent, never = self.edition.as_of, self.annual, self.silent, self.never
        sent = self.edition.records("accountability")
        reported = len(due) - len(silent)
        told = [
            _round_sentence(year, sent[0]) if sent else say("units.no_forms"),
            say("units.reported", led=len(self.duties), year=year, due=len(due), reported=reported)
            if self.duties
            else say("units.leads_nothing"),
            say("units.silent", year=year, count=len(silent), names=named(silent)) if silent else "",
            say("units.never", count=len(never), names=named(never)) if never else "",
        ]
        about = Facts([(say(f"column.{c}"), sent[0].text(c)) for c in COUNTED], "facts inline") if sent else None
        return blocks(*_leads(told), about)

    def questions(self) -> Blocks:
        """What is open about the returns, what was waived and why, and what the checks of the recorded data found."""
        edition, asked, found = self.edition, self.asked, self.findings
        if not asked and not found:
            return blocks(Paragraph(say("units.nothing_open"), "none"))
        told = []
        if edition.records("accountability"):
            still = sum(r.text("state") == "open" for r in asked)
            told.append(say("units.open", count=still, waived=len(asked) - still) if asked else say("units.none_open"))
        told += [say("units.found", count=len(found))] if found else []
        caption = say("units.found_caption")
        names = ("severity", "indicator", "year", "number", "message", "advice")
        return blocks(
            *_leads(told),
            asked_table(edition, asked, say("units.asked_caption")) if asked else None,
            findings_table(edition, found, caption, names) if found else None,
        )

    def targets(self) -> Blocks:
        """Every target the unit answers for: those it leads first."""
        edition, rows = self.edition, self.rows
        if not rows:
            return blocks(Paragraph(say("units.no_targets"), "none"))
        lead = sum(map(self.leads, rows))
        raised = [
            say("units.alerted", alert=say(f"alert.{a}"), count=n) for a in WATCHED if (n := len(alerted(rows, a)))
        ]
        told = [
            say("units.targets", rows=len(rows), lead=lead, shared=len(rows) - lead, listed=places_listed(rows)),
            reached(edition, rows) if self._over else counts_sentence(rows),
            say("units.alerts", listed=listed(raised)) if raised and not self._over else "",
        ]
        verdict = ("result",) if self._over else ("verdict", "schedule", "alerts")
        names = ("indicator", "value", "beside", "target", *verdict, "figure")
        shown = action_table(edition, rows, say("units.targets_caption", unit=self.name), names, self.role_column())
        return blocks(*_leads(told), shown, marks_note(edition, rows))

    def due(self) -> Blocks:
        """What is to be reported next, series by series; nothing once the target year is reached."""
        if self._over:
            return NOTHING
        if not self.duties:
            return blocks(Paragraph(say("units.leads_nothing"), "none"))
        return blocks(self.due_table())

    def due_table(self) -> Table:
        """What each series asks for in the next round."""
        edition, year = self.edition, self.edition.as_of + 1

        def groups(d: Duty) -> str | None:
            return listed(say(f"documents.by.{g}") for g in d.series.words("groups")) or None

        def counts(d: Duty) -> str | None:
            return listed(filter(None, (d.series.text("numerator"), d.series.text("denominator")))) or None

        def deadline(d: Duty) -> str:
            return next_due(edition) if d.annual else say(f"documents.due.{d.series.text('rhythm')}")

        columns = [
            column("indicator", lambda d: coded(d.series.text("series"), d.series.text("name")), ""),
            column("measure", lambda d: unit_name(d.series.text("unit")), "short"),
            column("deadline", deadline, "short"),
            column("asked_counts", counts),
            column("by_group", groups),
            column("missing_years", lambda d: listed(map(str, d.missing)) or None),
            column("needed", lambda d: d.needed, year=year),
        ]
        caption = say("documents.caption.due", unit=self.name, year=year)
        return edition.table(caption, columns, self.duties, "plan-due stack")

    def measures(self) -> Blocks:
        """Kinds of action that follow by rule, and the measures on record for the unit's series."""
        edition, held = self.edition, self.edition.records("actions")
        shown = measures_table(edition, held) if held else Paragraph(say("units.no_measures"), "none")
        return blocks(None if self._over else kinds_table(edition, proposals(self.rows)), shown)

    def shared(self) -> Blocks:
        """Targets other units answer for as well: only who they are."""
        rows = [r for r in self.rows if len(r.words("responsible_units")) > 1]
        if not rows:
            return blocks(Paragraph(say("units.shares_nothing"), "none"))
        columns = [
            column("indicator", indicator_link, ""),
            column("lead_unit", lambda r: r.text("lead_name"), "short"),
            column("others", lambda r: listed(r.words("responsible_names")[1:])),
        ]
        return blocks(self.edition.table(say("units.shared_caption"), columns, rows, "stack"))

    def reading(self) -> Blocks:
        return how_to_read(self.edition)

    # ---- what the answers are made of --------------------------------------------------------------------------

    @property
    def _over(self) -> bool:
        return over(self.edition)

    @cached_property
    def rows(self) -> list[Record]:
        """Rows the unit answers for: those that need action first, then those it leads."""
        place = {r.text("series"): n for n, r in enumerate(self.urgent)}
        return sorted(self.edition.rows, key=lambda r: (place.get(r.text("series"), len(place)), not self.leads(r)))

    @cached_property
    def urgent(self) -> list[Record]:
        """Of these, the ones that need action, or were missed: those it leads first, each in the order of the brief."""
        held = [r for r in self.edition.rows if r.text("position") == "not_met"] if self._over else urgent(self.edition)
        return sorted(held, key=lambda r: not self.leads(r))

    @cached_property
    def to_answer(self) -> tuple[list[Record], list[Record]]:
        """Open questions about its return, and findings of its recorded values that are more than hints."""
        asked = [r for r in self.asked if r.text("state") == "open"]
        return asked, [r for r in self.findings if r.text("severity") != "hint"]

    @cached_property
    def duties(self) -> list[Duty]:
        return duties(self.edition, self.unit)

    @cached_property
    def annual(self) -> list[Record]:
        """Series it leads that are due every year."""
        return [d.series for d in self.duties if d.annual]

    @cached_property
    def silent(self) -> list[Record]:
        """Of these, the ones without a value of the edition's year."""
        return [r for r in self.annual if not reported_in(self.edition, r, self.edition.as_of)]

    @cached_property
    def never(self) -> list[Record]:
        """Series it leads that were never reported; what came in and waits to be reviewed was."""
        told = [r for r in self.edition.records("completeness") if r.text("unit") == self.unit]
        silent = [d.series for d in self.duties if not self.edition.values_of(d.series.text("series"))]
        return [s for s in silent if not told or s.text("series") in told[0].words("never_series")]

    @cached_property
    def asked(self) -> list[Record]:
        """Questions about the unit's return, open ones first."""
        return sorted(self.edition.records("return_questions"), key=lambda r: r.text("state") != "open")

    @cached_property
    def findings(self) -> list[Record]:
        """What the checks found in series the unit leads: nobody else can answer it."""
        own = {d.series.text("series") for d in self.duties}
        return [r for r in self.edition.records("quality") if r.text("series") in own]

    def leads(self, row: Record) -> bool:
        return row.words("responsible_units")[:1] == (self.unit,)

    def role_column(self) -> Column:
        return column("role", lambda r: say("documents.lead" if self.leads(r) else "documents.shared"), "short")


def _with_names(todo: Todo) -> Words:
    """A thing to do and, on a line of its own, what it is about, each leading to its card."""
    links = [indicator_link(r) for r in todo.which]
    return words(todo.told, words(words(*links, role="list"), role="line") if links else None)


def _leads(told: Sequence[str]) -> list[Paragraph]:
    return [Paragraph(text, "lead") for text in told if text]


def _round_sentence(year: int, sent: Record) -> str:
    words = {c: sent.text(c) for c in ("received_on", "due", "accepted_on", *COUNTED)}
    key = "none" if not words["received_on"] else "in_time" if sent.text("on_time") == "True" else "late"
    said = say(f"units.round_{key}", year=year, **words)
    if not words["received_on"]:
        return said
    partly = sent.whole("accepted") or sent.whole("provisional")
    return sentences(
        said, say(f"units.{'accepted' if words['accepted_on'] else 'partly' if partly else 'not_accepted'}", **words)
    )


@dataclass(frozen=True)
class Duty:
    """One series a unit reports next: whether every year, with which counts and groups, which years are missing, what is needed."""

    series: Record
    missing: tuple[int, ...]
    needed: Value

    @property
    def annual(self) -> bool:
        return self.series.text("rhythm") == "annual"


def duties(edition: Published, unit: str) -> list[Duty]:
    """Series a unit reports, that is leads, in the plan's order."""
    year = edition.as_of + 1
    found = []
    for code, r in edition.series.items():
        if r.text("role") == "compound" or r.words("responsible_units")[:1] != (unit,):
            continue
        years = range(edition.base_year, year) if r.text("rhythm") == "annual" else ()
        verdict = edition.assessments.get(code)
        wanted = Value(verdict.number(f"required_{year}") if verdict else None, "", r.whole("decimals") or 0)
        found.append(Duty(r, tuple(y for y in years if not reported_in(edition, r, y)), wanted))
    return found


def next_due(edition: Published) -> str:
    """Day by which the units report the next year's values, ISO."""
    return str(edition.info.get("next_due") or f"{edition.as_of + 2}-05-31")


def reported_in(edition: Published, about: Record, year: int) -> bool:
    """Whether a series has a value of a year."""
    return any(r.whole("year") == year for r in edition.values_of(about.text("series")))
