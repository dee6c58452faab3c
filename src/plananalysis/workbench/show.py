"""How objects look in a console and in a notebook: one line of text, and a small piece of HTML that carries its own style.

The style stands in the elements, because JupyterLab takes style sheets out of notebooks it does not trust; pictures are images with
a white ground, so that a dark theme leaves them readable.
"""

from __future__ import annotations

import base64
import math
from html import escape
from typing import Any

import numpy as np

from plananalysis.base.text import say, span, speaking
from plananalysis.figures.chart import Chart, Fan, Goal, Point
from plananalysis.figures.fan import fan_chart
from plananalysis.workbench import answers

_BOX = "display:inline-block;border:1px solid #8888;border-radius:4px;padding:8px 12px;line-height:1.5"
_CELL = "text-align:left;padding:1px 12px 1px 0"
_BANDS = (0.1, 0.25, 0.5, 0.75, 0.9)


def indicator_line(it: Any) -> str:
    """One line about an indicator."""
    with speaking(it.language):
        return _first_line(it)


def indicator_html(it: Any) -> str:
    """An indicator's picture with its line above it."""
    with speaking(it.language):
        notes = [say("workbench.fictional")] if it.fictional else []
        if it.assumed:
            notes.append(say("workbench.assumed", years=", ".join(map(str, it.assumed))))
        head = f"<strong>{escape(_first_line(it))}</strong>" + "".join(f"<br>{escape(n)}" for n in notes)
        return f'<div style="{_BOX}">{head}<br>{fan_image(it)}</div>'


def area_line(area: Any) -> str:
    """One line about an area."""
    plan = area.plan
    with speaking(area.language):
        counts = {"series": len(plan.series), "targets": len(plan.rows()), "values": len(area.view)}
        years = {"as_of": plan.as_of, "target_year": plan.outline.target_year}
        told = say("workbench.area", name=plan.name, **counts, **years)
        return told + (f" [{say('workbench.fictional')}]" if plan.fictional else "")


def area_html(area: Any) -> str:
    """An area's line, how many targets have which outlook, and what may be asked next."""
    table = area.edition.assessments
    counts = table[table["role"] != "part"]["outlook"].value_counts()
    with speaking(area.language):
        words = [(say(f"outlook.{code}"), n) for code, n in counts.items()]
        body = "".join(f'<tr><td style="{_CELL}">{escape(w)}</td><td style="{_CELL}">{n}</td></tr>' for w, n in words)
        ask = f'area["{next(iter(area))}"]  area.indicators  area.chances()  area.tidy()  area.search("…")'
        return (
            f'<div style="{_BOX}"><strong>{escape(area_line(area))}</strong>'
            f'<table style="margin:4px 0">{body}</table><code>{escape(ask)}</code></div>'
        )


def fan_image(it: Any) -> str:
    """The indicator's figure as the reports draw it, as an image; "" without values."""
    if not len(it.history.years):
        return ""
    drawn = fan_chart(chart_of(it)).replace("<svg ", '<svg style="background:#fff" font-family="sans-serif" ', 1)
    data = base64.b64encode(drawn.encode()).decode()
    return f'<img alt="{escape(_first_line(it))}" src="data:image/svg+xml;base64,{data}" style="background:#fff">'


def chart_of(it: Any) -> Chart:
    """What the reports' figure needs to know of an indicator."""
    h = it.history
    year = it.target.year if it.target else int(h.years[-1]) + 5
    what = it.event
    found = answers.projection(it, year)
    goal = fan = None
    if answers.of_one_value(what):
        low, high = (None if math.isinf(edge) else edge for edge in (what.low, what.high))
        goal = Goal(low, high, it.target.short(what)) if (low, high) != (None, None) else None
    if found.reason is None:
        rows = [tuple(r) for r in found.quantiles(_BANDS).tolist()]
        fan = Fan(tuple(found.years.tolist()), *rows)
    points = zip(h.years.tolist(), h.values.tolist(), strict=True)
    return Chart(
        unit=it.unit,
        decimals=h.decimals,
        observed=tuple(Point(y, v, "E" if y in it.assumed else "A") for y, v in points),
        base_year=it.target.base_year if it.target else int(h.years[0]),
        target_year=year,
        alt=_first_line(it),
        fan=fan,
        goal=goal,
        earlier=tuple(Point(y, v) for y, v, _ in h.earlier),
        lower=None if math.isnan(h.lower) else h.lower,
        upper=None if math.isnan(h.upper) else h.upper,
        mark=say("workbench.fictional") if it.fictional else "",
    )


def _first_line(it: Any) -> str:
    h = it.history
    head = f"{it.name}{say('joint.aside', text=it.unit) if it.unit else ''}"
    if not len(h.years):
        return say("workbench.indicator_empty", head=head)
    years = span(h.years[0], h.years[-1]) if len(h.years) > 1 else str(h.years[0])
    newest = f"{h.values[-1]:,.{h.decimals}f}"
    told = say("workbench.indicator", head=head, count=len(h.years), years=years, newest=newest)
    if it.target is None:
        return told
    chance = it.chance()
    said = say("workbench.chance", p=f"{chance:.2f}") if not np.isnan(chance) else it.why_no_chance()
    return told + say("workbench.indicator_target", target=it.target.short(it.event), said=said)
