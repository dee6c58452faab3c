"""Runs the notebooks and publishes their pages: offline HTML, all or nothing per edition, the same bytes for the same input.

What has not changed is not made again. The heavy part happens in worker processes (``worker``); importing this module costs little.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plananalysis.base import fonts
from plananalysis.base.publication import draft, lock, publish
from plananalysis.base.text import LANGUAGES, read_names, say, speaking
from plananalysis.editions.variant import Variant
from plananalysis.reports import listing
from plananalysis.reports.edition import Edition, chosen, open_edition, open_editions
from plananalysis.reports.log import KEPT, RunLog, console_progress
from plananalysis.reports.pool import FONT_CACHE, SECONDS, Pool, default_engine
from plananalysis.reports.run import EditionRun, Options, stop_if_disk, surely

__all__ = ["Outcome", "console_progress", "report"]


@dataclass
class Outcome:
    """What a run of reports did.

    Parameters
    ----------
    pages
        The pages a reader should open first.
    failed
        One Chinese sentence per page or document that could not be made; empty when all went well.
    editions
        Content of each edition's ``run.json``.
    why
        One Chinese sentence per page and document: why it was made again or not.
    rendered
        How many pages and documents were made.
    left_out
        One sentence for every output of a notebook that its page cannot show.
    """

    pages: list[Path] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    editions: list[dict[str, Any]] = field(default_factory=list)
    why: list[str] = field(default_factory=list)
    rendered: int = 0
    left_out: list[str] = field(default_factory=list)


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
    *,
    mode: str = "annual",
    audience: str = "internal",
    language: str = "zh",
    outline: str | None = None,
    pdf: bool = False,
    documents: bool = True,
    force: bool = False,
    keep: int = KEPT,
) -> Outcome:
    """Render and publish the pages and documents of one or several areas from ``data/processed``.

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
        Called with (jobs done, jobs in all, name of the page) after each job, see `console_progress`.
    engine
        ``shell`` or ``kernel``, see ``engine``; by default the fast one where it is safe.
    seconds
        Time limit of one page.
    pool
        Workers to use and leave running; by default the run has its own and ends them.
    mode, audience, language
        In which form, see ``edition.Variant``.
    outline
        Id of the plan period, "" for the area's first one; by default the editions of all that run in the year.
    pdf, documents
        Also make PDF; also make the office's documents.
    force
        Make everything again, changed or not.
    keep
        How many logs of earlier runs stay in ``build/runs``.

    Returns
    -------
    Outcome
        A page that failed leaves its last good version in place, marked; the others are published.

    Raises
    ------
    UsageError
        An area, year, form, domain or parameter that does not exist; nothing has been run.
    BusyError
        Another run is at work on one of the areas.
    OSError
        The disk is full or may not be written; the old edition is intact. See ``publication.disk_trouble``.
    """
    asked = [areas] if isinstance(areas, str) else list(areas)
    variant = Variant(mode, audience, language, outline or "")
    outcome, options = Outcome(), Options(engine or default_engine(), seconds, pdf, documents, force)
    if not asked:
        return outcome
    with speaking(language, {} if language == LANGUAGES[0] else read_names(root)), ExitStack() as held:
        opening = open_editions if outline is None else _open_one
        editions = [one for area in asked for one in opening(root, area, as_of, variant)]
        if pool:
            pool.lend(editions[0].tables, language)
        todo = chosen(editions, domains)
        for area in dict.fromkeys(edition.area for edition in editions):
            held.enter_context(lock(root, area))
        runs = [EditionRun(edition, pages, options) for edition, pages in zip(editions, todo, strict=True)]
        outcome.why = [line for run in runs for line in run.why()]
        due = [run for run in runs if run.due]
        if due:
            settings = {"as_of": as_of, "domains": list(domains), "workers": workers or 2, "pdf": pdf, "force": force}
            log = RunLog(root, "-".join(asked) if len(asked) < 4 else f"{len(asked)}-areas", keep)
            log.write("start", editions=[run.edition.id for run in runs], **settings)
            pool = pool or held.enter_context(Pool(workers or 2))
            _carry_out(root, due, pool, workers or 2, progress, log, settings, outcome)
            log.write("end", failed=outcome.failed, rendered=outcome.rendered)
    single = len(editions) == 1
    outcome.pages = [editions[0].folder / "index.html"] if single else [root / "reports" / "index.html"]
    return outcome


def _open_one(root: Path, area: str, as_of: int | None, variant: Variant) -> list[Edition]:
    return [open_edition(root, area, as_of, variant)]


def _carry_out(
    root: Path,
    due: Sequence[EditionRun],
    pool: Pool,
    workers: int,
    progress: Callable[[int, int, str], object] | None,
    log: RunLog,
    settings: dict[str, Any],
    outcome: Outcome,
) -> None:
    """Make what is due, edition by edition; each is published as soon as it is complete."""
    done, total = 0, sum(len(run.jobs(Path(), workers)) for run in due)
    for run in due:
        started = time.time()
        with draft(run.edition.folder) as new:
            for job, answer in pool.run(run.jobs(new, workers)):
                stop_if_disk(answer, Path(job["target"]))
                run.take(job, answer)
                done += 1
                told = answer.get("warnings", []) if job["kind"] == "notebook" else []
                outcome.left_out += [say("reports.own.left_out", page=job["name"], what=what) for what in told]
                became = {k: answer[k] for k in ("ok", "seconds", "cpu_seconds", "error") if k in answer}
                log.write("job", page=job["name"], **became)
                if progress:
                    progress(done, total, job["name"])
            content = run.finish(new, pool, started, settings)
            publish(new, run.edition.folder)
        log.write("published", edition=run.edition.id, counts=content["counts"], seconds=content["seconds"])
        outcome.editions.append(content)
        outcome.failed += run.failed
        outcome.rendered += sum(e["status"] == "rendered" for e in [*content["pages"], *content["documents"]])
    for _ in surely(pool, listing.jobs(root, [run.edition.area for run in due])):
        pass
    fonts.forget_unused(root / FONT_CACHE)
