"""Thousands of invented counties in one columnar file, for runs of a size that no folder of forms has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from plananalysis.base.tables import write_rows
from plananalysis.base.text import say
from plananalysis.panels import columnar
from plananalysis.simulate.dynamics import area_codes, simulate_panel
from plananalysis.simulate.folder import furnish, replaced, write_plan, write_settings
from plananalysis.simulate.levels import Levels, asked_counts, read_levels

AT_A_TIME = 25  # areas drawn and written together; memory does not grow with their number


def simulate_nation(
    root: Path,
    areas: int,
    seed: int | None = None,
    target: Path | None = None,
    as_of: int | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> Path:
    """Write a panel of counties: plan, list of areas, and their observations as one parquet file marked fictional.

    No troubles are planted and no groups drawn: every figure is the one :func:`simulate_panel` draws.

    Parameters
    ----------
    target
        Project folder to write into; ``<root>/simulated`` when None.
    progress
        Called with (areas written, areas in all).

    Returns
    -------
    Path
        The panel's folder.

    Raises
    ------
    UsageError
        pyarrow is not installed, or the folder holds something that is not marked fictional.
    """
    columnar.needed()
    levels = read_levels(root)
    settings, about = levels.settings, levels.settings["nation"]
    seed = settings["seed"] if seed is None else seed
    as_of = as_of or settings["as_of"]
    target = target or root / "simulated"
    folder = target / "data" / "raw" / about["code"]
    codes = area_codes(areas)
    with replaced(folder, say("panels.misuse.not_fictional", folder=folder)) as draft:
        write_settings(draft, levels, about["name"], about["name_en"], seed, as_of)
        write_plan(root, draft, levels)
        write_rows(_listed(codes, about), [*columnar.AREA_REQUIRED, *columnar.AREA_OPTIONAL], draft / columnar.AREAS)
        marks = {"fictional": "true", "mark": settings["text"]["mark"], "seed": str(seed), "as_of": str(as_of)}
        frames = _frames(root, codes, seed, as_of, levels, progress)
        columnar.write_observations(frames, draft / columnar.OBSERVATIONS, marks)
        furnish(root, target)
    return folder


def _listed(codes: Sequence[str], about: dict[str, object]) -> list[dict[str, str]]:
    provinces = min(int(about["groups"]), len(codes))  # type: ignore[call-overload]
    rows = []
    for number, code in enumerate(codes, start=1):
        province = 1 + (number - 1) * provinces // len(codes)
        words = {k: str(about[k]).format(number=number) for k in ("area_name", "area_name_en")}
        group, group_en = (str(about[k]).format(number=province) for k in ("group_name", "group_name_en"))
        named = {"area": code, "name": words["area_name"], "name_en": words["area_name_en"]}
        rows.append(named | {"group": group, "group_en": group_en})
    return rows


def _frames(
    root: Path,
    codes: Sequence[str],
    seed: int,
    as_of: int,
    levels: Levels,
    progress: Callable[[int, int], object] | None,
) -> Iterator[pd.DataFrame]:
    """Observations of some areas at a time, as an office would have filed them: the years before the plan at once, then each
    year in the spring after it."""
    back = levels.settings["reporting"]["back_series"][1]
    counted = np.array([asked_counts(row) for row in levels.rows])
    # whose value is itself the count
    events = np.array([bool(row["numerator"] and not row["denominator"]) for row in levels.rows])
    definition = np.array(levels.definition, dtype=object)
    for start in range(0, len(codes), AT_A_TIME):
        panel = simulate_panel(codes[start : start + AT_A_TIME], seed, root, as_of, levels)
        a, s, t = np.nonzero(np.isfinite(panel.values))
        values, years = panel.values[a, s, t], panel.years[t]
        numerators = np.where(counted[s], panel.numerators[a, s, t], np.where(events[s], np.rint(values), np.nan))
        days = np.array([f"{max(year, back) + 1}-04-30" for year in panel.years], dtype=object)
        yield pd.DataFrame(
            {
                "area": np.array(panel.areas, dtype=object)[a],
                "series": np.array(panel.series, dtype=object)[s],
                "group": "total",
                "year": years,
                "value": values,
                "numerator": numerators,
                "denominator": np.where(counted[s], panel.denominators[a, s, t], np.nan),
                "status": "A",
                "definition": definition[s],
                "reported_at": days[t],
            }
        )
        if progress:
            progress(min(start + AT_A_TIME, len(codes)), len(codes))
