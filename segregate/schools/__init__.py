"""Schools, services and meeting places: what is, and what a plan would change."""

from __future__ import annotations

from .meeting_places import huff

__all__ = ["huff"]
