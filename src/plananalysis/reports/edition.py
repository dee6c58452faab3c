"""What one edition consists of: its identity, its pages, and what stands around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from plananalysis import __version__
from plananalysis.base import tables
from plananalysis.base.publication import file_digest
from plananalysis.base.tables import read_json
from plananalysis.base.text import LANGUAGES, say, span, translated
from plananalysis.editions.called import brief_title, domains_of, plans_name
from plananalysis.editions.slices import Tables, words
from plananalysis.editions.variant import AUDIENCES, MODES, Variant, allow, allow_mode, edition_name, modes_of
from plananalysis.render import cuts
from plananalysis.reports import parameters

LIST = {"zh": "../../index.html", "en": "../../index.en.html"}
DOCUMENTS = "documents.html"
_SINGLE = {"overview": "index.html"} | {k: f"{k}.html" for k in ("indicators", "data_quality", "method_check")}
_COMPARED = ("assessments.csv", "earlier.csv", "retrospective.csv", "edition.json")
NOTEBOOK = ".ipynb"  # how the files end
NOTEBOOKS = {
    "overview": "3_plan_overview.ipynb",
    "data_quality": "1_data_quality.ipynb",
    "method_check": "4_method_check.ipynb",
    "indicators": "7_indicators.ipynb",
    "domain": "2_domain_report.ipynb",
    "unit": "5_unit_report.ipynb",
}


@dataclass(frozen=True)
class Page:
    """One file of an edition, and the notebook run it comes from; ``about`` is the code of its domain or unit."""

    file: str
    kind: str
    about: str
    title: str
    name: str
    notebook: Path
    parameters: dict[str, str | int]


@dataclass(frozen=True)
class Edition:
    """One area and year whose tables have been built, in one form.

    Parameters
    ----------
    info
        Content of ``edition.json``.
    """

    root: Path
    area: str
    as_of: int
    info: dict[str, Any]
    variant: Variant = field(default_factory=Variant)

    @property
    def tables(self) -> Path:
        return self.root / "data" / "processed" / self.area / edition_name(self.as_of, self.variant.outline)

    @property
    def folder(self) -> Path:
        """Where the pages are published."""
        return self.root / "reports" / self.area / f"{self.as_of}{self.variant.suffix}"

    @property
    def id(self) -> str:
        """Names the edition; which data a page shows, its own number tells."""
        return f"{self.area}-{self.folder.name}"

    @property
    def name(self) -> str:
        named = self.info.get("name_en") if self.variant.language != LANGUAGES[0] else None
        return str(named or self.info.get("name") or self.area)

    @property
    def period(self) -> str:
        """The plan period as lists show it: its years, where ids need not say them."""
        if self.info.get("beside"):
            return span(int(self.info["base_year"]) + 1, int(self.info["target_year"]))
        return str(self.info.get("outline") or "")

    @property
    def plans(self) -> str:
        """What its plans are called together."""
        return plans_name(self.info)

    @property
    def fictional(self) -> bool:
        return bool(self.info.get("fictional", False))

    @cached_property
    def text(self) -> Tables:
        """The derived tables as text."""
        return Tables(self.tables)

    @cached_property
    def plan(self) -> list[dict[str, str]]:
        """Rows of the derived plan as text."""
        return self.text.rows("plan")

    @cached_property
    def raw(self) -> dict[str, str]:
        """SHA-256 of the raw files that documents read beside the derived tables, by path in ``data/raw``."""
        raw = self.root / "data" / "raw"
        home = raw / self.area
        paths = [home / name for name in ("area.toml", "actions.csv", "returns/rounds.csv")]
        paths += [raw / "thresholds.toml", raw / "groups.csv", *(home / "plan").glob("*")]
        return {p.relative_to(raw).as_posix(): file_digest(p) for p in sorted(paths) if p.is_file()}

    @cached_property
    def beyond(self) -> list[str]:
        """What a form's content depends on beyond its slice: withheld values on all values, an evaluation on earlier years, English on the names."""
        needed = []
        if self.variant.audience == "public":  # earlier values too
            needed += [self.tables / name for name in ("observations.csv", "plan.csv", "inputs.json")]
        if self.variant.language != LANGUAGES[0]:
            needed.append(self.root / "data" / "raw" / "english.csv")
        found = [file_digest(path) for path in needed if path.is_file()]
        return found + (self.earlier if self.variant.mode != MODES[0] else [])

    @cached_property
    def earlier(self) -> list[str]:
        """The verdicts of the period's earlier editions, and of the finished national outline, which evaluations compare with."""
        home = self.tables.parent
        years = range(int(self.info.get("base_year") or self.as_of) + 1, self.as_of)
        names = [edition_name(year, outline) for year in years for outline in dict.fromkeys(("", self.variant.outline))]
        folders = [home / name for name in names]
        if self.variant.mode != MODES[0]:
            folders += sorted(p.parent for p in (home.parent / "china").glob("*/edition.json"))
        paths = [folder / file for folder in folders for file in _COMPARED]
        return [f"{p.relative_to(home.parent).as_posix()}:{file_digest(p)}" for p in paths if p.is_file()]

    @cached_property
    def domains(self) -> dict[str, str]:
        """Name of every domain of the area's plan by code, in printed order."""
        rows = domains_of(self.root, self.area, self.info)
        column = "name" if self.variant.language == LANGUAGES[0] else "name_en"
        return {row["domain"]: row[column] or row["name"] for row in rows}

    @cached_property
    def units(self) -> dict[str, str]:
        """Name of every unit that answers for a series, by code, in the order of the derived plan."""
        pairs = [zip(words(r["responsible_units"]), words(r["responsible_names"]), strict=True) for r in self.plan]
        return {code: translated(name) for pair in pairs for code, name in pair}

    @cached_property
    def pages(self) -> list[Page]:
        """Every page of the edition; the one that links the others comes first."""
        made = [self._page(file, kind, "", say(f"reports.page.{kind}")) for kind, file in _SINGLE.items()]
        made += [self._page(f"{code}.html", "domain", code, name) for code, name in self.domains.items()]
        if self.variant.audience == "internal":
            made += [self._page(f"unit.{code}.html", "unit", code, name) for code, name in self.units.items()]
        return made

    def _page(self, file: str, kind: str, about: str, name: str) -> Page:
        notebook = tables.notebook(self.root, NOTEBOOKS[kind])
        values: dict[str, str | int] = {"area": self.area, "as_of": self.as_of}
        values |= {kind: about} if about else {}
        declared = parameters.declared(notebook)
        # as notebooks called it before 0.2
        mode = "edition" if "edition" in declared and "mode" not in declared else "mode"
        asked: dict[str, str | int] = {"language": self.variant.language, "audience": self.variant.audience}
        asked |= {mode: self.variant.mode, **({"outline": o} if (o := self.variant.outline) else {})}
        # the usual form needs no words: an older notebook still serves for it
        values |= {k: v for k, v in asked.items() if k in declared or v not in (LANGUAGES[0], AUDIENCES[0], MODES[0])}
        parameters.check(notebook, values, {"domain": list(self.domains), "unit": list(self.units)})
        title = self._title(kind, name)
        return Page(file, kind, about, title, name, notebook, values)

    def _title(self, kind: str, name: str) -> str:
        """Title of a page's window, by what its edition calls itself."""
        mode = self.variant.mode
        if kind == "overview":
            return brief_title(self.name, self.plans, self.as_of, mode, self.variant.audience)
        key = kind if kind != "domain" or mode == MODES[0] else f"{kind}_{mode}"
        return say(f"reports.title.{key}", name=self.name, as_of=self.as_of, domain=name)

    def frame(self, page: Page | None = None, number: str = "") -> dict[str, Any]:
        """What stands around a page's content, as ``render.Frame`` takes it.

        Parameters
        ----------
        page
            The page; None for one that no notebook makes.
        number
            Checksum of what the page is made from; its first digits stand in the foot, but not for the public, who could
            otherwise try which of the few counts that are withheld gives it.
        """
        number = "" if self.variant.audience == "public" else number[:10]
        home = LIST[self.variant.language]
        alike = {"domain": [(f"{code}.html", name) for code, name in self.domains.items()]}
        if self.variant.audience == "internal":
            alike["unit"] = [(f"unit.{code}.html", name) for code, name in self.units.items()]
        links: list[tuple[Any, str]] = [
            (home, say("reports.page.all_areas")),
            (f"{home}#find", say("reports.page.find")),
            ("index.html", say("reports.page.overview")),
            *((pairs, say(f"reports.page.{kind}s")) for kind, pairs in alike.items() if pairs),
            *((file, say(f"reports.page.{kind}")) for kind, file in _SINGLE.items() if kind != "overview"),
            (DOCUMENTS, say("reports.page.documents")),
        ]
        running = " ".join(p for p in (self.id, number) if p)
        return {
            "title": page.title if page else "",
            "kind": page.kind if page else "list",
            "file": page.file if page else "",
            "audience": "" if self.variant.audience == AUDIENCES[0] else self.variant.audience,
            "fictional": self.fictional,
            "edition_line": say("reports.page.edition_line", name=self._named, as_of=self.as_of),
            "foot": self._foot(number),
            "running_foot": f"{running} {say('pages.fictional')}" if self.fictional else running,
            "links": links,
            "turns": _turns(alike[page.kind], page.file) if page and page.kind in alike else [],
        }

    @property
    def _named(self) -> str:
        """The area; with its plans where others have an edition beside."""
        return say("reports.list.of_plans", area=self.name, plans=self.plans) if self.info.get("beside") else self.name

    def _foot(self, number: str) -> list[str]:
        known_on = self.info.get("known_on", "")
        lines = [say("reports.page.edition", edition=self.id, as_of=self.as_of, known_on=known_on)]
        if number:
            lines[0] += say("reports.page.number", number=number)
        thresholds = self.info.get("thresholds")
        if thresholds:
            lines.append(cuts.signed(thresholds))
        return [*lines, say("reports.page.program", version=__version__)]


