"""Score what the product would have said of the official targets of finished plans, and rebuild the record the reports print.

    python benchmarks/official.py [DIR]

Reads data/raw/official. Every target is asked in the third year, half-way and two years before its end. The engine's shift for plans, and what it tells whole
countries, are learned from the other families of programmes. With a benchmark folder of official targets, asks those as well, by what was
learned without the places asked about (by quarters), and prints the scores. Beside it stand, as probabilities too, the last value with half the drift and statsforecast's AutoETS.
Writes src/plananalysis/projections/official_record.csv. Needs the extra ``benchmark``; about two minutes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from peers import auto_ets, half_drift, last_value
from scipy.stats import norm
from scoring import probability_scores

from plananalysis import projections
from plananalysis.base import tables
from plananalysis.projections import benchmark, engine, learn, official, project_with
from plananalysis.projections.outlook import TOGETHER, outlook
from plananalysis.projections.reference import load_corpus

TARGET = Path(projections.__file__).with_name("official_record.csv")
COLUMNS = ["section", "method", "by", "group", "measure", "value", "n"]
HARD, UNSURE, LIKELY = 0.10, 0.33, 0.66  # cuts of the words, data/raw/thresholds.toml
MANY = 6  # goals that make a country's number worth counting
PEERS = {"half_drift": half_drift, "last_value": last_value, "auto_ets": auto_ets}


def main() -> None:
    learned, root = engine.shipped(), Path(".")
    targets, values = official.load_official(root)
    found = official.questions(targets, values)
    asked, met = found.asked, found.asked["met"].to_numpy(float)
    plain = official.stated(found, learned, "new")
    corpus = load_corpus(root)
    use = corpus.keep(((corpus.series.use == "learn") & (corpus.series.source != learn.DISTRICTS)).to_numpy())
    if len(sys.argv) > 1:
        places_left_out(Path(sys.argv[1]), use, targets, values, learned)
    said = {
        "engine": official.left_out(plain, asked),
        "engine_country": families_left_out(found, plain, use, targets, values, learned),
        "engine without the shift": plain,
        "engine as for sources it holds": official.stated(found, learned, "known"),
        **{name: answered(peer, found) for name, peer in PEERS.items()},
    }
    holds = np.where(official.met_now(asked), "met", "not met")
    groups = {
        "all": np.full(len(asked), "all"), "when": asked["when"], "position": holds, "kind": asked["kind"], "scope": asked["scope"],
        "family": asked["family"], "programme": asked["programme"],
    }  # fmt: skip
    rows: list[list[object]] = []
    for method, p in said.items():
        for by, of in groups.items():
            for group in sorted(set(of)):
                mine = np.asarray(of == group)
                scores = probability_scores(p[mine], met[mine])
                shown = {
                    "brier": scores["brier"],
                    "ece": scores["ece"],
                    "stated": p[mine].mean(),
                    "came": met[mine].mean(),
                }
                rows += [["scores", method, by, group, m, v, int(mine.sum())] for m, v in shown.items()]
        rows += worded(method, p, met, holds == "met")
    bins = np.minimum((said["engine"] * 10).astype(int), 9)
    for number in range(10):
        mine = bins == number
        for measure, value in (("stated", said["engine"][mine].mean()), ("came", met[mine].mean())):
            rows.append(
                [
                    "reliability",
                    "engine",
                    "stated",
                    f"{number * 10}-{number * 10 + 10}",
                    measure,
                    value,
                    int(mine.sum()),
                ]
            )
    rows += counted(said["engine"], asked)
    rows += vintages(root, targets, values, learned) + plan_effect(found, targets, values, learned)
    table = pd.DataFrame(rows, columns=COLUMNS)
    table["value"] = table["value"].astype(float).round(4)
    tables.write_table(table, TARGET)
    shown = table[(table.section == "scores") & table["by"].isin(("all", "when", "position", "family"))]
    print(shown.pivot_table(index=["by", "group", "method"], columns="measure", values="value").to_string())
    print(table[table.section.isin(("words", "outlook", "vintages", "plan effect"))].to_string())


def families_left_out(
    found: official.Questions, plain: np.ndarray, use, targets: pd.DataFrame, values: pd.DataFrame, learned
) -> np.ndarray:
    """What is stated of each question by what was learned without its family of programmes: histories and the shift for plans."""
    asked, p = found.asked, np.empty(len(found.asked))
    for family in sorted(asked["family"].unique()):
        mine = (asked["family"] == family).to_numpy()
        others = targets[~targets.series.isin(targets.series[targets.family == family])]
        shift = official.shift_of(plain[~mine], asked[~mine])
        state = without(use, others, values, learned, {"plan.shift": np.array(shift)})
        some = [h for h, is_mine in zip(found.histories, mine, strict=True) if is_mine]
        p[mine] = official.stated(official.Questions(asked[mine].reset_index(drop=True), some), state, "country")
    return p


def places_left_out(folder: Path, use, targets: pd.DataFrame, values: pd.DataFrame, learned) -> None:
    """Scores of the official targets of a benchmark folder, told by what was learned without any history of the places asked about."""
    tasks, goals = benchmark.read(folder)
    places = np.unique(tasks.entity)
    quarter = dict(zip(np.random.default_rng(3).permutation(places), np.arange(len(places)) % 4, strict=True))
    parts = []
    for number in range(4):
        mine = tasks[tasks.entity.map(quarter) == number]
        gone = {place for place, of in quarter.items() if of == number}
        rest = use.keep((~use.series.entity.isin(gone)).to_numpy())
        state = without(rest, targets[~("c-" + targets.place).isin(gone)], values, learned, {})
        parts.append(benchmark.answer(mine, goals[goals.fit.isin(mine.fit)], state, "country")[0])
    table = goals.merge(pd.concat(parts), on=["fit", "h", "tkind"]).merge(tasks, on="fit")
    scores = probability_scores(table.p, table.met)
    doubted = table[(table.direction * (table.y_m0 - table.target) >= -1e-9) & (table.p < LIKELY)]
    print(
        f"places left out: Brier {scores['brier']:.4f}, calibration error {scores['ece']:.4f}, {len(table)} questions;",
        end=" ",
    )
    print(f"met but doubted: stated {doubted.p.mean():.3f}, came {doubted.met.mean():.3f}, {len(doubted)}")


def without(use, targets: pd.DataFrame, values: pd.DataFrame, learned, told: dict[str, np.ndarray]) -> engine.Learned:
    """The shipped state with countries told by what is learned from a part of the histories; how much of a reached level is kept stays."""
    some = learn.of_countries(use, official.corpus(targets, values), learned.arrays)
    return engine.Learned({**learned.arrays, **some, **told})


def answered(peer, found: official.Questions) -> np.ndarray:
    """What a peer says, as a probability from its normal forecast."""
    y = np.full((len(found.histories), official.LONGEST), np.nan)
    for row, history in zip(y, found.histories, strict=True):
        row[official.LONGEST - 1 + history.years] = history.values
    mean, spread = peer(y)
    asked = found.asked
    at = np.minimum(asked["ahead"].to_numpy(int), mean.shape[1]) - 1
    rows = np.arange(len(at))
    centre, width = mean[rows, at], np.maximum(spread[rows, at], 1e-12)
    low, high = asked["target"].to_numpy(float), asked["target_upper"].to_numpy(float)
    side = asked["direction"].to_numpy(float)
    beyond = norm.cdf(side * (centre - low) / width)
    return np.where(np.isfinite(high), norm.cdf((high - centre) / width) - norm.cdf((low - centre) / width), beyond)


def worded(method: str, p: np.ndarray, met: np.ndarray, now: np.ndarray) -> list[list[object]]:
    """The words of the verdicts with what came of them."""
    words = {
        "met_secure": now & (p >= LIKELY), "met_slipping": now & (p < LIKELY), "likely": ~now & (p >= LIKELY),
        "uncertain": ~now & (p >= UNSURE) & (p < LIKELY), "hard": ~now & (p >= HARD) & (p < UNSURE), "very_hard": ~now & (p < HARD),
    }  # fmt: skip
    return [
        ["words", method, "outlook", word, measure, value, int(some.sum())]
        for word, some in words.items()
        if some.any()
        for measure, value in (("stated", p[some].mean()), ("came", met[some].mean()))
    ]


def counted(p: np.ndarray, asked: pd.DataFrame) -> list[list[object]]:
    """How many of its goals each country met: how often the stated 80 % range of the number held, and what it states itself (numbers are whole)."""
    half = asked.assign(p=p)[asked["when"] == official.WHEN[1]]
    rows = []
    for name, together in (("as stated", TOGETHER), ("as if unrelated", 0.0)):
        held, stated = [], []
        for _, some in half.groupby("place"):
            if len(some) < MANY:
                continue
            told = outlook(some["p"].clip(0.002, 0.998), together)
            low, high = told.range()
            held.append(low <= some["met"].sum() <= high)
            stated.append(told.chances[low : high + 1].sum())
        for measure, value in (("inside", np.mean(held)), ("stated", np.mean(stated))):
            rows.append(["outlook", "engine", "place", name, measure, value, len(held)])
    return rows


def vintages(root: Path, targets: pd.DataFrame, values: pd.DataFrame, learned) -> list[list[object]]:
    """Tuberculosis milestones for 2020 asked as of 2017, with the values published in 2019 and with today's values of the same years."""
    table = tables.read_table(
        root / "data" / "raw" / "official" / "vintages.csv", dtype={"series": str, "vintage": str}
    )
    then = table[table.vintage.str.startswith("2019") & (table.year <= 2017)].pivot(
        index="series", columns="year", values="value"
    )
    some = targets[(targets.programme == "End TB 2015-2020") & targets.series.isin(then.index)]
    rows = []
    for name, known in (("published in 2019", then), ("today's values", values[[y for y in values if y <= 2017]])):
        found = official.questions(some, known.sort_index(axis=1))
        keep = (found.asked["when"] == official.WHEN[1]).to_numpy()
        found = official.Questions(
            found.asked[keep].reset_index(drop=True), [h for h, k in zip(found.histories, keep, strict=True) if k]
        )
        p, met = official.stated(found, learned), found.asked["met"].to_numpy(float)
        scores = probability_scores(p, met)
        rows += [
            ["vintages", "engine", "values", name, m, v, scores["n"]]
            for m, v in (("brier", scores["brier"]), ("stated", p.mean()), ("came", met.mean()))
        ]
    return rows


