"""Maps of two columns at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap

from .._languages import language_of
from ..errors import DataError, ParameterError
from ._caption import NO_DATA_LABEL, bounds_of, caption_of, record_of, title_of
from ._checks import check_frame, check_values
from ._digits import range_labels, written
from ._drawing import drawing, one_call
from ._layers import save_layer
from ._painted import class_table, with_missing
from ._palettes import NO_DATA
from ._prepared import PreparedMap
from ._projection import display_crs, project
from ._save import SavePath
from ._scale import Scale, class_of, make_scale
from ._sheet import Panel, draw_sheet
from ._style import Size
from ._two_way import blended
from ._two_way_key import SquareKey

__all__ = ["PreparedBivariate", "bivariate", "draw_bivariate", "prepare_bivariate"]

WIDTH = 7.0
"""Width of a new figure in inches."""
FEWEST, MOST = 2, 4
"""Classes in each direction."""
Floats = npt.NDArray[np.float64]
Breaks = tuple[Iterable[float], Iterable[float]]


@dataclass(frozen=True, eq=False, repr=False)
class PreparedBivariate:
    """A map of two columns before it is drawn.

    Attributes
    ----------
    units : GeoDataFrame
        A copy of the frame, with the columns ``map_class_x`` and ``map_class_y`` (numbers from 1, missing where one of
        the values is), ``map_label``, ``map_color`` and ``map_hatched``.
    classes : DataFrame
        One row per pair of classes, those without units too: ``class_x``, ``class_y``, ``low_x``, ``high_x``,
        ``low_y``, ``high_y`` (a value on a high limit belongs to the class), ``label``, ``units`` and ``color``.
    missing : int
        Units without a value of one column or the other.
    x, y : str
        The columns.
    names : tuple of str
        What they are called.
    limits : tuple of two tuples of str
        Limits of the classes as they are written, the outer ones too.
    palette : str
        Name of the palette.
    title, caption : str
        Texts.
    """

    units: gpd.GeoDataFrame
    classes: pd.DataFrame
    missing: int
    x: str
    y: str
    names: tuple[str, str]
    limits: tuple[tuple[str, ...], tuple[str, ...]]
    palette: str
    title: str
    caption: str

    def __repr__(self) -> str:
        """Show how many units are in each pair of classes."""
        table = self.classes.pivot(index="class_y", columns="class_x", values="units").iloc[::-1]
        return f"PreparedBivariate: {self.title}\n{table.to_string()}\n{self.caption}"


def prepare_bivariate(
    frame: gpd.GeoDataFrame,
    x: str,
    y: str,
    *,
    k: int = 3,
    scheme: str = "auto",
    breaks: Breaks | None = None,
    palette: str | Sequence[str] | None = None,
    names: tuple[str, str] | None = None,
    title: str | None = None,
    caption: str | None = None,
) -> PreparedBivariate:
    """Give every unit its class in two columns, and the colour of both, without drawing.

    Parameters
    ----------
    frame : GeoDataFrame
        One row per unit. It is not changed.
    x, y : str
        Columns of numbers. A unit without one of them is "no people / no data".
    k : int
        Classes in each direction, from 2 to 4.
    scheme : str
        ``"auto"`` (quantiles with round limits) or a mapclassify scheme, for each column by itself, over the units that
        have both values.
    breaks : tuple of two iterables of float, optional
        Inner class limits of x and of y set by hand, one to three each; a value on a limit belongs to the class below.
        They take the place of ``k`` and ``scheme``.
    palette : str or sequence of four colours, optional
        ``"dusk"``: sky blue along x, red along y, violet in both; in a copy in grey no two classes are of one
        lightness. ``"harbour"``: blue and orange of the same weight. Or the colours of what is low in both, high along
        x, high along y, and high in both.
    names : tuple of str, optional
        What x and y are called; as a rule the recorded index, else the columns.
    title, caption : str, optional
        Texts in place of those written from what was computed; ``""`` for none.

    Returns
    -------
    PreparedBivariate
        The table of units, the table of classes and the texts.

    Raises
    ------
    ParameterError
        When x and y are one column, or ``k``, ``breaks`` or the palette cannot be used.
    UnknownNameError
        When a column, scheme or palette is not known.
    GeometryError
        When there is no geometry.
    DataError
        When a column is not numeric or infinite, or no unit has both values.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento")
    >>> frame = sg.local(city, "share", group="hisp").assign(income=city.attributes["hh_inc"].to_numpy())
    >>> prepared = sg.plot.prepare_bivariate(frame, "income", "value")
    >>> len(prepared.classes), int(prepared.classes["units"].sum())
    (9, 403)
    """
    check_frame(frame)
    if x == y:
        raise ParameterError(f"A map of two columns needs two; x and y are both {x!r}. One is mapped by sg.plot.map.")
    values = {name: check_values(frame, name) for name in (x, y)}
    known = np.isfinite(values[x]) & np.isfinite(values[y])
    if not known.any():
        each = ", ".join(f"{name!r}: {int(np.isfinite(one).sum()):,}" for name, one in values.items())
        raise DataError(f"No unit has both values (units with a value: {each}), so there is nothing to map.")
    records = {name: record_of(frame.attrs, name) for name in (x, y)}
    scales = _scales({n: v[known] for n, v in values.items()}, records, k, scheme, breaks)
    numbers = [np.full(len(frame), -1), np.full(len(frame), -1)]
    for number, one, scale in zip(numbers, values.values(), scales, strict=True):
        number[known] = class_of(one[known], scale.limits)
    kx, ky = (len(scale.limits) + 1 for scale in scales)
    name, colours = blended(palette, kx, ky)
    called = _names(names, records)
    classes = _classes([one[known] for one in values.values()], scales, numbers, colours, called)
    pair = np.where(known, numbers[0] * ky + numbers[1], -1)
    units = frame.copy()
    for mark, number in zip(("map_class_x", "map_class_y"), numbers, strict=True):
        classed = pd.array(number + 1, dtype="Int64")
        classed[~known] = pd.NA
        units[mark] = classed
    for mark, column, nothing in (("map_label", "label", NO_DATA_LABEL), ("map_color", "color", NO_DATA)):
        units[mark] = np.array([*classes[column], nothing], dtype=object)[pair]
    units["map_hatched"] = ~known
    ends = [
        (float(one[known].min()), float(one[known].max())) if not scale.open_ends[0] else (np.nan, np.nan)
        for one, scale in zip(values.values(), scales, strict=True)
    ]
    said = (_written(scales[0], ends[0]), _written(scales[1], ends[1]))
    language = language_of(None)
    return PreparedBivariate(
        units=units,
        classes=classes,
        missing=int((~known).sum()),
        x=x,
        y=y,
        names=called,
        limits=said,
        palette=name,
        title=language.text("bivariate.title", x=called[0], y=called[1]) if title is None else title,
        caption=_caption(frame, records, scales, called, known) if caption is None else caption,
    )


def _scales(
    values: dict[str, Floats], records: dict[str, dict[str, Any]], k: int, scheme: str, breaks: Breaks | None
) -> list[Scale]:
    """Find the classes of both columns."""
    if breaks is None:
        if isinstance(k, bool) or not isinstance(k, int | np.integer) or not FEWEST <= k <= MOST:
            raise ParameterError(
                f"k, the number of classes in each direction, is {FEWEST}, {FEWEST + 1} or {MOST}, not {k!r}."
            )
        by_hand: list[Iterable[float] | None] = [None, None]
    else:
        by_hand = list(breaks) if isinstance(breaks, list | tuple) else []
        if len(by_hand) != 2 or any(isinstance(one, int | float | str) for one in by_hand):
            raise ParameterError(f"breaks= holds the limits of x and those of y: ([...], [...]); got {breaks!r}.")
        if scheme != "auto" or k != 3:
            raise ParameterError("breaks= sets the classes itself; leave out scheme= and k=.")
    found = []
    for (name, one), limits in zip(values.items(), by_hand, strict=True):
        own = None if limits is not None else int(k)
        bounds = bounds_of(records[name])
        scale = make_scale(one, scheme=scheme, k=own, breaks=limits, center=None, ratio=False, bounds=bounds)
        if len(scale.limits) + 1 > MOST:
            raise ParameterError(
                f"A map of two columns has at most {MOST} classes in each direction, and {name!r} has "
                f"{len(scale.limits) + 1} by {'breaks=' if limits is not None else f'the scheme {scheme!r}'}."
            )
        found.append(scale)
    return found


def _names(names: tuple[str, str] | None, records: dict[str, dict[str, Any]]) -> tuple[str, str]:
    """Return what the columns are called."""
    if names is None:
        x, y = (title_of(record, name) for name, record in records.items())
        return x, y
    if isinstance(names, str) or len(names) != 2:
        raise ParameterError(f"names= is what x and y are called, two texts; got {names!r}.")
    return str(names[0]), str(names[1])


def _classes(
    values: Sequence[Floats],
    scales: Sequence[Scale],
    numbers: Sequence[npt.NDArray[np.int64]],
    colours: Sequence[Sequence[str]],
    names: tuple[str, str],
) -> pd.DataFrame:
    """Return one row per pair of classes."""
    low, high, labels = [], [], []
    for one, scale in zip(values, scales, strict=True):
        open_ends = scale.open_ends
        low.append([-np.inf if open_ends[0] else float(one.min()), *scale.limits])
        high.append([*scale.limits, np.inf if open_ends[1] else float(one.max())])
        ends = {"smallest": float(one.min()), "largest": float(one.max())}
        labels.append(
            range_labels(scale.limits, scale.digits, **ends, open_below=open_ends[0], open_above=open_ends[1])
        )
    rows = [
        {
            "class_x": i + 1,
            "class_y": j + 1,
            "low_x": low[0][i],
            "high_x": high[0][i],
            "low_y": low[1][j],
            "high_y": high[1][j],
            "label": f"{names[0]} {labels[0][i]}; {names[1]} {labels[1][j]}",
            "units": int(((numbers[0] == i) & (numbers[1] == j)).sum()),
            "color": colours[i][j],
        }
        for i in range(len(labels[0]))
        for j in range(len(labels[1]))
    ]
    return pd.DataFrame(rows)


def _written(scale: Scale, ends: tuple[float, float]) -> tuple[str, ...]:
    """Write limits and ends; ends that are open stay empty, and the others are rounded outwards."""
    inner = [written(limit, scale.digits) for limit in scale.limits]
    if not np.isfinite(ends).all():
        return "", *inner, ""
    step = 10.0**-scale.digits
    low = written(np.floor(ends[0] / step + 1e-9) * step, scale.digits)
    high = written(np.ceil(ends[1] / step - 1e-9) * step, scale.digits)
    return low, *inner, high


def _caption(
    frame: gpd.GeoDataFrame,
    records: dict[str, dict[str, Any]],
    scales: Sequence[Scale],
    names: tuple[str, str],
    known: npt.NDArray[np.bool_],
) -> str:
    """Write the caption."""
    language = language_of(None)
    record = next((one for one in records.values() if one.get("index")), next(iter(records.values())))
    said = [
        language.text("bivariate.classes", name=name, how="; ".join((scale.scheme, *scale.notes)))
        for name, scale in zip(names, scales, strict=True)
    ]
    missing = int((~known).sum())
    if missing:
        said.append(language.text("bivariate.lost", n=missing))
    absent = int((frame.geometry.isna() | frame.geometry.is_empty).sum())
    if absent:
        said.append(language.text("bivariate.absent", n=absent))
    return caption_of(record, n_units=len(frame), classes=None, notes=said, palette_center=None)


def draw_bivariate(
    prepared: PreparedBivariate,
    *,
    legend: bool | Literal["right", "bottom"] = True,
    scale_bar: bool = True,
    north_arrow: bool = True,
    crs: object | None = None,
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
) -> Axes:
    """Draw a prepared map of two columns, with a square legend.

    Parameters
    ----------
    prepared : PreparedBivariate
        From `prepare_bivariate`.
    legend : bool, ``"right"`` or ``"bottom"``, optional
        Where the legend stands; True puts it where the map stays largest.
    scale_bar, north_arrow : bool, optional
        Whether they are drawn.
    crs : object, optional
        Coordinate reference system to draw in. As a rule that of the data; data in degrees are drawn in an equal-area
        projection of their middle.
    title, caption : str, optional
        Texts in place of the prepared ones; ``""`` for none.
    ax : Axes, optional
        Axes to draw in; as a rule those of a new figure.
    width : float, optional
        Width of a new figure in inches, 7 if not said.
    managed : bool, optional
        Whether pyplot knows the new figure.

    Returns
    -------
    Axes
        The frame; ``ax.child_axes[0]`` are the axes of the map.

    Raises
    ------
    ParameterError
        When arguments contradict each other or cannot be used.
    GeometryError
        When the units cannot be drawn in ``crs``.
    """
    if legend not in (True, False, "right", "bottom"):
        raise ParameterError(f"legend= is True, False, 'right' or 'bottom', not {legend!r}.")
    shown = display_crs(prepared.units.geometry, crs)
    panel = Panel(
        "",
        project(prepared.units.geometry, shown),
        shown,
        prepared.units["map_color"].to_list(),
        prepared.units["map_hatched"].to_numpy(dtype=bool),
    )
    with drawing(ax, width, managed, WIDTH) as (axes, own):
        draw_sheet(
            axes,
            [panel],
            _key(prepared),
            title=prepared.title if title is None else title,
            caption=prepared.caption if caption is None else caption,
            where=legend,
            scale_bars=scale_bar,
            north_arrow=north_arrow,
            own=own,
        )
    return axes


def _key(prepared: PreparedBivariate) -> SquareKey:
    table = prepared.classes.pivot(index="class_x", columns="class_y", values="color")
    missing = with_missing(class_table([], np.empty(0, dtype=np.int64), []), prepared.missing)
    return SquareKey(table.to_numpy().tolist(), prepared.limits, prepared.names, missing)


def _as_map(prepared: PreparedBivariate) -> PreparedMap:
    """Return the map as one of categories, for a layer."""
    classes = prepared.classes
    table = class_table(classes["label"].to_list(), classes["units"].to_numpy(), classes["color"].to_list())
    units = prepared.units.copy()
    along = int(classes["class_y"].max())
    units["map_class"] = (units["map_class_x"] - 1) * along + units["map_class_y"]
    return PreparedMap(
        units=units,
        classes=with_missing(table, prepared.missing),
        column="map_label",
        breaks=(),
        limits=None,
        center=None,
        ratio=False,
        palette=prepared.palette,
        colours=ListedColormap(classes["color"].to_list()),
        title=prepared.title,
        legend_title=prepared.title,
        caption=prepared.caption,
        notes=(),
    )


def bivariate(
    frame: gpd.GeoDataFrame,
    x: str,
    y: str,
    *,
    k: int = 3,
    scheme: str = "auto",
    breaks: Breaks | None = None,
    palette: str | Sequence[str] | None = None,
    names: tuple[str, str] | None = None,
    title: str | None = None,
    caption: str | None = None,
    legend: bool | Literal["right", "bottom"] = True,
    scale_bar: bool = True,
    north_arrow: bool = True,
    crs: object | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    size: Size | None = None,
    language: str | None = None,
    managed: bool = True,
    save: SavePath | Iterable[SavePath] | None = None,
) -> Axes:
    """Map two columns at once: where both are high, where one is, and where none is.

    `prepare_bivariate` followed by `draw_bivariate`; see these for the parameters.

    Parameters
    ----------
    frame : GeoDataFrame
        One row per unit.
    x, y : str
        Columns of numbers.
    k, scheme, breaks, palette, names, title, caption
        As in `prepare_bivariate`.
    legend, scale_bar, north_arrow, crs, ax, width, managed
        As in `draw_bivariate`.
    size : str or (float, float), optional
        Of a new figure: ``"A4"``, ``"half-page"``, ``"column"``, ``"slide"`` ..., or width and height in inches; see
        `style`.
    language : str, optional
        Of the texts; see `style`.
    save : path or iterable of paths, optional
        Files to write: ``.png``, ``.svg`` or ``.pdf``; ``.gpkg`` or ``.geojson`` for the layer, with the classes of
        both columns.

    Returns
    -------
    Axes
        The frame; ``ax.child_axes[0]`` are the axes of the map.

    Raises
    ------
    SegregateError
        See `prepare_bivariate` and `draw_bivariate`; ParameterError when a file cannot be saved there.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento")
    >>> frame = sg.local(city, "share", group="hisp").assign(income=city.attributes["hh_inc"].to_numpy())
    >>> ax = sg.plot.bivariate(frame, "income", "value", names=("Income", "Hispanic share"), managed=False)
    >>> ax.get_title(loc="left")
    'Hispanic share and Income'
    """
    made: list[PreparedBivariate] = []

    def draw() -> Axes:
        options: dict[str, Any] = {"k": k, "scheme": scheme, "breaks": breaks, "palette": palette}
        made.append(prepare_bivariate(frame, x, y, **options, names=names, title=title, caption=caption))
        return draw_bivariate(
            made[0],
            legend=legend,
            scale_bar=scale_bar,
            north_arrow=north_arrow,
            crs=crs,
            ax=ax,
            width=width,
            managed=managed,
        )

    def layer(path: Path) -> None:
        save_layer(_as_map(made[0]), path)

    return one_call(draw, save=save, size=size, language=language, ax=ax, width=width, managed=managed, layer=layer)
