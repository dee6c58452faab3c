"""Owns ``inputs.json``: what an edition's tables were derived from, what was found, and whether all of it is still as it was.

Nothing here loads NumPy or pandas: to find that nothing has changed must cost less than to begin.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plananalysis.base import area_changes, tables
from plananalysis.base.errors import DataError, PlanAnalysisError
from plananalysis.base.publication import file_digest, program
from plananalysis.base.tables import read_json
from plananalysis.editions.variant import edition_name
from plananalysis.schema import format_version

FILE = "inputs.json"
PEERS = "peers"  # stands for all that an area's peers reported, among the names of raw files
_KEPT = ".inputs"  # of data/processed, a folder for each area: versions of raw files by digest
# of data/raw, for every area
SHARED = ("thresholds.toml", "groups.csv", "plans.csv", "classes.csv", "finished_plans.csv")


def year(root: Path, area: str, as_of: int | None) -> int:
    """The as-of year asked for, or the area's own setting."""
    if as_of is not None:
        return as_of
    return int(tables.read_settings(root / "data" / "raw" / area / "area.toml", root)["as_of"])


def periods(root: Path, area: str, as_of: int | None) -> list[str]:
    """The plan periods with an edition of a year, as :class:`plananalysis.editions.variant.Variant` names them: the first one is "".

    What is wrong with a plan is told when it is read; here it then has the one.
    """
    with suppress(PlanAnalysisError, KeyError, TypeError):
        settings = tables.read_settings(root / "data" / "raw" / area / "area.toml", root)
        wanted = settings["as_of"] if as_of is None else as_of
        if sum(one["base_year"] < wanted <= one["target_year"] for one in settings["outlines"]) > 1:
            from plananalysis.plan import load_plan  # nothing heavy where there is no choice

            return ["", *(one.outline.id for one in load_plan(root, area, as_of).beside)]
    return [""]


def period(root: Path, area: str, as_of: int | None, outline: str) -> str:
    """The plan period of this id as :func:`periods` names it.

    Raises
    ------
    UsageError
        No such period runs in the year; or the plan cannot be read.
    """
    if outline not in periods(root, area, as_of):
        from plananalysis.plan import load_plan

        load_plan(root, area, as_of, outline=outline)  # says that there is none, or it is the first
        return ""
    return outline


def folder(root: Path, area: str, as_of: int, outline: str = "") -> Path:
    """Where the tables of an edition stand; ``outline`` as in :class:`plananalysis.editions.variant.Variant`."""
    return root / "data" / "processed" / area / edition_name(as_of, outline)


def digests(root: Path, area: str) -> dict[str, str]:
    """SHA-256 of every file of ``data/raw`` that an area's tables may rest on, by path in the project."""
    raw = root / "data" / "raw"
    settings = tables.read_settings(raw / area / "area.toml", root)
    shared = [*SHARED]
    if others := [c for c in settings.get("comparators", ()) if isinstance(c, str)]:
        shared.append("places.csv")
    found = [raw / name for name in shared]
    given = {p.relative_to(root).as_posix(): file_digest(p) for p in found if p.is_file()}
    for place in (area, *others):
        given |= of_place(root, place)
    told = of_peers(root, area)
    return dict(sorted(given.items())) | ({PEERS: told} if told else {})


def of_place(root: Path, place: str) -> dict[str, str]:
    """SHA-256 of every raw file that one place's reports rest on, by path in the project: its own, and those of areas it came out of."""
    raw = root / "data" / "raw"
    changes = area_changes.read_changes(root)
    found = [raw / area_changes.FILE] if area_changes.of_area(changes, place) else []
    for one in (place, *area_changes.predecessors(changes, place)):
        found += sorted(p for p in (raw / one).rglob("*") if not p.name.startswith((".", "~$")))
    return {p.relative_to(root).as_posix(): file_digest(p) for p in found if p.is_file()}


