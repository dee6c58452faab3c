"""A run makes what has changed and nothing else, says why, and leads to what it made."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from pathlib import Path

import pytest
from report_project import content, edition, make_project, page, status_of, use

from plananalysis import reports
from plananalysis.base.errors import UsageError
from plananalysis.editions.variant import Variant
from plananalysis.reports import inputs, log, pool
from plananalysis.reports.edition import open_edition

WARM = pool.Pool(2)
ALL = {
    "children.law.html",
    "data_quality.html",
    "index.html",
    "indicators.html",
    "method_check.html",
    "women.health.html",
}


@pytest.fixture(scope="module", autouse=True)
def warm_workers():
    with WARM:
        yield


def report(root: Path, **options) -> reports.Outcome:
    return reports.report(root, "example", pool=WARM, **({"documents": False} | options))


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_project(tmp_path_factory.mktemp("first"), fictional=True)
    assert report(root).failed == []
    return root


@pytest.fixture
def published(first: Path, tmp_path: Path) -> Path:
    return shutil.copytree(first, tmp_path / "project")


def made(root: Path) -> set[str]:
    return {name for name, status in status_of(root).items() if status == "rendered"}


def reasons(outcome: reports.Outcome) -> dict[str, str]:
    return dict(line.removeprefix("示例区 ").split("：", 1) for line in outcome.why)


def all_data(root: Path, mode: str) -> dict[str, str]:
    """Checksum of the data that each page, and the report, of one form would be made from."""
    form = open_edition(root, "example", 2025, Variant(mode))
    pages = {p.file: inputs.page_need(form, p, None).number for p in form.pages}
    return pages | {"report.docx": inputs.paper_need(form, "report.docx", None).number}


@pytest.mark.parametrize(
    "changed", ["example/2023/assessments.csv", "example/2024/earlier.csv", "china/2020/assessments.csv"]
)
def test_a_final_evaluation_is_renewed_when_an_edition_it_looks_back_to_changes(published, changed):
    shutil.rmtree(published / "notebooks")  # the program's own know every form
    home = published / "data" / "processed"
    path = home / "example" / "2025" / "edition.json"
    info = json.loads(path.read_text(encoding="utf-8")) | {"base_year": 2020, "target_year": 2025}
    path.write_text(json.dumps(info, ensure_ascii=False), encoding="utf-8")
    (home / changed).parent.mkdir(parents=True)
    ((home / changed).parent / "edition.json").write_text("{}", encoding="utf-8")
    (home / changed).write_text("series\nW01\n", encoding="utf-8-sig")
    final, annual = all_data(published, "final"), all_data(published, "annual")
    (home / changed).write_text("series\nW02\n", encoding="utf-8-sig")
    assert [name for name, data in all_data(published, "final").items() if data == final[name]] == []
    compared = (
        {"report.docx"} if changed.startswith("example") else set()
    )  # the yearly report has last year beside this one
    assert {name for name, data in all_data(published, "annual").items() if data != annual[name]} == compared


# --- what is made again, and why --------------------------------------------------------------------------------------


def test_nothing_changed_and_nothing_is_touched(published):
    before = {p: p.stat().st_mtime_ns for p in (published / "reports").rglob("*")}
    outcome = report(published)
    assert {p: p.stat().st_mtime_ns for p in (published / "reports").rglob("*")} == before
    assert outcome.editions == [] and outcome.rendered == 0
    assert set(reasons(outcome).values()) == {"未变，不重新生成"}


def test_what_was_touched_by_somebody_is_made_again_and_the_rest_kept_byte_for_byte(published):
    good = content(edition(published))
    (edition(published) / "women.health.html").write_text("改", encoding="utf-8")
    (edition(published) / "index.html").unlink()
    outcome = report(published)
    assert made(published) == {"women.health.html", "index.html"}
    assert content(edition(published)) == good
    assert reasons(outcome)["总览"] == reasons(outcome)["妇女与健康"] == "文件缺失或被改动"


def test_another_notebook_makes_its_own_pages_again(published):
    use(published, "leaves_state_behind")
    outcome = report(published)
    assert made(published) == {"children.law.html", "women.health.html"}
    assert reasons(outcome)["妇女与健康"] == "笔记本变动" and reasons(outcome)["总览"].startswith("未变")


def test_another_program_makes_everything_again(published, monkeypatch):
    monkeypatch.setattr(inputs, "program", lambda: "another")
    outcome = report(published)
    assert outcome.failed == []
    assert made(published) == ALL and set(reasons(outcome).values()) == {"程序变动"}


def test_other_settings_of_the_edition_are_told_from_other_data(published):
    path = published / "data" / "processed" / "example" / "2025" / "edition.json"
    info = json.loads(path.read_text(encoding="utf-8")) | {"known_on": "2027-01-31"}
    path.write_text(json.dumps(info, ensure_ascii=False), encoding="utf-8")
    outcome = report(published)
    assert made(published) == ALL and reasons(outcome)["总览"] == "数据变动：版本说明"
    assert "2027-01-31" in page(published, "women.health.html")


def test_a_table_of_one_series_names_table_and_series(published):
    table = published / "data" / "processed" / "example" / "2025" / "observations.csv"
    table.write_text("series,year,value\nW01,2025,1\n", encoding="utf-8-sig")
    outcome = report(published)
    assert reasons(outcome)["总览"] == "数据变动：观测值（W01）"
    assert made(published) == {
        "index.html",
        "indicators.html",
        "data_quality.html",
    }  # no domain has a series W01, and the method shows none


def test_force_makes_everything_again_with_the_same_bytes(published):
    good = content(edition(published))
    assert report(published, force=True).rendered == 6
    assert content(edition(published)) == good


def test_a_page_that_failed_is_tried_again_by_the_next_run(published):
    use(published, "raises_in_one_domain")
    assert report(published).failed and status_of(published)["children.law.html"] == "kept"
    again = report(published)
    assert again.failed and reasons(again)["儿童与法律保护"] == "上次未成功"
    assert made(published) == set() and status_of(published)["women.health.html"] == "unchanged"


def test_the_number_in_the_foot_is_the_number_of_the_data_shown(published):
    run = json.loads(page(published, "run.json"))
    entry = next(p for p in run["pages"] if p["file"] == "women.health.html")
    assert re.fullmatch("[0-9a-f]{10}", entry["number"]) and entry["inputs"]["data"].startswith(entry["number"])
    assert f"本页内容编号 {entry['number']}，" in page(published, "women.health.html")
    assert run["edition"] == "example-2025"


def test_a_public_page_has_no_number_made_of_what_is_withheld(published):
    number = "0123456789abcdef"
    for audience, told in (("internal", True), ("leading-group", True), ("public", False)):
        frame = open_edition(published, "example", None, Variant(audience=audience)).frame(None, number)
        assert (number[:10] in str(frame)) == told, audience


def for_readers(first: Path, root: Path, count: int = 2) -> Path:
    """The project with one count that is withheld, and notebooks that may be told for whom they are run."""
    shutil.copytree(first, root)
    tables = root / "data" / "processed" / "example" / "2025"
    (tables / "plan.csv").write_text(
        "series,row,domain,responsible_units,responsible_names,reference\n", encoding="utf-8"
    )
    (tables / "observations.csv").write_text(f"series,group,year,value\nW45.1,total,2025,{count}\n", encoding="utf-8")
    for path in (root / "notebooks").glob("*.ipynb"):
        cell = '"as_of: int = 2025  # 数据截至年份'
        text = path.read_text(encoding="utf-8").replace(cell, f"\"audience: str = 'internal'\\n\",\n    {cell}")
        path.write_text(text, encoding="utf-8")
    return root


def test_a_public_folder_tells_nothing_of_the_values_its_pages_withhold(first, tmp_path):
    """Pages that are alike lie beside records that are alike, however the folder is copied; the next run still knows what was made."""
    folders = []
    for count in (2, 3):
        root = for_readers(first, tmp_path / str(count), count)
        assert report(root, audience="public").rendered == len(ALL) and report(root, audience="public").rendered == 0
        folders.append(root / "reports" / "example" / "2025-public")
    held = [{p.relative_to(f): p.read_bytes() for p in f.rglob("*") if p.is_file()} for f in folders]
    assert len(held[0]) > len(ALL) and held[0] == held[1]
    run = json.loads((folders[0] / "run.json").read_text(encoding="utf-8"))
    known = {hashlib.sha256(data).hexdigest() for data in held[0].values()}
    told = set(re.findall("[0-9a-f]{64}", json.dumps(run["pages"] + [run["outputs"]])))
    assert told and told <= known, "checksums of handed-out files only"
    assert not {"seen", "inputs", "number", "why"} & {key for page in run["pages"] for key in page}


def test_a_public_edition_whose_record_is_gone_is_made_again(first, tmp_path):
    root = for_readers(first, tmp_path / "project")
    report(root, audience="public")
    shutil.rmtree(root / "data" / "processed" / "example" / ".runs")
    assert report(root, audience="public").rendered == len(ALL)


# --- forms ------------------------------------------------------------------------------------------------------------


def test_every_form_has_a_folder_of_its_own():
    assert Variant().suffix == ""
    assert Variant("midterm", "leading-group", "en").suffix == "-midterm-leading-group-en"
    assert Variant("annual", "public").suffix == "-public"
    with pytest.raises(UsageError, match=r"audience 没有值 press；可用的值：internal、leading-group、public"):
        Variant(audience="press")


def test_a_form_must_be_built_first_and_its_year_must_allow_it(published):
    with pytest.raises(UsageError, match="as_of 没有值 2024；可用的值：2025"):
        report(published, as_of=2024)
    with pytest.raises(UsageError, match="2030"):
        path = published / "data" / "processed" / "example" / "2025" / "edition.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"target_year": 2030}), encoding="utf-8")
        open_edition(published, "example", 2025, Variant("final"))


def test_a_notebook_written_when_the_mode_was_called_edition_still_serves(published):
    source = Path(__file__).parents[1] / "notebooks" / "2_domain_report.ipynb"
    for word in ("mode", "edition"):
        text = (
            source.read_text(encoding="utf-8")
            .replace('"mode: str', f'"{word}: str')
            .replace("audience, mode)", f"audience, {word})")
        )
        (published / "notebooks" / source.name).write_text(text, encoding="utf-8")
        made = next(p for p in open_edition(published, "example", 2025).pages if p.kind == "domain")
        assert made.parameters[word] == "annual" and not {"mode", "edition"} - {word} & set(made.parameters)


def test_an_english_edition_is_english_around_its_content_too(published):
    shutil.copy(Path(__file__).parents[1] / "notebooks" / "2_domain_report.ipynb", published / "notebooks")
    for name in ("1_data_quality", "3_plan_overview", "4_method_check", "7_indicators"):
        shutil.copy(Path(__file__).parents[1] / "notebooks" / f"{name}.ipynb", published / "notebooks")
    outcome = report(published, language="en")  # the real notebooks fail on a project without tables: placeholders
    assert outcome.failed and outcome.failed[0].startswith("示例区 ")
    text = (published / "reports" / "example" / "2025-en" / "women.health.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in text and "Edition example-2025-en" in text and "This page could not be made" in text
    assert 'href="../../index.en.html"' in text
    listed = (published / "reports" / "index.en.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in listed and 'href="example/2025-en/index.html"' in listed
    assert "<title>Health: monitoring report" in text
    assert "版本号" not in text and "全部地区" not in text


# --- what leads to an edition -----------------------------------------------------------------------------------------


def test_the_newest_edition_is_found_without_script_refresh_or_symbolic_link(published):
    home = published / "reports" / "example"
    text = (home / "latest" / "index.html").read_text(encoding="utf-8")
    assert 'href="../2025/index.html"' in text and 'http-equiv="refresh"' not in text.lower()
    assert (home / "latest" / "../2025/index.html").is_file() and not (home / "latest").is_symlink()
    found = json.loads((home / "latest.json").read_text(encoding="utf-8"))
    assert (home / found["index"]).is_file() and found["as_of"] == 2025
    older = published / "data" / "processed" / "example" / "2024"
    shutil.copytree(older.with_name("2025"), older)
    report(published, as_of=2024)
    assert json.loads((home / "latest.json").read_text(encoding="utf-8")) == found  # the older one is not the newest


def test_the_summary_names_counts_failures_and_what_to_open(published):
    use(published, "raises_in_one_domain")
    failed = report(published).failed
    text, markup = page(published, "summary.txt"), page(published, "summary.html")
    for shown in (failed[0], "reports/example/2025/index.html", "示例数据（虚构）"):
        assert shown in text and shown in markup
    assert "<script" not in markup and "default-src 'none'" in markup and str(published) not in text


def test_logs_of_runs_are_kept_as_many_as_asked_and_editions_all(published):
    folder = published / log.FOLDER
    for _ in range(3):
        report(published, force=True, domains=["women.health"], keep=2)
    logs = sorted(folder.glob("*.jsonl"))
    assert len(logs) <= 2 and edition(published).is_dir()
    events = [json.loads(line)["event"] for line in logs[-1].read_text(encoding="utf-8").splitlines()]
    assert events[0] == "start" and events[-2:] == ["published", "end"] and "job" in events


def test_a_log_that_cannot_be_written_stops_nothing(published):
    shutil.rmtree(published / "build")
    (published / "build").write_text("a file where the folder should be", encoding="utf-8")
    assert report(published, force=True, domains=["women.health"]).failed == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_time_left_is_told_once_there_is_something_to_tell_from(capsys):
    tell = reports.console_progress()
    for done in (1, 2, 3):
        tell(done, 3, "江北区 总览")
    lines = capsys.readouterr().err.splitlines()
    assert "约剩" not in lines[0] and re.search(r"，约剩\d+秒$", lines[1]) and "约剩" not in lines[2]


# --- the example area -------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_corrected_value_of_the_example_makes_its_domain_its_unit_and_the_brief_again_and_nothing_else(tmp_path):
    """The decision alone, on real tables; that what is decided is also done, the tests above hold."""
    from plananalysis import editions
    from plananalysis.reports import papers

    repository = Path(__file__).parents[1]
    (tmp_path / "data" / "raw").mkdir(parents=True)
    for path in (repository / "data" / "raw").iterdir():
        target = tmp_path / "data" / "raw" / path.name
        shutil.copytree(path, target) if path.name == "example" else target.symlink_to(path)
    (tmp_path / "notebooks").symlink_to(repository / "notebooks")
    editions.build(tmp_path, "example")
    before = open_edition(tmp_path, "example")
    needs = {p.file: inputs.page_need(before, p, None) for p in before.pages}
    needs |= {name: inputs.paper_need(before, name, None) for name in papers.papers_of(before, pdf=False)}
    last = {name: {"inputs": n.inputs, "seen": n.seen, "status": "rendered"} for name, n in needs.items()}
    correction = "series,group,year,value,numerator,denominator,status,definition,reported_at,source,note\n"
    correction += "W11,total,2025,97.61,,,A,,2026-06-01,示例数据(虚构),\n"
    folder = tmp_path / "data" / "raw" / "example" / "observations"
    (folder / "education_2025_corrected.csv").write_text(correction, encoding="utf-8-sig")
    editions.build(tmp_path, "example")
    after = open_edition(tmp_path, "example")
    due = {p.file for p in after.pages if inputs.page_need(after, p, last[p.file]).why == "data"}
    expected = {"index.html", "indicators.html", "women.education.html", "unit.education.html"}
    # its revision is listed on the page of data quality, and its back-test counts into the scores of the method
    assert due == expected | {"data_quality.html", "method_check.html"}
    sheets = [n for n in papers.papers_of(after, pdf=False) if n.startswith("feedback/")]
    again = {n for n in sheets if inputs.paper_need(after, n, last[n]).why == "data"}
    assert again == {"feedback/education.xlsx"}
    told = inputs.page_need(after, after.pages[0], last["index.html"]).sentence("总览")
    assert told.startswith("总览：数据变动：") and "观测值（W11）" in told and "W12" not in told
