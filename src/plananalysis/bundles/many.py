"""What a city's or a nation's tables were derived from: the raw files of all its areas, as long as they are still what they were."""

from __future__ import annotations

from pathlib import Path

from plananalysis.base import area_changes, tables
from plananalysis.base.errors import UsageError
from plananalysis.base.text import say
from plananalysis.bundles.form import Form
from plananalysis.editions import inputs


def raw_files(root: Path, form: Form) -> tuple[dict[str, bytes], list[str]]:
    """Raw files by path in the project, and the names of those that changed since the tables were made.

    Raises
    ------
    UsageError
        A district's tables are newer than the city's, or were taken over from an edition before.
    """
    raw, info = root / "data" / "raw", form.info(root)
    shared = [raw / name for name in (*inputs.SHARED, "english.csv", area_changes.FILE)]
    if form.kind(root) == "nation":
        places, changed = (
            [form.area],
            [n for n, d in info["inputs"].items() if inputs.of_place(root, form.area).get(n) != d],
        )
    else:
        from plananalysis.panels import tiles
        from plananalysis.panels.city import content, read_city

        city = read_city(root)
        shared += [raw / tables.CITY, raw / tiles.FILE]
        places, changed = [*city.districts, *([city.own] if city.own else [])], []
        for area, made_of in info["made_of"].items():
            folder = inputs.folder(root, area, form.as_of)
            if content(folder) != made_of or area in info["earlier"]:
                raise UsageError(say("bundles.refused.city_newer", area=area))
            changed += [] if inputs.unchanged_raw(root, area, form.as_of) else [f"data/raw/{area}"]
    named = {name for place in places for name in inputs.of_place(root, place)}
    named |= {p.relative_to(root).as_posix() for p in shared if p.is_file()}
    return {name: (root / name).read_bytes() for name in sorted(named)}, changed
