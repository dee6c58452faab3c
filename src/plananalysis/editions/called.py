"""What an area's plans and its office are called, from the description that stands beside derived tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plananalysis.base.tables import read_rows
from plananalysis.base.text import LANGUAGES, language, listed, say


def called(names: Mapping[str, Any], key: str) -> str:
    """A name in the language spoken: the English one stands under ``<key>_en``, and where there is none the Chinese serves."""
    english = names.get(f"{key}_en") if language() != LANGUAGES[0] else ""
    return str(english or names.get(key) or "")


def plan_name(about: Mapping[str, Any], plan: str, key: str = "name") -> str:
    """Name of a plan by its code, or with ``key`` ``short`` the word that stands before its domains."""
    return called((about.get("plans") or {}).get(plan, {}), key) or plan


def plans_name(about: Mapping[str, Any]) -> str:
    """What all plans are called together: as the plan period says, else one after the other."""
    return called(about, "plans_name") or listed(plan_name(about, plan) for plan in about.get("plans") or ())


def brief_title(area: str, plans: str, year: int, mode: str, audience: str) -> str:
    """What a brief calls itself, on its page, in its window, in files and lists: the public reads of progress."""
    form = "public" if audience == "public" and mode == "annual" else mode
    return say(f"brief.title.{form}", area=area, plans=plans, year=year)


def domains_of(root: Path, area: str, info: Mapping[str, Any]) -> list[dict[str, str]]:
    """The domains of an edition in printed order, as the area's plan names them: of its own plans where others stand beside it."""
    path = root / "data" / "raw" / area / "plan" / "domains.csv"
    rows = read_rows(path, root, ("domain", "plan", "name", "name_en"))
    return [row for row in rows if not info.get("beside") or row["plan"] in info["plans"]]
