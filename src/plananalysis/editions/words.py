"""Puts rows of an edition in words: what a table's schema calls *made* is not stored but said, in the language of the reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from plananalysis.base.text import say
from plananalysis.editions import changes
from plananalysis.plan.groups import group_name
from plananalysis.projections.explanation import made_it, steadiness
from plananalysis.render.cuts import CUTS
from plananalysis.schema.rows import Record


class Edition(Protocol):
    """What the words of a row rest on beside the row."""

    @property
    def thresholds(self) -> Mapping[str, Any]:
        """The cuts in force."""

    @property
    def series(self) -> Mapping[str, Record]:
        """Every series of the plan, by code."""

    def unit_name(self, code: str) -> str:
        """Name of a responsible unit."""

    def lead(self, row: Record) -> str:
        """Name of the unit that answers for a row first."""


def in_words(edition: Edition, row: Record, column: str) -> str:
    """What a column that is not stored says of a row."""
    return _MAKERS[row.table.name if row.table else "", column](edition, row)


def _group(column: str) -> Callable[[Edition, Record], str]:
    def made(edition: Edition, row: Record) -> str:
        return group_name(row.text(column), edition.series[row.text("series")].text("plan"))

    return made


def _comparable(edition: Edition, row: Record) -> str:
    share = row.number("made_it") or 0.0
    return made_it(row.whole("comparable") or 0, share, row.whole("years_ahead") or 0, row.flag("kept"))


_MAKERS: dict[tuple[str, str], Callable[[Edition, Record], str]] = {
    ("assessments", "responsible_names"): lambda edition, row: ";".join(
        map(edition.unit_name, row.words("responsible_units"))
    ),
    ("assessments", "lead_name"): lambda edition, row: edition.lead(row),
    **dict.fromkeys(
        (("quality", "severity_name"), ("return_questions", "severity_name")),
        lambda edition, row: say(f"quality.severity.{row.text('severity')}"),
    ),
    ("return_questions", "unit_name"): lambda edition, row: edition.unit_name(row.text("unit")),
    ("gaps", "group_name"): _group("group"),
    ("gaps", "other_name"): _group("other"),
    ("explanations", "sentence"): _comparable,
    ("explanations", "verdict"): lambda edition, row: steadiness(row.flag("steady")),
    ("changes", "sentence"): lambda edition, row: (
        "" if row.words("withheld") else changes.sentence(row, [v for n, v in edition.thresholds.items() if n in CUTS])
    ),
}
