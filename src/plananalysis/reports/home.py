"""The page that leads to all reports: what can be found in them, and of each area its state, its editions and their papers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plananalysis.base.text import listed, say, sentences
from plananalysis.figures.marks import ASSESSABLE, OUTLOOKS
from plananalysis.figures.panorama import outlook_strip
from plananalysis.render.blocks import Column, Drawing, Facts, Group, Heading, Paragraph, Table, Words, words
from plananalysis.render.html import Html, html, tag
from plananalysis.reports import downloads, listing
from plananalysis.reports.edition import DOCUMENTS
from plananalysis.reports.finder import Found, finder
from plananalysis.reports.papers import FOLDER

Run = Mapping[str, Any]


def body(root: Path, found: Found) -> Html:
    """Content of the page."""
    title = tag("h1", say("reports.list.heading"), cls="plain-title")
    if not found:
        return html(title, Paragraph(say("reports.list.empty")))
    # the plan periods of an area are told one after the other: what they count has different years
    areas: dict[tuple[str, str], list[tuple[str, Run]]] = {}
    for one in found:
        areas.setdefault((one[1]["area"], (one[1].get("variant") or {}).get("outline", "")), []).append(one)
    order = {area: i for i, (area, _) in enumerate(areas)}
    made = [_area(areas[key]) for key in sorted(areas, key=lambda key: order[key[0]])]
    return html(title, finder(root, found), *made)


def _area(found: Found) -> Group:
    """An area, or one plan period of it: how its newest edition stands, then every edition."""
    folder, newest = found[0]
    plans = next((run["plans"] for _, run in found if run.get("plans")), "")
    name = say("reports.list.of_plans", area=newest["name"], plans=plans) if plans else newest["name"]
    mark = words(say("pages.fictional"), role="fictional-mark") if newest["fictional"] else None
    about = [
        (say("reports.list.outline"), newest.get("outline")),
        (say("reports.list.as_of"), _until(newest)),
        (say("reports.list.known_on"), newest.get("known_on")),
    ]
    columns = [
        Column(say("reports.list.form"), lambda f: words(listing.called(f[1]), link=f"{f[0]}/index.html"), 30),
        Column(say("reports.list.papers"), lambda f: _papers(*f), 50),
        Column(say("reports.list.pages"), lambda f: str(len(f[1]["pages"])), 8, "r"),
    ]
    if any(_late(run) for _, run in found):
        columns.append(Column(say("reports.list.note"), lambda f: _late(f[1]), 12))
    made = Table(say("reports.list.editions", name=name), columns, found, role="editions stack")
    heading = Heading(1, words(words(name, link=f"{folder}/index.html"), mark))
    return Group([heading, Facts(about, "facts inline"), *_state(newest), made], "area", "section")


def _until(run: Run) -> str:
    """The newest year with data, which is not the edition's own while nothing came in; that of an edition that did not note it."""
    year = (run.get("state") or {}).get("newest_year", run["as_of"])
    return say("reports.list.year", as_of=year) if year else say("pages.no_data_yet")


def _state(run: Run) -> list[Any]:
    """How the newest edition stands, as its own audience may know it; nothing of an edition that did not note it."""
    state = run.get("state") or {}
    if positions := state.get("positions"):
        return [Paragraph(listed(say(f"documents.count_{p}", count=n) for p, n in positions.items() if n), "lead")]
    counts = state.get("outlooks") or {}
    if not any(counts.values()):
        return []
    able = sum(counts.get(o, 0) for o in ASSESSABLE)
    told = [say("reports.list.able", rows=sum(counts.values()), able=able)]
    if able and state.get("urgent"):
        key = "urgent_binding" if state["binding"] else "urgent"
        told.append(say(f"reports.list.{key}", urgent=state["urgent"], binding=state["binding"]))
    named = [say("pages.count_of", outlook=say(f"outlook.{o}"), count=n) for o in OUTLOOKS if (n := counts.get(o))]
    alt = listed(named)
    strip = Group([Paragraph(words(Drawing(outlook_strip(counts, alt, 480), alt)))], "strip")
    return [Paragraph(sentences(*told), "lead"), strip, Paragraph(alt, "small")]


def _papers(folder: str, run: Run) -> Words | None:
    """Documents by name; those to units, of which there is one for each, as their list."""
    names = [name for paper in run["documents"] for name in paper.get("files", {})]
    held = downloads.readers(names)
    shown = [name for reader, some in held.items() if reader != "units" for name in some]
    titles = {name: downloads.title(name, run.get("mode", "annual")) for name in shown}
    links = [words(title, link=f"{folder}/{FOLDER}/{name}") for name, title in titles.items()]
    if "units" in held:
        text = say("reports.list.to_units", count=len(held["units"]))
        links.append(words(text, link=f"{folder}/{DOCUMENTS}"))
    return words(*links, role="list") if links else None


def _late(run: Run) -> str | None:
    late = sum(1 for p in run["pages"] if p.get("outdated") or p["status"] == "missing")
    return say("reports.list.outdated", count=late) if late else None
