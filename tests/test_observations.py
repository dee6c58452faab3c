"""observations: nothing typed is guessed at, nothing reported is lost, and a date says what was known."""

import itertools
import unicodedata
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plananalysis.base.errors import DataError, UsageError
from plananalysis.base.tables import write_table
from plananalysis.observations import (
    KEY,
    as_known,
    current_definition,
    histories,
    known_histories,
    load_observations,
    observations_table,
    parse_number,
    vintages,
)

KNOWN = ["W03", "W04", "W07.1", "W07.2", "C01"]
HEADER = "series,area,group,year,value,numerator,denominator,status,definition,reported_at,tier,source,quote,note"
FIXES = "submission,series,group,year,wrong_value,right_value,reason,decided_by,decided_on"


@pytest.fixture
def district(tmp_path):
    """An empty place without a plan; the returned function files submissions there."""
    folder = tmp_path / "data" / "raw" / "jiangbei" / "observations"
    folder.mkdir(parents=True)

    def submit(name, *lines, header=HEADER):
        (folder / name).write_text("\n".join([header, *lines]) + "\n", encoding="utf-8-sig")
        return tmp_path

    return submit


def load(root, known=KNOWN):
    return load_observations(root, "jiangbei", known)


def problems(root, known=KNOWN):
    with pytest.raises(DataError) as caught:
        load(root, known)
    return caught.value.problems


def line(series="W03", group="total", year=2023, value="8.1", status="A", reported="2024-04-30", **more):
    cells = {"series": series, "group": group, "year": year, "value": value, "status": status, "reported_at": reported}
    cells |= more
    return ",".join(str(cells.get(c, "")) for c in HEADER.split(","))


# --- numbers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("-3", -3), ("92.60", 92.6), ("0.05", 0.05), ("-0", 0)])
def test_plain_numbers_are_read(text, number):
    assert parse_number(text) == (number, "")


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("\uff19\uff12\uff0e\uff16", "92.6"),  # full width
        ("\uff19\uff12.6\uff05", "92.6"),
        ("92。6", "92.6"),
        ("92·6", "92.6"),
        ("−3", "-3"),
        ("+5", "5"),
        ("1,234", "1234"),
        ("1,234,567.8", "1234567.8"),
        ("92.6%", "92.6"),
        ("0/10万", "写成 0,"),
        ("81.77万", "81.77"),
        ("1.5‰", "1.5"),
        ("≥94", "“≥”"),
        ("约45", "“约”"),
        ("45左右", "“左右”"),
        ("007", "7"),
        ("1.2E+05", "科学记数法"),
        ("1e999", "科学记数法"),
        ("9" * 400, "过长"),
        *((word, "填 M") for word in ("—", "…", "缺报", "不适用", "无", "-", "NA", "NaN", "/")),
        *(
            (text, "半角")
            for text in (
                "inf",
                "九十二",
                "92.6①",
                "92.6²",
                "٩٢",
                "12,34",
                "40~45",
                "1 234",
                ".5",
                "5.",
                "2026-04-30",
                "TRUE",
                "#DIV/0!",
            )
        ),
    ],
)
def test_everything_else_is_refused_with_what_to_type(text, advice):
    number, said = parse_number(text)
    assert number is None
    assert advice in said.replace("数值", "写成 0," if text == "0/10万" else "数值")


@given(st.text(max_size=12) | st.from_regex("[0-9\uff10-\uff19.,%‰万eE+-]{1,10}", fullmatch=True))
def test_a_cell_is_read_exactly_or_refused_and_never_crashes(text):
    number, advice = parse_number(text)
    assert (number is None) == bool(advice)
    if number is not None:
        assert text.isascii() and float(text) == number and np.isfinite(number)


@given(st.decimals(-(10**9), 10**9, allow_nan=False, places=3))
def test_full_width_digits_are_refused_but_the_suggestion_is_right(number):
    text = f"{number:f}"
    wide = "".join(chr(ord(c) + 0xFEE0) for c in text)
    assert unicodedata.normalize("NFKC", wide) == text
    refused, advice = parse_number(wide)
    assert refused is None and text in advice


# --- loading ---------------------------------------------------------------------------------------------------------


