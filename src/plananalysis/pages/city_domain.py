"""One domain over all districts: an indicator chosen, and every district beside the others on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from plananalysis.base.text import LANGUAGES, listed, say
from plananalysis.editions.opened import Record
from plananalysis.figures.districts import DistrictLine, Rate, district_lines, funnel
from plananalysis.figures.marks import OUTLOOKS
from plananalysis.figures.tile_map import TileValue, tile_map
from plananalysis.pages.cells import chance, unit_label
from plananalysis.pages.city_tables import CityTables
from plananalysis.pages.columns import column, worded
from plananalysis.pages.links import page_file
from plananalysis.pages.many import NARROW
from plananalysis.pages.masthead import title_block
from plananalysis.pages.outlooks import REACHED, outlook_word
from plananalysis.render.blocks import Column, Drawing, Figure, Group, Heading, Paragraph, Table, Words, words
from plananalysis.render.html import Blocks, blocks
from plananalysis.render.quantities import Value, Year


def domain_page(page: CityTables, domain: Record, part: int = 1) -> Blocks:
    """The measured indicators of a domain, or of one of its pages: a figure, a map and a table of all districts for each."""
    code = domain.text("domain")
    held: dict[str, list[Record]] = {series: [] for series in page.parts[code][part - 1]}
    for r in page.records("verdicts"):
        if r.text("domain") == code and r.text("series") in held and r.text("role") != "compound":
            held[r.text("series")].append(r)
    title = say("pages.city.domain_title", domain=page.title_of(domain, part), name=page.name, as_of=page.as_of)
    lead = Paragraph(page.now("domain_lead", year=page.target_year), "small")
    head = title_block(title, "", [])
    return blocks(head, lead, tiles_told(page), *(_indicator(page, series, rows) for series, rows in held.items()))


def _indicator(page: CityTables, series: str, rows: list[Record]) -> Group:
    about = page.about[series]
    known = [r for r in rows if r.number("value") is not None]
    side = about.number("direction") or 1
    known.sort(key=lambda r: (-side * (r.number("value") or 0.0), r.text("area")))
    silent = [page.districts[r.text("area")] for r in rows if r.number("value") is None]
    whole = next((r for r in page.records("wholes") if r.text("series") == series), None)
    target, value = about.text("target_text"), whole.number("whole") if whole else None
    said = [
        say("pages.city.domain_target", year=page.target_year, target=target) if target else "",
        "" if value is None else say("pages.city.domain_whole", value=page.value(series, value)),
        say(f"pages.city.domain_{'hidden' if page.public else 'silent'}", names=listed(silent)) if silent else "",
    ]
    name = f"{series} {about.text('name')}{unit_label(about.text('unit'))}"
    held: list[Any] = [Heading(2, name), *(Paragraph(t) for t in said if t)]
    if known:
        beside = [figure for figure in (_lines(page, series, known, whole), tiles(page, series, known)) if figure]
        held += [Group(beside, "drawn"), _funnel(page, series), _table(page, series, known)]
    return Group(held, "card", "section", series)


def _lines(page: CityTables, series: str, rows: list[Record], whole: Record | None) -> Figure:
    about, lines = page.about[series], []
    for r in rows:
        now = r.number("value") or 0.0
        told = (r.number(f"{n}_target_year") for n in ("low80", "median", "high80"))
        low, median, high = (now if v is None else v for v in told)
        name = page.districts[r.text("area")]
        said = say("pages.city.domain_title_row", name=name, value=page.value(series, now))
        lines.append(DistrictLine(name, now, low, median, high, said))
    best, middle, worst = (page.value(series, rows[i].number("value")) for i in (0, len(rows) // 2, -1))
    alt = say("pages.city.domain_alt", name=about.text("name"), count=len(rows), best=best, middle=middle, worst=worst)
    goals = {tuple(r.number(f"goal_{end}") for end in ("low", "high")) for r in rows}
    edges = [edge for edge in goals.pop() if edge is not None] if len(goals) == 1 else []
    goal = edges[0] if len(edges) == 1 else None  # one line where all have one target with one edge
    wide, narrow = (
        Drawing(district_lines(lines, goal, whole.number("whole") if whole else None, alt, width), alt)
        for width in (760, NARROW)
    )
    return Figure(wide, narrow=narrow)


def _funnel(page: CityTables, series: str) -> Figure | None:
    rows = [r for r in page.records("rates") if r.text("series") == series]
    if not rows:
        return None
    points = []
    for r in rows:
        people, rate, *limits = (r.number(n) or 0.0 for n in ("people", "rate", "low95", "high95", "low998", "high998"))
        low95, high95, low998, high998 = limits
        name, outside = page.districts[r.text("area")], r.text("word") != "within"
        points.append(Rate(name, people, rate, low95, high95, low998, high998, outside))
    centre = page.value(series, rows[0].number("centre"))
    out = sum(p.outside for p in points)
    alt = say("pages.city.funnel_alt", name=page.about[series].text("name"), count=len(rows), centre=centre, out=out)
    wide, narrow = (
        Drawing(funnel(points, rows[0].number("centre") or 0.0, alt, width), alt) for width in (560, NARROW)
    )
    return Figure(wide, say("pages.city.funnel_caption"), narrow)


def _table(page: CityTables, series: str, rows: list[Record]) -> Table:
    def value(r: Record, name: str) -> Value:
        return page.value(series, r.number(name))

    def place(r: Record) -> int | None:
        return {"met": 0, "not_met": 1}.get(r.text("position"))

    def expected(r: Record) -> str | None:
        if r.number("low80_target_year") is None:
            return None
        ends = {end: value(r, f"{end}80_target_year") for end in ("low", "high")}
        return say("pages.city.range_of", **ends)

    def link(r: Record) -> Words:
        return words(
            page.districts[r.text("area")], link=page.place(r.text("area"), f"{page_file(r.text('domain'))}#{series}")
        )

    columns = [
        column("district", link, sort=lambda r: page.districts[r.text("area")]),
        Column(say("column.value"), lambda r: value(r, "value"), 10, "r", sort=lambda r: r.number("value")),
        column("year", lambda r: Year(r.whole("value_year"))),
        Column(say("column.position"), lambda r: worded("position", r, "position"), 8, sort=place),
    ]
    head = say("column.expected_value", year=page.target_year)
    ahead = [
        Column(head, expected, 14, "r", sort=lambda r: r.number("median_target_year")),
        column("probability", lambda r: chance(page, r), sort=lambda r: r.number("probability")),
        column("outlook", lambda r: outlook_word(r.text("outlook")), sort=lambda r: r.number("probability")),
    ]
    caption = say("pages.city.districts_caption", name=page.about[series].text("name"))
    return page.table(caption, columns if page.over else [*columns, *ahead], rows, "stack")


def tiles_told(page: CityTables) -> Blocks:
    """How the maps of a page are read, who laid out the squares, and the districts that have none; nothing where there is no map."""
    if not _placed(page):
        return blocks()
    source = listed(map(page.translated, page.info["tiles_from"]))
    apart = [r.text("name") for r in page.records("districts") if r.whole("tile_column") is None]
    return blocks(
        Paragraph(page.now("tiles_lead", year=page.target_year, source=source), "small"),
        Paragraph(say("pages.city.tiles_apart", names=listed(apart)), "small") if apart else None,
    )


def tiles(page: CityTables, series: str, rows: Sequence[Record]) -> Figure | None:
    """The map of one indicator; nothing where no district has a square.

    Parameters
    ----------
    rows
        What the page tells of the districts that have a value it may show.
    """
    held = {r.text("area"): r for r in rows}
    if not (placed := _placed(page)):
        return None
    about = page.about[series]
    word = say(f"pages.city.tiles_{'hidden' if page.public else 'silent'}")
    said = (
        {REACHED[p]: say(f"position.{p}") for p in REACHED} if page.over else {o: say(f"outlook.{o}") for o in OUTLOOKS}
    )
    squares = []
    for r in placed:
        found = held.get(r.text("area"))
        outlook = _outlook(page, found)
        value = "—" if found is None else str(Value(found.number("value"), "", about.whole("decimals") or 0))
        at = r.whole("tile_column") or 0, r.whole("tile_row") or 0
        squares.append(TileValue(_short(page, r), *at, outlook, value))
    each = [s.outlook for s in squares]
    counts = [(said[o] if o else word, each.count(o)) for o in (*said, None) if o in each]
    named = listed(say("pages.city.tiles_count", outlook=w, count=n) for w, n in counts)
    alt = say("pages.city.tiles_alt", name=about.text("name"), count=len(squares), counts=named)
    caption = say("pages.city.tiles_caption", name=about.text("name"), unit=unit_label(about.text("unit")))
    return Figure(Drawing(tile_map(squares, said, word, alt), alt), caption)


def _placed(page: CityTables) -> list[Record]:
    """The districts that have a square."""
    return [r for r in page.records("districts") if r.whole("tile_column") is not None]


def _outlook(page: CityTables, row: Record | None) -> str | None:
    """The sign of a district: of what is expected there, in the target year of whether the target was reached."""
    if row is None:
        return None
    return REACHED[row.text("position") or "unknown"] if page.over else row.text("outlook") or None


def _short(page: CityTables, district: Record) -> str:
    """What a district is called on its square; in full where no short name was given in the language spoken."""
    return district.text("tile_short" if page.language == LANGUAGES[0] else "tile_short_en") or district.text("name")
