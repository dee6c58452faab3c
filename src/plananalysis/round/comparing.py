"""What a return changes against the one its unit had sent before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from plananalysis.returns import Return
from plananalysis.returns.layout import COLUMNS
from plananalysis.returns.rows import NUMBERS, Row

_FILLED = tuple(c for c in COLUMNS if c.filled)


@dataclass(frozen=True)
class Difference:
    """One cell that says something else than in the return before.

    ``cell`` is its address in the newer file, ``column`` its header; ``before`` and ``now`` are as typed, "" for an empty cell.
    """

    cell: str
    series: str
    group: str
    year: int
    column: str
    before: str
    now: str


def differences(before: Return, now: Return) -> list[Difference]:
    """Every cell of a line that differs between two returns, in the order of the newer one; lines of either that are gone count as empty."""
    old, new = ({(r.series, r.group, r.year): r for r in one.rows} for one in (before, now))
    found = []
    for key in dict.fromkeys([*new, *old]):
        left, right = _texts(old.get(key)), _texts(new.get(key))
        cells: Mapping[str, str] = new[key].cells if key in new else {}
        found += [
            Difference(cells.get(c.key, ""), *key, c.header, left.get(c.key, ""), right.get(c.key, ""))
            for c in _FILLED
            if left.get(c.key, "") != right.get(c.key, "")
        ]
    return found


def _texts(row: Row | None) -> dict[str, str]:
    if row is None:
        return {}
    return {**{name: row.read[name].raw.strip() for name in NUMBERS}, **row.typed}
