"""Examples of having the reports made without anybody at the keyboard."""

from __future__ import annotations

import shlex
from pathlib import Path

from plananalysis.text import say


def examples(root: Path, program: Path) -> dict[str, str]:
    """Settings for cron, systemd and the Windows Task Scheduler, each for one run every working morning.

    Parameters
    ----------
    root, program
        The project folder, and the ``plananalysis`` program of its environment.
    """
    command = f"cd {shlex.quote(str(root))} && mkdir -p build && {shlex.quote(str(program))} report >> build/schedule.log 2>&1"
    return {
        "cron": "30 6 * * 1-5 " + command.replace("%", r"\%"),  # cron reads a bare % as the end of the line
        "service": f"""[Unit]
Description={say("cli.schedule.description")}

[Service]
Type=oneshot
WorkingDirectory={str(root).replace("%", "%%")}
ExecStart="{str(program).replace("%", "%%").replace("$", "$$")}" report""",
        "timer": """[Timer]
OnCalendar=Mon..Fri 06:30
Persistent=true

[Install]
WantedBy=timers.target""",
        "windows": r"""$folder = 'D:\plananalysis'
$action = New-ScheduledTaskAction -Execute "$folder\.venv\Scripts\plananalysis.exe" -Argument 'report' -WorkingDirectory $folder
$trigger = New-ScheduledTaskTrigger -Weekly -DaysOfWeek Monday,Tuesday,Wednesday,Thursday,Friday -At 06:30
Register-ScheduledTask -TaskName 'plananalysis' -Action $action -Trigger $trigger""",
    }
