"""Write docs/data.md and docs/data.zh.md: every raw and derived table, from the held descriptions. Run after changing one.

python tools/describe_data.py
"""

from __future__ import annotations

import re
from pathlib import Path

from plananalysis.schema import Column, Table, format_version, places, tables

ROOT = Path(__file__).parents[1]
FILES = {"zh": ROOT / "docs" / "data.zh.md", "en": ROOT / "docs" / "data.md"}
WORDS = {
    "zh": {
        "title": "# 数据表\n\n由 `python tools/describe_data.py` 写出，不要手改。填写的表见 `data/raw/README.md`，本文照录；"
        "算出的表见 `src/plananalysis/schema/tables.toml`，每版的表旁另有 `datapackage.json`。派生表的格式版本：{format}。\n",
        "raw": "## 一、填写的表",
        "derived": "## 二、算出的表\n\n空格为没有。`codes`、`texts` 为用 `;` 隔开的几个；`told` 为 JSON：词库的一句话和填进去的数与代码，显示时按读者的语言说出。"
        "“隐”为对外版中可能不公开的列。",
        "head": "| 列 | 类型 | 单位 | 内容 | 代码 |\n|---|---|---|---|---|",
        "key": "主键：{key}。读者：{audience}。",
        "hidden": "（隐）",
        "own": "同指标",
        "join": "、",
        "no_key": "无",
        "audiences": {"internal": "办公室", "leading-group": "办公室、领导小组", "public": "办公室、领导小组、公众"},
    },
    "en": {
        "title": "# The tables\n\nWritten by `python tools/describe_data.py`; do not edit. The tables people fill in are described in `data/raw/README.en.md`, repeated here; the derived ones are declared in "
        "`src/plananalysis/schema/tables.toml`; beside the tables of every edition lies a `datapackage.json`. Format of derived tables: {format}.\n",
        "raw": "## One: tables people fill in",
        "derived": "## Two: derived tables\n\nAn empty cell is nothing. `codes` and `texts` are several joined by `;`; `told` is JSON: a text of the catalogue with the numbers and codes "
        "that fill it, said in the reader's language. *Withheld* marks columns that a public edition may leave empty.",
        "head": "| Column | Type | Unit | What it holds | Codes |\n|---|---|---|---|---|",
        "key": "Key: {key}. For: {audience}.",
        "hidden": " *Withheld.*",
        "own": "of the series",
        "join": ", ",
        "no_key": "none",
        "audiences": {
            "internal": "the office",
            "leading-group": "the office and the leading group",
            "public": "everybody",
        },
    },
}
RAW = {language: ROOT / "data" / "raw" / f"README{mark}.md" for language, mark in (("zh", ""), ("en", ".en"))}


def described(language: str) -> str:
    """The whole document in one language."""
    words = WORDS[language]
    raw = RAW[language].read_text(encoding="utf-8").split("\n", 1)[1].strip()
    raw = raw.replace("](../../", "](../").replace("](README", "](../data/raw/README")  # links as seen from docs/
    parts = [
        words["title"].format(format=format_version()),
        words["raw"],
        re.sub(r"(?m)^#", "##", raw),
        words["derived"],
    ]
    for place, title in places(language).items():
        parts.append(f"### {title}")
        parts += [_table(about, language) for about in tables(place).values()]
    return "\n\n".join(parts) + "\n"


def _table(about: Table, language: str) -> str:
    words = WORDS[language]
    key = words["join"].join(f"`{c}`" for c in about.key) or words["no_key"]
    lines = [_line(c, language) for c in about.columns.values() if not c.made]
    told = words["key"].format(key=key, audience=words["audiences"][about.audience])
    title = about.zh if language == "zh" else about.en
    return "\n".join([f"#### `{about.name}`: {title}\n\n{told}\n", words["head"], *lines])


def _line(column: Column, language: str) -> str:
    words = WORDS[language]
    text = (column.zh if language == "zh" else column.en) + (words["hidden"] if column.withheld else "")
    unit = words["own"] if column.unit == "unit" else column.unit
    names = column.meanings(language)
    codes = words["join"].join(f"`{c}` {names[c]}" if c in names else f"`{c}`" for c in column.allowed)
    return f"| `{column.name}` | {column.type} | {unit} | {text} | {codes} |".replace("{", "&#123;")


if __name__ == "__main__":
    for language, path in FILES.items():
        path.write_text(described(language), encoding="utf-8", newline="\n")
        print(path.relative_to(ROOT))
