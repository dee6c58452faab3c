"""What each audience may see, decided once for all tables of an edition before any page or document is made from them.

The public sees no count of one to four people, and nothing from which one could be worked out: neither by subtracting what is
shown, nor by trying the four counts in the program. So whatever rests on a hidden count is withheld, verdicts as well as numbers;
a whole row is, where it is judged by parts of which one has a hidden count. What a table holds that this module does not know is
left out.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import pandas as pd

from plananalysis.base.text import Told, say, sentences, translated
from plananalysis.editions.additive import Cell
from plananalysis.editions.disclosure import hidden_cells, public
from plananalysis.editions.frames import Frames, rows_in, rows_of
from plananalysis.plan import Plan
from plananalysis.schema import AUDIENCES, tables

STAR = "*"
WITHHELD = "withheld"  # column: of observations whether a value is withheld, of assessments which cells are
LEFT_OUT = {a: frozenset(name for name, about in tables("edition").items() if not about.shown_to(a)) for a in AUDIENCES}
_NO_COUNTS = frozenset({"plan", "finished", "definitions", "reliability", "track_record"})
# worked out from several values of a history, or from counts: with the values that are shown each would give the one that is not
_OF_TOTALS = ("changes", "earlier", "retrospective")
_GOALS = ("goal", "goal_low", "goal_high")
_FOLLOWS = tuple(
    c for c in tables("edition")["assessments"].withheld if c not in ("value", "baseline", "required_*", *_GOALS)
)
# whose goals are the plan's, not from data
_PRINTED = ("threshold", "about", "within_band", "toward_band", "keep_reasonable")
_VERDICT = {"outlook": "needs_judgement", "alerts": "", "evidence_grade": "", "schedule": "not_applicable"}
_BY_BASE = ("rise", "fall", "under_control")


def for_audience(
    given: Mapping[str, pd.DataFrame], audience: str, secrets: Callable[[pd.DataFrame], Secrets]
) -> Mapping[str, pd.DataFrame]:
    """The tables of an edition as an audience may see them.

    Parameters
    ----------
    given
        Derived tables by name.
    audience
        ``internal``, ``leading-group`` or ``public``.
    secrets
        Finds what is withheld, from the observations; called for the public only, and once.

    Returns
    -------
    Mapping
        Without the tables that are not for this audience. For the public ``observations`` has a column ``withheld`` (true or
        false) and ``assessments`` one that names the cells withheld in each row, joined by semicolons.
    """
    names = [name for name in given if name not in LEFT_OUT[audience]]
    if audience != "public":
        return Frames(names, lambda name: rows_of(given, name))
    held = cache(lambda: secrets(given["observations"]))
    return Frames(names, lambda name: rows_in(held().without(name, given)))


@dataclass(frozen=True)
class Secrets:
    """The withheld cells of one edition.

    Parameters
    ----------
    hidden
        Cells whose counts must not be shown.
    touched
        Series with a withheld total, and those compared with one: nothing may be shown that follows from several of their years.
    any_group
        Series with any withheld cell, be it of a group.
    rows
        Rows of the plan judged by parts of which one is touched.
    newest
        Newest year with a value, shown or not, by series.
    """

    hidden: frozenset[Cell]
    touched: frozenset[str]
    any_group: frozenset[str]
    rows: frozenset[str]
    newest: Mapping[str, int]
    base_year: int

    @classmethod
    def of(
        cls,
        observations: pd.DataFrame,
        plan: Plan,
        earlier: Sequence[tuple[pd.DataFrame, Plan]] = (),
        nested: Sequence[tuple[str, str]] = (),
        whole: tuple[pd.DataFrame, Plan] | None = None,
        also: Collection[Cell] = (),
    ) -> Secrets:
        """What is withheld of an edition with this plan.

        Parameters
        ----------
        earlier
            Views and plans of the editions before, which the public has.
        nested
            Pairs of series of which the first counts whatever the second counts, and more.
        whole
            The view and the plan by which cells are hidden, where the area publishes more in this year than the edition is about.
        also
            Cells to be withheld whatever their own counts.
        """
        used = observations[observations["value"].notna()]
        view, by = whole or (used, plan)
        hidden = hidden_cells(view[view["value"].notna()], by, earlier=earlier, nested=nested, also=also)
        totals = {c.series for c in hidden if c.group == "total"}
        readings = [t for t in (plan.targets, plan.first_targets) if "reference" in t]
        compared = {series for t in readings for series in t.index[t["reference"].isin(totals)]}
        touched = frozenset(totals | set(compared))
        parts = plan.series[plan.series["role"] == "part"]
        return cls(
            hidden=hidden,
            touched=touched,
            any_group=frozenset({c.series for c in hidden} | set(compared)),
            rows=frozenset(parts.loc[parts.index.isin(touched), "row"]),
            newest={str(s): int(y) for s, y in used[used["group"] == "total"].groupby("series")["year"].max().items()},
            base_year=plan.outline.base_year,
        )

    def without(self, name: str, given: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
        """A table as the public may see it."""
        table = given[name]
        if name in _NO_COUNTS:
            return table
        if name == "observations":
            return self._observations(table)
        if name == "assessments":
            return self._assessments(table)
        if name == "backtests":  # its scores are means over all series, hidden counts among them
            return table.iloc[:0] if self.touched else table
        if "series" not in table:
            return table.iloc[:0]
        # that a verdict has changed is told by a row's being there at all
        held = self.touched if name in ("projections", *_OF_TOTALS) else self.any_group
        return table[~table["series"].isin(held | self.rows)].reset_index(drop=True)

    def _observations(self, table: pd.DataFrame) -> pd.DataFrame:
        shown = public(table.assign(group=table["group"].fillna("total")), self.hidden)
        if "question" in shown:  # what is asked of a series may follow from the counts that are hidden
            shown["question"] = shown["question"].mask(shown["series"].isin(self.any_group), "")
        return _emptied(shown, shown[WITHHELD], tables("edition")["observations"].withheld)

    def _assessments(self, table: pd.DataFrame) -> pd.DataFrame:
        made = []
        for row in table.to_dict("records"):
            if row["series"] in self.rows:
                made.append(self._whole(row))
            else:
                made.append(self._row(row) if row["series"] in self.touched else row | {WITHHELD: ""})
        for row in made:  # the public reads of targets, not of whom they blame
            alerts = row.get("alerts")
            row["alerts"] = ";".join(a for a in alerts.split(";") if a != "both_red") if isinstance(alerts, str) else ""
        return pd.DataFrame(made, columns=[*table.columns, WITHHELD])

    def _row(self, row: Mapping[str, object]) -> dict[str, object]:
        """A row without what rests on several of its values."""
        series = str(row["series"])
        year = self.newest.get(series)  # not the assessment's: which value is doubted may rest on those that are hidden
        newest = year is not None and (self._hides(series, year) or row.get("value_year") != year)
        columns = [*_columns(row), *([] if row["kind"] in _PRINTED else [c for c in _GOALS if c in row])]
        columns += ["baseline"] if self._hides(series, row.get("baseline_year")) else []
        columns += ["value"] if newest else []
        new = {**row, **dict.fromkeys(columns, math.nan)}
        if newest:
            new |= {"value_year": year, "value_text": STAR}
        if row["kind"] in _BY_BASE:  # the limit follows from counts of the base years
            new["reading_text"] = _stored(say.told(f"reading.{row['kind']}", base_year=self.base_year))
        seen = not newest and row["kind"] in _PRINTED and series not in self._compared
        return _unjudged(new, columns, position=seen)

    def _whole(self, row: Mapping[str, object]) -> dict[str, object]:
        """A row judged by parts: which of them decides rests on all."""
        columns = [*_columns(row), "value", "baseline", *(c for c in _GOALS if c in row)]
        of_part = [*columns, *(c for c in ("value_year", "baseline_year") if c in row)]
        new = {**row, **dict.fromkeys(of_part, math.nan), "value_text": STAR, "worst_part": "", "reading_text": ""}
        return _unjudged(new, columns, position=False)

    @property
    def _compared(self) -> frozenset[str]:
        """Touched series whose target is another's value."""
        return self.touched - {c.series for c in self.hidden if c.group == "total"}

    def _hides(self, series: str, year: object) -> bool:
        cell = None if _missing(year) else (series, "total", int(year))  # type: ignore[call-overload]
        return cell is not None and any((c.series, c.group, c.year) == cell for c in self.hidden)


