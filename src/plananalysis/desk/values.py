"""What is asked about the values in store, and decided about those that came by no return; until when a round is open."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from plananalysis import round as rounds
from plananalysis.base.errors import UsageError
from plananalysis.base.text import aside, say, translated
from plananalysis.checks.findings import Finding
from plananalysis.desk.visits import Visit
from plananalysis.plan.groups import group_name
from plananalysis.returns import TOTAL
from plananalysis.returns.issues import keys_in
from plananalysis.returns.register import RETURNS

_OPEN = ("error", "explain")


@dataclass(frozen=True)
class Doubt:
    """A finding with its indicator's name, and where something can be done about it.

    Parameters
    ----------
    pick
        What a form calls it, for a value of a table; "" otherwise.
    unit
        Code of the unit whose return holds the value; "" otherwise.
    """

    found: Finding
    name: str
    pick: str
    unit: str


def findings(visit: Visit) -> Response:
    """Every finding about the values in use, those that somebody has to look at first."""
    doubts = [_doubt(visit, one) for one in rounds.found_in_store(visit.root, visit.area, visit.year)]
    doubts.sort(key=lambda d: (d.found.severity != "error", d.found.cell.series, -int(d.found.cell.year)))
    return visit.page(
        "findings.html",
        asked=[d for d in doubts if d.found.severity in _OPEN],
        told=[d for d in doubts if d.found.severity not in _OPEN],
    )


def decide(visit: Visit) -> Response:
    """The ticked questions need no answer, or the one value that is ticked is corrected."""
    picked = []
    for text in visit.texts("question"):
        table, _, name = text.partition("|")
        known = rounds.table_called(visit.root, visit.area, table)
        keys = keys_in(name)
        if not known or not keys:
            raise UsageError(say("desk.error.choice", value=text))
        picked += [(known, key) for key in keys]
    about = (visit.text("by"), visit.on, visit.text("reason"))
    if visit.chosen("what", ("waive", "correct")) == "correct":
        cells = {(table, key[1:]) for table, key in picked}
        if len(cells) != 1 or not visit.text("right"):
            raise UsageError(say("desk.findings.one"))
        ((table, (series, group, year)),) = cells
        place = series, group, int(year or 0)
        rounds.correct_value(visit.root, visit.area, table, place, visit.text("right"), *about)
        return visit.back(f"{visit.home}/findings", "value", 1)
    made = rounds.waive_stored(visit.root, visit.area, picked, *about, visit.year)
    closed = rounds.after_closing(visit.root, visit.area, made, visit.year)
    return visit.back(f"{visit.home}/findings", "waive_later" if closed else "waive", len(made))


def set_due(visit: Visit) -> Response:
    """Another last day for the year's round."""
    about = (visit.text("by"), visit.today, visit.text("reason"))
    rounds.set_due(visit.root, visit.area, visit.year, visit.text("due"), *about)
    return visit.back(visit.home, "due")


def _doubt(visit: Visit, one: Finding) -> Doubt:
    about = visit.plan.series.loc[one.cell.series]
    group = one.cell.group
    name = translated(about["name"]) + (aside(group_name(group, about["plan"])) if group != TOTAL else "")
    parts = one.cell.submission.split("/")
    returned = parts[0] == RETURNS
    pick = f"{one.cell.submission}|{rounds.name_of(one)}" if one.cell.submission and not returned else ""
    return Doubt(one, name, pick, parts[2] if returned else "")
