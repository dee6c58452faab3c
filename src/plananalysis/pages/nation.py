"""The brief over all areas of a panel, from counts alone: it is as long for thirty areas as for three thousand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from plananalysis.base.digits import fixed
from plananalysis.base.tables import read_json, read_table
from plananalysis.base.text import LANGUAGES, language, listed, read_names, say
from plananalysis.editions.opened import Record
from plananalysis.figures.marks import ASSESSABLE, OUTLOOKS
from plananalysis.pages.columns import column, count_column
from plananalysis.pages.links import coded
from plananalysis.pages.many import (
    Overview,
    in_difficulty,
    indicator,
    outlook_columns,
    outlooks_of,
    strip,
    with_outlook,
)
from plananalysis.pages.masthead import changes_told, period, title_block
from plananalysis.pages.thresholds import thresholds
from plananalysis.render.blocks import Column, Drawing, Facet, Heading, Paragraph, Table, Words, words
from plananalysis.render.html import Blocks, blocks
from plananalysis.render.quantities import Count, Share

SHOWN, WIDELY = 15, 0.3
FEW = 6  # targets named in the line of an area
AREAS = "areas.html"
NAMED = 8  # areas without a result named in the text; the table holds all


class NationPage(Overview):
    """The tables of a panel and the pieces of its brief; ``info`` is the content of ``panel.json``."""

    def whole(self) -> Blocks:
        """The page, section by section."""
        made = [b for name, held in self.sections() for b in (Heading(1, say(f"pages.nation.{name}")), held)]
        return blocks(self._masthead(), *made, thresholds(self))

    def sections(self) -> list[tuple[str, Blocks]]:
        """The sections of the page by name."""
        return [(name, getattr(self, f"_{name}")()) for name in ("outlooks", "hard", "groups", "targets", "data")]

    def areas(self) -> Blocks:
        """The second page: every area, to be looked up."""
        title = say("pages.nation.areas_title", name=self.name, as_of=self.info["as_of"])
        head = title_block(title, "", [])
        return blocks(head, Paragraph(self.now("areas_note"), "lead"), self.areas_table())

    def areas_table(self) -> Table:
        """Every area with what it has in difficulty."""
        names = {r.text("series"): r.text("name") for r in self.records("targets")}

        def difficult(r: Record) -> Words | None:
            codes = r.words("difficult")
            more = say("pages.city.more", count=len(codes) - FEW) if len(codes) > FEW else ""
            named = [words(coded(c), names.get(c, "")) for c in codes[:FEW]]
            return words(words(*named, role="list"), more) if codes else None

        def number(name: str, head: str) -> Column:
            return Column(say(f"column.{head}"), lambda r: Count(r.number(name)), 7, "r", sort=lambda r: r.number(name))

        columns = [
            column("area_name", lambda r: coded(r.text("area"), r.text("name")), sort=lambda r: r.text("area")),
            _province(),
            number("able", "area_judged" if self.over else "area_able"),
            number("hard", "not_reached" if self.over else "area_hard"),
            number("met", "met_now"),
            *([] if self.over else [number("both_red", "area_both_red")]),
            Column(say("column.missed" if self.over else "column.difficult"), difficult, 40),
        ]
        facet = Facet(say("column.province"), lambda r: [r.text("group")])
        return self.table(self.now("areas_caption"), columns, self.records("areas"), "stack", facets=[facet])

    def _masthead(self) -> Blocks:
        info, areas = self.info, Count(self.info["areas"])
        pairs = [
            (say("column.areas"), say("pages.city.count", count=areas)),
            *period(info["as_of"], info["known_on"], self.base_year, self.target_year),
        ]
        return title_block(self.name, say("pages.nation.subtitle", areas=areas), pairs)

    def _outlooks(self) -> Blocks:
        targets, failed = self.records("targets"), self.info["failed"]
        counts = {o: sum(r.whole(o) or 0 for r in targets) for o in OUTLOOKS}
        able, hard = sum(counts[o] for o in ASSESSABLE), counts["hard"] + counts["very_hard"]
        if self.over:
            able, hard = (sum(_judged(r)[n] for r in targets) for n in (1, 0))
        told = {"areas": self.info["areas"] - len(failed), "rows": sum(counts.values())}
        told |= {"able": able, "met": able - hard, "hard": hard}
        numbers = {name: Count(number) for name, number in told.items()}
        lead = self.now("lead", targets=len(targets), share=Share.of(hard, able), **numbers)
        named = listed([self.translated(name) for name in failed.values()][:NAMED])
        named = say("pages.city.and_others", names=named) if len(failed) > NAMED else named
        left_out = say("pages.nation.failed", count=len(failed), names=named) if failed else ""
        return blocks(
            Paragraph(lead, "lead"),
            Paragraph(left_out, "lead"),
            Paragraph(self._strangers(), "lead"),
            *changes_told(self.info, self.base_year + 1),
            None if self.over else self.bar(counts, lead),
        )

    def _strangers(self) -> str:
        """Rows of the data file that are nobody's: a county that seems silent may be among them."""
        lost = self.info.get("strangers", {})
        if not lost:
            return ""
        codes = [code or say("pages.nation.no_code") for code in lost]
        names = listed(codes[:NAMED])
        names = say("pages.city.and_others", names=names) if len(codes) > NAMED else names
        return say("pages.nation.strangers", rows=Count(sum(lost.values())), names=names)

    def _hard(self) -> Blocks:
        rows = [r for r in self.records("targets") if self._share(r) and (self._share(r).number or 0) >= WIDELY]
        rows.sort(key=lambda r: (-(self._share(r).number or 0), r.text("series")))
        if not rows:
            return blocks(Paragraph(self.now("hard_none"), "lead"))
        lead = self.now("hard_lead", count=len(rows), shown=min(len(rows), SHOWN))
        made = self.table(self.now("hard_caption"), self._columns(self._drawn()), rows[:SHOWN], "spread stack")
        return blocks(Paragraph(lead, "lead"), made)

    def _groups(self) -> Blocks:
        def by_chance(r: Record) -> str:
            return say("pages.city.range_of", low=Share(r.number("low")), high=Share(r.number("high")))

        columns = [
            _province(),
            count_column("areas"),
            self._in_difficulty(lambda r: Share(r.number("share"))),
            Column(say("column.by_chance"), by_chance, 12),
            *([] if self.over else outlook_columns() if self.on_paper else [column("outlooks_strip", strip, "figure")]),
        ]
        rows, empty = self.records("groups"), say("pages.no_rows")
        rows = sorted(rows, key=lambda r: (-(r.number("share") or 0.0), r.text("group")))
        out = [r for r in rows if _beyond_chance(r)]
        lead = self.now("groups_chance", groups=len(rows), out=len(out), chance=fixed(0.05 * len(rows), 1))
        made = self.table(self.now("groups_caption"), columns, rows, "groups stack", empty=empty)
        told = Paragraph(lead, "lead") if len(rows) > 1 else None
        return blocks(told, Paragraph(self.now("groups_note"), "small"), made)

    def _targets(self) -> Blocks:
        return blocks(self.targets_table(self._drawn()))

    def targets_table(self, told: list[Column] | None = None) -> Table:
        """Every target with what is told of its areas, by default the counts of all outlooks."""
        rows = self.records("targets")
        caption = say("pages.nation.targets_caption", count=len(rows))
        return self.table(caption, self._columns(told or outlook_columns(whole=True)), rows, "spread stack")

    def _data(self) -> Blocks:
        rows = sum(sum(outlooks_of(r).values()) for r in self.records("targets"))
        path = f"data/processed/panels/{self.info['area']}/{self.info['as_of']}/assessments.parquet"
        link = words(say("pages.nation.areas_link"), link=AREAS)
        note = Paragraph(say("pages.nation.data_note", path=path, rows=Count(rows)))
        spelt = say("pages.nation.spelt", count=self.info["spelt"]) if self.info["spelt"] and self.names else ""
        return blocks(None if self.on_paper else Paragraph(link, "lead"), note, Paragraph(spelt, "small"))

    def _columns(self, told: list[Column]) -> list[Column]:
        return [
            column("indicator", indicator, sort=lambda r: r.text("series")),
            column("target", lambda r: r.text("target_text"), "", year=self.target_year),
            self._in_difficulty(self._share),
            *(self._positions() if self.over else told),
        ]

    def _in_difficulty(self, share: Callable[[Record], Share]) -> Column:
        head = say("column.share_not_reached" if self.over else "column.share_hard")
        return Column(head, lambda r: words(share(r), role="b"), align="r", sort=lambda r: share(r).number)

    def _share(self, row: Record) -> Share:
        """Areas in which a target is in difficulty, in the target year those that did not reach it, among all that can be judged."""
        return Share.of(*(_judged(row) if self.over else (in_difficulty(row), with_outlook(row))))

    def _positions(self) -> list[Column]:
        """How many areas reached each target, and how many did not."""
        return [
            count_column("areas_met", lambda r: r.whole("met_now")),
            count_column("areas_not_met", lambda r: r.whole("not_met_now")),
        ]

    def _drawn(self) -> list[Column]:
        if self.on_paper:
            return outlook_columns()
        return [column("areas_strip", strip, "figure"), column("probability_spread", self._spread, "figure")]

    def _spread(self, row: Record) -> Drawing | None:
        bins = [row.whole(name) or 0 for name in row.cells if name.startswith("p") and name[1:].isdigit()]
        return self.spread(bins, say("column.probability_spread")) if sum(bins) else None


def _province() -> Column:
    no_group = say("pages.nation.no_group")
    return column("province", lambda r: r.text("group") or no_group, sort=lambda r: r.text("group"))


def _beyond_chance(row: Record) -> bool:
    """Whether a province's share lies outside the range that chance leaves open."""
    low, share, high = (row.number(name) for name in ("low", "share", "high"))
    return low is not None and share is not None and high is not None and not low <= share <= high


def _judged(row: Record) -> tuple[int, int]:
    """Areas that did not reach a target, and those in which that can be told."""
    met, not_met = row.whole("met_now") or 0, row.whole("not_met_now") or 0
    return not_met, met + not_met


def open_nation(folder: Path, root: Path) -> NationPage:
    """The brief of the tables that a run of a panel left in ``folder``, in the language spoken."""
    info = read_json(folder / "panel.json")
    tables = {name: read_table(folder / f"{name}.csv") for name in ("targets", "groups", "areas")}
    names = {} if language() == LANGUAGES[0] else {**read_names(root), **info["english"]}
    return NationPage(info, tables, language=language(), names=names)