def peers(root: Path, area: str) -> list[str]:
    """The other districts of the city an area belongs to; none where its own folder holds what the city handed it."""
    if not (root / "data" / "raw" / tables.CITY).is_file() or handed(root, area).is_file():
        return []
    known = tables.districts(root)
    return [place for place in known if place != area] if area in known else []


def of_peers(root: Path, area: str) -> str:
    """Digest of every raw file of an area's peers; the empty text where it has none."""
    whole = [f"{name} {digest}" for place in peers(root, area) for name, digest in of_place(root, place).items()]
    return hashlib.sha256("\n".join(whole).encode()).hexdigest() if whole else ""


def handed(root: Path, area: str) -> Path:
    """Where a district keeps what its city told it of its peers."""
    return root / "data" / "raw" / area / "peers.csv"


def keep(root: Path, area: str, given: dict[str, str]) -> None:
    """Keep what people will write on in next year, as it is now, so that this edition can still be bundled then.

    Observations and returns are written once and stay; plans, settings and registers grow. Each version is kept once, whichever
    editions rest on it.
    """
    home = root / "data" / "processed" / _KEPT / area
    for name, digest in given.items():
        if name == PEERS:
            continue
        data = tables.content(root / name)
        if not _written_once(name) and not (home / digest).is_file() and hashlib.sha256(data).hexdigest() == digest:
            tables.write_atomic(home / digest, data)


def kept(root: Path, area: str, name: str, digest: str) -> bytes | None:
    """A raw file as it was when its digest was recorded: from its place, else as :func:`keep` kept it; None when it is gone."""
    for path in (root / name, root / "data" / "processed" / _KEPT / area / digest):
        if path.is_file() and hashlib.sha256(data := path.read_bytes()).hexdigest() == digest:
            return data
    return None


def _written_once(name: str) -> bool:
    """Whether a file of ``data/raw`` is never written on: reported values, and returns as they came in."""
    inside = name.split("/")[3:]  # below data/raw/<area>
    return inside[:1] == ["observations"] or (inside[:1] == ["returns"] and len(inside) > 2)


def record(given: dict[str, str], new: Path, n_paths: int, summary: dict[str, Any]) -> dict[str, Any]:
    """Content of ``inputs.json`` for the tables in ``new``.

    Parameters
    ----------
    given
        From :func:`digests`, taken before anything was read: what changes meanwhile must count as changed.
    """
    return {
        "format": format_version(),
        "inputs": given,
        "program": program(),
        "n_paths": n_paths,
        "tables": _outputs(new),
        "summary": summary,
    }


def unchanged(root: Path, area: str, as_of: int | None, n_paths: int, outline: str = "") -> dict[str, Any] | None:
    """The summary of the stored edition when deriving it again would give the same bytes; None otherwise, or when in doubt."""
    try:
        home = folder(root, area, year(root, area, as_of), outline)
        held = read_json(home / FILE)
        same = (
            (held["format"], held["n_paths"], held["program"]) == (format_version(), n_paths, program())
            and held["inputs"] == digests(root, area)
            and held["tables"] == _outputs(home)
        )
        return held["summary"] if same else None
    except (DataError, OSError, ValueError, KeyError, TypeError):
        return None  # deriving it again will say what is wrong, if anything is


def unchanged_raw(root: Path, area: str, as_of: int) -> bool:
    """Whether the raw data are still what the stored edition was derived from."""
    path = folder(root, area, as_of) / FILE
    return path.is_file() and read_json(path)["inputs"] == digests(root, area)


def _outputs(home: Path) -> dict[str, str]:
    return {p.name: file_digest(p) for p in sorted(home.iterdir()) if p.is_file() and p.name != FILE}


@dataclass(frozen=True)
class BuildSummary:
    """What a build found, for the console and for ``--json``.

    ``positions`` counts the rows by whether they were reached, where the target year is observed; empty before, when ``outlooks`` tell
    what is to be expected.
    """

    area: str
    as_of: int
    known_on: str
    series: int
    observations: int
    first_year: int | None
    last_year: int | None
    newest: dict[int, int]
    outlooks: dict[str, int]
    positions: dict[str, int]
    changes: list[str]
    folder: str = ""
