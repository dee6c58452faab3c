"""Numbers, units and verdicts as the pages print them; texts come from the catalogue."""

from __future__ import annotations

import math

from plananalysis.assessments.sentences import difference, number
from plananalysis.figures import key, mark
from plananalysis.pages.published import Published, Record
from plananalysis.pages.tables import Html, drawing, html, tag

DASH = "—"


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


def share(part: int, whole: int) -> str:
    """A share of a count, one decimal; a dash when there is nothing to divide by."""
    return f"{100 * part / whole:.1f}%" if whole else DASH


def chance_cuts(edition: Published) -> tuple[float, ...]:
    names = ("likely", "hard", "very_hard", "alert_binding", "alert_anticipatory")
    return tuple(float(edition.thresholds[n]) for n in names if n in edition.thresholds)


def value(row: Record, column: str = "value", decimals: int | None = None) -> str:
    """A value with its unit, as published."""
    found = row.number(column)
    places = decimals if decimals is not None else row.whole("decimals") or 0
    return DASH if found is None else number(found, row.text("unit"), places)


def change(row: Record, column: str, signed: bool = True) -> str:
    """An annual change with its unit (百分点 for per cent), one decimal finer than the values are published."""
    found = row.number(column)
    if found is None:
        return DASH
    places = row.whole("decimals") or 0
    places = places + 1 if places < 2 else places
    size = difference(found, row.text("unit"), places)
    if all(c in "0." for c in size.partition("个")[0]):
        return size
    return (("+" if found > 0 else "−") if signed else "") + size


def unit_label(edition: Published, unit: str) -> str:
    return edition.say("pages.unit", unit=unit) if unit else ""


def outlook_word(edition: Published, outlook: str) -> Html:
    """Sign and word of an outlook, never the one without the other."""
    return tag("span", drawing(mark(outlook)), edition.say(f"outlook.{outlook}"), cls=f"outlook o-{outlook}")


def outlook_key(edition: Published, outlook: str) -> Html:
    return tag("span", drawing(key(outlook)), edition.say(f"outlook.{outlook}"), cls="outlook")


def alert_words(edition: Published, row: Record) -> Html | str:
    codes = row.words("alerts")
    if not codes:
        return DASH
    return html(*[tag("span", edition.say(f"alert.{c}"), cls=f"alert a-{c}") for c in codes])


def units_cell(row: Record) -> Html:
    """Who must act: the first responsible unit stands out, the others follow."""
    names = row.words("responsible_units") or ((row.text("lead_unit"),) if row.text("lead_unit") else ())
    if not names:
        return Html(DASH)
    rest = tag("span", "、".join(names[1:]), cls="others") if names[1:] else None
    return html(tag("b", names[0]), rest)


def indicator_cell(edition: Published, row: Record, other_page: bool = True) -> Html:
    """Code and name, linked to the row's own block on its domain's page; 约束性 stands beside it where it applies."""
    code = row.text("series")
    place = page_file(row.text("domain")) if other_page else ""
    binding = (
        tag("span", edition.say("attribute.binding"), cls="binding") if row.text("attribute") == "binding" else None
    )
    return html(tag("span", code, cls="code"), tag("a", row.text("name"), href=f"{place}#{code}"), binding)


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


def value_cell(row: Record) -> Html:
    """Newest value with its year, and the number of events behind it when it is a rate of rare ones."""
    year = row.text("value_year")
    if not year or row.number("value") is None:
        return Html(DASH)
    return html(row.text("value_text") or value(row), tag("span", f"{year}年", cls="year"))


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
