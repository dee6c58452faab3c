"""Having an edition at hand in the form asked for: built and rendered where it is missing, by the same code as every run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from plananalysis.base.errors import UsageError
from plananalysis.base.publication import lock
from plananalysis.base.text import listed, say, speaking
from plananalysis.bundles.form import Form
from plananalysis.reports import record

_OF_THE_RUN = ("summary.html",)  # a page for the office's mail, not one of the edition


def rendered(root: Path, form: Form) -> dict[str, Any]:
    """The record of a published form, which is made first when there is none.

    Raises
    ------
    UsageError
        Some of its pages or documents could not be made, or are older than the rest: it is not for handing out.
    """
    run = record.read(form.pages(root))
    if not run:
        if not replace(form, audience="internal").info(root):
            build(root, form)
        render(root, form)
        run = record.read(form.pages(root))
    entries = [*run.get("pages", []), *run.get("documents", [])]
    bad = [e for e in entries if e.get("outdated") or "error" in e or e["status"] == "missing"]
    if bad or not run:
        late = [str(e.get("file") or e.get("paper")) for e in bad]
        raise UsageError(say("bundles.refused.stale", edition=form.name, pages=listed(late)))
    return run


def build(root: Path, form: Form) -> None:
    """Derive the tables."""
    from plananalysis import editions

    if (kind := form.kind(root)) == "city":
        from plananalysis.panels.city import read_city
        from plananalysis.reports import city

        city.derive(root, read_city(root), form.as_of)
    elif kind == "nation":
        from plananalysis.panels import Here, nation

        done = nation.run(root, form.area, Here(), form.as_of)
        if done.folder is None:
            raise UsageError(say("bundles.refused.nobody", area=form.area))
    else:
        with lock(root, form.area):
            editions.build(root, form.area, form.as_of, outline=form.outline)


def render(root: Path, form: Form, pdf: bool = False) -> list[str]:
    """Make pages and documents, on request also as PDF; a sentence for each that failed."""
    from plananalysis import reports

    if (kind := form.kind(root)) == "city":
        from plananalysis.panels.city import read_city
        from plananalysis.reports import city

        with speaking(form.language):
            return city.render(root, read_city(root), form.as_of, form.audience)
    if kind == "nation":
        from plananalysis.reports.nation import write_brief

        with speaking(form.language):
            write_brief(root, form.tables(root))
        return []
    names = ("mode", "audience", "language", "outline")
    variant: dict[str, Any] = {name: getattr(form, name) for name in names}
    return reports.report(root, [form.area], form.as_of, pdf=pdf, **variant).failed


def contents(root: Path, form: Form, run: dict[str, Any]) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Pages and documents of a published form by path in its folder, as its record lists them; nothing else of the folder."""
    folder = form.pages(root)
    place = {page["file"]: number for number, page in enumerate(run["pages"])}  # as the plan prints them
    names = sorted(run["outputs"], key=lambda n: (place.get(n, len(place)), n))
    names = [n for n in names if n not in _OF_THE_RUN and (folder / n).is_file()]
    pages = {n: (folder / n).read_bytes() for n in names if n.endswith(".html") and "/" not in n}
    papers = {n: (folder / n).read_bytes() for n in names if n.startswith("documents/")}
    return pages, papers
