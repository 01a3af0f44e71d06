"""The catalogue: one file per index, found by its name."""

from __future__ import annotations

import importlib
import pkgutil

from ..registry import bind, resolve, specs

__all__ = ["bind", "names", "resolve", "specs"]


def names() -> list[str]:
    """Return the names of all indices, without importing one."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))


for _name in names():
    importlib.import_module(f"{__name__}.{_name}")
