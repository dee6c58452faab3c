"""Owns ``assessments.parquet`` of a panel: the verdict on every target of every area, in chunks of areas.

A panel is an area folder with a plan, a list of areas (``areas.csv``) and their observations (``observations.parquet``, a file or a
folder of files). Every area is assessed by that plan exactly as it would be from a folder of its own: the same editions before it, the same draws.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

import plananalysis
from plananalysis.base import area_changes
from plananalysis.base.area_changes import AreaChange
from plananalysis.base.errors import Problem
from plananalysis.base.pinyin import place_name
from plananalysis.base.publication import file_digest, lock, program
from plananalysis.base.tables import write_atomic
from plananalysis.editions import inputs, territory
from plananalysis.panels import columnar, refused, summaries
from plananalysis.panels.assessing import Piece, assess_chunk, schema
from plananalysis.panels.crews import Crew
from plananalysis.panels.reported import survey
from plananalysis.panels.shards import Shard, sliced
from plananalysis.panels.spread import Chunk, Outcome, spread
from plananalysis.plan import Plan, load_plan, load_plans
from plananalysis.schema import datapackage, format_version
from plananalysis.schema.writing import write

AREAS = 25  # areas of a chunk: some seconds of work
TABLE = "assessments.parquet"


@dataclass(frozen=True)
class Nation:
    """What a run of a panel left.

    Parameters
    ----------
    folder
        Where the tables are; None while shares of the work are still to be done, and when no area could be assessed: the last
        good tables stay as they were.
    areas, failed
        How many areas were assessed, and problems by area of those that could not be.
    unfinished
        Chunks that failed, as outcomes; empty when all went well.
    waiting
        Chunks that belong to other shards and are not done yet.
    strangers
        Rows that belong to no area of the list, by the code they carry.
    """

    panel: str
    as_of: int
    folder: Path | None
    areas: int
    rows: int
    failed: dict[str, list[Problem]]
    unfinished: list[Outcome]
    waiting: int = 0
    strangers: dict[str, list[Problem]] = field(default_factory=dict)

    @property
    def nothing(self) -> bool:
        """Whether all work was done and nothing sound was found."""
        return self.folder is None and not self.unfinished and not self.waiting


def home(root: Path, panel: str, as_of: int) -> Path:
    """Folder of a panel's derived tables."""
    return root / "data" / "processed" / "panels" / panel / str(as_of)


def run(
    root: Path,
    panel: str,
    crew: Crew,
    as_of: int | None = None,
    shard: Shard | None = None,
    progress: Callable[[int, int, Outcome], object] | None = None,
    n_paths: int = 1000,
    size: int = AREAS,
) -> Nation:
    """Assess every area of a panel and write its tables.

    Parameters
    ----------
    shard
        Do only this share of the chunks; the tables are written by the run that finds all chunks done.
    size
        Areas per chunk.

    Raises
    ------
    DataError
        The plan, the list of areas or the file of observations as a whole is wrong. Wrong values in it only keep their own
        area out, which is listed.
    BusyError
        Another run does the same share.
    """
    share = shard or Shard()
    with lock(root, f"{panel}.{share.number}-{share.count}"):
        return _run(root, load_plan(root, panel, as_of), crew, share, progress, n_paths, size)


