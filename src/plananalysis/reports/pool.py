"""Keeps a warm worker busy with several pages at a time: a time limit for each, one more try when a start went wrong.

Where processes can be forked, one worker pays once for what every page needs and each page is a fork of it; elsewhere there is a
worker for every page that is rendered at the same time.
"""

from __future__ import annotations

import json
import os
import queue
import selectors
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import plananalysis
from plananalysis.base.tables import ROOT_VARIABLE
from plananalysis.base.text import language
from plananalysis.render import lab

Job = dict[str, Any]
Answer = dict[str, Any]

FONT_CACHE = Path("data", "processed", ".cache", "fonts")  # within a project
SECONDS = 300  # a notebook that takes longer hangs; the slowest one takes a few seconds
PLAIN = ("plain", "home", "documents")  # jobs that run no notebook
FORKS = sys.platform == "linux"  # elsewhere a fork of a process with threads or frameworks is not safe
START_SECONDS = 120
_STARTS = 2  # what stands in the way of a second start will not go away during this run
_GRACE = 60  # seconds beyond a job's own limit, which the worker keeps itself, until the worker is taken for hung
# jsonschema would build grammars for web addresses at import, in two seconds, for a check that no notebook needs
_START = "import gc, sys; gc.disable(); sys.modules['rfc3987_syntax'] = None; from plananalysis.reports.worker import serve; serve()"


def default_engine() -> str:
    """Forked shells where forking is safe, kernels elsewhere."""
    return "shell" if FORKS else "kernel"


def job_for(root: Path, kind: str, name: str, target: Path, **more: Any) -> Job:
    """A job in the language spoken; ``more`` is what its ``kind`` wants beside this, see :func:`plananalysis.reports.worker.work`."""
    return {
        "kind": kind,
        "key": str(target),
        "name": name,
        "language": language(),
        "folder": str(root),
        "target": str(target),
        "engine": default_engine(),
        "seconds": SECONDS,
        "font_cache": str(root / FONT_CACHE),
    } | more


class Pool:
    """Some warm workers, for one run or for several.

    Parameters
    ----------
    workers
        How many pages are rendered at the same time; processes are started when first needed.
    """

    def __init__(self, workers: int = 2) -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix="plananalysis-")
        self._ears = _Ears() if os.name == "posix" else _Threads()
        size = max(1, workers)
        rooms = [size] if FORKS else [1] * size
        self._crew = [_Worker(Path(self._scratch.name), n, room, self._ears) for n, room in enumerate(rooms)]
        self._numbers = count(1)

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *error: object) -> None:
        """End the workers, whatever they are doing."""
        for worker in self._crew:
            worker.stop()
        self._scratch.cleanup()

    def warm(self) -> None:
        """Start the workers now, beside other work, instead of when the first page is due."""
        for worker in self._crew:
            worker.start()

    def lend(self, tables: Path, language: str) -> None:
        """Let workers that are there read an edition's tables now, for the pages that will be due."""
        for worker in self._crew:
            worker.tell({"lend": str(tables), "language": language})

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[Job, Answer]]:
        """Render pages; yields each job with its answer as it is finished.

        A job that fails, hangs or kills its process fails alone. One that could not even start is tried once more, and so is one
        whose worker was lost: the page beside it may be to blame.
        """
        waiting = deque((next(self._numbers), job) for job in jobs)
        open_jobs = dict(waiting)
        tried: dict[int, int] = {}
        while open_jobs:
            for worker in self._crew:
                while waiting and worker.has_room() and worker.start():
                    number, job = waiting.popleft()
                    tried[number] = tried.get(number, 0) + 1
                    worker.send(number, job)
            if waiting and not any(worker.flying for worker in self._crew):  # nobody is left to do it
                words = self._crew[0].last_words()
                answers = [(n, _failed("WorkerStartError", words, start=True, again=False)) for n, _ in waiting]
                waiting.clear()
            else:
                answers = self._next()
            for number, answer in answers:
                if number not in open_jobs:  # of an earlier run that was given up
                    continue
                job = open_jobs[number]
                if not answer["ok"] and answer["error"].pop("again") and tried.get(number, 2) < 2:
                    waiting.append((number, job))
                    continue
                del open_jobs[number]
                yield job, answer | ({"tries": 2} if tried.get(number) == 2 else {})

    def _next(self) -> list[tuple[int, Answer]]:
        """Wait for a worker to say something, or to say nothing for too long; what is known by that of which jobs."""
        deadline = min(limit for worker in self._crew for limit in worker.flying.values())
        found: list[tuple[int, Answer]] = []
        heard = self._ears.hear(max(0.0, min(deadline - time.monotonic(), 1.0)))
        for process, line in heard:
            worker = next((w for w in self._crew if w.process is process), None)
            found += [] if worker is None else worker.heard(line)
        if not heard:
            for worker in self._crew:
                worker.end_if_hung()
        return found


