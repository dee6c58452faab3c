"""What is wrong with a return: one issue per cell and rule, with everything the unit needs to find and mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from plananalysis.text import say, span, translated

ERROR, EXPLAIN, HINT = "错误", "需说明", "提示"
SEVERITIES = (ERROR, EXPLAIN, HINT)
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
    message: str
    advice: str
    explanation: str = ""

    def __str__(self) -> str:
        return self._sentence(self.cell, str(self.year or ""))

    def _sentence(self, cell: str, years: str) -> str:
        place = " ".join(filter(None, (self.file, self.sheet, cell, self.series, years)))
        found = f"（现为“{self.value}”）" if self.value else ""
        return f"[{self.severity}] {place}{found}：{self.message}。{self.advice}"

    @property
    def open(self) -> bool:
        """Whether somebody still has to answer."""
        return self.severity == ERROR or (self.severity == EXPLAIN and not self.explanation)

    @property
    def key(self) -> tuple[str, str, str, int | None]:
        """What a waiver names: rule and cell of the plan, not the place in one file."""
        return self.rule, self.series, self.group, self.year

    def as_record(self) -> dict[str, Any]:
        """The issue as a plain dictionary, for ``--json`` and tables."""
        return asdict(self)


def issue(rule: str, file: str, severity: str = ERROR, **about: Any) -> Issue:
    """An issue with its sentences from the catalogue; every keyword may also be a field of those sentences."""
    words = {key: about.get(key, "") for key in ("sheet", "cell", "series", "group", "value")}
    fields = {
        **{k: translated(v) if isinstance(v, str) and k not in _TYPED else v for k, v in about.items()},
        "file": file,
    }
    key = f"returns.rule.{rule}"
    return Issue(
        severity,
        rule,
        file,
        year=about.get("year"),
        explanation=str(about.get("explanation", "")),
        message=say(f"{key}.rule", **fields),
        advice=say(f"{key}.advice", **fields),
        **{k: str(v) for k, v in words.items()},
    )


def in_order(issues: Iterable[Issue]) -> list[Issue]:
    """Worst first, then as they stand in the form; repetitions left out."""
    unique = dict.fromkeys(issues)
    return sorted(
        unique, key=lambda i: (SEVERITIES.index(i.severity), i.file, i.sheet, _place(i.cell), i.rule, i.series)
    )


def told(issues: Iterable[Issue]) -> list[str]:
    """A sentence for each issue; what is the same in years that follow each other is said once, from cell to cell."""
    runs: list[list[Issue]] = []
    for one in issues:
        last = runs[-1][-1] if runs else None
        if last and last.year and replace(last, cell=one.cell, year=last.year + 1) == one:
            runs[-1].append(one)
        else:
            runs.append([one])
    return [
        str(first) if first is last else first._sentence(span(first.cell, last.cell), span(first.year, last.year))
        for first, *_, last in ([run[0], *run] for run in runs)
    ]


def moved(found: Iterable[Issue], file: str) -> list[Issue]:
    """The same issues under another name of the file."""
    return [replace(one, file=file) for one in found]


def _place(cell: str) -> tuple[int, str]:
    letters = cell.rstrip("0123456789")
    return int(cell[len(letters) :] or 0), letters.rjust(3)
