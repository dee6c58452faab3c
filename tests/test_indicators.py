"""acceptance by indicator: what is clean counts at once, what is open waits or is used provisionally, and a closed edition stays."""

from contextlib import closing

import intake_corpus as corpus
import pytest
from intake_corpus import good, sent

from plananalysis import round as intake
from plananalysis.base.errors import DataError, UsageError
from plananalysis.observations import as_known, counting, load_observations
from plananalysis.returns import counted, register
from plananalysis.round import database
from plananalysis.round.forms import Form, form_bytes

DAY = "2026-04-20"


@pytest.fixture
def demo(tmp_path):
    corpus.write_area(tmp_path)
    corpus.write_history(tmp_path)
    return tmp_path


def receive(root, data, name="a.xlsx", on=DAY):
    (one,) = intake.receive(root, "demo", [sent(root, name, data)], on, "监测组").files
    return one


def decide(root, decision, on, *indicators, name="health", **about):
    named = [(code, None) for code in indicators]
    return intake.review(root, "demo", name, decision, "监测组", on, indicators=named, **about)


def of_2025(root, day=""):
    """Series with a total of 2025 in use on a day, each with how and by which value."""
    told = counting(load_observations(root, "demo"), day)
    rows = told[(told["year"] == 2025) & (told["group"] == "total")]
    return {r.series: (r.value_text, r.use) for r in rows.itertuples()}


def _database(root):
    database.rebuild(root, "demo")
    return database.connect(root, "demo")


def states(root):
    (one,) = intake.standing(root, "demo", 2025)
    return {item.series: item.state for item in one.items if item.filled}


def test_one_open_question_keeps_one_indicator_out_and_no_other(demo):
    receive(demo, good(demo, W01__value="92.6①"))
    assert states(demo) == {"W01": "open"} | dict.fromkeys(("W02", "W04", "C01", "C02", "C03"), "clean")
    made, (left,) = intake.accept_clean(demo, "demo", 2025, "监测组", "2026-04-25")
    assert {(r.series, r.year, r.on) for r in made} == {
        (s, "", "2026-04-25") for s in ("W02", "W04", "C01", "C02", "C03")
    }
    assert [i.series for i in left.open] == ["W01"] and left.accepted_on == ""
    assert set(of_2025(demo)) == {"W02", "W04", "C01", "C02", "C03"}
    again, _ = intake.accept_clean(demo, "demo", 2025, "监测组", "2026-04-26")
    assert again == []
    told = load_observations(demo, "demo")
    groups = told[(told["year"] == 2025) & (told["series"] == "C01")]["group"]
    assert sorted(groups) == ["sex:female", "sex:male", "total"]  # an indicator is accepted with its groups


def test_a_question_about_two_indicators_keeps_both_out(demo):
    """The under-five rate below the infant rate: nobody can say which of the two is wrong."""
    receive(demo, good(demo, C02__value=2.01, C02__numerator=12))
    open_ = {s for s, state in states(demo).items() if state == "open"}
    assert open_ == {"C01", "C02"}
    with pytest.raises(DataError, match="C02"):
        decide(demo, "accept", DAY, "C01")


def test_a_question_about_the_whole_file_keeps_all_of_it_out(demo):
    intake.receive(demo, "demo", [sent(demo, "a.xlsx", good(demo))], "2025-12-20", "监测组")
    made, left = intake.accept_clean(demo, "demo", 2025, "监测组", "2026-01-10")
    assert made == [] and [i.rule for i in left[0].open] == ["year_open"]


