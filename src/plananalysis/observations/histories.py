"""What was known on a date, and the comparable history of each series."""

from __future__ import annotations

import math
from collections import namedtuple
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from operator import attrgetter
from types import MappingProxyType
from typing import Any, NamedTuple
from weakref import ref

import numpy as np
import pandas as pd

from plananalysis.base.errors import UsageError
from plananalysis.base.text import listed, say
from plananalysis.observations.history import History
from plananalysis.observations.peers import Beside
from plananalysis.observations.told_once import Told, ToldOnce, decimals
from plananalysis.observations.walk import KEY, Vintage, starts_segment, walk, years_of
from plananalysis.returns.counted import SINCE, UNTIL

_YEAR, _DEFINITION = KEY.index("year"), KEY.index("definition")
_ABOUT = ("unit", "lower", "upper", "decimals", "direction", "rhythm")  # what a history takes over from the plan


class _Point(NamedTuple):
    year: int
    value: float
    numerator: float
    denominator: float
    status: str
    definition: str
    reported_at: str
    series: str
    value_text: str


_YEAR_AND_DEFINITION = attrgetter("year", "definition")


def vintages(observations: pd.DataFrame) -> pd.DataFrame:
    """The reports that said something new, oldest first within each key; repetitions of the value known already are left out.

    A report is new when its value or status differs from the report before it, or when it brings other counts; see
    :func:`plananalysis.observations.walk.walk`. ``definition`` and ``status`` are those that hold, ``definition_typed`` and ``status_typed`` what stands in the cells.
    """
    return _as_held(observations, walk(observations))


def counting(observations: pd.DataFrame, known_on: str = "") -> pd.DataFrame:
    """The reports that had come in by an ISO date and were in use on it; without a date, those that are in use now.

    A return counts from the day it was accepted until the day it was reopened or withdrawn, a table until it is withdrawn, so that
    an edition stays as it was when it closed.
    """
    if known_on:
        observations = observations[observations["reported_at"] <= known_on]
    if UNTIL not in observations:
        return observations
    until = observations[UNTIL]
    if not known_on:
        return observations[until == ""]
    return observations[(observations[SINCE] <= known_on) & ((until == "") | (until > known_on))]


def as_known(observations: pd.DataFrame, known_on: str, as_of: int) -> pd.DataFrame:
    """What was known on a date: the newest vintage of every series, area, group, year and definition.

    Parameters
    ----------
    known_on
        ISO date; reports of that day count.
    as_of
        Last data year used.

    Returns
    -------
    DataFrame
        One row per key. A year stays in the view until another report replaces it; a value withdrawn (status M) is shown so,
        and a break stays declared until a later report takes it back in words. Where a year was reported under several
        definitions all are kept.
    """
    held = counting(observations, known_on)
    # in the order of the keys, the last vintage of each
    newest = {v.key: v for v in walk(held) if v.key[_YEAR] <= as_of}
    return _as_held(held, list(newest.values()))


def in_use(news: Iterable[Any], known_on: str, as_of: int) -> list[Any]:
    """Rows of :func:`as_known`, from those of :func:`vintages`, of reports that count whenever they came in.

    A closing date cuts off the end of each key's vintages, never the middle.
    """
    told = (row for row in news if row.reported_at <= known_on and row.year <= as_of)
    return list({(row.series, row.area, row.group, row.year, row.definition): row for row in told}.values())


def _as_held(observations: pd.DataFrame, chosen: Sequence[Vintage]) -> pd.DataFrame:
    """Rows as they hold: with the definition they speak of and a break declared before."""
    rows = observations.iloc[[v.row for v in chosen]].reset_index(drop=True)
    told = {"status": [v.status for v in chosen], "definition": [v.key[_DEFINITION] for v in chosen]}
    typed = {f"{c}_typed": rows[c] for c in told}
    return rows.assign(**{c: pd.Series(cells, dtype=object) for c, cells in told.items()}, **typed)


