"""Segregation between regions and within them, nested to any depth."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._arrays import frozen, sealed
from .._evaluate import Assessor
from .._regions import Encoded, encode_regions, warn_about
from .._segments import Segments
from ..errors import DataError, ParameterError, first_of, plural
from ..indices import resolve
from ..kernels import column_sums, exact_sum
from ..population import Population
from ..registry import BoundIndex, IndexLike, IndexSpec
from ..results import Result

__all__ = ["BetweenWithin", "between_within"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Level = Hashable | npt.ArrayLike

ARRAYS = (np.ndarray, pd.Series, pd.Index, pd.api.extensions.ExtensionArray, list)
"""What holds a value for each unit."""
KNOWN = "between_within takes mutual_information (M), information_theory (H) and hutchens (O)"
"""The indices that split."""
PAIRS = ("dissimilarity", "gini")
"""Indices that many people try to split."""


@dataclass(frozen=True, eq=False, repr=False)
class BetweenWithin(Result):
    """An index split into what is between regions and what is within them; `between_within` makes it.

    Attributes
    ----------
    index, symbol : str
        The index.
    params : str
        Its parameters as JSON.
    levels : tuple of str
        What the regions are called, from the widest to the finest.
    total : float
        The index of the whole; all parts add up to it.
    between : float
        The part between the widest regions.
    within : float
        The part within the widest regions; ``between + within = total``.
    notes : tuple of str
        What was left out.
    """

    picture: ClassVar[str] = "draw_between_within"
    index: str
    symbol: str
    params: str
    levels: tuple[str, ...]
    total: float
    between: float
    within: float
    _regions: pd.DataFrame
    notes: tuple[str, ...] = ()

    @property
    def table(self) -> pd.DataFrame:
        """One row for each level.

        Returns
        -------
        DataFrame
            Columns: ``between`` (what is compared: the name of a level, or "unit" in the last row), ``within`` (the
            next wider level, "" in the first row), ``value`` (the part of the index; they add up to the total) and
            ``share`` (of the total; NaN if that is 0).
        """
        parts = self._regions.groupby(["between", "within"], sort=False)["contribution"].agg(_sum).reset_index()
        parts = parts.rename(columns={"contribution": "value"})
        parts["share"] = parts["value"] / self.total if self.total else np.nan
        return parts

    @property
    def regions(self) -> pd.DataFrame:
        """One row for each region within which smaller regions, or units, are compared.

        Returns
        -------
        DataFrame
            Columns: ``between`` and ``within`` as in `table`; ``region`` (its label, "" for the whole); ``parts``
            (how many regions or units with people it holds); ``people``; ``weight``; ``value`` (the index of the parts
            against their region; NaN where fewer than two groups have people); ``contribution`` (weight times
            value, and 0 where there is no value); and ``share`` of the total. Contributions add up to the values of
            `table`, and to the total.
        """
        return self._regions.copy()

    def _headline(self) -> str:
        start = f"{self.index} ({self.symbol}) {self.total:.4g}"
        if not self.total > 0:
            return f"{start}, nothing to divide"
        return (
            f"{start} = {self.between:.4g} between {self.levels[0]} ({self.between / self.total:.1%}) "
            f"+ {self.within:.4g} within ({self.within / self.total:.1%})"
        )


def between_within(pop: Population, index: IndexLike, *, by: Level | Sequence[Level]) -> BetweenWithin:
    r"""Split an index into parts between regions and within them.

    For regions k, with :math:`M_k`, :math:`H_k`, :math:`O_k` the index of the units of k alone,

    .. math:: M &= M_{between} + \sum_k \frac{T_k}{T} M_k \\
              H &= H_{between} + \sum_k \frac{T_k E_k}{T E} H_k \\
              O &= O_{between} + \sum_k \prod_m \left( \frac{T_{km}}{T_m} \right)^{1 / M} O_k

    with T_k people in region k, T_km of group m, E_k the entropy of their groups (T, T_m and E those of the whole), and
    in O the M groups that have people. "Between" is the index of the regions taken as units. With several levels
    each part within is split again, by the same formulas.

    Parameters
    ----------
    pop : Population
        At home.
    index : index
        mutual_information (M; ``base=`` by `segregate.bind`), information_theory (H) or hutchens (O).
    by : column name or array of shape (n_units,), or a list of these
        The region of each unit; several levels from the widest to the finest: ``by=["state", "district"]``. A list
        of labels, one per unit, is one level.

    Returns
    -------
    BetweenWithin
        With ``total``, ``between``, ``within``, ``table`` (a row for each level), ``regions`` (a row for
        each region) and ``plot()``. NaN where the index of the whole has no value.

    Raises
    ------
    ParameterError
        For another index, or a population within an environment.
    DataError
        When a region of one level lies in two of the next wider one.

    Warns
    -----
    SegregateWarning
        When units have no region at some level; the total is that of the others.
    UndefinedIndexWarning
        When the whole has no value: fewer than two groups have people.

    Notes
    -----
    A region whose weight is 0, or that has people of one group only, adds nothing within, though its own index is not
    defined. For O with many groups the weight of a region that lacks one of them is 0: then all there is of it stands
    in the part between.

    Districts whose labels begin anew in each state (1, 2, ...) are not nested as they stand; an error names
    them. Give the pair: ``by=["state", frame["state"] + " " + frame["district"]]``.

    In an environment the identity does not hold: people of a region meet people of others, so the mean of whom they
    meet is not the composition of the region. M and H are therefore taken at home. With
    ``by=`` of `segregate.measure` each region can be measured in an environment.

    References
    ----------
    Theil (1972), Statistical decomposition analysis; Reardon, Yun and Eitle (2000), doi:10.2307/2648074;
    Mora and Ruiz-Castillo (2011), doi:10.1111/j.1467-9531.2011.01237.x; Hutchens (2004),
    doi:10.1111/j.1468-2354.2004.00136.x.

    Examples
    --------
    >>> import segregate as sg
    >>> found = sg.between_within(sg.sample("schools"), "H", by="district")
    >>> found.table.round(4)
        between    within   value   share
    0  district            0.0905  0.6432
    1      unit  district  0.0502  0.3568
    """
    bound = _check(pop, index)
    levels = _encoded(pop, by)
    kept = np.flatnonzero(np.all([level.codes >= 0 for level in levels], axis=0))
    if not len(kept):
        every = " and of ".join(repr(level.name) for level in levels)
        raise DataError(f"No unit has a region of {every}.")
    _check_nested(levels, kept)
    counts = sealed(np.ascontiguousarray(pop.counts[kept]))
    codes = [np.zeros(len(kept), dtype=np.int64), *(level.codes[kept] for level in levels), np.arange(len(kept))]
    labels = [np.array([""], dtype=object), *(np.array(list(level.labels), dtype=object) for level in levels)]
    names = tuple(str(level.name) for level in levels)
    finest = next(word for word in ("unit", "single unit", "each unit") if word not in names)

    whole = _found(pop, bound, codes[0], codes[-1], counts)
    warn_about(whole.found)
    total = float(whole.found.values[0])
    weigh = WEIGHTS[bound.spec.name]
    tables = []
    for parent, child, label, within, between in zip(
        codes, codes[1:], labels, ("", *names), (*names, finest), strict=False
    ):
        one = _found(pop, bound, parent, child, counts)
        weight = weigh(one.people, whole.people[0])
        value = one.found.values
        contribution = np.where(np.isnan(value) | (weight == 0), 0.0, weight * value)
        tables.append(
            pd.DataFrame(
                {
                    "between": between,
                    "within": within,
                    "region": label[one.regions],
                    "parts": one.parts,
                    "people": one.people.sum(axis=1),
                    "weight": weight,
                    "value": value,
                    "contribution": contribution if np.isfinite(total) else np.nan,
                }
            )
        )
    regions = pd.concat(tables, ignore_index=True)
    regions["share"] = regions["contribution"] / total if total else np.nan
    left_out = pop.n_units - len(kept)
    notes = (f"{plural(left_out, 'unit')} without a region left out",) if left_out else ()
    return BetweenWithin(
        bound.spec.name,
        bound.spec.symbol,
        bound.params,
        names,
        total,
        _sum(tables[0]["contribution"]),
        _sum(regions["contribution"].iloc[len(tables[0]) :]),
        regions,
        notes,
    )


def _sum(values: pd.Series[float]) -> float:
    """Add up so that the order does not matter."""
    return float(exact_sum(frozen(values.to_numpy(dtype=float))))


def _check(pop: object, index: IndexLike) -> BoundIndex:
    """Refuse what does not split, and return the index."""
    if not isinstance(pop, Population):
        raise ParameterError(f"between_within takes a Population, not {type(pop).__name__}.")
    bound = resolve(index)
    if bound.spec.name not in WEIGHTS:
        raise ParameterError(f"{KNOWN}, not {bound.spec.name}: {_reason(bound.spec)}")
    if not pop.at_home:
        raise ParameterError(
            f"In an environment {bound.spec.name} does not split: people meet those of other regions, so the parts do "
            "not add up. Take population.home(), or measure(population, by=...) for each region on its own."
        )
    return bound


def _reason(spec: IndexSpec) -> str:
    """Say why an index is not split."""
    if spec.level == "local":
        return "it gives one value per unit."
    if spec.name in PAIRS:
        return (
            "it is not the value between regions plus a weighted sum of the values within them. What is left over "
            "belongs to neither, so there are no parts to report."
        )
    if spec.name in ("relative_diversity", "correlation_ratio"):
        return "Simpson's diversity would split as entropy does, but H and M are what is used for that."
    return "no weights are known with which its values between and within regions add up to that of the whole."


def _encoded(pop: Population, by: Any) -> list[Encoded]:
    """Return the regions of the units, level by level."""
    asked = [by]
    if isinstance(by, (list, tuple)):
        columns = pop.attributes.columns
        levels = all(isinstance(one, ARRAYS) or (isinstance(one, Hashable) and one in columns) for one in by)
        if not len(by):
            raise ParameterError("by= is empty; name the columns of regions, from the widest to the finest.")
        asked = list(by) if levels or isinstance(by, tuple) or len(by) != pop.n_units else [by]
    found = [encode_regions(pop, one) for one in asked]
    unnamed = [isinstance(one, ARRAYS) and not getattr(one, "name", None) for one in asked]
    if sum(unnamed) > 1:
        found = [
            replace(level, name=f"region {k}") if bare else level
            for k, (level, bare) in enumerate(zip(found, unnamed, strict=True), start=1)
        ]
    names = [str(level.name) for level in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ParameterError(f"by= names {first_of(twice)} twice; each level has a name of its own.")
    return found


def _check_nested(levels: list[Encoded], kept: Ints) -> None:
    """Refuse regions that lie in two wider ones."""
    for wide, fine in itertools.pairwise(levels):
        pairs = np.unique(np.column_stack([fine.codes[kept], wide.codes[kept]]), axis=0)
        times = np.bincount(pairs[:, 0], minlength=len(fine.labels))
        torn = np.flatnonzero(times > 1)
        if len(torn):
            first = wide.labels[pairs[pairs[:, 0] == torn[0], 1]]
            raise DataError(
                f"{plural(len(torn), 'region')} of {fine.name!r} of {(times > 0).sum():,} "
                f"{'lies' if len(torn) == 1 else 'lie'} in more than one {wide.name!r} (first: "
                f"{first_of(fine.labels[torn])}; {first_of(fine.labels[torn[:1]])} in {first_of(first)}). Levels go "
                f"from the widest to the finest. Where labels begin anew in each {wide.name!r}, give the pair: frame["
                f"{wide.name!r}].astype(str) + ' ' + frame[{fine.name!r}].astype(str)."
            )


class _Found(NamedTuple):
    """The index of each region, against the parts of it."""

    found: Any
    regions: Ints
    people: Floats
    parts: Ints


def _found(pop: Population, bound: BoundIndex, parent: Ints, child: Ints, counts: Floats) -> _Found:
    """Evaluate an index on the regions `parent`, with the regions `child` as units."""
    order = np.lexsort((child, parent))
    new_child = np.append(True, np.diff(child[order]) != 0)
    first = np.flatnonzero(new_child)
    added = column_sums(sealed(np.ascontiguousarray(counts[order])), frozen(np.append(first, len(order)), np.int64))
    parents = parent[order][first]
    regions, begin = np.unique(parents, return_index=True)
    starts = frozen(np.append(begin, len(parents)), np.int64)
    added = sealed(added)
    found = bound(Assessor(Segments(added, added, starts, pop.groups, pd.RangeIndex(len(added)), pop.places)))
    parts = np.add.reduceat((added.sum(axis=1) > 0).astype(np.int64), begin)
    return _Found(found, regions, column_sums(added, starts), parts)


def _weigh_people(regions: Floats, whole: Floats) -> Floats:
    """Return shares of the people."""
    return _over(regions.sum(axis=1), float(whole.sum()))


def _weigh_entropy(regions: Floats, whole: Floats) -> Floats:
    """Return shares of the people's entropy."""
    return _over(_entropy_times_people(regions), float(_entropy_times_people(whole[None])[0]))


def _over(values: Floats, whole: float) -> Floats:
    """Return values as shares of the whole, NaN if that is 0."""
    return values / whole if whole > 0 else np.full(len(values), np.nan)


def _entropy_times_people(counts: Floats) -> Floats:
    """Return the entropy of each row of counts, times its sum."""
    shares = np.divide(counts, counts.sum(axis=1, keepdims=True), out=np.zeros(counts.shape), where=counts > 0)
    logs = np.log(shares, out=np.zeros(counts.shape), where=shares > 0)
    return -(counts * logs).sum(axis=1)  # type: ignore[no-any-return]


def _weigh_geometric(regions: Floats, whole: Floats) -> Floats:
    """Return the geometric mean of the shares of the groups that live in each region."""
    there = whole > 0
    return np.prod((regions[:, there] / whole[there]) ** (1 / max(int(there.sum()), 1)), axis=1)  # type: ignore[no-any-return]


WEIGHTS: dict[str, Callable[[Floats, Floats], Floats]] = {
    "mutual_information": _weigh_people,
    "information_theory": _weigh_entropy,
    "hutchens": _weigh_geometric,
}
"""The weight of a region, by index."""
