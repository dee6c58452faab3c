"""The brief over all areas of a panel, from counts alone: it is as long for thirty areas as for three thousand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from plananalysis.base.tables import read_json, read_table
from plananalysis.base.text import LANGUAGES, language, listed, read_names, say
from plananalysis.editions.opened import Record
from plananalysis.figures import ASSESSABLE, OUTLOOKS
from plananalysis.pages.cells import outlook_key
from plananalysis.pages.columns import column, count_column
from plananalysis.pages.many import Overview, in_difficulty, indicator, outlooks_of, strip, with_outlook
from plananalysis.pages.masthead import period, title_block
from plananalysis.pages.thresholds import thresholds
from plananalysis.render.blocks import Column, Drawing, Heading, Paragraph, words
from plananalysis.render.html import Blocks, blocks
from plananalysis.render.quantities import Count, Share

SHOWN, WIDELY = 15, 0.3
NAMED = 8  # areas without a result named in the text; the table holds all


class NationPage(Overview):
    """The tables of a panel and the pieces of its brief; ``info`` is the content of ``panel.json``."""

    def whole(self) -> Blocks:
        """The page, section by section."""
        sections = {
            "outlooks": self._outlooks,
            "hard": self._hard,
            "groups": self._groups,
            "targets": self._targets,
            "data": self._data,
        }
        made = [b for name, piece in sections.items() for b in (Heading(1, say(f"pages.nation.{name}")), piece())]
        return blocks(self._masthead(), *made, thresholds(self))

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
        lead = say(
            "pages.nation.lead",
            areas=Count(self.info["areas"] - len(failed)),
            targets=len(targets),
            rows=Count(sum(counts.values())),
            able=Count(able),
            hard=Count(hard),
            share=Share.of(hard, able),
        )
        named = listed(list(failed.values())[:NAMED])
        named = say("pages.city.and_others", names=named) if len(failed) > NAMED else named
        left_out = say("pages.nation.failed", count=len(failed), names=named) if failed else ""
        return blocks(
            Paragraph(lead, "lead"),
            Paragraph(left_out, "lead"),
            Paragraph(self._strangers(), "lead"),
            self.bar(counts, lead),
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
        rows = [r for r in self.records("targets") if _share(r) and (_share(r).number or 0) >= WIDELY]
        rows.sort(key=lambda r: (-(_share(r).number or 0), r.text("series")))
        if not rows:
            return blocks(Paragraph(say("pages.nation.hard_none"), "lead"))
        lead = say("pages.nation.hard_lead", count=len(rows), shown=min(len(rows), SHOWN))
        made = self.table(say("pages.nation.hard_caption"), self._columns(), rows[:SHOWN], "spread stack")
        return blocks(Paragraph(lead, "lead"), made)

    def _groups(self) -> Blocks:
        def counted(outlook: str) -> Callable[[Record], Count]:
            return lambda r: Count(r.number(outlook) or 0)

        columns = [
            column("province", lambda r: r.text("group") or say("pages.nation.no_group")),
            count_column("areas"),
            _share_column(),
            *(Column(outlook_key(o), counted(o), align="r") for o in OUTLOOKS),
        ]
        rows, empty = self.records("groups"), say("pages.no_rows")
        made = self.table(say("pages.nation.groups_caption"), columns, rows, "groups stack", empty=empty)
        return blocks(Paragraph(say("pages.nation.groups_note"), "small"), made)

    def _targets(self) -> Blocks:
        rows = self.records("targets")
        caption = say("pages.nation.targets_caption", count=len(rows))
        return blocks(self.table(caption, self._columns(), rows, "spread stack"))

    def _data(self) -> Blocks:
        rows = sum(sum(outlooks_of(r).values()) for r in self.records("targets"))
        path = f"data/processed/panels/{self.info['area']}/{self.info['as_of']}/assessments.parquet"
        return blocks(Paragraph(say("pages.nation.data_note", path=path, rows=Count(rows))))

    def _columns(self) -> list[Column]:
        return [
            column("indicator", indicator),
            column("target", lambda r: r.text("target_text"), "", year=self.target_year),
            _share_column(),
            column("areas_strip", strip, "figure"),
            column("probability_spread", self._spread, "figure"),
        ]

    def _spread(self, row: Record) -> Drawing | None:
        bins = [row.whole(name) or 0 for name in row.cells if name.startswith("p") and name[1:].isdigit()]
        return self.spread(bins, say("column.probability_spread")) if sum(bins) else None


def _share(row: Record) -> Share:
    return Share.of(in_difficulty(row), with_outlook(row))


def _share_column() -> Column:
    def cell(r: Record) -> Any:
        return words(_share(r), role="b")

    return Column(say("column.share_hard"), cell, align="r")


def open_nation(folder: Path, root: Path) -> NationPage:
    """The brief of the tables that a run of a panel left in ``folder``, in the language spoken."""
    info = read_json(folder / "panel.json")
    tables = {name: read_table(folder / f"{name}.csv") for name in ("targets", "groups")}
    names = {} if language() == LANGUAGES[0] else read_names(root)
    return NationPage(info, tables, language=language(), names=names)