def test_a_submission_is_loaded_with_its_place(district):
    root = district("2024_卫健委.csv", line(value="0"), line(year=2022, value="92.60", numerator=5, denominator=5400))
    table = load(root)
    assert table[["series", "area", "year", "value", "value_text", "submission", "file_row"]].values.tolist() == [
        ["W03", "jiangbei", 2022, 92.6, "92.60", "2024_卫健委.csv", 3],
        ["W03", "jiangbei", 2023, 0.0, "0", "2024_卫健委.csv", 2],
    ]
    assert table["denominator"].tolist()[0] == 5400 and np.isnan(table["denominator"].tolist()[1])


def test_only_five_columns_are_needed_and_the_group_is_then_total(district):
    root = district("a.csv", "W03,2023,8,A,2024-04-30", header="series,year,value,status,reported_at")
    assert load(root)[["group", "definition", "tier"]].values.tolist() == [["total", "", ""]]


def test_a_multi_line_note_does_not_shift_the_file_row(district):
    root = district("a.csv", line(note='"第一行\n第二行"'), line(year=2024, value="x", reported="2025-04-30"))
    assert [p.row for p in problems(root)] == [3]


def test_a_place_without_submissions_is_an_empty_table_that_everything_accepts(district, plan_series):
    root = district("README.md")
    table = load(root)
    assert table.empty and table["year"].dtype == "int64" and table["value"].dtype == "float64"
    view = as_known(table, "2026-12-31", 2025)
    assert view.empty and histories(view, plan_series)["W03"].years.size == 0
    assert observations_table(table).empty


def test_an_unknown_area_is_misuse(tmp_path):
    (tmp_path / "data" / "raw" / "china").mkdir(parents=True)
    (tmp_path / "data" / "raw" / "china" / "area.toml").touch()
    with pytest.raises(UsageError, match="china"):
        load_observations(tmp_path, "chnia", KNOWN)


@pytest.mark.parametrize(
    ("row", "column", "advice"),
    [
        (line(series="W3"), "series", "W03"),
        (line(series="W07"), "series", "W07.1、W07.2"),
        (line(group="女"), "group", "sex:female"),
        (line(year="2023年"), "year", "四位"),
        (line(year="202\uff13"), "year", "四位"),
        (line(year="0203"), "year", "四位"),
        (line(reported="4/30/2024"), "reported_at", "2026-04-30"),
        (line(reported="2024-02-30"), "reported_at", "2026-04-30"),
        (line(reported="2022-12-31"), "year", "核对"),
        (line(status=""), "status", "M 缺报"),
        (line(status="a"), "status", "M 缺报"),
        (line(value=""), "value", "填 0"),
        (line(value="—"), "value", "填 M"),
        (line(value="0", status="M"), "value", "删去数值"),
        (line(value="8.\uff11"), "value", "写成 8.1"),
        (line(numerator="-1"), "numerator", "核对"),
        (line(denominator="五千"), "denominator", "半角"),
    ],
)
def test_each_broken_cell_is_named_with_advice(district, row, column, advice):
    (problem,) = problems(district("a.csv", line(year=2022), row))
    assert (problem.file, problem.row, problem.column) == ("data/raw/jiangbei/observations/a.csv", 3, column)
    assert advice in problem.rule + problem.advice


def test_all_problems_of_all_files_are_listed_at_once(district):
    district("b.csv", line(series="W99", value="缺报", status="Z"))
    district("c.csv", "x", header="series")
    root = district("a.csv", line(), line(value="9.1"))
    found = [(p.file.rsplit("/", 1)[1], p.row) for p in problems(root)]
    assert found == [("a.csv", 3), *[("b.csv", 2)] * 3, *[("c.csv", 1)] * 4]


def test_a_workbook_dropped_beside_the_submissions_is_not_overlooked(district):
    root = district("a.csv", line())
    (root / "data/raw/jiangbei/observations/教委.xlsx").touch()
    (root / "data/raw/jiangbei/observations/.gitkeep").touch()
    assert [p.file.rsplit("/", 1)[1] for p in problems(root)] == ["教委.xlsx"]


def test_an_upper_case_suffix_is_read_too(district):
    assert len(load(district("教委.CSV", line()))) == 1


