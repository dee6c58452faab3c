"""数据报表: everything an edition knows, as sheets a person can sort, filter and print."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from plananalysis.base.text import listed, say, sentences
from plananalysis.editions.opened import Published, Record
from plananalysis.pages.beside import comparators_table
from plananalysis.pages.cells import question_mark
from plananalysis.pages.changes import changes_table
from plananalysis.pages.columns import column, columns
from plananalysis.pages.counts import counts_sentence, scopes_table
from plananalysis.pages.elsewhere import their_value
from plananalysis.pages.final import reached
from plananalysis.pages.groups import gap_columns
from plananalysis.pages.measures import measures_table
from plananalysis.pages.papers.report import urgent_table
from plananalysis.pages.papers.sentences import explained, hidden_note, known_on
from plananalysis.pages.quality import completeness_table, domain_title, findings_table
from plananalysis.pages.rows import known, over, with_parts
from plananalysis.pages.thresholds import thresholds
from plananalysis.plan.groups import group_name
from plananalysis.render.blocks import Column, Table
from plananalysis.render.quantities import Count, Value, Year
from plananalysis.render.xlsx import Sheet, workbook_bytes

_FULL = (  # what is to come stands last
    *("code", "name", "domain", "no", "measure", "unit", "attribute", "target_text", "reading", "baseline", "previous"),
    *("newest_value", "newest", "step", "since_base", "distance", "position"),
    *("outlook", "past", "probability", "grade", "schedule", "task", "time", "required", "observed", "alerts", "kind"),
)
_AHEAD = _FULL[_FULL.index("outlook") :]
_BRIEF = (
    *("code", "name", "measure", "unit", "attribute", "reading", "baseline", "previous", "newest_value", "newest"),
    *("step", "since_base", "distance", "position", "outlook", "past", "probability", "alerts", "kind"),
)
_UNIT = (
    *("code", "name", "attribute", "reading", "measure", "newest_value", "newest", "position", "outlook", "past"),
    *("probability", "alerts", "kind"),
)
_FINDINGS = ("severity", "code", "name", "group", "year", "number", "message", "advice", "source")
_GAPS = (
    *("code", "name", "group", "other_group", "measure", "year", "group_value", "other_value", "group_gap"),
    *("gap_measure", "baseline", "gap_change", "narrower", "remark"),
)
_PLACES = (
    *("code", "name", "measure", "place", "year", "place_value", "own_value", "place_gap", "published_on"),
    "source",
)
_LEVELS = ("q10", "q25", "q50", "q75", "q90")


def tables_bytes(edition: Published) -> bytes:
    """The workbook of one edition."""
    signed, cuts = thresholds(edition).blocks
    sheets = [
        _overview(edition),
        rows_sheet(edition, edition.rows, "rows", say("documents.caption.rows"), full=True),
        reasons_sheet(edition, edition.rows),
        *_domain_sheets(edition),
        _units(edition),
        history_sheet(edition, list(edition.series)),
        history_sheet(edition, list(edition.series), groups=True),
        gaps_sheet(edition),
        comparators_sheet(edition),
        yardsticks_sheet(edition),
        _needed(edition),
        _projections(edition),
    ]
    if not over(edition):
        sheets += [sheet("urgent", urgent_table(edition)), sheet("changes", changes_table(edition, whole=True))]
    if edition.audience != "public":
        sheets += [
            findings_sheet(edition, edition.records("quality")),
            sheet("completeness", completeness_table(edition, names=True)),
            sheet("actions", measures_table(edition, edition.records("actions"))),
        ]
    sheets.append(sheet("thresholds", cuts, signed.text))
    shown = [s for s in sheets if any(s.table.records)]
    return workbook_bytes([_contents(edition, shown), *shown], _title(edition), edition.mark, footer(edition))


def sheet(name: str, table: Table, note: str = "", fixed: int = 1, **look: Any) -> Sheet:
    """A table as the sheet of that name in the catalogue."""
    return Sheet(say(f"documents.sheet.{name}"), table, note, fixed, **look)


def _title(edition: Published) -> str:
    return say("documents.tables_title", area=edition.bare_name, plans=edition.plans_name, year=edition.as_of)


def footer(edition: Published) -> str:
    about = {"area": edition.bare_name, "year": edition.as_of, "known_on": edition.info["known_on"]}
    return say("documents.footer", **about)


def _contents(edition: Published, sheets: Sequence[Sheet]) -> Sheet:
    note = say("documents.tables_note", year=edition.as_of, known_on=known_on(edition))
    made = [
        column("sheet", lambda s: s.name),
        column("content", lambda s: s.table.caption),
        column("lines", lambda s: Count(sum(kind != "group" for kind, _ in s.table.lines()))),
    ]
    table = Table(_title(edition), made, sheets)
    return sheet("contents", table, sentences(note, hidden_note(edition)), 0, filtered=False)


def _overview(edition: Published) -> Sheet:
    """Counts of positions and outlooks by domain, plan and attribute."""
    scopes: list[tuple[str, Sequence[Record]]] = [(say("pages.total"), edition.rows)]
    for plan in dict.fromkeys(d.plan for d in edition.domains):
        scopes.append((edition.plan_name(plan), [r for r in edition.rows if r.text("plan") == plan]))
    for attribute in ("binding", "anticipatory"):
        held = [r for r in edition.rows if r.text("attribute") == attribute]
        scopes.append((say(f"attribute.{attribute}"), held))
    scopes += [(d.name, edition.in_domain(d.code)) for d in edition.domains]
    table = scopes_table(edition, scopes, total=False)
    told = reached(edition, edition.rows) if over(edition) else counts_sentence(edition.rows)
    return sheet("overview", table, told, filtered=False)


def rows_sheet(edition: Published, rows: Sequence[Record], name: str, caption: str, full: bool = False) -> Sheet:
    """Rows and their parts, every number in its own cell.

    Parameters
    ----------
    full
        Every column, for the screen, or the ones that fit on a sheet of paper.
    """
    made = columns(edition, _told(edition, _FULL if full else _BRIEF))
    table = Table(caption, made, list(with_parts(edition, rows)))
    look = {"widest": 24 if full else 12, "wider": frozenset([1, len(made) - 1]), "pages_wide": 3 if full else 1}
    return sheet(name, table, hidden_note(edition), 2, **look)


def _told(edition: Published, names: Sequence[str]) -> list[str]:
    """Of some columns those an edition tells: once the target year is reached the result, and nothing of what is to come."""
    if not over(edition):
        return [*names]
    return ["result" if name == "position" else name for name in names if name not in _AHEAD]


def reasons_sheet(edition: Published, rows: Sequence[Record]) -> Sheet:
    """One sentence after the other on every row: the words to the numbers."""
    told = column("reason", lambda r: explained(edition, r))
    table = Table(
        say("documents.caption.reasons"),
        [*columns(edition, ("code", "name", "unit")), told],
        list(with_parts(edition, rows)),
    )
    return sheet("reasons", table, hidden_note(edition), 2, widest=28, wider=frozenset([3]))


def _domain_sheets(edition: Published) -> list[Sheet]:
    """One sheet per domain, named as the domain is."""
    made = []
    for d in edition.domains:
        if rows := edition.in_domain(d.code):
            heading = say("documents.domain_heading", plan=edition.plan_short(d.plan), domain=d.name)
            made.append(replace(rows_sheet(edition, rows, "rows", heading), name=domain_title(edition, d)))
    return made


def _units(edition: Published) -> Sheet:
    """Rows under every unit that answers for them; a row of several units stands under each."""
    groups = []
    for unit, name in edition.unit_names.items():
        rows = [r for r in edition.rows if unit in r.words("responsible_units")]
        places = [r.text("position") for r in rows]
        counts = {p: places.count(p) for p in ("met", "not_met", "unknown")}
        if rows:
            groups.append((say("documents.unit_line", unit=name, rows=len(rows), **counts), [(name, r) for r in rows]))

    def role(pair: tuple[str, Record]) -> str:
        return say("documents.lead" if pair[1].text("lead_name") == pair[0] else "documents.shared")

    made = [column("unit", lambda p: p[0]), column("role", role)]
    made += columns(edition, _told(edition, _UNIT), lambda p: p[1])
    table = Table(say("documents.caption.units"), made, groups, grouped=True)
    return sheet("units", table, hidden_note(edition), 4)


def findings_sheet(edition: Published, found: Sequence[Record]) -> Sheet:
    """Questions about reported values, worst first, each with its place."""
    return sheet("quality", findings_table(edition, found, say("documents.caption.quality"), _FINDINGS), fixed=3)


# ---- reported values: series down, years across ----------------------------------------------------------------------


def history_sheet(edition: Published, codes: Sequence[str], groups: bool = False) -> Sheet:
    """Totals, or the values of groups, by series and year, newest definition first; the last column says what a year's value needs."""
    wanted = set(codes)
    held: dict[tuple[str, str, str], dict[int, Record]] = {}
    for r in edition.records("observations"):
        group = r.text("group") or "total"
        if r.text("series") in wanted and (group != "total") == groups and known(r):
            held.setdefault((r.text("series"), group, r.text("definition")), {})[r.whole("year") or 0] = r
    place = {code: i for i, code in enumerate(edition.series)}
    lines = sorted(held, key=lambda k: (place.get(k[0], 0), k[1], -max(held[k]), k[2]))

    def about(key: tuple[str, str, str]) -> Record:
        return edition.series[key[0]]

    def at(year: int) -> Callable[[Any], Value | None]:
        def cell(key: tuple[str, str, str]) -> Value | None:
            r = held[key].get(year)
            if r is None:
                return None
            hidden = r.text("withheld") == "True"
            mark = question_mark(r.text("question"))
            return Value(r.number("value"), "", about(key).whole("decimals") or 0, hidden=hidden, mark=mark)

        return cell

    def remark(key: tuple[str, str, str]) -> str:
        notes = [say("documents.definition", text=key[2])] if key[2] else []
        notes += [
            say(f"documents.status.{mark}", year=year)
            for year, r in sorted(held[key].items())
            for mark in (*r.text("status"), *({"": "", "provisional": "U"}.get(r.text("question"), "Q")))
            if mark in "PEBQU"
        ]
        return say("joint.clause").join(notes)

    made = columns(edition, ("code", "name"), about)
    made += [column("group", lambda k: group_name(k[1], about(k).text("plan")))] if groups else []
    made += [
        *columns(edition, ("measure",), about),
        column("lead_unit", lambda k: listed(about(k).words("responsible_names")[:1])),
        *(Column(str(y), at(y), align="r") for y in sorted({y for some in held.values() for y in some})),
        column("remark", remark),
    ]
    name = "groups" if groups else "history"
    caption = say("documents.caption.groups" if groups else "documents.sheet.history")
    return sheet(name, Table(caption, made, lines), hidden_note(edition), 2, widest=30)


