"""The command line: what it says, to whom, and with which exit code."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plananalysis import cli, editions, reports
from plananalysis.base import publication
from plananalysis.base.errors import BusyError, DataError, Problem, UsageError
from plananalysis.cli.run import plain
from plananalysis.reports import watch

REPOSITORY = Path(__file__).parents[1]
PROBLEM = Problem("data/raw/east/plan/series.csv", 3, "unit", "百分", "未知的单位", "请改为 %。")


@pytest.fixture
def two_areas(tmp_path: Path) -> Path:
    """A project folder with the areas east and west, and nothing else."""
    for area, name in (("east", "东区"), ("west", "西区")):
        folder = tmp_path / "data" / "raw" / area
        folder.mkdir(parents=True)
        (folder / "area.toml").write_text(f'name = "{name}"\n', encoding="utf-8")
    return tmp_path


def summary(area: str, **changes: object) -> editions.BuildSummary:
    values = {
        "area": area, "as_of": 2025, "known_on": "2026-12-31", "series": 105, "observations": 312, "first_year": 2010, "last_year": 2025,
        "newest": {2024: 7, 2025: 90}, "outlooks": {"likely": 12, "very_hard": 3, "hard": 0}, "positions": {}, "changes": [], "folder": f"data/processed/{area}/2025",
    }  # fmt: skip
    return editions.BuildSummary(**(values | changes))


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Areas build to what this dictionary holds: a summary, or an exception to raise."""
    results: dict[str, object] = {}

    def build(root: Path, area: str, as_of: int | None = None, **form: object) -> editions.BuildSummary:
        result = results.get(area, summary(area))
        if isinstance(result, BaseException):
            raise result
        return result

    monkeypatch.setattr(editions, "build", build)
    return results


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Reports are asked for, not made: ``asked`` holds the arguments, ``failed`` what shall have failed."""
    state = SimpleNamespace(asked=None, failed=[], editions=[{}])

    def report(root: Path, areas, as_of=None, domains=(), workers=None, progress=None, **form):
        state.asked, state.form = (list(areas), as_of, list(domains), workers), form
        pages = [root / "reports" / "index.html"] if areas else []
        return reports.Outcome(pages=pages, failed=state.failed, editions=state.editions, why=["东区 总览：新页面"])

    monkeypatch.setattr(reports, "report", report)
    monkeypatch.setattr(reports.Pool, "warm", lambda pool: None)
    return state


def test_help_is_chinese_and_names_every_command(capsys):
    assert cli.run_command([]) == 0
    text = capsys.readouterr().out
    for command in ("check", "build", "report", "simulate", "schedule", "learn", "benchmark"):
        assert f"\n  {command} " in text
    assert not {"Usage", "Options", "Commands", "Show this message"} & set(text.replace(":", " ").split())
    for command in cli.commands.list_commands():
        assert cli.run_command([command, "--help"]) == 0
        text = capsys.readouterr().out
        assert not [word for word in ("Usage", "Show this", "OPTIONS", "required", "default") if word in text]
    assert set(cli.commands.commands) == set(cli.commands.list_commands())  # none is registered and cannot be called


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["reprot"], "schedule"),
        (["report", "--aera", "x"], "--aera"),
        (["report", "--as-of", "二〇二五"], "1949"),
        (["report", "--as-of", "1066"], "1949"),
        (["report", "--as-of"], "--as-of"),
        (["report", "--workers", "0"], "64"),
        (["report", "china"], "多余"),
        (["check", "--root", "/no/such/folder"], "/no/such/folder"),
        (["benchmark"], "缺少"),
        (["benchmark", "."], "--out"),
    ],
)
def test_misuse_is_told_in_chinese_and_exits_2(arguments, word, capsys):
    assert cli.run_command(arguments) == 2
    told = capsys.readouterr()
    assert told.out == "" and "用法有误" in told.err and word in told.err
    assert not {"Error", "Invalid", "such", "Missing"} & set(
        told.err.replace("/", " / ").replace("no / such", "").split()
    )


def test_options_stand_before_the_command_as_well_as_after(two_areas, built, rendered, capsys):
    root = str(two_areas)
    for words in (
        ["--root", root, "report", "--area", "east"],
        ["--area", "east", f"--root={root}", "report"],
        ["--json", "--area=east", "report", "--root", root],
    ):
        rendered.asked = None
        cli.run_command(words)
        assert rendered.asked is not None, words
        assert rendered.asked[0] == ["east"]
    capsys.readouterr()
    assert cli.run_command(["--root", "/no/such/folder", "check"]) == 2  # the value is looked at as ever
    assert "/no/such/folder" in capsys.readouterr().err


def test_an_area_that_is_called_like_a_command_is_an_area(two_areas, built, rendered):
    folder = two_areas / "data" / "raw" / "check"
    folder.mkdir()
    (folder / "area.toml").write_text('name = "查"\n', encoding="utf-8")
    cli.run_command(["--area", "check", "--root", str(two_areas), "report"])
    assert rendered.asked[0] == ["check"]


@pytest.mark.parametrize(
    "words", [["--domain", "women.health", "check"], ["--root"], ["--area", "x"], ["--nothing", "report"]]
)
def test_what_is_no_option_of_the_command_is_none_before_it_either(words, capsys):
    assert cli.run_command(words) == 2
    assert "用法有误" in capsys.readouterr().err


def test_an_unknown_area_is_refused_with_those_that_exist(two_areas, capsys):
    for command in ("check", "build", "report"):
        assert cli.run_command([command, "--area", "north", "--root", str(two_areas)]) == 2
        told = capsys.readouterr().err
        assert "north" in told and "east" in told and "west" in told


def test_a_folder_that_is_no_project_is_misuse(tmp_path, capsys):
    assert cli.run_command(["build", "--root", str(tmp_path)]) == 2
    (tmp_path / "data" / "raw").mkdir(parents=True)
    assert cli.run_command(["build", "--root", str(tmp_path)]) == 2
    assert "area.toml" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RuntimeError("a bug"), 1),
        (PermissionError(13, "denied", "reports/index.html"), 1),
        (UsageError("没有 2031 年版"), 2),
        (DataError([PROBLEM]), 3),
        (BusyError("由 4711 占用"), 5),
        (KeyboardInterrupt(), 130),
    ],
)
def test_every_way_to_end_has_its_exit_code_and_no_traceback(error, code, two_areas, built, capsys):
    built["east"] = error
    assert cli.run_command(["build", "--root", str(two_areas)]) == code
    told = capsys.readouterr()
    assert "Traceback" not in told.out + told.err and told.err.strip()


def test_an_unexpected_error_is_one_line_and_a_log_that_can_be_sent(two_areas, built, capsys):
    built["east"] = RuntimeError("a bug")
    assert cli.run_command(["build", "--area", "east", "--root", str(two_areas)]) == 1
    told = capsys.readouterr().err
    (log,) = (two_areas / "build").glob("error-*.log")
    assert len(told.splitlines()) == 1 and str(log) in told
    assert "RuntimeError: a bug" in log.read_text(encoding="utf-8") and "Traceback" in log.read_text(encoding="utf-8")
    cli.run_command(["build", "--debug", "--area", "east", "--root", str(two_areas)])
    assert "Traceback" in capsys.readouterr().err


def test_the_log_goes_elsewhere_when_the_project_cannot_be_written(
    two_areas, built, monkeypatch, capsys, tmp_path_factory
):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.setattr("tempfile.tempdir", str(elsewhere))
    (two_areas / "build").write_text("a file where the folder should be")
    built["east"] = RuntimeError("a bug")
    assert cli.run_command(["build", "--area", "east", "--root", str(two_areas)]) == 1
    (log,) = elsewhere.glob("error-*.log")
    assert str(log) in capsys.readouterr().err


def test_a_file_held_open_by_another_program_is_named(two_areas, built, capsys):
    built["east"] = PermissionError(13, "denied", "data/processed/east/2025/plan.csv")
    cli.run_command(["build", "--root", str(two_areas)])
    assert "data/processed/east/2025/plan.csv" in capsys.readouterr().err


def test_build_says_what_came_in_what_came_out_and_what_changed(two_areas, built, capsys):
    built["east"] = summary("east", changes=[f"第{n}项变化" for n in range(13)])
    assert cli.run_command(["build", "--area", "east", "--root", str(two_areas)]) == 0
    text = capsys.readouterr().out
    for part in (
        "东区",
        "105",
        "312",
        "2010—2025",
        "2025 年 90",
        "2024 年 7",
        "有望达标 12",
        "达标极难 3",
        "data/processed/east/2025",
    ):
        assert part in text
    assert text.index("2025 年 90") < text.index("2024 年 7")
    assert "达标困难" not in text  # none of them: not said
    assert "13 项" in text and "第9项变化" in text and "第10项变化" not in text and "另有 3 项" in text


def test_an_area_without_any_value_is_said_to_have_none(two_areas, built, capsys):
    built["east"] = summary(
        "east", observations=0, first_year=None, last_year=None, newest={}, outlooks={"no_data": 89}
    )
    assert cli.run_command(["build", "--area", "east", "--root", str(two_areas)]) == 0
    assert "尚无数据" in capsys.readouterr().out


def test_data_errors_of_one_area_do_not_stop_the_other(two_areas, built, rendered, capsys):
    built["east"] = DataError([PROBLEM])
    assert cli.run_command(["report", "--root", str(two_areas)]) == 3
    told = capsys.readouterr()
    assert rendered.asked[0] == ["west"]
    assert str(PROBLEM) in told.err and "西区" in told.out and "东区" not in told.out


def test_failed_reports_exit_4_and_are_named_and_the_last_line_says_what_to_open(two_areas, built, rendered, capsys):
    rendered.failed = ["东区 妇女与健康未能生成"]
    arguments = [
        "report",
        "--domain",
        "women.health",
        "--domain",
        "women.law",
        "--as-of",
        "2024",
        "--workers",
        "2",
        "--root",
        str(two_areas),
    ]
    assert cli.run_command(arguments) == 4
    told = capsys.readouterr()
    assert rendered.asked == (["east", "west"], 2024, ["women.health", "women.law"], 2)
    assert "东区 妇女与健康未能生成" in told.err
    assert told.out.splitlines()[-1].endswith(str(two_areas / "reports" / "index.html"))


def test_a_form_is_handed_on_and_why_is_told_when_asked(two_areas, built, rendered, capsys, monkeypatch):
    monkeypatch.setattr("plananalysis.cli.reporting.tell_untranslated", lambda *about: None)
    arguments = ["report", "--edition", "midterm", "--audience", "public", "--lang", "en", "--pdf", "--keep", "5"]
    assert cli.run_command([*arguments, "--explain", "--root", str(two_areas)]) == 0
    given = {k: rendered.form[k] for k in ("mode", "audience", "language", "pdf", "keep", "force")}
    assert given == {"mode": "midterm", "audience": "public", "language": "en", "pdf": True, "keep": 5, "force": False}
    assert "东区 总览：新页面" in capsys.readouterr().out
    assert cli.run_command(["report", "--audience", "press", "--root", str(two_areas)]) == 2


def test_a_run_that_had_nothing_to_do_says_so(two_areas, built, rendered, capsys):
    rendered.editions = []
    assert cli.run_command(["report", "--root", str(two_areas)]) == 0
    assert "沿用已有的报告" in capsys.readouterr().out


@pytest.mark.parametrize(("number", "said"), [(errno.ENOSPC, "磁盘空间不足"), (errno.EROFS, "目录只读")])
def test_a_full_or_closed_disk_is_one_sentence_without_a_log(number, said, two_areas, built, monkeypatch, capsys):
    def report(*arguments, **form):
        raise OSError(number, os.strerror(number), "reports/east/2025/index.html")

    monkeypatch.setattr(reports, "report", report)
    monkeypatch.setattr(reports.Pool, "warm", lambda pool: None)
    assert cli.run_command(["report", "--root", str(two_areas)]) == 1
    told = capsys.readouterr().err
    assert said in told and "reports/east/2025/index.html" in told and "原有结果未改动" in told
    assert "Traceback" not in told and not (two_areas / "build").exists()


@pytest.fixture
def corrected(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The files that are changed while the program watches, one list a time; then the user ends it."""
    times: list[list[str]] = []

    def changes(root: Path, before: dict):
        yield from times
        raise KeyboardInterrupt

    monkeypatch.setattr(watch, "changes", changes)
    return times


