"""What was reported: every submission as it was typed, and what was known on a date.

A row is one report of one value: series x area x group x year x definition, reported on a day. Later reports of the same
cell do not replace earlier ones; they are newer *vintages*, and :func:`as_known` says which one held on a date.
"""

from plananalysis.observations.histories import (
    as_known,
    as_rows,
    counting,
    current_definition,
    histories,
    in_use,
    known_histories,
    row_of,
    vintages,
    with_peers,
)
from plananalysis.observations.history import History
from plananalysis.observations.numbers import parse_number
from plananalysis.observations.submissions import load_observations, observations_table
from plananalysis.observations.walk import KEY, STATUSES, definitions, starts_segment

__all__ = [
    "KEY",
    "STATUSES",
    "History",
    "as_known",
    "as_rows",
    "counting",
    "current_definition",
    "definitions",
    "histories",
    "in_use",
    "known_histories",
    "load_observations",
    "observations_table",
    "parse_number",
    "row_of",
    "starts_segment",
    "vintages",
    "with_peers",
]