def test_rows_of_another_area_are_refused_where_there_is_a_plan(district):
    root = district(
        "a.csv", line(area="重庆市江北区"), line(year=2022, area="jiangbei"), line(year=2021, area="渝中区")
    )
    assert load(root)["area"].tolist() == [
        "jiangbei",
        "渝中区",
        "重庆市江北区",
    ]  # a comparator folder may hold many places
    (root / "data/raw/jiangbei/area.toml").write_text('name = "重庆市江北区"', encoding="utf-8")
    assert [p.row for p in problems(root)] == [4]
    district("a.csv", line(area="重庆市江北区"), line(year=2022, area="jiangbei"), line(year=2021))
    assert set(load(root)["area"]) == {"jiangbei"}


def test_two_values_for_one_cell_on_one_day_are_an_error_wherever_they_stand(district):
    district("a.csv", line(value="8.1"), line(value="8.10"), line(group="sex:female"), line(definition="2"))
    root = district("b.csv", line(value="8.2"), line(reported="2024-05-01", value="8.3"))
    (problem,) = problems(root)
    assert problem.file.endswith("b.csv") and problem.row == 2 and "a.csv 第2行" in problem.rule


def test_a_value_and_its_absence_on_one_day_are_an_error(district):
    assert len(problems(district("a.csv", line(), line(value="", status="M")))) == 1


def test_two_different_denominators_on_one_day_are_an_error(district):
    assert len(problems(district("a.csv", line(denominator=5000), line(denominator=6000)))) == 1


# --- corrections -----------------------------------------------------------------------------------------------------


def correct(root, *lines):
    (root / "data/raw/jiangbei/corrections.csv").write_text("\n".join([FIXES, *lines]) + "\n", encoding="utf-8-sig")
    return root


def test_a_correction_changes_exactly_one_cell_and_keeps_both_values_and_the_reason(district):
    district("b.csv", line(value="81", reported="2025-04-30"))
    root = correct(
        district("a.csv", line(value="81"), line(year=2022, value="81")),
        "a.csv,W03,,2023,81.0,8.1,漏小数点,统计局,2026-05-01",
    )
    table = load(root)  # what was reported stays as it was; the correction is a report of the day it was decided
    assert table["value"].tolist() == [81.0, 81.0, 81.0, 8.1]
    assert table["correction"].tolist() == ["", "", "", "漏小数点"]
    assert table["submitted_value"].tolist() == ["", "", "", "81"]
    assert table["reported_at"].tolist()[1:] == ["2024-04-30", "2025-04-30", "2026-05-01"]
    # by then b.csv had said 81 once more: what the correction corrects no longer holds
    assert as_known(table, "2026-12-31", 2023)["submission"].tolist() == ["a.csv", "a.csv"]
    assert as_known(table, "2026-12-31", 2023)["value"].tolist() == [81.0, 81.0]


@pytest.mark.parametrize(("known", "value"), [("2025-06-30", 88.0), ("2026-05-09", 88.0), ("2026-05-10", 81.0)])
def test_a_correction_counts_from_the_day_it_was_decided(district, known, value):
    root = district("a.csv", line(year=2024, value="88.00", reported="2025-04-01"))
    correct(root, "a.csv,W03,total,2024,88.00,81.00,分母重复计算,办公室,2026-05-10")
    assert as_known(load(root), known, 2024)["value"].tolist() == [value]


def test_a_correction_of_what_a_later_report_replaced_changes_nothing(district):
    root = district("a.csv", line(value="88", reported="2024-04-30"), line(value="85", reported="2025-01-31"))
    correct(root, "a.csv,W03,,2023,88,81,错行,办公室,2026-05-10")
    assert as_known(load(root), "2026-12-31", 2023)["value"].tolist() == [85.0]


def test_a_correction_settles_two_values_of_one_day(district):
    root = district("a.csv", line(value="88"), line(value="81"))
    assert len(problems(root)) == 1
    correct(root, "a.csv,W03,,2023,88,81,错行,办公室,2026-05-10")
    assert as_known(load(root), "2026-12-31", 2023)["value"].tolist() == [81.0]


def test_a_correction_may_repair_what_cannot_be_read_and_withdraw_what_is_wrong(district):
    root = district("a.csv", line(value="92.6①"), line(year=2022, value="41"))
    correct(
        root, "a.csv,W03,total,2023,92.6①,92.6,脚注,统计局,2026-05-01", "a.csv,W03,,2022,41,,男女合计,统计局,2026-05-01"
    )
    table = load(root)
    assert table[["year", "status"]].values.tolist() == [[2022, "A"], [2022, "M"], [2023, "A"]]
    assert as_known(table, "2026-06-30", 2023)["status"].tolist() == ["M", "A"] and table["value"][2] == 92.6
    assert as_known(table, "2025-06-30", 2023)["value"].tolist() == [41.0]  # 92.6① could not be read before


