"""Every word a reader of a report sees comes from one catalogue, so that it can be read, corrected and translated in one place."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from string import Formatter
from typing import Any, Protocol, cast

from plananalysis.base.errors import UsageError
from plananalysis.base.tables import content, read_rows

LANGUAGES = ("zh", "en")
_spoken: ContextVar[str] = ContextVar("language", default=LANGUAGES[0])
_names: ContextVar[Mapping[str, str]] = ContextVar("names", default={})  # noqa: B039 - nobody changes it
HAN = re.compile(r"[\u4e00-\u9fff]")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_PIECE = re.compile(r"[;,；，]")
_SECTION = re.compile(r"^\[(\w+)", re.MULTILINE)


def language() -> str:
    """The language in which everything is said at the moment."""
    return _spoken.get()


@contextmanager
def speaking(language: str, names: Mapping[str, str] | None = None) -> Iterator[None]:
    """Say everything in another language for a while.

    Parameters
    ----------
    names
        Names of the data in that language, from :func:`read_names`; by default those known at the moment.

    Raises
    ------
    UsageError
        There is no such language.
    """
    if language not in LANGUAGES:
        raise UsageError(say("language.unknown", asked=language, known="、".join(LANGUAGES)))
    token = _spoken.set(language)
    told = None if names is None else _names.set(names)
    try:
        yield
    finally:
        _spoken.reset(token)
        if told is not None:
            _names.reset(told)


class Catalogue(Mapping[str, str]):
    """The texts of a language by dotted key (``outlook.likely``); what only operators read exists in Chinese alone.

    No run says everything, and to read all of it takes longer than to see that nothing is due: a text is looked for in the files
    that hold keys which begin like its own.
    """

    def __init__(self, language: str = LANGUAGES[0]) -> None:
        self.language = language

    def __getitem__(self, key: str) -> str:
        return _section(self.language, key.partition(".")[0])[key]

    def __iter__(self) -> Iterator[str]:
        return iter(_whole(self.language))

    def __len__(self) -> int:
        return len(_whole(self.language))

    def read_ahead(self) -> None:
        """Read now what processes that are forked after this would each have to read."""
        for word in {*_places(LANGUAGES[0]), *_places(self.language)}:
            _section(self.language, word)

    def below(self, name: str) -> dict[str, str]:
        """The texts whose keys begin with ``name`` and a dot, by what follows."""
        held, start = _section(self.language, name.partition(".")[0]), f"{name}."
        return {key.removeprefix(start): text for key, text in held.items() if key.startswith(start)}


catalogue = cache(Catalogue)


@cache
def _whole(language: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for file in _files(language):
        held = _texts_in(file)
        if twice := texts.keys() & held.keys():
            raise KeyError(f"{sorted(twice)} stand twice in the catalogue")
        texts |= held
    return texts if language == LANGUAGES[0] else _whole(LANGUAGES[0]) | texts


@cache
def _section(language: str, word: str) -> dict[str, str]:
    """The texts whose keys begin with a word, among others."""
    texts: dict[str, str] = {}
    for file in _places(language).get(word, ()):
        texts |= _texts_in(file)
    return texts if language == LANGUAGES[0] else _section(LANGUAGES[0], word) | texts


def _files(language: str) -> list[Path]:
    return sorted(Path(str(files("plananalysis") / "catalogue")).glob(f"*.{language}.toml"))


@cache
def _places(language: str) -> dict[str, list[Path]]:
    """The catalogue's files by the words with which keys in them begin."""
    found: dict[str, list[Path]] = {}
    for file in _files(language):
        for word in dict.fromkeys(_SECTION.findall(content(file).decode())):
            found.setdefault(word, []).append(file)
    return found


@cache
def _texts_in(file: Path) -> dict[str, str]:
    return dict(_flat(tomllib.loads(content(file).decode())))


