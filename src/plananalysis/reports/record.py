"""``run.json``: what went into an edition, what came out, and what became of each page; and the list of all editions."""

from __future__ import annotations

import hashlib
import html
import json
import platform
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from plananalysis import __version__
from plananalysis.reports.edition import FONT_CACHE, Edition, Page
from plananalysis.tables import write_atomic
from plananalysis.text import say

NAME = "run.json"
_PROGRAMS = ("fonttools", "ipython", "nbconvert", "numpy", "pandas", "papermill", "statsmodels")


def page(edition: Edition, page: Page, answer: dict[str, Any] | None, new: Path) -> dict[str, Any]:
    """The record of one page: ``rendered``, or a ``reason`` why it was not."""
    entry: dict[str, Any] = {
        "file": page.file,
        "title": page.title,
        "notebook": page.notebook.name,
        "parameters": page.parameters,
        "status": "missing",
        "edition": edition.id,
    }
    if answer is None:
        return entry
    entry |= {"seconds": answer["seconds"], "warnings": answer["warnings"]}
    if answer["ok"]:
        return entry | {"status": "rendered"} | _file(new / page.file)
    return entry | {"error": answer["error"], "reason": reason(answer["error"])}


def reason(error: dict[str, Any]) -> str:
    """Why a page failed, in one Chinese clause."""
    name, message = error["name"], " ".join(str(error["message"]).split())[:300]
    if error["start"]:
        return say("reports.run.reason_start", message=message or name)
    if name == "TimeoutError" and message.startswith("over "):
        return say("reports.run.reason_time", seconds=message.split()[1])
    if name == "EarlyExit" and error["cell"]:
        return say("reports.run.reason_exit", cell=error["cell"])
    key = "reason_cell" if error["cell"] else "reason_other"
    return say(f"reports.run.{key}", cell=error["cell"], name=name, message=message)


def keep(edition: Edition, page: Page, entry: dict[str, Any], before: dict[str, Any], new: Path) -> None:
    """Put the last good version of a page into the draft, marked; or a page that says there is none."""
    from plananalysis.reports import render

    failed = "error" in entry
    last = next(
        (p for p in before.get("pages", []) if p["file"] == page.file and p["status"] in ("rendered", "kept")), None
    )
    old = edition.folder / page.file
    if last and old.is_file():
        outdated = failed or last["edition"] != edition.id
        message = say("reports.page.stale" if failed else "reports.page.older") if outdated else ""
        text = render.with_status(old.read_text(encoding="utf-8"), message)
        entry |= {"status": "kept", "edition": last["edition"], "outdated": outdated}
    else:
        message = say("reports.page.failed" if failed else "reports.page.not_yet")
        body = f'<h1 class="plain-title">{html.escape(page.title)}</h1><p>{html.escape(message)}</p>'
        text = render.plain_page(body, render.Frame(**edition.frame(page)), edition.root / FONT_CACHE)
    write_atomic(new / page.file, text.encode("utf-8"))
    entry |= _file(new / page.file)


def write(
    edition: Edition, pages: list[dict[str, Any]], new: Path, engine: str, started: float, took: float
) -> dict[str, Any]:
    """Write ``run.json`` into the draft. Whatever differs between two runs on the same input stands here and nowhere else."""
    states = [p["status"] for p in pages]
    run = {
        "format": 1,
        "area": edition.area,
        "name": edition.name,
        "fictional": edition.fictional,
        "outline": edition.info.get("outline") or "",
        "as_of": edition.as_of,
        "known_on": edition.info.get("known_on"),
        "edition": edition.id,
        "started": time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(started)),
        "seconds": round(took, 3),
        "engine": engine,
        "versions": {"plananalysis": __version__, "python": platform.python_version(), **_versions()},
        "counts": {state: states.count(state) for state in ("rendered", "kept", "missing")},
        "failed": [p["file"] for p in pages if "error" in p],
        "pages": pages,
        "inputs": edition.inputs,
        "outputs": {p.relative_to(new).as_posix(): _file(p)["sha256"] for p in sorted(new.rglob("*")) if p.is_file()},
    }
    write_atomic(new / NAME, (json.dumps(run, ensure_ascii=False, indent=1) + "\n").encode("utf-8"))
    return run


def read(folder: Path) -> dict[str, Any]:
    """The record of a published edition; empty when there is none that can be read."""
    try:
        return json.loads((folder / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def write_list(root: Path) -> None:
    """Write ``reports/index.html``, which leads to every published edition, newest year first."""
    from plananalysis.reports import render

    runs = [run for path in (root / "reports").glob(f"*/*/{NAME}") if (run := read(path.parent))]
    runs.sort(key=lambda run: (run["fictional"], run["area"], -run["as_of"]))
    heads = "".join(
        f'<th scope="col">{html.escape(say(f"reports.list.{c}"))}</th>'
        for c in ("area", "outline", "as_of", "edition", "pages", "note")
    )
    table = f'<table class="editions"><thead><tr>{heads}</tr></thead><tbody>{"".join(map(_row, runs))}</tbody></table>'
    heading = f'<h1 class="plain-title">{html.escape(say("reports.list.heading"))}</h1>'
    body = heading + (table if runs else f"<p>{html.escape(say('reports.list.empty'))}</p>")
    frame = render.Frame(
        title=say("reports.title.list"), kind="list", foot=[say("reports.page.program", version=__version__)]
    )
    write_atomic(root / "reports" / "index.html", render.plain_page(body, frame, root / FONT_CACHE).encode("utf-8"))


def _row(run: dict[str, Any]) -> str:
    late = sum(1 for p in run["pages"] if p.get("outdated") or p["status"] == "missing")
    notes = [say("reports.list.fictional")] * run["fictional"] + [say("reports.list.outdated", count=late)] * bool(late)
    link = f'<a href="{html.escape(run["area"])}/{run["as_of"]}/index.html">{html.escape(run["name"])}</a>'
    year, note = say("reports.list.year", as_of=run["as_of"]), say("reports.list.joint").join(notes)
    cells = [html.escape(text) for text in (run.get("outline", ""), year, run["edition"], str(len(run["pages"])), note)]
    return f'<tr><th scope="row">{link}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'


def _file(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    return {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def _versions() -> dict[str, str]:
    found = {}
    for name in _PROGRAMS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
