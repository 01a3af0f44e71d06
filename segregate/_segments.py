"""The arrays that an index sees, region after region, and its evaluation on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from ._arrays import frozen, sealed
from ._places import Places
from .environment import Decay
from .environment._met import Nearby, met_within
from .environment._points import Located
from .errors import (
    DataError,
    ParameterError,
    UnknownNameError,
    first_of,
    have,
    nearest,
    plural,
)
from .kernels import column_sums, merge_columns, row_shares, segment_sums

__all__ = [
    "Conditions",
    "Evaluable",
    "Evaluation",
    "Extra",
    "Notes",
    "PerUnit",
    "Segments",
    "V",
    "focal_positions",
    "frozen",
    "sealed",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Kernel = Callable[..., Floats]
Extra = Callable[["Segments"], tuple[npt.NDArray[Any], ...]]
Notes = Callable[["Segments"], Sequence[str]]
V = TypeVar("V")
V_co = TypeVar("V_co", covariant=True)
NO_VALUE = "the formula has no value for these counts (division by zero)"


@dataclass(frozen=True)
class Conditions:
    """What an index asks of a population.

    Attributes
    ----------
    home : bool
        It has a meaning only without an environment (an option of an index that takes one;
        an index that never takes one says so in ``@index``).
    whole : bool
        It needs whole numbers of people.
    least_people : int
        Units with fewer people are left out, which is said.
    least_groups : int
        A region with people of fewer groups has no value.
    meets : bool
        It sees whom people meet, so that people who meet nobody are left out.
    why : str
        Why the formula has no value where nothing else explains it.
    """

    home: bool = False
    whole: bool = False
    least_people: int = 0
    least_groups: int = 2
    meets: bool = True
    why: str = NO_VALUE


class Evaluable(Protocol[V_co]):
    """What an index can be computed on.

    A `Population` gives a float, `Population.regions` gives an array (R,): the
    function of an index asks its argument to evaluate a kernel and returns the answer.
    """

    def evaluate(
        self,
        kernel: Kernel,
        *params: float,
        focal: Sequence[str | None] = (),
        each: Kernel | None = None,
        conditions: Conditions = Conditions(),
        extra: Extra | None = None,
        notes: Notes | None = None,
    ) -> V_co:
        """Evaluate a kernel; see `Segments.assess`."""


class PerUnit(Protocol[V_co]):
    """What a local index can be computed on."""

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups."""

    def each(
        self,
        kernel: Kernel,
        *params: float,
        focal: Sequence[str | None] = (),
        reference: Any = None,
        extra: Extra | None = None,
        why: str | None = None,
    ) -> V_co:
        """Evaluate a kernel that gives one value a unit; see `Segments.each`."""


@dataclass(frozen=True)
class Evaluation:
    """The values of an index, region by region, and how far they can be trusted.

    Attributes
    ----------
    values : ndarray of shape (R,)
        NaN where undefined.
    terms : ndarray of shape (n,) or None
        What each unit adds to the value of its region, in the order of the segments.
    status, messages : ndarray of shape (R,) of str
        "ok", "partial" (some people are left out) or "undefined", and why; a message beside
        "ok" is a note.
    """

    values: Floats
    terms: Floats | None
    status: npt.NDArray[np.object_]
    messages: npt.NDArray[np.object_]


