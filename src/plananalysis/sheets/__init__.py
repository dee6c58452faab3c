"""Files of strangers as sheets of cells: looked at before they are read, read in a process of their own, nothing guessed.

Light on purpose: the process that reads a file must start in a few hundredths of a second.
"""
