"""Areas as tiles and in order, and places on one line: nothing lies on another, better is to the right, no value is invented."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plananalysis.base.text import say
from plananalysis.figures import OUTLOOKS
from plananalysis.figures.tile_map import AreaValue, ranked, tile_map
from plananalysis.render.emf import emf_bytes

WORDS = {o: say(f"outlook.{o}") for o in OUTLOOKS}


def area(name: str, value: float | None = 50.0, outlook: str = "likely", **more: float) -> AreaValue:
    return AreaValue(name, outlook, value, "无数据" if value is None else f"{value:g}%", **more)


def tiles(drawn: str) -> list[tuple[float, float, float, float]]:
    found = re.findall(r'<rect x="([\d.-]+)" y="([\d.-]+)" width="([\d.]+)" height="54"', drawn)
    return [(float(x), float(y), float(w), 54.0) for x, y, w in found]


@given(st.integers(1, 45), st.integers(300, 1000))
def test_every_area_has_a_tile_of_its_own_inside_the_drawing(count: int, width: int):
    drawn = tile_map({str(i): area(f"第{i}区") for i in range(count)}, WORDS, "图", width=width)
    found = tiles(drawn)
    assert len(found) == count == len({(x, y) for x, y, *_ in found})
    assert all(x >= 0 and x + w <= width + 0.2 for x, _, w, _ in found)
    rows = {y: sorted(x for x, other, *_ in found if other == y) for _, y, *_ in found}
    assert all(b - a >= found[0][2] for xs in rows.values() for a, b in itertools.pairwise(xs))


def test_given_places_are_kept_and_areas_without_one_follow_below():
    drawn = tile_map({c: area(c) for c in "甲乙丙"}, WORDS, "图", {"甲": (1, 0), "乙": (0, 1)}, 300)
    first, second, third = tiles(drawn)
    assert first[0] > second[0] and first[1] < second[1] < third[1]
    with pytest.raises(ValueError, match="one place"):
        tile_map({c: area(c) for c in "甲乙"}, WORDS, "图", {"甲": (0, 0), "乙": (0, 0)})


@pytest.mark.parametrize(("direction", "order"), [(1, ["乙", "甲", "丙", "丁"]), (-1, ["丙", "甲", "乙", "丁"])])
def test_areas_stand_from_best_to_worst_and_the_ones_without_a_value_last(direction, order):
    held = [area("甲", 50), area("乙", 60, low=55, high=70), area("丁", None, "no_data"), area("丙", 40)]
    drawn = ranked(held, direction, 55.0, ("目标 55%", "现值"), "图")
    names = [t for t in re.findall(r"<text[^>]*>([^<]*)</text>", drawn) if t in "甲乙丙丁"]
    assert names == order
    dots = [float(x) for x in re.findall(r'<circle cx="([\d.]+)"', drawn)]
    assert dots == sorted(dots, reverse=True) and len(dots) == 3  # better to the right, nothing for what is unknown


def test_where_no_area_has_a_value_nothing_is_on_the_scale():
    drawn = ranked([area("甲", None, "no_data")], 1, None, ("", "现值"), "图")
    assert "<circle" not in drawn and "无数据" in drawn


def test_office_programs_can_show_them():
    held = {c: area(c, outlook=o) for c, o in zip("甲乙丙丁戊己庚辛", OUTLOOKS, strict=True)}
    assert (
        emf_bytes(tile_map(held, WORDS, "图"))[1]
        == emf_bytes(ranked(list(held.values()), 1, 3.0, ("目标", "现值"), "图"))[1]
        == 760
    )
