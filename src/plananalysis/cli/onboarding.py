"""Commands that start an area: its folder, and its plan as one workbook."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import click

from plananalysis.base.errors import UsageError
from plananalysis.base.text import say
from plananalysis.cli.chinese import Whole
from plananalysis.cli.group import NEW_FOLDER, command, option, root_option
from plananalysis.cli.run import Run, plain

_SHOWN = 30  # cells filled in that are listed on the screen; all of them with --json
_file: dict[str, Any] = {"type": NEW_FOLDER, "metavar": say("cli.metavar.file")}


@command("new-area")
@click.argument("code", metavar=say("cli.metavar.code"))
@option("name", "area_name", required=True, metavar=say("cli.metavar.text"))
@option("name-en", "area_name_en", default="", metavar=say("cli.metavar.text"))
@option("as-of", "first_year", type=Whole(1949, 2100), metavar=say("cli.metavar.year"))
@option("to", "plan_to", **_file)
@root_option
def new_area(
    run: Run, code: str, name: str, name_en: str, as_of: int | None, to: Path | None, root: Path | None
) -> None:
    """The folder of a new area, and the workbook in which its plan is written down."""
    root = run.find_root(root)
    from plananalysis import onboarding

    folder = onboarding.new_area(root, code, name, as_of or datetime.date.today().year - 1, name_en)
    book = to or Path(f"{code}.xlsx")
    onboarding.write_workbook(root, code, book)
    run.record |= {"folder": str(folder), "workbook": str(book)}
    run.out("onboarding.new", folder=folder, book=book, area=code)


@command("plan")
@option("area", "one_area", required=True, metavar=say("cli.metavar.area"))
@option("to", "plan_to", **_file)
@click.option("--from", "source", help=say("cli.option.plan_from"), **_file)
@root_option
def plan(run: Run, area: str, to: Path | None, source: Path | None, root: Path | None) -> None:
    """The plan of an area written to one workbook, or read back from it."""
    if (to is None) == (source is None):
        raise UsageError(say("cli.misuse.plan"))
    root = run.find_root(root)
    from plananalysis import onboarding

    if to is not None:
        onboarding.write_workbook(root, area, to)
        run.record["workbook"] = str(to)
        run.out("onboarding.wrote", book=to, area=area)
    if source is not None:
        taken = onboarding.read_workbook(root, area, source)
        run.record |= {"files": plain(taken.written), "filled": taken.filled}
        for sentence in taken.filled[:_SHOWN]:
            run.out("build.item", sentence=sentence)
        if len(taken.filled) > _SHOWN:
            run.out("onboarding.more", count=len(taken.filled) - _SHOWN)
        named = say("cli.list_joint").join(path.name for path in taken.written)
        run.out("onboarding.took" if taken.written else "onboarding.same", files=named, area=area)
