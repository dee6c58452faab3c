"""The monitoring database: every report of every value, kept apart from the files it is derived from.

``data/processed/<area>/monitoring.sqlite`` can be deleted at any time; :func:`rebuild` makes an equal one from the raw files.
It is append-only by its own triggers, in rollback-journal mode (the other mode does not work over a network share), and it is
replaced as a whole: a reader sees the old one or the new one.
"""

from plananalysis.database.build import as_of, connect, history, rebuild, table_hash
from plananalysis.database.export import export

__all__ = ["as_of", "connect", "export", "history", "rebuild", "table_hash"]
