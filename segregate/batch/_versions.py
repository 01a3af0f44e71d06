"""Versions that results may depend on."""

from __future__ import annotations

import functools
import importlib.metadata

from .._version import version

__all__ = ["versions"]

LIBRARIES = ("geopandas", "numba", "numpy", "pandas", "pyarrow", "pyogrio", "pyproj", "scipy", "shapely")
"""Whose versions may change a result."""


@functools.cache
def versions() -> dict[str, str]:
    """Return the versions of this process."""
    return {"segregate": version} | {name: importlib.metadata.version(name) for name in LIBRARIES}
