"""Reading what people wrote and writing what code derives: CSV that Excel and WPS open right, TOML settings, atomic files."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import time
import tomllib
from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plananalysis.base.decoding import Undecodable, decode, invisible, separator, table_rows
from plananalysis.base.drafts import drafting
from plananalysis.base.errors import DataError, Problem, UsageError
from plananalysis.base.spreadsheets import Undo

if TYPE_CHECKING:
    import pandas as pd

ROOT_VARIABLE = "PLANANALYSIS_ROOT"
CITY = "city.toml"  # of data/raw: what the districts of a project are together
UNREAD = (".", "~$", "README")  # how names of files begin that are nobody's data


def find_root(start: Path | None = None, begin: bool = False) -> Path:
    """The project folder: the nearest folder at or above ``start`` that holds ``data/raw``.

    Parameters
    ----------
    start
        Where to look; where None the environment variable ``PLANANALYSIS_ROOT``, and where that is not set either the
        working directory.
    begin
        Whether a folder that holds no project may become one: the one asked for is the answer then.

    Raises
    ------
    UsageError
        No such folder.
    """
    named = os.environ.get(ROOT_VARIABLE, "") if start is None else ""
    here = Path(start or named or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "data" / "raw").is_dir():
            return folder
    if begin and here.is_dir():
        return here
    where = f"环境变量 {ROOT_VARIABLE} 指明的 {here}" if named else str(here)
    raise UsageError(
        f"{where} 及其上级目录中没有 data/raw。请在项目目录内运行，或指明项目目录：命令行用 --root，"
        f"Python 中用函数的 root 参数，或设置环境变量 {ROOT_VARIABLE}。"
    )


PANEL_AREAS, PANEL_OBSERVATIONS = "areas.csv", "observations.parquet"  # what makes an area's folder a panel
AREA_COLUMNS, AREA_MAY = ("area", "name"), ("name_en", "group", "group_en")  # of the list of a panel's areas


def notebook(root: Path, name: str) -> Path:
    """The notebook of a file name: the project's own, else the one that comes with the program."""
    own = root / "notebooks" / name
    return own if own.is_file() else shipped_notebooks() / name


def shipped_notebooks() -> Path:
    """Folder of the notebooks that come with the program: within the package, or in a checkout where they are edited."""
    package = Path(str(files("plananalysis")))
    inside = package / "notebooks"  # put there when a wheel is built
    return inside if inside.is_dir() else package.parents[1] / "notebooks"


def shipped(file: str) -> Path:
    """A file of ``data/raw`` that comes with the program: within the package, or in a checkout where it is edited."""
    package = Path(str(files("plananalysis")))
    inside = package / file
    return inside if inside.is_file() else package.parents[1] / file


def areas(root: Path) -> list[str]:
    """Codes of the areas that have a plan: folders of ``data/raw`` with an ``area.toml``."""
    return sorted(p.parent.name for p in (root / "data" / "raw").glob("*/area.toml"))


def districts(root: Path, named: bool = True) -> tuple[str, ...]:
    """The districts of a project's city: those its settings name, or else (and where ``named`` is not asked) every area that is no panel."""
    raw = root / "data" / "raw"
    said = read_settings(raw / CITY, root) if (raw / CITY).is_file() else {}
    chosen = said.get("districts", ()) if named else ()
    found = {*areas(root), *(p.parent.name for p in raw.glob("*/plan"))}  # one without settings is missed, not unknown
    return tuple(dict.fromkeys(chosen or (a for a in sorted(found - {said.get("own")}) if not is_panel(root, a))))


def is_panel(root: Path, area: str) -> bool:
    """Whether an area's folder holds many areas in one file: it has no edition of its own."""
    return any((root / "data" / "raw" / area / name).exists() for name in (PANEL_AREAS, PANEL_OBSERVATIONS))


_held: OrderedDict[Path, tuple[tuple[int, int, int], bytes]] = OrderedDict()
_digests: dict[Path, tuple[bytes, str]] = {}  # of what is held
_MOST = 1024  # files held at a time, none of them large
_LARGE = 1 << 20  # bytes
_SETTLED = 100_000_000  # nanoseconds after which a file that is written once more has another time


