"""What each audience may see, decided once for all tables of an edition before any page or document is made from them.

The public sees no count of one to four people, and nothing from which one could be worked out: neither by subtracting what is
shown, nor by trying the four counts in the program. Whatever a table holds that this module does not know is left out.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from plananalysis.base.text import Told, catalogue, say, sentences, translated
from plananalysis.editions.disclosure import SMALL, Cell, hidden_cells, public
from plananalysis.editions.frames import Frames, Row, rows_in, rows_of
from plananalysis.plan import Plan
from plananalysis.plan.units import COUNTS
from plananalysis.returns.values import scale_of
from plananalysis.schema import AUDIENCES, tables

STAR = "*"
WITHHELD = "withheld"  # column: of observations whether a value is withheld, of assessments which cells are
LEFT_OUT = {a: frozenset(name for name, about in tables("edition").items() if not about.shown_to(a)) for a in AUDIENCES}
_NO_COUNTS = frozenset({"plan", "backtests", "reliability", "track_record"})
# worked out from several values of a history, or from counts: with the values that are shown each would give the one that is not
_GOALS = ("goal", "goal_low", "goal_high")
_FOLLOWS = tuple(
    c for c in tables("edition")["assessments"].withheld if c not in ("value", "baseline", "required_*", *_GOALS)
)
_PRINTED = (
    "threshold",
    "about",
    "within_band",
    "toward_band",
    "keep_reasonable",
    "relative",
)  # goals from the plan, not from data
_BY_BASE = ("rise", "fall", "under_control")


def for_audience(
    given: Mapping[str, pd.DataFrame], audience: str, plan: Callable[[], Plan]
) -> Mapping[str, pd.DataFrame]:
    """The tables of an edition as an audience may see them.

    Parameters
    ----------
    given
        Derived tables by name.
    audience
        ``internal``, ``leading-group`` or ``public``.
    plan
        Makes the plan of the edition; called for the public only.

    Returns
    -------
    Mapping
        Without the tables that are not for this audience. For the public ``observations`` has a column ``withheld`` (true or
        false) and ``assessments`` one that names the cells withheld in each row, joined by semicolons.
    """
    names = [name for name in given if name not in LEFT_OUT[audience]]
    if audience != "public":
        return Frames(names, lambda name: rows_of(given, name))
    secrets: list[Secrets] = []

    def made(name: str) -> list[Row]:
        if not secrets:
            secrets.append(Secrets.of(given["observations"], plan()))
        return rows_in(secrets[0].without(name, given))

    return Frames(names, made)


@dataclass(frozen=True)
class Secrets:
    """The withheld cells of one edition.

    Parameters
    ----------
    hidden
        Cells whose counts must not be shown.
    touched
        Series with a withheld total, and those compared with one: no number may be shown that follows from several of their years.
    any_group
        Series with any withheld cell, be it of a group.
    units
        Unit of measure of every series, as the plan prints it.
    """

    hidden: frozenset[Cell]
    touched: frozenset[str]
    any_group: frozenset[str]
    base_year: int
    units: Mapping[str, str]

    @classmethod
    def of(cls, observations: pd.DataFrame, plan: Plan) -> Secrets:
        hidden = hidden_cells(observations[observations["value"].notna()], plan)
        totals = {c.series for c in hidden if c.group == "total"}
        compared = plan.targets.index[plan.targets["reference"].isin(totals)] if "reference" in plan.targets else ()
        units = plan.series["unit"].to_dict()
        return cls(
            hidden=hidden,
            touched=frozenset(totals | set(compared)),
            any_group=frozenset({c.series for c in hidden} | set(compared)),
            base_year=plan.outline.base_year,
            units=units,
        )

    def without(self, name: str, given: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
        """A table as the public may see it."""
        table = given[name]
        if name in _NO_COUNTS:
            return table
        if name == "observations":
            return self._observations(table)
        if name == "assessments":
            return self._assessments(table, given["observations"])
        if "series" not in table:
            return table.iloc[:0]
        if name == "changes":
            touched = table["series"].isin(self.touched)
            emptied = _emptied(table, touched, ("from_probability", "to_probability"))
            return emptied.assign(withheld=touched.map({True: "from_probability;to_probability", False: ""}))
        if name in ("retrospective", "earlier"):
            return _emptied(table, table["series"].isin(self.touched), tables("edition")[name].withheld)
        held = self.touched if name == "projections" else self.any_group
        return table[~table["series"].isin(held)].reset_index(drop=True)

    def _observations(self, table: pd.DataFrame) -> pd.DataFrame:
        shown = public(table.assign(group=table["group"].fillna("total")), self.hidden)
        if "question" in shown:  # what is asked of a series may follow from the counts that are hidden
            shown["question"] = shown["question"].mask(shown["series"].isin(self.any_group), "")
        return _emptied(shown, shown[WITHHELD], tables("edition")["observations"].withheld)

    def _assessments(self, table: pd.DataFrame, observations: pd.DataFrame) -> pd.DataFrame:
        rows = table.to_dict("records")
        counts = _denominators(observations)
        made = []
        for row in rows:
            parts = [p for p in rows if p["role"] == "part" and p["row"] == row["series"]]
            about = row
            if row["role"] == "compound":
                about = next((p for p in parts if p["series"] == row["worst_part"]), row)
            if about["series"] in self.touched:
                made.append(self._row(row, about, counts))
            elif any(p["series"] in self.touched for p in parts):  # its reason tells the values of all parts
                told = {} if _missing(row["probability"]) else {"probability": math.nan, WITHHELD: "probability"}
                text = row["value_text"] if about is not row else STAR
                made.append(row | {"reason": _reason(row), "value_text": text, WITHHELD: ""} | told)
            else:
                made.append(row | {WITHHELD: ""})
        return pd.DataFrame(made, columns=[*table.columns, WITHHELD])

    def _row(
        self,
        row: Mapping[str, object],
        about: Mapping[str, object],
        denominators: Mapping[tuple[str, int], float],
    ) -> dict[str, object]:
        """A row without what is withheld; ``about`` is the measured series its numbers come from."""
        series = str(about["series"])
        columns = [c for c in (*_FOLLOWS, *(c for c in row if str(c).startswith("required_2"))) if c in row]
        columns += [] if row["kind"] in _PRINTED else [c for c in _GOALS if c in row]
        columns += ["baseline"] if self._hides(series, about.get("baseline_year")) else []
        newest = self._hides(series, about.get("value_year"))
        columns += ["value"] if newest else []
        gone = {c for c in columns if not _missing(row[c])}
        new = {**row, **dict.fromkeys(columns, math.nan), "schedule": "not_applicable"}
        if newest:
            new["value_text"] = STAR
        if about["kind"] in _BY_BASE:  # the limit follows from counts of the base years
            new["reading_text"] = _stored(say.told(f"reading.{about['kind']}", base_year=self.base_year))
        if newest and self._told_by_position(about, denominators):
            new |= {"position": "unknown", "outlook": "needs_judgement", "alerts": "", "evidence_grade": ""}
            gone |= {"position"}
        new["reason"] = _reason(new)
        return {**new, WITHHELD: ";".join(sorted(gone))}

    def _hides(self, series: str, year: object) -> bool:
        return not _missing(year) and Cell(series, "total", int(year)) in self.hidden  # type: ignore[call-overload]

    def _told_by_position(self, about: Mapping[str, object], denominators: Mapping[tuple[str, int], float]) -> bool:
        """Whether met or not met leaves only one of the counts of 1 to 4: then the verdict itself would tell it."""
        low, high = (about.get("goal_low"), about.get("goal_high"))
        unit = self.units.get(str(about["series"]), "")
        below = denominators.get((str(about["series"]), int(about["value_year"])), math.nan)  # type: ignore[call-overload]
        scale = 1.0 if unit in COUNTS else (scale_of(unit) or math.nan) / below if below else math.nan
        if math.isnan(scale) or about["kind"] not in _PRINTED or (_missing(low) and _missing(high)):
            return False
        low, high = (-math.inf if _missing(low) else float(low)), (math.inf if _missing(high) else float(high))  # type: ignore[arg-type]
        met = [low <= count * scale <= high for count in SMALL]
        return sum(m == (about["position"] == "met") for m in met) == 1


def _denominators(observations: pd.DataFrame) -> dict[tuple[str, int], float]:
    totals = observations[observations["group"].fillna("total").isin(("", "total"))]
    return {(r.series, int(r.year)): float(r.denominator) for r in totals.itertuples() if hasattr(r, "denominator")}


def _reason(row: Mapping[str, object]) -> str:
    """The verdict without its numbers."""
    key = f"documents.judgement.{row['outlook']}.{row['position']}"
    words = {c: say.told(f"{c}.{row[c]}") for c in ("position", "outlook")} | {"name": translated.told(row["name"])}
    verdict = say.told(key if key in catalogue() else "documents.judgement.other", **words)
    return _stored(sentences.told(verdict, say.told("audience.why")))


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
