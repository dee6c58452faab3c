"""One row of a table, as its schema has it: a misspelt column is an error, never an empty cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from plananalysis.schema import Table


class Voice(Protocol):
    """Says what a row holds in the language of whoever reads it."""

    def translated(self, text: str, english: str = "") -> str:
        """Words of the data, in that language; ``english`` where the data have it beside them."""

    def said(self, told: str) -> str:
        """A text of the catalogue as it is stored, in that language."""

    def in_words(self, row: Record, column: str) -> str:
        """What a column that is not stored says of a row."""


@dataclass(frozen=True, eq=False, slots=True)
class Record:
    """One row of a derived table.

    Parameters
    ----------
    cells
        Its cells by column; numbers may stand as text.
    table
        What its columns are; None for a row that no table holds, which has the columns it was made with.
    voice
        Who puts it in words; None where nobody does.

    Raises
    ------
    KeyError
        From each way to read a cell: the table has no such column.
    TypeError
        The column holds no number.
    """

    cells: Mapping[str, Any]
    table: Table | None = None
    voice: Voice | None = None

    def text(self, column: str) -> str:
        """A cell as text, empty where there is nothing; in words where the column is made of words."""
        try:
            value = self.cells[column]
        except KeyError:
            return self._absent(column)
        if isinstance(value, str):
            if self.voice is not None and self.table is not None and value:
                if column in self.table.texts:
                    if self.table.type_of(column) == "texts":
                        return ";".join(map(self.voice.translated, value.split(";")))
                    return self.voice.translated(value, str(self.cells.get(f"{column}_en") or ""))
                if column in self.table.told:
                    return self.voice.said(value)
            return value
        if value is None or value != value:
            return ""
        return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)

    def number(self, column: str) -> float | None:
        """A cell as a number, None where there is nothing."""
        try:
            value = self.cells[column]
        except KeyError:
            self._absent(column)
            return None
        if value is None or value == "" or value != value:
            return None
        if self.table is not None and column in self.table.plain:
            raise TypeError(f"{self.table.name}.{column} holds {value!r}, which is no number")
        return float(value)

    def whole(self, column: str) -> int | None:
        """A cell as a whole number or a year, None where there is nothing."""
        value = self.number(column)
        return None if value is None else int(value)

    def flag(self, column: str) -> bool:
        """Whether a cell says yes."""
        return self.text(column) == "True"

    def words(self, column: str) -> tuple[str, ...]:
        """A cell of several codes or words joined by semicolons."""
        return tuple(w.strip() for w in self.text(column).split(";") if w.strip())

    def but(self, **cells: Any) -> Record:
        """The same row with other cells."""
        return Record({**self.cells, **cells}, self.table, self.voice)

    def _absent(self, column: str) -> str:
        """What a cell says that the row was not given: nothing, unless it is made of the others."""
        if self.table is None:
            raise KeyError(f"the row has no column {column!r}; it has {', '.join(self.cells)}")
        if self.table.column(column).made and self.voice is not None:
            return self.voice.in_words(self, column)
        return ""
