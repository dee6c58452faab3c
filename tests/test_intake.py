"""intake: what was received is kept as it was, accepted by a decision, and a killed run leaves the old state or the new one."""

import csv
import hashlib
import io
import os
import random
import re
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import clock
import intake_corpus as corpus
import pytest
from intake_corpus import good, sent

from plananalysis import round as intake
from plananalysis.base.errors import BusyError, DataError, UsageError
from plananalysis.base.publication import lock
from plananalysis.observations import as_known, counting, load_observations
from plananalysis.plan import load_plan
from plananalysis.returns import counted, register
from plananalysis.returns.decided import by_submission
from plananalysis.returns.decided import in_use as decision

DAY = "2026-04-20"


@pytest.fixture
def demo(tmp_path):
    corpus.write_area(tmp_path)
    corpus.write_history(tmp_path)
    return tmp_path


def in_use(root):
    """Returns that are in use as a whole."""
    decided = by_submission(register.reviews(root, "demo"))
    return [s for s in register.submissions(root, "demo") if decision(decided.get(s.submission, ()), ("", 0))]


def receive(root, *files, on=DAY):
    return intake.receive(root, "demo", list(files), on, "监测组")


def test_a_good_return_is_stored_as_it_is_and_counts_once_it_is_accepted(demo):
    data = good(demo)
    result = receive(demo, sent(demo, "卫健委.xlsx", data))
    (one,) = result.files
    assert (result.refused, result.errors, one.questions, one.issues) == (0, 0, 0, ())
    stored = register.folder(demo, "demo") / one.submission
    assert (
        one.submission == f"2025/health/{DAY}_{hashlib.sha256(data).hexdigest()[:8]}.xlsx"
        and stored.read_bytes() == data
    )
    assert 2025 not in set(load_observations(demo, "demo")["year"])
    intake.review(demo, "demo", one.submission, "accept", "监测组", "2026-04-25")
    now = load_observations(demo, "demo")
    new = now[now["year"] == 2025].set_index(["series", "group"])
    assert len(new) == 10 and set(new["reported_at"]) == {DAY}
    w02 = new.loc[("W02", "total")]
    assert (w02["value_text"], w02["numerator"], w02["denominator"], w02["file_row"]) == ("16.71", 1, 5983, 8)
    assert w02["submission"] == f"returns/{one.submission}" and w02["source"].endswith("J8")


@pytest.mark.parametrize(
    ("cells", "rule", "severity", "series"),
    [
        ({"W01__value": 0.9247}, "unit_slip", "错误", "W01"),
        ({"W01__value": 29.47}, "jump", "需说明", "W01"),
        ({"W01__value": 92.02}, "repeated", "需说明", "W01"),
        ({"W04__value": 40, "W04__numerator": 40}, "jump", "需说明", "W04"),
        ({"C03__value": 80.2}, "jump", "需说明", "C03"),
        ({"C02__value": 2, "C02__numerator": 12}, "logic", "错误", "C02"),
    ],
)
def test_what_does_not_fit_the_past_is_asked_about(demo, cells, rule, severity, series):
    found = intake.check_files(demo, "demo", [sent(demo, "a.xlsx", good(demo, **cells))]).issues
    assert (rule, severity, series) in {(i.rule, i.severity, i.series) for i in found}
    assert not (demo / "data/raw/demo/returns").exists()  # checking stores nothing


def test_a_group_that_was_not_filled_in_is_called_by_its_name(demo):
    """A total without a value is asked about, its groups are hints; nobody could tell the lines apart by the indicator alone."""
    empty = {
        f"C01__{group}{c}": "" for group in ("", "male__", "female__") for c in ("value", "numerator", "denominator")
    }
    found = intake.check_files(demo, "demo", [sent(demo, "a.xlsx", good(demo, **empty))]).issues
    told = {i.group: (i.severity, i.message) for i in found if (i.rule, i.series) == ("blank", "C01")}
    name = told["total"][1].partition("“")[2].removesuffix("”")
    assert told == {
        "total": ("需说明", f"没有填报“{name}”"),
        "sex:male": ("提示", f"没有填报“{name}（男）”"),
        "sex:female": ("提示", f"没有填报“{name}（女）”"),
    }


def test_what_is_explained_is_no_open_question(demo):
    path = sent(demo, "a.xlsx", good(demo, C03__value=80.2, C03__explanation="本年起全员测试"))
    (one,) = receive(demo, path).files
    assert one.questions == 0 and [i.explanation for i in one.issues if i.rule == "jump"] == ["本年起全员测试"]
    intake.review(demo, "demo", one.submission, "accept", "监测组", "2026-04-25")


def test_a_refused_file_is_not_stored_and_the_others_are(demo):
    result = receive(demo, sent(demo, "坏.xlsx", b"PK\x03\x04"), sent(demo, "好.xlsx", good(demo)))
    assert (result.refused, len(register.submissions(demo, "demo"))) == (1, 1)
    assert register.strangers(demo, "demo") == []


