"""How far a value hangs on choices that nobody can make right: radius, kernel, points, units."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from ._evaluate import Assessor
from ._profile import view_of
from .environment import Kernel
from .environment._points import check_metres
from .environment.kernel import SHAPES
from .errors import ParameterError
from .indices import resolve
from .population import Population
from .registry import BoundIndex, IndexLike
from .results import Result

__all__ = ["Sensitivity", "sensitivity"]

Floats = npt.NDArray[np.float64]
X, Y = "x of the cell", "y of the cell"
RADII = (0.5, 0.75, 1.0, 1.5, 2.0)
"""Radii that are tried, in radii."""
CELLS = (0.5, 1.0, 2.0)
"""Sides of the cells into which units are put, in radii."""
OFFSETS = ((0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.5, 0.5))
"""Origins of the grid, in cells."""


@dataclass(frozen=True, repr=False)
class Sensitivity(Result):
    """The values of an index under other choices.

    Attributes
    ----------
    rows : DataFrame
        `table`: aspect (radius, kernel, points, coarser units, grid offset), setting in words, units, value,
        difference from the value of `base` of that aspect, status and message.
    index, group, versus : str
        What was measured.
    """

    rows: pd.DataFrame
    index: str
    group: str
    versus: str
    picture: ClassVar[str] = "draw_sensitivity"

    @property
    def table(self) -> pd.DataFrame:
        """A row per choice."""
        return self.rows

    def _headline(self) -> str:
        spans = []
        for aspect, rows in self.table.groupby("aspect", sort=False):
            values = rows["value"].dropna()
            if len(values):
                spans.append(f"{aspect} {values.min():.3f} to {values.max():.3f}")
        return f"{self.index.replace('_', ' ').capitalize()} under other choices: {'; '.join(spans)}"


def sensitivity(
    pop: Population,
    index: IndexLike,
    *,
    radius: float = 1000.0,
    group: str | None = None,
    other: str | None = None,
) -> Sensitivity:
    """Measure again under other choices of radius, kernel, points and units.

    Parameters
    ----------
    pop : Population
        With points; an environment that it has is replaced.
    index : index
        A global one, by name, symbol, function or `segregate.bind`.
    radius : float
        In metres; radius and kernel are varied around it, and it is the side of the middle cells.
    group, other : str, optional
        The group, or the pair, as in `segregate.profile`.

    Returns
    -------
    Sensitivity
        With `.table` and `.plot()`. Aspects: "radius" (half to twice, biweight), "kernel" (all five at that radius;
        gaussian with half of it as standard deviation), "points" (centroid or a point inside, where units are
        polygons), "coarser units" (units put together by square cells of half, one and two radii, at home, beside
        the units themselves) and "grid offset" (the cells of one radius from four origins, at home).

    Raises
    ------
    ParameterError
        For a local index, or one that needs areas or borders, which cells made of points do not have.

    Notes
    -----
    An index that has a meaning only at home has no rows for radius, kernel and points.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento").select("white", "black", "asian", "hisp")
    >>> found = sg.sensitivity(city, "H", radius=2000)
    >>> sorted(set(found.table["aspect"]))
    ['coarser units', 'grid offset', 'kernel', 'points', 'radius']
    """
    if not isinstance(pop, Population):
        raise ParameterError(f"sensitivity takes a Population, not {type(pop).__name__}.")
    bound = resolve(index)
    radius = check_metres("radius", radius)
    if bound.spec.level == "local":
        raise ParameterError(f"{bound.spec.name} gives one value per unit; sensitivity is about global indices.")
    if bound.spec.needs - {"points"}:
        raise ParameterError(
            f"{bound.spec.name} needs {' and '.join(sorted(bound.spec.needs))}, which coarser units made of points "
            "do not have."
        )
    home = pop.home()
    rows: list[dict[str, Any]] = []
    for aspect, setting, base, variant in _variants(home, radius, bound.spec.environment):
        view, focal, first, second = view_of(bound, variant, group, other)
        found = bound(Assessor(view.segments), **focal)
        rows.append(
            {
                "aspect": aspect,
                "setting": setting,
                "base": base,
                "units": variant.n_units,
                "value": float(found.values[0]),
                "status": str(found.status[0]),
                "message": str(found.messages[0]),
            }
        )
    table = pd.DataFrame(rows)
    bases = table[table["base"]].set_index("aspect")["value"]
    table.insert(5, "difference", table["value"] - table["aspect"].map(bases))
    return Sensitivity(table, _named(bound), first, second)


def _named(bound: BoundIndex) -> str:
    return bound.spec.name if bound.params == "{}" else f"{bound.spec.name} {bound.params}"


def _variants(home: Population, radius: float, environment: bool) -> Iterator[tuple[str, str, bool, Population]]:
    """Yield aspect, setting, whether it is the base of its aspect, and the population."""
    if environment:
        for factor in RADII:
            yield "radius", f"{factor * radius:g} m", factor == 1, home.within(Kernel(factor * radius))
        for shape in SHAPES:
            size = radius / 2 if shape == "gaussian" else radius
            label = f"{shape} ({size:g} m)" if shape == "gaussian" else shape
            yield "kernel", label, shape == "biweight", home.within(Kernel(size, shape))  # type: ignore[arg-type]
        if isinstance(home._points, str) and not home.places.lacks("geometry"):
            for kind in ("centroid", "inside"):
                moved = replace(home, _points=kind)
                yield "points", kind, kind == home._points, moved.within(Kernel(radius))
    yield "coarser units", "as they are", True, home
    for factor in CELLS:
        yield "coarser units", f"cells of {factor * radius:g} m", False, _cells(home, factor * radius, (0.0, 0.0))
    for offset in OFFSETS:
        moved_by = f"{offset[0] * radius:g} m east, {offset[1] * radius:g} m north"
        yield "grid offset", moved_by, offset == (0, 0), _cells(home, radius, offset)


def _cells(home: Population, side: float, offset: tuple[float, float]) -> Population:
    """Put the units together whose points lie in the same square cell; its point is that of its people."""
    points = home.points
    origin = points.min(axis=0) + np.array(offset) * side
    cell = np.floor((points - origin) / side).astype(np.int64)
    _, code = np.unique(cell, axis=0, return_inverse=True)
    many = int(code.max()) + 1
    counts = np.zeros((many, home.n_groups))
    np.add.at(counts, code, home.counts)
    lived_in = counts.sum(axis=1) > 0
    weights = np.where(lived_in[code], home.totals, 1.0)
    weight = np.bincount(code, weights, minlength=many)
    located, factor = home.places.located
    frame = pd.DataFrame(counts, columns=list(home.groups))
    east, north = (np.bincount(code, weights * points[:, axis], minlength=many) / weight / factor for axis in (0, 1))
    return Population.from_frame(frame.assign(**{X: east, Y: north}), list(home.groups), points=(X, Y), crs=located.crs)
