"""What the areas of a panel reported, in one pass over its file: a digest of each area's rows, and what each is told of the others."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from plananalysis.base.area_changes import AreaChange
from plananalysis.base.tables import write_atomic
from plananalysis.observations.peers import Beside, Places, spoken
from plananalysis.panels import carried, columnar
from plananalysis.plan import Plan


@dataclass(frozen=True)
class Reported:
    """What each area reported and is told.

    Parameters
    ----------
    path
        Where it is kept, for workers; its name says what it was made of.
    digests
        By area: of its rows in whatever order, and of what it is told. Areas that reported nothing are not in it.
    """

    path: Path
    digests: dict[str, str]


def survey(
    reader: columnar.Reader,
    areas: Sequence[columnar.Area],
    plans: Sequence[Plan],
    path: Path,
    changes: Sequence[AreaChange] = (),
) -> Reported:
    """Read the whole file once; memory grows with the values of the last years, eight bytes and their place each.

    An area that came out of others is known by its history as it is carried on.
    """
    with suppress(OSError, ValueError, KeyError), np.load(path, allow_pickle=False) as kept:
        return Reported(path, dict(zip(kept["areas"].tolist(), kept["digests"].tolist(), strict=True)))
    codes, series = [a.code for a in areas], [str(s) for s in plans[-1].series.index]
    places = Places(codes, series, [(plan.known_on, plan.as_of) for plan in plans])
    rows_of = np.zeros(len(codes), "u8")
    changed = {a for change in changes for a in change.after}
    aside: list[pd.DataFrame] = []
    beside = changed.union(carried.needed(changes, sorted(changed)))
    for rows in reader.whole_areas():
        place = pd.Index(codes).get_indexer(rows["area"])
        np.add.at(rows_of, place[place >= 0], _row_digests(rows)[place >= 0])
        rows = columnar.complete(rows)
        if changed:
            aside.append(rows[rows["area"].isin(beside)])
            rows = rows[~rows["area"].isin(changed)]
        places.add(rows, plans[-1].series)
    by_area = dict(list(pd.concat(aside).groupby("area", sort=True))) if aside else {}
    for code in sorted(changed.intersection(by_area)):
        none = by_area[code].iloc[:0]
        places.add(carried.carried_on(by_area, code, changes, plans[-1].series, none)[0], plans[-1].series)
    told = places.told()
    digests = [hashlib.sha256(n.tobytes() + t.tobytes()).hexdigest() for n, t in zip(rows_of, told, strict=True)]
    stored = io.BytesIO()
    np.savez(stored, areas=np.array(codes), digests=np.array(digests), series=np.array(series))
    path.parent.mkdir(parents=True, exist_ok=True)
    array = io.BytesIO()
    np.save(array, told)
    write_atomic(_told_path(path), array.getvalue())
    write_atomic(path, stored.getvalue())
    return Reported(path, dict(zip(codes, digests, strict=True)))


def told(path: Path, area: str) -> list[dict[str, Beside]]:
    """What an area is told of the others, for each edition of the period, from what :func:`survey` left."""
    held, place, series = _held(path)
    return [spoken(one, series) for one in held[place[area]]]


@lru_cache(maxsize=2)
def _held(path: Path) -> tuple[np.ndarray, dict[str, int], list[str]]:
    with np.load(path, allow_pickle=False) as kept:
        place = {code: i for i, code in enumerate(kept["areas"].tolist())}
        return np.load(_told_path(path), mmap_mode="r"), place, kept["series"].tolist()


def _told_path(path: Path) -> Path:
    return path.with_suffix(".npy")


def _row_digests(rows: pd.DataFrame) -> np.ndarray:
    """A number for each row; an area's rows are told apart by their sum, which knows no order."""
    return pd.util.hash_pandas_object(rows.drop(columns=["area", "file_row"]), index=False).to_numpy()
