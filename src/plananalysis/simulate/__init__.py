"""Invented districts with histories as troubled as real ones, for examples, tests of the checks, and load tests.

Two doors: :func:`simulate` writes whole area folders, :func:`simulate_panel` keeps many areas in memory. Both draw the same
figures for the same area and seed. All levels are data, in ``data/raw/simulation``.
"""

from plananalysis.simulate.dynamics import Panel, area_codes, simulate_panel
from plananalysis.simulate.folder import simulate, simulate_area
from plananalysis.simulate.levels import Levels, read_levels

__all__ = ["Levels", "Panel", "area_codes", "read_levels", "simulate", "simulate_area", "simulate_panel"]
