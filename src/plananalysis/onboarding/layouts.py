"""Tables as offices have them, understood: years across or down, one sheet an indicator or one for all, several rows of heads, merged cells.

Nothing is guessed about numbers: a cell is handed on as it stands, with the place it stands in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from plananalysis.onboarding.files import cell_text
from plananalysis.onboarding.heads import (
    CODE_HEADS,
    NAME_HEADS,
    UNIT_HEADS,
    VALUE_HEADS,
    YEAR_HEADS,
    column_of,
    columns_of,
    plain,
    year_blocks,
    year_column,
    year_of,
    year_row,
)
from plananalysis.onboarding.printed_units import spelt, split_unit, unit_of_all
from plananalysis.plan.units import is_unit
from plananalysis.returns.values import parse_value
from plananalysis.sheets.grids import Cell, Grid, address

# columns and rows about something else than the indicator's own yearly values
_ASIDE = re.compile(
    r"目标|规划值|基期|备注|说明|来源|责任|增幅|增长率?\s*[(（]|比上年|排名|位次|全国|全省|target|note|source|rank",
    re.I,
)
_GROUPS = ("男", "女", "男性", "女性", "男童", "女童", "城镇", "农村", "城市", "乡村")
_TOTALS = ("合计", "总计", "全部", "全体", "计", "总数", "")


@dataclass(frozen=True)
class Entry:
    """One value of a table: the year, the cell, and where it stands."""

    year: int
    cell: Cell
    address: str


@dataclass(frozen=True)
class Line:
    """What a table says of one indicator.

    Parameters
    ----------
    name
        What stands beside or above the values, from the outermost head inwards.
    unit, code
        As printed in a column of their own or in brackets behind the name; "" where neither is.
    group
        A group of people (男, 农村) that the values are about; "" for everybody.
    where
        Address of the name.
    """

    sheet: str
    name: str
    unit: str
    code: str
    group: str
    where: str
    entries: tuple[Entry, ...]
    layout: str

    @property
    def called(self) -> str:
        """Its name, with the group of people it is about."""
        return f"{self.name}·{self.group}" if self.group else self.name

    @property
    def years(self) -> list[int]:
        """Its years with something in the cell, in order."""
        return sorted(e.year for e in self.entries)


def lines_of(grids: Sequence[Grid]) -> list[Line]:
    """Every indicator that the visible sheets of a file tell of, in the order in which they stand."""
    found: list[Line] = []
    for grid in grids:
        if not grid.hidden:
            found += _of_sheet(grid)
    return found


def _of_sheet(grid: Grid) -> list[Line]:
    heads = _heads_of_long(grid)
    if heads:
        return list(_long(grid, *heads))
    across, down = year_row(grid), year_column(grid)
    if across and (not down or len(across[1]) >= len(down[1])):
        blocks = year_blocks(grid, *across)
        ends = [*(at for at, _ in blocks[1:]), len(grid.rows)]
        found = [line for (at, years), end in zip(blocks, ends, strict=True) for line in _across(grid, at, years, end)]
    else:
        found = list(_down(grid, *down)) if down else []
    unit = unit_of_all(grid)
    return [replace(line, unit=line.unit or unit) for line in found]


def _across(grid: Grid, head: int, years: Mapping[int, int], end: int) -> Iterator[Line]:
    """Indicators below each other down to a row, years beside each other."""
    first = min(years)
    beside = [c for c in range(max(map(len, grid.rows[head:end]))) if c not in years]
    heads = {c: plain(_head(grid, head, c)) for c in beside}
    columns = _value_columns(grid, head, years)
    carried: dict[int, str] = {}
    names = column_of({c: text for c, text in heads.items() if c < first}, NAME_HEADS)
    if names is None:
        others = columns_of(heads, (*UNIT_HEADS, *CODE_HEADS))
        names = _widest(grid, head + 1, [c for c in range(first) if c not in others])
    unit_column, code_column = column_of(heads, UNIT_HEADS), column_of(heads, CODE_HEADS)
    for at in range(head + 1, end):
        texts = {c: cell_text(grid.cell(at, c)) for c in beside if c < first or c in (unit_column, code_column)}
        for column, text in texts.items():
            if text:
                carried[column] = text
                if column == names:
                    carried = {c: t for c, t in carried.items() if c <= column or texts[c]}
        entries = _entries(grid, [(at, c, year) for c, year in columns.items()])
        name = carried.get(-1 if names is None else names, "")
        if not entries or not name or _is_heading(grid, at, columns):
            continue
        group = next((t for c, t in texts.items() if c < first and t in _GROUPS), "")
        unit = "" if unit_column is None else carried.get(unit_column, "")
        code = "" if code_column is None else texts[code_column]
        yield _line(grid.name, name, unit, code, group, address(at, names or 0), entries, "across")


def _entries(grid: Grid, places: Sequence[tuple[int, int, int]]) -> tuple[Entry, ...]:
    """The cells at some places (row, column, and the year of each) that hold something."""
    return tuple(Entry(year, grid.cell(r, c), address(r, c)) for r, c, year in places if _filled(grid.cell(r, c)))


def _value_columns(grid: Grid, head: int, years: Mapping[int, int]) -> dict[int, int]:
    """The column of each year's own value: of several of one year the first, or the one called 合计 in the row below."""
    chosen: dict[int, int] = {}
    for column, year in years.items():
        run = [column]
        while len(run) < 8 and run[-1] + 1 not in years and not grid.cell(head, run[-1] + 1).text:
            run.append(run[-1] + 1)
        called = {c: plain(cell_text(grid.cell(head + 1, c))) for c in run}
        totals = [c for c in run if called[c] in _TOTALS[:-1] or called[c] in VALUE_HEADS]
        parts = len(run) > 1 and any(text in _GROUPS for text in called.values())
        taken = totals[0] if parts and totals else column
        if year not in chosen.values() and not _ASIDE.search(cell_text(grid.cell(head, column))):
            chosen[taken] = year
    return chosen


