"""Which files came in, and what was decided about them.

``data/raw/<area>/returns/submissions.csv`` lists every file with its fingerprint, ``reviews.csv`` every decision. Both only grow, and
each line vouches for those before it (:mod:`plananalysis.returns.ledger`): a resubmission is a further line, and so is the correction
of a wrong date.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plananalysis import schema
from plananalysis.base import tables
from plananalysis.base.spreadsheets import as_date
from plananalysis.plan.findings import Findings, iso_date
from plananalysis.returns import ledger

LATER = ("entry", "reason")  # columns that the first format did not have
SUBMISSIONS = tuple(c for c in schema.table("register", "submissions").stored if c not in LATER)
REVIEWS = tuple(schema.table("register", "reviews").stored)
RECEIVED, CORRECTED, WITHDRAWN = "", "corrected", "withdrawn"
ENTRIES = (RECEIVED, CORRECTED, WITHDRAWN)
OWN_FILES = ("submissions.csv", "reviews.csv", "rounds.csv")
UNDO = {"received_on": as_date}
_PATH = re.compile(r"[0-9]{4}/[a-z][a-z0-9_-]*/[^/\\:]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")
RETURNS = "returns"  # folder of an area, and first part of what an observation from there calls its submission
STORED = "observations"  # folder of an area, and first part of what a decision calls a table of it; observations call it by its name
ACCEPT, PROVISIONAL, ASK, WAIVE, REOPEN = "accept", "provisional", "ask", "waive", "reopen"
DECISIONS = (ACCEPT, PROVISIONAL, ASK, WAIVE, REOPEN)
USES = (ACCEPT, PROVISIONAL)  # by which values come into use


@dataclass(frozen=True)
class Submission:
    """A file as registered. ``submission`` is its path below the area's ``returns`` folder.

    ``entry`` says what the line does: a file came in, its date, unit or year are corrected, or it is withdrawn; then ``by`` is who
    did so, and ``reason`` the day it was decided and why.
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

    @property
    def decided_on(self) -> str:
        """Day of a correction or withdrawal, which an edition that had closed by then does not know; "" for a receipt."""
        return "" if self.entry == RECEIVED else self.reason[:10]

    def as_row(self) -> dict[str, Any]:
        """The line of ``submissions.csv``."""
        return {c: getattr(self, c) for c in (*SUBMISSIONS, *LATER)} | {"back_series": int(self.back_series)}


@dataclass(frozen=True)
class Review:
    """A decision; ``rule`` to ``year`` are empty when the whole file is meant.

    With ``series`` and no ``rule`` one indicator of the file is meant: all its groups, in ``year`` or in all years of the file.
    """

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
    findings = Findings(path.relative_to(root).as_posix(), "returns.ledger")
    for row in rows:
        findings.whole(row, "year", 1949, 2100)
        findings.closed(row, "back_series", ("0", "1"))
        findings.closed(row, "entry", ENTRIES)
        if not iso_date(row["received_on"]):
            findings.add(row, "received_on", "date")
        if not _PATH.fullmatch(row["submission"]):
            findings.add(row, "submission", "path")
        if not _SHA256.fullmatch(row["sha256"]):
            findings.add(row, "sha256", "digest")
    findings.refuse()
    typed: list[dict[str, Any]] = [
        {**row, "year": int(row["year"]), "back_series": row["back_series"] == "1"} for row in rows
    ]
    return [Submission(**{c: row[c] for c in (*SUBMISSIONS, *LATER)}) for row in typed]


def lines(root: Path, area: str) -> dict[str, list[Submission]]:
    """All lines about each submission, oldest first, in the order of their first registration.

    Raises
    ------
    DataError
        As :func:`entries`.
    """
    found: dict[str, list[Submission]] = {}
    for one in entries(root, area):
        found.setdefault(one.submission, []).append(one)
    return found


def submissions(root: Path, area: str) -> list[Submission]:
    """Registered files as they stand after every correction, in the order of their first registration; without those withdrawn.

    Raises
    ------
    DataError
        As :func:`entries`.
    """
    return [of[-1] for of in lines(root, area).values() if of[-1].entry != WITHDRAWN]


def reviews(root: Path, area: str) -> list[Review]:
    """Decisions, in the order they were taken.

    Raises
    ------
    DataError
        Lines were changed after they were written.
    """
    rows = ledger.read(folder(root, area) / "reviews.csv", root, REVIEWS, undo={"on": as_date})
    return [Review(**{c: r[c] for c in REVIEWS}) for r in rows]


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
