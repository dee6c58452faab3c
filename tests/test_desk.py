"""desk: who comes in at the door, and that nothing a stranger sends is done, read as a path, or answered with a traceback."""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import traceback
from pathlib import Path
from urllib.parse import urlencode

import intake_corpus as corpus
import openpyxl
import pytest
from running_desk import INSTALLED, Running

from plananalysis.cli import run_command
from plananalysis.observations import load_observations

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.skipif(not INSTALLED, reason="the packages of the desk are not installed; CI has them")


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    root = tmp_path_factory.mktemp("desk")
    corpus.write_area(root)
    corpus.write_history(root)
    (root / "secret.txt").write_text("secret", encoding="utf-8")
    folder = root / "reports" / "demo" / "2025"
    folder.mkdir(parents=True)
    (folder / "index.html").write_text("<p>report</p>", encoding="utf-8")
    (folder / ".hidden.html").write_text("hidden", encoding="utf-8")
    (root / "reports" / "link.html").symlink_to(root / "secret.txt")
    (root / "reports" / "away").symlink_to(root)
    running = Running(root)
    yield running
    running.close()


def test_the_first_address_lets_in_and_leaves_the_key_in_a_cookie_of_this_site_alone(desk):
    status, headers, _ = desk.ask("GET", f"/?key={desk.key}", Cookie="")
    assert (status, headers["location"]) == (303, "/")
    cookie = headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie and "path=/" in cookie
    assert desk.ask("GET", "/")[0] == 303  # one area: straight on to its round
    assert "区卫健委" in desk.ask("GET", "/demo/2025")[2]


@pytest.mark.parametrize(
    "path", ["/", "/demo/2025", "/static/desk/desk.css", "/reports/demo/2025/index.html", "/jobs/1"]
)
@pytest.mark.parametrize(
    "cookie", ["", "plananalysis-desk=x", "plananalysis-desk-{port}=", "plananalysis-desk-{port}={key}x"]
)
def test_without_the_key_nothing_is_shown(desk, path, cookie):
    status, headers, text = desk.ask("GET", path, Cookie=cookie.format(port=desk.port, key=desk.key))
    assert status == 403 and "区卫健委" not in text and "report" not in text
    assert "default-src 'none'" in headers["content-security-policy"]


def test_a_wrong_key_is_refused_whatever_it_is_made_of(desk):
    for wrong in ("", "x", desk.key[:-1], desk.key + "a", "%ff%fe", "键"):
        assert desk.ask("GET", "/?key=" + urlencode({"": wrong})[1:], Cookie="")[0] == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1.evil.example:{port}", "0.0.0.0:{port}", "[::1]:{port}"]
)
def test_a_name_from_elsewhere_that_leads_here_is_refused(desk, host):
    """A page whose name was bound to this machine later must read nothing, even with the cookie."""
    status, _, text = desk.ask("GET", "/demo/2025", Host=host.format(port=desk.port))
    assert status == 400 and "区卫健委" not in text


@pytest.mark.parametrize(
    "origin",
    ["", "null", "http://evil.example", "https://127.0.0.1:{port}", "http://127.0.0.1:{other}", "http://127.0.0.1"],
)
def test_a_form_from_any_other_page_does_nothing(desk, origin):
    given = urlencode({"by": "某人", "on": "2026-04-20"})
    origin = origin.format(port=desk.port, other=desk.port + 1)
    before = sorted(p for p in desk.root.rglob("*"))
    for path in ("/demo/2025/accept-clean", "/demo/2025/questions", "/close", "/demo/2025/make"):
        assert desk.ask("POST", path, given, Origin=origin)[0] == 403
    assert sorted(p for p in desk.root.rglob("*")) == before and desk.process.poll() is None


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/reports/../secret.txt",
            "/reports/%2e%2e/secret.txt",
            "/reports/..%2fsecret.txt",
            "/reports/..%5csecret.txt",
        ),
        *(
            "/reports//etc/passwd",
            "/reports/demo/2025/../../../secret.txt",
            "/reports/link.html",
            "/reports/away/secret.txt",
        ),
        *("/reports/demo/2025/.hidden.html", "/reports/demo/2025", "/reports/demo/2025/index.html%00", "/reports/C:/x"),
        *(
            "/demo/2025/outbox/../../secret.txt",
            "/demo/2025/outbox/%2e%2e/%2e%2e/%2e%2e/secret.txt",
            "/demo/2025/outbox/",
        ),
        *("/static/desk/../frame.html", "/static/desk/%2e%2e/frame.html", "/static/plan/../../../../../pyproject.toml"),
        *(
            "/demo/2025/unit/..",
            "/demo/2025/unit/%2e%2e%2f",
            "/../2025",
            "/demo/20250",
            "/nowhere/2025",
            "/demo/2025/unit/nobody",
        ),
    ],
)
def test_no_part_of_an_address_leads_out_of_what_is_shown(desk, path):
    status, _, text = desk.ask("GET", path)
    assert status in (404, 422) and "secret" not in text and "Traceback" not in text


