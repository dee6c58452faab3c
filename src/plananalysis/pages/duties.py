"""What a unit has to report next: its series, the years they lack, and what is needed."""

from __future__ import annotations

from dataclasses import dataclass

from plananalysis.editions.opened import Published, Record
from plananalysis.render.quantities import Value


@dataclass(frozen=True)
class Duty:
    """One series a unit reports next: whether every year, with which counts and groups, which years are missing, what is needed."""

    series: Record
    missing: tuple[int, ...]
    needed: Value

    @property
    def annual(self) -> bool:
        return self.series.text("rhythm") == "annual"


def duties(edition: Published, unit: str) -> list[Duty]:
    """Series a unit reports, that is leads, in the plan's order."""
    year = edition.as_of + 1
    found = []
    for code, r in edition.series.items():
        if r.text("role") == "compound" or r.words("responsible_units")[:1] != (unit,):
            continue
        years = range(edition.base_year, year) if r.text("rhythm") == "annual" else ()
        verdict = edition.assessments.get(code)
        wanted = Value(verdict.number(f"required_{year}") if verdict else None, "", r.whole("decimals") or 0)
        found.append(Duty(r, tuple(y for y in years if not reported_in(edition, r, y)), wanted))
    return found


def next_due(edition: Published) -> str:
    """Day by which the units report the next year's values, ISO."""
    return str(edition.info.get("next_due") or f"{edition.as_of + 2}-05-31")


def reported_in(edition: Published, about: Record, year: int) -> bool:
    """Whether a series has a value of a year."""
    return any(r.whole("year") == year for r in edition.values_of(about.text("series")))
