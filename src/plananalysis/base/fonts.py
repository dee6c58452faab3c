"""Chinese that looks the same on every machine: the package's own open font, cut down to the characters a page uses.

The font is a subset of Noto Sans CJK SC under the Open Font Licence (``fonts/OFL.txt``), made by ``tools/make_font.py``.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from plananalysis.base.tables import write_atomic

FAMILY = "Plan Sans SC"
_SHARED, _MARGIN = "‘’“”…·", 60  # in thousandths of the size
FILE = files("plananalysis") / "fonts" / "PlanSansSC-Regular.otf"


@cache
def code_points() -> frozenset[int]:
    """Unicode code points the font can draw."""
    from fontTools.ttLib import TTFont

    return frozenset(TTFont(io.BytesIO(_font_bytes()), lazy=True).getBestCmap())


def missing(text: str) -> str:
    """Visible characters of ``text`` that the font cannot draw, each once, sorted."""
    return "".join(sorted(c for c in set(text) if c.isprintable() and not c.isspace() and ord(c) not in code_points()))


def subset_data_uri(characters: Iterable[str], cache_folder: Path | None = None, english: bool = False) -> str:
    """The font with just these characters, as a ``data:`` address for ``@font-face``.

    Equal sets of characters give equal bytes on every machine: no time stamp, and no compression, whose result depends
    on the version of the compressor (compressing would save a tenth to a fifth of some 100 KB).

    Parameters
    ----------
    characters
        Characters, or texts; repeats and characters the font lacks do not matter.
    cache_folder
        Where earlier results are kept; cutting takes about 0.4 s for 600 characters.
    english
        Quotation marks and dots as wide as they are drawn: in Chinese each takes the room of a character, so that “plan’s”
        would read “plan’ s”.
    """
    wanted = _wanted(characters)
    return "data:font/otf;base64," + base64.b64encode(_cut(wanted, cache_folder, english)).decode("ascii")


def face(characters: Iterable[str], cache_folder: Path | None = None, english: bool = False) -> str:
    """The ``@font-face`` rule that makes these characters available under the family name ``Plan Sans SC``."""
    address = subset_data_uri(characters, cache_folder, english)
    return f'@font-face{{font-family:"{FAMILY}";src:url({address}) format("opentype")}}'


def write_cut(characters: Iterable[str], folder: Path, english: bool = False) -> Path:
    """The font with just these characters as a file in a folder, for programs that look for fonts in folders."""
    from fontTools.ttLib import TTFont

    font = TTFont(io.BytesIO(_cut(_wanted(characters), None, english)), recalcTimestamp=False)
    font["name"].setName(FILE.name.removesuffix(".otf"), 6, 3, 1, 0x409)  # without it no font to such programs
    path = folder / FILE.name
    font.save(path)
    return path


def use_in_matplotlib() -> None:
    """Let matplotlib and seaborn draw Chinese in exploring notebooks; needs no font on the system and no font cache."""
    import matplotlib
    from matplotlib import font_manager

    font_manager.fontManager.addfont(str(FILE))
    # ours comes first: DejaVu Sans would draw the Chinese quotation marks half as wide
    families = [FAMILY, *(f for f in matplotlib.rcParams["font.sans-serif"] if f != FAMILY)]
    matplotlib.rcParams.update({"font.family": "sans-serif", "font.sans-serif": families, "axes.unicode_minus": False})


def forget_unused(cache_folder: Path, days: float = 60) -> None:
    """Drop cuts that no page has used for so long."""
    for path in cache_folder.glob("*.otf"):
        with suppress(OSError):
            if path.stat().st_mtime < time.time() - days * 86400:
                path.unlink()


def read_ahead(cache_folder: Path | None = None) -> None:
    """Read now what processes that are forked after this would each have to read.

    Parameters
    ----------
    cache_folder
        Where cuts will be looked for: as long as it holds none, also what a cut begins with. Later runs make few.
    """
    code_points(), _identity()
    if cache_folder and not _at_hand and not any(cache_folder.glob("*.otf")):
        from fontTools import subset  # noqa: F401

        font = _read()
        font["cmap"].getBestCmap(), font["hmtx"].metrics, font.getReverseGlyphMap()
        _at_hand.append(font)


_at_hand: list[Any] = []


def _wanted(characters: Iterable[str]) -> list[int]:
    return sorted({ord(c) for c in set().union(*characters)} & code_points())


@cache
def _font_bytes() -> bytes:
    return FILE.read_bytes()


@cache
def _identity() -> str:
    """What a cut depends on besides its characters."""
    return f"{hashlib.sha256(_font_bytes()).hexdigest()} fonttools {version('fonttools')}"


def _cut(wanted: list[int], cache_folder: Path | None, english: bool) -> bytes:
    key = hashlib.sha256(f"{_identity()} {wanted}{' english' * english}".encode()).hexdigest()[:32]
    kept = cache_folder / f"{key}.otf" if cache_folder else None
    if kept and kept.is_file():
        os.utime(kept)
        return kept.read_bytes()
    data = _subset(wanted, english)
    if kept:
        write_atomic(kept, data)
    return data


def _read() -> Any:
    from fontTools.ttLib import TTFont

    return TTFont(io.BytesIO(_font_bytes()), lazy=True, recalcTimestamp=False, recalcBBoxes=False)


def _subset(wanted: list[int], english: bool) -> bytes:
    from fontTools import subset

    font = _at_hand.pop() if _at_hand else _read()  # cutting uses it up
    options = subset.Options()
    options.layout_features = []
    options.notdef_outline = True  # a character nobody foresaw shows as a box, not as nothing
    options.name_IDs = [0, 1, 2, 13]  # copyright and licence travel with every copy
    tool = subset.Subsetter(options)
    tool.populate(unicodes=wanted)
    outlines = font["CFF "]  # those of our font share no parts: reading them all to find such parts is what takes time
    outlines.closure_glyphs = outlines.remove_unused_subroutines = lambda *_: None
    tool.subset(font)
    if english:
        _narrow(font)
    result = io.BytesIO()
    font.save(result)
    return result.getvalue()


def _narrow(font: Any) -> None:
    """Give the marks that English shares with Chinese the width of their ink and a margin."""
    from fontTools.pens.boundsPen import BoundsPen
    from fontTools.pens.t2CharStringPen import T2CharStringPen
    from fontTools.pens.transformPen import TransformPen

    glyphs, names, drawn = font.getGlyphSet(), font.getBestCmap(), font["CFF "].cff.topDictIndex[0].CharStrings
    for name in (names[ord(mark)] for mark in _SHARED if ord(mark) in names):
        bounds, old = BoundsPen(glyphs), drawn[name]
        glyphs[name].draw(bounds)
        left, _, right, _ = bounds.bounds
        width = round(right - left) + 2 * _MARGIN
        pen = T2CharStringPen(width - old.private.nominalWidthX, glyphs)
        glyphs[name].draw(TransformPen(pen, (1, 0, 0, 1, _MARGIN - left, 0)))
        drawn[name] = pen.getCharString(old.private, old.globalSubrs)
        font["hmtx"][name] = (width, _MARGIN)
