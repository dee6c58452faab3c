"""Districts side by side: who stands out, what chance alone may explain, and what becomes of a district with bad data."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_city import trim

from plananalysis import editions
from plananalysis.base.errors import UsageError
from plananalysis.pages.city import CityPage
from plananalysis.panels import Here, counted
from plananalysis.panels import city as cities
from plananalysis.panels.movement import COLUMNS as MOVED
from plananalysis.panels.standings import standings
from plananalysis.simulate import simulate

ROOT = Path(__file__).resolve().parents[1]
PATHS = 60


def chances(table: dict[str, list[float]]) -> pd.DataFrame:
    rows = [[a, f"t{i}", p] for a, values in table.items() for i, p in enumerate(values)]
    return pd.DataFrame(rows, columns=["area", "series", "probability"])


def test_equal_districts_are_not_ranked():
    table = standings(chances({f"d{i}": [0.2, 0.5, 0.8] * 10 for i in range(6)}))
    assert set(table["standing"]) == {"within"}
    assert (table["difference"].abs() < 1e-9).all()
    assert (table["rank_low"] <= 2).all() and (table["rank_high"] >= 5).all()


def test_a_district_that_is_sure_of_more_stands_above_one_that_is_sure_of_less():
    table = standings(chances({"best": [0.95] * 30, "worst": [0.05] * 30, **{f"d{i}": [0.5] * 30 for i in range(5)}}))
    words = dict(zip(table["area"], table["standing"], strict=True))
    assert (words["best"], words["worst"]) == ("above", "below")
    assert {words[f"d{i}"] for i in range(5)} == {"within"}
    # 30 targets at 0.95 against the mean of (0.95 + 0.05 + 5 x 0.5) / 7 = 0.5
    assert table.set_index("area").loc["best", "difference"] == pytest.approx(30 * 0.45)


def test_gaps_in_the_data_neither_help_nor_harm():
    """A district that lacks the easy targets is compared on the hard ones only."""
    full = [0.9] * 15 + [0.1] * 15
    table = standings(chances({**{f"d{i}": full for i in range(5)}, "gaps": [np.nan] * 15 + [0.1] * 15}))
    line = table.set_index("area").loc["gaps"]
    assert line["able"] == 15 and line["difference"] == pytest.approx(0, abs=1e-9) and line["standing"] == "within"


def test_a_district_with_hardly_any_outlook_is_not_placed():
    table = standings(chances({"a": [0.5] * 30, "b": [0.5] * 30, "few": [0.9] * 9 + [np.nan] * 21}))
    assert table.set_index("area").loc["few", "standing"] == "few"
    assert np.isnan(table.set_index("area").loc["few", "rank_low"])


def verdict(area: str, series: str, outlook: str, p: float, alerts: str = "", domain: str = "women.health") -> dict:
    return {
        "area": area,
        "series": series,
        "outlook": outlook,
        "probability": p,
        "alerts": alerts,
        "domain": domain,
        "position": "not_met",
        **dict.fromkeys(("plan", "number", "name", "attribute", "lead_unit", "target_text"), "x"),
    }


def test_districts_that_stand_out_are_those_most_others_differ_from():
    words = {"a": "likely", "b": "likely", "c": "hard", "d": "no_data"}
    rows = pd.DataFrame(
        [verdict(a, "W01", o, {"likely": 0.8, "hard": 0.2}.get(o, np.nan)) for a, o in words.items()]
        + [verdict(a, "W02", o, p) for a, o, p in (("a", "hard", 0.2), ("b", "very_hard", 0.05), ("c", "likely", 0.7))]
        + [verdict(a, "W03", o, p) for a, o, p in (("a", "hard", 0.2), ("b", "likely", 0.7))]
    )
    found = counted.targets(rows).set_index("series")
    assert found.loc["W01", ["behind", "ahead", "able", "no_data"]].tolist() == ["c", "", 3, 1]  # one of three is hard
    assert found.loc["W02", ["behind", "ahead"]].tolist() == ["", "c"]  # two of three are
    assert found.loc["W03", ["behind", "ahead"]].tolist() == ["", ""]  # one of two: nobody stands out


def test_the_matrix_counts_rows_with_an_outlook_and_those_in_difficulty():
    rows = pd.DataFrame(
        [
            verdict("a", "W01", "very_hard", 0.05, "both_red;hard_to_reach"),
            verdict("a", "W02", "hard", 0.2),
            verdict("a", "W03", "no_data", np.nan),
            verdict("a", "W04", "met_secure", 0.9, domain="women.law"),
        ]
    )
    found = counted.matrix(rows).set_index(["area", "domain"])
    health = found.loc[("a", "women.health"), ["rows", "able", "hard", "very_hard", "both_red"]]
    assert health.tolist() == [3, 2, 1, 1, 1]
    assert found.loc[("a", "women.law"), ["rows", "able", "hard", "very_hard", "both_red"]].tolist() == [1, 1, 0, 0, 0]


def test_what_hearing_of_each_other_changed_is_counted_with_how_alike_districts_are():
    rows = pd.DataFrame(
        {"area": "a", "series": ["W01", "W02", "W03", "W04"], "probability": [0.70, 0.35, 0.50, np.nan]}
    )
    view = rows[["series"]].assign(
        without_peers=[0.64, 0.32, 0.50, np.nan]
    )  # .06 over a cut, .03 over a cut, nothing, none
    cuts = {"very_hard": 0.10, "hard": 0.33, "likely": 0.66}
    table = pd.DataFrame({"as_of": [2024, 2025], "shared": [0.2, 0.07]})
    counts = {"stated": 3, "moved": 1, "crossed": 2}
    assert counted.heard(rows, {"a": view}, cuts) == counts
    assert counted.heard(rows, {"a": view}, cuts, [table.iloc[:0], table]) == counts | {"shared": 0.07, "home": 0.14}
    assert counted.heard(rows, {}, cuts)["stated"] == 0


@pytest.mark.parametrize(
    ("outlooks", "blind"), [(["likely", "no_data", "no_data"], True), (["likely", "likely", "no_data"], False)]
)
def test_an_empty_list_is_not_good_news_where_hardly_anything_is_known(outlooks, blind):
    rows = pd.DataFrame(
        [
            {"area": f"a{i}", "series": "W01", "role": "target", "outlook": o, "alerts": ""}
            for i, o in enumerate(outlooks)
        ]
    )
    page = CityPage({}, {"verdicts": rows, "targets": rows.iloc[:0]}, 2025)
    for block in (page.hard_everywhere(), page.standing_out(), page.both_red()):
        assert (markup := block._repr_html_()).startswith('<p class="lead">') and ("不等于没有困难" in markup) is blind


@pytest.mark.parametrize(
    ("text", "words"),
    [('code = "example"', "example"), ('code = "A B"', "A B"), ('districts = ["nowhere"]', "nowhere")],
)
def test_a_city_that_cannot_be_is_misuse(tmp_path, text, words):
    (tmp_path / "data" / "raw" / "example").mkdir(parents=True)
    (tmp_path / "data" / "raw" / "example" / "area.toml").touch()
    (tmp_path / "data" / "raw" / "city.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=words):
        cities.read_city(tmp_path)


def test_a_district_of_another_plan_period_is_left_out_and_the_others_go_on(tmp_path):
    for area, base, as_of in (("a", 2020, 2025), ("b", 2020, 2025), ("c", 2010, 2015)):
        folder = tmp_path / "data" / "raw" / area
        folder.mkdir(parents=True)
        outline = f"[[outlines]]\nbase_year = {base}\ntarget_year = {base + 10}\n"
        (folder / "area.toml").write_text(f"as_of = {as_of}\n{outline}", encoding="utf-8")
    assert cities.shared_year(tmp_path, cities.read_city(tmp_path, ["a", "b"])) == 2025
    three = cities.read_city(tmp_path, ["a", "b", "c"])
    assert cities.shared_year(tmp_path, three) == 2025
    assert list(cities.left_out(tmp_path, three, 2025)) == ["c"]
    with pytest.raises(UsageError, match=r"city\.toml"):
        cities.read_city(tmp_path)


def assessed_only(root: Path, area: str, as_of: int) -> None:
    """What a comparison needs of an edition, without the tables that take the time."""
    from plananalysis.assessments import assess_areas
    from plananalysis.observations import as_known, known_histories, load_observations, observations_table
    from plananalysis.plan import load_plan
    from plananalysis.schema.writing import write

    plan = load_plan(root, area, as_of)
    reported = load_observations(root, area)
    (known,) = known_histories(reported, [plan])
    ((edition,),) = assess_areas([[(plan, known)]], n_paths=PATHS)
    folder = root / "data" / "processed" / area / str(as_of)
    write("edition", "assessments", edition.assessments.reset_index(), folder)
    write("edition", "plan", plan.to_table(), folder)
    write(
        "edition",
        "observations",
        observations_table(as_known(reported, plan.known_on, as_of)).assign(question=""),
        folder,
    )
    write("edition", "earlier", [], folder)
    info = {k: getattr(plan, k) for k in ("fictional", "as_of", "known_on")}
    info |= {k: getattr(plan.outline, k) for k in ("title", "base_year", "target_year")}
    info["thresholds"] = {row["name"]: row["value"] for row in plan.thresholds.rows()} | {"signed_off": ""}
    (folder / "edition.json").write_text(json.dumps(info), encoding="utf-8")


def test_the_city_counts_every_kind_of_gap_its_page_prints():
    from plananalysis.pages.missing import KINDS

    assert {*KINDS, "other"} <= set(counted.GAPS)


@pytest.mark.slow
def test_a_district_with_bad_data_is_named_and_the_city_is_compared_without_it(tmp_path, monkeypatch):
    from plananalysis.reports.city import run_city

    monkeypatch.setattr(editions, "build", assessed_only)
    simulate(ROOT, areas=3, seed=9, target=tmp_path)
    trim(tmp_path)
    broken = next((tmp_path / "data" / "raw" / "sim-0002" / "observations").glob("*.csv"))
    lines = broken.read_text(encoding="utf-8-sig").splitlines()
    lines[1] = lines[1].replace(",A,", ",Q,", 1)
    broken.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    done = run_city(tmp_path, cities.read_city(tmp_path), 2025, Here(), pages=False)
    states = {o.chunk.items[0]: o.state for o in done.outcomes}
    assert states == {"sim-0001": "done", "sim-0002": "data", "sim-0003": "done"}
    assert done.page is not None and done.failed_pages == []
    page = done.page.read_text(encoding="utf-8")
    assert f"{broken.name} 第2行“status”列" in page and "3个区县中有1个未纳入本页" in page
    info = json.loads((cities.home(tmp_path, "city", 2025) / "city.json").read_text(encoding="utf-8"))
    assert info["districts"] == ["sim-0001", "sim-0003"] and list(info["failed"]) == ["sim-0002"]
    assert {o.chunk.items[0] for o in done.outcomes if o.chunk.target.exists()} == {"sim-0001", "sim-0003"}


def test_ties_share_their_ranks_and_order_of_codes_decides_nothing():
    """Four districts that certainly meet the same number share ranks 2 to 5; before, they stood 2, 3, 4, 5 by code."""
    met = [1.0] * 20 + [0.0] * 20
    table = standings(
        chances({"a": [1.0] * 40, **{f"d{i}": met for i in range(4)}, "z": [0.0] * 40}), reached=False
    ).set_index("area")
    assert {tuple(table.loc[f"d{i}", ["rank_low", "rank_high"]]) for i in range(4)} == {(2, 5)}
    same = standings(chances({f"d{i:02}": met for i in range(41)}))
    assert set(zip(same["rank_low"], same["rank_high"], strict=True)) == {(1, 41)}


def test_in_the_target_year_it_is_said_what_was_reached_and_no_chance_verdict_is_drawn():
    table = standings(chances({"a": [1.0] * 30, "b": [0.0] * 30, "c": [1.0] * 15 + [0.0] * 15}), reached=True)
    assert set(table["standing"]) == {"reached"}
    assert table.set_index("area")["difference"].to_dict() == {"a": 15, "c": 0, "b": -15}
    assert table[["low", "high", "rank_low", "rank_high"]].isna().all(axis=None)


def test_districts_are_compared_on_targets_with_one_reading_only():
    """A district that set itself easier targets on half of them gains nothing by it."""
    rows = chances({**{f"d{i}": [0.5] * 40 for i in range(5)}, "easy": [0.5] * 20 + [0.95] * 20})
    rows["target_text"] = "≥90%"
    rows.loc[(rows["area"] == "easy") & rows["series"].isin([f"t{i}" for i in range(20, 40)]), "target_text"] = "≥45%"
    table = standings(rows).set_index("area")
    assert table.loc["easy", ["able", "difference", "standing"]].tolist() == [20, 0.0, "within"]
    assert cities.one_reading(rows).sum() == 6 * 20


def test_a_domain_only_one_district_writes_differently_is_in_the_matrix_and_in_its_totals(tmp_path):
    from plananalysis.base.tables import write_atomic

    for area, code in (("a", "women.health"), ("b", "women.wellbeing")):
        text = f"domain,plan,name,name_en\n{code},women,健康,Health\nwomen.law,women,法律,Law\n"
        path = tmp_path / "data" / "raw" / area / "plan" / "domains.csv"
        path.parent.mkdir(parents=True)
        write_atomic(path, text.encode("utf-8"))
    found = cities.domains(tmp_path, {"a": {}, "b": {}})
    assert found["domain"].tolist() == ["women.health", "women.law", "women.wellbeing"]


def test_what_districts_are_called_changes_no_range():
    rng = np.random.default_rng(4)
    held = {f"d{i}": rng.uniform(0.1, 0.9, 30).tolist() for i in range(5)}
    names = dict(zip(held, ("z", "m", "a", "k", "b"), strict=True))
    first = standings(chances(held)).replace({"area": names}).set_index("area").sort_index()
    renamed = standings(chances({names[a]: p for a, p in held.items()})).set_index("area").sort_index()
    pd.testing.assert_frame_equal(first, renamed)


def test_what_all_districts_share_widens_a_count_and_cancels_in_a_difference():
    """20 districts and one target at .5: the common part lets .38 of the surprise move all at once."""
    from plananalysis.panels.standings import met_in_all

    one = chances({f"d{i}": [0.5] for i in range(20)})
    _, low, high = met_in_all(one)
    independent = 1.2816 * np.sqrt(20 * 0.25)  # half the 80 % range of independent coins
    assert (high - low) / 2 > 1.7 * independent
    many = chances({f"d{i}": [0.5] * 40 for i in range(20)})
    line = standings(many).iloc[0]
    # against the mean of all: what remains is a district's own share and its place's, .62 of the variance of a score
    assert (line["high"] - line["low"]) / 2 < 1.2816 * np.sqrt(40 * 0.25 + 40 * 39 * 0.25 * 0.045)


def test_equal_histories_of_two_districts_get_equal_probabilities(tmp_path):
    from plananalysis.editions import building

    simulate(ROOT, areas=1, seed=3, target=tmp_path)
    raw = tmp_path / "data" / "raw"
    (raw / "city.toml").unlink()
    (raw / "other").mkdir()
    for path in [p for p in (raw / "sim-0001").rglob("*") if p.is_file()]:
        target = raw / "other" / path.relative_to(raw / "sim-0001")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    one, other = (building.editions(tmp_path, a, n_paths=PATHS)[-1].assessments for a in ("sim-0001", "other"))
    pd.testing.assert_series_equal(one["probability"], other["probability"], check_exact=True)


def test_a_citys_page_of_the_target_year_tells_what_was_reached_and_expects_nothing(tmp_path):
    from plananalysis.base.text import speaking

    words = {
        "a": {"W01": "met", "W02": "met", "W03": "not_met"},
        "b": {"W01": "met", "W02": "met", "W03": "not_met"},
        "c": {"W01": "not_met", "W02": "met", "W03": "unknown"},
    }
    rows = pd.DataFrame(
        [
            verdict(
                area,
                series,
                {"met": "met_secure", "not_met": "very_hard", "unknown": "no_data"}[position],
                {"met": 1.0, "not_met": 0.0, "unknown": np.nan}[position],
                "both_red" if (area, series) == ("c", "W01") else "",
            )
            | {"position": position, "role": "target", "value_year": 2029 if series == "W02" else 2030}
            | {"value_text": "5", "unit": "%", "decimals": 0, "direction": 1, "name_en": ""}
            for area, held in words.items()
            for series, position in held.items()
        ]
    )
    rows["why_no_probability"] = np.where(rows["series"] == "W02", "election_steps", "")
    rows.loc[rows["series"] == "W02", "outlook"] = "needs_judgement"
    frames = {
        "verdicts": rows,
        "matrix": counted.matrix(rows),
        "targets": counted.targets(rows),
        "gaps": pd.DataFrame([counted.gaps(tmp_path, a, rows, 2030, reached=True) for a in words]),
        "standings": standings(pd.concat([rows.assign(series=rows["series"] + str(i)) for i in range(10)]), reached=True),
        "districts": pd.DataFrame([[a, a.upper(), "", ""] for a in words], columns=["area", "name", "name_en", "failed"]),
        "domains": pd.DataFrame(
            [["women.health", "women", "健康", ""]], columns=["domain", "plan", "name", "name_en"]
        ),
        "movement": pd.DataFrame([["a", 3, 1, 2, 1, 0, 0, 0, 1.2]], columns=MOVED),
    }  # fmt: skip
    thresholds = {"very_hard": 0.1, "hard": 0.33, "likely": 0.66}
    info = {"area": "city", "name": "city", "districts": [*words], "fictional": True, "target_year": 2030, "failed": {}}
    info |= {"as_of": 2030, "base_year": 2020, "thresholds": thresholds, "plans": {}, "together": {"expected": 1.0}}
    with speaking("zh"):
        page = CityPage(info, frames, 2030)
        made = {
            name: getattr(page, name)()._repr_html_()
            for name in ("outlooks", "matrix", "hard_everywhere", "standing_out", "both_red", "movement", "gaps")
        }
    # nothing is to be expected any more: a series is missing where it cannot be judged, not where it has no outlook
    assert "全部区县9项指标中，不能判断是否达到目标的1项；最少的区县0项，最多的1项" in made["gaps"]
    assert "不能判断" in made["gaps"] and "展望" not in made["gaps"]
    # of nine targets eight can be judged: five were reached and three were not; three rest on values of 2029
    assert "共9项目标，能够判断的8项中，达到目标5项、未达到目标3项，达标率62.5%" in made["outlooks"]
    assert "3项没有2030年数据" in made["outlooks"]
    assert "实际达到减上一版预计" in made["movement"]
    for markup in made.values():
        for word in ("概率", "预计达标困难", "极难", "把握", "有望", "展望为", "80%"):
            assert word not in markup
    assert "展望" not in made["movement"] and "平均每个区县多1.2项" in made["movement"]


def test_a_row_without_a_probability_is_not_told_as_the_least_probable():
    """A row of several parts has no probability of its own; it stood before 2 % as if it were 0 %."""
    from plananalysis.pages.city_targets import _named

    rows = pd.DataFrame(
        [verdict("a", "W01", "hard", 0.3), verdict("a", "C16", "hard", np.nan), verdict("a", "W02", "very_hard", 0.02)]
    )
    rows = rows.assign(role="target", name=["w1", "c16", "w2"], unit="%", decimals=0, name_en="")
    info = {
        "area": "city",
        "as_of": 2025,
        "name": "city",
        "target_year": 2030,
        "districts": ["a"],
        "fictional": True,
        "thresholds": {},
    }
    page = CityPage(info, {"verdicts": rows}, 2025)
    told = str(_named(page, page.rows))
    assert told.index("w2") < told.index("w1") < told.index("c16") and "—" not in told
