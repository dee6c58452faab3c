"""The form's columns and words: one list, used to write forms, to find cells in what comes back, and to instruct the units."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from plananalysis.base.text import say
from plananalysis.returns.values import HALF_WIDTH
from plananalysis.sheets.grids import Cell, Grid, address

FORM_VERSION = "1"
SHEET, META_SHEET, LIST_SHEET, GUIDE_SHEET = "填报表", "_meta", "_lists", "填表说明"
HEADER_WITHIN = 40  # rows from the top among which the header is looked for


@dataclass(frozen=True)
class FormColumn:
    """A column of the form: ``key`` is its name in code, ``width`` in characters, ``filled`` whether the unit writes there."""

    key: str
    width: float
    filled: bool = False

    @property
    def header(self) -> str:
        """What the header says."""
        return say(f"returns.column.{self.key}")


COLUMNS = (
    FormColumn("series", 8),
    FormColumn("name", 30),
    FormColumn("unit", 8),
    FormColumn("group", 9),
    FormColumn("duty", 6),
    FormColumn("definition", 14, filled=True),
    FormColumn("previous", 9),
    FormColumn("target", 10),
    FormColumn("year", 6),
    FormColumn("value", 11, filled=True),
    FormColumn("numerator", 11, filled=True),
    FormColumn("denominator", 11, filled=True),
    FormColumn("status", 9, filled=True),
    FormColumn("changed", 7, filled=True),
    FormColumn("change_note", 15, filled=True),
    FormColumn("explanation", 15, filled=True),
    FormColumn("note", 12, filled=True),
)
INDEX = {column.key: i for i, column in enumerate(COLUMNS)}
REQUIRED = ("series", "year", "value")
STATUS_WORDS = {"A": "正常", "P": "初步数", "E": "估算数", "M": "缺报", "N": "不适用"}
STATUS_OF = {word: code for code, word in STATUS_WORDS.items()} | {code: code for code in (*STATUS_WORDS, "B")}
YES, NO = "是", "否"
SIGNATURES = ("filled_by", "checked_by", "head", "phone", "filled_on", "seal")


def plain(text: str) -> str:
    """A label without width, spaces, line breaks, colons and what stands in brackets."""
    half = str(text).translate(HALF_WIDTH)
    return re.sub(r"[\s::*]|\([^)]*\)", "", half)


def labels(key: str) -> tuple[str, ...]:
    """Header texts by which a column is known: its own, then what units have made of it."""
    return tuple(plain(t) for t in (say(f"returns.column.{key}"), *say(f"returns.alias.{key}").split("、")) if t)


def find_header(grid: Grid) -> tuple[int, dict[str, int], list[str]] | None:
    """Row of the header, column of each key, and header texts that stand twice; None when the sheet is no form.

    The header is the first row that holds every required column. Of columns with one header the first counts.
    """
    known = {label: column.key for column in reversed(COLUMNS) for label in labels(column.key)}
    for i, row in enumerate(grid.rows[:HEADER_WITHIN]):
        places: dict[str, int] = {}
        twice: list[str] = []
        for j, cell in enumerate(row):
            key = known.get(plain(cell.text)) if cell.text else None
            if key in places:
                twice.append(cell.text)
            elif key:
                places[key] = j
        if all(key in places for key in REQUIRED):
            return i, places, twice
    return None


def find_labels(grid: Grid, rows: int) -> dict[str, str]:
    """Texts beside the labels of the block above the table, by key: unit, year, area and the signatures."""
    wanted = _block()
    found: dict[str, str] = {}
    for row in grid.rows[:rows]:
        for j, cell in enumerate(row):
            head, _, rest = cell.text.translate(HALF_WIDTH).partition(":")
            key = wanted.get(plain(head))
            if key and key not in found:
                found[key] = rest.strip() or _beside(row[j + 1 :], wanted)
    return found


def heading_years(grid: Grid, rows: int) -> list[tuple[str, str, int]]:
    """Years said above the table, in its title and beside the label of the data year: address, text and year of each."""
    label = plain(say("returns.label.year"))
    found = []
    for i, row in enumerate(grid.rows[:rows]):
        for j, cell in enumerate(row):
            text = cell.text.translate(HALF_WIDTH)
            head, _, rest = text.partition(":")
            if plain(head) == label:
                year = as_year(rest.strip() or _beside(row[j + 1 :], ()))
            else:
                title = re.search(r"((?:19|20)[0-9]{2})年度报表", text)
                year = int(title[1]) if title else None
            if year:
                found.append((address(i, j), cell.text, year))
    return found


def as_year(text: str) -> int | None:
    """The year a cell says, such as 2025, 2025年 or 2025年度; None for none."""
    found = re.fullmatch(r"(?:19|20)[0-9]{2}", text.translate(HALF_WIDTH).strip().removesuffix("度").removesuffix("年"))
    return int(found[0]) if found else None


def looks_like_back_series(grid: Grid, top: int, name: str) -> bool:
    """Whether a table whose hidden sheet is gone says by its head, its instruction or its file's name that it asks for past years."""
    heads = {plain(cell.text) for cell in grid.rows[top] if cell.text}
    return plain(say("forms.reported")) in heads or first_year(grid, top) is not None or "历年" in name


def first_year(grid: Grid, top: int) -> int | None:
    """First year of a back series by its instruction above the table, where the hidden sheet is gone."""
    before, _, after = plain(say("forms.short_back", base="@")).partition("@")
    for row in grid.rows[:top]:
        for cell in row:
            found = re.search(rf"{re.escape(before)}([0-9]{{4}}){re.escape(after[:4])}", plain(cell.text))
            if found:
                return as_year(found[1])
    return None


def is_label(text: str) -> bool:
    """Whether a text is one of the block's labels, such as 填表人."""
    return plain(text.translate(HALF_WIDTH).partition(":")[0]) in _block()


def _block() -> dict[str, str]:
    """Keys of the block above the table by their labels."""
    return {plain(say(f"returns.label.{key}")): key for key in ("unit", "year", "area", *SIGNATURES)}


def _beside(cells: Sequence[Cell], wanted: Collection[str]) -> str:
    text = next((c.text for c in cells if c.text), "")
    return "" if plain(text.translate(HALF_WIDTH).partition(":")[0]) in wanted else text
