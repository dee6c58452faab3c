"""Planted troubles: which of the menu an area gets, how they bend its history, and how they spoil what is reported.

The menu is ``data/raw/simulation/troubles.csv``. Every planted trouble is written down in the area's ``troubles.csv``, so that a
check can be scored by what it finds and by what it calls wrong without cause.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from plananalysis.base.tables import read_rows
from plananalysis.simulate.levels import Levels, faded_years

RECORD_COLUMNS = ["kind", "series", "group", "year", "unit", "file", "reported", "true_value", "detail", "note"]
BENDS = ("hard", "easy", "slipping", "volatile", "election_step", "definition_break")  # true, only hard to judge
NEAR_BOUND = Decimal("99.4")  # per cent
OBSERVED = ("zero_events", "near_bound")  # arise by themselves and are only written down

Row = dict[str, Any]


@dataclass(frozen=True)
class Trouble:
    """One planted trouble: a row of the menu with its year drawn."""

    kind: str
    unit: str
    series: str
    partner: str
    year: int
    level_2010: float | None
    level_2020: float | None
    yearly_sd: float | None
    change: Decimal
    definition_before: str
    definition_after: str
    reason: str


# a row of the menu says between which years; one of them is drawn
MENU_COLUMNS = [c for f in fields(Trouble) for c in (("year_from", "year_to") if f.name == "year" else (f.name,))]


def choose(root: Path, levels: Levels, rng: np.random.Generator, as_of: int) -> list[Trouble]:
    """Draw an area's troubles from the menu, no two on one series."""
    menu = read_rows(root / "data" / "raw" / "simulation" / "troubles.csv", root, MENU_COLUMNS)
    used: set[str] = set()
    chosen: list[Trouble] = []
    for kind, count in levels.settings["troubles"].items():
        candidates = [row for row in menu if row["kind"] == kind]
        for i in rng.permutation(len(candidates)):
            row = candidates[i]
            touched = {row["series"], row["partner"], row["unit"]} - {""}
            if count and (kind in OBSERVED or not touched & used):
                chosen.append(_trouble(row, rng, as_of))
                used |= touched
                count -= 1
    return chosen


def bend(levels: Levels, troubles: Iterable[Trouble]) -> tuple[Levels, list[int]]:
    """Levels with the troubles that are part of the area's true history, and the series they touch."""
    arrays = {
        name: getattr(levels, name).copy() for name in ("start", "drift", "step_sd", "noise_sd", "area_sd", "shocks")
    }
    touched: list[int] = []
    for trouble in troubles:
        if trouble.kind not in BENDS:
            continue
        i = levels.index(trouble.series)
        touched.append(i)
        expected = levels.start[i] + levels.drift[i] * faded_years(levels.fade[i])
        level = float(levels.from_latent_at(expected, i)) if trouble.level_2020 is None else trouble.level_2020
        if trouble.level_2020 is not None:
            assert trouble.yearly_sd is not None  # the menu has both or none
            start, end = levels.to_latent([trouble.level_2010, trouble.level_2020], i)
            arrays["start"][i], arrays["area_sd"][i] = start, 0.0
            arrays["drift"][i] = (end - start) / faded_years(levels.fade[i])
            sd = trouble.yearly_sd * levels.slope(level, i)
            transient = 0.8 if trouble.kind == "volatile" else 0.35
            arrays["step_sd"][i], arrays["noise_sd"][i] = sd * np.sqrt(1 - transient), sd * np.sqrt(transient / 2)
        since = np.maximum(levels.years - trouble.year + 1, 0)
        steps = since if trouble.kind == "slipping" else np.minimum(since, 1)
        arrays["shocks"][i] += levels.to_latent(level + float(trouble.change) * steps, i) - levels.to_latent(level, i)
        if trouble.kind == "slipping":  # what had carried it up is over, and it loses ground every year
            faded = faded_years(levels.fade[i], levels.years - levels.years[0])
            gained = np.maximum(faded - faded[levels.years == trouble.year - 1], 0)
            arrays["shocks"][i] -= arrays["drift"][i] * gained
    return replace(levels, **arrays), touched


