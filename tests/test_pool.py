"""The warm worker: pages at the same time do not get in each other's way, and a worker that is lost takes no page along."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from report_project import NOTEBOOKS

from plananalysis.reports import papers, worker
from plananalysis.reports import pool as pool_module
from plananalysis.reports.pool import Pool

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks")

SOURCES = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1] / "src")}


@pytest.fixture(scope="module")
def pool():
    with Pool(3) as made:
        yield made


def plain(folder: Path, number: int) -> dict:
    frame = {"title": f"{number}", "kind": "list"}
    return job("plain", folder / f"{number}.html", body=f"<p>{number}</p>", frame=frame)


def sleeper(folder: Path, seconds: int) -> dict:
    """A page that sleeps for an hour, with a limit of its own."""
    values = {"area": "example", "as_of": 2025, "domain": "children.law"}
    notebook = {"notebook": str(NOTEBOOKS / "hangs.ipynb"), "parameters": values, "engine": "shell"}
    return job("notebook", folder / "hangs.html", frame={"title": "", "kind": "domain"}, **notebook) | {
        "seconds": seconds
    }


def job(kind: str, target: Path, **more) -> dict:
    shared = {"language": "zh", "seconds": 60, "folder": str(target.parent), "font_cache": str(target.parent / "fonts")}
    return {"kind": kind, "key": target.name, "target": str(target), "tables": str(target.parent)} | shared | more


def test_many_short_pages_beside_a_long_one_each_get_their_own_answer(pool, tmp_path):
    """A child that sleeps keeps copies of the pipes of all that were there before it, so that they close late or never."""
    jobs = [plain(tmp_path, 0), sleeper(tmp_path, 3), *(plain(tmp_path, n) for n in range(1, 60))]
    answers = {asked["key"]: answer for asked, answer in pool.run(jobs)}
    slow = answers.pop("hangs.html")
    assert (slow["ok"], slow["error"]["name"], slow.get("tries")) == (False, "TimeoutError", None)
    assert len(answers) == 60
    for name, answer in answers.items():
        assert answer["ok"] and "tries" not in answer, (name, answer)
        assert f"<p>{name.removesuffix('.html')}</p>" in (tmp_path / name).read_text(encoding="utf-8")


def test_pages_in_the_hand_of_a_worker_that_is_killed_are_tried_once_more(pool, tmp_path):
    jobs = [sleeper(tmp_path, 2), *(plain(tmp_path, n) for n in range(5))]
    [*pool.run([plain(tmp_path, 9)])]
    lost, answers = pool._crew[0].process.pid, {}
    for asked, answer in pool.run(jobs):
        if not answers:  # a short page is there, the long one in its worker's hand
            os.kill(lost, signal.SIGKILL)
        answers[asked["key"]] = answer
    assert answers["hangs.html"]["error"]["name"] == "TimeoutError" and answers["hangs.html"]["tries"] == 2
    assert all(answer["ok"] for name, answer in answers.items() if name != "hangs.html")
    assert pool._crew[0].process.pid != lost


def test_where_pipes_cannot_be_waited_for_threads_hear_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(pool_module, "_Ears", pool_module._Threads)
    jobs = [plain(tmp_path, 0), sleeper(tmp_path, 1), *(plain(tmp_path, n) for n in range(1, 20))]
    with Pool(2) as threaded:
        answers = {asked["key"]: answer for asked, answer in threaded.run(jobs)}
    assert answers.pop("hangs.html")["error"]["name"] == "TimeoutError"
    assert len(answers) == 20 and all(answer["ok"] for answer in answers.values())


def ended(**replaced: str) -> str:
    """What a program prints that forks one child, parts of the worker replaced; a child that escapes would print too."""
    lines = ["import sys; sys.modules['rfc3987_syntax'] = None", "from plananalysis.reports import worker"]
    lines += ["def raises(error): raise error", *(f"worker.{name} = {code}" for name, code in replaced.items())]
    lines += ["try:", "    child = worker.Child({'seconds': 5})", "    while not child.has_ended(): pass"]
    lines += ["    print(child.answer()['error']['name'])", "except BaseException as error: print('escaped', error)"]
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, env=SOURCES)
    return done.stdout


@pytest.mark.parametrize("error", ["OSError(28, 'full')", "SystemExit(0)", "KeyboardInterrupt()"])
def test_a_child_that_cannot_answer_ends_and_never_goes_on_as_its_parent(error):
    assert ended(work=f"lambda job: raises({error})") == "EarlyExit\n"


def test_a_document_that_fails_takes_no_other_along_but_a_full_disk_ends_the_run(monkeypatch):
    made = {"good": lambda: {"files": ["good"]}, "bad": lambda: {}["x"]}
    monkeypatch.setattr(papers, "makers", lambda job: made.items())
    answer = worker.work({"kind": "papers", "language": "zh"})
    assert answer["ok"] and answer["papers"]["good"] == {"ok": True, "files": ["good"]}
    assert answer["papers"]["bad"]["error"]["name"] == "KeyError"

    def full():
        raise OSError(errno.ENOSPC, "full", "report.docx")

    made["last"] = full
    answer = worker.work({"kind": "papers", "language": "zh"})
    assert (answer["ok"], answer["error"]["errno"], answer["error"]["file"]) == (False, errno.ENOSPC, "report.docx")


@pytest.mark.slow
def test_a_page_that_gets_round_its_limit_is_ended_from_outside(pool, tmp_path):
    """A page can block the signal that is to end it; then its worker ends it, and says the same."""
    deaf = "__import__('signal').pthread_sigmask(0, {14})  # SIG_BLOCK, SIGALRM"
    text = (NOTEBOOKS / "hangs.ipynb").read_text(encoding="utf-8")
    assert "import time\\n" in text
    notebook = tmp_path / "deaf.ipynb"
    notebook.write_text(text.replace("import time\\n", f"import time\\n{deaf}\\n"), encoding="utf-8")
    begun = time.monotonic()
    [(_, answer)] = pool.run([sleeper(tmp_path, 1) | {"notebook": str(notebook)}])
    assert (answer["error"]["name"], answer["error"]["message"]) == ("TimeoutError", "over 1 s")
    assert time.monotonic() - begun > 5  # not by the signal; and before the hour is over
