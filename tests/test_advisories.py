"""advisories: what is known is listed, and a check that could not be made never looks like one that found nothing."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
SPEC = importlib.util.spec_from_file_location("advisories", ROOT / "tools" / "advisories.py")
advisories = importlib.util.module_from_spec(SPEC)
sys.modules["advisories"] = advisories
SPEC.loader.exec_module(advisories)


def answer(*packages: dict) -> str:
    return json.dumps({"dependencies": list(packages), "fixes": []})


def test_what_is_known_is_listed_with_the_version_that_mends_it():
    vulnerable = {
        "name": "x",
        "version": "1.0",
        "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}, {"id": "GHSA-2", "fix_versions": []}],
    }
    found = advisories.read(answer(vulnerable, {"name": "y", "version": "2", "vulns": []}))
    assert (found.reached, found.packages) == (True, 2)
    assert found.found == ("x 1.0: GHSA-2", "x 1.0: PYSEC-1, mended in 1.1")


def test_no_answer_is_never_taken_for_a_good_one(tmp_path, monkeypatch):
    lock = tmp_path / "lock"
    lock.write_bytes(b"x==1")
    for text in ("", "Traceback …", "[]", answer(), answer({"name": "x", "version": "1", "skip_reason": "not found"})):
        assert advisories.read(text).reached is False
    monkeypatch.setattr(advisories.shutil, "which", lambda _: None)
    assert "no check was made" in advisories.line(advisories.ask(lock), "2026-11-28", lock)
    good = advisories.read(answer({"name": "x", "version": "1", "vulns": []}))
    assert "none known" in advisories.line(good, "2026-11-28", lock)


JINJA = """
id: PYSEC-2021-66
affected:
- package: {name: jinja2, ecosystem: PyPI}
  ranges:
  - {type: GIT, events: [{introduced: '0'}, {fixed: abc}]}
  - {type: ECOSYSTEM, events: [{introduced: '0'}, {fixed: 2.11.3}, {introduced: 3.0.0a1}, {last_affected: 3.0.1}]}
  versions: ['2.0', 2.11.2]
"""


@pytest.mark.parametrize(
    ("version", "known"), [("2.11.2", True), ("2.10.99", True), ("2.11.3", False), ("2.12", False), ("3.0.0", True),
                           ("3.0.1", True), ("3.0.2", False)]
)  # fmt: skip
def test_a_version_named_or_within_a_range_is_concerned(version, known):
    advisory = yaml.safe_load(JINJA)
    told = advisories.concerns(advisory, "Jinja2", version)
    assert told == (f"Jinja2 {version}: PYSEC-2021-66, mended in 2.11.3" if known else "")
    assert advisories.concerns(advisory | {"withdrawn": "2022-01-01T00:00:00Z"}, "Jinja2", version) == ""
    assert advisories.concerns(advisory, "markupsafe", version) == ""


def test_a_clone_is_asked_as_it_was_committed_and_named_with_its_day(tmp_path):
    file = tmp_path / "vulns" / "jinja2" / "PYSEC-2021-66.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(JINJA, encoding="utf-8")
    day = {"GIT_AUTHOR_DATE": "2024-10-10T00:00:00Z", "GIT_COMMITTER_DATE": "2024-10-10T00:00:00Z"}
    git = [
        "git",
        "-C",
        str(tmp_path),
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@example.org",
        "-c",
        "commit.gpgsign=false",
    ]
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "advisories"]):
        subprocess.run([*git, *command], check=True, env=os.environ | day)
    lock = tmp_path / "lock"
    lock.write_text("jinja2==2.11.2 \\\n    --hash=sha256:0\nx==1 ; python_version < '3.12'\n", encoding="utf-8")
    answer = advisories.ask_clone(lock, tmp_path)
    assert (answer.packages, answer.found) == (2, ("jinja2 2.11.2: PYSEC-2021-66, mended in 2.11.3",))
    assert "2024-10-10" in advisories.line(answer, "2026-11-28", lock)


def test_the_record_is_a_table_of_dated_lines():
    lines = (ROOT / "docs" / "advisories.md").read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if re.match(r"\| \d{4}-\d\d-\d\d \|", line)]
    assert rows and rows == sorted(rows, key=lambda row: row[2:12])
