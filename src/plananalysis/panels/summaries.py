"""What is counted over many areas as their verdicts go by: memory grows with targets and provinces, never with areas."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd

from plananalysis.assessments.verdicts import OUTLOOKS
from plananalysis.plan import Plan

BINS = 20  # of the probability, for the distribution over areas
_MARKS = ("hard_to_reach", "both_red", "volatile", "verify")


class Counts:
    """Counts of outlooks, positions, alerts and probabilities by target and by group of areas.

    In the target year, ``over``, a target in difficulty is one that was not reached, among those that can be judged.
    """

    def __init__(self, over: bool = False) -> None:
        self.over = over
        self.rows = 0
        self._by_target: Counter[tuple[str, str]] = Counter()
        self._by_group: Counter[tuple[str, str]] = Counter()
        self._hard: Counter[tuple[str, str]] = Counter()
        self._able: Counter[tuple[str, str]] = Counter()
        self._areas: Counter[str] = Counter()
        self._position: Counter[tuple[str, str]] = Counter()
        self._why: Counter[tuple[str, str]] = Counter()
        self._alerts: Counter[tuple[str, str]] = Counter()
        self._probability: dict[str, np.ndarray] = {}
        self._places: dict[str, list[object]] = {}

    def add(self, verdicts: pd.DataFrame) -> None:
        """Count the verdicts of some areas; parts of rows are not counted, their rows are."""
        held = verdicts[verdicts["role"].astype(str) != "part"]
        self.rows += len(held)
        series, outlook, group = (held[c].astype(str).tolist() for c in ("series", "outlook", "group"))
        self._by_target.update(zip(series, outlook, strict=True))
        self._by_group.update(zip(group, outlook, strict=True))
        self._areas.update(held.drop_duplicates("area")["group"].astype(str).tolist())
        self._position.update(zip(series, held["position"].astype(str).tolist(), strict=True))
        able, hard = self._judged(held)
        for s, g, known, short in zip(series, group, able.tolist(), hard.tolist(), strict=True):
            if known:
                self._able[g, s] += 1
                self._hard[g, s] += short
        silent = zip(series, held["why_no_probability"].astype(str).tolist(), strict=True)
        self._why.update((s, w) for s, w in silent if w)
        for s, words in zip(series, held["alerts"].astype(str).tolist(), strict=True):
            self._alerts.update((s, w) for w in words.split(";") if w)
        self._add_places(held)
        stated = held[held["probability"].notna()]
        bins = np.minimum((stated["probability"].to_numpy() * BINS).astype(int), BINS - 1)
        for code, bin_ in zip(stated["series"].astype(str).tolist(), bins.tolist(), strict=True):
            self._probability.setdefault(code, np.zeros(BINS, int))[bin_] += 1

    def _judged(self, held: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
        """Which rows can be judged, and which of them are in difficulty."""
        if self.over:
            position = held["position"].astype(str)
            return position.isin(("met", "not_met")), position == "not_met"
        outlook = held["outlook"].astype(str)
        return ~outlook.isin(("needs_judgement", "no_data", "")), outlook.isin(("hard", "very_hard"))

    def _add_places(self, held: pd.DataFrame) -> None:
        """One short line for each area: what it has in difficulty, the least probable first."""
        able, hard = self._judged(held)
        marked = held[["area", "group", "series"]].assign(
            able=able,
            hard=hard,
            met=held["position"].astype(str) == "met",
            both_red=held["alerts"].astype(str).str.split(";").map(lambda words: "both_red" in words),
            probability=held["probability"],
        )
        for (area, group), some in marked.groupby(["area", "group"], sort=False, observed=True):
            codes = some[some["hard"]].sort_values(["probability", "series"])["series"].astype(str)
            counts = [int(some[name].sum()) for name in ("able", "hard", "met", "both_red")]
            self._places[str(area)] = [str(group), *counts, ";".join(codes)]

    def areas(self) -> pd.DataFrame:
        """One line per area, in the order of their codes."""
        lines = [[area, *line] for area, line in sorted(self._places.items())]
        return pd.DataFrame(lines, columns=["area", "group", "able", "hard", "met", "both_red", "difficult"])

    def _chance(self) -> dict[str, tuple[float, float, float]]:
        """For each province its share in difficulty, and the 95 % range of that share if areas had fallen to provinces at random."""
        places = self.areas()
        share = (places["hard"] / places["able"].clip(lower=1)).where(places["able"] > 0)
        spread, whole, every = share.std(ddof=0), share.mean(), share.notna().sum()
        found = {}
        for group, some in share.groupby(places["group"]):
            n = max(int(some.notna().sum()), 1)
            wide = 1.96 * spread * np.sqrt((1 - n / every) / n) if every else np.nan
            mean, low, high = (round(float(x), 4) for x in (some.mean(), max(whole - wide, 0), whole + wide))
            found[str(group)] = mean, low, high
        return found

    def tables(self, plan: Plan) -> dict[str, pd.DataFrame]:
        """``targets``: one line per row of the plan; ``groups``: one per province; ``hard``: province by target."""
        rows = plan.rows()
        targets = []
        for code, row in rows.iterrows():
            units = [plan.units.loc[u, "name"] for u in row["responsible_units"]]
            line: dict[str, object] = {
                "series": code,
                "name": row["name"],
                "plan": row["plan"],
                "domain": row["domain"],
                "number": row["number"],
                "attribute": row["attribute"],
                "lead_unit": units[0] if units else "",
                "target_text": plan.reading(str(code)).target_text,
                **{o: self._by_target[str(code), o] for o in OUTLOOKS},
                "met_now": self._position[str(code), "met"],
                "not_met_now": self._position[str(code), "not_met"],
                **{m: self._alerts[str(code), m] for m in _MARKS},
                "no_observations": self._why[str(code), "no_observations"],
            }
            bins = self._probability.get(str(code), np.zeros(BINS, int))
            targets.append(line | {f"p{5 * i:02d}": int(n) for i, n in enumerate(bins)})
        chance = self._chance()
        groups = [
            {"group": g, "areas": self._areas[g], **{o: self._by_group[g, o] for o in OUTLOOKS}}
            | dict(zip(("share", "low", "high"), chance[g], strict=True))
            for g in sorted(self._areas)
        ]
        hard = [
            {"group": g, "series": s, "able": n, "hard": self._hard[g, s]} for (g, s), n in sorted(self._able.items())
        ]
        return {
            "targets": pd.DataFrame(targets),
            "groups": pd.DataFrame(groups, columns=["group", "areas", *OUTLOOKS, "share", "low", "high"]),
            "hard": pd.DataFrame(hard, columns=["group", "series", "able", "hard"]),
        }
