"""Cities and nations are handed on as areas are: packed with all they rest on, derived again, compared; and published."""

from __future__ import annotations

import json
import re
import shutil
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote

import pytest
from small_city import trim

from plananalysis import cli
from plananalysis.bundles import Form, bundle, packing, verify
from plananalysis.simulate import simulate, simulate_nation

ROOT = Path(__file__).resolve().parents[1]
pyarrow = pytest.mark.skipif(not find_spec("pyarrow"), reason="needs the extra columnar")


def run(*arguments: str | Path) -> int:
    return cli.run_command([str(a) for a in arguments])


@pytest.fixture(scope="module")
def city(tmp_path_factory) -> Path:
    """Two districts, the first of which a third went into in 2024."""
    root = tmp_path_factory.mktemp("city")
    simulate(ROOT, areas=3, seed=9, target=root)
    trim(root)
    (root / "data" / "raw" / "city.toml").write_text('name = "模拟市"\nname_en = "Sim City"\n', encoding="utf-8")
    change = "date,kind,from,to,treatment,source\n2024-03-01,merged,sim-0001;sim-0003,sim-0001,joined,（虚构）\n"
    (root / "data" / "raw" / "area_changes.csv").write_text(change, encoding="utf-8")
    assert run("city", "--root", root, "--no-pages", "--workers", "1") == 0
    return root


@pytest.mark.slow
def test_a_city_is_bundled_with_the_data_of_all_its_districts_and_comes_out_the_same_again(city, tmp_path, capsys):
    file = tmp_path / "city.zip"
    assert run("bundle", "--root", city, "--area", "city", "--out", file) == 0
    files = packing.read_zip(file)
    raw = {name.split("/")[3] for name in files if name.startswith("inputs/data/raw/")}
    assert {"city.toml", "tiles.csv", "area_changes.csv", "sim-0001", "sim-0002", "sim-0003"} <= raw
    assert "outputs/data/processed/panels/city/2025/verdicts.csv" in files
    assert "outputs/reports/city/2025/documents/report.docx" in files
    assert json.loads(files["bundle.json"])["pages"][0]["notebook"] == "6_city_overview.ipynb"
    told = verify(file, tables_only=True)
    assert told.findings == [] and told.compared > 10
    # a value of the district that is no more, changed in the bundle with all its checksums, shows in the city's tables
    rows = [
        (n, i, line.split(","))
        for n in sorted(files)
        if "/sim-0003/observations/" in n
        for i, line in enumerate(files[n].decode("utf-8-sig").splitlines())
    ]
    name, at, cells = next(r for r in rows if r[2][4].isdigit() and r[2][1] == "total" and r[2][2] != "2025")
    lines = files[name].decode("utf-8-sig").splitlines()
    lines[at] = ",".join([*cells[:4], str(int(cells[4]) + 1), *cells[5:]])
    files[name] = "\n".join([*lines, ""]).encode()
    said = json.loads(files["bundle.json"])
    said["given"][name] = packing.digest(files[name])
    files["bundle.json"] = (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode()
    packing.write_zip(packing.with_sums({n: d for n, d in files.items() if n != packing.SUMS}), file)
    assert verify(file, tables_only=True).findings


@pytest.mark.slow
def test_a_city_whose_data_or_districts_changed_since_is_not_bundled(city, tmp_path, capsys):
    root = tmp_path / "p"
    shutil.copytree(city, root)
    path = next((root / "data" / "raw" / "sim-0002" / "observations").glob("*.csv"))
    text = path.read_bytes()
    path.write_bytes(text + b"\n")
    assert run("bundle", "--root", root, "--area", "city", "--out", tmp_path / "x.zip") == 2
    assert "data/raw/sim-0002" in capsys.readouterr().err
    path.write_bytes(text)
    stored = root / "data" / "processed" / "sim-0002" / "2025" / "inputs.json"
    held = json.loads(stored.read_text(encoding="utf-8"))
    held["tables"]["plan.csv"] = "0"
    stored.write_text(json.dumps(held), encoding="utf-8")
    assert run("bundle", "--root", root, "--area", "city", "--out", tmp_path / "x.zip") == 2
    assert "plananalysis city" in capsys.readouterr().err


@pytest.mark.slow
def test_a_city_is_published_in_english_and_for_the_public_and_leads_only_where_the_package_does(
    city, tmp_path, capsys
):
    assert run("publish", "--root", city, "--area", "city", "--lang", "en", "--to", tmp_path / "en") == 0
    page = (tmp_path / "en" / "city" / "2025-en" / "index.html").read_text(encoding="utf-8")
    assert "Sim City" in page and "../../sim-0001/" not in page
    assert run("publish", "--root", city, "--area", "city", "--audience", "public", "--to", tmp_path / "public") == 0
    home = tmp_path / "public" / "city" / "2025-public"
    page = (home / "index.html").read_text(encoding="utf-8")
    assert "双红" not in page.split("<main")[1] and "责任单位" not in page.split("<main")[1]
    import openpyxl

    sheets = openpyxl.load_workbook(home / "documents" / "tables.xlsx").sheetnames
    assert "数据缺口" not in sheets and "目标与区县" in sheets
    assert {p.name for p in (home / "documents").iterdir()} == {"report.docx", "tables.xlsx"}


@pytest.mark.slow
def test_without_an_area_a_city_goes_out_with_its_districts_and_its_page_leads_to_theirs(city, tmp_path, capsys):
    out = tmp_path / "all"
    assert run("publish", "--root", city, "--to", out) == 0
    homes = {path.name for path in out.iterdir() if path.is_dir()}
    assert homes == {"city", "sim-0001", "sim-0002"}  # the third went into the first
    pages = {path: path.read_text(encoding="utf-8") for path in out.rglob("*.html")}
    leads = {page: {unquote(link) for link in re.findall(r'href="([^"#?]+)', text)} for page, text in pages.items()}
    inside = {p: {(p.parent / link).resolve() for link in links if ":" not in link} for p, links in leads.items()}
    assert [(p, link) for p, links in inside.items() for link in links if not link.exists()] == []
    overview = inside[out / "city" / "2025" / "index.html"]
    assert {f"sim-000{n}" for n in (1, 2)} <= {link.relative_to(out).parts[0] for link in overview}
    first = re.findall(r'href="([^"#?]+/index.html)', pages[out / "先读我.html"])
    assert first[0] == "city/2025/index.html" and {link.split("/")[0] for link in first} == homes


@pyarrow
@pytest.mark.slow
def test_a_nation_is_bundled_and_comes_out_the_same_again_but_has_no_public_edition(tmp_path, capsys):
    root = tmp_path / "p"
    simulate_nation(ROOT, 2, seed=3, target=root)
    assert run("nation", "--root", root, "--workers", "1") == 0
    bundle(root, Form("nation", 2025), tmp_path / "n.zip")
    assert verify(tmp_path / "n.zip", tables_only=True).findings == []
    assert run("publish", "--root", root, "--area", "nation", "--audience", "public", "--to", tmp_path / "x") == 2
    assert "对外版" in capsys.readouterr().err