def test_a_report_is_shown_under_a_policy_that_keeps_it_from_the_desk(desk):
    status, headers, text = desk.ask("GET", "/reports/demo/2025/index.html")
    assert (status, text) == (200, "<p>report</p>")
    policy = headers["content-security-policy"]
    assert "connect-src" not in policy and "default-src 'none'" in policy and "form-action 'none'" in policy
    own = desk.ask("GET", "/demo/2025")[1]
    assert "script-src 'self'" in own["content-security-policy"] and "unsafe" not in own["content-security-policy"]
    assert own["cache-control"] == "no-store" and own["x-content-type-options"] == "nosniff"


def upload(name: str, data: bytes, field: str = "files", **fields: str) -> tuple[bytes, str]:
    """A form with one file, as a browser sends it; the name goes out as it is."""
    parts = [f'--xx\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode() for k, v in fields.items()]
    head = f'--xx\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'.encode()
    return b"".join([*parts, head, data, b"\r\n--xx--\r\n"]), "multipart/form-data; boundary=xx"


@pytest.mark.parametrize(
    "name",
    [
        "../../../evil.xlsx",
        "..\\..\\evil.xlsx",
        "/etc/evil.xlsx",
        "C:\\evil.xlsx",
        "<script>alert(1)</script>.xlsx",
        "a\u202e.xlsx",
    ],
)
def test_a_file_s_name_is_text_and_a_file_that_is_none_is_refused_in_words(desk, name):
    before = sorted(p for p in desk.root.rglob("*") if p.is_file())
    body, kind = upload(name, b"PK\3\4 not a workbook", do="receive", by="某人", on="2026-04-20")
    status, _, text = desk.ask("POST", "/demo/2025/receive", body, Content_Type=kind)
    assert status == 200 and "不能读取" in text and "<script>alert" not in text and "Traceback" not in text
    now = sorted(p for p in desk.root.rglob("*") if p.is_file())
    assert [p for p in now if p not in before and ".locks" not in p.parts] == []


def test_a_body_larger_than_a_round_is_not_read(desk):
    status, _, text = desk.ask("POST", "/demo/2025/receive", b"x", Content_Length="70000000", Connection="close")
    assert status == 413 and "文件过大" in text


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/demo/2025/make", {"kind": "simulate"}),
        ("/demo/2025/make", {"kind": "publish", "mode": "annual", "audience": "--to=/tmp/x", "lang": "zh"}),
        ("/demo/2025/make", {"kind": "report", "mode": "$(id)", "audience": "public", "lang": "zh"}),
        ("/demo/2025/unit/health", {"decision": "delete", "submission": "x", "by": "某人", "on": "2026-04-20"}),
        ("/demo/2025/unit/health", {"decision": "accept", "submission": "../../x", "by": "某人", "on": "2026-04-20"}),
        ("/demo/2025/unit/health/correct", {"submission": "x", "year": "二〇二五", "by": "某人", "reason": "错"}),
        ("/demo/2025/accept-clean", {"by": "", "on": "2026-04-20"}),
        ("/demo/2025/accept-clean", {"by": "某人", "on": "昨天"}),
        ("/demo/2025/receive", {"do": "receive", "by": "某人"}),
    ],
)
def test_what_no_page_offers_is_refused_in_words(desk, path, fields):
    status, _, text = desk.ask("POST", path, urlencode(fields))
    assert status == 422 and "Traceback" not in text and re.search('<ul role="alert">\n<li>..', text)
    assert not (desk.root / "outbox").exists() and not (desk.root / "data/raw/demo/returns/reviews.csv").exists()


