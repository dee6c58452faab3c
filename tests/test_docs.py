"""What the documentation shows can be done as it is shown: examples in docstrings, the fourteen tasks, the page's own promises."""

from __future__ import annotations

import ast
import doctest
import importlib
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

import plananalysis

ROOT = Path(__file__).parents[1]
PACKAGE = Path(plananalysis.__file__).parent
WITH_EXAMPLES = sorted(p for p in PACKAGE.rglob("*.py") if ">>> " in p.read_text(encoding="utf-8"))
TASKS = ROOT / "docs" / "en" / "tasks.md"


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=name_of)
def test_examples_in_docstrings_are_true(path, monkeypatch):
    monkeypatch.chdir(ROOT)
    module = importlib.import_module(name_of(path))
    found = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert found.attempted and not found.failed


def tasks(text: str) -> dict[str, str]:
    """Code of each task by its heading."""
    return dict(re.findall(r"(?ms)^## (\d+ .*?)$.*?^```python\n(.*?)^```", text))


def test_there_are_fourteen_tasks_in_both_languages():
    both = [tasks((ROOT / "docs" / language / "tasks.md").read_text(encoding="utf-8")) for language in ("en", "zh")]
    assert [list(map(lambda t: int(t.split()[0]), found)) for found in both] == [list(range(1, 15))] * 2
    assert list(both[0].values()) == list(both[1].values())  # the same code, explained in each language


@pytest.mark.parametrize("task", tasks(TASKS.read_text(encoding="utf-8")) if TASKS.is_file() else [])
def test_a_task_takes_six_lines_and_no_private_name(task, monkeypatch, tmp_path):
    plt = pytest.importorskip("matplotlib.pyplot")
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    code = tasks(TASKS.read_text(encoding="utf-8"))[task]
    lines = [line for line in code.splitlines() if line.strip()]
    assert len(lines) <= 6, lines
    assert not re.search(r"\b_\w|\bplananalysis\.\w+\.", code.replace("_ =", ""))  # nothing that only the source tells
    (tmp_path / "mine.csv").write_text("year,rate\n" + "".join(f"{y},{60 + y - 2010}\n" for y in range(2010, 2025)))
    parameters = nbformat.v4.new_code_cell('area: str = "x"\ndomain: str = "y"', metadata={"tags": ["parameters"]})
    nbformat.write(nbformat.v4.new_notebook(cells=[parameters]), tmp_path / "mine.ipynb")
    monkeypatch.setattr("plananalysis.reports.own.FOLDER", tmp_path)
    names: dict[str, object] = {}
    tree = ast.parse(re.sub(r'"(mine\.\w+)"', rf'r"{tmp_path}/\1"', code))
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    start = "import plananalysis as pa\nhere = pa.open_area('example', 2025, language='en')\n"
    exec(start, names)
    exec(compile(tree, task, "exec"), names)
    value = eval(compile(ast.Expression(last.value), task, "eval"), names) if last else names
    assert value is not None and (not hasattr(value, "__len__") or len(value) or value.attrs["note"])
    plt.close("all")


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_readme_gets_from_a_csv_to_a_fan_and_a_probability_in_five_lines(name, tmp_path):
    """With the package alone: nothing of the project is near."""
    pytest.importorskip("matplotlib")
    code = re.search(
        r"```python\n(import plananalysis as pa\n.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.S
    )[1]
    lines = [line for line in code.splitlines() if line.strip()]
    assert len(lines) <= 5
    file = re.search(r'read_table\("([^"]+)"', code)[1]
    column = re.search(r'\)\["([^"]+)"\]', code)[1]
    (tmp_path / file).write_text(f"year,{column}\n" + "".join(f"{y},{60 + y - 2010}\n" for y in range(2010, 2025)))
    shown = "\n".join([*lines[:-1], f"print({lines[-1]})"])
    check = "\nimport matplotlib.pyplot as plt; print(len(plt.gcf().axes), 'fan', len(plt.gca().collections))"
    done = subprocess.run(
        [sys.executable, "-c", shown + check],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={"MPLBACKEND": "Agg", "PATH": ""},
    )
    assert done.returncode == 0, done.stderr
    probability, figure = done.stdout.splitlines()
    assert 0 <= float(probability.split("(")[-1].rstrip(")")) <= 1 and figure == "1 fan 2"
