"""What a build found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BuildSummary:
    """What a build found, for the console and for ``--json``.

    ``positions`` counts the rows by whether they were reached, where the target year is observed; empty before, when ``outlooks`` tell
    what is to be expected.
    """

    area: str
    as_of: int
    known_on: str
    series: int
    observations: int
    first_year: int | None
    last_year: int | None
    newest: dict[int, int]
    outlooks: dict[str, int]
    positions: dict[str, int]
    changes: list[str]
    folder: str = ""
