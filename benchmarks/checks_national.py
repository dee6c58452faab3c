"""How many planted errors the checks find on the national published histories, and how often they ask about what was published.

    python benchmarks/checks_national.py [--seed 1] [--verbose]

From the fourth value of each history on, every published value is held against the ones before it, as it is (a question is a false
alarm) and with one error planted at a time; found is 错误 or 需说明 on the cell. The rules between series are left out.
"""

from __future__ import annotations

import argparse
import collections
import random
from dataclasses import replace
from pathlib import Path

from plananalysis.checks import values
from plananalysis.observations import as_known, as_rows, load_observations, starts_segment
from plananalysis.plan import load_plan

ROOT = Path(__file__).parents[1]
EARLIER = 3  # values a case has before it


def cases(rows: list) -> list[tuple[list, object]]:
    """Each value of a comparable history with the ones before it."""
    found, run = [], []
    for row in sorted(rows, key=lambda r: r.year):
        if run and (starts_segment(row.status) or row.definition != run[-1].definition):
            run = []
        if len(run) >= EARLIER:
            found.append((list(run), row))
        run.append(row)
    return found


def planted(text: str, before: str, others: list[float], unit: str, rng: random.Random) -> dict[str, str]:
    """The value with one error each, as it would be typed."""
    value, digits = float(text), len(text.partition(".")[2])

    def typed(number: float) -> str:
        return f"{number:.{digits}f}"

    found = {
        "ten times": typed(value * 10),
        "one tenth": typed(value / 10),
        "one hundredth": typed(value / 100),
        "last year copied": typed(float(before)),
        "another row's value": typed(rng.choice([o for o in others if abs(o - value) > 0.2 * abs(value) + 0.01])),
    }
    if unit == "%":
        found |= {"five points up": typed(value + 5), "five points down": typed(value - 5)}
    pairs = [i for i in range(len(text) - 1) if text[i : i + 2].isdigit() and text[i] != text[i + 1]]
    for name, some in (("last digits swapped", pairs[-1:]), ("first digits swapped", pairs[:1])):
        found |= dict.fromkeys(
            [name] * len(some), "".join(text[:i] + text[i + 1] + text[i] + text[i + 2 :] for i in some)
        )
    if len(text) > 2:
        found["digit dropped"] = text[:1] + text[2:]
    return {name: t for name, t in found.items() if t and float(t) != value}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--verbose", action="store_true")
    given = parser.parse_args()
    rng, plan = random.Random(given.seed), load_plan(ROOT, "china")
    leaves = plan.leaves().to_dict("index")
    view = as_known(load_observations(ROOT, "china"), plan.known_on, plan.as_of)
    held: dict[str, list] = collections.defaultdict(list)
    for row in as_rows(view[view["value"].notna() & (view["group"] == "total")]):
        if row.series in leaves:
            held[row.series].append(row)
    asked = [(series, before, row) for series, rows in held.items() for before, row in cases(rows)]
    others = [row.value for _, _, row in asked]

    def questions(series: str, before: list, row: object) -> list[str]:
        now = replace(plan, outline=replace(plan.outline, base_year=row.year))  # only the newest value is asked about
        found, _ = values.about_values(now, [*before, row], None, {series: leaves[series]}, plan.as_of)
        return [f.rule for f in found if f.cell.year == row.year and f.severity in ("error", "explain")]

    hits: dict[str, list[bool]] = collections.defaultdict(list)
    alarms = []
    for series, before, row in asked:
        rules = questions(series, before, row)
        alarms += [(series, row.year, row.value_text, [b.value_text for b in before[-4:]], rules)] if rules else []
        if row.value <= 0:
            continue
        errors = planted(row.value_text, before[-1].value_text, others, leaves[series]["unit"], rng)
        for name, text in errors.items():
            wrong = row._replace(value=float(text), value_text=text)
            hits[name].append(bool(questions(series, before, wrong)))
    for name, found in hits.items():
        print(f"| {name} | {len(found)} | {sum(found) / len(found):.1%} |")
    every = [h for found in hits.values() for h in found]
    print(f"| **all** | {len(every)} | **{sum(every) / len(every):.1%}** |")
    print(f"| **false alarms** | {len(asked)} | **{len(alarms) / len(asked):.1%}** |")
    if given.verbose:
        for alarm in alarms:
            print(*alarm)


if __name__ == "__main__":
    main()
