"""The cuts and tolerances of an edition as every page, paper, guide and foot prints them.

Light: the guide of a bundle and the list of editions print cuts without loading what reads tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plananalysis.base.text import listed, say, tellable

# no printed probability may cross one of these
CUTS = ("likely", "hard", "very_hard", "alert_binding", "alert_anticipatory")
_POINTS = ("about_tolerance", "about_tolerances_shown", "relative_tolerance")
_SHARES_IN_POINTS = ("clear_by", "schedule_margin")
_SHARES = (*CUTS, "volatile_level", "outlier_level", "control_level", "marked_decrease")


@tellable
def threshold(name: str, value: Any) -> str:
    """A cut or tolerance as every report prints it.

    >>> threshold("control_level", 0.975), threshold("clear_by", 0.05), threshold("min_points", 4)
    ('97.5%', '5个百分点', '4')
    """
    values = value if isinstance(value, (list, tuple)) else [value]
    scale = 100 if name in _SHARES or name in _SHARES_IN_POINTS else 1
    words = listed(f"{scale * v:g}" if isinstance(v, (int, float)) else str(v) for v in values)
    if name in _POINTS or name in _SHARES_IN_POINTS:
        return say("pages.points_of", value=words)
    return f"{words}%" if name in _SHARES else words


def named(thresholds: Mapping[str, Any]) -> dict[str, str]:
    """Every cut that is a number by its name, for a sentence that names some of them."""
    return {name: threshold(name, value) for name, value in thresholds.items() if isinstance(value, (int, float))}


def signed(thresholds: Mapping[str, Any]) -> str:
    """The sentence in the foot: the cuts of the outlook, and when they were signed off."""
    when = thresholds.get("signed_off", "")
    told = say("reports.page.signed_off", when=when) if when else say("reports.page.not_signed_off")
    return say("reports.page.thresholds", **(named(thresholds) | {"signed_off": told}))
