"""What an index is made of: parts between and within, and units merged with least loss."""

from .compression import Compression, compress

__all__ = ["Compression", "compress"]
