"""The overview of a city for its leading group: which districts and domains are in difficulty, who stands out, what is missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from plananalysis.base.digits import fixed
from plananalysis.base.errors import UsageError
from plananalysis.base.tables import find_root, read_json, read_table
from plananalysis.base.text import LANGUAGES, listed, read_names, say, sentences, speaking
from plananalysis.base.text import language as spoken_now
from plananalysis.editions.opened import Record
from plananalysis.editions.speaker import spoken
from plananalysis.editions.variant import Variant
from plananalysis.figures.marks import ASSESSABLE
from plananalysis.figures.panorama import AreaStanding, standing_key, standings
from plananalysis.pages import city_targets, city_values
from plananalysis.pages.cells import chance
from plananalysis.pages.city_matrix import matrix
from plananalysis.pages.city_tables import CityTables
from plananalysis.pages.columns import column
from plananalysis.pages.counts import outlook_counts
from plananalysis.pages.many import NARROW
from plananalysis.pages.masthead import changes_told, period, title_block
from plananalysis.pages.missing import KINDS
from plananalysis.pages.rows import alerted, by_chance, in_one
from plananalysis.pages.thresholds import thresholds
from plananalysis.projections.outlook import ALIKE, TOGETHER
from plananalysis.render.blocks import Column, Drawing, Figure, Paragraph, Words, words
from plananalysis.render.html import NOTHING, Blocks, blocks
from plananalysis.render.quantities import STAR, Count, Share
from plananalysis.render.texts import without_mark
from plananalysis.schema import format_version

LISTED, ON_PAPER = 40, 20  # lines of the list of double reds; the districts' own pages hold all
TABLES = (
    *("verdicts", "standings", "matrix", "targets", "gaps", "districts", "domains"),
    *("movement", "years", "wholes", "rates"),
)


@spoken
class CityPage(CityTables):
    """The pieces of a city's overview; those that take more than a few lines stand in files of their own."""

    matrix = matrix
    movement = city_values.movement
    spreads = city_values.spreads
    rates = city_values.rates
    wholes = city_values.wholes
    hard_everywhere = city_targets.hard_everywhere
    standing_out = city_targets.standing_out
    targets = city_targets.every_target
    how = thresholds

    def masthead(self) -> Blocks:
        """Title block, and the districts that are missing from this page."""
        pairs = [
            (say("column.districts"), say("pages.city.count", count=len(self.built))),
            *period(self.as_of, self.info.get("known_on"), self.base_year, self.target_year),
        ]
        return blocks(title_block(self.name, say("pages.city.subtitle"), pairs), self.notes())

    def notes(self) -> Blocks:
        """What the public is not shown, districts that are missing or shown by an earlier edition, and those that changed."""
        hidden = [Paragraph(say("audience.note", star=STAR), "small withheld-note")] if self.public else []
        changed = changes_told(self.info, self.base_year + 1, say("area_changes.told.city_note"))
        return blocks(*hidden, *self._failed(), *self._earlier(), *changed)

    def _earlier(self) -> list[Paragraph]:
        days = self.info.get("earlier", {})
        told = [say("pages.city.earlier_one", name=self.districts[a], date=day) for a, day in days.items()]
        return [Paragraph(say("pages.city.earlier", names=listed(told)), "lead")] if told else []

    def _failed(self) -> list[Paragraph]:
        failed = self.info["failed"]
        if not failed:
            return []
        lead = say("pages.city.failed", count=len(failed), total=len(self.districts))
        reasons: dict[str, list[str]] = {}
        for area in sorted(failed):
            reasons.setdefault(failed[area], []).append(self.districts[area])
        told = [say("pages.city.failed_one", name=listed(names), reason=reason) for reason, names in reasons.items()]
        return [Paragraph(words(lead, role="b"), "lead"), *(Paragraph(text, "small") for text in told)]

    def outlooks(self) -> Blocks:
        """First screen: how many targets of all districts have which outlook, in words and as one bar."""
        if self.over:
            return self._results()
        counts = outlook_counts(self.rows)
        able, difficult = sum(counts[o] for o in ASSESSABLE), counts["hard"] + counts["very_hard"]
        stated = say("pages.city.total", districts=len(self.built), rows=len(self.rows), able=able)
        hard = say("pages.city.hard", hard=difficult, share=Share.of(difficult, able), very=counts["very_hard"])
        both = self._both_red()
        red = say("pages.city.both", count=len(both), targets=len({r.text("series") for r in both})) if both else ""
        told = [stated + hard, self._met_in_all(), red, self._sentence()]
        return blocks(*(Paragraph(t, "lead") for t in told), self.bar(counts, in_one(stated, hard)))

    def _results(self) -> Blocks:
        """In the target year: how many targets of all districts were reached; nothing is expected any more."""
        places = [r.text("position") for r in self.rows]
        met, not_met = places.count("met"), places.count("not_met")
        counts = {"rows": len(self.rows), "known": met + not_met, "met": met, "not_met": not_met}
        stated = say("pages.city.reached", districts=len(self.built), **counts, share=Share.of(met, met + not_met))
        old = sum((r.whole("value_year") or self.as_of) < self.target_year for r in self.rows)
        late = say("pages.city.reached_late", count=old, year=self.target_year) if old else ""
        return blocks(*(Paragraph(t, "lead") for t in (stated, late)))

    def _met_in_all(self) -> str:
        """How many targets of all districts will be met, with the range that takes in what districts and targets share."""
        found, stated = self.info.get("together"), sum(r.number("probability") is not None for r in self.rows)
        if not found or self.over or not stated:
            return ""
        told = {"low": found["low"], "high": found["high"], "expected": round(found["expected"]), "stated": stated}
        return say("pages.city.met_in_all", year=self.target_year, **{n: Count(number) for n, number in told.items()})

    def standings(self) -> Blocks:
        """Districts beside what is usual in the city, with the range chance alone leaves open."""
        rows, few = self._compared()
        if not rows:
            return blocks(Paragraph(say("pages.city.standing_none"), "none"))
        lines = [self._standing(r) for r in rows]
        alt = self._sentence()
        wide = Drawing(standings(lines, alt, 620 if self.on_paper else 860), alt)
        short = [replace(line, name=without_mark(line.name)) for line in lines]  # else names are cut where they differ
        narrow = Drawing(standings(short, alt, NARROW), alt)
        shown = ("reached",) if self.over else ("above", "within", "below")
        key = [words(Drawing(standing_key(word)), say(f"pages.city.standing.{word}"), role="outlook") for word in shown]
        names, unlike = listed(self.districts[r.text("area")] for r in few), self.info.get("unlike", 0)
        how = [self.now("standing_how")]
        how += [] if self.over else [say("pages.city.standing_what", together=TOGETHER, alike=ALIKE)]
        how += [say("pages.city.standing_unlike", count=unlike)] if unlike else []
        how += [say("pages.city.standing_few", names=names)] if few else []
        how += [heard] if (heard := self._heard()) else []
        return blocks(
            Paragraph(alt, "lead"),
            None if self.on_paper else Paragraph(words(*key), "key-line"),
            Figure(wide, narrow=narrow),
            *(Paragraph(text, "small") for text in how),
        )

    def _heard(self) -> str:
        """What hearing of each other changed, and how alike the districts are."""
        found = self.info.get("peers", {})
        if self.over or not found.get("stated"):
            return ""
        shares = {name: Share(found[name]) for name in ("shared", "home") if name in found}
        return sentences(say("pages.city.peers", **found), say("pages.city.alike", **shares) if shares else "")

    def both_red(self) -> Blocks:
        """双红 over all districts: not met, late and still going back; binding targets first. The public is not told."""
        if self.public:
            return NOTHING
        rows = self._both_red()
        if not rows:
            return self.none("red_none")
        columns = [
            column("district", lambda r: self.link(r.text("area"))),
            column("indicator", self.indicator),
            column("unit", lambda r: r.text("lead_unit")),
            column("value", _value),
            column("target", lambda r: r.text("target_text"), year=self.target_year),
            *([] if self.over else [column("probability", lambda r: chance(self, r))]),
        ]
        shown = ON_PAPER if self.on_paper else LISTED
        binding = sum(r.text("attribute") == "binding" for r in rows)
        lead = self.now("red", count=len(rows), binding=binding, shown=min(len(rows), shown))
        return blocks(Paragraph(lead, "lead"), self.table(self.now("red_caption"), columns, rows[:shown], "red stack"))

    def gaps(self) -> Blocks:
        """What keeps each district from an outlook, and whom to ask; the public is not told."""
        if self.public:
            return NOTHING
        rows = sorted(self.records("gaps"), key=lambda r: (-(r.number("silent") or 0), r.text("area")))

        def out_of(r: Record) -> Words:
            whole = words(f"/{r.whole('leaves') or 0}", role="of")
            return words(words(str(r.whole("silent") or 0), role="b"), whole, role="out-of")

        def counted(name: str) -> Column:
            head = say(f"pages.gap.{name}" if name in KINDS else f"column.gap_{name}")
            return Column(head, lambda r: Count(r.number(name) or None), 8, "r")

        columns = [
            column("district", lambda r: self.link(r.text("area"), "data_quality.html")),
            column("gap_unknown" if self.over else "gap_silent", out_of),
            *map(counted, (*(k for k in (*KINDS, "other") if any(r.number(k) for r in rows)), "stale", "errors")),
            column("gap_units", lambda r: listed(map(self._counted_unit, r.words("units"))) or None, "units"),
        ]
        silent = [r.whole("silent") or 0 for r in rows]
        series = sum(r.whole("leaves") or 0 for r in rows)
        lead = self.now("gaps", silent=sum(silent), leaves=series, least=min(silent), most=max(silent))
        return blocks(Paragraph(lead, "lead"), self.table(say("pages.city.gaps_caption"), columns, rows, "gaps stack"))

    def _standing(self, row: Record) -> AreaStanding:
        """The line of a district in the figure; what was reached has no range."""
        at = row.number("difference") or 0.0
        low, high = (at if (end := row.number(name)) is None else end for name in ("low", "high"))
        name, word = self.districts[row.text("area")], row.text("standing")
        return AreaStanding(name, at, low, high, word, _standing_note(row))

    # ---- helpers ----------------------------------------------------------------------------------------------

    def _compared(self) -> tuple[list[Record], list[Record]]:
        """Lines of districts that are compared, and of those with too few outlooks."""
        rows = self.records("standings")
        few = [r for r in rows if r.text("standing") == "few"]
        return [r for r in rows if r.text("standing") != "few"], few

    def _sentence(self) -> str:
        rows, _ = self._compared()
        if len(rows) < 2:
            return ""
        if self.over:
            return say("pages.city.standing_reached", count=len(rows))
        found = {w: [r.text("area") for r in rows if r.text("standing") == w] for w in ("above", "within", "below")}
        sides = {"above": found["above"], "below": found["below"][::-1]}
        clauses = [
            say(f"pages.city.standing_{word}", count=len(held), names=self.few(held))
            for word, held in sides.items()
            if held
        ]
        rest = len(found["within"])
        if not clauses:
            return say("pages.city.standing_same", count=rest)
        first, *others = [*clauses, say("pages.city.standing_within", count=rest) if rest else ""]
        return in_one(say("pages.city.standing_all", count=len(rows)) + first, *others)

    def _counted_unit(self, told: str) -> str:
        name, _, count = told.rpartition(" ")
        return f"{self.translated(name)} {count}"

    def _both_red(self) -> list[Record]:
        found = alerted(self.rows, "both_red")
        return sorted(found, key=lambda r: (*by_chance(r), r.text("series"), r.text("area")))


