"""The tables several documents share, each made once from the same cells."""

from __future__ import annotations

from collections.abc import Sequence

from plananalysis.assessments.sentences import chance
from plananalysis.base.text import catalogue, language, listed, say, sentences, span
from plananalysis.editions.opened import Record
from plananalysis.pages.changes import compared, first_sentence, nothing_changed
from plananalysis.pages.common import POINTS, PROBABILITIES, SHARES
from plananalysis.pages.counts import outlook_counts
from plananalysis.pages.papers.facts import HIDDEN, Facts
from plananalysis.pages.papers.sentences import details, hidden_note
from plananalysis.render.blocks import Column, Table

DASH = "—"


def plain(row: Record, column: str) -> str:
    return row.text(column) or DASH


def column(name: str, width: float, align: str = "l", **words: object) -> Column:
    return Column(say(f"documents.column.{name}", **words), width, align)


def code_and_name(row: Record) -> str:
    return f"{row.text('series')} {row.text('name')}"


def dated(facts: Facts, row: Record) -> str:
    """Value with its unit; the year follows where it is not the edition's own."""
    value, year = facts.value(row), row.whole("value_year")
    if not value:
        return DASH
    return value if year == facts.as_of else say("documents.of_year", value=value, year=year)


def moved(facts: Facts, row: Record, before: float | None) -> str:
    """A change with its sign, for a table whose header names what it is a change on."""
    change = facts.change(row, before)
    if change is None:
        return DASH
    if change == 0:
        return say("documents.unchanged")
    return ("+" if change > 0 else "−") + facts.size(row, change)


def since_last(facts: Facts, row: Record) -> str:
    before = facts.previous(row)
    return DASH if before is None else moved(facts, row, before[1])


def since_base(facts: Facts, row: Record) -> str:
    change = facts.since_base(row)
    return DASH if change is None else moved(facts, row, facts.number(row, "baseline"))


def chance_of(facts: Facts, row: Record) -> str:
    """The probability in words; a star when it is withheld, a dash when none was stated."""
    if facts.starred(row, "probability"):
        return HIDDEN
    probability = row.number("probability")
    return DASH if probability is None else chance(probability)


def kinds(facts: Facts, row: Record) -> str:
    return listed(say(f"actions.kind.{k}") for k in facts.kinds(row)) or DASH


def alerts(row: Record) -> str:
    return listed(say(f"alert.{a}") for a in row.words("alerts")) or DASH


def assessment_table(facts: Facts, rows: Sequence[Record], caption: str) -> Table:
    """Every row of the plan with its verdict, by domain."""
    cells, groups = [], []
    for domain in facts.edition.domains:
        held = [r for r in rows if r.text("domain") == domain.code]
        if held:
            groups.append(len(cells))
            plan = say(f"pages.plan_short_{domain.plan}")
            cells.append([say("pages.domain_of", plan=plan, domain=domain.name), *[""] * 7])
        for r in held:
            chances = chance_of(facts, r)
            cells.append(
                [
                    code_and_name(r) + (say("documents.binding_mark") if r.text("attribute") == "binding" else ""),
                    listed(r.words("responsible_units")),
                    facts.reading(r) if r.text("kind") != "worst_part" else r.text("target_text"),
                    dated(facts, r),
                    since_last(facts, r),
                    since_base(facts, r),
                    say(f"outlook.{r.text('outlook')}") if not facts.over else say(f"position.{r.text('position')}"),
                    chances if not facts.over else DASH,
                ]
            )
    columns = [
        column("indicator", 27),
        column("unit", 13),
        column("target", 16, year=facts.target_year),
        column("value", 12, "r", year=facts.as_of),
        column("step", 12, "r"),
        column("since_base", 12, "r", year=facts.base_year),
        column("position" if facts.over else "outlook", 11, "c"),
        column("chance", 9, "r"),
    ]
    if facts.over:
        columns, cells = columns[:-1], [line[:-1] for line in cells]
    note = sentences(say("documents.binding_note"), hidden_note(facts))
    return Table(caption, columns, cells, note=note, groups=tuple(groups))


def action_table(facts: Facts, rows: Sequence[Record], caption: str, empty: str) -> Table:
    """Rows that need action, each with who must act and why in one sentence."""
    cells = [
        [
            str(i),
            code_and_name(r),
            listed(r.words("responsible_units")),
            say(f"attribute.{r.text('attribute')}"),
            alerts(r),
            details(facts, r),
        ]
        for i, r in enumerate(rows, start=1)
    ]
    columns = [column("no", 5, "c"), column("indicator", 20), column("unit", 12), column("attribute", 8, "c")]
    columns += [column("alerts", 13), column("reason", 42)]
    return Table(caption, columns, cells, note=hidden_note(facts), empty=empty)


