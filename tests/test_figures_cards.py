"""Figures as cards show them: other places, measures, groups and gaps, and no word over another however crowded they are."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_figures import chart, charts, elements, points

from plananalysis.base.text import speaking
from plananalysis.figures import svg
from plananalysis.figures.chart import Chart, Line, Measure, Point
from plananalysis.figures.fan import fan_chart, gap_chart, mini_fan
from plananalysis.figures.groups import group_chart
from plananalysis.figures.labels import Box, Room, Word
from plananalysis.figures.marks import fan_legend, measure_sign

MEASURES = ("planned", "under_way", "done", "stopped")


@st.composite
def crowded(draw: st.DrawFn) -> Chart:
    """Everything a card can hold, at extreme values: other places, measures in one year, an earlier definition, a flat series."""
    plain = draw(charts())
    values = [p.value for p in plain.observed]
    near = st.sampled_from([*values, min(values) - 1, max(values) * 3, 0.0])
    others = []
    for name in ("重庆市", "全国"):
        years = draw(st.lists(st.integers(2000, 2025), max_size=8, unique=True))
        points_ = tuple(Point(y, draw(near)) for y in sorted(years))
        others += [Line(name, points_)] if points_ else []
    starts = draw(st.lists(st.integers(2004, 2030), max_size=9))
    marks = tuple(Measure(n, y, draw(st.sampled_from(MEASURES)), "措施") for n, y in enumerate(starts, start=1))
    first = plain.observed[0].year
    earlier = tuple(Point(y, draw(near)) for y in range(first - draw(st.integers(0, 4)), first))
    return replace(plain, comparators=tuple(others), measures=marks, earlier=earlier)


def boxes(markup: str, among_lines: bool = False) -> list[tuple[str, tuple[float, float, float, float]]]:
    """Every word of a figure, or those with a halo among its lines, with the paper it covers; half a unit less, as a rounded
    coordinate may differ."""
    found = []
    for e in elements(markup, "text"):
        if among_lines and not e.get("paint-order"):
            continue
        size, x, y = (float(e.get(a)) for a in ("font-size", "x", "y"))
        width = svg.text_width(e.text, size)
        left = {"end": x - width, "middle": x - width / 2}.get(e.get("text-anchor"), x)
        found.append((e.text, (left + 0.5, y - 0.72 * size, left + width - 0.5, y + 0.1 * size)))
    return found


def covering(markup: str) -> list[tuple[str, str]]:
    held = boxes(markup)
    return [
        (one, other)
        for (one, a), (other, b) in combinations(held, 2)
        if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
    ]


@settings(max_examples=60)
@given(crowded())
def test_no_word_covers_another_however_crowded_the_figure(drawn: Chart):
    assert covering(fan_chart(drawn)) == []


@settings(max_examples=30)
@given(crowded())
def test_a_crowded_figure_stays_on_its_paper(drawn: Chart):
    markup = fan_chart(drawn)
    height = float(ET.fromstring(markup).get("height"))
    for words, (left, top, right, bottom) in boxes(markup):
        assert left >= -1 and right <= 421 and top >= 0 and bottom <= height, words


def test_a_word_that_fits_nowhere_is_left_out_unless_it_must_be_printed():
    room = Room(Box(0, 0, 60, 30))
    inside, outside = Word(30, 15, "middle", "全国", 10), Word(59, 15, "start", "全国", 10)
    assert room.put([outside]) is None and room.words == []  # rather none than one off the paper
    assert room.put([outside, inside]) == inside
    assert room.put([inside]) is None  # nor one over another
    forced = Room(Box(0, 0, 60, 30)).force([outside])
    assert forced.box.inside(Box(0, 0, 60, 30)) and forced.content == "全国"


@pytest.mark.parametrize(
    ("x", "y", "anchor"), [(-4, 15, "start"), (64, 15, "end"), (30, 5, "middle"), (30, 33, "middle")]
)
def test_a_word_beyond_any_side_is_left_out_or_pushed_inside(x: float, y: float, anchor: str):
    frame, beyond, within = Box(0, 0, 60, 30), Word(x, y, anchor, "全国", 10), Word(30, 15, "middle", "全国", 10)
    assert not beyond.box.inside(frame) and within.box.inside(frame)
    assert Room(frame).put([beyond]) is None
    assert Room(frame).put([beyond, within]) == within
    forced = Room(frame).force([beyond])
    assert forced.box.inside(frame)
    assert (forced.x, forced.y) != (x, y) and (forced.x == x or forced.y == y)  # moved no farther than it had to be


@settings(max_examples=60)
@given(crowded())
def test_words_inside_the_plot_stay_in_it(drawn: Chart):
    lower = 16 if drawn.measures else 0  # numbered measures take a line above the plot, which stands lower then
    for words, (left, top, right, bottom) in boxes(fan_chart(drawn), among_lines=True):
        assert left >= 39 and right <= 329 and top >= 22 + lower and bottom <= 216 + lower, words


@settings(max_examples=30)
@given(charts())
def test_the_figure_of_a_gap_shows_zero_and_covers_no_word(drawn: Chart):
    markup = gap_chart(replace(drawn, goal=None))
    assert covering(markup) == []
    axis = [e for e in elements(markup, "line") if e.get("stroke") == svg.INK and e.get("stroke-width") == "0.8"]
    assert len(axis) == 1 and 22 <= float(axis[0].get("y1")) <= 130


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_legend_fits_its_paper(language: str):
    with speaking(language):
        markup = fan_legend()
    assert covering(markup) == [] and all(right <= 480 for _, (_, _, right, _) in boxes(markup))


def test_words_that_collide_are_found():
    assert covering(svg.figure(99, 99, "一句话", [svg.text(5, 20, "甲"), svg.text(9, 22, "乙")], "x")) == [("甲", "乙")]


def test_other_places_are_quiet_lines_with_their_names_and_different_signs():
    others = (Line("重庆市", points(2016, 60, 62, 64)), Line("全国", points(2016, 70, 72, 74)))
    markup = fan_chart(chart(comparators=others))
    words = [e.text for e in elements(markup, "text")]
    assert words.count("重庆市") == words.count("全国") == 1
    lines = [
        e for e in elements(markup, "path") if e.get("stroke") == svg.GREY and e.get("stroke-dasharray") == "3.5 2.5"
    ]
    # 2016 is x = 40 + 288/15 = 59.2; 60 lies a third of the way from 40 to 100: 214 - 190/3 = 150.7
    assert len(lines) == 2 and lines[0].get("d").startswith("M59.2 150.7")
    signs = {re.sub(r"[\d. ]", "", e.get("d")) for e in elements(markup, "path") if e.get("fill") == svg.PAPER}
    assert len(signs) == 2
    assert "重庆市，2018年：64%" in [t.text for t in elements(markup, "title")]


def test_other_places_enter_the_axis_but_lengthen_it_by_five_years_at_most():
    markup = fan_chart(chart(observed=points(2020, 90), comparators=(Line("全国", points(2000, *range(10, 35))),)))
    years = [int(e.text) for e in elements(markup, "text") if re.fullmatch(r"20\d\d", e.text)]
    assert min(years) == 2015
    assert 20 in [float(e.text) for e in elements(markup, "text") if re.fullmatch(r"\d+", e.text) and len(e.text) < 4]


def test_the_small_figure_leaves_out_places_and_measures():
    full = chart(comparators=(Line("全国", points(2016, 1, 2)),), measures=(Measure(1, 2024, "done"),))
    assert mini_fan(full) == mini_fan(chart())


def test_a_measure_stands_at_its_year_and_its_state_needs_no_colour():
    marks = tuple(Measure(n, 2016 + 3 * n, s, "一项措施") for n, s in enumerate(MEASURES, start=1))
    markup = fan_chart(chart(measures=marks))
    # 2019, 2022, 2025 and 2028 are 4, 7, 10 and 13 fifteenths of 288 from x = 40
    lines = [e for e in elements(markup, "line") if e.get("stroke") == svg.RULE and e.get("x1") == e.get("x2")]
    assert {e.get("x1") for e in lines} >= {"116.8", "174.4", "232", "289.6"}
    signs = {re.sub(r"#[0-9a-f]{6}|[cxy]{1,2}=\"[\d.]+\"|>\d<", "", svg_) for svg_ in (
        measure_sign(1, "planned", 7, 7), measure_sign(1, "under_way", 7, 7), measure_sign(1, "stopped", 7, 7))}  # fmt: skip
    assert len(signs) == 3 and f'fill="{svg.INK}"' in measure_sign(1, "done", 7, 7)
    assert [t.text for t in elements(markup, "title") if t.text and "措施" in t.text] == [
        "一项措施（计划）", "一项措施（在办）", "一项措施（办结）", "一项措施（停办）"
    ]  # fmt: skip


def test_groups_are_named_at_their_lines_with_the_newest_value():
    markup = group_chart(
        [Line("女童", points(2016, 40, 42)), Line("男童", points(2016, 44, 43))], "%", 1, "一句话", "示例数据（虚构）"
    )
    words = [e.text for e in elements(markup, "text")]
    assert {"女童 42", "男童 43", "示例数据（虚构）", "单位：%"} <= set(words) and covering(markup) == []
    assert [e.get("fill") for e in elements(markup, "circle")] == [svg.INK] * 2 + [
        svg.PAPER
    ] * 2  # told apart without colour


amounts = st.lists(st.floats(-1e5, 1e5).map(lambda v: round(v, 3)), min_size=1, max_size=12)


@settings(max_examples=30)
@given(st.lists(amounts, min_size=1, max_size=4), st.booleans())
def test_names_of_groups_never_cover_each_other(values: list[list[float]], with_total: bool):
    lines = [Line(f"{i}—{i + 9}岁", points(2014, *held)) for i, held in enumerate(values)]
    total = Line("全体", points(2014, *values[0])) if with_total else None
    markup = group_chart(lines, "1/10万", 2, "一句话", "示例数据（虚构）", total=total)
    assert covering(markup) == []
    assert all(left >= -1 and right <= 301 for _, (left, _, right, _) in boxes(markup))
