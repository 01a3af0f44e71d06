"""Schools, services and meeting places: what is, and what a plan would change."""

from __future__ import annotations

from .comparing_homes import gap
from .meeting_places import huff

__all__ = ["gap", "huff"]
