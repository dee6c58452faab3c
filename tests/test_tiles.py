"""A city's tile maps: squares stand where the table says, nowhere else, and show no more than the page does."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from small_city import trim
from test_panels_city import assessed_only

from plananalysis.base.errors import DataError
from plananalysis.base.tables import read_table
from plananalysis.base.text import say
from plananalysis.figures.marks import OUTLOOKS
from plananalysis.figures.tile_map import TileValue, tile_map
from plananalysis.pages import city_tables
from plananalysis.pages.city import CityPage, open_city
from plananalysis.pages.city_domain import domain_page
from plananalysis.panels import city as cities
from plananalysis.panels.tiles import Tile, read_tiles
from plananalysis.simulate import simulate

ROOT = Path(__file__).resolve().parents[1]
DISTRICTS = ("sim-0001", "sim-0002", "sim-0003")
HEAD = "area,column,row,source,short\n"


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tiles")
    simulate(ROOT, areas=3, seed=9, target=root)
    trim(root)
    shutil.copy(root / "data" / "raw" / "tiles.csv", root / "as_simulated.csv")
    for area in DISTRICTS:
        assessed_only(root, area, 2025)
    return root


def laid_out(root: Path, text: str | None, language: str = "zh") -> CityPage:
    """The city's page with its squares told anew; without the table where there is no text."""
    path = root / "data" / "raw" / "tiles.csv"
    path.unlink(missing_ok=True)
    if text is not None:
        path.write_text(text, encoding="utf-8")
    cities.compare(root, cities.read_city(root), 2025)
    return open_city("city", 2025, root, language)


def section(page: CityPage, series: str = "W04") -> str:
    """What the page of its domain says of an indicator."""
    (domain,) = [d for d in page.records("domains") if d.text("domain") == page.about[series].text("domain")]
    assert page.title_of(domain, 1) == domain.text("name")  # three districts need one page
    with page.speaking():
        whole = domain_page(page, domain)._repr_html_()
    return next(part for part in whole.split("<section")[1:] if f'id="{series}"' in part.split(">")[0])


def maps(markup: str) -> list[str]:
    return re.findall(r"<svg[^>]*tile-map.*?</svg>", markup)


def words_at(drawn: str) -> dict[tuple[float, float], str]:
    return {
        (float(x), float(y)): said for x, y, said in re.findall(r'<text x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)<', drawn)
    }


def test_squares_stand_where_the_table_says_from_the_first_column_and_row_in_use():
    """Two across and two down are 64 units wide, 3 of them the gap, and 44 + 3 high."""
    held = [("甲", 2, 3, "likely"), ("乙", 3, 3, "hard"), ("丙", 3, 4, None)]
    tiles = [TileValue(name, column, row, outlook, "5" if outlook else "—") for name, column, row, outlook in held]
    drawn = tile_map(tiles, {"likely": "有望", "hard": "困难"}, "没有数值", "图")
    said = words_at(drawn)
    assert (said[30.5, 24], said[94.5, 24], said[94.5, 71]) == ("甲", "乙", "丙")
    assert (said[30.5, 38], said[94.5, 85]) == ("5", "—")
    assert [word for _, word in sorted(said.items()) if word in ("有望", "困难", "没有数值")] == [
        "有望",
        "困难",
        "没有数值",
    ]
    # the one without a value has a broken edge and no band: one square and one sample of the key are broken
    assert (
        drawn.count("stroke-dasharray") == 2
        and 'M64 47h61v44h-61Z" fill="#ffffff" stroke="#9a9a9a" stroke-dasharray' in drawn
    )


def test_a_long_name_is_cut_and_a_long_value_never():
    tiles = [TileValue("石柱土家族自治县", n, 1, "likely", "1,234,567") for n in range(1, 10)]
    drawn = tile_map(tiles, {"likely": "有望"}, "", "图")
    assert drawn.count(">1,234,567<") == 9 and "石柱土家族自治县" not in drawn and "石柱" in drawn
    assert 'viewBox="0 0 350 ' in drawn


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("sim-0009,1,1,示意,\n", "area"),
        ("sim-0001,1,1,示意,\nsim-0001,2,1,示意,\n", "area"),
        ("sim-0001,1,1,示意,\nsim-0002,1,1,示意,\n", "area"),
        ("sim-0001,1.5,1,示意,\n", "column"),
        ("sim-0001,0,1,示意,\n", "column"),
        ("sim-0001,1,31,示意,\n", "row"),
        ("sim-0001,1,,示意,\n", "row"),
        ("sim-0001,1,1,,\n", "source"),
    ],
)
def test_a_square_that_cannot_be_is_refused_by_row_and_column(city: Path, line: str, column: str):
    (city / "data" / "raw" / "tiles.csv").write_text(HEAD + line, encoding="utf-8")
    with pytest.raises(DataError) as refused:
        read_tiles(city, DISTRICTS)
    (found,) = refused.value.problems
    assert (found.file, found.row, found.column) == ("data/raw/tiles.csv", 1 + line.count("\n"), column)


