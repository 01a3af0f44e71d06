"""How separated groups of people live, learn and meet.

>>> import segregate as sg
>>> city = sg.sample("sacramento")
>>> print(f"{sg.dissimilarity(city):.3f}")
0.413

Names are looked up when first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import Any

from ._names import HOME, ROOMS

__all__ = sorted([*HOME, "plot"])  # noqa: PLE0605 - the indices are found by their files


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return __getattr__("version")
    if name in ROOMS:
        return importlib.import_module(f"{__name__}.{name}")
    if name not in HOME:
        raise AttributeError(f"segregate has no {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, *ROOMS])
