"""Who does the work: this process, local processes, or a Dask cluster, all behind ``concurrent.futures.Executor``."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from typing import Any

from plananalysis.base.errors import UsageError
from plananalysis.base.publication import die_with_parent, program
from plananalysis.base.text import listed, say

_THREADS = (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
)  # a worker is a process; threads only add cost


PATIENCE = 30.0  # seconds without an answer until a cluster is asked whether it has workers
_PING = """
def ping():
    try:
        from plananalysis.base.publication import program
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return program()
"""


class Crew(ABC):
    """Some workers.

    ``lost`` are the errors that say a worker was lost, not that the work is bad; with ``one_fate`` all that is in flight is lost together. With
    ``takes_all`` everything may be handed over at once: who works then, and how many, is not ours to say. After ``patience`` seconds
    without an answer it is :meth:`asked_after`. ``program`` is what its workers must run, where they might run something else.
    """

    size: int = 1
    takes_all: bool = False
    patience: float | None = None
    program: str = ""
    lost: tuple[type[BaseException], ...] = ()
    one_fate: bool = False

    @abstractmethod
    def executor(self) -> Executor:
        """The executor to submit to at this moment."""

    def renew(self) -> None:
        """Get ready for work again after workers were lost."""
        return

    def asked_after(self) -> None:
        """Say what keeps the work, when nothing has come back for a while."""
        return

    def close(self, at_once: bool = False) -> None:
        """End the workers; ``at_once`` also those that have work in hand, which is lost."""
        return


class Here(Crew):
    """This process does everything itself, one piece after the other."""

    def executor(self) -> Executor:
        return _Inline()


class _Inline(Executor):
    def submit(self, fn: Callable, /, *args: Any, **kwargs: Any) -> Future:
        future: Future = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class Processes(Crew):
    """Local processes, started afresh (never forked: threads of a parent do not survive a fork)."""

    lost = (BrokenProcessPool,)
    one_fate = True

    def __init__(self, size: int) -> None:
        self.size = size
        self._pool: ProcessPoolExecutor | None = None

    def executor(self) -> Executor:
        if self._pool is None:
            for name in _THREADS:
                os.environ.setdefault(name, "1")
            spawn = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self.size, mp_context=spawn, initializer=_start)
        return self._pool

    def renew(self) -> None:
        self.close(at_once=True)

    def close(self, at_once: bool = False) -> None:
        pool, self._pool = self._pool, None
        if pool is None:
            return
        if not at_once:
            pool.shutdown(wait=True)
            return
        processes = list((getattr(pool, "_processes", None) or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:  # a worker in the middle of a piece would be waited for
            process.terminate()
        for process in processes:
            process.join(5)
            if process.is_alive():
                process.kill()


def _start() -> None:
    """Ctrl+C goes to the whole group; the run itself decides what becomes of its workers."""
    with suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # see plananalysis.cli
    die_with_parent()


_LOUD = ("distributed", "distributed.client")  # they say in English, at length, what is told here in one sentence
_DASK = {
    "distributed.comm.timeouts.connect": "10s",
    # what watches the work takes a tenth of it: looking at the stack a hundred times a second, and giving memory back after every table
    "distributed.worker.profile.enabled": False,
    "distributed.admin.system-monitor.gil.enabled": False,
    "distributed.nanny.pre-spawn-environ": {"OMP_NUM_THREADS": 1, "MKL_NUM_THREADS": 1, "OPENBLAS_NUM_THREADS": 1},
}


class Dask(Crew):
    """A Dask cluster: the one at ``address``, or one on this machine when it is ``local``.

    Dask gives a piece whose worker died to another worker by itself, and gives up after the third; then it is counted here.
    Everything is handed over at once, so that workers who come late find work and a cluster that adapts sees how much there is.
    The workers must see the project under the same path and run the same program, which is asked of them first.

    Parameters
    ----------
    tell
        Told in a sentence that there are no workers; at once, and again every :data:`PATIENCE` seconds.

    Raises
    ------
    UsageError
        Dask is not installed, nobody answers at the address, or workers run another program.
    """

    takes_all = True
    patience = PATIENCE

    def __init__(self, address: str, size: int, tell: Callable[[str], object] = lambda sentence: None) -> None:
        if not find_spec("distributed"):
            raise UsageError(say("panels.misuse.dask"))
        import dask
        from distributed import Client, KilledWorker, LocalCluster
        from distributed.comm import CommClosedError

        dask.config.set(_DASK)
        for name in _LOUD:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self.lost = (KilledWorker, CommClosedError, CancelledError)
        self._cluster = None
        if address == "local":
            for name in _THREADS:
                os.environ.setdefault(name, "1")
            self._cluster = LocalCluster(
                n_workers=size, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
            )
        try:
            self._client = Client(self._cluster or address, timeout=15)
        except (OSError, ValueError, TimeoutError):
            raise UsageError(say("panels.misuse.no_cluster", address=address)) from None
        self._executor = self._client.get_executor(pure=False)
        self._address, self._tell, self.program = address, tell, program()
        self._ask_workers()
        self.asked_after()

    def _ask_workers(self) -> None:
        """Compare what the workers of this moment run with what runs here; those to come compare it with each piece."""
        room: dict[str, Any] = {
            "__name__": "__main__"
        }  # so that it travels as it stands: they may have nothing to look it up in
        exec(_PING, room)
        found = self._client.run(room["ping"], on_error="return")
        odd = [f"{worker}（{said}）" for worker, said in sorted(found.items()) if said != self.program]
        if odd:
            raise UsageError(say("panels.misuse.other_program", workers=listed(odd[:5]), count=len(odd)))

    def asked_after(self) -> None:
        """Say that there are no workers, if there are none: adaptive clusters and batch queues send them when they can."""
        if not self._client.nthreads():
            self._tell(say("panels.run.no_workers", address=self._address, seconds=round(PATIENCE)))

    def executor(self) -> Executor:
        return self._executor

    def renew(self) -> None:
        """Dask replaces its workers itself; a scheduler that is gone does not come back.

        Raises
        ------
        UsageError
            The scheduler is gone.
        """
        if self._client.status != "running":
            raise UsageError(say("panels.misuse.cluster_lost"))
        self._executor = self._client.get_executor(pure=False)

    def close(self, at_once: bool = False) -> None:
        with suppress(Exception):
            self._client.close(timeout=5)
        if self._cluster is not None:
            with suppress(Exception):
                self._cluster.close(timeout=30)


@contextmanager
def hired(
    workers: int | None = None, dask: str | None = None, tell: Callable[[str], object] = lambda sentence: None
) -> Iterator[Crew]:
    """The workers a command asked for, until the end of the block.

    Parameters
    ----------
    workers
        Local processes, also those of a ``local`` Dask; by default one per processor. One means this process itself.
    dask
        Address of a Dask scheduler (``tcp://…``), or ``local``.
    tell
        Told in a sentence what keeps a cluster from working.
    """
    size = workers or os.cpu_count() or 1
    crew: Crew = Dask(dask, size, tell) if dask else Here() if size == 1 else Processes(size)
    try:
        yield crew
    except BaseException:
        crew.close(at_once=True)
        raise
    crew.close()
