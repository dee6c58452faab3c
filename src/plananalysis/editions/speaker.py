"""In whose language something is said: that of what was opened, never that of the process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache, wraps
from types import FunctionType
from typing import Any, TypeVar

from plananalysis.base.text import LANGUAGES, said, say, speaking, translated
from plananalysis.render.blocks import Column, Table
from plananalysis.schema.rows import Record

T = TypeVar("T")


class Speaker:
    """What was opened in one language: it speaks that, whatever is spoken around it.

    Attributes
    ----------
    info
        The description that lies beside its tables.
    language, names
        ``zh`` or ``en``, and the names that the data have in it.
    """

    info: Mapping[str, Any]
    language: str
    names: Mapping[str, str]

    @property
    def name(self) -> str:
        """What it is about: the area, the city, the nation."""
        english = self.info.get("name_en") if self.language != LANGUAGES[0] else ""
        return str(english or self.info.get("name") or self.info.get("area", ""))

    @property
    def fictional(self) -> bool:
        return bool(self.info.get("fictional", False))

    @property
    def mark(self) -> str:
        """Words that every figure and table of fictional data carries."""
        return say("pages.fictional", self.language) if self.fictional else ""

    @property
    def thresholds(self) -> Mapping[str, Any]:
        return dict(self.info.get("thresholds") or {})

    @property
    def base_year(self) -> int:
        return int(self.info["base_year"])

    @property
    def target_year(self) -> int:
        return int(self.info["target_year"])

    def table(
        self, caption: str, columns: Sequence[Column], records: Iterable[Any], role: str = "", **more: Any
    ) -> Table:
        """A table of it; see :class:`plananalysis.render.blocks.Table` for what ``more`` may be."""
        return Table(caption, columns, records, mark=self.mark, role=role, **more)

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
        if self.language == LANGUAGES[0]:
            return _in_chinese(told)
        with self.speaking():
            return said(json.loads(told))


@lru_cache(maxsize=1 << 12)
def _in_chinese(told: str) -> str:
    """The same in every edition, since no name has to be translated."""
    with speaking(LANGUAGES[0], {}):
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
