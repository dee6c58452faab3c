"""Rows that somebody must act on, each with its figure and, in a line below, the reason."""

from __future__ import annotations

from collections.abc import Sequence

from plananalysis.editions.opened import Published, Record
from plananalysis.pages.columns import column, columns, facets
from plananalysis.pages.measures import reasons
from plananalysis.render.blocks import Column, Table

ACT = ("unit", "marked", "value", "target", "verdict", "pace", "figure")
WATCH = (
    "unit",
    "marked",
    "value",
    "target",
    "verdict",
    "alerts",
    "figure",
)  # what would be needed is no question of theirs


def action_table(
    edition: Published, rows: Sequence[Record], caption: str, names: Sequence[str], *more: Column
) -> Table:
    """A list of rows with a figure each and the reason in a line below; ``more`` columns stand after the first."""
    first, *others = columns(edition, names)
    return Table(
        caption,
        [first, *more, *others],
        rows,
        below=column("reason", lambda r: reasons(edition, r)),
        mark=edition.mark,
        role="action stack",
        facets=facets(edition),
    )
