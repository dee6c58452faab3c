"""Problems found in one file, and the strict reading of the cells that hold numbers and dates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from plananalysis.base.errors import DataError, Problem
from plananalysis.base.spreadsheets import iso_date as iso_date
from plananalysis.base.text import catalogue, listed, say

Row = Mapping[str, str]


def number(text: str) -> float | None:
    """The number a cell holds, None when it holds something else; no thousands marks, no full-width digits."""
    return float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text, re.ASCII) else None


def target_number(text: str) -> float | None:
    """Like `number`, but also a fraction such as ``2/3``."""
    if part := re.fullmatch(r"(\d+)/([1-9]\d*)", text, re.ASCII):
        return int(part[1]) / int(part[2])
    return number(text)


class Findings:
    """Broken rules of one file; `add` puts the catalogue's words to a rule's name.

    Parameters
    ----------
    own
        Where the catalogue has the rules that this kind of file alone has; what does not stand there is a rule of plans.
    """

    def __init__(self, file: str, own: str = "plan.rules") -> None:
        self.file, self.own = file, own
        self.problems: list[Problem] = []

    def add(self, row: Row | None, column: str, rule: str, found: Any = None, /, **words: Any) -> None:
        value = (row or {}).get(column, "") if found is None else str(found)
        key = f"{self.own}.{rule}" if f"{self.own}.{rule}.rule" in catalogue() else f"plan.rules.{rule}"
        told = (say(f"{key}.{part}", **words) for part in ("rule", "advice"))
        self.problems.append(Problem(self.file, int(row["#"]) if row else 0, column, value, *told))

    def refuse(self) -> None:
        """Raise what was found, if anything was.

        Raises
        ------
        DataError
            Every broken rule.
        """
        if self.problems:
            raise DataError(self.problems)

    def closed(self, row: Row, column: str, allowed: Iterable[str]) -> bool:
        if row[column] not in allowed:
            self.add(row, column, "closed_set", allowed=listed(allowed))
            return False
        return True

    def filled(self, row: Row, *columns: str) -> None:
        for column in columns:
            if not row[column]:
                self.add(row, column, "empty")

    def unique(self, rows: Iterable[Row], *columns: str) -> None:
        first: dict[tuple[str, ...], str] = {}
        for row in rows:
            key = tuple(row[c] for c in columns)
            if key in first:
                self.add(row, columns[-1] if len(columns) == 1 else "", "duplicate", listed(key), row=first[key])
            first.setdefault(key, row["#"])

    def whole(self, row: Row, column: str, low: int, high: int) -> int | None:
        if re.fullmatch(r"-?\d{1,9}", row[column], re.ASCII) and low <= int(row[column]) <= high:
            return int(row[column])
        self.add(row, column, "whole_number", low=low, high=high)
        return None
