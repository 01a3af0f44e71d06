"""What Dask workers of this machine do first: leave Ctrl-C to the process that started them."""

from __future__ import annotations

import contextlib
import signal
from typing import Any

__all__ = ["dask_setup"]


def dask_setup(worker: Any) -> None:  # noqa: ARG001 - Dask calls it so
    """Ignore the signal of Ctrl-C."""
    with contextlib.suppress(ValueError):  # not in the main thread
        signal.signal(signal.SIGINT, signal.SIG_IGN)
