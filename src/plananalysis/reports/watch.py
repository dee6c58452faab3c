"""Waits for somebody to change what reports are made from."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

LOOK, SETTLE = 0.05, 0.05  # seconds between two looks, and without a change until a file counts as saved
_IDLE = 20  # looks take no more than this part of the time: the more files, the longer between two
_WATCHED = ("data/raw", "notebooks")
_UNREAD = ("reference",)  # folders of data/raw that no report is made from


Files = dict[str, tuple[int, int, int]]  # date, size and place on the disk, by path


def changes(root: Path, before: Files) -> Iterator[list[str]]:
    """Paths in the project that somebody has added, saved or removed, each time as soon as nothing more changes.

    It looks, instead of asking the system to be told: that works on every system and on a shared drive too.

    Parameters
    ----------
    before
        From :func:`look`, taken before anything was read that a change is to be told of.
    """
    took = 0.0
    while True:
        time.sleep(max(LOOK, _IDLE * took))
        begun = time.perf_counter()
        now = look(root)
        took = time.perf_counter() - begun
        if now == before:
            continue
        while True:
            time.sleep(SETTLE)
            later = look(root)
            if later == now:
                break
            now = later
        found = sorted(p for p in {*before, *now} if before.get(p) != now.get(p))
        before = now
        yield [Path(p).relative_to(root).as_posix() for p in found]


def look(root: Path) -> Files:
    """Every file that reports are made from, without those that editors hide."""
    found: Files = {}
    folders = [str(root / name) for name in _WATCHED]
    while folders:
        try:
            entries = [*os.scandir(folders.pop())]
        except OSError:  # gone, or closed for a moment
            continue
        for entry in entries:
            if entry.name.startswith((".", "~$")) or entry.name in _UNREAD:
                continue
            try:
                if entry.is_dir():
                    folders.append(entry.path)
                else:
                    about = entry.stat()
                    found[entry.path] = (about.st_mtime_ns, about.st_size, about.st_ino)
            except OSError:
                continue
    return found
