"""The track record: how stated probabilities and ranges did on real histories the engine had not learned from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from plananalysis.base.text import say
from plananalysis.editions.opened import Published, Record
from plananalysis.pages.outlooks import outlook_word
from plananalysis.projections.track import official_record
from plananalysis.render.blocks import Column, Paragraph, Table
from plananalysis.render.html import Blocks, blocks
from plananalysis.render.quantities import Count, Score, Share

METHODS = ("engine", "auto_ets", "half_drift", "last_value", "damped_holt", "drift", "straight_line_interval")
PLACE, SOURCE, SHIPPED = "place", "source", "place, shipped data"
LENGTHS, HORIZONS = ("5", "8", "11", "15"), tuple(str(h) for h in range(1, 10))
OFFICIAL_PEERS = ("half_drift", "auto_ets", "last_value")
_KEY = ["section", "method", "by", "group", "measure", "value"]
_WORDS = ("met_secure", "met_slipping", "likely", "uncertain", "hard", "very_hard")
_Line = tuple[str, ...]
_Value = Callable[..., float | None]


def track_record(edition: Published) -> Blocks:
    """Accuracy beside other methods, coverage by history length and years ahead, sources left out, and alerts."""
    rows = edition.records("track_record")
    if not rows:
        return blocks(Paragraph(say("pages.record.none"), "none"))
    found = {tuple(r.text(c) for c in ("section", "method", "left_out", "by", "group", "measure")): r for r in rows}
    about = next(r for r in rows if r.text("section") == "about")

    def value(*key: str) -> float | None:
        record = found.get(key)
        return None if record is None else record.number("value")

    came = found["reliability", "engine", SOURCE, *_seventy(rows), "came"]
    share = Share(came.number("value") or 0, 0)
    told = [
        say("pages.record.about", version=about.text("measure"), series=Count(about.number("n") or 0)),
        say("pages.record.seventy", share=share, cases=Count(came.number("n") or 0)),
    ]
    tables = [_accuracy(value), _coverage(value), _sources(rows, value), _alerts(value)]
    made = [
        Table(say(f"pages.record.{name}_caption"), columns, lines, role="scores")
        for name, (columns, lines) in zip(("accuracy", "coverage", "sources", "alerts"), tables, strict=True)
    ]
    lead = (Paragraph(t, "lead") for t in told)
    return blocks(*_official(), *lead, *made, Paragraph(say("pages.record.note"), "small"))


def _official() -> list[Paragraph | Table]:
    """How official targets of finished plans came out: beside simple rules, by programme and kind of series, and by the word of the verdict."""
    rows = official_record()
    found = {tuple(map(str, key)): value for *key, value in rows[_KEY].itertuples(index=False)}
    asked = {tuple(map(str, key)): int(n) for *key, n in rows[[*_KEY[:-2], "n"]].itertuples(index=False)}

    def number(measure: str, kind: Any) -> Column:
        return Column(say(f"pages.record.{measure}"), lambda line: kind(found.get((*line, measure))), align="r")

    def names(by: str) -> list[_Line]:
        some = rows[(rows.section == "scores") & (rows.method == "engine") & (rows["by"] == by)]
        return [("scores", "engine", by, g) for g in dict.fromkeys(some.group)]

    count = Column(say("pages.record.questions"), lambda line: Count(asked[line]), align="r")
    stated = [number("stated", Share), number("came", Share)]
    whole = [("scores", m, "all", "all") for m in ("engine", "engine_country", *OFFICIAL_PEERS)]
    method = Column(say("pages.record.method_title"), lambda line: say(f"pages.record.method.{line[1]}"), 24)
    words = [("words", "engine", "outlook", w) for w in _WORDS if ("words", "engine", "outlook", w, "came") in found]
    word = Column(say("column.outlook"), lambda line: outlook_word(line[3]), 16)
    kinds = [*names("position"), *names("kind"), *names("scope"), *names("family"), *names("programme")]
    group = Column(say("column.group"), _group, 24)

    def half_drift(line: _Line) -> Score:
        return Score(found.get(("scores", "half_drift", *line[2:], "brier")))

    peer = Column(say("pages.record.method.half_drift"), half_drift, align="r")
    brier, ece = number("brier", Score), number("ece", Score)
    return [
        Paragraph(say("pages.record.official", questions=Count(asked[whole[0]])), "lead"),
        Table(say("pages.record.official_methods"), [method, brier, ece, *stated], whole, role="scores"),
        Table(say("pages.record.official_words"), [word, *stated, count], words, role="scores"),
        Table(say("pages.record.official_groups"), [group, brier, peer, *stated, count], kinds, role="scores"),
        Paragraph(say("pages.record.official_note"), "small"),
    ]


def _group(line: _Line) -> str:
    """Name of a group of official targets; programmes and families keep the names they have in the data."""
    key = f"pages.record.official_group.{line[3].replace(' ', '_').replace(',', '')}"
    return say(key) if line[2] in ("position", "kind", "scope", "family") else line[3]


def _seventy(rows: Sequence[Record]) -> tuple[str, str]:
    held = (r for r in rows if r.text("section") == "reliability" and r.text("group") == "70-90")
    return next((r.text("by"), r.text("group")) for r in held)


def _column(measure: str, key: Callable[[_Line], tuple[str, ...]], value: _Value, title: str = "") -> Column:
    """A column of one measure; ``key`` says where its value stands for a line."""
    kind: Any = Share if measure.startswith("coverage") else Score
    title = title or say(f"pages.record.{measure}")
    return Column(title, lambda line: kind(value("scores", *key(line), measure)), align="r")


def _accuracy(value: _Value) -> tuple[list[Column], Sequence[_Line]]:
    lines = [("engine", PLACE), ("engine", SHIPPED), ("engine", SOURCE), *((m, "") for m in METHODS[1:])]

    def name(line: _Line) -> str:
        method, left_out = line
        key = left_out.replace(", ", "_").replace(" ", "_")
        return say(f"pages.record.method.{method}") + (say(f"pages.record.left_out.{key}") if left_out else "")

    measures = ("brier", "ece", "coverage80", "coverage95", "mase")
    scores = [_column(m, lambda line: (*line, "all", "all"), value) for m in measures]
    return [Column(say("pages.record.method_title"), name, 24), *scores], lines


def _coverage(value: _Value) -> tuple[list[Column], Sequence[_Line]]:
    lines = [*(("L", g) for g in LENGTHS), *(("h", g) for g in HORIZONS)]
    first = Column(say("column.group"), lambda line: say(f"pages.record.by_{line[0]}", group=line[1]), 20)
    measures = ("brier", "coverage80", "coverage95")
    return [first, *(_column(m, lambda line: ("engine", PLACE, *line), value) for m in measures)], lines


def _sources(rows: Sequence[Record], value: _Value) -> tuple[list[Column], Sequence[_Line]]:
    wanted = ("scores", SOURCE, "source", "brier")
    sources = [r.text("group") for r in rows if tuple(map(r.text, ("section", "left_out", "by", "measure"))) == wanted]

    def score(left_out: str, measure: str) -> Column:
        key = "left_out.place_short" if left_out == PLACE else "left_out.source_short"
        title = say(f"pages.record.{measure}") + say(f"pages.record.{key}")
        return _column(measure, lambda line: ("engine", left_out, "source", *line), value, title)

    first = Column(say("pages.record.source"), lambda line: line[0], 20)
    shown = ((PLACE, "brier"), (SOURCE, "brier"), (SOURCE, "coverage80"))
    return [first, *(score(*about) for about in shown)], [(s,) for s in sources]


def _alerts(value: _Value) -> tuple[list[Column], Sequence[_Line]]:
    def rate(data: str, alert: str) -> Column:
        title = say(f"alert.{alert}") + say(f"pages.record.{'published' if data == 'as published' else 'slipped'}")
        return Column(title, lambda line: Share(value("alerts", "engine", PLACE, data, line[0], alert)), align="r")

    def name(line: _Line) -> str:
        return say("pages.total") if line[0] == "all" else say("pages.record.by_L", group=line[0])

    rates = (("as published", "volatile"), ("as published", "verify"), ("times ten", "verify"))
    columns = [Column(say("column.group"), name, 20), *(rate(*about) for about in rates)]
    return columns, [("all",), *((g,) for g in LENGTHS)]
