"""Commands that start an area: its folder, its plan as one workbook, and the tables an office has already."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plananalysis.base.errors import UsageError
from plananalysis.base.text import say
from plananalysis.cli.chinese import File, Whole
from plananalysis.cli.group import NEW_FOLDER, as_of_option, command, in_area, in_project, one_area, option, root_option
from plananalysis.cli.run import Run, plain

if TYPE_CHECKING:
    from plananalysis.onboarding.importing import Proposal, Understood

_SHOWN = 30  # cells filled in that are listed on the screen; all of them with --json
_file: dict[str, Any] = {"type": NEW_FOLDER, "metavar": say("cli.metavar.file")}


@command("new-area")
@click.argument("code", metavar=say("cli.metavar.code"))
@option("name", "area_name", required=True, metavar=say("cli.metavar.text"))
@option("name-en", "area_name_en", default="", metavar=say("cli.metavar.text"))
@option("as-of", "first_year", type=Whole(1949, 2100), metavar=say("cli.metavar.year"))
@option("table", "new_table", type=File(), metavar=say("cli.metavar.file"))
@option("to", "plan_to", **_file)
@root_option
def new_area(
    run: Run,
    code: str,
    name: str,
    name_en: str,
    as_of: int | None,
    table: Path | None,
    to: Path | None,
    root: Path | None,
) -> None:
    """The folder of a new area, and the workbook in which its plan is written down."""
    root = run.find_root(root, begin=True)
    from plananalysis import onboarding

    folder = onboarding.new_area(root, code, name, as_of or datetime.date.today().year - 1, name_en)
    book = to or Path(f"{code}.xlsx")
    onboarding.write_workbook(root, code, book, table)
    run.record |= {"folder": str(folder), "workbook": str(book)}
    run.out("onboarding.new", folder=folder, book=book, area=code)


@command("plan")
@one_area
@option("to", "plan_to", **_file)
@click.option("--from", "source", help=say("cli.option.plan_from"), **_file)
@in_project
def plan(run: Run, area: str, to: Path | None, source: Path | None, root: Path) -> None:
    """The plan of an area written to one workbook, or read back from it."""
    if (to is None) == (source is None):
        raise UsageError(say("cli.misuse.plan"))
    from plananalysis import onboarding

    if to is not None:
        onboarding.write_workbook(root, area, to)
        run.record["workbook"] = str(to)
        run.out("onboarding.wrote", book=to, area=area)
    if source is not None:
        _take_plan(run, root, area, source)


@command("readings")
@one_area
@as_of_option
@option("to", "readings_to", **_file)
@click.option("--from", "source", help=say("cli.option.readings_from"), **_file)
@in_project
def readings(run: Run, area: str, as_of: int | None, to: Path | None, source: Path | None, root: Path) -> None:
    """The form by which an office confirms how targets are read, written, or read back as dated rows."""
    if (to is None) == (source is None):
        raise UsageError(say("cli.misuse.plan"))
    from plananalysis import onboarding

    if to is not None:
        count = onboarding.write_form(root, area, to, as_of)
        run.record |= {"workbook": str(to), "questions": count}
        run.out("readings.wrote", path=to, count=count, area=area)
    if source is not None:
        done = onboarding.read_form(root, area, source)
        run.record |= {"files": plain(done.written), "decisions": done.decisions}
        for sentence in done.decisions:
            run.out("build.item", sentence=sentence)
        run.out("readings.took" if done.decisions else "readings.none", count=len(done.decisions))


@command("import")
@click.argument("file", type=File(), metavar=say("cli.metavar.file"))
@one_area
@click.option("--plan", "book", help=say("cli.option.import_plan"), type=File(), metavar=say("cli.metavar.file"))
@option("yes", "import_yes", is_flag=True)
@option("mapping", "import_mapping", type=NEW_FOLDER, metavar=say("cli.metavar.file"))
@option("by", default="", metavar=say("cli.metavar.person"))
@option("on", "import_on", metavar=say("cli.metavar.date"))
@in_area
def import_table(
    run: Run,
    file: Path,
    area: str,
    book: Path | None,
    yes: bool,
    mapping: Path | None,
    by: str,
    on: str | None,
    root: Path,
) -> None:
    """A table an office has, understood, asked about, and stored as one submission."""
    from plananalysis.onboarding import importing
    from plananalysis.returns import ERROR, told

    if book is not None:
        _take_plan(run, root, area, book)
    known = importing.understand(root, area, file)
    decided = list(known.proposals)
    if mapping is not None and mapping.is_file():
        decided = importing.read_mapping(known, mapping, root)
    _tell_lines(run, known, decided)
    asking = sys.stdin.isatty() and not yes and not run.as_json and mapping is None
    if asking:
        decided = [one if one.sure else _asked(known, one) for one in decided]
    if mapping is not None and not mapping.is_file():
        importing.write_mapping(known, mapping)
        run.out("import.mapping", mapping=mapping, file=file)
        return
    if asking and not click.confirm(say("cli.import.confirm", count=sum(one.sure for one in decided))):
        return
    if not (yes or asking or mapping is not None):
        run.out("import.waiting", file=file)
        return
    if not by:
        by = click.prompt(say("cli.import.by")) if asking else ""
    done = importing.store(root, area, known, decided, by, on or datetime.date.today().isoformat())
    run.record |= {"stored": plain(done), "left": [one.line.called for one in decided if not one.sure]}
    for sentence in told(done.issues):
        run.out("build.item", sentence=sentence)
    state = "stored" if done.submission else "nothing"
    facts = {"values": done.values, "series": done.series, "same": done.same, "changed": done.changed, "area": area}
    run.out(f"import.{state}", file=done.submission and done.submission.name, **facts)
    if done.closed_on:
        run.out("import.closed", year=known.plan.as_of, closing=done.closed_on)
    run.bad_data |= any(one.severity == ERROR for one in done.issues)


def _take_plan(run: Run, root: Path, area: str, book: Path) -> None:
    """Read a plan's workbook into the area, and tell what was filled in."""
    from plananalysis import onboarding

    taken = onboarding.read_workbook(root, area, book)
    run.record |= {"files": plain(taken.written), "filled": taken.filled}
    for sentence in taken.filled[:_SHOWN]:
        run.out("build.item", sentence=sentence)
    if len(taken.filled) > _SHOWN:
        run.out("onboarding.more", count=len(taken.filled) - _SHOWN)
    named = say("cli.list_joint").join(path.name for path in taken.written)
    run.out("onboarding.took" if taken.written else "onboarding.same", files=named, area=area)


