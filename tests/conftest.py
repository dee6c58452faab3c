"""What holds for every test: the settings the command line makes for itself, and no stop-watch on a busy machine."""

from __future__ import annotations

import os
import sys

from hypothesis import settings

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # two workers on two cores: more threads only wait for each other
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # see plananalysis.cli

settings.register_profile("project", deadline=None)
settings.load_profile("project")
