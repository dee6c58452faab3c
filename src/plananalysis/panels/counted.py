"""What a city's tables count: districts by domains, targets over districts, and what keeps series from an outlook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from plananalysis.editions.frames import frames_of
from plananalysis.panels.standings import SURE
from plananalysis.projections import engine
from plananalysis.projections.outlook import ALIKE, outlook

HARD = ("hard", "very_hard")
SILENT = ("needs_judgement", "no_data")
GAPS = (
    *("no_observations", "pending", "in_error", "no_baseline", "no_counts", "too_few", "years_missing", "no_reference"),
    *("no_band", "stepped", "other"),
)
MOVED = 0.05  # of a probability, from which on a change is told
AGREED = 2 / 3  # share of the other districts that must do better before one is said to stand out


def heard(
    rows: pd.DataFrame,
    explanations: Mapping[str, pd.DataFrame],
    thresholds: Mapping[str, Any],
    told: Iterable[pd.DataFrame] = (),
) -> dict[str, int | float]:
    """What hearing of other districts changed: probabilities that rest on it, those moved by .05, and those moved across a cut.

    ``explanations`` holds the table of each district that has one: without any probability there is none. ``told`` holds the tables ``peers``; the share of
    their changes that districts have in common stands with the numbers, beside that of the districts that were learned from.
    """
    views = [view.assign(area=area)[["area", "series", "without_peers"]] for area, view in explanations.items()]
    if not views:
        return {"stated": 0, "moved": 0, "crossed": 0}
    shares = [float(table["shared"].iloc[-1]) for table in told if len(table)]
    found = rows[["area", "series", "probability"]].merge(pd.concat(views), on=["area", "series"])
    found = found.assign(alone=pd.to_numeric(found["without_peers"])).dropna(subset=["probability", "alone"])
    cuts = [float(thresholds[name]) for name in ("very_hard", "hard", "likely")]
    crossed = np.searchsorted(cuts, found["probability"], "right") != np.searchsorted(cuts, found["alone"], "right")
    moved = (found["probability"] - found["alone"]).abs() >= MOVED - 1e-9
    alike = {"shared": max(shares), "home": float(engine.shipped().arrays["peers"][-1])} if shares else {}
    return {"stated": len(found), "moved": int(moved.sum()), "crossed": int(crossed.sum()), **alike}


def uneven(rows: pd.DataFrame) -> list[str]:
    """Domains that only some districts have targets in: as a rule one of them writes a code differently."""
    held = rows.groupby("domain")["area"].nunique()
    return sorted(held.index[held < rows["area"].nunique()])


def matrix(rows: pd.DataFrame) -> pd.DataFrame:
    """One line per district and domain: how many rows, how many with a stated outlook, hard, very hard, without data."""
    outlook = rows["outlook"]
    counted = rows[["area", "domain"]].assign(
        rows=1,
        able=~outlook.isin(SILENT),
        hard=outlook == "hard",
        very_hard=outlook == "very_hard",
        met=rows["position"] == "met",
        both_red=rows["alerts"].fillna("").str.split(";").map(lambda words: "both_red" in words),
    )
    return counted.groupby(["area", "domain"], sort=False).sum().astype(int).reset_index()


def targets(rows: pd.DataFrame) -> pd.DataFrame:
    """One line per row of the plan: outlooks over the districts, spread of the probability, and the districts that stand out.

    ``behind`` are districts where the target is hard or very hard although at least two in three of the districts with an outlook
    are neither; ``ahead`` those where it is not although at least two in three are.
    """
    from plananalysis.assessments.verdicts import OUTLOOKS

    lines = []
    for _, held in rows.groupby("series", sort=False):
        first = held.iloc[0]
        able = held[~held["outlook"].isin(SILENT)]
        hard = able["outlook"].isin(HARD)
        share = float(hard.mean()) if len(able) else 0.0
        p = held["probability"].dropna()
        low, middle, high = p.quantile([0.1, 0.5, 0.9]) if len(p) else (float("nan"),) * 3
        met = outlook(p.tolist(), ALIKE)
        worst, best = (able.sort_values(["probability", "area"], ascending=up) for up in (True, False))
        behind = worst.loc[worst["outlook"].isin(HARD), "area"] if 0 < share <= 1 - AGREED else []
        ahead = best.loc[~best["outlook"].isin(HARD), "area"] if AGREED <= share < 1 else []
        lines.append(
            {c: first[c] for c in ("series", "plan", "domain", "number", "name", "attribute", "lead_unit")}
            | {"target_text": first["target_text"], "readings": held["target_text"].nunique()}
            | {o: int((held["outlook"] == o).sum()) for o in OUTLOOKS}
            | {"able": len(able), "districts": len(held), "p10": low, "p50": middle, "p90": high}
            | dict(zip(("expected", "least", "most"), (met.expected, *met.range(SURE)), strict=True))
            | {"behind": ";".join(behind), "ahead": ";".join(ahead)}
        )
    return pd.DataFrame(lines).round({"p10": 4, "p50": 4, "p90": 4, "expected": 2})


def gaps(folder: Path, area: str, verdicts: pd.DataFrame, as_of: int, reached: bool = False) -> dict[str, object]:
    """What keeps a district's measured series from an outlook, how old its values are, and what its data were blamed for.

    In the target year, ``reached``, nothing is expected: what is missing then keeps a series from being judged at all.
    """
    leaves = verdicts[(verdicts["area"] == area) & (verdicts["role"] != "compound")]
    silent = leaves[leaves["position"] == "unknown" if reached else leaves["outlook"].isin(SILENT)]
    why = [_kind(w) for w in silent["why_no_probability"].fillna("")]
    stale = leaves["value_year"].notna() & (leaves["value_year"] < as_of)
    line: dict[str, object] = {"area": area, "leaves": len(leaves), "silent": len(silent)}
    line |= {kind: why.count(kind) for kind in GAPS}
    line |= {"stale": int(stale.sum()), "errors": 0, "questions": 0}
    units = silent["lead_unit"].fillna("").value_counts()
    worst = sorted(units.items(), key=lambda unit: (-unit[1], unit[0]))[:3]
    line["units"] = ";".join(f"{unit} {count}" for unit, count in worst if unit)
    if (folder / "completeness.csv").is_file():
        complete = frames_of(folder)["completeness"]
        line |= {name: int(complete[name].sum()) for name in ("errors", "questions")}
    return line


def _kind(code: str) -> str:
    if code in ("census_only", "election_steps"):
        return "stepped"
    if code == "baseline_in_error":
        return "in_error"
    return code if code in GAPS else "other"
