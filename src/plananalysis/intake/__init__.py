"""The yearly round: returns in, questions back, accepted. Nothing that was received is ever changed or overwritten."""

from plananalysis.intake.accountability import (
    COLUMNS,
    QUESTION_COLUMNS,
    accountability,
    due_date,
    questions_of,
    received_any,
)
from plananalysis.intake.checking import Checker
from plananalysis.intake.disclosure import Cell, hidden_cells, pooled, protect, public
from plananalysis.intake.receiving import FileResult, IntakeResult, check_files, receive
from plananalysis.intake.reviewing import questions, review, standing

__all__ = [
    "COLUMNS",
    "QUESTION_COLUMNS",
    "Cell",
    "Checker",
    "FileResult",
    "IntakeResult",
    "accountability",
    "check_files",
    "due_date",
    "hidden_cells",
    "pooled",
    "protect",
    "public",
    "questions",
    "questions_of",
    "receive",
    "received_any",
    "review",
    "standing",
]
