"""The block of one indicator: figure, facts, the value every remaining year needs, notes, and the figure's table."""

from __future__ import annotations

from typing import Any
from unicodedata import normalize

from plananalysis.base.text import listed, say
from plananalysis.editions.opened import Published, Record
from plananalysis.figures import fan_chart
from plananalysis.pages.beside import changed_values, compared_block, measures_block, with_company
from plananalysis.pages.cells import Cells, alert, binding_mark, few_events, unit_label
from plananalysis.pages.charts import chart_of, fan_decimals, segments
from plananalysis.pages.definitions import definition_fold
from plananalysis.pages.figure_data import ahead, behind
from plananalysis.pages.groups import groups_block
from plananalysis.pages.links import coded
from plananalysis.pages.measures import proposal
from plananalysis.pages.outlooks import outlook_of, reached_word
from plananalysis.pages.rows import kept_verdict, over, withheld
from plananalysis.pages.why import about_note, unsteady_mark, why_block
from plananalysis.plan.units import unit_name
from plananalysis.render.blocks import Drawing, Facts, Figure, Fold, Group, Heading, Items, Paragraph, Words, words
from plananalysis.render.quantities import Count, Progress, Projected


def series_block(edition: Published, row: Record) -> Group:
    """Everything the domain page says about one row of the plan; a compound row shows each of its parts."""
    code, parts = row.text("series"), edition.parts(row)
    unit = words(unit_label(row.text("unit")), role="unit")
    title = Heading(3, words(coded(code, row.text("name")), unit, binding_mark(row)))
    head = Group([title, verdict_line(edition, row)], tag="header")
    if not parts:
        return Group([head, *_body(edition, row)], "series", "article", code)
    cells = Cells(edition, here=True)
    about = Facts(
        [
            (say("column.unit"), cells.unit(row)),
            (say("column.target", year=edition.target_year), cells.target(row)),
        ],
        "facts inline",
    )
    bodies = [_part(edition, p) for p in parts]
    return Group(
        [head, about, _reason(edition, row), measures_block(edition, row), definition_fold(edition, row), *bodies],
        "series compound",
        "article",
        code,
    )


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
    return words(
        outlook_of(row),
        *shown,
        unsteady_mark(edition, row),
        *map(alert, row.words("alerts")),
        cells.past(row),
        role="verdict",
    )


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
    pairs: list[tuple[Any, Any]] = [
        (say("column.unit"), cells.unit(row)),
        (say("column.target", year=edition.target_year), cells.target(row)),
    ]
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
    newest = [r for r in edition.observed.get(code, []) if r.whole("year") == year and r.number("value") is not None]
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
    used = [
        str(r.whole("year"))
        for r in edition.observed.get(row.text("series"), [])
        if r.text("question") == "provisional"
    ]
    if used:
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
