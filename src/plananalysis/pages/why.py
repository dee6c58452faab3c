"""Why a verdict is what it is: comparable real histories, and the same question asked of other views of the data."""

from __future__ import annotations

from collections.abc import Sequence

from plananalysis.assessments.sentences import number
from plananalysis.base.text import aside, catalogue, listed
from plananalysis.editions.opened import Published, Record
from plananalysis.pages import wording
from plananalysis.render.html import Column, Html, table, tag

_BANDS = ("band_1", "band_3")


def explanation(edition: Published, row: Record) -> Record | None:
    """What the table ``explanations`` holds for a series, if anything."""
    return edition.explanations.get(row.text("series"))


def unsteady_mark(edition: Published, row: Record) -> Html | None:
    """A word beside the verdict where another view of the same data would change it."""
    found = explanation(edition, row)
    return tag("span", found.text("verdict"), cls="unsteady") if found and found.text("steady") == "False" else None


def why_block(edition: Published, row: Record) -> Html | None:
    """Folded away: the sentence on comparable histories and the probability under each view."""
    found = explanation(edition, row)
    if found is None:
        return None
    say, cuts = edition.say, wording.chance_cuts(edition)
    views = [(say("pages.view_stated"), row.number("probability"))]
    for key in catalogue(edition.language):
        name = key.removeprefix("projections.view.")
        if name != key and found.number(name) is not None:
            views.append((say(key), found.number(name)))
    columns = [
        Column(say("pages.view"), lambda v: v[0]),
        Column(say("pages.column.probability"), lambda v: wording.percent(v[1], cuts), number=True),
    ]
    shown = table(say("pages.views_caption", name=row.text("name"), mark=edition.mark), columns, views, css="ahead")
    sentences = [
        tag("p", s) for s in (found.text("sentence"), say("pages.view_verdict", verdict=found.text("verdict"))) if s
    ]
    near = edition.analogues.get(row.text("series"), [])
    return tag(
        "details", tag("summary", say("pages.why")), *sentences, shown, _named(edition, row, near) if near else ""
    )


def _named(edition: Published, row: Record, near: Sequence[Sequence[Record]]) -> Html:
    """The nearest real histories by name, where they stood, where they went, and what that would mean here."""
    say, unit, decimals = edition.say, row.text("unit"), row.whole("decimals") or 0

    def at_origin(one: Sequence[Record]) -> Record:
        return next((r for r in one if r.whole("year") == one[0].whole("origin_year")), one[0])

    def value(r: Record) -> str:
        return f"{r.number('value'):.4g}" + aside(r.whole("year"))

    columns = [
        Column(
            say("pages.near.indicator"), lambda one: tag("span", one[0].text("indicator").replace("_", " "), lang="en")
        ),
        Column(say("pages.near.place"), lambda one: one[0].text("entity") + aside(one[0].text("source"))),
        Column(say("pages.near.then"), lambda one: value(at_origin(one)), number=True),
        Column(say("pages.near.later"), lambda one: value(one[-1]), number=True),
        Column(
            say("pages.near.here"), lambda one: number(one[-1].number("translated") or 0.0, unit, decimals), number=True
        ),
        Column(say("pages.near.similarity"), lambda one: f"{one[0].number('similarity') or 0:.0%}", number=True),
    ]
    return table(say("pages.near.caption", name=row.text("name"), mark=edition.mark), columns, near, css="ahead")


def about_note(edition: Published, row: Record) -> str | None:
    """For 左右 the probability at each tolerance, because no tolerance has been signed off."""
    found = explanation(edition, row)
    if found is None or any(found.number(b) is None for b in _BANDS):
        return None
    own = edition.thresholds.get("about_tolerance", 2.0)
    values = [(1.0, found.number("band_1")), (float(own), row.number("probability")), (3.0, found.number("band_3"))]
    cuts = wording.chance_cuts(edition)
    shown = [(f"±{tolerance:g}", wording.percent(p, cuts)) for tolerance, p in dict(sorted(values)).items()]
    return edition.say("pages.note_about", tolerances=listed(t for t, _ in shown), chances=listed(p for _, p in shown))
