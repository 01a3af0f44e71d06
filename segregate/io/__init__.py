"""Files: opening the formats that census and school data come in, and the sample data."""

from .readers import read
from .samples import sample, sample_path

__all__ = ["read", "sample", "sample_path"]