@pytest.mark.parametrize(
    ("fix", "said"),
    [
        ("a.csv,W03,,2023,81,8.1,漏小数点,统计局,2026-05-01", "来源已改正，请删去这条更正"),
        ("b.csv,W03,,2023,8.1,8,错行,统计局,2026-05-01", "没有找到要更正的那一格"),
        ("a.csv,W03,sex:female,2023,8.1,8,错行,统计局,2026-05-01", "没有找到要更正的那一格"),
        ("a.csv,W03,,2023,8.1,8.10,错行,统计局,2026-05-01", "同一个数"),
        ("a.csv,W03,,2023,8.1,8,,统计局,2026-05-01", "reason"),
        ("a.csv,W03,,2023,8.1,8,错行,,2026-05-01", "decided_by"),
        ("a.csv,W03,,2023,8.1,8,错行,统计局,去年", "年-月-日"),
        ("a.csv,W04,,2023,7,8,错行,统计局,2026-05-01", "2 格"),
        ("a.csv,W03,,2023,8.1,八,错行,统计局,2026-05-01", "不是规范的数字"),
    ],
)
def test_a_correction_that_does_not_fit_fails_loudly(district, fix, said):
    two = [line(series="W04", value=7), line(series="W04", value=7, definition="2")]
    (problem,) = problems(correct(district("a.csv", line(), *two), fix))
    assert said in str(problem)


def test_two_corrections_of_one_cell_are_refused(district):
    fix = "a.csv,W03,,2023,8.1,{},漏小数点,统计局,2026-05-01"
    (problem,) = problems(correct(district("a.csv", line()), fix.format(8), fix.format(9)))
    assert problem.row == 3 and "两条更正" in problem.rule


# --- vintages --------------------------------------------------------------------------------------------------------


def frame(*rows):
    """Observations as load_observations would return them, from (year, value, reported_at, {...}) tuples."""
    base = {
        "series": "W03",
        "area": "jiangbei",
        "group": "total",
        "status": "A",
        "definition": "",
        "tier": "",
        "submission": "a.csv",
    }
    base |= {"numerator": np.nan, "denominator": np.nan}
    records = []
    for number, (year, value, reported, *more) in enumerate(rows):
        status = "M" if value is None else "A"
        cell = {
            "year": year,
            "value": np.nan if value is None else float(value),
            "reported_at": reported,
            "status": status,
        }
        records.append(base | cell | {"file_row": number + 2} | (more[0] if more else {}))
    columns = [
        "series",
        "area",
        "group",
        "year",
        "value",
        "numerator",
        "denominator",
        "status",
        "definition",
        "reported_at",
        "tier",
        "submission",
        "file_row",
    ]
    return pd.DataFrame(records, columns=columns).astype({"year": "int64", "value": "float64", "file_row": "int64"})


def test_a_revision_replaces_and_a_repetition_does_not():
    table = frame((2023, 8, "2024-04-30"), (2023, 8, "2024-09-30"), (2023, 7, "2025-04-30"), (2023, 8, "2026-04-30"))
    assert vintages(table)["reported_at"].tolist() == ["2024-04-30", "2025-04-30", "2026-04-30"]
    assert as_known(table, "2024-12-31", 2023)[["value", "reported_at"]].values.tolist() == [[8, "2024-04-30"]]
    assert as_known(table, "2025-04-29", 2023)["value"].tolist() == [8]
    assert as_known(table, "2025-04-30", 2023)["value"].tolist() == [7]
    assert as_known(table, "2024-04-29", 2023).empty
    assert as_known(table, "2026-12-31", 2022).empty


def test_a_confirmed_provisional_value_and_late_counts_are_news():
    table = frame(
        (2023, 8, "2024-04-30", {"status": "P"}),
        (2023, 8, "2024-09-30"),
        (2023, 8, "2025-01-01", {"numerator": 3.0}),
        (2023, 8, "2025-02-01"),
    )
    assert vintages(table)["reported_at"].tolist() == ["2024-04-30", "2024-09-30", "2025-01-01"]
    assert as_known(table, "2026-01-01", 2023)["numerator"].tolist() == [
        3.0
    ]  # a blank later does not take the counts away


