"""A city's run: tables and pages of every district by any executor, then the overview that compares them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from plananalysis import reports
from plananalysis.base import tables
from plananalysis.base.errors import DataError
from plananalysis.base.publication import lock, program
from plananalysis.base.tables import read_json, write_atomic
from plananalysis.base.text import language, say, speaking
from plananalysis.editions import inputs, peers
from plananalysis.panels import Chunk, Crew, Here, Outcome, Shard, spread
from plananalysis.panels.city import City, compare, existing, home, left_out
from plananalysis.reports import listing, record
from plananalysis.reports import overview as frames
from plananalysis.reports.edition import NOTEBOOKS
from plananalysis.reports.pool import Job, Pool, job_for

NOTEBOOK = "6_city_overview.ipynb"


@dataclass
class CityRun:
    """What a run of a city did.

    Parameters
    ----------
    page
        The overview; None while shards of other jobs are missing, or when pages were not wanted.
    outcomes
        One per district of this run.
    left_out
        Districts that cannot be beside the others, with the reason.
    earlier
        Districts that another run has in hand, with the day of the edition that serves instead.
    failed_pages
        One Chinese sentence per page that could not be rendered.
    waiting
        Districts that belong to other shards and are not done yet.
    """

    page: Path | None = None
    tables: Path | None = None
    outcomes: list[Outcome] = field(default_factory=list)
    failed_pages: list[str] = field(default_factory=list)
    waiting: int = 0
    left_out: dict[str, str] = field(default_factory=dict)
    earlier: dict[str, str] = field(default_factory=dict)


def run_city(
    root: Path,
    city: City,
    as_of: int,
    crew: Crew,
    shard: Shard | None = None,
    pages: bool = True,
    progress: Callable[[int, int, Outcome], object] | None = None,
) -> CityRun:
    """Build and render every district, then compare them.

    Parameters
    ----------
    shard
        Do only this share of the districts; the overview is made by the run that finds all of them done.
    pages
        Render the districts' own pages too; the overview is rendered in any case.

    Raises
    ------
    UsageError
        Fewer than two districts of one plan period have an edition.
    BusyError
        Another run does the same share.
    """
    share = shard or Shard()
    with lock(root, f"{city.code}.{share.number}-{share.count}"):
        run = _built(root, city, as_of, crew, share, pages, progress)
        if run.tables is not None:
            run.page = _overview(root, city, as_of, run)
        return run


def derive(root: Path, city: City, as_of: int) -> CityRun:
    """The tables of every district, one after the other, and those of the city; no pages."""
    with lock(root, f"{city.code}.1-1"):
        return _built(root, city, as_of, Here(), Shard(), False, None)


def render(root: Path, city: City, as_of: int, audience: str = "internal") -> list[str]:
    """The city's pages and papers in the language spoken, from its tables; a sentence for each that failed.

    Those for the public are made of the districts' public editions.
    """
    usual = home(root, city.code, as_of)
    told = read_json(usual / "city.json")
    run = CityRun(tables=usual)
    with lock(root, f"{city.code}.1-1"):
        if audience != "internal":
            chosen = existing(root, replace(city, districts=tuple([*told["districts"], *told["failed"]])), as_of)
            run.tables = compare(root, chosen, as_of, told["failed"], told["earlier"], audience)
        _overview(root, city, as_of, run, audience)
    return run.failed_pages


def _built(
    root: Path,
    city: City,
    as_of: int,
    crew: Crew,
    share: Shard,
    pages: bool,
    progress: Callable[[int, int, Outcome], object] | None,
) -> CityRun:
    """Districts and the tables that compare them, which stay away while others still have districts to do."""
    city = existing(root, city, as_of)
    out = left_out(root, city, as_of)
    parts = root / "data" / "processed" / "panels" / ".parts" / f"{city.code}-{as_of}-{language()}"
    task = partial(district, root=root, as_of=as_of, pages=pages, language=language())
    chunks = [_chunk(root, area, as_of, pages, parts) for area in city.districts if area not in out]
    mine = share.of(chunks)
    if new := [c for c in mine if not c.target.exists()]:
        peers.prepare(root, new[0].items[0], as_of)
    run = CityRun(outcomes=list(spread(task, mine, crew, progress)), left_out=out)
    bad = {o.chunk.items[0]: o for o in run.outcomes if not o.fine}
    run.waiting = sum(not c.target.exists() and c.items[0] not in bad for c in chunks)
    for chunk in mine:
        if chunk.target.exists():
            run.failed_pages += read_json(chunk.target)["failed"]
    if run.waiting:
        return run
    edition = {a: root / "data" / "processed" / a / str(as_of) / "edition.json" for a in bad}
    busy = [a for a, o in bad.items() if o.state == "busy" and edition[a].is_file()]
    failed = out | {a: _short(o.message) for a, o in bad.items() if a not in busy}
    run.tables = compare(root, city, as_of, failed, busy)
    run.earlier = dict(read_json(run.tables / "city.json")["earlier"])
    return run


def district(areas: tuple[str, ...], target: Path, *, root: Path, as_of: int, pages: bool, language: str) -> None:
    """Build one district and render its pages; what is left at ``target`` says that it was done, and which pages failed."""
    from plananalysis import editions

    (area,) = areas
    failed: list[str] = []
    with speaking(language):
        with lock(root, area):
            editions.build(root, area, as_of)
        if pages:
            told = reports.report(root, area, as_of, workers=1, pool=_pool(), language=language, documents=False)
            failed = told.failed
    write_atomic(target, (json.dumps({"area": area, "failed": failed}, ensure_ascii=False) + "\n").encode())


@cache
def _pool() -> Pool:
    """This process' own warm renderer, kept for the districts to come."""
    import atexit
    from multiprocessing.util import Finalize

    pool = Pool(1)
    Finalize(None, pool.__exit__, (None, None, None), exitpriority=10)  # a process of a pool runs no atexit functions
    atexit.register(pool.__exit__, None, None, None)
    return pool


