"""The overview of a city for its leading group: which districts and domains are in difficulty, who stands out, what is missing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from plananalysis.base.errors import UsageError
from plananalysis.base.tables import edition_folder, find_root, read_table
from plananalysis.base.text import LANGUAGES, learn_names, listed, say, speak
from plananalysis.base.text import language as spoken
from plananalysis.editions.opened import Record
from plananalysis.figures import ASSESSABLE, OUTLOOKS, outlook_bar
from plananalysis.figures.panorama import Standing, standing_key, standings
from plananalysis.pages import common, wording
from plananalysis.pages.city_matrix import matrix
from plananalysis.pages.city_tables import CityTables
from plananalysis.pages.city_targets import every_target, hard_everywhere, standing_out
from plananalysis.pages.counts import outlook_counts
from plananalysis.render.html import Block, Column, Html, drawing, facts, html, paragraphs, table, tag

NARROW = 350
LISTED = 40  # lines of the list of double reds; the districts' own pages hold all
TABLES = ("verdicts", "standings", "matrix", "targets", "gaps", "districts", "domains")


@dataclass(frozen=True, repr=False)
class CityPage(CityTables):
    """The pieces of a city's overview."""

    def masthead(self) -> Block:
        """Title block, and the districts that are missing from this page."""
        lines = facts(
            [
                (say("pages.city.districts"), say("pages.city.count", count=len(self.built))),
                (say("pages.as_of"), say("pages.year", year=self.as_of)),
                (say("pages.known_on"), self.info.get("known_on")),
                (say("pages.period"), say("pages.period_of", base=self.base_year, target=self.target_year)),
            ],
            css="facts inline",
        )
        title = tag("p", self.info["name"], cls="masthead-title")
        subtitle = tag("p", say("pages.city.subtitle"), cls="masthead-subtitle")
        return Block(html(tag("header", title, subtitle, lines, cls="masthead"), self._failed()))

    def _failed(self) -> Html | None:
        failed = self.info["failed"]
        if not failed:
            return None
        lead = say("pages.city.failed", count=len(failed), total=len(self.names))
        reasons: dict[str, list[str]] = {}
        for area in sorted(failed):
            reasons.setdefault(failed[area], []).append(self.names[area])
        lines = [say("pages.city.failed_one", name=listed(names), reason=reason) for reason, names in reasons.items()]
        return html(tag("p", tag("b", lead), cls="lead"), paragraphs(lines, css="small"))

    def outlooks(self) -> Block:
        """First screen: how many targets of all districts have which outlook, in words and as one bar."""
        counts = outlook_counts(self.rows)
        able = sum(counts[o] for o in ASSESSABLE)
        stated = say("pages.city.total", districts=len(self.built), rows=len(self.rows), able=able)
        hard = say(
            "pages.city.hard",
            hard=counts["hard"] + counts["very_hard"],
            share=wording.share(counts["hard"] + counts["very_hard"], able),
            very=counts["very_hard"],
        )
        both = sum("both_red" in r.words("alerts") for r in self.rows)
        red = say("pages.city.both", count=both, targets=len({r.text("series") for r in self._both_red()}))
        alt = say("pages.sentence", clauses=say("pages.clause_joint").join([stated, hard]))
        key = tag("p", *[wording.outlook_key(self, o) for o in OUTLOOKS], cls="key-line")
        bars = [
            tag("div", drawing(outlook_bar(counts, alt, width)), cls=css)
            for width, css in ((960, "wide-only"), (NARROW, "narrow-only"))
        ]
        return Block(
            html(
                paragraphs([stated + hard, red if both else "", self._sentence()], css="lead"),
                tag("div", *bars, key, cls="counts-block"),
            )
        )

    def matrix(self) -> Block:
        """Districts down, domains across: hard and very hard targets among those with an outlook."""
        return Block(matrix(self))

    def standings(self) -> Block:
        """Districts beside what is usual in the city, with the range chance alone leaves open."""
        rows = [r for r in self.records("standings") if r.text("standing") != "few"]
        few = [r for r in self.records("standings") if r.text("standing") == "few"]
        if not rows:
            return Block(tag("p", say("pages.city.standing_none"), cls="none"))
        lines = [
            Standing(
                self.names[r.text("area")],
                r.number("difference") or 0.0,
                r.number("low") or 0.0,
                r.number("high") or 0.0,
                r.text("standing"),
                self._standing_note(r),
            )
            for r in rows
        ]
        alt = self._sentence()
        drawn = [
            tag("div", drawing(standings(lines, alt, width)), cls=css)
            for width, css in ((860, "wide-only"), (NARROW, "narrow-only"))
        ]
        key = tag(
            "p",
            *[
                tag("span", drawing(standing_key(word)), say(f"pages.city.standing.{word}"), cls="outlook")
                for word in ("above", "within", "below")
            ],
            cls="key-line",
        )
        silent = say("pages.city.standing_few", names=listed(self.names[r.text("area")] for r in few)) if few else ""
        how = paragraphs([say("pages.city.standing_how"), say("pages.city.standing_what"), silent], css="small")
        return Block(html(tag("p", alt, cls="lead"), key, tag("figure", *drawn), how))

    def hard_everywhere(self) -> Block:
        """Targets that are hard or very hard in many districts: matters for the city, not for one district."""
        return Block(hard_everywhere(self))

    def standing_out(self) -> Block:
        """Targets that most districts will reach and a few will not: there the district's own reasons matter."""
        return Block(standing_out(self))

    def both_red(self) -> Block:
        """双红 over all districts: late already, going back, and called hard; binding targets first."""
        rows = self._both_red()
        if not rows:
            return Block(self.none("red_none"))
        cuts = wording.chance_cuts(self)
        columns = [
            Column(say("pages.city.district"), lambda r: self.link(r.text("area"))),
            Column(say("pages.column.indicator"), self.indicator, css="name"),
            Column(say("pages.column.unit"), lambda r: r.text("lead_unit")),
            Column(say("pages.column.value"), lambda r: _value(r), number=True),
            Column(say("pages.column.target", year=self.target_year), lambda r: r.text("target_text"), css="target"),
            Column(
                say("pages.column.probability"),
                lambda r: wording.percent(r.number("probability"), cuts),
                number=True,
            ),
        ]
        binding = sum(r.text("attribute") == "binding" for r in rows)
        lead = say("pages.city.red", count=len(rows), binding=binding, shown=min(len(rows), LISTED))
        text = common.caption(self, say("pages.city.red_caption"))
        return Block(html(tag("p", lead, cls="lead"), table(text, columns, rows[:LISTED], css="red stack")))

    def gaps(self) -> Block:
        """What keeps each district from an outlook, and whom to ask."""
        rows = sorted(self.records("gaps"), key=lambda r: (-(r.number("silent") or 0), r.text("area")))

        def counted(column: str) -> Column:
            head = say(f"pages.city.gap.{column}")
            return Column(head, lambda r: r.whole(column) or wording.DASH, number=True)

        kinds = ("no_observations", "too_few", "no_baseline", "stepped", "no_band", "no_reference", "other")
        kinds = tuple(k for k in kinds if any(r.number(k) for r in rows))
        columns = [
            Column(say("pages.city.district"), lambda r: self.link(r.text("area"), "data_quality.html")),
            Column(say("pages.city.gap.silent"), lambda r: _out_of(r.whole("silent"), r.whole("leaves")), number=True),
            *[counted(k) for k in kinds],
            counted("stale"),
            counted("errors"),
            Column(say("pages.city.gap.units"), lambda r: listed(r.words("units")) or wording.DASH, css="units"),
        ]
        silent = [r.whole("silent") or 0 for r in rows]
        lead = say(
            "pages.city.gaps",
            silent=sum(silent),
            leaves=sum(r.whole("leaves") or 0 for r in rows),
            least=min(silent),
            most=max(silent),
        )
        text = common.caption(self, say("pages.city.gaps_caption"))
        return Block(html(tag("p", lead, cls="lead"), table(text, columns, rows, css="gaps stack")))

    def targets(self) -> Block:
        """Every target of the plan with its distribution over the districts."""
        return Block(every_target(self))

    def how(self) -> Block:
        """Words, thresholds, and how districts are compared."""
        return Block(common.thresholds_table(self))

    # ---- helpers ----------------------------------------------------------------------------------------------

    def _sentence(self) -> str:
        rows = [r for r in self.records("standings") if r.text("standing") != "few"]
        found = {w: [r for r in rows if r.text("standing") == w] for w in ("above", "within", "below")}
        if len(rows) < 2:
            return ""
        clauses = [
            say(
                f"pages.city.standing_{word}",
                count=len(held),
                names=self.few([r.text("area") for r in (held if word == "above" else held[::-1])]),
            )
            for word in ("above", "below")
            if (held := found[word])
        ]
        rest = len(found["within"])
        if not clauses:
            return say("pages.city.standing_same", count=rest)
        clauses.append(say("pages.city.standing_within", count=rest) if rest else "")
        start = say("pages.city.standing_all", count=len(rows))
        return say("pages.sentence", clauses=start + say("pages.clause_joint").join(c for c in clauses if c))

    def _standing_note(self, row: Record) -> str:
        low, high = row.number("low") or 0.0, row.number("high") or 0.0
        return say(
            "pages.city.standing_note",
            difference=_signed(row.number("difference") or 0.0),
            low=_signed(low),
            high=_signed(high),
            first=row.whole("rank_low"),
            last=row.whole("rank_high"),
        )

    def _both_red(self) -> list[Record]:
        found = [r for r in self.rows if "both_red" in r.words("alerts")]

        def order(r: Record) -> tuple[object, ...]:
            p = r.number("probability")
            return (r.text("attribute") != "binding", 2.0 if p is None else p, r.text("series"), r.text("area"))

        return sorted(found, key=order)


