"""What the indices of clustering share: who is near whom."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from .._arrays import frozen
from .._checks import check_choice
from .._segments import Conditions, Extra, Segments
from ..environment._points import check_metres
from ..errors import ParameterError

Floats = npt.NDArray[np.float64]
SelfDistance = Literal["area", "zero"]
SCALE = 1000.0
NOBODY_NEAR = Conditions(why="nobody has anybody near, so there is nothing to compare with")


def nearness(scale: float, self_distance: SelfDistance, *, units: bool = False, whole: bool = False) -> Extra:
    """Return what gives a kernel the people around each unit, (n, M), and the units with people around it, (n,).

    Parameters
    ----------
    scale : float
        In metres, of the decay at home.
    self_distance : {"area", "zero"}
        Distance of each unit to itself at home.
    units : bool
        Whether the units with people around are asked for; NaN for a unit that does not count.
    whole : bool
        Whether the sums themselves are asked for. Ratios do well with those of a region multiplied by one number,
        which keeps them apart from 0 where everybody is many scales away.
    """
    scale = check_metres("scale", scale)
    check_choice("self_distance", self_distance, get_args(SelfDistance))

    def extra(segments: Segments) -> tuple[Floats, ...]:
        if not segments.at_home and (scale, self_distance) != (SCALE, "area"):
            raise ParameterError(
                f"scale={scale:g} and self_distance={self_distance!r} say who is near at home; this population is "
                "within an environment, which says it. Take population.home(), or give the environment the scale: "
                f"population.within(sg.Decay({scale:g}))."
            )
        found = segments.nearby(scale, self_distance, units=units)
        arrays = [found.people]
        if units:
            assert found.units is not None
            counted = ~np.isnan(found.units) & ~segments.stranded
            arrays.append(np.where(counted, found.units, np.nan))
        if found.raised is not None:
            factor = _lowered(segments, found.raised, whole)
            arrays = [array * (factor if array.ndim == 1 else factor[:, None]) for array in arrays]
        return tuple(frozen(array) for array in arrays)

    return extra


def _lowered(segments: Segments, raised: Floats, whole: bool) -> Floats:
    """Return the factors that bring raised rows back, (n,); of ratios all but the least raised of each region."""
    lived_in = segments.totals > 0
    least = np.zeros(segments.n_regions)
    if not whole:
        bounds = zip(segments.starts[:-1], segments.starts[1:], strict=True)
        parts = [raised[first:last][lived_in[first:last]] for first, last in bounds]
        least = np.array([part.min() if len(part) else 0.0 for part in parts])
    return np.exp(np.where(lived_in, np.repeat(least, np.diff(segments.starts)) - raised, -np.inf))
