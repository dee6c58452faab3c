"""How many planted errors the checks of returns find, and how many sound values they question.

Many invented districts are simulated with the troubles of ``data/raw/simulation/troubles.csv``; every return is checked as it
would have been on the day it came in, against the years before it. Found: an issue 错误 or 需说明 on the spoilt cell. False
alarm: such an issue on a cell nothing was done to.

    python benchmarks/intake_detection.py --areas 1000
"""

from __future__ import annotations

import argparse
import csv
import random
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

from plananalysis.checks.quality import load_logic
from plananalysis.checks.ranges import Point
from plananalysis.checks.returned import Past, check_rows
from plananalysis.plan import load_plan
from plananalysis.returns import HINT, TOTAL, codebook, layout
from plananalysis.returns.grids import Cell
from plananalysis.returns.rows import read_row
from plananalysis.simulate import read_levels
from plananalysis.simulate.folder import simulate_area

ERRORS = ("unit_slip", "unit_slip_corrected", "transposed", "swapped", "repeated", "both_sexes", "definition_break")
FIRST_YEAR = 2015  # five earlier years are known by then
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
    if row["status"] == "B":
        cells |= {"changed": Cell("是"), "change_note": Cell(row["note"])}
    return read_row(cells, WHERE, line, int(row["year"]), row["file"], "")


def check_area(folder, book, logic, declare_breaks):
    """(cell, severities by rule) of every value reported from FIRST_YEAR on."""
    reported, troubles = area_rows(folder)
    files = defaultdict(list)
    for row in reported:
        files[row["reported_at"], row["file"]].append(row)
    points, breaks, found, cells = defaultdict(dict), defaultdict(set), defaultdict(Counter), set()
    for (_, file), rows in sorted(files.items()):
        by_year = defaultdict(list)
        for row in rows:
            by_year[int(row["year"])].append(row)
        newest = max(by_year)
        for year in sorted(by_year):
            read = [parsed(row, book) for row in by_year[year]]
            if not declare_breaks:
                read = [(replace(row, status="A" if row.status == "B" else row.status), issues) for row, issues in read]
            unit = file.split("_2")[0]
            if year >= FIRST_YEAR and (year == newest or newest == 2020):
                keys = {(r.series, r.group) for r, _ in read}
                past = {k: Past(points[k], frozenset(breaks[k])) for k in keys}
                issues = [i for _, own in read for i in own] + check_rows(
                    [r for r, _ in read], unit, past, book, logic, file, ""
                )
                cells |= {(r.series, r.group, year) for r, _ in read if r.usable}
                for one in issues:
                    if one.severity != HINT:
                        found[one.series, one.group, one.year][one.rule] += 1
            for row, _ in read:
                if row.usable:
                    points[row.series, row.group][year] = Point(
                        year, row.value, row.count("numerator"), row.count("denominator")
                    )
                if row.status == "B":
                    breaks[row.series, row.group].add(year)
    return cells, found, troubles


def spread(folder, book, logic, rng):
    """Errors planted one at a time into every total of the newest year, each return line checked alone against its past."""
    reported, _ = area_rows(folder)
    points = defaultdict(dict)
    rows = {}
    for row in sorted(reported, key=lambda r: r["reported_at"]):
        read, _ = parsed(row, book)
        if read.usable and row["group"] == TOTAL:
            points[row["series"]][read.year] = Point(
                read.year, read.value, read.count("numerator"), read.count("denominator")
            )
            rows[row["series"], read.year] = row
    newest = max(year for _, year in rows)
    planted, caught = Counter(), Counter()
    for (series, year), row in rows.items():
        line = book.line(series)
        if year != newest or line.rhythm != "annual" or len(points[series]) < 6:
            continue
        others = [
            r["value"]
            for (other, y), r in rows.items()
            if y == year and r["unit_file"] == row["unit_file"] and other != series
        ]
        counted = "with counts" if row["denominator"] else "without counts"
        for kind, value in wrong_values(row["value"], line, others, rng):
            read, issues = parsed({**row, "value": value}, book)
            past = {(series, TOTAL): Past({y: p for y, p in points[series].items() if y < year})}
            unit = book.plan.series.loc[series, "responsible_units"][0]
            issues = issues + check_rows([read], unit, past, book, logic, "", "")
            planted[kind, counted] += 1
            caught[kind, counted] += any(i.severity != HINT for i in issues)
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


def print_spread(given, root, levels, book, logic):
    """The table of errors planted into every series."""
    planted, caught = Counter(), Counter()
    rng = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as temporary:
        for number in range(1, given.spread + 1):
            folder = simulate_area(
                root, "sim", "模拟区（虚构）", given.seed + number, target=Path(temporary), levels=levels
            )
            for total, part in zip((planted, caught), spread(folder, book, logic, rng), strict=True):
                total.update(part)
    print("| error | without counts | with counts |\n|---|---|---|")
    for kind in dict.fromkeys(kind for kind, _ in planted):
        cells = [
            f"{100 * caught[kind, c] / planted[kind, c]:.1f} % of {planted[kind, c]}"
            for c in ("without counts", "with counts")
        ]
        print(f"| {kind} | {' | '.join(cells)} |")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--areas", type=int, default=1000)
    arguments.add_argument("--seed", type=int, default=90417)
    arguments.add_argument(
        "--spread", type=int, default=0, help="plant errors into every series of this many districts instead"
    )
    arguments.add_argument("--verbose", action="store_true")
    given = arguments.parse_args()
    root = Path(__file__).parents[1]
    levels = read_levels(root)
    plan = load_plan(root, "jiangbei")
    book, logic = codebook(root, plan), load_logic(root, "jiangbei", set(plan.series.index))
    if given.spread:
        print_spread(given, root, levels, book, logic)
        return
    planted, caught, missed = Counter(), Counter(), Counter()
    sound = false = broken = seen = 0
    rules, by_series = Counter(), Counter()
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as temporary:
        target = Path(temporary)
        for number in range(1, given.areas + 1):
            folder = simulate_area(root, "sim", "模拟区（虚构）", given.seed + number, target=target, levels=levels)
            cells, found, troubles = check_area(folder, book, logic, declare_breaks=True)
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
                    undeclared = check_area(folder, book, logic, declare_breaks=False)[1] if number % 5 == 1 else None
                    if undeclared is not None:
                        broken, seen = broken + 1, seen + bool(undeclared[key])
                    planted["definition_break"] += 1
                    caught["definition_break"] += 1  # declared: it starts a new segment and is shown as such
                    continue
                if one["reported"] == one["true_value"]:
                    continue  # the exchange changed nothing
                planted[one["kind"]] += 1
                caught[one["kind"]] += bool(found[key])
                if not found[key]:
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
