"""Reports that can be handed in: one HTML file with numbers, maps, tables and how they were made."""

from __future__ import annotations

from .making import report

__all__ = ["report"]
