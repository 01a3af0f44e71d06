"""A map of how far environments reach beyond the data."""

from __future__ import annotations

from matplotlib.axes import Axes

from .._edges import Edges
from ..errors import ParameterError
from ._words import say
from .choropleth import map as draw

__all__ = ["draw_edges"]


def draw_edges(result: Edges, *, ax: Axes | None = None, width: float | None = None, managed: bool = True) -> Axes:
    """Map the share of each environment that lies outside the data.

    Parameters
    ----------
    result : Edges
        From `segregate.edges`. ``segregate.plot.map(result.units, ...)`` has more to choose.
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

    Examples
    --------
    >>> import segregate as sg
    >>> from matplotlib.figure import Figure
    >>> found = sg.edges(sg.sample("sacramento").within(sg.Kernel(3000)))
    >>> ax = sg.plot.draw_edges(found, ax=Figure(figsize=(7, 5)).add_subplot())
    >>> ax.get_title(loc="left")
    'Share of the environment outside the data'
    """
    if not isinstance(result, Edges):
        raise ParameterError(f"A map of edges shows what segregate.edges returns, not {type(result).__name__}.")
    return draw(
        result.units, breaks=(0.1, 0.25, 0.5), legend_title=say("edges.legend"), ax=ax, width=width, managed=managed
    )
