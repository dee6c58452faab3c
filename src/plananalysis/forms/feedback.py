"""What a responsible unit gets back: where its targets stand, what was asked about its return, what it never reported."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from plananalysis.returns.issues import Issue, in_order

_COLUMNS = (
    "series",
    "indicator",
    "unit",
    "target_text",
    "value_text",
    "value_year",
    "position",
    "outlook",
    "probability",
    "alerts",
    "reason",
)


def feedback(
    assessments: pd.DataFrame, issues: Iterable[Issue], accountability: Iterable[dict[str, Any]], unit: str
) -> dict[str, Any]:
    """Data of one unit's feedback sheet; other units' details are not in it.

    Parameters
    ----------
    assessments
        The edition's table; ``responsible_units`` joined by ``;``.
    issues
        Questions about this unit's returns.
    accountability
        Rows of the table of all units, of which only the unit's own is used.

    Returns
    -------
    dict
        ``targets`` (rows, led ones first), ``questions`` (rows, worst first), ``standing`` (the unit's row, or None).
    """
    units = assessments["responsible_units"].fillna("").str.split(";")
    own = assessments[[unit in codes for codes in units]]
    lead = own["lead_unit"] == unit
    rows = [*own[lead].to_dict("records"), *own[~lead].to_dict("records")]
    return {
        "unit": unit,
        "targets": [{c: row.get(c, "") for c in _COLUMNS} | {"lead": row["lead_unit"] == unit} for row in rows],
        "questions": [one.as_record() for one in in_order(issues)],
        "standing": next((row for row in accountability if row["unit"] == unit), None),
    }
