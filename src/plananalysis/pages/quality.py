"""What was reported, what looks wrong, what is missing and what was revised or corrected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from plananalysis.base.text import listed, say
from plananalysis.checks.findings import SEVERITIES
from plananalysis.editions.opened import Domain, Published, Record
from plananalysis.editions.speaker import spoken
from plananalysis.pages.cells import Cells
from plananalysis.pages.columns import column, columns, count_column, facets, text_column
from plananalysis.pages.links import coded
from plananalysis.pages.masthead import changes_told, masthead
from plananalysis.pages.missing import missing_table
from plananalysis.pages.rows import known, named
from plananalysis.plan.groups import group_name
from plananalysis.render.blocks import Column, Fold, Paragraph, Table, words
from plananalysis.render.html import NOTHING, Blocks, blocks
from plananalysis.render.quantities import Count, Share, Year, as_typed
from plananalysis.schema import tables

COUNTED = tuple(
    c.name for c in tables("edition")["accountability"].columns.values() if c.type == "whole" and c.name != "versions"
)  # what a round counts of a unit
FOLDED = 20  # more hints than this are folded away
_ISSUES = ("unit", "indicator", "year", "message", "advice", "source")
_REVISED = ("unit", "indicator", "year", "message", "source")
_CORRECTED = ("unit", "indicator", "year", "after", "reason", "source")


@spoken
@dataclass(frozen=True)
class QualityPage:
    edition: Published

    def masthead(self) -> Blocks:
        return masthead(self.edition, self.edition.name, self.edition.title)

    def summary(self) -> Blocks:
        """How much there is, how much is missing, how many findings of which severity."""
        edition, asked = self.edition, self._asked()
        held = [r for rows in edition.observed.values() for r in rows if r.number("value") is not None]
        years, seen = [r.whole("year") or 0 for r in held], {r.text("series") for r in held}
        content = say("pages.quality_empty", asked=len(asked))
        if held:
            silent = sum(s not in seen for s in asked)
            words = {"values": len(held), "series": len(seen), "first": min(years), "last": max(years)}
            content = say("pages.quality_content", asked=len(asked), silent=silent, **words)
        issues = edition.records("quality")
        each = {s: sum(r.text("severity") == s for r in issues) for s in _severities(issues)}
        counts = listed(
            say("pages.quality_count", severity=say(f"quality.severity.{s}"), count=n) for s, n in each.items()
        )
        found = say("pages.quality_none" if years else "pages.quality_blind")
        found = say("pages.quality_counts", count=len(issues), listed=counts) if issues else found
        told = Paragraph(found, "lead") if edition.shows("quality") else None
        return blocks(Paragraph(content, "lead"), told, *changes_told(edition.info))

    def issues(self) -> Blocks:
        """Every finding, worst first, with file, row and what to do; mere hints are folded away on a screen."""
        edition, issues = self.edition, self.edition.records("quality")
        if not edition.shows("quality"):
            return NOTHING
        if not issues:
            looked = any(known(r) for r in edition.records("observations"))
            return blocks(Paragraph(say("pages.issues_none" if looked else "pages.quality_blind"), "none"))
        made: list[Table | Fold] = []
        for severity in _severities(issues):
            found = [r for r in issues if r.text("severity") == severity]
            words = {"severity": say(f"quality.severity.{severity}"), "count": len(found)}
            shown = findings_table(edition, found, say("pages.issues_caption", **words), _ISSUES)
            folded = severity == SEVERITIES[-1] and len(found) > FOLDED
            made.append(Fold(say("pages.issues_folded", **words), [shown]) if folded else shown)
        return blocks(*made)

    def returns(self) -> Blocks:
        """The year's round: who answered and when, what is open, and what was waived with which reason."""
        edition, units = self.edition, self.edition.records("accountability")
        if not edition.shows("accountability"):
            return NOTHING
        if not units:
            return blocks(Paragraph(say("pages.returns.none"), "none"))
        columns = [
            column("unit", lambda r: words(r.text("name"), role="b")),
            *map(count_column, COUNTED[:6]),
            text_column("received_on"),
            column("on_time", on_time),
            text_column("accepted_on"),
            *map(count_column, COUNTED[6:]),
        ]
        caption = say("pages.returns.caption", year=edition.as_of, due=units[0].text("due"))
        shown = edition.table(caption, columns, units, "rows")
        if not edition.shows("return_questions"):
            return blocks(shown)
        asked = edition.records("return_questions")
        if not asked:
            return blocks(shown, Paragraph(say("pages.returns.no_questions"), "none"))
        return blocks(shown, asked_table(edition, asked, say("pages.returns.questions_caption"), ("unit", *ASKED)))

    def completeness(self) -> Blocks:
        """What each unit was asked for and what it reported."""
        if not self.edition.shows("completeness"):
            return NOTHING
        made = completeness_table(self.edition)
        note = Paragraph(say("pages.completeness_note"), "small") if made.records else None
        return blocks(made, note)

    def coverage(self) -> Blocks:
        """For every domain and year, how many of its series have a value."""
        edition = self.edition
        have: dict[tuple[str, int], int] = {}
        for code, rows in edition.observed.items():
            for year in {r.whole("year") or 0 for r in rows if known(r)}:
                have[self._domain(code), year] = have.get((self._domain(code), year), 0) + 1
        asked = [self._domain(code) for code in self._asked()]
        years = range(edition.base_year, edition.as_of + 1)

        def in_year(year: int) -> Callable[[Domain], Count]:
            return lambda d: Count(have.get((d.code, year)))

        columns = [
            column("domain", lambda d: domain_title(edition, d)),
            count_column("asked_series", lambda d: asked.count(d.code)),
            *(Column(str(y), in_year(y), 6, "r") for y in years),
        ]
        return blocks(edition.table(say("pages.coverage_caption"), columns, edition.domains, "coverage"))

    def gaps(self) -> Blocks:
        return blocks(missing_table(self.edition, self.edition.rows))

    def revisions(self) -> Blocks:
        """Values that were reported differently later, and values changed by a recorded correction."""
        edition = self.edition
        if not edition.shows("quality"):
            return NOTHING
        revised = [r for r in edition.records("quality") if "revis" in r.text("rule")]
        corrected = [r for rows in edition.observed.values() for r in rows if r.text("correction")]

        def listed_as(key: str, found: Sequence[Record], names: Sequence[str]) -> Table:
            empty = say(f"pages.{key}_none")
            return replace(findings_table(edition, found, say(f"pages.{key}_caption"), names, empty), facets=())

        return blocks(listed_as("revisions", revised, _REVISED), listed_as("corrections", corrected, _CORRECTED))

    def _domain(self, code: str) -> str:
        return self.edition.series[code].text("domain") if code in self.edition.series else ""

    def _asked(self) -> list[str]:
        """Series that carry observations: all but rows judged by their parts."""
        return [code for code, r in self.edition.series.items() if r.text("role") != "compound"]


