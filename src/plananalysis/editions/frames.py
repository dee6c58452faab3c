"""The derived tables of one edition as frames, each read when somebody first asks for it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plananalysis.base.publication import file_digest
from plananalysis.base.tables import read_table

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]


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
    rows
        Makes the rows of a table where that is possible without a frame, else None.
    """

    def __init__(
        self,
        names: Iterable[str],
        make: Callable[[str], pd.DataFrame],
        unseen: Collection[str] = (),
        rows: Callable[[str], list[Row] | None] = lambda name: None,
    ) -> None:
        self._made: dict[str, pd.DataFrame | None] = dict.fromkeys(names)
        self._make, self._make_rows, self._unseen = make, rows, frozenset(unseen)
        self._rows: dict[str, list[Row]] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        self._check(name)
        made = self._made[name]
        if made is None:
            made = self._made[name] = self._make(name)
        return made

    def __contains__(self, name: object) -> bool:
        self._check(name)
        return name in self._made

    def rows(self, name: str) -> list[Row]:
        """Rows of a table, made once for everybody: not to be changed."""
        self._check(name)
        if name not in self._rows:
            made = self._make_rows(name)
            self._rows[name] = self[name].to_dict("records") if made is None else made
        return self._rows[name]

    def _check(self, name: object) -> None:
        if name in self._unseen:
            raise LookupError(
                f"this page does not see the table {name}; what each page sees stands in editions/slices.py"
            )

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


def rows_of(tables: Mapping[str, pd.DataFrame], name: str) -> list[Row]:
    """Rows of one of several tables."""
    return tables.rows(name) if isinstance(tables, Frames) else tables[name].to_dict("records")


_kept: tuple[Path, object, Frames, dict[str, Frames]] | None = (
    None  # an edition's folder, state, tables, and each by content
)
_keeps = False


def keep_frames() -> None:
    """From now on read a table once while it stays the same; for a process that lends them to forks and shows them to nobody."""
    global _keeps
    _keeps = True


def frames_of(folder: Path) -> Frames:
    """The derived tables of an edition's folder, each read when first asked for."""
    global _kept
    paths = {p.stem: p for p in sorted(folder.glob("*.csv"))}
    if not _keeps:
        return Frames(paths, lambda name: read_table(paths[name]))
    state = [(p.name, s.st_mtime_ns, s.st_size, s.st_ino) for p in paths.values() for s in [p.stat()]]
    if _kept is None or _kept[:2] != (folder, state):  # one edition at a time
        before = _kept[3] if _kept else {}
        digests = {name: f"{name} {file_digest(path)}" for name, path in paths.items()}
        alone = {d: before.get(d) or Frames([n], lambda name: read_table(paths[name])) for n, d in digests.items()}
        frames = Frames(
            paths, lambda name: alone[digests[name]][name], rows=lambda name: alone[digests[name]].rows(name)
        )
        _kept = folder, state, frames, alone
    return _kept[2]
