"""What comes in at a panel's door: every bad cell is told with its county and row, and nothing good is overwritten or lost."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from plananalysis.cli import run_command
from plananalysis.panels import Here, columnar, nation
from plananalysis.simulate import simulate_nation

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.skipif(not find_spec("pyarrow"), reason="needs the extra columnar")
FILE = Path("data", "raw", "nation", columnar.OBSERVATIONS)


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("three")
    simulate_nation(ROOT, 3, seed=3, target=root)
    return root


@pytest.fixture
def root(three: Path, tmp_path: Path) -> Path:
    shutil.copytree(three / "data" / "raw", tmp_path / "data" / "raw")
    return tmp_path


def rows_of(root: Path) -> pd.DataFrame:
    rows = pd.read_parquet(root / FILE)
    texts = [c for c in rows if isinstance(rows[c].dtype, pd.CategoricalDtype)]
    return rows.astype(dict.fromkeys(texts, object))


def put(root: Path, rows: pd.DataFrame) -> None:
    """The file as another program writes it: one row group an area, types as pandas has them."""
    rows.to_parquet(root / FILE, index=False, row_group_size=max(len(rows) // 3, 1))


def run(root: Path) -> nation.Nation:
    return nation.run(root, "nation", Here(), n_paths=20)


def test_a_panel_is_no_area_for_report_whose_edition_would_overwrite_its_brief(root, capsys):
    brief = root / "reports" / "nation" / "2025" / "index.html"
    brief.parent.mkdir(parents=True)
    brief.write_text("the brief", encoding="utf-8")
    for command in (
        ["report"],
        ["report", "--area", "nation"],
        ["build"],
        ["documents"],
        ["publish", "--to", str(root / "out")],
    ):
        assert run_command([*command, "--root", str(root)]) == 2, command
        assert "plananalysis nation --area nation" in capsys.readouterr().err
    assert brief.read_text(encoding="utf-8") == "the brief" and len(list(brief.parent.iterdir())) == 1
    assert not (root / "data" / "processed" / "nation").exists()


def test_check_looks_at_the_rows_of_a_panel(root, capsys):
    assert run_command(["check", "--root", str(root)]) == 0
    assert "未发现问题" in capsys.readouterr().out
    rows = rows_of(root)
    bad = np.flatnonzero((rows["area"] == "sim-0002") & (rows["series"] == "W03"))[0]
    rows.loc[bad, "status"] = "X"
    put(root, rows)
    assert run_command(["check", "--root", str(root)]) == 3
    told = capsys.readouterr()
    assert f"observations.parquet 第{bad + 1}行“status”列" in told.err and "未发现问题" not in told.out