def completeness_table(edition: Published, names: bool = False) -> Table:
    """What each unit was asked for and what it reported, what the checks found in it and, with ``names``, what never came."""
    units = [r for r in edition.records("completeness") if r.text("name")]
    lead = {code: next(iter(r.words("responsible_units")), "") for code, r in edition.series.items()}
    issues = edition.records("quality")

    def found(severity: str) -> Column:
        counts = [lead.get(r.text("series")) for r in issues if r.text("severity") == severity]
        return Column(say(f"quality.severity.{severity}"), lambda r: Count(counts.count(r.text("unit"))), 8, "r")

    def never(r: Record) -> str | None:
        return named([edition.series[s] for s in r.words("never_series") if s in edition.series]) or None

    columns = [
        column("unit", lambda r: words(r.text("name"), role="b")),
        *map(count_column, ("series", "shared", "due", "reported", "explained")),
        column("share", lambda r: Share.of(r.number("reported") or 0, r.number("due") or 0)),
        column("newest_year", lambda r: Year(r.whole("newest_year"))),
        count_column("never_reported"),
        *map(found, SEVERITIES[:2]),
    ]
    columns += [column("never", never)] if names else []
    return edition.table(
        say("pages.completeness_caption", year=edition.as_of),
        columns,
        units,
        "completeness",
        empty=say("pages.completeness_none"),
    )


def domain_title(edition: Published, domain: Domain) -> str:
    """A domain with the plan it belongs to, in short."""
    return say("pages.domain_of", plan=edition.plan_short(domain.plan), domain=domain.name)


def on_time(r: Record) -> str | None:
    """Whether a return came by its day."""
    key = {"True": "in_time", "False": "late"}.get(r.text("on_time"))
    return say(f"pages.returns.{key}") if key else None


def _severities(issues: Sequence[Record]) -> list[str]:
    """Severities present, the known ones first and in order."""
    present = {r.text("severity") for r in issues}
    return [s for s in SEVERITIES if s in present]


_WIDE = ("message", "advice")


def findings_table(
    edition: Published, found: Sequence[Record], caption: str, names: Sequence[str], empty: str = ""
) -> Table:
    """Findings with the columns wanted; a long one can be sifted by the rows it is about."""

    def about(finding: Record) -> Record:
        return _about(edition, finding)

    sifted = facets(edition, about) if "unit" in names else ()
    made = [_column(edition, name) for name in names if name != "unit" or edition.several_units]
    return edition.table(caption, made, found, "issues stack", empty=empty, facets=sifted)


ASKED = ("state", "severity", "asked_place", "indicator", "year", "number", "message", "advice", "why_waived")


def asked_table(edition: Published, asked: Sequence[Record], caption: str, names: Sequence[str] = ASKED) -> Table:
    """Questions about returns, and why some are not asked any more."""
    who = column("unit", lambda r: r.text("unit_name") or None)
    made = [who if n == "unit" else _column(edition, n) for n in names]
    return edition.table(caption, made, asked, "issues stack")


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