def current_definition(rows: Iterable[Any]) -> str:
    """The definition in use: that of the newest year with a value; "" when there is none.

    When that year was reported under several, the one reported last, then the one that came into use last.

    Parameters
    ----------
    rows
        Rows of one series and group, as named tuples.
    """
    began: dict[str, int] = {}
    newest: tuple[int, str, int, str] = (0, "", 0, "")
    for row in sorted((r for r in rows if not math.isnan(r.value)), key=lambda r: r.year):
        first = began.setdefault(row.definition, row.year)
        newest = max(newest, (row.year, row.reported_at, first, row.definition))
    return newest[3]


def histories(view: pd.DataFrame, series: pd.DataFrame, group: str = "total") -> dict[str, History]:
    """The comparable history of every series that carries observations, empty where nothing is known.

    Parameters
    ----------
    view
        From :func:`as_known`; of one area.
    series
        The plan's series, indexed by code.

    Raises
    ------
    UsageError
        The view mixes several areas.
    """
    _one_place(view)
    points = _points(view, group)
    return _histories([p for p in points if p], series, group)


def known_histories(reported: pd.DataFrame, plans: Sequence[Any], group: str = "total") -> list[dict[str, History]]:
    """The histories of one area at the closing dates of several editions, ``reported`` being walked only once.

    Equal to ``histories(as_known(reported, p.known_on, p.as_of), p.series)`` for each plan ``p``.
    """
    _one_place(reported)
    # returns accepted or reopened, tables withdrawn: between two editions less may count than before
    if any((reported[c] != "").any() for c in (SINCE, UNTIL) if c in reported):
        return [histories(as_known(reported, p.known_on, p.as_of), p.series, group) for p in plans]
    reported = reported[reported["group"] == group]
    once, others = ToldOnce.among(reported)
    news = walk(others)
    points = [
        p and p._replace(status=v.status, definition=v.key[_DEFINITION])
        for v, p in zip(news, _points(others.iloc[[v.row for v in news]], group), strict=True)
    ]
    found = []
    for plan in plans:
        newest: dict[tuple, _Point] = {}
        # a closing date cuts off the end of each key's vintages, never the middle
        for v, point in zip(news, points, strict=True):
            if point and v.day <= plan.known_on and v.key[_YEAR] <= plan.as_of:
                newest[v.key] = point
        found.append(_histories(list(newest.values()), plan.series, group, once.known(plan.known_on, plan.as_of)))
    return found


def with_peers(found: Mapping[str, History], told: Mapping[str, Beside]) -> dict[str, History]:
    """Histories beside what other places tell of them, where that is as of a history's newest year."""

    def fits(history: History) -> bool:
        one = told.get(history.series)
        return one is not None and len(history.years) > 0 and history.years[-1] == one.year

    return {code: h.heard(told[code]) if fits(h) else h for code, h in found.items()}


def _one_place(view: pd.DataFrame) -> None:
    places = sorted(view["area"].unique())
    if len(places) > 1:
        raise UsageError(say("observations.several_areas", areas=listed(places)))


def _points(view: pd.DataFrame, group: str) -> list[_Point | None]:
    """Every row as a point of its series, without a value where none is held; None where it belongs to another group."""
    cells = [view[c].tolist() if c in view else [""] * len(view) for c in _Point._fields]
    made = map(_Point._make, zip(*cells, strict=True))
    return [p if g == group else None for p, g in zip(made, view["group"].tolist(), strict=True)]


def _histories(
    points: list[_Point], series: pd.DataFrame, group: str, told: Mapping[str, Told] = MappingProxyType({})
) -> dict[str, History]:
    """``told`` are series whose points are told already."""
    by_series: dict[str, list[_Point]] = {}
    for point in points:
        by_series.setdefault(point.series, []).append(point)
    for values in by_series.values():
        values.sort(key=_YEAR_AND_DEFINITION)
    found = {}
    for about in _carriers(series):
        one = told.get(about[0])
        decided = _decided(by_series.get(about[0], [])) if one is None else (one, ())
        found[about[0]] = _history(*decided, group, *about)
    return found


_known_carriers: dict[int, tuple[ref, list[tuple[Any, ...]]]] = {}


