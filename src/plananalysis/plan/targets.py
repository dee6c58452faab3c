"""``plan/targets.csv``: the kinds of target there are, and what the reading of each printed target must hold."""

from __future__ import annotations

from collections.abc import Mapping

from plananalysis.plan.findings import Findings, Row, iso_date, number, target_number
from plananalysis.plan.printed import contradictions, read_milestones
from plananalysis.plan.settings import Outline
from plananalysis.plan.shared import belongs
from plananalysis.plan.units import COUNTS, PER

OPERATOR_SOURCES = ("printed", "inferred", "office")
CONFIDENCES = ("high", "medium", "low")
# which cells each kind of target needs; every other one of these cells must be empty
KINDS: dict[str, tuple[str, ...]] = {
    "threshold": ("operator", "value"),
    "about": ("value",),
    "within_band": ("low", "high"),
    "toward_band": ("low", "high"),
    "relative": ("operator", "reference"),
    "rise_each_year": (),
    "rise_gradually": (),
    "rise": (),
    "fall": (),
    "fall_clearly": (),
    "hold_or_rise": (),
    "under_control": (),
    "keep_reasonable": (),
    "worst_part": (),
    "rise_by": ("value",),
    "fall_by": ("value",),
    "rise_yearly": ("low", "high"),
    "fall_yearly": ("low", "high"),
    "cumulative_rise": ("value",),
    "cumulative_fall": ("value",),
    "growth": ("operator", "value"),
    "each_year": ("operator", "value"),
}
OPERATORS = {
    "threshold": (">=", "<=", "<", ">"),
    "relative": (">=", "~"),
    "growth": (">=", ">"),
    "each_year": (">=", "<=", "<", ">"),
}
# their numbers are changes, not values of the series
AMOUNTS = ("rise_by", "fall_by", "rise_yearly", "fall_yearly", "cumulative_rise", "cumulative_fall", "growth")
_RISING = ("rise_each_year", "rise_gradually", "rise", "hold_or_rise", "rise_by", "rise_yearly")
_FALLING = ("fall", "fall_clearly", "under_control", "fall_by", "fall_yearly")


def check_targets(
    rows: list[Row],
    series: list[Row] | None,
    shared: list[Row] | None,
    outlines: Mapping[str, Outline] | None,
    f: Findings,
) -> None:
    """``outlines`` are the plan periods by id; None where ``area.toml`` has none that is sound."""
    f.unique(rows, "series", "outline", "decided_on")
    by_code = {s["series"]: s for s in series or []}
    outlines_of: dict[str, set[str]] = {}
    first: dict[tuple[str, str], str] = {}
    for row in rows:
        key = row["series"], row["outline"]
        first[key] = min(row["decided_on"], first.get(key, row["decided_on"]))
    for row in rows:
        outline, one = (outlines or {}).get(row["outline"]), by_code.get(row["series"])
        own = belongs(one, outline, shared or []) if one is not None and outline is not None else True
        f.filled(row, "target_text", "decided_by")
        f.closed(row, "operator_source", OPERATOR_SOURCES)
        f.closed(row, "confidence", CONFIDENCES)
        evident = row["evidence_url"] or row["evidence_quote"] or row["operator_source"] == "office"
        if row["confidence"] in ("high", "medium") and not evident:
            f.add(row, "evidence_url", "evidence")
        if not iso_date(row["decided_on"]):
            f.add(row, "decided_on", "date")
        elif outline is not None and row["decided_on"] < outline.issued:
            f.add(row, "decided_on", "before_issue", issued=outline.issued)
        if outlines is not None and outline is None:
            f.add(row, "outline", "unknown_code", file="area.toml")
        earlier = first[row["series"], row["outline"]] < row["decided_on"]
        if not row["reason"] and (earlier or row["operator_source"] == "office"):
            f.add(row, "reason", "reason")
        if series is not None and (one is None or (one["role"] == "reference" and own)):
            f.add(row, "series", "unknown_code" if one is None else "reference_target", file="series.csv")
        if own is None and shared is not None:
            f.add(row, "outline", "target_plan", plan=one["plan"] if one else "")
        if own:
            outlines_of.setdefault(row["series"], set()).add(row["outline"])
        if f.closed(row, "kind", KINDS):
            _check_reading(row, one, by_code if series is not None else None, f)
            for column, rule, words in contradictions(row, one, str(outline.target_year) if outline else "9999"):
                f.add(row, column, rule, **words)
    for one in series or []:
        mine = outlines_of.get(one["series"], set())
        if one["role"] in ("target", "compound") and not mine:
            f.add(None, "series", "no_target", one["series"], row=one["#"])
        elif one["role"] == "part" and mine != outlines_of.get(one["row"], set()):
            f.add(None, "series", "part_target", one["series"], parent=one["row"])


