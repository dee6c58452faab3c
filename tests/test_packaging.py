"""What is handed out as a package: built offline, installed apart from the checkout, run on a folder that holds data only."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest
import yaml
from report_project import content

import plananalysis
from plananalysis.base.errors import UsageError
from plananalysis.projections import learn

ROOT = Path(__file__).parents[1]
AREA = "china"  # published figures only: the smallest area with every kind of page


def run(*words: object, **kwargs) -> str:
    """What a program prints, run where no project is and nothing of this checkout is on the path."""
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PLANANALYSIS_ROOT")} | kwargs.pop("env", {})
    done = subprocess.run(
        [str(w) for w in words], env=env, capture_output=True, text=True, encoding="utf-8", errors="replace", **kwargs
    )
    assert done.returncode == kwargs.get("code", 0), done.stdout + done.stderr
    return done.stdout


def built(source: Path, kind: str, target: Path) -> Path:
    """The one distribution that the build backend makes of a source tree, without a network."""
    path = os.pathsep.join(p for p in sys.path if p.endswith("-packages"))
    run(sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", target, cwd=source, env={"PYTHONPATH": path})
    (made,) = target.iterdir()
    return made


def kept(*folders: str) -> set[str]:
    """Files of the checkout that belong to it: tracked, or about to be."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    listed = ("git", "-c", "core.quotepath=off", "ls-files", "--cached", "--others", "--exclude-standard")
    return {name for name in run(*listed, *folders, cwd=ROOT).splitlines() if (ROOT / name).is_file()}


@pytest.fixture(scope="module")
def sdist(tmp_path_factory) -> Path:
    return built(ROOT, "sdist", tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def wheel(sdist, tmp_path_factory) -> Path:
    """Made as an index makes it: from the source distribution, not from the checkout."""
    source = tmp_path_factory.mktemp("source")
    with tarfile.open(sdist) as archive:
        archive.extractall(source, filter="data")
    (folder,) = source.iterdir()
    return built(folder, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """Python of an environment that has the wheel, and sees the libraries of this one."""
    home = tmp_path_factory.mktemp("installed")
    venv.create(home, with_pip=True, symlinks=os.name != "nt")
    scripts, suffix = ("Scripts", ".exe") if os.name == "nt" else ("bin", "")
    python = home / scripts / f"python{suffix}"
    run(python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=home)
    own = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=home).strip())
    seen = [p for p in dict.fromkeys([*sys.path, sysconfig.get_path("purelib")]) if p.endswith("-packages")]
    (own / "libraries.pth").write_text("\n".join(seen), encoding="utf-8")
    return python


@pytest.fixture
def data_only(tmp_path) -> Path:
    shutil.copytree(ROOT / "data" / "raw", tmp_path / "project" / "data" / "raw")
    return tmp_path / "project"


@pytest.mark.slow
def test_the_wheel_reports_on_a_folder_of_data_what_the_checkout_reports(installed, data_only, tmp_path):
    where = run(installed, "-c", "import plananalysis; print(plananalysis.__file__)", cwd=tmp_path).strip()
    assert Path(where).is_relative_to(installed.parents[1])
    run(
        installed.with_name(f"plananalysis{installed.suffix}"),
        "report",
        "--root",
        data_only,
        "--area",
        AREA,
        cwd=tmp_path,
    )
    assert sorted(p.name for p in data_only.iterdir()) == ["build", "data", "reports"]
    made = content(data_only / "reports" / AREA) | content(data_only / "data" / "processed" / AREA)
    for name in ("reports", "data/processed"):
        shutil.rmtree(data_only / name)
    run(sys.executable, "-c", RUN_HERE, "report", "--root", data_only, "--area", AREA, cwd=tmp_path)
    here = content(data_only / "reports" / AREA) | content(data_only / "data" / "processed" / AREA)
    pages = [name for name in made if name.endswith(".html")]
    assert len(pages) > 10 and any(name.endswith(".docx") for name in made)
    assert made.keys() == here.keys()
    assert [name for name in made if made[name] != here[name]] == []


RUN_HERE = f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r}); from plananalysis.cli import main; main()"


@pytest.mark.slow
def test_who_uses_the_package_sees_its_types(installed, tmp_path):
    code = "import plananalysis as pa\nreveal_type(pa.load_plan)\nreveal_type(pa.project)\npa.load_plan(1)\n"
    (tmp_path / "user.py").write_text(code, encoding="utf-8")
    asked = [
        sys.executable,
        "-m",
        "mypy",
        "--python-executable",
        installed,
        "--cache-dir",
        tmp_path / "cache",
        "user.py",
    ]
    told = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=False).stdout
    assert "-> plananalysis.plan.contents.Plan" in told and "plananalysis.projections.Projection]" in told
    assert 'error: Missing positional argument "area"' in told


