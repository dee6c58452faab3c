"""Which files came in, what was decided about them, and the rows of those that were accepted.

``data/raw/<area>/returns/submissions.csv`` lists every file with its fingerprint, ``reviews.csv`` every decision. Neither is ever
shortened; a resubmission is a further line. What an accepted file says is cached under ``data/processed`` by its fingerprint, for
reading three hundred workbooks takes minutes and they never change.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from plananalysis.base import tables
from plananalysis.base.errors import Problem
from plananalysis.base.spreadsheets import as_date
from plananalysis.base.text import say
from plananalysis.plan import load_plan
from plananalysis.returns.asked import TOTAL, Codebook, codebook
from plananalysis.returns.reading import Return, read_return

SUBMISSIONS = (
    "submission",
    "unit",
    "year",
    "back_series",
    "received_on",
    "by",
    "sha256",
    "form_version",
    "original_name",
    "supersedes",
)
REVIEWS = ("submission", "decision", "rule", "series", "group", "year", "reason", "by", "on")
RETURNS = "returns"  # folder of an area, and first part of what an observation from there calls its submission
DECISIONS = ("accept", "ask", "waive")
_READERS = ("asked", "grids", "guard", "layout", "reading", "rows", "values", "xlsx")


@dataclass(frozen=True)
class Submission:
    """A file as registered. ``submission`` is its path below the area's ``returns`` folder."""

    submission: str
    unit: str
    year: int
    back_series: bool
    received_on: str
    by: str
    sha256: str
    form_version: str
    original_name: str
    supersedes: str

    def as_row(self) -> dict[str, Any]:
        """The line of ``submissions.csv``."""
        return {c: getattr(self, c) for c in SUBMISSIONS} | {"back_series": int(self.back_series)}


@dataclass(frozen=True)
class Review:
    """A decision; ``rule`` to ``year`` are empty when the whole file is meant."""

    submission: str
    decision: str
    rule: str
    series: str
    group: str
    year: str
    reason: str
    by: str
    on: str


def folder(root: Path, area: str) -> Path:
    """Where an area's returns are kept."""
    return root / "data" / "raw" / area / RETURNS


def submissions(root: Path, area: str) -> list[Submission]:
    """Registered files, in the order of their registration."""
    path = folder(root, area) / "submissions.csv"
    rows = tables.read_rows(path, root, SUBMISSIONS, undo={"received_on": as_date}) if path.is_file() else []
    return [
        Submission(**{**{c: r[c] for c in SUBMISSIONS}, "year": int(r["year"]), "back_series": r["back_series"] == "1"})
        for r in rows  # type: ignore[arg-type]
    ]


def reviews(root: Path, area: str) -> list[Review]:
    """Decisions, in the order they were taken."""
    path = folder(root, area) / "reviews.csv"
    rows = tables.read_rows(path, root, REVIEWS, undo={"on": as_date}) if path.is_file() else []
    return [Review(**{c: r[c] for c in REVIEWS}) for r in rows]


def waived(root: Path, area: str) -> dict[tuple[str, str, str, int], str]:
    """Why questions about single values need no answer, by submission (as observations name it), series, group and year."""
    return {
        (f"{RETURNS}/{r.submission}", r.series, r.group, int(r.year)): r.reason
        for r in reviews(root, area)
        if r.decision == "waive" and r.year
    }


def accepted(root: Path, area: str) -> list[Submission]:
    """Files that count: accepted ones, without those a later one of the same unit, year and day replaces."""
    agreed = {r.submission for r in reviews(root, area) if r.decision == "accept"}
    last: dict[tuple[str, int, bool, str], Submission] = {}
    for one in submissions(root, area):
        if one.submission in agreed:
            last[one.unit, one.year, one.back_series, one.received_on] = one
    return list(last.values())


def waiting(root: Path, area: str, known_on: str) -> dict[str, frozenset[int]]:
    """Years of each series with a total in a return that had come in by a day and was not accepted by then.

    Only a unit's newest return of a year counts; what it says is used by no table until somebody accepts it.
    """
    decided = {r.submission for r in reviews(root, area) if r.decision == "accept" and r.on <= known_on}
    newest: dict[tuple[str, int, bool], Submission] = {}
    for one in submissions(root, area):
        if one.received_on <= known_on:
            newest[one.unit, one.year, one.back_series] = one
    left = [one for one in newest.values() if one.submission not in decided]
    if not left:
        return {}
    book = codebook(root, load_plan(root, area))
    found: dict[str, set[int]] = {}
    for one in left:
        rows = _cached_rows(root, area, one, book)
        for row in rows if not isinstance(rows, Problem) else ():
            if row["group"] == TOTAL and row["value"]:
                found.setdefault(row["series"], set()).add(int(row["year"]))
    return {series: frozenset(years) for series, years in found.items()}


