"""What an area starts from: its folder, its plan in one workbook, and the tables an office has already."""

from plananalysis.onboarding.area import new_area
from plananalysis.onboarding.workbook import Taken, read_workbook, write_workbook

__all__ = ["Taken", "new_area", "read_workbook", "write_workbook"]
