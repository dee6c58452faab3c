"""One piece of a nation's work: the verdicts on every target of some areas, those that nothing changed for taken over."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from plananalysis.base.area_changes import read_changes
from plananalysis.base.errors import Problem
from plananalysis.panels import carried, columnar, refused, reported
from plananalysis.plan import Plan, load_plans

if TYPE_CHECKING:
    import pyarrow as pa

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
class Piece:
    """One area's share of the work; ``key`` names everything its verdicts depend on."""

    area: columnar.Area
    key: str


def assess_chunk(
    pieces: tuple[Piece, ...],
    target: Path,
    *,
    root: Path,
    panel: str,
    as_of: int,
    version: str,
    n_paths: int,
    survey: Path,
) -> None:
    """Assess some areas and leave their verdicts at ``target``; problems of areas that were left out stand in its metadata.

    Verdicts of areas whose key stands in an earlier file of the same areas are taken from there.
    """
    import pyarrow as pa

    kept, before = _before(target, {p.area.code: p.key for p in pieces})
    verdicts, wrong = _assessed(
        [p.area for p in pieces if p.area.code not in kept], root, panel, as_of, version, n_paths, survey
    )
    told = {a: [vars(p) for p in wrong[a]] for a in sorted(wrong)}
    keys = {p.area.code: p.key for p in pieces if p.area.code not in wrong}
    marks = {name: json.dumps(held, ensure_ascii=False) for name, held in (("failed", told), ("keys", keys))}
    table = (
        pa.concat_tables([*before, *verdicts], promote_options="none").sort_by("area") if before or verdicts else None
    )
    with columnar.writing(target, schema(), marks) as writer:
        if table is not None:
            writer.write_table(_encoded(table))


def _before(target: Path, keys: Mapping[str, str]) -> tuple[set[str], list[pa.Table]]:
    """Areas whose verdicts an earlier run left in a file of the same areas, and those verdicts."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    best: tuple[set[str], Path | None] = set(), None
    for path in sorted(target.parent.glob(f"{target.stem.rpartition('-')[0]}-*.parquet")):
        with suppress(OSError, ValueError):  # damaged, or taken away by a run that needs it no more
            held = json.loads((pq.read_schema(path).metadata or {}).get(b"keys", b"{}"))
            same = {area for area, key in keys.items() if held.get(area) == key}
            best = max(best, (same, path), key=lambda found: len(found[0]))
    same, file = best
    if file is None or not same:
        return set(), []
    table = pq.read_table(file, use_threads=False).replace_schema_metadata(None).cast(_plain())
    return same, [table.filter(pc.is_in(table["area"], pa.array(sorted(same))))]


def _assessed(
    areas: Sequence[columnar.Area], root: Path, panel: str, as_of: int, version: str, n_paths: int, survey: Path
) -> tuple[list[pa.Table], dict[str, list[Problem]]]:
    """Verdicts of areas, and the problems of those whose data have errors."""
    from plananalysis.assessments import assess_areas
    from plananalysis.checks.beside import load_logic
    from plananalysis.checks.doubts import marked
    from plananalysis.observations import known_histories, with_peers
    from plananalysis.panels.doubted import doubted

    plans = _plans(root, panel, as_of, version)
    reader = columnar.Reader(root / "data" / "raw" / panel / columnar.OBSERVATIONS, root)
    codes, changes = [a.code for a in areas], read_changes(root, panel)
    rows = reader.rows([*codes, *carried.needed(changes, codes)])
    wrong = refused.problems(rows, plans[-1].series, refused.known_groups(root, panel))
    by_area = dict(list(rows.groupby("area", sort=False)))
    held_of: dict[str, pd.DataFrame] = {}
    for code in codes:
        before = [p for place in carried.needed(changes, [code]) for p in wrong.get(place, [])]
        if not (problems := [*wrong.get(code, []), *before]):
            held_of[code], problems = carried.carried_on(by_area, code, changes, plans[-1].series, rows.iloc[:0])
        if problems:
            wrong[code] = problems
    wrong = {code: wrong[code] for code in codes if code in wrong}
    able = [area for area in areas if area.code not in wrong]
    logic = load_logic(root, panel, set(plans[-1].series.index))
    reports = pd.concat([held_of[area.code] for area in able]) if able else rows.iloc[:0]
    found = doubted(plans, reports, logic)
    chains = []
    for area in able:
        own = [replace(plan, area=area.code, name=area.name, name_en=area.name_en) for plan in plans]
        known = known_histories(held_of[area.code], own)
        if area.code in found:
            known = [marked(held, *years) for held, years in zip(known, found[area.code], strict=True)]
        told = reported.told(survey, area.code)
        chains.append([(plan, with_peers(h, t)) for plan, h, t in zip(own, known, told, strict=True)])
    frames = []
    for area, (edition,) in zip(able, assess_areas(chains, last=1, n_paths=n_paths), strict=True):
        table = edition.assessments.reset_index()
        table.insert(0, "area", area.code)
        table.insert(1, "group", area.group)
        frames.append(table)
    return [_table(pd.concat(frames, ignore_index=True))] if frames else [], wrong


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


def _plain() -> pa.Schema:
    """The same without dictionaries, so that tables can be put together."""
    import pyarrow as pa

    plain = [(c.name, pa.string() if pa.types.is_dictionary(c.type) else c.type) for c in schema()]
    return pa.schema(plain)


def _encoded(table: pa.Table) -> pa.Table:
    """With the dictionaries of the schema, each in the order in which its words come."""
    import pyarrow as pa

    whole = table.combine_chunks()
    cells = [
        (column.dictionary_encode() if pa.types.is_dictionary(kind.type) else column).cast(kind.type)
        for column, kind in zip(whole.columns, schema(), strict=True)
    ]
    return pa.Table.from_arrays(cells, schema=schema())


def _table(frame: pd.DataFrame) -> pa.Table:
    import pyarrow as pa

    columns = _plain()
    arrays = []
    for column in columns:
        if column.name not in frame:
            arrays.append(pa.nulls(len(frame), column.type))
        elif column.type == pa.string():
            words = frame[column.name].astype(object).where(frame[column.name].notna(), "")
            arrays.append(pa.array(words.to_numpy(), pa.string()))
        else:
            arrays.append(pa.array(frame[column.name].to_numpy("float64"), from_pandas=True).cast(column.type))
    return pa.Table.from_arrays(arrays, schema=columns)
