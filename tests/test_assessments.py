"""Verdicts on a plan whose projections are written by hand, so that every expected word and number comes from paper."""

from __future__ import annotations

import math
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from engine_by_hand import engine_by_hand, observed
from pandas.testing import assert_frame_equal

from plananalysis import assessments, projections
from plananalysis.assessments import assess, reasons, sentences, verdicts, years
from plananalysis.base.text import catalogue, say
from plananalysis.plan import load_plan
from plananalysis.render import quantities

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def plan():
    return load_plan(ROOT, "jiangbei", 2025)


@pytest.fixture
def by_hand(monkeypatch):
    return engine_by_hand(monkeypatch)


def ten_paths(met, missed, good, bad):
    return [good] * met + [bad] * missed


def test_probability_is_the_share_of_paths_and_binding_targets_are_called_hard_earlier(plan, by_hand):
    # W04 (anticipatory, ≥94) and C19 (binding, ≥95): both on 4 of 10 paths
    ends, _ = by_hand
    ends |= {"W04": ten_paths(4, 6, 95, 90), "C19": ten_paths(4, 6, 96, 94)}
    history = {s: observed(plan, s, [90, 91, 92, 93, 93, 93], 2020) for s in ends}
    table = assess(plan, history).assessments
    assert table.loc["W04", "probability"] == table.loc["C19", "probability"] == 0.4
    assert table.loc["W04", "outlook"] == table.loc["C19", "outlook"] == "uncertain"
    assert (table.loc["W04", "alerts"], table.loc["C19", "alerts"]) == ("", "hard_to_reach")


@pytest.mark.parametrize(("met_paths", "word"), [(7, "likely"), (5, "uncertain"), (2, "hard"), (0, "very_hard")])
def test_outlook_words_of_a_target_not_yet_met(plan, by_hand, met_paths, word):
    by_hand[0]["W04"] = ten_paths(met_paths, 10 - met_paths, 95, 90)
    assert assess(plan, {"W04": observed(plan, "W04", [92.6] * 6, 2020)}).assessments.loc["W04", "outlook"] == word


def test_a_target_met_already_can_still_slip(plan, by_hand):
    by_hand[0]["C21"] = ten_paths(5, 5, 99, 97)
    row = assess(plan, {"C21": observed(plan, "C21", [100] * 6, 2020)}).assessments.loc["C21"]
    assert (row["position"], row["outlook"], row["alerts"], row["shortfall"]) == (
        "met",
        "met_slipping",
        "relapse_risk",
        0,
    )


def test_of_a_value_older_than_the_baseline_no_time_of_the_plan_is_gone(plan, by_hand):
    """Its share of the time was −0.2, which no table takes: a report of an early year ended in an error."""
    by_hand[0]["C20"] = ten_paths(10, 0, 86, 0)
    row = assess(plan, {"C20": observed(plan, "C20", [79.0, 79.4, 79.9, 80.2], 2015)}).assessments.loc["C20"]
    assert row["time_progress"] == 0 and row["schedule"] == "not_applicable"


def test_distance_pace_schedule_and_required_values_by_hand(plan, by_hand):
    # C20 ≥85 from 80.6 in 2020; 82.8 in 2025: half of the way (2.2 of 4.4) in half of the time, 0.44 a year needed and made
    by_hand[0]["C20"] = ten_paths(10, 0, 86, 0)
    row = assess(plan, {"C20": observed(plan, "C20", [80.6, 81.0, 81.5, 82.0, 82.4, 82.8], 2020)}).assessments.loc[
        "C20"
    ]
    assert row["shortfall"] == pytest.approx(2.2)
    assert row["required_annual_change"] == pytest.approx(0.44)
    assert row["observed_annual_change"] == pytest.approx(0.44)
    assert row["pace_multiple"] == pytest.approx(1.0)
    assert (row["task_progress"], row["time_progress"], row["schedule"]) == (pytest.approx(0.5), 0.5, "on")
    assert [row[f"required_{y}"] for y in range(2026, 2031)] == pytest.approx([83.24, 83.68, 84.12, 84.56, 85.0])
    assert "相差2.20个百分点" in row["reason"] and "今后每年需提高0.44个百分点" in row["reason"]