# ---- what stands beside the totals, and what is to come --------------------------------------------------------------


def gaps_sheet(edition: Published) -> Sheet:
    """The newest gap of every pair of groups."""
    table = Table(say("documents.caption.gaps"), gap_columns(edition, _GAPS), _known(edition, "gaps"))
    return sheet("gaps", table, say("documents.gaps_note"), 2)


def _known(edition: Published, name: str) -> list[Record]:
    """Rows of a table with a value, of series that the plan has."""
    return [r for r in edition.records(name) if r.text("series") in edition.series and r.number("value") is not None]


def comparators_sheet(edition: Published) -> Sheet:
    found = comparators_table(edition, _known(edition, "comparators"), "", _PLACES)
    table = replace(found, caption=say("documents.caption.comparators"))
    return sheet("comparators", table, hidden_note(edition), 2, widest=40)


def yardsticks_sheet(edition: Published) -> Sheet:
    """What other places' data mean by the area's targets where it has none: verdicts on them, counted nowhere."""

    def row(r: Record) -> Record:
        return edition.assessments[r.text("series")]

    def there(r: Record) -> Record:
        return row(r).but(withheld="", **{c: r.cells[c] for c in ("position", "outlook", "probability")})

    made = [
        *columns(edition, ("code", "name", "measure", "aim"), row),
        column("place", lambda r: r.text("place_name")),
        column("place_value", lambda r: their_value(row(r), r)),
        column("year", lambda r: Year(r.number("value_year"))),
        *columns(edition, ("position", "outlook", "probability"), there),
    ]
    found = [r for r in edition.records("comparator_outlooks") if r.text("series") in edition.assessments]
    return sheet("yardsticks", Table(say("documents.caption.yardsticks"), made, found), fixed=2, widest=30)


