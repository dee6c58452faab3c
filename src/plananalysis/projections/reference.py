"""Real histories of other places, openly licensed, and the windows cut from them that the projection engine learns from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from plananalysis.base import tables
from plananalysis.base.errors import DataError, Problem

HORIZONS = 12  # years ahead that the corpus can teach
LENGTHS = (4, 5, 6, 8, 11, 15, 20, 30)  # history lengths windows are cut to
SHORTEST = 4
_FOLDER = ("data", "raw", "reference")


@dataclass(frozen=True)
class Corpus:
    """All reference series on one yearly grid.

    ``series`` is indexed by series code (source, indicator, entity, unit_type, direction, kind, fold, use); ``values`` is
    n series x years, NaN where unknown, its first column is ``first_year``. ``version`` is a digest of the content.
    """

    series: pd.DataFrame
    values: np.ndarray
    first_year: int
    version: str

    def keep(self, rows: np.ndarray) -> Corpus:
        """The part of the corpus that ``rows`` (a mask over series) selects."""
        return Corpus(self.series[rows], self.values[rows], self.first_year, self.version)


def joined(one: Corpus, other: Corpus) -> Corpus:
    """Both corpora on one yearly grid; a series of ``one`` goes before one of the same code."""
    parts = [
        pd.DataFrame(c.values, c.series.index, c.first_year + np.arange(c.values.shape[1])).stack()
        for c in (one, other)
    ]
    fresh = ~parts[1].index.get_level_values(0).isin(one.series.index)
    long = pd.concat([parts[0], parts[1][fresh]]).rename_axis(["series", "year"]).rename("value").reset_index()
    register = pd.concat([one.series, other.series[~other.series.index.isin(one.series.index)]])
    return assemble(register, long)


@dataclass(frozen=True)
class Windows:
    """Histories cut from the corpus and what followed each.

    ``series`` is the row in the corpus, ``origin`` the last year of the history, ``values`` n x 30 right-aligned on the
    origin, ``future`` n x HORIZONS.
    """

    series: np.ndarray
    origin: np.ndarray
    length: np.ndarray
    values: np.ndarray
    future: np.ndarray


def load_corpus(root: Path) -> Corpus:
    """Read ``data/raw/reference``.

    Raises
    ------
    DataError
        A file is missing, or values and register do not belong together.
    """
    folder = root.joinpath(*_FOLDER)
    for name in ("series.csv", "sources.csv"):
        if not (folder / name).is_file():
            raise DataError([Problem("/".join([*_FOLDER, name]), 0, "", "", "文件不存在", "请恢复参照数据目录。")])
    series = tables.read_table(folder / "series.csv", dtype={"series": str, "entity": str}).set_index("series")
    parts = [
        tables.read_table(folder / f"{source}.csv", dtype={"series": str}) for source in sorted(series.source.unique())
    ]
    return assemble(series, pd.concat(parts, ignore_index=True))


def assemble(series: pd.DataFrame, values: pd.DataFrame) -> Corpus:
    """A corpus from a register (index series) and long values (series, year, value)."""
    known = values.series.isin(series.index)
    if not known.all():
        odd = sorted(values.series[~known].unique())[:5]
        raise DataError(
            [
                Problem("data/raw/reference", 0, "series", s, "序列没有登记", "请在 series.csv 中登记或删去。")
                for s in odd
            ]
        )
    series = series.sort_index()
    first, last = int(values.year.min()), int(values.year.max())
    grid = np.full((len(series), last - first + 1), np.nan)
    grid[series.index.get_indexer(values.series), values.year.to_numpy(int) - first] = values.value.to_numpy(float)
    digest = hashlib.sha256("\n".join(series.index).encode() + np.nan_to_num(grid, nan=-1e300).tobytes())
    return Corpus(series, grid, first, digest.hexdigest()[:12])


def cut(corpus: Corpus, width: int = 30, per_origin: int = 1, seed: int = 20110101) -> Windows:
    """Windows of every series and possible origin: ``per_origin`` lengths drawn (seeded) from what fits, from short to long."""
    rng = np.random.default_rng(seed)
    values = corpus.values
    n = len(values)
    seen = np.isfinite(values)
    first = np.argmax(seen, axis=1)
    later = seen[:, ::-1].cumsum(1)[:, ::-1] > 1  # an origin needs itself and something after it
    row, column = np.nonzero(seen & later)
    available = column - first[row] + 1
    keep = available >= SHORTEST
    row, column, available = row[keep], column[keep], available[keep]
    fitting = (np.array(LENGTHS)[None, :] <= available[:, None]).sum(1)
    part = (rng.random((per_origin, len(row))) + np.arange(per_origin)[:, None]) / per_origin
    chosen = np.minimum((part * fitting).astype(int), fitting - 1)
    new = np.concatenate(
        [np.ones((1, len(row)), bool), np.diff(chosen, axis=0) > 0]
    )  # a short series has one length only
    which = np.nonzero(new.T)[0]
    row, column, length = row[which], column[which], np.array(LENGTHS)[chosen.T[new.T]]
    padded = np.concatenate([np.full((n, width), np.nan), values, np.full((n, HORIZONS), np.nan)], axis=1)
    back = padded[row[:, None], column[:, None] + 1 + np.arange(width)]
    back[np.arange(width)[None, :] < (width - length)[:, None]] = np.nan
    ahead = padded[row[:, None], column[:, None] + 1 + width + np.arange(HORIZONS)]
    keep = (np.isfinite(back).sum(1) >= SHORTEST) & np.isfinite(ahead).any(1)
    return Windows(row[keep], corpus.first_year + column[keep], length[keep], back[keep], ahead[keep])


def bounds(unit_type: str, smallest: float) -> tuple[float, float]:
    """Natural bounds of a reference series: shares lie in 0–100, nothing else but a signed ratio is negative."""
    if unit_type == "percent":
        return 0.0, 100.0
    return (np.nan, np.nan) if smallest < 0 else (0.0, np.nan)


def decimals(values: np.ndarray, most: int = 4) -> np.ndarray:
    """Fewest decimals (0 to ``most``) that reproduce every value of each row."""
    out = np.full(len(values), most, float)
    for digits in range(most - 1, -1, -1):
        off = np.abs(values - np.round(values, digits)) > 1e-9 * np.maximum(1.0, np.abs(values))
        out[~np.any(off & np.isfinite(values), axis=1)] = digits
    return out
