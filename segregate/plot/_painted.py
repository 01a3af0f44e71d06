"""What numbers and categories have in common once every unit has its colour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.colors import Colormap
from numpy.typing import NDArray

from ._palettes import NO_DATA
from ._words import say

__all__ = ["Painted", "class_table", "with_missing"]


@dataclass(frozen=True, eq=False)
class Painted:
    """Class, label and colour of every unit, and the legend.

    Attributes
    ----------
    known : ndarray of bool, shape (n_units,)
        Units with a value.
    number : ndarray of int, shape (n_units,)
        Class from 0; -1 without one.
    label, colour : ndarray of str, shape (n_units,)
        Label (None on a continuous map) and colour of the class.
    classes : DataFrame
        One row per class, without that of units without a value.
    said : str or None
        How the classes were found, "" for continuous colours, None where there is nothing to say.
    notes : list of str
        Notes for the caption.
    palette : str
        Name of the palette.
    colours : Colormap
        The palette.
    breaks, limits, center, ratio
        See `PreparedMap`.
    """

    known: NDArray[np.bool_]
    number: NDArray[np.int64]
    label: NDArray[np.object_]
    colour: NDArray[np.object_]
    classes: pd.DataFrame
    said: str | None
    notes: list[str]
    palette: str
    colours: Colormap
    breaks: tuple[float, ...] = ()
    limits: tuple[float, float] | None = None
    center: float | None = None
    ratio: bool = False


def class_table(
    labels: list[str],
    units: NDArray[np.int64],
    color: list[str],
    *,
    low: list[float] | None = None,
    high: list[float] | None = None,
) -> pd.DataFrame:
    """Return one row per class."""
    nothing = [np.nan] * len(labels)
    return pd.DataFrame(
        {
            "class": pd.array(range(1, len(labels) + 1), dtype="Int64"),
            "low": np.array(nothing if low is None else low, dtype=np.float64),
            "high": np.array(nothing if high is None else high, dtype=np.float64),
            "label": np.array(labels, dtype=object),
            "units": np.asarray(units, dtype=np.int64),
            "color": np.array(color, dtype=object),
            "hatched": np.zeros(len(labels), dtype=bool),
        }
    )


def with_missing(classes: pd.DataFrame, missing: int) -> pd.DataFrame:
    """Add the row of units without a value, if there are any."""
    if not missing:
        return classes
    row = class_table([say("legend.no_data")], np.array([missing]), [NO_DATA]).assign(hatched=True)
    row["class"] = pd.array([pd.NA], dtype="Int64")
    if "hatch" in classes:
        row["hatch"] = ""
    return pd.concat([classes, row], ignore_index=True) if len(classes) else row