def domain_table(facts: Facts) -> Table:
    """How many rows of each domain are met now and what is to be expected of them."""
    shown = ("met_secure", "met_slipping", "likely", "uncertain", "hard", "very_hard", "needs_judgement", "no_data")
    rows = []

    def line(name: str, held: Sequence[Record]) -> list[str]:
        counts = outlook_counts(held)
        places = [r.text("position") for r in held]
        now = [str(places.count(p)) for p in ("met", "not_met", "unknown")]
        return [name, str(len(held)), *now, *([str(counts[o]) for o in shown] if not facts.over else [])]

    for domain in facts.edition.domains:
        held = facts.edition.in_domain(domain.code)
        if held:
            rows.append(line(domain.name, held))
    rows.append(line(say("pages.total"), facts.rows))
    columns = [column("domain", 20), column("rows", 6, "r")]
    columns += [Column(say(f"position.{p}"), 8, "r") for p in ("met", "not_met", "unknown")]
    if not facts.over:
        columns += [Column(say(f"outlook.{o}"), 8, "r") for o in shown]
    return Table(say("documents.caption.domains"), columns, rows, note=say("documents.rows_note"))


def changes_table(facts: Facts, whole: bool = False) -> Table:
    """Rows whose outlook differs from the edition before; unless ``whole``, many that had no data are counted in a note."""
    told, first = (facts.edition.records("changes"), []) if whole else compared(facts.edition)
    rows = [
        [
            code_and_name(about),
            listed(about.words("responsible_units")),
            f"{say('outlook.' + r.text('from_outlook'))} → {say('outlook.' + r.text('to_outlook'))}",
            f"{chance(r.number('from_probability'))} → {chance(r.number('to_probability'))}",
            say(f"cause.{r.text('cause')}"),
        ]
        for r in told
        if (about := facts.edition.assessments.get(r.text("series"))) is not None
    ]
    columns = [
        column("indicator", 30),
        column("unit", 14),
        column("change", 28),
        column("chance", 16),
        column("cause", 12),
    ]
    caption, counted = say("documents.caption.changes", year=facts.as_of - 1), first_sentence(facts.edition, first)
    return Table(caption, columns, rows, note=counted if rows else "", empty=counted or nothing_changed(facts.edition))


def completeness_table(facts: Facts) -> Table:
    """What each unit was asked for and reported; units that lead no series are left out."""
    rows = [
        [
            r.text("name"),
            r.text("series"),
            r.text("due"),
            r.text("reported"),
            r.text("newest_year") or DASH,
            listed(_name(facts, s) for s in r.words("never_series")) or DASH,
        ]
        for r in facts.edition.records("completeness")
        if r.whole("series")
    ]
    columns = [column("unit", 18), column("series", 11, "r"), column("due", 13, "r", year=facts.as_of)]
    columns += [column("reported", 11, "r"), column("newest", 11, "c"), column("never", 36)]
    return Table(say("documents.caption.completeness"), columns, rows, empty=say("pages.completeness_none"))


def _name(facts: Facts, series: str) -> str:
    about = facts.edition.series.get(series)
    return series if about is None else code_and_name(about)


def actions_table(actions: Sequence[Record], caption: str) -> Table:
    rows = [
        [
            r.text("series"),
            say(f"actions.kind.{r.text('kind')}"),
            r.text("title") + (say("documents.good_practice") if r.text("good_practice") == "yes" else ""),
            r.text("unit_name"),
            span(r.text("start"), r.text("end")),
            say(f"actions.status.{r.text('status')}"),
        ]
        for r in actions
    ]
    columns = [
        column("code", 8),
        column("kind", 11),
        column("title", 40),
        column("unit", 14),
        column("dates", 19),
        column("status", 8, "c"),
    ]
    return Table(caption, columns, rows)


def thresholds_table(facts: Facts) -> Table:
    """Every cut a verdict depends on."""
    found = facts.edition.thresholds

    def shown(name: str) -> str:
        value = found[name]
        if name in ("clear_by", "schedule_margin"):
            return say("pages.points_of", value=f"{100 * value:g}")
        if name in PROBABILITIES or name in SHARES:
            return f"{value:.0%}"
        if name in POINTS:
            return say(
                "pages.points_of", value=listed(f"{v:g}" for v in (value if isinstance(value, list) else [value]))
            )
        return f"{value:g}" if isinstance(value, (int, float)) else str(value)

    texts = catalogue(language())
    names = [n for n in found if n not in ("signed_off", "sources")]
    rows = [[texts.get(f"pages.threshold.{n}", n), shown(n)] for n in names]
    return Table(
        say("pages.thresholds_caption"), [column("threshold", 75), column("cut", 25, "r")], rows, note=signed(facts)
    )


def signed(facts: Facts) -> str:
    who = str(facts.edition.thresholds.get("signed_off") or "")
    return say("pages.signed_off", who=who) if who else say("pages.not_signed_off")


def named(rows: Sequence[Record], longest: int = 45) -> str:
    """Rows by the unit that answers first; of a list too long to read only how many each unit has."""
    by: dict[str, list[str]] = {}
    for r in rows:
        name = r.text("name")
        shown = f"“{name}”" if say("joint.list").strip() in name else name  # where one name ends must be seen
        by.setdefault(r.text("lead_unit") or say("pages.responsible"), []).append(shown)
    if len(rows) > longest:
        counts = sorted(((len(names), u) for u, names in by.items()), key=lambda c: -c[0])
        return say("documents.too_many", units=listed(say("pages.unit_count", unit=u, count=n) for n, u in counts))
    return say("joint.clause").join(say("documents.unit_names", unit=u, names=listed(names)) for u, names in by.items())
