"""Any method on the official targets of finished plans: asked while the plans were running, held against what came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from plananalysis.base import tables
from plananalysis.base.errors import UsageError
from plananalysis.base.text import say
from plananalysis.projections import engine, official
from plananalysis.projections.methods import Method, NoAnswer, draw, ours
from plananalysis.workbench.scoring import N_PATHS, chosen_methods


def backtest_official(
    methods: Sequence[str | Method] | Mapping[str, Method] | None = None,
    when: str = "half-way",
    *,
    programmes: Sequence[str] | None = None,
    cases: bool = False,
    root: str | Path | None = None,
) -> pd.DataFrame:
    """Score methods on targets that governments really set (``data/raw/official``), as if their outcome were unknown.

    What our method learned of plans is learned without the family of programmes that is scored, so that no answer knows its question.

    Parameters
    ----------
    methods
        As for :func:`backtest`.
    when
        ``third year``, ``half-way`` or ``two years before the end`` of each plan.
    programmes
        Only these, as the column ``programme`` names them; by default all.
    cases
        Return the single questions with each method's probability instead of the scores.

    Returns
    -------
    DataFrame
        By method: ``brier``, ``log_score``, the mean probability ``stated`` and the share that ``came``, ``n`` questions, ``places``, and
        ``declined`` (questions it had no answer for; they count for no method).
    """
    if when not in official.WHEN:
        raise UsageError(say("workbench.errors.when", when=when, known=", ".join(official.WHEN)))
    chosen = chosen_methods(methods)
    found = official.questions(*official.load_official(tables.find_root() if root is None else Path(root)))
    said = {name: _stated(method, found) for name, method in chosen.items()}
    asked = found.asked.reset_index(drop=True)
    keep = (asked["when"] == when).to_numpy()
    if programmes is not None:
        known = sorted(asked["programme"].unique())
        if unknown := [p for p in programmes if p not in known]:
            raise UsageError(say("workbench.errors.programme", unknown=", ".join(unknown), known="; ".join(known)))
        keep &= asked["programme"].isin(list(programmes)).to_numpy()
    table = pd.DataFrame(said)[keep]
    answered = table.notna().all(axis=1)
    met = asked.loc[table.index, "met"].astype(bool)
    if cases:
        about = ["programme", "place_name", "indicator", "origin", "ahead", "target", "outcome"]
        return asked.loc[table.index, about].join(table).assign(met=met)[answered].reset_index(drop=True)
    return _scores(table, met, answered, asked["place"])


def _stated(method: Method, found: official.Questions) -> np.ndarray:
    """The method's probability of every question, NaN where it has none."""
    if method is ours:
        return official.left_out(official.stated(found, engine.shipped(), "new"), found.asked)
    p = np.full(len(found.histories), np.nan)
    for row, (history, ahead) in enumerate(zip(found.histories, found.asked["ahead"].tolist(), strict=True)):
        try:
            ends = draw(method, history, ahead, N_PATHS)[:, -1]
        except NoAnswer:
            continue
        p[row] = official.good(ends[None], found.asked.iloc[[row]]).mean()
    return p


def _scores(table: pd.DataFrame, met: pd.Series, answered: pd.Series, place: pd.Series) -> pd.DataFrame:
    rows = {}
    for name, p in table[answered].items():
        hit = np.where(met[answered], p, 1 - p).clip(0.5 / N_PATHS)
        rows[name] = {
            "brier": ((p - met[answered]) ** 2).mean(),
            "log_score": -np.log(hit).mean(),
            "stated": p.mean(),
            "came": met[answered].mean(),
            "n": int(answered.sum()),
            "places": place[table.index[answered]].nunique(),
            "declined": int(table[name].isna().sum()),
        }
    whole = {c: "int64" for c in ("n", "places", "declined")}
    return pd.DataFrame.from_dict(rows, "index").rename_axis("method").astype(whole)
