"""Histories unlike those the engine learned from, and what it says of them put right."""

from __future__ import annotations

import numpy as np

from plananalysis.plan.units import CASES
from plananalysis.projections import bounds, counts, engine
from plananalysis.projections.observed import Observed


def unlike(history: Observed) -> bool:
    """Whether a history is of another kind than the engine learned from, so that its statement is to be :func:`mended`."""
    return history.numerators is not None or history.unit in CASES or bounds.standing(history)[0] != 0


def mended(
    history: Observed, ahead: np.ndarray, ranks: np.ndarray, learned: engine.Learned, values: np.ndarray
) -> np.ndarray:
    """What the engine says (``ahead`` years x rising ``ranks``), where a history is not of the kind it learned from put right.

    A share that stands at a bound stays or leaves; a rate of rare events is counted; a share of few cases lies on k of n.
    """
    held = bounds.held(history, ahead, ranks, learned.arrays)
    if held is None:
        held = counts.counted(history, ahead, ranks, values, learned.arrays)
    return bounds.on_lattice(history, held)
