"""Commands over many areas: a city's districts compared, a nation assessed, by this machine or by a cluster."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plananalysis.base.text import LANGUAGES, say, speaking
from plananalysis.cli.chinese import Whole
from plananalysis.cli.group import as_of_option, command, in_project, option
from plananalysis.cli.run import Run, plain

if TYPE_CHECKING:
    from plananalysis.base.errors import Problem
    from plananalysis.panels import Outcome
    from plananalysis.plan import Plan

_SHOWN = 10  # complaints of one kind on the screen; the JSON holds all


def crew_options(function: Callable) -> Callable:
    """Who does the work, and which share of it."""
    function = option("shard", metavar="k/n")(function)
    function = option("dask", metavar="tcp://…|local")(function)
    return _named("workers", "panel_workers", type=Whole(1, 512), metavar=say("cli.metavar.count"))(function)


def _named(name: str, key: str, **kwargs: Any) -> Callable:
    """An option whose help stands in the catalogue under another name than its own."""
    return click.option(f"--{name}", key, help=say(f"cli.option.{key}"), **kwargs)


@command("city")
@option("area", "district", multiple=True, metavar=say("cli.metavar.area"))
@as_of_option
@_named("no-pages", "overview_only", is_flag=True)
@crew_options
@_named("lang", "panel_language", type=click.Choice(LANGUAGES), default=LANGUAGES[0], metavar="zh|en")
@in_project
def city(
    run: Run,
    area: Sequence[str],
    as_of: int | None,
    overview_only: bool,
    panel_workers: int | None,
    dask: str | None,
    shard: str | None,
    panel_language: str,
    root: Path,
) -> None:
    """Tables and pages of every district, then the page that compares them."""
    run.areas(area, root)
    from plananalysis.panels import Shard, hired
    from plananalysis.panels.city import read_city, shared_year
    from plananalysis.reports.city import run_city

    share = Shard.parse(shard) if shard else Shard()
    with speaking(panel_language):
        place = read_city(root, area)
        year = shared_year(root, place, as_of)
        with hired(panel_workers, dask, _tell) as crew:
            done = run_city(root, place, year, crew, share, not overview_only, progress())
    _tell_failures(run, done.outcomes)
    run.bad_data |= bool(done.left_out)
    for name, reason in done.left_out.items():
        run.note("panels.left_out", name=name, reason=reason)
    for name, day in done.earlier.items():
        run.note("panels.earlier", name=name, date=day)
    for sentence in done.failed_pages[:_SHOWN]:
        run.note("build.item", sentence=sentence)
    run.some_failed |= bool(done.failed_pages)
    run.record |= {
        "districts": {o.chunk.items[0]: o.state for o in done.outcomes},
        "left_out": done.left_out,
        "earlier": done.earlier,
        "failed": done.failed_pages,
        "page": plain(done.page),
        "tables": plain(done.tables),
        "waiting": done.waiting,
    }
    if done.page:
        run.out("report.open", path=done.page)
    else:
        _tell_waiting(run, done.waiting)


@command("nation")
@_named("area", "panel", default="nation", metavar=say("cli.metavar.area"))
@as_of_option
@crew_options
@_named("lang", "panel_language", type=click.Choice(LANGUAGES), default=LANGUAGES[0], metavar="zh|en")
@in_project
def nation(
    run: Run,
    panel: str,
    as_of: int | None,
    panel_workers: int | None,
    dask: str | None,
    shard: str | None,
    panel_language: str,
    root: Path,
) -> None:
    """Verdicts on every target of thousands of areas, and one page of counts."""
    run.areas([panel], root, panels=True)
    from plananalysis.panels import Shard, hired
    from plananalysis.panels import nation as work
    from plananalysis.reports.nation import write_brief

    share = Shard.parse(shard) if shard else Shard()
    with hired(panel_workers, dask, _tell) as crew:
        done = work.run(root, panel, crew, as_of, share, progress())
    _tell_failures(run, done.unfinished)
    run.record |= {"areas": done.areas, "rows": done.rows, "waiting": done.waiting, "tables": plain(done.folder)}
    if done.failed:
        _tell_areas(run, done.failed, done.folder)
    if done.strangers:
        _tell_areas(run, done.strangers, done.folder, "strangers")
    if done.folder is None:
        run.bad_data |= done.nothing
        if done.nothing:
            run.note("panels.nothing")
        else:
            _tell_waiting(run, done.waiting, len(done.unfinished))
        return
    with speaking(panel_language):
        page = write_brief(root, done.folder)
    run.record["page"] = str(page)
    run.out("panels.assessed", areas=f"{done.areas:,}", rows=f"{done.rows:,}", folder=done.folder)
    run.out("report.open", path=page)


def _tell(sentence: str) -> None:
    click.echo(sentence, err=True)


def tell_check(run: Run, root: Path, plan: Plan) -> None:
    """What `check` says of a panel: every wrong row of its file, by area."""
    from plananalysis.panels import nation as work

    run.out("check.title", name=plan.name, area=plan.area, as_of=plan.as_of)
    found = work.check(root, plan)
    if not found:
        run.out("check.nothing")
        return
    _tell_areas(run, found)


def _tell_areas(
    run: Run, failed: Mapping[str, Sequence[Problem]], folder: Path | None = None, lead: str = "bad_areas"
) -> None:
    """Areas with wrong values, the first complaints of all; the rest is in the JSON, and in ``folder`` where there is one."""
    run.bad_data = True
    run.record.setdefault("problems", {}).update({a: [plain(p) for p in found] for a, found in failed.items()})
    run.note(f"panels.{lead}", count=len(failed))
    found = [problem for problems in failed.values() for problem in problems]
    for problem in found[:_SHOWN]:
        run.note("build.item", sentence=problem)
    if len(found) > _SHOWN:
        left = len(found) - _SHOWN
        if folder:
            run.note("build.more", count=left, folder=f"{folder}/failed.csv")
        else:
            run.note("panels.more", count=left)


def _tell_waiting(run: Run, waiting: int, failed: int = 0) -> None:
    """Why there is no page yet: shares that others still have in hand, or pieces that failed."""
    if failed:
        run.note("panels.unfinished", count=failed)
    if waiting:
        run.out("panels.waiting", count=waiting)


def _tell_failures(run: Run, outcomes: Sequence[Outcome]) -> None:
    """What became of the pieces that failed: bad data, a busy area, a killed worker, a fault of ours."""
    bad = [o for o in outcomes if not o.fine]
    run.bad_data |= any(o.state == "data" for o in bad)
    run.some_failed |= any(o.state != "data" for o in bad)
    for outcome in bad:
        run.note("panels.item", name=outcome.chunk.name, message=outcome.message)
        run.record.setdefault("problems", {})[outcome.chunk.name] = [*outcome.problems] or outcome.message
        if outcome.detail and run.debug:
            click.echo(outcome.detail, err=True)


def progress() -> Callable[[int, int, Outcome], None]:
    """Tell how far a run is and how long it will still take: in place on a terminal, a line now and then in a log."""
    begun, worked, told = time.perf_counter(), 0, 0.0

    def tell(done: int, total: int, outcome: Outcome) -> None:
        nonlocal worked, told
        worked += outcome.state != "kept"  # what an earlier run did says nothing about the speed of this one
        now = time.perf_counter()
        left = (now - begun) / worked * (total - done) if worked else 0.0
        screen = sys.stderr.isatty()
        if not screen and done < total and now - told < 5:
            return
        told = now
        words = say("panels.run.left", time=_time(left)) if done < total else say("panels.run.last")
        line = say(
            "panels.run.progress",
            percent=100 * done // total,
            done=done,
            total=total,
            name=outcome.chunk.name,
            used=_time(now - begun),
            left=words,
        )
        sys.stderr.write(f"\r\x1b[K{line}" + ("\n" if done == total else "") if screen else f"{line}\n")
        sys.stderr.flush()

    return tell


def _time(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return say("panels.run.seconds", seconds=whole)
    if whole < 3600:
        return say("panels.run.minutes", minutes=whole // 60, seconds=whole % 60)
    return say("panels.run.hours", hours=whole // 3600, minutes=whole % 3600 // 60)
