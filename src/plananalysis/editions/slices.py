"""What each page sees of an edition, and a number for it: a page is made again when its slice has changed, and only then.

Plain text and the standard library: whether anything has to be rendered is decided before pandas is loaded.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from plananalysis.base.tables import read_json
from plananalysis.editions.frames import Row, Stored, stored

INFO = "edition"  # the table's name under which the rest of what is seen counts
WHOLE = "*"  # stands for all rows of a table that is not about series or units

_METHOD = frozenset({"backtests", "reliability", "track_record", "retrospective"})
_INTAKE = frozenset({"quality", "completeness", "accountability", "return_questions"})
_CARDS = frozenset({"gaps", "gap_years", "definitions"})  # shown on the cards of indicators only
_PLACES = frozenset({"comparators", "comparator_outlooks"})
_ELSEWHERE = frozenset({"finished"})  # shown on the brief only
# tables that a kind of page does not show; a table nobody has thought of yet is seen by every page but the method's
_UNSEEN = {
    "overview": _METHOD | _CARDS | {"quality", "return_questions", "analogues"},
    "domain": _METHOD | _ELSEWHERE | (_INTAKE - {"quality"}),  # a card tells which of its values were revised
    "unit": _METHOD | _CARDS | _ELSEWHERE,
    "data_quality": _METHOD
    | _CARDS
    | _PLACES
    | _ELSEWHERE
    | {"projections", "explanations", "analogues", "changes", "actions"},
}
_SEEN = {
    "method_check": _METHOD,
    "indicators": frozenset({"plan", "observations", "assessments", "definitions", "quality"}),
}
_BY_UNIT = _INTAKE - {"quality"}  # tables with a line per unit; those of the method are about no series of the plan
_DESCRIPTION = frozenset({"inputs", "version", "engine"})  # of edition.json: where it comes from, for the method page


@dataclass(frozen=True)
class Columns:
    """What is seen of a table's columns.

    Parameters
    ----------
    dropped
        Columns that are not seen.
    presence
        Columns of which only is seen whether there is a value.
    words
        For some columns, the only words that are seen.
    unless
        A row in which this column is filled is seen as it is.
    """

    dropped: frozenset[str] = frozenset()
    presence: frozenset[str] = frozenset()
    words: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unless: str = ""

    def of(self, row: Mapping[str, str]) -> dict[str, str]:
        if self.unless and row.get(self.unless):
            return dict(row)
        return {
            c: ("1" if v != "" else "")
            if c in self.presence
            else v
            if c not in self.words or v in self.words[c]
            else ""
            for c, v in row.items()
            if c not in self.dropped
        }


# the data-quality page shows that there is a value and whether a row lacks a verdict, not which
_VALUES = frozenset({"value", "numerator", "denominator"})
_WITHOUT_VERDICT = frozenset({"no_data", "needs_judgement"})
_VERDICT = frozenset(
    {"value_year", "value_text", "value_question", "value_places", "doubted_year", "doubted_value", "previous_value"}
    | {"baseline", "baseline_year", "events", "events_years", "n_points", "evidence_grade", "reason"}
    | {"position", "first_position", "goal", "goal_low", "goal_high", "shortfall", "probability", "schedule", "alerts"}
    | {"task_progress", "time_progress", "required_annual_change", "observed_annual_change", "pace_multiple"}
    | {"pace_since", "median_target_year", "low80_target_year", "high80_target_year", "worst_part"}
    | {f"required_{year}" for year in range(1990, 2101)}
)
_COLUMNS = {
    ("data_quality", "observations"): Columns(
        presence=_VALUES,
        dropped=frozenset({"status", "reported_at", "tier", "source", "quote", "note", "submission", "file_row"}),
        unless="correction",
    ),
    ("data_quality", "assessments"): Columns(
        presence=frozenset({"value"}),
        words={"outlook": _WITHOUT_VERDICT},
        dropped=_VERDICT,
    ),
    ("indicators", "assessments"): Columns(dropped=_VERDICT | {"value", "outlook", "withheld"}),
}


@dataclass(frozen=True)
class Slice:
    """What one page sees.

    Parameters
    ----------
    kind
        Kind of page: ``overview``, ``domain``, ``unit``, ``data_quality``, ``method_check``, ``indicators``.
    series, units
        The series and units it is about; None for all of them.
    """

    kind: str
    series: frozenset[str] | None = None
    units: frozenset[str] | None = None

    def sees(self, table: str) -> bool:
        if self.kind in _SEEN:
            return table in _SEEN[self.kind]
        return table not in _UNSEEN.get(self.kind, ())

    def columns(self, table: str) -> Columns | None:
        return _COLUMNS.get((self.kind, table))

    def wanted(self, table: str, columns: Collection[str]) -> tuple[str, frozenset[str] | None]:
        """By which column rows are chosen and named, and which are wanted (None: all); no column means the table as a whole."""
        if table in _BY_UNIT:
            return "unit", self.units
        return ("series", self.series) if "series" in columns and table not in _METHOD else ("", None)

    def info(self, info: Mapping[str, Any]) -> dict[str, Any]:
        """The part of ``edition.json`` that is seen."""
        left_out = _DESCRIPTION - {"version", "engine"} if self.kind == "method_check" else _DESCRIPTION
        return {k: v for k, v in info.items() if k not in left_out}

    def rows(self, name: str, rows: list[Row]) -> list[Row]:
        """The rows and columns of a table that are seen."""
        key, wanted = self.wanted(name, next(iter(rows), {}))
        seen = rows if wanted is None else [row for row in rows if row[key] in wanted]
        columns = self.columns(name)
        return seen if columns is None else [columns.of(row) for row in seen]


def slice_of(kind: str, about: str, plan: Sequence[Mapping[str, str]]) -> Slice:
    """The slice of a page.

    Parameters
    ----------
    kind, about
        Kind of page, and the domain's or unit's code where it is about one.
    plan
        Rows of the table ``plan``.
    """
    if kind not in ("domain", "unit"):
        return Slice(kind)
    if kind == "domain":
        own = [r for r in plan if r["domain"] == about]
        compared = {code for r in own for code in words(r.get("reference") or "")}
        return Slice(kind, frozenset({r["series"] for r in own} | compared), frozenset())
    own = [r for r in plan if about in words(r["responsible_units"])]  # nothing of other units, not even for comparison
    return Slice(kind, frozenset(r["series"] for r in own), frozenset({about}))


def words(cell: object) -> tuple[str, ...]:
    """A cell of several words joined by semicolons."""
    return _split(cell) if isinstance(cell, str) else ()


@lru_cache(maxsize=4096)  # each page asks of every row of the plan whether it is about it
def _split(cell: str) -> tuple[str, ...]:
    return tuple(w.strip() for w in cell.split(";") if w.strip())


@dataclass(frozen=True)
class Seen:
    """What a slice holds, told by checksums: for every table, one per series or unit in order of appearance."""

    tables: Mapping[str, Mapping[str, str]]
    digest: str

    def as_record(self) -> dict[str, str]:
        """One line per table, short enough to keep for every page."""
        return {name: " ".join(f"{k}={d[:8]}" for k, d in found.items()) for name, found in self.tables.items()}

    def changed(self, before: Mapping[str, str]) -> dict[str, list[str]]:
        """Tables that differ from an earlier record, each with the series or units in which it does."""
        now, found = self.as_record(), {}
        for name in [*now, *(n for n in before if n not in now)]:
            old, new = (dict(item.split("=") for item in held.get(name, "").split()) for held in (before, now))
            keys = [k for k in [*new, *(k for k in old if k not in new)] if old.get(k) != new.get(k)]
            if keys:
                found[name] = keys
        return found


class Tables:
    """The derived tables of one edition as text, for as many slices as there are pages.

    Parameters
    ----------
    folder
        Folder of the edition's tables.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files: dict[str, Stored] = {}

    @cached_property
    def names(self) -> list[str]:
        return sorted(p.stem for p in self.folder.glob("*.csv"))

    @cached_property
    def info(self) -> dict[str, Any]:
        return read_json(self.folder / "edition.json")

    def rows(self, name: str) -> list[Row]:
        """Rows of a table; none when the edition does not have it."""
        return self._held(name).rows if name in self.names else []

    def seen(self, view: Slice, *settings: object) -> Seen:
        """The checksums of a slice. ``settings`` count into its digest: whatever else the page's content depends on."""
        tables: dict[str, dict[str, str]] = {}
        for name in self.names:
            if view.sees(name):
                digests, (_, wanted) = self._of(name, view), view.wanted(name, self._held(name).head)
                found = digests if wanted is None else {k: d for k, d in digests.items() if k in wanted}
                tables |= {name: found} if found else {}  # a table without rows says as little as none
        about = json.dumps([view.info(self.info), settings], ensure_ascii=False, sort_keys=True, default=str)
        tables[f"{INFO}.json"] = {WHOLE: hashlib.sha256(about.encode()).hexdigest()}
        return Seen(tables, hashlib.sha256(json.dumps(tables, ensure_ascii=False).encode()).hexdigest())

    def _held(self, name: str) -> Stored:
        if name not in self._files:
            self._files[name] = stored(self.folder / f"{name}.csv")
        return self._files[name]

    def _of(self, name: str, view: Slice) -> dict[str, str]:
        """Checksums of what a kind of page sees of a table, by series or unit."""
        held, columns = self._held(name), view.columns(name)
        if (kind := columns and view.kind) not in held.seen:
            key, _ = Slice("").wanted(name, held.head)
            lines: dict[str, list[str]] = {}
            shown = held.lines if columns is None else [columns.of(row).values() for row in held.rows]
            about = held.head.index(key) if key else None
            for cells, told in zip(held.lines, shown, strict=True):
                of = WHOLE if about is None else cells[about] or WHOLE
                lines.setdefault(of, []).append("\x1f".join(told))
            top = "\x1f".join(held.head)
            held.seen[kind] = {
                k: hashlib.sha256("\x1e".join([top, *some]).encode()).hexdigest() for k, some in lines.items()
            }
        return held.seen[kind]
