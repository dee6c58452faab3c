"""Errors this package raises on purpose, and the one shape in which broken rules are listed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass


class PlanAnalysisError(Exception):
    """Base of every error this package raises on purpose."""


class UsageError(PlanAnalysisError, ValueError):
    """A caller asked for something that does not exist; the message lists what does."""


class BusyError(PlanAnalysisError):
    """Another run holds the lock."""


@dataclass(frozen=True)
class Problem:
    """One broken rule in one cell of an input file.

    Parameters
    ----------
    file
        Path of the file, relative to the project's root.
    row
        Row as a spreadsheet counts it (the header is row 1); 0 when the whole file is meant.
    column
        Column header, or "" when the whole row is meant.
    found
        What stands there now.
    rule, advice
        What is required and what to do about it, in Chinese.
    """

    file: str
    row: int
    column: str
    found: str
    rule: str
    advice: str

    def __str__(self) -> str:
        place = self.file + (f" 第{self.row}行" if self.row else "") + (f"“{self.column}”列" if self.column else "")
        value = f"（现为“{self.found}”）" if self.found else ""
        return f"{place}{value}：{self.rule}。{self.advice}"


class DataError(PlanAnalysisError, ValueError):
    """Input data broke rules. ``problems`` lists every broken rule, not only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join([f"数据有 {len(self.problems)} 处错误：", *(f"  {p}" for p in self.problems)]))

    def __reduce__(self) -> tuple[type[DataError], tuple[list[Problem]]]:
        return DataError, (self.problems,)  # so that one raised in another process arrives as it was

    def as_records(self) -> list[dict[str, object]]:
        """The problems as plain dictionaries, for ``--json``."""
        return [asdict(p) for p in self.problems]