class Returns:
    """What the responsible units send in: rows by series, group and year, and everything planted so far."""

    def __init__(self, rows: Sequence[Row], as_of: int, closes: str, dates: dict[str, str], mark: str) -> None:
        self.rows = list(rows)
        self.as_of, self.closes, self.dates, self.mark = as_of, closes, dates, mark
        self.at = {(r["series"], r["group"], r["year"]): r for r in self.rows}
        self.corrections: list[Row] = []
        self.records: list[Row] = []

    def plant(self, trouble: Trouble) -> None:
        """Spoil the rows a trouble is about, and write it down."""
        getattr(self, f"_{trouble.kind}", self._bent)(trouble)

    def _record(self, trouble: Trouble, row: Row | None, reported: str = "", true: str = "", detail: str = "") -> None:
        row = row or {}
        self.records.append(
            {
                "kind": trouble.kind,
                "series": row.get("series", trouble.series),
                "group": row.get("group", ""),
                "year": row.get("year", ""),
                "unit": row.get("unit", trouble.unit),
                "file": row.get("file", ""),
                "reported": reported,
                "true_value": true,
                "detail": detail or trouble.reason,
                "note": self.mark,
            }
        )

    def _row(self, trouble: Trouble, year: int | None = None) -> Row:
        return self.at[trouble.series, "total", year or trouble.year]

    def _of_series(self, series: str, year: int | None = None) -> list[Row]:
        return [r for r in self.rows if r["series"] == series and year in (None, r["year"])]

    def _bent(self, trouble: Trouble) -> None:
        row = self.at.get((trouble.series, "total", trouble.year if trouble.kind == "election_step" else self.as_of))
        self._record(trouble, row, reported=row["value"] if row else "")

    def _as_it_is(self, trouble: Trouble, row: Row) -> None:
        self._record(trouble, row, reported=row["value"], true=row["value"])

    def _zero_events(self, trouble: Trouble) -> None:
        for row in self._of_series(trouble.series):
            if row["group"] == "total" and row["numerator"] == "0":
                self._as_it_is(trouble, row)

    def _near_bound(self, trouble: Trouble) -> None:
        row = self.at.get((trouble.series, "total", self.as_of))
        if row and Decimal(row["value"]) >= NEAR_BOUND:
            self._as_it_is(trouble, row)

    def _definition_break(self, trouble: Trouble) -> None:
        for row in self._of_series(trouble.series):
            row["definition"] = trouble.definition_after if row["year"] >= trouble.year else trouble.definition_before
            if row["year"] == trouble.year:
                row.update(status="B", note=trouble.reason)
        self._as_it_is(trouble, self._row(trouble))

    def _missing(self, trouble: Trouble) -> None:
        true = self._row(trouble)["value"]
        for row in self._of_series(trouble.series, trouble.year):
            row.update(value="", numerator="", denominator="", status="M", note=trouble.reason)
        self._record(trouble, self._row(trouble), true=true)

    def _absent(self, trouble: Trouble) -> None:
        row = self._row(trouble)
        self._drop(self._of_series(trouble.series, trouble.year))
        self._record(trouble, row, true=row["value"])

    def _never_reported(self, trouble: Trouble) -> None:
        rows = self._of_series(trouble.series)
        self._drop(rows)
        self._record(trouble, {"series": trouble.series, "group": "total", "unit": rows[0]["unit"]})

    def _typed(self, trouble: Trouble, year: int, text: str) -> Row:
        """Another value in the place of the true one, and both as a correction has them."""
        row = self._row(trouble, year)
        true, row["value"] = row["value"], text
        self._record(trouble, row, reported=text, true=true)
        return {"wrong_value": text, "right_value": true}

    def _unit_slip(self, trouble: Trouble) -> Row:
        slipped = Decimal(self._row(trouble)["value"]) * trouble.change
        return self._typed(trouble, trouble.year, f"{slipped.normalize():f}")

    def _both_sexes(self, trouble: Trouble) -> None:
        row = self._row(trouble)
        self._typed(trouble, trouble.year, _text(Decimal(row["value"]) * trouble.change, row))

    def _transposed(self, trouble: Trouble) -> None:
        years = [trouble.year, *range(self.as_of, 2009, -1)]  # some values, such as 50.00, have nothing to exchange
        year, typed = next((y, t) for y in years for t in _exchanged(self._row(trouble, y)["value"]))
        self._typed(trouble, year, typed)

    def _broken_rise(self, trouble: Trouble) -> None:
        row, before = self._row(trouble), self._row(trouble, trouble.year - 1)
        row["value"] = _text(Decimal(before["value"]) + trouble.change, row)
        self._as_it_is(trouble, row)

    def _unit_slip_corrected(self, trouble: Trouble) -> None:
        if not Decimal(self._row(trouble)["value"]):  # ten times zero is no slip
            trouble = replace(
                trouble, year=max(r["year"] for r in self._of_series(trouble.series) if Decimal(r["value"]))
            )
        values = self._unit_slip(trouble)
        row = self._row(trouble)
        decided = {"decided_by": self.mark, "decided_on": f"{row['reported_at'][:4]}-06-10"}
        place = {"submission": row["file"], "series": row["series"], "group": row["group"], "year": row["year"]}
        self.corrections.append({**place, **values, "reason": f"{trouble.reason};{self.mark}", **decided})

    def _revision(self, trouble: Trouble, status: str = "A") -> None:
        trouble = replace(trouble, year=min(trouble.year, self.as_of - 1))
        row = self._row(trouble)
        file = next(r["file"] for r in self.rows if r["unit"] == row["unit"] and r["year"] == trouble.year + 1)
        final = {**row, "file": file, "reported_at": self.dates[file], "note": trouble.reason}
        row.update(value=_text(Decimal(row["value"]) + trouble.change, row), status=status)
        self.rows.append(final)
        self._record(trouble, row, reported=row["value"], true=final["value"], detail=f"{trouble.reason}:{file}")

    def _provisional(self, trouble: Trouble) -> None:
        self._revision(trouble, status="P")

    def _repeated(self, trouble: Trouble) -> None:
        row, before = self._row(trouble), self._row(trouble, trouble.year - 1)
        true = row["value"]
        row.update({c: before[c] for c in ("value", "numerator", "denominator")})
        self._record(trouble, row, reported=row["value"], true=true)

    def _swapped(self, trouble: Trouble) -> None:
        years = [trouble.year, *range(self.as_of, 2009, -1)]  # an exchange shows only where the counts differ
        pairs = ((self.at[trouble.series, "total", y], self.at[trouble.partner, "total", y]) for y in years)
        one, other = next(p for p in pairs if p[0]["numerator"] != p[1]["numerator"])
        for a, b in ((one, other), (other, one)):
            self._record(trouble, a, reported=b["value"], true=a["value"])
        for column in ("value", "numerator"):
            one[column], other[column] = other[column], one[column]

    def _late(self, trouble: Trouble) -> None:
        """The whole file comes ``change`` months after the end of its year."""
        file = next(r["file"] for r in self.rows if r["unit"] == trouble.unit and r["year"] == trouble.year)
        months = int(trouble.change) - 1
        reported_at = f"{trouble.year + 1 + months // 12}-{months % 12 + 1:02d}-18"
        for row in (r for r in self.rows if r["file"] == file):
            row["reported_at"] = self.dates[file] = reported_at
        place = {"unit": trouble.unit, "year": trouble.year, "file": file}
        closing = self.closes.format(year=trouble.year + 1)
        self._record(trouble, place, reported=reported_at, detail=f"{trouble.reason}({closing})")

    _late_earlier = _late

    def _drop(self, rows: Sequence[Row]) -> None:
        gone = {id(r) for r in rows}
        self.rows = [r for r in self.rows if id(r) not in gone]


def _trouble(row: dict[str, str], rng: np.random.Generator, as_of: int) -> Trouble:
    low, high = int(row["year_from"] or as_of), int(row["year_to"] or as_of)
    numbers: dict[str, Any] = {c: float(row[c]) if row[c] else None for c in ("level_2010", "level_2020", "yearly_sd")}
    words: dict[str, Any] = {
        c: row[c] for c in ("kind", "unit", "series", "partner", "definition_before", "definition_after", "reason")
    }
    year = min(int(rng.integers(low, high + 1)), as_of)
    return Trouble(**words, **numbers, year=year, change=Decimal(row["change"] or 0))


def _text(value: Decimal, row: Row) -> str:
    """A value with as many decimals as the row's own."""
    return f"{value:.{len(row['value'].partition('.')[2])}f}"


def _exchanged(text: str) -> Iterator[str]:
    """A number with two neighbouring digits exchanged, wherever that gives another proper number."""
    for i in range(len(text) - 1):
        if text[i : i + 2].isdigit() and text[i] != text[i + 1] and (i or text[1] != "0"):
            yield text[:i] + text[i + 1] + text[i] + text[i + 2 :]
