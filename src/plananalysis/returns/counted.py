"""The rows of returns that are in use, what waits to be reviewed, and which questions were waived.

What a file says is cached under ``data/processed`` by its fingerprint, for reading three hundred workbooks takes minutes and they
never change.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import Any

from plananalysis.base import tables
from plananalysis.base.errors import DataError, Problem
from plananalysis.base.publication import program
from plananalysis.base.text import say
from plananalysis.plan import load_plan
from plananalysis.returns import decided, register
from plananalysis.returns.asked import TOTAL, Codebook, codebook
from plananalysis.returns.decided import EVER
from plananalysis.returns.reading import Return, read_return
from plananalysis.returns.register import RETURNS, Review, Submission
from plananalysis.returns.rows import NUMBERS
from plananalysis.sheets.apart import read_apart

Row = dict[str, Any]
_read = lru_cache(maxsize=128)(read_apart)  # a round is looked at many times in one process, its files never change
Place = tuple[str, str, str, int | None]  # submission, series, group, year
# columns of a table of observations: those it must have, and those it may have
TABLE_COLUMNS = ("series", "year", "value", "status", "reported_at")
TABLE_OPTIONAL = ("area", "group", "numerator", "denominator", "definition", "tier", "source", "quote", "note")
SINCE, UNTIL, USE = "counts_from", "counts_until", "use"  # of a row: days between which it is in use, and how


def read_registered(root: Path, area: str, one: Submission, book: Codebook) -> Return | Problem:
    """A registered file read again, or the problem that it is gone or was changed."""
    path = register.folder(root, area) / one.submission
    data = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(data).hexdigest() != one.sha256:
        name = path.relative_to(root).as_posix()
        rule, advice = (say(f"returns.rule.not_stored.{part}", file=name) for part in ("rule", "advice"))
        return Problem(name, 0, "", "", rule, advice)
    return read_return(data, one.original_name, book, registered=(one.unit, one.year), read=_read)


def used_rows(root: Path, area: str, problems: list[Problem]) -> list[Row]:
    """What returns report, as rows of an observations file, as far as it was decided that it counts.

    A row stands once for each time in which it was in use: from ``counts_from`` until before ``counts_until``, with the day of
    receipt that the register held then as ``reported_at``; ``use`` is ``provisional`` where it was taken into use with open
    questions. What cannot be used as a number is left out. A unit that is not the first of a series' responsible units counts only
    while the first one's value does not. Of one day, the file registered last counts.

    Parameters
    ----------
    problems
        Gets a problem for every registered file that is gone or was changed.
    """
    decisions = decided.by_submission(register.reviews(root, area))
    lines = register.lines(root, area)
    counted = [name for name in lines if any(d.decision in register.USES for d in decisions.get(name, ()))]
    if not counted:
        return []
    book = codebook(root, load_plan(root, area))
    led = {unit: {(a.series, a.group) for a in asked if a.lead} for unit, asked in book.by_unit.items()}
    leading: list[Row] = []
    others: list[Row] = []
    for name in counted:
        said = contents(root, area, lines[name][-1], book)
        if isinstance(said, Problem):
            problems.append(said)
            continue
        items = {(r["series"], int(r["year"])) for r in said.rows}
        spans = {item: list(decided.spans(lines[name], decisions[name], item)) for item in items}
        for row in said.rows:
            for span in spans[row["series"], int(row["year"])]:
                one = span.submission
                if row["year"] > one.received_on[:4]:
                    continue  # a year that had not begun was waived, not reported
                time = {SINCE: span.since, UNTIL: "" if span.until == EVER else span.until}
                use = "" if span.decision.decision == register.ACCEPT else span.decision.decision
                lead = (row["series"], row["group"]) in led[one.unit]
                (leading if lead else others).append({**row, **_origin(row, one, book), **time, USE: use})
    # of one day the last registered counts, also where a yearly form and a back series tell one cell twice
    leading = _last(leading, lambda r: (*_cell(r), r["reported_at"], r["definition"]))
    leading, others = (_last(some, lambda r: (*_cell(r), r["reported_at"], *r["from"])) for some in (leading, others))
    # of several other units, of one day, the first registered
    others = _last(others[::-1], lambda r: (*_cell(r), r["reported_at"]))[::-1]
    held: dict[Hashable, list[Row]] = defaultdict(list)
    for row in leading:
        held[_cell(row)].append(row)
    rows = [*leading, *(part for row in others for part in _outside(row, held[_cell(row)]))]
    return [{k: v for k, v in row.items() if k != "from"} for row in _settled(rows)]


def waiting(root: Path, area: str, known_on: str) -> dict[str, frozenset[int]]:
    """Years of each series with a total in a return that had come in by a day and was not in use by then.

    Only a unit's newest return of a year counts; what it says is used by no table until it is accepted or used provisionally.
    """
    decisions = decided.by_submission(register.reviews(root, area))
    left = decided.newest(decided.known(register.lines(root, area), known_on))
    left = [one for one in left if one.submission not in decisions or not _whole(decisions[one.submission], known_on)]
    if not left:
        return {}
    book = codebook(root, load_plan(root, area))
    found: dict[str, set[int]] = {}
    for one in left:
        said = contents(root, area, one, book)
        for row in said.rows if not isinstance(said, Problem) else ():
            item = row["series"], int(row["year"])
            used = decided.in_use(decisions.get(one.submission, ()), item, known_on)
            if row["group"] == TOTAL and row["value"] and not used:
                found.setdefault(row["series"], set()).add(item[1])
    return {series: frozenset(years) for series, years in found.items()}


def waived(root: Path, area: str, day: str = EVER) -> dict[Place, dict[str, Review]]:
    """Decisions by a day that a question needs no answer, by submission (as observations name it), series, group, year and rule.

    A question waived about one return of a unit is waived about every other one in which the same cells hold the same; one about
    a value of a table, wherever the value stands, and one about a return in every table that says the same.
    """
    about = [r for r in register.reviews(root, area) if r.decision == register.WAIVE and r.on <= day]
    if not about:
        return {}
    book = codebook(root, load_plan(root, area))
    returned = {name: of[-1] for name, of in register.lines(root, area).items()}
    tabled = _tables(root, area)
    said: dict[str, Mapping[str, Sequence[str]]] = {}

    def cells(name: str, place: str) -> Sequence[str] | None:
        if name in tabled:
            return tabled[name].get(place)
        if name not in said:
            found = contents(root, area, returned[name], book)
            said[name] = {} if isinstance(found, Problem) else found.typed
        return said[name].get(place)

    def alike(one: Review, name: str) -> bool:
        place = f"{one.series}/{one.group}/{one.year}"
        if not (one.series and one.year) or one.submission not in (*returned, *tabled):
            return False
        if name in returned and one.submission in returned:
            same_unit = returned[name].unit == returned[one.submission].unit
            return same_unit and cells(name, place) == cells(one.submission, place)
        return _same(cells(name, place), cells(one.submission, place))

    result: dict[Place, dict[str, Review]] = {}
    for one in about:
        year = int(one.year) if one.year else None
        for name in (*returned, *tabled):
            if name == one.submission or alike(one, name):
                called = f"{RETURNS}/{name}" if name in returned else name.partition("/")[2]
                result.setdefault((called, one.series, one.group, year), {})[one.rule] = one
    return result


def _tables(root: Path, area: str) -> dict[str, dict[str, Sequence[str]]]:
    """What the number cells of an area's tables hold, by table and ``series/group/year``; what is wrong with one is told where it is used."""
    found: dict[str, dict[str, Sequence[str]]] = {}
    for path in sorted((root / "data" / "raw" / area / register.STORED).glob("*.csv")):
        held = found.setdefault(f"{register.STORED}/{path.name}", {})
        with suppress(DataError):
            for row in tables.read_rows(path, root, TABLE_COLUMNS, TABLE_OPTIONAL):
                held[f"{row['series']}/{row['group'] or TOTAL}/{row['year']}"] = [row[n] for n in NUMBERS]
    return found