def test_errors_are_stored_but_not_accepted_until_waived_with_a_reason(demo):
    (one,) = receive(demo, sent(demo, "a.xlsx", good(demo, W01__value="92.6①", W04__value=40, W04__numerator=40))).files
    with pytest.raises(DataError) as refused:
        intake.review(demo, "demo", one.submission, "accept", "监测组", "2026-04-25")
    assert {p.column for p in refused.value.problems} == {"J7", "J9"}
    for found in (i for i in one.issues if i.open):
        with pytest.raises(UsageError):
            intake.review(demo, "demo", one.submission, "waive", "监测组", "2026-04-25", issues=[found.key])
        intake.review(demo, "demo", one.submission, "waive", "监测组", "2026-04-25", "电话核实", [found.key])
    intake.review(demo, "demo", one.submission, "accept", "监测组", "2026-04-26")
    (now,) = intake.standing(demo, "demo", 2025)
    assert now.open == () and {w.reason for _, w in now.waived} == {"电话核实"} and now.accepted_on == "2026-04-26"
    told = intake.questions_of(demo, "demo", 2025)
    assert told and {(q["state"], q["reason"]) for q in told} == {
        ("waived", "电话核实")
    }  # waived, yet still to be seen
    seen = load_observations(demo, "demo")
    assert "W01" not in set(seen.loc[seen["year"] == 2025, "series"])  # nobody can say what 92.6① is
    with pytest.raises(UsageError):
        intake.review(demo, "demo", one.submission, "ask", "监测组", "2026-04-27")


@pytest.mark.parametrize(
    ("cells", "rule", "former"),
    [
        ({"W01__value": 101}, "out_of_bounds", "bounds"),
        ({"C02__value": 4.5}, "rate_mismatch", "ratio"),
        ({"C03__value": 49.5}, "off_trend", "jump"),
    ],
)
def test_what_was_waived_under_a_rules_former_name_stays_waived(demo, cells, rule, former):
    (one,) = receive(demo, sent(demo, "a.xlsx", good(demo, **cells))).files
    (found,) = (i for i in one.issues if i.rule == rule)
    place = (found.series, found.group, str(found.year))
    waived = register.Review(one.submission, "waive", former, *place, "电话核实", "监测组", DAY)
    register.decide(demo, "demo", [waived])
    (now,) = intake.standing(demo, "demo", 2025)
    assert [i.rule for i, _ in now.waived] == [rule] and now.open == ()


def test_a_resubmission_is_a_new_vintage_and_nothing_is_overwritten(demo):
    (first,) = receive(demo, sent(demo, "a.xlsx", good(demo))).files
    intake.review(demo, "demo", first.submission, "accept", "监测组", "2026-04-25")
    (same,) = receive(demo, sent(demo, "b.xlsx", good(demo)), on="2026-05-02").files
    assert same.submission == "" and [i.rule for i in same.issues] == ["sent_before"]
    (second,) = receive(
        demo, sent(demo, "c.xlsx", good(demo, W01__value=92.51, W01__explanation="补登")), on="2026-06-03"
    ).files
    assert {i.rule for i in second.issues} == {"revision", "late"} and second.questions == 0
    intake.review(demo, "demo", second.submission, "accept", "监测组", "2026-06-04")
    assert register.submissions(demo, "demo")[1].supersedes == first.submission
    told = load_observations(demo, "demo").query("series == 'W01' and year == 2025")
    assert list(zip(told["reported_at"], told["value_text"], strict=True)) == [(DAY, "92.47"), ("2026-06-03", "92.51")]


def test_a_file_changed_after_receipt_is_noticed(demo):
    (one,) = receive(demo, sent(demo, "a.xlsx", good(demo))).files
    intake.review(demo, "demo", one.submission, "accept", "监测组", "2026-04-25")
    load_observations(demo, "demo")
    (register.folder(demo, "demo") / one.submission).write_bytes(good(demo, W01__value=99))
    with pytest.raises(DataError, match="被改动"):
        load_observations(demo, "demo")


def test_two_units_that_share_a_series_are_held_against_each_other_and_the_first_counts(demo):
    police = corpus.bare(
        [["W04", "侮辱妇女刑事案件发生数", "合计", 2025, 12, 12]], above=("填报单位：区公安分局", "数据年度：2025")
    )
    result = receive(demo, sent(demo, "公安.xlsx", police), sent(demo, "卫健.xlsx", good(demo)))
    assert ("units_disagree", "W04") in {(i.rule, i.series) for i in result.files[1].issues}
    health = result.files[1]
    for found in (i for i in health.issues if i.open):
        intake.review(demo, "demo", health.submission, "waive", "监测组", DAY, "以公安为准", [found.key])
    intake.review(demo, "demo", health.submission, "accept", "监测组", DAY)
    held = load_observations(demo, "demo").query("series == 'W04' and year == 2025")
    assert held["value_text"].tolist() == ["11"]  # the first unit's is not accepted yet: the other's is all there is
    first = result.files[0].submission
    intake.review(demo, "demo", first, "waive", "监测组", DAY, "牵头单位", [("revision", "W04", "total", 2025)])
    intake.review(demo, "demo", first, "accept", "监测组", DAY)
    held = load_observations(demo, "demo").query("series == 'W04' and year == 2025")
    assert held["value_text"].tolist() == ["12"]


def test_the_accountability_table_says_who_answered_when_and_what_nobody_ever_reported(demo):
    (demo / "data/raw/demo/returns").mkdir()
    (demo / "data/raw/demo/returns/rounds.csv").write_text("year,due\n2025,2026-04-10\n", encoding="utf-8")
    receive(demo, sent(demo, "a.xlsx", good(demo, W01__value="92.6①", C03__value="—", C03__explanation="未测试")))
    table = {r["unit"]: r for r in intake.accountability(demo, "demo", 2025)}
    health, police = table["health"], table["police"]
    assert (health["expected"], health["reported"], health["explained"], health["on_time"]) == (5, 3, 1, False)
    assert (health["open_errors"], health["open_questions"], health["accepted_on"]) == (1, 0, "")
    assert (police["received_on"], police["on_time"], police["never_series"], police["expected"]) == ("", "", "W05", 1)


