"""一页要情: what somebody with ten seconds asks of an edition, on one screen and one sheet of paper.

One sentence, four numbers, the units that must act, how many targets are expected to be met, and what changed. It stands first on the
brief and on every paper about the edition as a whole; nothing on it is said again there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from plananalysis.base.text import commaed, listed, say, sentence
from plananalysis.editions.opened import Published, Record
from plananalysis.figures.marks import ASSESSABLE, OUTLOOKS, outlook_bar
from plananalysis.pages.changes import CAUSES, nothing_changed
from plananalysis.pages.columns import column, count_column
from plananalysis.pages.counts import able, counted, outlook_counts, with_key
from plananalysis.pages.expected import binding_sentence, expected_sentence, outside_sentence
from plananalysis.pages.links import page_file, unit_link
from plananalysis.pages.missing import missing_sentence, why_missing
from plananalysis.pages.rows import alerted, binding, by_unit, in_places, late, led_by, missing_leaves, over, urgent
from plananalysis.render.blocks import Column, Drawing, Facts, Figure, Group, Paragraph, Table, Tiles, Words, words
from plananalysis.render.cuts import threshold
from plananalysis.render.quantities import Share

UNITS, NAMES = 6, 2  # units told one by one, and names told of a list
_WATCHED = ("slipping", "relapse_risk", "verify")


def one_page(edition: Published, report: bool = False) -> list[Any]:
    """The blocks of the page, in order, as the brief has it or the report; what does not apply is left out."""
    rows, blind = edition.rows, not able(edition.rows)
    made: list[Any] = [Paragraph(headline(edition), "lead headline"), Tiles(_tiles(edition))]
    if not over(edition) and not blind:
        counts = outlook_counts(rows)
        made.append(with_key(counts, counted(counts)))
    table, rest = _units(edition, report)
    facts = Facts([(say(f"brief.fact.{name}"), told) for name, told in _facts(edition)], "facts told")
    return [*made, Group([table, Paragraph(rest, "small"), facts], "essentials")]


def on_paper(edition: Published, report: bool = False) -> list[Any]:
    """The same for paper, where the bar is a figure; a report tells the distribution further on, and lists units in an annex."""
    counts = outlook_counts(edition.rows)
    told = counted(counts)
    drawn = [] if report else [Figure(Drawing(outlook_bar(counts, told, 620), told), told)]
    made = [(drawn if getattr(b, "role", "") == "counts-block" else [b]) for b in one_page(edition, report)]
    return [b for some in made for b in some]


# ---- the sentence ----------------------------------------------------------------------------------------------------


def headline(edition: Published) -> str:
    """What is reached and what needs action; where nothing is known, that, and who has to report."""
    rows = edition.rows
    met, missed, _ = in_places(rows)
    known = len(met) + len(missed)
    words = {"known": known, "met": len(met), "share": Share.of(len(met), known), "rows": len(rows)}
    words |= {"base_year": edition.base_year, "first": edition.base_year + 1}
    if over(edition):
        old = sum(late(edition, r) for r in rows)
        dated = say("evaluation.late", count=old, year=edition.target_year) if old else ""
        return sentence(say("brief.headline.ended", **words), dated, _against(edition, "missed", missed))
    if not able(rows):
        return sentence(*_blind(edition, words))
    told = [say("brief.headline.met", **words)] if known else []
    acted = hard_rows(edition) if edition.audience == "public" else urgent(edition)
    told.append(_against(edition, "act", acted) or say("brief.headline.calm"))
    unknown = len(rows) - len(able(rows))
    told += [say("brief.headline.unknown", unknown=unknown)] if unknown and not acted else []
    return sentence(*told)


def _blind(edition: Published, words: dict[str, Any]) -> list[str]:
    """Nothing can be said of any target: what there is, and who has to report."""
    told = [say(f"brief.headline.{'blind_some' if edition.since_base else 'blind'}", **words)]
    told += [say("brief.headline.met_base", **words)] if words["known"] and not edition.since_base else []
    lacking = missing_leaves(edition, edition.rows)
    if lacking:
        key = "report_public" if edition.audience == "public" else "report"
        told.append(say(f"brief.headline.{key}", count=len(lacking), led=led_by(lacking)))
    return told


def _against(edition: Published, key: str, rows: Sequence[Record]) -> str:
    """The other half of the sentence: how many rows fall short, and who leads them; the public reads of targets, not of units."""
    if not rows:
        return ""
    public = edition.audience == "public"
    told = [say(f"brief.headline.{'hard' if public and key == 'act' else key}", count=len(rows))]
    bound = 0 if public else len(binding(rows))
    told += [say("brief.headline.binding", binding=bound)] if 0 < bound < len(rows) else []
    if edition.several_units and not public:
        told.append(led_by(rows))
    elif len(rows) <= NAMES:
        return say("brief.headline.named", told=commaed(told), names=listed(r.text("name") for r in rows))
    return commaed(told)


def hard_rows(edition: Published) -> list[Record]:
    """Rows whose outlook is hard or very hard, the least likely first."""
    held = [r for r in edition.rows if r.text("outlook") in ("hard", "very_hard")]
    return sorted(held, key=lambda r: r.number("probability") or 0.0)


# ---- the numbers -----------------------------------------------------------------------------------------------------

_Tile = tuple[str, Any, Any]


def _tiles(edition: Published) -> list[_Tile]:
    if over(edition):
        return _ended_tiles(edition)
    return _tiles_of(edition) if able(edition.rows) else _blind_tiles(edition)


def _tile(name: str, number: Any, more: Any = None, **words: Any) -> _Tile:
    return say(f"brief.tile.{name}", **words), number, more


def _of(count: int) -> str:
    return say("brief.tile.of", count=count)


def _tiles_of(edition: Published) -> list[_Tile]:
    rows, counts = edition.rows, outlook_counts(edition.rows)
    assessable, fine = len(able(rows)), ("met_secure", "likely")
    unknown = OUTLOOKS[len(ASSESSABLE) :]
    more = say("brief.tile.fine_more", able=assessable, listed=counted(counts, fine))
    made = [_tile("fine", _of(sum(counts[o] for o in fine)), more)]
    if edition.audience == "public":
        cut = threshold("hard", edition.thresholds.get("hard", 0))
        hard = say("brief.tile.hard_more", year=edition.target_year, cut=cut)
        made.append(_tile("hard", _of(len(hard_rows(edition))), hard))
    else:
        acted = urgent(edition)
        parts = [(say("attribute.binding"), len(binding(acted)))]
        parts.append((say("alert.both_red"), len(alerted(acted, "both_red"))))
        of_these = listed(say("brief.tile.act_more", what=what, count=count) for what, count in parts if count)
        made.append(_tile("act", _of(len(acted)), (of_these or None) if acted else say("brief.headline.calm")))
    made.append(_changed_tile(edition))
    return [*made, _tile("unknown", _of(len(rows) - assessable), counted(counts, unknown))]


def _changed_tile(edition: Published) -> _Tile:
    year, (better, worse, newly) = edition.as_of - 1, changed(edition)
    if edition.is_first:
        return _tile("change", say("brief.tile.change_first"), None, year=year)
    if not better and not worse:
        return _tile("change", say("brief.tile.change_none"), newly_told(newly) or None, year=year)
    parts = [("better", len(better)), ("worse", len(worse))]
    shown = listed(say(f"brief.tile.{name}", count=count) for name, count in parts if count)
    more = [say("brief.tile.change_more", count=len(better) + len(worse)), newly_told(newly)]
    return _tile("change", shown, say("joint.clause").join(filter(None, more)), year=year)


def _blind_tiles(edition: Published) -> list[_Tile]:
    rows, lacking = edition.rows, missing_leaves(edition, edition.rows)
    groups, have = by_unit(lacking), sum(r.text("position") != "unknown" for r in rows)
    kinds = Counter(map(why_missing, lacking))
    base = have and not edition.since_base
    values = say(f"brief.tile.{'values_more' if base else 'values_some'}", rows=len(rows), base_year=edition.base_year)
    silent = say("brief.tile.missing_more", silent=kinds["no_observations"])
    pending = say("brief.tile.missing_pending", pending=kinds["pending"]) if kinds["pending"] else ""
    made = [
        _tile("values", _of(have), values),
        _tile("missing", _of(len(lacking)), say("joint.clause").join(filter(None, (silent, pending)))),
    ]
    if edition.audience != "public" and groups:
        most = say("brief.tile.units_more", unit=groups[0][0], count=len(groups[0][1]))
        made.append(_tile("units", say("brief.tile.number", count=len(groups)), most))
    closes = str(edition.info.get("known_on", ""))
    return [*made, (say("pages.known_on"), closes, say("brief.tile.closes_more"))]


def _ended_tiles(edition: Published) -> list[_Tile]:
    met, missed, unjudged = in_places(edition.rows)
    bound, bound_missed, rest = in_places(binding(edition.rows))
    judged, known = len(bound) + len(bound_missed), len(met) + len(missed)
    some = judged + len(rest) < len(edition.rows) and judged > 0  # of all nothing more is told
    lacking = say("brief.tile.missed_more", binding=len(bound_missed)) if some and bound_missed else None
    made = [
        _tile("reached", _of(len(met)), say("brief.tile.reached_more", known=known, share=Share.of(len(met), known))),
        _tile("missed", _of(len(missed)), lacking),
    ]
    if some:
        shown = say("brief.tile.bound_of", met=len(bound), known=judged)
        made.append(_tile("bound", shown, say("brief.tile.bound_more")))
    return [*made, _tile("unjudged", _of(len(unjudged)))]


# ---- who must act ----------------------------------------------------------------------------------------------------


def _units(edition: Published, report: bool) -> tuple[Table | None, str]:
    """The units with most to do, and how many follow elsewhere; none for the public."""
    if edition.audience == "public" or not edition.several_units:
        return None, ""
    which = "which"
    if over(edition):
        groups, caption = by_unit(in_places(edition.rows)[1]), "missed_caption"
    elif able(edition.rows):
        groups, caption = by_unit(urgent(edition)), "act_caption"
    else:
        groups, caption, which = by_unit(missing_leaves(edition, edition.rows)), "report_caption", "indicator"
    if not groups:
        return None, ""
    codes = {edition.unit_name(code): code for code in edition.unit_names}

    def bound(group: Any) -> int:
        return len({r.text("row") for r in binding(group[1])})

    columns = [
        column("unit", lambda g: unit_link(edition, codes.get(g[0], ""), g[0])),
        count_column("missing", lambda g: len(g[1])),
        count_column("act_binding", lambda g: bound(g) or None),
        Column(say(f"column.{which}"), lambda g: some_links(g[1]), 60, "l", "which"),
    ]
    made = edition.table(say(f"brief.units.{caption}"), columns, groups[:UNITS], "must-act tight")
    rest = len(groups) - UNITS
    return made, say(f"brief.units.rest{'_report' if report else ''}", count=rest) if rest > 0 else ""


def some_links(rows: Sequence[Record], most: int = NAMES) -> Words:
    """The first of some rows by name, each leading to its card."""
    shown = [words(r.text("name"), link=f"{page_file(r.text('domain'))}#{r.text('series')}") for r in rows[:most]]
    return words(words(*shown, role="list"), say("brief.others") if len(rows) > most else None)


# ---- what else -------------------------------------------------------------------------------------------------------


def _facts(edition: Published) -> list[tuple[str, Any]]:
    rows = edition.rows
    if over(edition):
        return []
    found: list[tuple[str, Any]] = []
    if told := expected_sentence(edition):
        found.append(("expected", told + binding_sentence(edition)))
        found.append(("outside", outside_sentence(edition)))
    if able(rows):
        judged = [r for r in rows if r.text("position") != "unknown"]
        if base := sum((r.whole("value_year") or 0) <= edition.base_year for r in judged):
            found.append(("basis", say("brief.base", base=base, base_year=edition.base_year)))
        found.append(("change", changes_told(edition)))
        watched = [r for r in rows if set(_WATCHED) & set(r.words("alerts")) and r not in urgent(edition)]
        if edition.audience != "public":
            found.append(("watch", names_told(watched)))
        if outlook_counts(rows)["no_data"]:
            found.append(("missing", missing_sentence(edition, missing_leaves(edition, rows))))
    return [(name, told) for name, told in found if told]


def names_told(rows: Sequence[Record]) -> str:
    """How many rows, and the first of them by name."""
    return say("brief.named", count=len(rows), names=_some([r.text("name") for r in rows])) if rows else ""


def _some(names: Sequence[str]) -> str:
    return listed(names[:NAMES]) + (say("brief.others") if len(names) > NAMES else "")


def changed(edition: Published) -> tuple[list[Record], list[Record], list[Record]]:
    """Rows whose outlook differs from the edition before: more likely now, less likely now, and those without two probabilities.

    The largest changes come first.
    """
    better: list[Record] = []
    worse: list[Record] = []
    newly: list[Record] = []
    for r in edition.records("changes"):
        before, after = r.number("from_probability"), r.number("to_probability")
        if before is None or after is None:
            newly.append(r)
        else:
            (better if after > before else worse).append(r)

    def size(r: Record) -> float:
        return -abs((r.number("to_probability") or 0.0) - (r.number("from_probability") or 0.0))

    return sorted(better, key=size), sorted(worse, key=size), newly


def newly_told(rows: Sequence[Record]) -> str:
    return say("brief.changes.newly", count=len(rows)) if rows else ""


def changes_told(edition: Published) -> str:
    """How many rows are better and worse, the largest changes by name, and why."""
    better, worse, newly = changed(edition)
    if edition.is_first or not (better or worse or newly):
        return nothing_changed(edition)

    def one(r: Record) -> str:
        before, after = (say(f"outlook_short.{r.text(f'{end}_outlook')}") for end in ("from", "to"))
        return say("brief.changes.one", name=r.text("name"), before=before, after=after)

    told = [
        say(f"brief.changes.{key}", count=len(held), names=_some([one(r) for r in held]))
        for key, held in (("better", better), ("worse", worse))
        if held
    ]
    causes = Counter(r.text("cause") for r in (*better, *worse, *newly))
    known: Callable[[str], bool] = CAUSES.__contains__
    why = listed(say("brief.changes.cause", cause=say(f"cause.{c}"), count=n) for c, n in causes.items() if known(c))
    return sentence(*filter(None, (*told, newly_told(newly), say("brief.changes.why", causes=why) if why else "")))
