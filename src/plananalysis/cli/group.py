"""The command group, and the options that several commands share."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple

import click

from plananalysis import __version__
from plananalysis.base.text import LANGUAGES, say
from plananalysis.cli.chinese import Commands, Folder, Whole, told
from plananalysis.cli.run import Run
from plananalysis.editions.variant import AUDIENCES, MODES


def option(name: str, text: str = "", **kwargs: Any) -> Callable[[Callable], Callable]:
    return click.option(f"--{name}", help=say(f"cli.option.{text or name.replace('-', '_')}"), **kwargs)


def _remember(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    setattr(ctx.obj, str(parameter.name), value)


def _show_version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked:
        click.echo(f"plananalysis {__version__}")
        ctx.exit()


def _log_to(ctx: click.Context, _: click.Parameter, file: Path | None) -> None:
    """Everything printed from now on, by this program or those it starts, goes to the end of a file."""
    if file is None:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab") as log:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
            os.dup2(log.fileno(), stream.fileno())
            stream.reconfigure(encoding="utf-8", line_buffering=True)  # type: ignore[union-attr]
    click.echo(f"== {time.strftime('%Y-%m-%d %H:%M:%S')} plananalysis {ctx.info_name}")


_CHOICES = {"mode": MODES, "audience": AUDIENCES, "lang": LANGUAGES}


def choice(name: str, own: bool = False) -> Callable[[Callable], Callable]:
    """One of the options that say in which form: ``mode``, ``audience`` or ``lang``; the first value is the usual one.

    With ``own`` the usual one is each area's own, and the option is None where it was not given.
    """
    known = _CHOICES[name]
    called = ("--mode", "--edition") if name == "mode" else (f"--{name}",)  # its name before 0.2 goes on working
    kind, text = click.Choice(known), say(f"cli.option.{name}{'_own' if own else ''}")
    usual = None if own else known[0]
    return click.option(*called, name, type=kind, default=usual, metavar="|".join(known), help=text)


NEW_FOLDER = click.Path(path_type=Path)
area_option = option("area", multiple=True, metavar=say("cli.metavar.area"))
as_of_option = option("as-of", type=Whole(1949, 2100), metavar=say("cli.metavar.year"))
root_option = option("root", type=Folder(), metavar=say("cli.metavar.folder"))
one_area = option("area", "one_area", required=True, metavar=say("cli.metavar.area"))


class Wanted(NamedTuple):
    """In which form editions are asked for; ``lang`` and ``outline`` are None where nothing was said of them."""

    mode: str
    audience: str
    lang: str | None
    outline: str | None


def form_options(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a form, and hand it what they say as ``wanted``."""

    @choice("mode")
    @choice("audience")
    @choice("lang", own=True)
    @option("outline", metavar=say("cli.metavar.outline"))
    @wraps(function)
    def asked(run: Run, mode: str, audience: str, lang: str | None, outline: str | None, **given: Any) -> None:
        function(run, wanted=Wanted(mode, audience, lang, outline), **given)

    return asked


def in_project(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the option ``--root``, and hand it the project's folder."""

    @root_option
    @wraps(function)
    def found(run: Run, root: Path | None, **given: Any) -> None:
        function(run, root=run.find_root(root), **given)

    return found


def in_area(function: Callable[..., None]) -> Callable[..., None]:
    """The same for a command about one ``area`` of the project, which must be one."""

    @wraps(function)
    def checked(run: Run, root: Path, area: str, **given: Any) -> None:
        run.areas([area], root)
        function(run, root=root, area=area, **given)

    return in_project(checked)


_PLACES = {  # in the order of help
    "onboarding": ("new-area", "plan", "readings", "import"),
    "panels": ("city", "nation"),
    "reporting": ("build", "report", "documents"),
    "rounds": ("forms", "intake", "questions", "review", "correct", "round"),
    "sharing": ("database", "schedule", "publish", "preview", "desk", "bundle", "verify"),
    "checking": ("check",),
    "methods": ("simulate", "learn", "benchmark"),
}


@click.group(
    cls=Commands,
    places=_PLACES,
    help=say("cli.about"),
    epilog=say("cli.footer"),
    subcommand_metavar=say("cli.command_metavar"),
    options_metavar="",
)
@option("version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version)
def commands() -> None:
    """Hold the commands together; each does its own work."""


def command(name: str) -> Callable[[Callable], click.Command]:
    """Register a command, with the options that every command has."""

    def register(function: Callable) -> click.Command:
        function = option("debug", is_flag=True, expose_value=False, callback=_remember)(function)
        function = option(
            "log", type=NEW_FOLDER, metavar=say("cli.metavar.file"), expose_value=False, callback=_log_to
        )(function)
        function = click.option(
            "--json", "as_json", is_flag=True, expose_value=False, callback=_remember, help=say("cli.option.json")
        )(function)
        return commands.command(name, help=told(name))(click.pass_obj(function))

    return register
