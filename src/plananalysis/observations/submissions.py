"""Submissions as they were typed: read, corrected only by written corrections, and refused with everything wrong with them."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd

from plananalysis import schema
from plananalysis.base import area_changes, tables
from plananalysis.base.errors import DataError, Problem, UsageError
from plananalysis.base.spreadsheets import as_date
from plananalysis.base.text import listed, say
from plananalysis.observations.continued import Measure, continued
from plananalysis.observations.corrections import corrected
from plananalysis.observations.histories import as_rows, counting, in_order
from plananalysis.observations.numbers import parse_number
from plananalysis.observations.problems import about, file_name, problem
from plananalysis.observations.walk import KEY, PERIOD_WORD, STATUSES, definitions
from plananalysis.plan.check import COLUMNS as PLAN_COLUMNS
from plananalysis.plan.findings import iso_date
from plananalysis.returns.counted import SINCE, TABLE_COLUMNS, TABLE_OPTIONAL, UNTIL, USE, used_rows
from plananalysis.returns.rows import NUMBERS

# of rows of returns; tables count from the day they were reported, until they are withdrawn
_DECIDED = (SINCE, UNTIL, USE)
_TYPES = {"year": "int64", "file_row": "int64", **dict.fromkeys(NUMBERS, "float64")}
_COLUMNS = (
    *(c for c in schema.table("edition", "observations").stored if c != "question"),
    *(f"{name}_text" for name in NUMBERS),
    *_DECIDED,
)
# two marks on one value, however they are put together
_SPELT = {
    f"{a}{mark}{b}": f"B{p}"
    for p in "PE"
    for mark in ("", ";", ",", "、", "/", "+", " ")
    for a, b in (("B", p), (p, "B"))
}
GROUP = re.compile(r"total|[a-z_]+:[a-z0-9_+-]+")
_YEAR = re.compile(r"(19|20)[0-9]{2}|2100")
_PERIOD = re.compile(r"((?:19|20)[0-9]{2}) ?[-—–~至] ?((?:19|20)?[0-9]{2})")  # 2003—05: one value for several years
_LONGEST = 10  # years of a period


def load_observations(root: str | Path, area: str, known_series: Collection[str] | None = None) -> pd.DataFrame:
    """Every value ever submitted for an area, corrected, typed and sorted; empty when nothing was submitted.

    Where the project declares that the area came out of others, their sums stand among them (`observations.continued`).

    Parameters
    ----------
    known_series
        Codes a submission may use; by default those of the area's plan, of all its periods, and any code for a place
        without a plan.

    Returns
    -------
    DataFrame
        Numbers as float (``value`` is NaN exactly when ``status`` is M, or where the area changed without one yet) beside the text that was typed (``value_text``);
        ``submission`` and ``file_row`` say where it stands, ``correction`` why it was changed and ``submitted_value`` from what.
        A value of a return stands once for each time in which it was in use, from ``counts_from`` until before ``counts_until``
        ("" while it still is), one of a table until the table is withdrawn;
        ``use`` is ``provisional`` where it is used with open questions.

    Raises
    ------
    UsageError
        There is no such area.
    DataError
        Any submission or correction breaks a rule; all problems of all files are listed.
    """
    root = Path(root)
    home = root / "data" / "raw" / area
    if not home.is_dir():
        raise UsageError(say("observations.no_area", area=area, areas=listed(tables.areas(root))))
    name = None  # a place without a plan may hold rows of several areas, under their own codes
    if (home / "area.toml").is_file():
        name = str(tables.read_settings(home / "area.toml", root).get("name", area))
        known_series = _codes(root, home / "plan" / "series.csv") if known_series is None else known_series
    problems: list[Problem] = []
    rows = _submitted_rows(root, home / "observations", problems)
    rows += used_rows(root, area, problems)  # forms that came back and are in use, or were once
    fixed = corrected(root, home / "corrections.csv", rows, problems, known_series)
    typed = [_typed(row, area, name, known_series) for row in [*rows, *fixed.values()]]
    typed = [row for i, row in enumerate(typed) if not (row["problems"] and i in fixed)]  # unreadable, but corrected
    problems += [p for row in typed for p in row["problems"]]
    sound = [row for row in typed if not row["problems"]]
    _name_the_only_definition(sound, home / "plan" / "definitions.csv", root)
    observations = in_order(pd.DataFrame(sound, columns=list(_COLUMNS)).astype(_TYPES))
    problems += _conflicts(counting(observations), home / "observations", root, known_series)
    if problems:
        raise DataError(sorted(problems, key=lambda p: (p.file, p.row)))
    return _carried_on(root, area, observations) if name else observations


def _carried_on(root: Path, area: str, observations: pd.DataFrame) -> pd.DataFrame:
    """Reports with those of the areas that this one came out of, as the project declares."""
    changes = area_changes.read_changes(root)
    if not (mine := area_changes.of_area(changes, area)):
        return observations
    raw = root / "data" / "raw"
    names = {code: name for c in mine for (_, code), name in c.names.items()}
    measures = {
        r["series"]: Measure(r["unit"], int(r["decimals"]) if r["decimals"].isdecimal() else 0)
        for r in tables.read_rows(raw / area / "plan" / "series.csv", root, PLAN_COLUMNS["series"])
        if r["role"] != "compound"
    }

    def of(place: str) -> pd.DataFrame:
        return load_observations(root, place) if (raw / place).is_dir() else observations.iloc[:0]

    def named(place: str) -> str:
        path = raw / place / "area.toml"
        return names.get(place) or (
            str(tables.read_settings(path, root).get("name", place)) if path.is_file() else place
        )

    made, problems = continued(observations, area, mine, of, measures, named)
    if problems:
        raise DataError(problems)
    return made


def observations_table(observations: pd.DataFrame) -> pd.DataFrame:
    """The derived table as written: numbers as they were typed, so that rebuilding gives the same bytes."""
    table = observations.assign(**{name: observations[f"{name}_text"] for name in NUMBERS})
    return table[[c for c in _COLUMNS if not c.endswith("_text") and c not in _DECIDED]]


def _codes(root: Path, path: Path) -> dict[str, str]:
    """Codes of all series that carry observations with their names, whatever edition: a report for an earlier outline stays readable."""
    rows = tables.read_rows(path, root, PLAN_COLUMNS["series"])
    return {r["series"]: r["name"] for r in rows if r["role"] != "compound"}


def _submitted_rows(root: Path, folder: Path, problems: list[Problem]) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    problems += tables.strays(folder, root)
    for path in sorted(folder.iterdir(), key=lambda p: p.name) if folder.is_dir() else []:
        if path.name.startswith(tables.UNREAD) or path.suffix.lower() != ".csv":
            continue
        try:
            found = tables.read_rows(path, root, TABLE_COLUMNS, TABLE_OPTIONAL, {"reported_at": as_date})
        except DataError as error:
            problems += error.problems
            continue
        rows += [
            {**r, "file": file_name(path, root), "submission": path.name, "group": r["group"] or "total"} for r in found
        ]
    return rows


def _name_the_only_definition(rows: list[dict[str, Any]], path: Path, root: Path) -> None:
    """Where the plan knows one definition of a series and nobody reported by another, a blank cell means that one."""
    if not path.is_file():
        return
    known: dict[str, set[str]] = {}
    with suppress(DataError):  # the plan's own reading lists what is wrong with it
        for row in tables.read_rows(path, root, PLAN_COLUMNS["definitions"]):
            known.setdefault(row["series"], set()).add(row["definition"])
    for row in rows:
        if row["definition"] and row["series"] in known:
            known[row["series"]].add(row["definition"])
    for row in rows:
        if not row["definition"] and len(known.get(row["series"], ())) == 1:
            (row["definition"],) = known[row["series"]]


def _typed(row: dict[str, str], area: str, plan_name: str | None, known: Collection[str] | None) -> dict[str, Any]:
    """The row as it goes into the table; ``"problems"`` lists what is wrong with it."""
    wrong: list[tuple[str, str, dict[str, Any]]] = []
    if known is not None and row["series"] not in known:
        wrong.append(("series", "unknown_series", {"near": _near(row["series"], known)}))
    if plan_name and row["area"] not in ("", area, plan_name):
        wrong.append(("area", "other_area", {"name": plan_name}))
    if not GROUP.fullmatch(row["group"]):
        wrong.append(("group", "bad_group", {}))
    row = _of_period(row)
    if not _YEAR.fullmatch(row["year"]):
        wrong.append(("year", "bad_year", {}))
    if not iso_date(row["reported_at"]):
        wrong.append(("reported_at", "bad_date", {}))
    elif _YEAR.fullmatch(row["year"]) and row["reported_at"][:4] < row["year"]:
        wrong.append(("year", "future_year", {}))
    row["status"] = _SPELT.get(row["status"], row["status"])
    if row["status"] not in STATUSES:
        wrong.append(("status", "bad_status", {}))
    elif row["status"] == "M" and row["value"]:
        wrong.append(("value", "value_with_missing", {}))
    elif row["status"] != "M" and not row["value"]:
        wrong.append(("value", "empty_value", {}))
    numbers = dict.fromkeys(NUMBERS, math.nan)
    for column in (c for c in NUMBERS if row[c] and (c, row["status"]) != ("value", "M")):
        number, advice = parse_number(row[column])
        if number is None:
            wrong.append((column, "bad_number", {"advice": advice}))
        elif number < 0 and column != "value":
            wrong.append((column, "negative_count", {}))
        else:
            numbers[column] = number
    texts = {c: row.get(c, "") for c in _COLUMNS} | {f"{c}_text": row[c] for c in NUMBERS}
    place = area if plan_name else row["area"] or area
    told = about(row, known)
    problems = [problem(row["file"], int(row["#"]), c, row[c], key, told, **fields) for c, key, fields in wrong]
    return {**texts, **numbers, "area": place, "file_row": int(row["#"]), "problems": problems}


def _of_period(row: dict[str, str]) -> dict[str, str]:
    """A value for several years stands at the last of them, under a definition of its own: it is not comparable with single years."""
    found = _PERIOD.fullmatch(row["year"])
    if found is None:
        return row
    first, last = int(found[1]), int(found[2] if len(found[2]) == 4 else found[1][:2] + found[2])
    if not 0 < last - first < _LONGEST:
        return row
    length = f"{last - first + 1}{PERIOD_WORD}"
    return {**row, "year": str(last), "definition": f"{row['definition']} {length}".strip()}


def _conflicts(
    observations: pd.DataFrame, folder: Path, root: Path, known: Collection[str] | None
) -> Iterator[Problem]:
    """Two reports of one key on one day that differ: nobody can say which is newer."""
    first: dict[tuple[Any, ...], list[Any]] = {}
    told = as_rows(observations.assign(definition=definitions(observations)))
    mended = {(row.submission, row.file_row): row for row in told if row.correction}
    for row in told:
        if row.correction:
            continue
        day = row.reported_at
        row = mended.get((row.submission, row.file_row), row)  # a written correction settles a contradiction
        beside = first.setdefault((*(getattr(row, k) for k in KEY), day), [])
        other = next((o for o in beside if differ(row, o)), None)
        beside.append(row)
        if other is not None:
            place = say("observations.place", file=other.submission, row=other.file_row)
            shown = {"other": place, "value": _shown(other)}
            stored = file_name(_stored(folder, row.submission), root)
            named = about({"series": row.series, "group": row.group, "year": str(row.year)}, known)
            yield problem(stored, row.file_row, "value", _shown(row), "conflict", named, **shown)


def differ(one: Any, other: Any) -> bool:
    """Whether two reports contradict each other in status, value or counts; a count left blank says nothing."""
    return one.status != other.status or any(
        left != right and not (math.isnan(left) or math.isnan(right))
        for left, right in ((getattr(one, c), getattr(other, c)) for c in NUMBERS)
    )


def _shown(row: Any) -> str:
    """A report as a message quotes it: value, counts and status."""
    counts = "/".join(filter(None, (row.numerator_text, row.denominator_text)))
    return listed(filter(None, (row.value_text, counts, row.status if row.status != "A" else "")))


def _near(code: str, known: Collection[str]) -> str:
    """Codes the writer may have meant: the parts of a row first, then similar spellings."""
    parts = sorted(k for k in known if k.startswith(f"{code}.") or k[:-1] == code)
    parts = parts or difflib.get_close_matches(code, sorted(known))
    return say("observations.near", codes=listed(parts)) if parts else ""


def _stored(folder: Path, submission: str) -> Path:
    """A submission's file: a return names its path below the area, a table only its own name."""
    return folder.parent / submission if "/" in submission else folder / submission
