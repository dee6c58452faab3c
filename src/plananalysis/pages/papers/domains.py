"""The sections on domains: a finding as heading, the targets to look at as figures, then every row once, under its verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from plananalysis.base.text import catalogue, commaed, listed, say, sentence, sentences
from plananalysis.editions.opened import Published, Record, gathered
from plananalysis.figures.sections import Small, multiples
from plananalysis.pages.cells import Cells
from plananalysis.pages.charts import chart_of
from plananalysis.pages.elsewhere import their_value
from plananalysis.pages.papers.sentences import brief_value, chance, facts, heading, item, quoted
from plananalysis.pages.rows import in_places, leaves, measured, over, withheld
from plananalysis.render.blocks import Drawing, Figure, Paragraph

SHOWN = 6  # targets of a plan as figures
FEW = 3  # rows that lack an outlook for one cause; more are counted, since the annex has them all
ORDER = ("hard", "met_slipping", "uncertain", "likely", "met_secure", "needs_judgement", "no_data", "withheld")
FINAL = ("not_met", "met", "unknown", "withheld")
_SILENT = ("needs_judgement", "no_data")


def domain_sections(edition: Published, plan: str) -> list[Any]:
    """The targets of a plan to look at as figures, then one part for each domain that has rows."""
    held = [d for d in edition.domains if d.plan == plan and edition.in_domain(d.code)]
    made: list[Any] = [f] if (f := _figure(edition, [r for d in held for r in edition.in_domain(d.code)])) else []
    for n, domain in enumerate(held, start=1):
        rows = edition.in_domain(domain.code)
        made += [heading(2, n, finding(edition, domain.name, rows)), *_paragraphs(edition, rows)]
    return made


def finding(edition: Published, name: str, rows: Sequence[Record]) -> str:
    """What is to be said first of a domain: how many targets are met, and which are hard to reach."""
    met, missed, unknown = map(len, in_places(rows))
    known = met + missed
    key = "none" if not met else "some" if missed else "all"
    key = f"{key}_of" if unknown else key
    told = say(f"documents.finding.{key if known else 'unknown'}", rows=len(rows), known=known, met=met)
    if known and not edition.since_base:
        told = say("documents.finding.base", told=told)
    groups = grouped(edition, rows)
    weighty = next((g for g in (("not_met",) if over(edition) else ("hard", "met_slipping")) if groups.get(g)), "")
    if weighty:
        held = groups[weighty]
        many = "one" if len(held) == 1 else "many"
        told = commaed([told, say(f"documents.finding.{weighty}_{many}", name=quoted(held[0]), count=len(held))])
    return say("documents.finding.of", domain=name, told=told)


def grouped(edition: Published, rows: Sequence[Record]) -> dict[str, list[Record]]:
    """Rows by what a report says of them: each in one group, in the order of the report."""

    def group(r: Record) -> str:
        if withheld(r, "position" if over(edition) else "outlook"):
            return "withheld"
        if over(edition):
            return r.text("position") or "unknown"
        return {"very_hard": "hard"}.get(r.text("outlook"), r.text("outlook"))

    found = {name: [r for r in rows if group(r) == name] for name in (FINAL if over(edition) else ORDER)}
    if "hard" in found:
        found["hard"].sort(key=lambda r: r.number("probability") or 0.0)
    return {name: held for name, held in found.items() if held}


def _paragraphs(edition: Published, rows: Sequence[Record]) -> Iterator[Paragraph]:
    for name, held in grouped(edition, rows).items():
        lead = say(f"documents.group.{name}", count=len(held))
        if name in ("hard", "not_met"):
            text = sentence(*(facts(edition, r) for r in held))
        elif name in _SILENT:
            text = sentence(*_by_cause(edition, held))
        else:
            text = sentence(listed(item(edition, r) for r in held))
        yield Paragraph(text, lead=lead)
    if told := [t for r in leaves(edition, rows) if (t := yardstick(edition, r))]:
        yield Paragraph(sentences(sentence(*told), say("documents.yardstick_only")), lead=say("cards.yardstick"))
    silent = [
        p for r in rows if r.text("position") != "unknown" for p in edition.parts(r) if not brief_value(edition, p)
    ]
    if silent:
        yield Paragraph(sentence(say("documents.silent_parts", count=len(silent), names=listed(map(quoted, silent)))))


def yardstick(edition: Published, row: Record) -> str:
    """What other places' newest values mean by the target of a row without data of its own."""
    held = []
    for r in edition.of_series("comparator_outlooks", row.text("series")):
        about = {"place": r.text("place_name"), "value": their_value(row, r), "year": r.whole("value_year")}
        by_target = say("pages.beside_by_target", position=say(f"position.{r.text('position')}"))
        held.append(commaed([say("pages.beside_value", **about), by_target]))
    return commaed([quoted(row), *held]) if held else ""


def _by_cause(edition: Published, rows: Sequence[Record]) -> list[str]:
    """Rows without an outlook under the cause they share; many are only counted."""
    return [
        say("documents.cause", why=why, names=listed(item(edition, r) for r in held))
        if len(held) <= FEW
        else say("documents.cause_many", why=why, count=len(held))
        for why, held in gathered(rows, why_silent).items()
    ]


def why_silent(row: Record) -> str:
    """Why no outlook is stated, in few words."""
    code = row.text("why_no_probability")
    if not code and row.number("probability") is not None:
        code = "above_band" if "above_band" in row.words("alerts") else "beyond_band"
    if not code and row.text("role") == "compound":
        code = "part_missing"
    key = f"documents.silent.{code}"
    return say(key if key in catalogue() else "documents.silent.other")


def _figure(edition: Published, rows: Sequence[Record]) -> Figure | None:
    """The targets of a plan that ask for attention, the least probable first; None where none does or has values."""
    groups = grouped(edition, rows)
    wanted = [r for group in ("not_met", "hard", "met_slipping") for r in groups.get(group, [])]
    drawn = ((r, chart_of(edition, measured(edition, r))) for r in wanted)
    found = list(islice(((r, chart) for r, chart in drawn if chart is not None), SHOWN))
    if not found:
        return None

    def foot(r: Record) -> tuple[str, str]:
        stated = "" if over(edition) else chance(edition, r)
        return commaed(w for w in (brief_value(edition, r), stated) if w), say("documents.target", aim=Cells.aim(r))

    smalls = [Small(r.text("name"), chart, foot(r)) for r, chart in found]
    alt = say("documents.figure.alt", names=listed(item(edition, r) for r, _ in found))
    key = "attention" if len(found) < len(wanted) else "attention_all"
    caption = say(f"documents.figure.{key}", count=len(found), wanted=len(wanted))
    return Figure(Drawing(multiples(smalls, alt), alt), captioned(edition, caption))


def captioned(edition: Published, caption: str) -> str:
    """The caption of a figure with the mark of fictional data."""
    return say("documents.marks_joint").join(filter(None, (caption, edition.mark)))
