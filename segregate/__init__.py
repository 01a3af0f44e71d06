"""How separated groups of people live, learn and meet.

>>> import segregate as sg
>>> city = sg.sample("sacramento")
>>> print(f"{sg.dissimilarity(city):.3f}")
0.413

Names are looked up when first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

_HOMES = {
    "population": ["Population"],
    "environment": ["Home", "Weights"],
    "io": ["read", "sample", "sample_path"],
    "_catalogue": ["catalogue", "explain"],
    "_measure": ["contributions", "local", "measure"],
    "indices": ["bind"],
    "errors": [
        "DataError",
        "GeometryError",
        "MissingDependencyError",
        "ParameterError",
        "SegregateError",
        "SegregateWarning",
        "UndefinedIndexWarning",
        "UnknownNameError",
    ],
    "_version": ["version"],
}
_HOME = {name: module for module, names in _HOMES.items() for name in names} | {
    file.stem: f"indices.{file.stem}" for file in (Path(__file__).parent / "indices").glob("[!_]*.py")
}
_ROOMS = ["environment", "errors", "indices", "io", "kernels", "plot", "population", "registry"]

__all__ = sorted([*_HOME, "plot"])  # noqa: PLE0605 - the indices are found by their files


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return __getattr__("version")
    if name in _ROOMS:
        return importlib.import_module(f"{__name__}.{name}")
    if name not in _HOME:
        raise AttributeError(f"segregate has no {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, *_ROOMS])
