"""Committed notebooks stay thin and clean: questions and calls, no code, no stored results."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

import plananalysis

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.rglob("*.ipynb"))
SCHEDULED = {
    "1_data_quality",
    "2_domain_report",
    "3_plan_overview",
    "4_method_check",
    "5_unit_report",
    "6_city_overview",
    "7_indicators",
}
RESEARCH = {
    "explore_indicator",
    "compare_methods",
    "how_it_is_projected",
    "what_if",
    "groups_and_places",
    "joint_outlook",
    "bring_your_own",
}
MAX_CELLS, MAX_LINES = 12, 10
CODE = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.For,
    ast.While,
    ast.Lambda,
    ast.ListComp,
    ast.DictComp,
    ast.SetComp,
    ast.GeneratorExp,
)
FILES_AND_NETWORK = re.compile(
    r"\bopen\(|(?<!pa\.)\bread_|\bto_csv|\bPath\(|https?:|\burllib|\brequests|[\"'][^\"']*/[^\"']*[\"']|\bmerge\(|\bgroupby\(|^\s*[!%]",
    re.MULTILINE,
)


def problems(notebook: nbformat.NotebookNode, scheduled: bool = True) -> list[str]:
    """Reasons why a notebook is not thin and clean."""
    cells = [c for c in notebook.cells if c.cell_type == "code"]
    found = []
    if len(cells if scheduled else notebook.cells) >= MAX_CELLS + scheduled:
        found.append(f"{len(notebook.cells)} cells, {len(cells)} of code, at most {MAX_CELLS}")
    tagged = [c for c in cells if "parameters" in c.metadata.get("tags", [])]
    if len(tagged) != 1:
        found.append(f"{len(tagged)} cells tagged parameters, exactly 1 needed")
    if not notebook.cells or not notebook.cells[0].source.startswith("# "):
        found.append("does not begin with a title")
    if set(notebook.metadata) - {"kernelspec", "language_info"}:
        found.append(f"metadata {sorted(set(notebook.metadata) - {'kernelspec', 'language_info'})}; run nbstripout")
    importing = [
        c for c in cells if any(isinstance(n, ast.Import | ast.ImportFrom) for n in ast.walk(ast.parse(c.source)))
    ]
    if scheduled and len(importing) > 1:
        found.append("imports in more than one cell")
    for number, cell in enumerate(cells, start=1):
        found += [f"cell {number}: {reason}" for reason in cell_problems(cell, cell in tagged, scheduled)]
    return found


def cell_problems(cell: nbformat.NotebookNode, parameters: bool, scheduled: bool) -> list[str]:
    tree = ast.parse(cell.source)
    found = []
    if cell.outputs or cell.execution_count:
        found.append("has stored output; run nbstripout")
    if set(cell.metadata) - {"tags"}:
        found.append("has metadata; run nbstripout")
    if cell.source.count("\n") >= MAX_LINES:
        found.append(f"is longer than {MAX_LINES} lines; move code to src/")
    if any(isinstance(node, CODE) for node in ast.walk(tree)):
        found.append("defines or loops; move it to src/")
    if parameters:
        lines = cell.source.splitlines()
        literal = all(isinstance(s, ast.AnnAssign) and isinstance(s.value, ast.Constant) for s in tree.body)
        if not literal or len(tree.body) != len(lines) or not all("  # " in line for line in lines):
            found.append("parameters must be annotated literals, each with a comment on its line")
        return found
    if FILES_AND_NETWORK.search(cell.source):
        found.append("touches files, the network or raw tables; move it to src/")
    if scheduled and not (tree.body and isinstance(tree.body[-1], ast.Expr)):
        found.append("does not end with a table or figure")
    return found


def test_the_scheduled_notebooks_and_those_for_researchers_are_there():
    assert {n.stem for n in FOLDER.glob("*.ipynb")} == SCHEDULED
    assert {n.stem for n in FOLDER.glob("research/*.ipynb")} == RESEARCH


# Runs notebooks one after the other, each in a fork of a process that has imported what they need: seconds instead of a minute.
RUNNER = """
import json, os, sys
from pathlib import Path
import nbformat, seaborn, statsmodels.api
import plananalysis.workbench
from plananalysis.reports import execution
execution.warm_shell()
root, out, *jobs = sys.argv[1:]
for number, job in enumerate(jobs):
    name, parameters = job.split(" ", 1)
    if (child := os.fork()) == 0:
        try:
            done = execution.execute(Path(root, "notebooks", "research", name + ".ipynb"), json.loads(parameters), Path(root))
            nbformat.write(done, Path(out, str(number) + ".ipynb"))
            os._exit(0)
        except BaseException as error:
            print(name, error, file=sys.stderr, flush=True)
            os._exit(1)
    os.waitpid(child, 0)
