"""The track record: how stated probabilities and ranges did on real histories the engine had not learned from."""

from __future__ import annotations

from collections.abc import Sequence

from plananalysis.editions.opened import Published, Record
from plananalysis.pages import common
from plananalysis.render.html import Block, Column, Html, html, paragraphs, table, tag

METHODS = (
    "engine",
    "auto_ets",
    "half_drift",
    "last_value",
    "damped_holt",
    "drift",
    "straight_line_interval",
    "cagr",
    "straight_line",
)
PLACE, SOURCE, SHIPPED = "place", "source", "place, shipped data"
POINT_ONLY = ("cagr", "straight_line")  # they state no range, so that a coverage would say nothing
LENGTHS, HORIZONS = ("5", "8", "11", "15"), tuple(str(h) for h in range(1, 10))


def track_record(edition: Published) -> Block:
    """Accuracy beside other methods, coverage by history length and years ahead, sources left out, and alerts."""
    rows = edition.records("track_record")
    say = edition.say
    if not rows:
        return Block(tag("p", say("pages.record.none"), cls="none"))
    found = {tuple(r.text(c) for c in ("section", "method", "left_out", "by", "group", "measure")): r for r in rows}
    about = next(r for r in rows if r.text("section") == "about")

    def value(*key: str) -> float | None:
        record = found.get(key)
        return None if record is None else record.number("value")

    came = found["reliability", "engine", PLACE, *_seventy(rows), "came"]
    lead = [
        say("pages.record.about", version=about.text("measure"), series=f"{about.whole('n') or 0:,}"),
        say("pages.record.seventy", share=f"{came.number('value') or 0:.0%}", cases=f"{came.whole('n') or 0:,}"),
    ]
    parts = [
        _accuracy(edition, value),
        _coverage(edition, value),
        _sources(edition, rows, value),
        _alerts(edition, value),
    ]
    return Block(html(paragraphs(lead, css="lead"), *parts, tag("p", say("pages.record.note"), cls="small")))


def _seventy(rows: Sequence[Record]) -> tuple[str, str]:
    return next(
        (r.text("by"), r.text("group"))
        for r in rows
        if r.text("section") == "reliability" and r.text("group") == "70-90"
    )


def _digits(number: float | None, percent: bool = False) -> str:
    return "—" if number is None else f"{number:.1%}" if percent else f"{number:.3f}"


def _accuracy(edition: Published, value) -> Html:
    say = edition.say
    lines = [("engine", PLACE), ("engine", SHIPPED), ("engine", SOURCE), *((m, "") for m in METHODS[1:])]

    def score(measure: str, percent: bool = False) -> Column:
        def cell(line: tuple[str, str]) -> str:
            silent = measure.startswith("coverage") and line[0] in POINT_ONLY
            return "—" if silent else _digits(value("scores", *line, "all", "all", measure), percent)

        return Column(say(f"pages.record.{measure}"), cell, number=True)

    def name(line: tuple[str, str]) -> str:
        method, left_out = line
        return say(f"pages.record.method.{method}") + (
            say(f"pages.record.left_out.{left_out.replace(', ', '_').replace(' ', '_')}") if left_out else ""
        )

    columns = [
        Column(say("pages.record.method_title"), name),
        score("brier"),
        score("ece"),
        score("coverage80", True),
        score("coverage95", True),
        score("mase"),
    ]
    return table(common.caption(edition, say("pages.record.accuracy_caption")), columns, lines, css="scores")


def _coverage(edition: Published, value) -> Html:
    say = edition.say
    lines = [*(("L", g) for g in LENGTHS), *(("h", g) for g in HORIZONS)]

    def column(measure: str, percent: bool) -> Column:
        return Column(
            say(f"pages.record.{measure}"),
            lambda line: _digits(value("scores", "engine", PLACE, *line, measure), percent),
            number=True,
        )

    columns = [
        Column(say("pages.record.group"), lambda line: say(f"pages.record.by_{line[0]}", group=line[1])),
        column("brier", False),
        column("coverage80", True),
        column("coverage95", True),
    ]
    return table(common.caption(edition, say("pages.record.coverage_caption")), columns, lines, css="scores")


def _sources(edition: Published, rows: Sequence[Record], value) -> Html:
    say = edition.say
    sources = [
        r.text("group")
        for r in rows
        if (r.text("section"), r.text("left_out"), r.text("by"), r.text("measure"))
        == ("scores", SOURCE, "source", "brier")
    ]

    def column(left_out: str, measure: str, percent: bool) -> Column:
        key = "left_out.place_short" if left_out == PLACE else "left_out.source_short"
        title = say(f"pages.record.{measure}") + say(f"pages.record.{key}")
        return Column(
            title, lambda s: _digits(value("scores", "engine", left_out, "source", s, measure), percent), number=True
        )

    columns = [
        Column(say("pages.record.source"), lambda s: s),
        column(PLACE, "brier", False),
        column(SOURCE, "brier", False),
        column(SOURCE, "coverage80", True),
    ]
    return table(common.caption(edition, say("pages.record.sources_caption")), columns, sources, css="scores")


def _alerts(edition: Published, value) -> Html:
    say = edition.say

    def rate(data: str, alert: str) -> Column:
        key = "published" if data == "as published" else "slipped"
        title = say(f"alert.{alert}") + say(f"pages.record.{key}")
        return Column(title, lambda g: _digits(value("alerts", "engine", PLACE, data, g, alert), True), number=True)

    columns = [
        Column(
            say("pages.record.group"), lambda g: say("pages.total") if g == "all" else say("pages.record.by_L", group=g)
        ),
        rate("as published", "volatile"),
        rate("as published", "verify"),
        rate("times ten", "verify"),
    ]
    return table(common.caption(edition, say("pages.record.alerts_caption")), columns, ["all", *LENGTHS], css="scores")
