"""Many areas at once: one map over any executor, and what a city or a nation is made of.

A piece of work is a file: a worker writes it, whole or not at all, and its being there says that the work is done. So a run
that was killed goes on where it was, the parts of a batch system need nothing but a shared folder, and every way of running
leaves the same bytes.
"""

from plananalysis.panels.crews import Crew, Dask, Here, Processes, hired
from plananalysis.panels.shards import Shard, sliced
from plananalysis.panels.spread import Chunk, Outcome, spread

__all__ = ["Chunk", "Crew", "Dask", "Here", "Outcome", "Processes", "Shard", "hired", "sliced", "spread"]
