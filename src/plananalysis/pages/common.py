"""Pieces that several pages share: masthead, counts of outlooks, what is missing from whom, thresholds, how to read a figure."""

from __future__ import annotations

from collections.abc import Sequence

from plananalysis.figures import ASSESSABLE, OUTLOOKS, fan_legend, outlook_bar
from plananalysis.pages import wording
from plananalysis.pages.published import Published, Record, indicator_count, outlook_counts
from plananalysis.pages.tables import Block, Column, Html, drawing, facts, html, paragraphs, table, tag

PROBABILITIES = (
    "likely",
    "hard",
    "very_hard",
    "clear_by",
    "alert_binding",
    "alert_anticipatory",
    "volatile_level",
    "outlier_level",
    "control_level",
)
SHARES = ("marked_decrease", "schedule_margin")
POINTS = ("about_tolerance", "about_tolerances_shown", "relative_tolerance")


def masthead(edition: Published, title: str, subtitle: str = "") -> Block:
    """Title block: area, plan, edition, last data year, until when data was taken in."""
    say = edition.say
    lines = facts(
        [
            (say("pages.edition"), say("pages.edition_of", year=edition.as_of)),
            (say("pages.as_of"), say("pages.year", year=edition.as_of)),
            (say("pages.known_on"), edition.info.get("known_on")),
            (say("pages.period"), say("pages.period_of", base=edition.base_year, target=edition.target_year)),
        ],
        css="facts inline",
    )
    markup = tag(
        "header",
        tag("p", title, cls="masthead-title"),
        tag("p", subtitle, cls="masthead-subtitle") if subtitle else None,
        tag("p", edition.mark, cls="fictional-mark") if edition.fictional else None,
        lines,
        cls="masthead",
    )
    return Block(markup)


def caption(edition: Published, text: str) -> Html:
    """A table's caption; fictional data says so in it."""
    return html(text, tag("span", edition.mark, cls="fictional-mark") if edition.fictional else None)


def counts_sentence(edition: Published, rows: Sequence[Record]) -> str:
    """How many rows have which outlook, with the denominator said first."""
    counts = outlook_counts(rows)
    able = sum(counts[o] for o in ASSESSABLE)
    say = edition.say
    listed = "、".join(
        say("pages.count_of", outlook=say(f"outlook.{o}"), count=counts[o]) for o in ASSESSABLE if counts[o]
    )
    rest = "、".join(
        say("pages.count_of", outlook=say(f"outlook.{o}"), count=counts[o]) for o in OUTLOOKS[6:] if counts[o]
    )
    clauses = [say("pages.counts_total", rows=len(rows), indicators=indicator_count(rows))]
    clauses.append(say("pages.counts_able", count=able, listed=listed) if able else say("pages.counts_none"))
    if rest:
        clauses.append(say("pages.counts_rest", count=len(rows) - able, listed=rest))
    return say("pages.sentence", clauses=";".join(clauses))


def position_sentence(edition: Published, rows: Sequence[Record]) -> str | None:
    """Attainment today, its own question and its own denominator."""
    known = [r for r in rows if r.text("position") in ("met", "not_met")]
    if not known:
        return None
    met = sum(r.text("position") == "met" for r in known)
    return edition.say(
        "pages.position_counts", year=edition.as_of, known=len(known), met=met, share=wording.share(met, len(known))
    )


