"""Commands that derive tables and hand out editions: ``build``, ``report``, ``documents``."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click

from plananalysis.base.errors import BusyError, UsageError
from plananalysis.base.text import LANGUAGES, read_names, say, speaking
from plananalysis.cli.chinese import Whole
from plananalysis.cli.group import (
    NEW_FOLDER,
    Wanted,
    area_option,
    as_of_option,
    command,
    form_options,
    in_project,
    option,
)
from plananalysis.cli.run import Run, plain
from plananalysis.cli.telling import tell_build, tell_untranslated

_NAMED = 3  # files named when something has changed
_PATIENCE = 5  # seconds until another run is asked again whether it is done


@command("build")
@area_option
@as_of_option
@in_project
def build(run: Run, area: Sequence[str], as_of: int | None, root: Path) -> None:
    """Derived tables of every area, from what people wrote."""
    derive(run, root, run.areas(area, root), as_of, always=True)


@command("report")
@area_option
@as_of_option
@option("domain", multiple=True, metavar=say("cli.metavar.domain"))
@form_options
@option("pdf", is_flag=True)
@option("explain", is_flag=True)
@option("force", is_flag=True)
@option("watch", is_flag=True)
@option("keep", type=Whole(1, 9999), default=30, metavar=say("cli.metavar.count"))
@option("workers", type=Whole(1, 64), metavar=say("cli.metavar.count"))
@option("notebook", type=NEW_FOLDER, metavar=say("cli.metavar.file"))
@click.option("-p", "given", multiple=True, metavar=say("cli.metavar.parameter"), help=say("cli.option.parameter"))
@in_project
def report(
    run: Run,
    area: Sequence[str],
    as_of: int | None,
    domain: Sequence[str],
    wanted: Wanted,
    pdf: bool,
    explain: bool,
    force: bool,
    watch: bool,
    keep: int,
    workers: int | None,
    notebook: Path | None,
    given: Sequence[str],
    root: Path,
) -> None:
    """Derived tables, pages and documents, as far as they are not there as they should be."""
    if given and not notebook:
        raise UsageError(say("cli.misuse.parameter"))
    areas = run.areas(area, root)
    spoken = by_language(root, areas, wanted.lang)
    if notebook:
        for language, codes in spoken.items():
            _own(run, root, notebook, codes, as_of, given, language, workers)
        return
    if watch and run.as_json:
        raise UsageError(say("cli.misuse.watch"))
    from plananalysis.editions import period
    from plananalysis.reports.pool import Pool

    asked: dict[str, Any] = {"domains": domain, "workers": workers, "pdf": pdf, "keep": keep}
    asked |= {"mode": wanted.mode, "audience": wanted.audience}
    if wanted.outline is not None:
        named = {period(root, code, as_of, wanted.outline) for code in areas}
        asked["outline"] = wanted.outline if named == {wanted.outline} else ""
    with Pool(workers or 2) as pool:
        if watch or force or not all(_fresh(root, code, as_of) for code in areas):
            pool.warm()  # pages will be due: their workers start while the tables are derived
        make = partial(_make, run, root, spoken, as_of, explain, asked | {"pool": pool})
        if watch:
            _keep_up(run, root, make, force)
        else:
            make(force)


def _own(
    run: Run,
    root: Path,
    notebook: Path,
    areas: Sequence[str],
    as_of: int | None,
    given: Sequence[str],
    language: str,
    workers: int | None,
) -> None:
    """A notebook of the caller's own; its areas' tables are derived first, as its cells may open the edition."""
    from plananalysis.reports import console_progress
    from plananalysis.reports.own import report_notebook

    built = derive(run, root, areas, as_of, language)
    done = report_notebook(notebook, built, as_of, given, language, root, workers or 2, console_progress())
    run.record |= {"pages": plain(done.pages), "failed": plain(done.failed), "left_out": done.left_out}
    for sentence in [*done.left_out, *done.failed]:
        run.note("build.item", sentence=sentence)
    if done.failed:
        run.some_failed = True
    for page in done.pages:
        run.out("report.open", path=page)


def _make(
    run: Run,
    root: Path,
    spoken: Mapping[str, Sequence[str]],
    as_of: int | None,
    explain: bool,
    asked: Mapping[str, Any],
    force: bool = False,
) -> None:
    """One run: derive, make what has changed, and say what became of it; areas by the language of their reports."""
    from plananalysis import reports
    from plananalysis.reports.own import not_run

    progress = reports.console_progress()
    record = {key: run.record.setdefault(key, []) for key in ("pages", "failed", "why")}
    for held in record.values():
        held.clear()
    run.record["made"] = nothing = 0
    built: list[str] = []
    for language, areas in spoken.items():
        codes = derive(run, root, areas, as_of, language, always=force)
        done = reports.report(root, codes, as_of, progress=progress, force=force, language=language, **asked)
        built += codes
        nothing += bool(codes) and not done.editions
        record["pages"] += plain(done.pages)
        record["failed"] += plain(done.failed)
        record["why"] += done.why if explain else []
        run.record["made"] += done.rendered
        for sentence in done.left_out:
            run.note("build.item", sentence=sentence)
    for sentence in record["why"]:
        run.out("build.item", sentence=sentence)
    if not explain:
        del run.record["why"]
    if nothing == len(spoken):
        run.out("report.nothing")
    if others := not_run(root):
        run.note("report.not_run", files=say("cli.list_joint").join(others))
    if record["failed"]:
        run.some_failed = True
        run.note("failed.reports", count=len(record["failed"]))
        for sentence in record["failed"]:
            run.note("build.item", sentence=sentence)
    for page in record["pages"]:
        run.out("report.open", path=page)


def _keep_up(run: Run, root: Path, make: Callable[..., None], force: bool) -> None:
    """Make a run now and whenever something has been changed, until the user ends it. Wrong data are told, and waited for."""
    import gc

    from plananalysis.editions import building as building  # its libraries, before somebody waits for them
    from plananalysis.reports.watch import changes, look

    try:
        before = look(root)  # what is saved during the first run is a change too
        _patiently(run, partial(make, force))
        run.note("watch.waiting")
        for changed in changes(root, before):
            shown = say("cli.list_joint").join(changed[:_NAMED])
            run.note("watch.changed" if len(changed) <= _NAMED else "watch.more", files=shown, count=len(changed))
            run.bad_data = run.some_failed = False
            begun = time.monotonic()
            _patiently(run, make)
            run.note("watch.waiting_again", seconds=f"{time.monotonic() - begun:.1f}")
            gc.collect()
    except KeyboardInterrupt:
        run.note("watch.ended")


def _patiently(run: Run, make: Callable[[], None]) -> None:
    """Make a run, after another one that is at work has ended."""
    while True:
        try:
            return make()
        except BusyError as error:
            run.note("watch.busy", message=error)
            time.sleep(_PATIENCE)


@command("documents")
@area_option
@as_of_option
@form_options
@option("pdf", is_flag=True)
@option("out", "target_folder", type=NEW_FOLDER, metavar=say("cli.metavar.folder"))
@in_project
def documents(
    run: Run, area: Sequence[str], as_of: int | None, wanted: Wanted, pdf: bool, out: Path | None, root: Path
) -> None:
    """Derived tables, then the office's documents alone, in a folder of their own."""
    spoken = by_language(root, run.areas(area, root), wanted.lang)
    built = [(code, said) for said, codes in spoken.items() for code in derive(run, root, codes, as_of, said)]
    from plananalysis.base.publication import draft, lock, publish
    from plananalysis.base.tables import write_atomic
    from plananalysis.editions import period
    from plananalysis.editions.opened import Published
    from plananalysis.editions.opening import opened
    from plananalysis.editions.variant import Variant
    from plananalysis.pages import papers as office
    from plananalysis.reports.edition import open_edition, open_editions

    for code, language in built:
        form = Variant(wanted.mode, wanted.audience, language, period(root, code, as_of, wanted.outline or ""))
        one = wanted.outline is not None
        for edition in [open_edition(root, code, as_of, form)] if one else open_editions(root, code, as_of, form):
            folder = (out or root / "reports" / "documents") / f"{code}-{edition.folder.name}"
            folder.parent.mkdir(parents=True, exist_ok=True)
            with run.area(code) as record, lock(root, code), draft(folder) as new, speaking(language):
                paper = opened(code, edition.as_of, root, **edition.variant.said, kind=Published)
                made = office.files_of(paper) | (office.pdfs_of(paper) if pdf else {})
                with paper.speaking():
                    for name, make in made.items():
                        write_atomic(new / name, make())
                record.setdefault("documents", []).extend(made)
                publish(new, folder)
            run.out("documents.wrote", count=len(made), folder=folder)


