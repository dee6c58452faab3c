"""The coming years as sheets: what each must reach on the way to a target, and what the projections expect."""

from __future__ import annotations

from plananalysis.base.text import listed, say
from plananalysis.pages.papers.facts import Facts
from plananalysis.pages.papers.observed import number
from plananalysis.plan.units import unit_name
from plananalysis.render.xlsx import Number, Sheet


def needed_sheet(facts: Facts) -> Sheet:
    """What each remaining year must reach on a straight way from the newest value to the target."""
    years = range(facts.as_of + 1, facts.target_year + 1)
    lines = []
    for r in facts.with_parts(facts.rows):
        if r.text("role") == "compound" or facts.any_withheld(r):
            continue
        values = [r.number(f"required_{y}") for y in years]
        if any(v is not None for v in values):
            lines.append(
                [
                    r.text("series"),
                    r.text("name"),
                    unit_name(r.text("unit")),
                    listed(r.words("responsible_units")),
                    facts.reading(r),
                    number(r, r.number("value")),
                    *(number(r, v) for v in values),
                ]
            )
    heads = [say(f"documents.column.{c}") for c in ("code", "name", "measure", "unit", "reading", "newest_value")] + [
        str(y) for y in years
    ]
    return Sheet(
        say("documents.sheet.needed"),
        say("documents.caption.needed"),
        heads,
        lines,
        say("documents.needed_note"),
        fixed=2,
    )


def projections_sheet(facts: Facts) -> Sheet:
    """Median and ranges of what may come, in the series' own unit."""
    lines = []
    for code, held in facts.edition.projected.items():
        about = facts.edition.series.get(code)
        if about is None:
            continue
        for r in held:
            lines.append(
                [
                    code,
                    about.text("name"),
                    unit_name(about.text("unit")),
                    Number(r.whole("year") or 0),
                    *(number(about, r.number(q)) for q in ("q10", "q25", "q50", "q75", "q90")),
                ]
            )
    heads = [
        say(f"documents.column.{c}") for c in ("code", "name", "measure", "year", "q10", "q25", "q50", "q75", "q90")
    ]
    return Sheet(
        say("documents.sheet.projections"),
        say("documents.caption.projections"),
        heads,
        lines,
        say("documents.projections_note"),
        fixed=2,
    )
