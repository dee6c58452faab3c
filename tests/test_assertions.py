"""A test that asserts nothing cannot fail."""

from __future__ import annotations

import ast
from pathlib import Path

FOLDER = Path(__file__).parent
CLAIMS = {
    "assert_array_equal",
    "assert_allclose",
    "assert_frame_equal",
    "assert_series_equal",
    "fail",
    "raises",
    "warns",
}


def functions(trees: dict[str, ast.Module]) -> list[tuple[str, ast.FunctionDef]]:
    return [(name, n) for name, tree in trees.items() for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]


def called(function: ast.FunctionDef) -> set[str]:
    """Last names of whatever a function calls."""
    calls = [n.func for n in ast.walk(function) if isinstance(n, ast.Call)]
    return {c.attr if isinstance(c, ast.Attribute) else c.id for c in calls if isinstance(c, ast.Attribute | ast.Name)}


def without_claim(trees: dict[str, ast.Module]) -> list[str]:
    """Tests that neither assert nor call anything that does."""
    found, claiming = functions(trees), set(CLAIMS)
    while True:
        more = {f.name for _, f in found if any(isinstance(n, ast.Assert) for n in ast.walk(f)) or called(f) & claiming}
        more = {name for name in more if not name.startswith("test_")}
        if more <= claiming:
            break
        claiming |= more
    return [
        f"{name}:{f.lineno} {f.name}"
        for name, f in found
        if f.name.startswith("test_")
        and not any(isinstance(n, ast.Assert) for n in ast.walk(f))
        and not called(f) & claiming
    ]


def test_every_test_claims_something():
    files = sorted(FOLDER.glob("*.py"))
    assert without_claim({p.name: ast.parse(p.read_text(encoding="utf-8")) for p in files}) == []


def test_a_test_that_claims_nothing_is_found():
    code = """
def check(x):
    assert x

def passed_on(x):
    check(x)

def test_by_hand():
    passed_on(1)

def test_that_it_raises():
    with pytest.raises(ValueError):
        int("x")

def test_nothing():
    int("1")
"""
    assert without_claim({"t.py": ast.parse(code)}) == ["t.py:15 test_nothing"]
