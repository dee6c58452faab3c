"""The block of one indicator: figure, facts, the value every remaining year needs, notes, and the figure's table."""

from __future__ import annotations

from unicodedata import normalize

from plananalysis.base.text import listed
from plananalysis.editions.opened import Published, Record
from plananalysis.figures import fan_chart
from plananalysis.pages import wording
from plananalysis.pages.beside import changed_values, compared_block, measures_block, with_company
from plananalysis.pages.charts import chart_of, fan_decimals, segments
from plananalysis.pages.figure_data import ahead, behind
from plananalysis.pages.groups import groups_block
from plananalysis.pages.measures import proposal
from plananalysis.pages.why import about_note, unsteady_mark, why_block
from plananalysis.plan.units import unit_name
from plananalysis.render.html import Html, drawing, facts, html, items, tag


def series_block(edition: Published, row: Record) -> Html:
    """Everything the domain page says about one row of the plan; a compound row shows each of its parts."""
    code, parts = row.text("series"), edition.parts(row)
    unit = tag("span", wording.unit_label(edition, row.text("unit")), cls="unit")
    title = tag("h3", tag("span", code, cls="code"), row.text("name"), unit, wording.binding_mark(edition, row))
    head = tag("header", title, verdict_line(edition, row))
    if not parts:
        return tag("article", head, _body(edition, row), id=code, cls="series")
    lead = tag("p", row.text("reason"), proposal(edition, row), cls="reason")
    bodies = [_part(edition, p) for p in parts]
    measures = measures_block(edition, row)
    return tag("article", head, _row_facts(edition, row), lead, measures, *bodies, id=code, cls="series compound")


def _part(edition: Published, part: Record) -> Html:
    code = part.text("series")
    title = tag("h4", tag("span", code, cls="code"), part.text("name"))
    return tag("section", tag("header", title, verdict_line(edition, part)), _body(edition, part), id=code, cls="part")


def verdict_line(edition: Published, row: Record) -> Html:
    """Outlook with its probability, evidence grade and alerts; at the end of a plan period whether the target was reached."""
    if edition.mode == "final":
        return tag("span", wording.reached_word(row), cls="verdict")
    probability = row.number("probability")
    shown = []
    if probability is not None or "probability" in row.words("withheld"):
        percent = wording.chance(edition, row)
        shown.append(tag("span", edition.say("pages.chance", percent=percent)))
        if row.text("evidence_grade"):
            shown.append(tag("span", edition.say("pages.grade", grade=row.text("evidence_grade"))))
    shown += [m for m in [unsteady_mark(edition, row)] if m]
    shown += [tag("span", edition.say(f"alert.{a}"), cls=f"alert a-{a}") for a in row.words("alerts")]
    return tag("span", wording.outlook_word(edition, row.text("outlook")), *shown, cls="verdict")


def _row_facts(edition: Published, row: Record) -> Html:
    target = edition.say("pages.column.target", year=edition.target_year)
    pairs = [
        (edition.say("pages.column.unit"), wording.units_cell(row)),
        (target, wording.target_cell(edition, row)),
    ]
    return facts(pairs, css="facts inline")


def _body(edition: Published, row: Record) -> Html:
    chart, reason = chart_of(edition, row), tag("p", row.text("reason"), proposal(edition, row), cls="reason")
    if chart is None:
        beside = (measures_block(edition, row), compared_block(edition, row), groups_block(edition, row))
        return tag("div", reason, _facts(edition, row), _notes(edition, row), *beside, cls="silent")
    chart = with_company(edition, row, chart)
    words = edition.say("pages.figure_caption", code=row.text("series"), name=row.text("name"))
    figure = tag("figure", drawing(fan_chart(chart)), tag("figcaption", words, _chance_words(edition, row)))
    return html(
        tag("div", figure, _facts(edition, row), reason, ahead(edition, row), cls="pair"),
        _notes(edition, row),
        measures_block(edition, row, chart),
        compared_block(edition, row),
        groups_block(edition, row),
        why_block(edition, row),
        tag("details", tag("summary", edition.say("pages.figure_data")), *behind(edition, row, chart), cls="data"),
    )


def _chance_words(edition: Published, row: Record) -> Html | None:
    """The probability as a count of paths, which is what it is."""
    probability = row.number("probability")
    if probability is None or row.number("median_target_year") is None:
        return None
    key = "rarely" if probability < 0.01 else "nearly_always" if probability > 0.99 else "paths"
    words = edition.say(f"pages.chance_{key}", year=edition.target_year, count=round(probability * 100))
    return tag("span", words, cls="chance")


