"""The sheet one responsible unit gets back: what it reported, what is open, where its targets stand, what is due next.

Nothing of other units' unpublished details can be on it: the page is made from a slice of the edition that holds nothing but the
series for which the unit answers; see :mod:`plananalysis.editions.slices`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plananalysis.assessments.actions import KINDS
from plananalysis.base.errors import UsageError
from plananalysis.base.text import listed, say, sentences
from plananalysis.editions.opened import Published, Record
from plananalysis.figures import mini_fan
from plananalysis.pages import common, sifting, wording
from plananalysis.pages.charts import chart_of
from plananalysis.pages.counts import counts_sentence
from plananalysis.pages.measures import measures_table, on_record, proposal
from plananalysis.plan.units import unit_name
from plananalysis.render.html import Block, Column, Html, drawing, facts, html, paragraphs, table, tag

_PLACES = ("met", "not_met", "unknown")
_WATCHED = ("hard_to_reach", "slipping", "volatile", "verify")


@dataclass(frozen=True)
class Duty:
    """One series a unit reports next: whether every year, with which counts and groups, which years are missing, what is needed."""

    series: Record
    missing: tuple[int, ...]
    needed: float | None

    @property
    def annual(self) -> bool:
        return self.series.text("rhythm") == "annual"

    @property
    def counts(self) -> tuple[str, ...]:
        return tuple(t for t in (self.series.text("numerator"), self.series.text("denominator")) if t)


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
        names = unit_names(edition)
        if edition.audience != "internal":
            raise UsageError(say("units.not_for", audience=edition.audience))
        if unit not in names:
            raise UsageError(say("units.unknown", unit=unit, known=listed(names)))
        return cls(edition.seen_by("unit", unit), unit, names[unit])

    def masthead(self) -> Block:
        edition = self.edition
        return common.masthead(edition, self.name, say("units.subtitle", area=edition.name, title=edition.title))

    def reported(self) -> Block:
        """What the unit was asked for in the round of the edition's year and what it sent."""
        edition = self.edition
        sent = edition.records("accountability")
        never = [d.series for d in self.duties if not _values(edition, d.series)]
        due = [d.series for d in self.duties if d.annual]
        silent = [r for r in due if not _has(edition, r, edition.as_of)]
        lines = [_round_sentence(edition, sent[0])] if sent else [say("units.no_forms")]
        lines.append(
            say(
                "units.reported",
                led=len(self.duties),
                year=edition.as_of,
                due=len(due),
                reported=len(due) - len(silent),
            )
            if self.duties
            else say("units.leads_nothing")
        )
        lines += [say("units.silent", year=edition.as_of, count=len(silent), names=_names(silent))] if silent else []
        lines += [say("units.never", count=len(never), names=_names(never))] if never else []
        return Block(html(paragraphs(lines, css="lead"), _round_facts(sent[0]) if sent else None))

    def questions(self) -> Block:
        """What is open about the returns, what was waived and why, and what the checks of the recorded data found."""
        edition = self.edition
        asked = sorted(edition.records("return_questions"), key=lambda r: r.text("state") != "open")
        found = self.findings
        if not asked and not found:
            return Block(tag("p", say("units.nothing_open"), cls="none"))
        lines = []
        if edition.records("accountability"):
            still = sum(r.text("state") == "open" for r in asked)
            lines.append(say("units.open", count=still, waived=len(asked) - still) if asked else say("units.none_open"))
        if found:
            lines.append(say("units.found", count=len(found)))
        return Block(
            html(
                paragraphs(lines, css="lead"),
                _asked_table(edition, asked) if asked else None,
                _found_table(edition, found) if found else None,
            )
        )

    def targets(self) -> Block:
        """Every target the unit answers for: those it leads first."""
        edition, rows = self.edition, self.rows
        if not rows:
            return Block(tag("p", say("units.no_targets"), cls="none"))
        lead = sum(self._leads(r) for r in rows)
        places = [r.text("position") for r in rows]
        standing = listed(say(f"documents.count_{p}", count=places.count(p)) for p in _PLACES if p in places)
        lines = [
            say("units.targets", rows=len(rows), lead=lead, shared=len(rows) - lead, listed=standing),
            counts_sentence(edition, rows),
        ]
        alerted = [(a, sum(a in r.words("alerts") for r in rows)) for a in _WATCHED]
        if raised := [say("units.alerted", alert=say(f"alert.{a}"), count=n) for a, n in alerted if n]:
            lines.append(say("units.alerts", listed=listed(raised)))
        reason = Column(say("pages.column.reason"), self._reason, css="reason")
        text = common.caption(edition, say("units.targets_caption", unit=self.name))
        columns, facets = sifting.sortable(edition, self._columns()), sifting.facets(edition)
        shown = table(text, columns, rows, below=reason, css="action stack", facets=facets)
        return Block(html(paragraphs(lines, css="lead"), shown, common.marks_note(edition, rows)))

    def due(self) -> Block:
        """What is to be reported next, until when, and what is to be explained or sent in later."""
        edition, year = self.edition, self.edition.as_of + 1
        duties = self.duties
        if not duties:
            return Block(tag("p", say("units.leads_nothing"), cls="none"))
        annual, gaps = sum(d.annual for d in duties), sum(bool(d.missing) for d in duties)
        lines = [say("units.due", year=year, day=next_due(edition), count=annual)]
        lines += [say("units.due_gaps", count=gaps)] if gaps else []
        explain = sum(r.text("state") == "open" for r in edition.records("return_questions"))
        explain += sum(r.text("severity") != say("quality.severity.hint") for r in self.findings)
        lines += [say("units.due_explain", count=explain)] if explain else []
        text = common.caption(edition, say("documents.caption.due", unit=self.name, year=year))
        columns = [
            Column(say("pages.column.indicator"), lambda d: _coded(d.series)),
            Column(say("documents.column.measure"), lambda d: unit_name(d.series.text("unit")), css="short"),
            Column(say("documents.column.deadline"), lambda d: deadline(edition, d), css="short"),
            Column(say("documents.column.counts"), lambda d: listed(d.counts) or wording.DASH),
            Column(say("documents.column.by_group"), lambda d: groups(d) or wording.DASH),
            Column(say("documents.column.missing_years"), lambda d: listed(map(str, d.missing)) or wording.DASH),
            Column(say("documents.column.needed", year=year), lambda d: needed(d) or wording.DASH, number=True),
        ]
        return Block(html(paragraphs(lines, css="lead"), table(text, columns, duties, css="plan-due stack")))

    def measures(self) -> Block:
        """Kinds of action that follow by rule, and the measures on record for the unit's series."""
        edition, rows = self.edition, self.rows
        kinds = [(k, held) for k in KINDS if (held := [r for r in rows if k in wording.kinds(r)])]
        columns = [
            Column(say("documents.column.kind"), lambda g: tag("b", say(f"actions.kind.{g[0]}"))),
            Column(say("units.rule"), lambda g: say(f"actions.meaning.{g[0]}")),
            Column(say("pages.column.rows"), lambda g: len(g[1]), number=True),
            Column(say("pages.column.indicator"), lambda g: _names(g[1])),
        ]
        text = common.caption(edition, say("units.kinds_caption"))
        proposed = table(text, columns, kinds, css="stack", empty=say("units.no_kinds"))
        held = edition.records("actions")
        shown = measures_table(edition, held) if held else tag("p", say("units.no_measures"), cls="none")
        return Block(html(proposed, shown))

    def shared(self) -> Block:
        """Targets other units answer for as well: only who they are."""
        edition = self.edition
        rows = [r for r in self.rows if len(r.words("responsible_units")) > 1]
        if not rows:
            return Block(tag("p", say("units.shares_nothing"), cls="none"))
        columns = [
            Column(say("pages.column.indicator"), lambda r: wording.indicator_link(r)),
            Column(say("units.lead"), lambda r: r.text("lead_unit"), css="short"),
            Column(
                say("units.others"),
                lambda r: listed(u for u in r.words("responsible_units") if u != r.text("lead_unit")),
            ),
        ]
        return Block(table(common.caption(edition, say("units.shared_caption")), columns, rows, css="stack"))

    def reading(self) -> Block:
        return Block(common.how_to_read(self.edition))

    # ---- what the answers are made of --------------------------------------------------------------------------

    @property
    def rows(self) -> list[Record]:
        """Rows the unit answers for: those it leads first."""
        return sorted(self.edition.rows, key=lambda r: not self._leads(r))

    @property
    def duties(self) -> list[Duty]:
        return duties(self.edition, self.unit)

    @property
    def findings(self) -> list[Record]:
        """What the checks found in series the unit leads: nobody else can answer it."""
        own = {d.series.text("series") for d in self.duties}
        return [r for r in self.edition.records("quality") if r.text("series") in own]

    def _leads(self, row: Record) -> bool:
        return row.text("lead_unit") == self.name

    def _reason(self, row: Record) -> Html:
        return html(row.text("reason"), proposal(self.edition, row), on_record(self.edition, row))

    def _columns(self) -> list[Column]:
        edition = self.edition
        return [
            Column(say("pages.column.indicator"), lambda r: wording.indicator_cell(edition, r), css="name"),
            Column(
                say("documents.column.role"),
                lambda r: say("documents.lead" if self._leads(r) else "documents.shared"),
                css="short",
            ),
            Column(say("pages.column.value"), lambda r: wording.value_cell(edition, r), number=True),
            Column(
                say("pages.column.target", year=edition.target_year),
                lambda r: wording.target_cell(edition, r),
                css="target",
            ),
            Column(
                say("pages.column.probability"),
                lambda r: html(tag("b", wording.chance(edition, r)), wording.outlook_cell(edition, r)),
                number=True,
            ),
            Column(say("pages.column.schedule"), lambda r: common.schedule_word(edition, r), css="short"),
            Column(say("pages.column.alerts"), lambda r: wording.alert_words(edition, r)),
            Column(say("pages.column.figure"), self._figure, css="figure", tall=True),
        ]

    def _figure(self, row: Record) -> Html | str:
        chosen = next((p for p in self.edition.parts(row) if p.text("name") == row.text("worst_part")), row)
        chart = chart_of(self.edition, chosen)
        return wording.DASH if chart is None else drawing(mini_fan(chart))


