"""What one edition says, as every document needs it: rows with their changes, what the audience may see, measures, earlier editions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from plananalysis.assessments.actions import KINDS
from plananalysis.assessments.sentences import difference, number
from plananalysis.assessments.targets import published
from plananalysis.base.errors import UsageError
from plananalysis.base.tables import edition_folder, read_table
from plananalysis.base.text import say
from plananalysis.editions.disclosure import Cell
from plananalysis.editions.opened import Published, Record, opened
from plananalysis.editions.variant import AUDIENCES, EDITIONS
from plananalysis.pages import final
from plananalysis.pages.listing import NUMERIC
from plananalysis.pages.unit import next_due, unit_names
from plananalysis.pages.wording import kinds
from plananalysis.plan.units import COUNTS

COUNTED = ("万人", "张", *COUNTS)
HIDDEN = "*"
_STATUSES = ("P", "E", "B")


@dataclass(frozen=True)
class Facts:
    """One edition for one audience.

    Parameters
    ----------
    mode
        One of :data:`EDITIONS`.
    audience
        One of :data:`AUDIENCES`; ``public`` sees nothing from which a count of 1 to 4 people could be worked out.
    """

    root: Path
    edition: Published
    mode: str
    audience: str

    # ---- names and dates ---------------------------------------------------------------------------------------

    @cached_property
    def area_name(self) -> str:
        """The area's name without the mark of fictional data, which stands beside every title anyway."""
        return without_mark(self.edition.name)

    @property
    def as_of(self) -> int:
        return self.edition.as_of

    @property
    def base_year(self) -> int:
        return self.edition.base_year

    @property
    def target_year(self) -> int:
        return self.edition.target_year

    @property
    def mark(self) -> str:
        return self.edition.mark

    @property
    def known_on(self) -> str:
        return str(self.edition.info["known_on"])

    @property
    def over(self) -> bool:
        """Whether the target year itself is observed."""
        return self.as_of >= self.target_year

    @cached_property
    def next_due(self) -> str:
        """Day by which the units report the next year's values."""
        return next_due(self.edition)

    # ---- what may be seen --------------------------------------------------------------------------------------

    @cached_property
    def _hidden(self) -> frozenset[Cell]:
        if self.audience != "public":
            return frozenset()
        kept_back = (r for r in self.edition.records("observations") if r.text("withheld") == "True")
        return frozenset(Cell(r.text("series"), r.text("group") or "total", r.whole("year") or 0) for r in kept_back)

    def hidden(self, series: str, year: int | None, group: str = "total") -> bool:
        """Whether a value is withheld from this audience."""
        return year is not None and Cell(series, group or "total", int(year)) in self._hidden

    def measured(self, row: Record) -> Record:
        """The row whose values are shown: a row of parts shows its worst part's."""
        if row.text("role") != "compound":
            return row
        return next((p for p in self.edition.parts(row) if p.text("name") == row.text("worst_part")), row)

    def withheld(self, row: Record) -> bool:
        """Whether the row's newest value is withheld, and with it every number from which it follows."""
        leaf = self.measured(row)
        return self.hidden(leaf.text("series"), leaf.whole("value_year"))

    def any_withheld(self, row: Record) -> bool:
        """Whether any value of the row's history is withheld: then no curve of it is drawn either."""
        series = self.measured(row).text("series")
        return any(cell.series == series and cell.group == "total" for cell in self._hidden)

    def starred(self, row: Record, column: str) -> bool:
        """Whether a cell of the assessment table is withheld."""
        return column in row.words("withheld")

    @cached_property
    def withholds(self) -> bool:
        return bool(self._hidden)

    # ---- numbers of one row ------------------------------------------------------------------------------------

    def number(self, row: Record, column: str) -> float | None:
        """A number of the row for a table cell; None when missing or withheld."""
        if column in ("value", "previous_value") and self.withheld(row):
            return None
        if column == "baseline" and self.hidden(self.measured(row).text("series"), self.base_year):
            return None
        if column in _FOLLOWS and self.any_withheld(row):
            return None  # with the values that are shown it would give the one that is not
        if column in ("task_progress", "time_progress") and row.text("kind") not in (*NUMERIC, "worst_part"):
            return None
        return row.number(column)

    def value(self, row: Record) -> str:
        """The newest value with its unit, a star when withheld, empty when there is none."""
        if self.withheld(row):
            return HIDDEN
        return "" if row.number("value") is None else self.amount(row, row.number("value"))

    def amount(self, row: Record, value: float | None) -> str:
        return "" if value is None else number(value, row.text("unit"), row.whole("decimals") or 0)

    def previous(self, row: Record) -> tuple[int, float] | None:
        """Year and value of the observation before the newest one, in the same definition; None when none or withheld."""
        leaf = self.measured(row)
        value, year = leaf.number("previous_value"), leaf.whole("value_year")
        if value is None or year is None:
            return None
        series = leaf.text("series")
        years = [
            r.whole("year")
            for r in self.edition.observed.get(series, [])
            if r.number("value") is not None
            and r.whole("year") < year
            and abs(r.number("value") - value) < 1e-9 * max(1.0, abs(value))
        ]
        if not years or self.hidden(series, years[-1]):
            return None
        return int(max(years)), value

    def step(self, row: Record, before: float | None) -> int | None:
        """Change of the newest value on an earlier one, in units of the last published digit; both rounded as published."""
        value, places = row.number("value"), row.whole("decimals") or 0
        if value is None or before is None or self.withheld(row):
            return None
        return int(published(value, places)) - int(published(before, places))

    def change(self, row: Record, before: float | None) -> float | None:
        """Change of the newest value on an earlier one, as the published values differ."""
        step = self.step(row, before)
        return None if step is None else step / 10.0 ** (row.whole("decimals") or 0)

    def size(self, row: Record, amount: float, finer: bool = False) -> str:
        """The size of a difference with its unit."""
        places = row.whole("decimals") or 0
        return difference(amount, row.text("unit"), places + (finer and places < 2))

    def since_base(self, row: Record) -> float | None:
        """Change since the base year; None without a base value, at the base year itself, or when withheld."""
        year = row.whole("value_year")
        if year is None or year <= self.base_year:
            return None
        return self.change(row, self.number(row, "baseline"))

    def reading(self, row: Record) -> str:
        """How the target is read; a control limit that would show a withheld base value is left out."""
        leaf = self.measured(row)
        if leaf.text("kind") == "under_control" and self.hidden(leaf.text("series"), self.base_year):
            return say("reading.under_control")
        return row.text("reading_text")

    # ---- lists -------------------------------------------------------------------------------------------------

    @property
    def rows(self) -> list[Record]:
        return self.edition.rows

    def with_parts(self, rows: Sequence[Record]) -> Iterator[Record]:
        for row in rows:
            yield row
            yield from self.edition.parts(row)

    def alerted(self, code: str, rows: Sequence[Record] | None = None) -> list[Record]:
        return [r for r in (self.rows if rows is None else rows) if code in r.words("alerts")]

    @cached_property
    def proposals(self) -> dict[str, list[Record]]:
        """Rows by the kind of action a rule proposes, every kind in order."""
        return {kind: [r for r in self.rows if kind in self.kinds(r)] for kind in KINDS}

    def kinds(self, row: Record) -> tuple[str, ...]:
        return kinds(row)

    @cached_property
    def actions(self) -> list[Record]:
        """Measures the office recorded, with the name of the unit and the plan row they serve; not for the public."""
        path = self._folder(self.as_of) / "actions.csv"
        if self.audience == "public" or not path.is_file():
            return []
        names = self.unit_names
        found = []
        for cells in read_table(path, dtype=str).fillna("").to_dict("records"):
            about = self.edition.series.get(cells["series"])
            row = about.text("row") if about else cells["series"]
            found.append(Record({**cells, "row": row, "unit_name": names.get(cells["unit"], cells["unit"])}))
        return found

    @cached_property
    def unit_names(self) -> dict[str, str]:
        """Name of every responsible unit by code, in the order the plan first names them."""
        return unit_names(self.edition)

    def of_unit(self, unit: str) -> list[Record]:
        """Rows of the plan for which a unit answers, alone or with others."""
        name = self.unit_names[unit]
        return [r for r in self.rows if name in r.words("responsible_units")]

    @cached_property
    def earlier(self) -> dict[int, dict[str, Record]]:
        """What the period's earlier editions say of each row, by year and series; of an older build, as far as they are there."""
        if "earlier" in set(self.edition.tables):
            return final.earlier(self.edition)
        found = {}
        for year in range(self.base_year + 1, self.as_of):
            folder = self._folder(year)
            info = folder / "edition.json"
            if not info.is_file():
                continue
            if json.loads(info.read_text(encoding="utf-8")).get("outline") == self.edition.info.get("outline"):
                rows = [Record(r) for r in read_table(folder / "assessments.csv").to_dict("records")]
                found[year] = {r.text("series"): r for r in rows}
        return found

    def _folder(self, year: int) -> Path:
        home = self.root / "data" / "processed" / self.edition.area
        own = home / edition_folder(year, self.edition.language)
        return (
            own if own.is_dir() else home / str(year)
        )  # of earlier years codes and numbers are read, which have no language

    def cell_note(self, record: Record) -> str:
        """What to know about one observation: provisional, estimated, first year of a new definition."""
        status = record.text("status")
        return say(f"documents.status.{status}", year=record.text("year")) if status in _STATUSES else ""


