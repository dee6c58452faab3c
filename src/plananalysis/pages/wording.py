"""Numbers, units and verdicts as the pages print them; texts come from the catalogue."""

from __future__ import annotations

import math

from plananalysis.assessments.actions import proposed
from plananalysis.assessments.sentences import difference, is_nothing, number, rescaled
from plananalysis.base.text import say
from plananalysis.editions.opened import Published, Record
from plananalysis.figures import OUTLOOKS, format_value, key, mark
from plananalysis.plan.units import RATES, unit_name, with_unit
from plananalysis.render.html import Html, drawing, html, tag

DASH = "—"
STAR = "*"  # stands for what this audience is not shown


def percent(probability: float | None, cuts: tuple[float, ...] = ()) -> str:
    """A probability in whole per cent, with a decimal where rounding would move it across one of ``cuts``.

    >>> percent(0.234), percent(0.004), percent(0.6581, (0.66,)), percent(None)
    ('23%', '<1%', '65.8%', '—')
    """
    if probability is None or math.isnan(probability):
        return DASH
    if probability < 0.01:
        return "<1%"
    if probability > 0.99:
        return ">99%"
    rounded = round(probability * 100) / 100
    if any((rounded >= cut) != (probability >= cut) for cut in cuts):
        return f"{math.floor(probability * 1000) / 10:.1f}%"  # never rounded up across the cut
    return f"{rounded:.0%}"


def chance(edition: Published, row: Record) -> str:
    """The row's probability; a star when it is withheld."""
    if "probability" in row.words("withheld"):
        return STAR
    return percent(row.number("probability"), chance_cuts(edition))


def share(part: int, whole: int) -> str:
    """A share of a count, one decimal; a dash when there is nothing to divide by."""
    return f"{100 * part / whole:.1f}%" if whole else DASH


def chance_cuts(edition: Published) -> tuple[float, ...]:
    names = ("likely", "hard", "very_hard", "alert_binding", "alert_anticipatory")
    return tuple(float(edition.thresholds[n]) for n in names if n in edition.thresholds)


def value(row: Record, column: str = "value", decimals: int | None = None) -> str:
    """A value with its unit, as published; a star when it is withheld."""
    found = row.number(column)
    if column in row.words("withheld"):
        return STAR
    places = decimals if decimals is not None else row.whole("decimals") or 0
    return DASH if found is None else number(found, row.text("unit"), places)


def projected(value: float, unit: str, decimals: int) -> str:
    """A projected value with its unit and fixed decimals: here zeros are part of the precision claimed."""
    return number(value, unit, decimals) if rescaled(unit) else with_unit(format_value(value, decimals), unit)


def change(row: Record, column: str) -> str:
    """An annual change with sign and unit (百分点 for per cent), one decimal finer than the values are published."""
    found = row.number(column)
    if column in row.words("withheld"):
        return STAR
    return DASH if found is None else _signed(found, row, finer=True)


def change_or_none(row: Record, column: str) -> str | None:
    found = change(row, column)
    return None if found == DASH else found


def step(row: Record) -> str | None:
    """Change of the newest value on the observation before it."""
    now, before = row.number("value"), row.number("previous_value")
    return None if now is None or before is None else _signed(now - before, row, finer=False)


def _signed(found: float, row: Record, finer: bool) -> str:
    places = row.whole("decimals") or 0
    size = difference(found, row.text("unit"), places + (finer and places < 2))
    if is_nothing(size):
        return size
    return ("+" if found > 0 else "−") + size


def count(found: float) -> str:
    """A count of people or cases, thousands separated."""
    return f"{found:,.0f}" if found == int(found) else f"{found:,}"


def unit_label(edition: Published, unit: str) -> str:
    return edition.say("pages.unit", unit=unit_name(unit)) if unit else ""


def outlook_word(edition: Published, outlook: str) -> Html:
    """Sign and word of an outlook, never the one without the other; a dash where none was stated."""
    if outlook not in OUTLOOKS:
        return html(DASH)
    return tag("span", drawing(mark(outlook)), edition.say(f"outlook.{outlook}"), cls=f"outlook o-{outlook}")


def reached_word(row: Record) -> Html:
    """Whether a target was reached, with the sign of the outlook that expects it."""
    position = row.text("position") or "unknown"
    sign = {"met": "met_secure", "not_met": "very_hard", "unknown": "no_data"}[position]
    return tag("span", drawing(mark(sign)), say(f"documents.final.{position}"), cls="outlook")


def outlook_cell(edition: Published, row: Record) -> Html:
    """The outlook of a row, marked where it was kept from the edition before."""
    if not kept_verdict(edition, row):
        return outlook_word(edition, row.text("outlook"))
    sign = tag("span", edition.say("pages.kept_mark"), cls="inferred", title=edition.say("pages.note_kept"))
    return html(outlook_word(edition, row.text("outlook")), sign)


