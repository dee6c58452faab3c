"""Commands for those who work on the method: ``simulate``, ``learn``, ``benchmark``."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import click

from plananalysis.base.errors import UsageError
from plananalysis.base.text import say
from plananalysis.cli.chinese import Folder, Whole
from plananalysis.cli.group import NEW_FOLDER, as_of_option, command, in_project, option
from plananalysis.cli.run import Run, plain


@command("simulate")
@click.option(
    "--count", "--areas", type=Whole(1, 99_999), metavar=say("cli.metavar.count"), help=say("cli.option.count")
)
@option("columnar", is_flag=True)
@option("seed", type=Whole(0, 2**32 - 1), metavar=say("cli.metavar.seed"))
@as_of_option
@option("out", "target", type=NEW_FOLDER, metavar=say("cli.metavar.folder"))
@in_project
def simulate(
    run: Run, count: int | None, columnar: bool, seed: int | None, as_of: int | None, out: Path | None, root: Path
) -> None:
    """The fictional example area, or as many fictional districts as a load test needs."""
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
@in_project
def learn(run: Run, out: Path | None, root: Path) -> None:
    """The projections' reference, learned again from published histories."""
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