def counts_table(edition: Published, rows: Sequence[Record]) -> Html:
    """Bar and table of outlooks; every column adds up to its own total."""
    say = edition.say
    counts = outlook_counts(rows)
    able = sum(counts[o] for o in ASSESSABLE)
    alt = counts_sentence(edition, rows)
    groups = [("binding", [r for r in rows if r.text("attribute") == "binding"])]
    groups += [
        (plan, [r for r in rows if r.text("plan") == plan])
        for plan in ("women", "children")
        if len({r.text("plan") for r in rows}) > 1
    ]
    split = [(name, outlook_counts(held)) for name, held in groups]
    columns = [
        Column(say("pages.column.outlook"), lambda o: wording.outlook_key(edition, o) if o in OUTLOOKS else o),
        Column(say("pages.column.rows"), lambda o: counts[o] if o in OUTLOOKS else len(rows), number=True),
        Column(
            say("pages.column.share_able"),
            lambda o: wording.share(counts[o], able) if o in ASSESSABLE else wording.DASH,
            number=True,
        ),
    ]
    for name, found in split:
        title = say(f"attribute.{name}") if name == "binding" else say(f"pages.plan_short_{name}")
        columns.append(
            Column(title, lambda o, found=found: found[o] if o in OUTLOOKS else sum(found.values()), number=True)
        )
    made = table(
        caption(edition, say("pages.counts_caption", year=edition.target_year)),
        columns,
        OUTLOOKS,
        foot=[say("pages.total")],
        css="counts",
    )
    bars = html(
        tag("div", drawing(outlook_bar(counts, alt, 720)), cls="wide-only"),
        tag("div", drawing(outlook_bar(counts, alt, 360)), cls="narrow-only"),
    )
    return tag("div", tag("div", bars, cls="bar"), made, cls="counts-block")


def missing_by_unit(edition: Published, rows: Sequence[Record]) -> Html:
    """What is missing, from whom: one line per unit that leads a row without a verdict, worst first."""
    say = edition.say
    groups: dict[str, dict[str, list[Record]]] = {}
    for leaf in missing_leaves(edition, rows):
        unit = leaf.text("lead_unit") or say("pages.responsible")
        groups.setdefault(unit, {}).setdefault(_kind_of_gap(leaf), []).append(leaf)

    def names(found: list[Record]) -> Html | str:
        if not found:
            return wording.DASH
        listed = [html(tag("span", r.text("series"), cls="code"), r.text("name")) for r in found]
        return html(tag("b", say("pages.gap_count", count=len(found))), tag("span", *_joined(listed), cls="list"))

    order = sorted(groups.items(), key=lambda g: (-sum(len(v) for v in g[1].values()), g[0]))
    columns = [
        Column(say("pages.column.unit"), lambda g: tag("b", g[0])),
        Column(say("pages.column.missing"), lambda g: sum(len(v) for v in g[1].values()), number=True),
        *[
            Column(say(f"pages.gap.{kind}"), lambda g, kind=kind: names(g[1].get(kind, [])))
            for kind in _GAPS
            if any(kind in found for _, found in order)
        ],
    ]
    return table(
        caption(edition, say("pages.gaps_caption")), columns, order, css="gaps stack", empty=say("pages.no_gaps")
    )


_GAPS = ("no_observations", "no_baseline", "too_few", "no_reference", "stepped", "no_band")


def missing_leaves(edition: Published, rows: Sequence[Record]) -> list[Record]:
    """Measured series of ``rows`` (parts instead of a compound row) without a stated outlook."""
    leaves = [leaf for row in rows for leaf in (edition.parts(row) or [row])]
    return [leaf for leaf in leaves if leaf.text("outlook") in ("no_data", "needs_judgement")]


def _kind_of_gap(leaf: Record) -> str:
    code = leaf.text("why_no_probability")
    if code in ("census_only", "election_steps"):
        return "stepped"
    if code == "no_observations" and leaf.text("kind") == "keep_reasonable" and leaf.number("value") is not None:
        return "no_band"
    return code if code in _GAPS else "too_few"


def _joined(listed: Sequence[object]) -> list[object]:
    joined: list[object] = []
    for item in listed:
        joined += ["、", item] if joined else [item]
    return joined


