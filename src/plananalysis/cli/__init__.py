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
from typing import NoReturn

import click

from plananalysis.base.errors import BusyError, DataError, UsageError
from plananalysis.base.publication import disk_trouble
from plananalysis.base.text import say
from plananalysis.cli.chinese import misuse
from plananalysis.cli.group import commands
from plananalysis.cli.run import BAD_DATA, BUSY, INTERRUPTED, MISUSE, UNEXPECTED, Run

os.environ.setdefault(
    "OPENBLAS_NUM_THREADS", "1"
)  # series are short: a second BLAS thread doubles the CPU time and gains nothing
# JupyterLab brings a package of grammars that jsonschema builds, in 2.5 s, for a check that no notebook needs.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


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
