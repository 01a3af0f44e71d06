"""The verbs over the catalogue: measure, local, contributions."""

from __future__ import annotations

import datetime
import importlib
import inspect
import json
import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, cast

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from ._checks import check_choice, check_level
from ._evaluate import Assessor, Row, focal_of, rows_of
from ._progress import Progress, progress_over
from ._regions import Regions, encode_regions, warn_about
from ._segments import Conditions, Evaluation, Extra, Kernel, Segments
from ._version import version
from .environment import Environment
from .errors import ParameterError, warn
from .indices import resolve, specs
from .population import Population
from .registry import BoundIndex, IndexLike, IndexSpec

__all__ = ["contributions", "local", "measure", "table_of", "unit_table", "wanted"]


COLUMNS = (
    "index",
    "symbol",
    "family",
    "group",
    "versus",
    "environment",
    "params",
    "value",
    "low",
    "high",
    "status",
    "message",
)
"""Columns of the table of `measure`; low and high are those of an interval."""
FAMILIES = (
    "evenness",
    "exposure",
    "concentration",
    "centralization",
    "clustering",
    "boundaries",
    "scale",
    "ordered",
    "diversity",
)
"""Families of global indices, in the order in which tables show them."""
ONLY_WHEN_NAMED = ("ordered", "scale")
"""Families that ask for something that no data say, an order of the groups, or for time: each unit looks at each."""
CLUSTERING, MOST_PAIRS = "clustering", 2 * 10**9
"""The family that needs points and areas at home only, and up to how many pairs of units it looks at unasked."""


class _EachUnit:
    """Stands in for a population and gives the local values of indices that have both."""

    def __init__(self, population: Population) -> None:
        self.population = population
        self.groups = population.groups
        self.at_home = population.at_home

    def evaluate(
        self,
        _: Kernel,
        *params: float,
        each: Kernel,
        focal: Sequence[str | None] = (),
        conditions: Conditions | None = None,
        extra: Extra | None = None,
        **_how: Any,
    ) -> pd.Series[float]:
        """Return one value a unit from the kernel for units."""
        why = None if conditions is None else conditions.why
        return self.population.each(each, *params, focal=focal, extra=extra, why=why)


def _population(data: Population | pd.DataFrame, groups: Sequence[Hashable] | None) -> Population:
    """Return a population from what a verb is given."""
    if isinstance(data, Population):
        return data if groups is None else data.select(*map(str, groups))
    if isinstance(data, pd.DataFrame):
        if groups is None:
            raise ParameterError("A frame needs groups=[...], the columns with the people of each group.")
        return Population.from_frame(data, groups)
    raise ParameterError(f"Give a Population or a (Geo)DataFrame, not {type(data).__name__}.")


# measure -------------------------------------------------------------------------------


def measure(
    data: Population | pd.DataFrame,
    indices: IndexLike | Iterable[IndexLike] | None = None,
    *,
    groups: Sequence[Hashable] | None = None,
    versus: str = "rest",
    by: Hashable | npt.ArrayLike | None = None,
    environment: Environment | None = None,
    interval: float | None = None,
    progress: Progress = None,
) -> pd.DataFrame:
    """Measure a population with many indices at once.

    Parameters
    ----------
    data : Population or DataFrame
        A frame needs `groups`.
    indices : index or list of indices, optional
        Names, symbols, functions or `segregate.bind`. By default every index that gives one
        number for these data; what is skipped for want of geometry is said once. Indices that
        need a parameter, those of ordered groups and of scale are computed when named.
    groups : list of str, optional
        Columns of a frame; of a population, only these groups (`Population.select`).
    versus : {"rest", "pairs"}
        For indices about one group, or two: each group against everybody else, or one row per
        ordered pair (exposure: on the whole population, the group itself included, so that
        the rows of a group sum to 1; others: among the people of the two groups).
    by : column name or array of shape (n_units,), optional
        Measure every region on its own, in one pass.
    environment : Environment, optional
        Replaces that of the population; with `by` it stops at the edge of each region. A
        population that is `within` already keeps its neighbours across the edges.
    interval : float, optional
        Level of confidence, 0.95 for example: adds the columns low and high, the ends of basic bootstrap intervals
        of 999 replicates of the people (of each region apart), always from the same seed. `segregate.bootstrap` has
        other resamples and intervals, and says when each can be trusted.
    progress : bool or callable, optional
        True for a bar on stderr, or a function called with (done, to do).

    Returns
    -------
    DataFrame
        One row per region, index and group, with the columns (region), index, symbol, family,
        group, versus, environment, params, value, [low, high], status and message. `status` is "ok",
        "partial" (some people are left out, see message) or "undefined" (value NaN).

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento")
    >>> sg.measure(city, ["D", "H"])[["index", "value"]].round(4)
                    index   value
    0       dissimilarity  0.4134
    1  information_theory  0.1710
    """
    check_choice("versus", versus, ("rest", "pairs"))
    level = None if interval is None else check_level(interval)
    population = _population(data, groups)
    encoded = None if by is None else encode_regions(population, by)
    if encoded is not None:
        _region_column(encoded.name)
    if environment is not None:
        population = population.within(environment, by=None if encoded is None else encoded.codes)
    segments = population.segments if encoded is None else Regions(population, encoded).segments
    bound = wanted(indices, population, segments)

    with progress_over(progress if interval is None else None, len(bound), "measuring") as done:
        found = rows_of(bound, segments, versus, done=done)
    table = table_of(found, population, None if encoded is None else encoded.labels)
    if level is not None:
        # the one upward call beside Result.plot: intervals come from inference, which stands on this module
        inference: Any = importlib.import_module(".inference._table_intervals", __package__)
        stops = encoded.codes if environment is not None and encoded is not None else None
        regions = None if encoded is None else Regions(population, encoded)
        inference.add_intervals(table, population, regions, stops, bound, versus, level, progress)
    return table


