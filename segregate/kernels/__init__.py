"""Compiled loops: numpy arrays in, numpy arrays out, nothing checked.

Whoever calls a kernel has validated, aligned and frozen the arrays: float64, C order,
read-only, so that each kernel compiles one signature.
"""

from ._jit import kernel
from .groups import merge_columns
from .merging import merge_any, merge_neighbours, merging_loss, remaining_loss
from .segments import column_sums, exact_sum, row_shares, segment_sums
from .shares import entropy, log_share, rest, simpson, variation

__all__ = [
    "column_sums",
    "entropy",
    "exact_sum",
    "kernel",
    "log_share",
    "merge_any",
    "merge_columns",
    "merge_neighbours",
    "merging_loss",
    "remaining_loss",
    "rest",
    "row_shares",
    "segment_sums",
    "simpson",
    "variation",
]
