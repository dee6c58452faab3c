"""Series that stand in a second plan as well, with a target of its own there: they are reported once and judged in each plan.

``plan/shared.csv`` says where such a series stands in the other plan; what it measures stays with ``plan/series.csv``. In the
editions of the other plan's period it is a row of that plan, whatever part it has in its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from heapq import merge

from plananalysis.plan.findings import Row
from plananalysis.plan.settings import Outline

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


def _numbered(row: Mapping[str, str]) -> bool:
    return row.get("role", "target") in ("target", "compound")


def _place(row: Row) -> tuple[int, str]:
    return (int(row["number"]) if row["number"].isdecimal() else 0), row["sub"]
