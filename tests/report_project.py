"""A project of two domains with notebooks that say little: what is tested is the run, not the pages."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

NOTEBOOKS = Path(__file__).parent / "fixtures" / "notebooks"
OVERVIEWS = ("1_data_quality", "3_plan_overview", "4_method_check", "7_indicators")


def make_project(
    root: Path, domain_notebook: str = "good", fictional: bool = False, areas: tuple[str, ...] = ("example",)
) -> Path:
    for area in areas:
        plan = root / "data" / "raw" / area / "plan"
        plan.mkdir(parents=True)
        (plan.parent / "area.toml").write_text('name = "示例区"\nas_of = 2025\n', encoding="utf-8")
        rows = (
            "domain,plan,name,name_en\nwomen.health,women,妇女与健康,Health\nchildren.law,children,儿童与法律保护,Law\n"
        )
        (plan / "domains.csv").write_text(rows, encoding="utf-8-sig")
        tables = root / "data" / "processed" / area / "2025"
        tables.mkdir(parents=True)
        info = {"area": area, "name": "示例区", "fictional": fictional, "as_of": 2025, "known_on": "2026-12-31"}
        (tables / "edition.json").write_text(json.dumps(info), encoding="utf-8")
    (root / "notebooks").mkdir()
    for name in OVERVIEWS:
        shutil.copy(NOTEBOOKS / "good_overview.ipynb", root / "notebooks" / f"{name}.ipynb")
    use(root, domain_notebook)
    return root


def use(root: Path, domain_notebook: str) -> None:
    shutil.copy(NOTEBOOKS / f"{domain_notebook}.ipynb", root / "notebooks" / "2_domain_report.ipynb")


def edition(root: Path, area: str = "example") -> Path:
    return root / "reports" / area / "2025"


def content(folder: Path) -> dict[str, bytes]:
    """Every file but the one that tells how the run went."""
    files = (
        p
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name not in ("run.json", "summary.txt", "summary.html")
    )
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}


def page(root: Path, name: str) -> str:
    return (edition(root) / name).read_text(encoding="utf-8")


def status_of(root: Path) -> dict[str, str]:
    run = json.loads(page(root, "run.json"))
    return {p["file"]: p["status"] for p in run["pages"]}
