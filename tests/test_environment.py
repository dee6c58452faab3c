"""Four files name the dependencies; they must say the same, and the lock must be one that any machine can use."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PUBLIC = re.compile(r"https://(pypi\.org/simple|files\.pythonhosted\.org/packages/.*)")


@pytest.fixture(scope="module")
def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def lock() -> dict:
    return tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def pinned() -> dict[tuple[str, str], set[str]]:
    """Hashes by name and version in ``requirements.lock.txt``."""
    return read_pins((ROOT / "requirements.lock.txt").read_text(encoding="utf-8"))


def read_pins(text: str) -> dict[tuple[str, str], set[str]]:
    pins: dict[tuple[str, str], set[str]] = {}
    for entry in re.sub(r"\\\n\s*", " ", re.sub(r"(?m)^\s*#.*\n", "", text)).splitlines():
        requirement = Requirement(entry.split(" --hash=")[0].strip())
        (version,) = [s.version for s in requirement.specifier if s.operator == "=="]
        pins[canonicalize_name(requirement.name), version] = set(re.findall(r"--hash=(\S+)", entry))
    return pins


def wanted(entries: list[str]) -> dict[str, str]:
    """Names and version specifiers of requirements, in one spelling."""
    requirements = [Requirement(entry) for entry in entries]
    return {canonicalize_name(r.name): str(r.specifier) for r in requirements}


def all_wanted(project: dict) -> dict[str, str]:
    sets = [
        project["project"]["dependencies"],
        *project["project"]["optional-dependencies"].values(),
        *project["dependency-groups"].values(),
    ]
    return wanted([entry for entries in sets for entry in entries])


def for_conda(project: dict) -> dict[str, str]:
    """To run, to explore and for the desk: a Binder that brought Dask and pytest would take minutes longer to start."""
    extras = project["project"]["optional-dependencies"]
    asked = wanted(project["project"]["dependencies"] + extras["lab"] + extras["desk"])
    return asked | {"python": project["project"]["requires-python"]}


def conda_wanted(text: str) -> dict[str, str]:
    entries = [entry for entry in yaml.safe_load(text)["dependencies"] if isinstance(entry, str) and entry != "pip"]
    return wanted(entries)


def test_environment_yml_names_what_pyproject_names(project):
    assert conda_wanted((ROOT / "environment.yml").read_text(encoding="utf-8")) == for_conda(project)


@pytest.mark.parametrize(
    "change", [("  - pandas>=2.2\n", ""), ("pandas>=2.2", "pandas>=2.1"), ("  - pip\n", "  - pip\n  - polars\n")]
)
def test_a_line_less_a_line_more_or_another_version_is_drift(project, change):
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert change[0] in text
    assert conda_wanted(text.replace(*change)) != for_conda(project)


def test_the_lock_was_made_from_this_pyproject(project, lock):
    """What uv compares in ``uv lock --check``, without uv and without a network."""
    (own,) = [p for p in lock["package"] if p["name"] == project["project"]["name"]]
    metadata = own["metadata"]

    def locked(entries: list[dict], extra: str = "") -> dict[str, str]:
        chosen = [e for e in entries if e.get("marker", "") == (f"extra == '{extra}'" if extra else "")]
        return {e["name"]: str(Requirement(f"x{e.get('specifier', '')}").specifier) for e in chosen}

    assert lock["requires-python"] == project["project"]["requires-python"]
    assert project["project"]["dynamic"] == ["version"]  # one place, in the package, so that the lock holds no other
    assert "version" not in own
    assert locked(metadata["requires-dist"]) == wanted(project["project"]["dependencies"])
    extras = {name: locked(metadata["requires-dist"], name) for name in metadata["provides-extras"]}
    assert extras == {name: wanted(entries) for name, entries in project["project"]["optional-dependencies"].items()}
    groups = {name: locked(entries) for name, entries in metadata["requires-dev"].items()}
    assert groups == {name: wanted(entries) for name, entries in project["dependency-groups"].items()}


def test_the_lock_meets_every_requirement(project, lock):
    versions: dict[str, list[str]] = {}
    for package in lock["package"]:
        if package["source"] != {"editable": "."}:
            versions.setdefault(package["name"], []).append(package["version"])
    for name, specifier in all_wanted(project).items():
        assert versions[name], name
        assert all(version in Requirement(f"{name}{specifier}").specifier for version in versions[name]), name


def test_the_lock_names_public_places_and_hashes_only(lock):
    for package in lock["package"]:
        if package["source"] == {"editable": "."}:
            continue
        files = (
            [*package["wheels"], *([package["sdist"]] if "sdist" in package else [])]
            if "wheels" in package
            else [package["sdist"]]
        )
        assert PUBLIC.fullmatch(package["source"]["registry"]), package["name"]
        assert files, package["name"]
        for file in files:
            assert PUBLIC.fullmatch(file["url"]), file["url"]
            assert re.fullmatch(r"sha256:[0-9a-f]{64}", file["hash"]), file["url"]


def reached(lock: dict, extras: tuple[str, ...]) -> list[dict]:
    """Packages of the lock that these extras and the development group need, whatever the platform."""
    packages: dict[str, list[dict]] = {}
    for package in lock["package"]:
        packages.setdefault(package["name"], []).append(package)
    (own,) = [p for p in lock["package"] if p["source"] == {"editable": "."}]
    todo = [
        *own["dependencies"],
        *own["dev-dependencies"]["dev"],
        *(d for e in extras for d in own["optional-dependencies"][e]),
    ]
    found: dict[tuple[str, str], dict] = {}
    seen = set()
    while todo:
        asked = todo.pop()
        for package in packages[asked["name"]]:
            versions = asked.get("version", package["version"]) == package["version"]
            for extra in ("", *asked.get("extra", [])) if versions else ():
                if (package["name"], package["version"], extra) not in seen:
                    seen.add((package["name"], package["version"], extra))
                    found[package["name"], package["version"]] = package
                    todo += (
                        package.get("optional-dependencies", {}).get(extra, [])
                        if extra
                        else package.get("dependencies", [])
                    )
    return list(found.values())


def test_pip_installs_the_files_that_uv_installs(lock, pinned):
    assert all(pinned.values())
    wanted_files = {
        (p["name"], p["version"]): {f["hash"] for f in [*p.get("wheels", []), *([p["sdist"]] if "sdist" in p else [])]}
        for p in reached(lock, ("lab", "pdf"))
    }
    assert pinned == wanted_files


@pytest.mark.parametrize(
    ("name", "extras", "among"),
    [
        ("cluster", ("cluster", "columnar"), {"distributed", "pyarrow"}),
        ("desk", ("desk",), {"starlette", "uvicorn"}),
        ("docs", ("docs",), {"sphinx", "myst-nb"}),
    ],
)
def test_a_file_for_an_extra_holds_what_it_needs_beyond_the_base(lock, pinned, name, extras, among):
    more = read_pins((ROOT / f"requirements.{name}.lock.txt").read_text(encoding="utf-8"))
    wanted_files = {
        (p["name"], p["version"]): {f["hash"] for f in [*p.get("wheels", []), *([p["sdist"]] if "sdist" in p else [])]}
        for p in reached(lock, extras)
    }
    assert among <= {package for package, _ in more}
    assert more == {package: files for package, files in wanted_files.items() if package not in pinned}


@pytest.mark.parametrize(
    "name", ["requirements.lock.txt", *(f"requirements.{extra}.lock.txt" for extra in ("cluster", "desk", "docs"))]
)
def test_pip_requirements_name_no_place(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert re.findall(r"(?m)^\s*-(?!-hash=)\S+|://|file:", text) == []


def test_a_pin_is_read_with_its_marker_and_all_its_hashes():
    text = "# by uv\na-b==1.2 ; python_version < '3.12' \\\n    --hash=sha256:11 \\\n    --hash=sha256:22\nc==3 \\\n    --hash=sha256:33\n"
    assert read_pins(text) == {("a-b", "1.2"): {"sha256:11", "sha256:22"}, ("c", "3"): {"sha256:33"}}


def test_make_prepares_the_environment_from_the_lock():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "sync --quiet --locked" in makefile
    assert "--no-deps --require-hashes --requirement requirements.lock.txt" in makefile
    assert "--no-deps --no-build-isolation" in makefile
