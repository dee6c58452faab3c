"""Owns the raw table ``area_changes.csv``: areas renamed, merged, split or with other boundaries, with their dates.

As in DHIS2 a unit opens and closes on a day, and as in the histories of NUTS codes a row says what became what. A change counts from the
data year in which it happened, for figures of a year are given for the territory at its end. Nothing here loads pandas.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plananalysis.base import tables
from plananalysis.base.errors import DataError, Problem
from plananalysis.base.spreadsheets import as_date, iso_date
from plananalysis.base.text import listed, say

FILE = "area_changes.csv"
COLUMNS = ("date", "kind", "from", "to", "treatment", "source")
OPTIONAL = ("from_names", "to_names", "note")
KINDS = ("renamed", "merged", "split", "boundary")
TREATMENTS = ("joined", "broken")


@dataclass(frozen=True)
class AreaChange:
    """One row of the table.

    Parameters
    ----------
    row
        As a spreadsheet counts it.
    before, after
        Codes of the areas until the change and from it on; an area that goes on under its code stands in both.
    joined
        Whether the history before is carried on: counts added up, rates from their sums. Otherwise a new segment begins.
    names
        What areas were called that have no folder, or other names then, by ``from`` or ``to`` and code.
    """

    file: str
    row: int
    day: str
    kind: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    joined: bool
    source: str
    names: Mapping[tuple[str, str], str]

    @property
    def year(self) -> int:
        """First data year on the new territory."""
        return int(self.day[:4])

    @property
    def closed(self) -> tuple[str, ...]:
        return tuple(a for a in self.before if a not in self.after)

    @property
    def opened(self) -> tuple[str, ...]:
        return tuple(a for a in self.after if a not in self.before)

    @property
    def same_place(self) -> bool:
        """Whether values before and after are of the same territory, or of one declared to be as good as the same."""
        return self.joined and self.kind in ("renamed", "boundary")

    def problem(self, column: str, key: str, found: str = "", /, **words: Any) -> Problem:
        """A rule that this row breaks."""
        return _problem(self.file, self.row, column, found, key, **words)


def read_changes(root: Path, panel: str = "") -> tuple[AreaChange, ...]:
    """Every change of a project's areas, or of the areas of one ``panel``, in the order of their dates; none without the file.

    Raises
    ------
    DataError
        Lists every broken rule: words and dates that are none, unknown areas, an area that appears after it ended or ends twice, cycles,
        and kinds of change without the areas they need.
    """
    path = root / "data" / "raw" / panel / FILE
    if not path.is_file():
        return ()
    name = path.relative_to(root).as_posix()
    problems: list[Problem] = []
    made = [one for row in tables.read_rows(path, root, COLUMNS, OPTIONAL, {"date": as_date})
            if (one := _change(name, row, problems))]  # fmt: skip
    made.sort(key=lambda c: (c.day, c.row))
    problems += [*_unknown(made, _known(root, panel)), *_order(made)]
    if problems:
        raise DataError(sorted(problems, key=lambda p: p.row))
    return tuple(made)


def of_area(changes: Iterable[AreaChange], area: str) -> list[AreaChange]:
    """Changes that an area came out of, oldest first."""
    return [c for c in changes if area in c.after]


def predecessors(changes: Sequence[AreaChange], area: str) -> list[str]:
    """Areas whose data an area's history may rest on, those of the newest change first."""
    found: dict[str, None] = {}
    wanted = [area]
    while wanted:
        held = wanted.pop(0)
        for change in reversed(of_area(changes, held)):
            new = [a for a in change.before if change.joined and a != area and a not in found]
            found |= dict.fromkeys(new)
            wanted += new
    return list(found)


def absent(changes: Iterable[AreaChange], as_of: int) -> set[str]:
    """Areas that do not exist in a data year: closed by then, or not opened yet."""
    held = list(changes)
    closed = {a for c in held if c.year <= as_of for a in c.closed}
    return closed | {a for c in held if c.year > as_of for a in c.opened}


def gone(root: Path) -> list[str]:
    """Areas of a project that do not exist in the data year of their own settings: nobody reports on them any more, or yet."""
    if not (changes := read_changes(root)):
        return []
    found = []
    for area in tables.areas(root):
        with suppress(DataError):  # what is wrong with its settings, its own run says
            as_of = tables.read_settings(root / "data" / "raw" / area / "area.toml", root).get("as_of")
            if isinstance(as_of, int) and area in absent(changes, as_of):
                found.append(area)
    return found


