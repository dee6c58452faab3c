"""The yearly round: returns in, questions back, accepted. Nothing that was received is ever changed or overwritten."""

from plananalysis.round.accountability import (
    accountability,
    questions_of,
    received_any,
    timeliness,
)
from plananalysis.round.arriving import Arrived
from plananalysis.round.checking import Checker
from plananalysis.round.correcting import correct, restore
from plananalysis.round.due import due_date
from plananalysis.round.listing import round_tables, write_list
from plananalysis.round.receiving import FileResult, IntakeResult, check_files, receive
from plananalysis.round.reminders import write_reminders
from plananalysis.round.reviewing import accept_clean, after_closing, questions, review
from plananalysis.round.standing import Item, Standing, Version, standing, versions

__all__ = [
    "Arrived",
    "Checker",
    "FileResult",
    "IntakeResult",
    "Item",
    "Standing",
    "Version",
    "accept_clean",
    "accountability",
    "after_closing",
    "check_files",
    "correct",
    "due_date",
    "questions",
    "questions_of",
    "receive",
    "received_any",
    "restore",
    "review",
    "round_tables",
    "standing",
    "timeliness",
    "versions",
    "write_list",
    "write_reminders",
]
