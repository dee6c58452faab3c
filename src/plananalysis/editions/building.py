"""Derives the tables of one edition and owns ``edition.json``: what a reader must know of where they come from."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd

import plananalysis
from plananalysis import round as intake
from plananalysis import schema
from plananalysis.assessments import AssessedYear, assess_areas, backtests, comparators, gaps
from plananalysis.assessments.actions import load_actions
from plananalysis.assessments.comparator_outlooks import comparator_outlooks
from plananalysis.assessments.explanations import analogue_table, explain_edition, explanation_table
from plananalysis.assessments.finished import load_finished
from plananalysis.assessments.retrospective import look_back, said_before
from plananalysis.assessments.years import Kept
from plananalysis.base import area_changes
from plananalysis.base.publication import draft, publish
from plananalysis.base.tables import write_atomic
from plananalysis.checks import doubts, quality
from plananalysis.checks.beside import load_logic
from plananalysis.checks.findings import Finding, to_table
from plananalysis.editions import inputs, peers, territory
from plananalysis.editions.apart import apart
from plananalysis.editions.changes import changed, sentence
from plananalysis.editions.inputs import BuildSummary
from plananalysis.editions.memo import Memo, memo_path
from plananalysis.observations import as_known, known_histories, load_observations, observations_table, with_peers
from plananalysis.plan import Plan, load_plans
from plananalysis.plan.classes import load_classes
from plananalysis.projections import Projection, track
from plananalysis.render.cuts import CUTS
from plananalysis.returns import counted, register
from plananalysis.schema import datapackage, format_version
from plananalysis.schema.rows import Record
from plananalysis.schema.writing import Rows, write

LEVELS = {"q025": 0.025, "q10": 0.1, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q90": 0.9, "q975": 0.975}


def editions(
    root: Path, area: str, as_of: int | None = None, n_paths: int = 1000, outline: str = ""
) -> list[AssessedYear]:
    """The editions of a plan period from its first year to ``as_of``, each assessed on what was known then.

    The last one is the edition asked for; the earlier ones give it a memory.
    """
    plans, reported = load_plans(root, area, as_of, outline=outline), load_observations(root, area)
    view = as_known(reported, plans[-1].known_on, plans[-1].as_of)
    found = quality.findings_of_area(root, plans[-1], reported, view)
    return _chain(root, plans, reported, found, n_paths)


def _chain(
    root: Path,
    plans: Sequence[Plan],
    reported: pd.DataFrame,
    found: Sequence[Finding],
    n_paths: int,
    kept: Kept | None = None,
) -> list[AssessedYear]:
    """Editions of a period; ``found`` is what is questionable about the newest one's values."""
    newest, known = plans[-1], []
    logic = load_logic(root, newest.area, set(newest.series.index))
    own, told = [plan.narrowed() for plan in plans], peers.beside(root, plans)
    for plan, judged, held, others in zip(plans, own, known_histories(reported, own), told, strict=True):
        view = as_known(reported, plan.known_on, plan.as_of)
        if plan is newest:
            waiting = counted.waiting(root, plan.area, plan.known_on)
            doubted, asked = (doubts.years_of(found, severity) for severity in ("error", "explain"))
            sound = doubts.marked(held, doubted, asked, waiting, doubts.provisional(view))
        else:
            waived = counted.waived(root, plan.area, plan.known_on)
            wrong = doubts.in_error(plan, view, logic, waived)
            sound = doubts.marked(held, wrong, used=doubts.provisional(view))
        known.append((judged, with_peers(sound, others)))
    return assess_areas([known], last=len(plans), words=True, n_paths=n_paths, kept=kept)[0]


