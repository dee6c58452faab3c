"""``corrections.csv``: values of tables corrected, and tables withdrawn as a whole, each from the day it was decided."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from plananalysis.base import tables
from plananalysis.base.errors import DataError, Problem
from plananalysis.base.spreadsheets import as_date
from plananalysis.base.text import listed
from plananalysis.observations.numbers import same_number
from plananalysis.observations.problems import about, file_name, problem
from plananalysis.plan.findings import iso_date
from plananalysis.returns.counted import UNTIL

_CELL = ("submission", "series", "group", "year")  # the cell a correction is about
CORRECTION = (*_CELL, "wrong_value", "right_value", "reason", "decided_by", "decided_on")
_DECIDED = ("reason", "decided_by", "decided_on")
_OF_VALUES = ("series", "group", "year", "wrong_value", "right_value")  # empty where a whole table is meant
_Complaint = tuple[str, str, dict[str, Any]]  # column, rule, words


def corrected(
    root: Path, path: Path, rows: list[dict[str, str]], problems: list[Problem], known: Collection[str] | None
) -> dict[int, dict[str, str]]:
    """Each correction as a report of its own, dated the day it was decided, by the position of the row it corrects.

    A line that names a table and none of its values withdraws the table: its rows count until that day, as those of a return do.
    What was reported stays as it was: an edition that had closed by then rests on it. A correction that no longer fits is a problem.
    """
    if not path.is_file():
        return {}
    try:
        corrections = tables.read_rows(path, root, CORRECTION, undo={"decided_on": as_date})
    except DataError as error:
        problems += error.problems
        return {}
    cells: dict[tuple[str, ...], list[int]] = {}
    for i, row in enumerate(rows):
        cells.setdefault(tuple(row[c] for c in _CELL), []).append(i)
    found: dict[int, dict[str, str]] = {}
    whole = [not any(fix[c] for c in _OF_VALUES) for fix in corrections]
    for fix, of_table in sorted(zip(corrections, whole, strict=True), key=lambda line: not line[1]):  # tables first
        candidates: list[int] = []
        if of_table:
            complaint = _withdrawn([row for row in rows if row["submission"] == fix["submission"]], fix)
        else:
            fix["group"] = fix["group"] or "total"
            candidates = cells.get(tuple(fix[c] for c in _CELL), [])
            complaint = _complaint([rows[i] for i in candidates], any(i in found for i in candidates), fix)
        if complaint:
            column, key, fields = complaint
            place = file_name(path, root), int(fix["#"]), column, fix.get(column, "")
            problems.append(problem(*place, key, "" if of_table else about(fix, known), **fields))
            continue
        for hit in (i for i in candidates if same_number(rows[i]["value"], fix["wrong_value"])):
            row, right = rows[hit], fix["right_value"]
            found[hit] = {**row, "value": right, "correction": fix["reason"], "submitted_value": row["value"]}
            found[hit]["reported_at"] = max(row["reported_at"], fix["decided_on"])
            if not right:  # the value is withdrawn, not replaced
                found[hit]["status"] = "M"
    return found


def _withdrawn(rows: list[dict[str, str]], fix: dict[str, str]) -> _Complaint | None:
    """End the use of a table's rows on the day of the line; what is wrong with the line instead."""
    if complaint := _undecided(fix, _DECIDED):
        return complaint
    if not rows or "/" in fix["submission"]:  # a return is withdrawn in the register
        return "submission", "withdrawal_unmatched", {}
    if any(row.get(UNTIL) for row in rows):
        return "submission", "withdrawal_twice", {}
    for row in rows:
        row[UNTIL] = fix["decided_on"]
    return None


def _undecided(fix: dict[str, str], needed: Sequence[str]) -> _Complaint | None:
    """Which cell lacks for a line to be a decision."""
    for column in needed:
        if not fix[column]:
            return column, "correction_incomplete", {"column": column}
    return None if iso_date(fix["decided_on"]) else ("decided_on", "bad_date", {})


def _complaint(candidates: list[dict[str, str]], twice: bool, fix: dict[str, str]) -> _Complaint | None:
    """What is wrong with a correction; None when exactly one candidate still holds the wrong value."""
    wrong, right = fix["wrong_value"], fix["right_value"]
    if complaint := _undecided(fix, ("wrong_value", *_DECIDED)):
        return complaint
    if same_number(wrong, right):
        return "right_value", "correction_same", {}
    if not candidates:
        return "", "correction_unmatched", {}
    if twice:
        return "", "correction_twice", {}
    hits = [row for row in candidates if same_number(row["value"], wrong)]
    if not hits:
        return "wrong_value", "correction_expired", {"now": listed(r["value"] for r in candidates), "wrong": wrong}
    if len({row["#"] for row in hits}) > 1:  # a return's line stands once for each time in which it was in use
        return "", "correction_ambiguous", {"count": len(hits)}
    return None
