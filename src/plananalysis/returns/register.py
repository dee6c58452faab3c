"""Which files came in, what was decided about them, and the rows of those that were accepted.

``data/raw/<area>/returns/submissions.csv`` lists every file with its fingerprint, ``reviews.csv`` every decision. Both only grow, and
each line vouches for those before it (:mod:`plananalysis.returns.ledger`): a resubmission is a further line, and so is the correction
of a wrong date. What an accepted file says is cached under ``data/processed`` by its fingerprint, for
reading three hundred workbooks takes minutes and they never change.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from plananalysis.base import tables
from plananalysis.base.errors import DataError, Problem
from plananalysis.base.publication import program
from plananalysis.base.spreadsheets import as_date
from plananalysis.base.text import say
from plananalysis.plan import load_plan
from plananalysis.plan.findings import Findings, iso_date
from plananalysis.returns import ledger
from plananalysis.returns.asked import TOTAL, Codebook, codebook
from plananalysis.returns.reading import Return, read_return
from plananalysis.sheets import read_apart

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
LATER = ("entry", "reason")
RECEIVED, CORRECTED, WITHDRAWN = "", "corrected", "withdrawn"
ENTRIES = (RECEIVED, CORRECTED, WITHDRAWN)
OWN_FILES = ("submissions.csv", "reviews.csv", "rounds.csv")
UNDO = {"received_on": as_date}
_PATH = re.compile(r"[0-9]{4}/[a-z][a-z0-9_-]*/[^/\\:]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")
RETURNS = "returns"  # folder of an area, and first part of what an observation from there calls its submission
DECISIONS = ("accept", "ask", "waive", "reopen")
_read = lru_cache(maxsize=128)(read_apart)  # a round is looked at many times in one process, its files never change


@dataclass(frozen=True)
class Submission:
    """A file as registered. ``submission`` is its path below the area's ``returns`` folder.

    ``entry`` says what the line does: a file came in, its date, unit or year are corrected, or it is withdrawn; then ``by`` is who
    did so, and ``reason`` why.
    """

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
    entry: str = RECEIVED
    reason: str = ""

    def as_row(self) -> dict[str, Any]:
        """The line of ``submissions.csv``."""
        return {c: getattr(self, c) for c in (*SUBMISSIONS, *LATER)} | {"back_series": int(self.back_series)}


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


def entries(root: Path, area: str) -> list[Submission]:
    """Every line of the register, corrections and withdrawals included, in the order they were written.

    Raises
    ------
    DataError
        Lines that say what cannot be, or were changed after they were written.
    """
    path = folder(root, area) / "submissions.csv"
    rows = ledger.read(path, root, SUBMISSIONS, LATER, UNDO)
    findings = Findings(path.relative_to(root).as_posix())
    for row in rows:
        findings.whole(row, "year", 1949, 2100)
        findings.closed(row, "back_series", ("0", "1"))
        findings.closed(row, "entry", ENTRIES)
        if not iso_date(row["received_on"]):
            findings.add(row, "received_on", "date")
        if not _PATH.fullmatch(row["submission"]):
            findings.problems.append(ledger.problem(findings.file, row, "path", "submission"))
        if not _SHA256.fullmatch(row["sha256"]):
            findings.problems.append(ledger.problem(findings.file, row, "digest", "sha256"))
    if findings.problems:
        raise DataError(findings.problems)
    return [
        Submission(
            **{  # type: ignore[arg-type]
                **{c: row[c] for c in (*SUBMISSIONS, *LATER)},
                "year": int(row["year"]),
                "back_series": row["back_series"] == "1",
                "entry": row["entry"],
            }
        )
        for row in rows
    ]


def submissions(root: Path, area: str) -> list[Submission]:
    """Registered files as they stand after every correction, in the order of their first registration; without those withdrawn.

    Raises
    ------
    DataError
        As :func:`entries`.
    """
    standing: dict[str, Submission] = {}
    for one in entries(root, area):
        standing[one.submission] = one
    return [one for one in standing.values() if one.entry != WITHDRAWN]


def reviews(root: Path, area: str) -> list[Review]:
    """Decisions, in the order they were taken.

    Raises
    ------
    DataError
        Lines were changed after they were written.
    """
    rows = ledger.read(folder(root, area) / "reviews.csv", root, REVIEWS, undo={"on": as_date})
    return [Review(**{c: r[c] for c in REVIEWS}) for r in rows]


def waived(root: Path, area: str) -> dict[tuple[str, str, str, int], str]:
    """Why questions about single values need no answer, by submission (as observations name it), series, group and year."""
    return {
        (f"{RETURNS}/{r.submission}", r.series, r.group, int(r.year)): r.reason
        for r in reviews(root, area)
        if r.decision == "waive" and r.year
    }


def accepted_days(decided: Iterable[Review]) -> dict[str, str]:
    """Since when each submission is accepted that is, after decisions in their order: one reopened is not."""
    days: dict[str, str] = {}
    for one in decided:
        if one.decision == "accept":
            days.setdefault(one.submission, one.on)
        elif one.decision == "reopen":
            days.pop(one.submission, None)
    return days


def accepted(root: Path, area: str) -> list[Submission]:
    """Files that count: accepted ones, without those a later one of the same unit, year and day replaces."""
    agreed = accepted_days(reviews(root, area))
    last: dict[tuple[str, int, bool, str], Submission] = {}
    for one in submissions(root, area):
        if one.submission in agreed:
            last[one.unit, one.year, one.back_series, one.received_on] = one
    return list(last.values())


def waiting(root: Path, area: str, known_on: str) -> dict[str, frozenset[int]]:
    """Years of each series with a total in a return that had come in by a day and was not accepted by then.

    Only a unit's newest return of a year counts; what it says is used by no table until somebody accepts it.
    """
    decided = accepted_days(r for r in reviews(root, area) if r.on <= known_on)
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
    return read_return(data, one.original_name, book, registered=(one.unit, one.year), read=_read)


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
    path = root / "data" / "processed" / area / ".returns" / f"{one.sha256[:20]}_{book.version}_{program()[:8]}.json"
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


def register(root: Path, area: str, new: Iterable[Submission]) -> None:
    """Add lines to the register in one step."""
    path = folder(root, area) / "submissions.csv"
    ledger.append(path, root, SUBMISSIONS, LATER, (one.as_row() for one in new), UNDO)


def decide(root: Path, area: str, new: Iterable[Review]) -> None:
    """Add lines to the list of decisions in one step."""
    path = folder(root, area) / "reviews.csv"
    ledger.append(path, root, REVIEWS, (), ({c: getattr(one, c) for c in REVIEWS} for one in new), {"on": as_date})


def strangers(root: Path, area: str) -> list[str]:
    """Files among the returns that are not in the register, by path below ``returns``: put there by hand, or left by a killed run."""
    home = folder(root, area)
    known = {one.submission for one in entries(root, area)} | {*OWN_FILES}
    found = (p for p in home.rglob("*") if p.is_file() and not p.name.startswith(tables.UNREAD))
    return sorted(name for p in found if (name := p.relative_to(home).as_posix()) not in known)