def test_a_unit_that_sent_its_back_series_has_answered_and_is_accepted_when_everything_is(demo):
    from plananalysis.round.forms import Form, form_bytes

    def now() -> dict[str, object]:
        return next(r for r in intake.accountability(demo, "demo", 2025) if r["unit"] == "health")

    back = form_bytes(Form(corpus.book(demo), "health", 2025, True, filled={("C03", "total", 2025): {"value": 71.2}}))
    receive(demo, sent(demo, "b.xlsx", back), on="2026-04-18")
    assert (now()["received_on"], now()["reported"], now()["on_time"]) == ("2026-04-18", 1, True)
    receive(demo, sent(demo, "a.xlsx", good(demo)), on="2026-04-20")
    assert (now()["received_on"], now()["reported"]) == ("2026-04-18", 5)  # C03 stands in both and counts once
    waited = now()["open_errors"] + now()["open_questions"]
    intake.review(demo, "demo", register.submissions(demo, "demo")[1].submission, "accept", "监测组", DAY)
    assert waited and now()["accepted_on"] == "", "the back series is still open"


def test_several_years_are_waived_in_one_go_by_the_name_that_refusal_gives_them(demo):
    from plananalysis.returns.issues import keys_in
    from plananalysis.round.forms import Form, form_bytes

    back = form_bytes(Form(corpus.book(demo), "health", 2025, True, filled={("C03", "total", 2025): {"value": 71.2}}))
    receive(demo, sent(demo, "b.xlsx", back))
    with pytest.raises(DataError) as refused:
        intake.review(demo, "demo", "区卫健委", "accept", "监测组", DAY)
    named = re.findall(r"--issue (\S+) 登记", str(refused.value))
    assert any(re.fullmatch(r"blank/W01/total/20\d\d-2025", text) for text in named)
    keys = [key for text in named for key in keys_in(text)]
    (one,) = intake.standing(demo, "demo", 2025)
    assert keys == [i.key for i in one.open] and str(len(keys)) in refused.value.lead
    made = intake.review(demo, "demo", "health", "waive", "监测组", DAY, "无台账", keys)
    assert len(made) == len(keys) and {r.decision for r in made} == {"waive"}
    (accepted,) = intake.review(demo, "demo", "区卫健委", "accept", "监测组", DAY)
    assert accepted.submission == one.submission.submission


@pytest.mark.parametrize(
    "text",
    [
        "",
        "blank",
        "blank/W01/total",
        "blank/W01/total/20",
        "blank/W01/total/2025-",
        "blank/W01/total/2025-2020",
        "a/b/c/d/2025",
    ],
)
def test_what_names_no_issue_is_none(text):
    from plananalysis.returns.issues import keys_in

    assert keys_in(text) is None and keys_in("unit_unknown///") == [("unit_unknown", "", "", None)]


def test_that_a_unit_was_asked_is_on_record_where_somebody_signs_for_it(demo):
    receive(demo, sent(demo, "a.xlsx", good(demo, W01__value="92.6①")))
    intake.questions(demo, "demo", 2025, demo / "out")
    assert register.reviews(demo, "demo") == []
    (path,) = intake.questions(demo, "demo", 2025, demo / "out", "监测组", "2026-04-25")
    (asked,) = register.reviews(demo, "demo")
    assert (asked.decision, asked.by, asked.on) == ("ask", "监测组", "2026-04-25") and path.is_file()


