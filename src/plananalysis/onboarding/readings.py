"""A further reading of one target, decided on a day: a row beside those before it, which stay and go on counting for editions that have closed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from plananalysis.base.errors import DataError, UsageError
from plananalysis.base.publication import lock
from plananalysis.base.text import say
from plananalysis.onboarding import plan_tables
from plananalysis.plan import load_plan
from plananalysis.plan.findings import Findings, Row
from plananalysis.plan.targets import KINDS, check_targets

READ = ("kind", "operator", "value", "low", "high", "reference")  # what a reading says; the other cells say whence


def decide_reading(
    root: Path, area: str, series: str, as_of: int, decided_on: str, by: str, reason: str, read: Mapping[str, str]
) -> dict[str, str]:
    """Write down how the office reads a target from a day on.

    Parameters
    ----------
    as_of
        Last data year of an edition of the plan period meant.
    decided_on, by, reason
        ISO date, who decided, and why.
    read
        Cells of :data:`READ`; those that the kind does not need are left out.

    Returns
    -------
    dict
        The row that was added to ``plan/targets.csv``.

    Raises
    ------
    UsageError
        No such area or target, or the reading is the one in force already.
    BusyError
        Another run is writing.
    DataError
        The reading breaks rules, or contradicts the printed words; nothing was written.
    """
    running = load_plan(root, area, as_of, language="zh")
    plan, series = running.named().get(series, (running, series))
    held = plan.reading(series)
    with lock(root, area):
        before = plan_tables.read(root, area)
        own = [r for r in before.rows["targets"] if (r["series"], r["outline"]) == (series, plan.outline.id)]
        latest = max((r for r in own if r["decided_on"] <= held.decided_on), key=lambda r: r["decided_on"])
        row = decided_row(latest, read, decided_on, by, reason)
        if {c: row[c] for c in READ} == {c: latest[c] for c in READ} and latest["operator_source"] == "office":
            raise UsageError(say("readings.same", series=series, on=latest["decided_on"]))
        rows = [*before.rows["targets"], row]
        findings = Findings(f"data/raw/{area}/plan/targets.csv")
        outlines = {one.outline.id: one.outline for one in running.together()}
        numbered = {name: _numbered(before.rows[name]) for name in ("series", "shared")}
        check_targets(_numbered(rows), numbered["series"], numbered["shared"], outlines, findings)
        if problems := [p for p in findings.problems if p.row == len(rows) + 1]:
            raise DataError(problems)
        plan_tables.write(root, area, {"targets": rows}, before)
        return row


def decided_row(latest: Mapping[str, str], read: Mapping[str, str], on: str, by: str, reason: str) -> dict[str, str]:
    """The row of a target's further reading; cells that its kind does not need are left empty."""
    needed = KINDS.get(read["kind"], READ)
    now = {c: read[c] if c == "kind" or c in needed else "" for c in READ}
    about = {"decided_on": on, "decided_by": by, "reason": reason, "operator_source": "office", "confidence": "high"}
    return {**latest, **now, **about}


def _numbered(rows: list[dict[str, str]]) -> list[Row]:
    """Rows as their file numbers them: the head is row 1."""
    return [{**row, "#": str(n)} for n, row in enumerate(rows, start=2)]
