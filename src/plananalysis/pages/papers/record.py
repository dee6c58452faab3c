"""What earlier editions said about targets whose end is now known, and what came: the plainest test there is."""

from __future__ import annotations

from pathlib import Path

from plananalysis.base.errors import UsageError
from plananalysis.pages import final
from plananalysis.pages.final import Said
from plananalysis.pages.papers.facts import Facts, open_facts


def said_and_came(facts: Facts) -> list[Said]:
    """Outlooks of the period's earlier editions against the final position; only rows that can be judged in the end count.

    Parameters
    ----------
    facts
        A final edition.
    """
    return final.said_and_came(facts.rows, facts.earlier)


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