def test_nothing_is_left_out_when_types_are_checked():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
    overrides = settings.pop("overrides")
    assert settings["files"] == ["src"] and not {
        "ignore_errors",
        "exclude",
        "disable_error_code",
        "follow_imports",
    } & set(settings)
    assert [set(entry) for entry in overrides] == [{"module", "ignore_missing_imports"}]
    assert all("plananalysis" not in name for name in overrides[0]["module"])
    blanket = [
        p.name
        for p in (ROOT / "src").rglob("*.py")
        if re.search(r"#\s*type:\s*ignore(?!\[)|#\s*mypy:", p.read_text(encoding="utf-8"))
    ]
    assert blanket == []


@pytest.mark.slow
def test_the_installed_program_is_a_module_too_and_names_its_version(installed, tmp_path):
    told = run(installed, "-m", "plananalysis", "--version", cwd=tmp_path)
    assert told == f"plananalysis {plananalysis.__version__}\n"


@pytest.mark.slow
def test_an_installed_package_is_not_written_into(installed, data_only, tmp_path):
    package = Path(run(installed, "-c", "import plananalysis; print(plananalysis.__path__[0])", cwd=tmp_path).strip())
    before = (package / "projections" / "learned.npz").read_bytes()
    told = subprocess.run(
        [installed, "-m", "plananalysis", "learn", "--root", data_only], cwd=tmp_path, capture_output=True, text=True
    )
    assert told.returncode == 2 and "--out" in told.stderr and str(package) in told.stderr
    assert (package / "projections" / "learned.npz").read_bytes() == before


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_the_notebooks_and_nothing_else(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        f"plananalysis/{name}" for name in (*kept("notebooks"), "data/raw/plans.csv", "data/raw/thresholds.toml")
    } | {n.removeprefix("src/") for n in kept("src")}
    assert {name for name in names if ".dist-info/" not in name} == wanted


@pytest.mark.slow
def test_the_source_distribution_holds_the_checkout(sdist):
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert names - {"PKG-INFO"} == kept()


def test_learning_writes_where_it_is_told_to(tmp_path, monkeypatch):
    monkeypatch.setattr(learn, "everything", lambda root: {"a": learn.np.arange(3)})
    assert learn.learn(ROOT, tmp_path / "learned.npz") == tmp_path / "learned.npz"
    with learn.np.load(tmp_path / "learned.npz") as learned:
        assert learned["a"].tolist() == [0, 1, 2]


def test_learning_refuses_to_write_into_a_package_that_is_no_checkout(tmp_path, monkeypatch):
    monkeypatch.setattr(
        learn, "__file__", str(tmp_path / "site-packages" / "plananalysis" / "projections" / "learn.py")
    )
    monkeypatch.setattr(learn, "everything", lambda root: pytest.fail("learned before it asked where to write"))
    with pytest.raises(UsageError, match="--out"):
        learn.learn(ROOT)


def test_the_version_stands_in_one_place_and_what_is_written_about_it_agrees():
    version = plananalysis.__version__
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "version" not in project["project"] and project["tool"]["hatch"]["version"]["path"].endswith("__init__.py")
    dated = re.search(r"(?m)^## (\S+) — (\d{4}-\d\d-\d\d)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert dated is not None
    assert (dated[1], dated[2]) == (version, str(citation["date-released"]))
    assert citation["version"] == version
    assert citation["license"] == project["project"]["license"]["text"]


def test_actions_are_pinned_by_the_commits_that_schedules_are_given():
    def pins(path: Path) -> set[tuple[str, ...]]:
        text = path.read_text(encoding="utf-8")
        used = re.findall(r"uses: actions/([\w-]+)@([0-9a-f]{40})  # (v\S+)", text)
        assert used and len(used) == text.count("uses:")
        return set(used)

    scheduled = ROOT / "src" / "plananalysis" / "template" / "schedule" / "reports.yml"
    assert pins(ROOT / ".github" / "workflows" / "ci.yml") <= pins(scheduled)


def test_the_workflow_tests_on_three_systems_and_with_the_lowest_versions():
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))["jobs"]
    steps = {name: " ".join(step.get("run", "") for step in job["steps"]) for name, job in jobs.items()}
    assert ".ci/run" in steps["linux"] and "pytest" in steps["elsewhere"] and "make lowest" in steps["lowest"]
    systems = {system.partition("-")[0] for system in jobs["elsewhere"]["strategy"]["matrix"]["system"]}
    assert systems == {"windows", "macos"}


DOCUMENTS = [p.relative_to(ROOT).as_posix() for p in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"))]


@pytest.mark.parametrize("name", sorted(set(DOCUMENTS) - {"CHANGELOG.md"}))
def test_no_document_installs_the_package_from_an_index_that_does_not_have_it(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert re.findall(r"(?:pip|uv) (?:install|add) +['\"]?plananalysis(?![-*\w]*\.whl)", text) == []