def _columns(row: Mapping[str, object]) -> list[str]:
    """Columns that follow from several values of a history."""
    found = [c for c in (*_FOLLOWS, *(c for c in row if str(c).startswith("required_2"))) if c in row]
    # that a reading was changed is the plan's to say; where it was not, nothing is withheld
    return [c for c in found if c != "first_position" or not _missing(row[c])]


def _unjudged(row: Mapping[str, object], columns: Collection[str], position: bool) -> dict[str, object]:
    """A row without its verdict; ``position`` says whether the shown newest value alone tells if the target is met."""
    blank = {"n_points": math.nan, "why_no_probability": "", "value_places": math.nan}
    verdict = _VERDICT | ({} if position else {"position": "unknown"})
    new = {**row, **{c: v for c, v in (blank | verdict).items() if c in row}}
    name = translated.told(str(row["name"]))
    word = say.told(f"position.{new['position']}") if position else ""
    told = say.told("audience.judgement.seen" if position else "audience.judgement.none", name=name, position=word)
    gone = sorted({*columns, *(c for c in (*verdict, "n_points") if c in row)})
    return {**new, "reason": _stored(sentences.told(told, say.told("audience.why"))), WITHHELD: ";".join(gone)}


def _stored(text: Told) -> str:
    """A text as tables hold those that are said in the reader's language."""
    return json.dumps(text.node, ensure_ascii=False)


def _emptied(table: pd.DataFrame, rows: pd.Series, columns: Collection[str]) -> pd.DataFrame:
    out = table.copy()
    for column in columns:
        if column in out:
            out[column] = out[column].mask(rows.astype(bool))
    return out


def _missing(value: object) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))
