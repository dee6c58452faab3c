"""A notebook of one's own becomes offline pages: parameters are checked, pictures embedded, and what no page can show is told."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import pytest

from plananalysis.base.errors import UsageError
from plananalysis.cli import run_command
from plananalysis.reports.own import not_run, report_notebook

ROOT = Path(__file__).parents[1]
PARAMETERS = 'area: str = "example"\nas_of: int = 2025\nunit: str = "health"\nlanguage: str = "zh"\nlevel: int = 80\nquick: bool = False'


def notebook(path: Path, *cells: str, parameters: str = PARAMETERS) -> Path:
    first = nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})
    made = [nbformat.v4.new_markdown_cell(c) if c.startswith("#") else nbformat.v4.new_code_cell(c) for c in cells]
    nbformat.write(nbformat.v4.new_notebook(cells=[*made[:1], first, *made[1:]]), path)
    return path


@pytest.fixture
def root(tmp_path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "raw").symlink_to(ROOT / "data" / "raw")
    (tmp_path / "notebooks").mkdir()
    return tmp_path


def test_pictures_of_any_library_are_on_the_page_and_what_is_not_is_told(root):
    pytest.importorskip("seaborn")
    mine = notebook(
        root / "mine.ipynb",
        "# My title",
        "import seaborn as sns, pandas as pd\n_ = sns.lineplot(x=[2020, 2021], y=[1.0, 2.0])",
        'from IPython.display import SVG\nSVG(\'<svg xmlns="http://www.w3.org/2000/svg"><circle r="4"/></svg>\')',
        "print(area, as_of, level, quick)\npd.DataFrame({'a': [1]})",
        "## Gone\n\nwith its heading",
        "display({'application/x-strange': '1'}, raw=True)",
    )
    done = report_notebook(mine, ["china"], 2024, ["level=50", "quick=true", "unit=none"], root=root)
    (page,) = done.pages
    assert page == root / "reports" / "notebooks" / "china-2024" / "mine.html"
    html = page.read_text(encoding="utf-8")
    main = html[html.index("<main") : html.index("</main>")]
    assert '<img src="data:image/png;base64,iVBOR' in main and "<circle" in main and "china 2024 50 True" in main
    assert 'class="dataframe"' in main and "Gone" not in main and "<title>My title：全国（2024年版）</title>" in html
    assert not re.search(r"""(?:src|href)=["']?https?:""", html)
    assert done.failed == [] and len(done.left_out) == 1 and "application/x-strange" in done.left_out[0]


def test_a_page_for_every_unit_where_none_is_given_and_a_failing_one_leaves_nothing(root):
    mine = notebook(root / "mine.ipynb", "# Mine", "1 / (unit != 'health')\nunit")
    done = report_notebook(mine, ["example"], 2025, root=root)
    from plananalysis.plan import load_plan

    units = set(load_plan(root, "example", 2025).units.index)
    assert {p.name for p in done.pages} == {f"mine.{u}.html" for u in units - {"health"}}
    assert len(done.failed) == 1 and "division by zero" in done.failed[0]
    assert not (root / "reports" / "notebooks" / "example-2025" / "mine.health.html").exists()
    assert "示例数据（虚构）" in done.pages[0].read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("given", "told"),
    [("lvel=5", "lvel"), ("level=high", "level"), ("quick=maybe", "quick"), ("level", "名称=值")],
)
def test_parameters_are_checked_before_anything_runs(root, given, told):
    mine = notebook(root / "mine.ipynb", "# Mine", "open('ran', 'w')")
    with pytest.raises(UsageError, match=told):
        report_notebook(mine, ["example"], 2025, [given], root=root)
    assert not (root / "ran").exists() and not (root / "reports").exists()


def test_no_notebook_or_none_with_parameters_is_a_misuse(root):
    with pytest.raises(UsageError, match="nowhere"):
        report_notebook(root / "nowhere.ipynb", ["example"], root=root)
    nbformat.write(nbformat.v4.new_notebook(cells=[]), root / "bare.ipynb")
    with pytest.raises(UsageError, match="bare"):
        report_notebook(root / "bare.ipynb", ["example"], root=root)


def test_a_notebook_that_is_not_run_is_named(root):
    for name in ("1_data_quality", "6_city_overview", "7_my_domain"):
        (root / "notebooks" / f"{name}.ipynb").write_text("{}")
    (root / "notebooks" / "research").mkdir()
    (root / "notebooks" / "research" / "other.ipynb").write_text("{}")
    assert not_run(root) == ["7_my_domain.ipynb"]


def test_the_command_runs_it_and_says_where(root, capsys):
    mine = notebook(root / "mine.ipynb", "# Mine", "language", parameters='area: str = "x"\nlanguage: str = "zh"')
    code = run_command(
        ["report", "--root", str(root), "--area", "china", "--notebook", str(mine), "--lang", "en", "--json"]
    )
    told = json.loads(capsys.readouterr().out)
    assert code == 0 and told["pages"] == [str(root / "reports" / "notebooks" / "china-2024-en" / "mine.html")]
    html = Path(told["pages"][0]).read_text(encoding="utf-8")
    assert '<html lang="en">' in html and re.search(r"<pre>.{1,5}en.{1,5}</pre>", html)
    assert run_command(["report", "--root", str(root), "-p", "a=1"]) == 2
