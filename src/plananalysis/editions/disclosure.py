"""Small counts in public editions: which cells to withhold so that no count of 1 to 4 people can be read or worked out.

One decision per fact: the set of hidden cells is worked out once for everything published of an area and applied to every table,
so that what one table hides no other shows. Zero is published; it tells nothing about anybody.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from plananalysis.base.text import say
from plananalysis.editions.additive import Cell, over_groups
from plananalysis.editions.suppression import SMALL, protect, small
from plananalysis.observations.walk import years_of
from plananalysis.plan import Plan
from plananalysis.plan.units import CASES, COUNTS, PERSONS
from plananalysis.returns.values import scale_of

WITHIN = 0.03  # a reader knows every denominator of that year to within this share
OTHER_YEAR = 0.25  # and that of a neighbouring year so well
# a rate whose denominator nobody knows is hidden when it, or its complement, concerns fewer than this share
RARE = 0.01

UNKNOWN = 10.0  # stands for the count of a rate that is not rare and whose denominator nobody knows: beside it one to four can hide


def sensitive(plan: Plan) -> list[str]:
    """Series whose counts are people hurt, ill, dead or before the law: bad events, and every person counted in health.

    A series that several plans share is sensitive where any of them says so.
    """
    found = {series for one in plan.together() for series in _sensitive(one)}
    return [series for series in plan.leaves().index if series in found]


def _sensitive(plan: Plan) -> list[str]:
    leaves = plan.leaves()
    counted = (leaves["numerator"] != "") | leaves["unit"].isin((*CASES, *PERSONS))
    about_people = (leaves["direction"] == -1) | leaves["domain"].str.endswith(".health")
    things = leaves["numerator"].map(lambda name: any(word in name for word in say("intake.things").split("、")))
    kept = counted & ~things & (leaves["unit"] != "比") & (leaves["unit"] != "女=100")
    names = _counted(plan)
    facts = {names[series] for series in leaves.index[kept & about_people]} - {""}
    return [s for s in leaves.index[kept] if about_people[s] or names[s] in facts]


@dataclass(frozen=True)
class Estimate:
    """A count as a reader knows it: ``low`` to ``high`` by what is printed, and how many people it is out of (NaN: unknown)."""

    count: float
    low: float
    high: float
    people: float
    rare: bool = False  # nobody knows the denominator, and the rate or its complement is rare

    def small(self, share: bool) -> bool:
        """Whether it may be 1 to 4 people, or for a share leave out as many."""
        if self.rare:
            return True
        return _meets(self.low, self.high) or (share and _meets(self.people - self.high, self.people - self.low))


def _estimates(view: pd.DataFrame, plan: Plan, series: Collection[str]) -> dict[Cell, Estimate]:
    """Counts behind a view's values: as reported, or worked out from a rate and its denominator as any reader could.

    A rate without counts is taken times the denominator of the same name that any series gives for that year and group.
    """
    people, rows = Denominators.of(view, plan), plan.series.to_dict("index")
    found: dict[Cell, Estimate] = {}
    for row in view[view["series"].isin(series) & view["value"].notna()].itertuples():
        about = rows[row.series]
        scale, cell = scale_of(about["unit"]), _cell(row)
        if about["unit"] in COUNTS:
            found[cell] = Estimate(row.value, row.value, row.value, math.nan)
        elif not math.isnan(row.numerator):
            found[cell] = Estimate(row.numerator, row.numerator, row.numerator, row.denominator)
        elif scale and about["unit"] != "比":
            below, within = people.known(row, str(about["denominator"]))
            share = row.value / scale
            if below > 0:
                count = share * below
                low, high = (count, count) if not within else (count * (1 - within), count * (1 + within))
                found[cell] = Estimate(round(count), round(low), round(high), below)
            elif row.value > 0:
                rare = share < RARE or (about["unit"] == "%" and 1 - RARE < share < 1)
                found[cell] = Estimate(math.nan, math.nan, math.nan, math.nan, rare)
    return found


@dataclass(frozen=True)
class Denominators:
    """What is known of denominators by their names: the same people stand under many rates."""

    by_name: Mapping[tuple[str, str], Mapping[int, float]]

    @classmethod
    def of(cls, view: pd.DataFrame, plan: Plan) -> Denominators:
        names = {c: plan.series[c].to_dict() for c in ("numerator", "denominator", "name", "unit")}
        found: dict[tuple[str, str], dict[int, float]] = {}
        for row in view.itertuples():
            if row.series not in names["unit"] or _cell(row).years != 1:
                continue
            given = [(names[c][row.series], getattr(row, c)) for c in ("denominator", "numerator")]
            given += [(names["name"][row.series], row.value)] if names["unit"][row.series] in COUNTS else []
            for name, number in given:
                if name and number > 0:
                    found.setdefault((name, row.group), {}).setdefault(int(row.year), float(number))
        return cls(found)

    def known(self, row: Any, name: str) -> tuple[float, float]:
        """The denominator of a value and within which share of it a reader knows it; NaN when none is known."""
        if row.denominator > 0:
            return float(row.denominator), 0.0
        own = self.by_name.get((name, row.group), {}) if name else {}
        cell = _cell(row)
        run = range(cell.year - cell.years + 1, cell.year + 1)
        if own and all(y in own for y in run):
            return sum(own[y] for y in run), WITHIN
        if own:  # of another year: people move and are born, but not by more than this in a few years
            return own[min(own, key=lambda y: (abs(y - cell.year), y))] * cell.years, OTHER_YEAR
        return math.nan, 0.0


def hidden_cells(
    view: pd.DataFrame,
    plan: Plan,
    earlier: Sequence[tuple[pd.DataFrame, Plan]] = (),
    nested: Sequence[tuple[str, str]] = (),
    also: Collection[Cell] = (),
) -> frozenset[Cell]:
    """Cells that a public edition of this view must not show.

    Parameters
    ----------
    earlier
        Views and plans of the editions published before, oldest first. Their readers still have them: what they showed is known,
        what they hid stays hidden, and a count that was revised is one more unknown beside those that were not.
    nested
        Pairs of series of which the first counts whatever the second counts, and more.
    also
        Cells to be protected whatever their own counts.
    """
    memory = _Memory(nested)
    for one, its_plan in earlier:
        memory.publish(*_facts(one, its_plan))
    counts, sums, secret = _facts(view, plan)
    return memory.publish(counts, sums, secret.union(cell for cell in also if cell in counts))


class _Memory:
    """What readers of all editions so far know; a count and its revisions are different unknowns of one cell."""

    def __init__(self, nested: Sequence[tuple[str, str]] = ()) -> None:
        self._nested = nested
        self._rests: set[tuple[Cell, int]] = set()
        self._versions: dict[Cell, list[float]] = {}
        self._counts: dict[tuple[Cell, int], float] = {}
        self._sums: dict[tuple[tuple[Cell, int], ...], None] = {}
        self._secret: set[tuple[Cell, int]] = set()
        self._hidden: set[tuple[Cell, int]] = set()
        self._shown: set[tuple[Cell, int]] = set()

    def publish(
        self, counts: Mapping[Cell, float], sums: Sequence[Sequence[Cell]], secret: Collection[Cell]
    ) -> frozenset[Cell]:
        """The hidden cells of one more edition, which is then known like those before."""
        now = {cell: self._version(cell, count) for cell, count in counts.items()}
        self._counts |= {now[cell]: count for cell, count in counts.items()}
        self._sums |= dict.fromkeys(tuple(now[c] for c in one) for one in sums if all(c in now for c in one))
        self._rest(now)
        self._secret |= {now[cell] for cell in secret}
        before = {cell for cell, _ in self._hidden}
        kept = {now[cell] for cell in counts if cell in before}
        found = protect(self._counts, self._sums, self._secret, self._hidden | kept | self._rests, self._shown)  # type: ignore[arg-type]
        hidden = frozenset(c for c in counts if c in before or c in secret or now[c] in found)
        self._hidden |= {now[c] for c in hidden}
        self._shown |= {now[c] for c in counts if c not in hidden}
        return hidden

    def _rest(self, now: Mapping[Cell, tuple[Cell, int]]) -> None:
        """What one series counts beyond another: never shown, never below zero, and so a bound of what is hidden."""
        for more, less in self._nested:
            for cell in [c for c in now if c.series == more]:
                whole, part = now[cell], now.get(replace(cell, series=less))
                if part and (left := self._counts[whole] - self._counts[part]) >= 0:
                    rest = (replace(cell, series=f"{more}-{less}:{whole[1]}:{part[1]}"), 0)
                    self._rests.add(rest)
                    self._counts[rest] = left
                    self._sums[whole, part, rest] = None

    def _version(self, cell: Cell, count: float) -> tuple[Cell, int]:
        known = self._versions.setdefault(cell, [])
        if count not in known:
            known.append(count)
        return cell, known.index(count)


def _facts(view: pd.DataFrame, plan: Plan) -> tuple[dict[Cell, float], list[tuple[Cell, ...]], set[Cell]]:
    """The counts of an edition, what of them adds up, and which are 1 to 4 people."""
    found = _estimates(view, plan, sensitive(plan))
    counts = {cell: one.count for cell, one in found.items()}
    shares = set(plan.series.index[plan.series["unit"] == "%"])  # one person not treated is one person, too
    secret = {cell for cell, one in found.items() if one.small(cell.series in shares)}
    sums = [*over_groups(counts), *_over_years(counts), *_same_fact(counts, plan)]
    secret |= {cell for one in sums for cell in _to_come(one, counts)}
    return {c: (0.0 if c in secret else UNKNOWN) if math.isnan(n) else n for c, n in counts.items()}, sums, secret


def _to_come(one: Sequence[Cell], counts: Mapping[Cell, float]) -> list[Cell]:
    """Cells of a sum that does not come out, and would by one of them being 1 to 4: revised so, they could no longer be protected."""
    if any(c not in counts for c in one):
        return []
    over = counts[one[0]] - sum(counts[c] for c in one[1:])
    if math.isnan(over) or abs(over) < 0.5:
        return []
    return [c for n, c in enumerate(one) if small(counts[c] + (over if n else -over))]


def _over_years(counts: Mapping[Cell, float]) -> list[tuple[Cell, ...]]:
    """Counts of several years together, and of the single years that make them up."""
    wholes = sorted(cell for cell in counts if cell.years > 1)
    return [(c, *(Cell(c.series, c.group, y) for y in range(c.year - c.years + 1, c.year + 1))) for c in wholes]


def _same_fact(counts: Mapping[Cell, float], plan: Plan) -> list[tuple[Cell, ...]]:
    """Counts of one name in several series: what one of them shows the others cannot hide."""
    names = _counted(plan)
    told: dict[tuple[str, str, int, int], list[Cell]] = {}
    for cell in sorted(counts):
        told.setdefault((names[cell.series], cell.group, cell.year, cell.years), []).append(cell)
    return [(cells[0], other) for (name, *_), cells in sorted(told.items()) if name for other in cells[1:]]


def _counted(plan: Plan) -> dict[str, str]:
    """The name of what each series counts."""
    return {
        str(series): str(about["name"] if about["unit"] in COUNTS else about["numerator"] or "")
        for series, about in plan.series.to_dict("index").items()
    }


def _cell(row: Any) -> Cell:
    """The cell a row of a view is about."""
    definition = getattr(row, "definition", "")
    return Cell(row.series, row.group, int(row.year), years_of(definition) if isinstance(definition, str) else 1)


def _meets(low: float, high: float) -> bool:
    """Whether a range holds a count of 1 to 4."""
    return not (math.isnan(low) or math.isnan(high)) and round(low) <= SMALL[-1] and round(high) >= SMALL[0]


def public(table: pd.DataFrame, hidden: Collection[Cell]) -> pd.DataFrame:
    """A view with hidden cells emptied and marked in a column ``withheld``; denominators stay."""
    withheld = np.array([_cell(row) in hidden for row in table.itertuples()], dtype=bool)
    out = table.assign(withheld=withheld)
    for column in ("value", "numerator"):
        out[column] = out[column].where(~withheld)
    return out
