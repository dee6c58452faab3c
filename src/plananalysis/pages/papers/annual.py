"""年度统计监测报告: how the plans stood in one year."""

from __future__ import annotations

from plananalysis.base.text import say
from plananalysis.pages.papers import sections
from plananalysis.pages.papers.facts import Facts
from plananalysis.render.blocks import Annex, Block, Document, Signature


def annual_report(facts: Facts) -> Document:
    """The annual report, for a person to complete where it says so."""
    plans = len({d.plan for d in facts.edition.domains if facts.edition.in_domain(d.code)})
    blocks: list[Block] = [*sections.opening(facts)]
    blocks += [sections.heading(1, 1, say("documents.section.standing")), *sections.standing(facts)]
    blocks += sections.domains(facts, first=2)
    blocks += sections.problems(facts, 2 + plans)
    blocks += sections.advice(facts, 3 + plans)
    return finished(facts, blocks, sections.annexes(facts))


def finished(facts: Facts, blocks: list[Block], annexes: list[Block]) -> Document:
    """Title, list of annexes, place for signature, annexes."""
    names = [b.title for b in annexes if isinstance(b, Annex)]
    word = sections.plan_word(facts)
    first = say("documents.title.area", area=facts.area_name, word=word)
    second = say(f"documents.title.{facts.mode}", year=facts.as_of)
    signature = Signature([say("documents.fill.issuer"), say("documents.fill.date")])
    blocks = [*blocks, signature] if facts.audience != "public" else blocks
    return Document([first, second], [*blocks, *annexes], mark=facts.mark, annexes=tuple(names))
