"""Invented districts with histories as troubled as real ones, for examples, tests of the checks, and load tests.

Three doors: :func:`simulate` writes whole area folders, :func:`simulate_nation` one columnar file of thousands of areas, and
:func:`simulate_panel` keeps many areas in memory. All draw the same figures for the same area and seed. All levels are data, in ``data/raw/simulation``.
"""

from plananalysis.simulate.dynamics import Panel, area_codes, simulate_panel
from plananalysis.simulate.folder import simulate, simulate_area
from plananalysis.simulate.levels import Levels, read_levels
from plananalysis.simulate.nation import simulate_nation

__all__ = [
    "Levels",
    "Panel",
    "area_codes",
    "read_levels",
    "simulate",
    "simulate_area",
    "simulate_nation",
    "simulate_panel",
]