def test_what_is_open_is_used_provisionally_as_the_office_decides_and_marked(demo):
    receive(demo, good(demo, C03__value=80.2))
    with pytest.raises(UsageError, match="理由"):
        decide(demo, "provisional", "2026-04-25", "C03")
    (made,) = decide(demo, "provisional", "2026-04-25", "C03", reason="已电话核对，待补书面说明")
    assert (made.series, made.decision) == ("C03", "provisional")
    assert of_2025(demo) == {"C03": ("80.2", "provisional")}
    assert "C03" not in counted.waiting(demo, "demo", "2026-12-31")
    with closing(_database(demo)) as connection:
        (cell,) = connection.execute("SELECT obs_status FROM current WHERE series = 'C03' AND year = 2025")
    assert cell[0] == "P"  # whoever gets the data knows
    intake.accept_clean(demo, "demo", 2025, "监测组", "2026-04-26")
    row = next(r for r in intake.accountability(demo, "demo", 2025) if r["unit"] == "health")
    assert (row["accepted"], row["provisional"], row["waiting"]) == (4, 1, 0)
    assert row["open_questions"] == 1  # using it answers nothing
    (now,) = intake.standing(demo, "demo", 2025)
    (key,) = [i.key for i in now.open]
    intake.review(demo, "demo", "health", "waive", "监测组", "2026-05-01", "书面说明已补", [key])
    decide(demo, "accept", "2026-05-02")
    assert set(of_2025(demo).values()) == {(v, "") for v, _ in of_2025(demo).values()}
    assert of_2025(demo, "2026-04-30")["C03"] == ("80.2", "provisional")  # an edition that had closed by then


def test_provisional_use_of_all_that_is_open_takes_one_command(demo):
    receive(demo, good(demo, C03__value=80.2, W01__value=29.47))
    assert {r.series for r in decide(demo, "provisional", "2026-04-25", reason="领导小组会议急用")} == {"C03", "W01"}
    with pytest.raises(UsageError, match="没有要暂用"):
        decide(demo, "provisional", "2026-04-25", reason="再来一次")


def test_one_indicator_is_accepted_and_reopened_by_itself(demo):
    receive(demo, good(demo))
    decide(demo, "accept", "2026-04-25")
    decide(demo, "reopen", "2026-05-06", "W01", reason="单位来电更正")
    assert set(of_2025(demo)) == {"W02", "W04", "C01", "C02", "C03"}
    assert counted.waiting(demo, "demo", "2026-05-07") == {"W01": {2025}}
    assert "W01" in of_2025(demo, "2026-05-05") and intake.standing(demo, "demo", 2025)[0].accepted_on == ""
    with pytest.raises(UsageError, match="W09"):
        decide(demo, "accept", "2026-05-08", "W09")
    decide(demo, "accept", "2026-05-08", "W01")
    assert "W01" in of_2025(demo) and intake.standing(demo, "demo", 2025)[0].accepted_on == "2026-05-08"


def test_a_return_is_accepted_when_every_indicator_that_was_filled_in_is(demo):
    """Nobody has to decide about a line that another unit answers for and this one left blank."""
    receive(demo, good(demo, W01__value=29.47, W04__value="", W04__numerator=""))
    intake.accept_clean(demo, "demo", 2025, "监测组", "2026-04-25")
    (now,) = intake.standing(demo, "demo", 2025)
    intake.review(demo, "demo", "health", "waive", "监测组", "2026-04-27", "电话核实", [i.key for i in now.open])
    assert intake.standing(demo, "demo", 2025)[0].accepted_on == ""
    decide(demo, "accept", "2026-04-28", "W01")
    assert intake.standing(demo, "demo", 2025)[0].accepted_on == "2026-04-28"


def test_a_back_series_is_accepted_year_by_year(demo):
    filled = {("C03", "total", year): {"value": value} for year, value in ((2023, 53.4), (2024, 99.9), (2025, 54.4))}
    receive(demo, form_bytes(Form(corpus.book(demo), "health", 2025, True, filled=filled)))
    intake.review(demo, "demo", "health", "accept", "监测组", "2026-04-25", indicators=[("C03", 2023)])
    with pytest.raises(DataError, match="C03"):
        intake.review(demo, "demo", "health", "accept", "监测组", "2026-04-25", indicators=[("C03", 2024)])
    (line,) = register.reviews(demo, "demo")
    assert (line.series, line.year) == ("C03", "2023")


# --- what was decided later never changes an edition that had closed ---------------------------------------------------------------


