"""Errors this package raises on purpose, and the one shape in which broken rules are listed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass

_HAN = re.compile(r"[\u4e00-\u9fff]")


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
        Column header, or "" when the whole row is meant; where ``row`` is 0, address of a cell (``K12``) or of several (``K12—K15``).
    found
        What stands there now.
    rule, advice
        What is required and what to do about it, in the language spoken.
    """

    file: str
    row: int
    column: str
    found: str
    rule: str
    advice: str

    def __str__(self) -> str:
        """Where, what is there, what is required and what to do, in the language of the rule."""
        if not _HAN.search(self.rule):
            place = self.file + (f" row {self.row}" if self.row else "") + (f" {self.column}" if self.column else "")
            return f"{place}{f' (now “{self.found}”)' if self.found else ''}: {self.rule}. {self.advice}"
        cell = not self.row and re.fullmatch(r"[A-Z]+[0-9]+(—[A-Z]+[0-9]+)?", self.column)
        column = f" {self.column}" if cell else f"“{self.column}”列" if self.column else ""
        place = self.file + (f" 第{self.row}行" if self.row else "") + column
        value = f"（现为“{self.found}”）" if self.found else ""
        return f"{place}{value}：{self.rule}。{self.advice}"


class DataError(PlanAnalysisError, ValueError):
    """Input data broke rules. ``problems`` lists every broken rule, not only the first; ``lead`` stands before the list."""

    def __init__(self, problems: Iterable[Problem], lead: str = "") -> None:
        self.problems = list(problems)
        count = len(self.problems)
        english = bool(count) and not any(_HAN.search(p.rule) for p in self.problems)
        self.lead = lead or (
            f"The data have {count} error{'s' * (count > 1)}:" if english else f"数据有 {count} 处错误："
        )
        super().__init__("\n".join([self.lead, *(f"  {p}" for p in self.problems)]))

    def __reduce__(self) -> tuple[type[DataError], tuple[list[Problem], str]]:
        return DataError, (self.problems, self.lead)  # so that one raised in another process arrives as it was

    def as_records(self) -> list[dict[str, object]]:
        """The problems as plain dictionaries, for ``--json``."""
        return [asdict(p) for p in self.problems]
