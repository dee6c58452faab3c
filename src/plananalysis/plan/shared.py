"""Series that stand in a second plan as well, with a target of its own there: they are reported once and judged in each plan.

``plan/shared.csv`` says where such a series stands in the other plan; what it measures stays with ``plan/series.csv``. In the
editions of the other plan's period it is a row of that plan, whatever part it has in its own.
What holds for the place of a row in a plan, its number and its units, holds for both tables, and is checked here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from heapq import merge

from plananalysis.plan.findings import Findings, Row
from plananalysis.plan.settings import Outline

ATTRIBUTES = ("binding", "anticipatory")
PLACE = ("plan", "domain", "number", "sub", "attribute", "responsible_units")  # what the other plan says for itself


def belongs(series: Row, outline: Outline, shared: Iterable[Row]) -> bool | None:
    """Whether a series may have a target in a period: as a row of its own plan (True), as one of another's (False), or not (None)."""
    if outline.is_of(series["plan"]):
        return True
    return False if any(s["series"] == series["series"] and outline.is_of(s["plan"]) for s in shared) else None


def printed(rows: Iterable[Row], others: Iterable[Row], plan: str) -> list[tuple[Row, bool]]:
    """The numbered rows of a plan, each with whether it is of ``rows``, in the order of their numbers as far as both keep it."""
    own, also = ([r for r in some if r["plan"] == plan and _numbered(r)] for some in (rows, others))
    return list(merge(((r, True) for r in own), ((r, False) for r in also), key=lambda told: _place(told[0])))


def placed(
    rows: Sequence[dict[str, str]], shared: Sequence[Row], outline: Outline, domains: Sequence[Row]
) -> list[dict[str, str]]:
    """The rows of ``series.csv`` as a period has them: what stands in its plan as well is a row there, in printed order."""
    there = {s["series"]: s for s in shared if outline.plans and outline.is_of(s["plan"])}
    if not there:
        return list(rows)
    order = {d["domain"]: i for i, d in enumerate(domains)}
    made = [
        {**r, **{c: there[r["series"]][c] for c in PLACE}, "role": "target", "row": r["series"]}
        if r["series"] in there
        else r
        for r in rows
    ]
    return sorted(made, key=lambda r: (r["role"] == "reference", order[r["domain"]], *_place(r)))


def check_shared(
    rows: list[Row],
    series: list[Row] | None,
    domains: list[Row] | None,
    units: list[Row] | None,
    outlines: Mapping[str, Outline] | None,
    f: Findings,
) -> None:
    """What a plan says of a row of another: it exists, runs in no period of its own, and is reported by the same unit."""
    f.unique(rows, "series", "plan")
    by_code = {s["series"]: s for s in series or []}
    plan_of, periods = {d["domain"]: d["plan"] for d in domains or []}, [*(outlines or {}).values()]
    for row in rows:
        one = by_code.get(row["series"])
        f.filled(row, "responsible_units")
        f.closed(row, "attribute", ATTRIBUTES)
        check_responsible(row, units, f)
        if domains is not None and plan_of.get(row["domain"]) != row["plan"]:
            rule = "plan_domain" if row["domain"] in plan_of else "unknown_code"
            f.add(row, "domain", rule, file="domains.csv", domain=row["domain"])
        if series is None:
            continue
        if one is None or one["role"] == "compound":
            f.add(row, "series", "shared_compound" if one else "unknown_code", file="series.csv")
        elif one["plan"] == row["plan"] or any(o.is_of(one["plan"]) and o.is_of(row["plan"]) for o in periods):
            f.add(row, "plan", "shared_period")
        elif row["responsible_units"].split(";")[0] != (reporting := one["responsible_units"].split(";")[0]):
            f.add(row, "responsible_units", "shared_lead", unit=reporting)
    check_numbers(rows, series or [], f)


def check_responsible(row: Row, units: list[Row] | None, f: Findings) -> None:
    """The units a plan makes responsible are known, and each is named once."""
    known = {u["unit"] for u in units or []}
    codes = row["responsible_units"].split(";") if row["responsible_units"] else []
    for code in codes if units is not None else []:
        if code not in known:
            f.add(row, "responsible_units", "unknown_code", code, file="units.csv")
    if len(set(codes)) < len(codes):
        f.add(row, "responsible_units", "unit_twice")


def check_numbers(rows: list[Row], others: Sequence[Row], f: Findings) -> None:
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


def _numbered(row: Mapping[str, str]) -> bool:
    return row.get("role", "target") in ("target", "compound")


def _place(row: Row) -> tuple[int, str]:
    return (int(row["number"]) if row["number"].isdecimal() else 0), row["sub"]
