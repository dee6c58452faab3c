"""What the checks found in recorded values, and what a return was asked: each with its place and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from plananalysis.base.text import say
from plananalysis.editions.opened import Published, Record
from plananalysis.pages.cells import Cells
from plananalysis.pages.columns import column, columns, facets, text_column
from plananalysis.pages.links import coded
from plananalysis.plan.groups import group_name
from plananalysis.render.blocks import Column, Table, words
from plananalysis.render.quantities import Year, as_typed
from plananalysis.schema import tables

_WIDE = ("message", "advice")


def findings_table(
    edition: Published, found: Sequence[Record], caption: str, names: Sequence[str], empty: str = ""
) -> Table:
    """Findings with the columns wanted; a long one can be sifted by the rows it is about."""

    def about(finding: Record) -> Record:
        return _about(edition, finding)

    sifted = facets(edition, about) if "unit" in names else ()
    made = [_column(edition, name) for name in names if name != "unit" or edition.several_units]
    return Table(caption, made, found, mark=edition.mark, role="issues stack", empty=empty, facets=sifted)


ASKED = ("state", "severity", "asked_place", "indicator", "year", "number", "message", "advice", "why_waived")


def asked_table(edition: Published, asked: Sequence[Record], caption: str, names: Sequence[str] = ASKED) -> Table:
    """Questions about returns, and why some are not asked any more."""
    who = column("unit", lambda r: r.text("unit_name") or None)
    made = [who if n == "unit" else _column(edition, n) for n in names]
    return Table(caption, made, asked, mark=edition.mark, role="issues stack")


def _column(edition: Published, name: str) -> Column:
    if name in ("unit", "indicator", "code", "name"):
        (made,) = columns(edition, [name], lambda r: _about(edition, r))
        if name == "unit":
            return replace(made, cell=lambda r: Cells(edition).unit(_about(edition, r)))
        return replace(made, cell=lambda r: _indicator(edition, r)) if name == "indicator" else made
    cells: dict[str, Any] = {
        "severity": lambda r: words(r.text("severity_name"), role="b"),
        "state": lambda r: words(
            say("column.waived" if r.text("state") == "waived" else "pages.returns.open"), role="b"
        ),
        "asked_place": lambda r: " ".join(filter(None, (r.text("sheet"), r.text("cell")))) or None,
        "year": lambda r: Year(r.whole("year")),
        "number": lambda r: as_typed(r.text("value")) or None,
        "after": lambda r: as_typed(r.text("value")),
        "reason": lambda r: r.text("correction"),
        "why_waived": lambda r: r.text("reason") or None,
        "group": lambda r: group_name(r.text("group") or "total", _about(edition, r).text("plan")),
        "source": _place,
    }
    made = column(name, cells[name]) if name in cells else text_column(name, "reason" if name in _WIDE else "")
    made = replace(made, sort=lambda r: r.whole("year")) if name == "year" else made
    return replace(made, role="short") if name in ("state", "severity", "asked_place") else made


def _about(edition: Published, finding: Record) -> Record:
    """The plan's row a finding is about; a row without words where the plan has no such series, or none is meant."""
    code = finding.text("series")
    return edition.row(code) if code in edition.series else Record({"series": code}, tables("edition")["assessments"])


def _indicator(edition: Published, finding: Record) -> Any:
    code, group = finding.text("series"), finding.text("group")
    if not code:
        return None
    about = _about(edition, finding)
    called = words(group_name(group, about.text("plan")), role="more") if group not in ("", "total") else None
    return words(coded(code, about.text("name")), called)


def _place(r: Record) -> str | None:
    file, row = r.text("submission"), r.text("file_row")
    return say("pages.file_row", file=file, row=row) if file and row else file or None
