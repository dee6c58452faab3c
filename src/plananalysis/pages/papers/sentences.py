"""The judgement on one row as a report words it. Every clause is put together from the row's own cells, so none can contradict them."""

from __future__ import annotations

import re

from plananalysis.assessments.sentences import chance
from plananalysis.base.text import catalogue, listed, say, sentence
from plananalysis.editions.opened import Record
from plananalysis.pages.papers.facts import COUNTED, HIDDEN, NUMERIC, Facts

_WEAK = ("C", "D")  # grades of evidence a reader must be told of


def judgement(facts: Facts, row: Record) -> str:
    """The verdict in one short sentence: whether the target is met now, then what is to be expected.

    In the target year the verdict is whether it was met.
    """
    position, outlook, name = row.text("position"), row.text("outlook"), row.text("name")
    if decided(facts, row):
        return say(f"documents.decided.{position}", name=name, year=facts.target_year)
    if facts.over:
        year = row.whole("value_year")
        key = "none" if year is None or position == "unknown" else position
        return say(f"documents.late.{key}", name=name, target_year=facts.target_year, year=year)
    if row.number("value") is None and outlook == "no_data" and not facts.withheld(row):
        return say("documents.judgement.silent", name=name)
    key = f"documents.judgement.{outlook}.{position}"
    if key in catalogue():
        return say(key, name=name)
    words = {"position": say(f"position.{position}"), "outlook": say(f"outlook.{outlook}")}
    return say("documents.judgement.other", name=name, **words)


def decided(facts: Facts, row: Record) -> bool:
    """Whether the target year itself is observed for this row."""
    return (facts.measured(row).whole("value_year") or 0) >= facts.target_year and row.text("position") != "unknown"


def details(facts: Facts, row: Record) -> str:
    """Value, changes, target, distance, progress and probability, each with its unit and year."""
    clauses = [_worst(facts, row), _value(facts, row), *_changes(facts, row)]
    first = say("joint.comma").join(c for c in clauses if c)
    rest = [_target(facts, row), _gap(facts, row), progress(facts, row), _expected(facts, row)]
    return sentence(first, *rest)


def whose(row: Record) -> str:
    """Who answers for the row."""
    return say("documents.whose", units=listed(row.words("responsible_units")))


def _worst(facts: Facts, row: Record) -> str:
    if row.text("role") != "compound":
        return ""
    count = len(facts.edition.parts(row))
    return say("documents.worst", count=count, name=row.text("worst_part"))


def _value(facts: Facts, row: Record) -> str:
    year = row.whole("value_year")
    if facts.withheld(row):
        return say("documents.value_hidden", year=year)
    if row.number("value") is None:
        return ""
    return say("documents.value", year=year, value=facts.value(row))


def _changes(facts: Facts, row: Record) -> list[str]:
    found = []
    before = facts.previous(row)
    if before is not None:
        year, value = before
        if year == facts.base_year:
            since = say("documents.of_base", year=year)
        else:
            key = "last_year" if year == row.whole("value_year") - 1 else "year"
            since = say(f"documents.{key}", year=year)
        found.append(_moved(facts, row, since, facts.change(row, value)))
        if year == facts.base_year:
            return found
    found.append(_moved(facts, row, say("documents.of_base", year=facts.base_year), facts.since_base(row)))
    return [f for f in found if f]


def _moved(facts: Facts, row: Record, since: str, change: float | None) -> str:
    if change is None:
        return ""
    if change == 0:
        return say("documents.flat", since=since)
    way = ("more" if change > 0 else "less") if row.text("unit") in COUNTED else ("up" if change > 0 else "down")
    return say("documents.moved", since=since, way=say(f"documents.way.{way}"), size=facts.size(row, change))


def _target(facts: Facts, row: Record) -> str:
    verbatim, reading = row.text("target_text"), facts.reading(row)
    if row.text("operator_source") == "inferred":
        return say("documents.target_inferred", reading=reading, verbatim=verbatim)
    if not reading or row.text("kind") == "worst_part":
        return say("documents.target_plain", verbatim=verbatim)
    if re.fullmatch(r"[≥≤<>]?[\d.]+%?", verbatim):  # the printed sign and number: the reading says the same in words
        return say("documents.target_number", reading=reading)
    return say("documents.target_words", verbatim=verbatim, reading=reading)


def _gap(facts: Facts, row: Record) -> str:
    if row.text("position") != "not_met" or row.text("kind") not in (*NUMERIC, "within_band", "relative"):
        return ""
    gap = facts.number(row, "shortfall")
    size = "" if gap is None else facts.size(row, gap)
    return say("documents.gap", size=size) if re.search("[1-9]", size) else ""


def progress(facts: Facts, row: Record) -> str:
    """Share of the way gone against share of the time gone, for targets with a number and a way left to go at the start."""
    task, time, word = facts.number(row, "task_progress"), facts.number(row, "time_progress"), row.text("schedule")
    if task is None or time is None or word == "not_applicable" or row.text("kind") not in NUMERIC or facts.over:
        return ""
    if task >= 1:
        return ""  # done: the position has said so
    key = "progress_back" if task < 0 else "progress"
    return say(f"documents.{key}", task=share(task), time=share(time), word=say(f"schedule.{word}"))


def share(value: float | None) -> str:
    """A share of a way in whole per cent; below nothing and beyond the end are said in words.

    >>> share(0.254), share(-0.3), share(1.7), share(None)
    ('25%', '倒退', '已完成', '')
    """
    if value is None:
        return ""
    if value < 0:
        return say("documents.backward")
    return say("documents.complete") if value >= 1 else f"{value:.0%}"


def _expected(facts: Facts, row: Record) -> str:
    if facts.over or facts.starred(row, "probability"):
        return ""
    probability = row.number("probability")
    if probability is None:
        return why_silent(row)
    text = say("documents.chance", year=facts.target_year, chance=chance(probability))
    grade = row.text("evidence_grade")
    return text + (say("documents.weak", grade=grade) if grade in _WEAK else "")


def why_silent(row: Record) -> str:
    """Why no probability is stated, in few words."""
    if row.text("role") == "compound" and not row.text("why_no_probability"):
        return say("documents.silent.part_missing")
    key = f"documents.silent.{row.text('why_no_probability')}"
    return say(key) if key in catalogue() else say("documents.silent.other")


def hidden_note(facts: Facts) -> str:
    return say("documents.hidden_note", star=HIDDEN) if facts.withholds else ""
