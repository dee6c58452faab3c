"""Owns the table ``comparators``: published values of the places a plan is compared with, each with its page.

Only values under the same definition stand side by side. A definition that is not stated on either side counts as the same unless
the plan knows several of them; what is left out stays in the table with its reason. A fictional area has no real company: beside
invented figures a published one would be taken for invented, or the invented ones for published.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from plananalysis import schema
from plananalysis.assessments.events import published
from plananalysis.base.errors import DataError, Problem
from plananalysis.base.tables import read_rows, read_settings
from plananalysis.base.text import say
from plananalysis.observations import as_known, as_rows, current_definition, load_observations
from plananalysis.plan import Plan
from plananalysis.plan.check import COLUMNS as PLAN_COLUMNS

PLACES = ("place", "name", "name_en")


def load_comparators(root: Path, plan: Plan, view: pd.DataFrame) -> pd.DataFrame:
    """Published values for the plan's series in the places named in ``area.toml``, as known when the edition closed.

    Parameters
    ----------
    view
        The area's own values as known, from :func:`plananalysis.observations.as_known`.

    Returns
    -------
    DataFrame
        The table ``comparators`` of the schema. ``own_value`` and ``difference`` (own minus theirs, at published precision) stand where both
        were observed in one year; ``left_out`` says why a value must not be compared and is empty where it may.

    Raises
    ------
    DataError
        A fictional area names a real place, or a place has no name.
    UsageError
        A place has no folder in ``data/raw``.
    """
    names, columns = _names(root, plan), [*schema.table("edition", "comparators").stored]
    leaves = plan.leaves()
    own = {code: rows for code, rows in view[view["group"] == "total"].groupby("series")}
    kinds = plan.definitions[plan.definitions["definition"] != ""].groupby("series")["definition"].nunique().to_dict()
    order = {code: i for i, code in enumerate(leaves.index)}
    found = []
    for place in plan.comparators:
        units = _units(root, place)
        known = as_known(load_observations(root, place), plan.known_on, plan.as_of)
        known = known[(known["area"] == place) & (known["group"] == "total") & known["value"].notna()]
        for row in as_rows(known[known["series"].isin(leaves.index)]):
            about, rows = leaves.loc[row.series], own.get(row.series)
            silent = rows is None or rows["value"].isna().all()
            definition = "" if silent else current_definition(as_rows(rows))
            if units.get(row.series, about["unit"]) != about["unit"]:
                why = "other_unit"
            elif (silent and row.definition) or (kinds.get(row.series, 0) > 1 and "" in (row.definition, definition)):
                why = "definition_unknown"
            else:
                why = "" if row.definition == definition else "other_definition"
            line = {c: getattr(row, c) for c in columns if hasattr(row, c)} | {"left_out": why}
            line |= {"place": place, "place_name": names[place][0], "place_name_en": names[place][1]}
            found.append(line | ({} if why or silent else _beside(rows, row, definition, int(about["decimals"]))))
    found.sort(key=lambda r: (order[r["series"]], plan.comparators.index(r["place"]), r["year"], r["definition"]))
    return pd.DataFrame(found, columns=columns)


def _beside(rows: pd.DataFrame, row: Any, definition: str, digits: int) -> dict[str, float]:
    """The area's own value of the same year, and the difference as it follows from the published values."""
    same = rows[(rows["year"] == row.year) & (rows["definition"] == definition) & rows["value"].notna()]
    if not len(same):
        return {}
    own = float(same["value"].iloc[-1])
    whole = published(own, digits) - published(row.value, digits)
    return {"own_value": own, "difference": round(float(whole) / 10.0**digits, digits)}


def _names(root: Path, plan: Plan) -> dict[str, tuple[str, str]]:
    """What each place is called, in Chinese and in English, as far as it has an English name."""
    if not plan.comparators:
        return {}
    path, problems, names = root / "data" / "raw" / "places.csv", [], {}
    listed = {r["place"]: r for r in read_rows(path, root, PLACES)} if path.is_file() else {}
    settings = f"data/raw/{plan.area}/area.toml"
    for place in plan.comparators:
        own = root / "data" / "raw" / place / "area.toml"
        about = read_settings(own, root) if own.is_file() else {}
        chinese = str(listed.get(place, about).get("name", ""))
        english = str(listed.get(place, about).get("name_en", ""))
        names[place] = chinese, english
        broken = "unnamed" if not chinese else "fictional" if plan.fictional and not about.get("fictional") else ""
        if broken:
            words = (say(f"comparators.{broken}.{part}") for part in ("rule", "advice"))
            problems.append(Problem(settings, 0, "comparators", place, *words))
    if problems:
        raise DataError(problems)
    return names


def _units(root: Path, place: str) -> dict[str, str]:
    """Units of a place's own list of series; empty for a place that has none and uses the plan's codes."""
    path = root / "data" / "raw" / place / "plan" / "series.csv"
    if not path.is_file():
        return {}
    return {r["series"]: r["unit"] for r in read_rows(path, root, PLAN_COLUMNS["series"])}