def _tell_lines(run: Run, known: Understood, decided: Sequence[Proposal]) -> None:
    """What was understood: each line of the table, where it goes, and what is in doubt."""
    run.out("import.title", file=known.file, lines=len(decided), sure=sum(one.sure for one in decided))
    lines = []
    for one in decided:
        line, state = one.line, "sure" if one.sure else "maybe" if one.series else "none"
        words = {"name": line.called, "sheet": line.sheet, "where": line.where, "count": len(line.entries)}
        words |= {"first": line.years[0], "last": line.years[-1], "doubt": one.doubt}
        words |= {"series": one.series, "called": _called(known, one.series) if one.series else ""}
        lines.append({**words, "state": state, "maybe": [c.series for c in one.maybe]})
        run.out(f"import.{state}", **words)
    run.record["lines"] = plain(lines)


def _asked(known: Understood, one: Proposal) -> Proposal:
    """One line in doubt, decided at the terminal: a code, or nothing to leave it out."""
    from plananalysis.onboarding import importing

    maybe = say("cli.list_joint").join(f"{c.series} {_called(known, c.series)}" for c in one.maybe[:3])
    while True:
        about = {"name": one.line.called, "where": one.line.where, "maybe": maybe}
        answer = click.prompt(say("cli.import.ask", **about), default=one.series or "", show_default=bool(one.series))
        try:
            return importing.settled(known, one, "" if answer.strip() in ("", "-") else answer.strip())
        except UsageError as error:
            click.echo(str(error), err=True)


def _called(known: Understood, series: str) -> str:
    return str(known.plan.series.loc[series, "name"])
