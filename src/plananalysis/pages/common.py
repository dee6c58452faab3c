"""Pieces that several pages share: masthead, counts of outlooks, what is missing from whom, thresholds, how to read a figure."""

from __future__ import annotations

from collections.abc import Sequence

from plananalysis.base.text import listed, say
from plananalysis.editions.opened import Domain, Published, Record
from plananalysis.figures import OUTLOOKS, fan_legend
from plananalysis.pages import sifting, wording
from plananalysis.render.html import Block, Column, Html, drawing, facts, html, paragraphs, table, tag

ORDER = (
    *("likely", "hard", "very_hard", "clear_by", "alert_binding", "alert_anticipatory"),
    *("volatile_level", "volatile_steps", "outlier_level"),
    *("about_tolerance", "about_tolerances_shown", "relative_tolerance", "marked_decrease"),
    *("control_level", "control_years", "pool_years"),
    *("min_points", "grade_a_points", "grade_b_points", "grade_fresh_years", "small_events", "schedule_margin"),
)
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
    kind = say(f"evaluation.{edition.mode}") if edition.mode in ("midterm", "final") else None
    lines = facts(
        [
            (say("evaluation.kind"), kind),
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
        lines,
        tag("p", say("audience.note", star=wording.STAR), cls="small") if edition.withholds else None,
        cls="masthead",
    )
    return Block(markup)


def caption(edition: Published, text: str) -> Html:
    """A table's caption; fictional data says so in it."""
    return html(text, tag("span", edition.mark, cls="fictional-mark") if edition.fictional else None)


def missing_by_unit(edition: Published, rows: Sequence[Record]) -> Html:
    """What is missing, from whom: one line per unit that leads a row without a verdict, the longest first."""
    say = edition.say
    groups: dict[str, list[Record]] = {}
    for leaf in missing_leaves(edition, rows):
        groups.setdefault(leaf.text("lead_unit") or say("pages.responsible"), []).append(leaf)

    def listed(leaves: list[Record]) -> Html:
        kinds = [(kind, [leaf for leaf in leaves if _kind_of_gap(leaf) == kind]) for kind in _GAPS]
        return html(*[_gap_line(edition, kind, found) for kind, found in kinds if found])

    order = sorted(groups.items(), key=lambda g: (-len(g[1]), g[0]))
    columns = [
        Column(say("pages.column.unit"), lambda g: tag("b", g[0])),
        Column(say("pages.column.missing"), lambda g: len(g[1]), number=True),
        Column(say("pages.column.what"), lambda g: listed(g[1])),
    ]
    total = (say("pages.total"), [leaf for leaves in groups.values() for leaf in leaves])
    columns[2] = Column(say("pages.column.what"), lambda g: listed(g[1]) if g is not total else "")
    text = caption(edition, say("pages.gaps_caption"))
    return table(
        text, columns, order, foot=[total] if len(order) > 1 else (), css="gaps stack", empty=say("pages.no_gaps")
    )


def _gap_line(edition: Published, kind: str, leaves: Sequence[Record]) -> Html:
    lead = edition.say("pages.gap_line", kind=edition.say(f"pages.gap.{kind}"), count=len(leaves))
    names: list[object] = []
    for leaf in leaves:
        names += [say("joint.list")] if names else []
        names.append(html(tag("span", leaf.text("series"), cls="code"), leaf.text("name")))
    return tag("span", tag("b", lead), *names, cls="line")


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


def thresholds_table(edition: Published) -> Html:
    """Every cut a verdict depends on, with who signed it off."""
    say, found = edition.say, edition.thresholds
    sources = found.get("sources") or {}
    names = [n for n in (*ORDER, *sorted(set(found) - {*ORDER, "sources", "signed_off"})) if n in found]

    def shown(name: str) -> str:
        value = found[name]
        if name in PROBABILITIES or name in SHARES:
            points = name in ("clear_by", "schedule_margin")
            return say("pages.points_of", value=f"{100 * value:g}") if points else f"{100 * value:g}%"
        if name in POINTS:
            values = value if isinstance(value, (list, tuple)) else [value]
            return say("pages.points_of", value=listed(f"{v:g}" for v in values))
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
    columns = [
        Column(say("pages.column.unit"), lambda r: wording.units_cell(r, edition)),
        Column(say("pages.column.indicator"), lambda r: wording.indicator_cell(edition, r, other_page)),
        Column(say("pages.column.value"), lambda r: wording.value_cell(edition, r), number=True),
        Column(
            say("pages.column.target", year=edition.target_year),
            lambda r: wording.target_cell(edition, r),
            css="target",
        ),
        Column(say("pages.column.position"), lambda r: say(f"position.{r.text('position')}"), css="short"),
        Column(say("pages.column.outlook"), lambda r: wording.outlook_cell(edition, r)),
        Column(say("pages.column.probability"), lambda r: wording.chance(edition, r), number=True),
        Column(
            say("pages.column.grade"),
            lambda r: (r.text("evidence_grade") if r.number("probability") is not None else "") or wording.DASH,
            css="centre short",
        ),
        Column(say("pages.column.schedule"), lambda r: schedule_word(edition, r), css="short"),
        Column(say("pages.column.alerts"), lambda r: wording.alert_words(edition, r)),
    ]
    text_with_mark, empty = caption(edition, text), say("pages.no_rows")
    groups: list[tuple[object, list[Record]]] = [(None, list(rows))]
    if grouped:
        groups = [(_domain_link(edition, d), [r for r in rows if r.text("domain") == d.code]) for d in edition.domains]
        groups = [(name, held) for name, held in groups if held]
    columns, facets = sifting.sortable(edition, columns), sifting.facets(edition)
    made = table(text_with_mark, columns, groups, grouped=True, css="rows stack", empty=empty, facets=facets)
    return html(made, marks_note(edition, rows))


def _domain_link(edition: Published, domain: Domain) -> Html:
    words = edition.say("pages.domain_of", plan=edition.plan_name(domain.plan), domain=domain.name)
    return tag("a", words, href=wording.page_file(domain.code))


def marks_note(edition: Published, rows: Sequence[Record]) -> Html | None:
    """What the small marks of a table mean, as far as they occur in it."""
    say = edition.say
    notes = []
    if any(r.text("operator_source") == "inferred" for r in rows):
        notes.append(say("pages.marks_inferred", mark=say("pages.inferred_mark")))
    if any(wording.kept_verdict(edition, r) for r in rows):
        notes.append(say("pages.marks_kept", mark=say("pages.kept_mark")))
    return tag("p", *notes, cls="small") if notes else None


def schedule_word(edition: Published, row: Record) -> str:
    """快于时序, 符合时序 or 慢于时序; a dash where the way from base to target has no length."""
    word = row.text("schedule")
    return wording.DASH if word in ("", "not_applicable") else edition.say(f"schedule.{word}")
