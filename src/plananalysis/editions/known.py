"""What readers of an edition see of it, and what those of a public one know beside it: the editions before, and which series cannot be above which."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from plananalysis.base.area_changes import of_area, read_changes
from plananalysis.checks.beside import load_logic
from plananalysis.editions.additive import Cell
from plananalysis.editions.audience import Secrets, for_audience
from plananalysis.editions.disclosure import hidden_cells
from plananalysis.observations import as_known, load_observations
from plananalysis.plan import Plan, load_plan, load_plans


def as_seen(
    frames: Mapping[str, pd.DataFrame], root: Path, area: str, as_of: int, audience: str, outline: str = ""
) -> Mapping[str, pd.DataFrame]:
    """The tables of an edition as an audience may see them; of the office all."""

    def secrets(observations: pd.DataFrame) -> Secrets:
        plan = load_plan(root, area, as_of, "zh", outline)
        *earlier, (view, newest) = published(root, area, as_of)
        whole = (view, newest) if newest.beside else None
        also = hidden_in_sums(root, area, plan)
        return Secrets.of(observations, plan, earlier, nested(root, area, plan), whole, also)

    return frames if audience == "internal" else for_audience(frames, audience, secrets)


def hidden_in_sums(root: Path, area: str, plan: Plan, before: int = 9999) -> set[Cell]:
    """Cells of an area that came out of others in which the count of one of them is hidden: with the others' it would follow from the sum."""
    found: set[Cell] = set()
    for change in of_area(read_changes(root), area):
        if not change.joined or change.year > min(plan.as_of, before):
            continue
        for place in change.before:
            day = f"{change.year}-12-30" if place == area else plan.known_on  # of the area itself before it was another
            if (root / "data" / "raw" / place).is_dir():
                part = as_known(load_observations(root, place), day, change.year - 1)
                found |= hidden_cells(part[part["value"].notna()], plan)
                found |= hidden_in_sums(root, place, plan, change.year - 1) if place != area else set()
    return found


def published(root: Path, area: str, as_of: int) -> list[tuple[pd.DataFrame, Plan]]:
    """What was known in the editions up to this one, each with its plan, oldest first, the newest last.

    Of several periods that run in the year the longest tells for all: what one public edition hides no other may give away, so the
    same cells are hidden in all of them.
    """
    running = load_plan(root, area, as_of, "zh").together()
    longest = min(running, key=lambda plan: plan.outline.base_year).outline.id
    plans, reported = load_plans(root, area, as_of, "zh", longest), load_observations(root, area)
    return [(as_known(reported, plan.known_on, plan.as_of), plan) for plan in plans]


def nested(root: Path, area: str, plan: Plan) -> list[tuple[str, str]]:
    """Pairs of series of which the plan's rules say that the first is never below the second."""
    rules = load_logic(root, area, set(plan.series.index))
    pairs = zip(rules["left"], rules["relation"], rules["right"], strict=True)
    return [(a, b) if relation == ">=" else (b, a) for a, relation, b in pairs if relation in (">=", "<=")]
