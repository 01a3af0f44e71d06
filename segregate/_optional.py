"""Optional packages, asked for at the moment they are needed."""

from __future__ import annotations

import importlib
from types import ModuleType

from .errors import MissingDependencyError

__all__ = ["require"]


def require(name: str, *, extra: str) -> ModuleType:
    """Import an optional package, or say how to install it.

    Parameters
    ----------
    name : str
        Name of the package, such as ``"contextily"``.
    extra : str
        The extra of segregate that brings it, such as ``"maps"``.

    Returns
    -------
    module
        The imported package.

    Raises
    ------
    MissingDependencyError
        When the package, or one that it needs itself, is not installed.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = name if error.name == name else f"{name} (which needs {error.name})"
        raise MissingDependencyError(
            f"This needs the package {missing}, which is not installed. "
            f"Install it with: pip install 'segregate[{extra}]'"
        ) from error
