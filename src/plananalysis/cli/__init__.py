"""The command line: every command is a few lines over the function that does the work.

Exit codes: 0 fine, 1 unexpected, 2 misuse, 3 data has errors, 4 some reports failed, 5 busy, 130 interrupted.
Nothing a user can cause shows a traceback.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import click

from plananalysis.cli import rounds as rounds  # registers its commands
from plananalysis.cli import sharing as sharing
from plananalysis.cli.chinese import Folder, Whole, misuse
from plananalysis.cli.group import NEW_FOLDER, area_option, as_of_option, command, commands, option, root_option
from plananalysis.cli.run import BAD_DATA, BUSY, INTERRUPTED, MISUSE, UNEXPECTED, Run, plain
from plananalysis.cli.telling import tell_build, tell_issues
from plananalysis.errors import BusyError, DataError, UsageError
from plananalysis.text import say

os.environ.setdefault(
    "OPENBLAS_NUM_THREADS", "1"
)  # series are short: a second BLAS thread doubles the CPU time and gains nothing
# JupyterLab brings a package of grammars that jsonschema builds, in 2.5 s, for a check that no notebook needs.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


@command("check")
@area_option
@as_of_option
@root_option
def check(run: Run, area: Sequence[str], as_of: int | None, root: Path | None) -> None:
    """Every problem of the plans and the submissions, at once."""
    root = run.find_root(root)
    areas = run.areas(area, root)
    from plananalysis import observations, quality
    from plananalysis.plan import load_plan

    for code in areas:
        with run.area(code) as record:
            plan = load_plan(root, code, as_of)
            reported = observations.load_observations(root, code)
            view = observations.as_known(reported, plan.known_on, plan.as_of)
            issues = quality.check(plan, reported, view, quality.load_logic(root, code, set(plan.series.index)))
            record["issues"] = plain(issues.to_dict("records"))
            run.bad_data |= bool((issues["severity"] == say("quality.severity.error")).any())
            tell_issues(run, plan, issues)


@command("build")
@area_option
@as_of_option
@root_option
def build(run: Run, area: Sequence[str], as_of: int | None, root: Path | None) -> None:
    """Derived tables of every area, from what people wrote."""
    root = run.find_root(root)
    _build(run, root, run.areas(area, root), as_of)


@command("report")
@area_option
@as_of_option
@option("domain", multiple=True, metavar=say("cli.metavar.domain"))
@option("workers", type=Whole(1, 64), metavar=say("cli.metavar.count"))
@root_option
def report(
    run: Run, area: Sequence[str], as_of: int | None, domain: Sequence[str], workers: int | None, root: Path | None
) -> None:
    """Derived tables, then every page."""
    root = run.find_root(root)
    built = _build(run, root, run.areas(area, root), as_of)
    from plananalysis import reports

    done = reports.report(root, built, as_of, domain, workers, reports.console_progress())
    run.record |= {"pages": plain(done.pages), "failed": plain(done.failed)}
    if done.failed:
        run.some_failed = True
        run.note("failed.reports", count=len(done.failed))
        for sentence in done.failed:
            run.note("build.item", sentence=sentence)
    for page in done.pages:
        run.out("report.open", path=page)


@command("documents")
@area_option
@as_of_option
@option("edition", type=click.Choice(("annual", "midterm", "final")), default="annual", metavar="annual|midterm|final")
@option(
    "audience",
    type=click.Choice(("internal", "leading-group", "public")),
    default="internal",
    metavar="internal|leading-group|public",
)
@option("pdf", is_flag=True)
@option("out", "target_folder", type=NEW_FOLDER, metavar=say("cli.metavar.folder"))
@root_option
def documents(
    run: Run,
    area: Sequence[str],
    as_of: int | None,
    edition: str,
    audience: str,
    pdf: bool,
    out: Path | None,
    root: Path | None,
) -> None:
    """Derived tables, then the office's documents: report, tables, warning list, letters, feedback."""
    root = run.find_root(root)
    built = _build(run, root, run.areas(area, root), as_of)
    from plananalysis import documents as office
    from plananalysis.plan import load_plan
    from plananalysis.publication import draft, lock, publish

    for code in built:
        year = load_plan(root, code, as_of).as_of
        folder = (out or root / "reports" / "documents") / f"{code}-{year}-{edition}-{audience}"
        folder.parent.mkdir(parents=True, exist_ok=True)
        with run.area(code) as record, lock(root, code), draft(folder) as new:
            made = office.write(root, code, year, new, edition, audience)
            made += office.pdf(root, code, year, new, edition, audience) if pdf else []
            record["documents"] = [p.relative_to(new).as_posix() for p in made]
            publish(new, folder)
        run.out("documents.wrote", count=len(made), folder=folder)


