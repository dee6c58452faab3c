"""The block of one indicator: figure, facts, the value every remaining year needs, notes, and the figure's table."""

from __future__ import annotations

from plananalysis.assessments.sentences import number
from plananalysis.figures import fan_chart
from plananalysis.pages import wording
from plananalysis.pages.charts import chart_of, required_values, segments
from plananalysis.pages.published import Published, Record
from plananalysis.pages.tables import Column, Html, drawing, facts, html, items, table, tag

_CHUNK = 12  # years side by side; more would not fit a sheet of A4


def series_block(edition: Published, row: Record) -> Html:
    """Everything the domain page says about one row of the plan; a compound row shows each of its parts."""
    head = tag(
        "header",
        tag(
            "h3",
            tag("span", row.text("series"), cls="code"),
            row.text("name"),
            tag("span", wording.unit_label(edition, row.text("unit")), cls="unit"),
        ),
        verdict_line(edition, row),
    )
    parts = edition.parts(row)
    if not parts:
        return tag("article", head, _body(edition, row), id=row.text("series"), cls="series")
    bodies = [
        tag(
            "section",
            tag(
                "header", tag("h4", tag("span", p.text("series"), cls="code"), p.text("name")), verdict_line(edition, p)
            ),
            _body(edition, p, part=True),
            id=p.text("series"),
            cls="part",
        )
        for p in parts
    ]
    lead = tag("p", row.text("reason"), cls="reason")
    return tag("article", head, _row_facts(edition, row), lead, *bodies, id=row.text("series"), cls="series compound")


def verdict_line(edition: Published, row: Record) -> Html:
    """Outlook with its probability in words, evidence grade and alerts."""
    probability = row.number("probability")
    chance = (
        edition.say("pages.chance", percent=wording.percent(probability, wording.chance_cuts(edition)))
        if probability is not None
        else None
    )
    grade = (
        edition.say("pages.grade", grade=row.text("evidence_grade"))
        if row.text("evidence_grade") and probability is not None
        else None
    )
    return tag(
        "span",
        wording.outlook_word(edition, row.text("outlook")),
        *[tag("span", x, cls="fact") for x in (chance, grade) if x],
        *[tag("span", edition.say(f"alert.{a}"), cls=f"alert a-{a}") for a in row.words("alerts")],
        cls="verdict",
    )


def _row_facts(edition: Published, row: Record) -> Html:
    return facts(
        [
            (edition.say("pages.column.unit"), wording.units_cell(row)),
            (edition.say("pages.column.target", year=edition.target_year), wording.target_cell(edition, row)),
            (
                edition.say("pages.column.attribute"),
                edition.say(f"attribute.{row.text('attribute')}") if row.text("attribute") else None,
            ),
        ],
        css="facts inline",
    )


def _body(edition: Published, row: Record, part: bool = False) -> Html:
    chart = chart_of(edition, row)
    if chart is None:
        shown = tag(
            "p",
            edition.say("pages.no_values", unit=row.text("lead_unit") or edition.say("pages.responsible")),
            cls="none",
        )
        return html(shown, _facts(edition, row, part), tag("p", row.text("reason"), cls="reason"), _notes(edition, row))
    caption = tag(
        "figcaption",
        edition.say("pages.figure_caption", code=row.text("series"), name=row.text("name")),
        chance_words(edition, row),
    )
    figure = tag("figure", drawing(fan_chart(chart)), caption)
    return html(
        tag("div", figure, _facts(edition, row, part), cls="pair"),
        tag("p", row.text("reason"), cls="reason"),
        _ahead(edition, row),
        _notes(edition, row),
        tag("details", tag("summary", edition.say("pages.figure_data")), *_behind(edition, row)),
    )


def chance_words(edition: Published, row: Record) -> Html | None:
    """The probability as a count of paths, which is what it is."""
    probability = row.number("probability")
    if probability is None or row.number("median_target_year") is None:
        return None
    key = "rarely" if probability < 0.01 else "nearly_always" if probability > 0.99 else "paths"
    return tag(
        "span",
        edition.say(f"pages.chance_{key}", year=edition.target_year, count=round(probability * 100)),
        cls="chance",
    )


