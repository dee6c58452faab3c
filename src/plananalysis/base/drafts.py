"""A file written beside its place and then put there: a reader, or a crash, sees the old content or the new, never half of one."""

from __future__ import annotations

import errno
import os
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_MARK = re.compile(r"\.(?P<host>[0-9A-Za-z_-]*)-(?P<pid>[0-9]+)\.part")
_STALE = 86_400  # seconds after which a draft of another machine is nobody's


@contextmanager
def drafting(path: Path) -> Iterator[BinaryIO]:
    """A file to write; afterwards it stands at ``path``, unless something failed: then nothing has changed.

    What killed runs have left of the same file goes first.

    Raises
    ------
    OSError
        It cannot be written; ``filename`` says which file, also where the system does not.
    """
    # not tempfile: its files are private and a share could not read them
    draft = path.with_name(f"{path.name}.{_host()}-{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        sweep(path)
        with draft.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError as error:
        if not error.filename or Path(os.fsdecode(error.filename)) == draft:
            raise OSError(error.errno or errno.EIO, error.strerror or str(error), str(path)) from error
        raise
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def sweep(path: Path) -> None:
    """Remove what killed runs have left of a file: drafts of processes of this machine that are gone, and old ones of others."""
    with suppress(OSError):
        for entry in os.scandir(path.parent):
            if entry.name.startswith(f"{path.name}.") and entry.name.endswith(".part"):
                _remove(Path(entry.path), entry.name[len(path.name) :])


def sweep_folder(folder: Path) -> None:
    """Remove what killed runs have left of any file below a folder."""
    for draft in folder.rglob("*.part") if folder.is_dir() else ():
        found = _MARK.search(draft.name)
        _remove(draft, found[0] if found else "")


def _remove(draft: Path, mark: str) -> None:
    found = _MARK.fullmatch(mark)
    with suppress(OSError):
        old = time.time() - draft.stat().st_mtime > _STALE
        if old or (found and found["host"] == _host() and not _alive(int(found["pid"]))):
            draft.unlink()


def _alive(process: int) -> bool:
    if process == os.getpid():
        return True
    if os.name == "nt":
        return True  # asking would end the process there; its drafts go when they are old
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _host() -> str:
    return re.sub(r"[^0-9A-Za-z_-]", "", socket.gethostname())[:30]
