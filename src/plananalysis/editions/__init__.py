"""Owns ``changes``, ``edition.json`` and ``inputs.json``: builds everything derived for one area and one as-of year."""

from __future__ import annotations

from plananalysis.editions.building import BuildSummary, build, changed, editions, quantile_table

__all__ = ["BuildSummary", "build", "changed", "editions", "quantile_table"]