def wanted(indices: IndexLike | Iterable[IndexLike] | None, pop: Population, segments: Segments) -> list[BoundIndex]:
    """Resolve what is asked for; by default everything that the data allow."""
    if indices is not None:
        single = isinstance(indices, (str, BoundIndex, Mapping)) or callable(indices)
        asked = indices if not single and isinstance(indices, Iterable) else [indices]
        bound = [resolve(one) for one in cast("Iterable[IndexLike]", asked)]
        for one in bound:
            if one.spec.level == "local":
                raise ParameterError(
                    f"{one.spec.name} gives one value per unit: segregate.local(population, {one.spec.name!r})."
                )
        return bound
    bound, skipped = [], []
    for spec in specs.values():
        if spec.level == "local" or spec.required or spec.family in ONLY_WHEN_NAMED:
            continue
        reason = _unfit(spec, pop, int((np.diff(segments.starts) ** 2).sum()))
        if reason:
            skipped.append(f"{spec.name} ({reason})")
        else:
            bound.append(BoundIndex(spec, {}))
    if skipped:
        warn(f"Skipped: {', '.join(skipped)}.")
    return sorted(bound, key=lambda one: (FAMILIES.index(one.spec.family), one.spec.name))


def _unfit(spec: IndexSpec, population: Population, pairs: int) -> str:
    """Say why an index cannot be computed on these data, or nothing."""
    if not spec.environment and not population.at_home:
        return "has a meaning only at home"
    if spec.family == CLUSTERING and (pairs > MOST_PAIRS or not population.at_home):
        return f"{pairs:,} pairs of units take long, name it to have it" if population.at_home else ""
    return next(filter(None, (population.places.lacks(need) for need in sorted(spec.needs))), "")


def _region_column(name: Hashable) -> str:
    """Return what the column of regions is called; the names of the other columns are taken."""
    if str(name) in COLUMNS:
        raise ParameterError(
            f"by={name!r} is called like a column of the result; rename it, or give the values: "
            f"by=population.attributes[{name!r}].rename('region')."
        )
    return str(name)


def table_of(rows: list[Row], population: Population, labels: pd.Index | None) -> pd.DataFrame:
    """Bind evaluations into a tidy table, region by region."""
    n_regions = 1 if labels is None else len(labels)
    constant = {
        "index": [row.bound.spec.name for row in rows],
        "symbol": [row.bound.spec.symbol for row in rows],
        "family": [row.bound.spec.family for row in rows],
        "group": [row.group for row in rows],
        "versus": [row.other for row in rows],
        "environment": [str(population.environment)] * len(rows),
        "params": [row.bound.params for row in rows],
    }
    columns: dict[Hashable, Any] = {
        name: np.tile(np.array(cells, dtype=object), n_regions) for name, cells in constant.items()
    }
    columns["value"] = np.array([row.found.values for row in rows], dtype=float).T.ravel()
    columns["status"] = np.array([row.found.status for row in rows], dtype=object).T.ravel()
    columns["message"] = np.array([row.found.messages for row in rows], dtype=object).T.ravel()
    table = pd.DataFrame(columns).astype(dict.fromkeys([*constant, "status", "message"], "str"))
    if labels is not None:
        table.insert(0, _region_column(labels.name), labels.repeat(len(rows)).to_numpy())
    table.attrs["segregate"] = _provenance(population)
    return table


# local values --------------------------------------------------------------------------


