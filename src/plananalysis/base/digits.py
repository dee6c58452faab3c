"""A number in the digits it is published with."""

from __future__ import annotations

import math

HALF = 0.5 + 1e-7  # halves go away from zero (四舍五入), also those that a float holds a hair too low


def rounded(value: float, decimals: int) -> int:
    """A value as it would be published, in units of its last digit.

    >>> rounded(2.675, 2), rounded(-0.5, 0)
    (268, -1)
    """
    return int(math.copysign(math.floor(abs(value) * 10**decimals + HALF), value))


def fixed(value: float, decimals: int) -> str:
    """Digits of a published value, zeros at the end kept; below zero with a minus, not a hyphen.

    >>> fixed(1234.25, 1), fixed(-0.04, 1), fixed(-3.0, 0)
    ('1,234.3', '0.0', '−3')
    """
    steps = rounded(value, decimals)
    return f"{'−' if steps < 0 else ''}{abs(steps) / 10**decimals:,.{decimals}f}"


def plain(value: float, decimals: int) -> str:
    """The same without zeros nobody reported: an observed 97.6 stays 97.6 where two decimals are allowed."""
    digits = fixed(value, decimals)
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
