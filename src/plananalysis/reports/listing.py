"""Which editions are published, and the page that leads to the newest ones of an area."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from plananalysis import __version__
from plananalysis.base.tables import write_atomic
from plananalysis.base.text import LANGUAGES, say, speaking
from plananalysis.reports import record
from plananalysis.reports.pool import Job, job_for

LATEST = "latest"
_FILES = {"zh": "index.html", "en": "index.en.html"}


def runs(root: Path, area: str = "*") -> list[tuple[str, dict[str, Any]]]:
    """Folder below ``reports`` and record of every published edition: real areas first, the newest year first, the usual form first."""
    found = [
        (f"{path.parent.parent.name}/{path.parent.name}", run)
        for path in (root / "reports").glob(f"{area}/*/{record.NAME}")
        if (run := record.read(path.parent)) and not path.parent.name.startswith(".")
    ]
    return sorted(found, key=lambda f: (f[1]["fictional"], f[1]["area"], -f[1]["as_of"], len(f[0]), f[0]))


def form(run: Mapping[str, Any]) -> str:
    """In words: of which plans where an area has several periods, what kind of evaluation, for whom, in which language."""
    variant = run.get("variant") or {}
    said = [say(f"reports.form.{value}") for name, value in variant.items() if name != "outline"]
    return say("reports.list.joint").join([run["plans"], *said] if run.get("plans") else said)


def called(run: Mapping[str, Any]) -> str:
    """Year and form of an edition, as lists of editions say them."""
    return " ".join(filter(None, [say("reports.list.year", as_of=run["as_of"]), form(run)]))


def latest_body(found: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    """Content of ``reports/<area>/latest/index.html``: the newest year's editions, the usual form first.

    A link to click, since a page that leads on by itself needs a script or a refresh, which the policy of our pages forbids,
    and a symbolic link does not survive a Windows share or a memory stick.
    """
    newest = [(folder, run) for folder, run in found if run["as_of"] == found[0][1]["as_of"]]
    heading = f'<h1 class="plain-title">{_text("reports.list.latest", name=found[0][1]["name"])}</h1>'
    year = say("reports.list.year", as_of=newest[0][1]["as_of"])
    items = "".join(
        f'<li><a href="../{html.escape(folder.partition("/")[2])}/index.html">{html.escape(year)} {html.escape(form(run))}</a></li>'
        for folder, run in newest
    )
    return f"{heading}<ul>{items}</ul>"


def latest_record(found: Sequence[tuple[str, Mapping[str, Any]]]) -> bytes:
    """The same for programs."""
    folder, run = found[0]
    content = {
        "area": run["area"],
        "edition": run["edition"],
        "as_of": run["as_of"],
        "folder": folder.partition("/")[2],
    }
    return (json.dumps(content | {"index": f"{content['folder']}/index.html"}, ensure_ascii=False) + "\n").encode()


def foot() -> list[str]:
    return [say("reports.page.program", version=__version__)]


def write_latest_record(root: Path, area: str) -> None:
    found = runs(root, area)
    if found:
        write_atomic(root / "reports" / area / f"{LATEST}.json", latest_record(found))


def _text(key: str, **values: Any) -> str:
    return html.escape(say(key, **values))


def jobs(root: Path, areas: Iterable[str] = ()) -> list[Job]:
    """Jobs for workers that renew the pages that lead to editions: in Chinese, in English where anything is, and those of some areas.

    Parameters
    ----------
    areas
        Areas whose page of newest editions is renewed too.
    """
    spoken = {(run.get("variant") or {}).get("language") for _, run in runs(root)}
    made = []
    for speech in LANGUAGES:
        if speech == LANGUAGES[0] or speech in spoken:
            with speaking(speech):
                made.append(_job("home", root, Path("reports", _FILES[speech])))
    with speaking(LANGUAGES[0]):
        for area in areas:
            write_latest_record(root, area)
            target = Path("reports", area, LATEST, "index.html")
            made.append(_job("plain", root, target, body=latest_body(runs(root, area))))
    return made


def _job(kind: str, root: Path, target: Path, **more: Any) -> Job:
    frame = {"title": say("reports.title.list"), "kind": "list", "foot": foot()}
    return job_for(root, kind, target.as_posix(), root / target, frame=frame, **more)
