"""A bundle holds what an evaluator needs; its check finds and names every change, and refuses what would do harm."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import re
import shutil
import stat
import struct
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from paper_bundle import FORM, REPORTED, derive, project

from plananalysis import cli
from plananalysis.base.errors import DataError, Problem, UsageError
from plananalysis.bundles import Damaged, bundle, evidence, packing, verify
from plananalysis.bundles.differences import SHOWN, differences

REPOSITORY = Path(__file__).parents[1]
RAW = "inputs/data/raw/paper/observations/health_2025.csv"
TABLE = "outputs/data/processed/paper/2025/assessments.csv"
PAGE = "outputs/reports/paper/2025/index.html"


@pytest.fixture(scope="module")
def packed(tmp_path_factory) -> bytes:
    root = project(tmp_path_factory.mktemp("project"))
    bundle(root, FORM, root / "out.zip")
    return (root / "out.zip").read_bytes()


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


def test_an_edition_made_before_a_file_came_in_or_by_another_program_is_not_bundled(tmp_path):
    root = project(tmp_path)
    added = root / "data" / "raw" / "paper" / "observations" / "health_2026.csv"
    added.write_text(REPORTED)
    with pytest.raises(UsageError, match=r"health_2026\.csv"):
        bundle(root, FORM, root / "out.zip")
    added.rename(added.with_name("~$health_2026.csv"))  # left by an office program that has the file open
    bundle(root, FORM, root / "out.zip")
    record = FORM.pages(root) / "run.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | {"program": "0" * 64}))
    with pytest.raises(UsageError, match="程序或软件库"):
        bundle(root, FORM, root / "out.zip")


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
    (root / "data" / "raw" / "china").mkdir()
    (root / "data" / "raw" / "china" / "area.toml").write_text('name = "全国"\n', encoding="utf-8")
    for one in (
        replace(FORM, as_of=2020),
        replace(FORM, as_of=2023),
        form,
    ):  # 2020 is the baseline: nothing was projected in it
        derive(root, one)
    shutil.copytree(replace(FORM, as_of=2023).tables(root), root / "data" / "processed" / "china" / "2020")
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


def test_notebooks_that_are_not_what_was_packed_are_not_run(file):
    rewrite(file, **{"inputs/notebooks/brief.ipynb": b"{'evil': 1}"})
    found = verify(file, lambda *_: pytest.fail("run")).findings
    assert "inputs/notebooks/brief.ipynb：内容与校验值不符，打包后被改动。" in found and "没有运行" in found[-1]


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