def _check_reading(row: Row, one: Row | None, by_code: Mapping[str, Row] | None, f: Findings) -> None:
    """One reading: the cells its kind needs, numbers inside the series' bounds and precision, no contradiction."""
    kind, needed = row["kind"], KINDS[row["kind"]]
    for column in ("operator", "value", "low", "high", "reference"):
        if column in needed and not row[column]:
            f.add(row, column, "kind_needs", kind=kind)
        elif column not in needed and row[column]:
            f.add(row, column, "kind_forbids", kind=kind)
    if row["operator"] and "operator" in needed:
        f.closed(row, "operator", OPERATORS[kind])
    bare = target_number(row["target_text"].rstrip("%‰")) is not None
    if kind == "threshold" and row["operator_source"] == "printed" and bare:
        f.add(row, "operator_source", "bare_number")
    values = {c: target_number(row[c]) for c in ("value", "low", "high") if row[c] and c in needed}
    for column, value in values.items():
        if value is None:
            f.add(row, column, "not_a_number")
        elif kind in AMOUNTS:
            if value <= 0:
                f.add(row, column, "amount_positive")
        elif one is not None:
            _check_bounds(row, column, value, row[column], one, f)
            places = len(row[column].partition(".")[2])
            if one["decimals"].isdecimal() and places > int(one["decimals"]):
                f.add(row, column, "too_precise", decimals=one["decimals"])
    low, high = values.get("low"), values.get("high")
    if low is not None and high is not None and (low > high or (low == high and kind not in AMOUNTS)):
        f.add(row, "high", "bounds_order", lower=row["low"])
    _check_milestones(row, one, f)
    if one is None:
        return
    if kind == "under_control" and one["unit"] not in COUNTS and not (one["unit"] in PER and one["denominator"]):
        f.add(row, "kind", "control_counts", unit=one["unit"])
    way = "1" if kind.endswith("rise") else "-1"
    if kind.startswith("cumulative") and one["unit"] != "%" and one["direction"] != way:
        f.add(row, "kind", "direction", direction=one["direction"])
    if (kind == "worst_part") != (one["role"] == "compound"):
        f.add(row, "kind", "worst_part")
    if row["reference"] and kind == "relative" and by_code is not None:
        other = by_code.get(row["reference"])
        if other is None:
            f.add(row, "reference", "unknown_code", file="series.csv")
        elif other is one or other["role"] == "compound" or other["unit"] != one["unit"]:
            f.add(row, "reference", "reference_series")
    up = row["operator"] in (">=", ">") or kind in _RISING
    down = row["operator"] in ("<=", "<") or kind in _FALLING
    wrong = (up and one["direction"] in ("0", "-1")) or (down and one["direction"] in ("0", "1"))
    if wrong or (kind == "toward_band" and one["direction"] != "0"):
        f.add(row, "operator" if row["operator"] else "kind", "direction", direction=one["direction"])


def _check_milestones(row: Row, one: Row | None, f: Findings) -> None:
    if not row["milestones"]:
        return
    steps = read_milestones(row["milestones"])
    if row["kind"] != "threshold" or steps is None or [y for y, _ in steps] != sorted({y for y, _ in steps}):
        f.add(row, "milestones", "milestones")
        return
    for _, value in steps if one is not None else ():
        _check_bounds(row, "milestones", float(value), value, one or {}, f)


def _check_bounds(row: Row, column: str, value: float, shown: str, one: Row, f: Findings) -> None:
    """A number of a target within what its series can be."""
    lower, upper = number(one["lower"]), number(one["upper"])
    if (lower is not None and value < lower) or (upper is not None and value > upper):
        f.add(row, column, "outside_bounds", shown, lower=one["lower"] or "无", upper=one["upper"] or "无")
