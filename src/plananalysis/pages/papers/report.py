"""The report on paper, annual, mid-term or final, in the order official reports have: counts, domains, problems, advice, annexes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from plananalysis.base.errors import UsageError
from plananalysis.base.text import listed, say, sentence, sentences, span
from plananalysis.editions.opened import Published, Record, gathered
from plananalysis.editions.opening import opened
from plananalysis.figures.marks import OUTLOOKS
from plananalysis.figures.sections import outlook_bars
from plananalysis.pages import final, midterm
from plananalysis.pages.changes import changes_table
from plananalysis.pages.columns import PAPER, column, numbered, rows_table
from plananalysis.pages.counts import (
    able,
    counts_sentence,
    domains_table,
    nothing_urgent,
    outlook_counts,
    places_listed,
    position_sentence,
)
from plananalysis.pages.final import reached_paragraphs
from plananalysis.pages.measures import measures_table
from plananalysis.pages.method import scores_table
from plananalysis.pages.missing import missing_by_kind, missing_sentence
from plananalysis.pages.one_page import on_paper
from plananalysis.pages.papers.domains import captioned, domain_sections
from plananalysis.pages.papers.sentences import counted, heading, hidden_note, known_on, quoted
from plananalysis.pages.quality import completeness_table
from plananalysis.pages.rows import (
    alerted,
    by_unit,
    cuts,
    kept_verdict,
    lead,
    leaves,
    missing_leaves,
    over,
    proposals,
    urgent,
)
from plananalysis.pages.thresholds import thresholds
from plananalysis.render.blocks import Annex, Document, Drawing, Figure, PageBreak, Paragraph, Signature, Table, ToFill
from plananalysis.render.quantities import chance
from plananalysis.render.texts import plan_titles

# shares of a sheet on its side
_ANNEX = {"indicator": 38, "unit": 16, "aim": 19, "step": 14, "since_base": 14, "outlook": 15, "probability": 8}
_Blocks = list[Any]


def report(edition: Published) -> Document:
    """The report of the edition's mode, for a person to complete where it says so."""
    parts = [("standing", standing(edition))]
    parts += _MODES[edition.mode](edition) if edition.mode in _MODES else []
    made: _Blocks = opening(edition)
    for n, (name, inside) in enumerate(parts, start=1):
        made += [heading(1, n, say(f"documents.section.{name}")), *inside]
    n = len(parts) + 1
    made += domains(edition, n)
    n += len(_plans(edition))
    made += problems(edition, n)
    made += advice(edition, n + 1) if edition.audience != "public" else []  # measures are the offices' business
    if edition.audience != "public":
        made.append(Signature([say("documents.fill.issuer"), say("documents.fill.date")]))
    last = annexes(edition)
    names = tuple(b.title for b in last if isinstance(b, Annex))
    first = say("documents.title.area", area=edition.bare_name, plans=edition.plans_name)
    title = [first, say(f"documents.title.{edition.mode}", year=edition.as_of)]
    return Document(
        title, [*on_paper(edition, report=True), PageBreak(), *made, *last], mark=edition.mark, annexes=names
    )


def named(edition: Published, rows: Sequence[Record], longest: int = 45) -> str:
    """Rows by the unit that answers first; of a list too long to read only how many each unit has."""
    if len(rows) > longest:
        return say("documents.too_many", units=units_counted(rows))
    units = gathered(rows, lead)
    told = [say("documents.unit_names", unit=u, names=listed(map(quoted, held))) for u, held in units.items()]
    return say("joint.clause").join(told)


def units_counted(rows: Sequence[Record]) -> str:
    """How many rows each unit leads, the unit with most first."""
    return listed(say("pages.unit_count", unit=u, count=len(held)) for u, held in by_unit(rows))


def _plans(edition: Published) -> list[str]:
    return list(dict.fromkeys(d.plan for d in edition.domains if edition.in_domain(d.code)))


# ---- sections --------------------------------------------------------------------------------------------------------


def opening(edition: Published) -> _Blocks:
    """Basis, what was used, and what the words mean; the counts follow."""
    words = {
        "titles": plan_titles(edition.title, edition.name),
        "known_on": known_on(edition),
        "first": edition.base_year + 1,
        "year": edition.as_of,
        "nth": counted(edition.as_of - edition.base_year),
        "period": span(edition.base_year + 1, edition.target_year),
        "target_year": edition.target_year,
    }
    reported = edition.since_base and edition.several_units  # one unit for all stands for published values
    basis = say(f"documents.opening.{'reported' if reported else 'held'}", known_on=words["known_on"])
    made = [Paragraph(say(f"documents.opening.{edition.mode}", **words, basis=basis))]
    if edition.since_base:
        return made
    key = "nothing_yet" if edition.info.get("newest_year") is None else "base_only"
    return [*made, Paragraph(say(f"documents.{key}", **words, base_year=edition.base_year))]


