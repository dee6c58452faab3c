"""What stands around a page about many areas, and where it is published."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plananalysis import __version__
from plananalysis.base.publication import program
from plananalysis.base.tables import edition_folder, write_atomic
from plananalysis.base.text import LANGUAGES, language, say
from plananalysis.render import cuts
from plananalysis.reports import record

FONT_CACHE = Path("data", "processed", ".cache", "fonts")


def folder(root: Path, code: str, as_of: int) -> Path:
    """Where the page is published."""
    return root / "reports" / code / edition_folder(as_of, language())


def digest(tables: Path) -> str:
    """Ten characters that name the content of a page's tables."""
    whole = hashlib.sha256()
    for path in sorted(tables.glob("*.csv")) + sorted(tables.glob("*.json")):
        whole.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:10]


def name_of(info: Mapping[str, Any]) -> str:
    """What many areas together are called, in the language spoken."""
    return str((info.get("name_en") if language() != LANGUAGES[0] else "") or info["name"])


def frame(info: Mapping[str, Any], kind: str, tables: Path) -> dict[str, Any]:
    """As ``render.page.Frame`` takes it: title, links, foot with edition, closing date, thresholds and the page's number."""
    name = name_of(info)
    edition = f"{info['area']}-{info['as_of']}-{digest(tables)}"
    lines = [say("reports.page.edition", edition=edition, as_of=info["as_of"], known_on=info["known_on"])]
    lines += [cuts.signed(info["thresholds"]), say("reports.page.program", version=__version__)]
    return {
        "title": say(f"pages.{kind}.title", name=name, as_of=info["as_of"]),
        "kind": kind,
        "file": "index.html",
        "fictional": bool(info["fictional"]),
        "edition_line": say("reports.page.edition_line", name=name, as_of=info["as_of"]),
        "foot": lines,
        "running_foot": f"{edition} {say('pages.fictional')}" if info["fictional"] else edition,
        "links": [("../../index.html", say("reports.page.all_areas")), ("index.html", say("reports.page.overview"))],
        "language": "zh-CN" if language() == "zh" else language(),
    }


def write_record(target: Path, info: Mapping[str, Any], around: Mapping[str, Any]) -> None:
    """``run.json`` beside a page, so that the list of all reports leads to it; nothing in it depends on when it was made."""
    run = {
        "format": 2,
        "area": info["area"],
        "name": name_of(info),
        "fictional": bool(info["fictional"]),
        "outline": info.get("title", ""),
        "as_of": info["as_of"],
        "known_on": info["known_on"],
        "variant": {"language": language()},
        "edition": around["running_foot"].split()[0],
        "versions": {"plananalysis": __version__},
        "program": program(),
        "pages": [{"file": target.name, "title": around["title"], "status": "rendered", **record.described(target)}],
        "documents": [],
        "failed": [],
    }
    text = json.dumps(run, ensure_ascii=False, indent=1) + "\n"
    write_atomic(target.with_name(record.NAME), text.encode())
