"""The names of a plan in English; codes, numbers and everything that is compared stay as they are."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from plananalysis.base.text import HAN, LANGUAGES, catalogue, language, say, translated
from plananalysis.plan.contents import Plan

# What readers see. ``indicator`` stays Chinese: from its words (每千…) follows what a count is divided by.
_SHOWN = {
    "plans": ("name", "short"),
    "domains": ("name",),
    "units": ("name",),
    "series": ("name", "numerator", "denominator", "note"),
    "targets": ("target_text",),
    "definitions": ("text", "note"),
}


def in_english(plan: Plan) -> Plan:
    """The same plan with English names, as far as ``data/raw/english.csv`` has them."""
    shown = {table: _named(getattr(plan, table), columns) for table, columns in _SHOWN.items()}
    for column in ("name", "short"):
        shown["plans"][column] = plan.plans[f"{column}_en"]
    english = plan.domains["name_en"]
    shown["domains"]["name"] = english.where(english != "", shown["domains"]["name"])
    outline = replace(plan.outline, title=translated(plan.outline.title))
    return replace(plan, name=plan.name_en or plan.name, outline=outline, **shown)


def _named(table: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    shown = {c: pd.Series([translated(t) for t in table[c]], table.index, dtype=object) for c in columns}
    return table.assign(**shown)


def untranslated(plan: Plan) -> list[str]:
    """One sentence for every name an English edition has to show in Chinese; none in a Chinese one."""
    if language() == LANGUAGES[0]:
        return []
    shown = {t for table, columns in _SHOWN.items() for c in columns for t in getattr(plan, table)[c] if HAN.search(t)}
    own = {unit for unit in plan.series["unit"] if f"unit.{unit}" not in catalogue() and HAN.search(translated(unit))}
    return [say("plan.untranslated", name=name) for name in sorted(shown | own)]
