"""Files: opening the formats that census and school data come in, and the sample data."""

from .harmonising import Harmonised, harmonise
from .readers import read
from .samples import sample, sample_path

__all__ = ["Harmonised", "harmonise", "read", "sample", "sample_path"]