def test_the_last_day_of_a_round_is_set_by_a_further_line_and_what_is_overdue_follows(demo):
    path = sent(demo, "a.xlsx", good(demo))
    receive(demo, path, on="2026-05-20")
    table = {r["unit"]: r for r in intake.accountability(demo, "demo", 2025)}
    assert table["health"]["on_time"] is True and intake.timeliness(table["police"], "2026-05-21") != "overdue"
    closing = intake.set_due(demo, "demo", 2025, "2026-05-15", "监测组", "2026-03-01", "提前")
    intake.set_due(demo, "demo", 2025, "2026-05-18", "监测组", "2026-03-02")
    assert intake.due_date(demo, "demo", 2025) == "2026-05-18" and closing == load_plan(demo, "demo", 2025).known_on
    lines = (demo / "data/raw/demo/returns/rounds.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines == ["year,due,note", "2025,2026-05-15,2026-03-01 监测组 提前", "2025,2026-05-18,2026-03-02 监测组"]
    table = {r["unit"]: r for r in intake.accountability(demo, "demo", 2025)}
    assert table["health"]["on_time"] is False and intake.timeliness(table["police"], "2026-05-21") == "overdue"


@pytest.mark.parametrize("due", ["2025-05-31", "2025-12-31", "2026-02-30", "五月底", "2026-05-31"])
def test_a_last_day_that_cannot_be_meant_is_refused_and_nothing_written(demo, due):
    with pytest.raises(UsageError, match=due):
        intake.set_due(demo, "demo", 2025, due, "监测组", "2026-03-01")
    assert not (demo / "data/raw/demo/returns/rounds.csv").exists()


@pytest.mark.parametrize("line", ["2025,2026-02-30", "2025,五月底", "x,2026-05-31"])
def test_a_round_without_a_possible_last_day_is_refused(demo, line):
    path = demo / "data/raw/demo/returns/rounds.csv"
    path.parent.mkdir()
    path.write_text(f"year,due\n{line}\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"rounds\.csv 第2行"):
        intake.due_date(demo, "demo", 2025)
    path.write_text("year,due\n2025,2026/5/9\n", encoding="utf-8")
    assert intake.due_date(demo, "demo", 2025) == "2026-05-09"


def test_questions_are_written_for_units_with_open_issues_only(demo):
    police = corpus.bare(
        [["W04", "侮辱妇女刑事案件发生数", "合计", 2025, 11, 11]], above=("填报单位：区公安分局", "数据年度：2025")
    )
    receive(demo, sent(demo, "a.xlsx", good(demo, W01__value="92.6①")), sent(demo, "b.xlsx", police))
    paths = intake.questions(demo, "demo", 2025, demo / "out")
    assert [p.name for p in paths] == ["2025_health_区卫健委_问题.xlsx"]
    back = receive(demo, paths[0], on="2026-05-04")
    assert back.errors == 1 and register.submissions(demo, "demo")[-1].supersedes


@pytest.mark.parametrize("call", [{"received_on": "20260420"}, {"by": " "}, {"files": ["没有.xlsx"]}])
def test_a_call_that_lacks_something_is_misuse_and_stores_nothing(demo, call):
    about = {"files": [sent(demo, "a.xlsx", good(demo))], "received_on": DAY, "by": "监测组"} | call
    about["files"] = [demo / f if isinstance(f, str) else f for f in about["files"]]
    with pytest.raises(UsageError):
        intake.receive(demo, "demo", **about)
    assert not (demo / "data/raw/demo/returns").exists()


def test_a_second_writer_is_told_to_wait(demo):
    path = sent(demo, "a.xlsx", good(demo))
    with lock(demo, "demo"), pytest.raises(BusyError, match="另一次运行"):
        receive(demo, path)
    assert receive(demo, path).refused == 0


def test_a_full_disk_leaves_the_register_as_it_was(demo, monkeypatch):
    receive(demo, sent(demo, "a.xlsx", good(demo)))
    before = (register.folder(demo, "demo") / "submissions.csv").read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched, pytest.raises(OSError):
        patched.setattr("os.fsync", full)
        receive(demo, sent(demo, "b.xlsx", good(demo, W01__value=92.5)), on="2026-05-01")
    assert (register.folder(demo, "demo") / "submissions.csv").read_bytes() == before
    assert list(register.folder(demo, "demo").rglob("*.part")) == []


SERVER = """
import os, sys
from pathlib import Path
from plananalysis import round as intake
from plananalysis.round import database
root = Path(sys.argv[1])

def work():
    result = intake.receive(root, "demo", sorted((root / "inbox").iterdir()), "2026-04-20", "监测组")
    for one in result.files:
        if one.submission:
            intake.review(root, "demo", one.submission, "accept", "监测组", "2026-04-20")
    database.rebuild(root, "demo")

for _ in sys.stdin:  # forked, so that a hundred runs pay for one import
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""


def _free(root, seconds=60):
    """Wait until the area's lock is free: a reader forked just before the kill holds it, too, until it has become another program."""
    until = time.monotonic() + seconds
    while True:
        try:
            with lock(root, "demo"):
                return
        except BusyError:
            assert time.monotonic() < until
            time.sleep(0.05)


def kill_many_times(root, times, seed):
    """Kill a run of intake, review and rebuild at random moments; after each kill the state must be a whole one."""
    from plananalysis.round import database

    police = corpus.bare(
        [["W04", "侮辱妇女刑事案件发生数", "合计", 2025, 11, 11]], above=("填报单位：区公安分局", "数据年度：2025")
    )
    sent(root, "a.xlsx", good(root))
    sent(root, "b.xlsx", police)
    database.rebuild(root, "demo")
    base = corpus.table_hash(root / "data/processed/demo/monitoring.sqlite")
    states = set()
    home = register.folder(root, "demo")
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )

    def start():
        shutil.rmtree(home, ignore_errors=True)
        server.stdin.write("run\n")
        server.stdin.flush()
        return int(server.stdout.readline())

    def ended_well():
        return server.stdout.readline() == "0\n"

    kills = clock.Kills(random.Random(seed), lambda: (start(), ended_well()))
    for _ in range(times):
        kills.kill(start())
        kills.ended(ended_well())
        found = register.submissions(root, "demo") if home.exists() else []
        assert len(found) in (0, 2)
        for one in found:
            assert hashlib.sha256((home / one.submission).read_bytes()).hexdigest() == one.sha256
        load_observations(root, "demo")
        table = corpus.table_hash(root / "data/processed/demo/monitoring.sqlite")
        states.add((len(found), len(register.reviews(root, "demo")), table == base))
        _free(root)  # no lock is left behind
    server.stdin.close()
    server.stdout.close()
    assert server.wait() == 0
    return states


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the runs are forked")
def test_a_killed_run_leaves_the_old_state_or_the_new_one(demo):
    assert kill_many_times(demo, 3, 3)


@pytest.mark.slow
def test_a_hundred_killed_runs_leave_the_old_state_or_the_new_one(demo):
    states = kill_many_times(demo, 100, 5)
    assert len({s[0] for s in states}) == 2  # some were killed before the register was written, some after


def test_whatever_is_waived_the_observations_stay_readable(demo):
    """Waived errors must not lock everybody out of their own data."""
    path = sent(
        demo, "a.xlsx", good(demo, C01__numerator=-14, C02__denominator=59.5, W02__value="9" * 25, W04__value="-3")
    )
    (one,) = receive(demo, path, on="2024-04-20").files
    assert "year_to_come" in {i.rule for i in one.issues}
    for when in ("2024-04-20", "2026-04-20"):
        (demo / "inbox" / "b.xlsx").write_bytes(
            good(demo, C01__numerator=-14, C02__denominator=59.5, W02__value="9" * 25, W04__note=when)
        )
        (one,) = receive(demo, demo / "inbox" / "b.xlsx", on=when).files
        for found in (i for i in one.issues if i.open):
            intake.review(demo, "demo", one.submission, "waive", "监测组", when, "测试", [found.key])
        intake.review(demo, "demo", one.submission, "accept", "监测组", when)
        seen = load_observations(demo, "demo")
        assert (2025 in set(seen["year"])) == (when > "2025")


def test_a_back_series_of_the_same_day_does_not_contradict_the_years_form(demo):
    from plananalysis.round.forms import Form, form_bytes

    filled = {("W01", "total", 2025): {"value": 92.5, "explanation": "补登"}, ("W01", "total", 2024): {"value": 92.02}}
    back = form_bytes(Form(corpus.book(demo), "health", 2025, True, filled=filled))
    for one in receive(demo, sent(demo, "a.xlsx", good(demo)), sent(demo, "b.xlsx", back)).files:
        for found in (i for i in one.issues if i.open):
            intake.review(demo, "demo", one.submission, "waive", "监测组", DAY, "补报", [found.key])
        intake.review(demo, "demo", one.submission, "accept", "监测组", DAY)
    held = load_observations(demo, "demo").query("series == 'W01' and year == 2025")
    assert held["value_text"].tolist() == ["92.5"]  # the one registered last


def test_reviews_and_submissions_open_in_a_spreadsheet(demo):
    receive(demo, sent(demo, "a.xlsx", good(demo)))
    data = (register.folder(demo, "demo") / "submissions.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(data.decode("utf-8-sig").splitlines()))
    assert rows[0]["original_name"] == "a.xlsx" and rows[0]["by"] == "监测组"


# --- a register that can be trusted and mended ---------------------------------------------------------------------------


def lines_of(root, name="submissions.csv"):
    return (register.folder(root, "demo") / name).read_text(encoding="utf-8-sig").splitlines()


def write_lines(root, lines, name="submissions.csv"):
    (register.folder(root, "demo") / name).write_text("\n".join(lines) + "\n", encoding="utf-8-sig")


@pytest.fixture
def registered(demo):
    """Three returns, one of them accepted."""
    for number, day in enumerate((DAY, "2026-04-21", "2026-04-22")):
        receive(demo, sent(demo, "卫健委.xlsx", good(demo, C03__value=54.41 + number / 100)), on=day)
    intake.review(demo, "demo", "health", "accept", "监测组", "2026-04-25")
    return demo


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: [lines[0], lines[1].replace(DAY, "2026-04-19"), *lines[2:]],  # a word changed
        lambda lines: [lines[0], lines[2], lines[1], lines[3]],  # two lines exchanged
        lambda lines: [lines[0], *lines[2:]],  # one taken out
        lambda lines: [lines[0], lines[1], lines[1], *lines[2:]],  # one put in
        lambda lines: [*lines[:3], lines[3].rpartition(",")[0] + ","],  # a digest taken away
    ],
)
def test_a_line_of_the_register_changed_later_is_found(registered, change):
    before = lines_of(registered)
    write_lines(registered, change(before))
    with pytest.raises(DataError, match="接不上"):
        register.submissions(registered, "demo")
    write_lines(registered, before)
    assert len(register.submissions(registered, "demo")) == 3


