"""For researchers: an area and its indicators as pandas frames, with the reports' own probabilities, and histories from anywhere.

Nothing is computed here a second time: projections, probabilities, verdicts and gaps come from the modules the reports call.

>>> import plananalysis as pa
>>> known = {2019: 71.0, 2020: 74.2, 2021: 75.9, 2022: 79.1, 2023: 80.4}
>>> rate = pa.Indicator.from_frame(known, name="Screening rate", unit="%", language="en")
>>> rate
Screening rate (%): 5 values 2019–2023, newest 80.4
>>> bool(rate.chance(">=", 80, by=2030) > rate.chance(">=", 90, by=2030))
True
"""

from plananalysis.workbench.area import Area, open_area
from plananalysis.workbench.elsewhere import reference
from plananalysis.workbench.indicator import Indicator
from plananalysis.workbench.official import backtest_official
from plananalysis.workbench.scoring import backtest
from plananalysis.workbench.table import read_table

__all__ = ["Area", "Indicator", "backtest", "backtest_official", "open_area", "read_table", "reference"]