def known(root, day):
    view = as_known(load_observations(root, "demo"), day, 2025)
    rows = view[(view["series"] == "W01") & (view["group"] == "total") & (view["year"] == 2025)]
    return rows["value_text"].tolist()


def test_a_date_of_receipt_corrected_after_closing_never_changes_the_edition_that_has_closed(demo):
    receive(demo, good(demo), on="2027-01-15")
    intake.review(demo, "demo", "health", "accept", "监测组", "2026-12-30")
    assert known(demo, "2026-12-31") == []
    intake.correct(demo, "demo", "health", "监测组", "2027-02-03", "邮戳日期为2026年12月20日", received_on="2026-12-20")
    assert known(demo, "2026-12-31") == []  # it closed without the value
    assert known(demo, "2027-02-03") == ["92.47"]
    row = counting(load_observations(demo, "demo")).query("year == 2025")
    assert set(row["reported_at"]) == {"2026-12-20"}


def test_a_date_moved_behind_the_closing_day_takes_nothing_from_the_edition_that_has_closed(demo):
    receive(demo, good(demo), on="2026-12-20")
    decide(demo, "accept", "2026-12-22")
    intake.correct(demo, "demo", "health", "监测组", "2027-02-03", "实际收到日期", received_on="2027-01-15")
    assert known(demo, "2026-12-31") == ["92.47"] and known(demo, "2027-02-03") == ["92.47"]


@pytest.mark.parametrize("taken_back", ["withdraw", "reopen"])
def test_what_is_taken_back_after_closing_stays_in_the_edition_that_has_closed(demo, taken_back):
    receive(demo, good(demo))
    decide(demo, "accept", "2026-04-25")
    if taken_back == "withdraw":
        intake.correct(demo, "demo", "health", "监测组", "2027-02-03", "寄错了地区", withdraw=True)
    else:
        decide(demo, "reopen", "2027-02-03", reason="单位更正")
    assert known(demo, "2026-12-31") == ["92.47"] and known(demo, "2027-02-03") == []
    if taken_back == "reopen":
        decide(demo, "accept", "2027-03-01")
        assert known(demo, "2027-02-28") == [] and known(demo, "2027-03-01") == ["92.47"]


def test_what_is_accepted_after_closing_waits_for_the_next_edition(demo):
    receive(demo, good(demo), on="2026-12-20")
    decide(demo, "accept", "2027-01-04")
    assert known(demo, "2026-12-31") == [] and known(demo, "2027-01-04") == ["92.47"]
    assert intake.after_closing(demo, "demo", register.reviews(demo, "demo")) == {2025: "2026-12-31"}
    assert 2025 in counted.waiting(demo, "demo", "2026-12-31")["W01"]


def test_a_correction_of_a_value_holds_whenever_its_return_was_in_use(demo):
    one = receive(demo, good(demo))
    decide(demo, "accept", "2026-04-25")
    decide(demo, "reopen", "2026-05-01", reason="核对")
    decide(demo, "accept", "2026-05-03")
    fixes = demo / "data/raw/demo/corrections.csv"
    head = "submission,series,group,year,wrong_value,right_value,reason,decided_by,decided_on"
    fixes.write_text(
        f"{head}\nreturns/{one.submission},W01,total,2025,92.47,92.74,笔误,监测组,2026-06-01\n", encoding="utf-8"
    )
    assert known(demo, "2026-04-30") == ["92.47"] and known(demo, "2026-12-31") == ["92.74"]


# --- a waived question stays waived ---------------------------------------------------------------------------------------------


def test_a_question_waived_about_a_value_is_not_asked_again_when_the_form_comes_back(demo):
    receive(demo, good(demo, C03__value=80.2, W01__value="92.6①"))
    (now,) = intake.standing(demo, "demo", 2025)
    (jump,) = [i.key for i in now.open if i.series == "C03"]
    intake.review(demo, "demo", "health", "waive", "监测组", "2026-04-25", "全员测试", [jump])
    receive(demo, good(demo, C03__value=80.2, W01__value=92.6), "b.xlsx", on="2026-05-04")
    (now,) = intake.standing(demo, "demo", 2025)
    assert now.open == () and [(i.key, r.reason) for i, r in now.waived] == [(jump, "全员测试")]
    receive(demo, good(demo, C03__value=79.9, W01__value=92.6), "c.xlsx", on="2026-05-05")
    (now,) = intake.standing(demo, "demo", 2025)
    assert {i.series for i in now.open} == {"C03"}  # another value is another question


