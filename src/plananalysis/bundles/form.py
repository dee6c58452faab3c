"""Which edition, in which form; and where that is published."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from plananalysis.base import tables
from plananalysis.base.errors import UsageError
from plananalysis.base.text import say
from plananalysis.editions import inputs
from plananalysis.editions.variant import MODES, Variant, edition_name, modes_of

_OVERVIEWS = ("city.json", "panel.json")


@dataclass(frozen=True)
class Form:
    """An edition of an area in one of its variants.

    Parameters
    ----------
    mode, audience, language, outline
        See `plananalysis.editions.variant.Variant`.
    """

    area: str
    as_of: int
    mode: str = "annual"
    audience: str = "internal"
    language: str = "zh"
    outline: str = ""

    @property
    def name(self) -> str:
        """The name of its folder of pages, below the area's."""
        return f"{self.as_of}{Variant(self.mode, self.audience, self.language, self.outline).suffix}"

    def pages(self, root: Path) -> Path:
        """Folder of its pages and documents."""
        return root / "reports" / self.area / self.name

    def kind(self, root: Path) -> str:
        """Whose edition it is by the project's raw data: of an ``area``, of a ``city`` or of a ``nation``."""
        if tables.is_panel(root, self.area):
            return "nation"
        city = root / "data" / "raw" / tables.CITY
        named = tables.read_settings(city, root).get("code", "city") if city.is_file() else ""
        return "city" if self.area == named else "area"

    def tables(self, root: Path) -> Path:
        """Folder of the tables it is made from; of a city the public's are made of its districts' public editions."""
        home = root / "data" / "processed" / "panels" / self.area
        public = Variant(audience=self.audience).suffix if self.audience == "public" else ""
        return (
            home / f"{self.as_of}{public}"
            if home.is_dir()
            else root / "data" / "processed" / self.area / edition_name(self.as_of, self.outline)
        )

    def info(self, root: Path) -> dict[str, Any]:
        """What lies beside the tables of an edition, or of an overview of many areas."""
        for name in ("edition.json", *_OVERVIEWS):
            if (path := self.tables(root) / name).is_file():
                return json.loads(path.read_text(encoding="utf-8"))
        return {}


def of_periods(root: Path, form: Form) -> list[Form]:
    """A form and the same of every other plan period that runs in its year.

    What cannot be evaluated so in that year is monitored as in any: see :func:`plananalysis.reports.edition.open_editions`.
    """
    names = inputs.periods(root, form.area, form.as_of)
    if len(names) == 1:
        return [form]
    from plananalysis.plan import load_plan

    ends = [one.outline.target_year for one in load_plan(root, form.area, form.as_of).together()]
    able = [form.mode in modes_of(form.as_of, end) for end in ends]
    modes = [form.mode if can or not any(able) else MODES[0] for can in able]
    return [replace(form, outline=name, mode=mode) for name, mode in zip(names, modes, strict=True)]


def overviews(root: Path) -> dict[str, list[int]]:
    """Cities and nations that have a page, each with the years it has one of."""
    found: dict[str, list[int]] = {}
    for path in sorted((root / "data" / "processed" / "panels").glob("*/*/*.json")):
        if (
            path.parts[-2].isdigit()
            and path.name in _OVERVIEWS
            and (root / "reports" / path.parts[-3] / path.parts[-2] / "run.json").is_file()
        ):
            found.setdefault(path.parts[-3], []).append(int(path.parts[-2]))
    return found


def current(root: Path, area: str, as_of: int | None) -> int:
    """The year asked for, else the one the area's settings name; of a city or a nation the newest that it has a page of.

    Raises
    ------
    UsageError
        A city or a nation has no page of that year.
    """
    if years := overviews(root).get(area):
        if as_of is not None and as_of not in years:
            raise UsageError(say("bundles.refused.no_overview", area=area, as_of=as_of))
        return as_of or years[-1]
    settings = root / "data" / "raw" / area / "area.toml"
    return as_of if as_of is not None else int(tables.read_settings(settings, root)["as_of"])
