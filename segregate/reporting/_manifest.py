"""What a report was made from, and how to make it again."""

from __future__ import annotations

import datetime
import hashlib
import importlib.metadata
import json
import os
import platform
from typing import Any

import numpy as np
import shapely

from .._version import version
from ..errors import ParameterError
from ..population import Population
from ._asked import Asked

__all__ = ["content_hash", "date_of", "manifest"]

LIBRARIES = (
    "geopandas",
    "jinja2",
    "mapclassify",
    "matplotlib",
    "numba",
    "numpy",
    "pandas",
    "pyproj",
    "scipy",
    "shapely",
)


def date_of() -> str:
    """Return the date of the report: that of SOURCE_DATE_EPOCH where it is set, else today."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch is None:
        return datetime.datetime.now(datetime.UTC).date().isoformat()
    try:
        return datetime.datetime.fromtimestamp(int(epoch), datetime.UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        raise ParameterError(f"SOURCE_DATE_EPOCH is a number of seconds since 1970, not {epoch!r}.") from None


def content_hash(pop: Population) -> str:
    """Return a hash of the people, groups, ids and shapes of a population."""
    found = hashlib.sha256()
    found.update(json.dumps([list(pop.groups), list(map(str, pop.ids))]).encode())
    found.update(np.ascontiguousarray(pop.counts, dtype="<f8").tobytes())
    geometry = pop.geometry
    if geometry is not None:
        for shape in shapely.to_wkb(geometry.to_numpy(), byte_order=1):
            found.update(b"" if shape is None else shape)
    return found.hexdigest()


def manifest(asked: Asked) -> dict[str, Any]:
    """Return inputs, versions and parameters as what JSON knows; no clock is in it.

    Parameters
    ----------
    asked : Asked
        What the report is about.

    Returns
    -------
    dict
        ``segregate``, ``versions``, ``parameters`` and ``inputs``.
    """
    return {
        "segregate": version,
        "versions": {"python": platform.python_version()}
        | {name: importlib.metadata.version(name) for name in LIBRARIES},
        "parameters": _plain(asked.parameters),
        "inputs": [_input(name, pop) for name, pop in asked.layers.items()],
    }


def _input(name: str, pop: Population) -> dict[str, Any]:
    known = pop.provenance
    about = {
        "name": name,
        "source": pop.source,
        "units": pop.n_units,
        "people": pop.size,
        "groups": list(pop.groups),
        "environment": str(pop.environment),
        "crs": None if pop.crs is None else pop.crs.to_string()[:200],
        "content_sha256": content_hash(pop),
    }
    if known is not None:
        about |= {"layout": known.layout, "options": _plain(known.options), **known.said}
    return about


def _plain(value: Any) -> Any:
    """Return a value as what JSON knows."""
    return json.loads(json.dumps(value, default=_known, sort_keys=True))


def _known(value: Any) -> Any:
    listed = getattr(value, "tolist", None)
    return listed() if listed is not None else str(value)
