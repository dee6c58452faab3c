"""Which cells of tables that add up must stay hidden so that no secret one can be worked out: by algebra, or because no count is below zero."""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np

SMALL = range(1, 5)


def small(count: float) -> bool:
    """Whether it counts 1 to 4 people."""
    return not math.isnan(count) and round(count) in SMALL


def protect(
    counts: Mapping[Hashable, float],
    sums: Iterable[Sequence[Hashable]],
    secret: Collection[Hashable] | None = None,
    hidden: Collection[Hashable] = (),
    shown: Collection[Hashable] = (),
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
    hidden, shown
        Cells that are hidden anyway, and those the reader has seen already: hiding them would help nobody.

    Returns
    -------
    frozenset
        Cells whose counts, and rates from which they follow, must not be shown. Which of them are the small ones is not to be
        published either. Each secret keeps at least all of 1 to 4, unless what has been shown leaves no way to that.
    """
    known = [tuple(one) for one in dict.fromkeys(map(tuple, sums)) if all(cell in counts for cell in one)]
    aims = {cell for cell, count in counts.items() if small(count)} if secret is None else set(secret)
    start = (aims | set(hidden)) - set(shown)
    found = set(start)
    for cells, tied in _tied(known):
        aim = aims & cells - set(shown)
        if aim:
            numbers = tuple(sorted(((c, counts[c]) for c in cells), key=str))
            found |= _protected(numbers, tied, frozenset(aim), frozenset(start & cells), frozenset(cells & set(shown)))
    return frozenset(found)


def _tied(sums: Sequence[tuple[Hashable, ...]]) -> list[tuple[set[Hashable], tuple[tuple[Hashable, ...], ...]]]:
    """Sums that have cells in common, directly or through others, with all their cells."""
    home: dict[Hashable, Hashable] = {}

    def root(cell: Hashable) -> Hashable:
        home.setdefault(cell, cell)
        while home[cell] != cell:
            home[cell] = home[home[cell]]
            cell = home[cell]
        return cell

    for first, *rest in sums:
        for cell in rest:
            home[root(cell)] = root(first)
    groups: dict[Hashable, list[tuple[Hashable, ...]]] = {}
    for one in sums:
        groups.setdefault(root(one[0]), []).append(one)
    return [({c for one in held for c in one}, tuple(held)) for held in groups.values()]


@lru_cache(maxsize=20_000)
def _protected(
    numbers: tuple[tuple[Hashable, float], ...],
    sums: tuple[tuple[Hashable, ...], ...],
    secret: frozenset[Hashable],
    start: frozenset[Hashable],
    shown: frozenset[Hashable],
) -> frozenset[Hashable]:
    """Hidden cells of sums that are tied to each other; asked again and again for editions that differ by a year."""
    counts, hidden, lost = dict(numbers), set(start), set[Hashable]()
    while True:
        told = _revealed(sums, secret - lost, hidden) or _cornered(counts, sums, secret - lost, hidden)
        if told is None:
            return frozenset(hidden)
        around = _opened(told, sums, hidden, shown)
        if around is None:  # whatever could be hidden has been shown before
            lost.add(told)
            continue
        left = [cell for cell in around if cell not in hidden and cell not in shown]
        # parts before wholes, then the smallest: it costs the reader least; a zero beside it would show the secret's size
        hidden.add(min(left, key=lambda c: (c == around[0], counts[c] == 0, counts[c], str(c))))


def _revealed(
    sums: Sequence[Sequence[Hashable]], secret: Collection[Hashable], hidden: Collection[Hashable]
) -> Hashable | None:
    """A secret cell that follows from sums, alone or together with others; None when every secret is safe."""
    for one in sums:
        inside = [cell for cell in one if cell in hidden]
        if len(inside) == 1 and inside[0] in secret:
            return inside[0]
    order = {cell: j for j, cell in enumerate(sorted(hidden, key=str))}
    used = [one for one in sums if any(cell in order for cell in one)]
    if len(used) < 2:
        return None
    # a hidden cell can be worked out exactly when it is zero in every solution of the system without right-hand side
    _, singular, rows = np.linalg.svd(_matrix(used, order))
    rank = int((singular > 1e-9).sum())
    free = np.abs(rows[rank:]).sum(axis=0) if rank < len(order) else np.zeros(len(order))
    return next((cell for cell, j in order.items() if cell in secret and free[j] < 1e-9), None)


def _matrix(sums: Sequence[Sequence[Hashable]], order: Mapping[Hashable, int]) -> np.ndarray:
    matrix = np.zeros((len(sums), len(order)))
    for i, one in enumerate(sums):
        for n, cell in enumerate(one):
            if cell in order:
                matrix[i, order[cell]] += 1.0 if n == 0 else -1.0
    return matrix


def _cornered(
    counts: Mapping[Hashable, float],
    sums: Sequence[Sequence[Hashable]],
    secret: Collection[Hashable],
    hidden: Collection[Hashable],
) -> Hashable | None:
    """A secret of which less than 1 to 4 is possible, because no count is below zero; None when there is none."""
    for cell in sorted(secret, key=str):
        tied = _component(cell, sums, hidden)
        used = [one for one in sums if tied & set(one)]
        if used and _tells(counts[cell], *possible(cell, counts, used, tied)):
            return cell
    return None


def possible(
    cell: Hashable, counts: Mapping[Hashable, float], sums: Sequence[Sequence[Hashable]], hidden: Collection[Hashable]
) -> tuple[float, float]:
    """Least and greatest number a hidden count can be for who knows all others of some sums."""
    from scipy.optimize import linprog

    order = {c: j for j, c in enumerate(sorted(hidden, key=str))}
    left = _matrix(sums, order)
    right = left @ np.array([counts[c] for c in order])  # the sums as they are, also where they do not come out even
    if len(sums) == 1:  # its whole is hidden, or the parts share what is left of it
        if left.max() > 0:
            return (max(0.0, right[0]) if left[0, order[cell]] > 0 else 0.0), math.inf
        return (0.0 if len(order) > 1 else -right[0]), -right[0]
    aim = np.eye(len(order))[order[cell]]
    least, most = (linprog(sign * aim, A_eq=left, b_eq=right, method="highs") for sign in (1, -1))
    low = math.ceil(least.fun - 1e-6) if least.status == 0 else 0
    return low, math.floor(-most.fun + 1e-6) if most.status == 0 else math.inf  # otherwise there is no upper end at all


def _tells(count: float, low: float, high: float) -> bool:
    """Whether a range says more than that a count is 1 to 4; for another count, whether it leaves fewer than four numbers."""
    return low > SMALL[0] or high < SMALL[-1] if small(count) else high - low < len(SMALL) - 1


def _component(cell: Hashable, sums: Sequence[Sequence[Hashable]], hidden: Collection[Hashable]) -> set[Hashable]:
    """Hidden cells tied to one by sums, directly or through others."""
    found, grown = {cell}, True
    while grown:
        more = {c for one in sums if found & set(one) for c in one if c in hidden} - found
        grown = bool(more)
        found |= more
    return found


def _opened(
    cell: Hashable, sums: Sequence[Sequence[Hashable]], hidden: Collection[Hashable], shown: Collection[Hashable]
) -> Sequence[Hashable] | None:
    """A sum with something left to hide: one that holds the cell, otherwise one tied to it."""
    tied = _component(cell, sums, hidden)
    ready = [one for one in sums if any(c not in hidden and c not in shown for c in one)]
    return next((one for one in ready if cell in one), None) or next((one for one in ready if tied & set(one)), None)