def test_an_error_that_was_waived_is_none_in_the_check_either(demo):
    """Court's sum of groups: an error once waived stayed an error in every later check."""
    from plananalysis.checks import quality
    from plananalysis.plan import load_plan

    one = receive(demo, good(demo, C01__male__value=2.9, C01__male__numerator=9))
    (now,) = intake.standing(demo, "demo", 2025)
    keys = [i.key for i in now.open]
    assert keys
    intake.review(demo, "demo", "health", "waive", "监测组", "2026-04-25", "性别不详1例", keys)
    decide(demo, "accept", "2026-04-25")
    plan = load_plan(demo, "demo", 2025)
    told = load_observations(demo, "demo")
    found = quality.check_area(demo, plan, told, as_known(told, plan.known_on, 2025))
    of_c01 = found[(found["series"] == "C01") & (found["submission"] == f"returns/{one.submission}")]
    assert len(of_c01) and set(of_c01["severity"]) == {"hint"} and of_c01["message"].str.contains("性别不详1例").all()


# --- an earlier version ----------------------------------------------------------------------------------------------------------


def test_an_earlier_version_is_made_current_again_by_one_command(demo):
    first = receive(demo, good(demo))
    decide(demo, "accept", "2026-04-25")
    receive(demo, good(demo, W01__value=92.74, W01__explanation="补登"), "b.xlsx", on="2026-05-10")
    decide(demo, "accept", "2026-05-12")
    (again,) = intake.receive(demo, "demo", [sent(demo, "a.xlsx", good(demo))], "2026-05-20", "监测组").files
    (told,) = [i for i in again.issues if i.rule == "sent_before_other"]
    assert "2026-05-10" in told.message and f"correct {first.submission} --restore" in told.advice
    with pytest.raises(UsageError, match="理由"):
        intake.restore(demo, "demo", "health", "监测组", "2026-05-21", " ")
    line, decided = intake.restore(demo, "demo", "health", "监测组", "2026-05-21", "单位来函，以首次报送为准")
    assert {r.decision for r in decided} == {"accept"} and line.received_on == "2026-05-21"
    assert known(demo, "2026-05-20") == ["92.74"] and known(demo, "2026-05-21") == ["92.47"]
    (now,) = intake.standing(demo, "demo", 2025)
    assert (
        now.submission == register.submissions(demo, "demo")[-1] and now.open == () and now.accepted_on == "2026-05-21"
    )
    used = {v.submission.received_on: v.used for v in intake.versions(demo, "demo", 2025)}
    assert used == {DAY: 0, "2026-05-10": 0, "2026-05-21": 6}
    with pytest.raises(UsageError, match="已经是最新"):
        intake.restore(demo, "demo", line.submission, "监测组", "2026-05-22", "再来一次")


def test_the_round_tells_which_version_each_value_comes_from(demo):
    receive(demo, good(demo))
    decide(demo, "accept", "2026-04-25")
    receive(demo, good(demo, W01__value=12.74), "b.xlsx", on="2026-05-10")
    intake.accept_clean(demo, "demo", 2025, "监测组", "2026-05-12")
    assert [(v.submission.received_on, v.used) for v in intake.versions(demo, "demo", 2025)] == [
        (DAY, 1),
        ("2026-05-10", 5),
    ]
    row = next(r for r in intake.accountability(demo, "demo", 2025) if r["unit"] == "health")
    assert (row["versions"], row["used_from"]) == (2, "2026-04-20;2026-05-10")
    assert of_2025(demo)["W01"][0] == "92.47"  # what was accepted stays in use until something else is


# --- what a form brings back ---------------------------------------------------------------------------------------------------------


