"""How sure we are: tests against chance, intervals, clusters that chance would not make."""

from .hot_spots import hotspots

__all__ = ["hotspots"]
