"""Schools, services and meeting places: what is, and what a plan would change."""

from __future__ import annotations

from .comparing_homes import gap
from .meeting_places import huff
from .rezoning import Frontier, NoPlanError, Plan, frontier, rezone
from .school_views import contribution, exposure_gap
from .school_years import between_within, trend

__all__ = [
    "Frontier",
    "NoPlanError",
    "Plan",
    "between_within",
    "contribution",
    "exposure_gap",
    "frontier",
    "gap",
    "huff",
    "rezone",
    "trend",
]
