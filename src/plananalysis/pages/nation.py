"""The brief over all areas of a panel, from counts alone: it is as long for thirty areas as for three thousand."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plananalysis.base.tables import read_table
from plananalysis.base.text import listed, say
from plananalysis.editions.opened import Record
from plananalysis.figures import ASSESSABLE, OUTLOOKS, outlook_bar
from plananalysis.figures.panorama import chance_spread, outlook_strip
from plananalysis.pages import common, wording
from plananalysis.render.html import Block, Column, Html, drawing, facts, html, paragraphs, table, tag

if TYPE_CHECKING:
    import pandas as pd

NARROW, SHOWN, WIDELY = 350, 15, 0.3
NAMED = 8  # areas without a result named in the text; the table holds all


@dataclass(frozen=True, repr=False)
class NationPage:
    """The tables of a panel and the pieces of its brief; ``info`` is the content of ``panel.json``."""

    info: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]

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

    @cached_property
    def targets(self) -> list[Record]:
        return [Record(row) for row in self.tables["targets"].to_dict("records")]

    @cached_property
    def groups(self) -> list[Record]:
        return [Record(row) for row in self.tables["groups"].to_dict("records")]

    def whole(self) -> Block:
        """The page, section by section."""
        sections: list[tuple[str, Callable[[], Html]]] = [
            ("outlooks", self._outlooks),
            ("hard", self._hard),
            ("groups", self._groups),
            ("targets", self._targets),
            ("data", self._data),
        ]
        heads = [html(tag("h2", say(f"pages.nation.{key}")), piece()) for key, piece in sections]
        return Block(html(self._masthead(), *heads, common.thresholds_table(self)))

    def _masthead(self) -> Html:
        info = self.info
        lines = facts(
            [
                (say("pages.nation.areas"), say("pages.nation.areas_count", count=f"{info['areas']:,}")),
                (say("pages.as_of"), say("pages.year", year=info["as_of"])),
                (say("pages.known_on"), info["known_on"]),
                (say("pages.period"), say("pages.period_of", base=info["base_year"], target=info["target_year"])),
            ],
            css="facts inline",
        )
        subtitle = say("pages.nation.subtitle", areas=f"{info['areas']:,}")
        return tag(
            "header",
            tag("h1", info["name"], cls="masthead-title"),
            tag("p", subtitle, cls="masthead-subtitle"),
            lines,
            cls="masthead",
        )

    def _outlooks(self) -> Html:
        counts = {o: sum(r.whole(o) or 0 for r in self.targets) for o in OUTLOOKS}
        able = sum(counts[o] for o in ASSESSABLE)
        hard = counts["hard"] + counts["very_hard"]
        failed = self.info["failed"]
        lead = say(
            "pages.nation.lead",
            areas=f"{self.info['areas'] - len(failed):,}",
            targets=len(self.targets),
            rows=f"{sum(counts.values()):,}",
            able=f"{able:,}",
            hard=f"{hard:,}",
            share=wording.share(hard, able),
        )
        named = listed(list(failed.values())[:NAMED])
        if len(failed) > NAMED:
            named = say("pages.city.and_others", names=named)
        left_out = say("pages.nation.failed", count=len(failed), names=named) if failed else ""
        bars = [
            tag("div", drawing(outlook_bar(counts, lead, width)), cls=css)
            for width, css in ((960, "wide-only"), (NARROW, "narrow-only"))
        ]
        key = tag("p", *[wording.outlook_key(self, o) for o in OUTLOOKS], cls="key-line")  # type: ignore[arg-type]
        return html(paragraphs([lead, left_out], css="lead"), tag("div", *bars, key, cls="counts-block"))

    def _hard(self) -> Html:
        rows = [r for r in self.targets if _able(r) and _hard(r) / _able(r) >= WIDELY]
        rows.sort(key=lambda r: (-_hard(r) / _able(r), r.text("series")))
        if not rows:
            return tag("p", say("pages.nation.hard_none"), cls="lead")
        lead = say("pages.nation.hard_lead", count=len(rows), shown=min(len(rows), SHOWN))
        text = common.caption(self, say("pages.nation.hard_caption"))  # type: ignore[arg-type]
        made = table(text, self._target_columns(), rows[:SHOWN], css="spread stack")
        return html(tag("p", lead, cls="lead"), made)

    def _groups(self) -> Html:
        def counted(outlook: str) -> Column:
            head = wording.outlook_key(self, outlook)  # type: ignore[arg-type]
            return Column(head, lambda r: f"{r.whole(outlook) or 0:,}", number=True)

        columns = [
            Column(say("pages.nation.group"), lambda r: r.text("group") or say("pages.nation.no_group")),
            Column(say("pages.nation.areas"), lambda r: r.whole("areas"), number=True),
            Column(say("pages.nation.share_hard"), lambda r: tag("b", wording.share(_hard(r), _able(r))), number=True),
            *map(counted, OUTLOOKS),
        ]
        text = common.caption(self, say("pages.nation.groups_caption"))  # type: ignore[arg-type]
        made = table(text, columns, self.groups, css="groups stack", empty=say("pages.no_rows"))
        return html(tag("p", say("pages.nation.groups_note"), cls="small"), made)

    def _targets(self) -> Html:
        text = common.caption(self, say("pages.nation.targets_caption", count=len(self.targets)))  # type: ignore[arg-type]
        return table(text, self._target_columns(), self.targets, css="spread stack")

    def _data(self) -> Html:
        rows = sum(sum(r.whole(o) or 0 for o in OUTLOOKS) for r in self.targets)
        path = f"data/processed/panels/{self.info['area']}/{self.info['as_of']}/assessments.parquet"
        return tag("p", say("pages.nation.data_note", path=path, rows=f"{rows:,}"))

    def _target_columns(self) -> list[Column]:
        cuts = [self.thresholds[n] for n in ("very_hard", "hard", "likely")]
        return [
            Column(say("pages.column.indicator"), self._name, css="name"),
            Column(say("pages.column.target", year=self.info["target_year"]), lambda r: r.text("target_text")),
            Column(say("pages.nation.share_hard"), lambda r: tag("b", wording.share(_hard(r), _able(r))), number=True),
            Column(say("pages.nation.strip"), _strip, css="figure"),
            Column(say("pages.city.spread"), lambda r: _spread(r, cuts), css="figure"),
        ]

    def _name(self, row: Record) -> Html:
        binding = wording.binding_mark(self, row)  # type: ignore[arg-type]
        return html(tag("span", row.text("series"), cls="code"), row.text("name"), binding)


def _hard(row: Record) -> int:
    return (row.whole("hard") or 0) + (row.whole("very_hard") or 0)


def _able(row: Record) -> int:
    return sum(row.whole(o) or 0 for o in ASSESSABLE)


def _strip(row: Record) -> Html:
    counts = {o: row.whole(o) or 0 for o in OUTLOOKS}
    named = [say("pages.count_of", outlook=say(f"outlook.{o}"), count=counts[o]) for o in OUTLOOKS if counts[o]]
    return drawing(outlook_strip(counts, listed(named)))


def _spread(row: Record, cuts: Sequence[float]) -> Html | str:
    bins = [row.whole(name) or 0 for name in row.cells if name.startswith("p") and name[1:].isdigit()]
    if not sum(bins):
        return wording.DASH
    return drawing(chance_spread(bins, cuts, say("pages.city.spread")))


def open_nation(folder: Path) -> NationPage:
    """The brief of the tables that a run of a panel left in ``folder``."""
    info = json.loads((folder / "panel.json").read_text(encoding="utf-8"))
    return NationPage(info, {name: read_table(folder / f"{name}.csv") for name in ("targets", "groups")})
