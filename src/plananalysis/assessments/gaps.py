"""Owns the tables ``gaps`` and ``gap_years``: the gap between groups as a series like any other, with its history and its projection.

Women against men and country against town: one group minus the other, always the same way round. Age groups: each against the
total, because the widest pair of one year is another pair the next, and a pair chosen for being wide narrows by itself.

A gap has no natural scale of its own: it is put on one of 0 to 100 about its mean, on which its usual yearly step is 3, as steps of
shares near 50 % are. On 122 windows of 61 real pairs of groups (benchmarks/gaps.py) 80 % ranges made so held 79 % (shares) and 86 %
(rates) of what came; projected on the scale of the values themselves they held 89 and 100 %, and as the difference of two projections
drawn together they missed how a gap moves when both groups move alike.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from plananalysis import schema
from plananalysis.assessments.events import published
from plananalysis.assessments.targets import baseline
from plananalysis.observations import History, as_rows, histories
from plananalysis.plan import Plan
from plananalysis.plan.units import RATES
from plananalysis.projections import Projection, project

PAIRS = {"sex": ("female", "male"), "residence": ("rural", "urban")}
LEVELS = {"q025": 0.025, "q10": 0.1, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q90": 0.9, "q975": 0.975}
STEP, REACH = 3.0, 40.0  # hundredths: the usual yearly step, and how far from the middle an observed gap may lie
_COPIED = 5  # units of the last digit; see _copied
_RANK = ("A", "P", "E", "B", "BP", "BE")  # of two statuses the graver one holds


@dataclass(frozen=True)
class Pair:
    """Two groups of one series; the gap is the value of ``group`` minus that of ``other``."""

    gap: str
    series: str
    dimension: str
    group: str
    other: str


class Year(NamedTuple):
    """A year in which both groups were reported under one definition; ``left_out`` says why it does not count, if so."""

    year: int
    definition: str
    value: float
    group_value: float
    other_value: float
    status: str
    reported_at: str
    numerators: tuple[float, float]
    denominators: tuple[float, float]
    left_out: str


@dataclass(frozen=True)
class Gap:
    """One gap as a series: ``years`` holds every year in which both groups were reported, ``history`` the comparable ones."""

    pair: Pair
    history: History
    projection: Projection
    years: Sequence[Year]


def gaps(plan: Plan, view: pd.DataFrame, n_paths: int = 1000) -> list[Gap]:
    """The gap of every series the plan marks with groups, in every dimension in which groups were reported.

    Parameters
    ----------
    view
        What was known, from :func:`plananalysis.observations.as_known`; of one area.
    n_paths
        Sample paths per gap.
    """
    leaves, asked = plan.leaves(), list(pairs(plan, view))
    by_series: dict[str, list[Any]] = {}
    for row in as_rows(view[view["series"].isin({p.series for p in asked}) & view["value"].notna()]):
        by_series.setdefault(row.series, []).append(row)
    years = {p: both_reported(by_series[p.series], p, leaves.loc[p.series].to_dict()) for p in asked}
    known = gap_histories(years, leaves)
    paths = _projected(plan, [h for h in known.values() if len(h.years)], n_paths)
    nothing = Projection("", 0, 0, np.arange(0), np.empty((0, 0)), "group_missing", "")
    return [Gap(p, known[p.gap], paths.get(p.gap, nothing), years[p]) for p in asked]


def _projected(plan: Plan, histories_: Sequence[History], n_paths: int) -> dict[str, Projection]:
    """Sample paths of every gap, in its own unit and within what is possible."""
    scales = {h.series: _scale(h) for h in histories_}
    as_share: dict[str, Any] = {"unit": "%", "lower": 0.0, "upper": 100.0, "decimals": 2}
    levelled = []
    for h in histories_:
        factor, centre = scales[h.series]
        levelled.append(replace(h, values=50 + (h.values - centre) * factor, **as_share))
    found = project(
        levelled,
        plan.outline.target_year,
        edition=plan.draws,
        n_paths=n_paths,
        min_points=plan.thresholds.min_points,
        world="new",  # a gap is no target of the plan
    )
    made = {}
    for h in histories_:
        factor, centre = scales[h.series]
        paths = (found[h.series].paths - 50) / factor + centre
        inside = paths if math.isnan(h.upper) else np.clip(paths, h.lower, h.upper)
        made[h.series] = replace(found[h.series], paths=inside)
    return made


def _scale(history: History) -> tuple[float, float]:
    """How many hundredths one unit of a gap is, and the gap that lies in their middle."""
    centre = float(history.values.mean())
    steps = np.abs(np.diff(history.values))
    usual = max(float(steps.mean()) if len(steps) else 0.0, 10.0**-history.decimals)
    farthest = float(np.abs(history.values - centre).max())
    return min(STEP / usual, REACH / farthest if farthest else math.inf), centre


def pairs(plan: Plan, view: pd.DataFrame) -> Iterator[Pair]:
    """Pairs the plan asks for of which at least one group was ever reported."""
    held = view.loc[view["value"].notna(), ["series", "group"]].drop_duplicates()
    reported = {code: set(rows) for code, rows in held.groupby("series")["group"]}
    for series, about in plan.leaves().iterrows():
        known = reported.get(series, set())
        for dimension in filter(None, about["groups"].split(";")):
            if dimension in PAIRS:
                group, other = (f"{dimension}:{name}" for name in PAIRS[dimension])
                if known & {group, other}:
                    yield Pair(f"{series}:{dimension}", series, dimension, group, other)
                continue
            for group in sorted((g for g in known if g.startswith(f"{dimension}:")), key=_by_age):
                yield Pair(f"{series}:{group}", series, dimension, group, "total")


def both_reported(rows: Sequence[Any], pair: Pair, about: Mapping[str, Any]) -> list[Year]:
    """Years in which both groups were reported under the same definition, in order.

    Nothing is worked out from a total: a year in which one group is missing has no gap.

    Parameters
    ----------
    rows
        Known values of the pair's series, as named tuples.
    about
        The plan's line of the series.
    """
    held: dict[str, dict[tuple[int, str], Any]] = {pair.group: {}, pair.other: {}, "total": {}}
    for row in rows:
        if row.group in held:
            held[row.group][int(row.year), row.definition] = row
    made, digits = [], int(about["decimals"])
    for key in sorted(held[pair.group].keys() & held[pair.other].keys()):
        one, other, total = held[pair.group][key], held[pair.other][key], held["total"].get(key)
        whole = float(published(one.value, digits) - published(other.value, digits))
        copied = total is not None and _copied(pair, about, one.value, other.value, total.value)
        made.append(
            Year(
                *key,
                round(whole / 10.0**digits, digits),
                float(one.value),
                float(other.value),
                max(one.status, other.status, key=_RANK.index),
                max(one.reported_at, other.reported_at),
                (one.numerator, other.numerator),
                (one.denominator, other.denominator),
                "copied_total" if copied else "",
            )
        )
    return made


def gap_histories(years: Mapping[Pair, Sequence[Year]], leaves: pd.DataFrame) -> dict[str, History]:
    """The comparable gaps as histories, by gap: the segment since the last break, as for any series.

    Nearer to zero is better; a share's gap lies within the width of its scale.
    """
    if not years:
        return {}
    told = [(p.gap, *y[:3], y.status, y.reported_at) for p, held in years.items() for y in held if not y.left_out]
    rows = pd.DataFrame(told, columns=["series", "year", "definition", "value", "status", "reported_at"])
    rows = rows.assign(area="", group="gap", numerator=math.nan, denominator=math.nan)
    about = leaves.loc[[p.series for p in years]].set_axis([p.gap for p in years])
    widths = (about["upper"] - about["lower"]).to_dict()
    made = {}
    for gap, history in histories(rows, about.assign(lower=math.nan, upper=math.nan), "gap").items():
        width = widths[gap]
        toward_zero = -int(np.sign(history.values[-1])) if len(history.values) else 0
        made[gap] = replace(history, lower=-width, upper=width, direction=toward_zero)
    return made


def comparable(years: Sequence[Year], history: History) -> list[Year]:
    """The years behind a gap's history: without what was left out and without earlier definitions."""
    earlier = {(year, definition) for year, _, definition in history.earlier}
    return [y for y in years if not y.left_out and (y.year, y.definition) not in earlier]