def standing(edition: Published) -> _Blocks:
    """Counts with their denominators, for all rows and the binding targets; what changed stands on the first page."""
    rows = edition.rows
    if over(edition):
        words = Paragraph(say("documents.words_final"))
        return [*reached_paragraphs(edition, rows), words, domains_table(edition)]
    made: _Blocks = [Paragraph(sentences(counts_sentence(rows), position_sentence(edition, rows) or ""))]
    if binding := [r for r in rows if r.text("attribute") == "binding"]:
        about = say("documents.about", what=say("documents.binding_targets"))
        made.append(Paragraph(_binding(edition, binding), lead=about))
    return [*made, Paragraph(say("documents.words", target_year=edition.target_year)), _bars(edition)]


def _bars(edition: Published) -> Figure:
    """The outlooks of every domain, one bar each."""
    held = [(d.name, outlook_counts(rows)) for d in edition.domains if (rows := edition.in_domain(d.code))]
    caption, words = say("documents.caption.domains"), {o: say(f"outlook.{o}") for o in OUTLOOKS}
    return Figure(Drawing(outlook_bars(held, words, caption), caption), captioned(edition, caption))


def _places(edition: Published, rows: Sequence[Record]) -> str:
    """How many rows are met, missed and unknown; where nothing newer came in, by their baselines."""
    parts = places_listed(rows)
    return say("documents.by_base", parts=parts) if parts and not edition.since_base else parts


def _binding(edition: Published, rows: Sequence[Record]) -> str:
    hard = alerted(rows, "hard_to_reach")
    text = say("documents.binding_counts", rows=len(rows), parts=_places(edition, rows))
    if hard:
        return sentence(text + say("documents.binding_hard", count=len(hard)))
    seen = len(able(rows))  # none hard among rows nobody could judge is no good news
    key = "fine" if seen == len(rows) else "fine_of" if seen else "blind"
    return sentence(text + say(f"documents.binding_{key}", count=seen))


def domains(edition: Published, first: int) -> _Blocks:
    """One section per plan, one part per domain."""
    made: _Blocks = []
    for n, plan in enumerate(_plans(edition), start=first):
        title = say("documents.section.domains", plan=edition.plan_name(plan))
        made += [heading(1, n, title), *domain_sections(edition, plan)]
    return made


def problems(edition: Published, n: int) -> _Blocks:
    """Problems as the tables show them, each with names; causes are left to a person."""
    found: list[tuple[str, Any]] = []
    hard = alerted(edition.rows, "hard_to_reach")
    for attribute in () if over(edition) else ("binding", "anticipatory"):
        rows = sorted((r for r in hard if r.text("attribute") == attribute), key=lambda r: r.number("probability") or 0)
        if rows:
            title = say("documents.problem.hard", attribute=say(f"attribute.{attribute}"), count=len(rows))
            by_name = attribute == "binding"
            text = listed(_with_chance(edition, r) for r in rows) if by_name else units_counted(rows)
            found.append((title, Paragraph(sentence(text))))
    if over(edition) and (rows := [r for r in edition.rows if r.text("position") == "not_met"]):
        found.append((say("documents.problem.missed", count=len(rows)), Paragraph(sentence(named(edition, rows)))))
    others = {
        code: [r for r in alerted(edition.rows, code) if r not in hard or code != "slipping"]
        for code in ("slipping", "above_band", "volatile", "verify")
    }
    titles = {code: say(f"documents.problem.{code}", count=len(rows)) for code, rows in others.items() if rows}
    told = [say("documents.problem_line", title=t, names=named(edition, others[c])) for c, t in titles.items()]
    if told:
        found.append((say("documents.problem.others"), Paragraph(sentence(*told))))
    if text := data_gaps(edition):
        found.append((say("documents.brief.gaps"), Paragraph(text)))
    if edition.audience != "public":
        found.append((say("documents.problem.causes"), ToFill(say("documents.fill.causes"))))
    parts = [b for k, (title, inside) in enumerate(found, start=1) for b in (heading(2, k, title), inside)]
    first = [] if over(edition) or urgent(edition) else [Paragraph(nothing_urgent(edition.rows))]
    return [heading(1, n, say("documents.section.problems")), *first, *parts]


def _with_chance(edition: Published, row: Record) -> str:
    stated = chance(row.number("probability"), cuts(edition))
    return say("documents.with_chance", name=quoted(row), chance=stated, unit=row.text("lead_name"))


def data_gaps(edition: Published) -> str:
    """What keeps series from an outlook, as the pages count it; which data are old, and how many errors were found."""
    lacking = missing_leaves(edition, edition.rows)
    year = edition.as_of - 1
    old = [r for r in leaves(edition, edition.rows) if (r.whole("value_year") or edition.as_of) < year]
    told = [
        say("pages.gap_line", kind=say(f"pages.gap.{kind}"), count=len(held)) + units_counted(held)
        for kind, held in missing_by_kind(lacking)
    ]
    told += [say("documents.gap_old", count=len(old), names=named(edition, old), year=year)] if old else []
    if edition.audience != "public":
        errors = sum(r.text("severity") == "error" for r in edition.records("quality"))
        told += [say("documents.gap_errors", count=errors)] if errors else []
    return sentences(missing_sentence(edition, lacking, led=False) or "", *map(sentence, told))