@dataclass(frozen=True)
class Segments:
    """Units sorted stably by region.

    Attributes
    ----------
    counts : ndarray of shape (n, M)
        People of each group who live in each unit.
    surroundings : ndarray of shape (n, M)
        Whom they meet: `counts` itself at home, ``W @ counts`` in an environment.
    starts : ndarray of shape (R + 1,)
        First row of each region; the last entry is n.
    groups : tuple of str
        Names of the M groups.
    labels : Index
        Ids of the units, in this order.
    places : Places
        Where the units are, in this order.
    presence : ndarray of shape (n,) or None
        Within an environment the units with people around each unit; NaN for a unit without.
    raised : ndarray of shape (n,) or None
        Logarithm of the factor by which surroundings and presence are raised; None where none is.
    """

    counts: Floats
    surroundings: Floats
    starts: Ints
    groups: tuple[str, ...]
    labels: pd.Index
    places: Places
    presence: Floats | None = None
    raised: Floats | None = None

    @property
    def at_home(self) -> bool:
        """Whether the surroundings are the units themselves."""
        return self.surroundings is self.counts

    @property
    def n_regions(self) -> int:
        """Number of regions R."""
        return len(self.starts) - 1

    @cached_property
    def totals(self) -> Floats:
        """People of all groups in each unit, (n,)."""
        return sealed(self.counts.sum(axis=1))  # type: ignore[no-any-return]

    @cached_property
    def met(self) -> Floats:
        """Surroundings without the groups of which nobody lives in the region, (n, M)."""
        present = self.group_sizes > 0
        if self.at_home or present.all():
            return self.surroundings
        return sealed(self.surroundings * np.repeat(present, np.diff(self.starts), axis=0))  # type: ignore[no-any-return]

    @cached_property
    def composition(self) -> Floats:
        """Row shares of whom people meet, (n, M); zero where there is nobody."""
        return sealed(row_shares(self.met))  # type: ignore[no-any-return]

    @cached_property
    def group_sizes(self) -> Floats:
        """People of each group in each region, (R, M)."""
        return sealed(column_sums(self.counts, self.starts))  # type: ignore[no-any-return]

    @cached_property
    def shares(self) -> Floats:
        """Composition of each region, (R, M), of everybody who lives there."""
        return sealed(row_shares(self.group_sizes))  # type: ignore[no-any-return]

    @cached_property
    def stranded(self) -> Bools:
        """Units with people whose surroundings hold nobody, (n,)."""
        if self.at_home:
            return np.zeros(len(self.counts), dtype=bool)
        return (self.totals > 0) & (self.met.sum(axis=1) <= 0)  # type: ignore[no-any-return]

    def regroup(self, target: Ints, groups: tuple[str, ...]) -> Segments:
        """Put groups together: group m goes into group ``target[m]`` of `groups`, or nowhere (-1)."""
        counts = sealed(merge_columns(self.counts, target, len(groups)))
        around = counts if self.at_home else sealed(merge_columns(self.surroundings, target, len(groups)))
        regrouped = replace(self, counts=counts, surroundings=around, groups=groups)
        regrouped.__dict__["_origin"] = self, target  # no field: other counts would not come from there
        if (target >= 0).all() and "totals" in self.__dict__:  # everybody is still there
            regrouped.__dict__["totals"] = self.totals
        return regrouped

    @cached_property
    def _decays(self) -> dict[tuple[float, str], Nearby]:
        """Sums that are known already, by scale and self-distance."""
        return {}

    def nearby(self, scale: float, self_distance: Literal["area", "zero"], *, units: bool = False) -> Nearby:
        """Return who is around each unit: by a decay of the distance at home, else whom people meet.

        The sums are kept; groups put together take them from the groups that they came from.

        Parameters
        ----------
        scale, self_distance
            Those of `segregate.Decay`, for home.
        units : bool
            Whether the units with people are asked for.
        """
        if not self.at_home:
            return Nearby(self.met, self.presence, self.raised)
        key = (scale, self_distance)
        known = self._decays.get(key) or self._nearby_of_origin(scale, self_distance)
        if known is None or (units and known.units is None):
            located = Located(self.places.points, np.arange(len(self.counts)), self.starts, self.places)
            operator = Decay(scale, self_distance).between(self.labels, located, self.totals)
            known = met_within(operator, self.counts)
        self._decays[key] = known
        return known

    def _nearby_of_origin(self, scale: float, self_distance: Literal["area", "zero"]) -> Nearby | None:
        """Return sums put together from those of the origin, where these say all."""
        origin: tuple[Segments, Ints] | None = self.__dict__.get("_origin")
        if origin is None:
            return None
        whole, target = origin
        known = whole.nearby(scale, self_distance)
        dropped = bool((target < 0).any())
        if dropped and known.raised is not None:  # the nearest people may be others now
            return None
        fewer = dropped and bool(((self.totals > 0) != (whole.totals > 0)).any())
        people = sealed(merge_columns(known.people, target, len(self.groups)))
        return Nearby(people, None if fewer else known.units, known.raised)

    def without(self, left_out: Bools) -> tuple[Floats, Floats]:
        """Return counts and totals in which the people of some units weigh nothing."""
        if not left_out.any():
            return self.counts, self.totals
        keep = ~left_out
        return sealed(self.counts * keep[:, None]), sealed(self.totals * keep)

    def assess(
        self,
        kernel: Kernel,
        *params: float,
        focal: Sequence[str | None] = (),
        conditions: Conditions = Conditions(),
        extra: Extra | None = None,
        notes: Notes | None = None,
    ) -> Evaluation:
        """Evaluate a kernel on every region at once.

        Parameters
        ----------
        kernel : callable
            ``kernel(counts, totals, composition, shares, starts, *focal, *extra, *params)`` returns
            either (n,) terms, which are added up region by region, or (R,) values. (Where
            every region is one single unit the two are the same.) A unit that weighs
            nothing comes with zeros in counts and totals, and with no NaN; so does a
            group of which nobody lives in the region in shares and composition.
        *params : float
            Parameters of the index, passed on.
        focal : sequence of str or None
            The group, or the ordered pair of groups, that the index is about.
        conditions : Conditions
            What the index asks of a population.
        extra : callable, optional
            Takes the segments and returns further arrays for the kernel: areas, distances.
        notes : callable, optional
            Takes the segments and returns what is to be said about each region, "" for nothing.

        Returns
        -------
        Evaluation
        """
        if conditions.home and not self.at_home:
            raise ParameterError(
                "This index has a meaning only at home, where people meet those of their own unit. "
                "Take the population without its environment: population.home()."
            )
        if conditions.whole:
            self._check_whole()
        positions = focal_positions(self.groups, focal)
        left_out = self.stranded if conditions.meets else np.zeros(len(self.counts), dtype=bool)
        if conditions.least_people:
            left_out = left_out | ((self.totals > 0) & (self.totals < conditions.least_people))
        counts, totals = self.without(left_out)
        further = () if extra is None else extra(self)
        result = kernel(counts, totals, self.composition, self.shares, self.starts, *positions, *further, *params)
        terms = result if len(result) == len(totals) else None
        values = np.array(result if terms is None else segment_sums(sealed(terms), self.starts))

        weigh = column_sums(counts, self.starts) if left_out.any() else self.group_sizes
        status, messages = self._judge(values, positions, weigh, left_out, conditions)
        values[status == "undefined"] = np.nan
        if notes is not None:
            for r, note in enumerate(notes(self)):
                if note and status[r] != "undefined":
                    messages[r] = f"{messages[r]}; {note}" if messages[r] else note
        return Evaluation(values, terms, status, messages)

    def each(
        self,
        kernel: Kernel,
        *params: float,
        focal: Sequence[str | None] = (),
        reference: Floats | None = None,
        extra: Extra | None = None,
        why: str | None = None,
    ) -> tuple[Floats, str]:
        """Evaluate a kernel that gives one value a unit.

        Parameters
        ----------
        kernel, *params, focal, extra
            As in `assess`; the kernel returns (n,).
        reference : ndarray of shape (M,), optional
            Shares to compare with instead of those of the unit's own region.
        why : str, optional
            Why units with people may have no value; "" where that needs no word.

        Returns
        -------
        values : ndarray of shape (n,)
            NaN for units where nobody lives or whose surroundings hold nobody.
        why : str
            Why other units have no value, if there are any.
        """
        shares = self.shares if reference is None else sealed(np.tile(reference, (self.n_regions, 1)))
        positions = focal_positions(self.groups, focal)
        further = () if extra is None else extra(self)
        values = kernel(self.counts, self.totals, self.composition, shares, self.starts, *positions, *further, *params)
        nowhere = (self.totals <= 0) | self.stranded
        undefined = ~np.isfinite(values) & ~nowhere
        values[nowhere | undefined] = np.nan
        nobody = bool(positions) and not self.group_sizes[:, positions[0]].any()
        if not undefined.any() or (why == "" and not nobody):
            return values, ""
        why = None if nobody else why
        if why is not None:
            return values, f"{plural(int(undefined.sum()), 'unit')} with people have no value: {why}"
        names = " or ".join(repr(self.groups[m]) for m in positions)
        reason = f"nobody of group {names}" if positions else "nobody of a group that they meet"
        reason += " lives in the city" if reference is None else " is in the reference"
        return values, f"{plural(int(undefined.sum()), 'unit')} with people have no value: {reason}"

    def _judge(
        self,
        values: Floats,
        positions: Sequence[int],
        weigh: Floats,
        left_out: Bools,
        conditions: Conditions,
    ) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]]:
        """Say which regions have no value, and where people were left out."""
        n_regions = self.n_regions
        messages = np.full(n_regions, "", dtype=object)
        status = np.full(n_regions, "ok", dtype=object)

        if left_out.any():
            at = np.flatnonzero(left_out)
            region = np.searchsorted(self.starts, at, side="right") - 1
            units = np.bincount(region, minlength=n_regions)
            people = np.bincount(region, weights=self.totals[at], minlength=n_regions)
            fewer = f"with fewer than {conditions.least_people} people"
            what = fewer if conditions.least_people else "whose surroundings hold nobody"
            for r in np.flatnonzero(units):
                status[r] = "partial"
                messages[r] = (
                    f"{plural(int(units[r]), 'unit')} {what} left out ({people[r]:,.6g} of "
                    f"{self.group_sizes[r].sum():,.6g} people)"
                )

        def undefined(where: Bools, reason: Callable[[int], str]) -> None:
            for r in np.flatnonzero(where & (status != "undefined")):
                status[r] = "undefined"
                messages[r] = reason(int(r))

        present = self.group_sizes > 0
        n_present = present.sum(axis=1)
        undefined(n_present == 0, lambda _: "nobody lives here")
        if positions:
            name = self.groups[positions[0]]
            undefined(~present[:, positions[0]], lambda _: f"nobody of group {name!r} lives here")
        undefined(
            n_present < conditions.least_groups,
            lambda r: f"only one group has people here ({self.groups[int(present[r].argmax())]!r})",
        )
        undefined((weigh if not positions else weigh[:, positions[:1]]).sum(axis=1) <= 0, lambda r: messages[r])
        undefined(
            ~np.isfinite(values),
            lambda r: messages[r] or conditions.why,
        )
        return status, messages

    def _check_whole(self) -> None:
        parts = (self.counts != np.floor(self.counts)).any(axis=1)
        if parts.any():
            raise DataError(
                f"{have(int(parts.sum()), len(parts))} counts that are not whole numbers "
                f"(first: {first_of(self.labels[parts][:4])}); this index counts single people. "
                "Round them first, so that the totals stay right, or use the form that needs no whole numbers."
            )


def focal_positions(groups: tuple[str, ...], focal: Sequence[str | None]) -> tuple[int, ...]:
    """Turn the names of the focal groups into column numbers.

    With exactly two groups a name may be left out: the first is the group and the
    second the other, or whichever of the two is not the group.
    """
    if not focal:
        return ()
    words = ("group", "other")[: len(focal)]
    names: list[str | None] = list(focal)
    if None in names:
        if len(groups) != 2:
            missing = words[names.index(None)]
            raise ParameterError(
                f"This index is about {'one group' if len(words) == 1 else 'two groups'}, and the population has "
                f"{len(groups)}: pass {missing}= (one of {', '.join(map(repr, groups))})."
            )
        first = names[0] if names[0] is not None else next(g for g in groups if g not in names[1:])
        names[0] = first
        if len(names) == 2 and names[1] is None:
            names[1] = next((g for g in groups if g != first), first)
    for word, name in zip(words, names, strict=True):
        if name not in groups:
            raise UnknownNameError(f"{word}={name!r} is not a group. {nearest(name, groups)}")
    return tuple(groups.index(name) for name in names if name is not None)
