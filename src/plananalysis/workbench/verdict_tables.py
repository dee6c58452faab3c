"""The verdicts of an area's edition as tables to compute with: paces in steps that need no unit, and targets met, draw by draw."""

from __future__ import annotations

import numpy as np
import pandas as pd

from plananalysis.assessments import AssessedYear
from plananalysis.plan.units import unit_name
from plananalysis.projections.outlook import outlook
from plananalysis.workbench.decompose import usual_step

_CHANCES = (
    *(
        "name",
        "unit",
        "domain",
        "lead_unit",
        "attribute",
        "target_text",
        "value",
        "value_year",
        "position",
        "probability",
    ),
    *("outlook", "evidence_grade", "alerts", "shortfall", "required_annual_change", "observed_annual_change"),
)


def chances(edition: AssessedYear, lead_unit: pd.Series) -> pd.DataFrame:
    """The verdict on every row of the plan, units in the language spoken; see ``Area.chances``."""
    table = edition.assessments.assign(lead_unit=lead_unit)
    asked = table[[c for c in _CHANCES if c in table.columns]].copy()
    asked["unit"] = asked["unit"].map({u: unit_name(u) for u in asked["unit"].unique()})
    step = pd.Series({code: usual_step(h) for code, h in edition.histories.items()}).replace(0.0, np.nan)
    side = np.sign(asked["required_annual_change"]).replace(0.0, np.nan)
    for ours, theirs in (("required_steps", "required_annual_change"), ("own_steps", "observed_annual_change")):
        asked[ours] = asked[theirs] * side / step.reindex(asked.index)
    return asked


def met(probabilities: pd.Series, together: float, n: int) -> pd.Series:
    """How many targets are met, draw by draw, by the probabilities of their rows; see ``Area.met``."""
    known = probabilities.dropna()
    found = pd.Series(outlook(known.to_list(), together).spread(n), name="met").rename_axis("draw")
    without = probabilities.index.difference(known.index, sort=False).tolist()
    found.attrs |= {"asked": len(probabilities), "without": without, "together": together}
    return found
