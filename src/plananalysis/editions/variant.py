"""For whom, as what and in which language an edition is shown."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from plananalysis.base.errors import DataError, UsageError
from plananalysis.base.tables import read_settings
from plananalysis.base.text import LANGUAGES, listed, say

MODES = ("annual", "midterm", "final")
AUDIENCES = ("internal", "leading-group", "public")


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
    """

    mode: str = MODES[0]
    audience: str = AUDIENCES[0]
    language: str = LANGUAGES[0]

    def __post_init__(self) -> None:
        for name, known in (("mode", MODES), ("audience", AUDIENCES), ("language", LANGUAGES)):
            allow(name, getattr(self, name), known)

    @property
    def suffix(self) -> str:
        """What the form adds to the name of the year's folder."""
        usual = Variant.__dataclass_fields__
        marks = [getattr(self, name) for name in usual if getattr(self, name) != usual[name].default]
        return "".join(f"-{mark}" for mark in marks)


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
