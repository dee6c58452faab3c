"""The derived tables of one edition as frames, each read when somebody first asks for it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from plananalysis.tables import read_table

if TYPE_CHECKING:
    import pandas as pd


class Frames(Mapping[str, "pd.DataFrame"]):
    """Tables by name, each made when first asked for.

    Parameters
    ----------
    names
        The tables there are.
    make
        Makes a table.
    unseen
        Tables there are but that must not be asked for.
    """

    def __init__(self, names: Iterable[str], make: Callable[[str], pd.DataFrame], unseen: Collection[str] = ()) -> None:
        self._made: dict[str, pd.DataFrame | None] = dict.fromkeys(names)
        self._make, self._unseen = make, frozenset(unseen)

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name in self._unseen:
            raise LookupError(f"this page does not see the table {name}; what each page sees stands in pages/slices.py")
        made = self._made[name]
        if made is None:
            made = self._made[name] = self._make(name)
        return made

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


_kept: dict[Path, tuple[object, Frames]] | None = None


def keep_frames() -> None:
    """From now on read the tables of an unchanged folder once; for a process that lends them to forks and shows them to nobody."""
    global _kept
    _kept = {} if _kept is None else _kept


def frames_of(folder: Path) -> Frames:
    """The derived tables of an edition's folder, each read when first asked for."""
    paths = {p.stem: p for p in sorted(folder.glob("*.csv"))}
    if _kept is None:
        return Frames(paths, lambda name: read_table(paths[name]))
    stamp = [(p.name, s.st_mtime_ns, s.st_size, s.st_ino) for p in paths.values() for s in [p.stat()]]
    if folder not in _kept or _kept[folder][0] != stamp:
        _kept.clear()  # one edition at a time
        _kept[folder] = stamp, Frames(paths, lambda name: read_table(paths[name]))
    return _kept[folder][1]
