"""Build the database from raw files, and read it."""

from __future__ import annotations

import errno
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pandas as pd

from plananalysis import schema
from plananalysis.base.errors import BusyError, UsageError
from plananalysis.base.publication import lock
from plananalysis.base.text import say
from plananalysis.observations import KEY, counting, definitions, load_observations, vintages
from plananalysis.plan import Plan, load_plan
from plananalysis.returns import register
from plananalysis.returns.counted import USE
from plananalysis.returns.decided import in_use

FILE = "monitoring.sqlite"
FORMAT = 2  # of the tables; kept in the file as its user_version, 0 before there were any
_TYPES = {"whole": "INTEGER", "year": "INTEGER", "number": "REAL"}  # of columns that are no text
_NAMED = {"group": "group_code", "status": "obs_status", "quote": "raw_text"}  # what a column is called here
_PROVISIONAL = {"A": "P", "B": "BP"}  # status of a value that is used although questions about it are open
# every vintage with the days on which it was the newest one: WHERE valid_from <= :day AND (valid_to IS NULL OR valid_to > :day)
_VIEWS = """
CREATE VIEW vintage AS
SELECT o.*, reported_at AS valid_from, LEAD(reported_at) OVER (
    PARTITION BY series, area, group_code, year, definition ORDER BY vintage) AS valid_to
FROM observation AS o WHERE vintage > 0;
CREATE VIEW current AS SELECT * FROM vintage WHERE valid_to IS NULL;
"""


def rebuild(root: Path, area: str) -> Path:
    """Make the area's database anew from its raw files and put it in the place of the old one.

    Returns
    -------
    Path
        The database.

    Raises
    ------
    UsageError
        No such area, or it has no plan.
    DataError
        Raw files break rules; the old database stays.
    BusyError
        Another run is writing, or a program keeps the old database open (Windows).
    """
    home = root / "data" / "processed" / area
    with lock(root, area):
        plan = load_plan(root, area)
        observations = counting(load_observations(root, area))
        home.mkdir(parents=True, exist_ok=True)
        for leftover in home.glob(f"{FILE}.*"):  # of runs that were killed
            leftover.unlink(missing_ok=True)
        draft = home / f"{FILE}.{os.getpid()}.part"
        try:
            try:
                _fill(draft, root, area, plan, observations)
            except sqlite3.OperationalError as error:  # the disk, which SQLite tells in words of its own
                kind = errno.ENOSPC if "full" in str(error) else errno.EIO
                raise OSError(kind, str(error), str(home / FILE)) from error
            with draft.open("rb+") as file:
                os.fsync(file.fileno())
            _replace(draft, home / FILE, area)
        finally:
            draft.unlink(missing_ok=True)
            draft.with_name(f"{draft.name}-journal").unlink(missing_ok=True)
    return home / FILE


def connect(root: Path, area: str) -> sqlite3.Connection:
    """Open the database for reading only.

    Raises
    ------
    UsageError
        It was not built yet, or by a program of another format.
    """
    path = root / "data" / "processed" / area / FILE
    if not path.is_file():
        raise UsageError(say("database.missing", area=area))
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version != FORMAT:
        connection.close()
        raise UsageError(say("database.newer" if version > FORMAT else "database.older", area=area))
    connection.row_factory = sqlite3.Row
    return connection


def as_of(connection: sqlite3.Connection, day: str) -> list[sqlite3.Row]:
    """What was known on an ISO date: the newest vintage of every cell reported by then, in the table's order."""
    order = ", ".join(_NAMED.get(c, c) for c in KEY)
    query = f"SELECT * FROM vintage WHERE valid_from <= ? AND (valid_to IS NULL OR valid_to > ?) ORDER BY {order}"
    return connection.execute(query, (day, day)).fetchall()


def history(connection: sqlite3.Connection, series: str, year: int, group: str = "total") -> list[dict[str, Any]]:
    """Who reported what when, from which file and cell: every report of one cell, repetitions included, oldest first."""
    query = """
        SELECT o.*, s.unit, s.received_by, s.original_name, s.sha256, s.accepted_on
        FROM observation AS o LEFT JOIN submission AS s ON o.submission = 'returns/' || s.submission
        WHERE o.series = ? AND o.year = ? AND o.group_code = ? ORDER BY o.reported_at, o.submission, o.file_row"""
    return [dict(row) for row in connection.execute(query, (series, year, group))]


