"""The block of one indicator: figure, facts, the value every remaining year needs, notes, and the figure's table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from unicodedata import normalize

from plananalysis.assessments.explanations import BANDS
from plananalysis.base.text import aside, catalogue, language, listed, say
from plananalysis.editions.opened import Published, Record
from plananalysis.figures.fan import fan_chart
from plananalysis.pages.beside import changed_values, compared_block, measures_block, with_company
from plananalysis.pages.cells import Cells, alert, binding_mark, chance, few_events, unit_label
from plananalysis.pages.charts import chart_of, fan_decimals, segments
from plananalysis.pages.columns import column
from plananalysis.pages.definitions import definition_fold
from plananalysis.pages.figure_data import ahead, behind
from plananalysis.pages.groups import groups_block
from plananalysis.pages.links import coded
from plananalysis.pages.measures import proposal
from plananalysis.pages.outlooks import outlook_of, reached_word
from plananalysis.pages.rows import cuts, kept_verdict, over, withheld
from plananalysis.plan.units import unit_name
from plananalysis.projections.analogues import indicator_name, place_name, source_name
from plananalysis.render.blocks import (
    Column,
    Drawing,
    Facts,
    Figure,
    Fold,
    Group,
    Heading,
    Items,
    Paragraph,
    Table,
    Words,
    words,
)
from plananalysis.render.quantities import Chance, Count, Progress, Projected, Share, Value


def series_block(edition: Published, row: Record) -> Group:
    """Everything the domain page says about one row of the plan; a compound row shows each of its parts."""
    code, parts = row.text("series"), edition.parts(row)
    unit = words(unit_label(row.text("unit")), role="unit")
    title = Heading(3, words(coded(code, row.text("name")), unit, binding_mark(row)))
    head = Group([title, verdict_line(edition, row)], tag="header")
    if not parts:
        return Group([head, *_body(edition, row)], "series", "article", code)
    cells = Cells(edition, here=True)
    inside = [head, Facts(_who_and_what(cells, row), "facts inline"), _reason(edition, row)]
    inside += [measures_block(edition, row), definition_fold(edition, row), *(_part(edition, p) for p in parts)]
    return Group(inside, "series compound", "article", code)


def _who_and_what(cells: Cells, row: Record) -> list[tuple[Any, Any]]:
    """Who must act, and on which target."""
    target = say("column.target", year=cells.edition.target_year), cells.target(row)
    return [(say("column.unit"), cells.unit(row)), target]


def _part(edition: Published, part: Record) -> Group:
    code = part.text("series")
    title = Heading(4, coded(code, part.text("name")))
    head = Group([title, verdict_line(edition, part)], tag="header")
    return Group([head, *_body(edition, part)], "part", "section", code)


def points(row: Record) -> str:
    """How many comparable years there are; which count may rest on values that are withheld."""
    if withheld(row, "n_points"):
        return say("audience.withheld")
    return say("pages.points", count=row.whole("n_points") or 0)


def verdict_line(edition: Published, row: Record) -> Words:
    """Outlook with its probability, evidence grade and alerts; at the end of a plan period whether the target was reached."""
    if over(edition):
        return words(reached_word(row), role="verdict")
    cells = Cells(edition)
    stated, grade = cells.probability(row), cells.grade(row)
    shown: list[Any] = []
    if stated or stated.hidden:
        shown.append(words(say("pages.chance", percent=stated), role="stated"))
        shown += [words(say("pages.grade", grade=grade), role="stated")] if grade else []
    shown += [unsteady_mark(edition, row), *map(alert, row.words("alerts")), cells.past(row)]
    return words(outlook_of(row), *shown, role="verdict")


def _reason(edition: Published, row: Record) -> Paragraph:
    return Paragraph(words(row.text("reason"), proposal(edition, row)), "reason")


def _body(edition: Published, row: Record) -> list[Any]:
    chart, about, notes = chart_of(edition, row), _facts(edition, row), Items(_notes(edition, row), "notes")
    if chart is None:
        beside = (measures_block(edition, row), compared_block(edition, row), *groups_block(edition, row))
        return [Group([_reason(edition, row), about, notes, *beside, definition_fold(edition, row)], "silent")]
    chart = with_company(edition, row, chart)
    caption = words(
        say("pages.figure_caption", code=row.text("series"), name=row.text("name")), _chance_words(edition, row)
    )
    figure = Figure(Drawing(fan_chart(chart), chart.alt), caption)
    return [
        Group([figure, about, _reason(edition, row), ahead(edition, row)], "pair"),
        notes,
        measures_block(edition, row, chart),
        compared_block(edition, row),
        *groups_block(edition, row),
        why_block(edition, row),
        definition_fold(edition, row),
        Fold(say("pages.figure_data"), behind(edition, row, chart), "data"),
    ]


def _chance_words(edition: Published, row: Record) -> Words | None:
    """The probability as a count of paths, which is what it is."""
    stated = Cells(edition).probability(row)
    if not stated or row.number("median_target_year") is None:
        return None
    key = {"<": "rarely", ">": "nearly_always"}.get(str(stated)[0], "paths")
    told = say(f"pages.chance_{key}", year=edition.target_year, count=str(stated).rstrip("%"))
    return words(told, role="chance")


def _facts(edition: Published, row: Record) -> Facts:
    """Short facts; one that does not apply is left out, a missing one that ought to be there says so."""
    cells = Cells(edition, here=True)
    newest = cells.newest_value(row)
    pairs = _who_and_what(cells, row)
    if not (newest or newest.hidden):
        return Facts(pairs, "facts inline")

    def there(quantity: Any) -> Any:
        return quantity if quantity or quantity.hidden else None

    position = words(cells.position(row), role="position")
    return Facts(
        [
            *pairs,
            (say("column.value"), words(cells.value(row), position)),
            (say("column.counts"), _counts(edition, row)),
            (say("column.step"), there(cells.step(row))),
            (say("column.baseline", year=edition.base_year), there(cells.baseline(row)) or say("pages.missing")),
            (say("column.schedule"), _schedule(cells, row)),
            (say("column.headcount"), cells.headcount(row)),
            (say("column.required"), there(cells.required(row))),
            (say("column.observed"), there(cells.observed(row))),
            (say("column.median", year=edition.target_year), _range(row)),
            (say("column.points"), points(row)),
        ]
    )


def _range(row: Record) -> Words | None:
    """Median and 80 % interval in the target year."""
    unit, places = row.text("unit"), fan_decimals(row)
    median, low, high = (Projected(row.number(f"{c}_target_year"), unit, places) for c in ("median", "low80", "high80"))
    if not (median and low and high):
        return None
    return words(median, words(say("pages.range", low=low, high=high), role="more"))


def _schedule(cells: Cells, row: Record) -> str | None:
    """快于时序 and the two shares behind it; nothing when it does not apply."""
    word, task, time = cells.schedule(row), cells.task(row), Progress(row.number("time_progress"))
    if word is None or not task or not time:
        return word
    return say("pages.schedule", word=word, task=task, time=time)


def _counts(edition: Published, row: Record) -> str | None:
    """Numerator and denominator of the newest value, by the names the plan gives them."""
    code, year = row.text("series"), row.whole("value_year")
    about = edition.series.get(code, row)
    newest = [r for r in edition.values_of(code) if r.whole("year") == year]
    counts = {c: Count(newest[-1].number(c)) for c in ("numerator", "denominator")} if newest else {}
    return listed(f"{about.text(c) or say(f'pages.{c}')} {n}" for c, n in counts.items() if n) or None


def _notes(edition: Published, row: Record) -> list[str]:
    """What a reader must know before quoting the number."""
    about = edition.series.get(row.text("series"), row)
    earlier, observed = segments(edition, row.text("series"))
    notes: list[str | None] = []
    if row.text("operator_source") == "inferred":
        notes.append(say("pages.note_inferred", target=row.text("target_text"), reading=row.text("reading_text")))
    if about.text("unit_source") == "inferred":
        notes.append(say("pages.note_unit", unit=unit_name(row.text("unit"))))
    notes.append(about_note(edition, row))
    if earlier and observed:
        notes.append(say("pages.note_break", year=observed[0].year))
    if few := few_events(edition, row):
        notes.append(say("pages.note_small", events=few))
    if about.text("rhythm") in ("election", "census"):
        notes.append(say(f"pages.note_{about.text('rhythm')}"))
    if provisional := [str(p.year) for p in observed if p.status == "P"]:
        notes.append(say("pages.note_provisional", years=listed(provisional)))
    held = edition.observed.get(row.text("series"), [])
    if used := [str(r.whole("year")) for r in held if r.text("question") == "provisional"]:
        notes.append(say("pages.note_used", years=listed(used)))
    if asked := [str(p.year) for p in observed if p.status == "Q" and str(p.year) not in used]:
        notes.append(say("pages.note_questioned", years=listed(asked)))
    notes += changed_values(edition, row)
    if kept_verdict(edition, row):
        notes.append(say("pages.note_kept"))
    note = about.text("note")
    if normalize("NFKC", note) != normalize("NFKC", edition.mark):  # that mark stands on the page already
        notes.append(note)
    return [n for n in notes if n]


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
    for name in catalogue(language()).below("projections.view"):
        if found.number(name) is not None:
            views.append((say(f"projections.view.{name}"), Chance(found.number(name), cuts(edition))))
    columns = [Column(say("pages.view"), lambda v: v[0], 30), column("probability", lambda v: v[1])]
    shown = edition.table(say("pages.views_caption", name=row.text("name")), columns, views, "ahead")
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

    def place(one: Sequence[Record]) -> str:
        return place_name(one[0].text("entity")) + aside(source_name(one[0].text("source")))

    def here(one: Sequence[Record]) -> Value:
        return Value(one[-1].number("translated") or 0.0, unit, decimals)

    columns = [
        column("indicator", lambda one: indicator_name(one[0].text("indicator")), ""),
        Column(say("pages.near.place"), place, 20),
        Column(say("pages.retrospective.then"), lambda one: value(at_origin(one)), align="r"),
        Column(say("pages.near.later"), lambda one: value(one[-1]), align="r"),
        Column(say("pages.near.here"), here, align="r"),
        Column(say("pages.near.similarity"), lambda one: Share(one[0].number("similarity") or 0, 0), align="r"),
    ]
    caption = say("pages.near.caption", name=row.text("name"))
    return Table(caption, columns, near, role="ahead near")  # these places are real


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
