"""What a scheduler is given works as given, from a folder with an awkward name."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
import yaml

from plananalysis import cli
from plananalysis.base.errors import UsageError
from plananalysis.cli.schedule import KINDS, LOG, files

PROGRAM = Path(sys.executable).with_name("plananalysis")
TASK = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
posix = pytest.mark.skipif(os.name == "nt", reason="a shell of the others")


@pytest.fixture
def awkward(tmp_path: Path) -> Path:
    """A project whose path holds a space, a per cent sign, a dollar sign and quotes; it has no area yet."""
    root = tmp_path / "规划 100% $HOME 'A'"
    (root / "data" / "raw").mkdir(parents=True)
    return root


def stand_in(root: Path, code: int = 0) -> Path:
    """A program that tells where it was called with what, leaves a summary and ends as told.

    The summary bears a time in whole seconds, as on a disk that keeps no more.
    """
    program = root / "plan analysis"
    summary = "reports/east/2025/summary.txt"
    program.write_text(
        f'#!/bin/sh\necho "$@ in $PWD"\nmkdir -p reports/east/2025\necho 变化 > {summary}\n'
        f"touch -t $(date +%Y%m%d%H%M.%S) {summary}\nexit {code}\n"
    )
    program.chmod(0o755)
    return program


def cron_line(crontab: str) -> tuple[list[str], str]:
    """When and what, as cron understands its table."""
    (line,) = [x for x in crontab.splitlines() if x and not x.startswith("#") and not re.match(r"\w+=", x)]
    *when, command = line.split(" ", 5)
    assert not re.search(r"(?<!\\)%", command), "cron ends the command at a bare %"
    return when, command.replace(r"\%", "%")


def run_by_cron(crontab: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "-c", cron_line(crontab)[1]], cwd="/", capture_output=True, text=True, check=False
    )


@posix
def test_cron_runs_the_report_logs_it_and_mails_this_runs_summary_only(awkward):
    crontab = files("cron", awkward, stand_in(awkward), "07:05", ["east"], "office@example.org")["crontab"]
    assert cron_line(crontab)[0] == ["5", "7", "*", "*", "1-5"]
    assert 'MAILTO="office@example.org"\n' in crontab
    old = awkward / "reports" / "west" / "2024" / "summary.txt"
    old.parent.mkdir(parents=True)
    old.write_text("去年")
    os.utime(old, (0, 0))
    answer = run_by_cron(crontab)
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "变化\n", "")
    assert (awkward / LOG).read_text() == f"report --area east in {awkward}\n"


@posix
@pytest.mark.parametrize(("code", "told"), [(4, True), (5, False)])
def test_cron_shows_the_log_of_a_failed_run_but_not_of_one_that_found_another_at_work(awkward, code, told):
    answer = run_by_cron(files("cron", awkward, stand_in(awkward, code))["crontab"])
    assert answer.returncode == code and ("report in" in answer.stdout) is told


@posix
def test_the_printed_line_starts_the_real_program_in_the_real_folder(awkward, capfd):
    assert cli.run_command(["schedule", "--print", "cron", "--root", str(awkward)]) == 0
    answer = run_by_cron(capfd.readouterr().out)
    assert answer.returncode == 2  # it ran, and found no area to report on
    assert "area.toml" in (awkward / LOG).read_text(encoding="utf-8") and "area.toml" in answer.stdout


@pytest.mark.parametrize("named", ["spaces", "quotes"])
def test_systemd_accepts_both_units(awkward, named):
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd here")
    awkward = awkward.parent / "规划 100% $HOME" if named == "spaces" else awkward
    awkward.mkdir(exist_ok=True)
    units = files("systemd", awkward, stand_in(awkward), mail="office@example.org")
    for name, text in units.items():
        (awkward / name).write_text(text, encoding="utf-8")
    answer = subprocess.run(
        ["systemd-analyze", "verify", *(f"./{name}" for name in units)],
        cwd=awkward, capture_output=True, text=True, env=os.environ | {"XDG_RUNTIME_DIR": str(awkward)}, check=False,
    )  # fmt: skip
    assert (answer.returncode, answer.stderr) == (
        0,
        "",
    )  # it complains of programs that are not there, and of unknown settings
    when = re.search(r"OnCalendar=(.*)", units["plananalysis.timer"])
    assert when and when[1] == "Mon..Fri 06:30"
    assert "SuccessExitStatus=5\n" in units["plananalysis.service"]


def test_systemd_expands_neither_the_folder_nor_the_program_nor_the_arguments():
    unit = files("systemd", Path("/srv/100%"), Path("/srv/100%/$x/plananalysis"), areas=["$east"])[
        "plananalysis.service"
    ]
    assert "WorkingDirectory=/srv/100%%\n" in unit
    assert 'ExecStart="/srv/100%%/$x/plananalysis" "report" "--area" "$$east"\n' in unit


def test_the_workflow_is_pinned_cached_and_its_steps_are_shell():
    (text,) = files("actions", Path("/srv"), PROGRAM, areas=["east"]).values()
    workflow = yaml.safe_load(text)
    job = workflow["jobs"]["report"]
    used = [step["uses"] for step in job["steps"] if "uses" in step]
    assert all(re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", action) for action in used)
    assert [action.split("@")[0].split("/")[1] for action in used] == [
        "checkout",
        "setup-python",
        "cache",
        "upload-artifact",
    ]
    assert workflow["permissions"] == {"contents": "read"} and workflow["concurrency"]["group"] == "reports"
    for step in job["steps"]:
        if "run" in step and shutil.which("bash"):
            subprocess.run(["bash", "-n"], input=step["run"], text=True, check=True)
    (command,) = [step["run"] for step in job["steps"] if step.get("name") == "report"]
    assert "plananalysis report --area east " in command and "pipefail" in command
    # YAML 1.1 reads the key "on" as true; GitHub does not
    assert workflow[True]["schedule"] == [{"cron": "30 22 * * 0-4"}]


@pytest.mark.parametrize(
    ("at", "cron"), [("06:30", "30 22 * * 0-4"), ("08:00", "0 0 * * 1-5"), ("23:59", "59 15 * * 1-5")]
)
def test_the_workflow_starts_when_it_is_that_late_in_beijing(at, cron):
    (text,) = files("actions", Path("/srv"), PROGRAM, at).values()
    assert f'cron: "{cron}"' in text


def test_the_windows_task_says_what_to_run_where(awkward):
    root, program = Path(r"D:\规划 & 监测 100%"), Path(r"D:\规划 & 监测 100%\.venv\Scripts\plananalysis.exe")
    (text,) = files("windows", root, program).values()
    assert text.isascii()  # reads the same whatever the console's encoding
    task = ElementTree.fromstring(text)
    found = {
        key: task.findtext(f".//{TASK}{key}") for key in ("Command", "Arguments", "WorkingDirectory", "StartBoundary")
    }
    assert found == {
        "Command": str(program),
        "Arguments": "report --log build/schedule.log",
        "WorkingDirectory": str(root),
        "StartBoundary": "2024-01-01T06:30:00",
    }
    assert task.findtext(f".//{TASK}MultipleInstancesPolicy") == "IgnoreNew"
    assert [day.tag.removeprefix(TASK) for day in task.iterfind(f".//{TASK}DaysOfWeek/*")][::4] == ["Monday", "Friday"]
    order = [child.tag.removeprefix(TASK) for child in task]  # the importer insists on it
    assert order == ["RegistrationInfo", "Triggers", "Principals", "Settings", "Actions"]


def test_what_the_windows_task_runs_leaves_a_log(awkward):
    (text,) = files("windows", awkward, PROGRAM).values()
    task = ElementTree.fromstring(text)
    command = [task.findtext(f".//{TASK}Command"), *task.findtext(f".//{TASK}Arguments").split()]
    for _ in range(2):
        answer = subprocess.run(
            command, cwd=task.findtext(f".//{TASK}WorkingDirectory"), capture_output=True, check=False
        )
        assert (answer.returncode, answer.stdout, answer.stderr) == (2, b"", b"")
    log = (awkward / LOG).read_text(encoding="utf-8")
    assert len(re.findall(r"(?m)^== \d{4}-\d\d-\d\d \d\d:\d\d:\d\d plananalysis report$", log)) == 2
    assert log.count("area.toml") == 2


@pytest.mark.parametrize("values", [{"at": "6:30"}, {"at": "24:00"}, {"mail": 'x@y.z"; rm -rf'}, {"mail": "nobody"}])
def test_times_and_addresses_that_are_none_are_refused(values):
    for kind in KINDS:
        with pytest.raises(UsageError, match="不是"):
            files(kind, Path("/srv"), PROGRAM, **values)


def test_files_are_written_as_printed(awkward, tmp_path, capsys):
    assert (
        cli.run_command(["schedule", "--print", "systemd", "--out", str(tmp_path / "user"), "--root", str(awkward)])
        == 0
    )
    printed = capsys.readouterr().out
    for name in ("plananalysis.service", "plananalysis.timer"):
        assert f"# {name}\n{(tmp_path / 'user' / name).read_text(encoding='utf-8')}" in printed


def test_words_with_spaces_stay_one_word_on_windows():
    text = files("windows", Path("/srv/p"), Path("/srv/p/plananalysis.exe"), areas=["my area"])["plananalysis.xml"]
    assert '--area "my area" --log' in text.replace("&quot;", '"')


def test_a_path_that_would_split_a_file_of_settings_is_refused():
    with pytest.raises(UsageError, match="换行"):
        files("cron", Path("/srv/a\nb"), Path("/srv/x"))
