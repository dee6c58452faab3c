"""Take files in: read, check, store as they are, register. All of one call or nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import chain, count
from pathlib import Path
from typing import Any

from plananalysis.base import tables
from plananalysis.base.drafts import sweep_folder
from plananalysis.base.errors import UsageError
from plananalysis.base.publication import lock
from plananalysis.base.text import say
from plananalysis.plan.findings import iso_date
from plananalysis.returns import ERROR, EXPLAIN, HINT, Issue, Return, issue, read_return, register
from plananalysis.returns.counted import read_registered
from plananalysis.returns.decided import newest
from plananalysis.returns.register import Submission
from plananalysis.round.arriving import Arrived, arrived
from plananalysis.round.checking import Checker
from plananalysis.round.comparing import Difference, differences
from plananalysis.round.due import due_date
from plananalysis.round.signing import named


@dataclass(frozen=True)
class FileResult:
    """What became of one file.

    ``submission`` is its path below the area's ``returns`` folder; "" when it was refused or had been received before.
    ``previous`` is the day on which its unit had sent the version before it, "" where there is none, and ``changes`` what differs.
    """

    file: str
    unit: str
    year: int
    refused: bool
    submission: str
    issues: tuple[Issue, ...]
    previous: str = ""
    changes: tuple[Difference, ...] = ()

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


def check_files(root: Path, area: str, files: Sequence[Path | Arrived]) -> IntakeResult:
    """Read and check files without storing anything: what a unit can run before it sends them.

    Raises
    ------
    UsageError
        No such area or file.
    """
    came = arrived(files)
    checker = Checker.load(root, area)
    read = [read_return(one.data, one.name, checker.book) for one in came]
    registered = register.submissions(root, area)
    return IntakeResult(
        tuple(
            _compared(root, area, checker, one, _result(one, checker.check(one, others=read)), registered)
            for one in read
        )
    )


def receive(
    root: Path,
    area: str,
    files: Sequence[Path | Arrived],
    received_on: str,
    by: str,
    today: str = "",
    sure: bool = False,
) -> IntakeResult:
    """Store files that units have sent, and say what is wrong with them.

    A file with errors is stored, too: it is evidence of what was reported; but it cannot be accepted. A refused file is not.
    A file already received is not registered again. A unit's further file for a year is a new vintage. Whatever goes wrong before
    the register is written, nothing of this call stays.

    Parameters
    ----------
    files
        As sent, or folders, patterns and ZIP archives of them (:mod:`plananalysis.round.arriving`); read once, left where they are.
        Or what a browser has handed over.
    received_on, by
        ISO date of receipt, and who received them. "" takes the day of the mail a file was attached to, otherwise ``today``.
    today
        ISO date of the day; with it a date of receipt that lies ahead is asked about.
    sure
        The date was asked about and is right.

    Raises
    ------
    UsageError
        No such area or file, no date, one that lies ahead, nobody named.
    BusyError
        Another run is writing.
    DataError
        Plan, observations or register break rules; nothing is stored.
    """
    named(received_on or today, by)
    if today and received_on > today and not sure:
        raise UsageError(say("intake.ahead", date=received_on, today=today))
    came = arrived(files)
    with lock(root, area):
        checker = Checker.load(root, area)
        home = register.folder(root, area)
        sweep_folder(home)
        read = [read_return(one.data, one.name, checker.book) for one in came]
        registered = register.submissions(root, area)
        taken = {one.submission for one in register.entries(root, area)}
        new: list[Submission] = []
        results: list[FileResult] = []
        with _nothing_left(home) as stored:
            for found, file in zip(read, came, strict=True):
                if found.refused:
                    results.append(_result(found, found.issues))
                    continue
                day = received_on or _mailed(file, today)
                issues = checker.check(found, day, due_date(root, area, found.year), read)
                key = (found.sha256, found.unit, found.year)
                same = next((s for s in [*registered, *new] if (s.sha256, s.unit, s.year) == key), None)
                if same:
                    results.append(_result(found, [*issues, _before(found, same, [*registered, *new])]))
                    continue
                one = _submission(found, day, by, [*registered, *new], [*taken, *(n.submission for n in new)])
                stored.append(home / one.submission)
                tables.write_atomic(stored[-1], file.data)
                new.append(one)
                result = _result(found, issues, one.submission)
                results.append(_compared(root, area, checker, found, result, registered))
            if new:
                register.register(root, area, new)  # from here on the files count; until here none does
        return IntakeResult(tuple(results))


@contextmanager
def _nothing_left(home: Path) -> Iterator[list[Path]]:
    """A list for the files stored by a call; if it fails they go, and the folders made for them."""
    stored: list[Path] = []
    try:
        yield stored
    except BaseException:
        for path in stored:
            path.unlink(missing_ok=True)
            for folder in (path.parent, path.parent.parent, home):
                with suppress(OSError):  # something else lies there
                    folder.rmdir()
        raise


def _submission(
    found: Return, received_on: str, by: str, registered: Iterable[Submission], taken: Collection[str]
) -> Submission:
    earlier = _latest(registered, found)
    suffix = Path(found.file).suffix.lower()
    return Submission(
        submission=free_path(found.year, found.unit, received_on, found.sha256, suffix, taken),
        unit=found.unit,
        year=found.year,
        back_series=found.back_series,
        received_on=received_on,
        by=by,
        sha256=found.sha256,
        form_version=found.form_version,
        original_name=found.file,
        supersedes=earlier.submission if earlier else "",
    )


def _before(found: Return, same: Submission, registered: Iterable[Submission]) -> Issue:
    """That a file had been received before; and, where its unit has sent another one since, how to go back to it."""
    latest = _latest(registered, found)
    back = latest is not None and latest.sha256 != found.sha256
    words = {"when": same.received_on, "submission": same.submission, "latest": latest.received_on if latest else ""}
    return issue("sent_before_other" if back else "sent_before", found.file, HINT, **words)


def _latest(registered: Iterable[Submission], found: Return) -> Submission | None:
    """The newest submission of the same unit and year, or back series."""
    same = (found.unit, found.year, found.back_series)
    return next(iter(newest(s for s in registered if (s.unit, s.year, s.back_series) == same)), None)


def free_path(year: int, unit: str, received_on: str, sha256: str, suffix: str, taken: Collection[str]) -> str:
    """Where a file received on a day is stored, below the ``returns`` folder; one that was withdrawn keeps its path."""
    begin = f"{year}/{unit}/{received_on}_{sha256[:8]}"
    paths = (f"{begin}{again}{suffix}" for again in chain([""], (f"-{n}" for n in count(2))))
    return next(path for path in paths if path not in taken)


def _mailed(file: Arrived, today: str) -> str:
    """The day of a file's mail, where it is one that can be: a sender's clock may be wrong."""
    return file.sent_on if iso_date(file.sent_on) and file.sent_on <= today else today


def _compared(
    root: Path, area: str, checker: Checker, found: Return, result: FileResult, registered: Iterable[Submission]
) -> FileResult:
    """A result with what the file changes against its unit's previous version."""
    before = None if found.refused else _latest(registered, found)
    told = None if before is None else read_registered(root, area, before, checker.book)
    if before is None or before.sha256 == found.sha256 or not isinstance(told, Return):
        return result
    return replace(result, previous=before.received_on, changes=tuple(differences(told, found)))


def _result(found: Return, issues: Iterable[Issue], submission: str = "") -> FileResult:
    return FileResult(found.file, found.unit, found.year, found.refused, submission, tuple(issues))
