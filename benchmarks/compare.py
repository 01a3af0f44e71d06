"""Where two tables of values say the same, and where not."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

KEY = ["region", "index", "group"]
VERDICTS = {
    "agree": "the same value, or none on both sides",
    "peer_undefined": "a value from us, NaN from the peer",
    "ours_undefined": "undefined with us, a number from the peer",
    "differ": "two different numbers",
}


def keyed(table: pd.DataFrame, by: str | None) -> pd.DataFrame:
    """Reduce a table of `measure` to region (as text), index, group and value."""
    region = [""] * len(table) if by is None else table[by].astype(str)
    return pd.DataFrame({"region": region, **{name: table[name].to_numpy() for name in ("index", "group", "value")}})


def verdicts(ours: pd.DataFrame, peer: pd.DataFrame, *, rtol: float, atol: float) -> pd.DataFrame:
    """Set our value beside each of the peer's, in the peer's order, and say whether they agree.

    Parameters
    ----------
    ours, peer : DataFrame
        Columns region, index, group, value.
    rtol, atol : float
        Two numbers agree where they differ by no more than atol + rtol times ours.

    Returns
    -------
    DataFrame
        The peer's rows with the columns ours, gap and verdict (a key of `VERDICTS`).
    """
    columns = [*KEY, "value"]
    both = peer.merge(
        ours[columns].rename(columns={"value": "ours"}), on=KEY, how="left", validate="1:1", indicator=True
    )
    lost = both["_merge"] != "both"
    if lost.any():
        raise ValueError(
            f"{lost.sum()} rows of the peer have no counterpart, first {both.loc[lost, KEY].iloc[0].tolist()}"
        )
    a, b = both["ours"].to_numpy(), both["value"].to_numpy()
    gap = np.abs(a - b)
    same = (gap <= atol + rtol * np.abs(a)) | (np.isnan(a) & np.isnan(b))
    verdict = np.select([same, np.isnan(b), np.isnan(a)], ["agree", "peer_undefined", "ours_undefined"], "differ")
    return both.drop(columns="_merge").assign(gap=gap, verdict=verdict)


def spread(values: Sequence[float]) -> dict[str, float]:
    """Return least, median and greatest of some seconds, and how many there are."""
    return {
        "min": round(min(values), 6),
        "median": round(statistics.median(values), 6),
        "max": round(max(values), 6),
        "runs": len(values),
    }


def summary(judged: pd.DataFrame, seconds: Sequence[Sequence[float]] | None, lacking: set[str]) -> list[dict[str, Any]]:
    """Count verdicts index by index, and add up the peer's seconds where values agree.

    Parameters
    ----------
    judged : DataFrame
        From `verdicts`.
    seconds : list of lists, optional
        Seconds of each call, one list a repeat.
    lacking : set of str
        Regions in which some group has no people.
    """
    rows = []
    for index, part in judged.groupby("index", sort=True):
        agree = (part["verdict"] == "agree").to_numpy()
        at = part.index.to_numpy()
        row: dict[str, Any] = {"index": index, "calls": len(part), "agree": int(agree.sum())}
        row["largest_gap"] = float(part["gap"][agree].max(skipna=True)) if part["gap"][agree].notna().any() else 0.0
        for verdict in [name for name in VERDICTS if name != "agree"]:
            found = part[part["verdict"] == verdict]
            row[verdict] = len(found)
            row[f"{verdict}_where_a_group_is_absent"] = int(found["region"].isin(lacking).sum())
        if seconds is not None:
            row["seconds"] = spread([float(np.asarray(one)[at].sum()) for one in seconds])
            row["seconds_where_agree"] = spread([float(np.asarray(one)[at[agree]].sum()) for one in seconds])
        rows.append(row)
    return rows


def ratio(theirs: dict[str, float], ours: dict[str, float]) -> dict[str, float]:
    """Return how many times faster we are: by the medians, at worst and at best."""
    return {
        "median": round(theirs["median"] / ours["median"], 2),
        "min": round(theirs["min"] / ours["max"], 2),
        "max": round(theirs["max"] / ours["min"], 2),
    }


def repeat(function: Callable[[], Any], times: int, cpu: list[float] | None = None) -> list[float]:
    """Call a function some times and return the seconds of each call; put those of all cores together into `cpu`."""
    found = []
    for _ in range(times):
        begun, used = time.perf_counter(), time.process_time()
        function()
        found.append(time.perf_counter() - begun)
        if cpu is not None:
            cpu.append(time.process_time() - used)
    return found