# ---- what belongs to a unit ------------------------------------------------------------------------------------------


def unit_names(edition: Published) -> dict[str, str]:
    """Name of every responsible unit by code, in the order the plan first names them."""
    names: dict[str, str] = {}
    for r in edition.series.values():
        for code, name in zip(r.words("responsible_units"), r.words("responsible_names"), strict=True):
            names.setdefault(code, name)
    return names


def duties(edition: Published, unit: str) -> list[Duty]:
    """Series a unit reports, that is leads, in the plan's order."""
    year = edition.as_of + 1
    found = []
    for code, r in edition.series.items():
        if r.text("role") == "compound" or r.words("responsible_units")[:1] != (unit,):
            continue
        years = range(edition.base_year, year) if r.text("rhythm") == "annual" else ()
        verdict = edition.assessments.get(code)
        wanted = verdict.number(f"required_{year}") if verdict else None
        found.append(Duty(r, tuple(y for y in years if not _has(edition, r, y)), wanted))
    return found


def next_due(edition: Published) -> str:
    """Day by which the units report the next year's values, ISO."""
    return str(edition.info.get("next_due") or f"{edition.as_of + 2}-05-31")


def deadline(edition: Published, duty: Duty) -> str:
    return next_due(edition) if duty.annual else say(f"documents.due.{duty.series.text('rhythm')}")


