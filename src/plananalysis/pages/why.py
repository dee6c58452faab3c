"""Why a verdict is what it is: comparable real histories, and the same question asked of other views of the data."""

from __future__ import annotations

from collections.abc import Sequence

from plananalysis.assessments.explanations import BANDS
from plananalysis.base.text import aside, catalogue, language, listed, say
from plananalysis.editions.opened import Published, Record
from plananalysis.pages.cells import chance
from plananalysis.pages.columns import column
from plananalysis.pages.rows import cuts
from plananalysis.projections.analogues import indicator_name, place_name, source_name
from plananalysis.render.blocks import Column, Fold, Paragraph, Table, Words, words
from plananalysis.render.quantities import Chance, Share, Value


def explanation(edition: Published, row: Record) -> Record | None:
    """What the table ``explanations`` holds for a series, if anything."""
    return edition.explanations.get(row.text("series"))


def unsteady_mark(edition: Published, row: Record) -> Words | None:
    """A word beside the verdict where another view of the same data would change it."""
    found = explanation(edition, row)
    return words(found.text("verdict"), role="unsteady") if found and found.text("steady") == "False" else None


def why_block(edition: Published, row: Record) -> Fold | None:
    """Folded away: the sentence on comparable histories and the probability under each view."""
    found = explanation(edition, row)
    if found is None:
        return None
    views = [(say("pages.view_stated"), chance(edition, row))]
    for key in catalogue(language()):
        name = key.removeprefix("projections.view.")
        if name != key and found.number(name) is not None:
            views.append((say(key), Chance(found.number(name), cuts(edition))))
    columns = [Column(say("pages.view"), lambda v: v[0], 30), column("probability", lambda v: v[1])]
    shown = Table(say("pages.views_caption", name=row.text("name")), columns, views, mark=edition.mark, role="ahead")
    told = [found.text("sentence"), say("pages.view_verdict", verdict=found.text("verdict"))]
    near = edition.analogues.get(row.text("series"), [])
    return Fold(say("pages.why"), [*map(Paragraph, told), shown, _named(edition, row, near) if near else None])


def _named(edition: Published, row: Record, near: Sequence[Sequence[Record]]) -> Table:
    """The nearest real histories by name, where they stood, where they went, and what that would mean here."""
    unit, decimals = row.text("unit"), row.whole("decimals") or 0

    def at_origin(one: Sequence[Record]) -> Record:
        return next((r for r in one if r.whole("year") == one[0].whole("origin_year")), one[0])

    def value(r: Record) -> str:
        return f"{r.number('value'):.4g}" + aside(r.whole("year"))

    columns = [
        column("indicator", lambda one: indicator_name(one[0].text("indicator")), ""),
        Column(
            say("pages.near.place"),
            lambda one: place_name(one[0].text("entity")) + aside(source_name(one[0].text("source"))),
            20,
        ),
        Column(say("pages.retrospective.then"), lambda one: value(at_origin(one)), align="r"),
        Column(say("pages.near.later"), lambda one: value(one[-1]), align="r"),
        Column(
            say("pages.near.here"), lambda one: Value(one[-1].number("translated") or 0.0, unit, decimals), align="r"
        ),
        Column(say("pages.near.similarity"), lambda one: Share(one[0].number("similarity") or 0, 0), align="r"),
    ]
    return Table(
        say("pages.near.caption", name=row.text("name")), columns, near, role="ahead near"
    )  # these places are real


def about_note(edition: Published, row: Record) -> str | None:
    """For 左右 the probability at each tolerance, and who signed off the one in use, if anybody has."""
    found = explanation(edition, row)
    others = {t: found.number(b) for t, b in BANDS.items()} if found is not None else {}
    values = {t: p for t, p in others.items() if p is not None}
    if not values:
        return None
    own, who = float(edition.thresholds.get("about_tolerance", 2.0)), edition.signed_off("about_tolerance")
    values |= {own: stated} if (stated := row.number("probability")) is not None else {}
    shown = [(f"±{tolerance:g}", str(Chance(p, cuts(edition)))) for tolerance, p in sorted(values.items())]
    told = {"tolerances": listed(t for t, _ in shown), "chances": listed(p for _, p in shown)}
    return say("pages.note_about_signed", who=who, own=f"±{own:g}", **told) if who else say("pages.note_about", **told)
