"""What every table this program writes holds: columns, types, units, closed sets, keys, and who may see it; said once, in ``tables.toml``.

Writers are held to it (:func:`checked`), readers get what it says (:class:`Table`), and the description of the data is made from
it. Nothing here loads pandas before a table is written.

Examples
--------
>>> table("edition", "assessments").column("outlook").type
'code'
>>> table("edition", "reliability").column("sated")
Traceback (most recent call last):
KeyError: "reliability has no column 'sated'; it has stated, came_true, cases"
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from importlib.resources import files
from typing import Any

from plananalysis.base.text import catalogue

NUMERIC = ("whole", "year", "number", "share")
PLAIN = ("code", "codes", "text", "texts", "typed", "date", "told")  # read as text, whatever it looks like
AUDIENCES = ("internal", "leading-group", "public")


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    type
        One of those named at the top of ``tables.toml``.
    unit
        Of a number; ``"unit"`` for the unit of measure of the row's series.
    words
        Name in the catalogue under which each code of a closed set has its words; "" when it has none.
    withheld
        Whether the public is not shown it where a small count could be worked out from it.
    made
        Whether it is not stored but put in words when it is shown.
    optional
        Whether a table may do without it.
    """

    name: str
    type: str
    zh: str
    en: str
    unit: str = ""
    words: str = ""
    codes: Any = ()
    withheld: bool = False
    made: bool = False
    optional: bool = False

    @cached_property
    def allowed(self) -> tuple[str, ...]:
        """The closed set of its codes; empty when any may stand in it."""
        if self.words:
            return tuple(k for k in catalogue().below(self.words) if "." not in k)
        if isinstance(self.codes, str):  # a name that stands in the module which owns the rule
            module, _, name = self.codes.rpartition(".")
            return tuple(getattr(import_module(f"plananalysis.{module}"), name))
        return tuple(str(c) for c in self.codes)

    def meanings(self, language: str) -> dict[str, str]:
        """What each code of its closed set is called; empty where the codes have no words."""
        texts = catalogue(language)
        return {c: texts[f"{self.words}.{c}"] for c in self.allowed} if self.words else {}


@dataclass(frozen=True)
class Table:
    """One table: its columns in order, and what tells its rows apart."""

    place: str
    name: str
    zh: str
    en: str
    key: tuple[str, ...]
    columns: Mapping[str, Column]
    audience: str = AUDIENCES[-1]

    def column(self, name: str) -> Column:
        """A column by its name, ``required_2027`` under ``required_*``.

        Raises
        ------
        KeyError
            The table has no such column; the message lists those it has.
        """
        if name in self.columns:
            return self.columns[name]
        stem = name.rstrip("0123456789")
        if stem != name and f"{stem}*" in self.columns:
            return self.columns[f"{stem}*"]
        raise KeyError(f"{self.name} has no column {name!r}; it has {', '.join(self.columns)}")

    def type_of(self, name: str) -> str:
        """The type of a column; "" for one that was not declared."""
        try:
            return self.column(name).type
        except KeyError:
            return ""

    @cached_property
    def stored(self) -> tuple[str, ...]:
        """Names of the columns that are written; without those a table may lack, and without those per year."""
        return tuple(c.name for c in self.columns.values() if not (c.made or c.optional or c.name.endswith("*")))

    @cached_property
    def numeric(self) -> frozenset[str]:
        """Names of the columns that hold numbers."""
        return frozenset(c.name for c in self.columns.values() if c.type in NUMERIC)

    @cached_property
    def texts(self) -> frozenset[str]:
        """Names of the columns that hold words of the data, which are translated when they are shown."""
        return frozenset(c.name for c in self.columns.values() if c.type in ("text", "texts") and not c.made)

    @cached_property
    def told(self) -> frozenset[str]:
        """Names of the columns that hold a text of the catalogue, to be said in the language of the reader."""
        return frozenset(c.name for c in self.columns.values() if c.type == "told")

    @cached_property
    def plain(self) -> frozenset[str]:
        """Names of the stored columns that are read as text, whatever they look like."""
        return frozenset(c.name for c in self.columns.values() if c.type in PLAIN and not c.made)

    @cached_property
    def made(self) -> frozenset[str]:
        """Names of the columns that are put in words when they are shown."""
        return frozenset(c.name for c in self.columns.values() if c.made)

    @cached_property
    def withheld(self) -> tuple[str, ...]:
        """Names of the columns from which a small count could be worked out."""
        return tuple(c.name for c in self.columns.values() if c.withheld)

    def shown_to(self, audience: str) -> bool:
        """Whether an audience may see it at all."""
        return AUDIENCES.index(audience) <= AUDIENCES.index(self.audience)

    def __hash__(self) -> int:
        return hash((self.place, self.name))


def table(place: str, name: str) -> Table:
    """The table of a place (``edition``, ``city``, ``nation``, ``register``, ``database``).

    Raises
    ------
    KeyError
        There is no such table.
    """
    known = tables(place)
    if name not in known:
        raise KeyError(f"no table {name!r} in {place!r}; there are {', '.join(known)}")
    return known[name]


@cache
def tables(place: str) -> Mapping[str, Table]:
    """All tables of a place by name."""
    shared = _source()["columns"]
    return {name: _table(place, name, told, shared) for name, told in _source()[place].items()}


def places(language: str) -> dict[str, str]:
    """What each kind of place is, in words."""
    return {place: told[language] for place, told in _source()["places"].items()}


@cache
def format_version() -> int:
    """The format of stored derived tables; other formats are derived again or refused."""
    return int(tomllib.loads(_text().partition("\n[")[0])["format"])  # what stands above all tables


@cache
def _source() -> Mapping[str, Any]:
    return tomllib.loads(_text())


def _text() -> str:
    return (files("plananalysis.schema") / "tables.toml").read_text(encoding="utf-8")


def _table(place: str, name: str, told: Mapping[str, Any], shared: Mapping[str, Any]) -> Table:
    columns = {c.name: c for c in _columns(told, shared)}
    return Table(place, name, told["zh"], told["en"], tuple(told["key"]), columns, told.get("audience", AUDIENCES[-1]))


def _columns(told: Mapping[str, Any], shared: Mapping[str, Any]) -> Iterator[Column]:
    own = told.get("own", {})
    for word in told["columns"].split():
        name = word.rstrip("?")
        stem = name.rstrip("*0123456789")
        found = own.get(name) or shared.get(name) or own.get(stem)
        if found is None:
            raise KeyError(f"the schema does not describe {name!r}")
        yield Column(name, optional=word.endswith("?"), **found)