def test_a_withdrawn_value_is_shown_as_missing():
    table = frame((2023, 8, "2024-04-30"), (2023, None, "2025-04-30"), (2023, None, "2025-05-30"))
    view = as_known(table, "2026-12-31", 2023)
    assert view[["status", "reported_at"]].values.tolist() == [["M", "2025-04-30"]]


def test_on_one_day_an_official_source_wins_then_the_later_file_name():
    day = "2024-04-30"
    rows = [
        (2023, 1, day),
        (2023, 2, day, {"tier": "B"}),
        (2023, 3, day, {"tier": "A"}),
        (2023, 4, day, {"tier": "B", "submission": "z.csv"}),
    ]
    for some in itertools.permutations(rows):
        assert as_known(frame(*some), day, 2023)["value"].tolist() == [3]
    assert as_known(frame(*rows[:2], rows[3]), day, 2023)["value"].tolist() == [4]
    same = [(2023, 1, day, {"tier": "B", "submission": "z.csv"}), (2023, 1, day, {"tier": "A"})]
    assert as_known(frame(*same), day, 2023)["tier"].tolist() == ["A"]


DAYS = [f"{y}-{m:02d}-15" for y in (2022, 2023, 2024) for m in (3, 9)]
REPORTS = st.lists(
    st.tuples(
        st.integers(2019, 2021),
        st.sampled_from([None, 0, 1, 2]),
        st.sampled_from(DAYS),
        st.fixed_dictionaries(
            {
                "group": st.sampled_from(["total", "sex:female"]),
                "definition": st.sampled_from(["1", "2"]),
                "tier": st.sampled_from(["A", "B", ""]),
                "submission": st.sampled_from(["a.csv", "b.csv"]),
            }
        ),
    ),
    max_size=14,
)


def by_hand(reports, known_on, as_of):
    """The newest report of each key, by the rule as written down: date, then tier, then file name, then row."""
    newest = {}
    for row, (year, value, day, about) in enumerate(reports):
        key = (about["group"], year, about["definition"])
        rank = (day, {"A": 2, "B": 1}.get(about["tier"], 0), about["submission"], row)
        if day <= known_on and year <= as_of and (key not in newest or rank > newest[key][0]):
            newest[key] = (rank, value)
    return {key: value for key, (_, value) in newest.items()}


def shown(view):
    keys = view[["group", "year", "definition"]].itertuples(index=False, name=None)
    return {k: None if np.isnan(v) else v for k, v in zip(keys, view["value"], strict=True)}


@settings(max_examples=60, deadline=None)
@given(REPORTS, st.sampled_from([*DAYS, "2021-01-01", "2100-01-01"]), st.integers(2018, 2021))
def test_as_known_is_the_newest_report_of_each_key(reports, known_on, as_of):
    view = as_known(frame(*reports), known_on, as_of)
    assert shown(view) == by_hand(reports, known_on, as_of)
    assert not view.duplicated(KEY).any()


@settings(max_examples=30, deadline=None)
@given(REPORTS)
def test_knowing_later_never_loses_what_was_known(reports):
    table = frame(*reports)
    views = [(day, shown(as_known(table, day, 2021))) for day in DAYS]
    for (earlier, before), (later, after) in itertools.pairwise(views):
        news = {(a["group"], y, a["definition"]) for y, _, day, a in reports if earlier < day <= later}
        assert before.keys() <= after.keys()
        assert all(after[k] == v for k, v in before.items() if k not in news)


@settings(max_examples=30, deadline=None)
@given(REPORTS, st.randoms())
def test_the_order_of_rows_changes_nothing(reports, random):
    table = frame(*reports)
    order = list(range(len(table)))
    random.shuffle(order)
    pd.testing.assert_frame_equal(as_known(table, "2024-01-01", 2021), as_known(table.iloc[order], "2024-01-01", 2021))


# --- what a later report leaves blank --------------------------------------------------------------------------------

NBS = {"definition": "nbs"}
TEN_YEARS = [(y, 70 + y - 2015, f"{y + 1}-04-01", NBS) for y in range(2015, 2026)]  # 70 in 2015, 80 in 2025


def known(*rows, day="2026-12-31"):
    return as_known(frame(*rows), day, 2025)


