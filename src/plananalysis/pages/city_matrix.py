"""Where the difficulties of a city gather: districts down, domains across."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plananalysis.base.tables import edition_folder
from plananalysis.base.text import language as spoken
from plananalysis.base.text import say
from plananalysis.editions.opened import Record
from plananalysis.pages import common, wording
from plananalysis.pages.city_tables import CityTables
from plananalysis.render.html import Column, Html, html, table, tag


def matrix(page: CityTables) -> Html:
    """Districts down, domains across: hard and very hard targets among those with an outlook."""
    cells = {(r.text("area"), r.text("domain")): r for r in page.records("matrix")}
    domains = page.records("domains")
    hard = {a: sum(in_difficulty(cells.get((a, d.text("domain")))) for d in domains) for a in page.built}
    able = {a: sum(with_outlook(cells.get((a, d.text("domain")))) for d in domains) for a in page.built}
    order = sorted(page.built, key=lambda a: (-hard[a] / max(able[a], 1), a))

    def one(domain: Record) -> Column:
        code = domain.text("domain")
        head = tag("span", domain.text("name"), cls="upright")
        return Column(html(head), lambda a: _cell(cells.get((a, code)), a, f"{code}.html", page.as_of), css="num cell")

    total = Column(say("pages.total"), lambda a: _share_cell(hard[a], able[a]), css="num cell total")
    columns = [Column(say("pages.city.district"), page.link), total, *map(one, domains)]
    sums = {d.text("domain"): _sum(cells, order, d.text("domain")) for d in domains}
    made = table(common.caption(page, say("pages.city.matrix_caption")), columns, order, css="matrix")  # type: ignore[arg-type]
    made = Html(made.replace("</table>", f"{_foot(domains, sums, hard, able)}</table>"))
    note = tag("p", say("pages.city.matrix_note"), cls="small")
    return html(note, made)


def _sum(cells: Mapping[tuple[str, str], Record], areas: Sequence[str], domain: str) -> tuple[int, int]:
    held = [cells[a, domain] for a in areas if (a, domain) in cells]
    return sum(map(in_difficulty, held)), sum(map(with_outlook, held))


def _foot(
    domains: Sequence[Record],
    sums: Mapping[str, tuple[int, int]],
    hard: Mapping[str, int],
    able: Mapping[str, int],
) -> Html:
    """All districts together, as the last line."""
    cells = [tag("td", _share_cell(*sums[d.text("domain")]), cls="num cell") for d in domains]
    total = tag("td", _share_cell(sum(hard.values()), sum(able.values())), cls="num cell total")
    return tag("tfoot", tag("tr", tag("th", say("pages.city.all"), scope="row"), total, *cells))


def in_difficulty(row: Record | None) -> int:
    """Hard and very hard targets counted in a line."""
    return 0 if row is None else (row.whole("hard") or 0) + (row.whole("very_hard") or 0)


def with_outlook(row: Record | None) -> int:
    """Targets with a stated outlook counted in a line."""
    return 0 if row is None else row.whole("able") or 0


def _cell(row: Record | None, area: str, page: str, as_of: int) -> Html:
    folder = edition_folder(as_of, spoken())
    inside = _share_cell(in_difficulty(row), with_outlook(row))
    return tag("a", inside, href=f"../../{area}/{folder}/{page}") if in_difficulty(row) else inside


def _share_cell(hard: int, able: int) -> Html:
    """``3/7``, heavier and on a darker ground the larger the share: the numbers say the same without either. A dash for none."""
    if not able:
        return html(wording.DASH)
    level = 0 if not hard else 1 if hard / able < 1 / 3 else 2 if hard / able < 2 / 3 else 3
    return tag("span", tag("b", hard) if level else html(hard), tag("span", f"/{able}", cls="of"), cls=f"lv{level}")
