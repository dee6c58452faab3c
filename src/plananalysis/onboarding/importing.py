"""A table an office has, taken in as one submission: each line led to its series, each value with the cell it came from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from plananalysis.base.errors import DataError, Problem, UsageError
from plananalysis.base.names import file_part
from plananalysis.base.publication import lock
from plananalysis.base.tables import read_rows, write_atomic, write_rows
from plananalysis.base.text import say
from plananalysis.observations import as_known, load_observations
from plananalysis.onboarding.files import sheets_of
from plananalysis.onboarding.layouts import Line, lines_of
from plananalysis.onboarding.naming import Candidate, candidates, chosen
from plananalysis.plan import Plan, load_plan
from plananalysis.returns import Codebook, Issue, codebook, ledger
from plananalysis.returns.asked import TOTAL
from plananalysis.returns.decided import EVER
from plananalysis.returns.issues import ERROR
from plananalysis.returns.rows import read_row
from plananalysis.returns.values import same_unit
from plananalysis.round.signing import named

MAPPING = ("sheet", "where", "name", "unit", "years", "series", "maybe")
REGISTER = ("original", "sha256", "imported_on", "by", "observations", "values")
SOURCE = "source"  # folder of an area in which originals are kept
_COLUMNS = ("series", "year", "value", "status", "reported_at", "group", "source")


@dataclass(frozen=True)
class Proposal:
    """One line of the table, and which series it is taken to be.

    Parameters
    ----------
    series, group
        Where it goes; "" where it is not known.
    sure
        Whether that may be taken without asking.
    maybe
        The series it could be, best first.
    doubt
        Why somebody should look, in words; "" for none.
    """

    line: Line
    series: str
    group: str
    sure: bool
    maybe: tuple[Candidate, ...]
    doubt: str = ""


@dataclass(frozen=True)
class Understood:
    """A file as it was understood; nothing is stored yet."""

    file: str
    sha256: str
    data: bytes
    plan: Plan
    book: Codebook
    proposals: tuple[Proposal, ...]


@dataclass(frozen=True)
class Imported:
    """What was stored: the submission (None where nothing was new), and what was left out of it and why.

    ``closed_on`` is the day on which the area's edition closed, where the values are known only since a later one; "" otherwise.
    """

    submission: Path | None
    values: int
    same: int
    changed: int
    series: int
    issues: tuple[Issue, ...]
    closed_on: str = ""


def understand(root: Path, area: str, path: Path) -> Understood:
    """Read a table and propose which of its lines is which series.

    Raises
    ------
    UsageError
        There is no such area or file, the file holds no years, or it was imported before.
    DataError
        The file is refused, or the plan is not sound.
    """
    plan = load_plan(root, area, language="zh")
    book = codebook(root, plan)
    lines = lines_in(path)
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    for row in imported_before(root, area):
        if row["sha256"] == digest:
            raise UsageError(say("importing.error.known", file=path.name, on=row["imported_on"], by=row["by"]))
    leaves = plan.leaves()
    names = {str(code): (str(row["name"]), str(row["indicator"])) for code, row in leaves.iterrows()}
    proposals = [_proposal(line, names, book) for line in lines]
    return Understood(path.name, digest, data, plan, book, tuple(_without_rivals(proposals)))


def lines_in(path: Path) -> list[Line]:
    """Every indicator that a table tells of.

    Raises
    ------
    UsageError, DataError
        There is no such file, or it holds no years; it is refused.
    """
    lines = lines_of(sheets_of(path).grids)
    if not lines:
        raise UsageError(say("importing.error.no_years", file=path.name))
    return lines


def imported_before(root: Path, area: str) -> list[dict[str, str]]:
    """The register of files imported into an area."""
    return ledger.read(_home(root, area) / "imports.csv", root, REGISTER)


def write_mapping(understood: Understood, path: Path) -> None:
    """Write down what a file was understood to be, for somebody to correct the column ``series``."""
    rows = []
    for one in understood.proposals:
        line = one.line
        maybe = ";".join(f"{c.series} {understood.plan.series.loc[c.series, 'name']}" for c in one.maybe)
        about = {"sheet": line.sheet, "where": line.where, "name": line.called, "unit": line.unit, "maybe": maybe}
        rows.append({**about, "years": f"{line.years[0]}—{line.years[-1]}", "series": one.series if one.sure else ""})
    write_rows(rows, MAPPING, path)


def read_mapping(understood: Understood, path: Path, root: Path) -> list[Proposal]:
    """The proposals as a mapping file has them: every line of the table by sheet and address, to its series or to none.

    Raises
    ------
    DataError
        A line or a series that does not exist; all of them.
    """
    problems, wanted = [], {}
    known = {(p.line.sheet, p.line.where) for p in understood.proposals}
    for row in read_rows(path, root, (*MAPPING[:2], "series"), MAPPING):
        place = row["sheet"], row["where"]
        for wrong, column, rule in (
            (place not in known, "where", "no_line"),
            (bool(row["series"]) and understood.book.line(row["series"]) is None, "series", "no_series"),
        ):
            if wrong:
                told = [say(f"importing.error.{rule}{part}") for part in ("", "_advice")]
                problems.append(Problem(path.name, int(row["#"]), column, row[column], *told))
        wanted[place] = row["series"]
    if problems:
        raise DataError(problems)
    return [settled(understood, p, wanted.get((p.line.sheet, p.line.where), "")) for p in understood.proposals]


def settled(understood: Understood, one: Proposal, series: str) -> Proposal:
    """A proposal as somebody decided it; "" leaves the line out.

    Raises
    ------
    UsageError
        The plan does not ask for that series.
    """
    if series and understood.book.line(series) is None:
        raise UsageError(say("importing.error.no_series"))
    group = _group(one.line, series, understood.book) if series else ""
    return replace(one, series=series if group else "", group=group, sure=bool(series and group), doubt="")


def store(root: Path, area: str, understood: Understood, decided: Sequence[Proposal], by: str, on: str) -> Imported:
    """Store the values of the lines that are sure as one submission, keep the original beside it, and enter both in the register.

    Values that stand already are not reported again; a cell that is no number is left out and told.

    Parameters
    ----------
    by, on
        Who imports, and the ISO date from which the values are known.

    Raises
    ------
    UsageError
        Nobody is named, or the date is none.
    """
    named(on, by)
    rows, issues = _rows(understood, decided, on)
    held = _held(root, area, understood.plan)
    new = [r for r in rows if held.get((r["series"], r["group"], int(r["year"]))) != float(r["value"])]
    changed = sum((r["series"], r["group"], int(r["year"])) in held for r in new)
    same, series = len(rows) - len(new), len({r["series"] for r in new})
    if not new:
        return Imported(None, 0, same, 0, 0, tuple(issues))
    original = f"{understood.sha256[:8]}_{file_part(understood.file)}"
    submission = root / "data" / "raw" / area / "observations" / f"imported_{on}_{understood.sha256[:8]}.csv"
    with lock(root, area):
        write_atomic(_home(root, area) / original, understood.data)
        write_rows(new, _COLUMNS, submission)
        line = dict(zip(REGISTER, (original, understood.sha256, on, by, submission.name, str(len(new))), strict=True))
        ledger.append(_home(root, area) / "imports.csv", root, REGISTER, (), [line])
    closing = understood.plan.known_on
    return Imported(submission, len(new), same, changed, series, tuple(issues), closing if on > closing else "")


def _proposal(line: Line, names: Mapping[str, Sequence[str]], book: Codebook) -> Proposal:
    found = tuple(candidates(line.name, line.code, names))
    series, sure = chosen(found)
    if not series:
        return Proposal(line, "", "", False, found, say("importing.doubt.none"))
    asked, group = book.line(series), _group(line, series, book)
    doubt = ""
    if not group:
        doubt = say("importing.doubt.group", group=line.group)
    elif asked and line.unit and not same_unit(line.unit, asked.unit):
        doubt = say("importing.doubt.unit", unit=line.unit, wanted=asked.unit)
    elif not sure:
        doubt = say("importing.doubt.name")
    return Proposal(line, series if group else "", group, sure and not doubt, found, doubt)


def _without_rivals(proposals: Sequence[Proposal]) -> list[Proposal]:
    """Two lines of the same years for one series: which of them it is, somebody must say, unless one alone bears its very name."""
    taken: dict[tuple[str, str, int], list[Proposal]] = {}
    for one in proposals:
        for year in one.line.years if one.series else ():
            taken.setdefault((one.series, one.group, year), []).append(one)
    rivals = {id(one) for held in taken.values() if len(held) > 1 for one in held if not _alone_exact(one, held)}
    return [replace(p, sure=False, doubt=say("importing.doubt.rival")) if id(p) in rivals else p for p in proposals]


def _alone_exact(one: Proposal, held: Sequence[Proposal]) -> bool:
    exact = [p for p in held if p.maybe and p.maybe[0].score == 1.0]
    return len(exact) == 1 and exact[0] is one


def _group(line: Line, series: str, book: Codebook) -> str:
    """Code of the group a line is about, ``total`` for none; "" where the plan does not ask for it."""
    if not line.group:
        return TOTAL
    wanted = line.group.replace("性", "").replace("童", "").replace("城市", "城镇").replace("乡村", "农村")
    named = (code for code, name in book.groups.items() if wanted in (name, code))
    return next((code for code in named if book.line(series, code)), "")


def _rows(understood: Understood, decided: Sequence[Proposal], on: str) -> tuple[list[dict[str, str]], list[Issue]]:
    """Rows of the submission, and what is wrong with cells that are left out or should be looked at."""
    rows: dict[tuple[str, str, int], dict[str, str]] = {}
    issues: list[Issue] = []
    for one in decided:
        asked = understood.book.line(one.series, one.group) if one.series and one.sure else None
        if asked is None:
            continue
        for entry in sorted(one.line.entries, key=lambda e: e.year):
            where = {"series": one.line.where, "value": entry.address}
            row, wrong = read_row({"value": entry.cell}, where, asked, entry.year, understood.file, one.line.sheet)
            issues += [replace(i, about=asked.name) for i in wrong]
            if not row.usable:
                continue
            source = say("importing.source", file=understood.file, sheet=one.line.sheet, cell=entry.address)
            cells = (asked.series, str(entry.year), row.text("value"), "A", on, asked.group, source)
            rows.setdefault((asked.series, asked.group, entry.year), dict(zip(_COLUMNS, cells, strict=True)))
    order = {code: n for n, code in enumerate(understood.plan.series.index)}
    told = [i for i in issues if i.severity == ERROR or i.rule != "decimals"]
    return sorted(rows.values(), key=lambda r: (order[r["series"]], r["group"] != TOTAL, r["group"], r["year"])), told


def _held(root: Path, area: str, plan: Plan) -> dict[tuple[str, str, int], float]:
    """The newest value of every series, group and year that stands already."""
    view = as_known(load_observations(root, area), EVER, plan.until)
    held = view[view["value"].notna()]
    keys = zip(held["series"], held["group"], held["year"], strict=True)
    return {(s, g, int(y)): float(v) for (s, g, y), v in zip(keys, held["value"], strict=True)}


def _home(root: Path, area: str) -> Path:
    return root / "data" / "raw" / area / SOURCE
