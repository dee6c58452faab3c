"""How the targets of a plan spread over the districts of a city, and which districts are exceptions."""

from __future__ import annotations

from collections.abc import Sequence

from plananalysis.base.text import listed, say
from plananalysis.editions.opened import Record
from plananalysis.figures import OUTLOOKS
from plananalysis.figures.panorama import chance_spread, outlook_strip
from plananalysis.pages import common, wording
from plananalysis.pages.city_matrix import in_difficulty
from plananalysis.pages.city_tables import CityTables
from plananalysis.render.html import Column, Html, drawing, html, table, tag

MOST = 12  # targets shown as hard in many districts
MANY = 0.25  # of the districts with an outlook
BINS = 20


def hard_everywhere(page: CityTables) -> Html:
    """Targets that are hard or very hard in many districts: matters for the city, not for one district."""
    rows = [
        r for r in page.records("targets") if in_difficulty(r) and in_difficulty(r) >= MANY * (r.number("able") or 0)
    ]
    rows.sort(key=lambda r: (-in_difficulty(r) / (r.number("able") or 1), -in_difficulty(r), r.text("series")))
    if not rows:
        return page.none("everywhere_none")
    lead = say("pages.city.everywhere", count=len(rows), shown=min(len(rows), MOST), share=f"{MANY:.0%}")
    text = common.caption(page, say("pages.city.everywhere_caption"))
    made = table(text, _columns(page), rows[:MOST], css="spread stack")
    return html(tag("p", lead, cls="lead"), made)


def standing_out(page: CityTables) -> Html:
    """Targets that most districts will reach and a few will not: there the district's own reasons matter."""
    rows = [r for r in page.records("targets") if r.text("behind")]
    if not rows:
        return page.none("out_none")
    held = {(r.text("area"), r.text("series")): r for r in page.rows}
    lines = [held[area, r.text("series")] for r in rows for area in r.words("behind")]
    by_district: dict[str, list[Record]] = {}
    for r in lines:
        by_district.setdefault(r.text("area"), []).append(r)
    order = sorted(by_district, key=lambda a: (-len(by_district[a]), a))
    columns = [
        Column(say("pages.city.district"), page.link),
        Column(say("pages.city.count_head"), lambda a: len(by_district[a]), number=True),
        Column(say("pages.city.which"), lambda a: _named(page, by_district[a])),
    ]
    lead = say("pages.city.out", count=len(lines), districts=len(order), targets=len(rows))
    text = common.caption(page, say("pages.city.out_caption"))
    return html(tag("p", lead, cls="lead"), table(text, columns, order, css="out stack"))


def every_target(page: CityTables) -> Html:
    """Every target of the plan with its distribution over the districts."""
    rows, domains = page.records("targets"), page.records("domains")
    groups = [
        (
            say("pages.domain_of", plan=say(f"pages.plan_{d.text('plan')}"), domain=d.text("name")),
            [r for r in rows if r.text("domain") == d.text("domain")],
        )
        for d in domains
    ]
    text = common.caption(page, say("pages.city.targets_caption", count=len(rows)))
    groups = [(name, held) for name, held in groups if held]
    made = table(text, _columns(page), groups, grouped=True, css="spread stack")
    return html(tag("p", say("pages.city.targets_note"), cls="small"), made)


def _named(page: CityTables, rows: Sequence[Record]) -> Html:
    cuts = wording.chance_cuts(page)
    pieces: list[object] = []
    for r in sorted(rows, key=lambda r: r.number("probability") or 0.0):
        chance = say("pages.city.chance", percent=wording.percent(r.number("probability"), cuts))
        pieces.append(tag("span", page.indicator(r), tag("span", chance, cls="chance"), cls="item"))
    return html(*pieces)


def _columns(page: CityTables) -> list[Column]:
    chances = _chances(page)
    cuts = [page.thresholds[n] for n in ("very_hard", "hard", "likely")]
    return [
        Column(say("pages.column.unit"), lambda r: r.text("lead_unit")),
        Column(say("pages.column.indicator"), lambda r: _name(page, r), css="name"),
        Column(say("pages.column.target", year=page.target_year), _text, css="target"),
        Column(say("pages.city.strip"), _strip, css="figure"),
        Column(say("pages.city.spread"), lambda r: _spread(r, chances.get(r.text("series"), []), cuts), css="figure"),
        Column(say("pages.city.behind"), lambda r: _exceptions(page, r), css="units"),
    ]


def _name(page: CityTables, row: Record) -> Html:
    return html(tag("span", row.text("series"), cls="code"), row.text("name"), wording.binding_mark(page, row))


def _text(row: Record) -> Html:
    other = (row.whole("readings") or 1) > 1
    return html(row.text("target_text"), tag("span", say("pages.city.readings"), cls="more") if other else None)


def _strip(row: Record) -> Html:
    counts = {o: row.whole(o) or 0 for o in OUTLOOKS}
    named = [say("pages.count_of", outlook=say(f"outlook.{o}"), count=counts[o]) for o in OUTLOOKS if counts[o]]
    return drawing(outlook_strip(counts, listed(named)))


def _spread(row: Record, held: Sequence[float], cuts: Sequence[float]) -> Html | str:
    if not held:
        return wording.DASH
    low, middle, high = (wording.percent(row.number(p)) for p in ("p10", "p50", "p90"))
    alt = middle if low == high else say("pages.city.spread_alt", low=low, middle=middle, high=high)
    bins = [0] * BINS
    for p in held:
        bins[min(int(p * BINS), BINS - 1)] += 1
    return html(drawing(chance_spread(bins, cuts, alt)), tag("span", alt, cls="more"))


def _chances(page: CityTables) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for r in page.rows:
        if (p := r.number("probability")) is not None:
            found.setdefault(r.text("series"), []).append(p)
    return found


def _exceptions(page: CityTables, row: Record) -> str:
    behind, ahead = row.words("behind"), row.words("ahead")
    words = []
    if behind:
        words.append(say("pages.city.behind_are", names=page.few(behind), count=len(behind)))
    if ahead:
        words.append(say("pages.city.ahead_are", names=page.few(ahead), count=len(ahead)))
    return say("pages.clause_joint").join(words) or wording.DASH
