"""How many planted errors the checks of returns find, and how many sound values they question.

Many invented districts are simulated with the troubles of ``data/raw/simulation/troubles.csv``; every return is checked as it
would have been on the day it came in, against the years before it. Found: an issue 错误 or 需说明 on the spoilt cell. False
alarm: such an issue on a cell nothing was done to.

    python benchmarks/intake_detection.py --areas 1000
"""

from __future__ import annotations

import argparse
import csv
import math
import random
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from plananalysis.checks import past
from plananalysis.checks.beside import load_logic
from plananalysis.checks.cells import alone
from plananalysis.checks.returned import Known, value_issues
from plananalysis.observations import as_known, load_observations, row_of
from plananalysis.plan import load_plan
from plananalysis.projections.reference import decimals, load_corpus
from plananalysis.returns import HINT, TOTAL, Return, codebook, layout
from plananalysis.returns.rows import read_row
from plananalysis.sheets.grids import Cell
from plananalysis.simulate import read_levels
from plananalysis.simulate.folder import simulate_area

ERRORS = ("unit_slip", "unit_slip_corrected", "transposed", "swapped", "repeated", "both_sexes", "definition_break")
FIRST_YEAR = 2015  # five earlier years are known by then
CELL = (
    *("series", "group", "year", "value", "numerator", "denominator", "value_text", "note"),
    "numerator_text",
    "denominator_text",
)
WHERE = {c.key: c.key for c in layout.COLUMNS}


