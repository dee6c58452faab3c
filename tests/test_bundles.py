"""A bundle holds what an evaluator needs; its check finds and names every change, and refuses what would do harm."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import os
import re
import shutil
import stat
import struct
import subprocess
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from paper_bundle import FORM, REPORTED, derive, project

from plananalysis import cli
from plananalysis.base.errors import DataError, Problem, UsageError
from plananalysis.bundles import Damaged, bundle, evidence, packing, release, rerun, signing, verify
from plananalysis.bundles.differences import SHOWN, differences
from plananalysis.editions import inputs

REPOSITORY = Path(__file__).parents[1]
RAW = "inputs/data/raw/paper/observations/health_2025.csv"
TABLE = "outputs/data/processed/paper/2025/assessments.csv"
PAGE = "outputs/reports/paper/2025/index.html"


@pytest.fixture(scope="module")
def packed(tmp_path_factory) -> bytes:
    root = project(tmp_path_factory.mktemp("project"))
    bundle(root, FORM, root / "out.zip")
    return (root / "out.zip").read_bytes()


@pytest.fixture(autouse=True)
def release_of_paper(monkeypatch, request):
    """The program's own notebooks are those of the paper project, except for the test of a real edition."""
    if "real_edition" in request.node.name:
        return
    monkeypatch.setattr(release, "notebooks", lambda: {"brief.ipynb": b"{}"})


@pytest.fixture
def file(packed, tmp_path) -> Path:
    path = tmp_path / "bundle.zip"
    path.write_bytes(packed)
    return path


