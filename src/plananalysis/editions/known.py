"""What readers of an edition see of it, and what those of a public one know beside it: the editions before, and which series cannot be above which."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pandas as pd

from plananalysis.checks.beside import load_logic
from plananalysis.editions.audience import for_audience
from plananalysis.observations import as_known, load_observations
from plananalysis.plan import Plan, load_plan, load_plans


def as_seen(
    frames: Mapping[str, pd.DataFrame], root: Path, area: str, as_of: int, audience: str
) -> Mapping[str, pd.DataFrame]:
    """The tables of an edition as an audience may see them; of the office all."""
    if audience == "internal":
        return frames
    plan, before = partial(load_plan, root, area, as_of, "zh"), partial(published_before, root, area, as_of)
    return for_audience(frames, audience, plan, before, lambda: nested(root, area, plan()))


def published_before(root: Path, area: str, as_of: int) -> list[tuple[pd.DataFrame, Plan]]:
    """What was known in the editions of the plan period before this one, each with its plan, oldest first."""
    plans, reported = load_plans(root, area, as_of, "zh")[:-1], load_observations(root, area)
    return [(as_known(reported, plan.known_on, plan.as_of), plan) for plan in plans]


def nested(root: Path, area: str, plan: Plan) -> list[tuple[str, str]]:
    """Pairs of series of which the plan's rules say that the first is never below the second."""
    rules = load_logic(root, area, set(plan.series.index))
    pairs = zip(rules["left"], rules["relation"], rules["right"], strict=True)
    return [(a, b) if relation == ">=" else (b, a) for a, relation, b in pairs if relation in (">=", "<=")]
