"""The classes local offices report by (提前达标, 预期可达标, 达标困难, 无数据): which position and outlook falls into which.

They are data, since offices differ: ``data/raw/classes.csv``, or an area's own ``plan/classes.csv`` in its place. Reports show them
beside the outlooks; nothing depends on them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from plananalysis.base.tables import read_rows
from plananalysis.plan.findings import Findings

COLUMNS = ("class", "name", "name_en", "position", "outlook")
_POSITIONS = ("met", "not_met", "unknown")
_OUTLOOKS = ("met_secure", "met_slipping", "likely", "uncertain", "hard", "very_hard", "needs_judgement", "no_data")
Line = Mapping[str, str]


def load_classes(root: Path, area: str) -> list[dict[str, str]]:
    """The lines of the file in order; empty where there is none.

    ``position`` and ``outlook`` hold codes joined by ``;``, empty for any. The last line takes whatever is left.

    Raises
    ------
    DataError
        Lists every broken rule with file, row and column.
    """
    raw = root / "data" / "raw"
    own = raw / area / "plan" / "classes.csv"
    path = own if own.is_file() else raw / "classes.csv"
    if not path.is_file():
        return []
    rows = read_rows(path, root, COLUMNS)
    found = Findings(path.relative_to(root).as_posix())
    found.unique(rows, "class")
    for row in rows:
        found.filled(row, "class", "name", "name_en")
        for column, known in (("position", _POSITIONS), ("outlook", _OUTLOOKS)):
            for code in _codes(row[column]):
                found.closed({**row, column: code}, column, known)
    if rows and (rows[-1]["position"] or rows[-1]["outlook"]):
        found.add(rows[-1], "class", "class_rest")
    found.refuse()
    return [{c: row[c] for c in COLUMNS} for row in rows]


def class_of(lines: Sequence[Line], position: str, outlook: str) -> str:
    """Class of a row: that of the first line it fits; empty without lines.

    >>> lines = [{"class": "a", "position": "met", "outlook": ""}, {"class": "b", "position": "", "outlook": ""}]
    >>> class_of(lines, "met", "likely"), class_of(lines, "unknown", "no_data")
    ('a', 'b')
    """
    for line in lines:
        wanted = (_codes(line["position"]), position), (_codes(line["outlook"]), outlook)
        if all(not codes or held in codes for codes, held in wanted):
            return line["class"]
    return ""


def _codes(cell: str) -> list[str]:
    return [code for code in cell.split(";") if code]
