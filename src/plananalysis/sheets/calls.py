"""What in a workbook reaches out of it when somebody opens it: other files, programs, addresses. Each is refused by name."""

from __future__ import annotations

import re
import zipfile

from plananalysis.sheets.grids import Refused
from plananalysis.sheets.parts import parse, relations

_PARTS = {
    **{"externallinks/": "externalBook", "embeddings/": "ole", "activex/": "activeX", "customui": "customUI"},
    **{"connections.": "connection", "querytables/": "connection", "webextensions/": "webExtension"},
    **{"volatiledependencies": "rtd", "/model/": "connection", "ctrlprops/": "control"},
}
_HARMLESS = ("/hyperlink",)  # followed only when somebody clicks on it
_FORMULA_TAGS = ("f", "formula", "formula1", "formula2", "definedName", "calculatedColumnFormula")
_FUNCTIONS = (
    *("WEBSERVICE", "FILTERXML", "RTD", "CALL", "REGISTER.ID", "EXEC", "IMAGE", "SQL.REQUEST", "STOCKHISTORY"),
    *("IMPORTDATA", "IMPORTXML", "IMPORTHTML", "DDE", "PY"),
)
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_FUNCTION = re.compile(
    rf"(?<![A-Z0-9_])(?:_xl(?:fn|ws|udf)\.)*({'|'.join(map(re.escape, _FUNCTIONS))})(?:\s*\(|\x00|$)", re.I
)
_DDE = re.compile(r"[\w'.]\s*\|\s*['\"\w/].*?!", re.DOTALL)
# [1]表!A1, 'C:\x\[表.xlsx]表'!A1; names of tables hold brackets, too, but right behind a word, and no mark behind
_BOOK = re.compile(
    r"(?<![\w\]\[,])\[[^\[\]]+\][^\[\]!(),;+*=<>&]*!|'[^']*\[[^\[\]']+\][^']*'\s*!|'?(?:file|https?)://", re.I
)


def refuse_calls(package: zipfile.ZipFile, budget: int) -> None:
    """Refuse an XLSX package that holds parts, links or formulas reaching out of it.

    Parameters
    ----------
    budget
        Characters of formulas to look at; a form has a few thousand.

    Raises
    ------
    Refused
        ``file_calls``, with what it is.
    """
    names = package.namelist()
    for name in names:
        for part, what in _PARTS.items():
            if part in name.lower():
                raise Refused("file_calls", what=what, where=name)
    for name in names:
        if name.lower().endswith(".rels"):
            _refuse_links(package, name)
    for name in names:
        if name.lower().endswith(".xml") and name.startswith("xl/") and "/media/" not in name:
            budget = _refuse_formulas(package, name, budget)


def refuse_formula(formula: str, where: str = "") -> None:
    """Refuse a formula that fetches, starts or reads something outside its workbook.

    Raises
    ------
    Refused
        ``file_calls``.
    """
    bare = _QUOTED.sub('""', formula)
    if found := _FUNCTION.search(bare):
        raise Refused("file_calls", what=found[1].upper(), where=where)
    if _DDE.search(bare):
        raise Refused("file_calls", what="DDE", where=where)
    if _BOOK.search(bare):
        raise Refused("file_calls", what="externalBook", where=where)


def _refuse_links(package: zipfile.ZipFile, name: str) -> None:
    home, _, own = name.rpartition("_rels/")
    for one in relations(package, f"{home}{own.removesuffix('.rels')}"):
        if one.get("TargetMode") == "External" and not one["Type"].endswith(_HARMLESS):
            raise Refused("file_calls", what="externalLink", where=one["Target"][:80])
        if one["Type"].endswith(("/oleObject", "/control", "/externalLink", "/activeXControlBinary")):
            raise Refused("file_calls", what="ole", where=one["Target"][:80])


def _refuse_formulas(package: zipfile.ZipFile, name: str, budget: int) -> int:
    content = package.read(name)
    if not re.search(
        rb"<(?:\w+:)?(?:f|formula[12]?|definedName|calculatedColumnFormula|ddeLink|oleObjects?|controls?)[ >]", content
    ):
        return budget
    place, inside = "", False
    formula: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal place, inside
        if tag == "c":
            place = attributes.get("r", "")
        elif tag in ("ddeLink", "oleObject", "oleObjects", "control", "controls"):
            raise Refused("file_calls", what="DDE" if tag == "ddeLink" else "ole", where=name)
        inside = tag in _FORMULA_TAGS

    def end(_: str) -> None:
        nonlocal inside, budget
        if inside and formula:
            text = "".join(formula)
            budget -= len(text)
            if budget < 0:
                raise Refused("file_cells", limit="")
            refuse_formula(text, place)
        formula.clear()
        inside = False

    parse(package, name, start, end, lambda text: formula.append(text) if inside else None)
    return budget
