"""What a plan's tables must hold. Every rule is tried on every row, so that one reading finds every mistake."""

from __future__ import annotations

import re
from collections.abc import Mapping

from plananalysis.base.names import is_code
from plananalysis.base.text import listed, say
from plananalysis.plan.findings import Findings, Row, iso_date, number
from plananalysis.plan.shared import ATTRIBUTES, check_numbers, check_responsible
from plananalysis.plan.thresholds import RANGES, TOLERANCES
from plananalysis.plan.units import PER, is_unit

COLUMNS: dict[str, list[str]] = {
    table: columns.split()
    for table, columns in {
        "plans": "plan name name_en short short_en",
        "domains": "domain plan name name_en",
        "units": "unit name printed",
        "series": "series row role plan domain number sub indicator name unit unit_source lower upper decimals direction "
        "attribute responsible_units numerator denominator rhythm groups source_line note",
        "targets": "series outline decided_on decided_by target_text kind operator value low high reference "
        "operator_source confidence evidence_url evidence_quote reason",
        "shared": "series plan domain number sub attribute responsible_units",
        "definitions": "series definition text valid_from note",
        "companions": "series kind section item value unit year relation quote note",
        "thresholds": "threshold value decided_on decided_by reason",
    }.items()
}
ROLES = ("target", "compound", "part", "reference")
RHYTHMS = ("annual", "election", "census")
GROUPS = ("sex", "age", "residence")
COMPANION_KINDS = ("baseline", "commitment")
RELATIONS = ("half", "part", "both_sexes", "proxy", "related", "count", "operator", "companion", "process", "none")
OPTIONAL: dict[str, tuple[str, ...]] = {"targets": ("milestones",)}
# a code stands in addresses, names of files and commands: letters, digits, and one mark between them
_CODE = re.compile(r"[A-Za-z0-9]+([._-][A-Za-z0-9]+)*", re.ASCII)
# what a spreadsheet takes for a number or a date
_MANGLED = re.compile(r"\d+(\.\d+)?|\d+[-/]\d+(-\d+)?|\d+[eE]\d+", re.ASCII)
_LONGEST = 20
_TAKEN = ("unit",)  # names of pages begin so


def check_plans(rows: list[Row], f: Findings) -> None:
    f.unique(rows, "plan")
    for row in rows:
        f.filled(row, "name", "name_en", "short", "short_en")
        if not is_code(row["plan"]) or row["plan"] in _TAKEN:
            f.add(row, "plan", "plan_code")


def check_domains(rows: list[Row], plans: list[Row] | None, f: Findings) -> None:
    f.unique(rows, "domain")
    known = {p["plan"] for p in plans or []}
    for row in rows:
        f.filled(row, "name", "name_en")
        if plans is not None and row["plan"] not in known:
            f.add(row, "plan", "unknown_plan", known=listed(known))
        elif not is_code(row["domain"].removeprefix(f"{row['plan']}.")) or not row["domain"].startswith(row["plan"]):
            f.add(row, "domain", "domain_code", plan=row["plan"])


def check_units(rows: list[Row], f: Findings) -> None:
    f.unique(rows, "unit")
    f.unique(rows, "name")
    owner: dict[str, str] = {}
    for row in rows:
        f.filled(row, "name", "printed")
        if not is_code(row["unit"]):
            f.add(row, "unit", "unit_code")
        for variant in filter(None, row["printed"].split(";")):
            if owner.setdefault(variant, row["unit"]) != row["unit"]:
                f.add(row, "printed", "printed_twice", variant, unit=owner[variant])


