"""What an area is held against: its groups with each other, and the places it is compared with."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from plananalysis.assessments.comparators import load_comparators
from plananalysis.assessments.gaps import tables
from plananalysis.base.text import LANGUAGES, say
from plananalysis.plan import Plan
from plananalysis.plan.groups import group_name


def gaps(plan: Plan, view: pd.DataFrame) -> pd.DataFrame:
    """The gaps the plan asks for, with the groups' names in the language spoken, by gap."""
    table = tables(plan, view)["gaps"].set_index("gap")
    plans = table["series"].map(plan.series["plan"])
    for column in ("group", "other"):
        names = [group_name(group, of) for group, of in zip(table[column], plans, strict=True)]
        table.insert(table.columns.get_loc("other") + 1, f"{column}_name", names)
    return table


def places(root: Path, plan: Plan, view: pd.DataFrame, language: str) -> pd.DataFrame:
    """Published values of the places compared with, named in a language; ``attrs["note"]`` says why there are none."""
    table = load_comparators(root, plan, view)
    if language != LANGUAGES[0]:
        table["place_name"] = table["place_name_en"].where(table["place_name_en"] != "", table["place_name"])
    table = table.drop(columns="place_name_en")
    if not len(table):
        reason = "no_places" if not plan.comparators else "places_without_values"
        table.attrs["note"] = say(f"workbench.{reason}", area=plan.name)
    return table
