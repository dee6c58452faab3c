"""A nation's brief: one page of counts over all areas of a panel."""

from __future__ import annotations

from pathlib import Path

from plananalysis.base.tables import read_json, write_atomic
from plananalysis.base.text import say
from plananalysis.reports import listing
from plananalysis.reports import overview as frames
from plananalysis.reports.pool import FONT_CACHE


def write_brief(root: Path, folder: Path) -> Path:
    """Write the brief from the tables that a run of a panel left in ``folder``; returns the page."""
    from plananalysis.pages.nation import AREAS, open_nation
    from plananalysis.pages.papers.overviews import nation_papers
    from plananalysis.render import page as render
    from plananalysis.reports import worker

    page = open_nation(folder, root)
    info = read_json(folder / "panel.json")
    home_of = frames.folder(root, info["area"], info["as_of"])
    links = [(AREAS, say("pages.nation.areas_link"))]
    second = say("pages.nation.areas_title", name=page.name, as_of=info["as_of"])
    around = [
        frames.frame(info, "nation", folder, links=links),
        frames.frame(info, "nation", folder, AREAS, second, links),
    ]
    for body, frame in zip((page.whole(), page.areas()), around, strict=True):
        text = render.plain_page(body._repr_html_(), render.Frame(**frame), root / FONT_CACHE)
        write_atomic(home_of / frame["file"], text.encode("utf-8"))
    papers = frames.write_papers(home_of, nation_papers(page))
    frames.write_record(home_of, info, around, papers)
    for job in listing.jobs(root):
        worker.work(job)
    return home_of / frames.INDEX
