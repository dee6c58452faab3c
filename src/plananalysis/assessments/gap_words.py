"""What is said of a gap, put together from the catalogue so that it cannot contradict the table."""

from __future__ import annotations

from plananalysis.base.text import say
from plananalysis.render.quantities import chance, difference
from plananalysis.schema.rows import Record

SIGNIFICANT = 0.05  # two-sided; a difference that chance alone makes more often than this says nothing


def sentence(row: Record) -> str:
    """One line of the table ``gaps`` in words; empty when there is no value to speak of."""
    value = row.number("value")
    if value is None:
        return ""
    unit, decimals = row.text("unit"), row.whole("decimals") or 0

    def size(value: float) -> str:
        return difference(value, unit, decimals)

    names = {"group": row.text("group_name"), "other": row.text("other_name")}
    key = "same" if value == 0 else "higher" if value > 0 else "lower"
    text = say(f"gaps.now.{key}", year=row.text("value_year"), size=size(value), **names)
    if by_chance(row):  # nothing is said of how such a difference moves
        return text + say("joint.stop").rstrip()
    moved = row.text("trend")
    if moved:
        held = row.number("baseline") or 0.0
        words = {
            "base_year": row.text("base_year"),
            "change": size(row.number("change") or 0.0),
            "base_size": size(held),
        }
        words |= names
        text += say(
            f"gaps.since.{moved if moved != 'reversed' else 'was_higher' if held > 0 else 'was_lower'}", **words
        )
    if (p := row.number("p_narrower")) is not None:
        key = "on" if moved == "narrower" else "down"
        text += say(f"gaps.ahead.{key}", year=row.text("target_year"), chance=chance(p))
    return text + say("joint.stop").rstrip()


def caution(row: Record) -> str:
    """Why a gap must be read with care: few cases behind it, or a difference that chance alone makes; empty when neither."""
    few, random = row.flag("few"), by_chance(row)
    if not few and not random:
        return ""
    words = {
        "first": row.text("pooled_from"),
        "last": row.text("value_year"),
        "group": row.text("group_name"),
        "other": row.text("other_name") if row.text("other") != "total" else say("gaps.rest"),
        "events": row.whole("events") or 0,
        "others": row.whole("other_events") or 0,
    }
    return say(f"gaps.caution.{'few_random' if few and random else 'few' if few else 'random'}", **words)


def by_chance(row: Record) -> bool:
    """Whether the counts behind both groups differ by no more than chance makes them."""
    return (row.number("p_chance") or 0.0) >= SIGNIFICANT