def _standing_note(row: Record) -> str:
    if row.text("standing") == "reached":
        met = fixed(row.number("expected") or 0.0, 0)
        return say("pages.city.standing_note_reached", met=met, able=row.whole("able"))
    numbers = {c: city_values.signed(row.number(c) or 0.0) for c in ("difference", "low", "high")}
    return say("pages.city.standing_note", first=row.whole("rank_low"), last=row.whole("rank_high"), **numbers)


def _value(row: Record) -> Words | None:
    if not row.text("value_text"):
        return None
    return words(row.text("value_text"), words(say("pages.year", year=row.text("value_year")), role="year"))


def open_city(
    code: str, as_of: int, root: Path | None = None, language: str | None = None, audience: str = "internal"
) -> CityPage:
    """Open the tables of a city for reading.

    Parameters
    ----------
    code
        As in ``data/raw/city.toml``; ``city`` where that is silent.
    language
        ``zh`` or ``en``, of this page alone; by default the one spoken at the moment.

    audience
        ``internal`` or ``public``.

    Raises
    ------
    UsageError
        There are no such tables, or they are of another format; says how to make them. Or there is no such language.
    """
    with speaking(language or spoken_now()):
        language = spoken_now()
    root = root or find_root()
    folder = root / "data" / "processed" / "panels" / code / f"{as_of}{Variant(audience=audience).suffix}"
    info = read_json(folder / "city.json") if (folder / "city.json").is_file() else {}
    if info.get("format") != format_version():
        raise UsageError(say("panels.misuse.no_city", code=code, as_of=as_of))
    frames = {name: read_table(folder / f"{name}.csv") for name in TABLES}
    names = {} if language == LANGUAGES[0] else read_names(root)
    return CityPage(info, frames, int(as_of), language=language, names=names)
