"""Having the reports made without anybody at the keyboard: the files that cron, systemd, GitHub Actions or Windows want."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from importlib.resources import files as package_files
from pathlib import Path
from subprocess import list2cmdline
from xml.sax.saxutils import escape

from plananalysis.base.errors import UsageError
from plananalysis.base.text import say

LOG = "build/schedule.log"
# a file older than all that the run writes: summaries younger than it are this run's
# a second older, since some disks keep whole seconds and none keeps less than a tick of the clock
_BEGIN = "mkdir -p build && touch build/schedule.begun && sleep 1"
_SUMMARIES = "find reports -name summary.txt -newer build/schedule.begun -exec cat {} +"
_BEIJING = 8  # hours ahead of the clock by which GitHub starts its workflows


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
    if not str(root).isprintable() or not str(program).isprintable():
        raise UsageError(say("cli.misuse.unprintable", path=str(root)))
    if mail and not re.fullmatch(r"[\w.+-]+@[\w.-]+", mail, re.ASCII):
        raise UsageError(say("cli.misuse.mail", value=mail))
    arguments = ["report", *(part for area in areas for part in ("--area", area))]
    return KINDS[kind](root, program, arguments, int(clock[1]), int(clock[2]), mail)


def as_text(made: dict[str, str]) -> str:
    """Files as they are printed: one as it is, several each under its name."""
    if len(made) == 1:
        return next(iter(made.values()))
    return "\n".join(f"# {name}\n{text}" for name, text in made.items())


def _filled(name: str, **values: object) -> dict[str, str]:
    """A file of ``template/schedule`` with every ``@field@`` filled in, under its name."""
    text = (package_files("plananalysis") / "template" / "schedule" / name).read_text(encoding="utf-8")
    given = {"begin": _BEGIN, "summaries": _SUMMARIES, "log": LOG, "about": say("cli.schedule.about"), **values}
    return {name: re.sub(r"@([a-z]+)@", lambda field: str(given[field[1]]), text)}


def _cron(root: Path, program: Path, arguments: Sequence[str], hour: int, minute: int, mail: str) -> dict[str, str]:
    # cron mails whatever is printed: the summary of the run, or the end of the log where it failed
    words = {"root": shlex.quote(str(root)), "command": shlex.join([str(program), *arguments])}
    words = {
        name: text.replace("%", r"\%") for name, text in words.items()
    }  # cron reads a bare % as the end of the line
    return _filled("crontab", **words, mail=mail, hour=hour, minute=minute)


def _systemd(root: Path, program: Path, arguments: Sequence[str], hour: int, minute: int, mail: str) -> dict[str, str]:
    words = [_word(str(program), program=True), *map(_word, arguments)]
    if re.search(r"""['"\\]""", str(program)):  # systemd takes no program of such a name, but passes the name on
        words = ["/usr/bin/env", *map(_word, [str(program), *arguments])]
    service = _filled("plananalysis.service", root=str(root).replace("%", "%%"), command=" ".join(words), mail=mail)
    if not mail:
        sending = ("ExecStartPre=", "ExecStopPost=")
        service = {n: "".join(x for x in t.splitlines(True) if not x.startswith(sending)) for n, t in service.items()}
    return service | _filled("plananalysis.timer", time=f"{hour:02}:{minute:02}")


def _word(text: str, program: bool = False) -> str:
    """A word of systemd's command lines. Variables are expanded in arguments, but not in the program's path."""
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{text if program else text.replace("$", "$$")}"'


def _actions(root: Path, program: Path, arguments: Sequence[str], hour: int, minute: int, mail: str) -> dict[str, str]:
    days = "1-5" if hour >= _BEIJING else "0-4"  # early morning in Beijing is the evening before in Greenwich
    when = {"minute": minute, "hour": (hour - _BEIJING) % 24, "days": days}
    return _filled("reports.yml", **when, arguments=shlex.join(arguments))


def _windows(root: Path, program: Path, arguments: Sequence[str], hour: int, minute: int, mail: str) -> dict[str, str]:
    def xml(text: str) -> str:
        # characters by number: the file then reads the same in whatever encoding a console wrote it
        return escape(text).encode("ascii", "xmlcharrefreplace").decode()

    words = {"program": str(program), "root": str(root), "arguments": list2cmdline([*arguments, "--log", LOG])}
    words["about"] = say("cli.schedule.about")
    return _filled("plananalysis.xml", **{n: xml(t) for n, t in words.items()}, time=f"{hour:02}:{minute:02}")


KINDS: dict[str, Callable[[Path, Path, Sequence[str], int, int, str], dict[str, str]]] = {
    "systemd": _systemd,
    "cron": _cron,
    "actions": _actions,
    "windows": _windows,
}
