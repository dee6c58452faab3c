"""Click in Chinese: help pages, option types and complaints."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from plananalysis.base.text import say


class Whole(click.ParamType):
    """A whole number within bounds."""

    name = "integer"

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high = low, high

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        with suppress(ValueError):
            if self.low <= int(value) <= self.high:
                return int(value)
        self.fail(say("cli.misuse.whole", value=value, low=self.low, high=self.high), param, ctx)


class Folder(click.ParamType):
    """An existing folder."""

    name = "folder"
    there: Callable[[Path], bool] = staticmethod(Path.is_dir)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        if not self.there(Path(value)):
            self.fail(say(f"cli.misuse.{self.name}", value=value), param, ctx)
        return Path(value)


class File(Folder):
    """An existing file."""

    name = "file"
    there = staticmethod(Path.is_file)


class Command(click.Command):
    """A command whose help is Chinese throughout."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs = {"options_metavar": say("cli.options_metavar"), **kwargs, "add_help_option": False}
        super().__init__(*args, **kwargs)
        text = say("cli.option.help")
        self.params.append(
            click.Option(["--help"], is_flag=True, is_eager=True, expose_value=False, help=text, callback=_show_help)
        )

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), prefix=say("cli.usage"))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(say("cli.options")):
            records = [record for p in self.get_params(ctx) if (record := p.get_help_record(ctx))]
            required = say("cli.required")
            formatter.write_dl([(names, text.replace("[required]", required)) for names, text in records])


class Commands(Command, click.Group):
    """The commands, listed in the order of the work, not of the alphabet; the module of one is imported when it is asked for.

    Parameters
    ----------
    places
        Names of the commands by the module of ``plananalysis.cli`` that registers them.
    """

    command_class = Command

    def __init__(self, *args: Any, places: Mapping[str, Sequence[str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = {name: module for module, names in places.items() for name in names}

    def list_commands(self, ctx: click.Context | None = None) -> list[str]:
        return [*self.places]

    def get_command(self, ctx: click.Context | None, cmd_name: str) -> click.Command | None:
        if cmd_name in self.places:
            import_module(f"plananalysis.cli.{self.places[cmd_name]}")
        return self.commands.get(cmd_name)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, self._command_first(args))

    def _command_first(self, args: list[str]) -> list[str]:
        """The same arguments with the command in front: its options may stand before its name as well as after."""
        for place, word in enumerate(args):
            if (command := self.get_command(None, word)) and _only_options(command, args[:place]):
                return [word, *args[:place], *args[place + 1 :]]
        return args

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(say("cli.commands")):
            formatter.write_dl([(name, told(name)) for name in self.places])
        super().format_options(ctx, formatter)


def told(command: str) -> str:
    """What a command does, in one line."""
    return say(f"cli.help.{command.replace('-', '_')}")


def _only_options(command: click.Command, words: list[str]) -> bool:
    """Whether words are nothing but options of a command, each with its value."""
    options = [p for p in command.params if isinstance(p, click.Option)]
    takes = {name: not option.is_flag for option in options for name in option.opts}
    rest = iter(words)
    for word in rest:
        name, given, _ = word.partition("=")
        if name not in takes or (takes[name] and not given and next(rest, None) is None):
            return False
    return True


def misuse(error: click.UsageError) -> str:
    """What click found wrong with the arguments, in Chinese."""
    kind = type(error).__name__  # by name: not every click we accept has every class
    name = getattr(error, "option_name", "")
    if isinstance(error, click.BadParameter):
        hint = error.param.get_error_hint(error.ctx) if error.param is not None and error.ctx is not None else ""
        key = "missing" if isinstance(error, click.MissingParameter) else "value"
        return say(f"cli.misuse.{key}", name=hint.strip("'"), message=error.message)
    if kind == "NoSuchOption":
        return say("cli.misuse.option", name=name)
    if kind == "BadOptionUsage":
        return say("cli.misuse.option_value", name=name)
    if error.ctx is not None and isinstance(error.ctx.command, Commands):
        return say("cli.misuse.command", known=say("cli.list_joint").join(error.ctx.command.places))
    return say("cli.misuse.argument")


def _show_help(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked:
        click.echo(ctx.get_help())
        ctx.exit()
