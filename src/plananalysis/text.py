"""Every word a reader of a report sees comes from one catalogue, so that it can be read, corrected and translated in one place."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("zh", "en")
_spoken: ContextVar[str] = ContextVar("language", default=LANGUAGES[0])


def language() -> str:
    """The language in which everything is said at the moment."""
    return _spoken.get()


def speak(language: str) -> None:
    """Say everything in another language from now on."""
    _spoken.set(language)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Say everything in another language for a while."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


@cache
def catalogue(language: str = LANGUAGES[0]) -> dict[str, str]:
    """All texts of a language by dotted key (``outlook.likely``); what only operators read exists in Chinese alone."""
    folder = files("plananalysis") / "catalogue"
    texts: dict[str, str] = {}
    for source in sorted((f for f in folder.iterdir() if f.name.endswith(f".{language}.toml")), key=lambda f: f.name):
        _flatten(tomllib.loads(source.read_text(encoding="utf-8")), "", texts)
    return texts if language == LANGUAGES[0] else catalogue() | texts


def say(key: str, language: str | None = None, **values: Any) -> str:
    """The text of ``key`` with its ``{fields}`` filled, in the given language or the one spoken at the moment.

    Raises
    ------
    KeyError
        The catalogue has no such key, or a field of the text was not given.

    Examples
    --------
    >>> say("outlook.likely")
    '有望达标'
    """
    return catalogue(language or _spoken.get())[key].format(**values)


def listed(items: Iterable[str]) -> str:
    """Items as a list within a sentence."""
    return say("joint.list").join(items)


def _flatten(node: dict[str, Any], prefix: str, into: dict[str, str]) -> None:
    for key, value in node.items():
        if isinstance(value, dict):
            _flatten(value, f"{prefix}{key}.", into)
        elif f"{prefix}{key}" in into:
            raise KeyError(f"{prefix}{key} stands twice in the catalogue")
        else:
            into[f"{prefix}{key}"] = value