def _needed(edition: Published) -> Sheet:
    """What each remaining year must reach on a straight way from the newest value to the target."""
    years = range(edition.as_of + 1, edition.target_year + 1)

    def at(year: int) -> Column:
        return Column(str(year), lambda r: Value(r.number(f"required_{year}"), "", r.whole("decimals") or 0), align="r")

    held = [r for r in with_parts(edition, edition.rows) if r.text("role") != "compound"]
    found = [r for r in held if any(r.number(f"required_{y}") is not None for y in years)]
    made = [*columns(edition, ("code", "name", "measure", "unit", "reading", "newest_value")), *map(at, years)]
    return sheet("needed", Table(say("documents.caption.needed"), made, found), say("documents.needed_note"), 2)


def _projections(edition: Published) -> Sheet:
    """Median and ranges of what may come, in the series' own unit."""
    found = [r for code, rows in edition.projected.items() if code in edition.series for r in rows]

    def level(name: str) -> Column:
        def cell(r: Record) -> Value:
            return Value(r.number(name), "", edition.series[r.text("series")].whole("decimals") or 0)

        return column(name, cell)

    about = columns(edition, ("code", "name", "measure"), lambda r: edition.series[r.text("series")])
    made = [*about, column("year", lambda r: Year(r.number("year"))), *map(level, _LEVELS)]
    table = Table(say("documents.caption.projections"), made, found)
    return sheet("projections", table, say("documents.projections_note"), 2)
