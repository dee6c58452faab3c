"""What may be said: situations in which a verdict, a word or an alert once went further than the data."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from engine_by_hand import engine_by_hand, observed

from plananalysis.assessments import assess, verdicts
from plananalysis.plan import load_plan

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def plan():
    return load_plan(ROOT, "jiangbei", 2025)


@pytest.fixture
def by_hand(monkeypatch):
    return engine_by_hand(monkeypatch)


def share(met, of=10, good=99.0, bad=0.0):
    return [good] * met + [bad] * (of - met)


def judged(plan, histories, previous=None):
    return assess(plan, {h.series: h for h in histories}, previous).assessments


# --- 左右 of a share that should be high -------------------------------------------------------------------------------


def test_a_womens_share_above_its_band_is_a_question_and_never_red(plan, by_hand):
    # 40左右, read as 38—42; 43.35 and rising: nobody is asked to bring it down
    by_hand[0]["W16"] = share(1, good=41.0, bad=45.0)
    row = judged(plan, [observed(plan, "W16", [42.9, 43.0, 43.1, 43.2, 43.3, 43.35])]).loc["W16"]
    assert (row["position"], row["outlook"], row["alerts"]) == ("unknown", "needs_judgement", "above_band")
    assert math.isnan(row["required_annual_change"]) and math.isnan(row["shortfall"])
    assert "高于区间" in row["reason"] and "请领导小组确认" in row["reason"]
    assert not any(word in row["reason"] for word in ("降低", "下降", "差距", "退步"))


def test_a_womens_share_below_its_band_is_short_of_its_target(plan, by_hand):
    by_hand[0]["W16"] = share(1, good=40.0, bad=35.0)
    row = judged(plan, [observed(plan, "W16", [36.0, 35.8, 35.7, 35.6, 35.5, 35.4])]).loc["W16"]
    assert (row["position"], row["outlook"]) == ("not_met", "hard")
    assert "below_band" in row["alerts"].split(";") and "hard_to_reach" in row["alerts"].split(";")


def test_a_share_inside_its_band_that_is_likely_to_rise_above_it_is_not_at_risk_of_slipping_back(plan, by_hand):
    by_hand[0]["W16"] = [40.0] * 3 + [44.0] * 7
    row = judged(plan, [observed(plan, "W16", [39.0, 39.5, 40.0, 40.5, 41.0, 41.5])]).loc["W16"]
    assert (row["position"], row["outlook"], row["alerts"]) == ("met", "needs_judgement", "")
    assert "高于区间的概率约70%" in row["reason"]
    falling = by_hand[0]["W16"] = [40.0] * 3 + [36.0] * 7
    row = judged(plan, [observed(plan, "W16", [41.5, 41.0, 40.5, 40.0, 39.5, 39.0])]).loc["W16"]
    assert falling and (row["outlook"], row["alerts"]) == ("met_slipping", "relapse_risk")


# --- one meaning for each alert --------------------------------------------------------------------------------------


def test_a_target_met_and_feared_for_has_not_gone_back(plan, by_hand):
    # 70 met in every year and rising by a point a year
    by_hand[0]["W05a"] = share(5, good=80.0)
    row = judged(plan, [observed(plan, "W05a", [71.0, 72.0, 73.0, 74.0, 75.0, 76.0])]).loc["W05a"]
    assert (row["outlook"], row["alerts"]) == ("met_slipping", "relapse_risk")


def test_going_back_is_losing_the_target_or_a_step_back_beyond_chance(plan, by_hand):
    by_hand[0]["W04"] = share(5, good=95.0)
    before = assess(replace(plan, as_of=2024), {"W04": observed(plan, "W04", [93, 93, 93.5, 94.1, 94.2])})
    lost = judged(plan, [observed(plan, "W04", [93, 93, 93.5, 94.1, 94.2, 93.9])], before)
    assert lost.loc["W04", "alerts"] == "slipping"
    by_hand[1]["W04"] = [0.5, 0.5, 0.5, 0.5, 0.01]
    far = judged(plan, [observed(plan, "W04", [93, 93, 93.1, 93.2, 93.3, 90.0])])
    assert "slipping" in far.loc["W04", "alerts"].split(";")
    by_hand[1]["W04"] = [0.5, 0.5, 0.5, 0.5, 0.2]
    little = judged(plan, [observed(plan, "W04", [93, 93, 93.1, 93.2, 93.3, 93.2])])
    assert "slipping" not in little.loc["W04", "alerts"].split(";")


@pytest.mark.parametrize(
    ("values", "ranks", "expected"),
    [
        ([3.4, 3.1, 2.9, 2.7, 2.6, 2.5], [0.01, 0.5, 0.5, 0.01, 0.5], False),  # it fell faster than expected
        ([3.4, 3.1, 2.9, 2.7, 2.6, 2.5], [0.99, 0.5, 0.5, 0.99, 0.5], False),  # more slowly, but it fell
        ([3.4, 3.9, 2.9, 2.7, 2.1, 2.5], [0.99, 0.5, 0.5, 0.01, 0.5], True),
        ([3.4, 3.9, 2.9, 2.7, 3.1, 2.5], [0.99, 0.5, 0.5, 0.99, 0.5], True),
    ],
)
def test_improvement_alone_is_not_volatile(plan, by_hand, values, ranks, expected):
    # a death rate: ranks near 0 are values below what was expected, ranks near 1 above
    by_hand[0]["C01"], by_hand[1]["C01"] = share(9, good=1.0, bad=3.0), ranks
    row = judged(plan, [observed(plan, "C01", values)]).loc["C01"]
    assert ("volatile" in row["alerts"].split(";")) is expected


def test_one_death_more_or_less_is_neither_volatile_nor_to_be_verified(plan, by_hand):
    by_hand[0]["W03"], by_hand[1]["W03"] = share(5, good=0.0, bad=17.0), [0.001, 0.999, 0.001, 0.999, 0.999]
    rates, deaths = [0.0, 16.7, 0.0, 16.7, 0.0, 16.7], [0, 1, 0, 1, 0, 1]
    row = judged(plan, [observed(plan, "W03", rates, numerators=deaths, denominators=[6000] * 6)]).loc["W03"]
    assert not {"volatile", "verify", "slipping"} & set(row["alerts"].split(";"))
    many = observed(plan, "W03", rates, numerators=[0, 30, 0, 30, 0, 30], denominators=[180_000] * 6)
    assert {"volatile", "verify"} <= set(judged(plan, [many]).loc["W03", "alerts"].split(";"))


@pytest.mark.parametrize(
    ("before", "now", "chance"),
    [(0, 1, True), (3, 2, True), (0, 5, True), (0, 6, False), (20, 45, False), (500, 520, True)],
)
def test_what_chance_alone_makes_of_two_counts(before, now, chance):
    # 0 against 5: 2 × ½^5 = .0625; 0 against 6: .03
    assert verdicts.chance_alone(before, now) is chance


def test_steps_over_missing_years_are_not_steps_of_the_last_five_years(plan, by_hand):
    by_hand[0]["W04"], by_hand[1]["W04"] = share(5, good=95.0), [0.01, 0.01, 0.5, 0.5, 0.5]
    row = judged(plan, [observed(plan, "W04", [93, 80, 93, 80, 90, 91], at=[2008, 2010, 2015, 2023, 2024, 2025])])
    assert "volatile" not in row.loc["W04", "alerts"].split(";")


# --- words that fit their probability --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paths", "outlook", "said", "not_said"),
    [
        (85, "met_secure", "回落可能性较小", "风险"),
        (70, "met_secure", "约70%", "回落"),
        (64, "met_slipping", "有回落风险", "较小"),
        (2, "met_slipping", "很可能回落", "有回落风险"),
    ],
)
def test_what_is_said_of_a_target_met_fits_its_probability(plan, by_hand, paths, outlook, said, not_said):
    by_hand[0]["C21"] = share(paths, 100, 99.0, 97.0)
    row = judged(plan, [observed(plan, "C21", [99.0] * 6)]).loc["C21"]
    assert row["outlook"] == outlook and said in row["reason"] and not_said not in row["reason"]


def test_no_target_is_called_secure_below_the_cut_because_it_was_last_year(plan):
    t = plan.thresholds
    assert verdicts.steady_outlook(0.64, True, t, "met_secure") == "met_slipping"
    assert verdicts.steady_outlook(0.68, True, t, "met_slipping") == "met_slipping"
    assert verdicts.steady_outlook(0.72, True, t, "met_slipping") == "met_secure"


# --- years that are missing ------------------------------------------------------------------------------------------


def test_the_pace_names_the_years_it_rests_on(plan, by_hand):
    by_hand[0]["C20"] = share(5, good=86.0)
    row = judged(plan, [observed(plan, "C20", [80.0, 81.0, 83.0, 83.5], first=2022)]).loc["C20"]
    assert "2022—2025年平均每年提高" in row["reason"] and "近5年" not in row["reason"]


def test_another_series_without_the_newest_year_is_compared_in_the_newest_common_one(plan, by_hand):
    by_hand[0].update({"W21": share(9, good=99.0), "W20": [50.0] * 10})
    own = observed(plan, "W21", [80.0] * 10, first=2015)
    gap = observed(plan, "W20", [60, 62, 64, 66, 68, 70, 72, 74, 76, 80], at=[*range(2015, 2024), 2025])
    row = judged(plan, [own, gap]).loc["W21"]
    assert row["position"] == "met" and "按两项都有数据的2023年比较（80%与76%）" in row["reason"]


def test_another_series_without_a_common_year_leaves_the_position_unknown_and_is_named(plan, by_hand):
    by_hand[0]["W21"] = share(9)
    late = observed(plan, "W20", [80.0], first=2025)
    row = judged(plan, [observed(plan, "W21", [80.0] * 10, first=2015), late]).loc["W21"]
    assert (row["position"], row["outlook"]) == ("unknown", "no_data")
    assert "参照指标只有1个年度数据" in row["reason"] and "10个" not in row["reason"]


def test_a_target_on_yearly_steps_with_one_year_known_cannot_be_judged(plan, by_hand):
    by_hand[0]["W01"] = share(9)
    row = judged(plan, [observed(plan, "W01", [90.0])]).loc["W01"]
    assert row["position"] == "unknown" and "无法" in row["reason"]
    fallen = judged(plan, [observed(plan, "W01", [90, 91, 90.5, 92, 93, 94], at=[2020, 2021, 2023, 2024, 2025, 2026])])
    assert fallen.loc["W01", "position"] == "not_met" and "2023年低于2021年" in fallen.loc["W01", "reason"]


def test_a_value_to_be_explained_is_marked_and_nothing_is_held_against_it(plan, by_hand):
    history = observed(plan, "W04", [92.0, 99.0, 93.0], at=[2023, 2024, 2025])
    row = judged(plan, [replace(history, questioned=(2024,))]).loc["W04"]
    assert math.isnan(row["previous_value"]) and row["value_question"] == ""
    newest = judged(plan, [replace(history, questioned=(2025,))]).loc["W04"]
    assert newest["value_text"] == "93.00%（待核实）" and "2025年为93.00%（待核实）" in newest["reason"]
    assert (newest["previous_value"], newest["value_question"]) == (99.0, "explain")


def test_events_are_pooled_over_calendar_years_that_are_named(plan, by_hand):
    deaths = [1, 2, 0, 1, 1]
    history = observed(
        plan, "W03", [16, 33, 0, 16, 16], at=[2018, 2019, 2020, 2023, 2025], numerators=deaths, denominators=[6000] * 5
    )
    row = judged(plan, [history]).loc["W03"]
    assert row["events"] == 2 and "2023、2025年合计2例" in row["reason"]


def test_knowing_fewer_counts_never_betters_a_grade(plan):
    t = plan.thresholds
    rates = [100.0] * 11
    for known in range(12):
        counts = [8.0] * known + [math.nan] * (11 - known)
        history = observed(plan, "C01", rates, first=2015, numerators=counts[::-1], denominators=[8000] * 11)
        whole = observed(plan, "C01", rates, first=2015, numerators=[8.0] * 11, denominators=[8000] * 11)
        assert verdicts.evidence_grade(history, 2025, t) >= verdicts.evidence_grade(whole, 2025, t)


# --- values that cannot be true --------------------------------------------------------------------------------------


def test_an_impossible_value_carries_no_verdict(plan, by_hand):
    # 90.0—91.0 for eleven years, then 912 typed for 91.2; target 94
    by_hand[0]["W04"] = share(0, good=95.0, bad=91.0)
    sound = observed(plan, "W04", [90 + i / 10 for i in range(11)], first=2014)
    before = assess(replace(plan, as_of=2024), {"W04": sound})
    assert before.assessments.loc["W04", "outlook"] == "very_hard"
    wrong = replace(sound, doubted=((2025, 912.0),))
    by_hand[0]["W04"] = share(2, good=95.0, bad=91.0)  # whatever the paths now say, the word before it stands
    row = judged(plan, [wrong], before).loc["W04"]
    assert (row["position"], row["outlook"], row["value_year"]) == ("not_met", "very_hard", 2024)
    assert {"verify", "hard_to_reach"} <= set(row["alerts"].split(";"))
    assert row["reason"].startswith("2025年报送的912%有误待核实，不作判定依据")
    only = judged(plan, [replace(observed(plan, "W04", []), doubted=((2025, 912.0),))]).loc["W04"]
    assert (only["position"], only["outlook"], only["alerts"]) == ("unknown", "no_data", "verify")


# --- rows of several parts -------------------------------------------------------------------------------------------


def test_parts_without_a_band_are_listed_and_none_decides(plan, by_hand):
    parts = [observed(plan, "W24.1", [100.0] * 6), observed(plan, "W24.2", [80.65] * 6)]
    row = judged(plan, parts).loc["W24"]
    assert (row["outlook"], row["worst_part"]) == ("needs_judgement", "")
    assert math.isnan(row["value"]) and "100.00%" in row["value_text"] and "80.65%" in row["value_text"]
    assert "决定" not in row["reason"] and "最差" not in row["reason"]


def test_a_row_of_parts_has_one_probability_and_a_word_that_fits_it(plan, by_hand):
    chances = {"W07.1": 90, "W07.2": 40, "W07.3": 70}
    by_hand[0].update({s: share(p, 100, 99.0, 90.0) for s, p in chances.items()})
    table = judged(plan, [observed(plan, s, [97.0] * 6) for s in chances])
    assert (table.loc["W07", "outlook"], table.loc["W07", "worst_part"]) == ("uncertain", "W07.2")
    said = f"约{table.loc['W07', 'probability'] * 100:.0f}%"
    assert table.loc["W07", "reason"].count("概率") == 1 and said in table.loc["W07", "reason"]


def test_a_row_is_met_on_the_paths_on_which_each_of_its_parts_is(plan, by_hand):
    # ten paths: the first part on the first seven, the second on the last seven, the third on all: four have all three
    by_hand[0].update({"W07.1": [99.0] * 7 + [90.0] * 3, "W07.2": [90.0] * 3 + [99.0] * 7, "W07.3": [99.0] * 10})
    table = judged(plan, [observed(plan, s, [97.0] * 6) for s in ("W07.1", "W07.2", "W07.3")])
    assert table.loc["W07", ["probability", "outlook"]].tolist() == [0.4, "uncertain"]
    assert "各分项均达标的概率约40%" in table.loc["W07", "reason"]


def test_parts_may_together_be_hard_to_reach_of_which_none_is_by_itself(plan, by_hand):
    by_hand[0].update({"W07.1": [99.0] * 6 + [90.0] * 4, "W07.2": [90.0] * 4 + [99.0] * 6, "W07.3": [99.0] * 10})
    table = judged(plan, [observed(plan, s, [97.0] * 6) for s in ("W07.1", "W07.2", "W07.3")])
    assert (table.loc["W07", "probability"], table.loc["W07", "alerts"]) == (0.2, "hard_to_reach")
    assert (table.loc[["W07.1", "W07.2", "W07.3"], "alerts"] == "").all()


# --- a plan nobody has reported for ----------------------------------------------------------------------------------


def test_a_plan_without_any_observation_has_every_column(plan):
    empty = assess(plan, {}).assessments
    assert {"goal_low", "value_text", "value_year", "n_points"} <= set(empty.columns)
    assert set(empty["outlook"]) <= {"no_data", "needs_judgement"}


# --- what has come in and waits --------------------------------------------------------------------------------------


def test_what_waits_to_be_accepted_was_not_never_reported(plan, by_hand):
    waiting = replace(observed(plan, "W04", []), waiting=(2025,))
    row = judged(plan, [waiting]).loc["W04"]
    assert (row["outlook"], row["why_no_probability"]) == ("no_data", "pending")
    assert "已报待审核" in row["reason"] and "补报" not in row["reason"]
    by_hand[0]["C20"] = share(5, good=86.0)
    held = replace(observed(plan, "C20", [80.0, 81.0, 82.0, 83.0, 84.0]), waiting=(2025,))
    assert "2025年数据已报待审核，尚未采用" in judged(plan, [held]).loc["C20", "reason"]


# --- values on the way ----------------------------------------------------------------------------------------------


def on_the_way(plan, milestones):
    targets = plan.targets.copy()
    targets.at["W04", "milestones"] = milestones
    return replace(plan, targets=targets)


def test_milestones_are_reached_or_not_where_their_year_is_known_and_otherwise_have_a_chance_of_their_own(
    plan, by_hand
):
    # 94 in 2030; asked on the way: 93 in 2023, which was 93.2, 93.5 in 2025, which was 93.4, and 94.5 in 2028, on 7 of 10 paths
    by_hand[0]["W04"] = [95.0] * 7 + [94.2] * 3
    history = observed(plan, "W04", [92.0, 92.5, 92.8, 93.2, 93.3, 93.4])
    row = judged(on_the_way(plan, "2023:93;2025:93.50;2028:94.5"), [history]).loc["W04"]
    assert "2023年阶段目标93%已达标" in row["reason"] and "2025年阶段目标93.50%未达标" in row["reason"]
    assert "2028年阶段目标94.5%，达标概率约70%" in row["reason"]
    assert row["probability"] == 1.0, "the final target of 94 is met on every path"


def test_a_milestone_whose_year_was_not_reported_and_is_not_projected_is_not_judged(plan, by_hand):
    history = observed(plan, "W04", [92.0, 92.5, 93.4], at=[2020, 2021, 2025])
    row = judged(on_the_way(plan, "2023:93;2028:94.5"), [history]).loc["W04"]
    assert "2023年阶段目标93%，尚无法判断" in row["reason"] and "2028年阶段目标94.5%，尚无法判断" in row["reason"]
