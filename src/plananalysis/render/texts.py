"""Text as file formats can hold it, and how wide it is."""

from __future__ import annotations

import unicodedata
from typing import Any


def width(text: str) -> int:
    """Columns a text takes in a fixed-width face: two for a Chinese character, one for a letter or digit.

    >>> width("2025年")
    6
    """
    return len(text) if text.isascii() else sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


def clean(value: Any) -> str:
    """Text as a file format can hold it: no control characters, no halves of surrogate pairs, no mixed line ends."""
    text = "" if value is None else str(value)
    if text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in "\n\t" or ((c.isprintable() or c == "\u3000") and c not in "\ufffe\uffff"))