def _same(one: Sequence[str] | None, other: Sequence[str] | None) -> bool:
    """Whether two reports say the same value; a count that one of them leaves out is none that differs."""
    if one is None or other is None or not one[0] or not other[0]:
        return False
    return all(not a or not b or _number(a) == _number(b) for a, b in zip(one, other, strict=True))


def _number(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


@dataclass(frozen=True)
class Contents:
    """What is kept of a file that was read: its rows that can be used, and what stands in the number cells of every line.

    ``typed`` has for ``series/group/year`` the value, numerator and denominator as typed.
    """

    rows: Sequence[Row]
    typed: Mapping[str, Sequence[str]]


def contents(root: Path, area: str, one: Submission, book: Codebook) -> Contents | Problem:
    """What a registered file says, or the problem that it is gone or was changed."""
    path = root / "data" / "processed" / area / ".returns" / f"{one.sha256[:20]}_{book.version}_{program()[:8]}.json"
    stored = register.folder(root, area) / one.submission
    if path.is_file() and stored.is_file() and hashlib.sha256(stored.read_bytes()).hexdigest() == one.sha256:
        with suppress(ValueError, KeyError):
            kept = json.loads(path.read_text(encoding="utf-8"))
            return Contents(kept["rows"], kept["typed"])
    found = read_registered(root, area, one, book)
    if isinstance(found, Problem):
        return found
    said = Contents(rows_for_observations(found), typed(found))
    with suppress(OSError):  # a reader of a write-protected folder does without the cache
        tables.write_atomic(path, json.dumps(vars(said), ensure_ascii=False).encode())
    return said


def typed(found: Return) -> dict[str, list[str]]:
    """What stands in the number cells of every line of a return, as in :class:`Contents`."""
    return {f"{r.series}/{r.group}/{r.year}": [r.read[n].raw for n in NUMBERS] for r in found.rows if not r.blank}


def rows_for_observations(found: Return) -> list[Row]:
    """The usable rows of a return: numbers as plain text, and the cell each value stands in."""
    return [
        {
            "series": row.series,
            "group": row.group,
            "year": str(row.year),
            "value": row.text("value") if row.status != "M" else "",
            "numerator": row.text("numerator") if row.count("numerator") >= 0 else "",
            "denominator": row.text("denominator") if row.count("denominator") >= 0 else "",
            "status": row.status,
            "definition": row.definition,
            "quote": row.read["value"].raw,
            "note": row.answer or (row.read["value"].raw if row.read["value"].kind == "not_applicable" else ""),
            "cell": row.cells["value"],
        }
        for row in found.rows
        if not row.blank and (row.usable or row.status == "M")
    ]


def _origin(row: Mapping[str, str], one: Submission, book: Codebook) -> dict[str, Any]:
    cell = row["cell"]
    source = say("returns.source", unit=book.unit_name(one.unit), year=one.year, cell=cell)
    place = f"{RETURNS}/{one.submission}"
    return {
        "area": "",
        "reported_at": one.received_on,
        "tier": "A",
        "source": source,
        "submission": place,
        "file": f"data/raw/{book.plan.area}/{place}",
        "#": cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        "from": (one.unit, one.year, one.back_series),
    }


def _cell(row: Row) -> tuple[str, str, str]:
    return row["series"], row["group"], row["year"]


def _whole(decisions: Iterable[Review], day: str) -> bool:
    """Whether the whole file is in use, so that nothing need be read to know it."""
    about = [d for d in decisions if d.on <= day and d.decision in (*register.USES, register.REOPEN)]
    return bool(about) and not about[-1].series and about[-1].decision != register.REOPEN


def _settled(rows: Sequence[Row]) -> list[Row]:
    """Rows that were used provisionally are so until a later report of the cell has been accepted, whether it repeats them or not."""
    accepted: dict[Hashable, list[Row]] = defaultdict(list)
    for row in rows:
        if not row[USE]:
            accepted[_cell(row)].append(row)
    found = []
    for row in rows:
        later = [r for r in accepted[_cell(row)] if row[USE] and r["reported_at"] >= row["reported_at"]]
        open_ = _outside(row, later)
        found += open_
        if later:
            found += [{**part, USE: ""} for part in _outside(row, open_)]
    return found


def _last(rows: Iterable[Row], key: Callable[[Row], Hashable]) -> list[Row]:
    """Rows without the time in which a later one of the same key is in use."""
    found: list[list[Row]] = []
    later: dict[Hashable, list[Row]] = defaultdict(list)
    for row in reversed([*rows]):
        found.append(_outside(row, later[key(row)]))
        later[key(row)].append(row)
    return [row for parts in reversed(found) for row in parts]


def _outside(row: Row, others: Iterable[Row]) -> list[Row]:
    """A row for each part of its time in which none of the others is in use."""
    parts = [(row[SINCE], row[UNTIL] or EVER)]
    for other in others:
        begin, end = other[SINCE], other[UNTIL] or EVER
        parts = [p for a, b in parts for p in ((a, min(b, begin)), (max(a, end), b)) if p[0] < p[1]]
    return [{**row, SINCE: a, UNTIL: "" if b == EVER else b} for a, b in parts]