def test_watching_makes_a_run_for_every_change_until_it_is_ended(two_areas, built, rendered, corrected, capsys):
    corrected += [["data/raw/east/a.csv"], [f"data/raw/east/{n}.csv" for n in range(7)]]
    assert cli.run_command(["report", "--area", "east", "--watch", "--force", "--root", str(two_areas)]) == 0
    told = capsys.readouterr().err
    assert "有变动：data/raw/east/a.csv\n" in told and "等7个文件" in told and told.count("本次更新用时") == 2
    assert told.rstrip().endswith("已停止；已有的报告不受影响。")
    assert rendered.form["force"] is False  # everything anew the first time only


def test_watching_tells_wrong_data_and_waits_for_them_to_be_mended(two_areas, built, rendered, corrected, capsys):
    built["east"] = DataError([PROBLEM])
    corrected += [["data/raw/east/a.csv"]]
    assert cli.run_command(["report", "--area", "east", "--watch", "--root", str(two_areas)]) == 3
    assert capsys.readouterr().err.count(PROBLEM.rule) == 2


def test_watching_lets_another_run_finish_first(two_areas, built, rendered, corrected, monkeypatch, capsys):
    made = reports.report
    tries: list[int] = []

    def busy_at_first(*arguments, **form):
        tries.append(1)
        if len(tries) in (1, 3):
            raise BusyError("东区正由另一次运行处理。")
        return made(*arguments, **form)

    monkeypatch.setattr(reports, "report", busy_at_first)
    monkeypatch.setattr("plananalysis.cli.reporting._PATIENCE", 0)
    corrected += [["data/raw/east/a.csv"]]
    assert cli.run_command(["report", "--area", "east", "--watch", "--root", str(two_areas)]) == 0
    assert len(tries) == 4 and capsys.readouterr().err.count("东区正由另一次运行处理。稍后再试。") == 2


