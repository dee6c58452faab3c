"""Small counts in public editions: which cells to withhold so that no count of 1 to 4 people can be read or worked out.

One decision per fact: the set of hidden cells is worked out once for everything published of an area and applied to every table,
so that what one table hides no other shows. Zero is published; it tells nothing about anybody.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from plananalysis.base.text import say
from plananalysis.editions.additive import Cell, over_groups
from plananalysis.observations.walk import years_of
from plananalysis.plan import Plan
from plananalysis.plan.units import CASES, COUNTS, PERSONS
from plananalysis.returns.values import scale_of

SMALL = range(1, 5)
WITHIN = 0.03  # a reader knows every denominator of that year to within this share
OTHER_YEAR = 0.25  # and that of a neighbouring year so well
RARE = (
    0.01  # a rate whose denominator nobody knows is hidden when it, or its complement, concerns fewer than this share
)


def protect(
    counts: Mapping[Hashable, float], sums: Iterable[Sequence[Hashable]], secret: Collection[Hashable] | None = None
) -> frozenset[Hashable]:
    """Cells to hide: every secret one, and as few others as keep each of them from being worked out.

    Parameters
    ----------
    counts
        Every count that would be published, by cell.
    sums
        What adds up: the whole first, then its parts. A sum with a cell that is not published is left out of account.
    secret
        Cells to protect; the counts of 1 to 4 when None.

    Returns
    -------
    frozenset
        Cells whose counts, and rates from which they follow, must not be shown. Which of them are the small ones is not to be
        published either.
    """
    known = [tuple(one) for one in sums if all(cell in counts for cell in one)]
    secret = {cell for cell, count in counts.items() if _small(count)} if secret is None else set(secret)
    hidden = set(secret)
    while True:
        revealed = _revealed(known, secret, hidden) or _cornered(counts, known, secret, hidden)
        if revealed is None:
            return frozenset(hidden)
        open_cells = [cell for cell in revealed if cell not in hidden]
        # parts before wholes, then the smallest: it costs the reader least; a zero beside it would show the secret's size
        hidden.add(min(open_cells, key=lambda c: (c == revealed[0], counts[c] == 0, counts[c], str(c))))


def _revealed(
    sums: Sequence[Sequence[Hashable]], secret: Collection[Hashable], hidden: Collection[Hashable]
) -> Sequence[Hashable] | None:
    """A sum from which a secret cell follows, alone or together with others; None when every secret is safe."""
    for one in sums:
        inside = [cell for cell in one if cell in hidden]
        if len(inside) == 1 and inside[0] in secret:
            return one
    order = {cell: j for j, cell in enumerate(sorted(hidden, key=str))}
    used = [one for one in sums if any(cell in order for cell in one)]
    if not used:
        return None
    matrix = np.zeros((len(used), len(order)))
    for i, one in enumerate(used):
        for n, cell in enumerate(one):
            if cell in order:
                matrix[i, order[cell]] += 1.0 if n == 0 else -1.0
    # a hidden cell can be worked out exactly when it is zero in every solution of the system without right-hand side
    _, singular, rows = np.linalg.svd(matrix)
    rank = int((singular > 1e-9).sum())
    free = np.abs(rows[rank:]).sum(axis=0) if rank < len(order) else np.zeros(len(order))
    for cell, j in order.items():
        if cell in secret and free[j] < 1e-9:
            return _opened(cell, used, hidden)
    return None


def _cornered(
    counts: Mapping[Hashable, float],
    sums: Sequence[Sequence[Hashable]],
    secret: Collection[Hashable],
    hidden: Collection[Hashable],
) -> Sequence[Hashable] | None:
    """A sum around a secret of which less than 1 to 4 is possible, because no count is below zero; None when there is none."""
    from scipy.optimize import linprog

    used = [one for one in sums if any(cell in hidden for cell in one)]
    inside = sorted({cell for one in used for cell in one if cell in hidden}, key=str)
    order = {cell: j for j, cell in enumerate(inside)}
    left, right = np.zeros((len(used), len(inside))), np.zeros(len(used))
    for i, one in enumerate(used):
        for n, cell in enumerate(one):
            sign = 1.0 if n == 0 else -1.0
            if cell in order:
                left[i, order[cell]] += sign
                right[i] += sign * counts[cell]  # the sum as it is, also where it does not come out even
    for cell in (c for c in inside if c in secret):
        touching = _component(cell, used, hidden)
        rows = [i for i, one in enumerate(used) if touching & set(one)]
        columns = [order[c] for c in inside if c in touching]
        aim = np.array([1.0 if c == cell else 0.0 for c in inside if c in touching])
        least, most = (
            linprog(sign * aim, A_eq=left[np.ix_(rows, columns)], b_eq=right[rows], method="highs") for sign in (1, -1)
        )
        low = math.ceil(least.fun - 1e-6) if least.status == 0 else 0
        high = math.floor(-most.fun + 1e-6) if most.status == 0 else math.inf  # otherwise there is no upper end at all
        if _tells(counts[cell], low, high):
            around = _opened(cell, used, hidden)
            if around is not None:
                return around
    return None


def _tells(count: float, low: float, high: float) -> bool:
    """Whether a range says more than that a count is 1 to 4; for another count, whether it leaves fewer than four numbers."""
    return low > SMALL[0] or high < SMALL[-1] if _small(count) else high - low < len(SMALL) - 1


def _component(cell: Hashable, sums: Sequence[Sequence[Hashable]], hidden: Collection[Hashable]) -> set[Hashable]:
    """Hidden cells tied to one by sums, directly or through others."""
    found, grown = {cell}, True
    while grown:
        more = {c for one in sums if found & set(one) for c in one if c in hidden} - found
        grown = bool(more)
        found |= more
    return found


def _opened(
    cell: Hashable, sums: Sequence[Sequence[Hashable]], hidden: Collection[Hashable]
) -> Sequence[Hashable] | None:
    """A sum with something left to hide: one that holds the cell, otherwise one tied to it."""
    tied = _component(cell, sums, hidden)
    ready = [one for one in sums if any(c not in hidden for c in one)]
    return next((one for one in ready if cell in one), None) or next((one for one in ready if tied & set(one)), None)


def sensitive(plan: Plan) -> list[str]:
    """Series whose counts are people hurt, ill, dead or before the law: bad events, and every person counted in health."""
    leaves = plan.leaves()
    counted = (leaves["numerator"] != "") | leaves["unit"].isin((*CASES, *PERSONS))
    about_people = (leaves["direction"] == -1) | leaves["domain"].str.endswith(".health")
    things = leaves["numerator"].map(lambda name: any(word in name for word in say("intake.things").split("、")))
    kept = counted & ~things & (leaves["unit"] != "比") & (leaves["unit"] != "女=100")
    facts = {_counted(plan, series) for series in leaves.index[kept & about_people]} - {""}
    return [s for s in leaves.index[kept] if about_people[s] or _counted(plan, s) in facts]


def counts_of(view: pd.DataFrame, plan: Plan, series: Collection[str]) -> dict[Cell, float]:
    """Counts behind a view's values: as reported, or worked out from a rate and its denominator as any reader could.

    A rate without counts is taken times the denominator of the same name that any series gives for that year and group.
    """
    return {cell: estimate.count for cell, estimate in _estimates(view, plan, series).items()}


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
    people = Denominators.of(view, plan)
    found: dict[Cell, Estimate] = {}
    for row in _in_use(view, series).itertuples():
        about = plan.series.loc[row.series]
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
    return {cell: one for cell, one in found.items() if one.rare or not math.isnan(one.count)}


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


def pooled(view: pd.DataFrame, plan: Plan, years: int | None = None) -> pd.DataFrame:
    """Counts summed over several years, and the rate they give, for rare events of which one year says little.

    Parameters
    ----------
    years
        How many; the plan's setting ``pool_years`` when None. Only runs of years without a gap are summed.

    Returns
    -------
    DataFrame
        ``series, group, year`` (last of the run), ``years, numerator, denominator, value``.
    """
    years = years or plan.thresholds.pool_years
    counted = view[view["numerator"].notna() & view["denominator"].notna()]
    rows = []
    for (series, group), one in counted.groupby(["series", "group"], sort=True):
        scale = scale_of(plan.series.loc[series, "unit"])
        one = one.drop_duplicates("year", keep="last").set_index("year").sort_index()
        for year in one.index if scale else ():
            run = range(year - years + 1, year + 1)
            if all(y in one.index for y in run):
                above, below = one.loc[list(run), ["numerator", "denominator"]].sum()
                value = above / below * scale if below else math.nan
                rows.append((series, group, int(year), years, above, below, value))
    return pd.DataFrame(rows, columns=["series", "group", "year", "years", "numerator", "denominator", "value"])


def hidden_cells(
    view: pd.DataFrame, plan: Plan, pools: pd.DataFrame | None = None, before: Collection[Cell] = ()
) -> frozenset[Cell]:
    """Cells that a public edition of this view must not show.

    Parameters
    ----------
    pools
        From :func:`pooled`, when such sums are published, too: a sum and two of its three years give the third.
    before
        Cells to hide whatever they hold now, because an earlier public edition hid them.
    """
    series = sensitive(plan)
    found = _estimates(view, plan, series)
    counts = {cell: one.count for cell, one in found.items()}
    shares = set(plan.series.index[plan.series["unit"] == "%"])  # one person not treated is one person, too
    secret = {cell for cell, one in found.items() if one.small(cell.series in shares)}
    for row in pools.itertuples() if pools is not None else ():
        if row.series in series:
            cell = Cell(row.series, row.group, row.year, row.years)
            counts[cell] = row.numerator
            secret |= {cell} if _small(row.numerator) else set()
    counts = {cell: 0.0 if math.isnan(count) else count for cell, count in counts.items()}
    secret |= {cell for cell in before if cell in counts}
    sums = [*over_groups(counts), *_over_years(counts), *_same_fact(counts, plan)]
    return protect(counts, sums, secret)  # type: ignore[return-value,arg-type]


def _over_years(counts: Mapping[Cell, float]) -> list[tuple[Cell, ...]]:
    """Counts of several years together, and of the single years that make them up."""
    wholes = sorted(cell for cell in counts if cell.years > 1)
    return [
        (c, *(Cell(c.series, c.group, y) for y in range(c.year - c.years + 1, c.year + 1))) for c in wholes
    ]  # fmt: skip


def _same_fact(counts: Mapping[Cell, float], plan: Plan) -> list[tuple[Cell, ...]]:
    """Counts of one name in several series: what one of them shows the others cannot hide."""
    told: dict[tuple[str, str, int, int], list[Cell]] = {}
    for cell in sorted(counts):
        told.setdefault((_counted(plan, cell.series), cell.group, cell.year, cell.years), []).append(cell)
    return [(cells[0], other) for (name, *_), cells in sorted(told.items()) if name for other in cells[1:]]


def _counted(plan: Plan, series: str) -> str:
    """The name of what a series counts."""
    about = plan.series.loc[series]
    return str(about["name"] if about["unit"] in COUNTS else about["numerator"] or "")


def _in_use(view: pd.DataFrame, series: Collection[str]) -> pd.DataFrame:
    return view[view["series"].isin(series) & view["value"].notna()]


def _cell(row: Any) -> Cell:
    """The cell a row of a view, or of :func:`pooled`, is about."""
    definition = getattr(row, "definition", "")
    years = getattr(row, "years", 1) if not isinstance(definition, str) else years_of(definition)
    return Cell(row.series, row.group, int(row.year), max(int(getattr(row, "years", 1)), int(years)))


def _meets(low: float, high: float) -> bool:
    """Whether a range holds a count of 1 to 4."""
    return not (math.isnan(low) or math.isnan(high)) and round(low) <= SMALL[-1] and round(high) >= SMALL[0]


def _small(count: float) -> bool:
    return _meets(count, count)


def public(
    table: pd.DataFrame, hidden: Collection[Cell], columns: Sequence[str] = ("value", "numerator")
) -> pd.DataFrame:
    """A table with hidden cells emptied and marked in a column ``withheld``; denominators stay.

    Works on a view and on :func:`pooled` alike.
    """
    withheld = np.array([_cell(row) in hidden for row in table.itertuples()], dtype=bool)
    out = table.assign(withheld=withheld)
    for column in columns:
        out[column] = out[column].where(~withheld)
        if f"{column}_text" in out:
            out[f"{column}_text"] = out[f"{column}_text"].where(~withheld, "")
    return out
