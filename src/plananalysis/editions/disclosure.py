"""Small counts in public editions: which cells to withhold so that no count of 1 to 4 people can be read or worked out.

One decision per fact: the set of hidden cells is worked out once for everything published of an area and applied to every table,
so that what one table hides no other shows. Zero is published; it tells nothing about anybody.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from plananalysis.base.text import say
from plananalysis.plan import Plan
from plananalysis.plan.units import CASES, COUNTS, PERSONS
from plananalysis.returns.values import scale_of

SMALL = range(1, 5)
EXHAUSTIVE = ("sex", "residence")  # groups that make up the total


@dataclass(frozen=True, order=True)
class Cell:
    """A published count. ``years`` is 1 for a year's own, more for a sum of the years up to and including ``year``."""

    series: str
    group: str
    year: int
    years: int = 1


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
    """A sum around a secret that only one whole number fits, because no count is below zero; None when there is none."""
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
            else:
                right[i] -= sign * counts[cell]
    for cell in (c for c in inside if c in secret):
        touching = _component(cell, used, hidden)
        rows = [i for i, one in enumerate(used) if touching & set(one)]
        columns = [order[c] for c in inside if c in touching]
        aim = np.array([1.0 if c == cell else 0.0 for c in inside if c in touching])
        least, most = (
            linprog(sign * aim, A_eq=left[np.ix_(rows, columns)], b_eq=right[rows], method="highs") for sign in (1, -1)
        )
        if least.status == 0 and most.status == 0 and math.floor(-most.fun + 1e-6) <= math.ceil(least.fun - 1e-6):
            around = _opened(cell, used, hidden)  # otherwise there is no upper end at all
            if around is not None:
                return around
    return None


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
    return list(
        leaves.index[counted & about_people & ~things & (leaves["unit"] != "比") & (leaves["unit"] != "女=100")]
    )


def counts_of(view: pd.DataFrame, plan: Plan, series: Collection[str]) -> dict[Cell, float]:
    """Counts behind a view's values: as reported, or worked out from a rate and its denominator as any reader could."""
    counts: dict[Cell, float] = {}
    for row in view[view["series"].isin(series) & view["value"].notna()].itertuples():
        about = plan.series.loc[row.series]
        count, scale = row.numerator, scale_of(about["unit"])
        if about["unit"] in COUNTS:
            count = row.value
        elif math.isnan(count) and scale and row.denominator > 0:
            count = round(row.value * row.denominator / scale)
        if not math.isnan(count):
            counts[Cell(row.series, row.group, int(row.year))] = count
    return counts


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


def hidden_cells(view: pd.DataFrame, plan: Plan, pools: pd.DataFrame | None = None) -> frozenset[Cell]:
    """Cells that a public edition of this view must not show.

    Parameters
    ----------
    pools
        From :func:`pooled`, when such sums are published, too: a sum and two of its three years give the third.
    """
    series = sensitive(plan)
    counts: dict[Cell, float] = counts_of(view, plan, series)
    sums: list[tuple[Cell, ...]] = []
    parts: dict[tuple[str, int, str], list[Cell]] = {}
    for cell in counts:
        dimension = cell.group.partition(":")[0]
        if dimension in EXHAUSTIVE:
            parts.setdefault((cell.series, cell.year, dimension), []).append(cell)
    for (code, year, _), members in sorted(parts.items()):
        if len(members) > 1:
            sums.append((Cell(code, "total", year), *sorted(members)))
    for row in pools.itertuples() if pools is not None else ():
        if row.series in series:
            whole = Cell(row.series, row.group, row.year, row.years)
            counts[whole] = row.numerator
            sums.append(
                (whole, *(Cell(row.series, row.group, y) for y in range(row.year - row.years + 1, row.year + 1)))
            )
    secret = {cell for cell, count in counts.items() if _small(count)}
    shares = view[view["series"].map(plan.series["unit"]).eq("%")]  # one person not treated is one person, too
    for row in shares.itertuples():
        cell = Cell(row.series, row.group, int(row.year))
        if cell in counts and _small(row.denominator - counts[cell]):
            secret.add(cell)
    return protect(counts, sums, secret)  # type: ignore[return-value,arg-type]


def _small(count: float) -> bool:
    return not math.isnan(count) and round(count) in SMALL


def public(
    table: pd.DataFrame, hidden: Collection[Cell], columns: Sequence[str] = ("value", "numerator")
) -> pd.DataFrame:
    """A table with hidden cells emptied and marked in a column ``withheld``; denominators stay.

    Works on a view and on :func:`pooled` alike.
    """
    years = table["years"] if "years" in table else pd.Series(1, index=table.index)
    keys = zip(table["series"], table["group"], table["year"].astype(int), years.astype(int), strict=True)
    withheld = np.array([Cell(*key) in hidden for key in keys], dtype=bool)
    out = table.assign(withheld=withheld)
    for column in columns:
        out[column] = out[column].where(~withheld)
        if f"{column}_text" in out:
            out[f"{column}_text"] = out[f"{column}_text"].where(~withheld, "")
    return out