def test_watching_has_no_end_that_json_could_tell(two_areas, built, rendered):
    assert cli.run_command(["report", "--watch", "--json", "--root", str(two_areas)]) == 2


def test_data_errors_outrank_failed_reports(two_areas, built, rendered):
    built["east"], rendered.failed = DataError([PROBLEM]), ["x"]
    assert cli.run_command(["report", "--root", str(two_areas)]) == 3


def test_areas_are_done_once_each_in_the_order_asked(two_areas, built, rendered):
    arguments = ["report", "--area", "west", "--area", "east", "--area", "west", "--root", str(two_areas)]
    assert cli.run_command(arguments) == 0
    assert rendered.asked[0] == ["west", "east"]


def test_json_is_all_there_is_on_standard_output(two_areas, built, rendered, capsys):
    built["east"] = DataError([PROBLEM])
    built["west"] = summary("west", newest={np.int64(2025): np.int64(3)})
    rendered.failed = ["西区 某页"]
    assert cli.run_command(["report", "--json", "--root", str(two_areas)]) == 3
    answer = json.loads(capsys.readouterr().out)
    assert answer["exit_code"] == 3
    assert answer["areas"]["east"]["problems"][0]["file"] == PROBLEM.file
    assert answer["areas"]["west"]["newest"] == {"2025": 3}
    assert answer["failed"] == ["西区 某页"] and answer["pages"] == [str(two_areas / "reports" / "index.html")]