def _down(grid: Grid, column: int, years: Mapping[int, int]) -> Iterator[Line]:
    """Years below each other, indicators beside each other; or one indicator a sheet."""
    first = min(years)
    width = max(map(len, grid.rows[first : max(years) + 1]), default=0)
    named: list[tuple[int, list[str], str]] = []
    for c in range(width):
        if c == column or not any(_number(grid.cell(at, c)) for at in years):
            continue
        named.append((c, _heads_above(grid, first, c, column), address(max(first - 1, 0), c)))
    values = [n for n in named if not _ASIDE.search("".join(n[1][-1:]))]
    alone = len(values) == 1 or (
        values and all(plain(n[1][-1] if n[1] else "") in (*VALUE_HEADS, *_GROUPS) for n in values)
    )
    for c, heads, where in values:
        unit = next((h for h in heads if is_unit(plain(h)) and h != heads[0]), "")
        heads = [h for h in heads if h != unit or h == heads[0]]
        own = [h for h in heads if plain(h) not in (*VALUE_HEADS, *YEAR_HEADS) and h not in _GROUPS]
        group = next((h for h in heads if h in _GROUPS), "")
        name = own[-1] if own else ""
        if alone and not name:
            name = _title(grid, first) or grid.name
        entries = _entries(grid, [(at, c, year) for at, year in years.items()])
        if name and entries and name not in _TOTALS:
            yield _line(grid.name, name, unit, "", group, where, entries, "sheet" if alone else "down")


def _heads_above(grid: Grid, first: int, column: int, years: int) -> list[str]:
    """Heads of a column from the top, those merged over several columns among them; titles over the whole sheet are none."""
    found = []
    for at in range(first):
        row = grid.rows[at]
        filled = [c for c, cell in enumerate(row) if cell.text]
        if len(filled) < 2 and len(grid.rows[first]) > 2:
            continue  # a title
        held = max((c for c in filled if c <= column), default=None)
        if held is None or held == years:
            continue
        if text := cell_text(row[held]):
            found.append(text)
    return list(dict.fromkeys(found))


