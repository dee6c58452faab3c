"""What each page and each document is made from, and why it has to be made again or not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from plananalysis.base.publication import file_digest, program
from plananalysis.base.tables import read_json
from plananalysis.base.text import LANGUAGES, say
from plananalysis.editions.slices import Seen, Slice, slice_of
from plananalysis.reports.edition import Edition, Page
from plananalysis.reports.papers import unit_of

GOOD = ("rendered", "unchanged")  # states of a page that shows what it should
_SHOWN = 6  # series named per table; more are counted


@dataclass(frozen=True)
class Need:
    """Whether a file has to be made, and from what.

    Parameters
    ----------
    why
        ``same`` when it has not; else ``new``, ``retry``, ``data``, ``notebook``, ``program``, ``settings``, ``damaged`` or ``forced``.
    inputs
        Checksums of what it is made from.
    seen
        Checksums of the tables it is made from, per table one line for all series; empty when it is the same.
    changed
        Tables that changed, each with its series.
    """

    why: str
    inputs: Mapping[str, str]
    seen: Mapping[str, str] = field(default_factory=dict)
    changed: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def due(self) -> bool:
        return self.why != "same"

    @property
    def number(self) -> str:
        return self.inputs.get("data", "")

    def sentence(self, name: str) -> str:
        """Why, in one Chinese line."""
        reason = say(f"reports.why.{self.why}", LANGUAGES[0])
        if self.why == "data":
            reason += "；".join(_table(t, keys) for t, keys in self.changed.items())
        return say("reports.why.line", LANGUAGES[0], page=name, reason=reason)


def _table(name: str, keys: Sequence[str]) -> str:
    try:
        known = say(f"reports.table.{name.partition('.')[0]}", LANGUAGES[0])
    except KeyError:  # a table newer than this list
        known = name
    named = [k for k in keys if k != "*"]
    shown = "、".join(named[:_SHOWN]) + (f"等{len(named)}个" if len(named) > _SHOWN else "")
    return f"{known}（{shown}）" if shown else known


def page_need(edition: Edition, page: Page, entry: Mapping[str, Any] | None, force: bool = False) -> Need:
    """Why a page has to be rendered, ``entry`` being what the last run recorded of it."""
    view = slice_of(page.kind, page.about, edition.plan)
    seen = edition.text.seen(view, list(edition.domains.items()), edition.beyond)
    settings = {"parameters": page.parameters, "frame": edition.frame(page), "form": edition.variant.said}
    inputs = {
        "data": seen.digest,
        "notebook": file_digest(page.notebook),
        "program": program(),
        "settings": digest(settings),
    }
    return need(inputs, seen, entry, edition.folder, [page.file], force)


def paper_need(edition: Edition, paper: str, entry: Mapping[str, Any] | None, force: bool = False) -> Need:
    """The same for a document; what is sent to a unit is made from the unit's slice alone."""
    unit = unit_of(paper)
    view = slice_of("unit", unit, edition.plan) if unit else Slice("documents")
    seen = edition.text.seen(view, list(edition.domains.items()), edition.beyond, edition.earlier)
    settings = {"plan": edition.raw, "form": edition.variant.said}
    inputs = {"data": seen.digest, "program": program(), "settings": digest(settings)}
    files = [f"documents/{name}" for name in (entry or {}).get("files", {})]
    return need(inputs, seen, entry, edition.folder, files, force)


def need(
    inputs: Mapping[str, str],
    seen: Seen | None,
    entry: Mapping[str, Any] | None,
    folder: Path,
    files: Sequence[str],
    force: bool,
) -> Need:
    """Compare what a file would be made from with what it was made from."""

    def due(why: str, changed: Mapping[str, Sequence[str]] = MappingProxyType({})) -> Need:
        return Need(why, inputs, seen.as_record() if seen else {}, changed)

    if entry is None or "inputs" not in entry:
        return due("new")
    if force:
        return due("forced")
    if entry["status"] not in GOOD:
        return due("retry")
    for kind in ("program", "data", "notebook", "settings"):
        if inputs.get(kind) != entry["inputs"].get(kind):
            return due(kind, seen.changed(entry.get("seen", {})) if seen else {})
    held = entry["files"] if "files" in entry else {entry.get("file", ""): entry.get("sha256")}
    names = [name.removeprefix("documents/") if "files" in entry else name for name in files]
    for name, path in zip(names, files, strict=True):
        if not (folder / path).is_file() or file_digest(folder / path) != held.get(name):
            return due("damaged")
    return Need("same", inputs)


def made_from(edition: Edition) -> dict[str, str]:
    """SHA-256 of every raw file the edition's tables were derived from, by path in the project."""
    path = edition.tables / "inputs.json"
    found = read_json(path) if path.is_file() else edition.info
    return dict(sorted((found.get("inputs") or {}).items()))


def files_of(edition: Edition) -> dict[str, str]:
    """SHA-256 of every file the pages themselves are made from, by path in the project."""
    raw = edition.root / "data" / "raw"
    paths = [
        *edition.tables.glob("*"),
        raw / edition.area / "area.toml",
        raw / "thresholds.toml",
        *(raw / edition.area / "plan").glob("*"),
    ]
    named = {p.relative_to(edition.root).as_posix(): p for p in paths if p.is_file()}
    named |= {f"notebooks/{page.notebook.name}": page.notebook for page in edition.pages}
    return {name: file_digest(path) for name, path in sorted(named.items())}


def digest(value: object) -> str:
    """SHA-256 of anything JSON can hold."""
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, sort_keys=True, default=str).encode()).hexdigest()
