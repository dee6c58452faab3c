"""What a plan's tables must hold. Every rule is tried on every row, so that one reading finds every mistake."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from plananalysis.base.names import is_code
from plananalysis.base.text import listed, say
from plananalysis.plan.findings import Findings, Row, iso_date, number, target_number
from plananalysis.plan.printed import contradictions, read_milestones
from plananalysis.plan.settings import Outline
from plananalysis.plan.shared import belongs, printed
from plananalysis.plan.thresholds import RANGES, TOLERANCES
from plananalysis.plan.units import COUNTS, PER, is_unit

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
ATTRIBUTES = ("binding", "anticipatory")
RHYTHMS = ("annual", "election", "census")
GROUPS = ("sex", "age", "residence")
OPERATOR_SOURCES = ("printed", "inferred", "office")
CONFIDENCES = ("high", "medium", "low")
COMPANION_KINDS = ("baseline", "commitment")
RELATIONS = ("half", "part", "both_sexes", "proxy", "related", "count", "operator", "companion", "process", "none")
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
OPTIONAL: dict[str, tuple[str, ...]] = {"targets": ("milestones",)}
_RISING = ("rise_each_year", "rise_gradually", "rise", "hold_or_rise", "rise_by", "rise_yearly")
_FALLING = ("fall", "fall_clearly", "under_control", "fall_by", "fall_yearly")
# a code stands in addresses, names of files and commands: letters, digits, and one mark between them
_CODE = re.compile(r"[A-Za-z0-9]+([._-][A-Za-z0-9]+)*", re.ASCII)
_MANGLED = re.compile(
    r"\d+(\.\d+)?|\d+[-/]\d+(-\d+)?|\d+[eE]\d+", re.ASCII
)  # what a spreadsheet takes for a number or a date
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
        _check_responsible(row, units, f)
        if row["role"] in ("target", "compound") and row["row"] != row["series"]:
            f.add(row, "row", "row_itself")
        elif row["role"] == "reference" and row["row"] != row["series"] and row["row"] not in roles:
            f.add(row, "row", "unknown_code", file="series.csv")
    _check_numbers(rows, shared or [], f)
    _check_parts(rows, roles, f)


def check_shared(
    rows: list[Row],
    series: list[Row] | None,
    domains: list[Row] | None,
    units: list[Row] | None,
    outlines: Mapping[str, Outline] | None,
    f: Findings,
) -> None:
    """Series that stand in another plan, too; see :mod:`plananalysis.plan.shared`."""
    f.unique(rows, "series", "plan")
    by_code = {s["series"]: s for s in series or []}
    plan_of = {d["domain"]: d["plan"] for d in domains or []}
    for row in rows:
        one = by_code.get(row["series"])
        f.filled(row, "responsible_units")
        f.closed(row, "attribute", ATTRIBUTES)
        _check_responsible(row, units, f)
        if domains is not None and plan_of.get(row["domain"]) != row["plan"]:
            f.add(
                row,
                "domain",
                "plan_domain" if row["domain"] in plan_of else "unknown_code",
                file="domains.csv",
                domain=row["domain"],
            )
        if series is None:
            continue
        if one is None or one["role"] == "compound":
            f.add(row, "series", "shared_compound" if one else "unknown_code", file="series.csv")
        elif one["plan"] == row["plan"] or any(
            o.is_of(one["plan"]) and o.is_of(row["plan"]) for o in (outlines or {}).values()
        ):
            f.add(row, "plan", "shared_period")
        elif row["responsible_units"].split(";")[0] != (reporting := one["responsible_units"].split(";")[0]):
            f.add(row, "responsible_units", "shared_lead", unit=reporting)
    _check_numbers(rows, series or [], f)


def _check_responsible(row: Row, units: list[Row] | None, f: Findings) -> None:
    known = {u["unit"] for u in units or []}
    codes = row["responsible_units"].split(";") if row["responsible_units"] else []
    for code in codes if units is not None else []:
        if code not in known:
            f.add(row, "responsible_units", "unknown_code", code, file="units.csv")
    if len(set(codes)) < len(codes):
        f.add(row, "responsible_units", "unit_twice")


def _check_numbers(rows: list[Row], others: Sequence[Row], f: Findings) -> None:
    """Printed numbers run 1, 2, 3 … in each plan, sub-rows a, b, c … and never a alone; ``others`` stand in another file."""
    for row in rows:
        if row.get("role") == "reference":
            f.whole(row, "number", 0, 999)  # 0: not in the plan's table
    for plan in dict.fromkeys(row["plan"] for row in rows):
        last, last_sub, opened = 0, "", None
        for row, own in printed(rows, others, plan):
            n, sub = f.whole(row, "number", 1, 999) if own else _number(row), row["sub"]
            if n is None:
                continue
            if not re.fullmatch(r"[a-z]?", sub):
                if own:
                    f.add(row, "sub", "sub_letter")
                continue
            follows = (
                n == last + 1 if sub in ("", "a") else n == last and bool(last_sub) and ord(sub) == ord(last_sub) + 1
            )
            if not follows and own:
                f.add(row, "number" if n != last or not sub else "sub", "sequence", last=f"{last}{last_sub}")
            if opened is not None and sub != "b":
                f.add(opened, "sub", "sub_alone")
            opened = row if sub == "a" and own else None
            last, last_sub = n, sub
        if opened is not None:
            f.add(opened, "sub", "sub_alone")


def _number(row: Row) -> int | None:
    return int(row["number"]) if row["number"].isdecimal() else None


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
    if (
        kind == "threshold"
        and row["operator_source"] == "printed"
        and target_number(row["target_text"].rstrip("%‰")) is not None
    ):
        f.add(row, "operator_source", "bare_number")
    values = {c: target_number(row[c]) for c in ("value", "low", "high") if row[c] and c in needed}
    for column, value in values.items():
        if value is None:
            f.add(row, column, "not_a_number")
        elif kind in AMOUNTS:
            if value <= 0:
                f.add(row, column, "amount_positive")
        elif one is not None:
            lower, upper = number(one["lower"]), number(one["upper"])
            if (lower is not None and value < lower) or (upper is not None and value > upper):
                f.add(row, column, "outside_bounds", lower=one["lower"] or "无", upper=one["upper"] or "无")
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
    if (
        kind.startswith("cumulative")
        and one["unit"] != "%"
        and one["direction"] != ("1" if kind.endswith("rise") else "-1")
    ):
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
    lower, upper = (number((one or {}).get(c, "")) for c in ("lower", "upper"))
    for _, value in steps:
        if (lower is not None and float(value) < lower) or (upper is not None and float(value) > upper):
            f.add(
                row,
                "milestones",
                "outside_bounds",
                value,
                lower=(one or {})["lower"] or "无",
                upper=(one or {})["upper"] or "无",
            )


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
