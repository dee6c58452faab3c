"""The one table of rules for a value, the shape of a finding, and the words for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

import pandas as pd

from plananalysis import schema
from plananalysis.base.text import HAN, LANGUAGES, Told, language, listed, say, span, tellable, translated
from plananalysis.plan.units import unit_name, with_unit

SEVERITIES = ("error", "explain", "hint")  # must be mended; mend it or explain it; nothing need be done


class Rule(NamedTuple):
    """What holds of every finding by one rule.

    Parameters
    ----------
    against
        What a value is held against: nothing beside it (``alone``), its ``past``, others of its year (``beside``), or how and
        when it was reported (``report``), which a return by itself cannot tell.
    answered
        Words answer it, without another value.
    spares
        Such a value is questioned once and not compared with others.
    """

    against: str
    answered: bool = False
    spares: bool = False


# a return and the year's data are held against these alike; names and sentences stand in the catalogue under quality.<rule>
RULES = {
    "out_of_bounds": Rule("alone", spares=True),
    "rate_mismatch": Rule("alone", spares=True),
    "unit_slip": Rule("alone", spares=True),  # or past: by its own counts, else by the years around it
    "truncated": Rule("alone"),
    "zero_denominator": Rule("alone", answered=True),
    "missing_unexplained": Rule("alone", answered=True),
    "count_alone": Rule("alone", answered=True),
    "no_counts": Rule("alone"),
    "first_value": Rule("past", answered=True, spares=True),  # held against target, baseline and other places
    "jump": Rule("past", answered=True),
    "off_trend": Rule("past", answered=True),
    "repeated": Rule("past", answered=True),
    "definition_break": Rule("past"),
    "unknown_definition": Rule("past"),
    "revision": Rule("past", answered=True),
    "revision_withdrawn": Rule("past", answered=True),
    "logic": Rule("beside", answered=True),
    "groups": Rule("beside", answered=True),
    "same_denominator": Rule("beside", answered=True),
    "same_as_all": Rule("beside", answered=True),
    "late": Rule("report"),
    "not_in_edition": Rule("report"),
    "gap": Rule("report"),
    "stale": Rule("report"),
}


@dataclass(frozen=True)
class Finding:
    """One finding about one reported value, or about a series when the cell stands in no file.

    Parameters
    ----------
    severity, rule
        One of :data:`SEVERITIES`, one of :data:`RULES`.
    cell
        The row of the observations it is about.
    column
        Which of its numbers: ``value``, ``numerator`` or ``denominator``.
    message, advice
        What was found and what to do, in words that can be said in another language.
    """

    severity: str
    rule: str
    cell: Any
    column: str
    message: Told
    advice: Told

    @property
    def key(self) -> tuple[str, str, int]:
        """Series, group and year."""
        return self.cell.series, self.cell.group, int(self.cell.year)

    @property
    def value(self) -> str:
        """The number meant, as it was typed."""
        return getattr(self.cell, f"{self.column}_text")


Leaves = Mapping[str, Mapping[str, Any]]  # what the plan says of each series that carries observations


@tellable
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
    cell: Any,
    rule: str,
    severity: str,
    unit: str,
    text: str = "message",
    advice: str = "advice",
    column: str = "value",
    **words: Any,
) -> Finding:
    """A finding about one row of the observations; ``words`` fill the texts ``quality.<rule>.<text>`` and ``.<advice>``."""
    words = {"year": cell.year, "value": amount.told(cell.value_text, unit), "unit": unit_name.told(unit), **words}
    # names of the plan, which have their own in another language
    words = {k: translated.told(v) if type(v) is str and HAN.search(v) else v for k, v in words.items()}
    message, told = (say.told(f"quality.{rule}.{part}", **words) for part in (text, advice))
    return Finding(severity, rule, cell, column, message, told)


def to_table(findings: Iterable[Finding], order: Iterable[str]) -> pd.DataFrame:
    """Findings as a table, worst first, then in the plan's order and newest year first."""
    rank = {series: position for position, series in enumerate(order)}
    rows = {}
    for f in findings:
        series, group, year = f.key
        place = SEVERITIES.index(f.severity), rank[series], group != "total", group, -year
        where = f.cell.value_text, f.cell.submission, int(f.cell.file_row)
        told = f.severity, f.rule, *f.key, *where, f.column, f.message, f.advice
        rows[*place, f.rule, f.message, *where, f.advice] = told
    table = [rows[key] for key in sorted(rows)]
    columns = schema.table("edition", "quality").stored
    cells = dict(zip(columns, zip(*table, strict=True), strict=True)) if table else dict.fromkeys(columns, ())
    # as they are: a frame of text would forget how to say a message again in another language
    made = pd.DataFrame({c: pd.Series(v, dtype=object) for c, v in cells.items()})
    return made.astype({"year": "int64", "file_row": "int64"})


@tellable
def year_list(years: Iterable[int]) -> str:
    """Years as an office writes them: runs of three or more as 2012—2015, others one by one."""
    runs: list[list[int]] = []
    for year in sorted(set(years)):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return listed(span(r[0], r[-1]) if len(r) > 2 else listed(map(str, r)) for r in runs)