def _out_of(part: int | None, whole: int | None) -> Html:
    return tag("span", tag("b", part or 0), tag("span", f"/{whole or 0}", cls="of"))


def _value(row: Record) -> Html | str:
    year = row.text("value_year")
    if not row.text("value_text"):
        return wording.DASH
    return html(row.text("value_text"), tag("span", say("pages.year", year=year), cls="year"))


def _signed(value: float) -> str:
    words = f"{abs(value):.1f}"
    return words if words == "0.0" else f"{'+' if value > 0 else '−'}{words}"


def open_city(code: str, as_of: int, root: Path | None = None, language: str | None = None) -> CityPage:
    """Open the tables of a city for reading.

    Parameters
    ----------
    code
        As in ``data/raw/city.toml``; ``city`` where that is silent.
    language
        ``zh`` or ``en``, from then on spoken by everything; by default the one spoken at the moment.

    Raises
    ------
    UsageError
        There are no such tables; says how to make them.
    """
    if language and language not in LANGUAGES:
        raise UsageError(say("panels.misuse.language", value=language))
    speak(language or spoken())
    root = root or find_root()
    learn_names(root)
    folder = root / "data" / "processed" / "panels" / code / edition_folder(as_of, spoken())
    if not (folder / "city.json").is_file():
        raise UsageError(say("panels.misuse.no_city", code=code, as_of=as_of))
    info = json.loads((folder / "city.json").read_text(encoding="utf-8"))
    return CityPage(int(as_of), info, {name: read_table(folder / f"{name}.csv") for name in TABLES})
