"""What stands around a page about many areas, and where it is published."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from plananalysis import __version__
from plananalysis.base.publication import program
from plananalysis.base.tables import write_atomic
from plananalysis.base.text import LANGUAGES, language, say
from plananalysis.editions.variant import Variant
from plananalysis.render import cuts
from plananalysis.reports import record
from plananalysis.reports.papers import FOLDER

INDEX = "index.html"


def folder(root: Path, code: str, as_of: int, audience: str = "internal") -> Path:
    """Where the page is published."""
    return root / "reports" / code / f"{as_of}{Variant(audience=audience, language=language()).suffix}"


def digest(tables: Path) -> str:
    """Ten characters that name the content of a page's tables."""
    whole = hashlib.sha256()
    for path in sorted(tables.glob("*.csv")) + sorted(tables.glob("*.json")):
        whole.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:10]


def name_of(info: Mapping[str, Any]) -> str:
    """What many areas together are called, in the language spoken."""
    return str((info.get("name_en") if language() != LANGUAGES[0] else "") or info["name"])


Links = Sequence[tuple[Any, str]]


def frame(
    info: Mapping[str, Any], kind: str, tables: Path, file: str = INDEX, title: str = "", links: Links = ()
) -> dict[str, Any]:
    """As ``render.page.Frame`` takes it: title, links, foot with edition, closing date, thresholds and the page's number.

    ``links`` lead to the other pages of the same overview; ``title`` is that of the first one where none is given.
    """
    name = name_of(info)
    edition = f"{info['area']}-{info['as_of']}-{digest(tables)}"
    lines = [say("reports.page.edition", edition=edition, as_of=info["as_of"], known_on=info["known_on"])]
    lines += [cuts.signed(info["thresholds"]), say("reports.page.program", version=__version__)]
    return {
        "title": title or say(f"pages.{kind}.title", name=name, as_of=info["as_of"]),
        "kind": kind,
        "file": file,
        "fictional": bool(info["fictional"]),
        "edition_line": say("reports.page.edition_line", name=name, as_of=info["as_of"]),
        "foot": lines,
        "running_foot": f"{edition} {say('pages.fictional')}" if info["fictional"] else edition,
        "links": [("../../index.html", say("reports.page.all_areas")), (INDEX, say("reports.page.overview")), *links],
    }


def write_papers(folder: Path, papers: Mapping[str, Callable[[], bytes]]) -> list[str]:
    """Write what is handed out beside the pages; the names of the files."""
    for name, made in papers.items():
        write_atomic(folder / FOLDER / name, made())
    return list(papers)


def write_record(
    folder: Path,
    info: Mapping[str, Any],
    frames: Sequence[Mapping[str, Any]],
    papers: Sequence[str],
    notebooks: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
) -> None:
    """``run.json`` beside the pages, so that the list of all reports leads to them; nothing in it depends on when they were made.

    ``notebooks`` holds, by page, which notebook made it with which ``parameters``.
    """
    pages = [one for one in frames if (folder / one["file"]).is_file()]
    run = {
        "format": 2,
        "area": info["area"],
        "name": name_of(info),
        "fictional": bool(info["fictional"]),
        "outline": info.get("title", ""),
        "as_of": info["as_of"],
        "known_on": info["known_on"],
        "variant": ({"audience": info["audience"]} if "audience" in info else {}) | {"language": language()},
        "edition": frames[0]["running_foot"].split()[0],
        "versions": {"plananalysis": __version__},
        "program": program(),
        "pages": [
            {"file": p["file"], "title": p["title"], "status": "rendered"}
            | record.described(folder / p["file"])
            | dict(notebooks.get(p["file"], {}))
            for p in pages
        ],
        "documents": [
            {"paper": name, "status": "rendered", "files": {name: record.described(folder / FOLDER / name)}}
            for name in papers
        ],
        "failed": [],
        "outputs": {
            name: record.described(folder / name)["sha256"]
            for name in (*(p["file"] for p in pages), *(f"{FOLDER}/{paper}" for paper in papers))
        },
    }
    text = json.dumps(run, ensure_ascii=False, indent=1) + "\n"
    write_atomic(folder / record.NAME, text.encode())
