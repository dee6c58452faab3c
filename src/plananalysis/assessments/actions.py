"""What is being done about the targets, as the office records it; and the kind of action a verdict calls for.

The office writes ``data/raw/<area>/actions.csv``; the file may be absent. Nothing here words a policy: a rule proposes one of five
kinds, a person says what is done.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import pandas as pd

from plananalysis import schema
from plananalysis.base.spreadsheets import as_date
from plananalysis.base.tables import read_rows
from plananalysis.base.text import say
from plananalysis.plan import Plan
from plananalysis.plan.findings import Findings, Row, iso_date

COLUMNS = [*schema.table("edition", "actions").stored]  # of the office's file, and of the table
KINDS = ("reach", "hold", "stabilise", "clarify", "fill")  # in the order a reader should see them
STATUSES = ("planned", "under_way", "done", "stopped")
_LONGEST = 200  # characters of a title: it stands in one cell of a printed table


def load_actions(root: Path, plan: Plan, series: Collection[str] | None = None) -> pd.DataFrame:
    """Measures an edition can know of: those that begin by the end of the year in which its data close.

    Parameters
    ----------
    series
        The series the edition is about; None for all of the plan.

    Returns
    -------
    DataFrame
        Columns :data:`COLUMNS` as text, in the plan's order of series, then by start; empty when the office has no file.

    Raises
    ------
    DataError
        Lists every broken rule with file, row and column.
    """
    path = root / "data" / "raw" / plan.area / "actions.csv"
    if not path.is_file():
        return pd.DataFrame(columns=COLUMNS, dtype=object)
    findings = Findings(path.relative_to(root).as_posix(), "actions.rules")
    rows = read_rows(path, root, COLUMNS, undo={"start": as_date, "end": as_date})
    _check(rows, plan, findings)
    findings.refuse()
    place = {series: i for i, series in enumerate(plan.series.index)}
    wanted = plan.series.index if series is None else series
    known = [r for r in rows if r["start"][:4] <= plan.known_on[:4] and r["series"] in wanted]
    known.sort(key=lambda r: (place[r["series"]], r["start"], r["action"]))
    return pd.DataFrame(known, columns=COLUMNS, dtype=object)


def proposed(row: Mapping[str, object]) -> tuple[str, ...]:
    """Kinds of action that follow from one line of the assessment table by rule, in the order of :data:`KINDS`.

    Parameters
    ----------
    row
        Cells ``position, outlook, alerts, why_no_probability`` of the table ``assessments``.

    Examples
    --------
    >>> proposed({"position": "not_met", "outlook": "hard", "alerts": "both_red;volatile", "why_no_probability": ""})
    ('reach', 'stabilise')
    >>> proposed({"position": "met", "outlook": "met_secure", "alerts": "", "why_no_probability": ""})
    ()
    """
    alerts = str(row.get("alerts") or "").split(";")
    found = {
        "reach": row["position"] == "not_met",
        "hold": row["outlook"] == "met_slipping" or ("slipping" in alerts and row["position"] == "met"),
        "stabilise": "volatile" in alerts,
        "clarify": row.get("why_no_probability") == "no_band" or bool({"verify", "above_band"} & {*alerts}),
        "fill": row["outlook"] == "no_data",
    }
    return tuple(kind for kind in KINDS if found[kind])


def _check(rows: Sequence[Row], plan: Plan, f: Findings) -> None:
    f.unique(rows, "action")
    for row in rows:
        f.filled(row, "action", "title", "source")
        for column, known, file in (
            ("series", {code for one in plan.together() for code in one.series.index}, "series.csv"),
            ("unit", plan.units.index, "units.csv"),
        ):
            if row[column] not in known:
                f.add(row, column, "unknown_code", file=f"plan/{file}")
        f.closed(row, "kind", KINDS)
        f.closed(row, "status", STATUSES)
        f.closed(row, "good_practice", ("yes", "no"))
        if len(row["title"]) > _LONGEST:
            f.add(row, "title", "too_long", longest=_LONGEST)
        if not iso_date(row["start"]):
            f.add(row, "start", "date")
        if row["end"] and not iso_date(row["end"]):
            f.add(row, "end", "date")
        elif row["end"] and iso_date(row["start"]) and row["end"] < row["start"]:
            f.add(row, "end", "ends_before_start", start=row["start"])
        if row["status"] in ("done", "stopped") and not row["end"]:
            f.add(row, "end", "end_missing", status=say(f"actions.status.{row['status']}"))
