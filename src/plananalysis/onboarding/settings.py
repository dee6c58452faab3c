"""``area.toml`` written: only what changed, so that comments and thresholds of the office stay as they are."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

KEYS = (
    "name", "name_en", "language", "fictional", "country", "as_of", "data_closes_months", "comparators", "office", "office_en",
)  # fmt: skip
OUTLINE_KEYS = ("id", "base_year", "target_year", "issued", "title", "source", "short", "short_en", "plans")
OPTIONAL = ("language", "country", "office", "office_en", "short", "short_en", "plans")
_ABOUT = {
    "as_of": "数据年份，每年由办公室改一次",
    "data_closes_months": "数据年份结束后几个月内报来的数算进本版",
}
_SECTION = re.compile(r"(?m)^\s*\[")


def written(settings: Mapping[str, Any], outlines: Sequence[Mapping[str, Any]]) -> str:
    """The text of a new ``area.toml``."""
    lines = [_line(key, settings[key]) for key in KEYS if _said(key, settings)]
    return "\n".join(lines) + "\n" + "".join(map(_outline, outlines))


def changed(
    text: str,
    before: tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]],
    now: tuple[Mapping[str, Any], Sequence[Any]],
) -> str:
    """The text with what differs put in its place; equal settings leave it as it is."""
    first = _SECTION.search(text)
    head, rest = (text[: first.start()], text[first.start() :]) if first else (text, "")
    for key in KEYS:
        if before[0].get(key) != now[0].get(key):
            line = re.compile(rf"(?m)^{key}\s*=.*?(?P<comment>\s+#[^\"\n]*)?$\n?")
            made = _line(key, now[0][key]) if _said(key, now[0]) else ""
            found = line.search(head)
            if found:
                comment = (found["comment"] or "") if made else ""
                bare = made.partition("  #")[0]
                head = head[: found.start()] + (f"{bare}{comment}\n" if made else "") + head[found.end() :]
            elif made:
                head = head.rstrip("\n") + f"\n{made}\n\n"
    if list(before[1]) != list(now[1]):
        blocks = re.split(r"(?m)^(?=\s*\[)", rest)
        rest = "".join(b for b in blocks if not b.lstrip().startswith("[[outlines]]"))
        rest = "".join(map(_outline, now[1])).lstrip("\n") + ("\n" + rest if rest.strip() else "")
    return head + rest


def _outline(one: Mapping[str, Any]) -> str:
    lines = [f"{key} = {_value(one[key])}" for key in OUTLINE_KEYS if _said(key, one)]
    return "\n[[outlines]]\n" + "\n".join(lines) + "\n"


def _said(key: str, settings: Mapping[str, Any]) -> bool:
    return key in settings and not (key in OPTIONAL and settings[key] == "")


def _line(key: str, value: Any) -> str:
    about = _ABOUT.get(key)
    return f"{key} = {_value(value)}" + (f"  # {about}" if about else "")


def _value(value: Any) -> str:
    """A value as TOML writes it: strings, numbers and flags as JSON does."""
    return json.dumps(value, ensure_ascii=False)
