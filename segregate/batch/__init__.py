"""Hundreds of cities and years after one plan."""

from __future__ import annotations

from ._looking import preview, status
from ._template import PLAN
from .running import run

__all__ = ["PLAN", "preview", "run", "status"]