def local(
    data: Population | pd.DataFrame,
    index: IndexLike,
    *,
    group: str | None = None,
    other: str | None = None,
    environment: Environment | None = None,
    reference: Population | Mapping[str, float] | None = None,
) -> gpd.GeoDataFrame:
    """Return the value of a local index in every unit, ready for a map.

    Parameters
    ----------
    data : Population or DataFrame
        Of a frame all numeric columns would be ambiguous; make a `Population` of it first.
    index : str, function or bound index
        "location_quotient", "divergence", "share", "entropy", "simpson", ...
    group, other : str, optional
        The group, or the pair, for an index about one; with exactly two groups the first and
        the second by default.
    environment : Environment, optional
        Replaces that of the population.
    reference : Population or mapping, optional
        Wider area to compare with, for indices that compare with the city.

    Returns
    -------
    GeoDataFrame
        Columns: the ids, "value" (NaN for units without people; a categorical column for a
        typology) and "geometry"; a plain DataFrame if the population has no geometry.
        ``attrs["segregate"]`` says what was computed, for captions.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento")
    >>> print(f"{sg.local(city, 'location_quotient', group='hisp')['value'].max():.2f}")
    3.75
    """
    population = _population(data, None)
    if environment is not None:
        population = population.within(environment)
    bound = resolve(index)
    spec = bound.spec
    if spec.level == "global":
        have_local = [name for name, known in specs.items() if known.level != "global"]
        hint = (
            f"segregate.contributions(population, {spec.name!r}) gives what each unit adds to it. "
            if spec.additive
            else ""
        )
        raise ParameterError(f"{spec.name} has no local values. {hint}Local indices are: {', '.join(have_local)}.")
    focal: dict[str, Any] = focal_of(spec, population.groups, group, other)
    if reference is not None:
        if "reference" not in inspect.signature(spec.function).parameters:
            raise ParameterError(f"{spec.name} compares with nothing; it takes no reference=.")
        focal["reference"] = reference
    values = bound(_EachUnit(population) if spec.level == "both" else population, **focal)

    described = _described(bound, focal.get("group"), focal.get("other"))
    table = unit_table(population, {"value": values.array}, described | {"reference": reference is not None})
    if isinstance(values.dtype, pd.CategoricalDtype):
        table.attrs["segregate"]["categories"] = list(values.dtype.categories)
    return table


def contributions(
    pop: Population, index: IndexLike, *, group: str | None = None, other: str | None = None
) -> pd.Series[float]:
    """Return what each unit adds to an index that is a sum over units.

    Parameters
    ----------
    pop : Population
        The units.
    index : str, function or bound index
        One whose ``additive`` is True in `segregate.catalogue`.
    group, other : str, optional
        The group, or the pair, for indices that are about one.

    Returns
    -------
    Series of shape (n_units,)
        In the order of the ids; it sums to the index. Some terms may be negative. All NaN
        where the index is undefined.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento")
    >>> terms = sg.contributions(city, "information_theory")
    >>> bool(abs(terms.sum() - sg.information_theory(city)) < 1e-12)
    True
    """
    bound = resolve(index)
    spec = bound.spec
    if not spec.additive:
        additive = [name for name, known in specs.items() if known.additive]
        raise ParameterError(f"{spec.name} is not a sum over units. Those that are: {', '.join(additive)}.")
    if not isinstance(pop, Population):
        raise ParameterError(f"contributions takes a Population, not {type(pop).__name__}.")
    focal = focal_of(spec, pop.groups, group, other)
    found: Evaluation = bound(Assessor(pop.segments), **focal)
    warn_about(found)
    assert found.terms is not None
    terms = found.terms if found.status[0] != "undefined" else np.full(pop.n_units, np.nan)
    series = pd.Series(terms, index=pop.ids, name=spec.name)
    series.attrs["segregate"] = {
        **_described(bound, focal.get("group"), focal.get("other")),
        **_provenance(pop),
    }
    return series


def _described(bound: BoundIndex, group: str | None, other: str | None) -> dict[str, Any]:
    spec = bound.spec
    return {
        "index": spec.name,
        "symbol": spec.symbol,
        "title": spec.title,
        "params": json.loads(bound.params),
        "group": group,
        "other": other,
        "center": spec.center,
        "bounds": [value if math.isfinite(value) else None for value in spec.bounds],
    }


def unit_table(population: Population, columns: Mapping[str, Any], described: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """Return values of units with ids and geometry, and what was computed in ``attrs["segregate"]``.

    Parameters
    ----------
    population : Population
        The units.
    columns : mapping from name to array of shape (n_units,)
        What was computed; "geometry" comes after them.
    described : mapping
        What captions should know of it; where the data come from is added.

    Returns
    -------
    GeoDataFrame
        A plain DataFrame if the population has no geometry.
    """
    ids = population.ids
    name = "id" if ids.name is None or str(ids.name) in (*columns, "geometry") else str(ids.name)
    table = pd.DataFrame({name: ids.to_numpy(), **columns})
    geometry = population.geometry
    if geometry is not None:
        table = gpd.GeoDataFrame(table, geometry=geometry.to_numpy(), crs=geometry.crs)
    table.attrs["segregate"] = {**described, **_provenance(population)}
    return table


def _provenance(population: Population) -> dict[str, Any]:
    """Say what was measured, in words that JSON knows."""
    return {
        "groups": list(population.groups),
        "environment": str(population.environment),
        "units": population.n_units,
        "people": population.size,
        "source": population.source,
        **({} if population.provenance is None else population.provenance.said),
        "notes": list(population.notes),
        "date": datetime.date.today().isoformat(),
        "version": version,
    }
