"""``area.toml``: what an area is called, which plan periods it has, and when its data close; checked key by key."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plananalysis.base.decoding import invisible
from plananalysis.base.errors import Problem
from plananalysis.base.names import is_code, is_period
from plananalysis.base.tables import read_settings
from plananalysis.base.text import LANGUAGES, listed
from plananalysis.plan.findings import Findings, iso_date

_SETTINGS: dict[str, tuple[type, str]] = {
    "name": (str, "文字"),
    "name_en": (str, "文字"),
    "fictional": (bool, "true 或 false"),
    "as_of": (int, "年份"),
    "data_closes_months": (int, "月数"),
    "comparators": (list, "地区代码列表"),
    "outlines": (list, "规划期列表"),
}
_MAY: dict[str, tuple[type, str]] = {
    "country": (bool, "true 或 false"),
    "thresholds": (dict, "表"),
    "language": (str, "zh 或 en"),
    "office": (str, "文字"),
    "office_en": (str, "文字"),
}
_OUTLINE: dict[str, tuple[type, str]] = {
    "id": (str, "文字"),
    "base_year": (int, "年份"),
    "target_year": (int, "年份"),
    "issued": (str, "日期,写成 2022-12-29"),
    "title": (str, "文字"),
    "source": (str, "文字"),
}
_OUTLINE_MAY: dict[str, tuple[type, str]] = {
    "short": (str, "文字"),
    "short_en": (str, "文字"),
    "plans": (str, "规划代码,多个用分号隔开"),
}


LONGEST_CLOSING = 120  # months after the end of a data year: a plan that is over may be evaluated years later


@dataclass(frozen=True)
class Outline:
    """One plan period; an edition belongs to it when ``base_year < as_of <= target_year``.

    ``short`` is what its plans are called together, "" where it is not said. ``plans`` names the plans it is the period of, by code
    and joined by semicolons; "" for all: only periods that name theirs may run side by side.
    """

    id: str
    base_year: int
    target_year: int
    issued: str
    title: str
    source: str
    short: str = ""
    short_en: str = ""
    plans: str = ""

    def covers(self, year: int) -> bool:
        """Whether the edition of a year belongs to it."""
        return self.base_year < year <= self.target_year

    def is_of(self, plan: str) -> bool:
        """Whether it is a period of the plan of this code."""
        return is_of(self.plans, plan)

    def clashes(self, other: Outline) -> bool:
        """Whether an edition's row could belong to both: their years overlap, and a plan is of both or may be."""
        together = self.base_year < other.target_year and other.base_year < self.target_year
        return together and not (self.plans and other.plans and not {*codes(self.plans)} & {*codes(other.plans)})


def codes(plans: str) -> tuple[str, ...]:
    """The plans a period names, by code; none where it is a period of all."""
    return tuple(code.strip() for code in plans.split(";") if code.strip())


def is_of(plans: str, plan: str) -> bool:
    """Whether a period that names ``plans`` is one of a plan."""
    return not plans or plan in codes(plans)


def read_area(root: Path, area: str, problems: list[Problem]) -> tuple[dict[str, Any], list[Outline]]:
    """``area.toml``, checked key by key; the outlines that are sound."""
    findings = Findings(f"data/raw/{area}/area.toml")
    settings = read_settings(root / "data" / "raw" / area / "area.toml", root)
    _check_keys(settings, {**_SETTINGS, **_MAY}, "", findings, optional=_MAY)
    if not is_code(area):
        findings.add(None, "", "area_code", area)
    for key in ("name", "name_en"):
        text = settings.get(key)
        if isinstance(text, str) and (unseen := invisible(text) or ("U+000A" if "\n" in text else "")):
            findings.add(None, key, "unseen", "".join(c for c in text if c.isprintable()), character=unseen)
    outlines: list[Outline] = []
    for i, one in enumerate(settings["outlines"] if isinstance(settings.get("outlines"), list) else [], start=1):
        place = f"outlines[{i}]."
        wanted = {**_OUTLINE, **_OUTLINE_MAY}
        if not isinstance(one, dict) or not _check_keys(one, wanted, place, findings, optional=_OUTLINE_MAY):
            continue
        if not iso_date(one["issued"]):
            findings.add(None, f"{place}issued", "date", one["issued"])
        elif one["base_year"] >= one["target_year"]:
            findings.add(None, f"{place}target_year", "outline_years", one["target_year"], base=one["base_year"])
        elif one.get("plans") and not is_period(one["id"]):
            findings.add(None, f"{place}id", "outline_id", one["id"])
        elif any(o.id == one["id"] or o.clashes(Outline(**one)) for o in outlines):
            findings.add(None, f"{place}id", "outline_overlap", one["id"])
        else:
            outlines.append(Outline(**one))
    if not findings.problems:
        if not outlines:
            findings.add(None, "outlines", "settings_missing", "", name="outlines")
        elif not any(o.covers(settings["as_of"]) for o in outlines):
            findings.add(None, "as_of", "as_of_outside", settings["as_of"])
        if not 0 <= (months := settings["data_closes_months"]) <= LONGEST_CLOSING:
            findings.add(None, "data_closes_months", "whole_number", months, low=0, high=LONGEST_CLOSING)
    if settings.get("language", LANGUAGES[0]) not in LANGUAGES:
        findings.add(None, "language", "closed_set", settings["language"], allowed=listed(LANGUAGES))
    problems += findings.problems
    return settings if isinstance(settings.get("thresholds", {}), dict) else {**settings, "thresholds": {}}, outlines


def _check_keys(
    given: Mapping[str, Any],
    wanted: Mapping[str, tuple[type, str]],
    place: str,
    findings: Findings,
    optional: Collection[str] = (),
) -> bool:
    before = len(findings.problems)
    for key, (kind, words) in wanted.items():
        if key not in given:
            if key not in optional:
                findings.add(None, place + key, "settings_missing", "", name=key)
        elif not isinstance(given[key], kind) or (kind is int and isinstance(given[key], bool)) or given[key] == "":
            findings.add(None, place + key, "settings_type", given[key], kind=words)
    for key in given:
        if key not in wanted:
            findings.add(None, place + key, "settings_unknown", key, allowed=listed(wanted))
    return len(findings.problems) == before