def tables(plan: Plan, view: pd.DataFrame, n_paths: int = 1000) -> dict[str, pd.DataFrame]:
    """The derived tables ``gaps``, one row per gap, and ``gap_years``, one row per gap and year, observed or projected."""
    found = gaps(plan, view, n_paths)
    rows = [_position(plan, gap) for gap in found]
    years = [line for gap in found for line in _years(gap)]
    return {
        "gaps": pd.DataFrame(rows, columns=[*schema.table("edition", "gaps").stored]),
        "gap_years": pd.DataFrame(years, columns=[*schema.table("edition", "gap_years").stored]),
    }


def _position(plan: Plan, gap: Gap) -> dict[str, object]:
    """Where the gap stands, how it moved since the base year, and how probably it will be narrower in the target year."""
    pair, history, projection = gap.pair, gap.history, gap.projection
    about, outline = plan.series.loc[pair.series].to_dict(), plan.outline
    row: dict[str, object] = {
        **vars(pair),
        **{c: about[c] for c in ("unit", "decimals")},
        "n_points": len(history.years),
        "target_year": outline.target_year,
        "why_no_probability": projection.reason or "",
    }
    if not len(history.years):
        return row
    now, base = float(history.values[-1]), baseline(history, outline.base_year)
    last = comparable(gap.years, history)[-1]
    row |= {
        "value": now,
        "value_year": int(history.years[-1]),
        "group_value": last.group_value,
        "other_value": last.other_value,
        "break_year": history.break_year,
        **_counted(plan, gap),
    }
    if base is not None and history.years[-1] > outline.base_year:
        change = round(abs(now) - abs(base), history.decimals)
        row |= {"baseline": base, "base_year": outline.base_year, "change": change, "trend": trend(base, now)}
    if projection.reason is not None:
        return row
    low, median, high = projection.quantiles([0.1, 0.5, 0.9])[:, -1]
    row |= {"median_target_year": median, "low80_target_year": low, "high80_target_year": high}
    ends = np.abs(published(projection.paths[:, -1], history.decimals))
    if now == 0:
        row["why_no_probability"] = "no_gap"  # what is closed cannot narrow
    else:
        row["p_narrower"] = float((ends < abs(published(now, history.decimals))).mean())
        if base is not None:
            row["p_narrower_than_base"] = float((ends < abs(published(base, history.decimals))).mean())
    return {k: round(v, 6) if isinstance(v, float) else v for k, v in row.items()}


