"""The shape of a finding, and the words for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from typing import Any

import pandas as pd

from plananalysis.base.text import LANGUAGES, language, listed, say, span
from plananalysis.plan.units import unit_name, with_unit

SEVERITIES = ("error", "explain", "hint")  # must be mended; mend it or explain it; nothing need be done


@dataclass(frozen=True)
class Issue:
    """One finding about one reported value, or about a series when ``submission`` is empty.

    Parameters
    ----------
    severity, rule
        One of :data:`SEVERITIES` as the catalogue words it; the rule's code (its name is ``quality.rule.<code>``).
    value
        As it was typed.
    submission, file_row
        Where it stands; row as a spreadsheet counts it, 0 when no single row is meant.
    message, advice
        What was found and what to do, in words.
    """

    severity: str
    rule: str
    series: str
    group: str
    year: int
    value: str
    submission: str
    file_row: int
    message: str
    advice: str


Leaves = Mapping[str, Mapping[str, Any]]  # what the plan says of each series that carries observations
COLUMNS = [f.name for f in fields(Issue)]


def amount(text: str, unit: str) -> str:
    """A value as it is written in a sentence: ``92.6%``, ``8.1/10万``, ``12件``.

    >>> amount("8.1", "1/10万")
    '8.1/10万'
    """
    if (
        text and unit == "万人" and language() != LANGUAGES[0]
    ):  # English counts in thousands: 12.3万人 are 123,000 persons
        unit, text = "人", f"{Decimal(text) * 10_000:,.0f}"
    return with_unit(text, unit)


def about_cell(
    cell: Any, rule: str, severity: str, unit: str, text: str = "message", advice: str = "advice", **words: Any
) -> Issue:
    """A finding about one row of the observations; ``words`` fill the texts ``quality.<rule>.<text>`` and ``.<advice>``."""
    words = {"year": cell.year, "value": amount(cell.value_text, unit), "unit": unit_name(unit), **words}
    return Issue(
        severity=say(f"quality.severity.{severity}"),
        rule=rule,
        series=cell.series,
        group=cell.group,
        year=int(cell.year),
        value=cell.value_text,
        submission=cell.submission,
        file_row=int(cell.file_row),
        message=say(f"quality.{rule}.{text}", **words),
        advice=say(f"quality.{rule}.{advice}", **words),
    )


def to_table(issues: Iterable[Issue], order: Iterable[str]) -> pd.DataFrame:
    """Findings as a table, worst first, then in the plan's order and newest year first."""
    severities = [say(f"quality.severity.{s}") for s in SEVERITIES]
    rank = {series: position for position, series in enumerate(order)}
    listed = sorted(
        set(issues),
        key=lambda i: (
            severities.index(i.severity),
            rank[i.series],
            i.group != "total",
            i.group,
            -i.year,
            i.rule,
            i.message,
        ),
    )
    return pd.DataFrame([asdict(i) for i in listed], columns=COLUMNS).astype({"year": "int64", "file_row": "int64"})


def year_list(years: Iterable[int]) -> str:
    """Years as an office writes them: runs of three or more as 2012—2015, others one by one."""
    runs: list[list[int]] = []
    for year in sorted(set(years)):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return listed(span(r[0], r[-1]) if len(r) > 2 else listed(map(str, r)) for r in runs)