def test_a_decision_changed_later_is_found(registered):
    before = lines_of(registered, "reviews.csv")
    write_lines(registered, [before[0], before[1].replace("监测组", "某人")], "reviews.csv")
    with pytest.raises(DataError, match=r"reviews\.csv 第2行"):
        register.reviews(registered, "demo")


def test_a_spreadsheet_that_saved_the_register_its_own_way_changed_nothing(registered):
    lines = [line.replace("2026-04-2", "2026/4/2") if "2026/" not in line else line for line in lines_of(registered)]
    kept = [re.sub(r"/2026/4/(\d+)_", r"/2026-04-\1_", line) for line in lines]  # only dates of their own are rewritten
    path = register.folder(registered, "demo") / "submissions.csv"
    path.write_bytes(("\r\n".join(kept) + "\r\n").encode("gb18030"))
    assert [s.received_on for s in register.submissions(registered, "demo")] == [DAY, "2026-04-21", "2026-04-22"]


def test_a_register_of_the_first_format_is_read_and_sealed_by_the_next_line(registered):
    old = [",".join(line.split(",")[:10]) for line in lines_of(registered)]
    write_lines(registered, old)
    assert len(register.submissions(registered, "demo")) == 3
    receive(registered, sent(registered, "卫健委.xlsx", good(registered, C03__value=54.6)), on="2026-04-23")
    new = lines_of(registered)
    assert [line.startswith(o) for line, o in zip(new, old, strict=False)] == [True] * 4 and new[4].count(",2:") == 1
    write_lines(registered, [new[0], new[1].replace(DAY, "2026-04-19"), *new[2:]])
    with pytest.raises(DataError, match="接不上"):
        register.submissions(registered, "demo")


