"""Regions: the units of a table by city, district or state."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from ._checks import check_columns
from ._segments import Conditions, Evaluation, Extra, Kernel, Notes, Segments, sealed
from .errors import DataError, ParameterError, SegregateWarning, UndefinedIndexWarning, first_of, plural, warn

if TYPE_CHECKING:
    from .population import Population

__all__ = ["Encoded", "Regions", "by_unit", "encode_regions", "warn_about", "warn_undefined"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Encoded:
    """The region of each unit as a number.

    Attributes
    ----------
    name : Hashable
        What the regions are called in tables.
    codes : ndarray of shape (n,)
        Position in `labels`; -1 where the unit has no region.
    labels : Index
        Names of the regions, sorted.
    """

    name: Hashable
    codes: Ints
    labels: pd.Index


def by_unit(values: Any, ids: pd.Index, what: str) -> Any:
    """Return one value per unit, in the order of the units.

    Parameters
    ----------
    values : array or Series
        A Series whose index holds the ids is put into their order; any other is taken as it
        stands.
    ids : Index
        Labels of the units.
    what : str
        The argument, for the messages.
    """
    fits = np.ndim(values) == 1 and len(values) == len(ids)
    if not fits and not (isinstance(values, pd.Series) and ids.isin(values.index).all()):
        shape = " x ".join(f"{length:,}" for length in np.shape(values))
        raise ParameterError(f"{what} has {shape} values for {plural(len(ids), 'unit')}; it takes one per unit.")
    if not isinstance(values, pd.Series) or values.index.equals(ids):
        return values
    known = ids.isin(values.index)
    if not known.any():
        return values
    if not known.all() or not values.index.is_unique:
        some = ids[~known][:4] if not known.all() else values.index[values.index.duplicated()][:4]
        raise ParameterError(
            f"{what} is a Series whose index holds the ids of some units only, or holds one twice "
            f"(first: {first_of(some)}), so it is not clear which value is whose. Give one value for each id, "
            "or an array in the order of the units."
        )
    return values.loc[ids]


def encode_regions(population: Population, by: Hashable | npt.ArrayLike) -> Encoded:
    """Give each unit the number of its region.

    Parameters
    ----------
    population : Population
        The units.
    by : column name or array of shape (n_units,)
        A column of `population.attributes`, or the region of each unit.

    Warns
    -----
    SegregateWarning
        Where units have no region; they are left out.
    """
    values: Any
    name: Hashable = "region"
    if isinstance(by, (np.ndarray, pd.Series, pd.Index, pd.api.extensions.ExtensionArray, list)):
        values = by_unit(by, population.ids, "by=")
        name = getattr(by, "name", None) or name
    else:
        name = cast("Hashable", by)
        check_columns(population.attributes, [name], role="by=")
        values = population.attributes[name]
    series = pd.Series(values)
    kind = pd.api.types.infer_dtype(series, skipna=True)
    if kind in ("mixed", "mixed-integer"):
        raise DataError(f"The regions in {name!r} mix text and numbers ({kind}); make them one or the other.")
    codes, labels = pd.factorize(series, sort=True)
    absent = codes < 0
    if absent.all():
        raise DataError(f"No unit has a region: {name!r} is missing everywhere.")
    if absent.any():
        people = population.totals[absent].sum()
        warn(
            f"{plural(int(absent.sum()), 'unit')} of {population.n_units:,} without {name!r} left out "
            f"({people:,.6g} of {population.size:,.6g} people; first: {first_of(population.ids[absent][:4])})."
        )
    return Encoded(name, codes.astype(np.int64), pd.Index(labels, name=name))


class Regions:
    """A population region by region.

    Every index takes it in place of a population and returns an array, one value a region,
    in the order of `labels`, from one pass over the units.

    Parameters
    ----------
    population : Population
        The units.
    encoded : Encoded
        Their regions.

    Attributes
    ----------
    labels : pandas.Index
        Names of the regions, sorted.

    Examples
    --------
    >>> import segregate as sg
    >>> schools = sg.sample("schools")
    >>> sg.dissimilarity(schools.regions("district")).shape
    (4,)
    """

    def __init__(self, population: Population, encoded: Encoded) -> None:
        self.population = population
        self.labels = encoded.labels
        self._codes = encoded.codes

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        units = plural(self.population.n_units, "unit")
        return f"Regions: {plural(len(self), 'region')} by {self.labels.name!r} of {units}"

    @cached_property
    def order(self) -> Ints:
        """Rows of the units that have a region, sorted stably by region."""
        smallest = np.min_scalar_type(-len(self) - 1)
        order = np.argsort(self._codes.astype(smallest), kind="stable")
        return order[int((self._codes < 0).sum()) :]

    @cached_property
    def segments(self) -> Segments:
        """The arrays that the indices see."""
        population, order = self.population, self.order
        starts = np.concatenate([[0], np.cumsum(np.bincount(self._codes[order], minlength=len(self)))])
        sorted_already = np.array_equal(order, np.arange(population.n_units))
        counts = population.counts if sorted_already else sealed(np.take(population.counts, order, axis=0))
        around = counts
        if population.surroundings is not population.counts:
            around = (
                population.surroundings if sorted_already else sealed(np.take(population.surroundings, order, axis=0))
            )
        labels = population.ids if sorted_already else population.ids[order]
        places = population.places.by_region(order, starts)
        beside = [
            None if array is None else sealed(array[order]) for array in (population._presence, population._raised)
        ]
        return Segments(counts, around, sealed(starts.astype(np.int64)), population.groups, labels, places, *beside)

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups."""
        return self.population.groups

    @property
    def at_home(self) -> bool:
        """Whether people meet those of their own unit."""
        return self.population.at_home

    def evaluate(
        self,
        kernel: Kernel,
        *params: float,
        focal: Sequence[str | None] = (),
        each: Kernel | None = None,  # noqa: ARG002 - for `segregate.local`
        conditions: Conditions = Conditions(),  # noqa: B008 - frozen
        extra: Extra | None = None,
        notes: Notes | None = None,
    ) -> Floats:
        """Return the value of a kernel in every region; the indices call this.

        The parameters are those of `segregate._segments.Segments.assess`.
        """
        found = self.segments.assess(kernel, *params, focal=focal, conditions=conditions, extra=extra, notes=notes)
        warn_about(found, self.labels)
        return found.values

    def each(
        self,
        kernel: Kernel,
        *params: float,
        focal: Sequence[str | None] = (),
        reference: Any = None,
        extra: Extra | None = None,
        why: str | None = None,
    ) -> pd.Series[float]:
        """Return the value of a kernel in every unit, set against the unit's own region."""
        values = np.full(self.population.n_units, np.nan)
        shares = self.population.reference_shares(reference)
        values[self.order], told = self.segments.each(
            kernel, *params, focal=focal, reference=shares, extra=extra, why=why
        )
        warn_undefined(told)
        return pd.Series(values, index=self.population.ids)


def warn_undefined(why: str) -> None:
    """Warn, once, of units with people that have no value."""
    if why:
        warn(f"{why}.", UndefinedIndexWarning)


def warn_about(found: Evaluation, labels: pd.Index | None = None) -> None:
    """Warn, once, of regions that have no value and of people left out."""
    kinds: list[tuple[str, type[Warning]]] = [
        ("undefined", UndefinedIndexWarning),
        ("partial", SegregateWarning),
        ("ok", SegregateWarning),
    ]
    for status, kind in kinds:
        at = np.flatnonzero((found.status == status) & (found.messages != ""))
        if not len(at):
            continue
        reason = found.messages[at[0]]
        if labels is None:
            text = f"The index is undefined: {reason}." if status == "undefined" else f"{reason}."
        else:
            many = f"{plural(len(at), 'region')} of {len(labels):,}"
            what = "note on" if status == "ok" else f"{status} in"
            text = f"{what} {many}, first {first_of(labels[at][:1])}: {reason}."
        warn(text[0].upper() + text[1:], kind)
