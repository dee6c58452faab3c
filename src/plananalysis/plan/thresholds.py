"""Every cut and tolerance a verdict depends on, read from settings and checked before anything is judged by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from plananalysis.base.errors import DataError, Problem
from plananalysis.base.tables import read_settings, shipped
from plananalysis.base.text import listed, say
from plananalysis.plan.findings import Findings

FILE = "data/raw/thresholds.toml"

# how words of a target are read: an office decides these by itself, from a day on
TOLERANCES = ("about_tolerance", "marked_decrease", "relative_tolerance")
# these must rise from left to right
_ORDERS = (
    ("very_hard", "hard", "likely"),
    ("alert_anticipatory", "alert_binding"),
    ("min_points", "grade_b_points", "grade_a_points"),
    ("volatile_level", "outlier_level"),
)


def _within(low: float, high: float) -> Any:
    """A setting whose value must lie between two ends, both included."""
    return field(metadata={"range": (low, high)})


@dataclass(frozen=True)
class Thresholds:
    """Settings by name. Probabilities and shares are 0–1, tolerances are percentage points.

    ``sources`` says for each name whether it is the national default (``"default"``) or set by the area (``"area"``);
    ``signed_off`` is who confirmed them and when, "" while nobody has; ``decided`` says it of each tolerance that the office has
    decided by itself, whose source is ``"decided"``.
    """

    likely: float = _within(0.0, 1.0)
    hard: float = _within(0.0, 1.0)
    very_hard: float = _within(0.0, 1.0)
    clear_by: float = _within(0.0, 0.2)
    alert_binding: float = _within(0.0, 1.0)
    alert_anticipatory: float = _within(0.0, 1.0)
    volatile_level: float = _within(0.5, 1.0)
    volatile_steps: int = _within(1, 5)
    outlier_level: float = _within(0.5, 1.0)
    about_tolerance: float = _within(0.0, 20.0)
    about_tolerances_shown: tuple[float, ...] = _within(0.0, 20.0)
    marked_decrease: float = _within(0.0, 1.0)
    relative_tolerance: float = _within(0.0, 20.0)
    control_level: float = _within(0.5, 1.0)
    control_years: int = _within(1, 10)
    pool_years: int = _within(1, 10)
    min_points: int = _within(3, 20)
    grade_a_points: int = _within(3, 50)
    grade_b_points: int = _within(3, 50)
    grade_fresh_years: int = _within(0, 10)
    small_events: int = _within(0, 1000)
    schedule_margin: float = _within(0.0, 0.5)
    signed_off: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)
    decided: Mapping[str, str] = field(default_factory=dict)

    def as_of(self, decisions: Iterable[Mapping[str, str]], closes: str) -> Thresholds:
        """The same with the tolerances decided by a day, given as rows of ``plan/thresholds.csv``."""
        newest: dict[str, Mapping[str, str]] = {}
        for row in sorted(decisions, key=lambda r: r["decided_on"]):
            if row["decided_on"] <= closes:
                newest[row["threshold"]] = row
        if not newest:
            return self
        values: dict[str, Any] = {name: float(row["value"]) for name, row in newest.items()}
        who = {name: f"{row['decided_by']} {row['decided_on']}" for name, row in newest.items()}
        return replace(self, **values, sources={**self.sources, **dict.fromkeys(newest, "decided")}, decided=who)

    def rows(self) -> list[dict[str, Any]]:
        """Name, value and source of every number, for the table each report prints."""
        return [{"name": n, "value": getattr(self, n), "source": self.sources.get(n, "default")} for n in RANGES]


RANGES: dict[str, tuple[float, float]] = {f.name: f.metadata["range"] for f in fields(Thresholds) if f.metadata}
_INTEGERS = {f.name for f in fields(Thresholds) if f.type == "int"}


def read_thresholds(root: Path, override: Mapping[str, Any], area_file: str) -> tuple[Thresholds | None, list[Problem]]:
    """National defaults with an area's overrides, or None with everything that is wrong.

    Parameters
    ----------
    override
        The ``[thresholds]`` table of an area's settings, by flat name.
    area_file
        Where that table stands, for messages.
    """
    national = _flatten(read_settings(root / FILE, root))
    values = {**national, **override}
    place = {**dict.fromkeys(national, FILE), **dict.fromkeys(override, area_file)}
    problems: list[Problem] = []

    def bad(name: str, rule: str, /, **words: Any) -> None:
        findings = Findings(place.get(name, FILE))
        findings.add(None, name, rule, values.get(name, ""), **words)
        problems.extend(findings.problems)

    for name in values:
        if name not in RANGES and name != "signed_off":
            bad(name, "threshold_unknown", allowed=listed(RANGES))
    sound: set[str] = set()
    for name, (low, high) in RANGES.items():
        if name not in values:
            bad(name, "threshold_missing", name=name)
            continue
        value = values[name]
        numbers = value if name == "about_tolerances_shown" and isinstance(value, list) else [value]
        plain = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in numbers)
        whole = name not in _INTEGERS or all(isinstance(v, int) for v in numbers)
        if not plain or not whole or not numbers or not all(low <= v <= high for v in numbers):
            kind = say("plan.whole" if name in _INTEGERS else "plan.number")
            bad(name, "threshold_range", low=low, high=high, whole=kind)
        else:
            sound.add(name)
    for names in _ORDERS:
        for lower, higher in pairwise(names):
            if {lower, higher} <= sound and (
                values[lower] > values[higher] or (higher in ("hard", "likely") and values[lower] == values[higher])
            ):
                bad(lower if place[lower] == area_file else higher, "threshold_order", lower=lower, higher=higher)
    if not isinstance(values.get("signed_off", ""), str):
        bad("signed_off", "settings_type", kind="文字")
    if problems:
        return None, problems
    values["about_tolerances_shown"] = tuple(float(v) for v in values["about_tolerances_shown"])
    typed: dict[str, Any] = {
        n: values[n] if n in _INTEGERS or n == "about_tolerances_shown" else float(values[n]) for n in RANGES
    }
    sources = {n: "area" if n in override else "default" for n in RANGES}
    return Thresholds(**typed, signed_off=values.get("signed_off", ""), sources=sources), []


@cache
def national() -> Thresholds:
    """The national defaults as this program ships them, for histories that belong to no area."""
    thresholds, problems = read_thresholds(shipped(FILE).parents[2], {}, FILE)
    if thresholds is None:
        raise DataError(problems)
    return thresholds


def _flatten(settings: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for section, content in settings.items():
        if not isinstance(content, dict):
            flat[section] = content
            continue
        for key, value in content.items():  # the alert cuts share their keys with the attributes they are for
            flat[f"alert_{key}" if section == "alert" and key in ("binding", "anticipatory") else key] = value
    return flat
