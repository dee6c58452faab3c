"""Owns ``changes`` and ``edition.json``: builds everything derived for one area and one as-of year, and says what changed since the year before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

import plananalysis
from plananalysis import backtests, comparators, gaps, intake, quality
from plananalysis.actions import load_actions
from plananalysis.assessments import Edition, assess
from plananalysis.assessments.sentences import chance
from plananalysis.explanations import analogue_table, explain_edition, explanation_table
from plananalysis.observations import History, as_known, histories, load_observations, observations_table
from plananalysis.plan import Plan, load_plan
from plananalysis.projections import Projection, track
from plananalysis.publication import draft, publish
from plananalysis.retrospective import look_back, said_before
from plananalysis.tables import write_atomic, write_table
from plananalysis.text import say

LEVELS = {"q025": 0.025, "q10": 0.1, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q90": 0.9, "q975": 0.975}


@dataclass(frozen=True)
class BuildSummary:
    """What a build found, for the console and for ``--json``."""

    area: str
    as_of: int
    known_on: str
    series: int
    observations: int
    first_year: int | None
    last_year: int | None
    newest: dict[int, int]
    outlooks: dict[str, int]
    changes: list[str]
    warnings: list[str] = field(default_factory=list)
    folder: str = ""


def editions(root: Path, area: str, as_of: int | None = None, n_paths: int = 1000) -> list[Edition]:
    """The editions of a plan period from its first year to ``as_of``, each assessed on what was known then.

    The last one is the edition asked for; the earlier ones give it a memory.
    """
    return _chain(root, load_plan(root, area, as_of), load_observations(root, area), n_paths)


def _chain(root: Path, latest: Plan, reported: pd.DataFrame, n_paths: int) -> list[Edition]:
    chain: list[Edition] = []
    for year in range(latest.outline.base_year + 1, latest.as_of + 1):
        plan = latest if year == latest.as_of else load_plan(root, latest.area, year)
        known = histories(as_known(reported, plan.known_on, plan.as_of), plan.leaves())
        chain.append(assess(plan, known, chain[-1] if chain else None, n_paths))
    return chain


def build(root: Path, area: str, as_of: int | None = None, n_paths: int = 1000) -> BuildSummary:
    """Derive every table of one edition into ``data/processed/<area>/<as_of>/``, replacing the folder as a whole.

    Raises
    ------
    DataError
        The plan or the observations break a rule; every broken rule is listed and nothing is written.
    """
    plan, reported = load_plan(root, area, as_of), load_observations(root, area)
    chain = _chain(root, plan, reported, n_paths)
    edition = chain[-1]
    view = as_known(reported, plan.known_on, plan.as_of)
    changes = changed(chain[-2], edition) if len(chain) > 1 else _no_changes()
    explanations = explain_edition(edition)
    issues = quality.check(plan, reported, view, quality.load_logic(root, area, set(plan.series.index)))
    tables = {
        "plan": plan.to_table(),
        "observations": observations_table(view),
        "quality": issues,
        "completeness": quality.completeness(plan, view, issues),
        "projections": quantile_table(edition.projections),
        "backtests": backtests.score(edition.histories, plan.thresholds.min_points),
        "assessments": edition.assessments.reset_index(),
        "explanations": explanation_table(explanations),
        "analogues": analogue_table(explanations),
        "reliability": track.reliability().round(4),
        "track_record": track.track_record(),
        "retrospective": look_back(root, plan, reported),
        "changes": changes,
        "earlier": said_before(chain[:-1]),
        "actions": load_actions(root, plan),
        "comparators": comparators.load_comparators(root, plan, view),
        **gaps.tables(plan, view, n_paths),
        **_round(root, area, plan.as_of),
    }
    folder = root / "data" / "processed" / area / str(plan.as_of)
    _replace_folder(folder, tables, _describe(root, plan, edition))
    counts = edition.assessments[edition.assessments["role"] != "part"]["outlook"].value_counts()
    years = view["year"]
    return BuildSummary(
        area=area,
        as_of=plan.as_of,
        known_on=plan.known_on,
        series=len(plan.leaves()),
        observations=len(view),
        first_year=int(years.min()) if len(years) else None,
        last_year=int(years.max()) if len(years) else None,
        newest={
            int(y): int(n)
            for y, n in view.groupby("series")["year"].max().value_counts().sort_index(ascending=False).items()
        },
        outlooks={str(k): int(v) for k, v in counts.items()},
        changes=changes["sentence"].tolist(),
        folder=folder.relative_to(root).as_posix(),
    )


def _round(root: Path, area: str, year: int) -> dict[str, pd.DataFrame]:
    """Who answered in the year's round, and every question that is open or was waived; empty where no forms are used."""
    used = intake.received_any(root, area)
    checker = intake.Checker.load(root, area) if used else None
    return {
        "accountability": pd.DataFrame(
            intake.accountability(root, area, year, checker) if used else [], columns=intake.COLUMNS
        ),
        "return_questions": pd.DataFrame(
            intake.questions_of(root, area, year, checker) if used else [], columns=intake.QUESTION_COLUMNS
        ),
    }