def _facts(edition: Published, row: Record, part: bool) -> Html:
    say, unit, decimals = edition.say, row.text("unit"), row.whole("decimals") or 0
    base, baseline = edition.base_year, row.number("baseline")
    own = None if part else wording.units_cell(row)
    median = row.number("median_target_year")
    spread = None
    if median is not None:
        low, high = row.number("low80_target_year"), row.number("high80_target_year")
        spread = html(
            number(median, unit, decimals),
            tag(
                "span",
                say("pages.range", low=number(low or 0.0, unit, decimals), high=number(high or 0.0, unit, decimals)),
                cls="more",
            ),
        )
    previous = row.number("previous_value")
    now, step = row.number("value"), None
    if now is not None and previous is not None:
        step = wording.change(
            Record(
                {**row.cells, "step": now - previous, "decimals": max(decimals - 1, 0) if decimals <= 2 else decimals}
            ),
            "step",
        )
    return facts(
        [
            (say("pages.column.unit"), own),
            (say("pages.column.target", year=edition.target_year), wording.target_cell(edition, row)),
            (
                say("pages.column.value"),
                html(wording.value_cell(row), tag("span", say(f"position.{row.text('position')}"), cls="position"))
                if now is not None
                else None,
            ),
            (say("pages.column.counts"), _counts(edition, row)),
            (say("pages.column.step"), step),
            (
                say("pages.column.baseline", year=base),
                number(baseline, unit, decimals)
                if baseline is not None
                else say("pages.missing")
                if now is not None
                else None,
            ),
            (say("pages.column.schedule"), schedule_text(edition, row)),
            (
                say("pages.column.required"),
                wording.change(row, "required_annual_change")
                if row.number("required_annual_change") is not None
                else None,
            ),
            (
                say("pages.column.observed"),
                wording.change(row, "observed_annual_change")
                if row.number("observed_annual_change") is not None
                else None,
            ),
            (say("pages.column.median", year=edition.target_year), spread),
            (say("pages.column.points"), say("pages.points", count=row.whole("n_points") or 0)),
        ]
    )


def schedule_text(edition: Published, row: Record) -> str | None:
    """快于时序 and the two shares behind it; nothing when it does not apply."""
    word = row.text("schedule")
    if word in ("", "not_applicable"):
        return None
    task, time = row.number("task_progress"), row.number("time_progress")
    if task is None or time is None:
        return edition.say(f"schedule.{word}")
    return edition.say("pages.schedule", word=edition.say(f"schedule.{word}"), task=f"{task:.0%}", time=f"{time:.0%}")


def _counts(edition: Published, row: Record) -> str | None:
    """Numerator and denominator of the newest value, by the names the plan gives them."""
    about = edition.series.get(row.text("series"))
    newest = [
        r
        for r in edition.observed.get(row.text("series"), [])
        if r.whole("year") == row.whole("value_year") and r.number("value") is not None
    ]
    if not newest or about is None:
        return None
    shown = []
    for column in ("numerator", "denominator"):
        count, name = newest[-1].number(column), about.text(column)
        if count is not None:
            shown.append(
                f"{name or edition.say(f'pages.{column}')} {count:,.0f}" if count == int(count) else f"{name} {count:,}"
            )
    return "、".join(shown) or None


