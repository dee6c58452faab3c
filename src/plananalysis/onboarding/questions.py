"""What an office has to confirm in how a plan is read: each inferred sign, each missing band, each tolerance, with what hangs on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from plananalysis.base.text import listed, parted, say
from plananalysis.editions.otherwise import Otherwise, Verdict, verdicts_under
from plananalysis.plan import Plan, Reading
from plananalysis.plan.proposing import is_rate_of_change
from plananalysis.plan.targets import OPERATORS
from plananalysis.plan.thresholds import TOLERANCES
from plananalysis.render.cuts import threshold

# what a tolerance is tried at; the one in use is left out
_TRIED: dict[str, tuple[float, ...]] = {
    "about_tolerance": (1.0, 2.0, 3.0),
    "marked_decrease": (0.05, 0.1, 0.2),
    "relative_tolerance": (1.0, 2.0, 3.0),
}
_USED_BY = {"about_tolerance": ("about",), "marked_decrease": ("fall_clearly",), "relative_tolerance": ("relative",)}
_SPAN = {"growth": "readings.way_mean", "each_year": "readings.way_each"}
_SHOWN = 6  # series named whose verdict a tolerance changes


@dataclass(frozen=True)
class Question:
    """One thing to be confirmed.

    Parameters
    ----------
    topic
        ``sign`` (an operator or a band that is not printed), ``band`` (none is set yet), ``tolerance``.
    code
        Series, or name of the tolerance.
    now, effect
        The verdict as things are, and what it would be otherwise, in words.
    """

    topic: str
    code: str
    name: str
    unit: str
    responsible: str
    target_text: str
    reading: str
    evidence: str
    confidence: str
    value: str
    now: str
    effect: str


def questions(root: Path, area: str, as_of: int | None = None) -> list[Question]:
    """Everything an office has to confirm, in the plan's order, tolerances last; what it has decided is not asked again.

    Raises
    ------
    DataError
        The plan or the observations are not sound.
    """
    from plananalysis.plan import load_plan

    plan = load_plan(root, area, as_of, "zh")
    names = {(one.outline.id, series): name for name, (one, series) in plan.named().items()}
    made: dict[str, Question] = {}
    for outline in (one.outline.id for one in plan.together()):
        for question in _of_period(root, area, as_of, outline):
            name = names.get((outline, question.code), question.code)
            made.setdefault(name, replace(question, code=name))  # a tolerance is one for all periods
    return sorted(made.values(), key=lambda q: q.topic == "tolerance")


def _of_period(root: Path, area: str, as_of: int | None, outline: str) -> list[Question]:
    """What has to be confirmed of one plan period, by series."""
    asked, ways = _ways(root, area, as_of, outline)
    plan, now, found = verdicts_under(root, area, ways, as_of, outline)
    by_way = dict(zip([*asked], found[1:], strict=True))
    rows, read = now.assessments, {w: by_way[w] for w in by_way if w[0] == "reading"}
    made = [
        _about_series(plan, str(code), rows.loc[code].to_dict(), found[0], read)
        for code in plan.targets.index
        if _topic(plan.reading(code))
    ]
    for name in TOLERANCES:
        used = [c for c in plan.targets.index if _rests_on(plan.reading(c), name)]
        if used and name not in plan.thresholds.decided:
            others = {w[1]: by_way[w] for w in by_way if w[0] == name}
            made.append(_about_tolerance(plan, name, used, found[0], others))
    return made


_Way = tuple[str, Any]  # "reading" and its number, or the name of a tolerance and its value


def _ways(root: Path, area: str, as_of: int | None, outline: str) -> tuple[list[_Way], list[Otherwise]]:
    """Every other way that is tried: readings of different series at once, since none hangs on another's; tolerances one by one."""
    from plananalysis.plan import load_plan

    plan = load_plan(root, area, as_of, "zh", outline)
    tried = {code: _others(plan, plan.reading(code)) for code in plan.targets.index if _topic(plan.reading(code))}
    ways: dict[_Way, Otherwise] = {}
    for n in range(max(map(len, tried.values()), default=0)):
        ways["reading", n] = Otherwise({code: cells[n] for code, cells in tried.items() if n < len(cells)}, {})
    for name, values in _TRIED.items():
        for value in values:
            if value != getattr(plan.thresholds, name):
                ways[name, value] = Otherwise({}, {name: value})
    return [*ways], [*ways.values()]


def _topic(reading: Reading) -> str:
    """What has to be confirmed of a reading; "" where nothing has."""
    if reading.operator_source == "office" or reading.kind == "worst_part":
        return ""
    if reading.kind == "keep_reasonable":
        return "band"
    return "sign" if reading.operator_source == "inferred" else ""


def _rests_on(reading: Reading, tolerance: str) -> bool:
    used = tolerance != "relative_tolerance" or reading.operator == "~"
    return used and reading.kind in _USED_BY[tolerance]


