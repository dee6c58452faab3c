"""What long tables about rows of the plan are sorted and sifted by; the page's script does it, the words are made here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from plananalysis.assessments.verdicts import ALERTS
from plananalysis.editions.opened import Published, Record
from plananalysis.figures import OUTLOOKS
from plananalysis.render.html import Column, Facet

_POSITIONS = ("not_met", "met", "unknown")
_SCHEDULES = ("behind", "on", "ahead")


def _itself(record: Any) -> Any:
    return record


def sortable(edition: Published, columns: Iterable[Column], about: Callable[[Any], Record] = _itself) -> list[Column]:
    """The columns, those with an order of their own made sortable: values of several units have none and stay as they are.

    Parameters
    ----------
    about
        Finds the plan's row that a record of the table is about.
    """

    def rank(column: str, order: Sequence[str]) -> Callable[[Any], object]:
        return lambda r: order.index(w) if (w := about(r).text(column)) in order else None

    def alert(record: Any) -> object:
        return min((ALERTS.index(a) for a in about(record).words("alerts") if a in ALERTS), default=None)

    orders: dict[str, Callable[[Any], object]] = {
        "unit": lambda r: next(iter(units(about(r))), None),
        "indicator": lambda r: about(r).text("series") or None,
        "position": rank("position", _POSITIONS),
        "outlook": rank("outlook", OUTLOOKS),
        "probability": lambda r: about(r).number("probability"),
        "grade": lambda r: about(r).text("evidence_grade") or None,
        "schedule": rank("schedule", _SCHEDULES),
        "alerts": alert,
        "year": lambda r: r.whole("year"),
    }
    named = {edition.say(f"pages.column.{column}"): order for column, order in orders.items()}
    return [replace(c, sort=named.get(str(c.title))) for c in columns]


def facets(edition: Published, about: Callable[[Any], Record] = _itself) -> list[Facet]:
    """Plan, domain, responsible unit, attribute, outlook and alert of the plan's row that a record is about."""
    say = edition.say
    domains = {d.code: d.name for d in edition.domains}

    def word(group: str, column: str) -> Callable[[Any], list[str]]:
        return lambda r: [say(f"{group}.{w}") for w in about(r).words(column)]

    def plan(record: Any) -> list[str]:
        return [edition.plan_name(p) for p in about(record).words("plan")]

    def domain(record: Any) -> list[str]:
        return [domains[d] for d in about(record).words("domain") if d in domains]

    return [
        Facet(say("pages.sift.plan"), plan),
        Facet(say("pages.column.domain"), domain, list(domains.values())),
        Facet(say("pages.column.unit"), lambda r: units(about(r))),
        Facet(say("pages.column.attribute"), word("attribute", "attribute")),
        Facet(say("pages.column.outlook"), word("outlook", "outlook"), [say(f"outlook.{o}") for o in OUTLOOKS]),
        Facet(say("pages.column.alerts"), word("alert", "alerts"), [say(f"alert.{a}") for a in ALERTS]),
    ]


def units(row: Record) -> tuple[str, ...]:
    """Responsible units of a row, the leading one first."""
    return row.words("responsible_units") or row.words("lead_unit")
