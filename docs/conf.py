"""The documentation: two sites, English and Chinese, from one configuration (``docs/make.py`` builds both)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))
import plananalysis

language = {"zh": "zh_CN"}.get(os.environ.get("DOCS_LANGUAGE", "en"), "en")
project = "plananalysis"
version = release = plananalysis.__version__
html_title = f"plananalysis {release}"

extensions = ["myst_nb", "sphinx.ext.autodoc", "numpydoc"]
source_suffix = {".md": "myst-nb", ".ipynb": "myst-nb"}
nb_execution_mode = "off"  # make.py has run them already, both languages side by side
nb_render_markdown_format = "myst"
nb_merge_streams = True
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]
suppress_warnings = [
    "myst.xref_missing"
]  # files of the repository that are no page of this site; tests look after those links

autodoc_typehints = "none"  # numpydoc says them where they need words
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["gallery.css"]
html_copy_source = False
html_show_sourcelink = False
templates_path: list[str] = []
exclude_patterns = ["README.md"]