# numbers worked out from several values of a history
_FOLLOWS = ("shortfall", "required_annual_change", "observed_annual_change", "pace_multiple", "task_progress", "events")


def open_facts(root: Path, area: str, as_of: int, mode: str = "annual", audience: str = "internal") -> Facts:
    """One built edition, ready to be written for one audience.

    Raises
    ------
    UsageError
        No such edition, mode or audience; or a mode the year does not allow.
    """
    for given, allowed, key in ((mode, EDITIONS, "unknown_mode"), (audience, AUDIENCES, "unknown_audience")):
        if given not in allowed:
            raise UsageError(say(f"documents.errors.{key}", given=given, known="、".join(allowed)))
    facts = Facts(root, opened(area, as_of, root, audience=audience, mode=mode), mode, audience)
    if mode == "final" and not facts.over:
        raise UsageError(say("documents.errors.not_final", as_of=as_of, target_year=facts.target_year))
    if mode == "midterm" and facts.over:
        raise UsageError(say("documents.errors.not_midterm", as_of=as_of, target_year=facts.target_year))
    return facts


def without_mark(name: str) -> str:
    """A name without （虚构） at its end: documents carry that mark themselves, where nobody can miss it."""
    return re.sub(r"\s*[(（](虚构|fictional)[)）]$", "", name)
