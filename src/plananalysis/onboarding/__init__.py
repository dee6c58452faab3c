"""What an area starts from: its folder, its plan in one workbook, the tables an office has already; and how its targets are read, confirmed."""

from plananalysis.onboarding.area import new_area
from plananalysis.onboarding.confirming import Confirmed, read_form, write_form
from plananalysis.onboarding.questions import Question, questions
from plananalysis.onboarding.readings import decide_reading
from plananalysis.onboarding.workbook import Taken, read_workbook, write_workbook

__all__ = [
    "Confirmed",
    "Question",
    "Taken",
    "decide_reading",
    "new_area",
    "questions",
    "read_form",
    "read_workbook",
    "write_form",
    "write_workbook",
]