def test_behind_its_way_and_getting_worse_is_both_red(plan, by_hand):
    by_hand[0]["C20"] = ten_paths(1, 9, 86, 80)
    row = assess(plan, {"C20": observed(plan, "C20", [80.6, 81.0, 81.5, 81.9, 81.4], 2020)}).assessments.loc["C20"]
    assert row["schedule"] == "behind"
    assert row["alerts"].split(";") == ["both_red", "hard_to_reach"]


def test_a_compound_row_takes_its_worst_part_and_lists_its_alerts(plan, by_hand):
    ends, _ = by_hand
    ends |= {"W07.1": ten_paths(10, 0, 99, 0), "W07.2": ten_paths(2, 8, 99, 90), "W07.3": ten_paths(9, 1, 99, 90)}
    history = {s: observed(plan, s, [97] * 6, 2020) for s in ends}
    table = assess(plan, history).assessments
    assert (table.loc["W07", "outlook"], table.loc["W07", "probability"]) == ("hard", 0.2)
    assert table.loc["W07", "worst_part"] == "W07.2"
    assert table.loc["W07", "alerts"] == "hard_to_reach"
    reason = table.loc["W07", "reason"]
    assert reason.startswith(
        "含3个分项：孕产妇艾滋病检测率97.00%（未达标）、孕产妇梅毒检测率97.00%（未达标）、孕产妇乙肝检测率97.00%（未达标）。"
    )
    assert "由“孕产妇梅毒检测率”决定：" in reason and "最差" not in reason
    assert reason.count("概率") == 1 and "各分项均达标的概率约20%" in reason


def test_a_row_with_a_part_not_met_never_carries_a_word_for_rows_met(plan, by_hand):
    # one part met but slipping (P .5), the others likely at .7: the row is not met, and its word fits its one probability of .5
    by_hand[0].update(
        {"W07.1": ten_paths(5, 5, 99, 97), "W07.2": ten_paths(7, 3, 99, 97), "W07.3": ten_paths(8, 2, 99, 97)}
    )
    values = {"W07.1": 98.5, "W07.2": 97.0, "W07.3": 97.0}
    row = assess(plan, {s: observed(plan, s, [v] * 6, 2020) for s, v in values.items()}).assessments.loc["W07"]
    assert (row["position"], row["outlook"], row["worst_part"]) == ("not_met", "uncertain", "W07.1")
    assert row["probability"] == 0.5


def test_progress_is_measured_only_where_the_plan_fixed_a_distance(plan, by_hand):
    by_hand[0].update({"W42": ten_paths(9, 1, 50, 30), "C20": ten_paths(9, 1, 86, 80)})
    history = {"W42": observed(plan, "W42", [40, 41, 42, 43], 2020), "C20": observed(plan, "C20", [80.6, 81, 82], 2020)}
    table = assess(plan, history).assessments
    assert table.loc["W42", "schedule"] == "not_applicable" and math.isnan(table.loc["W42", "task_progress"])
    assert table.loc["C20", "schedule"] == "ahead"


def test_a_part_without_data_keeps_a_compound_row_from_being_called_good(plan, by_hand):
    by_hand[0]["W08.1"] = ten_paths(10, 0, 99, 0)
    table = assess(plan, {"W08.1": observed(plan, "W08.1", [99] * 6, 2020)}).assessments
    assert (table.loc["W08", "outlook"], table.loc["W08", "position"]) == ("no_data", "unknown")
    assert math.isnan(table.loc["W08", "probability"])


def test_no_baseline_too_few_points_and_no_band_say_so(plan, by_hand):
    history = {
        "W42": observed(plan, "W42", [40, 41, 42, 43], 2021),  # 提高, nothing in 2020
        "W04": observed(plan, "W04", [92.6], 2020),
        "W20": observed(plan, "W20", [30, 31, 32, 33], 2021),
    }
    table = assess(plan, history).assessments
    assert table.loc["W42", ["outlook", "why_no_probability"]].tolist() == ["no_data", "no_baseline"]
    assert table.loc["W04", ["outlook", "why_no_probability", "position"]].tolist() == ["no_data", "too_few", "not_met"]
    assert table.loc["W20", ["outlook", "why_no_probability"]].tolist() == ["needs_judgement", "no_band"]
    assert "缺2020年基期值" in table.loc["W42", "reason"]
    assert "只有1个年度数据，不足4个" in table.loc["W04", "reason"]


