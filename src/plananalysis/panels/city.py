"""Owns a city's tables: the verdicts of all its districts side by side, and what they say about domains, targets and gaps."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

import plananalysis
from plananalysis import schema
from plananalysis.base import area_changes, tables
from plananalysis.base.errors import DataError, UsageError
from plananalysis.base.publication import draft, publish
from plananalysis.base.tables import read_json
from plananalysis.base.text import listed, say
from plananalysis.editions import inputs, territory
from plananalysis.editions.called import domains_of
from plananalysis.editions.disclosure import hidden_cells
from plananalysis.editions.frames import frames_of, rows_of
from plananalysis.editions.known import as_seen
from plananalysis.editions.variant import Variant
from plananalysis.observations import as_known, load_observations
from plananalysis.panels import counted, values
from plananalysis.panels.movement import movement
from plananalysis.panels.standings import met_in_all, one_reading, standings
from plananalysis.panels.tiles import Tile, read_tiles
from plananalysis.plan import Plan, load_plan
from plananalysis.schema import datapackage, format_version
from plananalysis.schema.writing import write


@dataclass(frozen=True)
class City:
    """What a city is called and which districts it has.

    Parameters
    ----------
    code
        Names its folders; no area may have it.
    districts
        Area codes; every area of the project when its settings name none.
    own
        Folder of ``data/raw`` with the values the city published for itself; empty without one.
    tiles
        Squares of districts on the tile map, where they have any.
    """

    code: str
    name: str
    name_en: str
    districts: tuple[str, ...]
    own: str = ""
    tiles: Mapping[str, Tile] = field(default_factory=dict)


def read_city(root: Path, asked: Sequence[str] = ()) -> City:
    """The city of a project, as ``data/raw/city.toml`` describes it: ``name``, ``name_en``, ``code``,
    ``districts`` and ``own``, each optional.

    Parameters
    ----------
    asked
        Districts named by the caller instead.

    Raises
    ------
    UsageError
        Neither settings nor districts asked for, as a project's areas need not be one city; a code that is no code or is taken by
        an area; a district that does not exist.
    """
    path = root / "data" / "raw" / tables.CITY
    if not path.is_file() and not asked:
        raise UsageError(say("panels.misuse.which_city"))
    found: Mapping[str, Any] = tables.read_settings(path, root) if path.is_file() else {}
    known = tables.districts(root, named=False)
    code = str(found.get("code", "city"))
    if not re.fullmatch(r"[a-z][a-z0-9-]*", code):
        raise UsageError(say("panels.misuse.city_code", code=code))
    if code in known or code == "panels":
        raise UsageError(say("panels.misuse.code_taken", code=code))
    chosen = list(dict.fromkeys(asked) or tables.districts(root))
    if unknown := [a for a in chosen if a not in known]:
        raise UsageError(say("cli.misuse.unknown_area", unknown=listed(unknown), known=listed(known)))
    words = {lang: say("pages.city.whole", lang) for lang in ("zh", "en")}
    return City(
        code,
        str(found.get("name", words["zh"])),
        str(found.get("name_en", words["en"])),
        tuple(chosen),
        _own(root, found),
    )


def _own(root: Path, settings: Mapping[str, Any]) -> str:
    own = str(settings.get("own", ""))
    if own and not (root / "data" / "raw" / own / "observations").is_dir():
        raise UsageError(say("panels.misuse.city_own", own=own))
    return own


def existing(root: Path, city: City, as_of: int) -> City:
    """The city with the districts that exist in a data year, and their squares: those closed by then or opened later are nobody's gap."""
    gone = area_changes.absent(area_changes.read_changes(root), as_of)
    held = tuple(a for a in city.districts if a not in gone)
    return replace(city, districts=held, tiles=read_tiles(root, held))


def shared_year(root: Path, city: City, as_of: int | None = None) -> int:
    """The year that the districts' editions are of; by default the one that most of their settings name.

    Raises
    ------
    UsageError
        No district has readable settings with a year.
    """
    told = _settings(root, city)
    years = Counter(int(found["as_of"]) for found in told.values() if isinstance(found.get("as_of"), int))
    if as_of is None and not years:
        raise UsageError(say("panels.misuse.no_districts", folder=root / "data" / "raw"))
    return as_of or max(years, key=lambda y: (years[y], y))


def left_out(root: Path, city: City, as_of: int) -> dict[str, str]:
    """Districts that cannot be beside the others in a year, each with the reason: no settings, or another plan period."""
    out = {a: say("pages.city.no_settings") for a in city.districts if a not in tables.areas(root)}
    periods = {area: _period(found, as_of) for area, found in _settings(root, city).items()}
    usual = Counter(p for p in periods.values() if p).most_common(1)
    odd = [a for a, period in periods.items() if usual and period != usual[0][0]]
    return out | {a: say("pages.city.other_period", as_of=as_of) for a in odd}


