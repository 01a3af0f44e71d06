"""Where each public name lives; the indices are found by their files."""

from __future__ import annotations

from pathlib import Path

__all__ = ["HOME", "ROOMS"]

_MODULES = {
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
HOME = {name: module for module, names in _MODULES.items() for name in names} | {
    file.stem: f"indices.{file.stem}" for file in (Path(__file__).parent / "indices").glob("[!_]*.py")
}
ROOMS = ["environment", "errors", "indices", "io", "kernels", "plot", "population", "registry"]