def test_a_failure_of_the_program_is_told_in_one_sentence_and_kept_for_who_mends_it(desk, monkeypatch):
    """Nobody foresaw it: the page names its kind and where the rest was written, never the rest itself."""
    testclient = pytest.importorskip("starlette.testclient")
    from plananalysis import round as rounds
    from plananalysis.desk.rooms import application
    from plananalysis.desk.visits import Desk

    def fail(*_: object) -> None:
        raise RuntimeError("inner words")

    logged = []
    monkeypatch.setattr(rounds, "accountability", fail)
    made = Desk(desk.root, lambda arguments: logged.append(traceback.format_exc()) or Path("build/error.log"))
    answer = testclient.TestClient(application(made)).get("/demo/2025")
    assert answer.status_code == 500 and "inner words" in logged[0]
    assert "RuntimeError" in answer.text and "build/error.log" in answer.text
    assert "inner words" not in answer.text and "Traceback" not in answer.text


@pytest.mark.parametrize(
    "raw", [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", b"GET " + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n"]
)
def test_nonsense_on_the_line_leaves_the_desk_at_work(desk, raw):
    import socket

    with socket.create_connection(("127.0.0.1", desk.port), timeout=120) as line:
        line.sendall(raw)
        line.recv(200)
    assert desk.ask("GET", "/demo/2025")[0] == 200


def test_an_area_is_laid_down_planned_and_given_its_past_without_a_terminal(tmp_path):
    """New area, its plan from a workbook, a table the office has: looked at line by line, then stored with its cells."""
    corpus.write_area(tmp_path)
    desk = Running(tmp_path)

    def send(path: str, name: str, data: bytes, **fields: str) -> tuple[int, str]:
        body, kind = upload(name, data, field="file", **fields)
        status, _, text = desk.ask("POST", path, body, Content_Type=kind)
        return status, text

    try:
        given = urlencode({"code": "other", "name": "另一区", "year": "2025"})
        assert desk.ask("POST", "/", given)[1]["location"].startswith("/other/plan?")
        assert desk.ask("POST", "/", given)[0] == desk.ask("POST", "/", given.replace("other", "..%2Fx"))[0] == 422
        assert desk.ask("GET", "/other/2025")[0] == 422  # no plan yet: told, not failed
        assert desk.ask("GET", "/other/plan")[0] == 200
        assert desk.ask("POST", "/demo/plan", "what=write")[0] == 303
        book = (tmp_path / "outbox/demo/plan.xlsx").read_bytes()
        status, text = send("/other/plan", "../规划.xlsx", book[:2000], what="read")
        assert status == 422 and "Traceback" not in text
        status, text = send("/other/plan", "../规划.xlsx", book, what="read")
        assert status == 200 and "series.csv" in text
        table = "指标,2021年,2022年,2023年\n婚前医学检查率,90.1,91.2,92.3\n没有这个指标,1,2,3\n".encode()
        status, text = send("/other/2025/import", "历年.csv", table, what="understand")
        assert status == 200 and "历年.csv" in text and 'value="W01 婚前医学检查率"' in text
        (digest,) = re.findall('name="digest" value="([0-9a-f]{64})"', text)
        store = {"what": "store", "digest": digest, "by": "王核", "on": "2026-05-06"}
        assert (
            desk.ask("POST", "/other/2025/import", urlencode({**store, "series": "W01"}))[0] == 422
        )  # a line is missing
        rows = urlencode([*store.items(), ("series", "W01 婚前医学检查率"), ("series", "")])
        status, _, text = desk.ask("POST", "/other/2025/import", rows)
        assert status == 200 and "已登记 3 个数值、1 个指标" in text
        assert desk.ask("POST", "/other/2025/import", rows)[0] == 422  # imported before
    finally:
        desk.close()
    stored = load_observations(tmp_path, "other")
    assert stored["value_text"].tolist() == ["90.1", "91.2", "92.3"] and all("历年.csv" in s for s in stored["source"])
    assert [p.name for p in (tmp_path / "data/raw/other/source").iterdir() if "历年" in p.name]


def test_only_this_machine_is_listened_to(desk):
    import socket

    own = {a[4][0] for a in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)} - {"127.0.0.1", "127.0.1.1"}
    for address in own:
        with pytest.raises(OSError), socket.create_connection((address, desk.port), timeout=2):
            pass


