"""Figures: places on paper worked out by hand, labels inside the paper, text that stays text."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plananalysis.base.digits import fixed, plain
from plananalysis.figures import svg
from plananalysis.figures.chart import Chart, Fan, Goal, Point
from plananalysis.figures.fan import fan_chart, mini_fan
from plananalysis.figures.marks import OUTLOOKS, fan_legend, key, mark, outlook_bar, reliability
from plananalysis.figures.panorama import AreaStanding, standings
from plananalysis.figures.strips import Strip, strips

SPACE = "{http://www.w3.org/2000/svg}"


def points(first: int, *values: float, status: str = "A") -> tuple[Point, ...]:
    return tuple(Point(first + i, v, status) for i, v in enumerate(values))


def chart(**changes: object) -> Chart:
    """2015–2025 from 50 to 90; with a goal of 80 the axis runs from 40 to 100 in steps of 20."""
    line = points(2015, *[50 + 4 * i for i in range(11)])
    given_ = dict(unit="%", decimals=1, observed=line, base_year=2020, target_year=2030, alt="一句话")
    return Chart(**{**given_, **changes})  # type: ignore[arg-type]


def elements(markup: str, name: str) -> list[ET.Element]:
    return list(ET.fromstring(markup).iter(SPACE + name))


def drawn_goal_lines(markup: str) -> list[ET.Element]:
    return [e for e in elements(markup, "line") if e.get("stroke") == svg.GOAL]


def test_target_line_lies_where_the_axis_puts_its_value():
    # paper: the axis 40–100 runs from y = 236 − 22 = 214 up to y = 24; 80 is two thirds of the way: 214 − 190·2/3 = 87.3
    (line,) = drawn_goal_lines(fan_chart(chart(goal=Goal(80, None, "目标 ≥80"))))
    assert (line.get("y1"), line.get("y2")) == ("87.3", "87.3")


def test_target_line_covers_the_plan_period_only():
    # paper: 2015–2030 runs from x = 40 to x = 420 − 92 = 328; 2020 is a third of the way: 136
    (line,) = drawn_goal_lines(fan_chart(chart(goal=Goal(80, None, "目标 ≥80"))))
    assert (line.get("x1"), line.get("x2")) == ("136", "328")


def test_barbs_stand_on_the_side_that_satisfies_the_target():
    def barbs(goal: Goal) -> str:
        markup = fan_chart(chart(goal=goal))
        return next(e.get("d") for e in elements(markup, "path") if e.get("stroke") == svg.GOAL and "l" in e.get("d"))

    assert re.fullmatch(r"(M[\d.]+ 87\.3l3 -5)+", barbs(Goal(80, None, "目标 ≥80")))
    assert re.fullmatch(r"(M[\d.]+ 87\.3l3 5)+", barbs(Goal(None, 80, "目标 ≤80")))


def test_a_band_is_drawn_between_its_two_ends():
    # 60 → 214 − 190/3 = 150.7, 80 → 87.3
    lines = drawn_goal_lines(fan_chart(chart(goal=Goal(60, 80, "目标 70左右"))))
    assert [line.get("y1") for line in lines] == ["150.7", "87.3"]


def test_the_fan_opens_at_the_newest_value_and_ends_at_its_quantiles():
    years = tuple(range(2026, 2031))
    fan = Fan(years, (60,) * 5, (65,) * 5, (70,) * 5, (75,) * 5, (80,) * 5)
    outer = next(e.get("d") for e in elements(fan_chart(chart(fan=fan)), "path") if e.get("fill") == svg.FAN_OUTER)
    # 2025 is x = 40 + 288·10/15 = 232 and 90 is y = 214 − 190·50/60 = 55.7; 2030 is x = 328, 60 and 80 are y = 150.7 and 87.3
    assert outer.startswith("M232 55.7L") and "L328 150.7L328 87.3L" in outer


def joined_values(markup: str) -> list:
    """The lines through observed values; the notches of the axis are drawn in the same ink, but join nothing."""
    return [e for e in elements(markup, "path") if e.get("stroke") == svg.INK and e.get("stroke-linejoin")]


def test_years_without_a_value_are_not_bridged_by_a_solid_line():
    observed = (*points(2018, 50, 52), *points(2022, 60, 62))
    lines = joined_values(fan_chart(chart(observed=observed)))
    assert [e.get("stroke-dasharray") for e in lines] == [None, "2 3", None]


def test_values_before_a_break_are_drawn_apart_with_a_word():
    markup = fan_chart(chart(earlier=points(2012, 80, 81, 82), observed=points(2015, 60, 61, 62)))
    assert "口径调整" in markup
    assert len(joined_values(markup)) == 1  # no line from the old definition to the new


def test_statuses_differ_in_shape():
    observed = (Point(2023, 50), Point(2024, 51, "P"), Point(2025, 52, "E"))
    markup = fan_chart(chart(observed=observed))
    assert [e.get("fill") for e in elements(markup, "circle")] == [svg.INK, svg.PAPER]
    assert len(elements(markup, "rect")) == 1


def test_the_axis_promises_nothing_beyond_the_natural_bounds():
    fan = Fan((2030,), (97.0,), (98.0,), (99.0,), (99.5,), (100.0,))
    markup = fan_chart(chart(observed=points(2020, 95, 96, 97, 98, 99, 99.5), fan=fan, lower=0, upper=100))
    ticks = [
        float(e.text)
        for e in elements(markup, "text")
        if e.get("text-anchor") == "end" and re.fullmatch(r"[\d.]+", e.text)
    ]
    assert max(ticks) == 100


def test_text_from_outside_never_becomes_markup():
    nasty = '<script>alert("1")</script>&'
    markup = fan_chart(chart(unit=nasty, alt=nasty, mark=nasty, goal=Goal(80, None, nasty)))
    assert "<script" not in markup
    root = ET.fromstring(markup)
    assert root.get("aria-label") == nasty
    assert sum(nasty in (e.text or "") for e in root.iter(SPACE + "text")) == 3


def test_every_figure_says_in_words_what_it_shows_and_needs_nothing_outside_it():
    made = [
        fan_chart(chart()),
        mini_fan(chart()),
        fan_legend(),
        outlook_bar({"likely": 2}, "一句话"),
        reliability([(0.2, 0.3, 9)], "一句话"),
    ]
    for markup in made:
        root = ET.fromstring(markup)
        assert root.get("role") == "img" and root.get("aria-label")
        assert not re.search(r'\bid=|url\(|href=|class="[^"]*\s', markup)  # several figures share one page


def test_equal_charts_give_equal_bytes():
    assert fan_chart(chart()) == fan_chart(chart())


@st.composite
def charts(draw: st.DrawFn) -> Chart:
    scale = draw(st.sampled_from([1e-3, 1.0, 100.0, 1e5]))
    amount = st.floats(-1, 1).map(lambda v: round(v * scale, 4))
    first = draw(st.integers(2005, 2024))
    observed = points(first, *draw(st.lists(amount, min_size=1, max_size=2025 - first + 1)))
    start = observed[-1].year + 1
    quantiles = [sorted(draw(st.lists(amount, min_size=5, max_size=5))) for _ in range(start, 2031)]
    fan = Fan(tuple(range(start, 2031)), *map(tuple, zip(*quantiles, strict=True))) if draw(st.booleans()) else None
    low, high = sorted(draw(st.tuples(amount, amount)))
    goal = draw(
        st.sampled_from(
            [None, Goal(low, None, "目标 ≥12.34"), Goal(None, high, "目标 ≤2"), Goal(low, high, "正常范围 103—107")]
        )
    )
    decimals = draw(st.integers(0, 4))
    return Chart("1/10万", decimals, observed, 2020, 2030, "一句话", fan=fan, goal=goal, mark="示例数据（虚构）")


@given(charts())
def test_no_label_leaves_the_paper(drawn: Chart):
    markup = fan_chart(drawn)
    for e in elements(markup, "text"):
        width = svg.text_width(e.text, float(e.get("font-size")))
        x = float(e.get("x"))
        left = {"end": x - width, "middle": x - width / 2}.get(e.get("text-anchor"), x)
        right = left + width
        assert left >= -1 and right <= 421, e.text
        assert 8 <= float(e.get("y")) <= 236


@given(charts())
def test_every_drawn_point_lies_inside_the_frame(drawn: Chart):
    for e in elements(fan_chart(drawn), "circle"):
        assert 39.9 <= float(e.get("cx")) <= 328.1
        assert 23.9 <= float(e.get("cy")) <= 214.1


@given(st.lists(st.floats(0, 100), max_size=8), st.floats(1, 20))
def test_spread_keeps_order_room_and_distance(wanted: list[float], gap: float):
    wanted = sorted(wanted)
    places = svg.spread(wanted, gap, 0, 100)
    fits = gap * (len(wanted) - 1) <= 100
    assert all(-1e-6 <= p <= 100 + 1e-6 for p in places)
    assert all(b - a >= (gap if fits else 0) - 1e-6 for a, b in pairwise(places))


def test_spread_leaves_alone_what_has_room():
    assert svg.spread([10, 40, 90], 12, 0, 100) == [10, 40, 90]


@given(st.floats(-1e4, 1e4), st.floats(1e-3, 1e4))
def test_ticks_enclose_what_they_scale(low: float, span: float):
    ticks = svg.nice_ticks(low, low + span)
    assert ticks[0] <= low + 1e-6 * span and ticks[-1] >= low + span - 2e-3 * span
    assert 3 <= len(ticks) <= 8


def test_ticks_are_round_numbers():
    assert svg.nice_ticks(87.8, 95.4) == [86, 88, 90, 92, 94, 96]


@given(st.floats(0, 50), st.floats(0, 50), st.floats(0.5, 60), st.floats(0.5, 60), st.booleans())
def test_hatching_stays_inside_its_rectangle(x: float, y: float, width: float, height: float, rising: bool):
    drawn = svg.hatches([(x, y, width, height)], step=5, stroke="#000", rising=rising)
    for px, py in re.findall(r"[ML]([\d.]+) ([\d.]+)", drawn):
        assert x - 0.06 <= float(px) <= x + width + 0.06
        assert y - 0.06 <= float(py) <= y + height + 0.06


def test_bar_widths_are_proportional_to_counts():
    # 1 and 3 of 4 rows on 718 units: 179.5 and 538.5
    edges = [
        e for e in elements(outlook_bar({"met_secure": 1, "no_data": 3}, "一句话", 720), "rect") if e.get("stroke")
    ]
    assert [e.get("width") for e in edges] == ["179.5", "538.5"]


def test_bar_says_how_many_rows_have_an_outlook_and_how_many_have_none():
    markup = outlook_bar({"met_secure": 1, "hard": 2, "needs_judgement": 4, "no_data": 3}, "一句话")
    words = [e.text for e in elements(markup, "text")]
    assert "可作展望 3项" in words and "暂不能作展望 7项" in words


def test_an_empty_plan_has_an_empty_bar():
    assert elements(outlook_bar({}, "一句话"), "text") == []
    thousands = outlook_bar({"met_secure": 85_185, "no_data": 33_600}, "一句话")
    assert [e.text for e in elements(thousands, "text")] == [
        "85,185",
        "33,600",
        "可作展望 85,185项",
        "暂不能作展望 33,600项",
    ]


def test_signs_and_swatches_differ_between_all_outlooks():
    assert len({mark(o) for o in OUTLOOKS}) == len({key(o) for o in OUTLOOKS}) == 8


def test_signs_differ_without_colour():
    grey = {re.sub(r"#[0-9a-f]{6}", "#", mark(o)) for o in OUTLOOKS}
    assert len(grey) == 8


@pytest.mark.parametrize(
    ("value", "decimals", "padded", "bare"),
    [
        (97.6, 2, "97.60", "97.6"),
        (0.125, 2, "0.13", "0.13"),
        (-0.04, 1, "0.0", "0"),
        (-3.25, 1, "−3.3", "−3.3"),
        (1234.5, 0, "1,235", "1,235"),
        (100, 1, "100.0", "100"),
    ],
)
def test_numbers_as_published(value: float, decimals: int, padded: str, bare: str):
    assert (fixed(value, decimals), plain(value, decimals)) == (padded, bare)


def test_a_strip_puts_better_values_to_the_right_whatever_is_better():
    def places(direction: int) -> dict[str, float]:
        row = Strip("甲率", direction, (20.0, "本地区"), {"那里": (10.0, "那里")}, (15.0,), "20%")
        drawn = strips([row], "本地区", "目标", "图", 960)
        own = float(re.findall(r'<circle cx="([\d.]+)"', drawn)[-1])
        goal = float(re.findall(rf'<line x1="([\d.]+)"[^>]*stroke="{svg.GOAL}"', drawn)[-1])
        there = float(re.findall(r'<path d="M([\d.]+) ', drawn)[-1])
        return {"own": own, "goal": goal, "there": there}

    up, down = places(1), places(-1)
    assert up["there"] < up["goal"] < up["own"] and down["own"] < down["goal"] < down["there"]
    assert up["goal"] - up["there"] == pytest.approx(up["own"] - up["goal"], abs=0.2)


def test_a_strip_with_one_value_is_drawn_and_a_long_name_is_not_cut():
    name = "每所乡镇卫生院、社区卫生服务中心配备专业从事儿童保健的医生数"
    for width in (960, 360):
        drawn = strips(
            [Strip(name, 1, None, {"那里": (10.0, "那里")}, (), "本地区无数据")], "本地区", "目标", "图", width
        )
        assert name in "".join(re.findall(r"<text[^>]*>([^<]*)</text>", drawn))


@pytest.mark.parametrize("low", [-30.0, 0.0])
def test_the_words_above_the_standings_stay_on_a_narrow_drawing(low: float):
    from plananalysis.base.text import say, speaking

    with speaking("en"):
        drawn = ET.fromstring(standings([AreaStanding("District 1", low / 2, low, 1.0, "within", "")], "", 350))
        axis = next(e for e in drawn.iter() if e.text == say("figures.standing_axis"))
        half, at = svg.text_width(axis.text, 11) / 2, float(axis.get("x"))
    assert half <= at <= 350 - half
