"""The page of an edition's documents: by who reads them, what is written to each unit in the order of the plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from plananalysis.base.text import catalogue, language, say
from plananalysis.render.blocks import Column, Heading, Items, Paragraph, Table, Words, words
from plananalysis.render.html import Html, html, tag
from plananalysis.reports.papers import FOLDER, INPUTS

READERS: dict[str, Sequence[str]] = {  # in the order of reading
    "leaders": ("brief.pdf", "report.docx", "report.pdf"),
    "office": ("tables.xlsx", "warning_list.docx"),
    "evaluators": (INPUTS,),
}
TO_UNITS = ("feedback", "letters")  # folders with a file for each unit


def body(late: Mapping[str, bool], units: Mapping[str, str], lacking: int, folder: Path, mode: str = "annual") -> Html:
    """Content of ``documents.html``: every document with a link, its kind and size; one that could not be renewed says so.

    Parameters
    ----------
    late
        The documents, and whether each could not be renewed.
    units
        Names of units by code, in the plan's order.
    lacking
        How many more could not be made at all.
    folder
        Where the documents lie.
    mode
        Of the edition; an evaluation's documents are called so.
    """
    parts: list[Any] = []
    for reader, names in readers(late).items():
        parts.append(Heading(1, say(f"reports.documents.reader.{reader}")))
        if reader == "units":
            parts.append(_by_unit(units, late, folder))
        else:
            parts.append(Items([_line(name, late[name], folder, mode) for name in names], "documents"))
    told = say("reports.documents.failed", count=lacking) if lacking else ""
    title = tag("h1", say("reports.documents.title"), cls="plain-title")
    return html(title, *(parts or [Paragraph(say("reports.documents.none"))]), Paragraph(told))


def readers(names: Iterable[str]) -> dict[str, list[str]]:
    """Documents by who reads them; what is newer than the list is the office's."""
    names = list(names)
    known = {name for held in READERS.values() for name in held}
    found = {reader: [n for n in held if n in names] for reader, held in READERS.items()}
    found["office"] += sorted(n for n in names if n not in known and "/" not in n)
    found["units"] = [n for n in names if "/" in n]
    return {r: found[r] for r in ("leaders", "office", "units", "evaluators") if found[r]}


def title(name: str, mode: str = "annual") -> str:
    """What a document of an edition of a mode is called; one newer than the catalogue by its file."""
    return _text(f"{name}_{mode}") or _text(name) or name


def _text(key: str) -> str | None:
    return catalogue(language()).get(f"reports.documents.{key.replace('.', '_')}")


def _line(name: str, late: bool, folder: Path, mode: str) -> Words:
    purpose = _text(f"for_{name}")
    return words(_link(name, title(name, mode), late, folder), words(purpose, role="more") if purpose else None)


def _link(name: str, text: str, late: bool, folder: Path) -> Words:
    about = [name.rpartition(".")[2].upper()]
    if (path := folder / name).is_file():
        about.append(say("reports.documents.size", size=f"{max(1, round(path.stat().st_size / 1000)):,}"))
    mark = words(say("reports.documents.late"), role="b") if late else None
    return words(words(text, link=f"{FOLDER}/{name}"), words(say("joint.list").join(about), role="more"), mark)


def _by_unit(units: Mapping[str, str], late: Mapping[str, bool], folder: Path) -> Table:
    """What is written to each unit."""

    def cell(kind: str) -> Callable[[str], Any]:
        def made(unit: str) -> Words | None:
            found = [n for n in late if n.startswith(f"{kind}/{unit}.")]
            return words(*(_link(n, title(kind), late[n], folder) for n in found)) if found else None

        return made

    kinds = [k for k in TO_UNITS if any(n.startswith(f"{k}/") for n in late)]
    columns = [Column(say("column.unit"), lambda unit: units[unit])]
    columns += [Column(title(kind), cell(kind)) for kind in kinds]
    shown = [u for u in units if any(f"/{u}." in n for n in late)]
    return Table(say("reports.documents.by_unit"), columns, shown, role="plain documents")
