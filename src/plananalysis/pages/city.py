"""The overview of a city for its leading group: which districts and domains are in difficulty, who stands out, what is missing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plananalysis.errors import UsageError
from plananalysis.figures import ASSESSABLE, OUTLOOKS, outlook_bar
from plananalysis.figures.panorama import Standing, chance_spread, outlook_strip, standing_key, standings
from plananalysis.pages import common, wording
from plananalysis.pages.published import Record, outlook_counts
from plananalysis.pages.tables import Block, Column, Html, drawing, facts, html, paragraphs, table, tag
from plananalysis.tables import edition_folder, find_root, read_table
from plananalysis.text import LANGUAGES, learn_names, listed, say, speak
from plananalysis.text import language as spoken

if TYPE_CHECKING:
    import pandas as pd

NARROW = 350
NAMED = 5  # districts named in a cell; the others are counted
LISTED = 40  # lines of the list of double reds; the districts' own pages hold all
MOST = 12  # targets shown as hard in many districts
MANY = 0.25  # of the districts with an outlook
BINS = 20
TABLES = ("verdicts", "standings", "matrix", "targets", "gaps", "districts", "domains")


@dataclass(frozen=True, repr=False)
class CityPage:
    """The tables of one city and the pieces of its overview.

    Parameters
    ----------
    info
        Content of ``city.json``.
    """

    as_of: int
    info: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]

    def __repr__(self) -> str:
        return f"<city {self.info['area']} {self.as_of}>"

    # ---- what pages of an edition know about themselves, so that they share their words ------------------------

    say = staticmethod(say)

    @property
    def fictional(self) -> bool:
        return bool(self.info["fictional"])

    @property
    def mark(self) -> str:
        return say("pages.fictional") if self.fictional else ""

    @property
    def thresholds(self) -> Mapping[str, Any]:
        return dict(self.info["thresholds"])

    @property
    def target_year(self) -> int:
        return int(self.info["target_year"])

    @property
    def base_year(self) -> int:
        return int(self.info["base_year"])

    # ---- rows -----------------------------------------------------------------------------------------------

    def _records(self, name: str) -> list[Record]:
        return [Record(row) for row in self.tables[name].to_dict("records")]

    @cached_property
    def rows(self) -> list[Record]:
        """Every row of the plan in every district."""
        return [r for r in self._records("verdicts") if r.text("role") != "part"]

    @cached_property
    def names(self) -> dict[str, str]:
        return {r.text("area"): r.text("name") for r in self._records("districts")}

    @property
    def built(self) -> list[str]:
        return list(self.info["districts"])

    # ---- pieces -----------------------------------------------------------------------------------------------

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
        cells = {(r.text("area"), r.text("domain")): r for r in self._records("matrix")}
        domains = self._records("domains")
        hard = {a: sum(_hard(cells.get((a, d.text("domain")))) for d in domains) for a in self.built}
        able = {a: sum(_able(cells.get((a, d.text("domain")))) for d in domains) for a in self.built}
        order = sorted(self.built, key=lambda a: (-hard[a] / max(able[a], 1), a))

        def one(domain: Record) -> Column:
            code = domain.text("domain")
            head = tag("span", domain.text("name"), cls="upright")
            return Column(
                html(head), lambda a: _cell(cells.get((a, code)), a, f"{code}.html", self.as_of), css="num cell"
            )

        total = Column(say("pages.total"), lambda a: _share_cell(hard[a], able[a]), css="num cell total")
        columns = [Column(say("pages.city.district"), self._link), total, *map(one, domains)]
        sums = [_Sum({d.text("domain"): _sum(cells, order, d.text("domain")) for d in domains})]
        foot = [Column(say("pages.city.district"), lambda s: say("pages.city.all"))]
        made = table(common.caption(self, say("pages.city.matrix_caption")), columns, order, css="matrix")
        made = Html(made.replace("</table>", f"{_foot(foot[0], domains, sums[0], hard, able)}</table>"))
        note = tag("p", say("pages.city.matrix_note"), cls="small")
        return Block(html(note, made))

    def standings(self) -> Block:
        """Districts beside what is usual in the city, with the range chance alone leaves open."""
        rows = [r for r in self._records("standings") if r.text("standing") != "few"]
        few = [r for r in self._records("standings") if r.text("standing") == "few"]
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
        rows = [r for r in self._records("targets") if _hard(r) and _hard(r) >= MANY * (r.number("able") or 0)]
        rows.sort(key=lambda r: (-_hard(r) / (r.number("able") or 1), -_hard(r), r.text("series")))
        if not rows:
            return Block(tag("p", say("pages.city.everywhere_none"), cls="lead"))
        lead = say("pages.city.everywhere", count=len(rows), shown=min(len(rows), MOST), share=f"{MANY:.0%}")
        text = common.caption(self, say("pages.city.everywhere_caption"))
        made = table(text, self._target_columns(), rows[:MOST], css="spread stack")
        return Block(html(tag("p", lead, cls="lead"), made))

    def standing_out(self) -> Block:
        """Targets that most districts will reach and a few will not: there the district's own reasons matter."""
        rows = [r for r in self._records("targets") if r.text("behind")]
        if not rows:
            return Block(tag("p", say("pages.city.out_none"), cls="lead"))
        held = {(r.text("area"), r.text("series")): r for r in self.rows}
        lines = [held[area, r.text("series")] for r in rows for area in r.words("behind")]
        by_district: dict[str, list[Record]] = {}
        for r in lines:
            by_district.setdefault(r.text("area"), []).append(r)
        order = sorted(by_district, key=lambda a: (-len(by_district[a]), a))
        columns = [
            Column(say("pages.city.district"), self._link),
            Column(say("pages.city.count_head"), lambda a: len(by_district[a]), number=True),
            Column(say("pages.city.which"), lambda a: self._named(by_district[a])),
        ]
        lead = say("pages.city.out", count=len(lines), districts=len(order), targets=len(rows))
        text = common.caption(self, say("pages.city.out_caption"))
        return Block(html(tag("p", lead, cls="lead"), table(text, columns, order, css="out stack")))

    def both_red(self) -> Block:
        """双红 over all districts: late already, going back, and called hard; binding targets first."""
        rows = self._both_red()
        if not rows:
            return Block(tag("p", say("pages.city.red_none"), cls="lead"))
        cuts = wording.chance_cuts(self)
        columns = [
            Column(say("pages.city.district"), lambda r: self._link(r.text("area"))),
            Column(say("pages.column.indicator"), self._indicator, css="name"),
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
        rows = sorted(self._records("gaps"), key=lambda r: (-(r.number("silent") or 0), r.text("area")))

        def counted(column: str) -> Column:
            head = say(f"pages.city.gap.{column}")
            return Column(head, lambda r: r.whole(column) or wording.DASH, number=True)

        kinds = ("no_observations", "too_few", "no_baseline", "stepped", "no_band", "no_reference", "other")
        kinds = tuple(k for k in kinds if any(r.number(k) for r in rows))
        columns = [
            Column(say("pages.city.district"), lambda r: self._link(r.text("area"), "data_quality.html")),
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
        rows, domains = self._records("targets"), self._records("domains")
        groups = [
            (
                say("pages.domain_of", plan=say(f"pages.plan_{d.text('plan')}"), domain=d.text("name")),
                [r for r in rows if r.text("domain") == d.text("domain")],
            )
            for d in domains
        ]
        text = common.caption(self, say("pages.city.targets_caption", count=len(rows)))
        groups = [(name, held) for name, held in groups if held]
        made = table(text, self._target_columns(), groups, grouped=True, css="spread stack")
        return Block(html(tag("p", say("pages.city.targets_note"), cls="small"), made))

    def how(self) -> Block:
        """Words, thresholds, and how districts are compared."""
        return Block(common.thresholds_table(self))

    # ---- helpers ----------------------------------------------------------------------------------------------

    def _sentence(self) -> str:
        rows = [r for r in self._records("standings") if r.text("standing") != "few"]
        found = {w: [r for r in rows if r.text("standing") == w] for w in ("above", "within", "below")}
        if len(rows) < 2:
            return ""
        clauses = [
            say(
                f"pages.city.standing_{word}",
                count=len(held),
                names=self._few([r.text("area") for r in (held if word == "above" else held[::-1])]),
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

    def _few(self, areas: Sequence[str]) -> str:
        """Some districts by name; how many there are is said beside it."""
        names = listed(self.names[a] for a in areas[:NAMED])
        return say("pages.city.and_others", names=names) if len(areas) > NAMED else names

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

    def _link(self, area: str, page: str = "index.html") -> Html:
        folder = edition_folder(self.as_of, spoken())
        return tag("a", self.names[area], href=f"../../{area}/{folder}/{page}")

    def _indicator(self, row: Record) -> Html:
        folder = edition_folder(self.as_of, spoken())
        place = f"../../{row.text('area')}/{folder}/{row.text('domain')}.html#{row.text('series')}"
        link = tag("a", row.text("name"), href=place)
        return html(tag("span", row.text("series"), cls="code"), link, wording.binding_mark(self, row))

    def _both_red(self) -> list[Record]:
        found = [r for r in self.rows if "both_red" in r.words("alerts")]

        def order(r: Record) -> tuple[object, ...]:
            p = r.number("probability")
            return (r.text("attribute") != "binding", 2.0 if p is None else p, r.text("series"), r.text("area"))

        return sorted(found, key=order)

    def _named(self, rows: Sequence[Record]) -> Html:
        cuts = wording.chance_cuts(self)
        pieces: list[object] = []
        for r in sorted(rows, key=lambda r: r.number("probability") or 0.0):
            chance = say("pages.city.chance", percent=wording.percent(r.number("probability"), cuts))
            pieces.append(tag("span", self._indicator(r), tag("span", chance, cls="chance"), cls="item"))
        return html(*pieces)

    def _target_columns(self) -> list[Column]:
        cuts = [self.thresholds[n] for n in ("very_hard", "hard", "likely")]
        return [
            Column(say("pages.column.unit"), lambda r: r.text("lead_unit")),
            Column(say("pages.column.indicator"), self._target_name, css="name"),
            Column(say("pages.column.target", year=self.target_year), self._target_text, css="target"),
            Column(say("pages.city.strip"), self._strip, css="figure"),
            Column(say("pages.city.spread"), lambda r: self._spread(r, cuts), css="figure"),
            Column(say("pages.city.behind"), self._behind, css="units"),
        ]

    def _target_name(self, row: Record) -> Html:
        return html(tag("span", row.text("series"), cls="code"), row.text("name"), wording.binding_mark(self, row))

    def _target_text(self, row: Record) -> Html:
        other = (row.whole("readings") or 1) > 1
        return html(row.text("target_text"), tag("span", say("pages.city.readings"), cls="more") if other else None)

    def _strip(self, row: Record) -> Html:
        counts = {o: row.whole(o) or 0 for o in OUTLOOKS}
        named = [say("pages.count_of", outlook=say(f"outlook.{o}"), count=counts[o]) for o in OUTLOOKS if counts[o]]
        return drawing(outlook_strip(counts, listed(named)))

    def _spread(self, row: Record, cuts: Sequence[float]) -> Html | str:
        held = self._chances.get(row.text("series"), [])
        if not held:
            return wording.DASH
        alt = say(
            "pages.city.spread_alt",
            low=wording.percent(row.number("p10")),
            middle=wording.percent(row.number("p50")),
            high=wording.percent(row.number("p90")),
        )
        bins = [0] * BINS
        for p in held:
            bins[min(int(p * BINS), BINS - 1)] += 1
        return html(drawing(chance_spread(bins, cuts, alt)), tag("span", alt, cls="more"))

    @cached_property
    def _chances(self) -> dict[str, list[float]]:
        found: dict[str, list[float]] = {}
        for r in self.rows:
            if (p := r.number("probability")) is not None:
                found.setdefault(r.text("series"), []).append(p)
        return found

    def _behind(self, row: Record) -> str:
        behind, ahead = row.words("behind"), row.words("ahead")
        words = []
        if behind:
            words.append(say("pages.city.behind_are", names=self._few(behind), count=len(behind)))
        if ahead:
            words.append(say("pages.city.ahead_are", names=self._few(ahead), count=len(ahead)))
        return say("pages.clause_joint").join(words) or wording.DASH


class _Sum(dict):  # type: ignore[type-arg]
    """Hard and able rows by domain over all districts."""


def _sum(cells: Mapping[tuple[str, str], Record], areas: Sequence[str], domain: str) -> tuple[int, int]:
    held = [cells[a, domain] for a in areas if (a, domain) in cells]
    return sum(map(_hard, held)), sum(map(_able, held))


def _foot(
    first: Column, domains: Sequence[Record], sums: _Sum, hard: Mapping[str, int], able: Mapping[str, int]
) -> Html:
    cells = [tag("td", _share_cell(*sums[d.text("domain")]), cls="num cell") for d in domains]
    total = tag("td", _share_cell(sum(hard.values()), sum(able.values())), cls="num cell total")
    return tag("tfoot", tag("tr", tag("th", first.cell(None), scope="row"), total, *cells))


def _hard(row: Record | None) -> int:
    return 0 if row is None else (row.whole("hard") or 0) + (row.whole("very_hard") or 0)


def _able(row: Record | None) -> int:
    return 0 if row is None else row.whole("able") or 0


def _cell(row: Record | None, area: str, page: str, as_of: int) -> Html | str:
    if row is None or not _able(row):
        return wording.DASH
    folder = edition_folder(as_of, spoken())
    inside = _share_cell(_hard(row), _able(row))
    return tag("a", inside, href=f"../../{area}/{folder}/{page}") if _hard(row) else inside


def _share_cell(hard: int, able: int) -> Html:
    """``3/7``, heavier and on a darker ground the larger the share: the numbers say the same without either."""
    level = 0 if not hard or not able else 1 if hard / able < 1 / 3 else 2 if hard / able < 2 / 3 else 3
    return tag("span", tag("b", hard) if level else html(hard), tag("span", f"/{able}", cls="of"), cls=f"lv{level}")


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