def test_a_register_of_a_newer_program_is_refused_in_one_sentence(registered):
    lines = lines_of(registered)
    write_lines(registered, [*lines[:3], lines[3].replace(",2:", ",3:")])
    with pytest.raises(DataError, match="较新的程序"):
        register.submissions(registered, "demo")


def test_everything_wrong_with_a_line_is_listed_at_once(registered):
    lines = [",".join(line.split(",")[:10]) for line in lines_of(registered)]
    write_lines(
        registered, [lines[0], lines[1].replace(",2025,", ",20x5,"), lines[2].replace("2025/health/", "../health/")]
    )
    with pytest.raises(DataError) as found:
        register.submissions(registered, "demo")
    assert [(p.row, p.column, p.found[:9]) for p in found.value.problems] == [
        (2, "year", "20x5"),
        (3, "submission", "../health"),
    ]


def test_a_wrong_date_is_corrected_by_a_line_and_counts_from_then_on(demo):
    receive(demo, sent(demo, "卫健委.xlsx", good(demo)), on="1999-01-01")
    again = receive(demo, sent(demo, "卫健委.xlsx", good(demo)))
    (told,) = [i for i in again.files[0].issues if i.rule == "sent_before"]
    assert "plananalysis correct" in told.advice
    line = intake.correct(demo, "demo", "health", "监测组", "2026-04-21", "本机时钟有误", received_on=DAY)
    (one,) = register.submissions(demo, "demo")
    assert (one.received_on, one.submission, line.reason) == (DAY, line.submission, "2026-04-21 本机时钟有误")
    assert [e.received_on for e in register.entries(demo, "demo")] == ["1999-01-01", DAY]
    intake.review(demo, "demo", "health", "accept", "监测组", "2026-04-25")
    assert DAY in set(load_observations(demo, "demo").query("year == 2025")["reported_at"])


def test_what_was_withdrawn_does_not_count_and_can_be_registered_anew(registered):
    newest = register.submissions(registered, "demo")[-1]
    data = (register.folder(registered, "demo") / newest.submission).read_bytes()
    intake.correct(registered, "demo", "health", "监测组", "2026-04-26", "寄错了地区", withdraw=True)
    assert newest.submission not in {s.submission for s in register.submissions(registered, "demo")}
    assert 2025 not in set(counting(load_observations(registered, "demo"))["year"])
    assert register.strangers(registered, "demo") == []
    (again,) = receive(registered, sent(registered, "b.xlsx", data), on="2026-04-22").files
    assert again.submission and again.submission != newest.submission
    assert 2025 not in set(
        counting(load_observations(registered, "demo"))["year"]
    )  # the old decision was about the old registration


def test_a_correction_needs_a_reason_and_something_to_correct(registered):
    for words, match in (
        ({"reason": " ", "received_on": DAY}, "理由"),
        ({"reason": "x"}, "没有要更正"),
        ({"reason": "x", "received_on": "4月"}, "4月"),
        ({"reason": "x", "unit": "nobody"}, "nobody"),
        ({"reason": "x", "unit": "police"}, "已经审核通过"),
    ):
        with pytest.raises(UsageError, match=match):
            intake.correct(registered, "demo", "health", "监测组", "2026-04-26", **words)


def test_a_date_that_lies_ahead_is_asked_about_and_one_before_the_years_end_is_a_question(demo):
    path = sent(demo, "卫健委.xlsx", good(demo))
    with pytest.raises(UsageError, match="在今天"):
        intake.receive(demo, "demo", [path], "2100-01-01", "监测组", today="2026-04-20")
    assert not register.folder(demo, "demo").exists()
    result = intake.receive(demo, "demo", [path], "2025-04-20", "监测组", today="2026-04-20")
    assert "year_open" in {i.rule for i in result.issues if i.severity == "需说明"}
    assert intake.receive(demo, "demo", [path], "2100-01-01", "监测组", today="2026-04-20", sure=True).files


# --- files as they come ----------------------------------------------------------------------------------------------------


def test_a_name_in_the_bytes_of_gbk_is_the_name_its_sender_gave(demo):
    path = demo / os.fsdecode("区卫健委.xlsx".encode("gb18030"))
    path.write_bytes(good(demo))
    (one,) = receive(demo, path).files
    assert one.submission and one.file == "区卫健委.xlsx"
    assert register.submissions(demo, "demo")[0].original_name == "区卫健委.xlsx"


def test_whatever_fails_nothing_of_the_call_stays(demo, monkeypatch):
    monkeypatch.setattr(register, "register", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(OSError, match="space"):
        receive(demo, sent(demo, "a.xlsx", good(demo)), sent(demo, "b.xlsx", good(demo, C03__value=55)))
    assert not register.folder(demo, "demo").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="pipes")
@pytest.mark.parametrize("made", ["fifo", "folder", "nothing"])
def test_what_is_no_file_is_refused_at_once(demo, made):
    path = demo / "x.xlsx"
    if made == "fifo":
        os.mkfifo(path)
    elif made == "folder":
        path.mkdir()
    for call in (lambda: receive(demo, path), lambda: intake.check_files(demo, "demo", [path])):
        with pytest.raises(UsageError, match=r"x\.xlsx"):
            call()


def test_any_file_beside_the_register_is_named(registered):
    home = register.folder(registered, "demo")
    for name in ("2025/health/old.doc", "note.pdf", "2025/health/~$x.xlsx"):
        (home / name).write_bytes(b"x")
    assert register.strangers(registered, "demo") == ["2025/health/old.doc", "note.pdf"]


