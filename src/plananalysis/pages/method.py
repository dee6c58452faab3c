"""How good projections of this kind were when checked, and exactly what this edition was made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from plananalysis import schema
from plananalysis.base.digits import fixed
from plananalysis.base.tables import read_json
from plananalysis.base.text import listed, say
from plananalysis.editions.frames import stored
from plananalysis.editions.opened import Published, Record
from plananalysis.editions.speaker import spoken
from plananalysis.figures.marks import reliability
from plananalysis.pages.cells import chance, dated, value
from plananalysis.pages.columns import column
from plananalysis.pages.links import coded
from plananalysis.pages.masthead import masthead
from plananalysis.pages.outlooks import outlook_word
from plananalysis.pages.thresholds import thresholds
from plananalysis.pages.track_record import track_record
from plananalysis.render.blocks import Column, Drawing, Figure, Group, Paragraph, Table, more, words
from plananalysis.render.html import NOTHING, Blocks, blocks
from plananalysis.render.quantities import DASH, Count, Projected, Score, Share

OWN = "engine"  # what the table ``backtests`` calls the project's own method
RIVALS = ("last_value", "drift", "straight_line")
_Scores = dict[tuple[str, int], Record]


@spoken
@dataclass(frozen=True)
class MethodPage:
    edition: Published

    def masthead(self) -> Blocks:
        return masthead(self.edition, self.edition.name, self.edition.title)

    def principle(self) -> Blocks:
        """How a probability comes about, and what it leaves out."""
        info = self.edition.info
        engine = {name: info.get(name) or DASH for name in ("engine", "version")}
        told = [say("pages.method_how"), say("pages.method_limits"), say("pages.method_engine", **engine)]
        return blocks(*map(Paragraph, told))

    def scores(self) -> Blocks:
        """Projections from earlier years against what happened, beside simple rules."""
        made = scores_table(self.edition)
        if made is None:
            why = "scores_withheld" if self.edition.audience == "public" else "scores_none"
            return blocks(Paragraph(say(f"pages.{why}"), "none"))
        return blocks(*(Paragraph(t, "lead") for t in judged_scores(self.edition)), made)

    def track_record(self) -> Blocks:
        """The same question on thousands of real histories from elsewhere."""
        return track_record(self.edition)

    def reliability(self) -> Blocks:
        """Whether seven of ten came true where seven of ten was said."""
        bins = [
            tuple(r.number(c) for c in ("stated", "came_true", "cases")) for r in self.edition.records("reliability")
        ]
        known = [(s, c, int(n)) for s, c, n in bins if s is not None and c is not None and n]
        if not known:
            return blocks(Paragraph(say("pages.reliability_none"), "none"))
        alt = say("pages.reliability_alt", listed=listed(f"{Share(s, 0)}→{Share(c, 0)}" for s, c, _ in known))
        columns = [
            Column(say("figures.stated"), lambda b: Share(b[0], 0), align="r"),
            Column(say("figures.came_true"), lambda b: Share(b[1], 0), align="r"),
            Column(say("pages.backtests.cases"), lambda b: Count(b[2]), align="r"),
        ]
        caption = say("pages.reliability_caption")
        figure = Figure(Drawing(reliability(known, alt), alt), caption)
        return blocks(Group([figure, self.edition.table(caption, columns, known, "plain")], "beside"))

    def retrospective(self) -> Blocks:
        """What would have been said half-way through a finished plan period, beside what happened."""
        edition, rows, whose = self.edition, self.edition.records("retrospective"), None
        if not rows and edition.mode == "midterm":
            rows = national(edition)
            whose = Paragraph(say("evaluation.national")) if rows else None
        if not rows:
            return blocks(Paragraph(say("pages.retrospective_none"), "none"))
        columns = [
            column("indicator", lambda r: coded(r.text("series"), r.text("name")), ""),
            Column(say("pages.retrospective.target"), lambda r: r.text("target_text")),
            Column(
                say("pages.retrospective.then"),
                lambda r: dated(r.text("value_text") or None, r.whole("value_year")),
                align="r",
            ),
            column("outlook", lambda r: outlook_word(r.text("outlook"))),
            column("probability", lambda r: chance(edition, r)),
            Column(say("pages.retrospective.range"), _range, align="r"),
            Column(
                say("pages.retrospective.outcome"),
                lambda r: dated(value(r, "outcome"), r.whole("outcome_year")),
                align="r",
            ),
            Column(say("pages.retrospective.met"), lambda r: say(f"position.{r.text('met') or 'unknown'}")),
            Column(say("pages.retrospective.verdict"), lambda r: say(f"pages.retrospective.{judged(r)}")),
        ]
        groups = [
            (say("pages.retrospective.origin", year=o), [r for r in rows if r.text("origin_year") == o])
            for o in sorted({r.text("origin_year") for r in rows})
        ]
        made = Table(
            say("pages.retrospective_caption"),
            columns,
            groups,
            grouped=True,
            mark="" if whose else edition.mark,
            role="retrospective stack",
        )
        found = [judged(r) for r in rows]
        inside = [i for i in map(_inside, rows) if i is not None]
        counts = {name: found.count(name) for name in ("right", "wrong", "open", "unknown")}
        told = say("pages.retrospective.sentence", count=len(rows), ranges=len(inside), inside=sum(inside), **counts)
        return blocks(whose, Paragraph(told, "lead"), made, Paragraph(say("pages.retrospective_note"), "small"))

    def thresholds(self) -> Blocks:
        return thresholds(self.edition)

    def inputs(self) -> Blocks:
        """Where every file the edition was made from is listed: not here, or this page would change with every value."""
        if self.edition.audience != "internal":
            return NOTHING
        before, after = say("pages.inputs_where").split("{file}")
        return blocks(Paragraph(words(before, words("inputs.csv", link="documents/inputs.csv"), after)))


# ---- scores on the area's own past -----------------------------------------------------------------------------------


def _scores(edition: Published) -> tuple[_Scores, list[str], list[int]]:
    """Scores by method and years ahead, the methods, and the horizons; 0 is the total."""
    by = {(r.text("method"), r.whole("horizon") or 0): r for r in edition.records("backtests")}
    names = dict.fromkeys(m for m, _ in by)
    methods = [*(m for m in (OWN, *RIVALS) if m in names), *(m for m in names if m not in (OWN, *RIVALS))]
    return by, methods, sorted({h for _, h in by}, key=lambda h: (h == 0, h))


def _brier(by: _Scores, method: str, horizon: int) -> float | None:
    return by[method, horizon].number("brier") if (method, horizon) in by else None


def _method(method: str) -> str:
    return say(f"pages.record.method.{method}") if method in (OWN, *RIVALS) else method


def scores_table(edition: Published) -> Table | None:
    """Scores by years ahead, the best of each line standing out; None where the past is too short."""
    by, methods, horizons = _scores(edition)
    if not by:
        return None

    def score(method: str) -> Column:
        def cell(horizon: int) -> Any:
            found = [b for m in methods if (b := _brier(by, m, horizon)) is not None]
            own = _brier(by, method, horizon)
            return words(Score(own), role="b") if own is not None and own == min(found) else Score(own)

        return Column(_method(method), cell, align="r")

    def own(name: str, kind: Any) -> Column:
        def cell(horizon: int) -> Any:
            return kind(by[OWN, horizon].number(name)) if (OWN, horizon) in by else None

        return Column(say(f"pages.{'record' if name.startswith('coverage') else 'backtests'}.{name}"), cell, align="r")

    def ahead(h: int) -> str:
        return say("pages.backtests.ahead", years=h) if h else say("pages.total")

    columns = [Column(say("pages.backtests.horizon"), ahead, 14)]
    columns += [own("series", Count), own("cases", Count), own("met_share", Share), *map(score, methods)]
    columns += [own("coverage80", Share), own("coverage95", Share)]
    return edition.table(
        say("pages.scores_caption"),
        columns,
        [h for h in horizons if h],
        "scores",
        foot=[0] if 0 in horizons else (),
        note=say("pages.scores_note"),
    )


def judged_scores(edition: Published) -> list[str]:
    """What the table says, also where a simple rule was better."""
    by, methods, horizons = _scores(edition)
    if _brier(by, OWN, 0) is None:
        return []
    total, others = by[OWN, 0], [m for m in methods if m != OWN]
    named = listed(
        say("pages.backtests.score_of", method=_method(m), score=Score(b))
        for m in others
        if (b := _brier(by, m, 0)) is not None
    )
    cases = Count(total.number("cases") or 0)
    lines = [say("pages.backtests.verdict", cases=cases, score=Score(total.number("brier")), named=named)]
    if covered := Share(total.number("coverage80")):
        lines.append(say("pages.backtests.covered", share=covered))

    def beaten(years: int) -> bool:
        own = _brier(by, OWN, years)
        return any((b := _brier(by, m, years)) is not None and (own is None or b < own) for m in others)

    worse = [say("pages.backtests.ahead", years=h) for h in horizons if h and beaten(h)]
    return [*lines, say("pages.backtests.worse", years=listed(worse))] if worse else lines


# ---- the past period -------------------------------------------------------------------------------------------------


def _range(row: Record) -> Any:
    """Median and interval as then projected, and whether the outcome fell into it."""
    median, low, high = (row.number(c) for c in ("median", "low80", "high80"))
    if median is None or low is None or high is None:
        return None
    places, inside = row.whole("decimals") or 0, _inside(row)
    ends = say("pages.from_to", low=fixed(low, places), high=fixed(high, places))
    where = None if inside is None else say(f"pages.retrospective.{'inside' if inside else 'outside'}")
    shown = Projected(median, row.text("unit"), places)
    return words(shown, more(ends), more(where))


def national(edition: Published, country: str = "china") -> list[Record]:
    """What the newest built national edition says of the national period that has ended; nothing when none is built."""
    home = edition.folder.parents[0].parent / country if edition.folder else None
    found = sorted(home.glob("*/retrospective.csv"), key=lambda p: p.parent.name, reverse=True) if home else []
    about = schema.table("edition", "retrospective")
    same = (p for p in found if read_json(p.with_name("edition.json")).get("format") == schema.format_version())
    held = ([Record(r, about, edition) for r in stored(p).rows] for p in same)
    return next((rows for rows in held if rows), [])


def judged(row: Record) -> str:
    """Whether an outlook of the past came true: ``right``, ``wrong``, ``open`` when it committed to nothing, ``unknown`` outcome.

    Slipping is a warning, so it counts with the outlooks that expect a miss.
    """
    outlook, met = row.text("outlook"), row.text("met")
    if met not in ("met", "not_met"):
        return "unknown"
    if outlook in ("met_secure", "likely"):
        return "right" if met == "met" else "wrong"
    if outlook in ("met_slipping", "hard", "very_hard"):
        return "right" if met == "not_met" else "wrong"
    return "open"


def _inside(row: Record) -> bool | None:
    low, high, outcome = (row.number(c) for c in ("low80", "high80", "outcome"))
    return None if low is None or high is None or outcome is None else low <= outcome <= high
