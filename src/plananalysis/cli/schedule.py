"""Having the reports made without anybody at the keyboard: the files that cron, systemd, GitHub Actions or Windows want."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from plananalysis.base.errors import UsageError
from plananalysis.base.text import say

LOG = "build/schedule.log"
# a file older than all that the run writes: summaries younger than it are this run's
# a second older, since some disks keep whole seconds and none keeps less than a tick of the clock
_BEGIN = "mkdir -p build && touch build/schedule.begun && sleep 1"
_SUMMARIES = "find reports -name summary.txt -newer build/schedule.begun -exec cat {} +"
_BEIJING = 8  # hours ahead of the clock by which GitHub starts its workflows
# by commit, not by tag: a tag can be moved to other code
_ACTIONS = {
    "checkout": ("11bd71901bbe5b1630ceea73d27597364c9af683", "v4.2.2"),
    "setup-python": ("a26af69be951a213d495a4c3e4e4022e16d87065", "v5.6.0"),
    "cache": ("5a3ec84eff668545956fd18022155c47e93e2684", "v4.2.3"),
    "upload-artifact": ("ea165f8d65b6e75b540449e92b4886f43607fa02", "v4.6.2"),
}


def files(
    kind: str, root: Path, program: Path, at: str = "06:30", areas: Sequence[str] = (), mail: str = ""
) -> dict[str, str]:
    """The files of one kind, by name, for one run every working morning.

    A run that finds another one at work ends with exit code 5 and leaves everything as it is, so that runs never overlap.

    Parameters
    ----------
    kind
        ``systemd``, ``cron``, ``actions`` or ``windows``.
    root, program
        The project folder, and the ``plananalysis`` program of its environment; absolute.
    at
        Time of day, ``HH:MM``.
    areas
        Areas to report on; none means all.
    mail
        Who gets the summary of each run; none where empty. (GitHub and Windows have their own ways.)

    Raises
    ------
    UsageError
        The time, or the address, is none.
    """
    clock = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", at)
    if not clock:
        raise UsageError(say("cli.misuse.clock", value=at))
    if mail and not re.fullmatch(r"[\w.+-]+@[\w.-]+", mail, re.ASCII):
        raise UsageError(say("cli.misuse.mail", value=mail))
    arguments = ["report", *(part for area in areas for part in ("--area", area))]
    return KINDS[kind](root, program, arguments, int(clock[1]), int(clock[2]), mail)


def as_text(made: dict[str, str]) -> str:
    """Files as they are printed: one as it is, several each under its name."""
    if len(made) == 1:
        return next(iter(made.values()))
    return "\n".join(f"# {name}\n{text}" for name, text in made.items())


def _cron(root: Path, program: Path, arguments: Sequence[str], hour: int, minute: int, mail: str) -> dict[str, str]:
    # cron mails whatever is printed: the summary of the run, or the end of the log where it failed
    command = (
        f"cd {shlex.quote(str(root))} || exit 1; {_BEGIN}; {shlex.join([str(program), *arguments])} >> {LOG} 2>&1; code=$?; "
        f"{_SUMMARIES}; [ $code = 0 ] || [ $code = 5 ] || tail -n 20 {LOG}; exit $code"
    )
    line = command.replace("%", r"\%")  # cron reads a bare % as the end of the line
    lines = [
        f"# {say('cli.schedule.about')}",
        "SHELL=/bin/sh",
        f'MAILTO="{mail}"',
        f"{minute} {hour} * * 1-5 {line}",
    ]
    return {"crontab": "\n".join(lines) + "\n"}


def _systemd(root: Path, program: Path, arguments: Sequence[str], hour: int, minute: int, mail: str) -> dict[str, str]:
    words = [_word(str(program), program=True), *map(_word, arguments)]
    if re.search(r"""['"\\]""", str(program)):  # systemd takes no program of such a name, but passes the name on
        words = ["/usr/bin/env", *map(_word, [str(program), *arguments])]
    lines = [
        "[Unit]",
        f"Description={say('cli.schedule.about')}",
        "",
        "[Service]",
        "Type=oneshot",
        f"WorkingDirectory={str(root).replace('%', '%%')}",
        f"ExecStart={' '.join(words)}",
        "SuccessExitStatus=5",
        "TimeoutStartSec=4h",
        "Nice=10",
    ]
    if mail:
        send = f'test $$EXIT_STATUS = 5 || {_SUMMARIES} | mail -s "plananalysis: exit code $$EXIT_STATUS" {mail}'
        lines += [f"ExecStartPre=/bin/sh -c '{_BEGIN}'", f"ExecStopPost=/bin/sh -c '{send}'"]
    timer = [
        "[Unit]",
        f"Description={say('cli.schedule.about')}",
        "",
        "[Timer]",
        f"OnCalendar=Mon..Fri {hour:02}:{minute:02}",
        "Persistent=true",
        "",
        "[Install]",
        "WantedBy=timers.target",
    ]
    return {"plananalysis.service": "\n".join(lines) + "\n", "plananalysis.timer": "\n".join(timer) + "\n"}


def _word(text: str, program: bool = False) -> str:
    """A word of systemd's command lines. Variables are expanded in arguments, but not in the program's path."""
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{text if program else text.replace("$", "$$")}"'


def _actions(root: Path, program: Path, arguments: Sequence[str], hour: int, minute: int, mail: str) -> dict[str, str]:
    def action(name: str) -> str:
        commit, version = _ACTIONS[name]
        return f"uses: actions/{name}@{commit}  # {version}"

    days = "1-5" if hour >= _BEIJING else "0-4"  # early morning in Beijing is the evening before in Greenwich
    return {
        "reports.yml": f"""# {say("cli.schedule.about")}
name: reports
on:
  schedule:
    - cron: "{minute} {(hour - _BEIJING) % 24} * * {days}"  # UTC
  workflow_dispatch:
permissions:
  contents: read
concurrency:
  group: reports
  cancel-in-progress: false
jobs:
  report:
    runs-on: ubuntu-24.04
    timeout-minutes: 240
    steps:
      - {action("checkout")}
        with:
          persist-credentials: false
      - {action("setup-python")}
        with:
          python-version: "3.11"
          cache: pip
          cache-dependency-path: requirements.lock.txt
      - {action("cache")}
        with:
          path: |
            data/processed
            reports
          key: reports-${{{{ github.run_id }}}}
          restore-keys: reports-
      - name: setup
        run: make setup
      - name: report
        shell: bash
        run: |
          set -o pipefail
          {_BEGIN}
          .venv/bin/plananalysis {shlex.join(arguments)} 2>&1 | tee -a {LOG}
      - name: summary
        if: always()
        run: |
          if [ -d reports ]; then {_SUMMARIES} >> "$GITHUB_STEP_SUMMARY"; fi
      - {action("upload-artifact")}
        if: always()
        with:
          name: reports
          path: |
            reports
            {LOG}
          retention-days: 30
          if-no-files-found: error
"""
    }


def _windows(root: Path, program: Path, arguments: Sequence[str], hour: int, minute: int, mail: str) -> dict[str, str]:
    def xml(text: str) -> str:
        # characters by number: the file then reads the same in whatever encoding a console wrote it
        return escape(text).encode("ascii", "xmlcharrefreplace").decode()

    days = "".join(f"<{day} />" for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"))
    words = " ".join([*arguments, "--log", LOG])
    text = f"""<?xml version="1.0"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>{xml(say("cli.schedule.about"))}</Description>
  </RegistrationInfo>
  <Triggers>
    <CalendarTrigger>
      <StartBoundary>2024-01-01T{hour:02}:{minute:02}:00</StartBoundary>
      <Enabled>true</Enabled>
      <ScheduleByWeek>
        <DaysOfWeek>{days}</DaysOfWeek>
        <WeeksInterval>1</WeeksInterval>
      </ScheduleByWeek>
    </CalendarTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <Enabled>true</Enabled>
    <ExecutionTimeLimit>PT4H</ExecutionTimeLimit>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{xml(str(program))}</Command>
      <Arguments>{xml(words)}</Arguments>
      <WorkingDirectory>{xml(str(root))}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
"""
    return {"plananalysis.xml": text}


KINDS: dict[str, Callable[[Path, Path, Sequence[str], int, int, str], dict[str, str]]] = {
    "systemd": _systemd,
    "cron": _cron,
    "actions": _actions,
    "windows": _windows,
}