def test_findings_stand_on_the_sheet_that_was_read(demo):
    def copied(made, _):
        page = made.add_worksheet("填报表")
        for i, row in enumerate(
            [["填报单位:区卫健委"], ["数据年度:2025"], ["指标编码", "年份", "数值"], ["W01", 2025, "92.6①"]]
        ):
            page.write_row(i, 0, row)

    data = corpus.bare([["W01", "婚前医学检查率", "合计", 2025, 92.6]], sheet="填报表 (2)", extra=copied)
    found = intake.check_files(demo, "demo", [sent(demo, "a.xlsx", data)]).issues
    assert {i.sheet for i in found if i.rule == "value_footnote"} == {"填报表"}
    assert {i.sheet for i in found if i.rule == "sheet_ignored"} == {"填报表 (2)"}
    assert {i.sheet for i in found if i.severity == "错误"} == {"填报表"}


def test_a_code_with_a_character_nobody_sees_is_told_by_its_code_point(demo):
    data = corpus.bare(corpus.rows(W01=["W01\u200b", "婚前医学检查率", "合计", 2025, "92.6\u200b"]))
    found = [i for i in intake.check_files(demo, "demo", [sent(demo, "a.xlsx", data)]).issues if i.severity == "错误"]
    assert [(i.rule, i.value) for i in found] == [("unseen", "W01"), ("unseen", "92.6")]
    assert all("U+200B" in i.message for i in found)


def test_a_value_of_any_length_is_quoted_in_part(demo):
    data = corpus.bare(corpus.rows(W01=["W01", "婚前医学检查率", "合计", 2025, "9" * 30_000]))
    (found,) = [
        i for i in intake.check_files(demo, "demo", [sent(demo, "a.xlsx", data)]).issues if i.severity == "错误"
    ]
    assert found.rule == "value_number" and len(str(found)) < 500 and "共30000个字符" in found.value


def _packed(path, members, flags=None):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    if flags is not None:  # as programs write that know nothing of UTF-8: the mark is gone
        path.write_bytes(flags(path.read_bytes()))
    return path


def test_folders_patterns_and_archives_are_taken_as_the_files_they_hold(demo, monkeypatch):
    box = demo / "收件"
    (box / "区卫健委").mkdir(parents=True)
    (box / "区卫健委" / "表.xlsx").write_bytes(good(demo))
    (box / "区卫健委" / "~$表.xlsx").write_bytes(b"open")
    (box / "Thumbs.db").write_bytes(b"picture")
    police = corpus.bare(
        [["W04", "侮辱妇女刑事案件发生数", "合计", 2025, 11, 11]], above=("填报单位：区公安分局", "数据年度：2025")
    )
    (box / "公安.xlsx").write_bytes(police)
    wanted = {"区卫健委/表.xlsx": "health", "公安.xlsx": "police"}
    assert {f.file: f.unit for f in intake.check_files(demo, "demo", [box]).files} == wanted
    monkeypatch.chdir(demo)
    found = intake.check_files(demo, "demo", [Path("收件/*/*.xlsx"), Path("收件/*.xls?")]).files
    assert {f.file: f.unit for f in found if not f.refused} == {"表.xlsx": "health", "公安.xlsx": "police"}
    packed = _packed(demo / "来件.zip", {"区卫健委/表.xlsx": good(demo), "../公安.xlsx": police, "__MACOSX/._a": b""})
    result = receive(demo, packed, box, box / "公安.xlsx")
    assert [(f.file, f.unit, bool(f.submission)) for f in result.files] == [
        ("公安.xlsx", "police", True),
        ("区卫健委/表.xlsx", "health", True),
        ("公安.xlsx", "police", False),
        ("区卫健委/表.xlsx", "health", False),
    ]
    assert len(register.submissions(demo, "demo")) == 2 and not (demo.parent / "公安.xlsx").exists()


def test_an_archive_of_a_chinese_program_has_its_names_in_gbk(demo):
    name = "区卫健委.xlsx"
    path = _packed(demo / "a.zip", {"x" * len(name.encode("gbk")): good(demo)})
    path.write_bytes(path.read_bytes().replace(b"x" * len(name.encode("gbk")), name.encode("gbk")))
    (one,) = intake.check_files(demo, "demo", [path]).files
    assert (one.file, one.unit, one.refused) == (name, "health", False)


@pytest.mark.parametrize("made", ["broken", "locked", "empty", "bomb", "no match"])
def test_an_archive_that_cannot_be_taken_is_named_with_all_else_that_is_missing(demo, made):
    path = demo / "包.zip"
    if made == "broken":
        path.write_bytes(b"PK\x03\x04 no archive")
    elif made == "no match":
        path = demo / "包*.zip"
    else:
        _packed(path, {"a/": b""} if made == "empty" else {"a.xlsx": b"x"})
        if made == "locked":
            path.write_bytes(
                path.read_bytes().replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00")
            )
        if made == "bomb":
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                for n in range(12):
                    archive.writestr(f"{n}.xlsx", bytes((32 << 20) + 1))
    with pytest.raises(UsageError, match=r"没有\.xlsx") as caught:
        receive(demo, path, demo / "没有.xlsx")
    assert path.name in str(caught.value)
    assert not register.folder(demo, "demo").exists()