def area_rows(folder: Path):
    """Observations of an area by file, and planted troubles by cell."""
    reported = []
    for path in sorted((folder / "observations").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            unit = path.name.split("_2")[0]
            reported += [{**row, "file": path.name, "unit_file": unit} for row in csv.DictReader(file)]
    with (folder / "troubles.csv").open(encoding="utf-8-sig", newline="") as file:
        troubles = list(csv.DictReader(file))
    return reported, troubles


def parsed(row, book):
    """A row as the reader would read it from a form."""
    line = book.line(row["series"], row["group"])
    cells = {c: Cell(row[c]) for c in ("value", "numerator", "denominator") if row[c]}
    cells |= {"status": Cell({"M": "缺报"}.get(row["status"], "")), "note": Cell(row["note"])}
    cells |= {"definition": Cell(row["definition"])}
    if row["status"] == "B":
        cells |= {"changed": Cell("是"), "change_note": Cell(row["note"])}
    return read_row(cells, WHERE, line, int(row["year"]), row["file"], "")


def returns_of(reported, book):
    """Every file that came in, in order, as the reader would read it."""
    files = defaultdict(list)
    for row in reported:
        files[row["reported_at"], row["file"]].append(row)
    for (day, file), rows in sorted(files.items()):
        read = [parsed(row, book) for row in rows]
        issues = tuple(i for _, own in read for i in own)
        newest = max(int(row["year"]) for row in rows)
        about = {"unit": file.split("_2")[0], "year": newest, "rows": tuple(r for r, _ in read), "issues": issues}
        yield day, Return(file, "", **about)


def known_before(day, observations, plan, book, logic):
    """What the area knew on the day before."""
    before = observations[observations["reported_at"] < day]
    return Known(plan, book, as_known(before, day, plan.outline.target_year), logic)


def issues_of(known, one, day):
    """What the unit is asked about its return: what is wrong with how it is written, and with its values."""
    return [*one.issues, *value_issues(known, one, (), day)]


def check_area(folder, plan, book, logic, declare_breaks):
    """(cell, severities by rule) of every value reported from FIRST_YEAR on."""
    reported, troubles = area_rows(folder)
    (folder / "corrections.csv").unlink(missing_ok=True)  # they were written later
    observations = load_observations(folder.parents[2], folder.name)
    if not declare_breaks:
        observations.loc[observations["status"] == "B", "status"] = "A"
        observations["definition"] = ""
    found, cells, known, when = defaultdict(Counter), set(), None, ""
    for day, one in returns_of(reported, book):
        if not declare_breaks:
            silent = {"definition": "", "change_note": "", "explanation": "", "note": ""}
            rows = tuple(replace(r, status="A" if r.status == "B" else r.status, **silent) for r in one.rows)
            one = replace(one, rows=rows)
        if day != when:
            known, when = known_before(day, observations, plan, book, logic), day
        asked = {y for y in {r.year for r in one.rows} if y >= FIRST_YEAR and (y == one.year or one.year == 2020)}
        cells |= {(r.series, r.group, r.year) for r in one.rows if r.usable and r.year in asked}
        for issue in issues_of(known, one, day) if asked else ():
            if issue.severity != HINT and issue.year in asked:
                found[issue.series, issue.group, issue.year][issue.rule] += 1
    return cells, found, troubles


def spread(folder, plan, book, logic, rng):
    """Errors planted one at a time into every total of the newest year, each return line checked alone against its past."""
    reported, _ = area_rows(folder)
    observations = load_observations(folder.parents[2], folder.name)
    newest = int(observations["year"].max())
    before = observations[(observations["year"] < newest) & (observations["group"] == TOTAL)]
    alone = Known(plan, book, as_known(before, "9999-12-31", newest), logic.iloc[:0])
    known = replace(alone, book=book)
    known.__dict__["beside"] = {series: frozenset({series}) for series in alone.leaves}  # no other line beside it
    last = {}
    for row in sorted(reported, key=lambda r: r["reported_at"]):
        if int(row["year"]) == newest and row["group"] == TOTAL and row["value"]:
            last[row["series"]] = row
    planted, caught = Counter(), Counter()
    for series, row in last.items():
        line, past = book.line(series), [c for c in alone.cells.get(series, ()) if c.value == c.value]
        if line.rhythm != "annual" or len(past) < 5:
            continue
        others = [r["value"] for s, r in last.items() if r["unit_file"] == row["unit_file"] and s != series]
        counted = "with counts" if row["denominator"] else "without counts"
        for kind, value in wrong_values(row["value"], line, others, rng):
            read, issues = parsed({**row, "value": value}, book)
            unit = book.plan.series.loc[series, "responsible_units"][0]
            one = Return("", "", unit=unit, year=newest, rows=(read,), issues=tuple(issues))
            planted[kind, counted] += 1
            caught[kind, counted] += any(i.severity != HINT for i in issues_of(known, one, "9999-12-31"))
    return planted, caught


def wrong_values(text, line, others, rng):
    """Slips of the pen and of the unit, as texts that differ from the true value."""
    value = float(text)
    digits = [i for i in range(len(text) - 1) if text[i : i + 2].isdigit() and text[i] != text[i + 1]]
    found = {"one hundredth": f"{value / 100:.6g}", "ten times": f"{value * 10:.6g}"}
    if digits:
        i = rng.choice(digits)
        found["digits swapped"] = text[:i] + text[i + 1] + text[i] + text[i + 2 :]
    if others:
        found["another row's value"] = rng.choice(others)
    if line.unit == "%":
        found["five points"] = f"{value + 5 if value < 95 else value - 5:.2f}"
    return [(kind, wrong) for kind, wrong in found.items() if "e" not in wrong and float(wrong) != value]


def print_spread(given, root, levels, plan, book, logic):
    """The table of errors planted into every series."""
    planted, caught = Counter(), Counter()
    rng = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as temporary:
        for number in range(1, given.spread + 1):
            folder = simulate_area(
                root, "sim", "模拟区（虚构）", given.seed + number, target=Path(temporary), levels=levels
            )
            for total, part in zip((planted, caught), spread(folder, plan, book, logic, rng), strict=True):
                total.update(part)
    print("| error | without counts | with counts |\n|---|---|---|")
    for kind in dict.fromkeys(kind for kind, _ in planted):
        cells = [
            f"{100 * caught[kind, c] / planted[kind, c]:.1f} % of {planted[kind, c]}"
            for c in ("without counts", "with counts")
        ]
        print(f"| {kind} | {' | '.join(cells)} |")


def print_real(given, root):
    """Errors planted into the newest value of real histories without counts, the other places' own numbers."""
    corpus = load_corpus(root)
    digits, rng = decimals(corpus.values, most=2), random.Random(given.seed)
    planted, asked, wrong_unit, before = Counter(), Counter(), Counter(), {}
    chosen = [k for k in range(len(corpus.values)) if np.isfinite(corpus.values[k]).sum() >= 7]
    rng.shuffle(chosen)
    for k in chosen[: given.real]:
        kind = corpus.series["unit_type"].iloc[k]
        unit, upper = {"percent": ("%", 100.0), "per_1000": ("‰", math.nan)}.get(kind, ("年", math.nan))
        about = {"unit": unit, "indicator": "", "name": "", "lower": 0.0, "upper": upper, "decimals": int(digits[k])}
        years = np.flatnonzero(np.isfinite(corpus.values[k]))[-rng.choice([7, 8, 9, 10, 11]) :]
        texts = [f"{corpus.values[k][y]:.{int(digits[k])}f}" for y in years]
        line = SimpleNamespace(unit=unit)
        variants = [("none", texts[-1]), *wrong_values(texts[-1], line, [before[kind]] if kind in before else [], rng)]
        before[kind] = texts[-1]
        for error, text in variants:
            cells = [
                row_of(
                    CELL,
                    {
                        "year": int(y),
                        "value": float(v),
                        "value_text": v,
                        "numerator": math.nan,
                        "denominator": math.nan,
                    },
                )
                for y, v in zip(years, [*texts[:-1], text], strict=True)
            ]
            about |= {"rhythm": "annual", "numerator": "", "denominator": ""}
            found = {f.rule for f in alone(cells[-1], about)}
            slips = [f for f in past.slip_issues(cells, about, 20) if f.cell is cells[-1]]
            changes = past.change_issues(cells, about, cells[-1].year) if not found and not slips else ()
            planted[error] += 1
            wrong_unit[error] += bool(slips)
            asked[error] += bool(found or slips or any(f.severity != "hint" for f in changes))
    print("| error | real histories | asked about | called a slip of the unit |\n|---|---|---|---|")
    for error, number in planted.items():
        shares = (f"{100 * told[error] / number:.1f} %" for told in (asked, wrong_unit))
        print(f"| {error} | {number} | {' | '.join(shares)} |")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--areas", type=int, default=1000)
    arguments.add_argument("--seed", type=int, default=90417)
    arguments.add_argument(
        "--spread", type=int, default=0, help="plant errors into every series of this many districts instead"
    )
    arguments.add_argument("--real", type=int, default=0, help="plant errors into this many real histories instead")
    arguments.add_argument("--verbose", action="store_true")
    given = arguments.parse_args()
    root = Path(__file__).parents[1]
    if given.real:
        print_real(given, root)
        return
    levels = read_levels(root)
    plan = load_plan(root, "jiangbei")
    plan = replace(plan, outline=replace(plan.outline, base_year=FIRST_YEAR))  # years before it nobody is asked about
    book, logic = codebook(root, plan), load_logic(root, "jiangbei", set(plan.series.index))
    if given.spread:
        print_spread(given, root, levels, plan, book, logic)
        return
    planted, caught, missed = Counter(), Counter(), Counter()
    sound = false = broken = seen = 0
    rules, by_series = Counter(), Counter()
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as temporary:
        target = Path(temporary)
        for number in range(1, given.areas + 1):
            folder = simulate_area(root, "sim", "模拟区（虚构）", given.seed + number, target=target, levels=levels)
            cells, found, troubles = check_area(folder, plan, book, logic, declare_breaks=True)
            touched = set()
            for one in troubles:
                if not one["year"] or one["kind"] not in (*ERRORS, "revision", "provisional"):
                    continue
                key = (one["series"], one["group"] or TOTAL, int(one["year"]))
                touched |= {
                    (c[0], c[1], c[2]) for c in cells if (c[0], c[2]) == (key[0], key[2])
                }  # its groups are set against it
                if one["kind"] not in ERRORS or key not in cells:
                    continue
                if one["kind"] == "definition_break":
                    undeclared = (
                        check_area(folder, plan, book, logic, declare_breaks=False)[1] if number % 5 == 1 else None
                    )
                    if undeclared is not None:
                        broken, seen = broken + 1, seen + bool(undeclared[key])
                    planted["definition_break"] += 1
                    caught["definition_break"] += 1  # declared: it starts a new segment and is shown as such
                    continue
                if one["reported"] == one["true_value"]:
                    continue  # the exchange changed nothing
                planted[one["kind"]] += 1
                pair = (
                    {"C01": "C02", "C02": "C01"}.get(key[0]) if one["kind"] == "swapped" else None
                )  # told with one of them
                hit = bool(found[key]) or (pair is not None and bool(found[pair, *key[1:]]))
                caught[one["kind"]] += hit
                if not hit:
                    missed[one["kind"], one["series"]] += 1
            clean = cells - touched
            sound += len(clean)
            alarms = [c for c in clean if found[c]]
            false += len(alarms)
            rules.update(rule for c in alarms for rule in found[c])
            by_series.update(c[0] for c in alarms)
    kinds = [k for k in ERRORS if planted[k]]
    print(f"{given.areas} districts, seed {given.seed}, {time.perf_counter() - started:.0f} s")
    print("| planted error | planted | found |\n|---|---|---|")
    for kind in kinds:
        print(f"| {kind} | {planted[kind]} | {100 * caught[kind] / planted[kind]:.1f} % |")
    total, got = sum(planted[k] for k in kinds), sum(caught[k] for k in kinds)
    print(f"| all | {total} | {100 * got / total:.1f} % |")
    print(f"| definition break not declared (every fifth district) | {broken} | {100 * seen / max(broken, 1):.1f} % |")
    print(f"| false alarms among {sound} sound values | {false} | {100 * false / max(sound, 1):.2f} % |")
    if given.verbose:
        print(rules.most_common(), by_series.most_common(15), missed.most_common(20), sep="\n")


if __name__ == "__main__":
    main()
