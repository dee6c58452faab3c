"""Keeps warm workers busy: one page each at a time, a time limit, one more try when a start went wrong."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import plananalysis

Job = dict[str, Any]
Answer = dict[str, Any]

START_SECONDS = 120
# jsonschema would build grammars for web addresses at import, in two seconds, for a check that no notebook needs
_START = "import sys; sys.modules['rfc3987_syntax'] = None; from plananalysis.reports.worker import serve; serve()"


def default_engine() -> str:
    """Forked shells where forking is safe, kernels elsewhere."""
    return "shell" if sys.platform == "linux" else "kernel"


class Pool:
    """Some warm workers, for one run or for several.

    Parameters
    ----------
    workers
        How many pages are rendered at the same time; processes are started when first needed.
    """

    def __init__(self, workers: int = 2) -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix="plananalysis-")
        self._crew = [_Worker(Path(self._scratch.name), number) for number in range(max(1, workers))]
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        for worker in self._crew:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(len(self._crew))

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *error: object) -> None:
        """End the workers, whatever they are doing."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._crew:
            worker.stop()
        self._threads.shutdown(wait=True)
        self._scratch.cleanup()

    def warm(self) -> None:
        """Start the workers now, beside other work, instead of when the first page is due."""
        for worker in self._crew:
            self._threads.submit(worker.ready)

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[Job, Answer]]:
        """Render pages; yields each job with its answer as it is finished.

        A job that fails, hangs or kills its process fails alone. One that could not even start is tried once more.
        """
        for future in as_completed([self._threads.submit(self._one, job) for job in jobs]):
            yield future.result()

    def _one(self, job: Job) -> tuple[Job, Answer]:
        worker = self._idle.get()
        try:
            answer = worker.do(job)
            if not answer["ok"] and answer["error"]["start"]:
                answer = worker.do(job) | {"tries": 2}
            return job, answer
        finally:
            self._idle.put(worker)


class _Worker:
    """One worker process, started when first needed and again after it died."""

    def __init__(self, scratch: Path, number: int) -> None:
        self.scratch, self.process, self.stopped, self.false_starts = scratch, None, False, 0
        self.log = scratch / f"worker-{number}.log"
        self._starting = threading.Lock()

    def do(self, job: Job) -> Answer:
        """Have one page rendered; never raises for what goes wrong in the worker."""
        if not self.ready():
            return self._failed("WorkerStartError", self._last_words(), start=True)
        assert self.process is not None and self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(job) + "\n")
            self.process.stdin.flush()
        except OSError as error:
            self._end()
            return self._failed("WorkerStartError", str(error), start=True)
        # the worker keeps the limit itself; this one is for a notebook that gets round it
        answer = self._answer(job["seconds"] * (20 if job.get("engine") == "kernel" else 1) + 30)
        if answer is None:
            words = self._last_words()
            self._end()
            return self._failed("WorkerDied", words)
        return answer

    def stop(self) -> None:
        self.stopped = True
        self._end()

    def ready(self) -> bool:
        """Whether the worker is there for a job; started when it was not, by whoever asks first."""
        with self._starting:
            return self._ready()

    def _ready(self) -> bool:
        if self.process is not None and self.process.poll() is None:
            return True
        if self.stopped or self.false_starts >= 2:  # what stands in the way will not go away during this run
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
        answer = self._answer(START_SECONDS)
        if answer is None:
            self._end()
            self.false_starts += 1
        else:
            self.false_starts = 0
        return answer is not None

    def _answer(self, seconds: float) -> Answer | None:
        """The worker's next line; None when it died or the time was over."""
        assert self.process is not None and self.process.stdout is not None
        watch = threading.Timer(seconds, self._end)
        watch.daemon = True
        watch.start()
        try:
            return json.loads(self.process.stdout.readline())
        except (ValueError, OSError):
            return None
        finally:
            watch.cancel()

    def _end(self) -> None:
        process = self.process
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _last_words(self) -> str:
        lines = (
            self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines() if self.log.is_file() else []
        )
        return lines[-1] if lines else "no answer"

    @staticmethod
    def _failed(name: str, message: str, start: bool = False) -> Answer:
        return {
            "ok": False,
            "seconds": 0.0,
            "warnings": [],
            "error": {"name": name, "message": message, "cell": 0, "start": start},
        }


def _environment(scratch: Path) -> dict[str, str]:
    """What makes a page independent of the user's settings and of chance."""
    here = str(Path(plananalysis.__file__).parents[1])
    path = os.pathsep.join(p for p in (here, os.environ.get("PYTHONPATH", "")) if p)
    return os.environ | {
        "PYTHONPATH": path,
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "OPENBLAS_NUM_THREADS": "1",  # small arrays: more threads only cost
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "MPLBACKEND": "Agg",
        "IPYTHONDIR": str(scratch / "ipython"),  # no start-up files, no history
        "JUPYTER_CONFIG_DIR": str(scratch / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(scratch / "runtime"),
        "JUPYTER_PLATFORM_DIRS": "1",
    }
