"""One of the researcher's notebooks in a real JupyterLab, run cell by cell in a browser: light and dark, trusted and not."""

from __future__ import annotations

import json
import os
import re
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import CHROMIUM, DESK, Browser, Page

pytest.importorskip("jupyterlab")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium")]
ROOT = Path(__file__).parents[1]
SHOTS = os.environ.get("LAB_SHOTS")  # a folder: keep pictures of what is seen


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> Iterator[tuple[str, Path]]:
    """JupyterLab as ``make lab`` starts it, on a copy of the notebooks; its address with the token, and its root."""
    root = tmp_path_factory.mktemp("lab")
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    (root / "data").mkdir()
    (root / "data" / "raw").symlink_to(ROOT / "data" / "raw")
    token = secrets.token_hex(8)
    own = {f"JUPYTER_{name}_DIR": str(root / f".{name.lower()}") for name in ("CONFIG", "RUNTIME", "DATA")}
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--port=0",
        f"--IdentityProvider.token={token}",
    ]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", "").replace("$(CURDIR)", str(root))
    line = re.search(r"jupyter lab (.*?) \$\(ARGS\)", makefile)
    command += ["--allow-root", "--LabApp.expose_app_in_browser=True", *shlex.split(line[1])]
    path = os.pathsep.join([str(Path(p)) for p in sys.path if p.endswith("site-packages")])
    process = subprocess.Popen(
        command,
        cwd=root,
        env=os.environ | own | {"PYTHONPATH": path},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    told, until = root / ".runtime" / f"jpserver-{process.pid}.json", time.monotonic() + 300
    while True:
        try:
            port = json.loads(told.read_text(encoding="utf-8"))["port"]
            break
        except (OSError, ValueError):  # not there, or half of it
            assert process.poll() is None and time.monotonic() < until
            time.sleep(0.1)
    yield f"http://127.0.0.1:{port}|{token}", root
    os.killpg(process.pid, signal.SIGTERM)
    process.wait(300)


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Iterator[Page]:
    browser = Browser(tmp_path_factory.mktemp("profile"), None)
    yield browser.page(**DESK | {"width": 1400, "height": 2600})
    browser.close()


def opened(page: Page, lab: tuple[str, Path], notebook: str) -> None:
    address, token = lab[0].split("|")
    page.load(f"{address}/lab/tree/{notebook}?token={token}&reset")
    page.until("window.jupyterapp?.shell.currentWidget?.content?.widgets")
    page("jupyterapp.shell.currentWidget.sessionContext.ready")


def run_all(page: Page, shown: str) -> None:
    """Run all cells of the notebook, and wait until a JavaScript condition says that what they show is there."""
    page("jupyterapp.commands.execute('notebook:run-all-cells').then(() => 1)")
    page.until(f"{ERRORS}.length || ({shown})")
    assert page(ERRORS) == []


def darken(page: Page) -> None:
    page("jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'}).then(() => 1)")
    page.until("document.body.dataset.jpThemeLight === 'false'")


def seen(page: Page, name: str) -> None:
    if SHOTS:
        import base64

        data = page.send("Page.captureScreenshot", format="png")["data"]
        Path(SHOTS, f"{name}.png").write_bytes(base64.b64decode(data))


OUTPUTS = """[...document.querySelectorAll('.jp-OutputArea-output')].map(e => e.dataset.mimeType || '')"""
ERRORS = """[...document.querySelectorAll('[data-mime-type="application/vnd.jupyter.stderr"], [data-mime-type="application/vnd.jupyter.error"]')].map(e => e.innerText)"""
# words of our blocks that stand out from what is behind them by less than 4.5 to 1
PALE = """(() => {
  const light = (c) => { const [r, g, b] = c.match(/[\\d.]+/g).map(Number).map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b; };
  const behind = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!/, 0\\)$|transparent/.test(c)) return c; } return 'rgb(255,255,255)'; };
  return [...document.querySelectorAll('.plananalysis :is(td, th, caption, a, p, dt, dd, h2, h3, summary)')].filter(e => e.innerText.trim() && e.getBoundingClientRect().height)
    .filter(e => { const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x); return (a + .05) / (b + .05) < 4.5; })
    .map(e => e.tagName + ' ' + e.innerText.slice(0, 30) + ' ' + getComputedStyle(e).color + ' on ' + behind(e)).slice(0, 5);
})()"""
SHOWN = "[...document.querySelectorAll('.plananalysis table')].filter(e => e.getBoundingClientRect().height).length"
IMAGES = "[...document.querySelectorAll('.jp-OutputArea-output img')].map(i => i.complete && i.naturalWidth > 100)"


def test_make_lab_opens_the_exploring_notebook(lab):
    address, token = lab[0].split("|")
    with urllib.request.urlopen(f"{address}/?token={token}", timeout=30) as answer:
        assert answer.url.split("?")[0].endswith("/lab/tree/notebooks/research/explore_indicator.ipynb")


def test_a_notebook_runs_in_jupyterlab_and_its_outputs_are_readable(page, lab):
    opened(page, lab, "notebooks/research/explore_indicator.ipynb")
    kinds = f"{OUTPUTS}.includes('image/png') && {OUTPUTS}.filter(k => k === 'text/html').length >= 4"
    run_all(page, f"{kinds} && {IMAGES}.length && {IMAGES}.every(seen => seen)")
    seen(page, "light")
    darken(page)
    page.until(f"{IMAGES}.length && {IMAGES}.every(seen => seen)")
    seen(page, "dark")


def test_what_was_run_elsewhere_and_is_not_trusted_still_shows_its_figures(page, lab):
    import papermill

    name = "notebooks/research/ran_elsewhere.ipynb"
    source = lab[1] / "notebooks" / "research" / "explore_indicator.ipynb"
    papermill.execute_notebook(
        str(source), str(lab[1] / name), {"language": "en"}, kernel_name="python3", cwd=str(lab[1]), progress_bar=False
    )
    opened(page, lab, name)
    page.until("document.querySelector('.jp-OutputArea-output img[src^=\"data:image/svg\"]') !== null")
    page.until(f"{IMAGES}.length && {IMAGES}.every(seen => seen)")
    darken(page)
    assert page("document.querySelectorAll('.jp-OutputArea-output style').length") == 0  # taken out, being untrusted
    assert page(PALE) == []
    seen(page, "untrusted")


def test_the_file_browser_reaches_data_and_reports(page, lab):
    opened(page, lab, "notebooks/research/explore_indicator.ipynb")
    page("jupyterapp.commands.execute('filebrowser:go-to-path', {path: '/'})")
    names = "[...document.querySelectorAll('.jp-DirListing-itemText')].map(e => e.innerText.trim())"
    page.until(f"['data', 'notebooks'].every(name => {names}.includes(name))")


def test_a_report_notebook_is_readable_in_a_dark_lab(page, lab):
    """The pages' blocks bring their style and paper along; their drawings are images."""
    import papermill

    from plananalysis.cli import run_command

    assert run_command(["build", "--root", str(lab[1]), "--area", "china"]) == 0
    name = "notebooks/3_plan_overview.ipynb"
    book = lab[1] / name
    book.write_text(book.read_text().replace('"example\\"', '"china\\"').replace("2025", "2024"))
    opened(page, lab, name)
    run_all(page, f"document.querySelector('.plananalysis .masthead-title') && {SHOWN} > 0")
    shade = "getComputedStyle(document.querySelector('.plananalysis')).backgroundColor"
    assert page(shade) == "rgb(255, 255, 255)"
    seen(page, "report")
    scoped = "getComputedStyle(document.querySelector('.plananalysis .masthead-title')).fontWeight"
    assert page(scoped) == "700"
    assert page("document.querySelectorAll('.plananalysis svg').length") == 0
    assert page(PALE) == []
    elsewhere = "notebooks/overview_ran_elsewhere.ipynb"
    papermill.execute_notebook(
        str(book), str(lab[1] / elsewhere), kernel_name="python3", cwd=str(lab[1]), progress_bar=False
    )
    opened(page, lab, elsewhere)
    page.until(f"{SHOWN} > 0")
    assert page("document.querySelectorAll('.plananalysis style').length") == 0  # taken out, being untrusted
    assert page(PALE) == []
    seen(page, "report_untrusted")