def _facts(edition: Published, row: Record) -> Html:
    """Short facts; one that does not apply is left out, a missing one that ought to be there says so."""
    say, now = edition.say, row.number("value")
    pairs: list[tuple[object, object]] = [
        (say("pages.column.unit"), wording.units_cell(row)),
        (say("pages.column.target", year=edition.target_year), wording.target_cell(edition, row)),
    ]
    if now is None and "value" not in row.words("withheld"):
        return facts(pairs, css="facts inline")
    position = tag("span", say(f"position.{row.text('position')}"), cls="position")
    baseline = wording.value(row, "baseline")
    baseline = say("pages.missing") if baseline == wording.DASH else baseline
    pairs += [
        (say("pages.column.value"), html(wording.value_cell(edition, row), position)),
        (say("pages.column.counts"), _counts(edition, row)),
        (say("pages.column.step"), wording.step(row)),
        (say("pages.column.baseline", year=edition.base_year), baseline),
        (say("pages.column.schedule"), schedule_text(edition, row)),
        (say("pages.column.required"), wording.change_or_none(row, "required_annual_change")),
        (say("pages.column.observed"), wording.change_or_none(row, "observed_annual_change")),
        (say("pages.column.median", year=edition.target_year), _range(edition, row)),
        (say("pages.column.points"), say("pages.points", count=row.whole("n_points") or 0)),
    ]
    return facts(pairs)


def _range(edition: Published, row: Record) -> Html | None:
    """Median and 80 % interval in the target year."""
    median, low, high = (row.number(f"{c}_target_year") for c in ("median", "low80", "high80"))
    if median is None or low is None or high is None:
        return None
    unit, decimals = row.text("unit"), fan_decimals(row)
    ends = {"low": wording.projected(low, unit, decimals), "high": wording.projected(high, unit, decimals)}
    return html(wording.projected(median, unit, decimals), tag("span", edition.say("pages.range", **ends), cls="more"))


def schedule_text(edition: Published, row: Record) -> str | None:
    """快于时序 and the two shares behind it; nothing when it does not apply."""
    word = row.text("schedule")
    if word in ("", "not_applicable"):
        return None
    task, time = row.number("task_progress"), row.number("time_progress")
    if task is None or time is None:
        return edition.say(f"schedule.{word}")
    done = edition.say("pages.backwards") if task < 0 else f"{task:.0%}"  # how far below zero says nothing
    return edition.say("pages.schedule", word=edition.say(f"schedule.{word}"), task=done, time=f"{time:.0%}")


def _counts(edition: Published, row: Record) -> str | None:
    """Numerator and denominator of the newest value, by the names the plan gives them."""
    code, year = row.text("series"), row.whole("value_year")
    about = edition.series.get(code, row)
    newest = [r for r in edition.observed.get(code, []) if r.whole("year") == year and r.number("value") is not None]
    shown = []
    for column in ("numerator", "denominator"):
        count = newest[-1].number(column) if newest else None
        if count is not None:
            shown.append(f"{about.text(column) or edition.say(f'pages.{column}')} {wording.count(count)}")
    return listed(shown) or None


def _notes(edition: Published, row: Record) -> Html | None:
    """What a reader must know before quoting the number."""
    say = edition.say
    about = edition.series.get(row.text("series"), row)
    earlier, observed = segments(edition, row.text("series"))
    notes: list[str] = []
    if row.text("operator_source") == "inferred":
        notes.append(say("pages.note_inferred", target=row.text("target_text"), reading=row.text("reading_text")))
    if about.text("unit_source") == "inferred":
        notes.append(say("pages.note_unit", unit=unit_name(row.text("unit"))))
    if about_tolerances := about_note(edition, row):
        notes.append(about_tolerances)
    if earlier and observed:
        notes.append(say("pages.note_break", year=observed[0].year))
    if few := wording.few_events(edition, row):
        notes.append(say("pages.note_small", events=few))
    if about.text("rhythm") in ("election", "census"):
        notes.append(say(f"pages.note_{about.text('rhythm')}"))
    if provisional := [str(p.year) for p in observed if p.status == "P"]:
        notes.append(say("pages.note_provisional", years=listed(provisional)))
    notes += changed_values(edition, row)
    if wording.kept_verdict(edition, row):
        notes.append(say("pages.note_kept"))
    note = about.text("note")
    if note and normalize("NFKC", note) != normalize("NFKC", edition.mark):  # that mark stands on the page already
        notes.append(note)
    return items(notes, css="notes")
