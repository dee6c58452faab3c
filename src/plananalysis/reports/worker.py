"""A warm process that renders pages one after the other: imports are paid once, and each notebook still has a process of its own.

It reads one job per line from standard input and answers with one line each; at the end of the input it leaves. Started by
``pool``, never imported by it, so that the light parts of the package stay light.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from plananalysis.reports import engine, render
from plananalysis.tables import write_atomic


def work(job: dict[str, Any]) -> dict[str, Any]:
    """Render one page to its file; every failure becomes part of the answer.

    Parameters
    ----------
    job
        ``notebook``, ``parameters``, ``folder``, ``engine``, ``seconds``, ``target``, ``font_cache`` and ``frame``.

    Returns
    -------
    dict
        ``ok``, ``seconds``, ``warnings``, and after a failure ``error`` with ``name``, ``message``, ``cell``, ``start``.
    """
    begun = time.perf_counter()
    answer: dict[str, Any] = {"ok": False, "warnings": []}
    try:
        executed = engine.execute(
            Path(job["notebook"]), job["parameters"], Path(job["folder"]), job["engine"], job["seconds"]
        )
        done = render.page(
            executed, render.Frame(**job["frame"]), Path(job["font_cache"]) if job["font_cache"] else None
        )
        write_atomic(Path(job["target"]), done.html.encode("utf-8"))
        answer |= {"ok": True, "warnings": done.warnings}
    except engine.PageError as error:
        answer["error"] = {"name": error.name, "message": error.message, "cell": error.cell, "start": error.start}
    except Exception as error:
        answer["error"] = {"name": type(error).__name__, "message": str(error), "cell": 0, "start": False}
    return answer | {"seconds": round(time.perf_counter() - begun, 3)}


def work_in_child(job: dict[str, Any]) -> dict[str, Any]:
    """``work`` in a forked process: what a notebook changes, crashes or keeps waiting is only its own page."""
    begun = time.perf_counter()
    reading, writing = os.pipe()
    try:
        child = os.fork()
    except OSError as error:  # too many processes for the moment
        os.close(reading)
        os.close(writing)
        return {"ok": False, "warnings": [], "seconds": 0.0, "error": _error("ForkError", str(error), start=True)}
    if child == 0:
        os.close(reading)
        _die_with_parent()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        os.setpgid(0, 0)  # a process group of its own: what the notebook leaves behind goes with it
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # the next jobs are not for the notebook to read
        sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
        signal.alarm(job["seconds"])
        with os.fdopen(writing, "w", encoding="utf-8") as pipe:
            json.dump(work(job), pipe)
        os._exit(0)
    os.close(writing)
    _children.add(child)
    with os.fdopen(reading, encoding="utf-8", errors="replace") as pipe:
        text = pipe.read()
    _, status = os.waitpid(child, 0)
    _children.discard(child)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    try:
        return json.loads(text)
    except ValueError:
        seconds = round(time.perf_counter() - begun, 3)
        return {"ok": False, "warnings": [], "seconds": seconds, "error": _ended(status, job["seconds"])}


def main(jobs: TextIO, answers: TextIO) -> None:
    """Answer jobs until there are no more, or until the run is stopped."""
    _die_with_parent()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    _warm_up()
    answers.write(json.dumps({"ready": True}) + "\n")
    answers.flush()
    for line in jobs:
        job = json.loads(line)
        answer = (work_in_child if job["engine"] == "shell" else work)(job)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _warm_up() -> None:
    """Pay before the first fork for what every page needs: imports, templates, the font."""
    import plananalysis

    with suppress(Exception):  # if it fails here it fails in the notebook, whose page will say so
        plananalysis.open_edition  # noqa: B018
    engine.warm_shell()
    render.plain_page("<p>0</p>", render.Frame(title="", kind="list"))
    gc.freeze()


_children: set[int] = set()


def _leave(number: int, frame: object) -> None:
    """The run was stopped: take the notebook in hand along."""
    for child in _children:
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
    os._exit(128 + number)


def _die_with_parent() -> None:
    """Ask Linux to end this process when the one that started it is killed, so that no notebook runs on for nobody."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def _error(name: str, message: str, start: bool = False) -> dict[str, Any]:
    return {"name": name, "message": message, "cell": 0, "start": start}


def _ended(status: int, seconds: int) -> dict[str, Any]:
    if os.WIFSIGNALED(status):
        if os.WTERMSIG(status) == signal.SIGALRM:
            return _error("TimeoutError", f"over {seconds} s")
        return _error("Killed", signal.Signals(os.WTERMSIG(status)).name)
    return _error("EarlyExit", f"the process left with status {os.waitstatus_to_exitcode(status)}")


def serve() -> None:
    """``main`` on standard input and output."""
    # answers go out on a copy of standard output: whatever a notebook prints past its cells must not get among them
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    main(sys.stdin, channel)
