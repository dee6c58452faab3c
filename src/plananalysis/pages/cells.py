"""What stands in a cell about a row of the plan: words, and quantities that know how they are printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from plananalysis.base.text import listed, say, span
from plananalysis.editions.opened import Published, Record
from plananalysis.figures.fan import mini_fan
from plananalysis.figures.marks import mark
from plananalysis.pages import rows
from plananalysis.pages.charts import chart_of, goal_bounds
from plananalysis.pages.elsewhere import newest_elsewhere
from plananalysis.pages.links import indicator_link, unit_file
from plananalysis.pages.outlooks import outlook_of
from plananalysis.pages.rows import headcount_told
from plananalysis.plan.units import RATES, unit_name
from plananalysis.render.blocks import Drawing, Words, more, words
from plananalysis.render.quantities import Chance, Change, Progress, Size, Value, Year

PAST = 5  # editions in the strip of past outlooks


@dataclass(frozen=True)
class Cells:
    """The cells of the rows of one edition, one method a column.

    Parameters
    ----------
    here
        The rows have their own blocks on the page itself.
    """

    edition: Published
    here: bool = False

    # ---- what the row is -----------------------------------------------------------------------------------------

    def indicator(self, row: Record) -> Words:
        """Code and name, linked to the row's own block on its domain's page."""
        return words(indicator_link(row, self.here), binding_mark(row))

    def marked(self, row: Record) -> Words:
        """The same with 双红, for a list of what needs action."""
        both = alert("both_red") if "both_red" in row.words("alerts") else None
        marks = [m for m in (binding_mark(row), both) if m]
        return words(indicator_link(row, self.here), words(*marks, role="marks") if marks else None)

    def domain(self, row: Record) -> str | None:
        return next((d.name for d in self.edition.domains if d.code == row.text("domain")), None)

    def no(self, row: Record) -> str:
        return row.text("number") + row.text("sub")

    def measure(self, row: Record) -> str:
        return unit_name(row.text("unit"))

    def attribute(self, row: Record) -> str:
        return say(f"attribute.{row.text('attribute')}")

    def unit(self, row: Record) -> Words | None:
        """Who must act: the first responsible unit stands out, the others follow; for the offices each leads to its sheet."""
        named: list[Any] = [*rows.units(row)]
        if getattr(self.edition, "audience", "") == "internal":
            pairs = zip(row.words("responsible_units"), named, strict=True)
            named = [words(name, link=unit_file(code)) for code, name in pairs]
        if not named:
            return None
        others = words(words(*named[1:], role="list"), role="others") if named[1:] else None
        return words(words(named[0], role="b"), others)

    # ---- values ----------------------------------------------------------------------------------------------------

    def value(self, row: Record) -> Words | None:
        """Newest value with its year; beside a rate of few events stands their number."""
        year = row.whole("value_year")
        newest = self.newest_value(row)
        if not year or not (newest or newest.hidden):
            return None
        when = words(say("pages.year", year=year), role="year now" if year == self.edition.as_of else "year")
        few = few_events(self.edition, row)
        return words(newest, when, more(few))

    def newest_value(self, row: Record) -> Value:
        """The newest value as it was published, marked where it is to be explained or used provisionally."""
        asked = row.text("value_question")  # error: it is not the value shown
        return replace(
            value(row, "value"), places=row.whole("value_places"), mark=question_mark("" if asked == "error" else asked)
        )

    def newest(self, row: Record) -> Year:
        return Year(row.number("value_year"))

    def baseline(self, row: Record) -> Value:
        return value(row, "baseline")

    def previous(self, row: Record) -> Value:
        before = rows.previous(self.edition, row)
        return Value(before and before[1], row.text("unit"), row.whole("decimals") or 0)

    def step(self, row: Record) -> Change:
        before = rows.previous(self.edition, row)
        moved = rows.moved(row, before and before[1])
        return _sized(Change, row, moved, rows.withheld(row, "previous_value"), row.whole("value_places"))

    def since_base(self, row: Record) -> Change:
        hidden = rows.withheld(row, "value") or rows.withheld(row, "baseline")
        return _sized(Change, row, rows.since_base(self.edition, row), hidden, row.whole("value_places"))

    def gap(self, row: Record) -> Size | str | None:
        """How far the newest value is from the target; nothing to go where it is met."""
        if row.text("position") == "met":
            return say("position.met")
        return self.distance(row)

    def distance(self, row: Record) -> Size:
        missed = row.text("position") == "not_met"
        gap = row.number("shortfall") if missed else None
        return _sized(Size, row, gap, hidden=row.text("position") != "met" and rows.withheld(row, "shortfall"))

    def headcount(self, row: Record) -> str | None:
        """What the distance amounts to in people, where that is known."""
        return headcount_told(self.edition, row)

    def required(self, row: Record) -> Change:
        return yearly(row, "required_annual_change")

    def observed(self, row: Record) -> Change:
        return yearly(row, "observed_annual_change")

    def pace(self, row: Record) -> Words | None:
        """What each year must bring, and what the last ones brought."""
        needed, usual = self.required(row), self.observed(row)
        if not (needed or needed.hidden or usual or usual.hidden):
            return None
        return words(
            words(say("pages.pace_needed", change=needed), role="line"),
            words(say("pages.pace_usual", change=usual), role="line"),
        )

    # ---- target and verdict ----------------------------------------------------------------------------------------

    @staticmethod
    def aim(row: Record) -> str | None:
        """The target in figures; of a row of parts, whose targets differ, the plan's own words."""
        return row.text("reading_text" if row.text("kind") != "worst_part" else "target_text") or None

    def target(self, row: Record) -> Words | None:
        """The target verbatim; our reading follows where it adds something, with a mark where the operator was inferred."""
        verbatim, reading = row.text("target_text"), row.text("reading_text")
        inferred = row.text("operator_source") == "inferred"
        sign = words(say("pages.inferred_mark"), role="inferred", title=say("operator_source.inferred"))
        extra = words(reading, role="reading") if reading and reading != verbatim else None
        return words(verbatim, sign if inferred else None, extra) if verbatim or extra else None

    def position(self, row: Record) -> str:
        return say("audience.withheld" if rows.withheld(row, "position") else f"position.{row.text('position')}")

    def result(self, row: Record) -> str:
        """At the end of a plan period: reached or not, and by which year's value where the target year has none."""
        if rows.withheld(row, "position"):
            return say("audience.withheld")
        verdict = say(f"documents.final.{row.text('position')}")
        older = rows.late(self.edition, row)
        return verdict + say("evaluation.by_older", year=row.whole("value_year")) if older else verdict

    def outlook(self, row: Record) -> Words | None:
        """Sign and word of the outlook, marked where it was kept from the edition before."""
        shown = outlook_of(row)
        if shown is None or not rows.kept_verdict(self.edition, row):
            return shown
        return words(shown, words(say("pages.kept_mark"), role="inferred", title=say("pages.note_kept")))

    def past(self, row: Record) -> Words | None:
        """历年研判条: the signs of the last editions' outlooks, this one's last; their words where there is no pointer."""
        said = [
            (r.whole("year") or 0, r.text("outlook")) for r in self.edition.of_series("earlier", row.text("series"))
        ]
        if not said:
            return None
        said = [*sorted(said), (self.edition.as_of, row.text("outlook"))][-PAST:]
        told = say("joint.clause").join(
            say("pages.past_one", years=span(first, last) if last > first else first, outlook=say(f"outlook.{o}"))
            for first, last, o in _spells(said)
        )
        marks = words(*(Drawing(mark(o)) for _, o in said), role="past-signs", title=told)
        return words(marks, words(told, role="past-words"), role="past-strip")

    def probability(self, row: Record) -> Chance:
        return chance(self.edition, row)

    def verdict(self, row: Record) -> Words:
        """The probability, and the outlook it stands for."""
        return words(words(self.probability(row), role="b"), self.outlook(row))

    def grade(self, row: Record) -> str | None:
        return (row.text("evidence_grade") if row.number("probability") is not None else "") or None

    def schedule(self, row: Record) -> str | None:
        """快于时序, 符合时序 or 慢于时序; nothing where the way from base to target has no length."""
        word = row.text("schedule")
        if word not in ("", "not_applicable"):
            return say(f"schedule.{word}")
        no_way = row.number("task_progress") is None and row.text("kind") in rows.NUMERIC
        base, (low, high) = row.number("baseline"), goal_bounds(self.edition, row)
        if not no_way or base is None or row.text("withheld") or (low is None and high is None):
            return None
        met = (low is None or base >= low) and (high is None or base <= high)
        return say("documents.at_goal") if met else None

    def task(self, row: Record) -> Progress:
        return Progress(self._timed(row, "task_progress"), hidden=rows.withheld(row, "task_progress"))

    def time(self, row: Record) -> Progress:
        return Progress(self._timed(row, "time_progress"))

    def _timed(self, row: Record, name: str) -> float | None:
        return row.number(name) if row.text("kind") in (*rows.NUMERIC, "worst_part") else None

    def alerts(self, row: Record) -> Words | None:
        codes = row.words("alerts")
        return words(*map(alert, codes), role="chips") if codes else None

    def kind(self, row: Record) -> str | None:
        return listed(say(f"actions.kind.{k}") for k in rows.kinds(row)) or None

    def beside(self, row: Record) -> Words | None:
        """The newest values of the places the plan is compared with."""
        return newest_elsewhere(self.edition, row)

    def figure(self, row: Record) -> Drawing | None:
        chart = chart_of(self.edition, rows.measured(self.edition, row))
        return None if chart is None else Drawing(mini_fan(chart), row.text("name"))


