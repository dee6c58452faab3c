"""Units of measure as tables print them: in brackets behind a name, or once for a whole sheet."""

from __future__ import annotations

import re

from plananalysis.returns.values import HALF_WIDTH
from plananalysis.sheets.grids import Grid

_ABOVE = 6  # rows in which a sheet says its unit of measure


def split_unit(name: str) -> tuple[str, str]:
    """A name without the unit of measure in brackets behind it, and that unit.

    >>> split_unit("孕产妇死亡率（1/10万）"), split_unit("学校眼保健操普及率(%"), split_unit("免疫接种率(以乡镇为单位)")
    (('孕产妇死亡率', '1/10万'), ('学校眼保健操普及率', '%'), ('免疫接种率(以乡镇为单位)', ''))
    """
    found = re.fullmatch(r"(.+?)\s*[(（\[]\s*(?:单位\s*[:：]\s*)?([^()（）]{1,12}?)\s*[)）\]]?\s*", name)
    if not found:
        return name.strip(), ""
    unit = spelt(found[2].translate(HALF_WIDTH))
    return (found[1].strip(), unit) if unit else (name.strip(), "")


def spelt(unit: str) -> str:
    """A unit as it is typed, "" for what is none: of words only those that are units of measure everywhere."""
    plain = {"/10万": "1/10万", "十万分之": "1/10万", "百分比": "%", "每10万": "1/10万"}.get(unit, unit)
    known = re.fullmatch(
        r"%|‰|1/10万|人|人次|万人|件|例|起|个|所|张|名|户|岁|年|小时|万元|亿元|元|公里|平方米|吨|万吨", plain
    )
    return plain if known else ""


def unit_of_all(grid: Grid) -> str:
    """The one unit of measure that a sheet names for all its values (单位：%); "" where it names none or several."""
    for row in grid.rows[:_ABOVE]:
        for cell in row:
            if found := re.fullmatch(
                r"[（(]?\s*(?:计量)?单位\s*[:：]\s*([^、，,；;]{1,12}?)\s*[)）]?", cell.text.strip()
            ):
                return spelt(found[1].translate(HALF_WIDTH))
    return ""
