"""Files: opening the formats that census and school data come in, and the sample data."""

from ._rasters import read_raster
from .harmonising import Harmonised, harmonise
from .readers import read
from .samples import sample, sample_path

__all__ = ["Harmonised", "harmonise", "read", "read_raster", "sample", "sample_path"]
