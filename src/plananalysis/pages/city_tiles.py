"""The districts of a city on a map of squares, one map an indicator: where it stands and what is expected of it."""

from __future__ import annotations

from collections.abc import Sequence

from plananalysis.base.text import LANGUAGES, listed, say
from plananalysis.editions.opened import Record
from plananalysis.figures import OUTLOOKS
from plananalysis.figures.tile_map import TileValue, tile_map
from plananalysis.pages.cells import unit_label
from plananalysis.pages.city_tables import CityTables
from plananalysis.pages.outlooks import REACHED
from plananalysis.render.blocks import Drawing, Figure, Paragraph
from plananalysis.render.html import Blocks, blocks
from plananalysis.render.quantities import Value


def told(page: CityTables) -> Blocks:
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