def content(path: Path) -> bytes:
    """The bytes of a file, read once in a process while the file stays the same.

    Raises
    ------
    OSError
        There is no such file, or it cannot be read.
    """
    about = path.stat()
    state = (about.st_mtime_ns, about.st_size, about.st_ino)
    held = _held.get(path)
    if held is not None and held[0] == state:
        return held[1]
    data = path.read_bytes()
    if len(data) <= _LARGE and time.time_ns() - about.st_mtime_ns > _SETTLED:
        _held[path] = state, data
        if len(_held) > _MOST:
            _digests.pop(_held.popitem(last=False)[0], None)
    return data


def file_digest(path: Path) -> str:
    """SHA-256 of a file, worked out once in a process while the file stays the same."""
    data, held = content(path), _digests.get(path)
    if held is not None and held[0] is data:
        return held[1]
    digest = hashlib.sha256(data).hexdigest()
    if path in _held:
        _digests[path] = data, digest
    return digest


def read_json(path: Path) -> Any:
    """A JSON file this package wrote."""
    return json.loads(content(path))


def read_text(path: Path, root: Path) -> str:
    """Text of a file saved by Excel, WPS or an editor (UTF-8, UTF-16 with a mark, GB18030)."""
    try:
        return decode(content(path))
    except Undecodable as error:
        guess = f"（可能是 {error.guess}）" if error.guess else ""
        rule = f"文件编码不是 UTF-8 或 GB18030{guess}"
        raise DataError([Problem(_relative(path, root), 0, "", "", rule, "请另存为“CSV UTF-8”后重试。")]) from None


def read_rows(
    path: Path, root: Path, columns: Sequence[str], optional: Sequence[str] = (), undo: Undo | None = None
) -> list[dict[str, str]]:
    """Rows of a CSV file as stripped text, each with its spreadsheet row number under ``"#"``.

    Text stays text: nothing is parsed, so that ``0`` and an empty cell, ``W05a`` and ``05`` stay what was typed.
    Wholly empty rows are skipped.

    Parameters
    ----------
    undo
        See :mod:`plananalysis.base.spreadsheets`: in these columns what a spreadsheet made of a date or a ratio is undone.

    Raises
    ------
    DataError
        The file is missing, undecodable, lacks or repeats a column, has an unknown one, or has a row of another width.
    """
    name = _relative(path, root)
    if not path.is_file():
        raise DataError([Problem(name, 0, "", "", "文件不存在", "请补上该文件。")])
    text = read_text(path, root)
    problems: list[Problem] = []
    rows: list[dict[str, str]] = []
    try:
        lines = table_rows(text, separator(text, columns))
        first = next((number for number, line in enumerate(lines) if line), 0)
        header = [cell.strip() for cell in lines[first]] if lines else []
        problems += [_unseen(name, first + 1, "", cell, found) for cell in header if (found := invisible(cell))]
        if problems:
            raise DataError(problems)
        allowed = [*columns, *optional]
        lacking, kept = [c for c in columns if c not in header], f"请按顺序保留这些列:{','.join(columns)}。"
        strange, known = [c for c in header if c not in allowed], f"可用的列:{','.join(allowed)}。"
        twice = sorted({c for c in header if header.count(c) > 1})
        problems += [Problem(name, 1, c, "", "缺少该列", kept) for c in lacking]
        problems += [Problem(name, 1, c, c, "未知的列", known) for c in strange]
        problems += [Problem(name, 1, c, c, "列名重复", "请删去其中一列。") for c in twice]
        if problems:
            raise DataError(problems)
        # a quoted cell may span lines, but it is one spreadsheet row
        for row, cells in enumerate(lines[first + 1 :], start=first + 2):
            if not cells:
                continue
            if len(cells) != len(header):
                rule, advice = f"应有{len(header)}格", "请检查逗号和引号,用 Excel 或 WPS 重新保存。"
                problems.append(Problem(name, row, "", f"{len(cells)}格", rule, advice))
                continue
            typed = dict(zip(header, cells, strict=True))
            rows.append({"#": str(row), **dict.fromkeys(optional, ""), **{c: v.strip() for c, v in typed.items()}})
            problems += [_unseen(name, row, c, cell, found) for c, cell in typed.items() if (found := invisible(cell))]
    except csv.Error as error:
        rule, advice = f"不是规范的 CSV({error})", "请用 Excel 或 WPS 重新保存为 CSV UTF-8。"
        problems.append(Problem(name, 0, "", "", rule, advice))
    if problems:
        raise DataError(problems)
    for column, undone in (undo or {}).items():
        for one in rows:
            one[column] = undone(one[column])
    return rows


