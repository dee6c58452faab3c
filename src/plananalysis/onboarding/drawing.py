"""The plan's workbook drawn: one sheet a table, each column with its hint, its example and, where the choice is closed, its list.

Equal tables give equal bytes, as every workbook of this program does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from plananalysis.base import workbooks
from plananalysis.base.text import say
from plananalysis.onboarding import words
from plananalysis.onboarding.plan_tables import COLUMNS, PlanTables
from plananalysis.onboarding.settings import KEYS, OUTLINE_KEYS
from plananalysis.plan.units import KNOWN
from plananalysis.sheets.grids import address

TITLE, HEAD, EXAMPLE, FIRST = 0, 1, 2, 3  # zero-based rows of every sheet
_SPARE = 300  # rows below the last one that have their lists, too
_WIDE = {"title", "text", "quote", "target_text", "indicator", "name", "reason", "note", "source"}
_WIDE |= {"evidence_url", "evidence_quote"}
_STYLES: dict[str, dict[str, Any]] = {
    "title": {"font_size": 14, "bold": True},
    "head": {"bold": 1, "text_wrap": 1, "border": 1, "align": "center", "valign": "vcenter", "bg_color": "#DDE6F0"},
    "example": {"italic": True, "font_color": "#7F7F7F", "border": 1, "num_format": "@"},
    "cell": {"border": 1, "num_format": "@"},
    "free": {"num_format": "@"},
    "text": {"text_wrap": True, "valign": "top"},
    "about": {"text_wrap": True, "font_color": "#595959", "border": 1},
}
# columns that name something another sheet lists: sheet, and the column there
_NAMED = {
    **{(table, "plan"): ("plans", "plan") for table in ("domains", "series", "shared", "groups")},
    **{(table, "domain"): ("domains", "name") for table in ("series", "shared")},
    **{(table, "responsible_units"): ("units", "name") for table in ("series", "shared")},
    **{(table, "series"): ("series", "series") for table in ("targets", "shared", "definitions")},
    **{("logic", side): ("series", "series") for side in ("left", "right")},
    ("series", "row"): ("series", "series"),
    ("targets", "outline"): ("outlines", "id"),
    ("targets", "reference"): ("series", "series"),
}
# a list is offered, another text is taken
_FREE = {("series", "responsible_units"), ("shared", "responsible_units"), ("series", "unit")}


def drawn(area: str, name: str, held: PlanTables, command: str) -> bytes:
    """The workbook of one area's plan.

    Parameters
    ----------
    area, name
        Code and name of the area.
    command
        How it is read back, for the instruction.
    """
    title = say("workbook.text.title", area=name or area, code=area)
    tables: dict[str, tuple[Sequence[str], Sequence[Mapping[str, Any]]]] = {"outlines": (OUTLINE_KEYS, held.outlines)}
    tables |= {table: (columns, held.rows[table]) for table, columns in COLUMNS.items()}

    def draw(book: Any, styles: Mapping[str, Any]) -> None:
        text = say("workbook.text.guide", command=command, code=area)
        _guide(book.add_worksheet(say("workbook.text.guide_sheet")), title, text, styles)
        _settings(book.add_worksheet(words.sheet_name("settings")), held.settings, styles)
        lists = _Lists()
        for table, (columns, rows) in tables.items():
            shown = [words.named(table, row, held.rows) for row in rows]
            _sheet(book.add_worksheet(words.sheet_name(table)), table, columns, shown, styles, lists)
        lists.draw(book.add_worksheet(say("workbook.text.list_sheet")))

    return workbooks.drawn(title, {"font_name": "宋体", "font_size": 10}, _STYLES, draw)


class _Lists:
    """Closed sets as columns of a hidden sheet: a list written into a rule may have 255 characters only."""

    def __init__(self) -> None:
        self._columns: dict[tuple[str, ...], int] = {}

    def of(self, items: Sequence[str]) -> str:
        """The range that holds these items."""
        column = address(0, self._columns.setdefault(tuple(items), len(self._columns)))[:-1]
        return f"='{say('workbook.text.list_sheet')}'!${column}$1:${column}${len(items)}"

    def draw(self, sheet: Any) -> None:
        for items, column in self._columns.items():
            for row, item in enumerate(items):
                sheet.write_string(row, column, item)
        sheet.hide()


def _guide(sheet: Any, title: str, text: str, styles: Mapping[str, Any]) -> None:
    sheet.set_column(0, 0, 110)
    sheet.write_string(0, 0, title, styles["title"])
    for row, line in enumerate(text.strip().splitlines(), start=2):
        sheet.write_string(row, 0, line, styles["text"])
        sheet.set_row(row, 15 * (1 + len(line) // 58))
    workbooks.on_paper(sheet)


def _settings(sheet: Any, settings: Mapping[str, Any], styles: Mapping[str, Any]) -> None:
    """One line a setting: key, content, what it means."""
    sheet.write_string(TITLE, 0, _heading("settings"), styles["title"])
    for column, (head, width) in enumerate((("item", 26), ("content", 44), ("about", 70))):
        sheet.write_string(HEAD, column, say(f"workbook.text.{head}"), styles["head"])
        sheet.set_column(column, column, width)
    for row, key in enumerate(KEYS, start=HEAD + 1):
        sheet.write_string(row, 0, f"{words.column_name('settings', key)} {key}", styles["cell"])
        value = settings.get(key, "")
        text = ";".join(map(str, value)) if isinstance(value, list) else str(value)
        text = text.lower() if isinstance(value, bool) else text
        sheet.write_string(row, 1, words.in_words("settings", key, text), styles["cell"])
        sheet.write_string(row, 2, words.hint("settings", key), styles["about"])
    for key in ("fictional", "country"):
        row = HEAD + 1 + KEYS.index(key)
        sheet.data_validation(
            row, 1, row, 1, {"validate": "list", "source": list(words.code_words("settings", key).values())}
        )
    workbooks.on_paper(sheet)


def _sheet(
    sheet: Any,
    table: str,
    columns: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    styles: Mapping[str, Any],
    lists: _Lists,
) -> None:
    last = FIRST + len(rows) + _SPARE
    sheet.write_string(TITLE, 0, _heading(table), styles["title"])
    for column, key in enumerate(columns):
        sheet.set_column(column, column, 30 if key in _WIDE else 22 if column == 0 else 14, styles["free"])
        sheet.write_string(HEAD, column, f"{words.column_name(table, key)}\n{key}", styles["head"])
        lead = say("workbook.text.example") if column == 0 else ""
        sheet.write_string(EXAMPLE, column, lead + words.example(table, key), styles["example"])
        about = words.hint(table, key)
        told = {"validate": "any", **workbooks.hint(words.column_name(table, key), about)} if about else {}
        if rule := told | _rule(table, key, lists):
            sheet.data_validation(FIRST, column, last, column, rule)
        for row, held in enumerate(rows, start=FIRST):
            text = words.in_words(table, key, str(held.get(key, "")))
            sheet.write_string(row, column, text, styles["cell"])
    sheet.set_row(HEAD, 30)
    sheet.freeze_panes(FIRST, 1)
    sheet.autofilter(HEAD, 0, max(HEAD, FIRST + len(rows) - 1), len(columns) - 1)
    workbooks.on_paper(sheet)


def _rule(table: str, column: str, lists: _Lists) -> dict[str, Any]:
    """What may be chosen in a column; {} where anything may be typed."""
    if chosen := list(words.code_words(table, column).values()):
        return {"validate": "list", "source": lists.of(chosen)}
    if (table, column) == ("series", "unit"):
        return {"validate": "list", "source": lists.of(KNOWN), "show_error": False}
    if (table, column) in _NAMED:
        other, key = _NAMED[table, column]
        keys = OUTLINE_KEYS if other == "outlines" else COLUMNS[other]
        letters = address(0, keys.index(key))[:-1]
        source = f"='{words.sheet_name(other)}'!${letters}${FIRST + 1}:${letters}${FIRST + _SPARE}"
        return {"validate": "list", "source": source, "show_error": (table, column) not in _FREE and key != "name"}
    return {}


def _heading(table: str) -> str:
    return say("workbook.text.sheet", sheet=words.sheet_name(table), what=say(f"workbook.text.what.{table}"))
