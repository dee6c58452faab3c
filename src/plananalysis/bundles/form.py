"""Which edition, in which form; and where that is published."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from plananalysis.base import tables
from plananalysis.editions.variant import Variant


@dataclass(frozen=True)
class Form:
    """An edition of an area in one of its variants.

    Parameters
    ----------
    mode, audience, language
        See `plananalysis.editions.variant.Variant`.
    """

    area: str
    as_of: int
    mode: str = "annual"
    audience: str = "internal"
    language: str = "zh"

    @property
    def name(self) -> str:
        """The name of its folder of pages, below the area's."""
        return f"{self.as_of}{Variant(self.mode, self.audience, self.language).suffix}"

    def pages(self, root: Path) -> Path:
        """Folder of its pages and documents."""
        return root / "reports" / self.area / self.name

    def tables(self, root: Path) -> Path:
        """Folder of the tables it is made from."""
        return root / "data" / "processed" / self.area / str(self.as_of)


def current(root: Path, area: str, as_of: int | None) -> int:
    """The year asked for, else the one the area's settings name."""
    settings = root / "data" / "raw" / area / "area.toml"
    return as_of if as_of is not None else int(tables.read_settings(settings, root)["as_of"])
