"""Owns ``assessments.parquet`` of a panel: the verdict on every target of every area, in chunks of areas.

A panel is an area folder with a plan, a list of areas (``areas.csv``) and their observations (``observations.parquet``). Every
area is assessed by that plan exactly as it would be from a folder of its own: the same editions before it, the same draws.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

import plananalysis
from plananalysis.base.errors import Problem
from plananalysis.base.publication import lock, program
from plananalysis.base.tables import write_atomic
from plananalysis.panels import cells, columnar, summaries
from plananalysis.panels.crews import Crew
from plananalysis.panels.shards import Shard, sliced
from plananalysis.panels.spread import Chunk, Outcome, spread
from plananalysis.plan import Plan, load_plan, load_plans
from plananalysis.plan.plans import plans_file
from plananalysis.schema import datapackage, format_version
from plananalysis.schema.writing import write

if TYPE_CHECKING:
    import pyarrow as pa

AREAS = 25  # areas of a chunk: some seconds of work
TABLE = "assessments.parquet"
TEXTS = (
    *("series", "row", "role", "domain", "position", "outlook", "evidence_grade", "schedule", "alerts"),
    *("why_no_probability", "worst_part"),
)
WHOLE = ("value_year", "n_points")
NUMBERS = (
    *("value", "previous_value", "baseline", "goal", "shortfall", "probability", "task_progress", "time_progress"),
    *("required_annual_change", "observed_annual_change", "pace_multiple", "events"),
    *("median_target_year", "low80_target_year", "high80_target_year"),
)


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
    areas = columnar.read_areas(root, panel)
    observations = root / "data" / "raw" / panel / columnar.OBSERVATIONS
    columnar.Reader(observations, root)  # refused before anybody is hired to read it
    version = _version(root, panel, plan.as_of, n_paths, observations)
    parts = root / "data" / "processed" / "panels" / ".parts" / f"{panel}-{plan.as_of}-{version}"
    _forget_others(parts, f"{panel}-{plan.as_of}-")
    task = partial(assess_chunk, root=root, panel=panel, as_of=plan.as_of, version=version, n_paths=n_paths)
    chunks = [
        Chunk(f"{some[0].name}—{some[-1].name}", some, parts / f"{some[0].code}--{some[-1].code}.parquet")
        for some in sliced(areas, size)
    ]
    mine = share.of(chunks)
    outcomes = list(spread(task, mine, crew, progress))
    unfinished = [o for o in outcomes if not o.fine]
    mine_failed = {o.chunk.target for o in unfinished}
    waiting = sum(not c.target.exists() and c.target not in mine_failed for c in chunks)
    if unfinished or waiting:
        return Nation(panel, plan.as_of, None, 0, 0, {}, unfinished, waiting)
    return _gather(root, plan, areas, [c.target for c in chunks])


def check(root: Path, plan: Plan, size: int = AREAS) -> dict[str, list[Problem]]:
    """What is wrong with a panel's observations, by area, read some areas at a time; nothing is assessed."""
    reader = columnar.Reader(root / "data" / "raw" / plan.area / columnar.OBSERVATIONS, root)
    found: dict[str, list[Problem]] = {}
    areas = columnar.read_areas(root, plan.area)
    for some in sliced(areas, size):
        found |= cells.problems(reader.rows([a.code for a in some]), reader.file, plan.series)
    return found | cells.strangers(reader.strangers([a.code for a in areas]), reader.file)


def assess_chunk(
    areas: tuple[columnar.Area, ...], target: Path, *, root: Path, panel: str, as_of: int, version: str, n_paths: int
) -> None:
    """Assess some areas and leave their verdicts at ``target``; problems of areas that were left out stand in its metadata."""
    from plananalysis.assessments import assess_areas
    from plananalysis.checks import doubts
    from plananalysis.checks.beside import load_logic
    from plananalysis.checks.quality import findings
    from plananalysis.observations import as_known, known_histories

    plans = _plans(root, panel, as_of, version)
    reader = columnar.Reader(root / "data" / "raw" / panel / columnar.OBSERVATIONS, root)
    reported = reader.rows([a.code for a in areas])
    wrong = cells.problems(reported, reader.file, plans[-1].series)
    by_area = dict(list(reported.groupby("area", sort=False)))
    sound = [area for area in areas if area.code not in wrong]
    logic = load_logic(root, panel, set(plans[-1].series.index))
    chains = []
    for area in sound:
        own = [replace(plan, area=area.code, name=area.name, name_en=area.name_en) for plan in plans]
        held = by_area.get(area.code, reported.iloc[:0])
        chain = []
        for plan, histories in zip(own, known_histories(held, own), strict=True):
            view = _as_typed(as_known(held, plan.known_on, plan.as_of), plan)
            if plan is own[-1]:
                told = findings(plan, _as_typed(held, plan), view, logic)
                doubted, asked = (doubts.years_of(told, severity) for severity in ("error", "explain"))
                chain.append((plan, doubts.marked(histories, doubted, asked)))
            else:
                chain.append((plan, doubts.marked(histories, doubts.in_error(plan, view, logic))))
        chains.append(chain)
    frames = []
    for area, (edition,) in zip(sound, assess_areas(chains, last=1, n_paths=n_paths), strict=True):
        table = edition.assessments.reset_index()
        table.insert(0, "area", area.code)
        table.insert(1, "group", area.group)
        frames.append(table)
    marks = {"failed": json.dumps({a: [vars(p) for p in wrong[a]] for a in sorted(wrong)}, ensure_ascii=False)}
    with columnar.writing(target, schema(), marks) as writer:
        if frames:
            writer.write_table(_table(pd.concat(frames, ignore_index=True)))