def test_two_unusual_steps_in_five_years_are_volatile_and_a_newest_value_far_out_is_to_be_verified(plan, by_hand):
    ends, ranks = by_hand
    ends |= {s: ten_paths(5, 5, 95, 90) for s in ("W04", "C08", "C09")}
    ranks |= {"W04": [0.01, 0.5, 0.5, 0.97, 0.5], "C08": [0.01, 0.5, 0.5, 0.5, 0.5], "C09": [0.5, 0.5, 0.5, 0.5, 0.999]}
    table = assess(plan, {s: observed(plan, s, [91] * 6, 2020) for s in ends}).assessments
    assert [table.loc[s, "alerts"] for s in ("W04", "C08", "C09")] == ["volatile", "", "verify"]


def test_count_behind_a_rare_rate_is_told_and_lowers_the_grade(plan, by_hand):
    # ten fresh points would be A; 3 deaths in three years are fewer than 20 events → B
    by_hand[0]["W03"] = ten_paths(5, 5, 0, 17)
    history = observed(
        plan, "W03", [0, 0, 17, 0, 0, 17, 0, 17, 17, 17], 2016, numerators=[0, 0, 1, 0, 0, 1, 0, 1, 1, 1]
    )
    row = assess(plan, {"W03": history}).assessments.loc["W03"]
    assert row["evidence_grade"] == "B"
    assert "2023—2025年合计3例" in row["reason"]


@pytest.mark.parametrize(
    ("points", "newest", "grade"),
    [(10, 2025, "A"), (10, 2024, "A"), (9, 2024, "B"), (10, 2023, "C"), (10, 2022, "D"), (10, 2021, "D")],
)
def test_evidence_loses_a_grade_for_each_thing_it_lacks_and_the_last_when_it_is_three_years_old(
    plan, points, newest, grade
):
    values = [90 + 0.5 * i for i in range(points)]
    history = observed(plan, "W04", values, newest - points + 1)
    assert verdicts.evidence_grade(history, 2025, plan.thresholds) == grade


def test_seats_are_not_events_and_between_elections_there_is_no_yearly_pace(plan, by_hand):
    history = observed(plan, "W22.1", [30.9, 30.9, 28.0, 28.0, 28.0, 28.0], 2020, numerators=[69, 69, 62, 62, 62, 62])
    row = assess(plan, {"W22.1": history}).assessments.loc["W22.1"]
    assert math.isnan(row["events"]) and math.isnan(row["required_annual_change"])
    assert "例" not in row["reason"] and "今后每年" not in row["reason"]


def test_few_values_are_evidence_of_grade_c_for_two_years_and_of_grade_d_after(plan):
    history = observed(plan, "W04", [92, 92.5, 93, 93.1, 93.5], 2020)  # the newest of 2024; too few for B
    grades = {as_of: verdicts.evidence_grade(history, as_of, plan.thresholds) for as_of in range(2024, 2029)}
    assert grades == {2024: "C", 2025: "C", 2026: "C", 2027: "D", 2028: "D"}


def test_a_verdict_is_kept_until_the_probability_clears_the_cut(plan):
    t = plan.thresholds
    # cut 0.66, to be cleared by 0.05
    assert verdicts.steady_outlook(0.64, False, t, "likely") == "likely"
    assert verdicts.steady_outlook(0.60, False, t, "likely") == "uncertain"
    assert verdicts.steady_outlook(0.70, False, t, "uncertain") == "uncertain"
    assert verdicts.steady_outlook(0.72, False, t, "uncertain") == "likely"
    # a fall through two words is shown at once
    assert verdicts.steady_outlook(0.05, False, t, "uncertain") == "very_hard"
    assert verdicts.steady_outlook(0.64, False, t, None) == "uncertain"


def test_a_changed_reading_starts_without_memory(plan, by_hand):
    # likely at .70 last year; .64 this year stays likely, unless the target itself has been changed from 94 to 93.9
    history = {"W04": observed(plan, "W04", [92] * 5, 2020)}
    by_hand[0]["W04"] = ten_paths(70, 30, 95, 90)
    before = assess(replace(plan, as_of=2024), history)
    by_hand[0]["W04"] = ten_paths(64, 36, 95, 90)
    assert assess(plan, history, before).assessments.loc["W04", "outlook"] == "likely"
    targets = plan.targets.copy()
    targets.loc["W04", ["value", "value_text"]] = [93.9, "93.9"]
    assert assess(replace(plan, targets=targets), history, before).assessments.loc["W04", "outlook"] == "uncertain"