def test_what_a_return_changes_against_the_one_before_is_told_cell_by_cell(demo):
    receive(demo, good(demo))
    changed = good(demo, W01__value=92.74, W01__explanation="补登", C01__male__value="")
    for result in (
        intake.check_files(demo, "demo", [sent(demo, "b.xlsx", changed)]).files[0],
        receive(demo, changed, "b.xlsx", on="2026-05-10"),
    ):
        assert result.previous == DAY
        assert [(d.cell, d.series, d.group, d.column, d.before, d.now) for d in result.changes] == [
            ("J7", "W01", "total", "数值", "92.47", "92.74"),
            ("P7", "W01", "total", "异常说明", "", "补登"),
            ("J11", "C01", "sex:male", "数值", "2.58", ""),
        ]


def back_form(root, first=0, **filled):
    from plananalysis.round import forms

    (path,) = forms.write(root, "demo", 2025, root / f"out{first}", back_series=True, units=["health"], first=first)
    return path


def test_a_back_series_begins_as_early_as_the_office_asks(demo):
    """Ten years make the best grade of evidence; before the base year what is known may be told and nothing is missed."""
    import openpyxl

    with pytest.raises(UsageError, match="2020"):
        back_form(demo, 2021)
    path = back_form(demo, 2014)
    workbook = openpyxl.load_workbook(path)
    assert "2020 年以前的年份有数则填" in workbook["填报表"]["A4"].value
    found = intake.check_files(demo, "demo", [path])
    assert min(i.year for i in found.issues if i.rule in ("blank", "row_absent")) == 2020
    book = corpus.book(demo)
    from plananalysis.returns import read_return

    for data, name in ((path.read_bytes(), path.name), (without_hidden_sheets(path), "区卫健委.xlsx")):
        back = read_return(data, name, book)
        assert {r.year for r in back.rows} == set(range(2014, 2026)) and back.errors == []
    result = intake.receive(demo, "demo", [path], DAY, "监测组")
    (again,) = intake.questions(demo, "demo", 2025, demo / "back")
    assert {r.year for r in read_return(again.read_bytes(), again.name, book).rows} == set(range(2014, 2026))
    assert result.refused == 0


def without_hidden_sheets(path):
    import io

    import openpyxl

    workbook, out = openpyxl.load_workbook(path), io.BytesIO()
    for name in ("_meta", "_lists"):
        del workbook[name]
    workbook.save(out)
    return out.getvalue()


def test_what_the_office_has_filled_in_itself_raises_no_question(demo):
    """A numerator of zero without a denominator, a jump, a missing reason: the office's own, sent back as they were."""
    path = demo / "data/raw/demo/observations/2016-2024.csv"
    text = path.read_text(encoding="utf-8")
    lines = [
        "W02,total,2021,0,0,,A,,2022-05-10,"
        if line.startswith("W02,total,2021")
        else "C03,total,2022,71.4,,,A,nbs,2023-05-10,"
        if line.startswith("C03,total,2022")
        else line
        for line in text.splitlines()
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = intake.receive(demo, "demo", [back_form(demo)], DAY, "监测组").files[0]
    assert {(i.series, i.year) for i in found.issues if i.open} == {
        (s, 2025) for s in ("W01", "W02", "C01", "C02", "C03")
    }
    assert {i.rule for i in found.issues if i.open} == {"blank"}


def test_a_value_used_provisionally_is_so_until_a_later_return_that_repeats_it_is_accepted(demo):
    receive(demo, good(demo, C03__value=80.2))
    decide(demo, "provisional", "2026-04-25", "C03", reason="急用")
    receive(demo, good(demo, C03__value=80.2, C03__explanation="今年起全部学生参加测试"), "b.xlsx", on="2026-05-10")
    intake.accept_clean(demo, "demo", 2025, "监测组", "2026-05-12")
    told = load_observations(demo, "demo")
    for day, use in (("2026-05-11", "provisional"), ("2026-05-12", "")):
        view = as_known(told, day, 2025)
        assert view[(view["series"] == "C03") & (view["year"] == 2025)]["use"].tolist() == [use]
