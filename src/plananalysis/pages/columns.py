"""Every column about rows of a plan, once: what stands in its cells, how wide it is on paper, what it is sorted by.

A page, a paper and a workbook take the columns they want by name, so that a quantity reads the same wherever it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from plananalysis.assessments.verdicts import ALERTS
from plananalysis.base.text import say, sentences
from plananalysis.editions.opened import Published, Record
from plananalysis.figures.marks import OUTLOOKS
from plananalysis.pages import cells
from plananalysis.pages.links import domain_link
from plananalysis.pages.rows import kept_verdict, over, units
from plananalysis.render.blocks import Column, Facet, Paragraph, Table
from plananalysis.render.quantities import Count

_POSITIONS = ("not_met", "met", "unknown")
_SCHEDULES = ("behind", "on", "ahead")

# of each column: width on paper, where it stands, its role on a page
_LOOKS: dict[str, tuple[float, str, str]] = {
    "unit": (13, "l", ""),
    "indicator": (27, "l", "name"),
    "code": (8, "l", ""),
    "value": (12, "r", ""),
    "beside": (20, "l", "elsewhere"),
    "number": (10, "r", ""),
    "target": (15, "l", "target"),
    "reading": (16, "l", ""),
    "target_text": (15, "l", ""),
    "attribute": (8, "c", "short"),
    "position": (9, "c", "short"),
    "outlook": (11, "l", ""),
    "past": (14, "l", "past"),
    "probability": (9, "r", ""),
    "grade": (6, "c", "short"),
    "schedule": (9, "c", "short"),
    "alerts": (12, "l", ""),
    "step": (12, "r", ""),
    "baseline": (10, "r", ""),
    "since_base": (12, "r", ""),
    "gap": (12, "r", ""),
    "task": (7, "r", ""),
    "time": (7, "r", ""),
    "headcount": (24, "l", ""),
    "required": (12, "r", ""),
    "observed": (12, "r", ""),
    "pace": (18, "r", ""),
    "figure": (16, "l", "figure"),
    "reason": (40, "l", "reason"),
    "result": (11, "c", "short"),
    "year": (6, "r", ""),
    "message": (40, "l", "reason"),
    "advice": (30, "l", ""),
    "source": (20, "l", "source"),
    "kind": (11, "l", "short"),
    "title": (40, "l", ""),
    "dates": (19, "l", "short"),
    "status": (8, "l", "short"),
    "what": (70, "l", ""),
    "no": (5, "c", "short"),
    "change": (28, "l", ""),
    "never": (36, "l", ""),
    "threshold": (60, "l", ""),
    "domain": (20, "l", ""),
    "scope": (20, "l", ""),
    "adjust": (36, "l", ""),
    "base_remark": (40, "l", ""),
}

_NUMBERS = (
    *("cut", "share", "newest_year", "needed", "previous", "group_value", "other_value", "group_gap", "gap_change"),
    *("narrower", "place_value", "own_value", "place_gap", "from_probability", "to_probability"),
    *("q10", "q25", "q50", "q75", "q90"),
)
# of another's head
_TITLES = {"verdict": "probability", "marked": "indicator", "newest_value": "value", "distance": "gap", "aim": "target"}


def column(
    name: str,
    cell: Callable[[Any], Any],
    role: str | None = None,
    sort: Callable[[Any], Any] | None = None,
    **words: Any,
) -> Column:
    """A column of any table, its head from the catalogue; ``sort`` as in :class:`Column`."""
    name = _TITLES.get(name, name)
    width, align, usual = _LOOKS.get(name, (10, "r" if name in _NUMBERS else "l", ""))
    return Column(say(f"column.{name}", **words), cell, width, align, usual if role is None else role, sort=sort)


def text_column(name: str, role: str = "", **words: Any) -> Column:
    """A column that shows a cell of the derived table as it stands."""
    return column(name, lambda r: r.text(name) or None, role, **words)


def worded(group: str, row: Record, name: str) -> str | None:
    """A code of a closed set in words; nothing where none stands."""
    return say(f"{group}.{row.text(name)}") if row.text(name) else None


def count_column(name: str, count: Callable[[Any], float | None] | None = None, **words: Any) -> Column:
    """A column of counts, by default of the cell of its name."""
    made = column(name, lambda r: Count(r.number(name) if count is None else count(r)), "", **words)
    return replace(made, align="r", width=8)


def columns(
    edition: Published,
    names: Iterable[str],
    about: Callable[[Any], Record] = lambda record: record,
    here: bool = False,
    sortable: bool = True,
    widths: Mapping[str, float] | None = None,
) -> list[Column]:
    """The named columns about rows of the plan.

    Parameters
    ----------
    about
        Finds the plan's row that a record of the table is about.
    here
        The rows have their own blocks on the same page.
    sortable
        Those with an order of their own can be sorted: values of several units have none.
    widths
        Shares of the width on paper, by name, where they are not the usual ones.
    """
    shown = cells.Cells(edition, here)
    years = dict.fromkeys(("target", "aim"), edition.target_year)
    years |= dict.fromkeys(("baseline", "since_base"), edition.base_year)

    def of(cell: Callable[[Record], Any]) -> Callable[[Any], Any]:
        return lambda r: cell(about(r))

    made = []
    for name in names:
        if (name == "unit" and not edition.several_units) or (name == "beside" and not edition.records("comparators")):
            continue
        cell = getattr(shown, name, None) or _stored(name)
        one = column(name, of(cell), year=years.get(name))
        sort = _SORTS.get(_TITLES.get(name, name)) if sortable else None
        wide = (widths or {}).get(name, one.width)
        made.append(replace(one, width=wide, tall=name == "figure", sort=sort and of(sort)))
    return made


def of_series(edition: Published, names: Iterable[str], own: Mapping[str, Column]) -> list[Column]:
    """Columns of records about series: a record's ``own`` and, of what it does not say, those about its series."""
    return [own.get(name) or columns(edition, [name], lambda r: edition.series[r.text("series")])[0] for name in names]


