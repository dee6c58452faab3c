"""The plan on the desk: how each target is read, and a further reading decided."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from plananalysis import onboarding
from plananalysis.base.text import say, translated
from plananalysis.desk.visits import Visit
from plananalysis.onboarding import plan_tables, words
from plananalysis.onboarding.readings import READ
from plananalysis.plan import Plan
from plananalysis.plan.targets import KINDS, OPERATORS


def readings(visit: Visit) -> Response:
    """Every target with the printed words and how they are read."""
    plan = visit.plan
    rows = [
        (name, translated(one.series.loc[code, "name"]), _period(plan, one), _told(one.targets.loc[code]))
        for name, (one, code) in plan.named().items()
    ]
    asked = [question for one in plan.together() for question in one.questions(visit.today)]
    return visit.page("readings.html", rows=rows, asked=asked, several=bool(plan.beside))


def reading(visit: Visit) -> Response:
    """One target: all its readings, and a form for a further one."""
    name = visit.request.path_params["series"]
    plan, code = visit.plan.named().get(name, (visit.plan, ""))
    if not code:
        raise HTTPException(404)
    held = plan_tables.read(visit.root, visit.area).rows["targets"]
    mine = [row for row in held if (row["series"], row["outline"]) == (code, plan.outline.id)]
    return visit.page(
        "reading.html",
        series=name,
        called=translated(plan.series.loc[code, "name"]),
        period=_period(visit.plan, plan),
        now=max(mine, key=lambda row: row["decided_on"]),
        readings=[_told(row) for row in sorted(mine, key=lambda row: row["decided_on"])],
        kinds={kind: words.in_words("targets", "kind", kind) for kind in KINDS},
        operators={o: words.in_words("targets", "operator", o) for o in dict.fromkeys(sum(OPERATORS.values(), ()))},
        column=lambda name: words.column_name("targets", name),
    )


def decide(visit: Visit) -> Response:
    """A further reading of a target, from a day on."""
    code = visit.request.path_params["series"]
    read = {name: visit.text(name) for name in READ}
    about = (visit.text("on"), visit.text("by"), visit.text("reason"))
    onboarding.decide_reading(visit.root, visit.area, code, visit.year, *about, read)
    return visit.back(f"{visit.home}/readings/{code}", "reading", 1)


def _period(plan: Plan, one: Plan) -> str:
    """Whose target it is, where the area has several periods side by side."""
    return say("pages.beside_of", plans=one.plans_name, target=one.outline.target_year) if plan.beside else ""


def _told(row: Any) -> dict[str, str]:
    """A reading in words: its kind with the cells that kind needs, whence it comes, and who decided it."""
    value = row.get("value_text", row["value"])
    cells = [words.in_words("targets", "operator", row["operator"]) + str(value or "")]
    cells += ["—".join(str(row[c]) for c in ("low", "high") if row[c] == row[c] and row[c] != "")]
    read = [words.in_words("targets", "kind", row["kind"]), *cells, row["reference"] or ""]
    source = words.in_words("targets", "operator_source", row["operator_source"])
    about = {name: str(row[name]) for name in ("target_text", "decided_on", "decided_by", "reason")}
    return {**about, "read": " ".join(filter(None, read)), "source": source}
