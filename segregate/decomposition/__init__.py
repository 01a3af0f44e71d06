"""What an index is made of: parts between and within, and units merged with least loss."""

from .compression import Compression, compress
from .nested import BetweenWithin, between_within
from .over_time import Change, change
from .spatial_structure import Structure, structure

__all__ = [
    "BetweenWithin",
    "Change",
    "Compression",
    "Structure",
    "between_within",
    "change",
    "compress",
    "structure",
]
