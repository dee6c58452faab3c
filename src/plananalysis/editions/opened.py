"""One published edition: the derived tables of one area and year, read once, with the look-ups every page needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from plananalysis.base.text import LANGUAGES, say
from plananalysis.editions.called import called, plan_name, plans_name
from plananalysis.editions.frames import Frames, rows_of
from plananalysis.editions.slices import Slice, slice_of
from plananalysis.editions.speaker import Speaker
from plananalysis.editions.words import in_words
from plananalysis.render.texts import without_mark
from plananalysis.schema import tables
from plananalysis.schema.rows import Record

if TYPE_CHECKING:
    import pandas as pd

_DESCRIBED = (  # of the table ``plan``, what describes a row of ``assessments`` too
    *("series", "row", "role", "plan", "domain", "number", "sub", "name", "indicator", "unit", "decimals", "direction"),
    *("attribute", "rhythm", "responsible_units"),
)
_PLAN = ("series", "row", "domain", "responsible_units", "reference")  # what a slice is chosen by


@dataclass(frozen=True)
class Domain:
    code: str
    plan: str
    name: str


@dataclass(frozen=True, repr=False)
class Published(Speaker):
    """The tables of one edition.

    Parameters
    ----------
    info
        Content of ``edition.json``.
    domains
        Every domain of the plan in printed order, also one without rows.
    tables
        Derived tables by name.
    audience, mode
        For whom it is written (``internal``, ``leading-group``, ``public``) and as what (``annual``, ``midterm``, ``final``).
    folder
        Where its tables lie; None for an edition that was never written.
    view
        The part of the edition that is seen; None for all of it.
    language, names
        In which language it speaks, and the names that its data have in it.
    """

    area: str
    as_of: int
    info: Mapping[str, Any]
    domains: Sequence[Domain]
    tables: Mapping[str, pd.DataFrame]
    language: str = LANGUAGES[0]
    audience: str = "internal"
    mode: str = "annual"
    folder: Path | None = None
    view: Slice | None = None
    names: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<edition {self.area} {self.as_of}>"

    # ---- slices ------------------------------------------------------------------------------------------------

    def seen_by(self, kind: str, about: str = "") -> Published:
        """The part of the edition that one page sees; ``about`` is a domain's or unit's code.

        A table the page does not see is not empty but an error, so that no page lacks something silently.
        """
        if self.view is not None:
            return self
        return self._through(slice_of(kind, about, self._plan))

    @cached_property
    def _plan(self) -> list[dict[str, str]]:
        """What a slice is chosen by."""
        return [{column: r.text(column) for column in _PLAN} for r in self.records("plan")]

    def _through(self, view: Slice) -> Self:
        names = [n for n in self.tables if view.sees(n)]
        frames = Frames(names, lambda name: view.rows(name, rows_of(self.tables, name)), set(self.tables) - set(names))
        return replace(self, info=view.info(self.info), tables=frames, view=view)

    # ---- words -------------------------------------------------------------------------------------------------

    def say(self, key: str, **values: Any) -> str:
        return say(key, self.language, **values)

    def in_words(self, row: Record, column: str) -> str:
        """What a column says that is not stored but made from others."""
        with self.speaking():
            return in_words(self, row, column)

    def unit_name(self, code: str) -> str:
        """Name of a responsible unit; a code that no series of the plan names stays as it is."""
        return self.unit_names.get(code, code)

    @cached_property
    def unit_names(self) -> dict[str, str]:
        """Name of every responsible unit by code, in the order the plan first names them."""
        names: dict[str, str] = {}
        for r in self.series.values():
            for code, name in zip(r.words("responsible_units"), r.words("responsible_names"), strict=True):
                names.setdefault(code, name)
        return names

    @property
    def several_units(self) -> bool:
        """Whether the plan names more than one responsible unit; of one alone no table tells in every line."""
        return int(self.info.get("units", 2)) > 1

    def lead(self, row: Record) -> str:
        """Name of the unit that answers for a row first; empty where none does."""
        return next(map(self.unit_name, row.words("responsible_units")), "")

    def deciding(self, row: Record) -> Record:
        """The row whose values are shown: of a row judged by its parts the part that decides, else the row itself."""
        return next((p for p in self.parts(row) if p.text("series") == row.text("worst_part")), row)

    # ---- facts about the edition -------------------------------------------------------------------------------

    @cached_property
    def withholds(self) -> bool:
        """Whether this audience is shown less than there is."""
        seen = "observations" in set(self.tables)
        return seen and any(r.text("withheld") == "True" for r in self.records("observations"))

    def shows(self, table: str) -> bool:
        """Whether this audience is shown a table: one that is left out is not the same as an empty one."""
        from plananalysis.editions.audience import LEFT_OUT

        return table not in LEFT_OUT[self.audience]

    @property
    def bare_name(self) -> str:
        """The area's name without the mark of fictional data, which stands beside every title anyway."""
        return without_mark(self.name)

    @property
    def since_base(self) -> bool:
        """Whether there are data of any year of the plan."""
        return (self.info.get("newest_year") or 0) > self.base_year

    @property
    def is_first(self) -> bool:
        """Whether the plan period has no edition before this one."""
        return self.as_of <= int(self.info["first_as_of"])

    @property
    def title(self) -> str:
        return self.translated(str(self.info.get("title") or ""))

    def signed_off(self, threshold: str) -> str:
        """Who decided a threshold and when: the office by itself, else whoever signed them all off; "" for nobody."""
        decided = (self.info.get("decided") or {}).get(threshold)
        return str(decided or self.thresholds.get("signed_off") or "")

    # ---- rows of the plan --------------------------------------------------------------------------------------

    @cached_property
    def assessments(self) -> dict[str, Record]:
        """Every assessed row and part, in printed order."""
        return {r.text("series"): r for r in self.records("assessments")}

    @cached_property
    def rows(self) -> list[Record]:
        """The rows of the plan as printed: measured rows and rows judged by their parts."""
        return [r for r in self.assessments.values() if r.text("role") in ("target", "compound")]

    def parts(self, row: Record) -> list[Record]:
        return self._parts.get(row.text("series"), [])

    @cached_property
    def _parts(self) -> dict[str, list[Record]]:
        return gathered((r for r in self.assessments.values() if r.text("role") == "part"), lambda r: r.text("row"))

    @cached_property
    def series(self) -> dict[str, Record]:
        """What the plan says about every series, including the ones collected only for reference."""
        return {r.text("series"): r for r in self.records("plan")}

    @cached_property
    def domain_codes(self) -> list[str]:
        return [d.code for d in self.domains]

    def in_domain(self, domain: str) -> list[Record]:
        return [r for r in self.rows if r.text("domain") == domain]

    def references(self, domain: str) -> list[Record]:
        """Series of a domain that have values but no target of their own in this plan period: rows without a verdict."""
        found = (c for c, r in self.series.items() if r.text("role") == "reference" and r.text("domain") == domain)
        return [self.row(code) for code in found if code in self.observed]

    def row(self, code: str) -> Record:
        """A series as a row of ``assessments``, without a verdict where it has none.

        Raises
        ------
        KeyError
            The plan has no such series.
        """
        if code in self.assessments:
            return self.assessments[code]
        known = self.series[code].cells
        return Record({c: known[c] for c in _DESCRIBED if c in known}, tables("edition")["assessments"], self)

    def plan_name(self, plan: str) -> str:
        with self.speaking():
            return plan_name(self.info, plan)

    def plan_short(self, plan: str) -> str:
        """A plan's name in a word, as it stands before a domain's."""
        with self.speaking():
            return plan_name(self.info, plan, "short")

    @property
    def plans_name(self) -> str:
        """What the area's plans are called together."""
        with self.speaking():
            return plans_name(self.info)

    @property
    def office(self) -> str:
        """The office that watches over the plans; "" where it is not named."""
        with self.speaking():
            return called(self.info, "office")

    # ---- tables ------------------------------------------------------------------------------------------------

    def records(self, name: str) -> list[Record]:
        """Rows of a derived table; none when the edition does not have it."""
        about = tables("edition").get(name)
        return [Record(row, about, self) for row in rows_of(self.tables, name)] if name in self.tables else []

    def of_series(self, name: str, series: str) -> list[Record]:
        """Rows of a derived table about one series, in its order; none when the edition or this audience has no such table."""
        if name not in self._indexes:
            self._indexes[name] = gathered(self.records(name))
        return self._indexes[name].get(series, [])

    @cached_property
    def _indexes(self) -> dict[str, dict[str, list[Record]]]:
        return {}

    @cached_property
    def observed(self) -> dict[str, list[Record]]:
        """Observations of the area's own total by series, ascending by year, later reports of a year last."""
        own = (r for r in self.records("observations") if r.text("group") in ("", "total"))
        found = gathered(r for r in own if r.text("area") in ("", self.area))
        for rows in found.values():
            rows.sort(key=lambda r: (r.whole("year") or 0, r.text("reported_at")))
        return found

    def values_of(self, series: str) -> list[Record]:
        """What was observed of a series, ascending by year, without empty cells."""
        return [r for r in self.observed.get(series, []) if r.number("value") is not None]

    @cached_property
    def explanations(self) -> dict[str, Record]:
        return {r.text("series"): r for r in self.records("explanations")}

    @cached_property
    def analogues(self) -> dict[str, list[list[Record]]]:
        """The most similar real histories of each series, nearest first, each with its values by year."""
        found: dict[str, dict[int, list[Record]]] = {}
        for r in self.records("analogues"):
            found.setdefault(r.text("series"), {}).setdefault(r.whole("rank") or 0, []).append(r)
        return {series: [ranks[k] for k in sorted(ranks)] for series, ranks in found.items()}

    @cached_property
    def projected(self) -> dict[str, list[Record]]:
        """Projected years of each series, ascending."""
        found = gathered(self.records("projections"))
        for rows in found.values():
            rows.sort(key=lambda r: r.whole("year") or 0)
        return found


def gathered(
    rows: Iterable[Record], by: Callable[[Record], str] = lambda r: r.text("series")
) -> dict[str, list[Record]]:
    """Rows by series, or by what else is asked of each, in the order in which that comes first."""
    found: dict[str, list[Record]] = {}
    for r in rows:
        found.setdefault(by(r), []).append(r)
    return found
