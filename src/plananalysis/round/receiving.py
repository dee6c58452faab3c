"""Take files in: read, check, store as they are, register. All of one call or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plananalysis.base import tables
from plananalysis.base.errors import UsageError
from plananalysis.base.publication import lock
from plananalysis.base.text import say
from plananalysis.plan.findings import iso_date
from plananalysis.returns import ERROR, EXPLAIN, HINT, Issue, Return, issue, read_return, register
from plananalysis.returns.guard import MAX_FILE
from plananalysis.returns.register import Submission
from plananalysis.round.checking import Checker
from plananalysis.round.due import due_date


@dataclass(frozen=True)
class FileResult:
    """What became of one file.

    ``submission`` is its path below the area's ``returns`` folder; "" when it was refused or had been received before.
    """

    file: str
    unit: str
    year: int
    refused: bool
    submission: str
    issues: tuple[Issue, ...]

    @property
    def errors(self) -> int:
        """How many issues must be mended."""
        return sum(i.severity == ERROR for i in self.issues)

    @property
    def questions(self) -> int:
        """How many issues wait for an explanation."""
        return sum(i.severity == EXPLAIN and i.open for i in self.issues)


@dataclass(frozen=True)
class IntakeResult:
    """What became of the files of one call, in their order."""

    files: tuple[FileResult, ...]

    @property
    def refused(self) -> int:
        """Files that could not be read and were not stored."""
        return sum(f.refused for f in self.files)

    @property
    def errors(self) -> int:
        """Issues that must be mended, in the files that were read."""
        return sum(f.errors for f in self.files if not f.refused)

    @property
    def issues(self) -> list[Issue]:
        """All issues."""
        return [i for f in self.files for i in f.issues]

    def as_records(self) -> list[dict[str, Any]]:
        """All issues as plain dictionaries, for ``--json``."""
        return [i.as_record() for i in self.issues]


def check_files(root: Path, area: str, files: Sequence[Path]) -> IntakeResult:
    """Read and check files without storing anything: what a unit can run before it sends them."""
    checker = Checker.load(root, area)
    read = [read_return(_bytes(path), path.name, checker.book) for path in files]
    return IntakeResult(tuple(_result(one, checker.check(one, others=read)) for one in read))


def receive(root: Path, area: str, files: Sequence[Path], received_on: str, by: str) -> IntakeResult:
    """Store files that units have sent, and say what is wrong with them.

    A file with errors is stored, too: it is evidence of what was reported; but it cannot be accepted. A refused file is not.
    A file already received is not registered again. A unit's further file for a year is a new vintage.

    Parameters
    ----------
    files
        As sent; they are read once and left where they are.
    received_on, by
        ISO date of receipt, and who received them.

    Raises
    ------
    UsageError
        No such area or file, no date, nobody named.
    BusyError
        Another run is writing.
    DataError
        Plan or observations break rules; nothing is stored.
    """
    named(received_on, by)
    missing = [path.name for path in files if not path.is_file()]
    if missing:
        raise UsageError(say("intake.no_file", files="、".join(missing)))
    with lock(root, area):
        checker = Checker.load(root, area)
        home = register.folder(root, area)
        sweep(home)
        contents = [_bytes(path) for path in files]
        read = [read_return(data, path.name, checker.book) for data, path in zip(contents, files, strict=True)]
        registered = register.submissions(root, area)
        before = len(registered)
        results: list[FileResult] = []
        for found, data in zip(read, contents, strict=True):
            if found.refused:
                results.append(_result(found, found.issues))
                continue
            issues = checker.check(found, received_on, due_date(root, area, found.year), read)
            same = next(
                (s for s in registered if (s.sha256, s.unit, s.year) == (found.sha256, found.unit, found.year)), None
            )
            if same:
                results.append(_result(found, [*issues, issue("sent_before", found.file, HINT, when=same.received_on)]))
                continue
            one = _submission(found, received_on, by, registered)
            tables.write_atomic(home / one.submission, data)
            registered.append(one)
            results.append(_result(found, issues, one.submission))
        if len(registered) > before:
            register.write_submissions(root, area, registered)  # from here on the files count; until here none does
        return IntakeResult(tuple(results))


def sweep(home: Path) -> None:
    """Remove drafts that a killed run left. Call it under the lock."""
    for draft in home.rglob("*.part") if home.is_dir() else ():
        draft.unlink(missing_ok=True)


def unregistered(root: Path, area: str) -> list[str]:
    """Files that lie among the returns without being registered: put there by hand, or left by a run that was killed."""
    home = register.folder(root, area)
    known = {home / s.submission for s in register.submissions(root, area)}
    found = (p for p in home.rglob("*") if p.is_file() and p.suffix.lower() in (".xlsx", ".csv") and p.parent != home)
    return sorted(p.relative_to(home).as_posix() for p in found if p not in known)


def _submission(found: Return, received_on: str, by: str, registered: Iterable[Submission]) -> Submission:
    suffix = Path(found.file).suffix.lower()
    earlier = [s for s in registered if (s.unit, s.year, s.back_series) == (found.unit, found.year, found.back_series)]
    return Submission(
        submission=f"{found.year}/{found.unit}/{received_on}_{found.sha256[:8]}{suffix}",
        unit=found.unit,
        year=found.year,
        back_series=found.back_series,
        received_on=received_on,
        by=by,
        sha256=found.sha256,
        form_version=found.form_version,
        original_name=found.file,
        supersedes=earlier[-1].submission if earlier else "",
    )


def _result(found: Return, issues: Iterable[Issue], submission: str = "") -> FileResult:
    return FileResult(found.file, found.unit, found.year, found.refused, submission, tuple(issues))


def _bytes(path: Path) -> bytes:
    """Content of a file, no more than the guard needs to refuse it."""
    with path.open("rb") as file:
        return file.read(MAX_FILE + 1)


def named(on: str, by: str) -> None:
    if not iso_date(on):
        raise UsageError(say("intake.bad_date", date=on))
    if not by.strip():
        raise UsageError(say("intake.nobody"))
