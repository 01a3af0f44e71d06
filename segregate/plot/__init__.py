"""Maps fit for print, from the GeoDataFrames of `segregate.local` or from any other."""

from __future__ import annotations

from ._prepared import PreparedMap, prepare_map
from .choropleth import draw_map, map  # noqa: A004

__all__ = ["PreparedMap", "draw_map", "map", "prepare_map"]