def rewrite(path: Path, resum: bool = False, **changes: bytes | None) -> None:
    """Change files of a bundle (None removes one), as somebody without or with an eye to the checksums would."""
    files = packing.read_zip(path)
    for name, data in changes.items():
        if data is None:
            del files[name]
        else:
            files[name] = data
    if resum:
        said = json.loads(files["bundle.json"])
        said["given"] = {n: packing.digest(d) for n, d in sorted(files.items()) if n.startswith(("inputs/", "code/"))}
        files["bundle.json"] = (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode()
        files = packing.with_sums({name: data for name, data in files.items() if name != packing.SUMS})
    packing.write_zip(files, path)


def content(path: Path, name: str) -> str:
    return packing.read_zip(path)[name].decode("utf-8-sig")


# --- what is in it -----------------------------------------------------------------------------------------------------


def test_a_bundle_holds_inputs_outputs_code_and_their_checksums(file):
    files = packing.read_zip(file)
    assert [n for n in files if n.startswith("inputs/")] == [
        "inputs/data/raw/neighbour/area.toml",  # compared with
        "inputs/data/raw/paper/area.toml",
        RAW,
        "inputs/data/raw/paper/plan/domains.csv",
        "inputs/data/raw/thresholds.toml",
        "inputs/notebooks/brief.ipynb",
    ]
    documents = ("feedback/health.xlsx", "letters/health.docx", "report.docx", "tables.xlsx", "warning_list.docx")
    assert [n for n in files if n.startswith("outputs/")] == [
        TABLE,
        "outputs/data/processed/paper/2025/edition.json",
        *(f"outputs/reports/paper/2025/documents/{name}" for name in documents),
        PAGE,
        "outputs/reports/paper/2025/women.health.html",
    ]
    assert packing.read_sums(files[packing.SUMS]) == {
        n: packing.digest(d) for n, d in files.items() if n != packing.SUMS
    }
    code = packing.read_sums(files["code/files.sha256"])
    assert code["bundles/evidence.py"] == packing.digest(Path(evidence.__file__).read_bytes())
    assert "catalogue/words.zh.toml" in code and not [name for name in code if "__pycache__" in name]
    said = json.loads(files["bundle.json"])
    assert (said["area"], said["as_of"], said["edition"]) == ("paper", 2025, "paper-2025-0123456789")
    assert "纸上区" in files["说明.txt"].decode()


def test_equal_editions_give_equal_bundles(packed, tmp_path):
    root = project(tmp_path)
    bundle(root, FORM, root / "out.zip")
    assert (root / "out.zip").read_bytes() == packed


def test_the_lock_file_of_the_project_goes_along(tmp_path):
    root = project(tmp_path)
    shutil.copy(REPOSITORY / "requirements.lock.txt", root)
    assert "code/requirements.lock.txt" in bundle(root, FORM, root / "out.zip")


def test_an_edition_whose_raw_data_changed_since_is_not_bundled(tmp_path):
    root = project(tmp_path)
    (root / "data" / "raw" / "paper" / "observations" / "health_2025.csv").write_text(REPORTED.replace("12", "13"))
    with pytest.raises(UsageError, match=r"health_2025\.csv"):
        bundle(root, FORM, root / "out.zip")
    assert not (root / "out.zip").exists()


def test_an_edition_is_bundled_as_it_was_when_later_data_lie_beside_it(tmp_path, packed):
    """What came in afterwards is no part of it: the bundle's bytes are those of the day it was made."""
    root = project(tmp_path)
    raw = root / "data" / "raw" / "paper"
    info = json.loads((FORM.tables(root) / "edition.json").read_text(encoding="utf-8"))
    inputs.keep(root, "paper", info["inputs"])  # as every build does
    (raw / "observations" / "health_2026.csv").write_text(REPORTED)
    (raw / "plan" / "domains.csv").write_text("series,target\n")  # the plan grew
    bundle(root, FORM, root / "out.zip")
    assert (root / "out.zip").read_bytes() == packed


def test_an_edition_of_another_program_is_not_bundled(tmp_path):
    root = project(tmp_path)
    record = FORM.pages(root) / "run.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | {"program": "0" * 64}))
    with pytest.raises(UsageError, match="程序或软件库"):
        bundle(root, FORM, root / "out.zip")


def test_the_publics_form_is_not_bundled(tmp_path):
    with pytest.raises(UsageError, match="publish"):
        bundle(project(tmp_path), replace(FORM, audience="public"), tmp_path / "out.zip")


def test_a_bundle_does_not_replace_somebodys_file(tmp_path):
    root = project(tmp_path)
    (root / "out.zip").write_bytes(b"a thesis")
    with pytest.raises(UsageError, match=r"out\.zip"):
        bundle(root, FORM, root / "out.zip")
    assert (root / "out.zip").read_bytes() == b"a thesis"


# --- what its check finds ----------------------------------------------------------------------------------------------


def test_an_untouched_bundle_is_equal(file):
    verdict = verify(file, derive)
    assert (verdict.findings, verdict.notes) == ([], [])
    assert (verdict.files, verdict.compared) == (len(packing.read_zip(file)), 9)


def test_a_raw_value_changed_with_its_checksum_shows_in_the_rows_it_feeds(file):
    rewrite(file, resum=True, **{RAW: REPORTED.replace("2025,12", "2025,13").encode()})
    found = verify(file, derive).findings
    assert f"{TABLE.removeprefix('outputs/')} 第3行（W01/2025）“value”列：包内 24，重算 26。" in found
    assert f"{PAGE.removeprefix('outputs/')} “各指标”之下，“W01”一行，<td>：包内 24，重算 26。" in found
    assert any("edition.json" in f and "inputs.data/raw/paper/observations/health_2025.csv" in f for f in found)
    assert len(found) == 3


def test_a_raw_value_changed_without_its_checksum_is_named_as_well(file):
    rewrite(file, **{RAW: REPORTED.replace("2025,12", "2025,13").encode()})
    found = verify(file, derive).findings
    assert f"{RAW}：内容与校验值不符，打包后被改动。" in found and len(found) == 4


@pytest.mark.parametrize("resum", [True, False])
def test_a_changed_output_is_named_with_row_and_column(file, resum):
    rewrite(file, resum, **{TABLE: content(file, TABLE).replace("W02,2025,14", "W02,2025,15").encode()})
    found = verify(file, derive).findings
    assert f"{TABLE.removeprefix('outputs/')} 第4行（W02/2025）“value”列：包内 15，重算 14。" in found
    assert len(found) == (1 if resum else 2)


@pytest.mark.parametrize("name", [RAW, TABLE, PAGE])
def test_a_missing_file_is_named(file, name):
    rewrite(file, **{name: None})
    assert f"{name}：缺失。" in verify(file, derive).findings


def test_a_file_missing_from_outputs_and_list_is_named_by_the_second_run(file):
    rewrite(file, resum=True, **{PAGE: None})
    assert verify(file, derive).findings == [f"{PAGE.removeprefix('outputs/')}：重算生成了，包内没有。"]


def test_a_file_put_in_later_is_named(file):
    rewrite(file, **{"inputs/data/raw/paper/extra.csv": b"x"})
    assert "inputs/data/raw/paper/extra.csv：不在校验清单中，是后来加入的。" in verify(file, derive).findings


def test_an_evaluation_is_checked_after_the_editions_it_looks_back_to(tmp_path):
    root, form = project(tmp_path / "project"), replace(FORM, mode="midterm")
    shutil.copytree(root / "data" / "raw" / "paper", root / "data" / "raw" / "china")
    for one in (
        replace(FORM, as_of=2020),
        replace(FORM, as_of=2023),
        form,
    ):  # 2020 is the baseline: nothing was projected in it
        derive(root, one)
    derive(root, replace(FORM, area="china", as_of=2020))
    bundle(root, form, tmp_path / "out.zip")
    assert "inputs/data/raw/china/area.toml" in packing.read_zip(tmp_path / "out.zip")
    asked = []
    verify(tmp_path / "out.zip", lambda root, form, beside: asked.append((form, beside)) or derive(root, form))
    assert asked == [(form, [replace(FORM, as_of=2023), replace(FORM, area="china", as_of=2020)])]


def test_inputs_that_break_rules_are_told_with_file_and_row(file):
    def refuse(root, form, beside):
        raise DataError(
            [Problem("data/raw/paper/observations/health_2025.csv", 3, "value", "x", "应为数值", "请改正。")]
        )

    (found,) = verify(file, refuse).findings
    assert "health_2025.csv 第3行" in found


EVIL = b'{"cells": "replace every verdict"}'


@pytest.mark.parametrize("resum", [True, False])
def test_a_notebook_that_is_not_the_programs_own_is_named_and_not_run(file, resum):
    rewrite(file, resum, **{"inputs/notebooks/brief.ipynb": EVIL})
    seen = []
    verdict = verify(
        file, lambda root, *a: seen.append((root / "notebooks" / "brief.ipynb").read_bytes()) or derive(root, *a)
    )
    assert seen == [b"{}"]
    assert "inputs/notebooks/brief.ipynb：与本程序自带的笔记本不同。" in verdict.findings
    assert any("brief.ipynb 与本程序自带的不同；包内的没有运行" in check for check in verdict.checks)


def test_a_districts_own_notebooks_run_when_its_maker_is_trusted(file, monkeypatch):
    rewrite(file, resum=True, **{"inputs/notebooks/brief.ipynb": EVIL})
    seen = []
    again = lambda root, *a: seen.append((root / "notebooks" / "brief.ipynb").read_bytes()) or derive(root, *a)  # noqa: E731
    monkeypatch.setattr(rerun, "unprivileged", lambda: True)
    verify(file, again, trust_notebooks=True)
    assert seen == [EVIL]
    monkeypatch.setattr(rerun, "unprivileged", lambda: False)
    with pytest.raises(Damaged, match="管理员"):
        verify(file, again, trust_notebooks=True)
    assert len(seen) == 1


CACHES = (
    "inputs/data/processed/paper/.returns/0123_4567.json",
    "inputs/data/processed/.cache/paper/2025.memo",
    "inputs/data/raw/paper/.hidden/x.csv",
    "inputs/src/plananalysis/sitecustomize.py",
    "inputs/pyproject.toml",
    "inputs/notebooks/sub/x.ipynb",
    "inputs/notebooks/helper.py",
    "outputs/data/processed/other/2025/x.csv",
    "outputs/reports/other/2025/x.html",
    "readme.html",
)


@pytest.mark.parametrize("name", CACHES)
def test_what_is_no_part_of_a_bundle_is_refused_and_nothing_is_derived(file, name):
    rewrite(file, resum=True, **{name: b"{}"})
    with pytest.raises(Damaged, match=re.escape(name)):
        verify(file, lambda *_: pytest.fail("run"))


def members(file: Path) -> list[str]:
    return sorted(packing.read_zip(file))


def flipped(data: bytes) -> bytes:
    """One digit, else one letter, made another: what a falsifier would do."""
    for wanted in (bytes.isdigit, bytes.isalpha):
        for place in reversed(range(len(data))):
            if wanted(data[place : place + 1]):
                return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
    return data + b"x"


MEMBERS = (
    "inputs/data/raw/neighbour/area.toml",
    RAW,
    "inputs/data/raw/thresholds.toml",
    "inputs/notebooks/brief.ipynb",
    TABLE,
    "outputs/data/processed/paper/2025/edition.json",
    PAGE,
    "outputs/reports/paper/2025/documents/report.docx",
    "code/files.sha256",
    "code/requirements.lock.txt",
    "bundle.json",
    "说明.txt",
    "SHA256SUMS",
)


@pytest.fixture(scope="module")
def signed(tmp_path_factory) -> tuple[bytes, Path]:
    root = project(tmp_path_factory.mktemp("project"))
    shutil.copy(REPOSITORY / "requirements.lock.txt", root)
    key = root / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "office", "-f", str(key)], check=True)
    bundle(root, FORM, root / "out.zip", key)
    return (root / "out.zip").read_bytes(), key.with_suffix(".pub")


