"""What a person reads on the screen after a check, a build or a decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plananalysis.base import tables
from plananalysis.base.text import aside, say
from plananalysis.cli.run import Run

if TYPE_CHECKING:
    import pandas as pd

    from plananalysis.editions import BuildSummary
    from plananalysis.plan import Plan
    from plananalysis.returns.register import Review

_SHOWN = 10  # sentences of one kind; the tables hold all of them


def tell_build(run: Run, root: Path, summary: BuildSummary) -> None:
    """Series, years, newest values, verdict counts and what changed since the last edition; at a plan's end what was reached."""
    settings = tables.read_settings(root / "data" / "raw" / summary.area / "area.toml", root)
    run.out("build.title", name=settings["name"], area=summary.area, as_of=summary.as_of, known_on=summary.known_on)
    years = (
        say("cli.build.years", first=summary.first_year, last=summary.last_year)
        if summary.observations
        else say("cli.build.no_years")
    )
    run.out("build.content", series=summary.series, observations=summary.observations, years=years)
    newest = [
        say("cli.build.newest_item", year=year, count=count)
        for year, count in sorted(summary.newest.items(), reverse=True)
    ]
    if newest:
        run.out("build.newest", counts=say("cli.list_joint").join(newest))
    words, counts = ("documents.final", summary.positions) if summary.positions else ("outlook", summary.outlooks)
    told = [say("cli.build.outlooks_item", outlook=say(f"{words}.{key}"), count=n) for key, n in counts.items() if n]
    run.out("build.outlooks", counts=say("cli.list_joint").join(told))
    if not summary.positions:  # what was to be expected before is no news once it is known what came
        run.out("build.changes" if summary.changes else "build.no_changes", count=len(summary.changes))
        _tell_some(run, "build.item", summary.changes, summary.folder)
    run.out("build.folder", folder=summary.folder)


def tell_untranslated(run: Run, root: Path, area: str, as_of: int | None) -> None:
    """Names that an edition in another language has to show in Chinese."""
    from plananalysis.plan import load_plan
    from plananalysis.plan.names import untranslated

    plan = load_plan(root, area, as_of)
    if names := untranslated(plan):
        run.out("build.problems", count=len(names))
        _tell_some(run, "build.item", names, f"data/processed/{area}/{plan.as_of}")


def tell_issues(run: Run, plan: Plan, issues: pd.DataFrame, questions: Sequence[str] = ()) -> None:
    """Every issue of one area with its place and what to do about it, then the counts; before them what the plan's readings ask."""
    run.out("check.title", name=plan.name, area=plan.area, as_of=plan.as_of)
    for question in questions:
        run.out("check.question", question=question)
    if issues.empty and not questions:
        run.out("check.nothing")
        return
    if issues.empty:
        return
    from plananalysis.plan.groups import group_name

    for issue in issues.to_dict("records"):
        place = _place(issue) if issue["submission"] else ""
        about = plan.series.loc[issue["series"]] if issue["series"] in plan.series.index else None
        name = "" if about is None else f"{issue['series']} {about['name']}"
        if about is not None and issue["group"] != "total":
            name += aside(group_name(issue["group"], about["plan"]))
        place += say("cli.check.about", name=name) if name else ""
        run.out(
            "check.issue",
            severity=say(f"quality.severity.{issue['severity']}"),
            place=place,
            message=issue["message"],
            advice=issue["advice"] + _asked_by(issue),
        )
    counts = [
        say("cli.check.count", severity=say(f"quality.severity.{severity}"), count=count)
        for severity, count in issues["severity"].value_counts().items()
    ]
    run.out("check.counts", counts=say("cli.list_joint").join(counts))
    if any(map(_asked_by, issues.to_dict("records"))):
        run.out("check.waive", area=plan.area)


def _asked_by(issue: dict[str, Any]) -> str:
    """The name by which a question about a value of a table can be waived; a return's are named where it is accepted."""
    if issue["severity"] == "hint" or not issue["submission"] or issue["submission"].startswith("returns/"):
        return ""
    return say("cli.check.asked_by", issue=f"{issue['rule']}/{issue['series']}/{issue['group']}/{issue['year']}")


def _place(issue: dict[str, Any]) -> str:
    """File, row and column of a value; a form's column by its heading, a table's by its name."""
    submission, column = issue["submission"], issue["column"]
    heading = say(f"returns.column.{column}") if submission.startswith("returns/") else column
    return say("cli.check.place", submission=submission, row=issue["file_row"], column=heading)


def round_states(row: Mapping[str, Any], timeliness: str) -> list[str]:
    """What is said of a unit's return: when it came, which version is in use, what waits and what is open."""
    words = {**row, "open": row["open_errors"] + row["open_questions"], "timeliness": say(f"round.state.{timeliness}")}
    words["used_from"] = row["used_from"].replace(";", say("cli.list_joint"))
    states = [
        "received" if row["received_on"] else "nothing",
        "versions" if row["versions"] > 1 else "",
        "used" if row["used_from"] and not row["accepted_on"] else "",
        "provisional" if row["provisional"] else "",
        "waiting" if row["waiting"] else "",
        "open" if words["open"] else "",
        "accepted" if row["accepted_on"] else "",
    ]
    return [say(f"cli.round.{state}", **words) for state in states if state]


def tell_closed(run: Run, closed: Mapping[int, str]) -> None:
    """That what was decided is not in an edition, since that had closed by then."""
    for year, closing in closed.items():
        run.out("review.closed", year=year, closing=closing)


def decision_words(decision: str, made: Sequence[Review]) -> str:
    """What was decided, and about which indicators where it was not about all."""
    words = say(f"cli.review.{decision}", count=len(made))
    series = dict.fromkeys(
        one.series + (f"/{one.year}" if one.year else "") for one in made if one.series and not one.rule
    )
    return words + (
        say("cli.review.of", series=say("cli.list_joint").join(series), count=len(series)) if series else ""
    )


def _tell_some(run: Run, key: str, sentences: Sequence[str], folder: str) -> None:
    for sentence in sentences[:_SHOWN]:
        run.out(key, sentence=sentence)
    if len(sentences) > _SHOWN:
        run.out("build.more", count=len(sentences) - _SHOWN, folder=folder)
