"""Every word a reader of a report sees comes from one catalogue, so that it can be read, corrected and translated in one place."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from pathlib import Path
from string import Formatter
from typing import Any

from plananalysis.base.tables import read_rows

LANGUAGES = ("zh", "en")
_spoken: ContextVar[str] = ContextVar("language", default=LANGUAGES[0])
_names: ContextVar[Mapping[str, str] | None] = ContextVar("names", default=None)
HAN = re.compile(r"[\u4e00-\u9fff]")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_PIECE = re.compile(r"[;,；，]")


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


def catalogue(language: str = LANGUAGES[0]) -> dict[str, str]:
    """All texts of a language by dotted key (``outlook.likely``); what only operators read exists in Chinese alone."""
    return _catalogue(language)


@cache
def _catalogue(language: str) -> dict[str, str]:
    folder = files("plananalysis") / "catalogue"
    texts: dict[str, str] = {}
    for source in sorted((f for f in folder.iterdir() if f.name.endswith(f".{language}.toml")), key=lambda f: f.name):
        _flatten(tomllib.loads(source.read_text(encoding="utf-8")), "", texts)
    return texts if language == LANGUAGES[0] else catalogue() | texts


class _Grammar(Formatter):
    """Fields of English texts may ask for a singular or plural (``{count:target|targets}``) or for the case of a first letter."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if "|" in format_spec:
            one, many = format_spec.split("|")
            return one if str(value) in ("1", "−1") else many
        if format_spec in ("lower", "upper"):
            return cased(str(value), format_spec)
        return super().format_field(value, format_spec)


_grammar = _Grammar()


def cased(text: str, case: str) -> str:
    """The text with its first letter lower or upper; abbreviations such as HIV keep theirs.

    >>> cased("Hard to reach", "lower"), cased("HIV tests", "lower"), cased("no data", "upper")
    ('hard to reach', 'HIV tests', 'No data')
    """
    if case == "lower" and text[1:2].isupper():
        return text
    return (text[:1].lower() if case == "lower" else text[:1].upper()) + text[1:]


def say(key: str, language: str | None = None, /, **values: Any) -> str:
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
    spoken = language or _spoken.get()
    text = catalogue(spoken)[key]
    return text.format(**values) if spoken == LANGUAGES[0] else _grammar.vformat(text, (), values)


def listed(items: Iterable[str]) -> str:
    """Items as a list within a sentence."""
    return say("joint.list").join(items)


def span(first: object, last: object) -> str:
    """From one year or number to another, as a range is printed."""
    return say("joint.span", first=first, last=last)


def aside(text: object) -> str:
    """Words in parentheses, set off from what stands before them."""
    return say("joint.aside", text=text)


def sentence(*clauses: str) -> str:
    """Clauses as one sentence: joined, begun with a capital where the language has them, ended by one full stop.

    >>> sentence("2025年为93.1%", "有望达标。")
    '2025年为93.1%；有望达标。'
    """
    stop = say("joint.stop").strip()
    whole = say("joint.clause").join(c.strip().removesuffix(stop) for c in clauses if c.strip())
    return cased(whole, "upper") + stop if whole else ""


def sentences(*whole: str) -> str:
    """Sentences one after the other."""
    return say("joint.gap").join(s.strip() for s in whole if s and s.strip())


def learn_names(root: Path) -> None:
    """Know from now on the English names of series, units, plans and measures, which are data: ``data/raw/english.csv``."""
    file = root / "data" / "raw" / "english.csv"
    if file.is_file():
        about = file.stat()
        _names.set(_read_names(root, file, about.st_mtime_ns, about.st_size))
    else:
        _names.set({})


def translated(text: str) -> str:
    """A name or a note of the data in the language spoken at the moment; one without a translation stays as it is.

    A text of several pieces (``甲;乙``) or with a known addition in parentheses is put together from its pieces. Where the
    table of names has ``#``, any number may stand.
    """
    names = _names.get()
    if _spoken.get() == LANGUAGES[0] or not names or not HAN.search(text):
        return text
    if found := _known(text, names):
        return found
    for addition in (key for key in names if key.startswith("(") and text.endswith(key)):
        base = text.removesuffix(addition)
        if (name := translated(base)) != base:
            return f"{name} {names[addition]}"
    pieces = [p.strip() for p in _PIECE.split(text)]
    known = [p if not HAN.search(p) else _known(p, names) for p in pieces]
    if len(pieces) > 1 and all(known):
        first, *rest = dict.fromkeys(known)
        return say("joint.clause").join([cased(first, "upper"), *(cased(p, "lower") for p in rest)])
    return text


def _known(text: str, names: Mapping[str, str]) -> str:
    """The translation of a text as it stands, or but for its numbers; "" when there is none."""
    if text in names:
        return names[text]
    numbers = iter(_NUMBER.findall(text))
    return re.sub("#", lambda _: next(numbers), names.get(_NUMBER.sub("#", text), ""))


@cache
def _read_names(root: Path, file: Path, modified: int, size: int) -> Mapping[str, str]:
    return {row["zh"]: row["en"] for row in read_rows(file, root, ("zh", "en"))}


def _flatten(node: dict[str, Any], prefix: str, into: dict[str, str]) -> None:
    for key, value in node.items():
        if isinstance(value, dict):
            _flatten(value, f"{prefix}{key}.", into)
        elif f"{prefix}{key}" in into:
            raise KeyError(f"{prefix}{key} stands twice in the catalogue")
        else:
            into[f"{prefix}{key}"] = value
