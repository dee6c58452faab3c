"""Publication: a folder is prepared out of sight and then takes the place of the old one in one step, under a lock."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import platform
import re
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution, version
from importlib.resources import files
from pathlib import Path

from plananalysis.base.errors import BusyError
from plananalysis.base.tables import file_digest as file_digest
from plananalysis.base.text import say

_AT_FDCWD = -100
_EXCHANGE = 2  # RENAME_EXCHANGE of Linux and RENAME_SWAP of macOS happen to be the same number


# failures of the disk, not of the work
DISK = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "full"),
    **dict.fromkeys((errno.EROFS, errno.EACCES, errno.EPERM), "read_only"),
    **{errno.EFBIG: "too_large", errno.EIO: "broken"},
}


def disk_trouble(error: OSError) -> str:
    """What is wrong with the disk and what to do, in one sentence; empty when the disk is not to blame."""
    if error.errno is None or error.errno not in DISK:
        return ""
    file = error.filename2 or error.filename or say("publication.some_file")
    return say(f"publication.{DISK[error.errno]}", file=file)


# what decides, beside the package's own files, which bytes come out
PROGRAMS = (
    *("fonttools", "ipython", "nbconvert", "numpy", "openpyxl", "pandas", "papermill"),
    *("python-calamine", "python-docx", "scipy", "statsmodels", "xlrd", "xlsxwriter"),
)


_COPIED = ("notebooks/", "data/")  # see force-include in pyproject.toml


@cache
def versions() -> dict[str, str]:
    """Version of Python and of each library that decides which bytes come out."""
    found = {"python": platform.python_version()}
    for name in PROGRAMS:
        with suppress(PackageNotFoundError):
            # the first such line: ``version`` would take the whole description of the package apart for it
            told = re.search(r"^Version: *(\S+)", distribution(name).read_text("METADATA") or "", re.MULTILINE)
            found[name] = told[1] if told else version(name)
    return found


@cache
def program() -> str:
    """SHA-256 of the package's own files and of :func:`versions`: what was made by another program is made again."""
    digest = hashlib.sha256(repr(sorted(versions().items())).encode())
    for name, found in own_files().items():
        digest.update(f"\0{name}\0".encode() + bytes.fromhex(found))
    return digest.hexdigest()


def own_files() -> dict[str, str]:
    """SHA-256 of every file of this package by path within it, but for what a wheel holds copies of: a checkout has that elsewhere."""
    home = str(files("plananalysis"))
    named: dict[str, Path] = {}
    for folder, below, names in os.walk(home):
        below[:] = [name for name in below if name != "__pycache__"]
        inside = folder[len(home) + 1 :].replace(os.sep, "/")
        named |= {f"{inside}/{name}".lstrip("/"): Path(folder, name) for name in names}
    kept = (name for name in sorted(named, key=lambda n: n.split("/")) if not name.startswith(_COPIED))
    return {name: file_digest(named[name]) for name in kept}


def die_with_parent() -> None:
    """Ask Linux to end this process when the one that started it is killed, so that it does not work on for nobody."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


@contextmanager
def lock(root: Path, area: str) -> Iterator[None]:
    """Keep a second writer off an area, on one machine or on a shared drive.

    The operating system gives the lock back when its holder ends, however it ends: there are no stale locks to remove.

    Raises
    ------
    BusyError
        Another run holds it.
    """
    path = root / "data" / "processed" / ".locks" / f"{area}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        if not _locked(file.fileno()):
            file.seek(0)
            raise BusyError(say("publication.busy", area=area, holder=file.read().strip() or "?"))
        try:
            file.truncate(0)
            file.write(say("publication.holder", pid=os.getpid(), since=time.strftime("%Y-%m-%d %H:%M:%S")))
            file.flush()
            yield
        finally:
            file.truncate(0)
            _unlock(file.fileno())


@contextmanager
def draft(folder: Path) -> Iterator[Path]:
    """A new folder beside ``folder``, gone afterwards if it was not published; leftovers of killed runs go too.

    Call it under the lock.
    """
    recover(folder)
    for leftover in folder.parent.glob(f".{folder.name}.draft-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    new = folder.with_name(f".{folder.name}.draft-{os.getpid()}")
    new.mkdir(parents=True)
    try:
        yield new
    finally:
        shutil.rmtree(new, ignore_errors=True)


def publish(new: Path, folder: Path) -> None:
    """Put ``new`` in the place of ``folder``: a reader, or a crash, sees the old edition or the new one.

    Raises
    ------
    OSError
        The target cannot be written; the old edition is intact.
    """
    if not folder.exists():
        os.rename(new, folder)
    elif _exchange(new, folder):
        shutil.rmtree(new, ignore_errors=True)
    else:
        _replace(new, folder)


def recover(folder: Path) -> None:
    """Put the old edition back if a run was killed between the two steps of a replacement."""
    old = _old(folder)
    if old.exists() and not folder.exists():
        os.rename(old, folder)
    shutil.rmtree(old, ignore_errors=True)


def _replace(new: Path, folder: Path) -> None:
    """Where folders cannot be exchanged: two renames, and file by file where a reader keeps the folder itself in use."""
    old = _old(folder)
    shutil.rmtree(old, ignore_errors=True)
    try:
        os.rename(folder, old)
    except PermissionError:  # Windows, while a file of the folder is open
        wanted = {path.relative_to(new) for path in new.rglob("*") if path.is_file()}
        for name in sorted(wanted, key=lambda n: n.name == "index.html"):  # the page that links the others comes last
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            os.replace(new / name, folder / name)
        for path in [p for p in folder.rglob("*") if p.is_file() and p.relative_to(folder) not in wanted]:
            with suppress(OSError):
                path.unlink()
        return
    try:
        os.rename(new, folder)
    except OSError:
        os.rename(old, folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _old(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.old")


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step; False where the system cannot."""
    names = os.fsencode(one), os.fsencode(other)
    with suppress(OSError, AttributeError):
        if sys.platform == "linux":
            return ctypes.CDLL(None).renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _EXCHANGE) == 0
        elif sys.platform == "darwin":
            return ctypes.CDLL(None).renamex_np(*names, _EXCHANGE) == 0
    return False


def _locked(descriptor: int) -> bool:
    if sys.platform == "win32":
        import msvcrt

        try:  # a byte far behind the text, so that the text stays readable for others
            os.lseek(descriptor, 1 << 20, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _unlock(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        os.lseek(descriptor, 1 << 20, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_UN)
