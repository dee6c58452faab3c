"""Write an invented area as the folder of files a real office would hold."""

from __future__ import annotations

import csv
import io
import json
import math
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from plananalysis.base.errors import UsageError
from plananalysis.base.tables import read_rows, read_settings, shipped_notebooks, write_atomic, write_rows
from plananalysis.checks.quality import LOGIC_COLUMNS
from plananalysis.editions.inputs import SHARED
from plananalysis.observations.corrections import CORRECTION
from plananalysis.panels import tiles
from plananalysis.plan.check import COLUMNS
from plananalysis.returns.rows import NUMBERS
from plananalysis.simulate.dynamics import area_codes, draw_area, stream
from plananalysis.simulate.groups import split
from plananalysis.simulate.levels import Levels, asked_counts, read_levels
from plananalysis.simulate.troubles import RECORD_COLUMNS, Returns, bend, choose

OBSERVATION_COLUMNS = ["series", "group", "year", *NUMBERS, "status", "definition", "reported_at", "source", "note"]
_BASE_YEAR, _TARGET_YEAR = 2020, 2030


def simulate(
    root: Path, areas: int | None = None, seed: int | None = None, target: Path | None = None, as_of: int | None = None
) -> list[Path]:
    """Write the example area, or any number of districts.

    Parameters
    ----------
    root
        Project folder, where the simulation's tables and the plan's structure are.
    areas
        How many districts ``sim-0001``, ``sim-0002``, …; the one ``example`` area when None.
    seed
        Same seed, same bytes; the settings' own when None.
    target
        Project folder to write into (``target/data/raw/<code>``). For the example area the project itself; for many districts
        ``<root>/simulated``, so that they do not stand among the real areas.
    as_of
        Last data year; the settings' own when None.

    Returns
    -------
    list of Path
        The area folders written.
    """
    levels = read_levels(root)
    settings = levels.settings
    seed = settings["seed"] if seed is None else seed
    if as_of is not None and not _BASE_YEAR < as_of <= _TARGET_YEAR:
        raise UsageError(
            f"规划期为 {_BASE_YEAR + 1}—{_TARGET_YEAR} 年,没有 {as_of} 年版；终期评估用 --as-of {_TARGET_YEAR} --edition final。"
        )
    if areas is None:
        one = settings["example"]
        names = {"code": one["code"], "name": one["name"], "name_en": one["name_en"], "size": one["size"]}
        return [simulate_area(root, seed=seed, target=target, as_of=as_of, levels=levels, **names)]
    if areas < 1:
        raise UsageError(f"区的个数应为 1 以上的整数,现为 {areas}。")
    target = target or root / "simulated"
    furnish(root, target)
    many = settings["many"]
    city = "".join(f"{key} = {json.dumps(many[f'city_{key}'], ensure_ascii=False)}\n" for key in ("name", "name_en"))
    write_atomic(target / "data" / "raw" / "city.toml", f"# {settings['text']['mark']}\n{city}".encode())
    write_rows(_squares(areas, settings), [*tiles.COLUMNS, *tiles.OPTIONAL[:2]], target / "data" / "raw" / tiles.FILE)
    folders = []
    for n, code in enumerate(area_codes(areas), start=1):
        name, name_en = (many[key].format(number=n) for key in ("name", "name_en"))
        folders.append(simulate_area(root, code, name, seed, target, as_of, name_en=name_en, levels=levels))
    return folders