def check_series(
    rows: list[Row], domains: list[Row] | None, units: list[Row] | None, shared: list[Row] | None, f: Findings
) -> None:
    f.unique(rows, "series")
    order = {d["domain"]: i for i, d in enumerate(domains or [])}
    roles = {r["series"]: r["role"] for r in rows}
    reached = -1
    for row in rows:
        f.filled(row, "indicator", "name", "responsible_units")
        if not _CODE.fullmatch(row["series"]) or len(row["series"]) > _LONGEST:
            f.add(row, "series", "series_code")
        elif _MANGLED.fullmatch(row["series"]):
            f.add(row, "series", "series_number")
        f.closed(row, "role", ROLES)
        if not is_unit(row["unit"]):
            f.add(row, "unit", "unit_of_measure", known=listed(PER))
        f.closed(row, "unit_source", ("printed", "inferred"))
        f.closed(row, "attribute", ATTRIBUTES)
        f.closed(row, "rhythm", RHYTHMS)
        f.closed(row, "direction", ("1", "0", "-1"))
        f.whole(row, "decimals", 0, 6)
        if row["source_line"]:
            f.whole(row, "source_line", 1, 10**6)
        for group in filter(None, row["groups"].split(";")):
            if group not in GROUPS:
                f.add(row, "groups", "closed_set", group, allowed=listed(GROUPS))
        if row["denominator"] and not row["numerator"]:
            f.add(row, "numerator", "numerator_missing")
        lower, upper = (number(row[c]) for c in ("lower", "upper"))
        for column, limit in (("lower", lower), ("upper", upper)):
            if row[column] and limit is None:
                f.add(row, column, "not_a_number")
        if lower is not None and upper is not None and lower >= upper:
            f.add(row, "upper", "bounds_order", lower=row["lower"])
        if domains is not None:
            if row["domain"] not in order:
                f.add(row, "domain", "unknown_code", file="domains.csv")
            elif row["role"] != "reference":
                if order[row["domain"]] < reached:
                    f.add(row, "domain", "domain_order")
                reached = max(reached, order[row["domain"]])
        if row["domain"].partition(".")[0] != row["plan"]:
            f.add(row, "plan", "plan_domain", domain=row["domain"])
        check_responsible(row, units, f)
        if row["role"] in ("target", "compound") and row["row"] != row["series"]:
            f.add(row, "row", "row_itself")
        elif row["role"] == "reference" and row["row"] != row["series"] and row["row"] not in roles:
            f.add(row, "row", "unknown_code", file="series.csv")
    check_numbers(rows, shared or [], f)
    _check_parts(rows, roles, f)


def _check_parts(rows: list[Row], roles: Mapping[str, str], f: Findings) -> None:
    """Parts stand right below their row, are numbered from 1, and share what the print gives the row."""
    parent: Row | None = None
    count = 0

    def close() -> None:
        if parent is not None and parent["role"] == "compound" and count < 2:
            f.add(parent, "role", "compound_parts", count=count)

    for row in rows:
        if row["role"] in ("target", "compound"):
            close()
            parent, count = row, 0
        elif row["role"] == "part":
            if roles.get(row["row"]) != "compound":
                f.add(row, "row", "part_parent")
            elif parent is None or parent["series"] != row["row"]:
                f.add(row, "row", "part_place", parent=row["row"])
            else:
                count += 1
                if row["series"] != f"{row['row']}.{count}":
                    f.add(row, "series", "part_code", expected=f"{row['row']}.{count}")
                for column in ("plan", "domain", "number", "sub", "indicator", "attribute", "responsible_units"):
                    if row[column] != parent[column]:
                        f.add(row, column, "part_differs", parent=parent[column])
    close()


def check_definitions(rows: list[Row], series: list[Row] | None, f: Findings) -> None:
    f.unique(rows, "series", "definition")
    known = {s["series"] for s in series or []}
    for row in rows:
        f.filled(row, "definition", "text")
        if series is not None and row["series"] not in known:
            f.add(row, "series", "unknown_code", file="series.csv")
        if row["valid_from"]:
            f.whole(row, "valid_from", 1949, 2100)


def check_companions(rows: list[Row], series: list[Row] | None, f: Findings) -> None:
    known = {s["series"] for s in series or []}
    for row in rows:
        f.filled(row, "item", "value", "quote")
        f.closed(row, "kind", COMPANION_KINDS)
        f.closed(row, "relation", RELATIONS)
        for code in filter(None, row["series"].split(";")):
            if series is not None and code not in known:
                f.add(row, "series", "unknown_code", code, file="series.csv")


def check_thresholds(rows: list[Row], f: Findings) -> None:
    """Tolerances decided by the office, each counting from its day."""
    f.unique(rows, "threshold", "decided_on")
    for row in rows:
        f.filled(row, "decided_by", "reason")
        if not iso_date(row["decided_on"]):
            f.add(row, "decided_on", "date")
        if not f.closed(row, "threshold", TOLERANCES):
            continue
        value, (low, high) = number(row["value"]), RANGES[row["threshold"]]
        if value is None or not low <= value <= high:
            f.add(row, "value", "threshold_range", low=low, high=high, whole=say("plan.number"))
