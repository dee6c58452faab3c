"""Commands of handing out: a schedule, a package to be read, a look before it is sent, and the evidence for an evaluator."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from plananalysis.cli.group import NEW_FOLDER, area_option, command, option, root_option
from plananalysis.cli.run import Run
from plananalysis.cli.schedule import KINDS, as_text, files
from plananalysis.tables import write_atomic
from plananalysis.text import say


@command("schedule")
@option("print", "print", type=click.Choice(tuple(KINDS)), required=True, metavar="|".join(KINDS))
@option("at", default="06:30", metavar=say("cli.metavar.time"))
@area_option
@option("mail", default="", metavar=say("cli.metavar.mail"))
@option("out", "settings_folder", type=NEW_FOLDER, metavar=say("cli.metavar.folder"))
@root_option
def schedule(
    run: Run, print: str, at: str, area: Sequence[str], mail: str, out: Path | None, root: Path | None
) -> None:
    """What a scheduler needs to make the reports without anybody at the keyboard."""
    root = run.find_root(root)
    program = Path(sys.executable).with_name("plananalysis.exe" if os.name == "nt" else "plananalysis")
    made = files(print, root, program, at, run.areas(area, root) if area else (), mail)
    run.record["files"] = made
    if not run.as_json:
        click.echo(as_text(made), nl=False)
    for name, text in made.items() if out else ():
        write_atomic(out / name, text.encode("utf-8"))
        run.note("schedule.wrote", path=out / name)
    run.note(f"schedule.how_{print}")
    if print == "windows" and os.name != "nt":
        run.note("schedule.not_here")
