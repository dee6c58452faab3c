"""How good projections of this kind were when checked, and exactly what this edition was made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plananalysis.assessments.sentences import number
from plananalysis.base.tables import read_table
from plananalysis.base.text import listed
from plananalysis.editions.opened import Published, Record
from plananalysis.figures import format_value, reliability
from plananalysis.pages import common, wording
from plananalysis.pages.record import track_record
from plananalysis.render.html import Block, Column, Html, drawing, html, paragraphs, table, tag

OWN = "engine"  # what the table ``backtests`` calls the project's own method
RIVALS = ("last_value", "drift", "straight_line")


@dataclass(frozen=True)
class MethodPage:
    edition: Published

    def masthead(self) -> Block:
        return common.masthead(self.edition, self.edition.name, self.edition.title)

    def principle(self) -> Block:
        """How a probability comes about, and what it leaves out."""
        say, info = self.edition.say, self.edition.info
        engine = say(
            "pages.method_engine",
            engine=info.get("engine") or wording.DASH,
            version=info.get("version") or wording.DASH,
        )
        return Block(paragraphs([say("pages.method_how"), say("pages.method_limits"), engine]))

    def scores(self) -> Block:
        """Projections from earlier years against what happened, beside simple rules."""
        edition = self.edition
        say = edition.say
        rows = edition.records("backtests")
        if not rows:
            return Block(tag("p", say("pages.scores_none"), cls="none"))
        by = {(r.text("method"), r.whole("horizon") or 0): r for r in rows}
        methods = [
            m for m in (OWN, *RIVALS, *dict.fromkeys(r.text("method") for r in rows)) if any(k[0] == m for k in by)
        ]
        methods = list(dict.fromkeys(methods))
        horizons = sorted({h for _, h in by}, key=lambda h: (h == 0, h))  # 0 is the total

        def score(horizon: int, method: str) -> Html | str:
            found = {m: b for m in methods if (m, horizon) in by and (b := by[m, horizon].number("brier")) is not None}
            words = f"{found[method]:.3f}" if method in found else wording.DASH
            return tag("b", words) if method in found and found[method] == min(found.values()) else words

        def own(column: str, percent: bool) -> Column:
            def cell(horizon: int) -> str:
                value = by[OWN, horizon].number(column) if (OWN, horizon) in by else None
                return wording.DASH if value is None else f"{value:.1%}" if percent else f"{value:,.0f}"

            return Column(say(f"pages.backtests.{column}"), cell, number=True)

        columns = [
            Column(
                say("pages.backtests.horizon"),
                lambda h: say("pages.backtests.ahead", years=h) if h else say("pages.total"),
            ),
            own("series", False),
            own("cases", False),
            own("met_share", True),
            *[Column(self._method(m), lambda h, m=m: score(h, m), number=True) for m in methods],
            own("coverage80", True),
            own("coverage95", True),
        ]
        years = [h for h in horizons if h]
        made = table(
            common.caption(edition, say("pages.scores_caption")),
            columns,
            years,
            foot=[0] if 0 in horizons else (),
            css="scores",
        )
        return Block(
            html(
                paragraphs(self._judged(by, methods, years), css="lead"),
                made,
                tag("p", say("pages.scores_note"), cls="small"),
            )
        )

    def _method(self, method: str) -> str:
        known = (OWN, *RIVALS)
        return self.edition.say(f"pages.backtests.{method}") if method in known else method

    def _judged(self, by: dict[tuple[str, int], Record], methods: Sequence[str], years: Sequence[int]) -> list[str]:
        """What the table says, also where a simple rule was better."""
        say, total = self.edition.say, by.get((OWN, 0))
        if total is None or total.number("brier") is None:
            return []
        others = [(m, by[m, 0].number("brier")) for m in methods if m != OWN and (m, 0) in by]
        named = listed(
            say("pages.backtests.score_of", method=self._method(m), score=f"{b:.3f}")
            for m, b in others
            if b is not None
        )
        coverage = total.number("coverage80")
        lines = [
            say(
                "pages.backtests.verdict",
                cases=f"{total.number('cases') or 0:,.0f}",
                score=f"{total.number('brier'):.3f}",
                named=named,
            )
        ]
        if coverage is not None:
            lines.append(say("pages.backtests.covered", share=f"{coverage:.1%}"))
        worse = [y for y in years if any(_brier(by, m, y) < _brier(by, OWN, y) for m in methods if m != OWN)]
        if worse:
            lines.append(
                say("pages.backtests.worse", years=listed(say("pages.backtests.ahead", years=y) for y in worse))
            )
        return lines

    def track_record(self) -> Block:
        """The same question on thousands of real histories from elsewhere."""
        return track_record(self.edition)

    def reliability(self) -> Block:
        """Whether seven of ten came true where seven of ten was said."""
        edition = self.edition
        say = edition.say
        bins = [(r.number("stated"), r.number("came_true"), r.whole("cases")) for r in edition.records("reliability")]
        known = [(s, c, n) for s, c, n in bins if s is not None and c is not None and n]
        if not known:
            return Block(tag("p", say("pages.reliability_none"), cls="none"))
        pairs = listed(f"{s:.0%}→{c:.0%}" for s, c, _ in known)
        figure = reliability(known, say("pages.reliability_alt", listed=pairs))
        columns = [
            Column(say("pages.backtests.stated"), lambda b: f"{b[0]:.0%}", number=True),
            Column(say("pages.backtests.came_true"), lambda b: f"{b[1]:.0%}", number=True),
            Column(say("pages.backtests.cases"), lambda b: f"{b[2]:,}", number=True),
        ]
        twin = table(common.caption(edition, say("pages.reliability_caption")), columns, known, css="plain")
        return Block(
            tag(
                "div",
                tag("figure", drawing(figure), tag("figcaption", say("pages.reliability_caption"))),
                twin,
                cls="beside",
            )
        )

    def retrospective(self) -> Block:
        """What would have been said half-way through a finished plan period, beside what happened."""
        edition = self.edition
        say, rows = edition.say, edition.records("retrospective")
        whose = None
        if not rows and edition.mode == "midterm":
            rows = national(edition)
            whose = tag("p", say("evaluation.national")) if rows else None
        if not rows:
            return Block(tag("p", say("pages.retrospective_none"), cls="none"))
        cuts = wording.chance_cuts(edition)
        columns = [
            Column(
                say("pages.column.indicator"), lambda r: html(tag("span", r.text("series"), cls="code"), r.text("name"))
            ),
            Column(say("pages.retrospective.target"), lambda r: r.text("target_text")),
            Column(say("pages.retrospective.then"), self._then, number=True),
            Column(say("pages.retrospective.outlook"), lambda r: wording.outlook_word(edition, r.text("outlook"))),
            Column(
                say("pages.column.probability"), lambda r: wording.percent(r.number("probability"), cuts), number=True
            ),
            Column(say("pages.retrospective.range"), self._range, number=True),
            Column(say("pages.retrospective.outcome"), self._outcome, number=True),
            Column(say("pages.retrospective.met"), lambda r: say(f"position.{r.text('met') or 'unknown'}")),
            Column(say("pages.retrospective.verdict"), lambda r: say(f"pages.retrospective.{judged(r)}")),
        ]
        origins = sorted({r.text("origin_year") for r in rows})
        groups = [
            (say("pages.retrospective.origin", year=o), [r for r in rows if r.text("origin_year") == o])
            for o in origins
        ]
        made = table(
            common.caption(edition, say("pages.retrospective_caption"))
            if whose is None
            else say("pages.retrospective_caption"),
            columns,
            groups,
            grouped=True,
            css="retrospective stack",
        )
        found = [judged(r) for r in rows]
        inside = [i for i in map(_inside, rows) if i is not None]
        counts = {name: found.count(name) for name in ("right", "wrong", "open", "unknown")}
        sentence = say(
            "pages.retrospective.sentence", count=len(rows), ranges=len(inside), inside=sum(inside), **counts
        )
        return Block(
            html(
                whose, paragraphs([sentence], css="lead"), made, tag("p", say("pages.retrospective_note"), cls="small")
            )
        )

    def _then(self, row: Record) -> Html | str:
        return self._dated(row.text("value_text"), row.text("value_year"))

    def _outcome(self, row: Record) -> Html | str:
        value = row.number("outcome")
        words = "" if value is None else number(value, row.text("unit"), row.whole("decimals") or 0)
        return self._dated(words, row.text("outcome_year"))

    def _dated(self, words: str, year: str) -> Html | str:
        return (
            html(words, tag("span", self.edition.say("pages.year", year=year), cls="year")) if words else wording.DASH
        )

    def _range(self, row: Record) -> Html | str:
        """Median and interval as then projected, and whether the outcome fell into it."""
        median, low, high = (row.number(c) for c in ("median", "low80", "high80"))
        if median is None or low is None or high is None:
            return wording.DASH
        places, unit, inside = row.whole("decimals") or 0, row.text("unit"), _inside(row)
        ends = self.edition.say("pages.from_to", low=format_value(low, places), high=format_value(high, places))
        where = None if inside is None else self.edition.say(f"pages.retrospective.{'inside' if inside else 'outside'}")
        return html(
            wording.projected(median, unit, places),
            tag("span", ends, cls="more"),
            tag("span", where, cls="more") if where else None,
        )

    def thresholds(self) -> Block:
        return Block(common.thresholds_table(self.edition))

    def inputs(self) -> Block:
        """Where every file the edition was made from is listed: not here, or this page would change with every value."""
        if self.edition.audience != "internal":
            return Block(html())
        link = tag("a", "inputs.csv", href="documents/inputs.csv")
        before, after = self.edition.say("pages.inputs_where").split("{file}")
        return Block(tag("p", before, link, after))


def national(edition: Published, country: str = "china") -> list[Record]:
    """What the newest built national edition says of the national period that has ended; nothing when none is built."""
    home = edition.folder.parents[0].parent / country if edition.folder else None
    found = sorted(home.glob("*/retrospective.csv"), key=lambda p: p.parent.name, reverse=True) if home else []
    spoken = [p for p in found if p.parent.name.endswith("-en") == (edition.language == "en")]
    held = ([Record(r) for r in read_table(p).to_dict("records")] for p in spoken)
    return next((rows for rows in held if rows), [])


def _brier(by: dict[tuple[str, int], Record], method: str, horizon: int) -> float:
    value = by[method, horizon].number("brier") if (method, horizon) in by else None
    return float("inf") if value is None else value


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