"""


IN_BOTH = [(name, {"language": language}) for language in ("zh", "en") for name in sorted(RESEARCH)]
REAL = [("china", 2024, "W03"), ("china", 2024, "C19"), ("jiangbei", 2025, "W02")]
OF_REAL = [("explore_indicator", {"area": a, "as_of": y, "series": s}) for a, y, s in REAL]


@pytest.fixture(scope="module")
def ran(tmp_path_factory) -> list[list[nbformat.NotebookNode]]:
    """The code cells of researchers' notebooks, run as `report --notebook` would run them; all by one process that has the imports."""
    pytest.importorskip("seaborn")
    folder = tmp_path_factory.mktemp("research")
    told = [f"{name} {json.dumps(parameters)}" for name, parameters in IN_BOTH + OF_REAL]
    env = os.environ | {"MPLBACKEND": "module://matplotlib_inline.backend_inline", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-c", RUNNER, FOLDER.parent, folder, *told]
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == "", done.stderr[-3000:]
    books = [nbformat.read(folder / f"{number}.ipynb", as_version=4) for number in range(len(told))]
    return [[c for c in book.cells if c.cell_type == "code"] for book in books]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_researchers_notebooks_run_in_both_languages(language, ran):
    for (name, parameters), cells in zip(IN_BOTH, ran, strict=False):
        if parameters["language"] != language:
            continue
        outputs = [o for c in cells for o in c.outputs]
        assert [o.text for o in outputs if o.output_type == "stream"] == [], name  # no warning, no missing glyph
        shown = [o.data for o in outputs if o.output_type in ("execute_result", "display_data")]
        assert len(shown) >= 4 and any("image/png" in data for data in shown), name


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_the_exploring_notebook_runs_on_real_data_however_little_there_is(ran):
    real = ran[len(IN_BOTH) :]
    assert len(real) == len(REAL)
    for cells in real:
        assert "虚构" not in "".join(o.get("data", {}).get("text/html", "") for c in cells for o in c.outputs)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_is_thin_and_clean(path):
    notebook = nbformat.read(path, as_version=4)
    assert problems(notebook, path.stem in SCHEDULED) == []
    nbformat.validate(notebook)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_runs_with_whatever_kernel_is_there(path):
    metadata = json.loads(path.read_text(encoding="utf-8"))["metadata"]
    assert metadata["kernelspec"]["name"] == "python3"
    assert set(metadata.get("language_info", {})) <= {"name"}  # a version here changes with every editor


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_calls_only_what_the_package_offers(path):
    source = "\n".join(c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code")
    used = set(re.findall(r"\bpa\.(\w+)", source))
    assert used and used <= {*plananalysis.__all__, *(p.stem for p in Path(plananalysis.__file__).parent.glob("*.py"))}


@pytest.mark.parametrize("name", plananalysis.__all__)
def test_everything_the_package_offers_can_be_loaded(name):
    assert getattr(plananalysis, name)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def f():\n    return 1\nf()", "defines or loops"),
        ("[x for x in page.rows()]", "defines or loops"),
        ("pd.read_csv('data.csv')", "touches files"),
        ("page.show('data/raw/example')", "touches files"),
        ("!ls", "touches files"),
        ("table = page.targets()", "does not end with"),
        ("\n".join(["page.a()"] * 11), "longer than"),
    ],
)
def test_rules_can_be_broken(source, reason):
    if source.startswith("!"):
        source = f"get_ipython()\n'''\n{source}\n'''"
    cell = nbformat.v4.new_code_cell(source)
    assert any(reason in found for found in cell_problems(cell, parameters=False, scheduled=True))


@pytest.mark.parametrize(
    "source",
    [
        "horizon: int = 2030  # year\ntwice: int = horizon * 2  # derived",
        "horizon = 2030  # year",
        "horizon: int = 2030",
    ],
)
def test_derived_unannotated_and_unexplained_parameters_are_found(source):
    # papermill puts its values behind this cell: a derived one would stay what it was
    assert cell_problems(nbformat.v4.new_code_cell(source), parameters=True, scheduled=True)