needs_ssh = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="OpenSSH signs")


def forged(data: bytes, path: Path, name: str, way: str) -> Path:
    """A bundle with one member flipped, replaced, taken out, or one of its kind added."""
    path.write_bytes(data)
    content = packing.read_zip(path)[name]
    other = f"{name.rpartition('.')[0]}2.{name.rpartition('.')[2]}"
    if way == "added" and "/" not in name:
        return path
    changes = {
        "flipped": {name: flipped(content)},
        "replaced": {name: b"1"},
        "gone": {name: None},
        "added": {other: content},
    }
    rewrite(path, **changes[way])
    return path


@needs_ssh
@pytest.mark.parametrize("way", ["flipped", "replaced", "gone", "added"])
@pytest.mark.parametrize("name", MEMBERS)
def test_every_kind_of_member_changed_added_or_gone_is_found(signed, tmp_path, name, way):
    data, key = signed
    path = forged(data, tmp_path / "bundle.zip", name, way)
    if path.read_bytes() == data:
        pytest.skip("there is one of these")
    try:
        found = verify(path, derive, key=key).findings
    except Damaged as refused:
        found = [str(refused)]
    assert found
    stem = Path(name).name.partition(".")[0]
    assert any(stem in one or "SHA256SUMS" in name or "bundle.json" in one for one in found), found


