"""Questions about values that came by no return: what is asked about the tables of ``observations``, and what the office has waived."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from plananalysis.base.errors import UsageError
from plananalysis.base.publication import lock
from plananalysis.base.text import say
from plananalysis.checks import quality
from plananalysis.checks.findings import Finding
from plananalysis.observations import as_known, load_observations
from plananalysis.plan import load_plan
from plananalysis.returns import register
from plananalysis.returns.issues import Key
from plananalysis.returns.register import STORED, WAIVE, Review
from plananalysis.round.signing import named

_SHOWN = 10  # questions named where none of them was meant
Named = tuple[str, Key]  # a table's name, and the question about one of its values


def key_of(finding: Finding) -> Key:
    """What a waiver of a finding names."""
    return finding.rule, *finding.key


def name_of(finding: Finding) -> str:
    """How a waiver of a finding is written: ``unit_slip/W01/total/2021``."""
    return "/".join(map(str, key_of(finding)))


def table_called(root: Path, area: str, text: str) -> str:
    """The table of ``observations`` that a text names, with its folder or without; "" when it is none."""
    name = text.removeprefix(f"{STORED}/")
    there = root / "data" / "raw" / area / STORED
    return name if name.endswith(".csv") and any(p.name == name for p in there.glob("*.csv")) else ""


def found_in_store(root: Path, area: str, year: int | None = None) -> list[Finding]:
    """Everything found about the values an edition uses, waived or not, in the order of the check.

    Raises
    ------
    UsageError, DataError
        No such area or year; plan or observations break rules.
    """
    plan = load_plan(root, area, year)
    reported = load_observations(root, area)
    return quality.findings_of_area(root, plan, reported, as_known(reported, plan.known_on, plan.as_of))


def waive_stored(
    root: Path, area: str, questions: Sequence[Named], by: str, on: str, reason: str, year: int | None = None
) -> list[Review]:
    """Record that questions about values of tables need no answer, as dated lines beside the decisions about returns.

    Parameters
    ----------
    questions
        Each with the table the value stands in (:func:`table_called`).
    by, on, reason
        Who decided so on which day (ISO), and why.
    year
        The edition whose check asks; the area's own where None.

    Raises
    ------
    UsageError
        No reason, name or date; a question that is not asked.
    BusyError
        Another run is writing.
    DataError
        Plan or observations break rules.
    """
    named(on, by, reason)
    with lock(root, area):
        asked = [f for f in found_in_store(root, area, year) if f.cell.submission and f.severity != "hint"]
        _refuse_strange(questions, [(f.cell.submission, key_of(f)) for f in asked])
        new = [
            Review(f"{STORED}/{table}", WAIVE, rule, series, group, str(when or ""), reason.strip(), by, on)
            for table, (rule, series, group, when) in dict.fromkeys(questions)
        ]
        register.decide(root, area, new)
        return new


def _refuse_strange(questions: Sequence[Named], asked: Collection[Named]) -> None:
    """Refuse to answer what nobody asks: a slip of the pen would otherwise pass for a decision."""
    if questions and set(asked).issuperset(questions):
        return
    files = dict.fromkeys(table for table, _ in questions)
    known = ["/".join(map(str, key)) for table, key in asked if table in files]
    more = say("intake.more_issues", count=len(known)) if len(known) > _SHOWN else ""
    words = {"known": "、".join(known[:_SHOWN]) + more}
    raise UsageError(say("intake.no_issue" if known else "intake.nothing_open", **words))
