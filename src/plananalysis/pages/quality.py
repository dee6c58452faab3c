"""What was reported, what looks wrong, what is missing and what was revised or corrected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plananalysis.assessments.gaps import group_name
from plananalysis.base.text import listed, say, sentence, sentences
from plananalysis.editions.opened import Published, Record
from plananalysis.pages import common, sifting, wording
from plananalysis.render.html import NOTHING, Block, Column, Html, html, paragraphs, table, tag

FOLDED = 20  # more hints than this are folded away


def severities() -> tuple[str, ...]:
    """How bad a finding is, as the tables word it, worst first."""
    return tuple(say(f"quality.severity.{s}") for s in ("error", "explain", "hint"))


@dataclass(frozen=True)
class QualityPage:
    edition: Published

    def masthead(self) -> Block:
        return common.masthead(self.edition, self.edition.name, self.edition.title)

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
        counts = listed(
            say("pages.quality_count", severity=s, count=n)
            for s in _severities(issues)
            if (n := sum(r.text("severity") == s for r in issues))
        )
        found = say("pages.quality_counts", count=len(issues), listed=counts) if issues else say("pages.quality_none")
        return Block(paragraphs([content, found if edition.shows("quality") else ""], css="lead"))

    def issues(self) -> Block:
        """Every finding, worst first, with file, row and what to do; mere hints are folded away on a screen."""
        edition = self.edition
        say, issues = edition.say, edition.records("quality")
        if not edition.shows("quality"):
            return NOTHING
        if not issues:
            return Block(tag("p", say("pages.issues_none"), cls="none"))
        made = []
        for severity in _severities(issues):
            found = [r for r in issues if r.text("severity") == severity]
            text = say("pages.issues_caption", severity=severity, count=len(found))
            columns = sifting.sortable(edition, self._issue_columns(), self._about)
            facets = sifting.facets(edition, self._about)
            shown = table(common.caption(edition, text), columns, found, css="issues stack", facets=facets)
            if severity == severities()[-1] and len(found) > FOLDED:
                summary = tag("summary", say("pages.issues_folded", severity=severity, count=len(found)))
                shown = tag("details", summary, shown)
            made.append(shown)
        return Block(html(*made))

    def _issue_columns(self) -> list[Column]:
        say = self.edition.say
        return [
            Column(say("pages.column.unit"), lambda r: wording.units_cell(self._about(r))),
            Column(say("pages.column.indicator"), lambda r: self._indicator(r), css="name"),
            Column(say("pages.column.year"), lambda r: r.text("year") or wording.DASH, number=True),
            Column(say("pages.column.message"), lambda r: r.text("message"), css="reason"),
            Column(say("pages.column.advice"), lambda r: r.text("advice"), css="reason"),
            Column(say("pages.column.file"), lambda r: self._place(r), css="source"),
        ]

    def returns(self) -> Block:
        """The year's round: who answered and when, what is open, and what was waived with which reason."""
        edition, say = self.edition, self.edition.say
        units, asked = edition.records("accountability"), edition.records("return_questions")
        if not edition.shows("accountability"):
            return NOTHING
        if not units:
            return Block(tag("p", say("pages.returns.none"), cls="none"))

        def plain(column: str, number: bool = True) -> Column:
            return Column(say(f"pages.returns.{column}"), lambda r: r.text(column) or wording.DASH, number=number)

        late = {"True": say("pages.returns.in_time"), "False": say("pages.returns.late")}
        columns = [
            Column(say("pages.column.unit"), lambda r: tag("b", r.text("name"))),
            *map(plain, ("expected", "reported", "explained")),
            plain("received_on", number=False),
            Column(say("pages.returns.on_time"), lambda r: late.get(r.text("on_time"), wording.DASH)),
            plain("accepted_on", number=False),
            *map(plain, ("open_errors", "open_questions", "waived", "never_reported")),
        ]
        due = units[0].text("due")
        shown = table(
            common.caption(edition, say("pages.returns.caption", year=edition.as_of, due=due)),
            columns,
            units,
            css="rows",
        )
        return Block(html(shown, self._questions(asked) if edition.shows("return_questions") else None))

    def _questions(self, asked: Sequence[Record]) -> Html:
        say = self.edition.say
        if not asked:
            return tag("p", say("pages.returns.no_questions"), cls="none")
        columns = [
            Column(say("pages.column.unit"), lambda r: r.text("unit")),
            Column(say("pages.returns.state"), lambda r: say(f"pages.returns.{r.text('state')}")),
            Column(
                say("pages.returns.place"),
                lambda r: " ".join(filter(None, (r.text("series"), r.text("year"), r.text("cell")))),
            ),
            Column(
                say("pages.returns.question"),
                lambda r: sentences(f"[{r.text('severity')}] {sentence(r.text('message'))}", r.text("advice")),
            ),
            Column(say("pages.returns.reason"), lambda r: r.text("reason") or wording.DASH),
        ]
        return table(common.caption(self.edition, say("pages.returns.questions_caption")), columns, asked, css="rows")

    def completeness(self) -> Block:
        """What each unit was asked for and what it reported."""
        edition = self.edition
        if not edition.shows("completeness"):
            return NOTHING
        say = edition.say
        units = [r for r in edition.records("completeness") if r.text("name")]
        lead = {code: (r.words("responsible_names") or ("",))[0] for code, r in edition.series.items()}
        issues = edition.records("quality")

        def found(unit: str, severity: str) -> int:
            return sum(r.text("severity") == severity and lead.get(r.text("series")) == unit for r in issues)

        def plain(column: str, number: bool = True) -> Column:
            return Column(
                say(f"pages.completeness.{column}", year=edition.as_of),
                lambda r: r.text(column) or wording.DASH,
                number=number,
            )

        columns = [
            Column(say("pages.column.unit"), lambda r: tag("b", r.text("name"))),
            *map(plain, ("series", "shared", "due", "reported", "explained")),
            Column(
                say("pages.completeness.share"),
                lambda r: wording.share(r.whole("reported") or 0, r.whole("due") or 0),
                number=True,
            ),
            *map(plain, ("newest_year", "never_reported")),
            *[Column(s, lambda r, s=s: found(r.text("name"), s), number=True) for s in severities()[:2]],
        ]
        text = common.caption(edition, say("pages.completeness_caption", year=edition.as_of))
        note = tag("p", say("pages.completeness_note"), cls="small") if units else None
        return Block(html(table(text, columns, units, css="completeness", empty=say("pages.completeness_none")), note))

    def coverage(self) -> Block:
        """For every domain and year, how many of its series have a value."""
        edition = self.edition
        say = edition.say
        have: dict[tuple[str, int], int] = {}
        for code, rows in edition.observed.items():
            domain = edition.series[code].text("domain") if code in edition.series else ""
            held = [r for r in rows if r.number("value") is not None or r.text("withheld") == "True"]
            for year in {r.whole("year") or 0 for r in held}:
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
        if not edition.shows("quality"):
            return NOTHING
        say = edition.say
        revised = [r for r in edition.records("quality") if "revis" in r.text("rule")]
        every = self._issue_columns()
        columns = [*every[:4], every[5]]
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
        about = self.edition.series.get(code, finding)
        called = tag("span", group_name(group, about.text("plan")), cls="more") if group not in ("", "total") else None
        return html(tag("span", code, cls="code"), name, called)

    def _place(self, r: Record) -> str:
        file, row = r.text("submission"), r.text("file_row")
        return self.edition.say("pages.file_row", file=file, row=row) if file and row else file or wording.DASH


def _severities(issues: Sequence[Record]) -> list[str]:
    """Severities present, the known ones first and in order."""
    present = dict.fromkeys(r.text("severity") for r in issues)
    return [s for s in severities() if s in present] + [s for s in present if s not in severities()]
