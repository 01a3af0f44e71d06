"""Maps and plots fit for print, of populations, of local indices and of other results."""

from __future__ import annotations

from ._prepared import PreparedMap, prepare_map
from .barrier_map import draw_barriers
from .choropleth import draw_map, map  # noqa: A004
from .concentration import (
    PreparedProfile,
    concentration_profile,
    draw_concentration_profile,
    prepare_concentration_profile,
)
from .curves import PreparedCurves, draw_segregation_curve, prepare_segregation_curve, segregation_curve
from .edge_map import draw_edges
from .rank_profile import PreparedRankOrder, draw_rank_order_profile, prepare_rank_order_profile, rank_order_profile
from .scale_profile import draw_profile, draw_sensitivity, prepare_profile, prepare_sensitivity, profile
from .scree import draw_scree, prepare_scree
from .segplots import PreparedSegplot, draw_segplot, prepare_segplot, segplot

__all__ = [
    "PreparedCurves",
    "PreparedMap",
    "PreparedProfile",
    "PreparedRankOrder",
    "PreparedSegplot",
    "concentration_profile",
    "draw_barriers",
    "draw_concentration_profile",
    "draw_edges",
    "draw_map",
    "draw_profile",
    "draw_rank_order_profile",
    "draw_scree",
    "draw_segplot",
    "draw_segregation_curve",
    "draw_sensitivity",
    "map",
    "prepare_concentration_profile",
    "prepare_map",
    "prepare_profile",
    "prepare_rank_order_profile",
    "prepare_scree",
    "prepare_segplot",
    "prepare_segregation_curve",
    "prepare_sensitivity",
    "profile",
    "rank_order_profile",
    "segplot",
    "segregation_curve",
]
