"""One row in a sentence of a report: its numbers here, what follows from them in the words of the table ``assessments``."""

from __future__ import annotations

from plananalysis.assessments.sentences import way
from plananalysis.base.digits import fixed
from plananalysis.base.text import LANGUAGES, aside, commaed, language, listed, say, sentence, sentences
from plananalysis.editions.opened import Published, Record
from plananalysis.pages.cells import Cells, few_events
from plananalysis.pages.rows import headcount_told, moved, over, previous, since_base
from plananalysis.render.blocks import Heading
from plananalysis.render.quantities import STAR, Share, difference
from plananalysis.render.texts import day

_WEAK = ("C", "D")  # grades of evidence a reader must be told of


def facts(edition: Published, row: Record) -> str:
    """Who answers, then value, change, target and probability, each with its unit and year."""
    held = [
        _value(edition, row),
        few_events(edition, row) or "",
        *changes(edition, row)[:1],
        target(row),
        headcount_told(edition, row) or "",
        chance(edition, row),
    ]
    return say("documents.facts", name=quoted(row), units=_who(row), told=_commaed(*held))


def explained(edition: Published, row: Record) -> str:
    """The reason of the verdict as the table has it, and what it does not say: how the value changed, what is missing in people."""
    told = (_commaed(*changes(edition, row)), headcount_told(edition, row) or "")
    return sentences(row.text("reason"), *(sentence(t) for t in told if t))


def item(edition: Published, row: Record) -> str:
    """A row in a list: its name, and where something is still open value and probability."""
    secure = row.text("outlook") == "met_secure"
    told = "" if secure else _commaed(brief_value(edition, row), chance(edition, row))
    return quoted(row) + (aside(told) if told else "")


def quoted(row: Record) -> str:
    """A row's name, so that in a list it is seen where it ends."""
    name = row.text("name")
    return f"“{name}”" if say("joint.list").strip() in name else name


def brief_value(edition: Published, row: Record) -> str:
    """The newest value, its year where that is not the edition's; nothing of a row of parts none of which decides."""
    newest, year = Cells(edition).newest_value(row), row.whole("value_year")
    if not year or not (newest or newest.hidden):
        return ""
    return str(newest) if year == edition.as_of else say("documents.item_year", year=year, value=newest)


def _commaed(*clauses: str) -> str:
    return commaed(c for c in clauses if c)


def changes(edition: Published, row: Record) -> list[str]:
    """How the newest value differs from the year before and from the base year."""
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
    return say(
        "documents.moved", since=since, way=went, size=difference(change, unit, places, row.whole("value_places"))
    )


def _who(row: Record) -> str:
    """Who answers for the row, and whether it is binding."""
    binding = [say("attribute.binding")] if row.text("attribute") == "binding" else []
    return _commaed(listed(row.words("responsible_names")), *binding)


def target(row: Record) -> str:
    """The target in figures, and that its sign was inferred where it was."""
    aim = Cells.aim(row)
    if not aim:
        return ""
    inferred = row.text("operator_source") == "inferred"
    return say(f"documents.target{'_inferred' if inferred else ''}", aim=aim)


def _value(edition: Published, row: Record) -> str:
    year, newest = row.whole("value_year"), Cells(edition).newest_value(row)
    if newest.hidden:
        return say("documents.value_hidden", year=year)
    return brief_value(edition, row) or say("pages.no_data_yet")


def chance(edition: Published, row: Record) -> str:
    """The probability, and that it rests on weak data where it does."""
    stated, grade = Cells(edition).probability(row), row.text("evidence_grade")
    if not stated or over(edition):
        return ""
    told = stated.words if str(stated)[:1] in "<>" else stated  # no signs in a sentence
    return say("documents.item_chance", chance=told) + (say("documents.weak", grade=grade) if grade in _WEAK else "")


def hidden_note(edition: Published) -> str:
    return say("documents.hidden_note", star=STAR) if edition.withholds else ""


_DIGITS = "零一二三四五六七八九十"


def ordinal(n: int) -> str:
    """Chinese ordinal below one hundred, as headings count.

    >>> ordinal(3), ordinal(10), ordinal(15), ordinal(20), ordinal(21)
    ('三', '十', '十五', '二十', '二十一')
    """
    tens, ones = divmod(n, 10)
    if n <= 10:
        return _DIGITS[n]
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")


def counted(n: int) -> str:
    """A number as headings and sentences count in the language spoken."""
    return ordinal(n) if language() == LANGUAGES[0] else str(n)


def heading(level: int, n: int, text: str) -> Heading:
    return Heading(level, say(f"documents.heading.level_{level}", number=counted(n), text=text))


def known_on(edition: Published) -> str:
    """The day of the newest report used: the closing day may lie ahead while nothing more has come in."""
    reported = [r.text("reported_at") for r in edition.records("observations") if r.number("value") is not None]
    return day(max(reported, default=str(edition.info["known_on"])))
