"""Where each target of a plan stands, whether it will be reached, and who must act."""

from __future__ import annotations

from importlib import import_module

__version__ = "0.1.0"

# name -> module that owns it; loaded when first used, so that importing the package costs nothing
_OWNERS = {
    "find_root": "base.tables",
    "areas": "base.tables",
    "say": "base.text",
    "load_plan": "plan",
    "load_observations": "observations",
    "as_known": "observations",
    "histories": "observations",
    "check": "checks.quality",
    "completeness": "checks.quality",
    "project": "projections",
    "explain_goal": "projections.explain",
    "assess": "assessments",
    "open_city": "pages.city",
    "open_edition": "pages",
    "report": "reports",
    "report_notebook": "reports.own",
    "open_area": "workbench",
    "Area": "workbench",
    "Indicator": "workbench",
    "read_table": "workbench",
    "reference": "workbench",
    "backtest": "workbench",
    "methods": "projections.methods",
    "build": "editions",
    "speaking": "base.text",
    "PlanAnalysisError": "base.errors",
    "DataError": "base.errors",
    "UsageError": "base.errors",
}
__all__ = ["__version__", *sorted(_OWNERS)]


def __getattr__(name: str) -> object:
    if name not in _OWNERS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_OWNERS[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_OWNERS})
