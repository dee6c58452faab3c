"""Commands of the yearly round: forms out, returns in, questions back, and decisions."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from plananalysis.base.errors import UsageError
from plananalysis.base.text import say
from plananalysis.cli.chinese import Whole
from plananalysis.cli.group import NEW_FOLDER, command, in_area, one_area, option
from plananalysis.cli.run import Run, plain
from plananalysis.cli.telling import decision_words, round_states, tell_closed

_year = option("year", "data_year", type=Whole(1949, 2100), required=True, metavar=say("cli.metavar.year"))
_out = option("out", "target_folder", type=NEW_FOLDER, required=True, metavar=say("cli.metavar.folder"))
_by = option("by", required=True, metavar=say("cli.metavar.person"))
_DECISIONS = ("accept", "provisional", "ask", "waive", "reopen")


def _today() -> str:
    return datetime.date.today().isoformat()


_day: dict[str, Any] = {"callback": lambda _, __, given: given or _today(), "metavar": say("cli.metavar.date")}
_on = option("on", **_day)


@command("forms")
@one_area
@_year
@_out
@option("back-series", is_flag=True)
@click.option(
    "--from", "first", help=say("cli.option.back_from"), type=Whole(1949, 2100), metavar=say("cli.metavar.year")
)
@option("unit", "form_units", multiple=True, metavar=say("cli.metavar.unit"))
@in_area
def forms(
    run: Run, area: str, year: int, out: Path, back_series: bool, first: int | None, unit: Sequence[str], root: Path
) -> None:
    """One workbook per responsible unit, ready to be sent."""
    from plananalysis.round import forms as sheets

    kept: list[Path] = []
    paths = sheets.write(root, area, year, out, back_series, unit, kept, first or 0)
    run.record |= {"files": plain(paths), "kept": plain(kept)}
    run.out("forms.wrote", count=len(paths), folder=out)
    if kept:
        run.out("forms.kept", count=len(kept), files=say("cli.list_joint").join(path.name for path in kept))


@command("intake")
@one_area
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar=say("cli.metavar.files"))
@option("check-only", is_flag=True)
@option("by", default="", metavar=say("cli.metavar.person"))
@option("on", default="", metavar=say("cli.metavar.date"))
@option("sure", is_flag=True)
@in_area
def intake(
    run: Run, area: str, files: Sequence[Path], check_only: bool, by: str, on: str, sure: bool, root: Path
) -> None:
    """Returns checked and, unless only checked, stored for good."""
    if not check_only and not by:
        raise UsageError(say("cli.misuse.by"))
    from plananalysis import round as desk
    from plananalysis.returns import told

    result = (
        desk.check_files(root, area, files) if check_only else desk.receive(root, area, files, on, by, _today(), sure)
    )
    run.record |= {"refused": result.refused, "errors": result.errors, "issues": plain(result.as_records())}
    run.record["changes"] = [
        {"file": f.file, "previous": f.previous, "cells": plain(f.changes)} for f in result.files if f.previous
    ]
    for file in result.files:
        state = "refused" if file.refused else "checked" if check_only else "known" if not file.submission else "stored"
        words = say(f"cli.intake.{state}", path=file.submission)
        run.out("intake.file", file=file.file, state=words, errors=file.errors, questions=file.questions)
        for sentence in told(file.issues):
            run.out("build.item", sentence=sentence)
        if file.previous:
            run.out("intake.previous", date=file.previous, count=len(file.changes))
        for one in file.changes:
            empty = say("cli.intake.empty")
            run.out("intake.change", **{**vars(one), "before": one.before or empty, "now": one.now or empty})
    run.bad_data |= bool(result.refused or result.errors)


@command("questions")
@one_area
@_year
@_out
@option("by", "asked_by", default="", metavar=say("cli.metavar.person"))
@_on
@option("unit", "question_units", multiple=True, metavar=say("cli.metavar.unit"))
@in_area
def questions(run: Run, area: str, year: int, out: Path, by: str, on: str, unit: Sequence[str], root: Path) -> None:
    """Workbooks of questions for every unit with open issues."""
    from plananalysis import round as desk

    paths = desk.questions(root, area, year, out, by, on, unit)
    run.record["files"] = plain(paths)
    run.out("questions.wrote" if paths else "questions.none", count=len(paths), folder=out)


@command("review")
@one_area
@click.argument("submission", required=False, metavar=say("cli.metavar.submission"))
@option("decision", type=click.Choice(_DECISIONS), metavar="|".join(_DECISIONS))
@option("accept-clean", is_flag=True)
@option("year", "review_year", type=Whole(1949, 2100), metavar=say("cli.metavar.year"))
@_by
@_on
@option("reason", default="", metavar=say("cli.metavar.text"))
@option("indicator", multiple=True, metavar=say("cli.metavar.indicator"))
@option("issue", multiple=True, metavar=say("cli.metavar.issue"))
@in_area
def review(
    run: Run,
    area: str,
    submission: str,
    decision: str,
    accept_clean: bool,
    year: int | None,
    by: str,
    on: str,
    reason: str,
    indicator: Sequence[str],
    issue: Sequence[str],
    root: Path,
) -> None:
    """A decision about one submission or some of its indicators, or all that is clean accepted, with reason, name and date."""
    if accept_clean != (submission is None) or accept_clean != (decision is None) or (accept_clean and not year):
        raise UsageError(say("intake.which_review"))
    from plananalysis import round as desk

    if year and accept_clean:
        done, left = desk.accept_clean(root, area, year, by, on)
        run.record |= {"reviews": plain(done), "left": [s.submission.submission for s in left]}
        for name in dict.fromkeys(one.submission for one in done):
            words = decision_words("accept", [r for r in done if r.submission == name])
            run.out("review.done", submission=name, decision=words)
        for still in left:
            series = say("cli.list_joint").join(dict.fromkeys(i.series for i in still.items if not i.clean))
            run.out("review.left", submission=still.submission.submission, count=len(still.open), series=series)
        run.out("review.clean", count=len({one.submission for one in done}), left=len(left))
        tell_closed(run, desk.after_closing(root, area, done))
        return
    named = _indicators(indicator)
    if table := desk.table_called(root, area, str(submission)):
        if decision != "waive":
            raise UsageError(say("intake.table_waived_only", table=table))
        keys = [(table, key) for key in _issues(issue)]
        made = desk.waive_stored(root, area, keys, by, on, reason, year)
    else:
        made = desk.review(root, area, str(submission), str(decision), by, on, reason, _issues(issue), year, named)
    run.record["reviews"] = plain(made)
    run.out("review.done", submission=made[0].submission, decision=decision_words(str(decision), made))
    tell_closed(run, desk.after_closing(root, area, made, year if table else None))


@command("correct")
@one_area
@click.argument("submission", metavar=say("cli.metavar.submission"))
@_by
@option("reason", "correction_reason", required=True, metavar=say("cli.metavar.text"))
@option("received-on", metavar=say("cli.metavar.date"))
@option("unit", "right_unit", default="", metavar=say("cli.metavar.unit"))
@option("year", "right_year", type=Whole(1949, 2100), metavar=say("cli.metavar.year"))
@option("of-year", "of_year", type=Whole(1949, 2100), metavar=say("cli.metavar.year"))
@option("withdraw", is_flag=True)
@option("restore", is_flag=True)
@option("cell", "right_cell", default="", metavar=say("cli.metavar.issue"))
@option("value", "right_value", metavar=say("cli.metavar.text"))
@_on
@in_area
def correct(
    run: Run,
    area: str,
    submission: str,
    by: str,
    reason: str,
    received_on: str,
    unit: str,
    year: int | None,
    of_year: int | None,
    withdraw: bool,
    restore: bool,
    cell: str,
    value: str | None,
    on: str,
    root: Path,
) -> None:
    """A submission registered under another date, unit or year, withdrawn, or made current again, or a table corrected in one value or withdrawn, by a further line."""
    from plananalysis import round as desk

    if table := desk.table_called(root, area, submission):
        other = restore or received_on or unit or year
        if withdraw and not (other or cell or value is not None):
            count = desk.withdraw_table(root, area, table, by, on, reason)
            run.record["withdrawn"] = {"table": table, "values": count}
            run.out("correct.table_withdrawn", table=table, count=count, on=on)
            return
        named = re.fullmatch(r"([^/]+)/([^/]+)/(\d{4})", cell, re.ASCII)
        if not named or value is None or withdraw or other:
            raise UsageError(say("cli.misuse.cell", table=table))
        place = named[1], named[2], int(named[3])
        wrong = desk.correct_value(root, area, table, place, value, by, on, reason)
        run.record["corrected"] = {"table": table, "cell": cell, "wrong": wrong, "right": value}
        run.out("correct.value", table=table, cell=cell, wrong=wrong, right=value or "—", on=on)
        return
    if restore and (withdraw or received_on or unit or year):
        raise UsageError(say("cli.misuse.restore"))
    if restore:
        line, decided = desk.restore(root, area, submission, by, on, reason, of_year)
        run.record |= {"entry": plain(line), "reviews": plain(decided)}
        run.out("correct.restored", submission=line.submission, count=len(decided))
        return
    right = received_on or "", unit, year
    line = desk.correct(root, area, submission, by, on, reason, *right, withdraw, of_year)
    run.record["entry"] = plain(line)
    words = {"submission": line.submission, "date": line.received_on, "unit": line.unit, "year": line.year}
    run.out("correct.withdrawn" if withdraw else "correct.done", **words)


@command("round")
@one_area
@_year
@option("out", "round_out", type=NEW_FOLDER, metavar=say("cli.metavar.folder"))
@option("reminders", type=NEW_FOLDER, metavar=say("cli.metavar.folder"))
@option("unit", "remind_units", multiple=True, metavar=say("cli.metavar.unit"))
@option("on", "round_on", **_day)
@option("due", "round_due", metavar=say("cli.metavar.date"))
@option("by", "round_by", default="", metavar=say("cli.metavar.person"))
@option("reason", "round_reason", default="", metavar=say("cli.metavar.text"))
@in_area
def accountability(
    run: Run,
    area: str,
    year: int,
    out: Path | None,
    reminders: Path | None,
    unit: Sequence[str],
    on: str,
    due: str | None,
    by: str,
    reason: str,
    root: Path,
) -> None:
    """Where the round stands, unit by unit; its list as files, and reminders to the units; its last day set."""
    from plananalysis import round as desk

    if due:
        closing = desk.set_due(root, area, year, due, by, _today(), reason)
        run.out("round.due_set", year=year, due=due, closing=closing)
    rows = desk.accountability(root, area, year)
    run.record["units"] = plain(rows)
    run.out("round.title", year=year, due=desk.due_date(root, area, year))
    for row in rows:
        run.out("round.unit", **row, state=say("joint.clause").join(round_states(row, desk.timeliness(row, on))))
    files = desk.write_list(root, area, year, out, on) if out else []
    letters = desk.write_reminders(root, area, year, reminders, on, unit) if reminders else []
    run.record |= {"files": plain(files), "reminders": plain(letters)}
    for path in files:
        run.out("report.wrote_file", path=path)
    if reminders:
        run.out("round.reminders" if letters else "round.no_reminders", count=len(letters), folder=reminders)


def _indicators(texts: Sequence[str]) -> list[tuple[str, int | None]]:
    """Indicators named as ``W01`` or, of one year, ``W01/2025``."""
    found: list[tuple[str, int | None]] = []
    for text in texts:
        series, _, year = text.partition("/")
        if year and not (year.isascii() and year.isdigit()):
            raise UsageError(say("cli.misuse.indicator", value=text))
        found.append((series, int(year) if year else None))
    return found


def _issues(texts: Sequence[str]) -> list[tuple[str, str, str, int | None]]:
    """The issues named as ``rule/series/group/year``, of several years as ``…/2020-2025``."""
    from plananalysis.returns.issues import keys_in

    found = []
    for text in texts:
        keys = keys_in(text)
        if keys is None:
            raise UsageError(say("cli.misuse.issue", value=text))
        found += keys
    return found
