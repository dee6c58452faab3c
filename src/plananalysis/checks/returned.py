"""Rules that need other values: earlier years, other series of the form, the groups of a total."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import pandas as pd

from plananalysis.base.text import aside, listed, say, translated
from plananalysis.checks import returned_relations as relations
from plananalysis.checks.ranges import LIMIT, Point, expected, large_change, unit_slip
from plananalysis.checks.returned_relations import Key
from plananalysis.plan.units import COUNTS, PERSONS
from plananalysis.returns.asked import TOTAL, Asked, Codebook
from plananalysis.returns.issues import ERROR, EXPLAIN, HINT, Issue, issue
from plananalysis.returns.reading import is_due
from plananalysis.returns.rows import Row
from plananalysis.returns.values import decimals_of

_CHANCE = 20  # a repetition is asked about when usual yearly changes are this many times the last digit
_NOTABLE = 3.0  # standard errors
_LARGE = 300  # a denominator this large does not stay the same from year to year by chance


@dataclass(frozen=True)
class Past:
    """What is known of one series and group: points by year, and the years in which a definition began."""

    points: Mapping[int, Point] = field(default_factory=dict)
    breaks: frozenset[int] = frozenset()

    def before(self, year: int) -> list[Point]:
        """Points before a year since the last break, ascending."""
        start = max((b for b in self.breaks if b < year), default=0)
        return [self.points[y] for y in sorted(self.points) if start <= y < year]


def check_rows(
    rows: Sequence[Row],
    unit: str,
    past: Mapping[tuple[str, str], Past],
    book: Codebook,
    logic: pd.DataFrame,
    file: str,
    sheet: str,
    elsewhere: Mapping[Key, Point] | None = None,
) -> list[Issue]:
    """Try every rule on the rows of one return.

    Parameters
    ----------
    past
        What was known before, by series and group.
    logic
        Relations between series, from :func:`plananalysis.checks.quality.load_logic`.
    elsewhere
        Values of the same years from other units, for rules between series.
    """
    at = {(r.series, r.group, r.year): r for r in rows}
    lines = {(a.series, a.group): a for a in book.lines(unit)}
    found: list[Issue] = []
    for row in rows:
        line = book.line(row.series, row.group)
        if line is None:
            continue
        known = past.get((row.series, row.group), Past())
        if row.blank:
            found += _blank(row, lines, file, sheet)
        elif not math.isnan(row.value):
            found += _against_past(row, line, _with_own_years(known, rows_of(at, row)), file, sheet)
    found += relations.against_others(at, logic, elsewhere or {}, file, sheet)
    found += relations.against_groups(at, book, file, sheet)
    found += relations.women_as_all(at, book, file, sheet)
    found += relations.same_denominators(rows, book, file, sheet)
    notes = {key: row.explanation or row.note for key, row in at.items()}
    return [
        replace(i, explanation=notes.get((i.series, i.group, i.year), "")) if i.severity == EXPLAIN else i
        for i in found
    ]


def rows_of(at: Mapping[Key, Row], row: Row) -> list[Row]:
    """The other years of a row's series and group in the same form (back series)."""
    return [r for key, r in at.items() if key[:2] == (row.series, row.group) and r is not row]


def point(row: Row) -> Point:
    """A row as a point."""
    return Point(row.year, row.value, row.count("numerator"), row.count("denominator"))


def _with_own_years(known: Past, others: Iterable[Row]) -> Past:
    """The past as this form tells it: its own years take the place of what was known."""
    own = {r.year: point(r) for r in others if not math.isnan(r.value)}
    own_breaks = {r.year for r in others if r.status == "B"}
    return Past({**known.points, **own}, known.breaks | own_breaks) if own else known


def _blank(row: Row, lines: Mapping[tuple[str, str], Asked], file: str, sheet: str) -> list[Issue]:
    line = lines.get((row.series, row.group))
    if line is None or not is_due(line):
        return []
    severity = EXPLAIN if row.group == TOTAL else HINT
    name = translated(line.name) + ("" if row.group == TOTAL else aside(translated(line.group_name)))
    about = {"series": row.series, "group": row.group, "year": row.year, "name": name}
    return [issue("blank", file, severity, sheet=sheet, cell=row.cells["value"], **about)]


def _against_past(row: Row, line: Asked, known: Past, file: str, sheet: str) -> list[Issue]:
    about = {
        "sheet": sheet,
        "cell": row.cells.get("value", ""),
        "series": row.series,
        "group": row.group,
        "year": row.year,
        "value": row.read["value"].raw,
        "unit": line.unit,
    }
    found: list[Issue] = []
    new = point(row)
    old = known.points.get(row.year)
    if old is not None and not math.isnan(old.value) and old.value != new.value:
        found.append(issue("revision", file, EXPLAIN, **about, old=f"{old.value:.{line.decimals}f}"))
    earlier = known.before(row.year)
    if not earlier or row.status == "B" or line.rhythm == "census":
        return found
    slip = unit_slip(earlier, new.value)
    if slip and (line.unit not in COUNTS or line.unit in PERSONS or line.decimals) and not _rare(earlier, new):
        found.append(issue("unit_slip_history", file, ERROR, **about, factor=slip, before=_recent(earlier, line)))
        return found
    if line.rhythm == "annual":
        found += _repeated(row, line, earlier, file, about)
        usual = expected(earlier, new, line.unit, line.upper, line.decimals)
        change = large_change(earlier[-1], new, line.unit)
        if usual is not None and usual.distance > LIMIT:
            words = {
                "low": f"{usual.low:.{line.decimals}f}",
                "high": f"{usual.high:.{line.decimals}f}",
                "before": _recent(earlier, line),
            }
            both = (
                line.unit in ("万人", "人")
                and "女" in line.name
                and 1.6 <= new.value / max(earlier[-1].value, 1e-9) <= 3.2
            )
            found.append(issue("both_sexes" if both else "jump", file, EXPLAIN, **about, **words))
        elif change is not None:  # a series that often moves so far is not asked about every year
            severity = EXPLAIN if usual is None or usual.distance > _NOTABLE else HINT
            before = _recent(earlier[-1:], line)
            found.append(issue("large_change", file, severity, **about, change=f"{100 * change:+.0f}", before=before))
    return found


def _rare(earlier: Sequence[Point], new: Point) -> bool:
    """Few events: a tenfold rate may be one case more."""
    counts = [p.numerator for p in (*earlier[-4:], new) if not math.isnan(p.numerator)]
    return bool(counts) and max(counts) < 20


def _repeated(row: Row, line: Asked, earlier: Sequence[Point], file: str, about: Mapping[str, object]) -> list[Issue]:
    before, new = earlier[-1], point(row)
    if before.year != row.year - 1 or before.value != new.value or new.value in (0, line.lower, line.upper):
        return []
    counts = new.denominator == before.denominator and new.numerator == before.numerator  # false for NaN
    steps = sorted(abs(b.value - a.value) for a, b in pairwise(earlier))
    usual = steps[len(steps) // 2] if steps else 0.0
    last_digit = 10.0 ** -max(decimals_of(row.text("value")), line.decimals)
    if counts:
        severity = EXPLAIN if new.denominator >= _LARGE else HINT
    elif not math.isnan(new.denominator):
        return []
    else:
        severity = EXPLAIN if usual >= _CHANCE * last_digit else HINT
    return [issue("repeated", file, severity, **about, other=before.year)]


def _recent(earlier: Sequence[Point], line: Asked) -> str:
    return listed(say("returns.past", year=p.year, value=f"{p.value:.{line.decimals}f}") for p in earlier[-3:])