def _stored(name: str) -> Callable[[Record], str | None]:
    """A cell of the table as it stands."""
    column = {"code": "series", "reading": "reading_text"}.get(name, name)
    return lambda r: r.text(column) or None


def numbered(edition: Published, rows: Sequence[Record], names: Iterable[str]) -> list[Column]:
    """The named columns about some rows, after one that counts them."""
    places = {r.text("series"): Count(i) for i, r in enumerate(rows, start=1)}
    return [column("no", lambda r: places[r.text("series")]), *columns(edition, names)]


def _rank(name: str, order: Sequence[str]) -> Callable[[Record], Any]:
    return lambda r: order.index(w) if (w := r.text(name)) in order else None


_SORTS: dict[str, Callable[[Record], Any]] = {
    "unit": lambda r: next(iter(units(r)), None),
    "indicator": lambda r: r.text("series") or None,
    "position": _rank("position", _POSITIONS),
    "outlook": _rank("outlook", OUTLOOKS),
    "probability": lambda r: r.number("probability"),
    "grade": lambda r: r.text("evidence_grade") or None,
    "schedule": _rank("schedule", _SCHEDULES),
    "alerts": lambda r: min((ALERTS.index(a) for a in r.words("alerts") if a in ALERTS), default=None),
}


def facets(
    edition: Published,
    about: Callable[[Any], Record] = lambda record: record,
    left_out: Collection[str] = (),
) -> list[Facet]:
    """Plan, domain, responsible unit, attribute, outlook and alert of the plan's row that a record is about.

    ``left_out`` names columns the table does not show, which are then not offered either.
    """
    domains = {d.code: d.name for d in edition.domains}

    def said(group: str, name: str) -> Callable[[Any], list[str]]:
        return lambda r: [say(f"{group}.{w}") for w in about(r).words(name)]

    def in_domains(r: Any) -> list[str]:
        return [domains[d] for d in about(r).words("domain") if d in domains]

    made = [
        Facet(say("documents.plan_word"), lambda r: [edition.plan_name(p) for p in about(r).words("plan")]),
        Facet(say("column.domain"), in_domains, list(domains.values())),
        Facet(say("column.unit"), lambda r: units(about(r))),
        Facet(say("column.attribute"), said("attribute", "attribute")),
        Facet(say("column.outlook"), said("outlook", "outlook"), [say(f"outlook.{o}") for o in OUTLOOKS]),
        Facet(say("column.alerts"), said("alert", "alerts"), [say(f"alert.{a}") for a in ALERTS]),
    ]
    hidden = {say(f"column.{name}") for name in (*left_out, *(("outlook", "alerts") if over(edition) else ()))}
    return [facet for facet in made if facet.title not in hidden]


SCREEN = (
    *("unit", "indicator", "value", "beside", "target", "position"),
    *("outlook", "past", "probability", "grade", "schedule", "alerts"),
)
PAPER = ("indicator", "unit", "aim", "value", "step", "since_base", "outlook", "probability")


def rows_table(
    edition: Published,
    rows: Sequence[Record],
    caption: str,
    names: Sequence[str] = SCREEN,
    grouped: bool = False,
    here: bool = False,
    note: str = "",
    widths: Mapping[str, float] | None = None,
) -> Table:
    """Rows of the plan in a compact table, by domain where ``grouped``."""
    records: Sequence[Any] = rows
    if grouped:
        held = [(domain_link(edition, d), [r for r in rows if r.text("domain") == d.code]) for d in edition.domains]
        records = [(name, some) for name, some in held if some]
    return edition.table(
        caption,
        columns(edition, names, here=here, widths=widths),
        records,
        "rows stack",
        grouped=grouped,
        note=note,
        empty=say("pages.no_rows"),
        facets=facets(edition, left_out={"unit", "alerts"} - {*names}),
    )


def marks_note(edition: Published, rows: Sequence[Record]) -> Paragraph | None:
    """What the small marks of a table mean, as far as they occur in it."""
    notes = []
    if any(r.text("operator_source") == "inferred" for r in rows):
        notes.append(say("pages.marks_inferred", mark=say("pages.inferred_mark")))
    if any(kept_verdict(edition, r) for r in rows):
        notes.append(say("pages.marks_kept", mark=say("pages.kept_mark")))
    return Paragraph(sentences(*notes), "small") if notes else None
