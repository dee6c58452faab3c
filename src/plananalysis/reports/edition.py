"""What one edition consists of: its identity, its pages, and what stands around them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from plananalysis import __version__, tables
from plananalysis.reports import parameters
from plananalysis.text import say

LIST = "../../index.html"
FONT_CACHE = Path("data", "processed", ".cache", "fonts")  # within a project
NOTEBOOKS = {
    "overview": "3_plan_overview.ipynb",
    "data_quality": "1_data_quality.ipynb",
    "method_check": "4_method_check.ipynb",
    "domain": "2_domain_report.ipynb",
    "unit": "5_unit_report.ipynb",
}


@dataclass(frozen=True)
class Page:
    """One file of an edition, and the notebook run it comes from."""

    file: str
    kind: str
    title: str
    name: str
    notebook: Path
    parameters: dict[str, str | int]


@dataclass(frozen=True)
class Edition:
    """One area and year whose tables have been built.

    Parameters
    ----------
    info
        Content of ``edition.json``.
    """

    root: Path
    area: str
    as_of: int
    info: dict[str, Any]

    @property
    def tables(self) -> Path:
        return self.root / "data" / "processed" / self.area / str(self.as_of)

    @property
    def folder(self) -> Path:
        """Where the pages are published."""
        return self.root / "reports" / self.area / str(self.as_of)

    @property
    def name(self) -> str:
        return str(self.info.get("name", self.area))

    @property
    def fictional(self) -> bool:
        return bool(self.info.get("fictional", False))

    @cached_property
    def inputs(self) -> dict[str, str]:
        """SHA-256 of every file the pages are made from, by path in the project."""
        raw = self.root / "data" / "raw"
        paths = [
            *self.tables.glob("*"),
            raw / self.area / "area.toml",
            raw / "thresholds.toml",
            *(raw / self.area / "plan").glob("*"),
        ]
        paths += [self.root / "notebooks" / name for name in NOTEBOOKS.values()]
        return {p.relative_to(self.root).as_posix(): _digest(p) for p in sorted(set(paths)) if p.is_file()}

    @cached_property
    def id(self) -> str:
        """Names the edition and its data: equal data, equal name, whenever and wherever it was built."""
        data = {path: digest for path, digest in self.inputs.items() if not path.startswith("notebooks/")}
        return f"{self.area}-{self.as_of}-{hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:10]}"

    @cached_property
    def domains(self) -> dict[str, str]:
        """Name of every domain of the area's plan by code, in printed order."""
        path = self.root / "data" / "raw" / self.area / "plan" / "domains.csv"
        rows = tables.read_rows(path, self.root, ("domain", "plan", "name", "name_en"))
        return {row["domain"]: row["name"] for row in rows}

    @cached_property
    def units(self) -> dict[str, str]:
        """Name of every unit that answers for a series, by code, in the order of the derived plan."""
        path = self.tables / "plan.csv"
        text = tables.read_text(path, self.root) if path.is_file() else ""
        rows = csv.DictReader(io.StringIO(text, newline=""))
        pairs = [zip(r["responsible_units"].split(";"), r["responsible_names"].split(";"), strict=True) for r in rows]
        return {code: name for pair in pairs for code, name in pair if code}

    def pages(self) -> list[Page]:
        """Every page of the edition; the one that links the others comes first."""
        single = [
            ("index.html", "overview"),
            ("data_quality.html", "data_quality"),
            ("method_check.html", "method_check"),
        ]
        pages = [self._page(file, kind, say(f"reports.page.{kind}"), {}) for file, kind in single]
        pages += [self._page(f"{code}.html", "domain", name, {"domain": code}) for code, name in self.domains.items()]
        return pages + [
            self._page(f"unit.{code}.html", "unit", name, {"unit": code})
            for code, name in self.units.items()
            if (self.root / "notebooks" / NOTEBOOKS["unit"]).is_file()
        ]

    def _page(self, file: str, kind: str, name: str, extra: dict[str, str | int]) -> Page:
        notebook = self.root / "notebooks" / NOTEBOOKS[kind]
        values: dict[str, str | int] = {"area": self.area, "as_of": self.as_of, **extra}
        allowed = {"area": tables.areas(self.root), "as_of": built(self.root, self.area), "domain": list(self.domains)}
        allowed["unit"] = list(self.units)
        parameters.check(notebook, values, allowed)
        title = say(f"reports.title.{kind}", name=self.name, as_of=self.as_of, domain=name)
        return Page(file, kind, title, name, notebook, values)

    def frame(self, page: Page) -> dict[str, Any]:
        """What stands around a page's content, as ``render.Frame`` takes it."""
        links = [(LIST, say("reports.page.all_areas")), ("index.html", say("reports.page.overview"))]
        links += [(f"{kind}.html", say(f"reports.page.{kind}")) for kind in ("data_quality", "method_check")]
        return {
            "title": page.title,
            "kind": page.kind,
            "file": page.file,
            "fictional": self.fictional,
            "edition_line": say("reports.page.edition_line", name=self.name, as_of=self.as_of),
            "foot": self._foot(),
            "running_foot": f"{self.id} {say('reports.page.watermark')}" if self.fictional else self.id,
            "links": links,
        }

    def _foot(self) -> list[str]:
        lines = [say("reports.page.edition", edition=self.id, as_of=self.as_of, known_on=self.info.get("known_on", ""))]
        thresholds = self.info.get("thresholds")
        if thresholds:
            shares = {key: f"{value:.0%}" for key, value in thresholds.items() if isinstance(value, float)}
            when = thresholds.get("signed_off", "")
            signed = say("reports.page.signed_off", when=when) if when else say("reports.page.not_signed_off")
            shares |= {"clear_by": f"{thresholds['clear_by'] * 100:.0f}", "signed_off": signed}
            lines.append(say("reports.page.thresholds", **shares))
        return [*lines, say("reports.page.program", version=__version__)]


def built(root: Path, area: str) -> list[int]:
    """Years for which the tables of an area have been built."""
    folders = (root / "data" / "processed" / area).glob("*/edition.json")
    return sorted(int(f.parent.name) for f in folders if f.parent.name.isdigit())


def open_edition(root: Path, area: str, as_of: int | None = None) -> Edition:
    """The edition of a year, by default the one the area's settings name.

    Raises
    ------
    UsageError
        No such area or no such edition; the message lists those that exist.
    """
    parameters.allow("area", area, tables.areas(root))
    if as_of is None:
        as_of = int(tables.read_settings(root / "data" / "raw" / area / "area.toml", root)["as_of"])
    parameters.allow("as_of", as_of, built(root, area))
    path = root / "data" / "processed" / area / str(as_of) / "edition.json"
    return Edition(root, area, as_of, json.loads(path.read_text(encoding="utf-8")))


def chosen(editions: Sequence[Edition], domains: Sequence[str]) -> list[list[Page]]:
    """The pages to render of each edition: all, or those of some domains and the pages that speak about all of them.

    Raises
    ------
    UsageError
        A domain that none of the plans has.
    """
    known = list(dict.fromkeys(code for edition in editions for code in edition.domains))
    for code in domains:
        parameters.allow("domain", code, known)
    pages = [edition.pages() for edition in editions]
    return [
        [p for p in some if not domains or p.kind != "domain" or p.parameters["domain"] in domains] for some in pages
    ]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