def derive(
    root: Path, area: str, as_of: int | None, n_paths: int, side_by_side: bool = False, outline: str = ""
) -> BuildSummary:
    """Derive every table of one edition, replacing its folder as a whole; see :func:`editions.build`."""
    given = inputs.digests(root, area)
    plans, reported = load_plans(root, area, as_of, outline=outline), load_observations(root, area)
    whole, plan = plans[-1], plans[-1].narrowed()
    view = as_known(reported, plan.known_on, plan.as_of)
    folder = inputs.folder(root, area, plan.as_of, outline)
    folder.parent.mkdir(parents=True, exist_ok=True)
    memo = Memo(memo_path(root, area, folder.name))
    asked = quality.findings_of_area(root, whole, reported, view)
    with draft(folder) as new:
        # asked is of every value of the area, for its periods share some; told is of what this one is about
        found = [f for f in asked if f.cell.series in plan.series.index]
        told = view[view["series"].isin(plan.series.index)]
        with apart(lambda: _write_tables(_reported(root, whole, told, found, n_paths), new), side_by_side):
            chain = _chain(root, plans, reported, asked, n_paths, memo.each)
            moved = area in area_changes.other_place(area_changes.read_changes(root), plan.as_of)
            changes = changed(chain[-2] if len(chain) > 1 else None, chain[-1], moved)
            _write_tables(_judged(root, whole, chain, reported, view, changes, memo.each), new)
        summary = _summary(plan, told, chain[-1], changes, folder.relative_to(root).as_posix())
        _write(new / "edition.json", _describe(root, whole, plans[0].as_of, chain[-1], told), in_order=True)
        datapackage.describe("edition", new, f"{area}-{folder.name}", f"{plan.outline.title} {plan.as_of}")
        _write(new / inputs.FILE, inputs.record(given, new, n_paths, asdict(summary)))
        inputs.keep(root, area, given)
        publish(new, folder)
    memo.save()
    return summary


def _judged(
    root: Path,
    whole: Plan,
    chain: Sequence[AssessedYear],
    reported: pd.DataFrame,
    view: pd.DataFrame,
    changes: pd.DataFrame,
    kept: Kept,
) -> dict[str, pd.DataFrame]:
    """What projections and verdicts say; ``whole`` is the newest plan with what stands beside its period, ``kept`` as in :class:`Memo`."""
    edition = chain[-1]
    plan = edition.plan
    compared = comparators.load_comparators(root, plan, view)
    explanations = explain_edition(edition, kept)
    return {
        "plan": plan.to_table(),
        "projections": quantile_table(edition.projections),
        "backtests": backtests.score(edition.histories, plan.thresholds.min_points, kept, plan.world),
        "assessments": edition.assessments.reset_index(),
        "explanations": explanation_table(explanations),
        "analogues": analogue_table(explanations),
        "reliability": track.reliability("source").round(4),
        "track_record": track.track_record(),
        "retrospective": look_back(root, plan, reported),
        "changes": changes,
        "earlier": said_before(chain[:-1]),
        "actions": load_actions(root, whole, plan.series.index),
        "peers": peers.table(chain),
        "finished": load_finished(root, set(plan.series["plan"])),
        "comparators": compared,
        "comparator_outlooks": comparator_outlooks(plan, edition.histories, compared, kept),
    }


def _reported(root: Path, whole: Plan, view: pd.DataFrame, found: Sequence[Finding], n_paths: int) -> dict[str, Rows]:
    """What the reported values say by themselves; ``whole`` as in :func:`_judged`, ``found`` as in :func:`_chain`."""
    plan = whole.narrowed()
    issues = to_table(found, plan.leaves().index)
    waiting = counted.waiting(root, plan.area, plan.known_on)
    return {
        "definitions": plan.definitions.sort_values(["series", "definition"]),
        "observations": observations_table(view).assign(question=_questions(view, found)),
        "quality": issues,
        "completeness": quality.completeness(plan, view, issues, waiting),
        **gaps.tables(plan, view, n_paths),
        **_round(root, plan, whole.series.index.difference(plan.series.index)),
    }


def _questions(view: pd.DataFrame, found: Sequence[Finding]) -> list[str]:
    """For each value in use: that it is in ``error``, used with open questions (``provisional``), to ``explain``, or nothing."""
    graver: dict[tuple[object, ...], str] = {}
    for finding in found:
        if finding.severity != "hint" and finding.cell.submission:
            place = (*finding.key, finding.cell.submission, finding.cell.file_row)
            graver[place] = min(graver.get(place, finding.severity), finding.severity)  # error before explain
    places = zip(*(view[c].tolist() for c in ("series", "group", "year", "submission", "file_row")), strict=True)
    used = [use if use == register.PROVISIONAL else "" for use in view[counted.USE]]
    told = [graver.get(place, "") for place in places]
    return [asked if asked == "error" else use or asked for asked, use in zip(told, used, strict=True)]


def _write_tables(tables: Mapping[str, Rows], new: Path) -> None:
    for name, rows in tables.items():
        write("edition", name, rows, new)


