"""What an edition says of the changes of its areas: what became what and when, and how many histories were joined or begin anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd

from plananalysis.base import tables
from plananalysis.base.area_changes import FILE, AreaChange
from plananalysis.base.errors import DataError
from plananalysis.observations import starts_segment


def told(
    root: Path,
    changes: Iterable[AreaChange],
    views: Mapping[str, pd.DataFrame],
    as_of: int,
    called: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    """The changes up to a data year, oldest first, as ``edition.json`` and ``city.json`` hold them.

    Parameters
    ----------
    views
        The reports in use of each area, from `observations.as_known` or the table ``observations``.
    called
        Names by code of areas that have no folder.

    Returns
    -------
    list of dict
        ``declared``: what was declared; ``joined`` and ``broken``: indicators whose histories of all people were joined, and those that begin
        anew, where there are ``views``; ``whole``: values before
        are used as they were.
    """
    found = []
    for change in changes:
        if change.year > as_of:
            continue
        series: dict[str, set[str]] = {"joined": set(), "broken": set()}
        for area in change.after:
            if (view := views.get(area)) is not None:
                whole = view[view["group"] == "total"]
                year = pd.to_numeric(whole["year"])
                ours = (whole["submission"] == FILE) & (pd.to_numeric(whole["file_row"]) == change.row)
                joined = set(whole.loc[ours & (year < change.year) & pd.to_numeric(whole["value"]).notna(), "series"])
                anew = (year == change.year) & whole["status"].fillna("").map(starts_segment)
                series["joined"] |= joined
                series["broken"] |= set(whole.loc[anew, "series"]) - joined if area in change.before else set()
        sides = (("from", change.before), ("to", change.after))
        before, after = ([_name(root, change, side, code, called or {}) for code in codes] for side, codes in sides)
        about = {"date": change.day, "kind": change.kind, "before": before, "after": after, "year": change.year}
        about |= {"declared": "joined" if change.joined else "broken"}
        counts = {name: len(held) for name, held in series.items()}
        found.append(about | counts | {"whole": change.same_place and not counts["joined"], "source": change.source})
    return found


def _name(root: Path, change: AreaChange, side: str, code: str, called: Mapping[str, str]) -> list[str]:
    """What an area was called then, else what it is called now, else its code; and its English name where there is one."""
    if name := change.names.get((side, code)) or called.get(code):
        return [name, ""]
    with suppress(DataError):
        about = tables.read_settings(root / "data" / "raw" / code / "area.toml", root)
        return [str(about.get("name", code)), str(about.get("name_en", ""))]
    return [code, ""]
