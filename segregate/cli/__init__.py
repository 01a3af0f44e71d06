"""The command line: ``segregate --help``."""

from __future__ import annotations

from ._app import main

__all__ = ["main"]