@pytest.mark.parametrize(
    ("error", "code"), [(BusyError("占用"), 5), (RuntimeError("a bug"), 1), (KeyboardInterrupt(), 130)]
)
def test_json_also_tells_how_it_failed(error, code, two_areas, built, capsys):
    built["east"] = error
    assert cli.run_command(["build", "--json", "--root", str(two_areas)]) == code
    answer = json.loads(capsys.readouterr().out)
    assert answer["exit_code"] == code and answer["message"]
    assert cli.run_command(["build", "--json", "--no-such-option"]) == 2
    assert json.loads(capsys.readouterr().out)["exit_code"] == 2


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.text()
    | st.floats()
    | st.floats().map(np.float64)
    | st.integers(-9, 9).map(np.int64)
    | st.just(Path("a")),
    lambda inner: (
        st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text() | st.integers(0, 9).map(np.int64), inner)
    ),
)


@given(ANYTHING)
def test_whatever_a_command_records_becomes_json(value):
    made = plain(value)
    assert json.loads(json.dumps(made, allow_nan=False)) == made


def test_numbers_that_are_none_become_null_and_others_stay():
    assert plain({"p": np.float64("nan"), "q": float("inf"), "r": np.float64(0.5), "s": 0}) == {
        "p": None,
        "q": None,
        "r": 0.5,
        "s": 0,
    }


