"""What a plan asks: its series, targets, responsible units and domains, as they held for one year's edition.

Examples
--------
>>> plan = load_plan(find_root(), "jiangbei")            # doctest: +SKIP
>>> plan.reading("W03").operator, plan.reading("W03").value    # doctest: +SKIP
('<=', 8.0)
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from plananalysis.base.errors import DataError, Problem, UsageError
from plananalysis.base.spreadsheets import Undo, as_date, as_range, as_ratio
from plananalysis.base.tables import areas, read_rows, strays
from plananalysis.base.text import LANGUAGES, aside, listed, read_names, say, speaking
from plananalysis.base.text import language as spoken
from plananalysis.plan import check
from plananalysis.plan.contents import Plan, Reading
from plananalysis.plan.findings import Findings, target_number
from plananalysis.plan.names import in_english
from plananalysis.plan.plans import plans_file
from plananalysis.plan.printed import as_printed
from plananalysis.plan.settings import Outline, codes, read_area
from plananalysis.plan.shared import check_shared, placed
from plananalysis.plan.targets import check_targets
from plananalysis.plan.thresholds import Thresholds, read_thresholds

__all__ = ["Outline", "Plan", "Reading", "Thresholds", "known_on", "load_plan", "load_plans"]

_OPTIONAL_TABLES = ("shared", "definitions", "companions", "thresholds")
_BESIDE = ("logic", "groups", "classes")  # tables of the same folder that others read
UNDO: dict[str, Undo] = {  # what a spreadsheet did to the cells of these tables
    "targets": {
        "decided_on": as_date,
        **dict.fromkeys(("target_text", "value", "low", "high", "evidence_quote"), as_ratio),
    },
    "companions": {"value": as_range},
    "thresholds": {"decided_on": as_date},
}


def known_on(as_of: int, months: int) -> str:
    """Last day on which a report still counts for an edition: the end of ``as_of`` plus whole months.

    >>> known_on(2015, 12), known_on(2024, 15), known_on(2023, 2)
    ('2016-12-31', '2026-03-31', '2024-02-29')
    """
    year, month = as_of + (11 + months) // 12, (11 + months) % 12 + 1
    return f"{year}-{month:02d}-{monthrange(year, month)[1]:02d}"


def load_plan(
    root: str | Path, area: str, as_of: int | None = None, language: str | None = None, outline: str = ""
) -> Plan:
    """Read and check the whole plan of an area, as it held for the edition of ``as_of``.

    Where several plan periods run in that year, the plan is that of one of them: what only the others ask for are references in it,
    and the plans of the others stand ``beside`` it.

    Parameters
    ----------
    as_of
        Last data year of the edition; the area's own setting when None.
    language
        Language of the names; by default the one spoken at the moment. What compares names with what was typed asks for ``zh``.
    outline
        Id of the plan period; by default the first one in ``area.toml`` that covers the year.

    Raises
    ------
    DataError
        Lists every broken rule of every table, not only the first.
    UsageError
        No such area, or no plan period (of this id) covers ``as_of``.
    """
    return _whole(_checked(Path(root), area), Path(root), as_of, language, outline)


def load_plans(
    root: str | Path, area: str, as_of: int | None = None, language: str | None = None, outline: str = ""
) -> list[Plan]:
    """The plans of all editions of one plan period up to that of ``as_of``, oldest first; the tables are read once.

    The first is that of the period's first year, or of the first one whose data closed after the plan had been issued.
    """
    root = Path(root)
    checked = _checked(root, area)
    latest = _whole(checked, root, as_of, language, outline)
    years = range(latest.outline.base_year + 1, latest.as_of)
    issued = [year for year in years if checked.targets(latest.outline, year)]
    return [*(_whole(checked, root, year, language, latest.outline.id) for year in issued), latest]


@dataclass(frozen=True)
class _Checked:
    """The tables of a plan as text, found sound."""

    area: str
    settings: Mapping[str, Any]
    outlines: Sequence[Outline]
    thresholds: Thresholds
    tables: Mapping[str, Any]

    @cached_property
    def asked_years(self) -> dict[str, tuple[int, int]]:
        """First base year and last target year of the periods that ask for each series: those with a target on it, and for a series that
        has none anywhere those of its plan.
        """
        by_id = {o.id: o for o in self.outlines}
        found: dict[str, list[Outline]] = {}
        for row in self.tables["targets"]:
            found.setdefault(row["series"], []).append(by_id[row["outline"]])
        for row in self.tables["series"]:
            found.setdefault(row["series"], [o for o in self.outlines if o.is_of(row["plan"])] or list(self.outlines))
        return {s: (min(o.base_year for o in of), max(o.target_year for o in of)) for s, of in found.items()}

    def closes(self, year: int) -> str:
        """The day from which on nothing more is taken into the edition of a year."""
        return known_on(year, self.settings["data_closes_months"])

    def targets(self, outline: Outline, year: int) -> dict[str, dict[str, str]]:
        """The targets in force for the edition of a year, by series; none before the plan was issued."""
        return _in_force(self.tables["targets"], outline.id, self.closes(year))


def _checked(root: Path, area: str) -> _Checked:
    if area not in areas(root):
        raise UsageError(say("plan.errors.area", area=area, known=listed(areas(root))))
    folder = root / "data" / "raw" / area
    problems: list[Problem] = []
    settings, outlines = read_area(root, area, problems)
    thresholds, found = read_thresholds(root, settings.get("thresholds", {}), f"data/raw/{area}/area.toml")
    problems += found
    problems += strays(folder / "plan", root, [f"{name}.csv" for name in (*check.COLUMNS, *_BESIDE)])
    paths = {name: folder / "plan" / f"{name}.csv" for name in check.COLUMNS} | {"plans": plans_file(root, area)}
    tables = {name: _read(path, root, name, problems) for name, path in paths.items()}
    problems += _unknown_plans(area, settings, tables["plans"])
    _check_tables(tables, outlines, f"data/raw/{area}/plan", problems)
    if problems or thresholds is None:  # none without a problem told
        raise DataError(problems)
    return _Checked(area, settings, outlines, thresholds, tables)


def _whole(checked: _Checked, root: Path, as_of: int | None, language: str | None, outline: str) -> Plan:
    """The plan of one period as it held for one edition, with those of the periods beside it."""
    year = checked.settings["as_of"] if as_of is None else as_of
    running = [o for o in checked.outlines if o.covers(year)]
    running = [o for o in running if checked.targets(o, year)] or running
    chosen = next((o for o in running if outline in ("", o.id)), None)
    if chosen is None:
        periods = listed(f"{o.base_year + 1}—{o.target_year}" + aside(o.id) * bool(outline) for o in checked.outlines)
        raise UsageError(
            say("plan.errors.outline" if outline else "plan.errors.as_of", as_of=year, periods=periods, outline=outline)
        )
    plan = _as_of(checked, root, year, language, chosen)
    others = tuple(_as_of(checked, root, year, language, o) for o in running if o is not chosen)
    return replace(plan, beside=others) if others else plan


def _as_of(checked: _Checked, root: Path, year: int, language: str | None, outline: Outline) -> Plan:
    """The plan of one period as it held for one edition."""
    settings, tables = checked.settings, checked.tables
    closes, targets = checked.closes(year), checked.targets(outline, year)
    first = _in_force(tables["targets"], outline.id, closes, earliest=True)
    if not targets:
        raise UsageError(say("plan.errors.too_early", as_of=year, closes=closes, issued=outline.issued))
    rows = placed(tables["series"], tables["shared"], outline, tables["domains"])
    shared = frozenset(s["series"] for s in rows if s["series"] in targets and s not in tables["series"])
    series = [_as_held(s, targets) for s in rows if s["series"] in targets or s["role"] != "compound"]
    plan = Plan(
        area=checked.area,
        name=settings["name"],
        name_en=settings["name_en"],
        fictional=settings["fictional"],
        country=settings.get("country", False),
        as_of=year,
        known_on=closes,
        office=settings.get("office", ""),
        office_en=settings.get("office_en", ""),
        outline=outline,
        comparators=tuple(settings["comparators"]),
        thresholds=checked.thresholds.as_of(tables["thresholds"], closes),
        plans=_frame(tables["plans"], "plans").set_index("plan"),
        domains=_frame(tables["domains"], "domains").set_index("domain"),
        units=_frame(tables["units"], "units").set_index("unit"),
        series=_typed_series(series),
        targets=_typed_targets([targets[s["series"]] for s in series if s["series"] in targets]),
        first_targets=_typed_targets([row for code, row in first.items() if row is not targets[code]]),
        companions=_frame(tables["companions"], "companions"),
        definitions=_frame(tables["definitions"], "definitions"),
        shared=shared,
        asked_years=checked.asked_years,
        as_reported=_typed_series([s for s in tables["series"] if s["role"] != "compound"]) if shared else None,
    )
    with speaking(language or spoken()):
        if spoken() == LANGUAGES[0]:
            return plan
        with speaking(spoken(), read_names(root)):
            return in_english(plan)


def _unknown_plans(area: str, settings: Mapping[str, Any], plans: Sequence[Mapping[str, str]] | None) -> list[Problem]:
    """Periods that name a plan which the table of plans does not have."""
    findings = Findings(f"data/raw/{area}/area.toml")
    known = {p["plan"] for p in plans or ()}
    outlines = settings.get("outlines")
    for i, one in enumerate(outlines if isinstance(outlines, list) and plans is not None else [], start=1):
        named = one.get("plans", "") if isinstance(one, dict) else ""
        for code in codes(named) if isinstance(named, str) else ():
            if code not in known:
                findings.add(None, f"outlines[{i}].plans", "outline_plan", code)
    return findings.problems


def _read(path: Path, root: Path, name: str, problems: list[Problem]) -> list[dict[str, str]] | None:
    """Rows of one table, or None with its problems noted, so that the other tables are still checked."""
    if name in _OPTIONAL_TABLES and not path.is_file():
        return []
    try:
        return read_rows(path, root, check.COLUMNS[name], check.OPTIONAL.get(name, ()), UNDO.get(name))
    except DataError as error:
        problems += error.problems
        return None


def _check_tables(tables: Mapping[str, Any], outlines: Sequence[Outline], folder: str, problems: list[Problem]) -> None:
    series = tables["series"]
    shared, periods = tables["shared"], {o.id: o for o in outlines} or None
    rules: dict[str, tuple[Any, ...]] = {  # what checks each table, and the others it needs for that
        "plans": (check.check_plans,),
        "domains": (check.check_domains, tables["plans"]),
        "units": (check.check_units,),
        "series": (check.check_series, tables["domains"], tables["units"], shared),
        "targets": (check_targets, series, shared, periods),
        "shared": (check_shared, series, tables["domains"], tables["units"], periods),
        "definitions": (check.check_definitions, series),
        "companions": (check.check_companions, series),
        "thresholds": (check.check_thresholds,),
    }
    for name, (checked, *others) in rules.items():
        if tables[name] is not None:
            findings = Findings(f"{folder}/{name}.csv")
            if not tables[name] and name not in _OPTIONAL_TABLES:
                findings.add(None, "", "no_rows")
            checked(tables[name], *others, findings)
            problems += findings.problems


def _in_force(
    rows: list[dict[str, str]], outline: str, closes: str, earliest: bool = False
) -> dict[str, dict[str, str]]:
    """The newest (or earliest) reading of each series decided by ``closes``; dates are ISO text, so text order is time order."""
    mine = [row for row in rows if row["outline"] == outline and row["decided_on"] <= closes]
    return {row["series"]: row for row in sorted(mine, key=lambda row: row["decided_on"], reverse=earliest)}


def _as_held(series: dict[str, str], targets: Mapping[str, Any]) -> dict[str, str]:
    """A series no target asks for in this edition (an earlier plan period's, say) stays, but only as a reference."""
    if series["series"] in targets or series["role"] == "reference":
        return series
    return {**series, "role": "reference", "row": series["series"]}


def _frame(rows: list[dict[str, str]], name: str) -> pd.DataFrame:
    columns = [*check.COLUMNS[name], *check.OPTIONAL.get(name, ())]
    return pd.DataFrame([{c: row[c] for c in columns} for row in rows], columns=columns, dtype=object)


def _typed_series(rows: list[dict[str, str]]) -> pd.DataFrame:
    table = _frame(rows, "series")
    for column in ("number", "decimals", "direction"):
        table[column] = table[column].astype("int64")
    for column in ("lower", "upper"):
        table[column] = table[column].replace("", "nan").astype(float)
    table["responsible_units"] = table["responsible_units"].map(lambda codes: tuple(codes.split(";")))
    return table.set_index("series")


def _typed_targets(rows: list[dict[str, str]]) -> pd.DataFrame:
    table = _frame(rows, "targets")
    table["value_text"] = [as_printed(v, text) for v, text in zip(table["value"], table["target_text"], strict=True)]
    for column in ("value", "low", "high"):
        table[column] = [float("nan") if not v else target_number(v) for v in table[column]]
    return table.set_index("series")
