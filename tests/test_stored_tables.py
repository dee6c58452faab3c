"""Stored tables as others read them: Excel by a double click, pandas, and R with what it comes with."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from plananalysis import editions
from plananalysis.base.tables import read_table, write_table

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("stored")
    (root / "data").mkdir()
    (root / "data" / "raw").symlink_to(ROOT / "data" / "raw")
    editions.build(root, "china")
    return root / "data" / "processed" / "china" / "2024"


def test_a_number_is_written_as_it_is_meant(tmp_path):
    table = pd.DataFrame({"a": [0.67 + 1.7e-15, np.inf, np.nan], "year": [2025.0, np.nan, 2026.0], "n": [1, 2, 3]})
    write_table(table, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes() == b"\xef\xbb\xbfa,year,n\n0.67,2025,1\n,,2\n,2026,3\n"


def test_every_table_opens_in_excel_as_it_stands(folder):
    for path in sorted(folder.glob("*.csv")):
        data = path.read_bytes()
        assert data.startswith(b"\xef\xbb\xbf") and b"\r" not in data, path.name
        text = data.decode("utf-8-sig")
        assert not re.search(r"(?m)(^|,)-?(inf|nan|None|NaT)(,|$)", text), path.name
        numbers = re.findall(r"(?m)(?:^|,)-?(\d+\.\d+)(?=,|$)", text)
        assert [n for n in numbers if len(n.replace(".", "").lstrip("0")) > 10] == [], path.name
        assert not re.search(r"(?m)(^|,)(19|20)\d\d\.0(,|$)", text), path.name


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_r_reads_what_pandas_reads(folder):
    done = subprocess.run(
        ["Rscript", "--vanilla", Path(__file__).with_name("read_tables.R"), folder],
        capture_output=True, text=True, env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin:/usr/local/bin"},
    )  # fmt: skip
    assert done.returncode == 0 and "Warning" not in done.stderr, done.stderr
    *lines, last = done.stdout.splitlines()
    found = {
        name: (int(rows), int(columns), set(numbers.split(";")))
        for name, rows, columns, numbers in map(lambda x: x.split("\t"), lines)
    }
    for path in sorted(folder.glob("*.csv")):
        ours = read_table(path)
        rows, columns, numbers = found[path.name]
        assert (rows, columns) == ours.shape, path.name
        if rows:
            typed = {c for c in ours if ours[c].dtype.kind in "if" and ours[c].notna().any()}
            assert typed == numbers - {""}, path.name
    ours = read_table(folder / "assessments.csv").set_index("series")
    assert last.split("\t") == ["P", f"{ours.loc['W03', 'probability']:.3f}", ours.loc["W03", "name"]]