def advice(edition: Published, n: int) -> _Blocks:
    """Kinds of action proposed by rule, each with the units it is for and room for what a person decides."""
    made: _Blocks = [heading(1, n, say("documents.section.advice")), Paragraph(say("documents.advice_rule"))]
    proposed = {kind: rows for kind, rows in proposals(edition.rows).items() if rows}
    for kind, rows in proposed.items():
        meaning = say(f"actions.meaning.{kind}")
        lead = say("documents.advice_lead", kind=say(f"actions.kind.{kind}"), count=len(rows))
        made.append(Paragraph(say("documents.advice", meaning=meaning, units=units_counted(rows)), lead=lead))
    return [*made, ToFill(say("documents.fill.measures"))]


def urgent_table(edition: Published) -> Table:
    """Rows that need action, each with who must act and why in one sentence."""
    rows = urgent(edition)
    made = numbered(edition, rows, ("indicator", "unit", "attribute", "alerts"))
    made.append(column("reason", lambda r: r.text("reason")))
    caption, empty = say("documents.caption.urgent"), nothing_urgent(edition.rows)
    return edition.table(caption, made, rows, note=hidden_note(edition), empty=empty)


def annexes(edition: Published) -> _Blocks:
    """The tables the report speaks from."""
    names = (*PAPER[:-2], "result") if over(edition) else PAPER
    kept = any(kept_verdict(edition, r) for r in edition.rows) and not over(edition)
    marks = say("pages.marks_kept", mark=say("pages.kept_mark")) if kept else ""
    note = sentences(say("documents.binding_note"), marks, hidden_note(edition))
    caption = say("documents.caption.rows")
    tables = [rows_table(edition, edition.rows, caption, names, grouped=True, note=note, widths=_ANNEX)]
    if not over(edition):
        tables += [] if edition.is_first else [changes_table(edition)]
    if edition.audience != "public":
        tables.append(completeness_table(edition, names=True))
        tables += [measures_table(edition, measures)] if (measures := edition.records("actions")) else []
    signed, cuts_table = thresholds(edition).blocks
    tables.append(replace(cuts_table, note=signed.text))
    return [b for i, one in enumerate(tables, start=1) for b in (Annex(i, one.caption), one)]


# ---- what the evaluations add ----------------------------------------------------------------------------------------


def _midterm(edition: Published) -> list[tuple[str, _Blocks]]:
    """How far the way is gone in how much of the time, what needs an effort, what needs a decision, and how good the tool was."""
    rows = edition.rows
    made: dict[str, _Blocks] = {name: [*part(edition, rows).blocks] for name, part in midterm.PARTS.items()}
    made["adjust"] += [ToFill(say("documents.fill.adjust"))] if edition.audience != "public" else []
    return [*made.items(), ("record", _record(edition))]


def _final(edition: Published) -> list[tuple[str, _Blocks]]:
    """How the years went, and what earlier editions had said."""
    before = final.earlier(edition)
    said = final.said_and_came(edition.rows, before)
    told: _Blocks = [Paragraph(say("documents.said.none"))]
    if said:
        counts = final.said_counts(edition, said, say("documents.said.counts"))
        told = [*counts.blocks, *final.said_rows(edition, edition.rows, before).blocks]
    return [("story", [*final.story(edition, edition.rows).blocks]), ("said", told)]


_MODES: dict[str, Callable[[Published], list[tuple[str, _Blocks]]]] = {"midterm": _midterm, "final": _final}


def _record(edition: Published) -> _Blocks:
    """How good projections of this kind were: on this area's own past, and on the national outline that has ended."""
    own = scores_table(edition) or Paragraph(say("pages.scores_none"))
    made: _Blocks = [Paragraph(say("documents.record.why")), own]
    national = national_record(edition.folder.parents[3]) if edition.folder else None
    if national is None:
        return [*made, Paragraph(say("documents.record.no_national"))]
    ended, said = national
    caption = say("documents.caption.national", first=ended.base_year + 1, last=ended.target_year)
    return [*made, *final.said_counts(ended, said, caption).blocks]


def national_record(root: Path, country: str = "china") -> tuple[Published, list[final.Said]] | None:
    """The record on the last national outline that has ended, when its editions have been built; None otherwise."""
    home = root / "data" / "processed" / country
    for folder in sorted(home.glob("*/edition.json"), reverse=True):
        year = folder.parent.name
        if not year.isdigit():
            continue
        try:
            edition = opened(country, int(year), root, audience="public", mode="final", kind=Published)
        except UsageError:  # its period has not ended
            continue
        if said := final.said_and_came(edition.rows, final.earlier(edition)):
            return edition, said
    return None
