"""What an area holds: how much is known of each series, every value in one long table, and where a word stands."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from plananalysis.observations import History, vintages
from plananalysis.plan import Plan

_KEPT = (
    *("group", "definition", "year", "value", "numerator", "denominator", "status", "reported_at", "tier", "source"),
    *("quote", "note", "submission", "file_row", "correction"),
)


def coverage(
    leaves: pd.DataFrame, reports: pd.DataFrame, view: pd.DataFrame, comparable: Mapping[str, History]
) -> pd.DataFrame:
    """How much is known of each series; see ``Area.coverage``.

    Parameters
    ----------
    leaves
        The series that carry values, by code.
    reports, view
        Everything reported by the edition's closing day, and the newest of each value.
    comparable
        The comparable history of each series.
    """
    held = view[view["value"].notna()]
    total = held[held["group"] == "total"].groupby("series")
    first, last = total["year"].min(), total["year"].max()
    found = pd.DataFrame({"name": leaves["name"]})
    found["values"] = total.size()
    found["comparable"] = pd.Series({code: len(h.years) for code, h in comparable.items()})
    found["first_year"], found["last_year"] = first, last
    found["missing"] = last - first + 1 - total["year"].nunique()
    found["definitions"] = total["definition"].nunique()
    found["groups"] = held[held["group"] != "total"].groupby("series")["group"].nunique()
    news = vintages(reports)
    found["revisions"] = (news.groupby("series").size() - view.groupby("series").size()).clip(lower=0)
    counts = found.columns.difference(["name"])
    return found.fillna({c: 0 for c in counts}).astype({c: "int64" for c in counts})


def tidy(rows: pd.DataFrame, about: pd.DataFrame, known: Mapping[str, Mapping[str, History]]) -> pd.DataFrame:
    """Values as they were reported, with name, unit and source, and whether each is comparable; see ``Area.tidy``.

    Parameters
    ----------
    about
        Name, unit and domain of each series, by code.
    known
        The histories by group and series.
    """
    table = rows[["series"]].join(about[["name", "unit", "domain"]], on="series").join(rows[list(_KEPT)])
    table["comparable"] = _comparable(rows, known)
    return table


def _comparable(rows: pd.DataFrame, known: Mapping[str, Mapping[str, History]]) -> list[bool]:
    """Which rows are in the segment since their series' last break."""
    years = {(code, group, y) for group, found in known.items() for code, h in found.items() for y in h.years.tolist()}
    earlier = {
        (code, group, y, d) for group, found in known.items() for code, h in found.items() for y, _, d in h.earlier
    }
    columns = (rows[c].tolist() for c in ("series", "group", "year", "definition", "value"))
    cells = zip(*columns, strict=True)
    return [(c, g, y) in years and (c, g, y, d) not in earlier and value == value for c, g, y, d, value in cells]


def holding(text: str, plan: Plan, about: pd.DataFrame, chinese: Plan) -> pd.Series:
    """Which series have ``text`` in their code, name (in either language), target, unit or domain."""
    words = [about.index, about["name"], about["lead_unit"], chinese.series["name"].reindex(about.index)]
    words.append(plan.targets["target_text"].reindex(about.index))
    words.append(about["domain"] + " " + about["domain"].map(plan.domains["name"]))
    found = pd.concat([pd.Series(w, about.index).fillna("").astype(str) for w in words], axis=1)
    return found.apply(lambda column: column.str.contains(text, case=False, regex=False)).any(axis=1)