def plan_effect(found: official.Questions, targets: pd.DataFrame, values: pd.DataFrame, learned) -> list[list[object]]:
    """How often outcomes beat the median of what was expected, during the plans and before them, of the same series over as many years."""
    spans = targets["target_year"] - targets["mid_year"]
    before = targets.assign(target_year=targets["start"], mid_year=targets["start"] - spans, start=-1000)
    earlier = official.questions(before, values)
    halfway = (earlier.asked["when"] == official.WHEN[1]).to_numpy()
    ids = set(earlier.asked["id"][halfway])
    rows = []
    for name, some, keep in (
        ("before the plan", earlier, halfway),
        (
            "during the plan",
            found,
            ((found.asked["when"] == official.WHEN[1]) & found.asked["id"].isin(ids)).to_numpy(),
        ),
    ):
        asked, histories = some.asked[keep], [h for h, k in zip(some.histories, keep, strict=True) if k]
        ahead = asked["ahead"].to_numpy(int)
        told = project_with(learned, histories, int(ahead.max()), "official", world="new")
        median = np.array([np.median(told[h.series].paths[:, k - 1]) for h, k in zip(histories, ahead, strict=True)])
        year = (asked["origin"] + asked["ahead"]).to_numpy(int)
        came = np.array(
            [values.at[s, y] if y in values else np.nan for s, y in zip(asked["series"], year, strict=True)]
        )
        known = np.isfinite(came)
        better = (asked["direction"].to_numpy() * (came - median) > 0)[known].mean()
        rows.append(["plan effect", "engine", "period", name, "better than the median", better, int(known.sum())])
    return rows


if __name__ == "__main__":
    main()
