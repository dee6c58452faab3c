"""Runs the notebooks and publishes their pages: offline HTML, all or nothing per edition, the same bytes for the same input.

The heavy part happens in worker processes (``worker``); importing this module costs little.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plananalysis import fonts
from plananalysis.publication import draft, lock, publish
from plananalysis.reports import record
from plananalysis.reports.edition import FONT_CACHE, Edition, Page, chosen, open_edition
from plananalysis.reports.pool import Job, Pool, default_engine
from plananalysis.reports.progress import console_progress
from plananalysis.text import say

__all__ = ["Outcome", "console_progress", "report"]

SECONDS = 300  # a notebook that takes longer hangs; the slowest one takes a few seconds


@dataclass
class Outcome:
    """What a run of reports did.

    Parameters
    ----------
    pages
        The pages a reader should open first.
    failed
        One Chinese sentence per page that could not be rendered; empty when all went well.
    editions
        Content of each edition's ``run.json``.
    """

    pages: list[Path] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    editions: list[dict[str, Any]] = field(default_factory=list)


def report(
    root: Path,
    areas: str | Sequence[str],
    as_of: int | None = None,
    domains: Sequence[str] = (),
    workers: int | None = None,
    progress: Callable[[int, int, str], object] | None = None,
    engine: str | None = None,
    seconds: int = SECONDS,
    pool: Pool | None = None,
) -> Outcome:
    """Render and publish the pages of one or several areas from ``data/processed``.

    Parameters
    ----------
    root
        Project folder.
    areas
        Area codes; their tables must have been built.
    as_of
        Year of the edition; by default each area's current one.
    domains
        Render only these domain pages, and those that speak about all domains. By default all.
    workers
        Processes that render at the same time; 2 by default.
    progress
        Called with (pages done, pages in all, name of the page) after each page, see `console_progress`.
    engine
        ``shell`` or ``kernel``, see ``engine``; by default the fast one where it is safe.
    seconds
        Time limit of one page.
    pool
        Workers to use and leave running; by default the run has its own and ends them.

    Returns
    -------
    Outcome
        A page that failed leaves its last good version in place, marked; the others are published.

    Raises
    ------
    UsageError
        An area, year, domain or parameter that does not exist; nothing has been run.
    BusyError
        Another run is at work on one of the areas.
    """
    asked = [areas] if isinstance(areas, str) else list(areas)
    editions = [open_edition(root, area, as_of) for area in asked]
    todo = chosen(editions, domains)
    outcome = Outcome()
    if not editions:
        return outcome
    with ExitStack() as held:
        pool = pool or held.enter_context(Pool(workers or 2))
        for edition in editions:
            held.enter_context(lock(root, edition.area))
        drafts = [held.enter_context(draft(edition.folder)) for edition in editions]
        started = time.time()
        answers: dict[int, dict[str, dict[str, Any]]] = {n: {} for n in range(len(editions))}
        jobs = [
            _job(edition, page, new, number, engine or default_engine(), seconds)
            for number, (edition, pages, new) in enumerate(zip(editions, todo, drafts, strict=True))
            for page in pages
        ]
        for done, (job, answer) in enumerate(pool.run(jobs), start=1):
            number = job["edition"]
            edition = editions[number]
            answers[number][job["frame"]["file"]] = answer
            if progress:
                progress(done, len(jobs), f"{edition.name} {job['name']}")
            if len(answers[number]) == len(todo[number]):
                took = time.time() - started
                _publish(
                    edition, todo[number], answers[number], drafts[number], jobs[0]["engine"], started, took, outcome
                )
    record.write_list(root)
    fonts.forget_unused(root / FONT_CACHE)
    outcome.pages = [editions[0].folder / "index.html"] if len(editions) == 1 else [root / "reports" / "index.html"]
    return outcome


def _job(edition: Edition, page: Page, new: Path, number: int, engine: str, seconds: int) -> Job:
    return {
        "edition": number,
        "name": page.name,
        "notebook": str(page.notebook),
        "parameters": page.parameters,
        "folder": str(edition.root),
        "engine": engine,
        "seconds": seconds,
        "target": str(new / page.file),
        "font_cache": str(edition.root / FONT_CACHE),
        "frame": edition.frame(page),
    }


def _publish(
    edition: Edition,
    todo: Sequence[Page],
    answers: dict[str, dict[str, Any]],
    new: Path,
    engine: str,
    started: float,
    took: float,
    outcome: Outcome,
) -> None:
    """Complete the draft with what was not rendered this time, record the run, and put it in place."""
    before = record.read(edition.folder)
    rendered = {page.file for page in todo}
    pages = []
    for page in edition.pages():
        entry = record.page(edition, page, answers.get(page.file), new)
        if entry["status"] != "rendered":
            record.keep(edition, page, entry, before, new)
        if page.file in rendered and not answers[page.file]["ok"]:
            sentence = say("reports.run.page_failed", page=f"{edition.name} {page.name}", reason=entry["reason"])
            outcome.failed.append(sentence + (say("reports.run.kept") if entry["status"] == "kept" else "") + "。")
        pages.append(entry)
    run = record.write(edition, pages, new, engine, started, took)
    outcome.editions.append(run)
    publish(new, edition.folder)
