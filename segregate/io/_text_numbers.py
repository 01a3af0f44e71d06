"""Counts as publishers write them; see `segregate._text_numbers`."""

from segregate._text_numbers import Style, read_cells

__all__ = ["Style", "read_cells"]
