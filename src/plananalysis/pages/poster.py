"""走了多远: all targets of a plan or a domain in one drawing, in the plan's order, each with its name in full and its probability."""

from __future__ import annotations

from collections.abc import Sequence

from plananalysis.base.text import say
from plananalysis.editions.opened import Published, Record, gathered
from plananalysis.figures.progress import Way, progress_poster
from plananalysis.pages.cells import Cells
from plananalysis.pages.columns import columns
from plananalysis.pages.rows import coded, over, withheld
from plananalysis.render.blocks import Drawing, Figure, words
from plananalysis.render.quantities import Progress

WIDE, NARROW = 760, 360


def posters(edition: Published, rows: Sequence[Record]) -> list[Figure]:
    """One drawing for each plan, its domains one after the other; none where nothing is known of any target."""
    plans = gathered(rows, lambda r: r.text("plan"))
    return [f for plan, held in plans.items() if (f := poster(edition, held, edition.plan_name(plan)))]


def poster(edition: Published, rows: Sequence[Record], name: str = "") -> Figure | None:
    """The targets of some rows; under the names of their domains where ``name`` says whose they are."""
    ways = {r.text("series"): way(edition, r) for r in rows}
    if not any(w.task is not None or w.outlook for w in ways.values()):
        return None
    groups = [
        (d.name if name else "", held)
        for d in edition.domains
        if (held := [ways[r.text("series")] for r in rows if r.text("domain") == d.code])
    ]
    gone = [r.number("time_progress") or 0.0 for r in rows if ways[r.text("series")].task is not None]
    time = max(gone, default=None)
    behind = sum(w.word == "behind" for w in ways.values() if w.task is not None)
    alt = say("evaluation.progress_alt", count=len(ways), time=Progress(time), behind=behind)
    told = "" if over(edition) else say("column.probability")
    heads = (say("evaluation.time", share=Progress(time)), say("column.task"), told)
    caption = words(say("evaluation.progress_figure", name=name or say("evaluation.these")), edition.mark)
    wide, narrow = (Drawing(progress_poster(groups, time, heads, alt, w), alt) for w in (WIDE, NARROW))
    names = ("code", "name", "task", "schedule", *(() if over(edition) else ("probability",)))
    shown = columns(edition, names, sortable=False)
    data = edition.table(say("evaluation.progress_data", name=name or say("evaluation.these")), shown, rows)
    return Figure(wide, caption, narrow, "progress", data)


def way(edition: Published, row: Record) -> Way:
    """One target as the drawing shows it."""
    cells, word = Cells(edition), row.text("schedule")
    share = cells.task(row)
    timed = bool(share) and word not in ("", "not_applicable")
    stated = cells.probability(row)
    shown = bool(stated) and not over(edition)
    place = row.text("position")
    instead = say("audience.withheld") if withheld(row, "position") else say(f"position.{place}") if place else ""
    return Way(
        coded(row),
        share.number if timed else None,
        str(share) if timed else instead,
        word if timed else "",
        row.text("outlook") if shown else "",
        str(stated) if shown else "",
    )
