"""Handing an edition out: a package that opens offline, a preview before it is sent, and a bundle an evaluator can re-run."""

from __future__ import annotations

from plananalysis.bundles.evidence import bundle
from plananalysis.bundles.form import Form, current, of_periods, overviews
from plananalysis.bundles.packing import Damaged
from plananalysis.bundles.preview import serve
from plananalysis.bundles.publishing import publish
from plananalysis.bundles.verifying import verify

__all__ = ["Damaged", "Form", "bundle", "current", "of_periods", "overviews", "publish", "serve", "verify"]