def groups(duty: Duty) -> str:
    return listed(say(f"documents.by.{g}") for g in duty.series.words("groups"))


def needed(duty: Duty) -> str:
    return "" if duty.needed is None else wording.number(duty.needed, "", duty.series.whole("decimals") or 0)


def _values(edition: Published, about: Record) -> list[Record]:
    held = edition.observed.get(about.text("series"), [])
    return [r for r in held if r.number("value") is not None]


def _has(edition: Published, about: Record, year: int) -> bool:
    return any(r.whole("year") == year for r in _values(edition, about))


def _names(rows: Sequence[Record]) -> str:
    return listed(f"{r.text('series')} {r.text('name')}" for r in rows)


def _coded(row: Record) -> Html:
    return html(tag("span", row.text("series"), cls="code"), row.text("name"))


def _round_sentence(edition: Published, sent: Record) -> str:
    words = {c: sent.text(c) for c in ("received_on", "due", "accepted_on", "expected", "reported", "explained")}
    key = "none" if not words["received_on"] else "in_time" if sent.text("on_time") == "True" else "late"
    said = say(f"units.round_{key}", year=edition.as_of, **words)
    if not words["received_on"]:
        return said
    return sentences(said, say("units.accepted", **words) if words["accepted_on"] else say("units.not_accepted"))


def _round_facts(sent: Record) -> Html:
    columns = ("expected", "reported", "explained", "open_errors", "open_questions", "waived", "never_reported")
    return facts([(say(f"pages.returns.{c}"), sent.text(c)) for c in columns], css="facts inline")


def _asked_table(edition: Published, asked: Sequence[Record]) -> Html:
    columns = [
        Column(say("pages.returns.state"), lambda r: tag("b", say(f"pages.returns.{r.text('state')}")), css="short"),
        Column(say("pages.column.severity"), lambda r: r.text("severity"), css="short"),
        Column(say("units.place"), lambda r: " ".join(filter(None, (r.text("sheet"), r.text("cell")))), css="short"),
        Column(say("pages.column.indicator"), lambda r: _about(edition, r)),
        Column(say("pages.column.year"), lambda r: r.text("year") or wording.DASH, number=True),
        Column(say("pages.column.number"), lambda r: r.text("value") or wording.DASH, number=True),
        Column(say("pages.column.message"), lambda r: r.text("message"), css="reason"),
        Column(say("pages.column.advice"), lambda r: r.text("advice")),
        Column(say("pages.returns.reason"), lambda r: r.text("reason") or wording.DASH),
    ]
    return table(common.caption(edition, say("units.asked_caption")), columns, asked, css="issues stack")


def _found_table(edition: Published, found: Sequence[Record]) -> Html:
    columns = [
        Column(say("pages.column.severity"), lambda r: tag("b", r.text("severity")), css="short"),
        Column(say("pages.column.indicator"), lambda r: _about(edition, r)),
        Column(say("pages.column.year"), lambda r: r.text("year") or wording.DASH, number=True),
        Column(say("pages.column.number"), lambda r: r.text("value") or wording.DASH, number=True),
        Column(say("pages.column.message"), lambda r: r.text("message"), css="reason"),
        Column(say("pages.column.advice"), lambda r: r.text("advice")),
    ]
    return table(common.caption(edition, say("units.found_caption")), columns, found, css="issues stack")


def _about(edition: Published, row: Record) -> Html | str:
    about = edition.series.get(row.text("series"))
    return _coded(about) if about is not None else row.text("series") or wording.DASH
