"""What every page of the reports shows: one class per page, one method per question, each returning a piece of HTML.

A notebook holds the questions and calls; nothing here computes a verdict, it only shows the derived tables.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

# loaded when first used: which pages have to be made again is decided in ``editions.slices``, before pandas is loaded
_OWNERS = {"open_edition": "opening", "page_file": "links"}
__all__ = ["open_edition", "page_file"]

if TYPE_CHECKING:
    from plananalysis.pages.links import page_file
    from plananalysis.pages.opening import open_edition


def __getattr__(name: str) -> object:
    if name not in _OWNERS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_OWNERS[name]}"), name)
