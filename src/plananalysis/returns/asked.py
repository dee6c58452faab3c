"""What each responsible unit is asked for: one list, from which forms are made and by which returns are read."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from plananalysis.base.errors import UsageError
from plananalysis.base.tables import read_rows
from plananalysis.base.text import say
from plananalysis.plan import Plan

GROUP_COLUMNS = ("dimension", "plan", "group", "name")
TOTAL = "total"


@dataclass(frozen=True)
class Asked:
    """One line of a form: a series, in total or for one group, asked of one unit.

    ``lead`` is False for a unit named second or later in the plan: its figures are compared with the first one's and enter the
    numbers only when that one reported none.
    """

    series: str
    group: str
    group_name: str
    lead: bool
    name: str
    unit: str
    decimals: int
    lower: float
    upper: float
    numerator: str
    denominator: str
    definitions: tuple[tuple[str, str], ...]
    rhythm: str
    years: tuple[int, int] = field(default=(0, 9999), repr=False)  # a form is no other for being asked for longer


@dataclass(frozen=True, eq=False)
class Codebook:
    """A plan as seen by forms and returns.

    Parameters
    ----------
    by_unit
        Lines asked of each unit, in printed order: the total, then its groups.
    groups
        Code and name of every group of the area's plan.
    """

    plan: Plan
    by_unit: dict[str, tuple[Asked, ...]]
    groups: dict[str, str]

    @property
    def version(self) -> str:
        """Changes whenever a line of any form does."""
        return f"{zlib.crc32(repr(self.by_unit).encode()):08x}"

    def lines(self, unit: str) -> tuple[Asked, ...]:
        """Lines of one unit.

        Raises
        ------
        UsageError
            The plan has no such unit.
        """
        if unit not in self.by_unit:
            raise UsageError(say("returns.no_unit", unit=unit, known="、".join(self.by_unit)))
        return self.by_unit[unit]

    def line(self, series: str, group: str = TOTAL) -> Asked | None:
        """The leading unit's line of a series and group; None when the plan does not ask for it."""
        return self._leading.get((series, group))

    @cached_property
    def _leading(self) -> dict[tuple[str, str], Asked]:
        return {(a.series, a.group): a for lines in self.by_unit.values() for a in lines if a.lead}

    @cached_property
    def dimensions(self) -> dict[str, dict[str, list[str]]]:
        """Groups by series and dimension: what is held against the total."""
        found: dict[str, dict[str, list[str]]] = {}
        for series, group in self._leading:
            if group != TOTAL:
                found.setdefault(series, {}).setdefault(group.partition(":")[0], []).append(group)
        return found

    def unit_name(self, unit: str) -> str:
        """Name of a unit as the plan prints it."""
        return str(self.plan.units.loc[unit, "name"])

    def unit_called(self, text: str) -> str | None:
        """Code of the unit called so: its code, its name, or a printed variant; None for none."""
        wanted = text.strip()
        for code, row in self.plan.units.iterrows():
            if wanted and wanted in (code, row["name"], *row["printed"].split(";")):
                return str(code)
        return None

    def units_called(self, texts: Iterable[str]) -> list[str]:
        """Codes of the units called so.

        Raises
        ------
        UsageError
            The plan has no such unit.
        """
        codes = [self.unit_called(text) or text for text in texts]
        for code in codes:
            self.lines(code)
        return codes


def groups_file(root: Path, area: str) -> Path:
    """Where the groups an area asks for are named: its own ``plan/groups.csv``, else the project's."""
    own = root / "data" / "raw" / area / "plan" / "groups.csv"
    return own if own.is_file() else root / "data" / "raw" / "groups.csv"


def codebook(root: Path, plan: Plan) -> Codebook:
    """The lines every unit is asked for.

    Groups are named in ``data/raw/groups.csv``, or for one area alone in its ``plan/groups.csv``.
    """
    path = groups_file(root, plan.area)
    table = read_rows(path, root, GROUP_COLUMNS) if path.is_file() else []
    definitions: dict[str, list[tuple[str, str]]] = {}
    for row in plan.definitions.itertuples():
        if row.definition:
            definitions.setdefault(row.series, []).append((row.definition, row.text))
    by_unit: dict[str, list[Asked]] = {}
    for code, row in plan.collected().iterrows():
        groups = [(TOTAL, say("returns.total"))]
        for dimension in filter(None, row["groups"].split(";")):
            of = {g["plan"] for g in table if g["dimension"] == dimension}
            plan_of = (
                row["plan"] if row["plan"] in of else ""
            )  # rows that name none are for plans without rows of their own
            groups += [(g["group"], g["name"]) for g in table if (g["dimension"], g["plan"]) == (dimension, plan_of)]
        about = {c: row[c] for c in ("name", "unit", "lower", "upper", "numerator", "denominator", "rhythm")}
        about |= {"series": str(code), "decimals": int(row["decimals"])}
        about |= {
            "definitions": tuple(definitions.get(str(code), ())),
            "years": plan.asked_years.get(str(code), (0, 9999)),
        }
        for place, unit in enumerate(row["responsible_units"]):
            by_unit.setdefault(unit, []).extend(
                Asked(group=group, group_name=name, lead=place == 0, **about) for group, name in groups
            )
    names = {g["group"]: g["name"] for g in table} | {TOTAL: say("returns.total")}
    return Codebook(plan, {unit: tuple(by_unit[unit]) for unit in plan.units.index if unit in by_unit}, names)