def _unseen(file: str, row: int, column: str, cell: str, found: str) -> Problem:
    """A character that nobody sees makes two texts differ that look the same."""
    shown = "".join(c for c in cell if not invisible(c)).strip()
    return Problem(file, row, column, shown, f"含有看不见的字符 {found}", "请删去整格内容，重新输入。")


def strays(folder: Path, root: Path, known: Collection[str] | None = None) -> list[Problem]:
    """Files of a folder of tables that would be overlooked: workbooks and the like, and tables that are not ``known`` (None: any is).

    Hidden files, the lock files of open documents and ``README`` are nobody's data.
    """
    problems = []
    for path in sorted(folder.iterdir(), key=lambda p: p.name) if folder.is_dir() else []:
        if path.is_dir() or path.name.startswith(UNREAD):
            continue
        if path.suffix.lower() != ".csv":
            rule, advice = "不是 CSV 文件，不会被读取", "请另存为“CSV UTF-8”，或把它移出本目录"
            advice += "；责任单位报回的填报表用 plananalysis intake 登记。"
        elif known is not None and path.name not in known:
            rule, advice = (
                "不是规划的数据表，不会被读取",
                f"可用的文件名：{'、'.join(known)}。请改名，或把它移出本目录。",
            )
        else:
            continue
        problems.append(Problem(_relative(path, root), 0, "", "", rule, advice))
    return problems


def read_settings(path: Path, root: Path) -> dict[str, Any]:
    """A TOML settings file; a syntax error names line and column."""
    try:
        return tomllib.loads(read_text(path, root))
    except FileNotFoundError:
        raise DataError([Problem(_relative(path, root), 0, "", "", "文件不存在", "请补上该文件。")]) from None
    except tomllib.TOMLDecodeError as error:
        told = "不是规范的 TOML", "请按提示的行列改正。"
        raise DataError([Problem(_relative(path, root), 0, "", str(error), *told)]) from None


def read_table(path: Path, **kwargs: Any) -> pd.DataFrame:
    """A table this package wrote, as a frame in which only an empty cell is missing."""
    import pandas as pd

    return pd.read_csv(path, encoding="utf-8-sig", keep_default_na=False, na_values=[""], **kwargs)


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a derived table as CSV with BOM, atomically; equal tables give equal bytes.

    So that Excel, R and others read it as it stands, a number has ten digits that mean something, not seventeen, a year with empty
    cells among it is no ``2025.0``, and an end that is open is an empty cell.
    """
    numbers = table.select_dtypes("float").columns
    open_ended = table.assign(**{c: table[c].where(abs(table[c]) != float("inf")) for c in numbers})
    write_atomic(path, open_ended.to_csv(index=False, lineterminator="\n", float_format="%.10g").encode("utf-8-sig"))


def write_rows(rows: Iterable[dict[str, Any]], columns: Sequence[str], path: Path) -> None:
    """Write plain dictionaries as CSV with BOM, atomically."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_atomic(path, text.getvalue().encode("utf-8-sig"))


def write_atomic(path: Path, data: bytes) -> None:
    """Replace a file so that a reader, or a crash, sees the old content or the new, never half of one."""
    with drafting(path) as file:
        file.write(data)


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
