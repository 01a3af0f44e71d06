"""The table behind a map: class, colour and label of every unit, the legend, the texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from matplotlib.colors import Colormap
from numpy.typing import NDArray

from ..errors import ParameterError
from ._caption import bounds_of, caption_of, centre_of, column_of, legend_title_of, record_of, title_of
from ._categories import as_categories, paint_categories, refuse_number_options
from ._checks import check_column, check_frame, check_values
from ._digits import range_labels
from ._furniture import colour_norm
from ._painted import Painted, class_table, with_missing
from ._palettes import NO_DATA, colour_map, colours
from ._scale import Scale, class_of, is_ratio, make_scale, positions
from ._words import say

__all__ = ["PreparedMap", "prepare_map"]

MARKS = ("map_class", "map_label", "map_color", "map_hatched")
"""Columns that `prepare_map` adds."""


@dataclass(frozen=True, eq=False, repr=False)
class PreparedMap:
    """A map before it is drawn: every unit with its class and colour.

    Attributes
    ----------
    units : GeoDataFrame
        A copy of the frame, same rows and index, with the columns ``map_class`` (number from 1, missing
        without a value or on a continuous map), ``map_label`` (range of its class, or its category), ``map_color``
        (``#rrggbb``) and ``map_hatched`` (True without a value).
    classes : DataFrame
        The legend: ``class``, ``low``, ``high`` (a value on ``high`` belongs to the class, one on ``low``
        to the class below, save in the first; both NaN for categories), ``label``, ``units``, ``color``,
        ``hatched``. The last row is that of units without a value, if there are any. For black-and-white print there
        is ``hatch`` too, the pattern of a category that its grey alone does not tell apart.
    column : str
        The mapped column.
    breaks : tuple of float
        Inner class limits; hand them to ``breaks=`` of another map to share the classes.
    limits : tuple of float or None
        Ends of the colours of a continuous map.
    center : float or None
        Value of the middle colour.
    ratio : bool
        Whether twice and half are equally far from the centre.
    palette : str
        Name of the palette.
    colours : matplotlib.colors.Colormap
        The palette.
    title, legend_title, caption : str
        Texts.
    notes : tuple of str
        Notes of this map; they stand in the caption.
    """

    units: gpd.GeoDataFrame
    classes: pd.DataFrame
    column: str
    breaks: tuple[float, ...]
    limits: tuple[float, float] | None
    center: float | None
    ratio: bool
    palette: str
    colours: Colormap
    title: str
    legend_title: str
    caption: str
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        """Show the legend as a table."""
        table = self.classes[["label", "units", "color"]].to_string(index=False)
        return f"PreparedMap of {self.column!r}: {self.title}\n{table}\n{self.caption}"


def prepare_map(
    frame: gpd.GeoDataFrame,
    column: str | None = None,
    *,
    scheme: str | None = "auto",
    k: int | None = None,
    breaks: Iterable[float] | None = None,
    limits: tuple[float, float] | None = None,
    center: float | Literal["auto"] | None = "auto",
    palette: str | Sequence[str] | None = None,
    title: str | None = None,
    legend_title: str | None = None,
    caption: str | None = None,
) -> PreparedMap:
    """Give every unit its class, its colour and its place in the legend, without drawing.

    Parameters
    ----------
    frame : GeoDataFrame
        One row per unit, from `segregate.local` or any other. It is not changed.
    column : str, optional
        Column to map: numbers, or categories (a categorical column, text, true and false) that have
        each their colour, in their order; those that no unit has are in the legend with 0 units. As a rule the
        column that the frame records as its result, else ``"value"``. NaN is "no people / no data".
    scheme : str or None, optional
        This one and those down to ``center`` are for numbers. ``"auto"``: quantiles, or around a centre the same
        distances on both sides; the name of any mapclassify scheme (``"fisher_jenks"``, ``"EqualInterval"`` ...;
        around a centre it classes the distances from it); None: continuous colours.
    k : int, optional
        Number of classes, 5 if not said. Around a centre an odd number has a neutral class in the
        middle, an even number has the centre as a limit.
    breaks : iterable of float, optional
        Inner class limits set by hand, increasing: n limits make n + 1 classes, whatever the data, so
        that several maps can share them. A value on a limit belongs to the class below. Classes
        that the bounds of the index rule out are left out.
    limits : tuple of float, optional
        Values of the first and last colour of a continuous map; values beyond take these colours.
    center : float or None, optional
        Value of the middle colour of a diverging palette; ``"auto"`` takes the one that the index
        has, such as 1 for location quotients; None: no centre.
    palette : str or sequence of colours, optional
        ``"lagoon"``, ``"ember"``, ``"heather"``, ``"slate"``; diverging: ``"tide"``, ``"thistle"``; any colour
        map of matplotlib; or a list of colours to run through. For categories ``"meadow"``, any other at equal
        steps, or a list with one colour each; as a rule ``"meadow"``, ``"lagoon"`` if they are ordered, and warm
        and cool colours if the frame records which of them mean high and low.
    title, legend_title, caption : str, optional
        Texts in place of those written from what was computed; ``""`` for none.

    Returns
    -------
    PreparedMap
        The table of units, the table of classes and the texts.

    Raises
    ------
    ParameterError
        When arguments contradict each other or cannot be used, or there is no table.
    UnknownNameError
        When the column, scheme or palette is not known.
    GeometryError
        When there is no geometry.
    DataError
        When there are no rows, or the column is neither numbers nor categories, is infinite, or has more than 12
        categories.

    Examples
    --------
    >>> import segregate as sg
    >>> prepared = sg.plot.prepare_map(sg.local(sg.sample("sacramento"), "divergence"), k=4)
    >>> len(prepared.classes)
    4
    """
    check_frame(frame)
    column = column_of(frame.attrs) if column is None else column
    record = record_of(frame.attrs, column)
    categories = as_categories(check_column(frame, column), column)
    if categories is None:
        values = check_values(frame, column)
        painted = _paint_numbers(values, record, scheme, k, breaks, limits, center, palette)
    else:
        given = {"scheme": scheme != "auto", "k": k is not None, "breaks": breaks is not None}
        given |= {"limits": limits is not None, "center": center != "auto"}
        refuse_number_options(column, given)
        painted = paint_categories(categories, record, palette)
    notes = painted.notes
    absent = frame.geometry.isna() | frame.geometry.is_empty
    if absent.any():
        notes = [*notes, say("caption.no_geometry", n=int(absent.sum()))]
    units = frame.copy()
    classed = pd.array(painted.number + 1, dtype="Int64")
    classed[painted.number < 0] = pd.NA
    for mark, content in zip(MARKS, (classed, painted.label, painted.colour, ~painted.known), strict=True):
        units[mark] = content
    return PreparedMap(
        units=units,
        classes=with_missing(painted.classes, int((~painted.known).sum())),
        column=column,
        breaks=painted.breaks,
        limits=painted.limits,
        center=painted.center,
        ratio=painted.ratio,
        palette=painted.palette,
        colours=painted.colours,
        title=title_of(record, column) if title is None else title,
        legend_title=legend_title_of(record, column) if legend_title is None else legend_title,
        caption=caption_of(record, n_units=len(frame), classes=painted.said, notes=notes, palette_center=painted.center)
        if caption is None
        else caption,
        notes=tuple(notes),
    )


def _paint_numbers(
    values: NDArray[np.float64],
    record: Mapping[str, Any],
    scheme: str | None,
    k: int | None,
    breaks: Iterable[float] | None,
    limits: tuple[float, float] | None,
    center: float | Literal["auto"] | None,
    palette: str | Sequence[str] | None,
) -> Painted:
    """Give every unit the colour of its class, or of its value."""
    known = np.isfinite(values)
    finite = values[known]
    bounds = bounds_of(record)
    centre = _centre(center, centre_of(record))
    ratio = is_ratio(finite, centre, bounds)
    name, palette_colours = colour_map(palette, diverging=centre is not None)
    number = np.full(len(values), -1, dtype=np.int64)
    paint = np.full(len(values), NO_DATA, dtype=object)
    label = np.full(len(values), say("legend.no_data"), dtype=object)
    if scheme is None:
        if breaks is not None or k is not None:
            raise ParameterError("scheme=None gives continuous colours; leave out k= and breaks=.")
        said, notes, inner = "", list[str](), tuple[float, ...]()
        classes = class_table([], np.empty(0, dtype=np.int64), [])
        limits = _limits(finite, limits, centre, ratio=ratio)
        place = colour_norm(limits, ratio=ratio)(np.clip(finite, *limits))
        paint[known] = colours(palette_colours, np.asarray(place, dtype=np.float64))
        label[known] = None
    else:
        if limits is not None:
            raise ParameterError("limits= is for continuous colours (scheme=None); classes take breaks=.")
        scale = make_scale(finite, scheme=scheme, k=k, breaks=breaks, center=centre, ratio=ratio, bounds=bounds)
        said, notes, inner = scale.scheme, list(scale.notes), scale.limits
        number[known] = class_of(finite, inner)
        classes = _class_table(finite, number[known], scale)
        classes["color"] = colours(palette_colours, positions(len(classes), inner, centre))
        paint[known] = classes["color"].to_numpy(dtype=object)[number[known]]
        label[known] = classes["label"].to_numpy(dtype=object)[number[known]]
        said += say("scheme.upper") if len(inner) else ""
    return Painted(
        known=known,
        number=number,
        label=label,
        colour=paint,
        classes=classes,
        said=said,
        notes=notes,
        palette=name,
        colours=palette_colours,
        breaks=inner,
        limits=limits if scheme is None else None,
        center=centre,
        ratio=ratio,
    )


def _centre(asked: float | Literal["auto"] | None, recorded: float | None) -> float | None:
    """Return the value of the middle colour."""
    if asked is None:
        return None
    if isinstance(asked, str):
        if asked != "auto":
            raise ParameterError(f"center= is a number, 'auto' or None, not {asked!r}.")
        return recorded
    if not np.isfinite(asked):
        raise ParameterError(f"center= must be a finite number, not {asked!r}.")
    return float(asked)


def _limits(
    values: NDArray[np.float64], asked: tuple[float, float] | None, center: float | None, *, ratio: bool
) -> tuple[float, float]:
    """Return the values of the first and the last colour of a continuous map."""
    if asked is not None:
        low, high = (float(limit) for limit in asked)
        middle = low < high and (center is None or low < center < high)
        if not (np.isfinite([low, high]).all() and middle) or (ratio and low <= 0):
            raise ParameterError(f"limits= must be two finite numbers, increasing, around the centre; got {asked!r}.")
        if center is not None:
            even = np.isclose(low * high, center**2) if ratio else np.isclose(low + high, 2 * center)
            if not even:
                raise ParameterError(
                    f"limits= must be equally far from the centre {center:g} on both sides; got {asked!r}."
                )
        return low, high
    if not len(values):
        return (0.0, 1.0) if center is None else (0.5 * center, 2 * center) if ratio else (center - 1, center + 1)
    if center is None:
        low, high = float(values.min()), float(values.max())
        return (low, high) if low < high else (low - 0.5, high + 0.5)
    if ratio:
        reach = float(np.abs(np.log(values[values > 0] / center)).max(initial=0.0)) or float(np.log(2))
        return center * float(np.exp(-reach)), center * float(np.exp(reach))
    reach = float(np.abs(values - center).max()) or 1.0
    return center - reach, center + reach


def _class_table(values: NDArray[np.float64], number: NDArray[np.int64], scale: Scale) -> pd.DataFrame:
    """Return one row per class, without colours."""
    limits, open_ends = scale.limits, scale.open_ends
    if not len(values) and not limits:
        return class_table([], np.empty(0, dtype=np.int64), [])
    smallest, largest = (float(values.min()), float(values.max())) if len(values) else (np.nan, np.nan)
    low = -np.inf if open_ends[0] else smallest
    high = np.inf if open_ends[1] else largest
    n_classes = len(limits) + 1
    labels = range_labels(
        limits,
        scale.digits,
        smallest=smallest,
        largest=largest,
        open_below=open_ends[0],
        open_above=open_ends[1],
    )
    units = np.bincount(number, minlength=n_classes)
    return class_table(labels, units, [""] * n_classes, low=[low, *limits], high=[*limits, high])
