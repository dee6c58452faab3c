"""A warm process from which pages are forked: imports are paid once, and each notebook still has a process of its own.

It reads one job per line from standard input and answers with one line each; at the end of the input it leaves. Started by
``pool``, never imported by it, so that the light parts of the package stay light.
"""

from __future__ import annotations

import gc
import json
import os
import selectors
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn, TextIO

import nbformat

from plananalysis.base import fonts
from plananalysis.base.publication import DISK, die_with_parent
from plananalysis.base.tables import write_atomic
from plananalysis.base.text import LANGUAGES, catalogue, read_names, speaking
from plananalysis.render import page as render
from plananalysis.reports import execution
from plananalysis.reports.pool import FORKS, PLAIN

_SMALL = "from IPython.display import HTML\nHTML('0')"  # a page of one cell, for all that is made at first use
_GRACE = 10  # seconds beyond its limit, which a page's process keeps itself, until it is ended from outside


def work(job: dict[str, Any]) -> dict[str, Any]:
    """Do one job; every failure becomes part of the answer.

    Parameters
    ----------
    job
        ``kind``, ``language``, ``seconds``, ``folder`` (of the project), ``target``, and by kind:
        ``notebook``: a page from ``notebook``, ``parameters``, ``engine``, ``font_cache`` and ``frame``;
        ``plain``: a page from ``body``, ``font_cache`` and ``frame``; ``home``: the page of all editions; ``documents``: an edition's
        list of documents from ``late``, ``units``, ``lacking`` and ``held``, see ``downloads.body``;
        ``papers``: see ``papers.makers``; ``summary``: see ``summary.told``.

    Returns
    -------
    dict
        ``ok``, ``seconds``, ``warnings``, what the kind gives (``papers`` with an answer for each, ``facts``), and after a failure ``error`` with ``name``,
        ``message``, ``cell``, ``start``, and ``errno`` where the disk is to blame.
    """
    begun, used = time.perf_counter(), time.process_time()
    kinds = {"notebook": _notebook, "papers": _papers, "summary": _summary}
    kinds |= {"plain": _plain_page, "home": _home, "documents": _documents}
    with speaking(job["language"], {} if job["language"] == LANGUAGES[0] else read_names(Path(job["folder"]))):
        answer = {"warnings": []} | _attempted(lambda: kinds[job["kind"]](job))
    spent = {"seconds": round(time.perf_counter() - begun, 3), "cpu_seconds": round(time.process_time() - used, 3)}
    return answer | spent