def _run(
    root: Path,
    plan: Plan,
    crew: Crew,
    share: Shard,
    progress: Callable[[int, int, Outcome], object] | None,
    n_paths: int,
    size: int,
) -> Nation:
    panel = plan.area
    every, changes = columnar.read_areas(root, panel), area_changes.read_changes(root, panel)
    gone = area_changes.absent(changes, plan.as_of)
    areas = [a for a in every if a.code not in gone]
    observations = root / "data" / "raw" / panel / columnar.OBSERVATIONS
    reader = columnar.Reader(observations, root)  # refused before anybody is hired to read it
    version = _version(root, panel, plan.as_of, n_paths)
    parts = root / "data" / "processed" / "panels" / ".parts" / f"{panel}-{plan.as_of}"
    plans = load_plans(root, panel, plan.as_of)
    seen = survey(reader, every, plans, _survey_path(parts, version, every, observations), changes)
    task = partial(
        assess_chunk, root=root, panel=panel, as_of=plan.as_of, version=version, n_paths=n_paths, survey=seen.path
    )
    rests_on = {a.code: [a.code, *area_changes.predecessors(changes, a.code)] for a in areas}
    pieces = [Piece(a, _digest(version, vars(a), *(seen.digests[c] for c in rests_on[a.code]))) for a in areas]
    chunks = [_chunk(some, parts) for some in sliced(pieces, size)]
    mine = share.of(chunks)
    outcomes = list(spread(task, mine, crew, progress))
    unfinished = [o for o in outcomes if not o.fine]
    mine_failed = {o.chunk.target for o in unfinished}
    waiting = sum(not c.target.exists() and c.target not in mine_failed for c in chunks)
    if unfinished or waiting:
        return Nation(panel, plan.as_of, None, 0, 0, {}, unfinished, waiting)
    done = _gather(root, plan, areas, every, changes, [c.target for c in chunks])
    _forget_others(parts, {seen.path.stem, *(c.target.stem for c in chunks)})
    return done


def _chunk(pieces: Sequence[Piece], parts: Path) -> Chunk:
    first, last = pieces[0].area, pieces[-1].area
    name = f"{first.code}--{last.code}-{_digest(*(p.key for p in pieces))}.parquet"
    return Chunk(f"{first.name}—{last.name}", tuple(pieces), parts / name)


def check(root: Path, plan: Plan, size: int = AREAS) -> dict[str, list[Problem]]:
    """What is wrong with a panel's observations, by area, read some areas at a time; nothing is assessed."""
    reader = columnar.Reader(root / "data" / "raw" / plan.area / columnar.OBSERVATIONS, root)
    found: dict[str, list[Problem]] = {}
    areas, groups = columnar.read_areas(root, plan.area), refused.known_groups(root, plan.area)
    for some in sliced(areas, size):
        found |= refused.problems(reader.rows([a.code for a in some]), plan.series, groups)
    return found | refused.strangers(reader.strangers([a.code for a in areas]))


