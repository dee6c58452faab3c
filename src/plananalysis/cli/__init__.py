"""The command line: every command is a few lines over the function that does the work.

Exit codes: 0 fine, 1 unexpected, 2 misuse, 3 data has errors, 4 some reports failed, 5 busy, 130 interrupted.
Nothing a user can cause shows a traceback.
"""

from __future__ import annotations

import gc
import os
import sys
import traceback
from collections.abc import Sequence
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import click

from plananalysis.base import tables
from plananalysis.base.errors import BusyError, DataError, UsageError
from plananalysis.base.publication import disk_trouble
from plananalysis.base.text import say
from plananalysis.cli import onboarding as onboarding  # registers its commands, as do the next ones
from plananalysis.cli import panels as panels
from plananalysis.cli import reporting as reporting
from plananalysis.cli import rounds as rounds
from plananalysis.cli import sharing as sharing
from plananalysis.cli.chinese import Folder, Whole, misuse
from plananalysis.cli.group import NEW_FOLDER, area_option, as_of_option, command, commands, option, root_option
from plananalysis.cli.run import BAD_DATA, BUSY, INTERRUPTED, MISUSE, UNEXPECTED, Run, plain
from plananalysis.cli.telling import tell_issues

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
    areas = run.areas(area, root, panels=True)
    from plananalysis import observations
    from plananalysis.checks import quality
    from plananalysis.plan import load_plan
    from plananalysis.returns import register

    for code in areas:
        with run.area(code) as record:
            plan = load_plan(root, code, as_of)
            if tables.is_panel(root, code):
                panels.tell_check(run, root, plan)
                continue
            reported = observations.load_observations(root, code)
            view = observations.as_known(reported, plan.known_on, plan.as_of)
            issues = quality.check_area(root, plan, reported, view)
            record["issues"] = plain(issues.to_dict("records"))
            run.bad_data |= bool((issues["severity"] == "error").any())
            today = date.today().isoformat()
            record["questions"] = [told for one in plan.together() for told in one.questions(today)]
            tell_issues(run, plan, issues, record["questions"])
            record["strangers"] = register.strangers(root, code)
            if record["strangers"]:
                named = say("cli.list_joint").join(record["strangers"][:10])
                run.out("check.strangers", count=len(record["strangers"]), files=named)


@command("simulate")
@click.option("--count", "--areas", type=Whole(1, 9999), metavar=say("cli.metavar.count"), help=say("cli.option.count"))
@option("columnar", is_flag=True)
@option("seed", type=Whole(0, 2**32 - 1), metavar=say("cli.metavar.seed"))
@as_of_option
@option("out", "target", type=NEW_FOLDER, metavar=say("cli.metavar.folder"))
@root_option
def simulate(
    run: Run,
    count: int | None,
    columnar: bool,
    seed: int | None,
    as_of: int | None,
    out: Path | None,
    root: Path | None,
) -> None:
    """The fictional example area, or as many fictional districts as a load test needs."""
    root = run.find_root(root)
    from plananalysis import simulate as simulation

    if columnar and not count:
        raise UsageError(say("cli.misuse.columnar"))
    made = (
        [simulation.simulate_nation(root, count, seed, out, as_of)]
        if columnar and count
        else simulation.simulate(root, count, seed, out, as_of)
    )
    run.record["folders"] = plain(made)
    for folder in run.record["folders"]:
        run.out("simulate.wrote", path=folder)


@command("learn")
@option("out", "learned", type=NEW_FOLDER, metavar=say("cli.metavar.file"))
@root_option
def learn(run: Run, out: Path | None, root: Path | None) -> None:
    """The projections' reference, learned again from published histories."""
    root = run.find_root(root)
    from plananalysis.projections import learn as learning

    run.record["path"] = str(learning.learn(root, out))
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
    except OSError as error:
        if not (message := disk_trouble(error)):
            code, message = _unforeseen(run, arguments, error)
        else:
            code = UNEXPECTED
            click.echo(message, err=True)
    except Exception as error:
        code, message = _unforeseen(run, arguments, error)
    if run.as_json and "--help" not in arguments:
        click.echo(run.as_text(code, message))
    return code


def _unforeseen(run: Run, arguments: Sequence[str], error: Exception) -> tuple[int, str]:
    """The last line of defence: whoever runs this cannot use a traceback, whoever mends it finds it in the log."""
    log, file = run.log_failure(arguments), getattr(error, "filename", None)
    key = "failed.file" if isinstance(error, OSError) and file else "failed.unexpected"
    message = say(f"cli.{key}", kind=type(error).__name__, problem=error, file=file, log=log)
    click.echo(message, err=True)
    if run.debug:
        traceback.print_exc()
    return UNEXPECTED, message


def main() -> NoReturn:
    """Entry point of the ``plananalysis`` program."""
    # imports and tables make many objects and hardly any rubbish: looking for it took a tenth of the time
    gc.set_threshold(100_000, 20, 20)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # started with the stream closed
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  open as long as the program runs
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a console that lacks a character is no reason to fail
    if "--json" in sys.argv:
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # programs expect it, whatever the console's code page
    sys.exit(run_command(sys.argv[1:]))