def _turns(pages: Sequence[tuple[str, str]], here: str) -> list[tuple[str, str]]:
    """The page before and the page after one, each with words."""
    place = [file for file, _ in pages].index(here)
    sides = (("before", place - 1, place > 0), ("after", place + 1, place + 1 < len(pages)))
    return [
        (pages[n][0], say(f"reports.page.{side}", name=pages[n][1])) if there else ("", "") for side, n, there in sides
    ]


def built(root: Path, area: str) -> list[int]:
    """Years for which the tables of an area have been built, be it of one plan period of several."""
    folders = [f.parent.name for f in (root / "data" / "processed" / area).glob("*/edition.json")]
    years = {name.partition("-")[0] for name in folders}
    return sorted(int(year) for year in years if year.isdigit())


def open_edition(root: Path, area: str, as_of: int | None = None, variant: Variant | None = None) -> Edition:
    """The edition of a year, by default the one the area's settings name, in one form.

    Raises
    ------
    UsageError
        No such area, no such edition, or a form its year does not allow; the message lists what there is.
    """
    variant = variant or Variant()
    allow("area", area, tables.areas(root))
    if as_of is None:
        as_of = int(tables.read_settings(root / "data" / "raw" / area / "area.toml", root)["as_of"])
    allow("as_of", as_of, built(root, area))
    folder = root / "data" / "processed" / area / edition_name(as_of, variant.outline)
    if not (folder / "edition.json").is_file():
        there = [p.parent.name for p in folder.parent.glob(f"{as_of}-*/edition.json")]
        allow("outline", variant.outline, [name.removeprefix(f"{as_of}-") for name in there])
    info = read_json(folder / "edition.json")
    if end := info.get("target_year"):
        allow_mode(variant.mode, as_of, int(end))
    return Edition(root, area, as_of, info, variant)


