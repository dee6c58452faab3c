"""A new area: its folder with settings and empty tables, and nothing of any other place in it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from plananalysis.base.errors import UsageError
from plananalysis.base.names import is_code
from plananalysis.base.tables import shipped, write_atomic, write_rows
from plananalysis.base.text import say
from plananalysis.onboarding.plan_tables import COLUMNS, NEEDED
from plananalysis.onboarding.settings import written
from plananalysis.plan.check import OPTIONAL
from plananalysis.plan.thresholds import FILE as NATIONAL


def new_area(root: Path, area: str, name: str, year: int, name_en: str = "") -> Path:
    """Lay down the folder of a new area.

    Parameters
    ----------
    name, name_en
        Of the area; the English name is the other where it is not given.
    year
        Last data year of its first edition; the plan period is taken to be the ten years from 2021, 2031 … that hold it, until
        the workbook says otherwise.

    Returns
    -------
    Path
        The folder in ``data/raw``.

    Raises
    ------
    UsageError
        The code is none, or there is a folder of that name already.
    """
    folder = root / "data" / "raw" / area
    if not is_code(area):
        raise UsageError(say("plan.rules.area_code.rule"))
    if folder.exists():
        raise UsageError(say("workbook.error.exists", area=area, folder=folder))
    if not (root / NATIONAL).is_file():  # the first area of a project: its thresholds are data, to be seen and changed
        write_atomic(root / NATIONAL, shipped(NATIONAL).read_bytes())
    base = year - 1 - (year - 1) % 10
    # what is known only now has to be in the first edition: it closes at the end of this year, or of the year after its own
    months = 12 * max(1, date.today().year - year)
    settings = {"name": name, "name_en": name_en or name, "fictional": False}
    settings |= {"as_of": year, "data_closes_months": months, "comparators": []}
    outline = {"id": f"{base + 1}-{base + 10}", "base_year": base, "target_year": base + 10}
    outline |= {"issued": f"{base + 1}-12-31", "source": say("workbook.new.source")}
    outline["title"] = say("workbook.new.title", area=name)
    for table in NEEDED:
        columns = [c for c in COLUMNS[table] if c not in OPTIONAL.get(table, ())]
        write_rows([], columns, folder / "plan" / f"{table}.csv")
    (folder / "observations").mkdir()
    write_atomic(folder / "area.toml", written(settings, [outline]).encode())
    return folder