def changed(before: Edition, now: Edition) -> pd.DataFrame:
    """Rows whose outlook differs from the edition before, each with its cause.

    Causes are tried in this order: the reading of the target changed; a value known then was revised; new values came in.
    """
    rows = []
    both = now.assessments.index.intersection(before.assessments.index, sort=False)
    for series in both:
        old, new = before.assessments.loc[series], now.assessments.loc[series]
        if old["outlook"] == new["outlook"] or new["role"] == "part":
            continue
        cause = _cause(before, now, series)
        sentence = say(
            "change.sentence",
            row=series,
            name=new["name"],
            before=say(f"outlook.{old['outlook']}"),
            after=say(f"outlook.{new['outlook']}"),
            p_before=chance(old["probability"]),
            p_after=chance(new["probability"]),
            cause=say(f"cause.{cause}"),
        )
        rows.append([series, old["outlook"], new["outlook"], old["probability"], new["probability"], cause, sentence])
    return pd.DataFrame(rows, columns=_CHANGE_COLUMNS)


def quantile_table(projections: Mapping[str, Projection]) -> pd.DataFrame:
    """Quantiles of every projection, one row per series and year, in the series' unit."""
    blocks = []
    for series in sorted(projections):
        projection = projections[series]
        if projection.reason is None and len(projection.years):
            values = projection.quantiles(list(LEVELS.values()))
            blocks.append(
                pd.DataFrame(
                    {"series": series, "year": projection.years, **dict(zip(LEVELS, np.round(values, 6), strict=True))}
                )
            )
    columns = ["series", "year", *LEVELS]
    return pd.concat(blocks, ignore_index=True) if blocks else pd.DataFrame(columns=columns)


_CHANGE_COLUMNS = ["series", "from_outlook", "to_outlook", "from_probability", "to_probability", "cause", "sentence"]


def _no_changes() -> pd.DataFrame:
    return pd.DataFrame(columns=_CHANGE_COLUMNS)


def _cause(before: Edition, now: Edition, series: str) -> str:
    leaves = [series, *now.plan.series.index[(now.plan.series["row"] == series) & (now.plan.series["role"] == "part")]]
    if any(s in before.plan.targets.index and before.plan.reading(s) != now.plan.reading(s) for s in leaves):
        return "reading_changed"
    pairs = [(before.histories.get(s), now.histories.get(s)) for s in leaves]
    if any(_revised(old, new) for old, new in pairs):
        return "revised_data"
    if any(_length(new) != _length(old) for old, new in pairs):
        return "new_data"
    return "method"


def _length(history: History | None) -> int:
    return 0 if history is None else len(history.years)


def _revised(old: History | None, new: History | None) -> bool:
    if old is None or new is None:
        return False
    shared, at_old, at_new = np.intersect1d(old.years, new.years, return_indices=True)
    return len(shared) < len(old.years) or not np.array_equal(old.values[at_old], new.values[at_new])


def _describe(root: Path, plan: Plan, edition: Edition) -> dict[str, object]:
    """What a reader needs to know where the edition comes from; nothing in it depends on when or where it was built."""
    raw = root / "data" / "raw"
    inputs = sorted([*(raw / plan.area).rglob("*"), raw / "thresholds.toml", *comparators.files(root, plan)])
    engines = sorted({p.engine for p in edition.projections.values()})
    return {
        "area": plan.area,
        "name": plan.name,
        "name_en": plan.name_en,
        "fictional": plan.fictional,
        "as_of": plan.as_of,
        "known_on": plan.known_on,
        "next_due": intake.due_date(root, plan.area, plan.as_of + 1),
        "outline": plan.outline.id,
        "title": plan.outline.title,
        "base_year": plan.outline.base_year,
        "target_year": plan.outline.target_year,
        "thresholds": {row["name"]: row["value"] for row in plan.thresholds.rows()}
        | {"signed_off": plan.thresholds.signed_off},
        "engine": engines[0] if engines else "",
        "version": plananalysis.__version__,
        "inputs": {
            p.relative_to(root).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in inputs if p.is_file()
        },
    }


def _replace_folder(folder: Path, tables: Mapping[str, pd.DataFrame], description: Mapping[str, object]) -> None:
    """Write all tables out of sight and publish them in one step."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with draft(folder) as new:
        for name, table in tables.items():
            write_table(table, new / f"{name}.csv")
        text = json.dumps(description, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        write_atomic(new / "edition.json", text.encode())
        publish(new, folder)