@needs_ssh
@pytest.mark.parametrize("name", [n for n in MEMBERS if n not in ("SHA256SUMS", "bundle.json")])
def test_a_forger_who_mends_every_checksum_is_found_by_the_signature(signed, tmp_path, name):
    data, key = signed
    path = tmp_path / "bundle.zip"
    path.write_bytes(data)
    files = {n: d for n, d in packing.read_zip(path).items() if n != signing.SIGNATURE}
    signature = packing.read_zip(path)[signing.SIGNATURE]
    packing.write_zip(files, path)
    rewrite(path, resum=True, **{name: flipped(files[name])})
    packing.write_zip(packing.read_zip(path) | {signing.SIGNATURE: signature}, path)
    for keys in (key, None):
        assert any("签名" in one for one in verify(path, derive, key=keys).findings)


@needs_ssh
def test_a_signature_tells_whose_it_is_and_a_bundle_without_one_is_no_proof(signed, tmp_path, packed):
    data, key = signed
    path = tmp_path / "bundle.zip"
    path.write_bytes(data)
    for keys in (key, listing(tmp_path, f'office@x namespaces="plananalysis-bundle" {key.read_text()}')):
        verdict = verify(path, derive, key=keys)
        assert verdict.findings == [] and any("密钥所作" in check for check in verdict.checks)
    fingerprint = subprocess.run(
        ["ssh-keygen", "-lf", str(key)], capture_output=True, text=True, check=True
    ).stdout.split()[1]
    assert any(fingerprint in check for check in verify(path, derive).checks)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "other")], check=True)
    assert any("不是由" in one for one in verify(path, derive, key=tmp_path / "other.pub").findings)
    path.write_bytes(packed)
    assert verify(path, derive, key=key).findings == ["没有签名，不能证明是谁打的包。"]
    path.write_bytes(data)
    with pytest.raises(UsageError, match="公钥"):
        verify(path, derive, key=listing(tmp_path, "nothing"))