def test_what_is_clean_is_accepted_in_one_step_and_what_is_open_is_named(demo):
    rows = [["W04", "侮辱妇女刑事案件发生数", "合计", 2025, "11①", 11]]
    police = corpus.bare(rows, above=("填报单位：区公安分局", "数据年度：2025"))
    receive(demo, sent(demo, "a.xlsx", good(demo)), sent(demo, "b.xlsx", police))
    state = {s.submission.unit: s for s in intake.standing(demo, "demo", 2025)}
    assert [u for u, s in state.items() if not s.open] == ["health"]
    made, left = intake.accept_clean(demo, "demo", 2025, "监测组", "2026-04-25")
    assert [(r.submission, r.decision, r.by, r.on) for r in made] == [
        (state["health"].submission.submission, "accept", "监测组", "2026-04-25")
    ]
    assert [s.submission for s in left] == [state["police"].submission]
    assert [s.submission for s in in_use(demo)] == [made[0].submission]
    again, left = intake.accept_clean(demo, "demo", 2025, "监测组", "2026-04-26")
    assert again == [] and len(left) == 1 and len(register.reviews(demo, "demo")) == 1


def test_an_accepted_return_is_reopened_by_a_further_line_and_does_not_count_until_accepted_again(demo):
    receive(demo, sent(demo, "a.xlsx", good(demo)))
    intake.review(demo, "demo", "health", "accept", "监测组", "2026-04-25")
    with pytest.raises(UsageError, match="reopen"):
        intake.review(demo, "demo", "health", "accept", "监测组", "2026-04-26")
    with pytest.raises(UsageError, match="理由"):
        intake.review(demo, "demo", "health", "reopen", "监测组", "2026-05-06")
    intake.review(demo, "demo", "health", "reopen", "监测组", "2026-05-06", "单位来电更正")
    assert [(r.decision, r.on) for r in register.reviews(demo, "demo")] == [
        ("accept", "2026-04-25"),
        ("reopen", "2026-05-06"),
    ]
    assert in_use(demo) == [] and intake.standing(demo, "demo", 2025)[0].accepted_on == ""
    told = load_observations(demo, "demo")
    assert 2025 not in set(counting(told)["year"]) and 2025 in set(as_known(told, "2026-04-30", 2025)["year"])
    assert "W01" not in counted.waiting(demo, "demo", "2026-04-30")  # on that day it counted
    assert 2025 in counted.waiting(demo, "demo", "2026-05-07")["W01"]
    with pytest.raises(UsageError, match="没有审核通过"):
        intake.review(demo, "demo", "health", "reopen", "监测组", "2026-05-06", "再来一次")
    intake.review(demo, "demo", "health", "accept", "监测组", "2026-05-08")
    assert 2025 in set(load_observations(demo, "demo")["year"])
    assert intake.standing(demo, "demo", 2025)[0].accepted_on == "2026-05-08"


def test_a_return_named_by_its_unit_is_found_by_its_year(demo):
    receive(demo, sent(demo, "a.xlsx", good(demo)))
    late = corpus.bare([["W01", "婚前医学检查率", "合计", 2024, 91.6]], above=("填报单位：区卫健委", "数据年度：2024"))
    receive(demo, sent(demo, "b.xlsx", late), on="2026-05-01")
    (made,) = intake.review(demo, "demo", "health", "accept", "监测组", "2026-05-02", year=2025)
    assert made.submission.startswith("2025/")
    with pytest.raises(UsageError, match="2023"):
        intake.review(demo, "demo", "health", "accept", "监测组", "2026-05-02", year=2023)


def test_where_nothing_is_open_no_list_is_begun(demo):
    receive(demo, sent(demo, "a.xlsx", good(demo)))
    with pytest.raises(UsageError, match="没有待处理的问题") as caught:
        intake.review(demo, "demo", "health", "waive", "监测组", "2026-04-25", "核实", [("jump", "W01", "total", 2025)])
    assert "：。" not in str(caught.value)


@pytest.mark.parametrize("year", [2019, 2031])
def test_a_year_outside_the_plan_has_no_round(demo, year):
    for call in (
        lambda: intake.accountability(demo, "demo", year),
        lambda: intake.questions(demo, "demo", year, demo / "out"),
        lambda: intake.accept_clean(demo, "demo", year, "监测组", DAY),
    ):
        with pytest.raises(UsageError, match=str(year)):
            call()


def test_what_a_browser_hands_over_is_taken_in_as_a_file_of_that_name_is(demo, tmp_path):
    """No name from elsewhere leads anywhere: folders in it are kept as text, those above are dropped, an archive is unpacked."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("区人社局/empty.txt", "")
    given = [intake.Arrived("..\\..\\etc/卫健委.xlsx", good(demo)), intake.Arrived("all.zip", packed.getvalue())]
    before = sorted(p for p in tmp_path.rglob("*") if p.is_file())
    found = intake.check_files(demo, "demo", given)
    assert [(f.file, f.refused) for f in found.files] == [("etc/卫健委.xlsx", False), ("区人社局/empty.txt", True)]
    assert sorted(p for p in tmp_path.rglob("*") if p.is_file()) == before
    with pytest.raises(UsageError, match=r"bad\.zip"):
        intake.check_files(demo, "demo", [intake.Arrived("bad.zip", b"PK\3\4")])
    result = intake.receive(demo, "demo", given, DAY, "监测组")
    assert register.submissions(demo, "demo")[0].original_name == "etc/卫健委.xlsx" == result.files[0].file
