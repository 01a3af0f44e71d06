"""A map of the people whom streets keep apart."""

from __future__ import annotations

from matplotlib.axes import Axes

from .._barriers import Barriers
from ..errors import ParameterError
from .choropleth import map as draw

__all__ = ["draw_barriers"]


def draw_barriers(
    result: Barriers, *, ax: Axes | None = None, width: float | None = None, managed: bool = True
) -> Axes:
    """Map the share of the people met as the crow flies who are not met along the streets.

    Parameters
    ----------
    result : Barriers
        From `segregate.barriers`. ``segregate.plot.map(result.local, ...)`` has more to choose.
    ax : Axes, optional
        Axes to draw in; as a rule those of a new figure.
    width : float, optional
        Width of a new figure in inches.
    managed : bool, optional
        Whether pyplot knows the new figure.

    Returns
    -------
    Axes
        The axes of the map.

    Raises
    ------
    ParameterError
        For anything else.
    SegregateError
        Where the units cannot be drawn; see `segregate.plot.map`.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import segregate as sg
    >>> from matplotlib.figure import Figure
    >>> from segregate.plot.barrier_map import draw_barriers
    >>> from shapely import LineString, box
    >>> blocks = gpd.GeoDataFrame(
    ...     {"a": [90, 10, 50], "b": [10, 90, 50]},
    ...     geometry=[box(0, 0, 100, 100), box(100, 0, 200, 100), box(200, 0, 300, 100)],
    ...     crs="EPSG:32633",
    ... )
    >>> streets = gpd.GeoSeries([LineString([(50, 50), (150, 50)]), LineString([(160, 50), (250, 50)])], crs=blocks.crs)
    >>> found = sg.barriers(sg.Population.from_frame(blocks, ["a", "b"]), streets, 120, shape="uniform")
    >>> ax = draw_barriers(found, ax=Figure(figsize=(7, 5)).add_subplot())
    >>> ax.get_title(loc="left")
    'People cut off by the streets'
    """
    if not isinstance(result, Barriers):
        raise ParameterError(f"A map of barriers shows what segregate.barriers returns, not {type(result).__name__}.")
    return draw(result.local, "cut_off", ax=ax, width=width, managed=managed)
