"""A run of reports: what is refused, what is rendered, what happens when a page fails, and how an edition is published."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from report_project import NOTEBOOKS, content, edition, make_project, page, status_of, use

from plananalysis import reports
from plananalysis.base.errors import BusyError, UsageError
from plananalysis.base.publication import lock
from plananalysis.reports import console_progress, parameters, pool

SOURCES = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1] / "src")}
PAGES = [
    "children.law.html",
    "data_quality.html",
    "index.html",
    "indicators.html",
    "method_check.html",
    "women.health.html",
]
BESIDE = ["documents", "documents.html", "run.json", "summary.html", "summary.txt"]


WARM = pool.Pool(2)  # shared by the tests: starting workers is what takes time


@pytest.fixture(scope="module", autouse=True)
def warm_workers():
    with WARM:
        yield


def report(root, areas, **options):
    return reports.report(root, areas, pool=WARM, **({"documents": False} | options))


@pytest.fixture
def project(tmp_path):
    """A project of two domains whose tables are built and whose notebooks all work."""
    return make_project(tmp_path)


# --- what is refused before anything runs -----------------------------------------------------------------------------


def test_misspelt_parameter_is_refused_with_the_known_names():
    with pytest.raises(UsageError, match=r"没有参数 doman；可用的参数：area、as_of、domain"):
        parameters.check(NOTEBOOKS / "good.ipynb", {"doman": "women.health"}, {})


def test_value_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(UsageError, match=r"domain 没有值 women\.halth；可用的值：women\.health、children\.law"):
        parameters.check(
            NOTEBOOKS / "good.ipynb", {"domain": "women.halth"}, {"domain": ["women.health", "children.law"]}
        )


@pytest.mark.parametrize(("name", "value"), [("as_of", "2025"), ("as_of", True), ("domain", 5)])
def test_value_of_the_wrong_type_is_refused(name, value):
    with pytest.raises(UsageError, match="类型不对"):
        parameters.check(NOTEBOOKS / "good.ipynb", {name: value}, {})


def test_notebook_without_the_domain_parameter_is_refused_before_anything_is_written(tmp_path):
    root = make_project(tmp_path, "lacks_the_domain_parameter")
    with pytest.raises(UsageError, match="没有参数 domain"):
        report(root, "example")
    assert not (root / "reports").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"areas": "exmaple"}, "area 没有值 exmaple；可用的值：example"),
        ({"areas": "example", "as_of": 2031}, "as_of 没有值 2031；可用的值：2025"),
        (
            {"areas": "example", "domains": ["women.law"]},
            r"domain 没有值 women\.law；可用的值：women\.health、children\.law",
        ),
    ],
)
def test_unknown_area_year_and_domain_are_refused(project, arguments, message):
    with pytest.raises(UsageError, match=message):
        report(project, **arguments)


# --- a run in which all goes well -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def good_runs(tmp_path_factory):
    """The same project rendered twice."""
    runs = {}
    for name in ("first", "again"):
        root = make_project(tmp_path_factory.mktemp(name), fictional=True)
        steps: list[tuple[int, int, str]] = []
        outcome = report(root, "example", progress=lambda *step, steps=steps: steps.append(step))
        runs[name] = (root, outcome, steps)
    return runs


def test_every_page_of_the_plan_is_there_and_opens_from_the_first(good_runs):
    root, outcome, steps = good_runs["first"]
    assert sorted(p.name for p in edition(root).iterdir()) == sorted(PAGES + BESIDE)
    assert outcome.failed == []
    assert outcome.pages == [edition(root) / "index.html"]
    assert [s[:2] for s in steps] == [(n, 6) for n in range(1, 7)]
    assert 'href="example/2025/index.html"' in (root / "reports" / "index.html").read_text(encoding="utf-8")


def test_two_runs_on_the_same_input_give_the_same_bytes(good_runs):
    assert content(edition(good_runs["first"][0])) == content(edition(good_runs["again"][0]))


@pytest.mark.slow
def test_forked_shell_and_plain_kernel_give_the_same_bytes(good_runs, tmp_path):
    root = make_project(tmp_path, fictional=True)
    assert report(root, "example", domains=["women.health"], engine="kernel").failed == []
    by_kernel = content(edition(root))
    by_shell = content(edition(good_runs["first"][0]))
    del by_kernel["children.law.html"], by_shell["children.law.html"]
    assert by_kernel == by_shell


def test_page_shows_results_and_nothing_of_the_machinery(good_runs):
    text = page(good_runs["first"][0], "women.health.html")
    for shown in (
        "<h1>领域报告</h1>",
        "example 2025",
        "先显示",
        "乡镇〇一",
        "领域 women.health",
        "孕产妇死亡率‰</text></svg>",
        "viewBox=",
    ):
        assert shown in text
    for hidden in (
        "not for readers",
        "nor this",
        "text only",
        "from IPython",
        "In [",
        "Parameters",
        "<script src",
        "&lt;svg",
    ):
        assert hidden not in text
    assert text.count("<script") == 1  # its own, which test_offline holds to the policy
    assert text.index("先显示") < text.index("乡镇〇一")


def test_page_names_itself_its_language_and_its_edition(good_runs):
    root = good_runs["first"][0]
    text, run = page(root, "women.health.html"), json.loads(page(root, "run.json"))
    assert '<html lang="zh-CN">' in text
    assert "<title>妇女与健康 示例区监测报告（2025年）</title>" in text
    assert re.search(rf"版本号 {run['edition']}；数据截至2025年，采用2026-12-31前上报的数据", text)


def test_invented_data_are_marked_on_every_page_and_sheet(good_runs):
    root = good_runs["first"][0]
    assert "示例数据（虚构）" in page(root, "summary.txt") and "示例数据（虚构）" in page(root, "summary.html")
    for file in edition(root).glob("*.html"):
        text = file.read_text(encoding="utf-8")
        if file.name == "summary.html":
            continue
        assert '<div class="watermark" aria-hidden="true" data-mark="示例数据（虚构）"></div>' in text, file.name
        assert "fictional-notice" in text
        assert re.search(r"@bottom-left\{content:\"[^\"]*示例数据（虚构）\"", text)


def test_real_data_carry_no_such_mark(tmp_path):
    from plananalysis.render import page as render

    frame = render.Frame(title="江北区", kind="overview", fictional=False)
    assert "虚构" not in re.sub(r"<style>.*?</style>", "", render.plain_page("<p>正文</p>", frame), flags=re.DOTALL)


def test_run_record_lists_what_went_in_and_what_came_out(good_runs):
    root = good_runs["first"][0]
    run = json.loads(page(root, "run.json"))
    assert run["counts"] == {"rendered": 6, "unchanged": 0, "kept": 0, "missing": 0}
    assert {
        "data/raw/example/area.toml",
        "data/processed/example/2025/edition.json",
        "notebooks/2_domain_report.ipynb",
    } <= set(run["inputs"])
    assert set(run["outputs"]) == {*PAGES, "documents/inputs.csv", "documents.html", "summary.html", "summary.txt"}
    assert "papermill" in run["versions"]
    assert any("output only as text/plain" in w for w in run["pages"][0]["warnings"])  # left out, and said so
    assert str(root) not in page(root, "index.html")


# --- a page that fails ------------------------------------------------------------------------------------------------


@pytest.fixture
def published(good_runs, tmp_path):
    """A copy of a project that was rendered well before."""
    return shutil.copytree(good_runs["first"][0], tmp_path / "project")


def fails(root: Path, notebook: str, engine: str = "shell", seconds: int = 60):
    """Render once more with a notebook that fails for one domain."""
    use(root, notebook)
    return root, report(root, "example", engine=engine, seconds=seconds)


@pytest.mark.parametrize(
    ("notebook", "reason"),
    [
        ("raises_in_one_domain", "第5个单元出错（ValueError：数据表缺少列 value）"),
        ("exits_early", "未运行到结尾（停在第5个单元）"),
        ("kills_its_process", "Killed：SIGKILL"),
    ],
)
@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_failing_page_keeps_its_last_good_version_marked_and_the_others_are_renewed(published, notebook, reason):
    root, outcome = fails(published, notebook)
    assert outcome.failed == [f"示例区 儿童与法律保护未能生成：{reason}，已保留上次成功生成的版本。"]
    old = page(root, "children.law.html")
    assert "领域 children.law" in old and "本页为上次成功生成的版本" in old
    assert "Traceback" not in old and "ValueError" not in old
    assert "第一部分" in page(root, "women.health.html") or "活着" in page(root, "women.health.html")
    assert status_of(root)["children.law.html"] == "kept"
    assert "1页未更新" in (root / "reports" / "index.html").read_text(encoding="utf-8")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_hanging_page_is_stopped_and_the_others_are_renewed(published):
    root, outcome = fails(published, "hangs", seconds=2)
    assert outcome.failed == ["示例区 儿童与法律保护未能生成：运行超过2秒，已保留上次成功生成的版本。"]
    stopped = next(p for p in json.loads(page(root, "run.json"))["pages"] if "error" in p)
    assert 2 <= stopped["seconds"] < 20
    assert "醒着" in page(root, "women.health.html")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("notebook", "name", "cell"),
    [
        ("raises_in_one_domain", "ValueError", 5),
        ("exits_early", "EarlyExit", 6),
        ("kills_its_process", "DeadKernelError", 0),
        ("hangs", "TimeoutError", 0),
    ],
)
def test_plain_kernel_stops_at_the_same_faults(tmp_path, notebook, name, cell):
    from plananalysis.reports import execution

    values = {"area": "example", "as_of": 2025, "domain": "children.law"}
    with pytest.raises(execution.PageError) as caught:
        execution.execute(NOTEBOOKS / f"{notebook}.ipynb", values, tmp_path, "kernel", seconds=2)
    assert (caught.value.name, caught.value.cell) == (name, cell)


def test_page_that_never_succeeded_says_so_and_goes_when_it_succeeds(tmp_path):
    root = make_project(tmp_path, "raises_in_one_domain")
    outcome = report(root, "example")
    assert outcome.failed == ["示例区 儿童与法律保护未能生成：第5个单元出错（ValueError：数据表缺少列 value）。"]
    assert "本页未能生成" in page(root, "children.law.html")
    use(root, "good")
    assert report(root, "example").failed == []
    assert "领域 children.law" in page(root, "children.law.html")
    assert "status-banner" not in page(root, "children.law.html").split("<body")[1]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_notebooks_do_not_see_each_other(tmp_path):
    root = make_project(tmp_path, "leaves_state_behind")
    with pool.Pool(1) as alone:
        reports.report(root, "example", pool=alone, documents=False)
    assert "saw nothing" in page(root, "women.health.html")
    assert "saw nothing" in page(root, "children.law.html")


# --- a part of an edition ---------------------------------------------------------------------------------------------


def test_one_domain_alone_leaves_the_others_as_they_were(published):
    before = content(edition(published))
    report(published, "example", domains=["women.health"], force=True)
    assert content(edition(published)) == before
    assert status_of(published)["women.health.html"] == "rendered"
    assert status_of(published)["children.law.html"] == "unchanged"


def test_pages_left_from_other_data_are_marked(published):
    (published / "data" / "processed" / "example" / "2025" / "edition.json").write_text(
        json.dumps({"name": "示例区", "as_of": 2025, "known_on": "2026-12-31", "version": "next"}), encoding="utf-8"
    )
    report(published, "example", domains=["women.health"])
    assert "本页为此前生成的版本" in page(published, "children.law.html")
    assert "本页为此前生成的版本" not in page(published, "women.health.html")


def test_one_domain_on_a_fresh_clone_leaves_no_dead_link(project):
    report(project, "example", domains=["women.health"])
    assert "本页尚未生成" in page(project, "children.law.html")


def test_two_areas_in_one_run(tmp_path):
    root = make_project(tmp_path, areas=("example", "second"))
    outcome = report(root, ["example", "second"])
    assert outcome.pages == [root / "reports" / "index.html"]
    assert sorted(p.name for p in edition(root, "second").iterdir()) == sorted(PAGES + BESIDE)


# --- locks and publication --------------------------------------------------------------------------------------------


def test_second_run_on_the_same_area_is_refused_while_the_first_lasts(project):
    code = "import sys, pathlib; from plananalysis.base.publication import lock\nwith lock(pathlib.Path(sys.argv[1]), 'example'): print('held', flush=True); sys.stdin.read()"
    first = subprocess.Popen(
        [sys.executable, "-c", code, str(project)],
        env=SOURCES,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert first.stdout.readline() == "held\n"
    with pytest.raises(BusyError, match=f"example 正由另一次运行处理.*进程{first.pid}"):
        report(project, "example")
    first.communicate()
    report(project, "example", domains=["women.health"])  # the lock went with its holder


def test_lock_of_a_killed_run_is_taken_over(project):
    code = "import os, sys, pathlib; from plananalysis.base.publication import lock\nwith lock(pathlib.Path(sys.argv[1]), 'example'): os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", code, str(project)], env=SOURCES, check=False)
    with lock(project, "example"):
        held = project / "data" / "processed" / ".locks" / "example.lock"
        assert f"进程{os.getpid()}" in held.read_text(encoding="utf-8")
        with pytest.raises(BusyError), lock(project, "example"):
            pytest.fail("held twice")


@pytest.mark.parametrize("exchange", [True, False], ids=["exchanged", "renamed"])
def test_new_edition_takes_the_place_of_the_old_as_a_whole(tmp_path, monkeypatch, exchange):
    from plananalysis.base import publication as module

    if not exchange:
        monkeypatch.setattr(module, "_exchange", lambda one, other: False)
    folder = tmp_path / "2025"
    for text in ("old", "new"):
        with module.draft(folder) as new:
            (new / f"{text}.html").write_text(text)
            module.publish(new, folder)
    assert [p.name for p in folder.iterdir()] == ["new.html"]
    assert [p.name for p in tmp_path.iterdir()] == ["2025"]


def test_a_second_rename_that_fails_leaves_the_old_edition_in_its_place(tmp_path, monkeypatch):
    from plananalysis.base import publication as module

    monkeypatch.setattr(module, "_exchange", lambda one, other: False)
    folder, rename = tmp_path / "2025", os.rename
    folder.mkdir()
    (folder / "index.html").write_text("old")
    renamed = []

    def failing(source, target):
        renamed.append((Path(source).name, Path(target).name))
        if len(renamed) == 2:
            raise OSError(28, "no space")
        rename(source, target)

    with module.draft(folder) as new:
        (new / "index.html").write_text("new")
        monkeypatch.setattr(module.os, "rename", failing)
        with pytest.raises(OSError, match="no space"):
            module.publish(new, folder)
        assert renamed == [("2025", ".2025.old"), (new.name, "2025"), (".2025.old", "2025")]
    assert (folder / "index.html").read_text() == "old"


def test_where_a_file_is_held_open_files_are_replaced_one_by_one_and_the_first_page_last(tmp_path, monkeypatch):
    """Windows refuses to rename a folder in use; what links the others must not lead to pages that are not there yet."""
    from plananalysis.base import publication as module

    monkeypatch.setattr(module, "_exchange", lambda one, other: False)
    folder, replace = tmp_path / "2025", os.replace
    old = {"index.html", "a.html", "gone.html"}
    folder.mkdir()
    for name in old:
        (folder / name).write_text("old")
    seen = []

    def refuse(source, target):
        raise PermissionError(13, "in use")

    def watched(source, target):
        replace(source, target)
        seen.append((Path(target).relative_to(folder).as_posix(), {p.name for p in folder.glob("*.html")} >= old))

    with module.draft(folder) as new:
        (new / "documents").mkdir()
        for name in ("index.html", "a.html", "z.html", "documents/report.docx"):
            (new / name).write_text("new")
        monkeypatch.setattr(module.os, "rename", refuse)
        monkeypatch.setattr(module.os, "replace", watched)
        module.publish(new, folder)
    names = [name for name, _ in seen]
    assert sorted(names) == ["a.html", "documents/report.docx", "index.html", "z.html"] and names[-1] == "index.html"
    assert all(whole for _, whole in seen)  # what the new edition has no more goes only when the new one is complete
    assert {p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*") if p.is_file()} == dict.fromkeys(
        names, "new"
    )


def test_run_killed_between_the_two_renames_is_mended_by_the_next(tmp_path):
    from plananalysis.base import publication as module

    (tmp_path / ".2025.old").mkdir()
    (tmp_path / ".2025.old" / "index.html").write_text("old")
    (tmp_path / ".2025.draft-1").mkdir()
    with module.draft(tmp_path / "2025"):
        assert (tmp_path / "2025" / "index.html").read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["2025"]


def test_draft_that_is_not_published_leaves_nothing(tmp_path):
    from plananalysis.base import publication as module

    with pytest.raises(OSError), module.draft(tmp_path / "2025") as new:
        (new / "index.html").write_text("half")
        raise OSError("disk full")
    assert list(tmp_path.iterdir()) == []


# --- workers ----------------------------------------------------------------------------------------------------------


def test_worker_that_cannot_start_is_tried_once_more_and_says_why(project, monkeypatch):
    starts = []
    original = pool.subprocess.Popen

    def broken(command, **kwargs):
        starts.append(command)
        return original([sys.executable, "-c", "raise SystemExit('no memory')"], **kwargs)

    monkeypatch.setattr(pool.subprocess, "Popen", broken)
    outcome = reports.report(project, "example", domains=["women.health"], workers=1, documents=False)
    assert outcome.failed[0] == "示例区 总览未能生成：运行环境无法启动（no memory）。"
    assert len(starts) == 2


def test_progress_is_plain_lines_in_a_log(capsys):
    tell = console_progress()
    tell(1, 4, "江北区 总览")
    tell(4, 4, "江北区 妇女与健康")
    assert re.fullmatch(
        r" 25% \[1/4\] 江北区 总览 已用\d+秒\n100% \[4/4\] 江北区 妇女与健康 已用\d+秒\n", capsys.readouterr().err
    )
