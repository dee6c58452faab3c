"""What was reported, what looks wrong, what is missing and what was revised or corrected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plananalysis.pages import common, wording
from plananalysis.pages.published import Published, Record
from plananalysis.pages.tables import Block, Column, Html, html, paragraphs, table, tag

SEVERITIES = ("错误", "需说明", "提示")  # as the table ``quality`` writes them, worst first


@dataclass(frozen=True)
class QualityPage:
    edition: Published

    def masthead(self) -> Block:
        return common.masthead(self.edition, self.edition.say("pages.quality_title"), self.edition.name)

    def summary(self) -> Block:
        """How much there is, how much is missing, how many findings of which severity."""
        edition = self.edition
        say = edition.say
        asked = self._asked()
        held = [r for rows in edition.observed.values() for r in rows if r.number("value") is not None]
        years = [r.whole("year") or 0 for r in held]
        seen = {r.text("series") for r in held}
        if held:
            silent = sum(s not in seen for s in asked)
            content = say(
                "pages.quality_content",
                values=len(held),
                series=len(seen),
                first=min(years),
                last=max(years),
                asked=len(asked),
                silent=silent,
            )
        else:
            content = say("pages.quality_empty", asked=len(asked))
        issues = edition.records("quality")
        listed = "、".join(
            say("pages.quality_count", severity=s, count=n)
            for s in _severities(issues)
            if (n := sum(r.text("severity") == s for r in issues))
        )
        found = say("pages.quality_counts", count=len(issues), listed=listed) if issues else say("pages.quality_none")
        return Block(paragraphs([content, found], css="lead"))

    def issues(self) -> Block:
        """Every finding, worst first, with file, row and what to do."""
        edition = self.edition
        say = edition.say
        issues = edition.records("quality")
        columns = [
            Column(say("pages.column.unit"), lambda r: wording.units_cell(self._about(r))),
            Column(say("pages.column.indicator"), lambda r: self._indicator(r)),
            Column(say("pages.column.year"), lambda r: r.text("year") or wording.DASH, number=True),
            Column(say("pages.column.number"), lambda r: r.text("value") or wording.DASH, number=True),
            Column(say("pages.column.message"), lambda r: r.text("message"), css="reason"),
            Column(say("pages.column.advice"), lambda r: r.text("advice"), css="reason"),
            Column(say("pages.column.file"), lambda r: self._place(r), css="source"),
        ]
        groups = [
            (
                say("pages.quality_count", severity=s, count=sum(r.text("severity") == s for r in issues)),
                [r for r in issues if r.text("severity") == s],
            )
            for s in _severities(issues)
        ]
        return Block(
            table(
                common.caption(edition, say("pages.issues_caption")),
                columns,
                groups,
                grouped=True,
                css="issues stack",
                empty=say("pages.issues_none"),
            )
        )

    def completeness(self) -> Block:
        """What each unit was asked for and what it reported."""
        text = self.edition.say("pages.completeness_caption")
        return Block(plain_table(self.edition, "completeness", text, self.edition.say("pages.completeness_none")))

    def coverage(self) -> Block:
        """For every domain and year, how many of its series have a value."""
        edition = self.edition
        say = edition.say
        have: dict[tuple[str, int], int] = {}
        for code, rows in edition.observed.items():
            domain = edition.series[code].text("domain") if code in edition.series else ""
            for year in {r.whole("year") or 0 for r in rows if r.number("value") is not None}:
                have[domain, year] = have.get((domain, year), 0) + 1
        years = range(edition.base_year, edition.as_of + 1)
        asked = [edition.series[s].text("domain") if s in edition.series else "" for s in self._asked()]
        columns = [
            Column(
                say("pages.column.domain"),
                lambda d: say("pages.domain_of", plan=say(f"pages.plan_short_{d.plan}"), domain=d.name),
            ),
            Column(say("pages.coverage_of"), lambda d: asked.count(d.code), number=True),
            *[Column(str(y), lambda d, y=y: have.get((d.code, y), 0) or wording.DASH, number=True) for y in years],
        ]
        return Block(
            table(common.caption(edition, say("pages.coverage_caption")), columns, edition.domains, css="coverage")
        )

    def gaps(self) -> Block:
        return Block(common.missing_by_unit(self.edition, self.edition.rows))

    def revisions(self) -> Block:
        """Values that were reported differently later, and values changed by a recorded correction."""
        edition = self.edition
        say = edition.say
        revised = [r for r in edition.records("quality") if "revis" in r.text("rule")]
        columns = [
            Column(say("pages.column.unit"), lambda r: wording.units_cell(self._about(r))),
            Column(say("pages.column.indicator"), lambda r: self._indicator(r)),
            Column(say("pages.column.year"), lambda r: r.text("year"), number=True),
            Column(say("pages.column.message"), lambda r: r.text("message"), css="reason"),
            Column(say("pages.column.file"), lambda r: self._place(r), css="source"),
        ]
        first = table(
            common.caption(edition, say("pages.revisions_caption")),
            columns,
            revised,
            css="issues stack",
            empty=say("pages.revisions_none"),
        )
        corrected = [r for rows in edition.observed.values() for r in rows if r.text("correction")]
        changed = [
            *columns[:3],
            Column(say("pages.column.after"), lambda r: r.text("value"), number=True),
            Column(say("pages.column.reason"), lambda r: r.text("correction"), css="reason"),
            columns[4],
        ]
        second = table(
            common.caption(edition, say("pages.corrections_caption")),
            changed,
            corrected,
            css="issues stack",
            empty=say("pages.corrections_none"),
        )
        return Block(html(first, second))

    def _asked(self) -> list[str]:
        """Series that carry observations: all but rows judged by their parts."""
        return [code for code, r in self.edition.series.items() if r.text("role") != "compound"]

    def _about(self, finding: Record) -> Record:
        code = finding.text("series")
        if code in self.edition.assessments:
            return self.edition.assessments[code]
        about = self.edition.series.get(code)
        return (
            finding if about is None else Record({**about.cells, "responsible_units": about.text("responsible_names")})
        )

    def _indicator(self, finding: Record) -> Html | str:
        code = finding.text("series")
        if not code:
            return wording.DASH
        name = self._about(finding).text("name")
        group = finding.text("group")
        return html(
            tag("span", code, cls="code"), name, tag("span", group, cls="more") if group not in ("", "total") else None
        )

    def _place(self, r: Record) -> str:
        file, row = r.text("submission"), r.text("file_row")
        return self.edition.say("pages.file_row", file=file, row=row) if file and row else file or wording.DASH


def _severities(issues: Sequence[Record]) -> list[str]:
    """Severities present, the known ones first and in order."""
    present = dict.fromkeys(r.text("severity") for r in issues)
    return [s for s in SEVERITIES if s in present] + [s for s in present if s not in SEVERITIES]


def plain_table(edition: Published, name: str, text: str, empty: str, hidden: Sequence[str] = ()) -> Html:
    """A derived table as it is, columns named by the catalogue (``pages.<table>.<column>``) where it knows them."""
    frame = edition.tables.get(name)
    if frame is None or not len(frame):
        return tag("p", empty, cls="none")

    def title(column: str) -> str:
        try:
            return edition.say(f"pages.{name}.{column}")
        except KeyError:  # a column newer than this page is still shown, by its name
            return column

    def cell(r: Record, column: str) -> str:
        value = r.cells.get(column)
        if isinstance(value, float) and not value.is_integer():
            return wording.DASH if value != value else f"{value:.3f}"
        return r.text(column).replace(";", "、") or wording.DASH

    columns = [
        Column(title(c), lambda r, c=c: cell(r, c), number=frame[c].dtype.kind in "if")
        for c in map(str, frame.columns)
        if c not in hidden
    ]
    return table(common.caption(edition, text), columns, edition.records(name), css="plain")
