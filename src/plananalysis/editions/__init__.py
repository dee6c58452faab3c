"""Owns everything derived for one area and one as-of year: builds it when something it rests on has changed, and says so.

Asking whether an edition is fresh loads neither NumPy nor pandas; what derives stands in ``building``.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from plananalysis.base.text import LANGUAGES, speaking
from plananalysis.editions import inputs
from plananalysis.editions.inputs import BuildSummary
from plananalysis.editions.inputs import period as period
from plananalysis.editions.inputs import periods as periods

_OWNERS = {"editions": "building", "quantile_table": "building", "changed": "changes"}  # loaded when first used
__all__ = ["BuildSummary", "build", "fresh", "period", "periods", *sorted(_OWNERS)]

if TYPE_CHECKING:
    from plananalysis.editions.building import editions as editions
    from plananalysis.editions.building import quantile_table as quantile_table
    from plananalysis.editions.changes import changed as changed


def build(
    root: Path,
    area: str,
    as_of: int | None = None,
    n_paths: int = 1000,
    force: bool = False,
    side_by_side: bool = False,
    outline: str = "",
) -> BuildSummary:
    """Derive every table of one edition into its folder below ``data/processed/<area>``, replacing that as a whole.

    Tables hold codes and numbers, and names as people wrote them: an edition is opened in any language.

    Nothing is derived when nothing has changed that the stored tables rest on; the summary is then the stored one.

    Parameters
    ----------
    force
        Derive again in any case.
    side_by_side
        Derive in two processes, where that can be done safely.
    outline
        Id of the plan period; "" for the area's first one of that year.

    Raises
    ------
    DataError
        The plan or the observations break a rule; every broken rule is listed and nothing is written.
    """
    held = None if force else inputs.unchanged(root, area, as_of, n_paths, outline)
    if held is not None:
        return BuildSummary(**held | {"newest": {int(year): count for year, count in held["newest"].items()}})
    from plananalysis.editions.building import derive

    with speaking(LANGUAGES[0]):  # of the summary; the tables are in none
        return derive(root, area, as_of, n_paths, side_by_side, outline)


def fresh(root: Path, area: str, as_of: int | None = None, n_paths: int = 1000, outline: str = "") -> bool:
    """Whether the stored tables of an edition are those that a build would write."""
    return inputs.unchanged(root, area, as_of, n_paths, outline) is not None


def __getattr__(name: str) -> object:
    if name not in _OWNERS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_OWNERS[name]}"), name)
