"""One map over any executor: bounded in flight, nothing done twice that is done, nothing lost with a worker."""

from __future__ import annotations

import platform
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plananalysis.base.errors import BusyError, DataError, PlanAnalysisError
from plananalysis.base.publication import program
from plananalysis.base.text import say
from plananalysis.panels.crews import Crew

TRIES = 3  # a piece whose worker is lost so often is itself the likely cause
ARRIVAL = 10.0  # seconds until a file on a shared disk is missed
AHEAD = 2  # pieces in flight per worker: one in hand, one waiting, so that nobody is idle and memory stays flat

Task = Callable[[tuple[Any, ...], Path], None]


@dataclass(frozen=True)
class Chunk:
    """A piece of work of some seconds.

    Parameters
    ----------
    name
        What a person calls it, for progress and complaints.
    items
        What the task is to do.
    target
        File or folder that the task leaves, whole or not at all; the piece is done when it is there.
    """

    name: str
    items: tuple[Any, ...]
    target: Path


@dataclass(frozen=True)
class Outcome:
    """What became of a chunk: ``done``, ``kept`` (done by an earlier run), ``data`` (its data have errors), ``busy``,
    ``killed`` (its worker was lost again and again) or ``failed``; ``message`` says why in Chinese."""

    chunk: Chunk
    state: str
    message: str = ""
    seconds: float = 0.0
    problems: tuple[dict[str, object], ...] = field(default=())
    detail: str = ""

    @property
    def fine(self) -> bool:
        return self.state in ("done", "kept")


def spread(
    task: Task,
    chunks: Sequence[Chunk],
    crew: Crew,
    progress: Callable[[int, int, Outcome], object] | None = None,
    tries: int = TRIES,
) -> Iterator[Outcome]:
    """Have a task done for every chunk; yields outcomes as they come, first those of chunks that are done already.

    Parameters
    ----------
    task
        A function of a module, or a `functools.partial` of one, that every worker can import. Called with a chunk's items and
        its target, which it must leave there in one step. An error of its own makes the chunk fail and no other.
    chunks
        In the order in which they are handed out. Only some of them are in flight at a time.
    crew
        Who works. When workers are lost, everything they had in hand is done again, one piece at a time, so that a piece
        that kills its worker is found and takes no other along.
    progress
        Called with (chunks finished, chunks in all, outcome).
    """
    total, finished = len(chunks), 0

    def told(outcome: Outcome) -> Outcome:
        nonlocal finished
        finished += 1
        if progress:
            progress(finished, total, outcome)
        return outcome

    todo = deque(c for c in chunks if not c.target.exists())
    for chunk in chunks:
        if chunk.target.exists():
            yield told(Outcome(chunk, "kept"))
    suspects: deque[Chunk] = deque()
    lost: dict[Path, int] = {}
    flying: dict[Future, Chunk] = {}
    while todo or suspects or flying:
        if suspects:
            if not flying:
                chunk = suspects.popleft()
                flying[_submit(crew, task, chunk)] = chunk
        else:
            while todo and (crew.takes_all or len(flying) < AHEAD * crew.size):
                chunk = todo.popleft()
                flying[_submit(crew, task, chunk)] = chunk
                if (
                    crew.size == 1 and not crew.takes_all
                ):  # done already when it was submitted, or soon: nothing gained by handing out more
                    break
        done, _ = wait(flying, crew.patience, return_when=FIRST_COMPLETED)
        if not done:
            crew.asked_after()
        broken: list[Chunk] = []
        for future in done:
            chunk = flying.pop(future)
            try:
                answer = future.result()
            except crew.lost:
                broken.append(chunk)
                continue
            except Exception as error:  # of a worker that could not even read what it was asked
                answer = _failed(say("panels.run.unexpected", kind=type(error).__name__, problem=error))
            yield told(_outcome(chunk, answer if _arrived(chunk, answer) else _failed(say("panels.run.not_here"))))
        if broken:
            if crew.one_fate:  # who killed the pool cannot be told from who went down with it
                broken += flying.values()
                flying.clear()
            crew.renew()
            alone = len(broken) == 1 or not crew.one_fate
            for chunk in broken:
                if chunk.target.exists():  # done, but its worker was lost before it could say so
                    yield told(Outcome(chunk, "done"))
                    continue
                lost[chunk.target] = lost.get(chunk.target, 0) + alone
                if lost[chunk.target] >= tries:
                    yield told(Outcome(chunk, "killed", say("panels.run.killed", name=chunk.name, tries=tries)))
                else:
                    suspects.append(chunk)


def _submit(crew: Crew, task: Task, chunk: Chunk) -> Future:
    try:
        return crew.executor().submit(work, task, chunk.items, chunk.target, crew.program)
    except crew.lost as error:  # the pool broke after its last answer
        future: Future = Future()
        future.set_exception(error)
        return future


def _failed(message: str) -> dict[str, Any]:
    return {"state": "failed", "message": message, "seconds": 0.0}


def _arrived(chunk: Chunk, answer: dict[str, Any]) -> bool:
    """Whether what a worker says it left can be seen from here; a shared disk may take some seconds to show it."""
    until = time.monotonic() + ARRIVAL
    while answer["state"] == "done" and not chunk.target.exists():
        if time.monotonic() > until:
            return False
        time.sleep(0.2)
    return True


def work(task: Task, items: tuple[Any, ...], target: Path, wanted: str = "") -> dict[str, Any]:
    """One chunk, in a worker. Errors come back as plain words: an exception might not survive the journey."""
    begun = time.perf_counter()
    if wanted and wanted != program():
        return _failed(say("panels.run.other_program", host=platform.node(), found=program(), wanted=wanted))
    answer: dict[str, Any] = {"state": "done", "message": ""}
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        task(items, target)
        if not target.exists():
            answer = {"state": "failed", "message": say("panels.run.nothing_left", path=target.name)}
    except DataError as error:
        answer = {"state": "data", "message": str(error), "problems": tuple(error.as_records())}
    except BusyError as error:
        answer = {"state": "busy", "message": str(error)}
    except PlanAnalysisError as error:
        answer = {"state": "failed", "message": str(error)}
    except Exception as error:
        words = say("panels.run.unexpected", kind=type(error).__name__, problem=error)
        answer = {"state": "failed", "message": words, "detail": traceback.format_exc()}
    return answer | {"seconds": time.perf_counter() - begun}


def _outcome(chunk: Chunk, answer: dict[str, Any]) -> Outcome:
    return Outcome(
        chunk,
        answer["state"],
        answer["message"],
        answer["seconds"],
        answer.get("problems", ()),
        answer.get("detail", ""),
    )
