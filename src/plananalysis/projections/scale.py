"""The scale projections are made on: unbounded, unit-free, and the mirror image of itself for a share and its complement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

PAD = 0.05  # share of a series' own mean added to each side, so that zeros and full shares stay finite
PAD_MOST = 0.005  # ... but never more than half a percentage point of a bounded range
RARE = 0.05  # a share below this (or above its complement) is a rate of few events, whatever unit it is written in
LEAST = 1e-5  # mean share of a series that was never anything but 0, so that it has a scale: one per 100,000
MOST = 50.0  # log of what no part of a size passes, so that its exponential stays finite
SHARE, RATE, LINE = 2, 1, 0  # two bounds, one bound, none


@dataclass(frozen=True)
class Scale:
    """One bounded scale per series (arrays of length n).

    ``kind`` says how many bounds matter. A share uses log(p + pad) - log(1 - p + pad), a series near one bound
    log(distance to the bound + pad), a series without bounds its own unit over its mean size. Complement, unit change and
    shift of an unbounded series leave the scaled values alone, up to sign. A share that stays below 5 % is a rate of few events,
    so that 0.02 %, 0.2 per 1,000 and 20 per 100,000 are one fact; a share above 95 % is the complement of one.
    """

    kind: np.ndarray
    start: np.ndarray  # the bound distances are measured from
    far: np.ndarray  # the other bound, infinite where there is none
    size: (
        np.ndarray
    )  # what one unit of p is, in the series' own unit; negative where it is measured down from an upper bound
    low_pad: np.ndarray
    high_pad: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> Scale:
        """The scale that suits histories ``values`` (n series x years, NaN where unknown)."""
        both, low, high = np.isfinite(lower) & np.isfinite(upper), np.isfinite(lower), np.isfinite(upper)
        width = np.where(both, upper - lower, 1.0)
        start = np.where(low, lower, np.where(high, upper, 0.0))
        with np.errstate(invalid="ignore"):
            share = np.where(
                both, np.nanmean(np.clip((values - start[:, None]) / width[:, None], 0, 1), axis=1), np.nan
            )
        down = (both & (share > 1 - RARE)) | (high & ~low)
        rare = both & ((share < RARE) | down)
        kind = np.where(both & ~rare, SHARE, np.where(low | high, RATE, LINE))
        start = np.where(down, upper, start)
        distance = np.abs(values - start[:, None])
        with np.errstate(invalid="ignore"):
            mean = np.nanmean(distance, axis=1)
            zero = np.nanmin(distance, axis=1) <= 0
            least = np.nanmin(np.where(distance > 0, distance, np.inf), axis=1)
        mean = np.where(
            rare, np.maximum(mean, LEAST * width), np.where(mean > 0, mean, 1.0)
        )  # an all-zero history has no size
        size = np.where(kind == SHARE, width, np.where(down, -mean, mean))
        floor = PAD * PAD_MOST  # an all-zero (all-full) share still needs a finite scale
        one = np.where(zero & np.isfinite(least), least / mean / 2, 0.0)  # from none to one event is a step, not a leap
        low_pad = np.where(kind == SHARE, np.clip(PAD * share, floor, PAD_MOST), np.maximum(PAD, one))
        high_pad = np.where(kind == SHARE, np.clip(PAD * (1 - share), floor, PAD_MOST), 0.0)
        far = np.where(both, np.where(down, lower, upper), np.where(down, -np.inf, np.inf))
        return cls(kind, start, far, size, low_pad, high_pad)

    def take(self, rows: np.ndarray | slice) -> Scale:
        return Scale(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def to(self, values: np.ndarray) -> np.ndarray:
        """Scaled values; what lies outside a bound is taken to lie on it."""
        p = (values - self.start[:, None]) / self.size[:, None]
        share, line = (self.kind == SHARE)[:, None], (self.kind == LINE)[:, None]
        bounded = np.clip(p, 0.0, np.where(share, 1.0, np.inf))
        scaled = np.log(bounded + self.low_pad[:, None])
        scaled -= np.where(
            share, np.log(np.where(share, 1.0 - bounded, 0.0) + np.where(share, self.high_pad[:, None], 1.0)), 0.0
        )
        return np.where(line, p, scaled)

    def back(self, scaled: np.ndarray) -> np.ndarray:
        """Values in the series' own unit for ``scaled`` (n x anything), inside the bounds. Keeps the dtype given."""
        kinds = np.unique(self.kind)
        if len(kinds) == 1:
            return self.back_as(int(kinds[0]), scaled)
        values = np.empty_like(scaled)
        for kind in kinds:
            rows = np.flatnonzero(self.kind == kind)
            values[rows] = self.take(rows).back_as(int(kind), scaled[rows])
        return values

    def back_as(self, kind: int, scaled: np.ndarray) -> np.ndarray:
        """:meth:`back` for series of one kind; works in place where it can, because paths are many."""
        shape = (-1,) + (1,) * (scaled.ndim - 1)
        columns = (self.start, self.size, self.low_pad, self.high_pad)
        start, size, low, high = (a.reshape(shape).astype(scaled.dtype) for a in columns)
        if kind == LINE:
            return start + size * scaled
        part = np.exp(np.minimum(scaled, np.asarray(MOST, scaled.dtype)) if scaled.max() > MOST else scaled)
        if kind == RATE:
            part -= low
            np.clip(part, 0.0, np.inf, out=part)  # faster than a maximum
        else:  # p = (odds (1 + high) - low) / (1 + odds)
            below = part + 1
            part *= 1 + high
            part -= low
            part /= below
            np.clip(part, 0.0, 1.0, out=part)
        part *= size
        if start.any():
            part += start
        if kind == RATE and np.isfinite(self.far).any():
            far = self.far.reshape(shape).astype(scaled.dtype)
            np.clip(part, np.minimum(start, far), np.maximum(start, far), out=part)  # a product is rounded
        return part

    @property
    def side(self) -> np.ndarray:
        """+1 where scaled values rise with the values, -1 where they fall (distances below an upper bound)."""
        return np.where(self.size < 0, -1.0, 1.0)

    def limits(self) -> tuple[np.ndarray, np.ndarray]:
        """Scaled lower and upper bound of each series (infinite where there is none)."""
        share, rate = self.kind == SHARE, self.kind == RATE
        with np.errstate(divide="ignore"):
            low = np.where(
                share, np.log(self.low_pad) - np.log(1 + self.high_pad), np.where(rate, np.log(self.low_pad), -np.inf)
            )
            high = np.where(share, np.log(1 + self.low_pad) - np.log(np.where(share, self.high_pad, 1.0)), np.inf)
        return low, high
