"""Cells an office may leave empty in the workbook: filled from what stands beside them, each told, so that the files hold no guess in silence."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from plananalysis.base.errors import UsageError
from plananalysis.base.text import say
from plananalysis.onboarding.layouts import Line
from plananalysis.onboarding.naming import unnumbered
from plananalysis.plan.check import COLUMNS
from plananalysis.plan.proposing import direction_of, proposed_reading
from plananalysis.plan.settings import is_of
from plananalysis.plan.targets import KINDS
from plananalysis.plan.units import COUNTS, PER, RATES
from plananalysis.returns.values import decimals_of, parse_value

_CHANGE = re.compile(r"增长|增速|变化|降低|下降|growth|change|reduction", re.I)  # may be below 0
# of a whole, if the name says no more
_SHARE = re.compile(r"(?<!毛入学)(率|比例|比重|占比|share|proportion|rate)$", re.I)
_USUAL = {"unit_source": "printed", "attribute": "anticipatory", "rhythm": "annual"}


@dataclass(frozen=True)
class Filled:
    """One cell that was filled; ``why`` is ``print`` where the printed target says so, else ``usual``, ``name``, ``order`` or ``plan``."""

    table: str
    row: int
    column: str
    value: str
    why: str


def begin(rows: Mapping[str, list[dict[str, str]]], lines: Sequence[Line], file: str) -> None:
    """Write the indicators of a table of values into the empty tables of a plan; what a plan says of them is left to the office.

    Raises
    ------
    UsageError
        The table holds no years.
    """
    if not lines:
        raise UsageError(say("importing.error.no_years", file=file))
    named: dict[str, list[Line]] = {}
    for line in lines:
        if not line.group:
            named.setdefault(unnumbered(line.name), []).append(line)
    for number, (name, held) in enumerate(named.items(), start=1):
        cells = [parse_value(e.cell.raw, e.cell.number_format) for line in held for e in line.entries]
        unit = next((line.unit for line in held if line.unit), next((c.unit for c in cells if c.unit), ""))
        places = max((decimals_of(c.text) for c in cells), default=0)
        code = f"I{number:02}"
        about = {"series": code, "indicator": name, "name": name, "unit": unit, "decimals": str(min(places, 6))}
        rows["series"].append({**dict.fromkeys(COLUMNS["series"], ""), **about})
        rows["targets"].append({**dict.fromkeys(COLUMNS["targets"], ""), "series": code})


def fill(rows: Mapping[str, list[dict[str, str]]], outlines: Sequence[Mapping[str, object]]) -> list[Filled]:
    """Fill what follows from the rest; ``rows`` are changed.

    A number, a unit of measure, a unit that answers and a printed target are never made up.
    """
    made: list[Filled] = []

    def put(table: str, at: int, column: str, value: str, why: str) -> None:
        if not rows[table][at].get(column) and value:
            rows[table][at][column] = value
            made.append(Filled(table, at, column, value, why))

    for table in ("plans", "domains"):
        for at, row in enumerate(rows[table]):
            for column in ("name_en", "short", "short_en"):
                if column in row:
                    put(table, at, column, row["short"] if column == "short_en" else row["name"], "name")
            if table == "domains":
                put(table, at, "plan", row["domain"].partition(".")[0], "plan")
    for at, row in enumerate(rows["units"]):
        put("units", at, "printed", row["name"], "name")
    _fill_series(rows, put)
    _fill_targets(rows, outlines, put)
    return made


_Put = Callable[[str, int, str, str, str], None]


def _fill_series(rows: Mapping[str, list[dict[str, str]]], put: _Put) -> None:
    printed = {row["series"]: row["target_text"] for row in rows["targets"]}
    plans = {row["domain"]: row["plan"] for row in rows["domains"]}
    numbers: dict[str, int] = {}
    only_unit = rows["units"][0]["unit"] if len(rows["units"]) == 1 else ""
    for at, row in enumerate(rows["series"]):
        bare = not row["role"]  # in a row that is filled in, no bound means that there is none
        put("series", at, "row", row["series"], "usual")
        put("series", at, "role", "target", "usual")
        put("series", at, "plan", plans.get(row["domain"], ""), "plan")
        put("series", at, "name", row["indicator"], "name")
        put("series", at, "indicator", row["name"], "name")
        put("series", at, "responsible_units", only_unit, "usual")
        for column, value in _USUAL.items():
            put("series", at, column, value, "usual")
        if bare and row["unit"] in (*PER, *COUNTS) and not _CHANGE.search(row["name"]):
            put("series", at, "lower", "0", "usual")
        if bare and row["unit"] == "%" and _SHARE.search(row["name"]) and not _CHANGE.search(row["name"]):
            put("series", at, "upper", "100", "usual")
        reading = proposed_reading(printed.get(row["series"], ""), row["direction"], row["name"])
        if not reading and printed.get(row["series"]):
            put("series", at, "direction", direction_of(row["name"]), "name")
            reading = proposed_reading(printed[row["series"]], row["direction"], row["name"])
        if reading:
            put("series", at, "direction", reading["direction"], "print")
        usual_places = 2 if row["unit"] in RATES else 0 if row["unit"] in COUNTS else 1
        places = len((reading or {}).get("value", "").partition(".")[2])
        put("series", at, "decimals", str(max(usual_places, places)), "usual")
        last = numbers.get(row["plan"], 0)
        if row["role"] in ("target", "compound"):
            last = numbers[row["plan"]] = int(row["number"]) if row["number"].isdecimal() else last + 1
        put("series", at, "number", str(last), "order")


def _fill_targets(
    rows: Mapping[str, list[dict[str, str]]], outlines: Sequence[Mapping[str, object]], put: _Put
) -> None:
    series = {row["series"]: row for row in rows["series"]}
    issued = {str(o.get("id", "")): str(o.get("issued", "")) for o in outlines}
    for at, row in enumerate(rows["targets"]):
        about = series.get(row["series"], {})
        own = [o for o in outlines if is_of(str(o.get("plans", "")), about.get("plan", ""))]
        if len(own) == 1:
            put("targets", at, "outline", str(own[0].get("id", "")), "usual")
        put("targets", at, "decided_on", issued.get(row["outline"], ""), "usual")
        if not row["kind"] and about.get("role") == "compound":
            put("targets", at, "kind", "worst_part", "usual")
        reading = proposed_reading(row["target_text"], about.get("direction", ""), about.get("name", ""))
        if not row["kind"] and reading:
            put("targets", at, "kind", reading["kind"], "print")
            for column in (c for c in KINDS[reading["kind"]] if c in reading):
                put("targets", at, column, reading[column], "print")
            put("targets", at, "operator_source", reading["operator_source"], "print")
        put("targets", at, "decided_by", "规划印发文本", "usual")
        put("targets", at, "operator_source", "printed", "usual")
        certain = row["operator_source"] == "printed"
        if certain:
            put("targets", at, "evidence_quote", row["target_text"], "print")
        put("targets", at, "confidence", "high" if certain else "low", "usual")