def _as_typed(view: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Values of a panel's file as a form would hold them, for rules that ask how exactly a number was given."""
    places = view["series"].map(plan.series["decimals"]).fillna(0).astype(int)
    texts = {"value_text": [_text(v, f".{n}f") for v, n in zip(view["value"], places, strict=True)]}
    texts |= {f"{name}_text": [_text(v, ".15g") for v in view[name]] for name in columnar.COUNTS}
    return view.assign(
        **texts, note="", submission=view["submission"].where(view["submission"] != "", columnar.OBSERVATIONS)
    )


def _text(value: float, form: str) -> str:
    return format(value, form) if math.isfinite(value) else ""


@lru_cache(maxsize=2)
def _plans(root: Path, panel: str, as_of: int, version: str) -> list[Plan]:
    """The plan as read for every year of the period; ``version`` changes when its files do, as a worker may live long."""
    return load_plans(root, panel, as_of)


def schema() -> pa.Schema:
    """Columns and types of the verdicts."""
    import pyarrow as pa

    text = pa.dictionary(pa.int32(), pa.string())
    return pa.schema(
        [
            ("area", pa.string()),
            ("group", text),
            *((name, text) for name in TEXTS),
            *((name, pa.int16()) for name in WHOLE),
            *((name, pa.float64()) for name in NUMBERS),
        ]
    )


def _table(frame: pd.DataFrame) -> pa.Table:
    import pyarrow as pa

    columns = schema()
    arrays = []
    for column in columns:
        if column.name not in frame:
            arrays.append(pa.nulls(len(frame), column.type))
        elif pa.types.is_dictionary(column.type):
            words = frame[column.name].astype(object).where(frame[column.name].notna(), "")
            arrays.append(pa.array(words.to_numpy(), pa.string()).dictionary_encode().cast(column.type))
        elif column.type == pa.string():
            arrays.append(pa.array(frame[column.name].to_numpy(), pa.string()))
        else:
            arrays.append(pa.array(frame[column.name].to_numpy("float64"), from_pandas=True).cast(column.type))
    return pa.Table.from_arrays(arrays, schema=columns)


def _gather(root: Path, plan: Plan, areas: Sequence[columnar.Area], parts: Sequence[Path]) -> Nation:
    """Put the parts together, one after the other, counting as they go by."""
    reader = columnar.Reader(root / "data" / "raw" / plan.area / columnar.OBSERVATIONS, root)
    folder = home(root, plan.area, plan.as_of)
    failed = _failures(parts)
    lost = reader.strangers([a.code for a in areas])
    strangers = cells.strangers(lost, reader.file)
    if len(failed) == len(areas) or sum(count for _, count in lost.values()) == reader.count:
        return Nation(plan.area, plan.as_of, None, 0, 0, failed, [], 0, strangers)
    counts = summaries.Counts()
    marks = {k: v for k, v in reader.marks.items() if k in ("fictional", "mark")}
    with columnar.writing(folder / TABLE, schema(), marks) as writer:
        for table in _parts(parts):
            writer.write_table(table, row_group_size=max(table.num_rows, 1))
            counts.add(table.to_pandas())
    for name, table in counts.tables(plan).items():
        write("nation", name, table, folder)
    told = {a: failed.get(a, []) + strangers.get(a, []) for a in sorted({*failed, *strangers})}
    cell = {(a, p.file, p.row, p.column): {"area": a, **vars(p)} for a, found in told.items() for p in reversed(found)}
    rows = sorted(cell.values(), key=lambda row: (row["area"], row["row"], row["column"]))
    write("nation", "failed", rows, folder)
    datapackage.describe("nation", folder, f"{plan.area}-{plan.as_of}", f"{plan.name} {plan.as_of}")
    about = {
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
        | {"signed_off": plan.thresholds.signed_off},
        "areas": len(areas),
        "failed": {a.code: a.name for a in areas if a.code in failed},
        "strangers": {code: count for code, (_, count) in lost.items()},
        "version": plananalysis.__version__,
    }
    text = json.dumps(about, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
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


def _version(root: Path, panel: str, as_of: int, n_paths: int, observations: Path) -> str:
    """Digest of everything the verdicts depend on: inputs, settings and the program itself."""
    raw = root / "data" / "raw"
    plan = [*sorted((raw / panel / "plan").glob("*.csv")), plans_file(root, panel)]
    digest = hashlib.sha256(f"{program()} {panel} {as_of} {n_paths}".encode())
    for path in [*plan, raw / panel / "area.toml", raw / panel / columnar.AREAS, raw / "thresholds.toml", observations]:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


def _forget_others(parts: Path, prefix: str) -> None:
    """Chunks of other inputs or of an older program will not be wanted again."""
    import shutil

    for folder in parts.parent.glob(f"{prefix}*"):
        if folder != parts:
            shutil.rmtree(folder, ignore_errors=True)