@needs_ssh
def test_openssh_checks_the_signature_without_us(signed, tmp_path):
    data, key = signed
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(tmp_path)
    allowed = listing(tmp_path, f"office {key.read_text()}")
    command = ["ssh-keygen", "-Y", "verify", "-f", str(allowed), "-I", "office", "-n", "plananalysis-bundle"]
    with (tmp_path / "SHA256SUMS").open("rb") as sums:
        done = subprocess.run([*command, "-s", str(tmp_path / signing.SIGNATURE)], stdin=sums, check=False)
    assert done.returncode == 0


def listing(folder: Path, text: str) -> Path:
    (folder / "keys").write_text(text, encoding="utf-8")
    return folder / "keys"


def test_a_key_that_cannot_sign_is_told(tmp_path):
    root = project(tmp_path)
    for name, text in (("missing", None), ("broken", "no key")):
        if text:
            (tmp_path / name).write_text(text)
        with pytest.raises(UsageError, match=name):
            bundle(root, FORM, root / "out.zip", tmp_path / name)
    assert not (root / "out.zip").exists()


def test_tables_alone_are_derived_and_it_is_said_what_was_not_checked(file):
    rewrite(file, resum=True, **{PAGE: b"<p>forged</p>"})
    verdict = verify(file, derive, tables_only=True)
    assert (verdict.findings, verdict.compared) == ([], 2)
    assert any("7 个文件未经核对" in check for check in verdict.checks)
    rewrite(file, resum=True, **{TABLE: content(file, TABLE).replace("W02,2025,14", "W02,2025,15").encode()})
    assert len(verify(file, derive, tables_only=True).findings) == 1


# --- the process that derives it again -----------------------------------------------------------------------------------


def test_what_derives_again_sees_nothing_of_its_surroundings(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "x")
    monkeypatch.setattr(
        rerun,
        "_PROGRAM",
        "import sys, os, json; print(json.dumps({'failed': [json.dumps([dict(os.environ), os.getcwd(), "
        "os.geteuid() if hasattr(os, 'geteuid') else 1])]}))",
    )
    root = tmp_path / "project"
    root.mkdir()
    (text,) = rerun.rerun(root, FORM, [], pages=False, pdf=False)
    environment, folder, user = json.loads(text)
    assert "SECRET_TOKEN" not in environment and environment["HOME"] == str(root) == folder
    assert user != 0 or not rerun._readable_by_nobody()


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0 or not Path("/usr/bin/python3").exists(),
    reason="only an administrator gives rights away, and only to an interpreter that others may read",
)
def test_an_administrators_process_is_given_to_a_user_who_owns_nothing(monkeypatch):
    monkeypatch.setattr(rerun.sys, "executable", "/usr/bin/python3")
    monkeypatch.setattr(
        rerun,
        "_PROGRAM",
        "import os, json; tried = []\nfor path in ('/usr/x', '/etc/x', 'mine'):\n"
        "    try: open(path, 'w'); tried.append(path)\n    except OSError: pass\n"
        "print(json.dumps({'failed': [json.dumps([os.geteuid(), os.getgroups(), tried])]}))",
    )
    with TemporaryDirectory() as scratch:
        root = Path(scratch) / "project"
        root.mkdir()
        (text,) = rerun.rerun(root, FORM, [], pages=False, pdf=False)
    assert json.loads(text) == [rerun.NOBODY, [], ["mine"]] and rerun.unprivileged()