def test_a_withdrawal_withdraws_whether_or_not_it_repeats_the_definition(plan_series):
    for said in (NBS, {}):
        view = known(*TEN_YEARS, (2025, None, "2026-05-01", said))
        history = histories(view, plan_series)["W03"]
        assert (history.years[-1], history.values[-1], len(history.years)) == (2024, 79.0, 10)


@pytest.mark.parametrize("year", [2025, 2023])
def test_a_revision_without_a_definition_revises_the_value_and_leaves_the_history(plan_series, year):
    table = frame(*TEN_YEARS, (year, 60, "2026-05-01"))
    history = histories(as_known(table, "2026-12-31", 2025), plan_series)["W03"]
    assert len(history.years) == 11 and history.values[history.years == year].tolist() == [60.0]
    changed = vintages(table).query("year == @year")
    assert changed["value"].tolist() == [70.0 + year - 2015, 60.0] and set(changed["definition"]) == {"nbs"}


def test_a_new_year_without_a_definition_goes_on_under_the_one_in_use(plan_series):
    history = histories(known(*TEN_YEARS[:-1], (2025, 80, "2026-04-01")), plan_series)["W03"]
    assert len(history.years) == 11 and history.earlier == ()
    told = known(*TEN_YEARS[:-1], (2025, 80, "2026-04-01")).query("year == 2025")
    assert told[["definition", "definition_typed"]].values.tolist() == [["nbs", ""]]


def test_a_revision_that_names_the_definition_for_the_first_time_is_no_other_series(plan_series):
    unnamed = [(y, v, day) for y, v, day, _ in TEN_YEARS]
    history = histories(known(*unnamed, (2025, 79, "2026-05-01", NBS)), plan_series)["W03"]
    assert len(history.years) == 11 and history.values[-1] == 79.0


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(2015, 2025), st.sampled_from([None, 1, 2, 3]), st.integers(1, 28), st.booleans()),
        max_size=12,
        unique_by=lambda r: r[2],
    )
)
def test_leaving_the_definition_blank_later_never_changes_what_is_known(later):
    """With one definition in use a report says the same with its code and without."""
    told = [(y, v, f"2026-05-{d:02d}", NBS) for y, v, d, _ in later]
    blank = [(y, v, f"2026-05-{d:02d}", {} if b else NBS) for y, v, d, b in later]
    columns = ["year", "value", "status", "definition", "reported_at"]
    pd.testing.assert_frame_equal(known(*TEN_YEARS, *told)[columns], known(*TEN_YEARS, *blank)[columns])


BREAK = {"status": "B"}
FALLEN = [
    *((y, 90 - (y - 2010) / 5, f"{y + 1}-04-01") for y in range(2010, 2021)),
    (2021, 50, "2022-04-01", BREAK),
    *((y, 50 + (y - 2021) / 2, f"{y + 1}-04-01") for y in range(2022, 2026)),
]


@pytest.mark.parametrize(
    "later",
    [
        (2021, 50.1, "2022-10-01"),  # a final figure
        (2021, 50, "2022-10-01"),  # the same figure, sent once more
        (2021, 50.1, "2022-10-01", {"status": "P"}),
    ],
)
def test_a_break_stays_when_its_year_is_reported_once_more(plan_series, later):
    history = histories(known(*FALLEN, later), plan_series)["W03"]
    assert (history.years[0], len(history.years), history.break_year) == (2021, 5, 2021)
    assert history.values[0] == later[1]


def test_a_break_is_taken_back_in_words_and_outlives_a_withdrawal(plan_series):
    back = (2021, 88, "2022-10-01", {"note": "经核实，口径没有变化，原数有误"})
    table = frame(*FALLEN, back).assign(note="")
    table.loc[len(table) - 1, "note"] = back[3]["note"]
    assert len(histories(as_known(table, "2026-12-31", 2025), plan_series)["W03"].years) == 16
    withdrawn = histories(known(*FALLEN, (2021, None, "2022-10-01")), plan_series)["W03"]
    assert withdrawn.years.tolist() == [2022, 2023, 2024, 2025]