def open_editions(root: Path, area: str, as_of: int | None, variant: Variant) -> list[Edition]:
    """The editions of a year in one form, one for each plan period whose tables have been built, the area's first one first.

    What is asked of the one is not always what the other can be: where a plan has come to its target year and is evaluated at its end,
    those that go on are monitored as in any year, and so is one that is over while others are at mid-term.

    Raises
    ------
    UsageError
        As :func:`open_edition`; a form that the year of none allows.
    """
    plain = replace(variant, mode=MODES[0])
    first = open_edition(root, area, as_of, plain)
    names = [one["id"] for one in first.info.get("beside", ())]
    there = [one for one in names if (first.tables.parent / edition_name(first.as_of, one) / "edition.json").is_file()]
    found = [first, *(open_edition(root, area, first.as_of, replace(plain, outline=one)) for one in there)]
    able = [e for e in found if variant.mode in modes_of(e.as_of, int(e.info.get("target_year", e.as_of)))]
    if not able:
        return [open_edition(root, area, as_of, variant)]
    return [replace(e, variant=replace(e.variant, mode=variant.mode)) if e in able else e for e in found]


def chosen(editions: Sequence[Edition], domains: Sequence[str]) -> list[list[Page]]:
    """The pages asked for of each edition: all, or those of some domains and the pages that speak about all of them.

    Raises
    ------
    UsageError
        A domain that none of the plans has.
    """
    known = list(dict.fromkeys(code for edition in editions for code in edition.domains))
    for code in domains:
        allow("domain", code, known)
    return [[p for p in e.pages if not domains or p.kind in _SINGLE or p.about in domains] for e in editions]