def outlook_key(edition: Published, outlook: str) -> Html:
    return tag("span", drawing(key(outlook)), edition.say(f"outlook.{outlook}"), cls="outlook")


def alert_words(edition: Published, row: Record) -> Html | str:
    codes = row.words("alerts")
    if not codes:
        return DASH
    return html(*[tag("span", edition.say(f"alert.{c}"), cls=f"alert a-{c}") for c in codes])


def units_cell(row: Record, edition: Published | None = None) -> Html:
    """Who must act: the first responsible unit stands out, the others follow.

    Parameters
    ----------
    edition
        When given, and written for the offices themselves, each name leads to the unit's own sheet.
    """
    names = row.words("responsible_units") or ((row.text("lead_unit"),) if row.text("lead_unit") else ())
    if not names:
        return Html(DASH)
    codes = {} if edition is None or edition.audience != "internal" else edition.unit_codes
    shown = [tag("a", n, href=unit_file(codes[n])) if n in codes else html(n) for n in names]
    others: list[object] = []
    for one in shown[1:]:
        others += [say("joint.list"), one] if others else [one]
    return html(tag("b", shown[0]), tag("span", *others, cls="others") if others else None)


def unit_file(code: str) -> str:
    """File of a unit's sheet beside ``index.html``."""
    return page_file(f"unit.{code}")


def kinds(row: Record) -> tuple[str, ...]:
    """Kinds of action a rule proposes for a row."""
    return proposed({c: row.text(c) for c in ("position", "outlook", "alerts", "why_no_probability")})


def binding_mark(edition: Published, row: Record) -> Html | None:
    """约束性 beside the name of a row it holds for."""
    return tag("span", edition.say("attribute.binding"), cls="binding") if row.text("attribute") == "binding" else None


def indicator_cell(edition: Published, row: Record, other_page: bool = True) -> Html:
    """Code and name, linked to the row's own block on its domain's page."""
    return html(indicator_link(row, other_page), binding_mark(edition, row))


def indicator_link(row: Record, other_page: bool = True) -> Html:
    code = row.text("series")
    place = page_file(row.text("domain")) if other_page else ""
    return html(tag("span", code, cls="code"), tag("a", row.text("name"), href=f"{place}#{code}"))


def page_file(name: str) -> str:
    """File of a page beside ``index.html``: a domain code, ``data_quality`` or ``method_check``."""
    return f"{name}.html"


def target_cell(edition: Published, row: Record) -> Html:
    """The target verbatim; our reading follows where it adds something, with a mark where the operator was inferred."""
    verbatim, reading = row.text("target_text"), row.text("reading_text")
    inferred = row.text("operator_source") == "inferred"
    sign = (
        tag("span", edition.say("pages.inferred_mark"), cls="inferred", title=edition.say("operator_source.inferred"))
        if inferred
        else None
    )
    extra = tag("span", reading, cls="reading") if reading and reading != verbatim else None
    return html(verbatim or DASH, sign, extra)


def value_cell(edition: Published, row: Record) -> Html:
    """Newest value with its year; beside a rate of few events stands their number."""
    year = row.text("value_year")
    hidden = "value" in row.words("withheld")
    if not year or (row.number("value") is None and not hidden):
        return Html(DASH)
    when = tag("span", edition.say("pages.year", year=year), cls="year")
    few = few_events(edition, row)
    return html(
        STAR if hidden else row.text("value_text") or value(row), when, tag("span", few, cls="more") if few else None
    )


def few_events(edition: Published, row: Record) -> str | None:
    """The few events behind a rate in the newest years that are pooled, with those years; None when there are many."""
    events, limit = row.number("events"), edition.thresholds.get("small_events")
    rare = row.text("unit") in RATES and row.number("direction") == -1  # nobody counts cases of a share of good things
    if events is None or limit is None or events >= float(limit) or not rare:
        return None
    held = [r.whole("year") for r in edition.observed.get(row.text("series"), []) if r.number("value") is not None]
    years = sorted({y for y in held if y is not None})[-int(edition.thresholds.get("pool_years", 3)) :]
    if not years:
        return None  # a row of several parts has no years of its own
    span = f"{years[0]}" if len(years) == 1 else edition.say("pages.from_to", low=years[0], high=years[-1])
    return edition.say("pages.events", years=span, events=int(events))


def kept_verdict(edition: Published, row: Record) -> bool:
    """Whether the outlook was kept from the edition before although P stands on the other side of a cut."""
    probability, cuts = row.number("probability"), edition.thresholds
    if probability is None or row.text("role") == "compound" or not {"likely", "hard", "very_hard"} <= set(cuts):
        return False
    if row.text("position") == "met":
        plain = "met_secure" if probability >= cuts["likely"] else "met_slipping"
    elif probability >= cuts["likely"]:
        plain = "likely"
    elif probability >= cuts["hard"]:
        plain = "uncertain"
    else:
        plain = "hard" if probability >= cuts["very_hard"] else "very_hard"
    return row.text("outlook") != plain