class _Grammar(Formatter):
    """Fields of English texts may ask for a singular or plural (``{count:target|targets}``) or for the case of a first letter."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if "|" in format_spec:
            one, many = format_spec.split("|")
            return one if str(value) in ("1", "−1") else many
        if format_spec in ("lower", "upper"):
            return cased(str(value), format_spec)
        return super().format_field(value, format_spec)


def cased(text: str, case: str) -> str:
    """The text with its first letter lower or upper; abbreviations such as HIV keep theirs.

    >>> cased("Hard to reach", "lower"), cased("HIV tests", "lower"), cased("no data", "upper")
    ('hard to reach', 'HIV tests', 'No data')
    """
    if case == "lower" and text[1:2].isupper():
        return text
    return (text[:1].lower() if case == "lower" else text[:1].upper()) + text[1:]


class Told(str):
    """A text that can be said again in another language.

    Parameters
    ----------
    node
        Which function says it and what that is given, as JSON holds it: ``{"by": "say", "of": ["outlook.likely"], "with": {}}``.
    """

    node: dict[str, Any]

    def __new__(cls, text: str, node: Mapping[str, Any] | None = None) -> Told:
        made = super().__new__(cls, text)
        made.node = dict(node or {})
        return made


class Tellable(Protocol):
    """A function that puts something in words."""

    def __call__(self, *given: Any, **words: Any) -> str:
        """The text."""

    def told(self, *given: Any, **words: Any) -> Told:
        """The same text, which can be said again in another language."""


def tellable(function: Callable[..., str]) -> Tellable:
    """A function that puts something in words, with a twin ``.told`` whose text can be said again in another language."""
    name = f"{function.__module__.partition('.')[2]}.{function.__name__}".removeprefix("base.text.")

    def told(*given: Any, **words: Any) -> Told:
        given = tuple(g if isinstance(g, str) or not isinstance(g, Iterable) else [*g] for g in given)
        node = {"by": name, "of": _noted(given), "with": _noted(words)}
        return Told(function(*given, **words), {k: v for k, v in node.items() if v})

    function.told = told  # type: ignore[attr-defined]
    return cast("Tellable", function)


def _noted(value: Any) -> Any:
    if isinstance(value, Told):
        return value.node
    if isinstance(value, dict):
        return {k: _noted(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_noted(v) for v in value]
    value = value.item() if hasattr(value, "item") else value  # NumPy's numbers are none of JSON's
    return float(f"{value:.12g}") if isinstance(value, float) else value


def said(node: Any) -> Any:
    """What was told, in the language spoken now; anything else stays as it is."""
    if isinstance(node, list):
        return [said(n) for n in node]
    if not isinstance(node, dict):
        return node
    words = {k: said(v) for k, v in node.get("with", {}).items()}
    module, _, name = node["by"].rpartition(".")
    teller = getattr(import_module(f"plananalysis.{module or 'base.text'}"), name)
    return teller(*said(node.get("of", [])), **words)


@tellable
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
    text = _section(spoken, key.partition(".")[0])[key]
    return text.format(**values) if spoken == LANGUAGES[0] else _Grammar().vformat(text, (), values)


@tellable
def listed(items: Iterable[str]) -> str:
    """Items as a list within a sentence."""
    return say("joint.list").join(items)


@tellable
def joined(items: Iterable[str]) -> str:
    """Items as they are, one after the other."""
    return "".join(items)


@tellable
def commaed(items: Iterable[str]) -> str:
    """Clauses of one sentence that belong closely together."""
    return say("joint.comma").join(items)


@tellable
def parted(items: Iterable[str]) -> str:
    """Items of several words each, set apart from each other."""
    return say("joint.clause").join(items)


@tellable
def unstopped(text: str) -> str:
    """A sentence that goes on in another: without its full stop."""
    return text.removesuffix(say("joint.stop").strip())


@tellable
def span(first: object, last: object) -> str:
    """From one year or number to another, as a range is printed."""
    return say("joint.span", first=first, last=last)


@tellable
def aside(text: object) -> str:
    """Words in parentheses, set off from what stands before them."""
    return say("joint.aside", text=text)


@tellable
def sentence(*clauses: str) -> str:
    """Clauses as one sentence: joined, begun with a capital where the language has them, ended by one full stop.

    >>> sentence("2025年为93.1%", "有望达标。")
    '2025年为93.1%；有望达标。'
    """
    stop = say("joint.stop").strip()
    whole = say("joint.clause").join(c.strip().removesuffix(stop) for c in clauses if c.strip())
    return cased(whole, "upper") + stop if whole else ""


@tellable
def sentences(*whole: str) -> str:
    """Sentences one after the other."""
    return say("joint.gap").join(s.strip() for s in whole if s and s.strip())


def read_names(root: Path) -> Mapping[str, str]:
    """The English names of series, units, plans and measures, which are data: ``data/raw/english.csv``; read once while it stays the same."""
    file = root / "data" / "raw" / "english.csv"
    if not file.is_file():
        return {}
    about = file.stat()
    return _read_names(root, file, about.st_mtime_ns, about.st_size)


@tellable
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


def _flat(node: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in node.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
