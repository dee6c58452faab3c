"""What the heads of a table name: years, across or down, and the columns of names, units, codes and values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise

from plananalysis.onboarding.files import cell_text
from plananalysis.returns.values import HALF_WIDTH
from plananalysis.sheets.grids import Cell, Grid

_YEAR = re.compile(r"(?P<year>(?:19|20)[0-9]{2})\s*(?:年度?|A|\.0)?(?:\s*(?:末|底|实际|实绩|实际值|数据|监测值|值))?")
YEAR_HEADS = ("年份", "年度", "年", "数据年份", "数据年度", "year", "时间")
NAME_HEADS = ("指标", "指标名称", "监测指标", "项目", "名称", "indicator", "series", "主要指标")
UNIT_HEADS = ("单位", "计量单位", "unit")
CODE_HEADS = ("代码", "指标代码", "编码", "编号", "code", "序号")
VALUE_HEADS = (
    *("数值", "值", "指标值", "实际值", "完成值", "数据", "value"),
    *("本区", "全区", "全市", "全县", "合计", "总计"),
)
_STEP = 5  # years between two heads of a table, at most


def year_of(cell: Cell) -> int | None:
    """The year a head names: ``2015``, ``2015年实际``, a date formatted as a year; None for anything else.

    >>> year_of(Cell("2015年度")), year_of(Cell(2015.0)), year_of(Cell("2011—2015年")), year_of(Cell(95.2))
    (2015, 2015, None, None)
    """
    if isinstance(cell.raw, date):
        return cell.raw.year
    text = cell_text(cell).translate(HALF_WIDTH).strip()
    found = _YEAR.fullmatch(text)
    year = int(found["year"]) if found else 0
    return year if 1949 <= year <= 2100 else None


def year_row(grid: Grid) -> tuple[int, dict[int, int]] | None:
    """The row that names most years, each in a column of its own: row, and year by column."""
    best: tuple[int, dict[int, int]] | None = None
    for at, row in enumerate(grid.rows):
        years = {column: year for column, cell in enumerate(row) if (year := year_of(cell))}
        single = len(years) == 1 and any("年" in row[c].text for c in years) and len([c for c in row if c.text]) > 1
        if (len(set(years.values())) > 1 or single) and (best is None or len(years) > len(best[1])):
            best = at, years
    return best


def year_blocks(grid: Grid, first: int, years: dict[int, int]) -> list[tuple[int, dict[int, int]]]:
    """Every row of a sheet that names years as its best one does, from the top: a table goes on below under further years, or for others."""
    found = []
    for at, row in enumerate(grid.rows):
        named = years if at == first else {c: year for c, cell in enumerate(row) if (year := year_of(cell))}
        steps = {after - before for before, after in pairwise(named.values())}
        regular = len(named) > 1 and len(steps) == 1 and 0 < abs(*steps) <= _STEP
        worded = named and all("年" in row[c].text for c in named)
        headed = any(plain(cell.text) in NAME_HEADS for cell in row[: min(named, default=0)])
        # values between 1949 and 2100 are no heads: as many years as the best row has, at one step, or years written as such
        if at == first or (regular and (worded or len(named) >= len(years) / 2)) or (worded and headed):
            found.append((at, named))
    return found


def year_column(grid: Grid) -> tuple[int, dict[int, int]] | None:
    """The column that names most years below each other: column, and year by row."""
    best: tuple[int, dict[int, int]] | None = None
    for column in range(max(map(len, grid.rows), default=0)):
        years = {at: year for at in range(len(grid.rows)) if (year := year_of(grid.cell(at, column)))}
        if len(set(years.values())) > 1 and (best is None or len(years) > len(best[1])):
            best = column, years
    return best


def column_of(heads: Mapping[int, str], words: Sequence[str]) -> int | None:
    return next(iter(columns_of(heads, words)), None)


def columns_of(heads: Mapping[int, str], words: Sequence[str]) -> list[int]:
    return [c for c, text in heads.items() if text.lower() in words]


def plain(text: str) -> str:
    return re.sub(r"\s+", "", text.translate(HALF_WIDTH)).strip(":：")
