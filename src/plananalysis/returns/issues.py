"""What is wrong with a return: one issue per cell and rule, with everything the unit needs to find and mend it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeVar

from plananalysis.base.text import Told, say, span, translated

ERROR, EXPLAIN, HINT = "错误", "需说明", "提示"
SEVERITIES = (ERROR, EXPLAIN, HINT)
LONGEST = 200  # characters of a cell that are quoted
Key = tuple[str, str, str, int | None]  # rule, series, group, year
# names under which rules were waived before returns and the year's data were held against one table of them
_FORMER = {
    "out_of_bounds": ("bounds",),
    "rate_mismatch": ("ratio", "ratio_inverted", "part_over_whole", "count_differs"),
    "unit_slip": ("unit_slip_history",),
    "zero_denominator": ("denominator_zero",),
    "missing_unexplained": ("missing_reason",),
    "no_counts": ("counts_missing",),
    "jump": ("large_change", "both_sexes"),
    "off_trend": ("jump",),
    "logic": ("relation",),
    "groups": ("groups_sum", "groups_range"),
}
T = TypeVar("T")
_TYPED = ("value", "typed", "qualifier", "note", "explanation")  # quoted as the unit wrote them


@dataclass(frozen=True)
class Issue:
    """One finding.

    Parameters
    ----------
    severity
        错误 (must be mended), 需说明 (mend it or say why it is right), 提示 (nothing need be done).
    rule
        Ascii name of the rule; its sentences stand in the catalogue under ``returns.rule.<rule>``.
    file, sheet, cell
        Where: name of the file sent, sheet, address such as ``K12``; "" where the whole file is meant.
    series, group, year, value
        What it is about; ``value`` is the text found there.
    message, advice
        What is wrong and what to do, in Chinese.
    about
        Name of the indicator, and of its group where it is not the total.
    explanation
        What the unit itself wrote beside the value; a 需说明 with an explanation is no open question any more.
    """

    severity: str
    rule: str
    file: str
    sheet: str
    cell: str
    series: str
    group: str
    year: int | None
    value: str
    message: Told
    advice: Told
    explanation: str = ""
    about: str = ""

    def __str__(self) -> str:
        return self._sentence(self.cell, str(self.year or ""))

    def _sentence(self, cell: str, years: str) -> str:
        place = " ".join(filter(None, (self.file, self.sheet, cell, self.series, self.about, years)))
        found = f"（现为“{self.value}”）" if self.value else ""
        return f"[{self.severity}] {place}{found}：{self.message}。{self.advice}"

    @property
    def open(self) -> bool:
        """Whether somebody still has to answer."""
        return self.severity == ERROR or (self.severity == EXPLAIN and not self.explanation)

    @property
    def key(self) -> Key:
        """What a waiver names: rule and cell of the plan, not the place in one file."""
        return self.rule, self.series, self.group, self.year

    def as_record(self) -> dict[str, Any]:
        """The issue as a plain dictionary, for ``--json`` and tables."""
        return asdict(self)


def issue(rule: str, file: str, severity: str = ERROR, **about: Any) -> Issue:
    """An issue with its sentences from the catalogue; every keyword may also be a field of those sentences."""
    explanation = str(about.get("explanation", ""))
    about = {key: shortened(value) if type(value) is str else value for key, value in about.items()}
    words = {key: about.get(key, "") for key in ("sheet", "cell", "series", "group", "value")}
    fields = {k: translated.told(v) if type(v) is str and k not in _TYPED else v for k, v in about.items()}
    fields["file"] = file
    key = f"returns.rule.{rule}"
    if severity == EXPLAIN and explanation:  # answered: nobody need do anything
        severity = HINT
    return Issue(
        severity,
        rule,
        file,
        year=about.get("year"),
        explanation=explanation,
        message=say.told(f"{key}.rule", **fields),
        advice=say.told(f"{key}.advice", **fields),
        **{k: str(v) for k, v in words.items()},
    )


def shortened(text: str) -> str:
    """A text as it is quoted: on one line, and not all of it where it is long.

    >>> shortened("9" * 400)[-14:]
    '9999…（共400个字符）'
    """
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}{say('returns.more', count=len(line))}"


def in_order(issues: Iterable[Issue]) -> list[Issue]:
    """Worst first, then as they stand in the form; repetitions left out."""
    unique = dict.fromkeys(issues)
    return sorted(
        unique, key=lambda i: (SEVERITIES.index(i.severity), i.file, i.sheet, _place(i.cell), i.rule, i.series)
    )


def runs(issues: Iterable[Issue]) -> list[list[Issue]]:
    """Issues in their order, those together that are the same in years that follow each other."""
    found: list[list[Issue]] = []
    for one in issues:
        last = found[-1][-1] if found else None
        if last and last.year and replace(last, cell=one.cell, year=last.year + 1) == one:
            found[-1].append(one)
        else:
            found.append([one])
    return found


def told(issues: Iterable[Issue]) -> list[str]:
    """A sentence for each run of issues."""
    return [
        str(run[0]) if len(run) == 1 else run[0]._sentence(cells_of(run), span(run[0].year, run[-1].year))
        for run in runs(issues)
    ]


def cells_of(run: Sequence[Issue]) -> str:
    """Where a run of issues stands in its sheet."""
    return run[0].cell if len(run) == 1 else span(run[0].cell, run[-1].cell)


def key_text(run: Sequence[Issue]) -> str:
    """What a run of issues is called by whoever waives it: ``blank/W28.2/total/2020-2025``."""
    rule, series, group, year = run[0].key
    last = f"-{run[-1].year}" if len(run) > 1 else ""
    return f"{rule}/{series}/{group}/{year or ''}{last}"


def keys_in(text: str) -> list[Key] | None:
    """The keys named by what :func:`key_text` gives; None when the text is none.

    >>> keys_in("blank/W28.2/total/2024-2025")
    [('blank', 'W28.2', 'total', 2024), ('blank', 'W28.2', 'total', 2025)]
    """
    part = re.fullmatch(r"([a-z_]+)/([^/]*)/([^/]*)/(?:(\d{4})(?:-(\d{4}))?)?", text, re.ASCII)
    if not part:
        return None
    years = range(int(part[4]), int(part[5] or part[4]) + 1) if part[4] else [None]
    return [(part[1], part[2], part[3], year) for year in years] or None


def waiver(rule: str, waived: Mapping[str, T]) -> T | None:
    """Why a question by a rule needs no answer, from what was waived about its cell by rule; None where it does."""
    return next((waived[r] for r in (rule, *_FORMER.get(rule, ())) if r in waived), None)


def _place(cell: str) -> tuple[int, str]:
    letters = cell.rstrip("0123456789")
    return int(cell[len(letters) :] or 0), letters.rjust(3)
