"""A part of a piece of work in a process of its own, beside the rest of it."""

from __future__ import annotations

import os
import pickle
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from plananalysis.base.publication import die_with_parent

_DONE = b"done"


@contextmanager
def apart(part: Callable[[], None], fork: bool = True) -> Iterator[None]:
    """Do ``part`` beside what stands in the block, and be done with both at its end.

    Parameters
    ----------
    part
        Leaves its results in files: of what it changes in memory nothing is seen here.
    fork
        Whether a process may be forked; where that cannot be done safely, ``part`` is done first, in this one.

    Raises
    ------
    Exception
        Whatever ``part`` raised; after the block, whose own exception comes first.
    """
    if not (fork and sys.platform == "linux" and threading.active_count() == 1):
        part()
        yield
        return
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            die_with_parent()
            told = _done(part)
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(told)
        finally:
            os._exit(0)  # whatever happened: what comes after belongs to the parent
    os.close(writing)
    try:
        yield
    finally:
        with os.fdopen(reading, "rb") as pipe:
            told = pipe.read()
        os.waitpid(child, 0)
    if not told:
        raise RuntimeError("a process that was doing a part of the work has been killed")
    if told != _DONE:
        raise pickle.loads(told)  # from our own child


def _done(part: Callable[[], None]) -> bytes:
    try:
        part()
    except BaseException as error:
        return _portable(error)
    return _DONE


def _portable(error: BaseException) -> bytes:
    """The exception as bytes; one that cannot travel goes as its words."""
    try:
        told = pickle.dumps(error)
        pickle.loads(told)
    except Exception:
        told = pickle.dumps(RuntimeError(f"{type(error).__name__}: {error}"))
    return told