def test_a_target_read_otherwise_stands_by_its_first_reading_too_and_a_row_by_those_of_its_parts(plan, by_hand):
    # W04 93.5 is short of 94 and was not of 93; W07 is met in every part at 99, while the first reading of one asked for 99.5
    first = plan.targets.loc[["W04", "W07.2", "W12"]].copy()
    first.loc["W04", "value"] = 93.0
    first.loc["W07.2", ["operator", "value"]] = [">=", 99.5]
    first.loc["W12", ["reason", "decided_by"]] = ["审定同意原读法", "区妇儿工委"]  # confirmed only
    known = {s: observed(plan, s, [99] * 6, 2020) for s in ("W07.1", "W07.2", "W07.3")}
    known["W04"] = observed(plan, "W04", [93.5] * 6, 2020)
    found = assess(replace(plan, first_targets=first), known).assessments
    told = found.loc[found["first_position"] != "", ["position", "first_position"]].T.to_dict("list")
    assert told == {"W04": ["not_met", "met"], "W07": ["met", "not_met"], "W07.2": ["met", "not_met"]}
    assert set(assess(plan, known).assessments["first_position"]) == {""}
    silent = assess(replace(plan, first_targets=first), {}).assessments
    assert silent.loc["W04", "first_position"] == "unknown"  # that it was changed is told by the plan alone


def test_the_first_reading_is_the_earliest_of_the_period_known_by_the_edition():
    # the example's W20 asked for nothing that can be counted until 2025-03-20; C22 was only confirmed
    early, late = (load_plan(ROOT, "example", year) for year in (2022, 2024))
    assert (early.known_on < "2025-03-20" <= late.known_on) and not early.first_readings
    assert {s: r.kind for s, r in late.first_readings.items()} == {"W20": "keep_reasonable"}
    assert "C22" in late.first_targets.index


def test_a_target_that_was_met_and_is_lost_shows_at_once(plan, by_hand):
    by_hand[0]["W04"] = ten_paths(7, 3, 95, 90)
    before = assess(replace(plan, as_of=2024), {"W04": observed(plan, "W04", [92.6, 93, 93.5, 94.1, 94.2], 2020)})
    assert before.assessments.loc["W04", "outlook"] == "met_secure"
    row = assess(
        plan, {"W04": observed(plan, "W04", [92.6, 93, 93.5, 94.1, 94.2, 93.8], 2020)}, before
    ).assessments.loc["W04"]
    assert (row["outlook"], row["alerts"]) == ("likely", "slipping")


def test_every_row_of_the_plan_gets_exactly_one_verdict(plan):
    table = assess(plan, {}).assessments
    rows = table[table["role"] != "part"]
    assert len(rows) == 89 and rows.index.tolist() == plan.rows().index.tolist()
    assert set(rows["outlook"]) == {"no_data", "needs_judgement"}
    # 保持合理比例: W20 and the compound rows W24, W25, W26
    assert rows.index[rows["outlook"] == "needs_judgement"].tolist() == ["W20", "W24", "W25", "W26"]
    assert table["reason"].str.endswith("。").all()


def test_every_word_a_verdict_can_use_is_in_the_catalogue():
    words = catalogue()
    assert {f"outlook.{o}" for o in verdicts.OUTLOOKS} == {k for k in words if k.startswith("outlook.")}
    assert {f"alert.{a}" for a in verdicts.ALERTS} == {k for k in words if k.startswith("alert.")}


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "text"),
    [
        (92.6, "%", 2, "92.6%"),
        (100.0, "%", 2, "100%"),
        (0.0, "1/10万", 2, "0/10万"),
        (2.345, "‰", 2, "2.35‰"),
        (120.0, "件", 0, "120件"),
        (math.nan, "%", 2, "—"),
    ],
)
def test_numbers_are_printed_with_their_unit_and_without_invented_zeros(value, unit, decimals, text):
    assert quantities.number(value, unit, decimals) == text


