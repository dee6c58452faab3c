"""The parts of a package: what refers to what, and each part streamed once."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Callable
from typing import Any
from xml.parsers import expat

from plananalysis.sheets.grids import Refused

_RELATIONS = "_rels/.rels"


def main_part(package: zipfile.ZipFile, kind: str = "/officeDocument") -> str:
    """Path of the part that a package is about."""
    for one in relations(package, ""):
        if one["Type"].endswith(kind):
            return one["Target"]
    raise Refused("file_broken")


def relations(package: zipfile.ZipFile, part: str) -> list[dict[str, str]]:
    """What a part refers to: ``Id``, ``Type``, ``Target`` as a path in the package, and ``TargetMode``."""
    home, name = posixpath.split(part)
    path = posixpath.join(home, "_rels", f"{name}.rels") if part else _RELATIONS
    found: list[dict[str, str]] = []
    if path not in package.namelist():
        return found

    def one(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship":
            target = attributes.get("Target", "")
            if attributes.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", home, target)).lstrip("/")
            found.append({"Id": "", "Type": "", **attributes, "Target": target})

    parse(package, path, one)
    return found


def parse(
    package: zipfile.ZipFile,
    part: str,
    start: Callable[[str, dict[str, str]], None] | None = None,
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Stream a part; tags and attributes come without prefixes, so that strict and transitional names are the same."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: Any) -> None:
        raise Refused("file_dtd")

    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    if start:
        parser.StartElementHandler = lambda tag, attributes: start(
            tag.rpartition(":")[2], {k.rpartition(":")[2]: v for k, v in attributes.items()} if attributes else {}
        )
    if end:
        parser.EndElementHandler = lambda tag: end(tag.rpartition(":")[2])
    if text:
        parser.CharacterDataHandler = text
    with package.open(part) as stream:
        parser.ParseFile(stream)