class _Worker:
    """One worker process, started when first needed and again after it died.

    Parameters
    ----------
    room
        Jobs it may have in hand at the same time.
    ears
        Who hears what the process says.
    """

    def __init__(self, scratch: Path, number: int, room: int, ears: _Ears | _Threads) -> None:
        self.scratch, self.room, self.ears = scratch, room, ears
        self.process: subprocess.Popen | None = None
        self.log = scratch / f"worker-{number}.log"
        self.ready, self.stopped, self.false_starts = False, False, 0
        self.flying: dict[int, float] = {}  # jobs in hand, each with the moment from which it is overdue

    def has_room(self) -> bool:
        return len(self.flying) < self.room

    def start(self) -> bool:
        """Whether the process is there, or has just been started, to do a job."""
        if self.process is not None:
            return True
        if self.stopped or self.false_starts >= _STARTS:
            return False
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-c", _START],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
                env=_environment(self.scratch),
            )
        self.ready = False
        self.ears.listen_to(self.process)
        return True

    def send(self, number: int, job: Job) -> None:
        """Give it a job; one that it is not there to take comes back with the news of its end."""
        slow = 20 if job.get("engine") == "kernel" else 1
        self.flying[number] = time.monotonic() + job["seconds"] * slow + _GRACE + (0 if self.ready else START_SECONDS)
        self.tell(job | {"number": number})

    def tell(self, message: dict[str, Any]) -> None:
        if self.process is None or self.process.stdin is None:
            return
        try:
            self.process.stdin.write(json.dumps(message) + "\n")
            self.process.stdin.flush()
        except OSError:
            self.end()

    def heard(self, line: str | None) -> list[tuple[int, Answer]]:
        """What a line, or the end of all lines, says of jobs."""
        try:
            answer = json.loads(line) if line else {}
        except ValueError:
            answer = {}
        if "ready" in answer:
            self.ready, self.false_starts = True, 0
            return []
        if "number" in answer:
            self.flying.pop(answer["number"], None)
            if not answer["ok"]:
                answer["error"]["again"] = answer["error"]["start"]
            return [(answer.pop("number"), answer)]
        words, lost, was_ready = self.last_words(), list(self.flying), self.ready
        self.end()
        self.process, self.ready = None, False
        self.flying.clear()
        self.false_starts += not was_ready
        name = "WorkerDied" if was_ready else "WorkerStartError"
        return [(number, _failed(name, words, start=not was_ready)) for number in lost]

    def end_if_hung(self) -> None:
        if self.flying and min(self.flying.values()) < time.monotonic():
            self.end()

    def stop(self) -> None:
        self.stopped = True
        self.end()

    def end(self) -> None:
        process = self.process
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def last_words(self) -> str:
        said = self.log.read_text(encoding="utf-8", errors="replace").strip() if self.log.is_file() else ""
        return said.splitlines()[-1] if said else "no answer"


class _Ears:
    """Hears lines of several processes, and the end of each as None, without a thread: a process with threads cannot well fork."""

    def __init__(self) -> None:
        self._waiting = selectors.DefaultSelector()
        self._text: dict[subprocess.Popen, bytes] = {}

    def listen_to(self, process: subprocess.Popen) -> None:
        self._text[process] = b""
        self._waiting.register(process.stdout, selectors.EVENT_READ, process)  # type: ignore[arg-type]

    def hear(self, seconds: float) -> list[tuple[subprocess.Popen, str | None]]:
        """What is said within some seconds."""
        heard: list[tuple[subprocess.Popen, str | None]] = []
        for key, _ in self._waiting.select(seconds):
            process, chunk = key.data, os.read(key.fd, 1 << 16)
            *lines, self._text[process] = (self._text[process] + chunk).split(b"\n")
            heard += [(process, line.decode("utf-8", errors="replace")) for line in lines]
            if not chunk:
                self._waiting.unregister(key.fileobj)
                del self._text[process]
                heard.append((process, None))
        return heard


class _Threads:
    """The same where pipes cannot be waited for together."""

    def __init__(self) -> None:
        self._lines: queue.SimpleQueue[tuple[subprocess.Popen, str | None]] = queue.SimpleQueue()

    def listen_to(self, process: subprocess.Popen) -> None:
        threading.Thread(target=self._listen, args=(process,), daemon=True).start()

    def hear(self, seconds: float) -> list[tuple[subprocess.Popen, str | None]]:
        with suppress(queue.Empty):
            return [self._lines.get(timeout=seconds)]
        return []

    def _listen(self, process: subprocess.Popen) -> None:
        with suppress(ValueError, OSError):  # closed, or what is no text
            for line in process.stdout:  # type: ignore[union-attr]
                self._lines.put((process, line))
        self._lines.put((process, None))


def _failed(name: str, message: str, start: bool = False, again: bool = True) -> Answer:
    """``again``: worth another try."""
    error = {"name": name, "message": message, "cell": 0, "start": start, "again": again}
    return {"ok": False, "seconds": 0.0, "warnings": [], "error": error}


def _environment(scratch: Path) -> dict[str, str]:
    """What makes a page independent of the user's settings and of chance."""
    here = str(Path(plananalysis.__file__).parents[1])
    path = os.pathsep.join(p for p in (here, os.environ.get("PYTHONPATH", "")) if p)
    mine = {n: value for n, value in os.environ.items() if n != ROOT_VARIABLE}  # a page is of the root it is run in
    return mine | {
        "PYTHONPATH": path,
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "OPENBLAS_NUM_THREADS": "1",  # small arrays: more threads only cost
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",  # a figure is an output, as in JupyterLab
        lab.PAGE: "1",
        "IPYTHONDIR": str(scratch / "ipython"),  # no start-up files, no history
        "JUPYTER_CONFIG_DIR": str(scratch / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(scratch / "runtime"),
        "JUPYTER_PLATFORM_DIRS": "1",
    }
