"""The one decorator of all compiled code."""

from __future__ import annotations

import functools
import logging
import os
import threading
import types
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, overload

import numba

__all__ = ["kernel"]

P = ParamSpec("P")
R = TypeVar("R")

WORTH_THREADS = 2**21
"""Elements in the largest array from which on several threads pay, also where a core is busy."""

log = logging.getLogger("segregate")


@overload
def kernel(function: Callable[P, R]) -> Callable[P, R]: ...
@overload
def kernel(
    *, parallel: bool = ..., worth: int | Callable[..., bool] = ...
) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
def kernel(
    function: Callable[P, R] | None = None,
    *,
    parallel: bool = False,
    worth: int | Callable[..., bool] = WORTH_THREADS,
) -> Any:
    """Compile a loop over arrays.

    Compiled code is cached on disk, releases the GIL, follows IEEE arithmetic
    (``x / 0`` is inf or NaN, no fastmath) and compiles when first called.

    Parameters
    ----------
    function : callable
        Takes and returns scalars and arrays only.
    parallel : bool
        Loops written with `numba.prange` use all cores. They may write rows, never
        add up a scalar, so that the result is the same to the bit. Small arrays, and calls
        from any thread but the main one, run a serial twin: numba's pool of threads cannot
        be entered from two threads at once.
    worth : int or callable
        Elements in the largest array from which on several threads pay; few where much is done for each. Or a function
        that takes the arguments and says whether they do.

    Returns
    -------
    callable
        With the signature of `function`.
    """
    if function is None:
        return functools.partial(kernel, parallel=parallel, worth=worth)
    serial = _compile(function, parallel=False)
    if not parallel:
        return serial
    return _Twins(function, serial, _compile(_renamed(function, "_parallel"), parallel=True), worth)


class _Twins:
    """A kernel compiled for all cores and for one."""

    def __init__(self, function: Callable[..., Any], serial: Any, parallel: Any, worth: Any) -> None:
        functools.update_wrapper(self, function)
        self.worth = worth
        self.serial = serial
        self.parallel = parallel

    def __call__(self, *args: Any) -> Any:
        if callable(self.worth):
            large = self.worth(*args)
        else:
            large = max(getattr(arg, "size", 0) for arg in args) >= self.worth
        in_main = threading.current_thread() is threading.main_thread()
        return (self.parallel if large and in_main else self.serial)(*args)


def _compile(function: Callable[..., Any], *, parallel: bool) -> Any:
    def compiled(*, cache: bool) -> Any:
        return numba.njit(  # noqa: TID251 - the one place
            function, cache=cache, nogil=True, error_model="numpy", fastmath=False, parallel=parallel
        )

    if os.environ.get("SEGREGATE_NO_CACHE"):
        return compiled(cache=False)
    try:
        return compiled(cache=True)
    except RuntimeError:  # numba found no folder that it may write to
        _log_uncached()
        return compiled(cache=False)


@functools.cache
def _log_uncached() -> None:
    """Say once, for all kernels, that nothing is cached."""
    log.info("No folder to write to: compiled code is not cached, each process compiles anew.")


def _renamed(function: Callable[..., Any], suffix: str) -> Callable[..., Any]:
    """Copy a function under another name: numba's disk cache tells functions apart by name only."""
    twin = types.FunctionType(
        function.__code__, function.__globals__, function.__name__ + suffix, function.__defaults__
    )
    twin.__qualname__ = function.__qualname__ + suffix
    twin.__module__ = function.__module__
    return twin