def test_a_second_run_on_the_same_area_is_told_to_wait(two_areas, built, capsys):
    with publication.lock(two_areas, "east"):
        assert cli.run_command(["build", "--area", "east", "--root", str(two_areas)]) == 5
        assert cli.run_command(["build", "--area", "west", "--root", str(two_areas)]) == 0
    assert cli.run_command(["build", "--area", "east", "--root", str(two_areas)]) == 0
    assert "另一次运行" in capsys.readouterr().err


def test_check_lists_issues_with_place_and_advice_and_errors_exit_3(monkeypatch, capsys):
    from plananalysis.checks import quality

    columns = ["severity", "rule", "series", "group", "year", "value", "submission", "file_row"]
    columns += ["column", "message", "advice"]
    rows = [
        ["error", "bounds", "W03", "total", 2024, 900.0, "2024.csv", 7, "numerator", "超出范围。", "请核对。"],
        ["hint", "gap", "W04", "total", 2023, np.nan, "", 0, "value", "缺 2023 年。", "请补报。"],
    ]
    monkeypatch.setattr(quality, "check_area", lambda *_: pd.DataFrame(rows, columns=columns))
    assert cli.run_command(["check", "--area", "jiangbei", "--root", str(REPOSITORY)]) == 3
    text = capsys.readouterr().out
    assert (
        "2024.csv 第7行“numerator”列 W03 " in text
        and "超出范围。请核对。" in text
        and "错误 1 条" in text
        and "提示 1 条" in text
    )
    monkeypatch.setattr(quality, "check_area", lambda *_: pd.DataFrame(rows[1:], columns=columns))
    assert cli.run_command(["check", "--json", "--area", "jiangbei", "--root", str(REPOSITORY)]) == 0
    (issue,) = json.loads(capsys.readouterr().out)["areas"]["jiangbei"]["issues"]
    assert issue["rule"] == "gap" and issue["value"] is None


def test_the_real_plans_and_histories_have_no_errors(capsys):
    # the fictional area has some on purpose
    areas = ["--area", "china", "--area", "jiangbei"]
    assert cli.run_command(["check", *areas, "--root", str(REPOSITORY)]) == 0, capsys.readouterr()


def run_program(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    code = "from plananalysis.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, env=os.environ | environment, check=False
    )


def test_a_console_without_chinese_is_no_reason_to_fail(two_areas):
    answer = run_program("--help", PYTHONIOENCODING="latin-1")
    assert answer.returncode == 0 and b"schedule" in answer.stdout
    arguments = ["schedule", "--print", "cron", "--json", "--root", str(two_areas)]
    answer = run_program(*arguments, PYTHONIOENCODING="latin-1")
    assert "规划" in json.loads(answer.stdout.decode("utf-8"))["files"]["crontab"]


def test_the_interpreter_is_made_ready_before_anything_heavy_is_loaded():
    code = "import os, sys, plananalysis.cli; print(os.environ['OPENBLAS_NUM_THREADS'], sys.modules['rfc3987_syntax'])"
    clean = {k: v for k, v in os.environ.items() if k != "OPENBLAS_NUM_THREADS"}
    for environment, threads in ((clean, "1"), (clean | {"OPENBLAS_NUM_THREADS": "4"}, "4")):
        answer = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
        )
        assert answer.stdout.split() == [threads, "None"]


@pytest.mark.slow
def test_from_raw_files_to_a_page_by_one_command(tmp_path):
    """The real thing, on the real plan, in a fresh process and a folder of its own."""
    shutil.copytree(
        REPOSITORY / "data" / "raw",
        tmp_path / "data" / "raw",
        ignore=shutil.ignore_patterns("reference", "example"),
    )
    shutil.copytree(REPOSITORY / "notebooks", tmp_path / "notebooks")
    answer = run_program("report", "--area", "jiangbei", "--domain", "women.health", "--root", str(tmp_path))
    assert answer.returncode == 0, answer.stderr.decode()
    page = Path(answer.stdout.decode().splitlines()[-1].split("：")[-1])
    assert page.is_relative_to(tmp_path) and "江北" in page.read_text(encoding="utf-8")
    assert (tmp_path / "data" / "processed" / "jiangbei").is_dir()
