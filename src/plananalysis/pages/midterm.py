"""中期评估: how far the way is gone in how much of the time, what needs an effort, what needs a decision, which base values to check."""

from __future__ import annotations

from collections.abc import Sequence

from plananalysis.base.text import say
from plananalysis.editions.opened import Published, Record
from plananalysis.figures.progress import Way, progress_dots
from plananalysis.pages import wording
from plananalysis.pages.counts import nothing_urgent, urgent
from plananalysis.pages.listing import (
    NUMERIC,
    Line,
    Listing,
    alerts,
    coded,
    dated,
    gap,
    head,
    leaves,
    reading,
    units,
)
from plananalysis.render.html import Html, drawing, tag

_STATUSES = ("P", "E", "B")
EARLY = 0.95  # a target met this surely may ask too little


def timed(rows: Sequence[Record]) -> list[Record]:
    """Rows for which the share of the way that is gone can be said."""
    return [r for r in rows if r.number("task_progress") is not None and r.text("schedule") != "not_applicable"]


def progress(edition: Published, rows: Sequence[Record]) -> Listing:
    """任务进度 against 时间进度 for every target with a number, parts of a row one by one."""
    numeric = [r for r in leaves(edition, rows) if r.text("kind") in NUMERIC]
    held = timed(numeric)
    words = [r.text("schedule") for r in held]
    counts = {w: words.count(w) for w in ("ahead", "on", "behind")}
    met = sum(r.text("position") == "met" for r in numeric)
    lines = []
    for r in numeric:
        task, time = r.number("task_progress"), r.number("time_progress")
        cells = (
            coded(r), units(r), reading(r), wording.value(r, "baseline"), dated(edition, r), gap(r), _share(r, task),
            "" if time is None else f"{time:.0%}", _schedule(r, task),
        )  # fmt: skip
        lines.append(Line(cells, r))
    heads = [head("indicator", 25), head("unit", 12), head("target", 15, year=edition.target_year)]
    heads += [head("base", 10, "r", year=edition.base_year), head("value", 11, "r", year=edition.as_of)]
    heads += [head("gap", 12, "r"), head("task", 7, "r"), head("time", 7, "r"), head("schedule", 9, "c")]
    lead = say("documents.progress_counts", rows=len(numeric), met=met, timed=len(held), **counts)
    return Listing(lead, say("documents.caption.progress"), heads, lines, say("documents.progress_note"))


def progress_figure(edition: Published, rows: Sequence[Record]) -> Html | None:
    """The same as dots, the slowest first; None where no way has a length."""
    held = sorted(
        timed([r for r in leaves(edition, rows) if r.text("kind") in NUMERIC]),
        key=lambda r: r.number("task_progress") or 0.0,
    )
    if not held:
        return None
    time = max(r.number("time_progress") or 0.0 for r in held)
    ways = [Way(coded(r), r.number("task_progress") or 0.0, r.text("schedule")) for r in held]
    behind = sum(w.word == "behind" for w in ways)
    alt = say("evaluation.progress_alt", count=len(ways), time=f"{time:.0%}", behind=behind)
    figure = drawing(progress_dots(ways, time, alt))
    return tag(
        "figure", figure, tag("figcaption", say("evaluation.progress_figure"), edition.mark), cls="progress wide-only"
    )


def _share(row: Record, task: float | None) -> str:
    if "task_progress" in row.words("withheld"):
        return wording.STAR
    if task is None:
        return wording.DASH
    return say("documents.backward") if task < 0 else say("documents.complete") if task >= 1 else f"{task:.0%}"


def _schedule(row: Record, task: float | None) -> str:
    if task is not None:
        return say(f"schedule.{row.text('schedule')}")
    met_at_base = row.number("baseline") is not None and row.text("schedule") == "not_applicable"
    return say("documents.at_goal") if met_at_base and not row.text("withheld") else wording.DASH


def storm(edition: Published, rows: Sequence[Record]) -> Listing:
    """Distance to go, and what each remaining year must bring, for every row that needs an effort."""
    wanted = {r.text("series") for r in rows}
    held = [r for r in urgent(edition) if r.text("position") == "not_met" and r.text("series") in wanted]
    lines = []
    for r in held:
        cells = (
            coded(r), units(r), say(f"attribute.{r.text('attribute')}"), dated(edition, r), reading(r), gap(r),
            wording.change(r, "required_annual_change"), wording.change(r, "observed_annual_change"), alerts(r),
        )  # fmt: skip
        lines.append(Line(cells, r))
    heads = [head("indicator", 22), head("unit", 12), head("attribute", 8, "c")]
    heads += [head("value", 10, "r", year=edition.as_of), head("target", 14, year=edition.target_year)]
    heads += [head("gap", 12, "r"), head("required", 12, "r"), head("observed", 12, "r"), head("alerts", 12)]
    counts = {
        "binding": sum(r.text("attribute") == "binding" for r in held),
        "both": sum("both_red" in r.words("alerts") for r in held),
        "years": edition.target_year - edition.as_of,
    }
    lead = say("documents.storm", count=len(held), **counts) if held else nothing_urgent(edition, rows)
    return Listing(lead, say("documents.caption.storm"), heads, lines, empty=say("documents.nothing"))