def test_the_desk_is_closed_from_its_page_and_a_port_in_use_is_told(tmp_path, capsys):
    corpus.write_area(tmp_path)
    running = Running(tmp_path, "--lang", "en")
    assert run_command(["desk", "--no-browser", "--root", str(tmp_path), "--port", str(running.port)]) == 2
    assert str(running.port) in capsys.readouterr().err
    assert (
        "To be reviewed" in running.ask("GET", "/demo/2025")[2]
        or "Nothing received" in running.ask("GET", "/demo/2025")[2]
    )
    assert running.ask("POST", "/close", "")[0] == 200
    assert running.process.wait(300) == 0


@pytest.mark.skipif(
    os.name == "nt" or not (ROOT / ".venv").exists(), reason="the file is a shell script for an environment"
)
def test_the_file_to_double_click_opens_the_desk(tmp_path):
    done = subprocess.run([ROOT / "start" / "desk.command", "--help"], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0 and "plananalysis desk" in done.stdout
    (tmp_path / "名 称").mkdir()
    for name in ("desk.desktop", "desk.command"):  # the entry finds its neighbour wherever the folder lies
        (tmp_path / "名 称" / name).write_bytes((ROOT / "start" / name).read_bytes())
    neighbour = tmp_path / "名 称" / "desk.command"
    neighbour.write_text('#!/bin/sh\necho "here $0"\n', encoding="utf-8")
    neighbour.chmod(0o755)
    (entry,) = re.findall("(?m)^Exec=(.*) %k$", (ROOT / "start" / "desk.desktop").read_text(encoding="utf-8"))
    assert "'" not in entry  # an entry's values know double quotes alone, and their backslashes are doubled
    ran = subprocess.run(
        [*shlex.split(entry.replace("\\\\", "\\").replace("\\$", "$")), neighbour.with_name("desk.desktop")],
        capture_output=True,
        text=True,
    )
    assert ran.stdout.startswith("here ") and "名 称" in ran.stdout


def test_without_its_packages_the_desk_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr("plananalysis.cli.sharing.find_spec", lambda name: None)
    assert run_command(["desk", "--no-browser", "--root", str(ROOT)]) == 2
    assert "make desk" in capsys.readouterr().err


def test_every_file_to_double_click_prepares_what_make_prepares():
    script, batch = ((ROOT / "start" / name).read_bytes() for name in ("desk.command", "desk.cmd"))
    for text in (script, batch):
        assert re.findall(rb"requirements[a-z.]*\.lock\.txt", text) == [
            b"requirements.lock.txt",
            b"requirements.desk.lock.txt",
        ]
        assert (
            text.count(b"--require-hashes") == 1 and b"--no-build-isolation" in text and b"-m plananalysis desk" in text
        )
    assert all(
        mark in batch
        for mark in (b'pushd "%~dp0.."', b"if not exist pyproject.toml", b'"FOUND=py -3"', b'"FOUND=python"')
    )
    lines = batch.split(b"\r\n")
    labels = {line[1:] for line in lines if line.startswith(b":")}
    assert {line.split(b"goto ")[1] for line in lines if b"goto " in line} == labels
    assert b"\n" not in b"".join(lines) and lines[1] == b"chcp 65001 >nul"  # before the first Chinese word


def test_a_value_of_a_table_is_waived_and_the_last_day_set_without_a_terminal(tmp_path):
    corpus.write_area(tmp_path)
    corpus.write_history(tmp_path)
    path = tmp_path / "data/raw/demo/observations/2016-2024.csv"
    text = path.read_text(encoding="utf-8")
    line = next(row for row in text.splitlines() if row.startswith("W01,total,2022,"))
    path.write_text(text.replace(line, line.replace(line.split(",")[3], "9.08")), encoding="utf-8")
    running = Running(tmp_path)
    try:
        page = running.ask("GET", "/demo/2025/findings")[2]
        (question,) = re.findall(r'value="(2016-2024\.csv\|unit_slip/W01/total/2022)"', page)
        signed = {"question": question, "by": "监测组", "on": "2026-05-02", "reason": "与原表一致", "what": "waive"}
        right = {**signed, "what": "correct", "reason": "小数点错位"}
        for wrong in ({**right, "right": ""}, {**right, "right": "九十"}, {**right, "right": "9.08"}):
            assert running.ask("POST", "/demo/2025/findings", urlencode(wrong))[0] == 422
        assert not (tmp_path / "data/raw/demo/corrections.csv").exists()
        status, headers, _ = running.ask("POST", "/demo/2025/findings", urlencode(signed))
        assert (status, headers["location"]) == (303, "/demo/2025/findings?done=waive&n=1")
        page = running.ask("GET", "/demo/2025/findings")[2]
        assert question not in page and "已说明，不再追问：与原表一致（监测组，2026-05-02）。" in page
        assert running.ask("POST", "/demo/2025/findings", urlencode(signed))[0] == 422  # nobody asks any more
        forged = {**signed, "question": "../area.toml|unit_slip/W01/total/2022"}
        assert running.ask("POST", "/demo/2025/findings", urlencode(forged))[0] == 422
        status, headers, _ = running.ask("POST", "/demo/2025/findings", urlencode({**right, "right": "90.82"}))
        assert (status, headers["location"]) == (303, "/demo/2025/findings?done=value&n=1")
        (line,) = (tmp_path / "data/raw/demo/corrections.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
        assert line == "2016-2024.csv,W01,total,2022,9.08,90.82,小数点错位,监测组,2026-05-02"
        assert (
            running.ask("POST", "/demo/2025/findings", urlencode({**right, "right": "90.83"}))[0] == 422
        )  # corrected already
        status, headers, _ = running.ask("POST", "/demo/2025/due", urlencode({"due": "2026-04-30", "by": "监测组"}))
        assert (status, headers["location"]) == (303, "/demo/2025?done=due&n=0")
        assert "截止日期 2026-04-30" in running.ask("GET", "/demo/2025")[2]
        assert running.ask("POST", "/demo/2025/due", urlencode({"due": "2025-04-30", "by": "监测组"}))[0] == 422
    finally:
        running.close()


def test_an_empty_folder_has_a_district_with_values_after_three_forms_and_offers_its_report(tmp_path):
    """The bound: a table and a filled-in workbook, four buttons to the first verdicts; the last starts the report."""
    desk = Running(tmp_path)

    def send(path: str, fields: dict[str, str], **files: tuple[str, bytes]) -> tuple[int, dict, str]:
        parts = [(f'name="{name}"', text.encode()) for name, text in fields.items()]
        parts += [(f'name="{key}"; filename="{name}"', data) for key, (name, data) in files.items()]
        body = b"".join(
            f"--=b\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + data + b"\r\n" for head, data in parts
        )
        return desk.ask("POST", path, body + b"--=b--\r\n", Content_Type="multipart/form-data; boundary==b")

    try:
        lines = [
            "指标,单位,2021年,2022年,2023年",
            "孕产妇死亡率,1/10万,9.1,8.8,8.1",
            "农村自来水普及率,%,90.4,91.8,93.0",
        ]
        table = ("历年 数据.csv", "\n".join(lines).encode("gb18030"))
        laid = {"code": "south", "name": "南桥区", "year": "2025"}
        assert send("/", laid, file=("坏.csv", b"a,b\n1,2\n"))[0] == 422 and desk.ask("GET", "/south/plan")[0] == 404
        status, headers, _ = send("/", laid, file=table)
        assert (status, headers["location"]) == (303, "/south/plan?done=area&n=0")
        book = openpyxl.load_workbook(tmp_path / "outbox/south/plan.xlsx")
        for sheet, cells in {
            "领域": {"A4": "women.health", "C4": "健康"},
            "责任单位": {"A4": "health", "B4": "区卫健委"},
            "指标": {"E4": "健康", "E5": "健康"},
            "目标": {"E4": "8/10万以下", "E5": "95"},
        }.items():
            for cell, text in cells.items():
                book[sheet][cell] = text
        filled = io.BytesIO()
        book.save(filled)
        status, _, page = send("/south/plan", {"what": "read"}, file=("填好.xlsx", filled.getvalue()), table=table)
        assert status == 200 and "已采用规划工作簿" in page and "95”读作“达到数值 ≥ 95”（推断）" in page
        (digest,) = re.findall('name="digest" value="([0-9a-f]{64})"', page)
        series = re.findall('<input name="series"[^>]*value="([^"]*)"', page)
        assert series == ["I01 孕产妇死亡率", "I02 农村自来水普及率"] and 'action="/south/2025/import"' in page
        signed = [("what", "store"), ("digest", digest), ("by", "王核"), ("on", "2026-05-06")]
        page = desk.ask("POST", "/south/2025/import", urlencode([*signed, *(("series", s) for s in series)]))[2]
        assert "已登记 6 个数值、2 个指标" in page and 'name="kind" value="report"' in page
    finally:
        desk.close()
    assert len(load_observations(tmp_path, "south")) == 6