def _ahead(edition: Published, row: Record) -> Html | None:
    """Each remaining year: the value needed on the way to the goal, and where the projection expects the series."""
    needed = dict(required_values(row, edition))
    projected = {int(r.whole("year") or 0): r for r in edition.projected.get(row.text("series"), [])}
    years = sorted({*needed, *projected})
    if not years:
        return None
    decimals = row.whole("decimals") or 0

    def n(value: float | None) -> str:
        return wording.DASH if value is None else number(value, "", decimals)

    lines: list[tuple[str, dict[int, str]]] = []
    if needed:
        lines.append((edition.say("pages.needed"), {y: n(needed.get(y)) for y in years}))
    if projected:
        lines.append((edition.say("pages.median"), {y: n(r.number("q50")) for y, r in projected.items()}))
        lines.append(
            (
                edition.say("pages.interval80"),
                {
                    y: edition.say("pages.from_to", low=n(r.number("q10")), high=n(r.number("q90")))
                    for y, r in projected.items()
                },
            )
        )
    columns = [Column(wording.unit_label(edition, row.text("unit")) or edition.say("pages.item"), lambda r: r[0])]
    columns += [Column(f"{y}", lambda r, y=y: r[1].get(y, wording.DASH), number=True) for y in years]
    return table(
        edition.say("pages.ahead_caption", name=row.text("name"), mark=edition.mark), columns, lines, css="ahead"
    )


def _behind(edition: Published, row: Record) -> list[Html]:
    """The observed values of the figure as tables of at most a dozen years."""
    earlier, observed = segments(edition, row.text("series"))
    points = [(p, True) for p in earlier] + [(p, False) for p in observed]
    decimals = row.whole("decimals") or 0
    reported: dict[int, Record] = {
        r.whole("year") or 0: r for r in edition.observed.get(row.text("series"), []) if r.number("value") is not None
    }
    made = []
    for start in range(0, len(points), _CHUNK):
        chunk = points[start : start + _CHUNK]
        lines: list[tuple[str, list[str]]] = [
            (
                edition.say("pages.actual"),
                [
                    number(p.value, "", decimals) + edition.say(f"pages.status_{'old' if old else p.status}")
                    for p, old in chunk
                ],
            )
        ]
        for column in ("numerator", "denominator"):
            counts = [reported[p.year].number(column) for p, _ in chunk]
            if any(c is not None for c in counts):
                name = edition.series[row.text("series")].text(column) if row.text("series") in edition.series else ""
                lines.append(
                    (
                        name or edition.say(f"pages.{column}"),
                        [wording.DASH if c is None else f"{c:,.0f}" for c in counts],
                    )
                )
        columns = [Column(wording.unit_label(edition, row.text("unit")) or edition.say("pages.item"), lambda r: r[0])]
        columns += [Column(str(p.year), lambda r, i=i: r[1][i], number=True) for i, (p, _) in enumerate(chunk)]
        made.append(
            table(
                edition.say("pages.behind_caption", name=row.text("name"), mark=edition.mark),
                columns,
                lines,
                css="ahead",
            )
        )
    made.append(tag("p", edition.say("pages.status_key"), cls="small"))
    return made


def _notes(edition: Published, row: Record) -> Html | None:
    """What a reader must know before quoting the number."""
    say = edition.say
    about = edition.series.get(row.text("series"), row)
    earlier, observed = segments(edition, row.text("series"))
    notes: list[str | None] = []
    if row.text("operator_source") == "inferred":
        notes.append(say("pages.note_inferred", target=row.text("target_text"), reading=row.text("reading_text")))
    if about.text("unit_source") == "inferred":
        notes.append(say("pages.note_unit", unit=row.text("unit")))
    if earlier and observed:
        notes.append(say("pages.note_break", year=observed[0].year))
    events = row.number("events")
    limit = edition.thresholds.get("small_events")
    if (
        events is not None
        and limit is not None
        and events < float(limit)
        and about.text("unit") in ("1/10万", "‰", "%", "件")
    ):
        notes.append(say("pages.note_small", events=int(events), years=edition.thresholds.get("pool_years", 3)))
    rhythm = about.text("rhythm")
    if rhythm in ("election", "census"):
        notes.append(say(f"pages.note_{rhythm}"))
    if any(p.status == "P" for p in observed):
        notes.append(say("pages.note_provisional", years="、".join(str(p.year) for p in observed if p.status == "P")))
    if wording.kept_verdict(edition, row):
        notes.append(say("pages.note_kept"))
    notes.append(about.text("note") or None)
    return items(notes, css="notes")
