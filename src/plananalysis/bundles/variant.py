"""Which form of which edition: place, year, kind of report, readers, language; and where that form is published."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from plananalysis import tables


@dataclass(frozen=True)
class Variant:
    """One form of one edition.

    Parameters
    ----------
    mode
        ``annual``, ``midterm`` or ``final``.
    audience
        ``internal``, ``leading-group`` or ``public``.
    language
        ``zh`` or ``en``.
    """

    area: str
    as_of: int
    mode: str = "annual"
    audience: str = "internal"
    language: str = "zh"

    @property
    def name(self) -> str:
        """The name of its folder of pages, below the area's."""
        marks = [
            self.mode if self.mode != "annual" else "",
            self.audience if self.audience != "internal" else "",
            self.language if self.language != "zh" else "",
        ]
        return "-".join([str(self.as_of), *filter(None, marks)])

    def pages(self, root: Path) -> Path:
        """Folder of its pages and documents."""
        return root / "reports" / self.area / self.name

    def tables(self, root: Path) -> Path:
        """Folder of the tables it is made from."""
        return root / "data" / "processed" / self.area / tables.edition_folder(self.as_of, self.language)


def current(root: Path, area: str, as_of: int | None) -> int:
    """The year asked for, else the one the area's settings name."""
    settings = root / "data" / "raw" / area / "area.toml"
    return as_of if as_of is not None else int(tables.read_settings(settings, root)["as_of"])
