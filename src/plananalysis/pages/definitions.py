"""What an indicator means and where its numbers come from: the fold of a card and the page of all indicators say the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from unicodedata import normalize

from plananalysis.base.text import listed, parted, say, span, translated
from plananalysis.editions.opened import Published, Record
from plananalysis.editions.speaker import spoken
from plananalysis.figures.marks import OUTLOOKS
from plananalysis.pages.beside import changed_values
from plananalysis.pages.cells import as_published, binding_mark, unit_label
from plananalysis.pages.links import indicator_link
from plananalysis.pages.masthead import masthead
from plananalysis.pages.outlooks import outlook_word
from plananalysis.pages.rows import known, with_parts
from plananalysis.plan.units import PER, unit_name
from plananalysis.render.blocks import Column, Facts, Fold, Group, Heading, Table, Words, more, words
from plananalysis.render.cuts import named
from plananalysis.render.html import Blocks, blocks
from plananalysis.render.quantities import STAR


def definition_fold(edition: Published, row: Record) -> Fold:
    """The same folded away on a card, without the files the values came in, which the page of all indicators names."""
    return Fold(say("definitions.fold"), definition_blocks(edition, row, files=False), "definition")


def definition_blocks(edition: Published, row: Record, files: bool = True) -> list[Any]:
    """Definition, formula, printed words and their reading with evidence, then every value with its source."""
    return [*_about(edition, row), _sources(edition, row, files)]


def _about(edition: Published, row: Record) -> list[Facts]:
    """What is short beside each other, then what takes a line of its own."""
    code = row.text("series")
    about = edition.series.get(code, row)
    judged_by_parts = bool(edition.parts(row))
    short = [
        (say("definitions.unit"), _unit(about)),
        (say("definitions.rhythm"), say(f"definitions.rhythm_{about.text('rhythm') or 'annual'}")),
        (say("definitions.better"), say(f"definitions.better_{about.whole('direction') or 0}")),
        (say("definitions.units"), listed(about.words("responsible_names"))),
    ]
    return [
        Facts(short, "facts inline"),
        Facts(
            [
                (say("definitions.definition"), None if judged_by_parts else _definition(edition, code)),
                (say("definitions.formula"), None if judged_by_parts else _formula(about)),
                (say("definitions.parts"), listed(f"{p.text('series')} {p.text('name')}" for p in edition.parts(row))),
                (say("definitions.printed"), _printed(about)),
                (say("definitions.reading"), _reading(row, about)),
                (say("definitions.evidence"), _evidence(edition, about)),
                (say("definitions.reason"), about.text("reason")),
                (say("definitions.note"), _news(edition, about.text("note"))),
                (say("definitions.revised"), "".join(changed_values(edition, row))),
            ],
            "facts about",
        ),
    ]


def _definition(edition: Published, code: str) -> Words | str:
    """The words of the definition; of several each with its code, which the values name."""
    held = edition.of_series("definitions", code)
    told: list[Any] = []
    for r in held:
        since = say("definitions.since", year=r.text("valid_from")) if r.text("valid_from") else None
        name = words(r.text("definition"), role="code") if len(held) > 1 else None
        told.append(words(name, r.text("text"), since, words(r.text("note"), role="more"), role="line"))
    return words(*told) if told else say("definitions.definition_none")


def _formula(about: Record) -> str | None:
    """Numerator over denominator and what that is multiplied by; of what is not a ratio nothing."""
    unit, above, below = about.text("unit"), about.text("numerator"), about.text("denominator")
    if above and below:
        times = PER.get(unit, 1)
        formula = say("definitions.ratio", numerator=above, denominator=below)
        return formula if times == 1 else say("definitions.times", formula=formula, times=f"{times:,}")
    return say("definitions.formula_none") if unit in PER else None


def _unit(about: Record) -> str:
    name = unit_name(about.text("unit"))
    return say("definitions.unit_inferred", unit=name) if about.text("unit_source") == "inferred" else name


def _printed(about: Record) -> Words | None:
    """The indicator and its target as the plan prints them."""
    target = about.text("target_text")
    if not target:
        return None
    told = words(say("definitions.printed_as", indicator=about.text("indicator"), target=target), role="q")
    kind = say(f"attribute.{about.text('attribute')}") if about.text("attribute") else None
    return words(told, more(kind))


def _reading(row: Record, about: Record) -> Words | None:
    """How the target is read, whether its sign is printed or inferred, and who decided that when."""
    reading = row.text("reading_text")
    if not reading:
        return None
    source = about.text("operator_source")
    told = [say(f"operator_source.{source}") if source else "", about.text("decided_by"), about.text("decided_on")]
    return words(reading, words(parted(filter(None, map(translated, told))), role="more"))


def _news(edition: Published, text: str) -> str:
    """A remark; not that the data are invented, which stands on the page already."""
    return "" if normalize("NFKC", text) == normalize("NFKC", edition.mark) else text


def _evidence(edition: Published, about: Record) -> Words | None:
    quote, address = _news(edition, about.text("evidence_quote")), about.text("evidence_url")
    said = words(say("definitions.quoted", quote=quote), role="q") if quote else None
    return words(said, words(address, role="more address") if address else None) if quote or address else None


# ---- values and their sources ----------------------------------------------------------------------------------------


def _sources(edition: Published, row: Record, files: bool) -> Table | None:
    """Every value with source, day, words and remarks; years that one report gave stand in one line."""
    code = row.text("series")
    observations = [r for r in edition.observed.get(code, []) if known(r)]
    if not observations:
        return None
    # words and remarks about one value may tell another that is withheld
    open_words = not any(r.text("withheld") == "True" for r in edition.of_series("observations", code))
    columns = {
        "years": _years,
        "values": lambda held: _values(row, held),
        "source": _source,
        "reported": lambda held: held[0].text("reported_at") or None,
        "words": lambda held: _words(held[0]) if open_words else None,
        "definition": lambda held: held[0].text("definition") or None,
        "file": _file,
    }
    lines = [list(held) for _, held in groupby(observations, key=lambda r: _report(r, open_words))]
    shown = {name: [cell(held) for held in lines] for name, cell in columns.items()}
    if edition.audience != "internal" or not files:
        del shown["file"]
    kept = [name for name, cells in shown.items() if any(c is not None for c in cells)]
    made = [Column(say(f"definitions.{n}"), shown[n].__getitem__, role=_ROLES.get(n, "")) for n in kept]
    caption = say("definitions.sources", name=row.text("name"))
    return edition.table(caption, made, range(len(lines)), "plain sources", note=_marks(observations))


_ROLES = {"source": "source", "words": "source", "file": "source"}
_SAME = ("source", "tier", "reported_at", "definition", "submission")


def _report(r: Record, open_words: bool) -> tuple[str, ...]:
    """What values that stand in one line have in common."""
    return tuple(r.text(c) for c in (*_SAME, *(("quote", "note") if open_words else ())))


def _years(held: Sequence[Record]) -> str:
    return _run([r.whole("year") or 0 for r in held])


def _run(numbers: Sequence[int]) -> str:
    """Numbers one after the other; three and more without a gap by the first and the last."""
    if len(numbers) > 2 and list(numbers) == list(range(numbers[0], numbers[-1] + 1)):
        return span(numbers[0], numbers[-1])
    return listed(map(str, numbers))


def _values(row: Record, held: Sequence[Record]) -> Words:
    """The values in the order of their years, each with the mark of its status."""
    places = row.whole("decimals") or 0

    def one(r: Record) -> Any:
        if r.text("withheld") == "True":
            return STAR
        status = "Q" if r.text("question") else (r.text("status") or "A")[-1]
        mark = say(f"pages.status_{status}")
        return words(as_published(r, "", places), words(mark, role="sup") if mark else None)

    return words(*map(one, held), role="list")


def _source(held: Sequence[Record]) -> Words | None:
    source, tier = held[0].text("source"), held[0].text("tier")
    return words(source, more(say(f"definitions.tier_{tier}") if tier else None)) if source else None


def _words(r: Record) -> Words | None:
    quote, note = r.text("quote"), r.text("note")
    said = say("definitions.quoted", quote=quote) if quote else None
    return words(said, more(note)) if quote or note else None


def _file(held: Sequence[Record]) -> str | None:
    """Where the offices find the lines: file and rows."""
    name, lines = held[0].text("submission"), [n for r in held if (n := r.whole("file_row"))]
    return (say("definitions.file_row", file=name, rows=_run(lines)) if lines else name) or None


def _marks(observations: Sequence[Record]) -> str:
    marked = any(r.text("question") or (r.text("status") or "A") != "A" for r in observations)
    return say("pages.status_key") if marked else ""


TERMS = (
    *("row", "baseline", "binding", "anticipatory", "reading", "about", "definition"),
    *("probability", "range", "grade", "position", "schedule"),
)
ALERTS = ("hard_to_reach", "both_red", "slipping", "relapse_risk", "volatile", "verify")


@spoken
@dataclass(frozen=True)
class IndicatorsPage:
    edition: Published

    def masthead(self) -> Blocks:
        return masthead(self.edition, self.edition.name, self.edition.title)

    def indicators(self) -> Blocks:
        """Every indicator by domain as printed, then those collected for comparison."""
        made: list[Any] = []
        for domain in self.edition.domains:
            rows = [*with_parts(self.edition, self.edition.in_domain(domain.code))]
            rows += self.edition.references(domain.code)
            made += [Heading(1, domain.name), *map(self._indicator, rows)] if rows else []
        return blocks(*made)

    def _indicator(self, row: Record) -> Group:
        code = row.text("series")
        unit = words(unit_label(row.text("unit")), role="unit")
        name = indicator_link(row)
        title = Heading(3, words(name, unit, binding_mark(row)))
        return Group([title, *definition_blocks(self.edition, row)], "indicator", "section", code)

    def glossary(self) -> Blocks:
        """The words of the reports, as this edition uses them."""
        cuts = named(self.edition.thresholds)
        terms = [(say(f"glossary.{t}"), say(f"glossary.{t}_means", **self._years)) for t in TERMS]
        outlooks = [(outlook_word(o), say(f"pages.meaning.{o}", **cuts)) for o in OUTLOOKS]
        told = ALERTS if self.edition.audience != "public" else ()  # the public reads no alerts
        alerts = [(say(f"alert.{a}"), say(f"glossary.alert_{a}", **cuts)) for a in told]
        return blocks(Facts([*terms, *outlooks, *alerts], "facts meanings"))

    @property
    def _years(self) -> dict[str, int]:
        return {"base": self.edition.base_year, "target": self.edition.target_year}
