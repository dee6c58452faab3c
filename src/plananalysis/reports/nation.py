"""A nation's brief: one page of counts over all areas of a panel."""

from __future__ import annotations

from pathlib import Path

from plananalysis.base.tables import read_json, write_atomic
from plananalysis.reports import listing
from plananalysis.reports import overview as frames


def write_brief(root: Path, folder: Path) -> Path:
    """Write the brief from the tables that a run of a panel left in ``folder``; returns the page."""
    from plananalysis.pages.nation import open_nation
    from plananalysis.render import page as render
    from plananalysis.reports import worker

    page = open_nation(folder, root)
    info = read_json(folder / "panel.json")
    around = frames.frame(info, "nation", folder)
    target = frames.folder(root, info["area"], info["as_of"]) / "index.html"
    text = render.plain_page(page.whole()._repr_html_(), render.Frame(**around), root / frames.FONT_CACHE)
    write_atomic(target, text.encode("utf-8"))
    frames.write_record(target, info, around)
    for job in listing.jobs(root):
        worker.work(job)
    return target
