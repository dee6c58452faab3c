"""What stands around a page about many areas, and where it is published."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plananalysis import __version__
from plananalysis.tables import edition_folder
from plananalysis.text import language, say

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


def frame(info: Mapping[str, Any], kind: str, tables: Path) -> dict[str, Any]:
    """As ``reports.render.Frame`` takes it: title, links, foot with edition, closing date, thresholds and the page's number."""
    edition = f"{info['area']}-{info['as_of']}-{digest(tables)}"
    lines = [say("reports.page.edition", edition=edition, as_of=info["as_of"], known_on=info["known_on"])]
    thresholds = info["thresholds"]
    shares = {key: f"{value:.0%}" for key, value in thresholds.items() if isinstance(value, float)}
    when = thresholds.get("signed_off", "")
    signed = say("reports.page.signed_off", when=when) if when else say("reports.page.not_signed_off")
    shares |= {"clear_by": f"{thresholds['clear_by'] * 100:.0f}", "signed_off": signed}
    lines += [say("reports.page.thresholds", **shares), say("reports.page.program", version=__version__)]
    return {
        "title": say(f"pages.{kind}.title", name=info["name"], as_of=info["as_of"]),
        "kind": kind,
        "file": "index.html",
        "fictional": bool(info["fictional"]),
        "edition_line": say("reports.page.edition_line", name=info["name"], as_of=info["as_of"]),
        "foot": lines,
        "running_foot": f"{edition} {say('reports.page.watermark')}" if info["fictional"] else edition,
        "links": [("../../index.html", say("reports.page.all_areas")), ("index.html", say("reports.page.overview"))],
        "language": "zh-CN" if language() == "zh" else language(),
    }