def thresholds_table(edition: Published) -> Html:
    """Every cut a verdict depends on, with who signed it off."""
    say, found = edition.say, edition.thresholds
    sources = found.get("sources") or {}
    names = [n for n in found if n not in ("sources", "signed_off")]

    def shown(name: str) -> str:
        value = found[name]
        if name in PROBABILITIES or name in SHARES:
            points = name in ("clear_by", "schedule_margin")
            return say("pages.points_of", value=f"{100 * value:g}") if points else f"{value:.0%}"
        if name in POINTS:
            values = value if isinstance(value, (list, tuple)) else [value]
            return say("pages.points_of", value="、".join(f"{v:g}" for v in values))
        return f"{value:g}" if isinstance(value, (int, float)) else str(value)

    def meaning(name: str) -> str:
        try:
            return say(f"pages.threshold.{name}")
        except KeyError:  # a threshold newer than this page is still shown, by its name
            return name

    columns = [
        Column(say("pages.column.threshold"), meaning),
        Column(say("pages.column.cut"), shown, number=True),
        Column(say("pages.column.set_by"), lambda n: say(f"pages.source_{sources.get(n, 'default')}")),
    ]
    signed = str(found.get("signed_off") or "")
    sentence = say("pages.signed_off", who=signed) if signed else say("pages.not_signed_off")
    return html(
        tag("p", sentence), table(caption(edition, say("pages.thresholds_caption")), columns, names, css="thresholds")
    )


def how_to_read(edition: Published) -> Html:
    """Legend of the figures and meaning of the words, for a page that shows fan charts."""
    say = edition.say
    cuts = edition.thresholds
    words = [
        (
            wording.outlook_word(edition, o),
            say(f"pages.meaning.{o}", **{k: f"{cuts.get(k, 0):.0%}" for k in ("likely", "hard", "very_hard")}),
        )
        for o in OUTLOOKS
    ]
    return tag(
        "div",
        tag("figure", drawing(fan_legend()), tag("figcaption", say("pages.legend_caption"))),
        facts(words, css="facts meanings"),
        paragraphs([say("pages.meaning_probability"), say("pages.meaning_grade", **grade_cuts(edition))], css="small"),
        cls="legend",
    )


def grade_cuts(edition: Published) -> dict[str, object]:
    names = ("grade_a_points", "grade_b_points", "grade_fresh_years", "small_events", "pool_years", "min_points")
    return {n: edition.thresholds.get(n, wording.DASH) for n in names}


def rows_table(edition: Published, rows: Sequence[Record], text: str, *, grouped: bool, other_page: bool) -> Html:
    """All rows in a compact table whose first column says who must act."""
    say = edition.say
    cuts = wording.chance_cuts(edition)
    columns = [
        Column(say("pages.column.unit"), wording.units_cell),
        Column(say("pages.column.indicator"), lambda r: wording.indicator_cell(edition, r, other_page)),
        Column(say("pages.column.value"), wording.value_cell, number=True),
        Column(say("pages.column.target", year=edition.target_year), lambda r: wording.target_cell(edition, r)),
        Column(say("pages.column.position"), lambda r: say(f"position.{r.text('position')}")),
        Column(say("pages.column.outlook"), lambda r: wording.outlook_word(edition, r.text("outlook"))),
        Column(say("pages.column.probability"), lambda r: wording.percent(r.number("probability"), cuts), number=True),
        Column(
            say("pages.column.grade"),
            lambda r: (r.text("evidence_grade") if r.number("probability") is not None else "") or wording.DASH,
            css="centre",
        ),
        Column(say("pages.column.schedule"), lambda r: _schedule(edition, r)),
        Column(say("pages.column.alerts"), lambda r: wording.alert_words(edition, r)),
    ]
    if not grouped:
        return table(caption(edition, text), columns, rows, css="rows stack", empty=say("pages.no_rows"))
    groups = []
    for domain in edition.domains:
        held = [r for r in rows if r.text("domain") == domain.code]
        if held:
            name = tag(
                "a",
                say("pages.domain_of", plan=say(f"pages.plan_short_{domain.plan}"), domain=domain.name),
                href=wording.page_file(domain.code),
            )
            groups.append((name, held))
    return table(caption(edition, text), columns, groups, grouped=True, css="rows stack", empty=say("pages.no_rows"))


def _schedule(edition: Published, row: Record) -> str:
    word = row.text("schedule")
    return wording.DASH if word in ("", "not_applicable") else edition.say(f"schedule.{word}")