def adjust(edition: Published, rows: Sequence[Record]) -> Listing:
    """Targets a decision is needed on; why is read off the tables, what to decide is not."""
    lines = []
    for r in leaves(edition, rows):
        if reasons := adjustment(edition, r):
            lines.append(
                Line((coded(r), r.text("target_text"), r.text("reading_text"), say("joint.clause").join(reasons)), r)
            )
    heads = [head("indicator", 27), head("target_text", 15), head("reading", 22), head("adjust", 36)]
    lead = say("documents.adjust", count=len(lines))
    return Listing(
        lead, say("documents.caption.adjust"), heads, lines, say("evaluation.adjust_rule", early=f"{EARLY:.0%}")
    )


def adjustment(edition: Published, row: Record) -> list[str]:
    """Which criteria for a decision on its target a row meets."""
    found = []
    if row.text("why_no_probability") == "no_band" or row.text("kind") == "keep_reasonable":
        found.append(say("documents.reason.no_band"))
    if row.text("operator_source") == "inferred":
        found.append(say("documents.reason.inferred"))
    if row.text("kind") == "about":
        found.append(say("documents.reason.tolerance", points=f"{edition.thresholds.get('about_tolerance', 0):g}"))
    met_at_base = row.number("task_progress") is None and row.number("baseline") is not None
    untimed = row.text("schedule") == "not_applicable" and not row.text("withheld")
    if row.text("outlook") == "met_secure" and met_at_base and untimed:
        found.append(say("documents.reason.met_at_base"))
    elif row.text("outlook") == "met_secure" and (row.number("probability") or 0) >= EARLY:
        found.append(say("documents.reason.met_early"))
    if row.text("why_no_probability") == "no_reference":
        found.append(say("documents.silent.no_reference"))
    return found


def base(edition: Published, rows: Sequence[Record]) -> Listing:
    """Base values that are missing, revised, corrected, estimated, or in another definition than the newest values."""
    year, held, have, lines = edition.base_year, leaves(edition, rows), 0, []
    revised = _revised(edition) if edition.shows("quality") else {}
    for leaf in held:
        observed = edition.observed.get(leaf.text("series"), [])
        at_base = [r for r in observed if r.whole("year") == year and _known(r)]
        have += bool(at_base)
        remarks = _remarks(edition, leaf, at_base, observed, revised)
        if remarks:
            value = wording.DASH
            if at_base:
                hidden = at_base[-1].text("withheld") == "True"
                cells = leaf.cells | {"value": at_base[-1].number("value"), "withheld": "value" if hidden else ""}
                value = wording.value(Record(cells))
            lines.append(Line((coded(leaf), units(leaf), value, say("joint.clause").join(remarks)), leaf))
    heads = [head("indicator", 30), head("unit", 16), head("base", 14, "r", year=year), head("base_remark", 40)]
    counts = {"count": len(held), "have": have, "missing": len(held) - have, "remarked": len(lines)}
    return Listing(say("documents.base.counts", year=year, **counts), say("documents.caption.base"), heads, lines)


def _remarks(
    edition: Published,
    leaf: Record,
    at_base: Sequence[Record],
    observed: Sequence[Record],
    revised: dict[str, str],
) -> list[str]:
    year, series = edition.base_year, leaf.text("series")
    if not at_base:
        return [say("documents.base.missing", year=year, unit=leaf.text("lead_unit"))]
    r, found = at_base[-1], []
    if r.text("status") in _STATUSES:
        found.append(say(f"documents.status.{r.text('status')}", year=year))
    if r.text("correction"):
        found.append(say("documents.base.corrected"))
    if series in revised:
        found.append(revised[series])
    if observed and r.text("definition") != observed[-1].text("definition"):
        found.append(say("documents.base.definition"))
    return found


def _revised(edition: Published) -> dict[str, str]:
    """What the checks found about revised base values, by series; none where this page is not shown the checks."""
    if "quality" not in set(edition.tables):
        return {}
    found = edition.records("quality")
    return {
        r.text("series"): r.text("message")
        for r in found
        if r.whole("year") == edition.base_year and r.text("rule") == "revision" and r.text("group") == "total"
    }


def _known(r: Record) -> bool:
    return r.number("value") is not None or r.text("withheld") == "True"
