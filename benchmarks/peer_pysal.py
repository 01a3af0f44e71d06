"""Run by an interpreter that has PySAL segregation: measure a table region by region, and time every call.

    python peer_pysal.py FOLDER

FOLDER holds data.parquet and request.json and gets reply.json. This script knows nothing of
segregate. It hands over the rows of each region as a frame of its own, made before the clock
starts, so that only the calls of the classes are timed.
"""

from __future__ import annotations

import importlib
import json
import math
import platform
import random
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

TOTAL = "everybody in the unit"


def main(folder: Path) -> None:
    """Do what request.json asks for."""
    started = time.perf_counter()
    import pandas as pd

    with_pandas = time.perf_counter()
    importlib.import_module("segregation")
    imported = time.perf_counter()

    request = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    if request["batch"]:
        reply = everything_at_once(folder, request) | {"import_seconds": imported - with_pandas}
        (folder / "reply.json").write_text(json.dumps(reply), encoding="utf-8")
        return
    frame = pd.read_parquet(folder / "data.parquet")
    groups, by = request["groups"], request["by"]
    frame[TOTAL] = frame[groups].sum(axis=1)
    if by is None:
        regions = [("", frame)]
    else:
        regions = [(str(label), rows.copy()) for label, rows in frame.dropna(subset=[by]).groupby(by)]
    random.Random(request["seed"]).shuffle(regions)
    if request["regions"] is not None:
        regions = regions[: request["regions"]]

    warnings.simplefilter("ignore")
    classes = {index: look_up(name) for index, name in request["classes"].items()}
    before = time.perf_counter()
    for call in calls(classes, groups):
        attempt(call[2], regions[0][1])
    first = time.perf_counter() - before

    rows: list[list[Any]] = []
    seconds: list[list[float]] = []
    spent = time.perf_counter()
    for repeat in range(request["repeats"]):
        timed = []
        for number, (label, region) in enumerate(regions):
            if repeat == 0 and number > 0 and time.perf_counter() - spent > request["limit"]:
                regions = regions[:number]
                break
            for index, group, function in calls(classes, groups):
                begun = time.perf_counter()
                value, error = attempt(function, region)
                timed.append(time.perf_counter() - begun)
                if repeat == 0:
                    rows.append([label, index, group, value, error])
        seconds.append(timed)
    reply = about() | {
        "import_seconds": imported - with_pandas,
        "import_pandas_seconds": with_pandas - started,
        "first_seconds": first,
        "regions": len(regions),
        "rows": rows,
        "seconds": seconds,
    }
    (folder / "reply.json").write_text(json.dumps(reply), encoding="utf-8")


def about() -> dict[str, Any]:
    """Return the versions of what is used here."""
    names = ("segregation", "numpy", "pandas", "geopandas", "scikit-learn")
    return {"python": platform.python_version(), "versions": {name: version(name) for name in names}}


def everything_at_once(folder: Path, request: dict[str, Any]) -> dict[str, Any]:
    """Call the functions that compute all indices: of all groups together, then of one group after another."""
    import geopandas as gpd
    from segregation.batch import batch_compute_multigroup, batch_compute_singlegroup

    frame = gpd.read_parquet(folder / "data.parquet")
    groups = request["groups"]
    frame[TOTAL] = frame[groups].sum(axis=1)
    names = {name.split(".")[1]: index for index, name in request["classes"].items()}
    few = frame.iloc[: min(len(frame), 100)]
    batch_compute_multigroup(few, groups)  # compiles
    batch_compute_singlegroup(few, groups[0], TOTAL, progress_bar=False)

    rows: list[list[Any]] = []
    seconds: list[float] = []
    without = 0
    for group in ["", *groups]:
        if len(seconds) > 1 and sum(seconds) + seconds[-1] > request["limit"]:
            break
        begun = time.perf_counter()
        if group:
            found = batch_compute_singlegroup(frame, group, TOTAL, progress_bar=False)
        else:
            found = batch_compute_multigroup(frame, groups)
        seconds.append(time.perf_counter() - begun)
        for name, value in found["Statistic"].items():
            if name in names:
                rows.append(["", names[name], group, float(value), ""])
            else:
                without += 1
    return about() | {"rows": rows, "seconds": [seconds], "without_counterpart": without, "batch_calls": len(seconds)}


def look_up(name: str) -> type:
    """Return a class by module and name."""
    module, cls = name.split(".")
    found: type = getattr(importlib.import_module(f"segregation.{module}"), cls)
    return found


def calls(classes: dict[str, type], groups: list[str]) -> list[tuple[str, str, Callable[[Any], Any]]]:
    """List what is computed on each region: index, group, function of the frame."""
    found: list[tuple[str, str, Callable[[Any], Any]]] = []
    for index, cls in classes.items():
        if "multigroup" in cls.__module__:
            found.append((index, "", partial(cls, groups=groups)))
        else:
            found += [(index, group, partial(cls, group_pop_var=group, total_pop_var=TOTAL)) for group in groups]
    return found


def attempt(function: Callable[[Any], Any], frame: Any) -> tuple[float, str]:
    """Return the value, or NaN and the error."""
    try:
        return float(function(frame).statistic), ""
    except (ArithmeticError, LookupError, MemoryError, TypeError, ValueError) as error:
        return math.nan, f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
