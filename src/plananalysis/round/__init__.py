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
from plananalysis.round.due import due_date, set_due
from plananalysis.round.listing import round_tables, write_list
from plananalysis.round.receiving import FileResult, IntakeResult, check_files, receive
from plananalysis.round.reminders import write_reminders
from plananalysis.round.reviewing import accept_clean, after_closing, questions, review
from plananalysis.round.standing import Item, Standing, Version, standing, versions
from plananalysis.round.table_corrections import correct_value, withdraw_table
from plananalysis.round.waiving import found_in_store, key_of, name_of, table_called, waive_stored

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
    "correct_value",
    "due_date",
    "found_in_store",
    "key_of",
    "name_of",
    "questions",
    "questions_of",
    "receive",
    "received_any",
    "restore",
    "review",
    "round_tables",
    "set_due",
    "standing",
    "table_called",
    "timeliness",
    "versions",
    "waive_stored",
    "withdraw_table",
    "write_list",
    "write_reminders",
]
