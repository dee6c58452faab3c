"""终期评估: reached or not with the figures that decide, how the years went, and what earlier editions had said."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plananalysis.base.text import say, sentence
from plananalysis.editions.opened import Published, Record
from plananalysis.figures import ASSESSABLE, OUTLOOKS
from plananalysis.pages import wording
from plananalysis.pages.listing import (
    Head,
    Line,
    Listing,
    coded,
    dated,
    gap,
    head,
    measured,
    reading,
    since_base,
    units,
)


@dataclass(frozen=True)
class Said:
    """One outlook of one earlier year: how many rows got it, and how many of those were met in the end."""

    year: int
    outlook: str
    count: int
    met: int


def late(edition: Published, row: Record) -> bool:
    """Whether a row is judged by a value older than the target year's."""
    return row.text("position") != "unknown" and (row.whole("value_year") or 0) < edition.target_year


def reached(edition: Published, rows: Sequence[Record]) -> str:
    """Final counts: reached, not reached, cannot be judged; the denominator is said, and what rests on older values."""
    places = [r.text("position") for r in rows]
    met, not_met, unknown = (places.count(p) for p in ("met", "not_met", "unknown"))
    words = {"rows": len(rows), "known": met + not_met, "met": met, "not_met": not_met}
    clauses = [say("documents.reached", **words, share=wording.share(met, met + not_met))]
    old = sum(late(edition, r) for r in rows)
    clauses += [say("evaluation.late", count=old, year=edition.target_year)] if old else []
    clauses += [say("evaluation.unknown", unknown=unknown)] if unknown else []
    return sentence(*clauses)


def decisive(edition: Published, rows: Sequence[Record]) -> Listing:
    """Every row with the value that decides: the target year's, or the newest there is, which is then dated."""
    lines = []
    for r in rows:
        verdict = say(f"documents.final.{r.text('position')}")
        verdict += say("evaluation.by_older", year=r.whole("value_year")) if late(edition, r) else ""
        cells = (
            coded(r), units(r), say(f"attribute.{r.text('attribute')}"), wording.value(r, "baseline"), dated(edition, r),
            reading(r), gap(r) if r.text("position") == "not_met" else wording.DASH, verdict,
        )  # fmt: skip
        lines.append(Line(cells, r))
    heads = [
        head("indicator", 25),
        head("unit", 12),
        head("attribute", 7, "c"),
        head("first", 9, "r", year=edition.base_year),
    ]
    heads += [head("final", 10, "r", year=edition.target_year), head("target", 14, year=edition.target_year)]
    heads += [head("gap", 10, "r"), head("position", 13, "c")]
    return Listing(reached(edition, rows), say("evaluation.decisive"), heads, lines)


def story(edition: Published, rows: Sequence[Record]) -> Listing:
    """Base, middle and end value of every row, and in how many years it moved the right way."""
    middle = (edition.base_year + edition.target_year) // 2
    lines, moves = [], []
    for r in rows:
        leaf, good = measured(edition, r), good_years(edition, r)
        moves += [good] if good is not None else []
        cells = (
            coded(r), wording.value(r, "baseline"), _at(edition, leaf, middle), dated(edition, r), since_base(edition, r),
            wording.DASH if good is None else say("documents.story.moves", good=good[0], steps=good[1]),
            reading(r), say(f"documents.final.{r.text('position')}"),
        )  # fmt: skip
        lines.append(Line(cells, r))
    heads = [head("indicator", 25), head("first", 10, "r", year=edition.base_year), head("first", 10, "r", year=middle)]
    heads += [head("final", 11, "r", year=edition.target_year), head("since_base", 12, "r", year=edition.base_year)]
    heads += [head("moves", 9, "c"), head("target", 15, year=edition.target_year), head("position", 9, "c")]
    return Listing(
        _story_words(edition, moves), say("documents.caption.story"), heads, lines, say("documents.story.note")
    )


def _story_words(edition: Published, moves: Sequence[tuple[int, int]]) -> str:
    if not moves:
        return say("documents.story.none")
    mostly = sum(2 * good > steps for good, steps in moves)
    years = {"base_year": edition.base_year, "target_year": edition.target_year}
    return say("documents.story.words", count=len(moves), mostly=mostly, **years)


def _within(edition: Published, leaf: Record) -> dict[int, Record]:
    """Comparable values from the base year on, one a year."""
    held = [r for r in edition.observed.get(leaf.text("series"), []) if _known(r)]
    definition = held[-1].text("definition") if held else ""
    return {
        r.whole("year") or 0: r
        for r in held
        if (r.whole("year") or 0) >= edition.base_year and r.text("definition") == definition
    }


def _known(r: Record) -> bool:
    return r.number("value") is not None or r.text("withheld") == "True"


