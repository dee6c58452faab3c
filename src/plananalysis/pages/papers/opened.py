"""An edition opened to be written on paper."""

from __future__ import annotations

from pathlib import Path

from plananalysis.base.errors import UsageError
from plananalysis.base.text import say
from plananalysis.editions.opened import Published
from plananalysis.editions.opening import opened
from plananalysis.pages.rows import over


def open_paper(
    root: Path,
    area: str,
    as_of: int,
    mode: str = "annual",
    audience: str = "internal",
    language: str | None = None,
    outline: str = "",
) -> Published:
    """One built edition, ready to be written for one audience.

    Raises
    ------
    UsageError
        No such edition, mode or audience; or a mode the year does not allow.
    """
    edition = opened(area, as_of, root, language, audience, mode, outline, kind=Published)
    if (mode == "final" and not over(edition)) or (mode == "midterm" and over(edition)):
        raise UsageError(say(f"documents.errors.not_{mode}", as_of=as_of, target_year=edition.target_year))
    return edition
