"""The version, from the installed package."""

from __future__ import annotations

import importlib.metadata

__all__ = ["version"]

version = importlib.metadata.version("segregate")
