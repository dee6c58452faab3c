"""What the desk's pages show."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, RedirectResponse, Response

from plananalysis import round as rounds
from plananalysis.base import tables
from plananalysis.base.text import LANGUAGES, language, translated
from plananalysis.bundles.preview import TYPES
from plananalysis.desk.door import REPORT_POLICY
from plananalysis.desk.figures import Past
from plananalysis.desk.visits import OUTBOX, Visit, first_year
from plananalysis.editions.variant import AUDIENCES, MODES, usual_language
from plananalysis.reports import listing
from plananalysis.returns import SEVERITIES, TOTAL, Asked, Issue, Return, Row, register
from plananalysis.returns.counted import read_registered
from plananalysis.returns.issues import key_text, runs
from plananalysis.round import Item, Standing
from plananalysis.round.comparing import Difference, differences

KINDS = ("error", "explain", "hint")


def areas(visit: Visit) -> Response:
    """The areas and their rounds; straight on to the only one, unless all are asked for."""
    known = visit.desk.areas()
    if len(known) == 1 and not visit.text("all"):
        return RedirectResponse(f"/{known[0]}/{first_year(visit.root, known[0])}", 303)
    listed = [(code, first_year(visit.root, code), _name(visit.root, code)) for code in known]
    return visit.page("areas.html", areas=listed)


def round_page(visit: Visit) -> Response:
    """The round at a glance."""
    rows = rounds.accountability(visit.root, visit.area, visit.year)
    due, today = rounds.due_date(visit.root, visit.area, visit.year), visit.today
    for row in rows:
        row["open"] = row["open_errors"] + row["open_questions"]
        row["timeliness"] = rounds.timeliness(row, today)
        row["state"] = _state(row)
    overdue = sum(row["timeliness"] == "overdue" for row in rows)
    counts = {state: sum(r["state"] == state for r in rows) for state in ("accept", "open", "clean", "nothing")}
    return visit.page("round.html", rows=rows, due=due, counts=counts, overdue=overdue)


def _state(row: Mapping[str, Any]) -> str:
    """What is to be done about a unit's returns, in one word."""
    if not row["received_on"]:
        return "nothing"
    return "open" if row["open"] else "accept" if row["accepted_on"] else "clean"


@dataclass(frozen=True)
class Line:
    """One line of the form, with its questions: open ones by the name under which they are waived, others with their answer."""

    asked: Asked
    row: Row | None
    past: list[tuple[int, str]]
    target: str
    figure: str
    open: list[tuple[str, Issue]]
    other: list[tuple[Issue, str]]


@dataclass(frozen=True)
class Card:
    """An indicator of a return about which something is or was asked: a line for its total and for each of its groups meant.

    ``also`` holds open questions about an indicator it is held against.
    """

    item: Item
    lines: list[Line]
    also: list[Issue]

    @property
    def name(self) -> str:
        """What a decision calls it."""
        return f"{self.item.series}/{self.item.year}"


def unit(visit: Visit) -> Response:
    """What one unit has sent, question by question."""
    code = visit.request.path_params["unit"]
    checker = rounds.Checker.load(visit.root, visit.area)
    if code not in checker.book.by_unit:
        raise HTTPException(404)
    now = [s for s in rounds.standing(visit.root, visit.area, visit.year, checker) if s.submission.unit == code]
    past = Past(checker)
    sent = rounds.versions(visit.root, visit.area, visit.year, checker)
    lines = register.entries(visit.root, visit.area)
    return visit.page(
        "unit.html",
        unit=code,
        called=translated(checker.book.unit_name(code)),
        units=[(u, translated(checker.book.unit_name(u))) for u in checker.book.by_unit],
        names={a.series: translated(a.name) for a in checker.book.lines(code)},
        returns=[(one, _cards(one, past), _unplaced(one), _changes(visit, one, checker)) for one in now],
        versions=[v for v in sent if v.submission.unit == code],
        corrections=[one for one in lines if (one.unit, one.year) == (code, visit.year) and one.entry],
        kind_of=kind_of,
    )


def kind_of(issue: Issue) -> str:
    """Severity of an issue as the catalogue calls it."""
    return KINDS[SEVERITIES.index(issue.severity)]


def _cards(one: Standing, past: Past) -> list[Card]:
    """A card for every indicator somebody has to look at, those with open questions first, then in the order of the form."""
    asked = {(a.series, a.group): a for a in past.checker.book.lines(one.submission.unit)}
    of: dict[tuple[str, int | None], list[Issue]] = {}
    for issue in one.issues:
        if issue.severity in SEVERITIES[:2] or issue.explanation:  # one that was answered is but a hint by then
            of.setdefault((issue.series, issue.year), []).append(issue)
    cards = []
    for item in one.items:
        own = of.get((item.series, item.year), [])
        groups = dict.fromkeys(i.group or TOTAL for i in own)
        lines = [_line(one, past, asked[item.series, g], item.year, own) for g in groups if (item.series, g) in asked]
        also = [i for i in item.open if i.series and i not in own]
        if lines or also:
            cards.append(Card(item, lines, also))
    return sorted(cards, key=lambda c: c.item.clean)