def test_every_mistake_is_told_at_once_and_an_unknown_column_too(city: Path):
    path = city / "data" / "raw" / "tiles.csv"
    path.write_text(f"{HEAD}sim-0009,x,0,示意,\nsim-0002,1,1,,\n", encoding="utf-8")
    with pytest.raises(DataError) as refused:
        cities.existing(city, cities.read_city(city), 2025)  # before any district is built
    assert [(p.row, p.column) for p in refused.value.problems] == [
        (2, "area"),
        (2, "column"),
        (2, "row"),
        (3, "source"),
    ]
    path.write_text("area,column,row,source,colour\nsim-0001,1,1,示意,red\n", encoding="utf-8")
    with pytest.raises(DataError, match="colour"):
        read_tiles(city, DISTRICTS)


def test_a_district_that_is_no_more_leaves_its_square(city: Path):
    (city / "data" / "raw" / "tiles.csv").write_text(
        f"{HEAD}sim-0001,1,1,示意,\nsim-0003,1,1,示意,丙\n", encoding="utf-8"
    )
    assert read_tiles(city, DISTRICTS[1:]) == {"sim-0003": Tile(1, 1, "丙", "", "示意")}


def test_without_the_table_no_map_is_drawn_and_none_is_spoken_of(city: Path):
    page = laid_out(city, None)
    assert "tile_column" not in read_table(cities.home(city, "city", 2025) / "districts.csv")
    assert maps(section(page)) == [] and "方格" not in domain_page(page, page.records("domains")[0])._repr_html_()


def test_a_district_without_a_square_is_listed_apart_and_not_put_anywhere(city: Path):
    page = laid_out(city, f"{HEAD}sim-0003,1,1,示意,丙\nsim-0001,2,1,示意,\n")
    (drawn,) = maps(section(page))
    said = list(words_at(drawn).values())
    assert "丙" in said and any(word.startswith("模拟1") for word in said) and not any("模拟2" in word for word in said)
    whole = domain_page(page, page.records("domains")[0])._repr_html_()
    assert "不在图上的区县：模拟2区(虚构)" in whole and "（示意）" in whole


@pytest.mark.parametrize(("language", "short"), [("zh", "模拟{}"), ("en", "Sim {}")])
def test_a_square_says_value_and_outlook_of_its_district_in_either_language(city: Path, language: str, short: str):
    page = laid_out(city, (city / "as_simulated.csv").read_text(encoding="utf-8-sig"), language)
    (drawn,) = maps(section(page))
    said = words_at(drawn)
    places = {"sim-0001": (30.5, 24), "sim-0002": (94.5, 24), "sim-0003": (30.5, 71)}  # two across
    held = {r.text("area"): r for r in page.records("verdicts") if r.text("series") == "W04"}
    for n, (area, (x, y)) in enumerate(places.items(), start=1):
        assert said[x, y] == short.format(n)
        assert float(said[x, y + 14]) == pytest.approx(held[area].number("value"), abs=0.005)
    known = {say(f"outlook.{o}", language) for o in OUTLOOKS}
    assert known & set(said.values()) == {say(f"outlook.{r.text('outlook')}", language) for r in held.values()}
    assert ("示例数据" in section(page)) == (language == "zh")


def test_in_the_target_year_a_square_says_whether_the_target_was_reached_and_nothing_else(city: Path):
    page = laid_out(city, f"{HEAD}sim-0001,1,1,示意,甲\nsim-0002,2,1,示意,乙\nsim-0003,3,1,示意,丙\n")
    (drawn,) = maps(section(replace(page, info={**page.info, "as_of": 2030})))
    positions = {r.text("position") for r in page.records("verdicts") if r.text("series") == "W04"}
    assert {say(f"position.{p}") for p in positions} <= set(words_at(drawn).values())
    assert not re.search("稳固|回落|有望|不确定|困难|极难|研判", drawn)


def test_invented_squares_say_so_and_are_the_same_every_time(tmp_path: Path):
    made = []
    for name in ("one", "other"):
        simulate(ROOT, areas=2, seed=7, target=tmp_path / name)
        made.append((tmp_path / name / "data" / "raw" / "tiles.csv").read_bytes())
    assert made[0] == made[1]
    lines = made[0].decode("utf-8-sig").splitlines()
    assert len(lines) == 3 and all("示例数据(虚构)" in line for line in lines[1:])


def test_a_domain_of_many_districts_has_several_pages_and_each_indicator_is_found_on_its_own(city, monkeypatch):
    page = laid_out(city, None)
    (domain,) = [d for d in page.records("domains") if d.text("domain") == "children.health"]
    (every,) = page.parts["children.health"]
    assert f"children.health.html#{every[-1]}" in str(page.named(every[-1]))
    monkeypatch.setattr(city_tables, "ROWS", 3 * 2)  # two indicators of three districts fill a page
    page = laid_out(city, None)
    parts = page.parts["children.health"]
    assert [s for held in parts for s in held] == every and max(map(len, parts)) <= 2 < len(every)
    assert max(map(len, parts)) - min(map(len, parts)) <= len(parts)
    with page.speaking():
        said = [domain_page(page, domain, n)._repr_html_() for n in range(1, len(parts) + 1)]
    for held, whole in zip(parts, said, strict=True):
        assert re.findall(r'<section[^>]*id="([^"]+)"', whole) == held
    assert f"{domain.text('name')}（{len(parts)}/{len(parts)}）" in said[-1]
    assert f"children.health.{len(parts)}.html#{every[-1]}" in str(page.named(every[-1]))
    assert f"children.health.html#{every[0]}" in str(page.named(every[0]))
