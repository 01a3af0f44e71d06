"""What stands in a plan, as texts, numbers, lists and tables; and which words [[data]] takes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from .._typed import CHOICES
from ..errors import nearest
from ..io.sources import names as names_of_sources
from ..registry import BoundIndex
from ._faults import Table

__all__ = ["as_written", "check_options"]

WORDS = {"missing": ("raise", "drop"), "suppressed": CHOICES, "excess": ("raise", "groups")}
TEXTS = ("total", "id", "decimal", "thousands", "join", "where", *WORDS)


def as_written(given: Any) -> Any:
    """Return what a mapping of Python would be in TOML: paths, tuples, indices with parameters and environments."""
    if isinstance(given, Mapping):
        return {key: as_written(value) for key, value in given.items()}
    if isinstance(given, list | tuple):
        return [as_written(value) for value in given]
    if isinstance(given, os.PathLike):
        return os.fspath(given)
    if isinstance(given, np.generic):
        return given.item()
    if hasattr(given, "to_wkt"):  # a coordinate reference system
        return given.to_string()
    if isinstance(given, BoundIndex):
        return {"index": given.spec.name, **{key: as_written(value) for key, value in given.chosen.items()}}
    if is_dataclass(given) and hasattr(given, "on"):
        chosen = {one.name: as_written(getattr(given, one.name)) for one in fields(given) if one.init}
        if "kind" in chosen:
            chosen["contiguity"] = chosen.pop("kind")
        return {"kind": type(given).__name__.lower(), **chosen}
    return given


def check_options(table: Table, options: Mapping[str, Any]) -> None:
    """Find faults among the keys of [[data]] that are handed on to `segregate.read`."""
    for name, value in options.items():
        if name in TEXTS and not isinstance(value, str):
            table.fault(name, f"is a text, not {value!r}")
        elif name in WORDS and value not in WORDS[name]:
            table.fault(name, f"is {' or '.join(map(repr, WORDS[name]))}, not {value!r}")
        elif not _plain(value):
            table.fault(name, f"is made of texts, numbers, lists and tables, not {value!r}; a date stands in quotes")
    source = options.get("source")
    if isinstance(source, str) and source not in ("auto", *names_of_sources()):
        known = nearest(source, names_of_sources())
        table.fault("source", f"{source!r} is unknown. {known}")


def _plain(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(map(_plain, value.values()))
    if isinstance(value, list):
        return all(map(_plain, value))
    return isinstance(value, str | int | float | bool)