def other_place(changes: Iterable[AreaChange], as_of: int) -> set[str]:
    """Areas that are on another territory in a data year than in the year before: they are not compared with themselves then."""
    return {a for c in changes if c.year == as_of and not c.same_place for a in c.after}


def _change(file: str, row: Mapping[str, str], problems: list[Problem]) -> AreaChange | None:
    """A row as a change; None where it breaks a rule by itself."""
    wrong: list[tuple[str, str, dict[str, Any]]] = []
    before, after = (tuple(filter(None, (c.strip() for c in row[side].split(";")))) for side in ("from", "to"))
    for column, allowed in (("kind", KINDS), ("treatment", TREATMENTS)):
        if row[column] not in allowed:
            wrong.append((column, "closed_set", {"allowed": listed(allowed)}))
    if not iso_date(row["date"]):
        wrong.append(("date", "date", {}))
    wrong += [(c, "empty", {}) for c, held in (("from", before), ("to", after), ("source", row["source"])) if not held]
    wrong += [(c, "twice", {}) for c, held in (("from", before), ("to", after)) if len(set(held)) < len(held)]
    needs = {"renamed": len(before) == len(after) == 1, "merged": len(before) > 1 and len(after) == 1,
             "split": len(before) == 1 and len(after) > 1, "boundary": set(before) == set(after)}  # fmt: skip
    if before and after and not needs.get(row["kind"], True):
        wrong.append(("to", f"needs.{row['kind']}", {}))
    if (row["kind"], row["treatment"]) == ("split", "joined"):
        wrong.append(("treatment", "split_joined", {}))
    names: dict[tuple[str, str], str] = {}
    for side, codes in (("from", before), ("to", after)):
        told = [n.strip() for n in row[f"{side}_names"].split(";")] if row[f"{side}_names"] else []
        if told and len(told) != len(codes):
            wrong.append((f"{side}_names", "names", {"count": len(codes)}))
        names |= {(side, code): name for code, name in zip(codes, told, strict=False) if name}
    problems += [_problem(file, int(row["#"]), c, row[c], key, **words) for c, key, words in wrong]
    if wrong:
        return None
    joined = row["treatment"] == "joined"
    return AreaChange(file, int(row["#"]), row["date"], row["kind"], before, after, joined, row["source"], names)


def _known(root: Path, panel: str) -> set[str]:
    """Codes that areas may be called by."""
    if panel:
        path = root / "data" / "raw" / panel / tables.PANEL_AREAS
        return {row["area"] for row in tables.read_rows(path, root, tables.AREA_COLUMNS, tables.AREA_MAY)}
    return {p.name for p in (root / "data" / "raw").iterdir() if p.is_dir()}


def _unknown(made: Sequence[AreaChange], known: Collection[str]) -> list[Problem]:
    return [
        change.problem(side, "unknown", code)
        for change in made
        for side, codes in (("from", change.before), ("to", change.after))
        for code in codes
        if code not in known and (side, code) not in change.names
    ]


def _order(made: Sequence[AreaChange]) -> list[Problem]:
    """Changes that cannot follow each other."""
    problems: list[Problem] = []
    opened: dict[str, AreaChange] = {}
    ended: dict[str, AreaChange] = {}
    last: dict[str, AreaChange] = {}
    older: dict[str, set[str]] = {}  # by area all it came out of
    for change in made:
        came = {a for b in change.before for a in ({b} | older.get(b, set()))}
        for side, code in [("from", c) for c in change.before] + [("to", c) for c in change.opened]:
            if code in ended:
                cycle = side == "to" and code in came
                problems.append(change.problem(side, "cycle" if cycle else "ended", code, row=ended[code].row))
            elif side == "to" and code in last:
                problems.append(
                    change.problem(side, "opened" if code in opened else "before", code, row=last[code].row)
                )
            elif code in last and last[code].day == change.day:
                problems.append(change.problem(side, "same_day", code, row=last[code].row))
        opened |= dict.fromkeys(change.opened, change)
        ended |= dict.fromkeys(change.closed, change)
        last |= dict.fromkeys((*change.before, *change.after), change)
        for code in change.after:
            older[code] = older.get(code, set()) | (came - {code})
    return problems


def _problem(file: str, row: int, column: str, found: str, key: str, /, **words: Any) -> Problem:
    rule, advice = (say(f"area_changes.{key}.{part}", **words) for part in ("rule", "advice"))
    return Problem(file, row, column, found, rule, advice)
