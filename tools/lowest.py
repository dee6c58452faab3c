"""The lowest version that pyproject.toml allows of every direct dependency, as requirements for pip.

    python tools/lowest.py > lowest.txt && pip install -r lowest.txt

A bound that was never installed is a guess. Tools of the tests are named as they are asked for, in any version that fits.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from packaging.requirements import Requirement


def lowest(project: dict) -> list[str]:
    """Requirements for pip: dependencies and extras at their lowest versions, then the tools."""
    extras = project["project"]["optional-dependencies"]
    sets = [
        project["project"]["dependencies"],
        *(extras[name] for name in extras if name != "docs"),
    ]  # no test needs a site
    pinned = set()
    for asked in (Requirement(entry) for entries in sets for entry in entries):
        (bound,) = [s for s in asked.specifier if s.operator == ">="]
        pinned.add(f"{asked.name}=={bound.version}")
    return [*sorted(pinned), *sorted(project["dependency-groups"]["dev"])]


if __name__ == "__main__":
    file = Path(__file__).parents[1] / "pyproject.toml"
    print("\n".join(lowest(tomllib.loads(file.read_text(encoding="utf-8")))))
