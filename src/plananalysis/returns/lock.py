"""One writer at a time per area, on one machine or on a shared drive."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plananalysis.errors import BusyError
from plananalysis.text import say

_PLACE = 1 << 20  # Windows locks bytes and then refuses to read them: lock one beyond the text


@contextmanager
def locked(root: Path, area: str) -> Iterator[None]:
    """Hold the area's lock. The operating system returns it when its holder ends, however it ends: no stale locks.

    Raises
    ------
    BusyError
        Another run holds it.
    """
    path = root / "data" / "processed" / ".locks" / f"{area}.lock"  # the file that publishing reports locks, too
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        if not _try(file.fileno()):
            file.seek(0)
            raise BusyError(say("returns.busy", area=area, holder=file.read().strip() or "?"))
        try:
            file.seek(0)
            file.truncate()
            file.write(f"{os.getpid()}\n")
            file.flush()
            yield
        finally:
            file.seek(0)
            file.truncate()
            _release(file.fileno())


def _try(descriptor: int) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            os.lseek(descriptor, _PLACE, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _release(descriptor: int) -> None:
    if os.name == "nt":
        import msvcrt

        os.lseek(descriptor, _PLACE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_UN)
