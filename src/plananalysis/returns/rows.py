"""One line of a return: its cells parsed, its status understood, and what is wrong with it seen alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from plananalysis.base.text import listed, parted, say, translated
from plananalysis.returns.asked import Asked
from plananalysis.returns.issues import ERROR, EXPLAIN, HINT, Issue, issue
from plananalysis.returns.layout import STATUS_OF, STATUS_WORDS, YES, plain
from plananalysis.returns.values import HALF_WIDTH, Parsed, decimals_of, in_unit, parse_value, same_unit, scale_of
from plananalysis.sheets.grids import EMPTY, Cell

NUMBERS = ("value", "numerator", "denominator")


@dataclass(frozen=True)
class Row:
    """A line as reported.

    Parameters
    ----------
    status
        A normal, P provisional, E estimated, B a break in definition starts here, M missing; "" when the line was left blank.
    definition
        Code of the definition in use, or the text typed; "" when none was given.
    read
        The three numbers as parsed, with their raw text.
    cells
        Address of every cell of the line, by column.
    usable
        Whether the value can be used as a number, whatever the other rules say.
    typed
        The line's texts as typed, by column: to give them back.
    """

    series: str
    group: str
    year: int
    status: str
    definition: str
    change_note: str
    explanation: str
    note: str
    read: Mapping[str, Parsed]
    cells: Mapping[str, str]
    usable: bool
    typed: Mapping[str, str]

    @property
    def blank(self) -> bool:
        """Nothing was filled in."""
        return self.status == ""

    @property
    def value(self) -> float:
        """The value; NaN when there is none or it cannot be used."""
        found = self.read["value"].value if self.usable else None
        return math.nan if found is None else found

    def count(self, name: str) -> float:
        """Numerator or denominator; NaN when there is none."""
        found = self.read[name].value
        return math.nan if found is None else found

    @property
    def answer(self) -> str:
        """Everything the unit wrote beside the numbers."""
        return "；".join(filter(None, (self.change_note, self.explanation, self.note)))

    def text(self, name: str) -> str:
        """A number written plainly; "" when there is none."""
        return self.read[name].text


def read_row(
    cells: Mapping[str, Cell], where: Mapping[str, str], line: Asked, year: int, file: str, sheet: str
) -> tuple[Row, list[Issue]]:
    """Parse a line and say what is wrong with how it is written; whether a value can be right is asked by ``checks``."""
    issues: list[Issue] = []

    def found(rule: str, column: str, severity: str = ERROR, **words: object) -> None:
        cell = cells.get(column, EMPTY)
        about = {"series": line.series, "group": line.group, "year": year, "value": cell.text}
        if rule != "change_unexplained":  # how a definition changed is said in its own column
            about["explanation"] = texts["explanation"]
        issues.append(
            issue(rule, file, severity, sheet=sheet, cell=where.get(column, where["series"]), **{**about, **words})
        )

    read = {name: parse_value(cells.get(name, EMPTY).raw, cells.get(name, EMPTY).number_format) for name in NUMBERS}
    texts = {
        k: cells.get(k, EMPTY).text for k in ("definition", "changed", "change_note", "explanation", "note", "status")
    }
    usable = read["value"].kind == "number"
    for name in NUMBERS:
        cell = cells.get(name, EMPTY)
        if cell.formula:
            if cell.raw is None:
                read[name] = Parsed("error", None, "", "", "", "", "formula_uncomputed")
                usable = usable and name != "value"
            elif read[name].kind == "number":
                found("formula", name, HINT)
        if read[name].kind == "error":
            found(f"value_{read[name].problem}", name, suggestion=read[name].suggestion)
        elif read[name].qualifier:
            found("qualifier", name, EXPLAIN, qualifier=read[name].qualifier, number=read[name].text)
    value = read["value"]
    if usable and not same_unit(value.unit, line.unit):
        meant = in_unit(value.text, value.unit, line.unit)
        found("unit_differs", "value", typed=value.unit, unit=line.unit, suggestion=meant)
        usable = False
    exact = line.unit == "万人" or (usable and cells["value"].formula)  # published as precisely as it is known
    if usable and not exact and decimals_of(value.text) > line.decimals:
        found("decimals", "value", HINT, decimals=line.decimals)
    for name in NUMBERS[1:]:
        count = read[name]
        if count.kind == "number" and count.unit in ("%", "‰", "1/10万", "万", "万人", "亿", "千"):
            found("count_unit", name, typed=count.unit, suggestion=in_unit(count.text, count.unit, ""))
            read[name] = Parsed("error", None, "", count.unit, "", count.raw, "count_unit")
        elif count.kind == "number" and (count.value or 0) < 0:
            found("count_negative", name)
        elif count.kind == "number" and count.value != math.floor(count.value or 0):
            found("count_fraction", name)
    status = _status(texts, value, found)
    definition = _definition(texts["definition"], line, found)
    if not usable and value.kind == "blank" and status != "M" and line.numerator and read["numerator"].kind == "number":
        found("value_of_counts", "value", computed=_computed(line, read))
        status = status or "A"  # the line is not blank
    row = Row(
        series=line.series,
        group=line.group,
        year=year,
        status=status,
        definition=definition,
        read=read,
        cells=dict(where),
        usable=usable and status != "M",
        typed=texts,
        **{k: texts[k] for k in ("change_note", "explanation", "note")},
    )
    return row, issues


def _status(texts: Mapping[str, str], value: Parsed, found: Callable[..., None]) -> str:
    """The status said and the value's kind, brought together; "" for a line left blank."""
    typed = texts["status"].translate(HALF_WIDTH).strip()
    said = STATUS_OF.get(typed, "")
    if typed and not said:
        found("status_unknown", "status", known=listed.told(map(translated.told, STATUS_WORDS.values())))
    changed = plain(texts["changed"]) == YES or said == "B"
    if value.kind in ("missing", "not_applicable") or (value.kind == "blank" and said in ("M", "N")):
        return "M"
    if value.kind == "tiny":
        found("value_tiny", "value")
        return said or "A"
    if value.kind == "blank":
        return said if said and said not in ("A",) else ""
    if said in ("M", "N"):
        found("missing_with_value", "status", word=STATUS_WORDS[said])
        said = "A"
    if changed:
        if not texts["change_note"]:
            found("change_unexplained", "changed", EXPLAIN)
        return f"B{said}" if said in ("P", "E") else "B"
    return said or "A"


def _definition(typed: str, line: Asked, found: Callable[..., None]) -> str:
    """Code of the definition; forms offer code and text, joined by a space."""
    known = {code for code, _ in line.definitions}
    head = typed.split(" ")[0]
    if head in known or not typed or not known:
        return head if head in known else ""
    by_text = {plain(text): code for code, text in line.definitions}
    if plain(typed) in by_text:
        return by_text[plain(typed)]
    told = (say.told("returns.definition", code=c, text=translated.told(t)) for c, t in line.definitions)
    found("definition_unknown", "definition", known=parted.told(told))
    return ""


def _computed(line: Asked, read: Mapping[str, Parsed]) -> str:
    above, below, scale = read["numerator"].value, read["denominator"].value, scale_of(line.unit)
    if not line.denominator or not below or scale is None or above is None:
        return read["numerator"].text
    return f"{above / below * scale:.{line.decimals}f}"
