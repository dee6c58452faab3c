"""The parts of the reports: opening, how things stand, domain by domain, problems, advice. A person's words are left for a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from plananalysis.base.text import LANGUAGES, language, listed, say, sentence, sentences, span
from plananalysis.editions.opened import Record
from plananalysis.pages import final
from plananalysis.pages.counts import counts_sentence, nothing_urgent, position_sentence, urgent
from plananalysis.pages.papers import listing
from plananalysis.pages.papers.facts import Facts, without_mark
from plananalysis.pages.papers.sentences import details, judgement, whose
from plananalysis.render.blocks import Annex, Block, Heading, Paragraph, ToFill

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


def day(iso: str) -> str:
    """
    >>> day("2026-06-30")
    '2026年6月30日'
    """
    when = date.fromisoformat(iso)
    return say("documents.day", year=when.year, month=say(f"documents.month.{when.month}"), day=when.day)


def plan_word(facts: Facts) -> str:
    """规划 or 纲要, as the documents call themselves."""
    return say(
        "documents.outline_word" if say("documents.outline_word") in facts.edition.title else "documents.plan_word"
    )


def plan_name(facts: Facts, plan: str) -> str:
    return say(f"documents.plan_{plan}", word=plan_word(facts))


def plan_titles(facts: Facts) -> str:
    titles = without_mark(facts.edition.title).split(say("documents.titles_joint"))
    return listed(t if t.startswith("《") else say("documents.book", title=t) for t in titles if t)


def opening(facts: Facts) -> list[Block]:
    """Basis, what was used, and what the words mean; the counts follow."""
    year_of = facts.as_of - facts.base_year
    words = {
        "titles": plan_titles(facts),
        "known_on": day(facts.known_on),
        "year": facts.as_of,
        "nth": counted(year_of),
        "period": span(facts.base_year + 1, facts.target_year),
        "target_year": facts.target_year,
    }
    return [Paragraph(say(f"documents.opening.{facts.mode}", **words))]


def standing(facts: Facts) -> list[Block]:
    """Counts with their denominators, for all rows, each plan and the binding targets."""
    edition, rows = facts.edition, facts.rows
    blocks: list[Block] = [Paragraph(reached(facts, rows) if facts.over else counts_sentence(edition, rows))]
    if not facts.over and (now := position_sentence(edition, rows)):
        blocks.append(Paragraph(now))
    plans = list(dict.fromkeys(r.text("plan") for r in rows))
    for plan in plans if len(plans) > 1 else ():
        held = [r for r in rows if r.text("plan") == plan]
        text = reached(facts, held) if facts.over else counts_sentence(edition, held)
        blocks.append(Paragraph(text, lead=say("documents.about", what=plan_name(facts, plan))))
    binding = [r for r in rows if r.text("attribute") == "binding"]
    if binding:
        text = reached(facts, binding) if facts.over else _binding(facts, binding)
        blocks.append(Paragraph(text, lead=say("documents.about", what=say("documents.binding_targets"))))
    if not facts.over:
        blocks.append(Paragraph(_changed(facts)))
    blocks.append(
        Paragraph(
            say("documents.words", target_year=facts.target_year) if not facts.over else say("documents.words_final")
        )
    )
    blocks.append(listing.domain_table(facts))
    return blocks


def reached(facts: Facts, rows: Sequence[Record]) -> str:
    """Final counts: reached, not reached, cannot be judged; the denominator is said."""
    return final.reached(facts.edition, rows)


def _binding(facts: Facts, rows: Sequence[Record]) -> str:
    places = [r.text("position") for r in rows]
    hard = facts.alerted("hard_to_reach", rows)
    text = say("documents.binding_counts", rows=len(rows), parts=_places(places))
    fate = say("documents.binding_hard", count=len(hard), names=listing.named(hard))
    return sentence(text + (fate if hard else say("documents.binding_fine")))


def _changed(facts: Facts) -> str:
    if facts.edition.is_first:
        return say("pages.changes_first")
    changes = facts.edition.records("changes")
    if not changes:
        return say("documents.no_changes", year=facts.as_of - 1)
    pairs = [(c.number("from_probability"), c.number("to_probability")) for c in changes]
    both = [(old, new) for old, new in pairs if old is not None and new is not None]
    worse = sum(new < old for old, new in both)
    count = {"count": len(changes), "better": len(both) - worse, "worse": worse, "other": len(changes) - len(both)}
    key = "changes" if both else "changes_new"
    other = say("documents.changes_other", **count) if both and count["other"] else ""
    return sentences(say(f"documents.{key}", year=facts.as_of - 1, **count), other)


def domains(facts: Facts, first: int) -> list[Block]:
    """One section per plan, one part per domain: numbered judgements, then what falls short and what nobody reported."""
    blocks: list[Block] = []
    plans = list(dict.fromkeys(d.plan for d in facts.edition.domains if facts.edition.in_domain(d.code)))
    for n, plan in enumerate(plans, start=first):
        blocks.append(heading(1, n, say("documents.section.domains", plan=plan_name(facts, plan))))
        held = [d for d in facts.edition.domains if d.plan == plan and facts.edition.in_domain(d.code)]
        for k, domain in enumerate(held, start=1):
            rows = facts.edition.in_domain(domain.code)
            blocks.append(heading(2, k, domain.name))
            blocks.append(Paragraph(_domain_counts(facts, rows)))
            for i, row in enumerate(rows, start=1):
                blocks.append(
                    Paragraph(sentences(details(facts, row), whose(row)), lead=f"{i}. {judgement(facts, row)}")
                )
            if attention := _attention(facts, rows):
                blocks.append(Paragraph(attention, lead=say("documents.attention")))
    return blocks


def _domain_counts(facts: Facts, rows: Sequence[Record]) -> str:
    places = [r.text("position") for r in rows]
    outlooks = [r.text("outlook") for r in rows]
    tails = [
        say("pages.count_of", outlook=say(f"outlook.{o}"), count=outlooks.count(o))
        for o in ("met_slipping", "hard", "very_hard")
        if o in outlooks
    ]
    text = say("documents.domain_counts", rows=len(rows), parts=_places(places))
    parts = say("pages.count_joint").join(tails)
    return sentence(text + (say("documents.of_which", parts=parts) if tails and not facts.over else ""))


def _places(places: Sequence[str]) -> str:
    shown = [p for p in ("met", "not_met", "unknown") if p in places]
    return listed(say(f"documents.count_{p}", count=places.count(p)) for p in shown)


def _attention(facts: Facts, rows: Sequence[Record]) -> str:
    short = [r for r in rows if r.text("position") == "not_met"]
    silent = [r for r in rows if r.text("position") == "unknown"]
    clauses = [say("documents.short", count=len(short), names=listing.named(short))] if short else []
    clauses += [say("documents.unknown_rows", count=len(silent), names=listing.named(silent))] if silent else []
    unreported = [
        leaf
        for row in rows
        for leaf in facts.edition.parts(row)
        if leaf.number("value") is None and row.text("position") != "unknown"
    ]
    clauses += (
        [say("documents.silent_parts", count=len(unreported), names=listing.named(unreported))] if unreported else []
    )
    return sentences(*map(sentence, clauses))


def problems(facts: Facts, n: int) -> list[Block]:
    """Problems as the tables show them, each with names; causes are left to a person."""
    blocks: list[Block] = [heading(1, n, say("documents.section.problems"))]
    k = 0
    hard = facts.alerted("hard_to_reach")
    for attribute in ("binding", "anticipatory"):
        rows = sorted((r for r in hard if r.text("attribute") == attribute), key=lambda r: r.number("probability") or 0)
        if rows and not facts.over:
            k += 1
            title = say("documents.problem.hard", attribute=say(f"attribute.{attribute}"), count=len(rows))
            blocks += [heading(2, k, title), Paragraph(sentence(listed(_with_chance(facts, r) for r in rows)))]
    if facts.over and (rows := [r for r in facts.rows if r.text("position") == "not_met"]):
        k += 1
        blocks += [
            heading(2, k, say("documents.problem.missed", count=len(rows))),
            Paragraph(sentence(listing.named(rows))),
        ]
    for code in ("slipping", "volatile", "verify"):
        rows = [r for r in facts.alerted(code) if r not in hard or code != "slipping"]
        if rows:
            k += 1
            blocks += [
                heading(2, k, say(f"documents.problem.{code}", count=len(rows))),
                Paragraph(sentence(listing.named(rows))),
            ]
    if text := _gaps(facts):
        k += 1
        blocks += [heading(2, k, say("documents.problem.gaps")), Paragraph(text)]
    if facts.audience != "public":
        k += 1
        blocks += [heading(2, k, say("documents.problem.causes")), ToFill(say("documents.fill.causes"))]
    elif not k:
        blocks.append(Paragraph(say("documents.problem.none")))
    return blocks


def _with_chance(facts: Facts, row: Record) -> str:
    return say(
        "documents.with_chance",
        name=row.text("name"),
        chance=listing.chance_of(facts, row),
        unit=row.text("lead_unit"),
    )


def _gaps(facts: Facts) -> str:
    leaves = [leaf for row in facts.rows for leaf in (facts.edition.parts(row) or [row])]
    silent = [r for r in leaves if r.number("value") is None]
    few = [r for r in leaves if r.number("value") is not None and r.text("outlook") == "no_data"]
    old = [r for r in leaves if (r.whole("value_year") or facts.as_of) < facts.as_of - 1]
    clauses = [
        say(f"documents.gap_{key}", count=len(rows), names=listing.named(rows), year=facts.as_of - 1)
        for key, rows in (("silent", silent), ("few", few), ("old", old))
        if rows
    ]
    if facts.audience != "public":
        errors = sum(r.text("severity") == say("quality.severity.error") for r in facts.edition.records("quality"))
        clauses += [say("documents.gap_errors", count=errors)] if errors else []
    return sentences(*map(sentence, clauses))


def advice(facts: Facts, n: int) -> list[Block]:
    """Kinds of action proposed by rule, each with the rows it is for and room for what a person decides; measures on record beside them."""
    blocks: list[Block] = [heading(1, n, say("documents.section.advice")), Paragraph(say("documents.advice_rule"))]
    k = 0
    for kind, rows in facts.proposals.items():
        if not rows:
            continue
        k += 1
        blocks.append(heading(2, k, say(f"actions.kind.{kind}")))
        blocks.append(
            Paragraph(
                say(
                    "documents.advice",
                    meaning=say(f"actions.meaning.{kind}"),
                    count=len(rows),
                    names=listing.named(rows),
                )
            )
        )
        held = [a for a in facts.actions if a.text("kind") == kind]
        if held:
            blocks.append(listing.actions_table(held, say("documents.caption.actions")))
        if facts.audience != "public":
            blocks.append(ToFill(say("documents.fill.measures")))
    return blocks


def annexes(facts: Facts, first: int = 1) -> list[Block]:
    """The tables the report speaks from."""
    tables = [listing.assessment_table(facts, facts.rows, say("documents.caption.rows"))]
    rows = urgent(facts.edition)
    if not facts.over:
        tables.append(
            listing.action_table(
                facts, rows, say("documents.caption.urgent"), nothing_urgent(facts.edition, facts.rows)
            )
        )
        if not facts.edition.is_first:
            tables.append(listing.changes_table(facts))
    if facts.audience != "public":
        tables.append(listing.completeness_table(facts))
    tables.append(listing.thresholds_table(facts))
    blocks: list[Block] = []
    for i, one in enumerate(tables, start=first):
        blocks += [Annex(i, one.caption), one]
    return blocks
