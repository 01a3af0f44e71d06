"""Public sources: one file per layout, found by its name."""

from __future__ import annotations

import importlib
import pkgutil

from ._layout import Layout, Match, Opened, SourceFrame, layout, layouts, recognise, resolve
from ._reading import choose, interpret, open_source, read_source, sources
from ._several import put_together

__all__ = [
    "Layout",
    "Match",
    "Opened",
    "SourceFrame",
    "choose",
    "interpret",
    "layout",
    "layouts",
    "names",
    "open_source",
    "put_together",
    "read_source",
    "recognise",
    "resolve",
    "sources",
]


def names() -> list[str]:
    """Return the names of all sources, without importing one."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))


for _name in names():
    importlib.import_module(f"{__name__}.{_name}")
