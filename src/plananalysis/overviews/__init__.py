"""Pages about many areas: a city's districts with the overview that compares them, and a nation's brief."""

from plananalysis.overviews.city import CityRun, run_city
from plananalysis.overviews.nation import write_brief

__all__ = ["CityRun", "run_city", "write_brief"]