def _fill(path: Path, root: Path, area: str, plan: Plan, observations: pd.DataFrame) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute(f"PRAGMA user_version={FORMAT}")
        connection.execute("PRAGMA synchronous=OFF")  # a draft: it counts for nothing until it is complete and synced
        for name, table in schema.tables("database").items():
            columns = [f"{c.name} {_TYPES.get(c.type, 'TEXT')}" for c in table.columns.values()]
            told = f"CREATE TABLE {name} ({', '.join(columns)}, PRIMARY KEY ({', '.join(table.key)}))"
            connection.execute(told if name == "review" else f"{told} WITHOUT ROWID")
        for name, rows in _content(root, area, plan, observations):
            names = [*schema.table("database", name).columns]
            marks = ", ".join("?" * len(names))
            connection.executemany(f"INSERT INTO {name} VALUES ({marks})", ([row[c] for c in names] for row in rows))
        for name in schema.tables("database"):
            for verb in ("UPDATE", "DELETE"):
                refused = f"BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END"
                connection.execute(f"CREATE TRIGGER {name}_no_{verb.lower()} BEFORE {verb} ON {name} {refused}")
        connection.executescript(_VIEWS)
        connection.commit()


def _content(
    root: Path, area: str, plan: Plan, observations: pd.DataFrame
) -> Iterator[tuple[str, Iterable[Mapping[Any, Any]]]]:
    """The rows of every table."""
    periods = ";".join(one.outline.id for one in plan.together())
    about = {"area": area, "name": plan.name, "fictional": str(int(plan.fictional)), "outline": periods}
    yield "about", [{"name": name, "text": text} for name, text in about.items()]
    yield "unit", [{"unit": code, "name": row["name"]} for code, row in plan.units.iterrows()]
    yield (
        "series",
        [
            {
                **row,
                "series": code,
                "place": place,
                "lead_unit": row["responsible_units"][0],
                "responsible_units": ";".join(row["responsible_units"]),
                "target_text": plan.asked(code),
            }
            for place, (code, row) in enumerate(plan.series.iterrows(), start=1)
        ],
    )
    yield "definition", plan.definitions[plan.definitions["definition"] != ""].to_dict("records")
    reviews = register.reviews(root, area)
    whole = {r.submission: r.on for r in reviews if r.decision == register.ACCEPT and not r.series}
    accepted = {
        name: day for name, day in whole.items() if in_use((r for r in reviews if r.submission == name), ("", 0))
    }
    yield (
        "submission",
        [
            {**vars(s), "received_by": s.by, "accepted_on": accepted.get(s.submission, "")}
            for s in register.submissions(root, area)
        ],
    )
    yield (
        "review",
        [
            {**vars(r), "number": n, "group_code": r.group, "decided_by": r.by, "decided_on": r.on}
            for n, r in enumerate(reviews, start=1)
        ],
    )
    yield "observation", _observation_rows(observations)


def _observation_rows(observations: pd.DataFrame) -> list[dict[Any, Any]]:
    report = [*KEY, "submission", "file_row", "reported_at"]
    new = vintages(observations)
    numbers = new.groupby(KEY, sort=False).cumcount() + 1 if len(new) else pd.Series(dtype="int64")
    used = [_PROVISIONAL.get(s, s) if u else s for s, u in zip(observations["status"], observations[USE], strict=True)]
    told = observations.assign(definition=definitions(observations), status=used)
    rows = told.merge(new[report].assign(vintage=numbers), on=report, how="left")
    cells = [
        s.rsplit(" ", 1)[-1] if f.startswith("returns/") else ""
        for s, f in zip(rows["source"], rows["submission"], strict=True)
    ]
    table = rows.assign(vintage=rows["vintage"].fillna(0).astype(int), cell=cells).rename(columns=_NAMED).astype(object)
    return table.where(table.notna(), None).to_dict("records")


def _replace(draft: Path, target: Path, area: str) -> None:
    for _ in range(20):
        with suppress(PermissionError):  # Windows: somebody reads the old one just now
            os.replace(draft, target)
            return
        time.sleep(0.1)
    raise BusyError(say("database.open_elsewhere", area=area))