def _others(plan: Plan, reading: Reading) -> list[dict[str, Any]]:
    """Other ways to read the same words."""
    if reading.kind == "threshold" and reading.value is not None:
        strict = {">=": ">", "<=": "<", ">": ">=", "<": "<="}[reading.operator]
        same: dict[str, Any] = {"kind": "threshold", "operator": strict, "value": reading.value}
        near: dict[str, Any] = {"kind": "about", "value": reading.value}
        about = plan.series.loc[reading.series]
        # more than 100 % is nothing to read
        tried = [] if reading.value in (about["lower"], about["upper"]) else [same]
        mean: dict[str, Any] = {**same, "kind": "growth", "operator": reading.operator}
        if is_rate_of_change(about["name"]) and reading.operator in OPERATORS["growth"]:
            return [mean, {**mean, "kind": "each_year"}]
        return [*tried, near] if about["unit"] == "%" else tried
    if reading.kind == "growth" and reading.value is not None:
        held: dict[str, Any] = {"operator": reading.operator, "value": reading.value}
        return [{"kind": "threshold", **held}, {"kind": "each_year", **held}]
    if reading.kind == "toward_band":
        return [{"kind": "within_band", "low": reading.low, "high": reading.high}]
    if reading.kind == "keep_reasonable" and plan.series.loc[reading.series, "unit"] == "%":
        return [{"kind": "within_band", "low": low, "high": 100.0 - low} for low in (40.0, 45.0)]
    return []


def _about_series(
    plan: Plan,
    code: str,
    row: Mapping[str, Any],
    now: Mapping[str, Verdict],
    ways: Mapping[_Way, Mapping[str, Verdict]],
) -> Question:
    reading = plan.reading(code)
    tried = [
        (_said(plan, cells, reading.kind == "growth"), ways["reading", n][code])
        for n, cells in enumerate(_others(plan, reading))
    ]
    about = plan.series.loc[code]
    quoted = "；".join(filter(None, (plan.targets.loc[code, "evidence_quote"], plan.targets.loc[code, "evidence_url"])))
    if reading.kind == "growth":
        quoted = "；".join(filter(None, (quoted, say("readings.evidence_growth", text=reading.target_text))))
    return Question(
        _topic(reading),
        code,
        about["name"],
        about["unit"],
        listed(plan.units.loc[u, "name"] for u in about["responsible_units"]),
        reading.target_text,
        str(row["reading_text"]),
        quoted or say("readings.no_evidence"),
        say(f"workbook.word.confidence.{reading.confidence}"),
        str(row["value_text"] or say("readings.no_value")),
        in_words(now[code]),
        parted(say("readings.effect", way=way, verdict=in_words(verdict)) for way, verdict in tried),
    )


def _about_tolerance(
    plan: Plan,
    name: str,
    used: Sequence[str],
    now: Mapping[str, Verdict],
    others: Mapping[float, Mapping[str, Verdict]],
) -> Question:
    """One tolerance: the series that rest on it, and those whose outlook another value would change."""
    told = []
    for value, verdicts in others.items():
        changed = [c for c in used if verdicts[c].outlook != now[c].outlook]
        shown = listed(f"{c} {in_words(verdicts[c])}" for c in changed[:_SHOWN])
        key = "none" if not changed else "some" if len(changed) <= _SHOWN else "many"
        told.append(say(f"readings.change_{key}", value=threshold(name, value), count=len(changed), shown=shown))
    counts = Counter(now[c].outlook for c in used)
    return Question(
        "tolerance",
        name,
        say(f"pages.threshold.{name}"),
        "",
        "",
        listed(used),
        threshold(name, getattr(plan.thresholds, name)),
        say(f"pages.source_{plan.thresholds.sources.get(name, 'default')}", who=""),
        "",
        "",
        listed(say("readings.count", outlook=say(f"outlook.{o}"), count=n) for o, n in counts.items()),
        parted(told),
    )


def _said(plan: Plan, cells: Mapping[str, Any], growth: bool = False) -> str:
    """Another way to read a target, in a word or two."""
    sign = say(f"workbook.word.operator.{cells['operator']}") if cells.get("operator") else ""
    numbers: Iterable[float] = (cells[c] for c in ("value", "low", "high") if c in cells)
    shown = "—".join(f"{n:g}" for n in numbers)
    if cells["kind"] == "about":
        return say("readings.way_about", value=shown, tolerance=f"{plan.thresholds.about_tolerance:g}")
    if cells["kind"] in _SPAN:
        return say(_SPAN[cells["kind"]], level=f"{sign}{shown}")
    if growth:
        return say("readings.way_end", year=plan.outline.target_year, level=f"{sign}{shown}")
    return f"{sign}{shown}" if sign else say("readings.way_band", band=shown)


def in_words(verdict: Verdict) -> str:
    """A verdict as a cell shows it."""
    name = say(f"outlook.{verdict.outlook}")
    if verdict.probability is None:
        return name
    return say("readings.verdict", outlook=name, percent=f"{100 * verdict.probability:.0f}")
