"""中期评估: how far the way is gone in how much of the time, what needs an effort, what needs a decision, which base values to check."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from plananalysis.base.text import say
from plananalysis.editions.opened import Published, Record
from plananalysis.pages.cells import value
from plananalysis.pages.columns import column, columns
from plananalysis.pages.counts import nothing_urgent
from plananalysis.pages.poster import posters
from plananalysis.pages.rows import NUMERIC, alerted, at, binding, known, leaves, urgent
from plananalysis.render.blocks import Paragraph
from plananalysis.render.cuts import threshold
from plananalysis.render.html import Blocks, blocks

_STATUSES = ("P", "E", "B")
EARLY = 0.95  # a target met this surely may ask too little


def timed(rows: Sequence[Record]) -> list[Record]:
    """Rows for which the share of the way that is gone can be said."""
    return [r for r in rows if r.number("task_progress") is not None and r.text("schedule") != "not_applicable"]


def told(
    edition: Published, lead: str, caption: str, made: Sequence[Any], records: Sequence[Any], **more: Any
) -> Blocks:
    """A sentence and the table it is about."""
    table = edition.table(caption, made, records, "evaluation stack", **more)
    return blocks(Paragraph(lead, "lead"), table)


def progress(edition: Published, rows: Sequence[Record], here: bool = False) -> Blocks:
    """任务进度 against 时间进度 for every target with a number, parts of a row one by one."""
    numeric = [r for r in leaves(edition, rows) if r.text("kind") in NUMERIC]
    held = timed(numeric)
    schedules = [r.text("schedule") for r in held]
    counts = {w: schedules.count(w) for w in ("ahead", "on", "behind")}
    met = sum(r.text("position") == "met" for r in numeric)
    lead = say("documents.progress_counts", rows=len(numeric), met=met, timed=len(held), **counts)
    names = ("indicator", "unit", "aim", "baseline", "value", "gap", "task", "time", "schedule")
    made = columns(edition, names, here=here, sortable=False)
    shown = told(edition, lead, say("documents.caption.progress"), made, numeric, note=say("documents.progress_note"))
    return blocks(shown.blocks[0], *posters(edition, rows), *shown.blocks[1:])


def storm(edition: Published, rows: Sequence[Record], here: bool = False) -> Blocks:
    """Distance to go, and what each remaining year must bring, for every row that needs an effort."""
    wanted = {r.text("series") for r in rows}
    held = [r for r in urgent(edition) if r.text("position") == "not_met" and r.text("series") in wanted]
    counts = {"binding": len(binding(held)), "both": len(alerted(held, "both_red"))}
    counts |= {"years": edition.target_year - edition.as_of}
    lead = say("documents.storm", count=len(held), **counts) if held else nothing_urgent(rows)
    names = ("indicator", "unit", "attribute", "value", "aim", "gap", "required", "observed", "alerts")
    return told(edition, lead, say("documents.caption.storm"), columns(edition, names, here=here, sortable=False), held)


def adjust(edition: Published, rows: Sequence[Record], here: bool = False) -> Blocks:
    """Targets a decision is needed on; why is read off the tables, what to decide is not."""
    found = {r.text("series"): reasons for r in leaves(edition, rows) if (reasons := adjustment(edition, r))}
    held = [r for r in leaves(edition, rows) if r.text("series") in found]
    made = columns(edition, ("indicator", "target_text", "reading"), here=here, sortable=False)
    made.append(column("adjust", lambda r: say("joint.clause").join(found[r.text("series")])))
    lead = say("documents.adjust", count=len(held))
    rule = say("evaluation.adjust_rule", early=threshold("likely", EARLY))
    return told(edition, lead, say("documents.caption.adjust"), made, held, note=rule)


def adjustment(edition: Published, row: Record) -> list[str]:
    """Which criteria for a decision on its target a row meets."""
    found = []
    if row.text("why_no_probability") == "no_band" or row.text("kind") == "keep_reasonable":
        found.append(say("documents.reason.no_band"))
    if row.text("operator_source") == "inferred":
        found.append(say("documents.reason.inferred"))
    if row.text("kind") == "about":
        tolerance = edition.thresholds.get("about_tolerance", 0)
        found.append(say("documents.reason.tolerance", points=f"{tolerance:g}"))
    met_at_base = row.number("task_progress") is None and row.number("baseline") is not None
    untimed = row.text("schedule") == "not_applicable" and not row.text("withheld")
    if row.text("outlook") == "met_secure" and met_at_base and untimed:
        found.append(say("documents.reason.met_at_base"))
    elif row.text("outlook") == "met_secure" and (row.number("probability") or 0) >= EARLY:
        found.append(say("documents.reason.met_early"))
    if row.text("why_no_probability") == "no_reference":
        found.append(say("documents.silent.no_reference"))
    return found


def base(edition: Published, rows: Sequence[Record], here: bool = False) -> Blocks:
    """Base values that are missing, revised, corrected, estimated, or in another definition than the newest values."""
    year, held = edition.base_year, leaves(edition, rows)
    first = {leaf.text("series"): _at_base(edition, leaf) for leaf in held}
    remarks = {leaf.text("series"): _remarks(edition, leaf, first[leaf.text("series")]) for leaf in held}
    have = sum(r is not None for r in first.values())
    noted = [leaf for leaf in held if remarks[leaf.text("series")]]

    def at_base(leaf: Record) -> Any:
        found = first[leaf.text("series")]
        return None if found is None else value(at(leaf, found), "value")

    made = columns(edition, ("indicator", "unit"), here=here, sortable=False)
    made.append(column("baseline", at_base, year=year))
    made.append(column("base_remark", lambda r: say("joint.clause").join(remarks[r.text("series")])))
    counts = {"count": len(held), "have": have, "missing": len(held) - have, "remarked": len(noted)}
    return told(edition, say("documents.base.counts", year=year, **counts), say("documents.caption.base"), made, noted)


def _at_base(edition: Published, leaf: Record) -> Record | None:
    observed = edition.observed.get(leaf.text("series"), [])
    return next((r for r in reversed(observed) if r.whole("year") == edition.base_year and known(r)), None)


def _remarks(edition: Published, leaf: Record, first: Record | None) -> list[str]:
    year, observed = edition.base_year, edition.observed.get(leaf.text("series"), [])
    if first is None:
        return [say("documents.base.missing", year=year, unit=leaf.text("lead_name"))]
    found = []
    if first.text("status") in _STATUSES:
        found.append(say(f"documents.status.{first.text('status')}", year=year))
    if first.text("correction"):
        found.append(say("documents.base.corrected"))
    found += _revised(edition, leaf)
    if first.text("definition") != observed[-1].text("definition"):
        found.append(say("documents.base.definition"))
    return found


def _revised(edition: Published, leaf: Record) -> list[str]:
    """What the checks found about the revised base value; nothing where this page is not shown the checks."""
    if not edition.shows("quality") or "quality" not in set(edition.tables):
        return []
    return [
        r.text("message")
        for r in edition.of_series("quality", leaf.text("series"))
        if r.whole("year") == edition.base_year and r.text("rule") == "revision" and r.text("group") == "total"
    ][-1:]


PARTS: dict[str, Callable[..., Blocks]] = {"progress": progress, "storm": storm, "adjust": adjust, "base": base}
