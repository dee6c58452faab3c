"""In whose language something is said: that of what was opened, never that of the process."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import wraps
from types import FunctionType
from typing import Any, TypeVar

from plananalysis.base.text import LANGUAGES, said, speaking, translated
from plananalysis.schema.rows import Record

T = TypeVar("T")


class Speaker:
    """What was opened in one language: it speaks that, whatever is spoken around it.

    Attributes
    ----------
    language, names
        ``zh`` or ``en``, and the names that the data have in it.
    """

    language: str
    names: Mapping[str, str]

    def speaking(self) -> AbstractContextManager[None]:
        """Everything said meanwhile is said in this language."""
        return speaking(self.language, self.names)

    def translated(self, text: str, english: str = "") -> str:
        """Words of the data in this language; ``english`` where the data have it beside them."""
        if self.language == LANGUAGES[0] or english:
            return text if self.language == LANGUAGES[0] else english
        with self.speaking():
            return translated(text)

    def in_words(self, row: Record, column: str) -> str:
        """What a column says that is not stored but made from others."""
        raise KeyError(column)

    def said(self, told: str) -> str:
        """A text of the catalogue, as tables store it, in this language."""
        if not told.startswith("{"):
            return told
        with self.speaking():
            return said(json.loads(told))


def spoken(page: type[T]) -> type[T]:
    """A class of pages whose answers are in the language of their edition, whatever is spoken around them."""

    def bound(answer: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(answer)
        def asked(self: Any, *told: Any, **words: Any) -> Any:
            with getattr(self, "edition", self).speaking():
                return answer(self, *told, **words)

        return asked

    for name, member in list(vars(page).items()):
        if not name.startswith("_") and isinstance(member, FunctionType):
            setattr(page, name, bound(member))
        elif not name.startswith("_") and isinstance(member, property) and member.fget:
            setattr(page, name, property(bound(member.fget)))
    return page
