"""What an office drops in, as files one by one: files, folders, patterns a shell has not expanded, zip archives, and saved mails."""

from __future__ import annotations

import glob
import io
import os
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from plananalysis.base.errors import UsageError
from plananalysis.base.text import say
from plananalysis.round.mail import read_mail
from plananalysis.sheets.reading import MAX_FILE

# bytes of one archive, and what all its files may come to: twenty units' workbooks take 2 MB
MAX_UNPACKED = 10 * MAX_FILE
MAX_ENTRIES = 1000
# what Windows leaves in folders; names of macOS and of open workbooks begin with . or ~$
_NOBODYS = ("thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Arrived:
    """A file as its sender named it, with the folders it lay in below what was given; ``data`` is no more than the guard needs to refuse it.

    ``sent_on`` is the ISO date of the mail it was attached to; "" where it came otherwise.
    """

    name: str
    data: bytes
    sent_on: str = ""


def arrived(given: Sequence[Path | Arrived]) -> list[Arrived]:
    """Every file among what was given, each once, in its order; within folders and archives by name.

    Parameters
    ----------
    given
        Places on the disk, or files that a browser has handed over: of those the name is text and never a path.

    Raises
    ------
    UsageError
        Something does not exist or holds no file, or an archive cannot be opened; all of it at once.
    """
    problems: list[str] = []
    files: dict[Path, str] = {}
    missing: list[str] = []
    for path in (one for one in given if isinstance(one, Path)):
        found = {hit: name for one in _expanded(path) for hit, name in _files(one)}
        if not found:
            missing.append(sent_as(path))
        files |= {hit: name for hit, name in found.items() if hit not in files}
    if missing:
        problems.append(say("intake.no_file", files="、".join(missing)))
    result: list[Arrived] = []
    places: list[tuple[Path | bytes, str]] = [*files.items()]
    places += [(one.data, _called(one.name)) for one in given if isinstance(one, Arrived)]
    for place, name in places:
        with place.open("rb") if isinstance(place, Path) else io.BytesIO(place) as file:
            try:
                result += _opened(file, name)
            except UsageError as error:
                problems.append(str(error))
    if problems:
        raise UsageError("".join(problems))
    return result


def _opened(file: BinaryIO, name: str, sent_on: str | None = None) -> list[Arrived]:
    """A file, or those in an archive or a mail: also mails in an archive, and archives attached to a mail of a day."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix == ".eml":
        return _attached(file, name)
    if suffix != ".zip":
        return [Arrived(name, file.read(MAX_FILE + 1), sent_on or "")]
    try:
        members = _unpacked(file, name)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError):
        raise UsageError(say("intake.zip_broken", file=name)) from None
    found: list[Arrived] = []
    for one in members:
        if sent_on is not None or PurePosixPath(one.name).suffix.lower() != ".eml":
            found.append(replace(one, sent_on=sent_on or ""))
        elif len(one.data) > MAX_FILE:  # and so not all of it
            raise UsageError(say("intake.mail_large", file=one.name, limit=MAX_FILE // 1_000_000))
        else:
            found += _attached(io.BytesIO(one.data), one.name)
    return found


def _attached(file: BinaryIO, name: str) -> list[Arrived]:
    """The files attached to a mail, with its day."""
    data = file.read(MAX_UNPACKED + 1)
    if len(data) > MAX_UNPACKED:
        raise UsageError(say("intake.mail_large", file=name, limit=MAX_UNPACKED // 1_000_000))
    try:
        mail = read_mail(data)
    except ValueError:
        raise UsageError(say("intake.mail_broken", file=name)) from None
    if not mail.files:
        raise UsageError(say("intake.mail_empty", file=name))
    named = [(_called(_text(one.name)), io.BytesIO(one.data)) for one in mail.files]
    return [one for called, data in named for one in _opened(data, called, mail.sent_on)]


def sent_as(path: Path) -> str:
    """Name of a file as its sender wrote it: a Chinese archive unpacked elsewhere leaves names in the bytes of GBK.

    >>> sent_as(Path(os.fsdecode("区卫健委.xlsx".encode("gbk"))))
    '区卫健委.xlsx'
    """
    return _text(os.fsencode(path.name))


def _text(data: bytes) -> str:
    try:
        name = data.decode("utf-8")
    except UnicodeDecodeError:
        name = data.decode("gb18030", "backslashreplace")
    return _visible(name)


def _visible(text: str) -> str:
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def _expanded(path: Path) -> list[Path]:
    """What a pattern stands for: the shells of Windows hand it on as it was typed."""
    if path.exists() or not glob.has_magic(str(path)):
        return [path]
    return [Path(hit) for hit in sorted(glob.glob(str(path), recursive=True))]


def _files(path: Path) -> Iterator[tuple[Path, str]]:
    """The ordinary files of a path (a pipe would be waited for), each with its name below it."""
    if path.is_file():
        yield path, sent_as(path)
    elif path.is_dir():
        for one in sorted(path.rglob("*")):
            parts = one.relative_to(path).parts
            if one.is_file() and _somebodys(parts):
                yield one, "/".join(sent_as(Path(part)) for part in parts)


def _somebodys(parts: Sequence[str]) -> bool:
    ours = all(not part.startswith((".", "~$", "__MACOSX")) for part in parts)
    return ours and parts[-1].lower() not in _NOBODYS


def _unpacked(file: BinaryIO, name: str) -> list[Arrived]:
    """The files of an archive, read in memory: no name in it ever becomes a path."""
    found: list[Arrived] = []
    left = MAX_UNPACKED
    large = UsageError(say("intake.zip_large", file=name, limit=MAX_UNPACKED // 1_000_000, entries=MAX_ENTRIES))
    if file.seek(0, os.SEEK_END) > MAX_UNPACKED:
        raise large
    with zipfile.ZipFile(file) as archive:
        entries = sorted((_entry(one), one) for one in archive.infolist() if not one.is_dir())
        entries = [(called, one) for called, one in entries if _somebodys(PurePosixPath(called).parts)]
        if len(entries) > MAX_ENTRIES:
            raise large
        for called, one in entries:
            if one.flag_bits & 1:
                raise UsageError(say("intake.zip_encrypted", file=name))
            if one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise NotImplementedError(one.compress_type)
            with archive.open(one) as member:
                data = member.read(MAX_FILE + 1)  # whatever size the archive claims
            left -= len(data)
            if left < 0:
                raise large
            found.append(Arrived(called, data))
    if not found:
        raise UsageError(say("intake.zip_empty", file=name))
    return found


def _entry(one: zipfile.ZipInfo) -> str:
    """Name of an entry: where it is not marked as UTF-8, archives of Chinese programs hold the bytes of GBK."""
    called = one.filename
    if not one.flag_bits & 0x800:
        called = _text(called.encode("cp437", "replace"))
    return _called(called)


def _called(name: str) -> str:
    """A name from elsewhere with the folders it stands in, none of them above."""
    parts = (part for part in name.replace("\\", "/").split("/") if part not in ("", ".", ".."))
    return "/".join(map(_visible, parts)) or "_"
