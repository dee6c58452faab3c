"""What a unit wrote beside the questions: in the list of questions that went back with its form, and in comments to its cells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from plananalysis.base.text import say
from plananalysis.returns.issues import SEVERITIES
from plananalysis.returns.layout import HEADER_WITHIN, plain
from plananalysis.returns.values import HALF_WIDTH
from plananalysis.sheets.grids import EMPTY, Cell, Grid, address

_BESIDE = ("change_note", "explanation", "note")  # where a line of the form holds texts of its unit
_JOINT = "；"
_NOTES = tuple(f"[{severity}] " for severity in SEVERITIES)  # how the form's own notes to its cells begin
Place = tuple[str, str, int]  # series, group, year


@dataclass(frozen=True)
class Answer:
    """A text beside a question, and the cell it stands in; ``place`` is None where the question is about no line of the form."""

    text: str
    sheet: str
    cell: str
    place: Place | None


def find_answers(grids: Sequence[Grid], groups: Mapping[str, str]) -> list[Answer]:
    """Every answer in a workbook's list of questions; the list is known by its heads, wherever it was moved.

    Parameters
    ----------
    groups
        Codes of groups by their names as in :func:`plananalysis.returns.layout.plain`.
    """
    heads = say("forms.question_columns").split("、")
    wanted = {
        plain(heads[i]): key for i, key in ((3, "series"), (5, "group"), (6, "year"), (8, "question"), (10, "answer"))
    }
    found = []
    for grid in grids:
        for i, row in enumerate(grid.rows[:HEADER_WITHIN]):
            columns = {wanted[plain(c.text)]: j for j, c in enumerate(row) if plain(c.text) in wanted}
            if len(columns) == len(wanted):
                found += _below(grid, i, columns, groups)
                break
    return found


def _below(grid: Grid, top: int, columns: Mapping[str, int], groups: Mapping[str, str]) -> list[Answer]:
    found = []
    for i in range(top + 1, len(grid.rows)):
        texts = {key: grid.cell(i, j).text for key, j in columns.items()}
        if texts["answer"]:
            year = re.fullmatch(r"([0-9]{4})(?:\.0)?", texts["year"].translate(HALF_WIDTH))
            group = groups.get(plain(texts["group"]))
            place = (texts["series"], group, int(year[1])) if year and group and texts["series"] else None
            found.append(Answer(texts["answer"], grid.name, address(i, columns["answer"]), place))
    return found


def find_comments(grid: Grid, below: int) -> dict[tuple[int, int], Answer]:
    """What a unit wrote in comments below a row of a sheet, by place; the notes the form came with are not its words."""
    found = {}
    for (row, column), text in sorted(grid.comments.items()):
        own = " ".join(line for line in text.split("\n") if not line.startswith(_NOTES))
        if row > below and own:
            found[row, column] = Answer(own, grid.name, address(row, column), None)
    return found


def answered(cells: Mapping[str, Cell], answers: Sequence[Answer]) -> dict[str, Cell]:
    """A line's cells with the answers to its questions in its explanation, each once: as if the unit had written them there."""
    said = _JOINT.join(filter(None, (cells.get(key, EMPTY).text for key in _BESIDE)))
    own = cells.get("explanation", EMPTY)
    texts = [own.text] if own.text else []
    for one in answers:
        if one.text not in said:
            texts.append(one.text)
            said = _JOINT.join(filter(None, (said, one.text)))
    return {**cells, "explanation": replace(own, raw=_JOINT.join(texts))} if texts else dict(cells)