def _squares(areas: int, settings: dict[str, Any]) -> list[dict[str, Any]]:
    """Invented squares of invented districts: row by row, about as many across as down."""
    across, names = math.ceil(math.sqrt(areas)), ("short", "short_en")
    return [
        {"area": code, "column": n % across + 1, "row": n // across + 1, "source": settings["text"]["mark"]}
        | {name: settings["many"][name].format(number=n + 1) for name in names}
        for n, code in enumerate(area_codes(areas))
    ]


def furnish(root: Path, target: Path) -> None:
    """Copy what areas need wherever they stand, so that ``target`` is a whole project: thresholds, names of groups, English
    names, and notebooks where the project has its own."""
    shared = [root / "data" / "raw" / name for name in (*SHARED, "english.csv")]
    own = root / "notebooks"
    notebooks = [] if own.resolve() == shipped_notebooks().resolve() else sorted(own.glob("[0-9]*"))
    for path in [*shared, *notebooks]:
        if path.is_file() and target.resolve() != root.resolve():
            write_atomic(target / path.relative_to(root), path.read_bytes())


def simulate_area(
    root: Path,
    code: str,
    name: str,
    seed: int,
    target: Path | None = None,
    as_of: int | None = None,
    size: float | None = None,
    name_en: str = "",
    levels: Levels | None = None,
) -> Path:
    """Write one complete area folder: settings, plan, submissions, corrections, and the list of what was planted.

    Parameters
    ----------
    size
        Population relative to the simulation's tables; drawn when None.

    Raises
    ------
    UsageError
        A folder of that name holds an area that is not marked fictional; it is never overwritten.
    """
    levels = levels or read_levels(root)
    as_of = as_of or levels.settings["as_of"]
    folder = (target or root) / "data" / "raw" / code
    with replaced(folder, f"{folder.name} 不是虚构地区的目录,不得覆盖。请换一个代码。") as draft:
        returns = _returns(root, code, seed, levels, as_of, size)
        write_settings(draft, levels, name, name_en or code, seed, as_of)
        write_plan(root, draft, levels)
        files: dict[str, list[dict[str, Any]]] = {}
        for row in returns.rows:
            files.setdefault(row["file"], []).append(row)
        for file, rows in sorted(files.items()):
            _write(rows, OBSERVATION_COLUMNS, draft / "observations" / file)
        _write(returns.corrections, CORRECTION, draft / "corrections.csv")
        _write(returns.records, RECORD_COLUMNS, draft / "troubles.csv")
        if code == levels.settings["example"]["code"]:  # measures are told by hand, for one area to show them
            (draft / "actions.csv").write_bytes((root / "data" / "raw" / "simulation" / "actions.csv").read_bytes())
    return folder


def _returns(root: Path, code: str, seed: int, levels: Levels, as_of: int, size: float | None) -> Returns:
    """Everything the area's units send in, troubles included."""
    troubles = choose(root, levels, stream(code, seed, "troubles"), as_of)
    figures = draw_area(code, seed, levels, size)
    bent, touched = bend(levels, troubles)
    for straight, altered in zip(figures, draw_area(code, seed, bent, size, counting="altered"), strict=True):
        straight[touched] = altered[touched]
    reporting, text = levels.settings["reporting"], levels.settings["text"]
    rows = _rows(levels, figures, stream(code, seed, "groups"), as_of)
    dates = _dates(rows, levels, stream(code, seed, "reporting"))
    for row in rows:
        row["reported_at"], row["source"] = dates[row["file"]], text["mark"]
    closing = f"截止 {{year}} 年 {reporting['data_closes_months']} 月末"
    returns = Returns(rows, as_of, closing, dates, text["mark"])
    for trouble in troubles:
        returns.plant(trouble)
    return returns


def _rows(
    levels: Levels, figures: tuple[np.ndarray, ...], rng: np.random.Generator, as_of: int
) -> list[dict[str, Any]]:
    """Rows of totals and groups, in the plan's order, without dates."""
    first, last = levels.settings["reporting"]["back_series"]
    groups = split(levels, figures, rng)
    rows: list[dict[str, Any]] = []
    for i, about in enumerate(levels.rows):
        unit = about["responsible_units"].split(";")[0]  # the first one collects the others' figures
        for year in levels.years[(levels.years <= as_of) & levels.observed[i]]:
            t = int(year - levels.years[0])
            for group, (value, numerator, denominator) in {
                "total": tuple(f[i, t] for f in figures),
                **groups.get((i, t), {}),
            }.items():
                counted = asked_counts(about)
                events = about["numerator"] and not about["denominator"]  # the value is itself the count
                rows.append(
                    {
                        "series": about["series"],
                        "group": group,
                        "year": int(year),
                        "value": f"{value:.{levels.decimals[i]}f}",
                        "numerator": f"{numerator:.0f}" if counted else f"{value:.0f}" if events else "",
                        "denominator": f"{denominator:.0f}" if counted else "",
                        "status": "A",
                        "definition": levels.definition[i],
                        "note": "",
                        "unit": unit,
                        "file": f"{unit}_{first}-{last}.csv" if year <= last else f"{unit}_{year}.csv",
                    }
                )
    return rows


def _dates(rows: list[dict[str, Any]], levels: Levels, rng: np.random.Generator) -> dict[str, str]:
    """The day each file was handed in: some spring working day after its last year."""
    reporting, years = levels.settings["reporting"], levels.years.tolist()
    units = sorted({row["unit"] for row in rows})
    draws = rng.random((len(years), len(units)))  # for all years, so that next year's files leave these dates alone
    dates = {}
    for file, unit, year in sorted(
        {(row["file"], row["unit"], max(row["year"], reporting["back_series"][1])) for row in rows}
    ):
        opens, closes = (date.fromisoformat(f"{year + 1}-{reporting[k]}") for k in ("opens", "closes"))
        day = opens + timedelta(days=int(draws[years.index(year), units.index(unit)] * ((closes - opens).days + 1)))
        dates[file] = (day - timedelta(days=max(day.weekday() - 4, 0))).isoformat()
    return dates


@contextmanager
def replaced(folder: Path, refusal: str) -> Iterator[Path]:
    """A new folder that takes the place of an invented area's once it is complete; any other area's is refused."""
    settings = folder / "area.toml"
    if folder.exists() and not (settings.is_file() and read_settings(settings, folder).get("fictional") is True):
        raise UsageError(refusal)
    draft = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(draft, ignore_errors=True)
    yield draft
    if folder.exists():
        shutil.rmtree(folder)
    draft.rename(folder)


def write_settings(draft: Path, levels: Levels, name: str, name_en: str, seed: int, as_of: int) -> None:
    text, reporting = levels.settings["text"], levels.settings["reporting"]
    draft.mkdir(parents=True)
    (draft / "area.toml").write_bytes(
        f"""# {text["mark"]}。由 plananalysis simulate 生成,种子 {seed};请勿手工修改,重新生成时会被覆盖。
name = "{name}"
name_en = "{name_en}"
office = "{text["issuer"]}"
office_en = "{text["issuer_en"]}"
fictional = true
as_of = {as_of}
data_closes_months = {reporting["data_closes_months"]}
comparators = []

[[outlines]]
id = "2021-2030"
base_year = {_BASE_YEAR}
target_year = {_TARGET_YEAR}
issued = "{reporting["issued"]}"
title = "{text["title"]}"
short = "{text["short"]}"
short_en = "{text["short_en"]}"
source = "{text["mark"]}"
""".encode(),
    )


def write_plan(root: Path, draft: Path, levels: Levels) -> None:
    """The structure of the plan that is copied, with every trace of where it was found replaced by the mark."""
    settings = levels.settings
    mark, issued = settings["text"]["mark"], settings["reporting"]["issued"]
    source = root / "data" / "raw" / settings["plan_area"] / "plan"
    plan = {
        name: read_rows(source / f"{name}.csv", root, columns)
        for name, columns in COLUMNS.items()
        if name != "companions" and (source / f"{name}.csv").is_file()
    }
    for row in plan["series"]:
        row.update(source_line="", note=mark)
    for row in plan["definitions"]:
        row.update(note=mark)
    first = min(row["decided_on"] for row in plan["targets"])
    plan["targets"] = [
        row for row in plan["targets"] if row["decided_on"] == first
    ]  # what was printed, before any decision
    for row in plan["targets"]:
        row.update(decided_on=issued, decided_by=settings["text"]["decided_by"], evidence_url="", evidence_quote=mark)
    printed = {row["series"]: row for row in plan["targets"]}
    office = {"decided_by": settings["text"]["office"], "operator_source": "office", "confidence": "high"}
    empty = dict.fromkeys(("operator", "value", "low", "high", "reference"), "")
    plan["targets"] += [{**printed[d["series"]], **empty, **office, **d} for d in settings["decisions"]]
    for name, rows in plan.items():
        _write(rows, COLUMNS[name], draft / "plan" / f"{name}.csv")
    logic = read_rows(source / "logic.csv", root, LOGIC_COLUMNS)
    marked = [{**row, "reason": f"{row['reason']}({mark})"} for row in logic]
    _write(marked, LOGIC_COLUMNS, draft / "plan" / "logic.csv")


def _write(rows: list[dict[str, Any]], columns: Sequence[str], path: Path) -> None:
    """CSV as ``tables.write_rows`` writes it, without waiting for the disk: the whole folder is renamed once it is complete."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.getvalue().encode("utf-8-sig"))