def test_a_process_without_an_answer_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(rerun, "_PROGRAM", "import os; os.abort()")
    with pytest.raises(rerun.RerunError, match="没有给出结果"):
        rerun.rerun(tmp_path, FORM, [], pages=False, pdf=False)


def test_another_program_is_named_file_by_file_but_is_no_difference(file):
    code = content(file, "code/files.sha256").splitlines()
    changed = [line for line in code if not line.endswith("  base/text.py")]
    changed = [f"{'0' * 64}  {x.split('  ')[1]}" if x.endswith("  plan/__init__.py") else x for x in changed]
    said = json.loads(content(file, "bundle.json"))
    said["version"], said["libraries"]["pandas"] = "0.0.1", "1.0"
    rewrite(
        file, resum=True, **{"code/files.sha256": "\n".join(changed).encode(), "bundle.json": json.dumps(said).encode()}
    )
    verdict = verify(file, derive)
    assert verdict.findings == []
    told = "\n".join(verdict.notes)
    assert "包内 0.0.1" in told and "base/text.py：打包时没有" in told and "plan/__init__.py：与打包时不同" in told
    assert "pandas：打包时 1.0" in told and len(verdict.notes) == 4


# --- what is refused ---------------------------------------------------------------------------------------------------


def raw_zip(path: Path, *entries: tuple[zipfile.ZipInfo | str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, data in entries:
            archive.writestr(entry, data)
    return path


def link(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


@pytest.mark.parametrize(
    "entry",
    [
        "../evil",
        "a/../../evil",
        "/etc/evil",
        "a//b",
        "./a",
        "C:/evil",
        "a\\..\\evil",
        "nul.txt",
        "a/COM1",
        "a.",
        "a:b",
        link("a"),
    ],
)
def test_paths_that_lead_out_are_refused_and_nothing_is_written(tmp_path, entry):
    path = raw_zip(tmp_path / "x.zip", (entry, b"/etc/passwd"))
    with pytest.raises(Damaged, match="未展开"):
        verify(path, derive)
    assert [p.name for p in tmp_path.iterdir()] == ["x.zip"]


def test_an_entry_that_swells_a_thousandfold_is_refused(tmp_path):
    path = raw_zip(tmp_path / "x.zip", ("zeros", bytes(50_000_000)))
    assert path.stat().st_size < 100_000
    with pytest.raises(Damaged, match="50 MB"):
        packing.read_zip(path)


def test_entries_that_lie_within_each_other_are_refused(tmp_path):
    # each is sound by itself: the content of one is the next one, header and all, so that a small file unpacks to a large one
    names, content, directory = [f"{n:02}" for n in range(20)], bytes(range(256)) * 4, b""
    for place, name in reversed(list(enumerate(names))):
        sizes = struct.pack(
            "<HHHHHIIIHH", 20, 0, 0, 0, 33, zlib.crc32(content), len(content), len(content), len(name), 0
        )
        tail = struct.pack("<HHHII", 0, 0, 0, 0, place * (30 + len(name)))
        directory = b"PK\1\2" + struct.pack("<H", 20) + sizes + tail + name.encode() + directory
        content = b"PK\3\4" + sizes + name.encode() + content
    end = struct.pack("<HHHHIIH", 0, 0, len(names), len(names), len(directory), len(content), 0)
    path = tmp_path / "x.zip"
    path.write_bytes(content + directory + b"PK\5\6" + end)
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == names and sum(e.file_size for e in archive.infolist()) > 4 * path.stat().st_size
    with pytest.raises(Damaged, match="过大或异常"):
        packing.read_zip(path)


def test_two_names_that_are_one_on_windows_are_refused(tmp_path):
    with pytest.raises(Damaged, match="重复"):
        packing.read_zip(raw_zip(tmp_path / "x.zip", ("A.csv", b"1"), ("a.csv", b"2")))


@pytest.mark.parametrize("data", [b"", b"PK", b"a thesis" * 100])
def test_what_is_no_archive_is_refused(tmp_path, data, capsys):
    (tmp_path / "x.zip").write_bytes(data)
    assert cli.run_command(["verify", str(tmp_path / "x.zip")]) == 3
    assert "不是完好的压缩包" in capsys.readouterr().err


def test_an_archive_that_is_not_there_is_misuse(tmp_path, capsys):
    assert cli.run_command(["verify", str(tmp_path / "x.zip")]) == 2
    assert "x.zip”不是已有的文件" in capsys.readouterr().err


def test_an_archive_that_is_no_bundle_is_refused(tmp_path):
    with pytest.raises(Damaged, match=r"bundle\.json"):
        verify(raw_zip(tmp_path / "x.zip", ("a", b"1")))


@pytest.mark.parametrize(
    "change",
    [
        {"area": "../../etc"},
        {"as_of": "2025"},
        {"language": "xx"},
        {"mode": None},
        {"format": 99},
        {"beside": [["../x", 1]]},
        {"beside": 5},
    ],
)
def test_a_bundle_that_says_what_it_cannot_be_is_refused(file, change):
    said = json.loads(content(file, "bundle.json")) | change
    rewrite(file, resum=True, **{"bundle.json": json.dumps(said).encode()})
    with pytest.raises(Damaged):
        verify(file, lambda *_: pytest.fail("run"))


@given(st.binary(max_size=40), st.integers(0, 10_000))
def test_no_spoilt_bundle_brings_a_traceback(packed, tmp_path_factory, noise, at):
    path = tmp_path_factory.getbasetemp() / "spoilt.zip"
    at %= len(packed)
    path.write_bytes(packed[:at] + noise + packed[at + len(noise) :])
    try:
        findings = verify(path, derive).findings
    except Damaged:
        return
    if not findings:  # what was hit holds nothing: a date, a comment
        (path.with_name("sound.zip")).write_bytes(packed)
        assert packing.read_zip(path) == packing.read_zip(path.with_name("sound.zip"))


# --- how differences are told ------------------------------------------------------------------------------------------


def csv_of(*rows: str) -> bytes:
    return ("\n".join(rows) + "\n").encode("utf-8-sig")


def test_rows_are_matched_by_what_names_them_not_by_their_place():
    old, new = (
        csv_of("series,year,value", "W01,2024,1", "W02,2024,2", "W03,2024,5"),
        csv_of("series,year,value", "W00,2024,0", "W01,2024,1", "W02,2024,3"),
    )
    assert differences("t.csv", old, new) == [
        "t.csv 第3行（W02）“value”列：包内 2，重算 3。",
        "t.csv 第4行（W03）：包内有，重算没有。",
        "t.csv 第2行（W00）：重算有，包内没有。",
    ]


def test_many_differences_are_counted_not_listed():
    rows = [f"W{n:02},{n}" for n in range(30)]
    found = differences("t.csv", csv_of("series,value", *rows), csv_of("series,value", *(f"{row}0" for row in rows)))
    assert len(found) == SHOWN + 1 and found[-1] == "t.csv：另有 20 处不同。"


def test_other_columns_are_told_as_such():
    (found,) = differences("t.csv", csv_of("series,value", "W01,1"), csv_of("series,values", "W01,1"))
    assert "series,value，重算 series,values" in found


def test_settings_are_told_by_their_path():
    old, new = ({"engine": "a", "inputs": [{"n": 1}, {"n": 2}]}, {"engine": "a", "inputs": [{"n": 1}, {"n": 3}]})
    (found,) = differences("e.json", json.dumps(old).encode(), json.dumps(new).encode())
    assert found == "e.json inputs[2].n：包内 2，重算 3。"


def test_a_page_names_the_first_element_that_differs_and_the_stretch_in_which_it_does():
    old = f"<h1>总览</h1><p id=a>甲</p><p>{'长' * 200}乙</p><p>丙</p>"
    (found,) = differences("p.html", old.encode(), old.replace("乙", "丁").encode())
    assert found.startswith("p.html “总览”之下，<p>：包内 …长") and "长乙，重算" in found and len(found) < 120
    (found,) = differences("p.html", old.encode(), old.replace("id=a", "id=b").encode())
    assert "包内 id=a，重算 id=b" in found


def test_office_files_name_the_cell_and_the_paragraph():
    def workbook(value: float) -> bytes:
        book, data = openpyxl.Workbook(), io.BytesIO()
        book.active.title = "指标"
        book.active["B3"] = value
        book.save(data)
        return data.getvalue()

    def letter(text: str) -> bytes:
        document, data = Document(), io.BytesIO()
        document.add_paragraph("关于监测情况的函")
        document.add_table(1, 1).cell(0, 0).text = text
        document.save(data)
        return data.getvalue()

    assert differences("t.xlsx", workbook(1.5), workbook(2.5)) == ["t.xlsx 指标!B3：包内 1.5，重算 2.5。"]
    assert differences("t.docx", letter("甲"), letter("乙")) == ["t.docx 第2段：包内 甲，重算 乙。"]


@pytest.mark.parametrize("name", ["t.csv", "t.json", "t.html", "t.xlsx", "t.docx", "t.pdf"])
def test_files_that_cannot_be_read_are_told_to_differ(name):
    (found,) = differences(name, b"\xff\xfe", b"\xff\xfe\x00")
    assert name in found and "包内 2 字节，重算 3 字节" in found


# --- the real thing ----------------------------------------------------------------------------------------------------


def trimmed(root: Path) -> Path:
    """Jiangbei as its plan would be with four series of one domain, of which one has been reported."""
    raw = root / "data" / "raw"
    shutil.copytree(REPOSITORY / "data" / "raw" / "jiangbei", raw / "jiangbei")
    shutil.copytree(REPOSITORY / "notebooks", root / "notebooks")
    for name in ("thresholds.toml", "groups.csv"):
        shutil.copy(REPOSITORY / "data" / "raw" / name, raw)
    kept = {"W01", "W02", "W03", "W04"}
    for path in (raw / "jiangbei" / "plan").glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, *rows = csv.reader(file)
        column = next((c for c in ("series", "left", "domain") if c in header), "")
        wanted = {"domain": {"women.health"}}.get(column, kept)
        rows = [row for row in rows if not column or row[header.index(column)] in wanted]
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([header, *rows])
    settings = raw / "jiangbei" / "area.toml"
    settings.write_text(
        re.sub("(?m)^comparators.*", "comparators = []", settings.read_text(encoding="utf-8")), encoding="utf-8"
    )
    values = zip(range(2015, 2026), (88, 89, 90, 90.5, 91, 92.6, 92.9, 93.4, 93.6, 94.1, 94.3), strict=True)
    lines = [
        "series,year,value,status,reported_at,source,note",
        *(f"W04,{y},{v},A,{y + 1}-05-01,试验," for y, v in values),
    ]
    for old in (raw / "jiangbei" / "observations").iterdir():
        old.unlink()
    (raw / "jiangbei" / "observations" / "w04.csv").write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    return root


@pytest.mark.slow
def test_a_real_edition_is_bundled_and_verified_from_the_command_line(tmp_path, capsys):
    root, out = trimmed(tmp_path / "project"), tmp_path / "a bundle.zip"
    pdf = ["--pdf"] if importlib.util.find_spec("typst") else []
    assert cli.run_command(["report", "--area", "jiangbei", *pdf, "--root", str(root)]) == 0
    assert cli.run_command(["bundle", "--area", "jiangbei", "--out", str(out), "--root", str(root)]) == 0
    assert any(name.endswith("report.pdf") for name in packing.read_zip(out)) == bool(pdf)
    assert cli.run_command(["verify", str(out)]) == 0, capsys.readouterr()
    assert "一致" in capsys.readouterr().out.splitlines()[-1]
