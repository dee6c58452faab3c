"""Owns the table ``peers``: what the other districts of a city tell of an area's series, edition by edition.

Peers are data of the project: the districts of its ``city.toml``, as they were known when each edition closed. A district whose project
holds no others takes the table from its city's edition of it: as ``peers.csv`` in its own folder it says the same, to the bit.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from plananalysis import schema
from plananalysis.assessments import AssessedYear
from plananalysis.base.errors import DataError, PlanAnalysisError, Problem
from plananalysis.base.publication import program
from plananalysis.base.tables import read_rows, write_atomic
from plananalysis.base.text import say
from plananalysis.editions import inputs
from plananalysis.observations import load_observations
from plananalysis.observations.peers import Beside, Places, spoken
from plananalysis.plan import Plan, load_plan, load_plans

Told = tuple[np.ndarray, list[str], list[str]]  # as Places.told has it, with its areas and series


def beside(root: Path, plans: Sequence[Plan]) -> list[dict[str, Beside]]:
    """What an area's series are told of their peers, for each edition of a plan period.

    Raises
    ------
    DataError
        The area's own ``peers.csv`` is wrong.
    """
    area = plans[-1].area
    if (path := inputs.handed(root, area)).is_file():
        return _read(path, root, [plan.as_of for plan in plans])
    if not inputs.peers(root, area):
        return [{} for _ in plans]
    held, areas, series = of_city(root, plans)
    row = held[areas.index(area)]
    return [spoken(row[at], series) for at in range(len(plans))]


def prepare(root: Path, area: str, as_of: int) -> None:
    """Have what a city's districts are told made before many processes ask for it; what is wrong, each of them will say."""
    with suppress(PlanAnalysisError):
        beside(root, load_plans(root, area, as_of))


def of_city(root: Path, plans: Sequence[Plan]) -> Told:
    """What all districts of a city are told by the closing dates of ``plans``; kept for its other districts while their data stay."""
    closings = tuple((plan.known_on, plan.as_of) for plan in plans)
    area = plans[-1].area
    places = sorted([area, *inputs.peers(root, area)])
    whole = hashlib.sha256(f"{program()} {closings} {places}".encode())
    for place in places:
        whole.update("".join(f"{n}{d}" for n, d in inputs.of_place(root, place).items()).encode())
    name = hashlib.sha256(repr(closings).encode()).hexdigest()[:8]
    return _told(root, tuple(places), closings, whole.hexdigest(), f"peers-{plans[-1].as_of}-{name}.npz")


@lru_cache(maxsize=2)
def _told(root: Path, places: tuple[str, ...], closings: tuple[tuple[str, int], ...], key: str, name: str) -> Told:
    path = root / "data" / "processed" / ".cache" / name
    with suppress(OSError, ValueError, KeyError), np.load(path, allow_pickle=False) as kept:
        if str(kept["key"]) == key:
            return kept["told"], kept["areas"].tolist(), kept["series"].tolist()
    found = {}
    for place in places:
        with suppress(PlanAnalysisError):  # its own run says what is wrong with it; until then it is nobody's peer
            plan = load_plan(root, place, closings[-1][1], language="zh")
            found[place] = load_observations(root, place), plan.series, str(plan.fictional)
    series = sorted({code for _, own, _ in found.values() for code in own.index})
    gathered = Places(places, series, closings)
    for rows, own, world in found.values():
        gathered.add(rows, own, world)
    told = gathered.told()
    with suppress(OSError):
        stored = io.BytesIO()
        np.savez(stored, told=told, areas=np.array(places), series=np.array(series), key=np.array(key))
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, stored.getvalue())
    return told, list(places), series


def table(chain: Sequence[AssessedYear]) -> pd.DataFrame:
    """What each edition of a period was told, one line per series; empty where there are no peers."""
    rows = [
        [edition.plan.as_of, series, *told]
        for edition in chain
        for series, history in edition.histories.items()
        if (told := history.beside) is not None
    ]
    return pd.DataFrame(rows, columns=[*schema.table("edition", "peers").stored])


def _read(path: Path, root: Path, years: Sequence[int]) -> list[dict[str, Beside]]:
    """The table as a city handed it out."""
    columns = schema.table("edition", "peers").stored
    found: Mapping[int, dict[str, Beside]] = {year: {} for year in years}
    problems, file = [], path.relative_to(root).as_posix()
    rows = read_rows(path, root, columns[:-1], columns[-1:])
    if rows and not any(
        row["shared"] for row in rows
    ):  # as it was handed out before places were heard as far as they are alike
        raise DataError([Problem(file, 1, "shared", "", say("panels.peers.older"), say("panels.peers.renew"))])
    for row in rows:
        try:
            shared = float(row["shared"])
            told = Beside(int(row["year"]), float(row["drift"]), float(row["gap"]), int(row["peers"]), shared)
            found.get(int(row["as_of"]), {})[row["series"]] = told
        except ValueError:
            rule, advice = say("panels.peers.rule"), say("panels.peers.advice")
            problems.append(Problem(file, int(row["#"]), "", " ".join(row[c] for c in columns), rule, advice))
    if problems:
        raise DataError(problems)
    return [found[year] for year in years]
