"""What a brief calls itself: on the page, in the window, in files and in lists."""

from __future__ import annotations

from plananalysis.editions import called
from plananalysis.editions.opened import Published
from plananalysis.pages.papers.wording import area_name


def brief_title(edition: Published) -> str:
    """监测简报, 中期评估报告 or 终期评估报告; the public reads of progress."""
    return called.brief_title(area_name(edition), edition.plans_name, edition.as_of, edition.mode, edition.audience)