def _heads_of_long(grid: Grid) -> tuple[int, dict[str, int]] | None:
    """The head of a table with one value a row: columns named year, indicator and value."""
    for at, row in enumerate(grid.rows[:20]):
        heads = {c: plain(cell_text(cell)) for c, cell in enumerate(row)}
        year, name = column_of(heads, YEAR_HEADS), column_of(heads, NAME_HEADS)
        value = column_of(heads, VALUE_HEADS)
        if year is not None and name is not None and value is not None:
            found = {"year": year, "name": name, "value": value}
            for key, words in (("unit", UNIT_HEADS), ("code", CODE_HEADS[:-1])):
                if (column := column_of(heads, words)) is not None:
                    found[key] = column
            return at, found
    return None


def _long(grid: Grid, head: int, columns: Mapping[str, int]) -> Iterator[Line]:
    found: dict[tuple[str, str], Line] = {}
    name = ""
    for at in range(head + 1, len(grid.rows)):
        name = cell_text(grid.cell(at, columns["name"])) or name
        year, cell = year_of(grid.cell(at, columns["year"])), grid.cell(at, columns["value"])
        if year is None or not _filled(cell):
            continue
        unit, code = (cell_text(grid.cell(at, columns[c])) if c in columns else "" for c in ("unit", "code"))
        entry = Entry(year, cell, address(at, columns["value"]))
        held = found.get((name, code))
        where = address(at, columns["name"])
        made = held or _line(grid.name, name, unit, code, "", where, (), "long")
        found[name, code] = replace(made, entries=(*made.entries, entry))
    yield from found.values()


def _line(
    sheet: str, name: str, unit: str, code: str, group: str, where: str, entries: tuple[Entry, ...], layout: str
) -> Line:
    bare, printed = split_unit(name)
    return Line(sheet, bare, unit if is_unit(unit) else printed or spelt(unit), code, group, where, entries, layout)


def _filled(cell: Cell) -> bool:
    return cell.raw is not None and cell.text != ""


def _number(cell: Cell) -> bool:
    return parse_value(cell.raw, cell.number_format).kind == "number"


def _is_heading(grid: Grid, at: int, columns: Mapping[int, int]) -> bool:
    """Whether a row names years or columns again instead of holding values."""
    named = sum(year_of(grid.cell(at, c)) == year for c, year in columns.items())
    return 2 * named > len(columns) > 1 or all(
        not _number(grid.cell(at, c)) and parse_value(grid.cell(at, c).raw).kind != "missing" for c in columns
    )


def _head(grid: Grid, head: int, column: int) -> str:
    """The head of a column left of the years: in the row of the years, or in one of the two above or the one below."""
    known = (*NAME_HEADS, *UNIT_HEADS, *CODE_HEADS)
    texts = [cell_text(grid.cell(at, column)) for at in (head, head - 1, head - 2, head + 1) if at >= 0]
    return next((text for text in texts if plain(text) in known), texts[0])


def _title(grid: Grid, first: int) -> str:
    """A title over one indicator's table: a cell that stands alone above the years and says more than the name of the sheet."""
    for at in range(first):
        filled = [cell for cell in grid.rows[at] if cell.text]
        if len(filled) == 1 and "表" not in filled[0].text and not year_of(filled[0]):
            return cell_text(filled[0])
    return ""


def _widest(grid: Grid, first: int, columns: Sequence[int]) -> int | None:
    """The column with most different words in it."""
    words = {
        c: {t for at in range(first, len(grid.rows)) if (t := grid.cell(at, c).text) and not _number(grid.cell(at, c))}
        for c in columns
    }
    return max(words, key=lambda c: (len(words[c]), c), default=None)
