"""An index at several scales: whom people meet within 500 m, 1 km, 2 km ..."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from ._checks import check_choice
from ._evaluate import Assessor, Row, focal_of
from ._measure import table_of
from .environment import Environment, Kernel, Nearest
from .environment._met import nearby_of, with_units
from .environment._several import surroundings_at
from .environment.kernel import SHAPES, Shape
from .errors import ParameterError
from .indices import resolve
from .population import REST, Population
from .registry import BoundIndex, IndexLike
from .results import Result

__all__ = ["Asked", "Profile", "has_row", "populations_at", "profile", "view_of"]

RADII = (0.0, 500.0, 1000.0, 2000.0, 4000.0)
"""Home and the four radii of Reardon and others (2008)."""
MICRO, MACRO = 500.0, 4000.0


class Asked(NamedTuple):
    """What a profile was asked for.

    Attributes
    ----------
    pop : Population
        At home.
    bound : tuple of BoundIndex
        Its indices.
    scales : tuple of float
        Radii or numbers of people, rising.
    shape : str
        Kernel of radii.
    group, other : str or None
        As given.
    """

    pop: Population
    bound: tuple[BoundIndex, ...]
    scales: tuple[float, ...]
    shape: Shape
    group: str | None
    other: str | None


@dataclass(frozen=True, repr=False)
class Profile(Result):
    """An index, or several, at several scales.

    Attributes
    ----------
    rows : DataFrame
        `table`: a row per scale and index: radius (metres; 0 is home) or people, index, symbol, family,
        group, versus, environment, params, value, [low, high], status and message; low and high after
        ``segregate.bootstrap(profile)``.
    units : DataFrame or None
        Values of local indices: a row per scale, index and unit, with id and value.
    scale : {"radius", "people"}
        What the scales are: distances in metres, or numbers of people.
    about : mapping
        What was measured, for captions.
    asked : Asked
        What it was asked for, so that it can be measured again.
    notes : tuple of str
        What has to be said of it.
    """

    rows: pd.DataFrame
    units: pd.DataFrame | None
    scale: str
    about: Mapping[str, Any]
    asked: Asked
    notes: tuple[str, ...] = ()
    picture: ClassVar[str] = "draw_profile"

    @property
    def table(self) -> pd.DataFrame:
        """A row per scale, index and group."""
        return self.rows

    @property
    def macro_micro(self) -> pd.DataFrame:
        """How much of the segregation at 500 m is still there at 4000 m.

        Returns
        -------
        DataFrame
            A row per index and group: micro (the value at 500 m), macro (at 4000 m), ratio macro / micro and
            net_micro, micro - macro.

        Raises
        ------
        ParameterError
            Where the profile is over people, or does not have these two radii.

        References
        ----------
        Reardon, Matthews, O'Sullivan, Lee, Firebaugh, Farrell and Bischoff (2008), The geographic
        scale of metropolitan racial segregation, doi:10.1353/dem.0.0019.
        """
        there = set(self.table[self.scale])
        if self.scale != "radius" or not {MICRO, MACRO} <= there:
            raise ParameterError(
                f"The ratio of macro to micro compares {MACRO:g} m with {MICRO:g} m; compute the profile at these "
                "radii: profile(population, index, radii=[500, 1000, 2000, 4000])."
            )
        keys = ["index", "symbol", "group", "versus", "params"]
        wide = self.table.pivot(index=keys, columns="radius", values="value")
        found = pd.DataFrame({"micro": wide[MICRO], "macro": wide[MACRO]})
        with np.errstate(divide="ignore", invalid="ignore"):
            found["ratio"] = np.where(found["micro"] != 0, found["macro"] / found["micro"], np.nan)
        found["net_micro"] = found["micro"] - found["macro"]
        return found.reset_index()

    def _headline(self) -> str:
        indices = ", ".join(dict.fromkeys(self.table["index"])) or "local indices"
        scales = self.table[self.scale].nunique() if len(self.table) else self.units[self.scale].nunique()  # type: ignore[index]
        return f"Profile of {indices} at {scales} scales ({self.scale}{' in metres' if self.scale == 'radius' else ''})"


def profile(
    pop: Population,
    index: IndexLike | Iterable[IndexLike],
    radii: Iterable[float] | None = None,
    *,
    people: Iterable[float] | None = None,
    shape: Shape = "biweight",
    group: str | None = None,
    other: str | None = None,
) -> Profile:
    """Measure at several scales, in one pass over the neighbours.

    Parameters
    ----------
    pop : Population
        The units, with points. An environment that it has is replaced.
    index : index or list of indices
        Names, symbols, functions or `segregate.bind`. Local indices give `Profile.units`.
    radii : list of float, optional
        In metres; 0 means home. By default 0, 500, 1000, 2000 and 4000.
    people : list of float, optional
        Instead of radii: the nearest so many people (`segregate.Nearest`); 0 means home.
    shape : str
        Kernel of the radii, as in `segregate.Kernel`.
    group, other : str, optional
        The group, or the pair, for indices that are about one. An index of two groups compares `group` with everybody
        else, or with `other`; so does one of any number of groups that is asked for alone.

    Returns
    -------
    Profile
        With `.table`, `.units`, `.macro_micro` and `.plot()`.

    Raises
    ------
    ParameterError
        For scales that are no numbers, and for indices that have a meaning only at home.

    Notes
    -----
    For kernels that are polynomials of the squared distance (uniform, epanechnikov, biweight) the people around
    each unit are added up once for all radii. Regular grids are convolved instead. Indices of clustering have no
    row at 0: at home they look at a decay of their own.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento").select("white", "black", "asian", "hisp")
    >>> found = sg.profile(city, ["H", "D"], radii=[0, 500, 1000, 2000, 4000])
    >>> found.table.query("index == 'information_theory'")["value"].is_monotonic_decreasing
    True
    """
    if not isinstance(pop, Population):
        raise ParameterError(f"profile takes a Population, not {type(pop).__name__}.")
    if radii is not None and people is not None:
        raise ParameterError("A profile is over radii= or over people=, not over both.")
    check_choice("shape", shape, tuple(SHAPES))
    if people is not None and shape != "biweight":
        raise ParameterError("shape= is the kernel of radii; it does not go with people=.")
    single = isinstance(index, (str, BoundIndex, Mapping)) or callable(index)
    asked = [index] if single or not isinstance(index, Iterable) else index
    bound = [resolve(one) for one in cast("Iterable[IndexLike]", asked)]
    if not bound:
        raise ParameterError("profile needs an index at least.")
    scale = "radius" if people is None else "people"
    scales = _scales(scale, (RADII if radii is None else radii) if people is None else people)
    home_only = [one.spec.name for one in bound if not one.spec.environment and scales != [0.0]]
    if home_only:
        raise ParameterError(f"{', '.join(home_only)} has a meaning only at home, so it has no profile over {scale}.")

    home = pop.home()
    tables: list[pd.DataFrame] = []
    units: list[pd.DataFrame] = []
    for size, nearby in populations_at(home, scales, scale, shape):
        for one in bound:
            if not has_row(one, size):
                continue
            if one.spec.level == "local":
                units.append(_units(one, nearby, group, other).assign(**{scale: size}))
            else:
                view, focal, first, second = view_of(one, nearby, group, other, alone=len(bound) == 1)
                row = Row(one, first, second, one(Assessor(view.segments), **focal))
                tables.append(table_of([row], view, None).assign(**{scale: size}))
    table = _joined(tables, scale) if tables else pd.DataFrame(columns=[scale, "index", "value"])
    about = {"groups": list(pop.groups), "units": pop.n_units, "people": pop.size, "source": pop.source}
    about |= {"scale": scale, "shape": shape if people is None else "", "notes": list(pop.notes)}
    asked_of = Asked(home, tuple(bound), tuple(scales), shape, group, other)
    return Profile(table, _joined(units, scale) if units else None, scale, about, asked_of)


def _scales(name: str, given: Iterable[float]) -> list[float]:
    """Return the scales, each once, rising."""
    found = []
    for value in given:
        usual = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
        if not usual or not 0 <= float(value) < np.inf:
            what = "metres" if name == "radius" else "people"
            raise ParameterError(f"{name}={value!r} is not a number of {what}, 0 or more.")
        found.append(float(value))
    if not found:
        raise ParameterError(f"A profile needs one {name} at least.")
    return sorted(set(found))


def has_row(one: BoundIndex, size: float) -> bool:
    """Say whether an index has a value at a scale: at home those of clustering look at a decay of their own."""
    return size > 0 or one.spec.family != "clustering"


def populations_at(
    home: Population, scales: Sequence[float], scale: str, shape: Shape, regions: npt.NDArray[np.int64] | None = None
) -> Iterator[tuple[float, Population]]:
    """Yield each scale, rising, with the population whose surroundings are of that scale, 0 being home.

    With `regions`, numbers of the units' regions, radii stop at the edge of each.
    """
    if scales[0] == 0:
        yield 0.0, home
    sizes = [size for size in scales if size > 0]
    if not sizes:
        return
    values = with_units(home.counts)
    if scale == "radius":
        for radius, around in surroundings_at(home, sizes, shape, values, regions=regions):
            yield radius, _within(home, Kernel(radius, shape), around)
    else:
        several = Nearest.several(home, sizes, values)
        for number, around in zip(sizes, several, strict=True):
            yield number, _within(home, Nearest(number), around)


def _within(home: Population, environment: Environment, around: Any) -> Population:
    nearby = replace(home, environment=environment, **nearby_of(around, home.counts).fields)
    return home._share_places(nearby)


def view_of(
    one: BoundIndex, pop: Population, group: str | None, other: str | None, *, alone: bool = True
) -> tuple[Population, dict[str, Any], str, str]:
    """Return what an index sees, its focal arguments, and the two names for the table.

    Asked for `alone`, an index of any number of groups compares `group` with the others; among several it is about all.
    """
    spec = one.spec
    of_two = spec.groups == (2, 2) or (alone and spec.focal is None and group is not None)
    if of_two and len(pop.groups) > 2 and group is not None:
        pair = pop.versus(group) if other in (None, REST) else pop.select(group, str(other))
        return pair, {}, group, str(other or REST)
    if of_two and len(pop.groups) == 2:
        _check_pair(pop, group, other)
        return pop, {}, *pop.groups[:2]
    focal = focal_of(spec, pop.groups, group if spec.focal else None, other if spec.focal == "pair" else None)
    first = focal.get("group") or ""
    second = focal.get("other") or (REST if spec.focal == "group" else "")
    return pop, focal, first, second


def _check_pair(pop: Population, group: str | None, other: str | None) -> None:
    """Refuse names of two groups that are not the two there are, in their order."""
    named = [name for name in (group, other) if name not in (None, REST)]
    if len(pop.groups) == 2 and named != list(pop.groups[: len(named)]):
        raise ParameterError(
            f"The population has the two groups {' and '.join(map(repr, pop.groups))}, and an index of two groups is "
            f"about the first; put {named[0]!r} first: population.select({named[0]!r}, ...), or leave group= out."
        )


def _units(one: BoundIndex, pop: Population, group: str | None, other: str | None) -> pd.DataFrame:
    """Return the values of a local index in every unit."""
    view, focal, first, second = view_of(one, pop, group, other, alone=False)
    values = one(view, **focal)
    return pd.DataFrame(
        {
            "id": view.ids.to_numpy(),
            "index": one.spec.name,
            "group": first,
            "versus": second if one.spec.focal == "pair" else "",
            "params": one.params,
            "value": values.array,
        }
    )


def _joined(tables: list[pd.DataFrame], scale: str) -> pd.DataFrame:
    """Return one table, with the scale in front."""
    table = pd.concat(tables, ignore_index=True)
    return table[[scale, *(name for name in table.columns if name != scale)]]
