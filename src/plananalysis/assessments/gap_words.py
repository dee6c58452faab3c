"""What is said of a gap, put together from the catalogue so that it cannot contradict the table."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from plananalysis.base.text import say
from plananalysis.render.quantities import chance, difference

SIGNIFICANT = 0.05  # two-sided; a difference that chance alone makes more often than this says nothing


def sentence(row: Mapping[str, Any]) -> str:
    """One line of the table ``gaps`` in words; empty when there is no value to speak of."""
    if _missing(row.get("value")):
        return ""
    unit, decimals = row["unit"], int(row["decimals"])

    def size(value: float) -> str:
        return difference(value, unit, decimals)

    names = {"group": row["group_name"], "other": row["other_name"]}
    value, year = float(row["value"]), int(row["value_year"])
    key = "same" if value == 0 else "higher" if value > 0 else "lower"
    text = say(f"gaps.now.{key}", year=year, size=size(value), **names)
    if by_chance(row):  # nothing is said of how such a difference moves
        return text + say("joint.stop").rstrip()
    if not _missing(row.get("trend")):
        base, held = int(row["base_year"]), float(row["baseline"])
        words = {"base_year": base, "change": size(float(row["change"])), "base_size": size(held), **names}
        moved = str(row["trend"])
        text += say(
            f"gaps.since.{moved if moved != 'reversed' else 'was_higher' if held > 0 else 'was_lower'}", **words
        )
    if not _missing(row.get("p_narrower")):
        key = "on" if row.get("trend") == "narrower" else "down"
        text += say(f"gaps.ahead.{key}", year=int(row["target_year"]), chance=chance(float(row["p_narrower"])))
    return text + say("joint.stop").rstrip()


def caution(row: Mapping[str, Any]) -> str:
    """Why a gap must be read with care: few cases behind it, or a difference that chance alone makes; empty when neither."""
    few, random = str(row.get("few")) == "True", by_chance(row)
    if not few and not random:
        return ""
    words = {
        "first": int(row["pooled_from"]),
        "last": int(row["value_year"]),
        "group": row["group_name"],
        "other": row["other_name"] if row["other"] != "total" else say("gaps.rest"),
        "events": int(row["events"]),
        "others": int(row["other_events"]),
    }
    return say(f"gaps.caution.{'few_random' if few and random else 'few' if few else 'random'}", **words)


def by_chance(row: Mapping[str, Any]) -> bool:
    """Whether the counts behind both groups differ by no more than chance makes them."""
    return not _missing(row.get("p_chance")) and float(row["p_chance"]) >= SIGNIFICANT


def _missing(value: object) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))