def read_registered(root: Path, area: str, one: Submission, book: Codebook) -> Return | Problem:
    """A registered file read again, or the problem that it is gone or was changed."""
    path = folder(root, area) / one.submission
    data = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(data).hexdigest() != one.sha256:
        name = path.relative_to(root).as_posix()
        rule, advice = (say(f"returns.rule.not_stored.{part}", file=name) for part in ("rule", "advice"))
        return Problem(name, 0, "", "", rule, advice)
    return read_return(data, one.original_name, book)


def accepted_rows(root: Path, area: str, problems: list[Problem]) -> list[dict[str, str]]:
    """What accepted returns report, as rows of an observations file; what cannot be used as a number is left out.

    A unit that is not the first of a series' responsible units counts only where the first reported nothing.

    Parameters
    ----------
    problems
        Gets a problem for every registered file that is gone or was changed.
    """
    counted = accepted(root, area)
    if not counted:
        return []
    book = codebook(root, load_plan(root, area))
    leading: list[dict[str, str]] = []
    others: list[dict[str, str]] = []
    for one in counted:
        rows = _cached_rows(root, area, one, book)
        if isinstance(rows, Problem):
            problems.append(rows)
            continue
        lead = {(a.series, a.group) for a in book.lines(one.unit) if a.lead}
        for row in (
            r for r in rows if r["year"] <= one.received_on[:4]
        ):  # a year that had not begun was waived, not reported
            (leading if (row["series"], row["group"]) in lead else others).append({**row, **_origin(row, one, book)})
    # of one day, the last registered: a yearly form and a back series may tell one cell twice
    leading = list(
        {(r["series"], r["group"], r["year"], r["definition"], r["reported_at"]): r for r in leading}.values()
    )
    reported = {(r["series"], r["group"], r["year"]) for r in leading}
    spare = {
        (r["series"], r["group"], r["year"], r["reported_at"]): r for r in reversed(others)
    }  # of one day, the first registered
    return leading + [r for key, r in sorted(spare.items()) if key[:3] not in reported]


def rows_for_observations(found: Return) -> list[dict[str, str]]:
    """The usable rows of a return: numbers as plain text, and the cell each value stands in."""
    return [
        {
            "series": row.series,
            "group": row.group,
            "year": str(row.year),
            "value": row.text("value") if row.status != "M" else "",
            "numerator": row.text("numerator") if row.count("numerator") >= 0 else "",
            "denominator": row.text("denominator") if row.count("denominator") >= 0 else "",
            "status": row.status,
            "definition": row.definition,
            "quote": row.read["value"].raw,
            "note": row.answer or (row.read["value"].raw if row.read["value"].kind == "not_applicable" else ""),
            "cell": row.cells["value"],
        }
        for row in found.rows
        if not row.blank and (row.usable or row.status == "M")
    ]


def _origin(row: Mapping[str, str], one: Submission, book: Codebook) -> dict[str, str]:
    cell = row["cell"]
    source = say("returns.source", unit=book.unit_name(one.unit), year=one.year, cell=cell)
    place = f"{RETURNS}/{one.submission}"
    return {
        "area": "",
        "reported_at": one.received_on,
        "tier": "A",
        "source": source,
        "submission": place,
        "file": f"data/raw/{book.plan.area}/{place}",
        "#": cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    }


def _cached_rows(root: Path, area: str, one: Submission, book: Codebook) -> list[dict[str, str]] | Problem:
    path = (
        root / "data" / "processed" / area / ".returns" / f"{one.sha256[:20]}_{book.version}_{_reader_version()}.json"
    )
    stored = folder(root, area) / one.submission
    if path.is_file() and stored.is_file() and hashlib.sha256(stored.read_bytes()).hexdigest() == one.sha256:
        with suppress(ValueError):
            return json.loads(path.read_text(encoding="utf-8"))
    found = read_registered(root, area, one, book)
    if isinstance(found, Problem):
        return found
    rows = rows_for_observations(found)
    with suppress(OSError):  # a reader of a write-protected folder does without the cache
        tables.write_atomic(path, json.dumps(rows, ensure_ascii=False).encode())
    return rows


@cache
def _reader_version() -> str:
    """Fingerprint of the code that reads: a cache made by other code is not used."""
    code = [files("plananalysis.returns") / f"{name}.py" for name in _READERS]
    code.append(files("plananalysis.plan") / "units.py")
    return f"{zlib.crc32(b''.join(file.read_bytes() for file in code)):08x}"


def write_submissions(root: Path, area: str, rows: Iterable[Submission]) -> None:
    """Replace the register in one step."""
    tables.write_rows((r.as_row() for r in rows), SUBMISSIONS, folder(root, area) / "submissions.csv")


def write_reviews(root: Path, area: str, rows: Iterable[Review]) -> None:
    """Replace the list of decisions in one step."""
    tables.write_rows(({c: getattr(r, c) for c in REVIEWS} for r in rows), REVIEWS, folder(root, area) / "reviews.csv")
