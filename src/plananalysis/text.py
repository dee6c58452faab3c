"""Every word a reader of a report sees comes from one catalogue, so that it can be read, corrected and translated in one place."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def catalogue(language: str = "zh") -> dict[str, str]:
    """All texts of a language by dotted key (``outlook.likely``)."""
    folder = files("plananalysis") / "catalogue"
    texts: dict[str, str] = {}
    for source in sorted((f for f in folder.iterdir() if f.name.endswith(f"{language}.toml")), key=lambda f: f.name):
        _flatten(tomllib.loads(source.read_text(encoding="utf-8")), "", texts)
    return texts


def say(key: str, language: str = "zh", **values: Any) -> str:
    """The text of ``key`` with its ``{fields}`` filled.

    Raises
    ------
    KeyError
        The catalogue has no such key, or a field of the text was not given.

    Examples
    --------
    >>> say("outlook.likely")
    '有望达标'
    """
    return catalogue(language)[key].format(**values)


def _flatten(node: dict[str, Any], prefix: str, into: dict[str, str]) -> None:
    for key, value in node.items():
        if isinstance(value, dict):
            _flatten(value, f"{prefix}{key}.", into)
        elif f"{prefix}{key}" in into:
            raise KeyError(f"{prefix}{key} stands twice in the catalogue")
        else:
            into[f"{prefix}{key}"] = value
