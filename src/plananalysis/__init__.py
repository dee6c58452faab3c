"""Where each target of a plan stands, whether it will be reached, and who must act."""

from __future__ import annotations

__version__ = "0.1.0"
