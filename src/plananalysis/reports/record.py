"""``run.json``: what went into an edition, what came out, and what became of each page and document.

A public edition's folder is handed out as it stands, by whatever way it is copied. Checksums of what its pages are made from, and which
of them had to be made again, would tell hidden values to whoever tries the few there are. There ``run.json`` names the edition and its files;
the whole record stands with the derived tables.
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from plananalysis import __version__
from plananalysis.base.publication import file_digest, program, versions
from plananalysis.base.tables import write_atomic
from plananalysis.base.text import say
from plananalysis.reports import inputs
from plananalysis.reports.edition import Edition, Page
from plananalysis.reports.inputs import Need

NAME = "run.json"
_WHOLE = ".runs"  # of an area's derived folder: whole records of public editions
_PUBLIC = (
    *("format", "area", "name", "fictional", "outline", "as_of", "known_on"),
    *("plans", "variant", "edition", "state", "versions", "program"),
)
_STATUS = re.compile(r"<!--status-->.*?<!--/status-->", re.DOTALL)


def page_entry(edition: Edition, page: Page, need: Need) -> dict[str, Any]:
    """What is known of a page before it is rendered."""
    return {
        "file": page.file,
        "title": page.title,
        "notebook": page.notebook.name,
        "parameters": page.parameters,
        "edition": edition.id,
        "number": need.number[:10],
        **asked(need),
    }


def asked(need: Need) -> dict[str, Any]:
    """What is known of a page or document by what it needs, before anybody has made it."""
    return {"status": "missing", "why": need.why, "inputs": dict(need.inputs), "seen": dict(need.seen)}


def answered(entry: dict[str, Any], answer: Mapping[str, Any]) -> dict[str, Any]:
    """The entry with what its worker said."""
    entry = entry | {"seconds": answer["seconds"], "warnings": answer["warnings"]}
    if "tries" in answer:
        entry["tries"] = answer["tries"]
    if answer["ok"]:
        return entry | {"status": "rendered"}
    return entry | {"error": answer["error"], "reason": reason(answer["error"])}


def reason(error: Mapping[str, Any]) -> str:
    """Why a page failed, in one clause."""
    name, message = error["name"], " ".join(str(error["message"]).split())[:300]
    if error["start"]:
        return say("reports.run.reason_start", message=message or name)
    if name == "TimeoutError" and message.startswith("over "):
        return say("reports.run.reason_time", seconds=message.split()[1])
    if name == "EarlyExit" and error["cell"]:
        return say("reports.run.reason_exit", cell=error["cell"])
    key = "reason_cell" if error["cell"] else "reason_other"
    return say(f"reports.run.{key}", cell=error["cell"], name=name, message=message)


def keep_page(edition: Edition, entry: dict[str, Any], last: Mapping[str, Any] | None, new: Path) -> dict[str, Any]:
    """Put the last good version of a page into the draft, marked; the entry stays ``missing`` where there is none."""
    old = edition.folder / entry["file"]
    if not last or last["status"] not in (*inputs.GOOD, "kept") or not old.is_file():
        return entry
    failed, renewed = "error" in entry, entry["inputs"] != last.get("inputs")
    message = say("reports.page.stale") if failed else say("reports.page.older") if renewed else ""
    text = with_status(old.read_text(encoding="utf-8"), message)
    write_atomic(new / entry["file"], text.encode("utf-8"))
    as_made = {k: last[k] for k in ("edition", "number", "inputs", "seen") if k in last}
    return entry | as_made | {"status": "kept", "outdated": bool(message)} | described(new / entry["file"])


def with_status(page_html: str, message: str) -> str:
    """The page with a notice under its head; an empty message takes the notice away."""
    notice = f'<p class="status-banner" role="status">{html.escape(message)}</p>' if message else ""
    return _STATUS.sub(lambda _: f"<!--status-->{notice}<!--/status-->", page_html, count=1)


def copied(names: Sequence[str], old: Path, new: Path) -> None:
    """Take files over byte for byte, with their dates; as second names of the same files where the disk has such."""
    for name in names:
        (new / name).parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(old / name, new / name)
        except OSError:
            shutil.copy2(old / name, new / name)


def write(
    edition: Edition,
    pages: Sequence[Mapping[str, Any]],
    papers: Sequence[Mapping[str, Any]],
    new: Path,
    started: float,
    took: float,
    engine: str,
    settings: Mapping[str, Any],
    state: Mapping[str, Any],
) -> dict[str, Any]:
    """Write ``run.json`` into the draft. Whatever differs between two runs on the same input stands here and nowhere else."""
    states = [entry["status"] for entry in pages]
    run = {
        "format": 2,
        "area": edition.area,
        "name": edition.name,
        "fictional": edition.fictional,
        "outline": edition.period,
        "as_of": edition.as_of,
        "known_on": edition.info.get("known_on"),
        **({"plans": edition.plans} if edition.info.get("beside") else {}),
        "variant": edition.variant.said,
        "edition": edition.id,
        "state": dict(state),
        "started": time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(started)),
        "seconds": round(took, 3),
        "engine": engine,
        "settings": dict(settings),
        "versions": {"plananalysis": __version__, **versions()},
        "program": program(),
        "counts": {state: states.count(state) for state in ("rendered", "unchanged", "kept", "missing")},
        "failed": [e["file"] for e in pages if "error" in e] + [e["paper"] for e in papers if "error" in e],
        "warnings": [f"{e['file']}: {w}" for e in pages for w in e.get("warnings", [])],
        "pages": list(pages),
        "documents": list(papers),
        "made_from": inputs.made_from(edition),
        "inputs": inputs.files_of(edition),
        "outputs": {p.relative_to(new).as_posix(): file_digest(p) for p in sorted(new.rglob("*")) if p.is_file()},
    }
    public = edition.variant.audience == "public"
    if public:
        write_atomic(_whole(edition.folder), _as_json(run))
    write_atomic(new / NAME, _as_json(_for_all(run) if public else run))
    return run


def _for_all(run: Mapping[str, Any]) -> dict[str, Any]:
    """What anybody may know of a public edition: nothing but what its files show."""
    pages = [
        {"file": e["file"], "title": e["title"], "status": _state(e)}
        | ({"outdated": True} if e.get("outdated") else {})
        for e in run["pages"]
    ]
    documents = [{"paper": e["paper"], "status": _state(e), "files": e.get("files", {})} for e in run["documents"]]
    told = {k: run[k] for k in (*_PUBLIC, "failed", "outputs") if k in run}
    return told | {"pages": pages, "documents": documents}


def _state(entry: Mapping[str, Any]) -> str:
    return "rendered" if entry["status"] in inputs.GOOD else entry["status"]


def _whole(folder: Path) -> Path:
    """Where the whole record of a public edition stands; ``folder`` is ``reports/<area>/<form>`` of a project."""
    return folder.parents[2] / "data" / "processed" / folder.parent.name / _WHOLE / f"{folder.name}.json"


def _as_json(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def read(folder: Path) -> dict[str, Any]:
    """The record of a published edition; empty when there is none, or none that says anything.

    Of a public edition whose whole record is gone only what stands beside its pages: they are made again.

    Raises
    ------
    OSError
        There is one that the disk does not give: it must not be taken for none, and everything be made anew.
    """
    found = _read(folder / NAME)
    if (found.get("variant") or {}).get("audience") != "public":
        return found
    whole = _read(_whole(folder))
    return whole if whole.get("outputs") == found.get("outputs") else found


def _read(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return {}


def described(path: Path) -> dict[str, Any]:
    """Checksum and size of a file."""
    return {"sha256": file_digest(path), "bytes": path.stat().st_size}
