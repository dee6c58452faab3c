"""What every page of the reports shows: one class per page, one method per question, each returning a piece of HTML.

A notebook holds the questions and calls; nothing here computes a verdict, it only shows the derived tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["open_edition"]

if TYPE_CHECKING:
    from plananalysis.pages.opening import open_edition


def __getattr__(name: str) -> object:
    """Loaded when first used: which pages have to be made again is decided in ``editions.slices``, before pandas is loaded."""
    if name != "open_edition":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from plananalysis.pages.opening import open_edition

    return open_edition
