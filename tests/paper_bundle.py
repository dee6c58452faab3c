"""A project small enough to be derived on paper: values are doubled into a table and written on two pages."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from plananalysis.bundles import Form

FORM = Form("paper", 2025)
DOMAINS = "domain,plan,name,name_en\nwomen.health,women,妇女健康,Women and health\n"
REPORTED = "series,year,value\nW01,2024,10\nW01,2025,12\nW02,2025,7\n"
THRESHOLDS = {"likely": 0.66, "hard": 0.33, "very_hard": 0.10, "signed_off": ""}


def project(root: Path) -> Path:
    """What people wrote, and what was made of it."""
    raw = root / "data" / "raw"
    for name, text in {
        "paper/area.toml": 'name = "纸上区"\nas_of = 2025\ncomparators = ["neighbour"]\n',
        "paper/plan/domains.csv": DOMAINS,
        "paper/observations/health_2025.csv": REPORTED,
        "neighbour/area.toml": 'name = "邻区"\n',
        "elsewhere/area.toml": 'name = "无关区"\n',
        "thresholds.toml": "likely = 0.66\n",
        "reference/series.csv": "not used by an edition\n",
    }.items():
        path = raw / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (root / "notebooks").mkdir()
    (root / "notebooks" / "brief.ipynb").write_text("{}")
    derive(root, FORM)
    return root


def derive(root: Path, form: Form, beside: Sequence[Form] = ()) -> list[str]:
    """What stands here for building and rendering."""
    raw = root / "data" / "raw" / form.area
    with (raw / "observations" / "health_2025.csv").open(encoding="utf-8") as file:
        rows = [{**row, "value": str(2 * int(row["value"]))} for row in csv.DictReader(file)]
    derived = form.tables(root)
    derived.mkdir(parents=True, exist_ok=True)
    lines = ["series,year,value", *(",".join(row.values()) for row in rows)]
    (derived / "assessments.csv").write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    given = [raw, raw.parent / "neighbour"]  # compared with
    inputs = [p for folder in given for p in sorted(folder.rglob("*")) if p.is_file()]
    inputs.append(raw.parent / "thresholds.toml")
    info = {
        "base_year": 2020,
        "thresholds": THRESHOLDS,
        "inputs": {p.relative_to(root).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in inputs},
    }
    (derived / "edition.json").write_text(json.dumps(info), encoding="utf-8")
    (root / "data" / "processed" / form.area / "monitoring.sqlite").write_bytes(b"of no edition")
    cells = "".join(f"<tr><th>{r['series']}</th><td>{r['year']}</td><td>{r['value']}</td></tr>" for r in rows)
    pages = {
        "index.html": f"<main><h2>各指标</h2><table>{cells}</table></main>",
        "women.health.html": f'<a href="../../index.html">全部</a><p>共{len(rows)}个数值</p>',
    }
    papers = {
        "report.docx": b"report", "tables.xlsx": b"tables", "warning_list.docx": b"warnings",
        "letters/health.docx": b"letter", "feedback/health.xlsx": b"feedback",
    }  # fmt: skip
    folder = form.pages(root)
    listed = [{"file": name, "title": name, "status": "rendered", "notebook": "brief.ipynb"} for name in pages]
    shown = [*pages, "summary.html", *(f"documents/{name}" for name in papers)]
    run = {
        "area": form.area,
        "as_of": form.as_of,
        "variant": {"mode": form.mode, "audience": form.audience, "language": form.language},
        "outputs": dict.fromkeys(shown, ""),
        "name": "纸上区",
        "fictional": False,
        "edition": "paper-2025-0123456789",
        "known_on": "2026-06-30",
        "pages": listed,
    }
    files = {name: text.encode() for name, text in pages.items()} | {
        "run.json": json.dumps(run).encode(),
        "summary.txt": b"changes",
        "summary.html": b"changes",
    }
    for name, data in (files | {f"documents/{name}": data for name, data in papers.items()}).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return []
