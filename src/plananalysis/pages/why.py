"""Why a verdict is what it is: comparable real histories, and the same question asked of other views of the data."""

from __future__ import annotations

from plananalysis.pages import wording
from plananalysis.pages.published import Published, Record
from plananalysis.pages.tables import Column, Html, table, tag
from plananalysis.text import catalogue

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
    return tag("details", tag("summary", say("pages.why")), *sentences, shown)


def about_note(edition: Published, row: Record) -> str | None:
    """For 左右 the probability at each tolerance, because no tolerance has been signed off."""
    found = explanation(edition, row)
    if found is None or any(found.number(b) is None for b in _BANDS):
        return None
    own = edition.thresholds.get("about_tolerance", 2.0)
    values = [(1.0, found.number("band_1")), (float(own), row.number("probability")), (3.0, found.number("band_3"))]
    cuts = wording.chance_cuts(edition)
    listed = [(f"±{tolerance:g}", wording.percent(p, cuts)) for tolerance, p in dict(sorted(values)).items()]
    return edition.say(
        "pages.note_about", tolerances="、".join(t for t, _ in listed), chances="、".join(p for _, p in listed)
    )