def test_a_break_and_a_provisional_value_are_marked_together_however_they_are_spelt(district, plan_series):
    for i, typed in enumerate(["BP", "PB", "B;P", '"B,P"', "P、B"]):
        root = district(f"{i}.csv", line(year=2010 + i, status=typed), line(year=2010 + i, series="C01", status="EB"))
    assert load(root)["status"].tolist() == ["BE"] * 5 + ["BP"] * 5
    history = histories(as_known(load(root), "2026-01-01", 2025), plan_series)["W03"]
    assert history.years.tolist() == [2014]  # each of them is a break


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"value": "8.1"}, {"value": "8.2"}),
        ({"value": "8.1", "status": "P"}, {"value": "8.1"}),
        ({"value": "8.1"}, {"value": "8.1", "status": "B"}),
        ({"value": "8.1", "numerator": 5}, {"value": "8.1", "numerator": 6}),
        ({"value": "8.1", "definition": "nbs"}, {"value": "8.2"}),
        ({"value": "8.1", "definition": "nbs"}, {"value": "", "status": "M"}),
    ],
)
@pytest.mark.parametrize("names", [("a.csv", "z.csv"), ("z.csv", "a.csv")])
def test_two_reports_of_one_day_that_differ_are_a_conflict_whatever_the_files_are_called(
    district, first, second, names
):
    district("m.csv", line(year=2022, definition="nbs", reported="2023-04-30"))
    told = line(**first) if "status" not in first else line(year=2021)  # or the first report once more, between the two
    district("n.csv", told)
    district(names[0], line(**first))
    (problem, *_) = problems(district(names[1], line(**second)))
    assert "不一致" in problem.rule


# --- histories -------------------------------------------------------------------------------------------------------


@pytest.fixture
def plan_series():
    about = {
        "unit": "%",
        "lower": 0.0,
        "upper": 100.0,
        "decimals": 1,
        "direction": 1,
        "rhythm": "annual",
        "role": "target",
    }
    return pd.DataFrame(
        [about, about | {"upper": np.nan}, about | {"role": "compound"}],
        index=pd.Index(["W03", "W04", "W07"], name="series"),
    )


def test_a_history_has_the_years_reported_and_no_others(plan_series):
    table = frame(
        (2018, 1, "2024-01-01"),
        (2021, 0, "2024-01-01", {"numerator": 0.0, "denominator": 9.0}),
        (2020, None, "2024-01-01"),
        (2019, 2, "2024-01-01", {"group": "sex:female"}),
    )
    found = histories(table, plan_series)
    assert found.keys() == {"W03", "W04"}  # a compound row has no observations of its own
    history = found["W03"]
    assert history.years.tolist() == [2018, 2021] and history.values.tolist() == [1, 0]
    assert history.denominators[1] == 9 and np.isnan(history.numerators[0])
    assert (history.upper, history.unit, history.decimals, history.direction, history.rhythm) == (
        100,
        "%",
        1,
        1,
        "annual",
    )
    assert history.earlier == () and history.break_year is None
    assert np.isnan(found["W04"].upper) and found["W04"].values.size == 0
    female = histories(table, plan_series, group="sex:female")["W03"]
    assert female.years.tolist() == [2019] and female.group == "sex:female"


def test_a_break_starts_a_new_segment(plan_series):
    rows = [(y, y - 2010, "2024-01-01", {"status": "B" if y in (2014, 2018) else "A"}) for y in range(2012, 2021)]
    history = histories(frame(*rows), plan_series)["W03"]
    assert history.years.tolist() == [2018, 2019, 2020] and history.break_year == 2018
    assert history.earlier == tuple((y, y - 2010, "") for y in range(2012, 2018))


def test_a_change_of_definition_starts_a_new_segment_and_the_overlap_stays_visible(plan_series):
    old = [(y, 80, "2024-01-01") for y in range(2018, 2022)]
    new = [(y, 90, "2024-01-01", {"definition": "幼儿"}) for y in range(2021, 2024)]
    history = histories(frame(*new, *old), plan_series)["W03"]
    assert history.years.tolist() == [2021, 2022, 2023] and set(history.values) == {90}
    assert (
        history.earlier == ((2018, 80, ""), (2019, 80, ""), (2020, 80, ""), (2021, 80, ""))
        and history.break_year == 2021
    )


def test_where_the_newest_year_has_two_definitions_the_younger_one_is_current(plan_series):
    old = [(y, 80, "2024-01-01") for y in range(2018, 2023)]
    history = histories(frame(*old, (2022, 90, "2024-01-01", {"definition": "a"})), plan_series)["W03"]
    assert history.values.tolist() == [90]
    back_cast = [(y, 70, "2025-01-01", {"definition": "a"}) for y in range(2015, 2023)]
    assert set(histories(frame(*old, *back_cast), plan_series)["W03"].values) == {70}