def test_differences_of_percentages_are_percentage_points():
    assert quantities.difference(-1.4, "%", 2) == "1.4个百分点"
    assert quantities.difference(0.13, "‰", 2) == "0.13个千分点"
    assert quantities.difference(3.2, "1/10万", 2) == "3.2/10万"


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0, "不足1%"),
        (0.0099, "不足1%"),
        (0.01, "约1%"),
        (0.505, "约51%"),
        (0.99, "约99%"),
        (0.995, "99%以上"),
        (math.nan, "—"),
    ],
)
def test_probabilities_are_never_printed_as_certainty(p, text):
    assert quantities.chance(p) == text


def test_inferred_ceiling_about_and_relative_readings_are_put_in_words(plan):
    def words(series):
        return sentences.reading_text(plan, plan.reading(series), None)

    assert words("W03") == "控制在8/10万以内"
    assert words("W10") == "达到100%"
    assert words("W15") == "45%左右，按43%至47%掌握"
    assert words("W21") == f"不低于{plan.series.loc['W20', 'name']}"
    assert words("W40") == "不高于2:3（0.667）"
    assert words("C01") == "控制在1.5‰以下"
    assert words("W39") == "按三年平均，比2020年更接近103—107"
    assert say("position.met") == "已达标"


def test_moving_the_whole_plan_to_another_folder_changes_nothing(plan, by_hand, tmp_path):
    shutil.copytree(ROOT / "data" / "raw" / "jiangbei", tmp_path / "data" / "raw" / "jiangbei")
    shutil.copy(ROOT / "data" / "raw" / "thresholds.toml", tmp_path / "data" / "raw")
    moved = load_plan(tmp_path, "jiangbei", 2025)
    assert assess(moved, {}).assessments.equals(assess(plan, {}).assessments)


def until(history, year):
    known = history.years <= year
    columns = ("years", "values", "numerators", "denominators")
    return replace(history, **{c: getattr(history, c)[known] for c in columns})


def area_years(plans, name, seed):
    """Random walks near their targets, so that many probabilities lie near a cut and hang on the year before."""
    rng = np.random.default_rng(seed)
    asked = ["W04", "W07.1", "W07.2", "W07.3", "W12", "W20", "W21", "W39", "W42", "C08", "C11", "C20", "C21"]
    starts = {s: plans[-1].reading(s).value or 50 for s in asked}
    found = {s: observed(plans[-1], s, v - 2 + rng.normal(0.1, 0.8, 13).cumsum(), 2013) for s, v in starts.items()}
    return [(replace(p, area=name), {s: until(h, p.as_of) for s, h in found.items()}) for p in plans]


def test_areas_in_one_batch_get_what_each_edition_gets_after_the_one_before():
    plans = [load_plan(ROOT, "jiangbei", year) for year in range(2021, 2026)]
    areas = [area_years(plans, f"a{seed}", seed) for seed in range(4)]
    together = assessments.assess_areas(areas, last=2, words=True)
    kept = 0
    for area, (before, now) in zip(areas, together, strict=True):
        chain = []
        for known in area:
            chain.append(assess(*known, chain[-1] if chain else None))
        assert_frame_equal(now.assessments, chain[-1].assessments, check_exact=True)
        words = list(reasons.NO_WORDS)
        assert (before.assessments[words] == "").all(axis=None)
        assert_frame_equal(
            before.assessments.drop(columns=words), chain[-2].assessments.drop(columns=words), check_exact=True
        )
        (alone,) = assessments.assess_areas([area], words=True)
        assert_frame_equal(alone[-1].assessments, now.assessments, check_exact=True)
        fresh = assess(*area[-1]).assessments
        kept += int((fresh["outlook"] != now.assessments["outlook"]).sum())
    assert kept > 0  # the memory was asked for at all


def test_an_earlier_year_is_projected_only_where_a_verdict_hangs_on_it(monkeypatch):
    plans = [load_plan(ROOT, "jiangbei", year) for year in range(2021, 2026)]
    asked = {}

    def project_many(requests, n_paths=1000):
        asked.update({r.edition: len(r.histories) for r in requests})
        return projections.project_many(requests, n_paths)

    monkeypatch.setattr(years, "project_many", project_many)
    assessments.assess_areas([area_years(plans, "a", 7)])
    assert asked[plans[-1].draws] == 13 and sum(asked.values()) < 26