def _attempted(do: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return {"ok": True} | do()
    except execution.PageError as error:
        found = _error(error.name, error.message, error.start) | {"cell": error.cell}
    except OSError as error:
        number = error.errno if error.errno in DISK else None
        found = _error(type(error).__name__, str(error)) | {"errno": number, "file": str(error.filename or "")}
    except Exception as error:
        found = _error(type(error).__name__, str(error))
    return {"ok": False, "error": found}


def _notebook(job: dict[str, Any]) -> dict[str, Any]:
    executed = execution.execute(
        Path(job["notebook"]), job["parameters"], Path(job["folder"]), job["engine"], job["seconds"]
    )
    done = render.page(executed, render.Frame(**job["frame"]), Path(job["font_cache"]) if job["font_cache"] else None)
    write_atomic(Path(job["target"]), done.html.encode("utf-8"))
    return {"warnings": done.warnings}


def _plain_page(job: dict[str, Any]) -> dict[str, Any]:
    text = render.plain_page(job["body"], render.Frame(**job["frame"]), Path(job["font_cache"]))
    write_atomic(Path(job["target"]), text.encode("utf-8"))
    return {}


def _home(job: dict[str, Any]) -> dict[str, Any]:
    from plananalysis.reports import home, listing

    root = Path(job["folder"])
    return _plain_page(job | {"body": home.body(root, listing.runs(root))})


def _documents(job: dict[str, Any]) -> dict[str, Any]:
    from plananalysis.reports import downloads

    body = downloads.body(job["late"], job["units"], job["lacking"], Path(job["held"]), job["mode"])
    return _plain_page(job | {"body": body})


def _papers(job: dict[str, Any]) -> dict[str, Any]:
    from plananalysis.reports import papers

    made = {paper: _attempted(make) for paper, make in papers.makers(job)}
    disk = next((a for a in made.values() if not a["ok"] and a["error"].get("errno")), {})  # no run goes on without one
    return {"papers": made} | disk


def _summary(job: dict[str, Any]) -> dict[str, Any]:
    from plananalysis.reports import summary

    return summary.told(job)


class Child:
    """``work`` in a forked process: what a notebook changes, crashes or keeps waiting is only its own page.

    Parameters
    ----------
    job
        As for :func:`work`. In a kernel each cell has the job's seconds, so that the whole has more.

    Raises
    ------
    OSError
        No process could be started.
    """

    def __init__(self, job: dict[str, Any]) -> None:
        limit = job["seconds"] * (20 if job.get("engine") == "kernel" else 1)
        self.number, self.seconds, self._text = job.get("number"), limit, b""
        self.begun, self.overdue = time.perf_counter(), False
        self.reading, writing = os.pipe()
        try:
            self.pid = os.fork()
        except OSError:
            os.close(self.reading)
            os.close(writing)
            raise
        if self.pid == 0:
            try:
                os.close(self.reading)
                self._work(job, writing)
            except BaseException:  # whatever it is: what comes after belongs to the parent
                traceback.print_exc()
            os._exit(1)
        os.close(writing)

    def _work(self, job: dict[str, Any], writing: int) -> NoReturn:
        die_with_parent()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        os.setpgid(0, 0)  # a process group of its own: what the notebook leaves behind goes with it
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # the next jobs are not for the notebook to read
        sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
        signal.alarm(self.seconds)
        with os.fdopen(writing, "w", encoding="utf-8") as pipe:
            json.dump(work(job), pipe)
        os._exit(0)

    def fileno(self) -> int:
        return self.reading

    @property
    def left(self) -> float:
        """Seconds until it is ended, should it have got round its own limit."""
        return self.begun + self.seconds + _GRACE - time.perf_counter()

    def end(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def has_ended(self) -> bool:
        """Read on, as far as there is something to read."""
        chunk = os.read(self.reading, 1 << 16)
        self._text += chunk
        return not chunk

    def answer(self) -> dict[str, Any]:
        """Its answer, once it has ended, however it did."""
        os.close(self.reading)
        _, status = os.waitpid(self.pid, 0)
        self.end()
        try:
            return json.loads(self._text.decode("utf-8", errors="replace"))
        except ValueError:
            spent = round(time.perf_counter() - self.begun, 3)
            return _nothing(_ended(signal.SIGALRM if self.overdue else status, self.seconds)) | {"seconds": spent}


def main(jobs: TextIO, answers: TextIO) -> None:
    """Answer jobs until there are no more, or until the run is stopped."""
    die_with_parent()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    _warm_up()
    _say(answers, {"ready": True})
    if FORKS:
        _fork_each(jobs, answers)
        return
    for line in jobs:
        job = json.loads(line)
        if "number" in job:  # the rest is for workers that fork
            _say(answers, work(job) | {"number": job["number"]})


def _fork_each(jobs: TextIO, answers: TextIO) -> None:
    """Every job in a child of its own, as many at a time as are asked for."""
    text = b""
    with selectors.DefaultSelector() as waiting:
        waiting.register(jobs, selectors.EVENT_READ)
        while True:
            limit = min((child.left for child in _children), default=None)
            for key, _ in waiting.select(None if limit is None else max(limit, 0.0)):
                if isinstance(key.fileobj, Child):
                    child = key.fileobj
                    if child.has_ended():
                        waiting.unregister(child)  # before it is closed: a younger child holds the same pipe open
                        _children.discard(child)
                        _say(answers, child.answer() | {"number": child.number})
                    continue
                chunk = os.read(key.fd, 1 << 16)
                if not chunk:  # the run is over
                    _leave(signal.SIGTERM)
                *lines, text = (text + chunk).split(b"\n")
                for line in lines:
                    job = json.loads(line)
                    catalogue(job["language"]).read_ahead()
                    if folder := job.get("lend") or job.get("tables"):
                        _lend_tables(Path(folder))
                    if "lend" in job:
                        continue
                    if job["kind"] in PLAIN:  # our own words, none of a notebook: not worth a process
                        _say(answers, work(job) | {"number": job["number"]})
                        continue
                    fonts.read_ahead(Path(job["font_cache"]))
                    if "public" in (job.get("audience"), job.get("parameters", {}).get("audience")):
                        import_module("scipy.optimize")  # it finds what must be withheld: else in every fork anew
                    gc.freeze()  # what is here now stays; collecting begins with what a page makes
                    try:
                        child = Child(job)
                    except OSError as error:  # too many processes for the moment
                        answer = _nothing(_error("ForkError", str(error), start=True))
                        _say(answers, answer | {"number": job["number"]})
                        continue
                    _children.add(child)
                    waiting.register(child, selectors.EVENT_READ)
            for child in _children:
                if child.left <= 0:
                    child.overdue = True
                    child.end()


def _say(answers: TextIO, answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


def _warm_up() -> None:
    """Pay before the first fork for what every page and paper needs: imports, templates, the font."""
    import plananalysis

    with suppress(Exception):  # if it fails here it fails in the notebook, whose page will say so
        plananalysis.open_edition  # noqa: B018
        import xlsxwriter  # noqa: F401

        from plananalysis.pages import brief, domain, method, quality, unit  # noqa: F401
        from plananalysis.pages.papers import data_tables, feedback, report, warnings  # noqa: F401
        from plananalysis.render import docx  # noqa: F401

    cells = [nbformat.v4.new_markdown_cell("# 0\n\n0", id="words"), nbformat.v4.new_code_cell(_SMALL, id="html")]
    gc.freeze()  # a shell looks for rubbish before it begins: not among what was imported
    execution.run_cells(small := nbformat.v4.new_notebook(cells=cells))
    render.warm_up(small)
    gc.set_threshold(100_000, 20, 20)  # see ``cli.main``
    gc.enable()


def _lend_tables(folder: Path) -> None:
    """Read here, once, the tables that every page of an edition would read for itself: forks see them without a copy."""
    from plananalysis.editions.frames import frames_of

    with suppress(Exception):  # if it fails here it fails in the notebook, whose page will say so
        for name in (held := frames_of(folder)):
            held.rows(name)


_children: set[Child] = set()


def _leave(number: int, frame: object = None) -> NoReturn:
    """The run was stopped or is over: take the notebooks in hand along."""
    for child in _children:
        child.end()
    os._exit(128 + number)


def _error(name: str, message: str, start: bool = False) -> dict[str, Any]:
    return {"name": name, "message": message, "cell": 0, "start": start}


def _nothing(error: dict[str, Any]) -> dict[str, Any]:
    return {"ok": False, "warnings": [], "seconds": 0.0, "error": error}


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
