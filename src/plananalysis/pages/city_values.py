"""What a mayor asks of the districts' values: who moved, whether they come nearer to each other, what is more than chance, what they add up to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from plananalysis.base.digits import fixed
from plananalysis.base.text import listed, say
from plananalysis.editions.opened import Record, gathered
from plananalysis.pages.city_tables import CityTables
from plananalysis.pages.columns import column, count_column, worded
from plananalysis.render.blocks import Column, Paragraph, Table
from plananalysis.render.html import Blocks, blocks
from plananalysis.render.quantities import DASH, Count, Value, Year

SHOWN = 15  # lines of a list on the overview; the workbook holds all
_SAME = 0.1  # a spread that changed by less than a tenth is told as unchanged
_CHANCE = 0.002  # of rates outside the wide limits, where nothing but chance is at work


def movement(page: CityTables) -> Blocks:
    """What has become of each district's targets since the edition of the year before."""
    rows = page.records("movement")
    if not rows:
        return blocks(Paragraph(say("pages.city.movement_none"), "none"))
    change = [r.number("expected_change") or 0.0 for r in rows]
    usual = sum(change) / len(change)
    up, down = ([r.text("area") for r in held] for held in (_moved(rows, 1), _moved(rows[::-1], -1)))
    turned = {name: sum(r.whole(name) or 0 for r in rows) for name in ("gained", "lost")}
    told = page.now("movement", year=page.as_of - 1, usual=_more(usual), **turned)
    sides = [(word, held) for word, held in (("up", up), ("down", down)) if held]
    named = [page.now(f"movement_{word}", names=page.few(held), count=len(held)) for word, held in sides]
    return blocks(Paragraph(told, "lead"), *map(Paragraph, named), movement_table(page))


def _more(value: float) -> str:
    """How many targets more or fewer, in words."""
    count = fixed(abs(value), 1)
    if count == fixed(0.0, 1):
        return say("pages.city.usual_same")
    return say(f"pages.city.usual_{'more' if value > 0 else 'fewer'}", count=count)


def _moved(rows: Sequence[Record], side: int) -> list[Record]:
    """Districts expected to meet at least one target more, or fewer, than a year ago."""
    return [r for r in rows if (r.number("expected_change") or 0.0) * side >= 1]


def movement_table(page: CityTables) -> Table:
    def change(r: Record) -> str:
        return signed(r.number("expected_change") or 0.0)

    columns = [
        column("district", lambda r: page.link(r.text("area")), sort=lambda r: page.districts[r.text("area")]),
        *map(counted, ("met_before", "met_now", "gained", "lost", *(() if page.over else ("better", "worse")))),
        Column(page.now("expected_change"), change, 8, "r", sort=lambda r: r.number("expected_change")),
    ]
    caption = say("pages.city.movement_caption", year=page.as_of - 1)
    return page.table(caption, columns, page.records("movement"), "stack")


def counted(name: str) -> Column:
    """A column of whole numbers of a table, which can be sorted."""
    return replace(count_column(name), sort=lambda r: r.number(name))


def spreads(page: CityTables) -> Blocks:
    """Whether districts come nearer to each other: how far the middle four fifths of them lie apart, in the base year and now."""
    held = ends(page)
    if not held:
        return blocks(Paragraph(say("pages.city.spreads_none"), "none"))
    nearer, apart = (sum(_change(pair) * side > _SAME for pair in held) for side in (-1, 1))
    lead = say("pages.city.spreads", count=len(held), nearer=nearer, apart=apart, same=len(held) - nearer - apart)
    widest = sorted(held, key=lambda pair: -_change(pair))[:SHOWN]
    note = Paragraph(say("pages.city.spreads_note"), "small")
    return blocks(Paragraph(lead, "lead"), note, spreads_table(page, widest))


def ends(page: CityTables) -> list[tuple[Record, Record]]:
    """First and last year told of every series that has both."""
    found = [(held[0], held[-1]) for held in gathered(page.records("years")).values() if len(held) > 1]
    return [pair for pair in found if page.about[pair[0].text("series")].number("direction")]


def _spread(r: Record) -> float:
    return (r.number("p90") or 0.0) - (r.number("p10") or 0.0)


def _growth(pair: tuple[Record, Record]) -> str:
    """By which share of what it was the spread grew; a dash where there was none."""
    before, now = map(_spread, pair)
    return f"{100 * (now / before - 1):+.0f}%".replace("-", "−") if before else DASH


def _change(pair: tuple[Record, Record]) -> float:
    """By which share of the larger of the two the spread grew: finite, and in the order of ``_growth``."""
    before, now = map(_spread, pair)
    return (now - before) / max(before, now, 1e-9)


