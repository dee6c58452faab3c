"""What the workbook calls sheets, columns and codes; the codes stay what the files hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from plananalysis.base.text import catalogue, say

# columns whose codes have words, by the name of their set; of tables whose column means something else the set is named after them
_SETS = (
    *("fictional", "country", "language", "threshold", "role", "unit_source", "direction", "attribute", "rhythm"),
    *("kind", "operator", "operator_source", "confidence"),
)

# columns that may name what another table lists: its rows' code or, as an office writes, their name
NAMES = {table: {"domain": "domains", "responsible_units": "units"} for table in ("series", "shared")}


def sheet_name(table: str) -> str:
    """Name of the sheet of a table."""
    return say(f"workbook.sheet.{table}")


def column_name(table: str, column: str) -> str:
    """What a column is called in the workbook."""
    return say(f"workbook.column.{table}.{column}")


def hint(table: str, column: str) -> str:
    """What a column holds, in a sentence; "" where its name says it."""
    key = f"workbook.hint.{table}.{column}"
    return say(key).replace("`", "") if key in catalogue() else ""


def example(table: str, column: str) -> str:
    """What may stand in a column, in words; "" where it is left empty in the example."""
    key = f"workbook.example.{table}.{column}"
    return in_words(table, column, say(key)) if key in catalogue() else ""


def code_words(table: str, column: str) -> dict[str, str]:
    """The words of a closed set by its codes; empty where a column has none."""
    name = f"{table}_{column}" if table == "companions" else column
    return _words(name) if name in _SETS or name.startswith("companions_") else {}


def in_words(table: str, column: str, code: str) -> str:
    """A code as the workbook shows it."""
    return code_words(table, column).get(code, code)


def as_code(table: str, column: str, text: str) -> str:
    """The code of what was chosen or typed; what is neither a word nor a code stays as it is, for its rule to refuse."""
    return {word: code for code, word in code_words(table, column).items()}.get(text, text)


@cache
def _words(name: str) -> dict[str, str]:
    return catalogue().below(f"workbook.word.{name}")


def named(table: str, row: Mapping[str, Any], rows: Mapping[str, Sequence[Mapping[str, str]]]) -> Mapping[str, Any]:
    """A row that names domains and units in words where these are not ambiguous, as an office does."""
    shown = dict(row)
    for column, other in NAMES.get(table, {}).items():
        names = _by_code(rows[other], other)
        shown[column] = ";".join(names.get(code, code) for code in str(row.get(column, "")).split(";"))
    return shown


def coded(table: str, row: Mapping[str, str], rows: Mapping[str, Sequence[Mapping[str, str]]]) -> dict[str, str]:
    """The same row with codes again."""
    found = dict(row)
    for column, other in NAMES.get(table, {}).items():
        codes = {name: code for code, name in _by_code(rows[other], other).items()}
        found[column] = ";".join(codes.get(name.strip(), name.strip()) for name in _parts(row.get(column, "")))
    return found


def _by_code(rows: Sequence[Mapping[str, str]], table: str) -> dict[str, str]:
    """Names by code, of those that one row alone bears and that are no code themselves."""
    key, borne = table.removesuffix("s"), Counter(row["name"] for row in rows)
    codes = {row[key] for row in rows}
    plain = [row for row in rows if row["name"] and ";" not in row["name"] and row["name"] not in codes]
    return {row[key]: row["name"] for row in plain if borne[row["name"]] == 1}


def _parts(text: str) -> list[str]:
    return text.replace("；", ";").split(";")