def test_a_missing_newest_year_does_not_decide_the_definition(plan_series):
    table = frame((2022, 80, "2024-01-01"), (2023, None, "2024-01-01", {"definition": "新"}))
    assert histories(table, plan_series)["W03"].years.tolist() == [2022]


def test_the_definition_in_use_is_that_of_the_newest_value():
    table = frame((2022, 80, "2024-01-01", {"definition": "旧"}), (2023, None, "2024-01-01", {"definition": "新"}))
    assert current_definition(table.itertuples()) == "旧"
    assert current_definition(table.iloc[1:].itertuples()) == ""


@settings(max_examples=15, deadline=None)
@given(REPORTS.flatmap(lambda r: st.tuples(*(st.tuples(st.just(x), st.sampled_from("AB")) for x in r))))
def test_walking_the_reports_once_knows_on_each_date_what_each_date_knew(marked):
    about = {
        "unit": "%",
        "lower": 0.0,
        "upper": np.nan,
        "decimals": 1,
        "direction": 1,
        "rhythm": "annual",
        "role": "target",
    }
    series = pd.DataFrame([about, about], index=["W03", "W04"])
    table = frame(*((y, v, day, a | ({"status": s} if v is not None else {})) for (y, v, day, a), s in marked))
    plans = [SimpleNamespace(known_on=d, as_of=y, series=series) for d in DAYS for y in (2020, 2021)]
    for plan, together in zip(plans, known_histories(table, plans), strict=True):
        alone = histories(as_known(table, plan.known_on, plan.as_of), series)
        assert [repr(h) for h in together.values()] == [repr(h) for h in alone.values()]


def test_histories_of_several_places_are_not_mixed(plan_series):
    with pytest.raises(UsageError, match="重庆"):
        histories(frame((2022, 1, "2024-01-01"), (2022, 2, "2024-01-01", {"area": "重庆"})), plan_series)


# --- the derived table -----------------------------------------------------------------------------------------------


def test_the_derived_table_keeps_the_numbers_as_typed_and_is_the_same_when_rebuilt(district, tmp_path):
    root = district(
        "a.csv",
        line(value="92.60", numerator=100, denominator=108),
        line(year=2024, value="", status="M", reported="2025-04-30"),
    )
    district("b.csv", line(series="C01", value="0.1"))
    target = tmp_path / "processed" / "observations.csv"
    written = []
    for _ in range(2):
        write_table(observations_table(load(root)), target)
        written.append(target.read_bytes())
    assert written[0] == written[1]
    assert (
        written[0].decode("utf-8-sig").splitlines()[2]
        == "W03,jiangbei,total,2023,92.60,100,108,A,,2024-04-30,,,,,a.csv,2,,"
    )


# --- values for several years together -------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["2003-2005", "2003—2005", "2003—05", "2003–05", "2003至2005"])
def test_a_value_for_several_years_stands_at_the_last_of_them(district, typed, plan_series):
    root = district("a.csv", line(year=typed, reported="2006-04-30"), line(year="2006-08", reported="2009-04-30"))
    table = load(root)
    assert table[["year", "definition"]].values.tolist() == [[2005, "3年合并"], [2008, "3年合并"]]
    history = histories(as_known(table, "2010-01-01", 2010), plan_series)["W03"]
    assert history.years.tolist() == [2005, 2008] and history.period == 3


def test_values_for_several_years_and_for_single_years_are_not_one_history(district, plan_series):
    single = [line(year=y, reported=f"{y + 1}-04-30") for y in (2003, 2004, 2005)]
    root = district("a.csv", *single, line(year="2006-2008", reported="2009-04-30"))
    history = histories(as_known(load(root), "2010-01-01", 2010), plan_series)["W03"]
    assert history.years.tolist() == [2008] and len(history.earlier) == 3


@pytest.mark.parametrize("typed", ["2005-2003", "2003-2003", "1990-2005", "2003-5"])
def test_a_period_that_is_none_is_refused(district, typed):
    assert [p.column for p in problems(district("a.csv", line(year=typed, reported="2030-04-30")))] == ["year"]