# ---- pieces ------------------------------------------------------------------------------------------------------------


def value(row: Record, name: str) -> Value:
    """A number of the row as its series is published."""
    return _sized(Value, row, row.number(name), hidden=rows.withheld(row, name))


def question_mark(asked: str) -> str:
    """What stands beside a value about which something is asked; nothing where nothing is."""
    return say(f"questioned.{asked}") if asked else ""


def yearly(row: Record, name: str) -> Change:
    """An annual change, one decimal finer than the values are published."""
    places = row.whole("decimals") or 0
    hidden = rows.withheld(row, name)
    return Change(row.number(name), row.text("unit"), places + (places < 2), hidden=hidden)


def _sized(kind: Any, row: Record, number: float | None, hidden: bool = False, places: int | None = None) -> Any:
    return kind(number, row.text("unit"), row.whole("decimals") or 0, places, hidden=hidden)


def chance(edition: Any, row: Record, name: str = "probability") -> Chance:
    """A probability of a row, never rounded across a threshold of the edition."""
    return Chance(row.number(name), rows.cuts(edition), hidden=rows.withheld(row, name))


def _spells(said: Sequence[tuple[int, str]]) -> list[tuple[int, int, str]]:
    """First and last year of every run of one outlook."""
    runs: list[tuple[int, int, str]] = []
    for year, outlook in said:
        if runs and runs[-1][2] == outlook:
            runs[-1] = (runs[-1][0], year, outlook)
        else:
            runs.append((year, year, outlook))
    return runs


