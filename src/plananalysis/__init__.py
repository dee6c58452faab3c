"""Where each target of a plan stands, whether it will be reached, and who must act."""

from __future__ import annotations

from importlib import import_module

__version__ = "0.2.0"

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
    "backtest_official": "workbench",
    "methods": "projections.methods",
    "refitted": "projections.steps",
    "build": "editions",
    "speaking": "base.text",
    "PlanAnalysisError": "base.errors",
    "DataError": "base.errors",
    "UsageError": "base.errors",
}
__all__ = ["__version__", *sorted(_OWNERS)]

TYPE_CHECKING = False  # type checkers know the name; importing ``typing`` for it would cost more than all the rest
if TYPE_CHECKING:  # the same list for those who read types and never run anything; a test holds the two together
    from plananalysis.assessments import assess as assess
    from plananalysis.base.errors import DataError as DataError
    from plananalysis.base.errors import PlanAnalysisError as PlanAnalysisError
    from plananalysis.base.errors import UsageError as UsageError
    from plananalysis.base.tables import areas as areas
    from plananalysis.base.tables import find_root as find_root
    from plananalysis.base.text import say as say
    from plananalysis.base.text import speaking as speaking
    from plananalysis.checks.quality import check as check
    from plananalysis.checks.quality import completeness as completeness
    from plananalysis.editions import build as build
    from plananalysis.observations import as_known as as_known
    from plananalysis.observations import load_observations as load_observations
    from plananalysis.observations.histories import histories as histories
    from plananalysis.pages import open_edition as open_edition
    from plananalysis.pages.city import open_city as open_city
    from plananalysis.plan import load_plan as load_plan
    from plananalysis.projections import project as project
    from plananalysis.projections.explain import explain_goal as explain_goal
    from plananalysis.projections.methods import methods as methods
    from plananalysis.projections.steps import refitted as refitted
    from plananalysis.reports import report as report
    from plananalysis.reports.own import report_notebook as report_notebook
    from plananalysis.workbench import Area as Area
    from plananalysis.workbench import Indicator as Indicator
    from plananalysis.workbench import backtest as backtest
    from plananalysis.workbench import backtest_official as backtest_official
    from plananalysis.workbench import open_area as open_area
    from plananalysis.workbench import read_table as read_table
    from plananalysis.workbench import reference as reference


def __getattr__(name: str) -> object:
    if name not in _OWNERS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_OWNERS[name]}"), name)


def __dir__() -> list[str]:
    return __all__
