"""What earlier editions said about targets whose end is now known, and what came: the plainest test there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from plananalysis.documents.facts import Facts, open_facts
from plananalysis.errors import UsageError
from plananalysis.figures import ASSESSABLE
from plananalysis.pages.published import Record


@dataclass(frozen=True)
class Said:
    """One outlook of one earlier year: how many rows got it, and how many of those were met in the end."""

    year: int
    outlook: str
    count: int
    met: int


def said_and_came(facts: Facts) -> list[Said]:
    """Outlooks of the period's earlier editions against the final position; only rows that can be judged in the end count.

    Parameters
    ----------
    facts
        A final edition.
    """
    came: Mapping[str, Record] = {r.text("series"): r for r in facts.rows if r.text("position") in ("met", "not_met")}
    found = []
    for year, rows in sorted(facts.earlier.items()):
        for outlook in ASSESSABLE:
            held = [came[s] for s, r in rows.items() if s in came and r.text("outlook") == outlook]
            if held:
                met = sum(r.text("position") == "met" for r in held)
                found.append(Said(year, outlook, len(held), met))
    return found


def national_record(root: Path, country: str = "china") -> tuple[Facts, list[Said]] | None:
    """The record on the last national outline that has ended, when its editions have been built; None otherwise."""
    home = root / "data" / "processed" / country
    for folder in sorted(home.glob("*/edition.json"), reverse=True):
        year = folder.parent.name
        if not year.isdigit():
            continue
        try:
            facts = open_facts(root, country, int(year), "final", "public")
        except UsageError:  # its period has not ended
            continue
        said = said_and_came(facts)
        if said:
            return facts, said
    return None