def alert(code: str) -> Words:
    return words(say(f"alert.{code}"), role=f"alert a-{code}")


def binding_mark(row: Record) -> Words | None:
    """约束性 beside the name of a row it holds for."""
    return words(say("attribute.binding"), role="binding") if row.text("attribute") == "binding" else None


def as_published(observation: Record, unit: str, decimals: int) -> Value:
    """A reported value with the digits it was reported with."""
    places = len(observation.text("value").partition(".")[2])
    return Value(observation.number("value"), unit, decimals, places)


def dated(quantity: Any, year: int | None) -> Words | None:
    """A value with its year."""
    return words(quantity, words(say("pages.year", year=year), role="year")) if quantity else None


def few_events(edition: Published, row: Record) -> str | None:
    """The few events behind a rate in the newest years that are pooled, with those years; None when there are many."""
    events, limit = row.number("events"), edition.thresholds.get("small_events")
    rare = row.text("unit") in RATES and row.number("direction") == -1  # nobody counts cases of a share of good things
    if events is None or limit is None or events >= float(limit) or not rare:
        return None
    held = [r.whole("year") for r in edition.values_of(row.text("series"))]
    years = sorted({y for y in held if y is not None})[-int(edition.thresholds.get("pool_years", 3)) :]
    if not years:
        return None  # a row of several parts has no years of its own
    when = f"{years[0]}" if len(years) == 1 else span(years[0], years[-1])
    return say("pages.events", years=when, events=int(events))


def unit_label(unit: str) -> str:
    return say("pages.unit", unit=unit_name(unit)) if unit else ""