@command("simulate")
@option("count", type=Whole(1, 9999), metavar=say("cli.metavar.count"))
@option("seed", type=Whole(0, 2**32 - 1), metavar=say("cli.metavar.seed"))
@as_of_option
@option("out", "target", type=NEW_FOLDER, metavar=say("cli.metavar.folder"))
@root_option
def simulate(
    run: Run, count: int | None, seed: int | None, as_of: int | None, out: Path | None, root: Path | None
) -> None:
    """The fictional example area, or as many fictional districts as a load test needs."""
    root = run.find_root(root)
    from plananalysis import simulate as simulation

    run.record["folders"] = plain(simulation.simulate(root, count, seed, out, as_of))
    for folder in run.record["folders"]:
        run.out("simulate.wrote", path=folder)


@command("learn")
@root_option
def learn(run: Run, root: Path | None) -> None:
    """The projections' reference, learned again from published histories."""
    root = run.find_root(root)
    from plananalysis.projections import learn as learning

    run.record["path"] = str(learning.learn(root))
    run.out("learn.wrote", path=run.record["path"])


@command("benchmark")
@click.argument("folder", type=Folder(), metavar=say("cli.metavar.folder"))
@option("out", "results", type=NEW_FOLDER, required=True, metavar=say("cli.metavar.folder"))
def benchmark(run: Run, folder: Path, out: Path) -> None:
    """The projections' answers to a benchmark's tasks, for its scorer."""
    if not find_spec("pyarrow"):
        raise UsageError(say("cli.misuse.pyarrow"))
    from plananalysis.projections import benchmark as tasks

    tasks.benchmark(folder, out)
    run.record["folder"] = str(out)
    run.out("benchmark.wrote", path=out)


def _build(run: Run, root: Path, areas: Sequence[str], as_of: int | None) -> list[str]:
    """Build areas and say what came out; those that could be built."""
    from plananalysis import editions
    from plananalysis.publication import lock

    built = []
    for area in areas:
        # locked, so that no other run renders pages from tables that are being replaced
        with run.area(area) as record, lock(root, area):
            summary = editions.build(root, area, as_of)
            record |= plain(summary)
            tell_build(run, root, summary)
            built.append(area)
    return built


def run_command(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code."""
    run = Run(as_json="--json" in arguments)
    message = ""
    try:
        code = commands.main(list(arguments) or ["--help"], "plananalysis", standalone_mode=False, obj=run) or run.code
    except click.UsageError as error:
        code, message = MISUSE, misuse(error)
        run.note("misuse.error", message=message)
        run.note("misuse.hint", command=error.ctx.command_path if error.ctx else "plananalysis")
    except UsageError as error:
        code, message = MISUSE, str(error)
        run.note("misuse.error", message=message)
    except DataError as error:
        code, message = BAD_DATA, str(error)
        run.record["problems"] = error.as_records()
        click.echo(message, err=True)
    except BusyError as error:
        code, message = BUSY, say("cli.failed.busy", message=error)
        click.echo(message, err=True)
    except (KeyboardInterrupt, click.Abort):
        code, message = INTERRUPTED, say("cli.failed.interrupted")
        click.echo(message, err=True)
    except Exception as error:
        # the last line of defence: whoever runs this cannot use a traceback, whoever mends it finds it in the log
        log, file = run.log_failure(arguments), getattr(error, "filename", None)
        key = "failed.file" if isinstance(error, OSError) and file else "failed.unexpected"
        code, message = UNEXPECTED, say(f"cli.{key}", kind=type(error).__name__, problem=error, file=file, log=log)
        click.echo(message, err=True)
        if run.debug:
            traceback.print_exc()
    if run.as_json and "--help" not in arguments:
        click.echo(run.as_text(code, message))
    return code


def main() -> NoReturn:
    """Entry point of the ``plananalysis`` program."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a console that lacks a character is no reason to fail
    if "--json" in sys.argv:
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # programs expect it, whatever the console's code page
    sys.exit(run_command(sys.argv[1:]))
