"""advisories: what is known is listed, and a check that could not be made never looks like one that found nothing."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path

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


def test_the_record_is_a_table_of_dated_lines():
    lines = (ROOT / "docs" / "advisories.md").read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if re.match(r"\| \d{4}-\d\d-\d\d \|", line)]
    assert rows and rows == sorted(rows, key=lambda row: row[2:12])