def by_language(root: Path, areas: Sequence[str], asked: str | None) -> dict[str, list[str]]:
    """Areas by the language of their reports: the one asked for, else each area's own; never empty, so that a run says what it did."""
    from plananalysis.editions.variant import usual_language

    found: dict[str, list[str]] = {}
    for area in areas:
        found.setdefault(asked or usual_language(root, area), []).append(area)
    return found or {asked or LANGUAGES[0]: []}


def derive(
    run: Run, root: Path, areas: Sequence[str], as_of: int | None, language: str = "zh", always: bool = False
) -> list[str]:
    """Derive the tables of areas where they are not up to date, and say what came out; the areas that have tables now."""
    from plananalysis import editions
    from plananalysis.base.publication import lock

    built = []
    for area in areas:
        # locked, so that no other run renders pages from tables that are being replaced
        with run.area(area) as record, lock(root, area):
            periods = editions.periods(root, area, as_of)
            stale = [o for o in periods if always or not editions.fresh(root, area, as_of, outline=o)]
            if not stale:
                record["fresh"] = True
            for outline in stale:
                summary = editions.build(root, area, as_of, side_by_side=True, outline=outline)
                record |= plain(summary) if not outline else {}
                tell_build(run, root, summary)
            if stale and language != LANGUAGES[0]:
                with speaking(language, read_names(root)):
                    tell_untranslated(run, root, area, as_of)
            built.append(area)
    return built


def _fresh(root: Path, area: str, as_of: int | None) -> bool:
    from plananalysis import editions

    return all(editions.fresh(root, area, as_of, outline=o) for o in editions.periods(root, area, as_of))