def _carriers(series: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Code and :data:`_ABOUT` of every series that carries observations; read once for all areas that share the table."""
    key = id(series)
    held = _known_carriers.get(key)
    if held is None or held[0]() is not series:
        leaves = series[series["role"] != "compound"]
        cells = list(zip(leaves.index.tolist(), *(leaves[c].tolist() for c in _ABOUT), strict=True))
        held = _known_carriers[key] = ref(series, lambda _: _known_carriers.pop(key, None)), cells
    return held[1]


def _decided(points: list[_Point]) -> tuple[Told, tuple[tuple[int, float, str], ...]]:
    """The segment that counts, and the points (year, value, definition) that are not comparable with it."""
    held = [p for p in points if p.value == p.value]
    segment: list[_Point] = held
    earlier: tuple[tuple[int, float, str], ...] = ()
    if any(starts_segment(p.status) or p.definition != points[0].definition for p in points):
        definition = current_definition(held)
        since = _newest_break(points, definition, held)
        segment = [p for p in held if p.definition == definition and p.year >= since]
        inside = set(map(id, segment))
        earlier = tuple((p.year, p.value, p.definition) for p in held if id(p) not in inside)
    years, values, above, below = (
        np.array([p[i] for p in segment], "int64" if i == 0 else "float64") for i in range(4)
    )
    places = tuple(decimals(p.value_text) for p in segment)
    definition = segment[0].definition if segment else ""
    least, most = (end((p.value for p in segment), default=math.nan) for end in (min, max))
    return Told(years, values, above, below, () if -1 in places else places, definition, least, most), earlier


def _history(
    told: Told,
    earlier: tuple[tuple[int, float, str], ...],
    group: str,
    code: str,
    unit: str,
    lower: float,
    upper: float,
    decimals: int,
    direction: int,
    rhythm: str,
) -> History:
    """The history without values outside its natural bounds."""
    made = History(
        series=code,
        unit=unit,
        years=told.years,
        values=told.values,
        lower=float(lower),
        upper=float(upper),
        decimals=int(decimals),
        direction=int(direction),
        rhythm=rhythm,
        numerators=told.numerators,
        denominators=told.denominators,
        earlier=earlier,
        break_year=int(told.years[0]) if earlier and len(told.years) else None,
        group=group,
        period=years_of(told.definition) if told.definition else 1,
        places=told.places,
    )
    if not (told.least < made.lower or told.most > made.upper):
        return made
    impossible = (made.values < made.lower) | (made.values > made.upper)
    return made.without(made.years[impossible]) if impossible.any() else made


def _newest_break(points: list[_Point], definition: str, held: list[_Point]) -> int:
    """The year from which values count: a break holds even where its own year's value has been withdrawn, or never came.

    A break without a value whatever the definition says that the area is another from its year on, see `observations.continued`.
    """
    last = held[-1].year if held else 0

    def counts(point: _Point) -> bool:
        empty = point.value != point.value
        same = point.definition == definition and (point.year <= last or empty)
        return starts_segment(point.status) and (same or (empty and point.status == "B"))

    return max((p.year for p in points if counts(p)), default=0)


def as_rows(table: pd.DataFrame) -> list[Any]:
    """Rows of a table as named tuples; many times faster than ``itertuples`` on text columns."""
    make = _row_type(tuple(table.columns))
    return [make(*cells) for cells in zip(*(table[c].tolist() for c in table.columns), strict=True)]


def row_of(columns: Sequence[str], cells: Mapping[str, Any]) -> Any:
    """One row as :func:`as_rows` gives it; a column without a cell is empty."""
    return _row_type(tuple(columns))(*(cells.get(column, "") for column in columns))


@cache
def _row_type(columns: tuple[str, ...]) -> Any:
    return namedtuple("Row", columns)


def in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows in the one order every table of observations has."""
    cells = list(zip(*(rows[k].tolist() for k in [*KEY, "reported_at", "submission", "file_row"]), strict=True))
    order = sorted(range(len(cells)), key=cells.__getitem__)  # several times faster than sort_values on eight keys
    return rows.iloc[order].reset_index(drop=True)