def trend(base: float, now: float) -> str:
    """How a gap moved: ``narrower``, ``wider``, ``same``, or ``reversed`` when the other group is ahead now.

    >>> trend(4.0, 3.2), trend(-1.0, -1.5), trend(1.0, -0.5)
    ('narrower', 'wider', 'reversed')
    """
    if base * now < 0:
        return "reversed"
    return "same" if abs(base) == abs(now) else "narrower" if abs(now) < abs(base) else "wider"


def _counted(plan: Plan, gap: Gap) -> dict[str, object]:
    """Cases of both groups in the newest years that are pooled, and how often chance alone makes such a difference."""
    recent = comparable(gap.years, gap.history)[-plan.thresholds.pool_years :]
    people, other_people = (sum(r.denominators[i] for r in recent) for i in (0, 1))
    events, others = (sum(r.numerators[i] for r in recent) for i in (0, 1))
    if not all(d > 0 for r in recent for d in r.denominators) or math.isnan(events + others):
        return {"few": False}
    if gap.pair.other == "total":  # the group is part of the total: it is held against the rest of it
        others, other_people = others - events, other_people - people
        if others < 0 or other_people <= 0:
            return {"few": False}
    return {
        "events": int(events),
        "other_events": int(others),
        "pooled_from": recent[0].year,
        "few": min(events, others) < plan.thresholds.small_events,
        "p_chance": chance_alone(events, others, people, other_people),
    }


def chance_alone(events: float, others: float, people: float, other_people: float) -> float:
    """Two-sided probability of a split at least this uneven when both groups run the same risk.

    Given all events, those of one group are binomial with its share of the people (Przyborowski & Wilenski 1940); the smaller
    tail is doubled.
    """
    own, total = int(events), int(events + others)
    with np.errstate(divide="ignore"):
        odds = np.log(people) - np.log(other_people)
    if total == 0 or not np.isfinite(odds):
        return 1.0
    n = np.arange(
        1, total + 1
    )  # summed term by term: to import scipy for this takes as long as a corrected value's tables
    terms = np.append(0.0, np.cumsum(np.log((total + 1 - n) / n) + odds))
    terms = np.exp(terms - terms.max())
    return float(min(1.0, 2 * min(terms[: own + 1].sum(), terms[own:].sum()) / terms.sum()))


def _years(gap: Gap) -> Iterator[dict[str, object]]:
    pair, history, projection = gap.pair, gap.history, gap.projection
    head = {k: v for k, v in vars(pair).items() if k != "dimension"}
    used = set(comparable(gap.years, history))
    for y in gap.years:
        cells = {c: getattr(y, c) for c in ("year", "value", "group_value", "other_value", "status", "definition")}
        yield head | cells | {"left_out": y.left_out or ("" if y in used else "not_comparable")}
    if projection.reason is None:
        quantiles = np.round(projection.quantiles(list(LEVELS.values())), 6)
        for year, column in zip(projection.years, quantiles.T, strict=True):
            yield head | {"year": int(year)} | dict(zip(LEVELS, column.tolist(), strict=True))


def _copied(pair: Pair, about: Mapping[str, Any], group: float, other: float, total: float) -> bool:
    """Whether one sex's (or place's) rate is the total's, entered in its row.

    A total that is the mean of two groups of which each makes a fifth or more lies at least a fifth of their distance from either.
    A women's plan asks for women: there the total is one of the groups.
    """
    exhaustive = pair.dimension in PAIRS and about["unit"] in RATES and about["plan"] != "women"
    if not exhaustive or math.isnan(total):
        return False
    one, two, whole = (float(published(v, int(about["decimals"]))) for v in (group, other, total))
    return abs(one - two) > _COPIED and whole in (one, two)


def _by_age(group: str) -> tuple[int, str]:
    low = group.partition(":")[2].partition("-")[0]
    return (int(low), group) if low.isdigit() else (999, group)
