"""What the responsible units send: files read safely, every cell parsed by one contract, everything wrong said at once."""

from plananalysis.returns.asked import TOTAL, Asked, Codebook, codebook
from plananalysis.returns.issues import ERROR, EXPLAIN, HINT, SEVERITIES, Issue, in_order, issue, told
from plananalysis.returns.reading import Return, read_return
from plananalysis.returns.rows import Row
from plananalysis.returns.values import Parsed, parse_value

__all__ = [
    "ERROR",
    "EXPLAIN",
    "HINT",
    "SEVERITIES",
    "TOTAL",
    "Asked",
    "Codebook",
    "Issue",
    "Parsed",
    "Return",
    "Row",
    "codebook",
    "in_order",
    "issue",
    "parse_value",
    "read_return",
    "told",
]
