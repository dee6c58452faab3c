"""Packages: files with their checksums, zip archives whose bytes depend on their content alone, and reading those of strangers."""

from __future__ import annotations

import hashlib
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from plananalysis.base.drafts import drafting
from plananalysis.base.errors import PlanAnalysisError
from plananalysis.base.names import DEVICES
from plananalysis.base.text import say

SUMS = "SHA256SUMS"
LARGEST = 1 << 30  # bytes a bundle may unpack to; one of a district is under 1 % of it
MOST = 20_000  # files
_RATIO = 400  # text packs to a hundredth at most; far above that, and beyond 1 MB, a file is made to fill disks
_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest a zip archive can say


class Damaged(PlanAnalysisError):
    """An archive that is no bundle of ours, or one that must not be unpacked."""


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def sums(files: Mapping[str, bytes]) -> bytes:
    """The list ``sha256sum -c`` accepts, for files by path."""
    return "".join(f"{digest(files[name])}  {name}\n" for name in sorted(files)).encode()


def read_sums(data: bytes) -> dict[str, str]:
    """Checksum by path; lines that are none are left out, so that their files count as not listed."""
    pairs = (line.partition("  ") for line in data.decode("utf-8", "replace").splitlines())
    return {name: value for value, _, name in pairs if len(value) == 64 and name}


def with_sums(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Files and the list of their checksums; a signature is of that list, and so not in it."""
    return {**files, SUMS: sums(files)}


def write_zip(files: Mapping[str, bytes], path: Path) -> None:
    """Write an archive, entries sorted and dated alike; a reader sees the old archive or the new one.

    Names are UTF-8 and say so, which is what Windows Explorer goes by.
    """
    with drafting(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            entry.create_system = 3
            archive.writestr(entry, files[name])


def read_zip(path: Path) -> dict[str, bytes]:
    """Everything in an archive of somebody else's, by path, after looking at what it would do to us.

    Raises
    ------
    Damaged
        No archive, or one that holds a path out of the folder, a link, a device, a name twice, a secret, or far more
        than it says.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _refuse_bombs(entries, path.stat().st_size)
            seen: set[str] = set()
            for entry in entries:
                _refuse_paths(entry)
                if (key := entry.filename.casefold()) in seen:
                    raise Damaged(say("bundles.refused.twice", name=entry.filename))
                seen.add(key)
            files = {}
            for entry in entries:
                with archive.open(entry) as file:
                    files[entry.filename] = file.read(entry.file_size + 1)
                if len(files[entry.filename]) != entry.file_size:
                    raise Damaged(say("bundles.refused.size", name=entry.filename))
            return files
    except Damaged:
        raise
    except Exception as error:  # zlib.error and whatever else a spoilt stream brings up
        raise Damaged(say("bundles.refused.not_a_zip", file=path.name, problem=error)) from None


def unpack(files: Mapping[str, bytes], prefix: str, folder: Path) -> None:
    """Write the files below ``prefix`` into a folder, without the prefix."""
    for name, data in files.items():
        if name.startswith(prefix):
            path = folder / name.removeprefix(prefix)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


def _refuse_bombs(entries: list[zipfile.ZipInfo], size: int) -> None:
    whole, packed = sum(e.file_size for e in entries), sum(e.compress_size for e in entries)
    blown = any(e.file_size > 1 << 20 and e.file_size > _RATIO * max(e.compress_size, 1) for e in entries)
    if blown or whole > LARGEST or len(entries) > MOST or packed > size:  # packed > size: entries overlap
        raise Damaged(say("bundles.refused.bomb", count=len(entries), megabytes=round(whole / 1e6)))


def _refuse_paths(entry: zipfile.ZipInfo) -> None:
    name, kind = entry.filename, stat.S_IFMT(entry.external_attr >> 16)
    parts = PurePosixPath(name).parts
    leads_out = name != "/".join(parts) or name.startswith("/") or ".." in parts
    # what Windows takes for a drive, a folder, a device or a stream of another file
    strange = any(c in name for c in '\\:*?"<>|') or any(ord(c) < 32 for c in name)
    strange |= any(p.endswith((".", " ")) or p.split(".")[0].casefold() in DEVICES for p in parts)
    if leads_out or strange or kind not in (0, stat.S_IFREG) or entry.flag_bits & 1:
        raise Damaged(say("bundles.refused.path", name=name))
