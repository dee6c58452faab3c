"""Build the documentation offline into ``build/docs``: run the notebooks, then Sphinx, with every warning an error.

The notebooks of the gallery are run in both languages in forks of one warm process, two at a time: a kernel for each would take
three times as long.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import shutil
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HERE, OUT = ROOT / "docs", ROOT / "build" / "docs"
GALLERY = (
    "explore_indicator",
    "what_if",
    "compare_methods",
    "how_it_is_projected",
    "groups_and_places",
    "joint_outlook",
    "bring_your_own",
)
LANGUAGES = ("en", "zh")
# Pages that are files of the repository, by site.
TAKEN = {
    "en": {
        "methods.md": "METHODS.md",
        "contributing.md": "CONTRIBUTING.md",
        "changelog.md": "CHANGELOG.md",
        "data.md": "docs/data.md",
        "desk.md": "docs/desk.md",
        "security.md": "docs/security.md",
    },
    "zh": {
        "readme.md": "README.zh-CN.md",
        "raw.md": "data/raw/README.md",
        "data.md": "docs/data.zh.md",
        "desk.md": "docs/desk.zh.md",
        "security.md": "docs/security.zh.md",
    },
}


def main() -> int:
    """Build both sites; the exit code is 0 only without a warning."""
    begun = time.perf_counter()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    sources = ROOT / "build" / "docs-source"
    shutil.rmtree(sources, ignore_errors=True)
    shutil.rmtree(OUT, ignore_errors=True)
    for language in LANGUAGES:
        collect(language, sources / language)
    run_gallery(sources)
    told = f"gallery {time.perf_counter() - begun:.0f} s"
    from sphinx.cmd.build import build_main

    codes = []
    for language in LANGUAGES:
        os.environ["DOCS_LANGUAGE"] = language
        codes.append(
            build_main(
                ["-q", "-W", "--keep-going", "-j", "1", "-c", str(HERE), str(sources / language), str(OUT / language)]
            )
        )
    (OUT / "index.html").write_text((HERE / "index.html").read_text(encoding="utf-8"), encoding="utf-8")
    print(f"build/docs/index.html: {told}, all {time.perf_counter() - begun:.0f} s")
    return max(codes)


def collect(language: str, into: Path) -> None:
    """The sources of one site: its own pages, and those that stand elsewhere in the repository."""
    shutil.copytree(HERE / language, into)
    _drop_absent(into / "index.md", TAKEN[language])
    (into / "codes.md").write_text(codes(language), encoding="utf-8")
    for name, path in TAKEN[language].items():
        if (ROOT / path).is_file():
            text = (ROOT / path).read_text(encoding="utf-8")
            (into / name).write_text(_within(text, path), encoding="utf-8")


def _drop_absent(index: Path, taken: dict[str, str]) -> None:
    """Leave out of the list of pages what the repository does not have."""
    absent = {name.removesuffix(".md") for name, path in taken.items() if not (ROOT / path).is_file()}
    lines = index.read_text(encoding="utf-8").splitlines()
    index.write_text("\n".join(line for line in lines if line not in absent) + "\n", encoding="utf-8")


def codes(language: str) -> str:
    """The page of codes: what stands in tables, and the word that reports print for it."""
    from plananalysis.base.text import catalogue

    head = {
        "en": ("Codes", "Tables hold codes; reports print these words.", "code", "word"),
        "zh": ("代码", "表中是代码，报告中是这些文字。", "代码", "文字"),
    }
    title, lead, code, word = head[language]
    parts = [f"# {title}\n\n{lead}\n"]
    for group in ("outlook", "position", "schedule", "alert", "attribute", "operator_source", "cause"):
        texts = catalogue(language).below(group).items()
        rows = "\n".join(f"| `{k}` | {v} |" for k, v in texts if "." not in k)
        parts.append(f"## `{group}`\n\n| {code} | {word} |\n|---|---|\n{rows}\n")
    return "\n".join(parts)


def _within(text: str, path: str) -> str:
    """A file of the repository as a page: links to other files become their names, pictures and links between languages go."""
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)\n?", "", text)
    return re.sub(r"\[([^\]]+)\]\((?!https?:|#)[^)]*\)", r"\1", text)


def run_gallery(sources: Path) -> None:
    """Every notebook in every language, executed."""
    import seaborn  # noqa: F401
    import statsmodels.api  # noqa: F401

    import plananalysis

    plananalysis.open_area  # noqa: B018
    jobs = [(name, language, sources / language / "gallery") for name in GALLERY for language in LANGUAGES]
    jobs = [job for job in jobs if (ROOT / "notebooks" / "research" / f"{job[0]}.ipynb").is_file()]
    for *_, folder in jobs:
        folder.mkdir(parents=True, exist_ok=True)
    with multiprocessing.get_context("fork").Pool(2, maxtasksperchild=1) as pool:
        pool.starmap(_run, jobs, chunksize=1)


def _run(name: str, language: str, folder: Path) -> None:
    import nbformat

    from plananalysis.reports import execution

    source = ROOT / "notebooks" / "research" / f"{name}.ipynb"
    done = execution.execute(source, {"language": language}, ROOT)
    for cell in done.cells:
        if cell.cell_type == "markdown":
            cell.source = in_one_language(cell.source, language)
    # the cell with the values given stands behind that with the defaults: a reader needs one of them
    done.cells = [c for c in done.cells if "injected-parameters" not in c.metadata.get("tags", [])]
    for cell in done.cells:
        if "parameters" in cell.metadata.get("tags", []):
            cell.source = cell.source.replace('language: str = "zh"', f'language: str = "{language}"')
    nbformat.write(done, folder / f"{name}.ipynb")


def in_one_language(text: str, language: str) -> str:
    """The half of each line of a bilingual heading or paragraph.

    >>> in_one_language("## 会怎样？ | What may come?", "en"), in_one_language("## 会怎样？ | What may come?", "zh")
    ('## What may come?', '## 会怎样？')
    """
    lines = []
    for line in text.splitlines():
        chinese, bar, english = line.partition(" | ")
        marks = chinese[: len(chinese) - len(chinese.lstrip("# "))]
        lines.append(line if not bar else chinese if language == "zh" else marks + english)
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
