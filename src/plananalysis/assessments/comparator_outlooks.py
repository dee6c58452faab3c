"""Owns the table ``comparator_outlooks``: what another place's history would mean by this area's targets, where the area itself has no data.

A district whose first data of the plan period are still to come can look at its city and its country: the same targets, the same
rules, their values. It is a yardstick and said to be one; it enters no count, no verdict and no probability of the area.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from plananalysis import schema
from plananalysis.assessments import assess_areas, positions
from plananalysis.assessments.years import Kept
from plananalysis.observations import History, histories
from plananalysis.plan import Plan
from plananalysis.plan.units import AMOUNTS

_PRINTED = ("threshold", "about", "within_band")  # whose number is meant for a place of the area's own size
_SAID = ("value", "value_year", "position", "shortfall", "outlook", "probability", "n_points")


def comparator_outlooks(
    plan: Plan, own: Mapping[str, History], compared: pd.DataFrame, kept: Kept | None = None
) -> pd.DataFrame:
    """Verdicts on the comparable values of other places, for series of which the area has none since the base year.

    Parameters
    ----------
    own
        The area's histories as known, by series.
    compared
        The table ``comparators``; what is left out of it there is left out here.
    kept
        Asked for projections made before, as ``editions.memo`` answers.

    Returns
    -------
    DataFrame
        The table ``comparator_outlooks`` of the schema. A place whose newest value is older than the base year says nothing; nor does one
        by a target in whole persons or cases, which is meant for the area's own size.
    """
    base, leaves, lines = plan.outline.base_year, plan.leaves(), positions.lines(plan)

    def asked(code: str) -> bool:
        silent = code not in own or not len(own[code].years) or own[code].years[-1] <= base
        # per thousand they have decimals
        whole = leaves.at[code, "unit"] in AMOUNTS and leaves.at[code, "decimals"] == 0
        sized = whole and code in lines and lines[code].reading.kind in _PRINTED
        return code in lines and silent and not sized

    wanted = set(filter(asked, leaves.index))
    columns, found = [*schema.table("edition", "comparator_outlooks").stored], []
    order = {code: i for i, code in enumerate(leaves.index)}
    for place in plan.comparators:
        held = compared[(compared["place"] == place) & (compared["left_out"] == "") & compared["series"].isin(wanted)]
        if not len(held):
            continue
        view = held.assign(area=place, group="total", value_text="", numerator=float("nan"), denominator=float("nan"))
        ((judged,),) = assess_areas([[(plan, histories(view, plan.series))]], kept=kept)
        names = {c: held[c].iloc[0] for c in ("place_name", "place_name_en")}
        for series, row in judged.assessments.loc[sorted(set(held["series"]), key=order.__getitem__)].iterrows():
            if row["value_year"] >= base:
                found.append({"series": series, "place": place, **names, **{c: row[c] for c in _SAID}})
    found.sort(key=lambda r: (order[r["series"]], plan.comparators.index(r["place"])))
    return pd.DataFrame(found, columns=columns)