def _summary(plan: Plan, view: pd.DataFrame, edition: AssessedYear, changes: pd.DataFrame, folder: str) -> BuildSummary:
    rows = edition.assessments[edition.assessments["role"] != "part"]
    ended = plan.as_of >= plan.outline.target_year
    years, about = view["year"], schema.table("edition", "changes")
    cuts = [getattr(plan.thresholds, n) for n in CUTS]
    newest = view.groupby("series")["year"].max().value_counts().sort_index(ascending=False)
    return BuildSummary(
        area=plan.area,
        as_of=plan.as_of,
        known_on=plan.known_on,
        series=len(plan.leaves()),
        observations=len(view),
        first_year=int(years.min()) if len(years) else None,
        last_year=int(years.max()) if len(years) else None,
        newest={int(y): int(n) for y, n in newest.items()},
        outlooks={str(k): int(v) for k, v in rows["outlook"].value_counts().items()},
        positions={str(k): int(v) for k, v in rows["position"].value_counts().items()} if ended else {},
        changes=[sentence(Record(row, about), cuts) for row in changes.to_dict("records")],
        folder=folder,
    )


def _round(root: Path, plan: Plan, without: Collection[str]) -> dict[str, Rows]:
    """Who of the plan's units answered in the year's round, and every question that is open or was waived, but for series that other
    periods ask for; empty where no forms are used.
    """
    used = intake.received_any(root, plan.area)
    checker = intake.Checker.load(root, plan.area) if used else None
    about = root, plan.area, plan.as_of, checker, plan.known_on, without
    return {
        "accountability": [r for r in intake.accountability(*about) if r["unit"] in plan.units.index] if used else [],
        "return_questions": [r for r in intake.questions_of(*about) if r["unit"] in plan.units.index] if used else [],
    }


def quantile_table(projections: Mapping[str, Projection]) -> pd.DataFrame:
    """Quantiles of every projection, one row per series and year, in the series' unit."""
    drawn = [projections[series] for series in sorted(projections)]
    drawn = [p for p in drawn if p.reason is None and len(p.years)]
    if not drawn:
        return pd.DataFrame(columns=["series", "year", *LEVELS])
    levels = np.concatenate([p.quantiles(list(LEVELS.values())) for p in drawn], axis=1)
    columns = {
        "series": np.repeat([p.series for p in drawn], [len(p.years) for p in drawn]),
        "year": np.concatenate([p.years for p in drawn]),
    }
    return pd.DataFrame(columns | dict(zip(LEVELS, np.round(levels, 6), strict=True)))


def _describe(
    root: Path, whole: Plan, first_as_of: int, edition: AssessedYear, view: pd.DataFrame
) -> dict[str, object]:
    """What a reader needs to know where the edition comes from; nothing in it depends on when or where it was built."""
    plan = edition.plan
    engines = sorted({p.engine for p in edition.projections.values()})
    held = view[view["value"].notna()]
    moved = area_changes.of_area(area_changes.read_changes(root), plan.area)
    return {
        "format": format_version(),
        "area": plan.area,
        **plan.called(),
        "fictional": plan.fictional,
        "as_of": plan.as_of,
        "first_as_of": first_as_of,  # of the plan period's first edition
        "known_on": plan.known_on,
        # with data; not the edition's own while nothing came in
        "newest_year": int(held["year"].max()) if len(held) else None,
        "area_changes": territory.told(root, moved, {plan.area: view}, plan.as_of),
        "next_due": intake.due_date(root, plan.area, plan.as_of + 1),
        "outline": plan.outline.id,
        "title": plan.outline.title,
        **({"beside": [_period(one) for one in whole.beside]} if whole.beside else {}),
        "units": len({unit for units in plan.series["responsible_units"] for unit in units}),
        "base_year": plan.outline.base_year,
        "target_year": plan.outline.target_year,
        "thresholds": {row["name"]: row["value"] for row in plan.thresholds.rows()}
        | {"signed_off": plan.thresholds.signed_off, "sources": dict(plan.thresholds.sources)},
        "decided": dict(plan.thresholds.decided),
        "classes": load_classes(root, plan.area),
        "engine": engines[0] if engines else "",
        "version": plananalysis.__version__,
    }


def _period(plan: Plan) -> dict[str, object]:
    """A period beside the edition's own, as readers are told of it."""
    about = {key: getattr(plan.outline, key) for key in ("id", "title", "base_year", "target_year")}
    return about | {key: plan.called()[key] for key in ("plans", "plans_name", "plans_name_en")}


def _write(path: Path, content: Mapping[str, object], in_order: bool = False) -> None:
    write_atomic(path, (json.dumps(content, ensure_ascii=False, indent=1, sort_keys=in_order) + "\n").encode())
