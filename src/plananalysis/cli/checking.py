"""The command that says what is wrong with plans and submissions: ``check``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from plananalysis.base import tables
from plananalysis.base.text import say
from plananalysis.cli.group import area_option, as_of_option, command, in_project
from plananalysis.cli.run import Run, plain
from plananalysis.cli.telling import tell_issues


@command("check")
@area_option
@as_of_option
@in_project
def check(run: Run, area: Sequence[str], as_of: int | None, root: Path) -> None:
    """Every problem of the plans and the submissions, at once."""
    areas = run.areas(area, root, panels=True)
    from plananalysis import observations
    from plananalysis.checks import quality
    from plananalysis.plan import load_plan
    from plananalysis.returns import register

    for code in areas:
        with run.area(code) as record:
            plan = load_plan(root, code, as_of)
            if tables.is_panel(root, code):
                from plananalysis.cli.panels import tell_check

                tell_check(run, root, plan)
                continue
            reported = observations.load_observations(root, code)
            view = observations.as_known(reported, plan.known_on, plan.as_of)
            issues = quality.check_area(root, plan, reported, view)
            record["issues"] = plain(issues.to_dict("records"))
            run.bad_data |= bool((issues["severity"] == "error").any())
            today = date.today().isoformat()
            record["questions"] = [told for one in plan.together() for told in one.questions(today)]
            tell_issues(run, plan, issues, record["questions"])
            record["strangers"] = register.strangers(root, code)
            if record["strangers"]:
                named = say("cli.list_joint").join(record["strangers"][:10])
                run.out("check.strangers", count=len(record["strangers"]), files=named)