def _settings(root: Path, city: City) -> dict[str, Mapping[str, Any]]:
    """Settings of the districts that can be read; the own run of another says what is wrong with it."""
    told: dict[str, Mapping[str, Any]] = {}
    for area in city.districts:
        with suppress(DataError):
            told[area] = tables.read_settings(root / "data" / "raw" / area / "area.toml", root)
    return told


def _period(settings: Mapping[str, Any], year: int) -> tuple[int, int] | None:
    """Base and target year of the plan period that a year belongs to."""
    outlines = settings.get("outlines")
    for one in outlines if isinstance(outlines, list) else []:
        base, target = (one.get(k) for k in ("base_year", "target_year")) if isinstance(one, dict) else (None, None)
        if isinstance(base, int) and isinstance(target, int) and base < year <= target:
            return base, target
    return None


def home(root: Path, code: str, as_of: int, audience: str = "internal") -> Path:
    """Folder of a city's derived tables, for some readers."""
    return root / "data" / "processed" / "panels" / code / f"{as_of}{Variant(audience=audience).suffix}"


def compare(
    root: Path,
    city: City,
    as_of: int,
    failed: Mapping[str, str] | None = None,
    busy: Collection[str] = (),
    audience: str = "internal",
) -> Path:
    """Put the built editions of a city's districts side by side; returns the folder of the tables.

    For the public everything is made of the districts' public editions alone, so that nothing follows from it that does not follow from
    them: no sum, no count over districts and no range rests on a hidden number.

    Parameters
    ----------
    failed
        Districts that have no edition this time, with the reason in a sentence; they are listed and left out.
    busy
        Districts that another run has in hand: their last edition serves, and its date is told.

    Raises
    ------
    UsageError
        Fewer than two districts of one plan period have an edition.
    """
    city = existing(root, city, as_of)
    changes = area_changes.read_changes(root)
    failed = dict(failed or {})
    folders = {a: root / "data" / "processed" / a / str(as_of) for a in city.districts}
    built = [a for a in city.districts if a not in failed and (folders[a] / "edition.json").is_file()]
    for area in city.districts:
        if area not in built:
            failed.setdefault(area, say("pages.city.not_built"))
    about = {a: read_json(folders[a] / "edition.json") for a in built}
    usual = Counter(one["target_year"] for one in about.values()).most_common(1)
    for area in [a for a in built if about[a]["target_year"] != usual[0][0]]:
        failed[area] = say("pages.city.other_period", as_of=as_of)
    built = [a for a in built if a not in failed]
    if len(built) < 2:
        raise UsageError(say("panels.misuse.no_districts", folder=root / "data" / "raw"))
    first = about[built[0]]
    earlier = {a: _day(folders[a] / "edition.json") for a in built if a in busy}
    names = {a: _name(root, a) for a in city.districts}
    elsewhere = area_changes.other_place(changes, as_of)
    seen = {a: as_seen(frames_of(folders[a]), root, a, as_of, audience) for a in built}
    public = audience == "public"
    verdicts = pd.concat([_verdicts(seen[a], a) for a in built], ignore_index=True)
    if public:  # which reads of targets, not of whom they blame, nor of what is wrong with somebody's data
        verdicts["lead_unit"], failed = "", dict.fromkeys(failed, say("pages.city.not_built"))
    rows = verdicts[verdicts["role"] != "part"].reset_index(drop=True)
    reached = as_of >= int(first["target_year"])
    held, leaves, own = _values(root, city, seen, verdicts, max(about[a]["known_on"] for a in built), as_of, public)
    made = {
        "verdicts": verdicts,
        "standings": standings(rows, reached),
        "matrix": counted.matrix(rows),
        "targets": counted.targets(rows),
        "gaps": [] if public else [counted.gaps(folders[a], a, verdicts, as_of, reached) for a in built],
        "districts": [
            dict(zip(("area", "name", "name_en", "failed"), (a, *names[a], failed.get(a, "")), strict=True)) | _square(city, a)
            for a in city.districts
        ],
        "domains": domains(root, {a: about[a] for a in built}),
        "movement": movement(
            rows, {a: seen[a]["earlier"] for a in built if a not in elsewhere}, as_of
        ),
        "years": values.years(held, int(first["base_year"]), as_of),
        "wholes": values.wholes(held, leaves, len(city.districts), own),
        "rates": values.rates(held, leaves),
    }  # fmt: skip
    explained = {a: found["explanations"] for a, found in seen.items() if "explanations" in found}
    heard = [found["peers"] for found in seen.values() if "peers" in found]
    folder = home(root, city.code, as_of, audience)
    folder.parent.mkdir(parents=True, exist_ok=True)
    described = {k: first.get(k) for k in ("as_of", "plans", "title", "base_year", "target_year", "thresholds")}
    described |= {
        "format": format_version(),
        "area": city.code,
        "name": city.name,
        "name_en": city.name_en,
        "known_on": sorted({about[a]["known_on"] for a in built})[-1],
        "fictional": any(about[a]["fictional"] for a in built),
        "districts": built,
        "failed": failed,
        "earlier": earlier,
        "together": dict(zip(("expected", "low", "high"), met_in_all(rows), strict=True)),
        "peers": counted.heard(rows, explained, first["thresholds"], heard),
        "tiles_from": list(dict.fromkeys(t.source for t in city.tiles.values())),
        "area_changes": territory.told(root, changes, {a: seen[a]["observations"] for a in built}, as_of),
        "unlike": int(rows.loc[~one_reading(rows), "series"].nunique()),
        "uneven_domains": counted.uneven(rows),
        "version": plananalysis.__version__,
    }
    # a digest of what the public must not see would tell which of four numbers is the hidden one
    described |= {"audience": audience} if public else {"made_of": {a: content(folders[a]) for a in built}}
    with draft(folder) as new:
        for name, table in made.items():
            write("city", name, table, new)
        datapackage.describe("city", new, f"{city.code}-{as_of}", f"{city.name} {as_of}")
        text = json.dumps(described, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        tables.write_atomic(new / "city.json", text.encode())
        publish(new, folder)
    return folder


def _verdicts(held: Mapping[str, pd.DataFrame], area: str) -> pd.DataFrame:
    """What is kept of a district's verdicts, with the name of the leading unit: districts call their units by codes of their own."""
    table = held["assessments"]
    names: dict[str, str] = {}
    for row in rows_of(held, "plan"):
        names |= zip(row["responsible_units"].split(";"), row["responsible_names"].split(";"), strict=True)
    lead = table["responsible_units"].fillna("").str.partition(";")[0].map(names).fillna("")
    return table.assign(area=area, lead_unit=lead).reindex(columns=[*schema.table("city", "verdicts").stored])


def _values(
    root: Path,
    city: City,
    seen: Mapping[str, Mapping[str, pd.DataFrame]],
    verdicts: pd.DataFrame,
    known_on: str,
    as_of: int,
    public: bool,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame | None]:
    """Values of all districts that can stand beside each other, unit and decimals of each series, and what the city itself published."""
    leaves = verdicts[verdicts["role"] != "compound"].drop_duplicates("series").set_index("series")
    codes = [str(code) for code in leaves.index]
    views = {a: frames["observations"] for a, frames in seen.items()}
    held = values.observed(views, codes)
    own = None
    if city.own:
        known = as_known(load_observations(root, city.own), known_on, as_of)
        if public:
            withheld = hidden_series(known, views.values(), load_plan(root, next(iter(views)), as_of, "zh"))
            known = known[~known["series"].isin(withheld)]
        own = values.observed({city.own: known.assign(question="")}, codes)
    return held, leaves, own


def hidden_series(own: pd.DataFrame, views: Iterable[pd.DataFrame], plan: Plan) -> set[str]:
    """Series whose city value is not for the public: small itself, or with the districts that are shown it would give the one that is not."""
    starred = {str(s) for view in views for s in view.loc[view["withheld"].astype(bool), "series"]}
    return starred | {cell.series for cell in hidden_cells(own, plan)}


def content(folder: Path) -> str:
    """What names the content of a district's tables: a city's page is of these and no later ones."""
    path = folder / inputs.FILE
    held = read_json(path)["tables"] if path.is_file() else {}
    return hashlib.sha256(json.dumps(held, sort_keys=True).encode()).hexdigest()[:16]


def _day(path: Path) -> str:
    """The day a file was written."""
    return date.fromtimestamp(path.stat().st_mtime).isoformat()


def _name(root: Path, area: str) -> tuple[str, str]:
    settings: Mapping[str, Any] = {}
    with suppress(DataError):  # a district whose settings are broken is named by its code
        settings = tables.read_settings(root / "data" / "raw" / area / "area.toml", root)
    return str(settings.get("name") or area), str(settings.get("name_en") or "")


def _square(city: City, area: str) -> dict[str, Any]:
    """Where a district stands on the tile map; nothing where it has no square, and no column where none has."""
    tile = city.tiles.get(area)
    if not city.tiles:
        return {}
    names = ("column", "row", "short", "short_en")
    return {f"tile_{n}": getattr(tile, n, None) for n in names}


def domains(root: Path, areas: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Every domain that any of the districts' editions is about, in the order of the first that has it."""
    columns = ["domain", "plan", "name", "name_en"]
    found: dict[str, list[str]] = {}
    for area, info in areas.items():
        with suppress(DataError):  # of a district being worked on; its domains are those of its neighbours
            for row in domains_of(root, area, info):
                found.setdefault(row["domain"], [row[c] for c in columns])
    return pd.DataFrame([*found.values()], columns=columns)
