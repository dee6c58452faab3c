"""What the search of a page finds: every target, domain and unit of the editions listed there, by code, name, pinyin, unit or area.

The list stands in the page itself, so that it is found without a network and from a memory stick; it holds what the plan prints and
nothing that was reported, and leads to the pages of the editions it was given and to no others.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from plananalysis.base.pinyin import syllables
from plananalysis.base.text import LANGUAGES, language, say, translated
from plananalysis.editions.frames import stored
from plananalysis.editions.slices import words
from plananalysis.editions.variant import edition_name
from plananalysis.plan.units import unit_name
from plananalysis.render.html import Html, tag
from plananalysis.reports.listing import form

_ROLES = ("target", "compound", "part")  # what has a card of its own
Found = Sequence[tuple[str, Mapping[str, Any]]]  # folder of an edition, seen from the page, and the record of its run


def finder(root: Path, found: Found) -> Html:
    """The field, the place for what is found, and the list; nothing where no edition has anything to be found."""
    held = index(root, found)
    if not held["rows"]:
        return Html()
    listed = json.dumps(held, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    field = tag("input", type="search", id="find", autocomplete="off", spellcheck="false", aria_describedby="find-how")
    told = {f"data_{k}": say(f"reports.find.{k}", count="{count}", shown="{shown}") for k in ("some", "many", "none")}
    return tag(
        "section",
        tag("label", say("reports.find.label"), **{"for": "find"}),
        field,
        tag("p", say("reports.find.how"), id="find-how", cls="small"),
        tag(
            "p",
            role="status",
            data_others=say("reports.find.others"),
            data_also=say("reports.find.also"),
            data_ends=say("reports.find.ends"),
            data_unit=say("pages.unit", unit="{unit}"),
            **told,
        ),
        tag("ol"),
        Html(f'<script type="application/json">{listed}</script>'),
        cls="find",
        aria_label=say("reports.find.label"),
    )


def index(root: Path, found: Found) -> dict[str, list[Any]]:
    """Editions as [folder, area, form], and rows as [code, name, pinyin, unit, about, file, numbers of editions].

    Rows of several editions that say the same stand once; rows without a code are pages about a domain or a unit.
    """
    editions, rows = [], dict[tuple[str, ...], list[int]]()
    for folder, run in found:
        held = list(_rows(root, run))
        if not held:
            continue
        about = say("reports.list.joint").join([say("reports.list.year", as_of=run["as_of"]), form(run)])
        editions.append([folder, run["name"], about])
        for row in held:
            rows.setdefault((run["area"], *row), []).append(len(editions) - 1)
    return {"editions": editions, "rows": [[*row, numbers] for (_, *row), numbers in rows.items()]}


def _rows(root: Path, run: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Code, name, pinyin, unit, what else it is found by, and file with place, of everything an edition has a page for."""
    name = edition_name(run["as_of"], (run.get("variant") or {}).get("outline", ""))
    plan = root / "data" / "processed" / run["area"] / name / "plan.csv"
    pages = {page["file"] for page in run["pages"] if page["status"] != "missing"}
    held = stored(plan).rows if plan.is_file() else []
    domain_name = "domain_name" if language() == LANGUAGES[0] else "domain_name_en"
    domains, units = dict[str, str](), dict[str, str]()
    for r in held:
        domains[f"{r['domain']}.html"] = domain = r[domain_name] or r["domain_name"]
        named = [translated(name) for name in words(r["responsible_names"])]
        units |= {f"unit.{code}.html": n for code, n in zip(words(r["responsible_units"]), named, strict=True)}
        if r["role"] in _ROLES and (file := f"{r['domain']}.html") in pages:
            name, about = translated(r["name"]), say("joint.list").join([domain, *named])
            yield r["series"], name, _typed(name), unit_name(r["unit"]), about, f"{file}#{r['series']}"
    for kind, there in (("domain", domains), ("unit", units)):
        for file, name in there.items():
            if file in pages:
                yield "", name, _typed(name), "", say(f"reports.find.{kind}"), file


def _typed(name: str) -> str:
    return " ".join(syllables(name)) if language() == LANGUAGES[0] else ""