def _line(one: Standing, past: Past, asked: Asked, year: int, issues: Sequence[Issue]) -> Line:
    reasons = {i: r.reason for i, r in one.waived}
    place = (asked.series, asked.group)
    row = next((r for r in one.found.rows if (r.series, r.group, r.year) == (*place, year)), None)
    own = [i for i in issues if (i.group or TOTAL) == asked.group]
    still = [(key_text([i]), i) for i in own if i in one.open]
    other = [(i, reasons.get(i, i.explanation)) for i in own if i not in one.open]
    return Line(asked, row, past.before(*place, year), past.target(*place), past.figure(asked, row), still, other)


def _changes(visit: Visit, one: Standing, checker: rounds.Checker) -> list[Difference]:
    """What a return changes against the one it supersedes."""
    before = next(
        (s for s in register.submissions(visit.root, visit.area) if s.submission == one.submission.supersedes), None
    )
    told = None if before is None else read_registered(visit.root, visit.area, before, checker.book)
    return differences(told, one.found) if isinstance(told, Return) else []


def _unplaced(one: Standing) -> list[tuple[str, Issue]]:
    """What is asked about the file itself, or about a line it should not have."""
    known = {(item.series, item.year) for item in one.items}
    return [(key_text(run), run[0]) for run in runs(i for i in one.open if (i.series, i.year) not in known)]


def make(visit: Visit) -> Response:
    """Forms, letters, reports and packages: what can be made, and what lies ready."""
    made = [(folder, listing.called(run)) for folder, run in listing.runs(visit.root, visit.area)]
    waiting = sorted(_files(visit.root / OUTBOX / visit.area / str(visit.year)))
    return visit.page(
        "make.html",
        editions=made,
        waiting=[(name, quote(name)) for name in waiting],
        folder=f"{OUTBOX}/{visit.area}/{visit.year}",
        units=[(code, row["name"]) for code, row in visit.plan.units.iterrows()],
        modes=MODES,
        audiences=AUDIENCES,
        usual=usual_language(visit.root, visit.area),
    )


def job(visit: Visit) -> Response:
    """A command at work, or what became of it."""
    number = visit.request.path_params["number"]
    if not 1 <= number <= len(visit.desk.jobs.all):
        raise HTTPException(404)
    return visit.page("job.html", job=visit.desk.jobs.all[number - 1], number=number)


def outbox(visit: Visit) -> Response:
    """A file that is to be sent out."""
    return _file(visit.root / OUTBOX / visit.area / str(visit.year), visit.request.path_params["file"], saved=True)


def plan_workbook(visit: Visit) -> Response:
    """The plan's workbook as it was written last."""
    return _file(visit.root / OUTBOX / visit.area, "plan.xlsx", saved=True)


def report(visit: Visit) -> Response:
    """A page or a document of the reports."""
    return _file(visit.root / "reports", visit.request.path_params["file"])


def _file(folder: Path, asked: str, saved: bool = False) -> Response:
    """A file of a folder, found by looking for what the address names: no part of an address ever becomes a path."""
    here = folder
    for part in asked.split("/"):
        try:
            found = next((e for e in os.scandir(here) if e.name == part and _ordinary(e)), None)
        except OSError:
            found = None
        if found is None:
            raise HTTPException(404)
        here = Path(found.path)
    if not here.is_file():
        raise HTTPException(404)
    kind = TYPES.get(here.suffix, TYPES[""])
    answer = FileResponse(here, media_type=kind, filename=here.name if saved else None)
    answer.headers["Content-Security-Policy"] = REPORT_POLICY
    return answer


def _ordinary(entry: os.DirEntry[str]) -> bool:
    return not entry.name.startswith((".", "~$")) and not entry.is_symlink()


def _files(folder: Path) -> Iterator[str]:
    """Names of the files below a folder, without those that are hidden or half written."""
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        if path.is_file() and not any(part.startswith((".", "~$")) for part in name.parts):
            yield name.as_posix()


def _name(root: Path, area: str) -> str:
    settings: dict[str, Any] = tables.read_settings(root / "data" / "raw" / area / "area.toml", root)
    english = settings.get("name_en") if language() != LANGUAGES[0] else ""
    return str(english or settings.get("name", area))