def _gather(
    root: Path,
    plan: Plan,
    areas: Sequence[columnar.Area],
    every: Sequence[columnar.Area],
    changes: Sequence[AreaChange],
    parts: Sequence[Path],
) -> Nation:
    """Put the parts together, one after the other, counting as they go by."""
    reader = columnar.Reader(root / "data" / "raw" / plan.area / columnar.OBSERVATIONS, root)
    folder = home(root, plan.area, plan.as_of)
    failed = _failures(parts)
    lost = reader.strangers([a.code for a in every])
    strangers = refused.strangers(lost)
    if len(failed) == len(areas) or sum(count for *_, count in lost.values()) == reader.count:
        return Nation(plan.area, plan.as_of, None, 0, 0, failed, [], 0, strangers)
    counts = summaries.Counts(plan.as_of >= plan.outline.target_year)
    marks = {k: v for k, v in reader.marks.items() if k in ("fictional", "mark")}
    with columnar.writing(folder / TABLE, schema(), marks) as writer:
        for table in _parts(parts):
            writer.write_table(table, row_group_size=max(table.num_rows, 1))
            counts.add(table.to_pandas())
    english = [[a.code, a.name, a.name_en or place_name(a.name)] for a in areas]
    about = pd.DataFrame(english, columns=["area", "name", "name_en"])
    for name, table in (counts.tables(plan) | {"areas": about.merge(counts.areas(), on="area")}).items():
        write("nation", name, table, folder)
    wrong = {a: failed.get(a, []) + strangers.get(a, []) for a in sorted({*failed, *strangers})}
    cell = {(a, p.file, p.row, p.column): {"area": a, **vars(p)} for a, found in wrong.items() for p in reversed(found)}
    rows = sorted(cell.values(), key=lambda row: (row["area"], row["row"], row["column"]))
    write("nation", "failed", rows, folder)
    datapackage.describe("nation", folder, f"{plan.area}-{plan.as_of}", f"{plan.name} {plan.as_of}")
    groups = {a.group: a.group_en for a in areas}
    named = {
        a.name: a.name_en for a in every if a.code in failed or a not in areas
    } | groups  # told without a line of their own
    told = {
        "format": format_version(),
        "area": plan.area,
        **plan.called(),
        "fictional": plan.fictional or marks.get("fictional") == "true",
        "as_of": plan.as_of,
        "known_on": plan.known_on,
        "title": plan.outline.title,
        "base_year": plan.outline.base_year,
        "target_year": plan.outline.target_year,
        "thresholds": {row["name"]: row["value"] for row in plan.thresholds.rows()}
        | {"signed_off": plan.thresholds.signed_off, "sources": dict(plan.thresholds.sources)},
        "decided": dict(plan.thresholds.decided),
        "areas": len(areas),
        "inputs": inputs.of_place(root, plan.area),
        "area_changes": territory.told(root, changes, {}, plan.as_of, {a.code: a.name for a in every}),
        "failed": {a.code: a.name for a in areas if a.code in failed},
        "english": {name: told or place_name(name) for name, told in named.items() if name},
        "spelt": sum(not a.name_en for a in areas) + sum(not told for name, told in groups.items() if name),
        "strangers": {code: count for code, (*_, count) in lost.items()},
        "version": plananalysis.__version__,
    }
    text = json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    write_atomic(folder / "panel.json", text.encode())
    return Nation(plan.area, plan.as_of, folder, len(areas) - len(failed), counts.rows, failed, [], 0, strangers)


def _failures(parts: Sequence[Path]) -> dict[str, list[Problem]]:
    """Problems of the areas that were left out, from the marks of all parts."""
    import pyarrow.parquet as pq

    failed: dict[str, list[Problem]] = {}
    for path in parts:
        told = json.loads((pq.read_schema(path).metadata or {}).get(b"failed", b"{}"))
        failed |= {area: [Problem(**p) for p in found] for area, found in told.items()}
    return failed


def _parts(parts: Sequence[Path]) -> Iterator[Any]:
    import pyarrow.parquet as pq

    for path in parts:
        table = pq.read_table(path, use_threads=False)
        yield table.replace_schema_metadata(None).cast(schema())


def _version(root: Path, panel: str, as_of: int, n_paths: int) -> str:
    """Digest of everything beside their data that verdicts depend on: the plan, the settings and the program itself."""
    raw = root / "data" / "raw"
    shared = [
        raw / panel / "area.toml",
        raw / panel / area_changes.FILE,
        *(raw / name for name in ("thresholds.toml", "plans.csv", "groups.csv")),
    ]
    files = [p for p in [*sorted((raw / panel / "plan").glob("*.csv")), *shared] if p.is_file()]
    return _digest(program(), panel, as_of, n_paths, *(f"{p.name} {file_digest(p)}" for p in files))


def _survey_path(parts: Path, version: str, areas: Sequence[columnar.Area], observations: Path) -> Path:
    files = sorted(observations.rglob("*.parquet")) if observations.is_dir() else [observations]
    whole = []
    for path in files:
        with path.open("rb") as file:  # never whole in memory
            whole.append(f"{path.relative_to(observations)} {hashlib.file_digest(file, 'sha256').hexdigest()}")
    return parts / f"reported-{_digest(version, *whole, *(a.code for a in areas))}.npz"


def _digest(*said: object) -> str:
    return hashlib.sha256("\0".join(map(str, said)).encode()).hexdigest()[:16]


def _forget_others(parts: Path, wanted: Collection[str]) -> None:
    """Pieces of other inputs or of an older program will not be wanted again."""
    for path in parts.iterdir():
        if path.stem not in wanted:
            path.unlink(missing_ok=True)