def _chunk(root: Path, area: str, as_of: int, pages: bool, parts: Path) -> Chunk:
    """A district's piece of work, named after everything it depends on; done only if what it left is still there."""
    target = parts / f"{area}-{_digest(root, area, pages)}.json"
    left = [root / "data" / "processed" / area / str(as_of) / "edition.json"]
    left += [frames.folder(root, area, as_of) / "index.html"] if pages else []
    if not all(path.is_file() for path in left):
        target.unlink(missing_ok=True)
    for older in parts.glob(f"{area}-*.json"):
        if older != target and older.stem.removeprefix(f"{area}-").isalnum():
            older.unlink(missing_ok=True)
    settings = root / "data" / "raw" / area / "area.toml"
    try:
        name = str(tables.read_settings(settings, root).get("name", area))
    except DataError:  # the district itself will say what is wrong with it
        name = area
    return Chunk(name, (area,), target)


def _digest(root: Path, area: str, pages: bool) -> str:
    raw = root / "data" / "raw"
    shared = [raw / name for name in (*inputs.SHARED, "english.csv")]
    named = {p.relative_to(root).as_posix(): p for p in shared}
    named |= {name: root / name for name in inputs.of_place(root, area)}
    named |= {f"notebooks/{name}": tables.notebook(root, name) for name in sorted(NOTEBOOKS.values())}
    whole = hashlib.sha256(f"{program()} {pages} {inputs.of_peers(root, area)}".encode())
    for name, path in named.items():
        if path.is_file():
            whole.update(name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:12]


def _overview(root: Path, city: City, as_of: int, run: CityRun, audience: str = "internal") -> Path:
    """Render the overview and its pages of domains from the city's tables; a page's last good version stays when it fails."""
    from plananalysis.pages.city import open_city
    from plananalysis.pages.city_domain import domain_page
    from plananalysis.pages.city_tables import file_of
    from plananalysis.pages.papers.overviews import city_papers

    assert run.tables is not None
    page = open_city(city.code, as_of, root, audience=audience)
    folder, notebook = frames.folder(root, city.code, as_of, audience), tables.notebook(root, NOTEBOOK)
    folder.mkdir(parents=True, exist_ok=True)
    domains = {
        file_of(r.text("domain"), part): (r, part)
        for r in page.records("domains")
        for part in range(1, len(page.parts[r.text("domain")]) + 1)
    }
    links = [([(file, page.title_of(*at)) for file, at in domains.items()], say("reports.page.domains"))]

    def made(kind: str, name: str, file: str, title: str = "", **more: Any) -> Job:
        frame = frames.frame(page.info, "city", Path(run.tables or ""), file, title, links)
        return job_for(root, kind, name, folder / file, frame=frame, **more)

    parameters = {"code": city.code, "as_of": as_of, "language": language()}
    parameters |= {"audience": audience} if audience != "internal" else {}
    jobs = [made("notebook", city.name, frames.INDEX, notebook=str(notebook), parameters=parameters)]
    for file, at in domains.items():
        title = say("pages.city.domain_title", domain=page.title_of(*at), name=page.name, as_of=as_of)
        jobs.append(made("plain", title, file, title, body=domain_page(page, *at)._repr_html_()))
    with Pool(1) as pool:
        for one, answer in pool.run(jobs):
            if not answer["ok"]:
                reason = record.reason(answer["error"])
                run.failed_pages.append(say("reports.run.page_failed", page=one["name"], reason=reason))
        papers = frames.write_papers(folder, city_papers(page, notebook))
        made_by = {frames.INDEX: {"notebook": notebook.name, "parameters": parameters}}
        frames.write_record(folder, page.info, [one["frame"] for one in jobs], papers, notebooks=made_by)
        for _ in pool.run(listing.jobs(root)):
            pass
    return folder / frames.INDEX


def _short(reason: str, lines: int = 4) -> str:
    """The first lines of a long complaint; the console and the JSON hold all of it."""
    told: Sequence[str] = [line.strip() for line in reason.splitlines()]
    more = say("pages.city.more", count=len(told) - lines) if len(told) > lines else ""
    return " ".join([*told[:lines], more]).strip()
