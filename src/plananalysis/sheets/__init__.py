"""Files of strangers as sheets of cells: looked at before they are read, read in a process of their own, nothing guessed.

Light on purpose: the process that reads a file must start in a few hundredths of a second.
"""

from plananalysis.sheets.apart import read_apart
from plananalysis.sheets.grids import EMPTY, MAX_COLUMNS, MAX_ROWS, Cell, Grid, Refused, Sheets, address
from plananalysis.sheets.reading import MAX_FILE, read_file

__all__ = [
    "EMPTY",
    "MAX_COLUMNS",
    "MAX_FILE",
    "MAX_ROWS",
    "Cell",
    "Grid",
    "Refused",
    "Sheets",
    "address",
    "read_apart",
    "read_file",
]
