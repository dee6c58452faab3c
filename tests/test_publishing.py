"""A package opens offline, holds what its readers may see and no more, and costs nobody a file; a preview stays on this machine."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import re
import shutil
import subprocess
import threading
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from paper_bundle import FORM, derive, project
from paper_edition import text_of

from plananalysis import bundles, cli, reports
from plananalysis.base.errors import UsageError
from plananalysis.bundles import packing
from plananalysis.bundles.preview import server
from plananalysis.bundles.rendering import contents

HOME = "paper/2025"
INTERNAL = [
    "SHA256SUMS", "index.html", f"{HOME}/documents/feedback/health.xlsx", f"{HOME}/documents/letters/health.docx",
    f"{HOME}/documents/report.docx", f"{HOME}/documents/tables.xlsx", f"{HOME}/documents/warning_list.docx", f"{HOME}/index.html",
    f"{HOME}/women.health.html", "先读我.html",
]  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    return project(tmp_path_factory.mktemp("project"))


def listing(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_a_package_holds_pages_documents_guide_and_checksums_that_the_tool_accepts(made, tmp_path):
    package = bundles.publish(made, [FORM], tmp_path / "out")
    assert listing(tmp_path / "out") == package.files == sorted(INTERNAL)
    assert (tmp_path / "out" / HOME / "index.html").read_bytes() == (FORM.pages(made) / "index.html").read_bytes()
    if shutil.which("sha256sum"):
        subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=tmp_path / "out", check=True)
    sums = packing.read_sums((tmp_path / "out" / "SHA256SUMS").read_bytes())
    assert sums[f"{HOME}/documents/report.docx"] == hashlib.sha256(b"report").hexdigest() and len(sums) == 9


def test_pages_come_in_the_order_of_the_plan(made):
    run = json.loads((FORM.pages(made) / "run.json").read_text())
    for order in (["index.html", "women.health.html"], ["women.health.html", "index.html"]):
        pages, papers = contents(made, FORM, run | {"pages": [{"file": name} for name in order]})
        assert list(pages) == order and len(papers) == 5


def test_every_link_of_a_package_leads_somewhere_in_it(made, tmp_path):
    bundles.publish(made, [FORM], tmp_path / "out")
    links = [
        (page.parent / link)
        for page in (tmp_path / "out").rglob("*.html")
        for link in re.findall(r'href="([^"#]+)"', page.read_text(encoding="utf-8"))
    ]
    assert len(links) > 10 and [link for link in links if not link.is_file()] == []


def test_the_guide_says_what_it_is_what_to_read_what_words_mean_and_whom_to_ask(made, tmp_path):
    bundles.publish(made, [FORM], tmp_path / "out")
    page = (tmp_path / "out" / "先读我.html").read_text(encoding="utf-8")
    text = text_of(page.split("<main")[1])
    assert (
        text.index("怎样阅读")
        < text.index("总览")
        < text.index("妇女健康")
        < text.index("统计监测报告")
        < text.index("词语的意思")
    )
    for part in (
        "纸上区",
        "paper-2025-0123456789",
        "2025年",
        "2026-06-30",
        "内部",
        "年度监测",
        "概率不低于66%",
        "SHA256SUMS",
        "有疑问找谁",
    ):
        assert part in text
    assert "warning_list.docx" in page and f"{HOME}/documents/feedback" in text
    assert "{" not in text and not re.search(r"(?i)todo|xxx|placeholder", text)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)


def test_the_guide_to_invented_data_says_so(made, tmp_path):
    form = replace(FORM, as_of=2023)
    derive(made, form)
    record = form.pages(made) / "run.json"
    for fictional in (False, True):
        record.write_text(json.dumps(json.loads(record.read_text()) | {"fictional": fictional}))
        out = bundles.publish(made, [form], tmp_path / "out").path
        assert ("虚构" in text_of((out / "先读我.html").read_text(encoding="utf-8").split("<body")[1])) is fictional


def test_an_english_guide_has_an_english_name(made, tmp_path, monkeypatch):
    form = replace(FORM, language="en")
    if not form.pages(made).exists():
        derive(made, form)
    bundles.publish(made, [form], tmp_path / "out")
    text = text_of((tmp_path / "out" / "READ_ME_FIRST.html").read_text(encoding="utf-8").split("<main")[1])
    assert "How to read it" in text and "Women and health" in text and "already" not in text
    assert not re.search(r"[\u4e00-\u9fff]", text.replace("纸上区", "")), "Chinese words in an English guide"


@pytest.mark.parametrize(
    ("audience", "papers"),
    [
        ("public", ["report.docx", "tables.xlsx"]),
        ("leading-group", ["letters/health.docx", "report.docx", "tables.xlsx", "warning_list.docx"]),
    ],
)
def test_readers_get_what_is_meant_for_them_whatever_lies_beside_it(made, tmp_path, audience, papers):
    form = replace(FORM, audience=audience)
    derive(made, form)
    package = bundles.publish(made, [form], tmp_path / "out.zip")
    home = f"paper/2025-{audience}"
    with zipfile.ZipFile(package.path) as archive:
        names = archive.namelist()
    pages = [f"{home}/index.html", f"{home}/women.health.html"]
    assert names == sorted(
        ["SHA256SUMS", "index.html", "先读我.html", *pages, *(f"{home}/documents/{p}" for p in papers)]
    )
    assert len(package.left_out) == 5 - len(papers) and f"{home}/documents/feedback/health.xlsx" in package.left_out
    told = packing.read_zip(package.path)["先读我.html"].decode().split("<main")[1]  # its styles speak of letters, too
    assert "feedback" not in told and ("letters" in told) is (audience != "public")


def test_equal_editions_give_equal_archives_that_windows_reads(made, tmp_path):
    one, two = (bundles.publish(made, [FORM], tmp_path / name).path for name in ("a.zip", "b.ZIP"))
    assert one.read_bytes() == two.read_bytes()
    with zipfile.ZipFile(one) as archive:
        entries = archive.infolist()
        assert archive.testzip() is None
    assert [e.filename for e in entries] == sorted(INTERNAL) and {e.date_time for e in entries} == {
        (1980, 1, 1, 0, 0, 0)
    }
    assert [bool(e.flag_bits & 0x800) for e in entries] == [
        not e.filename.isascii() for e in entries
    ]  # names are UTF-8
    mask = os.umask(0)
    os.umask(mask)
    assert one.stat().st_mode & 0o044 == 0o044 & ~mask, "others may read it from a shared drive"


def test_an_archive_killed_on_the_way_leaves_the_old_one(made, tmp_path, monkeypatch):
    target = bundles.publish(made, [FORM], tmp_path / "a.zip").path
    before = target.read_bytes()
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "disk full")))
    with pytest.raises(OSError, match="disk full"):
        bundles.publish(made, [FORM], target)
    assert target.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == ["a.zip"]


def test_an_earlier_package_is_replaced_and_what_it_alone_held_is_gone(made, tmp_path):
    bundles.publish(made, [FORM], tmp_path / "out")
    form = replace(FORM, audience="public")
    derive(made, form)
    bundles.publish(made, [form], tmp_path / "out")
    assert not [name for name in listing(tmp_path / "out") if name.startswith(f"{HOME}/")]


def test_a_folder_with_somebodys_files_is_left_alone(made, tmp_path, capsys):
    (tmp_path / "thesis.docx").write_bytes(b"years of work")
    with pytest.raises(UsageError, match=r"thesis\.docx"):
        bundles.publish(made, [FORM], tmp_path)
    out = bundles.publish(made, [FORM], tmp_path / "out").path
    (out / "notes.txt").write_text("read")
    (out / "Thumbs.db").write_text("left by a file manager")
    assert cli.run_command(["publish", "--area", "paper", "--to", str(out), "--root", str(made)]) == 2
    assert (
        "notes.txt" in capsys.readouterr().err and (out / "notes.txt").exists() and (tmp_path / "thesis.docx").exists()
    )


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_a_file_that_is_no_package_is_left_alone(made, tmp_path, name):
    (tmp_path / name).write_bytes(b"a thesis")
    with pytest.raises(UsageError, match="已存在"):
        bundles.publish(made, [FORM], tmp_path / name)
    assert (tmp_path / name).read_bytes() == b"a thesis"


@pytest.mark.parametrize("name", [".", "data/raw/new", "reports/new", "reports/paper/2025", "notebooks"])
def test_the_projects_own_folders_are_no_target(made, name):
    with pytest.raises(UsageError, match="项目"):
        bundles.publish(made, [FORM], made / name)


def test_an_edition_with_pages_that_could_not_be_renewed_is_not_handed_out(made, tmp_path):
    form = replace(FORM, as_of=2024)
    derive(made, form)
    record = form.pages(made) / "run.json"
    run = json.loads(record.read_text())
    run["pages"][1] |= {"status": "kept", "outdated": True}
    record.write_text(json.dumps(run))
    with pytest.raises(UsageError, match=r"women\.health\.html"):
        bundles.publish(made, [form], tmp_path / "out")


def test_an_edition_never_rendered_is_rendered_in_the_form_asked_for(tmp_path, monkeypatch):
    root, asked = project(tmp_path / "project"), []
    form = replace(FORM, mode="midterm", audience="public", language="en")
    derive(root, form)
    shutil.rmtree(form.pages(root))

    def report(root, areas, as_of, **options):
        asked.append((areas, as_of, options))
        derive(root, form)
        return reports.Outcome()

    monkeypatch.setattr(reports, "report", report)
    options = ["--mode", "midterm", "--audience", "public", "--lang", "en"]
    assert (
        cli.run_command(["publish", "--area", "paper", *options, "--to", str(tmp_path / "out"), "--root", str(root)])
        == 0
    )
    ((areas, as_of, options),) = asked
    assert (areas, as_of) == (["paper"], 2025)
    assert {k: options[k] for k in ("mode", "audience", "language")} == {
        "mode": "midterm",
        "audience": "public",
        "language": "en",
    }
    assert (tmp_path / "out" / "paper" / "2025-midterm-public-en" / "index.html").is_file()


# --- preview -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def running(made):
    """A preview of the project, with a secret beside the served folder."""
    (made / "secret.txt").write_text("secret")
    (made / "reports" / ".draft").mkdir()
    (made / "reports" / ".draft" / "half.html").write_text("secret")
    (made / "reports" / "link.txt").symlink_to(made / "secret.txt")
    with server(made / "reports", 0) as found:
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield found
        found.shutdown()


def get(running, path: str, host: str | None = None, method: str = "GET") -> tuple[int, str, str]:
    connection = http.client.HTTPConnection("127.0.0.1", running.server_port, timeout=120)
    connection.putrequest(method, path, skip_host=True)  # as written: a library would tidy the path up
    connection.putheader("Host", host if host is not None else f"127.0.0.1:{running.server_port}")
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read().decode("utf-8", "replace")
    connection.close()
    return answer.status, answer.getheader("Content-Type") or "", body


def test_a_page_is_served_as_what_it_is(running, made):
    status, kind, body = get(running, "/paper/2025/women.health.html")
    assert (status, kind) == (200, "text/html; charset=utf-8") and "共3个数值" in body
    assert get(running, "/paper/2025/documents/report.docx")[1].endswith("wordprocessingml.document")
    assert get(running, "/paper/2025/")[0] == 200  # its index


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt", "/..%2fsecret.txt", "/%2e%2e/secret.txt", "/paper/../../secret.txt", "/paper/%2e%2e/%2e%2e/secret.txt",
        "//secret.txt", "/..\\secret.txt", "/link.txt", "/.draft/half.html", "/paper/", "/paper/2025/documents/", "/%00",
    ],
)  # fmt: skip
def test_nothing_beside_the_reports_is_served(running, path):
    status, _, body = get(running, path)
    assert status in (400, 404) and "secret" not in body and "feedback" not in body


def test_a_page_from_elsewhere_whose_name_leads_here_reads_nothing(running):
    assert get(running, "/paper/2025/index.html", "evil.example")[0] == 403
    assert get(running, "/paper/2025/index.html", "localhost")[0] == 200
    assert get(running, "/paper/2025/index.html", method="POST")[0] == 501


def test_only_this_machine_is_listened_to_and_a_port_in_use_is_told(running):
    assert running.server_address[0] == "127.0.0.1"
    with pytest.raises(UsageError, match=str(running.server_port)):
        server(Path(), running.server_port)


def test_preview_prints_the_newest_usual_edition_and_ends_when_interrupted(made, monkeypatch, capsys):
    for form in (replace(FORM, as_of=2024), replace(FORM, audience="public")):
        derive(made, form)

    def interrupted(self):
        raise KeyboardInterrupt

    monkeypatch.setattr("http.server.ThreadingHTTPServer.serve_forever", interrupted)
    assert cli.run_command(["preview", "--area", "paper", "--root", str(made)]) == 0
    assert re.search(r"http://127\.0\.0\.1:\d+/paper/2025/index\.html ", capsys.readouterr().out)
    assert cli.run_command(["preview", "--area", "elsewhere", "--root", str(made)]) == 2
    assert "还没有报告" in capsys.readouterr().err


def test_a_download_broken_off_prints_nothing_and_slow_readers_do_not_keep_others_out(made, monkeypatch, capfd):
    import select
    import socket

    from plananalysis.bundles import preview

    monkeypatch.setattr(preview, "CLIENTS", 4)
    (made / "reports" / "large.txt").write_bytes(b"x" * 20_000_000)
    with server(made / "reports") as running:
        monkeypatch.setattr(running.RequestHandlerClass.func, "timeout", 600)
        threading.Thread(target=running.serve_forever, daemon=True).start()
        address = ("127.0.0.1", running.server_port)
        for _ in range(3):
            with socket.create_connection(address) as client:
                client.sendall(b"GET /large.txt HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                client.recv(100)
        slow = [socket.create_connection(address) for _ in range(10)]
        waiting = set(slow)
        while len(waiting) > preview.CLIENTS:  # whichever these are: downloads broken off may have held a place still
            told = select.select([*waiting], [], [], 120)[0]
            assert told and all(client.recv(100).startswith(b"HTTP/1.1 503") for client in told)
            waiting -= set(told)
        for client in slow:
            client.close()
        monkeypatch.setattr(running.RequestHandlerClass.func, "timeout", 0.5)
        silent = [socket.create_connection(address) for _ in range(4)]
        until = time.monotonic() + 120
        while get(running, "/paper/2025/")[0] != 200:  # as soon as a silent one has been waited for long enough
            assert time.monotonic() < until
            time.sleep(0.05)
        for client in silent:
            client.close()
        running.shutdown()
    assert capfd.readouterr().err == ""


def test_a_page_about_many_areas_leads_only_where_the_package_does():
    from plananalysis.bundles.publishing import _unlinked

    page = '<a href="../../a/2025/index.html">甲</a><a class="x" href="../../b/2025/women.html#W01">乙</a><a href="../../index.html">全部</a>'
    page += '<a href="women.html#W03">本页</a>'
    kept = _unlinked("city/2025/index.html", page.encode(), {"a/2025/index.html"}).decode()
    assert kept == page.replace(' href="../../b/2025/women.html#W01"', "")
