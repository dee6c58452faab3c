"""Cutting work into pieces: chunks of seconds, and the share of them that one job of a batch system takes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from plananalysis.base.errors import UsageError
from plananalysis.base.text import say

Item = TypeVar("Item")


@dataclass(frozen=True)
class Shard:
    """The ``number``-th of ``count`` equal shares, counted from 1."""

    number: int = 1
    count: int = 1

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read ``k/n``.

        >>> Shard.parse("2/8")
        Shard(number=2, count=8)

        Raises
        ------
        UsageError
            Not two whole numbers with 1 ≤ k ≤ n.
        """
        found = re.fullmatch(r"([0-9]{1,5})/([0-9]{1,5})", text.strip())
        if not found or not 1 <= int(found[1]) <= int(found[2]):
            raise UsageError(say("panels.misuse.shard", value=text))
        return cls(int(found[1]), int(found[2]))

    @property
    def whole(self) -> bool:
        """Whether this is everything."""
        return self.count == 1

    def of(self, pieces: Sequence[Item]) -> list[Item]:
        """This share of the pieces. The shares of one count hold every piece once; neighbours go to different shares,
        because neighbouring areas tend to be alike in size."""
        return list(pieces[self.number - 1 :: self.count])


def sliced(items: Sequence[Item], size: int) -> list[tuple[Item, ...]]:
    """The items in their order, ``size`` at a time. The cuts depend on the items alone, never on who does the work."""
    return [tuple(items[start : start + size]) for start in range(0, len(items), size)]
