"""The judgement on one row as a report words it. Every clause is put together from the row's own cells, so none can contradict them."""

from __future__ import annotations

import re

from plananalysis.assessments.sentences import way
from plananalysis.base.text import catalogue, listed, say, sentence
from plananalysis.editions.opened import Published, Record
from plananalysis.pages.cells import Cells
from plananalysis.pages.rows import NUMERIC, measured, moved, over, previous, since_base, withheld
from plananalysis.render.quantities import STAR, Share, difference, fixed

_WEAK = ("C", "D")  # grades of evidence a reader must be told of


def judgement(edition: Published, row: Record) -> str:
    """The verdict in one short sentence: whether the target is met now, then what is to be expected.

    In the target year the verdict is whether it was met.
    """
    position, outlook, name = row.text("position"), row.text("outlook"), row.text("name")
    if withheld(row, "outlook"):
        seen = not withheld(row, "position")
        word = say(f"position.{position}") if seen else ""
        return say(f"audience.judgement.{'seen' if seen else 'none'}", name=name, position=word)
    if decided(edition, row):
        return say(f"documents.decided.{position}", name=name, year=edition.target_year)
    if over(edition):
        year = row.whole("value_year")
        key = "none" if year is None or position == "unknown" else position
        return say(f"documents.late.{key}", name=name, target_year=edition.target_year, year=year)
    if row.number("value") is None and outlook == "no_data" and not withheld(row, "value"):
        return say("documents.judgement.silent", name=name)
    key = f"documents.judgement.{outlook}.{position}"
    if key in catalogue():
        return say(key, name=name)
    words = {"position": say(f"position.{position}"), "outlook": say(f"outlook.{outlook}")}
    return say("documents.judgement.other", name=name, **words)


def decided(edition: Published, row: Record) -> bool:
    """Whether the target year itself is observed for this row."""
    year = measured(edition, row).whole("value_year") or 0
    return year >= edition.target_year and row.text("position") != "unknown"


def details(edition: Published, row: Record) -> str:
    """Value, changes, target, distance, progress and probability, each with its unit and year."""
    clauses = [_worst(edition, row), _value(edition, row), *_changes(edition, row)]
    first = say("joint.comma").join(c for c in clauses if c)
    return sentence(first, _target(row), _gap(edition, row), progress(edition, row), _expected(edition, row))


def whose(row: Record) -> str:
    """Who answers for the row."""
    return say("documents.whose", units=listed(row.words("responsible_names")))


def _worst(edition: Published, row: Record) -> str:
    if row.text("role") != "compound":
        return ""
    key, parts = "worst" if row.text("worst_part") else "parts", edition.parts(row)
    names = listed(p.text("name") for p in parts)
    return say(f"documents.{key}", count=len(parts), name=edition.deciding(row).text("name"), parts=names)


def _value(edition: Published, row: Record) -> str:
    year, newest = row.whole("value_year"), Cells(edition).newest_value(row)
    if newest.hidden:
        return say("documents.value_hidden", year=year)
    return say("reason.value_only", year=year, value=newest) if newest else ""


def _changes(edition: Published, row: Record) -> list[str]:
    found = []
    before = previous(edition, row)
    if before is not None:
        year, value = before
        key = "documents.last_year" if year == (row.whole("value_year") or 0) - 1 else "pages.year"
        since = say("documents.of_base" if year == edition.base_year else key, year=year)
        found.append(_moved(row, since, moved(row, value), value))
    if before is None or before[0] != edition.base_year:
        since = say("documents.of_base", year=edition.base_year)
        found.append(_moved(row, since, since_base(edition, row), row.number("baseline")))
    return [f for f in found if f]


def _moved(row: Record, since: str, change: float | None, before: float | None) -> str:
    """By how much the newest value changed; a rate per 100,000 by what share, as bureaus say it, its points beside that."""
    if change is None:
        return ""
    if change == 0:
        return say("documents.flat", since=since)
    unit, places = row.text("unit"), row.whole("decimals") or 0
    went = way(unit, row.whole("direction") or 0, change)
    if unit == "1/10万" and before:
        share, points = Share(abs(change) / before), fixed(abs(change), places).rstrip("0").rstrip(".")
        return say("documents.moved_share", since=since, way=went, share=share, points=points)
    return say("documents.moved", since=since, way=went, size=difference(change, unit, places))


def _target(row: Record) -> str:
    verbatim, reading = row.text("target_text"), row.text("reading_text")
    if row.text("operator_source") == "inferred":
        return say("documents.target_inferred", reading=reading, verbatim=verbatim)
    if not reading or row.text("kind") == "worst_part":
        return say("documents.target_plain", verbatim=verbatim)
    if re.fullmatch(r"[≥≤<>]?[\d.]+%?", verbatim):  # the printed sign and number: the reading says the same in words
        return say("documents.target_number", reading=reading)
    return say("documents.target_words", verbatim=verbatim, reading=reading)


def _gap(edition: Published, row: Record) -> str:
    gap = Cells(edition).distance(row)
    if not gap or row.text("kind") not in (*NUMERIC, "within_band", "relative"):
        return ""
    return say("documents.gap", size=gap) if re.search("[1-9]", str(gap)) else ""


def progress(edition: Published, row: Record) -> str:
    """Share of the way gone against share of the time gone, for targets with a number and a way left to go at the start."""
    cells, word = Cells(edition), row.text("schedule")
    task, time = cells.task(row), cells.time(row)
    if not task or not time or word == "not_applicable" or row.text("kind") not in NUMERIC or over(edition):
        return ""
    if (task.number or 0) >= 1:
        return ""  # done: the position has said so
    key = "progress_back" if (task.number or 0) < 0 else "progress"
    return say(f"documents.{key}", task=task, time=time, word=say(f"schedule.{word}"))


def _expected(edition: Published, row: Record) -> str:
    stated = Cells(edition).probability(row)
    if over(edition) or stated.hidden:
        return ""
    if not stated:
        return why_silent(row)
    text = say("documents.chance", year=edition.target_year, chance=stated.words)
    grade = row.text("evidence_grade")
    return text + (say("documents.weak", grade=grade) if grade in _WEAK else "")


def why_silent(row: Record) -> str:
    """Why no probability is stated, in few words."""
    if row.text("role") == "compound" and not row.text("why_no_probability"):
        return say("documents.silent.part_missing")
    key = f"documents.silent.{row.text('why_no_probability')}"
    return say(key) if key in catalogue() else say("documents.silent.other")


def hidden_note(edition: Published) -> str:
    return say("documents.hidden_note", star=STAR) if edition.withholds else ""
