"""What an area starts from: its folder, its plan in one workbook, and the tables an office has already."""

from plananalysis.onboarding.area import new_area
from plananalysis.onboarding.readings import decide_reading
from plananalysis.onboarding.workbook import Taken, read_workbook, write_workbook

__all__ = ["Taken", "decide_reading", "new_area", "read_workbook", "write_workbook"]
