"""For whom, as what and in which language an edition is shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plananalysis.base.errors import DataError, UsageError
from plananalysis.base.names import is_period
from plananalysis.base.tables import read_settings
from plananalysis.base.text import LANGUAGES, listed, say
from plananalysis.schema import AUDIENCES

MODES = ("annual", "midterm", "final")


@dataclass(frozen=True)
class Variant:
    """In which form an edition is handed out.

    Parameters
    ----------
    mode
        ``annual``, ``midterm`` or ``final``.
    audience
        ``internal``, ``leading-group`` or ``public``.
    language
        ``zh`` or ``en``.
    outline
        Id of the plan period it is about; "" for the area's first one, which is meant where none is named.
    """

    mode: str = MODES[0]
    audience: str = AUDIENCES[0]
    language: str = LANGUAGES[0]
    outline: str = ""

    def __post_init__(self) -> None:
        for name, known in (("mode", MODES), ("audience", AUDIENCES), ("language", LANGUAGES)):
            allow(name, getattr(self, name), known)
        if self.outline and not is_period(self.outline):
            allow("outline", self.outline, ())

    @property
    def suffix(self) -> str:
        """What the form adds to the name of the year's folder."""
        usual, names = Variant.__dataclass_fields__, ("outline", "mode", "audience", "language")
        marks = [getattr(self, name) for name in names if getattr(self, name) != usual[name].default]
        return "".join(f"-{mark}" for mark in marks)

    @property
    def said(self) -> dict[str, str]:
        """The form by the names of its parts; the plan period only where one is named."""
        return {name: value for name, value in vars(self).items() if value}


def form_in(told: Mapping[str, Any]) -> dict[str, str]:
    """The form among other things that are told by their names, as :attr:`Variant.said` has it."""
    return {name: told[name] for name in Variant.__dataclass_fields__ if name in told}


def modes_of(as_of: int, target_year: int) -> tuple[str, ...]:
    """As what an edition can be written: a final evaluation from the target year on, a mid-term one before it."""
    return MODES[0], "final" if as_of >= target_year else "midterm"


def allow_mode(mode: str, as_of: int, target_year: int) -> None:
    """Refuse what an edition of its year cannot be written as.

    Raises
    ------
    UsageError
        A final evaluation before the target year, or a mid-term one from it on.
    """
    if mode not in modes_of(as_of, target_year):
        raise UsageError(say(f"documents.errors.not_{mode}", as_of=as_of, target_year=target_year))


def edition_name(as_of: int, outline: str = "") -> str:
    """What the folder of an edition's tables is called: the year, with the plan period where it is not the area's first one."""
    return f"{as_of}{Variant(outline=outline).suffix}"


def allow(name: str, value: object, known: Collection[object]) -> None:
    """Refuse a value that does not exist, and say which do.

    Raises
    ------
    UsageError
        ``value`` is not among ``known``.
    """
    if value not in known:
        there_are = listed(str(v) for v in known) or say("reports.misuse.none")
        raise UsageError(say("reports.misuse.value", name=name, value=value, known=there_are))


def usual_language(root: Path, area: str) -> str:
    """The language an area's reports are usually in; Chinese where its settings do not say or cannot be read."""
    try:
        said = read_settings(root / "data" / "raw" / area / "area.toml", root).get("language")
    except DataError:
        said = None
    return str(said) if said in LANGUAGES else LANGUAGES[0]