def spreads_table(page: CityTables, pairs: Sequence[tuple[Record, Record]]) -> Table:
    """Series with their spread over the districts then and now."""

    def value(r: Record, name: str) -> Value:
        return page.value(r.text("series"), r.number(name))

    def range_of(r: Record) -> str:
        return say("pages.city.range_in", low=value(r, "p10"), high=value(r, "p90"), year=r.whole("year"))

    columns: list[Column] = [
        column("indicator", lambda p: page.named(p[1].text("series")), sort=lambda p: p[1].text("series")),
        Column(say("column.spread_before"), lambda p: range_of(p[0]), 16),
        Column(say("column.spread_now"), lambda p: range_of(p[1]), 16),
        Column(say("column.middle_now"), lambda p: value(p[1], "p50"), 10, "r"),
        Column(say("column.spread_change"), _growth, 8, "r", sort=_change),
        Column(say("column.districts"), lambda p: Count(p[1].number("districts")), 7, "r"),
    ]
    return page.table(say("pages.city.spreads_caption"), columns, pairs, "stack")


def rates(page: CityTables) -> Blocks:
    """Rates of counted cases that lie further from the city's than chance leaves open."""
    rows = page.records("rates")
    if not rows:
        return blocks(Paragraph(say("pages.city.rates_none"), "none"))
    out = [r for r in rows if r.text("word") != "within"]
    series, usual = {r.text("series") for r in rows}, fixed(_CHANCE * len(rows), 1)
    lead = say("pages.city.rates", series=len(series), rates=Count(len(rows)), out=len(out), chance=usual)
    note = Paragraph(say("pages.city.rates_note"), "small")
    return blocks(Paragraph(lead, "lead"), note, rates_table(page, out) if out else None)


def rates_table(page: CityTables, rows: Sequence[Record]) -> Table:
    """Rates with cases, people and limits."""

    def value(r: Record, name: str) -> Value:
        return page.value(r.text("series"), r.number(name))

    def limits(r: Record) -> str:
        return say("pages.city.range_of", low=value(r, "low998"), high=value(r, "high998"))

    columns = [
        column("district", lambda r: page.link(r.text("area")), sort=lambda r: page.districts[r.text("area")]),
        column("indicator", lambda r: page.named(r.text("series")), sort=lambda r: r.text("series")),
        column("year", lambda r: Year(r.whole("year"))),
        counted("cases"),
        counted("people"),
        Column(say("column.rate"), lambda r: value(r, "rate"), 10, "r", sort=lambda r: r.number("rate")),
        Column(say("column.city_rate"), lambda r: value(r, "centre"), 10, "r"),
        Column(say("column.limits"), limits, 14),
        Column(say("column.outside"), lambda r: say(f"pages.city.rate.{r.text('word')}"), 8),
    ]
    return page.table(say("pages.city.rates_caption"), columns, rows, "stack")


def wholes(page: CityTables) -> Blocks:
    """What the districts add up to beside what the city itself published."""
    rows = page.records("wholes")
    summed, said = ([r for r in rows if r.number(name) is not None] for name in ("whole", "published"))
    lead = say("pages.city.wholes", series=len(rows), summed=len(summed))
    if not said:
        return blocks(Paragraph(lead + say("pages.city.wholes_unsaid"), "lead"))
    odd = [r for r in said if r.text("agrees") == "False"]
    names = listed(page.about[r.text("series")].text("name") for r in odd[:SHOWN])
    told = say("pages.city.wholes_odd", said=len(said), odd=len(odd), names=names)
    lead += told if odd else say("pages.city.wholes_agree", said=len(said))
    return blocks(Paragraph(lead, "lead"), wholes_table(page, odd) if odd else None)


def wholes_table(page: CityTables, rows: Sequence[Record]) -> Table:
    """The city's value of series, as added up and as published."""

    def value(name: str) -> Column:
        return Column(say(f"column.{name}"), lambda r: page.value(r.text("series"), r.number(name)), 10, "r")

    columns = [
        column("indicator", lambda r: page.named(r.text("series")), sort=lambda r: r.text("series")),
        column("year", lambda r: Year(r.whole("year"))),
        count_column("districts"),
        value("whole"),
        value("published"),
        Column(say("column.agrees"), lambda r: worded("agrees", r, "agrees"), 8),
    ]
    return page.table(say("pages.city.wholes_caption"), columns, rows, "stack")


def signed(value: float) -> str:
    """A number of targets more (+) or fewer (−)."""
    text = fixed(value, 1)
    return f"+{text}" if value > 0 and text != "0.0" else text