def _at(edition: Published, leaf: Record, year: int) -> str:
    found = _within(edition, leaf).get(year)
    if found is None:
        return wording.DASH
    hidden = found.text("withheld") == "True"
    return wording.value(Record(leaf.cells | {"value": found.number("value"), "withheld": "value" if hidden else ""}))


def good_years(edition: Published, row: Record) -> tuple[int, int] | None:
    """In how many of the steps between observed years the value moved the good way; None for rows without one."""
    leaf = measured(edition, row)
    direction, held = leaf.whole("direction") or 0, _within(edition, leaf)
    values = [r.number("value") for _, r in sorted(held.items())]
    if direction == 0 or len(values) < 3 or None in values:
        return None
    steps = [(b or 0.0) - (a or 0.0) for a, b in itertools.pairwise(values)]
    return sum(s * direction > 0 for s in steps), len(steps)


def earlier(edition: Published) -> dict[int, dict[str, Record]]:
    """What the period's earlier editions say of each row, by year and series."""
    found: dict[int, dict[str, Record]] = {}
    for r in edition.records("earlier"):
        found.setdefault(r.whole("year") or 0, {})[r.text("series")] = r
    return found


def said_and_came(rows: Sequence[Record], before: Mapping[int, Mapping[str, Record]]) -> list[Said]:
    """Outlooks of earlier editions against the final position; only rows that can be judged in the end count."""
    came = {r.text("series"): r for r in rows if r.text("position") in ("met", "not_met")}
    found = []
    for year, said in sorted(before.items()):
        for outlook in ASSESSABLE:
            held = [came[s] for s, r in said.items() if s in came and r.text("outlook") == outlook]
            if held:
                met = sum(r.text("position") == "met" for r in held)
                found.append(Said(year, outlook, len(held), met))
    return found


def said_words(said: Sequence[Said]) -> str:
    """How often clear outlooks came true."""

    def shares(outlooks: Sequence[str]) -> tuple[int, int]:
        held = [s for s in said if s.outlook in outlooks]
        return sum(s.count for s in held), sum(s.met for s in held)

    (good, good_met), (bad, bad_met) = shares(("met_secure", "likely")), shares(("hard", "very_hard"))
    clauses = [say("documents.said.good", count=good, met=good_met)] if good else []
    clauses += [say("documents.said.bad", count=bad, missed=bad - bad_met)] if bad else []
    return say("documents.said.words", clauses=say("joint.clause").join(clauses) or say("documents.said.no_clear"))


def said_counts(said: Sequence[Said], caption: str) -> Listing:
    """Of each outlook of each year, how many were met in the end; the last two lines are the sum and its share."""
    years, outlooks = sorted({s.year for s in said}), [o for o in ASSESSABLE if any(s.outlook == o for s in said)]
    held = {(s.year, s.outlook): (s.met, s.count) for s in said}
    sums = {o: tuple(sum(held.get((y, o), (0, 0))[i] for y in years) for i in (0, 1)) for o in outlooks}

    def cells(name: str, counts: Mapping[str, tuple[int, ...]]) -> Line:
        of = [
            say("documents.said.of", met=c[0], count=c[1]) if (c := counts.get(o)) else wording.DASH for o in outlooks
        ]
        return Line((name, *of))

    lines = [cells(str(y), {o: held[y, o] for o in outlooks if (y, o) in held}) for y in years]
    lines += [cells(say("pages.total"), sums)] if len(years) > 1 else []
    shares = (f"{met / count:.0%}" for met, count in sums.values())
    lines.append(Line((say("documents.column.came_share"), *shares)))
    width = 82 / max(len(outlooks), 1)
    heads = [head("edition", 18), *[Head(say(f"outlook.{o}"), width, "c") for o in outlooks]]
    return Listing(said_words(said), caption, heads, lines, say("documents.said.note"))


def said_rows(rows: Sequence[Record], before: Mapping[int, Mapping[str, Record]]) -> Listing:
    """What each year's edition said of each row, in short words, and what came."""
    years = sorted(before)
    lines, used = [], set()
    for r in rows:
        held = [h.text("outlook") if (h := before[y].get(r.text("series"))) else "" for y in years]
        used |= {*held}
        words = [say(f"outlook_short.{o}") if o else wording.DASH for o in held]
        lines.append(Line((coded(r), *words, say(f"documents.final.{r.text('position')}")), r))
    width = 58 / max(len(years), 1)
    heads = [head("indicator", 32), *[Head(str(y), width, "c") for y in years], head("position", 10, "c")]
    short = [
        say("documents.said.short", short=say(f"outlook_short.{o}"), outlook=say(f"outlook.{o}"))
        for o in OUTLOOKS
        if o in used
    ]
    key = say("documents.said.key", words=say("joint.clause").join(short)) if short else ""
    return Listing(key, say("documents.caption.said"), heads, lines)
