"""Population: people by unit and group, checked, aligned and read-only."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from ._buffer import surrounded
from ._crossed import WithDimensions, crossed_rows, flat_columns, kept_dimensions
from ._disclosure import Disclosure
from ._door import population_fields
from ._grouping import REST as REST
from ._grouping import against_the_rest, selected_groups
from ._long import long_fields
from ._margins import Margins
from ._places import Places
from ._provenance import Provenance, then
from ._reference import shares_of
from ._regions import Regions, by_unit, encode_regions, warn_about, warn_undefined
from ._repr import as_html, as_text
from ._segments import Conditions, Extra, Kernel, Notes, Segments, frozen, sealed
from ._uncertain import Uncertainty, WithUncertainty
from .environment import Environment, Home
from .environment._met import met_within
from .errors import DataError, ParameterError
from .kernels import merge_columns

__all__ = ["Population"]

Floats = npt.NDArray[np.float64]
PER_UNIT = ("counts", "_surroundings", "_presence", "_raised", "_area")
"""Arrays of a population, or None, that hold a value or a row for each unit."""


@dataclass(frozen=True, eq=False, repr=False)
class Population(WithUncertainty, WithDimensions):
    """People by unit and group.

    Build one with `Population.from_frame`, `Population.from_long` or `segregate.read`,
    which check the data; it never changes afterwards.

    Attributes
    ----------
    counts : ndarray of shape (n_units, n_groups)
        People of each group in each unit, read-only.
    groups : tuple of str
        Names of the groups, in the order of the columns.
    ids : pandas.Index
        Label of each unit.
    environment : Environment
        Who surrounds a person; `Home` unless `within` was called.
    source : str or None
        Where the data come from.
    notes : tuple of str
        What was decided while the data were read, for captions and reports.
    uncertainty : Uncertainty or None
        Margins of error, intervals and replicates of the counts, where any are known.
    disclosure : Disclosure or None
        Which counts are suppressed, rounded, perturbed or imputed, and how many people that touches, where it is known.
    provenance : Provenance or None
        File, hash, date, licence, caveats and steps, where the data were read by `segregate.read`.
    """

    counts: Floats
    groups: tuple[str, ...]
    ids: pd.Index
    _attributes: pd.DataFrame
    _geometry: gpd.GeoSeries | None = None
    environment: Environment = field(default_factory=Home)
    source: str | None = None
    notes: tuple[str, ...] = ()
    _surroundings: Floats | None = None
    _presence: Floats | None = None
    _raised: Floats | None = None
    _points: gpd.GeoSeries | str = "centroid"
    _area: Floats | None = None
    uncertainty: Uncertainty | None = None
    disclosure: Disclosure | None = None
    provenance: Provenance | None = None
    _dimensions: tuple[str, ...] = ()

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        groups: Sequence[Hashable],
        *,
        total: Hashable | None = None,
        id: Hashable | None = None,  # noqa: A002
        area: Hashable | tuple[Hashable, str] | None = None,
        points: str | tuple[Hashable, Hashable] = "centroid",
        crs: Any = None,
        missing: str = "raise",
        suppressed: str = "raise",
        excess: str = "raise",
        moe: Margins | None = None,
        marks: Mapping[Any, Any] | None = None,
        decimal: str | None = None,
        thousands: str | None = None,
    ) -> Population:
        """Read a table with one row per unit and one column per group.

        Parameters
        ----------
        frame : DataFrame or GeoDataFrame
            One row per unit; it is not changed.
        groups : list of column names
            Numbers of people of each group; the groups must not overlap. Where the columns have several levels
            (origin, age, sex), columns of all levels, as tuples: `dimensions` are the levels.
        total : column name, optional
            All people of the unit. Those who are in no listed group become the group "other"; without it the listed
            groups are everybody.
        id : column name, optional
            Labels of the units; by default the index of the frame.
        area : column name or (column name, unit), optional
            Area of each unit, in m2 or in "m2", "km2", "ha", "acre" or "sqmi"; land area where it is known. By default
            the area of the geometry.
        points : {"centroid", "inside"}, column name or (x, y), optional
            Where the people of a unit are: the centroid of its geometry (taken in metres), a point that surely lies
            inside, a geometry column (population-weighted points, for example), or two columns of coordinates in `crs`.
        crs : optional
            Coordinate reference system of data that carry none, as geopandas takes it.
        missing : {"raise", "drop"}
            What happens to units without a complete count.
        suppressed : {"raise", "drop", "low", "middle", "high"}
            What happens to suppressed counts ("<5", and what `marks` says): an error, their units are left out, or the
            least, the middle or the most that is possible stands there. Their intervals go to `uncertainty`. With
            `total` they are never more than fits, and "other" takes what they leave.
        excess : {"raise", "groups"}
            What happens where the groups hold more people than `total`: an error, or the sum of the groups is taken as
            the total (rounded and perturbed sources need it).
        moe : mapping of group column to column name, or list of column names, optional
            90 % margins of error of the counts, as of the American Community Survey: 1.645 standard errors. A list is
            in the order of the groups; with `total` a mapping names its margin too. A group without is taken as exact,
            which is noted. The code -555555555 (controlled) is a margin of 0.
        marks : mapping, optional
            What stands for a mark or a code in columns of counts: ``{"*": (1, 4), "..": "missing", -9999: "suppressed",
            "-": 0}``, where a pair is the least and the most people. Numbers may then be written as text.
        decimal : {".", ","}, optional
        thousands : {"", ".", ",", " "}, optional
            How numbers that are text are written, in counts, coordinates, areas and margins; of point and comma the one
            that is not said is the other mark. By default "1.234" is refused where it may be either.

        Returns
        -------
        Population

        Raises
        ------
        DataError
            For data that cannot be measured; the message names the units.
        UnknownNameError
            For columns that are not there; the message names the nearest.

        Examples
        --------
        >>> import pandas as pd
        >>> import segregate as sg
        >>> frame = pd.DataFrame({"a": [90, 10], "b": [10, 90]}, index=["north", "south"])
        >>> sg.dissimilarity(sg.Population.from_frame(frame, ["a", "b"]))
        0.8
        """
        frame, groups, levels = flat_columns(frame, groups)
        given: dict[str, Any] = {"total": total, "id": id, "area": area, "points": points, "crs": crs, "moe": moe}
        given |= {"missing": missing, "suppressed": suppressed, "excess": excess, "marks": marks}
        parts = population_fields(frame, groups, **given, decimal=decimal, thousands=thousands)
        return cls(**parts, _dimensions=levels)

    @classmethod
    def from_long(
        cls,
        frame: pd.DataFrame,
        *,
        unit: Hashable,
        group: Hashable | list[Hashable],
        count: Hashable | None = None,
        area: Hashable | tuple[Hashable, str] | None = None,
        points: str | tuple[Hashable, Hashable] = "centroid",
        crs: Any = None,
        missing: str = "raise",
        suppressed: str = "raise",
        moe: Hashable | None = None,
        marks: Mapping[Any, Any] | None = None,
        decimal: str | None = None,
        thousands: str | None = None,
    ) -> Population:
        """Read a table with one row per unit and group, or one row per person.

        Rows of the same unit and group are added up; a pair that has no row counts 0. The groups are sorted by name
        (a categorical column keeps its order), the units come in the order of their first rows, and other columns
        that say the same in all rows of a unit become attributes.

        Parameters
        ----------
        frame : DataFrame or GeoDataFrame
            It is not changed.
        unit, group : column name
            Which unit and which group a row is about. A list of columns classifies the groups by several
            `dimensions`: ``group=["origin", "age", "sex"]``.
        count : column name, optional
            Number of people in the row; by default each row is one person.
        area, points, crs, suppressed, marks, decimal, thousands
            As in `from_frame`. Where rows with suppressed counts are added up, so are their intervals.
        missing : {"raise", "drop"}
            What happens to rows without unit, group or count: an error, or they are left out and counted in `notes`.
        moe : column name, optional
            90 % margin of error of `count`; every pair of unit and group has a row then. Those of rows that are added
            up are combined as of independent estimates.

        Returns
        -------
        Population

        Examples
        --------
        >>> import pandas as pd
        >>> import segregate as sg
        >>> rows = pd.DataFrame({"school": list("aabb"), "race": list("xyxy"), "n": [9, 1, 1, 9]})
        >>> sg.dissimilarity(sg.Population.from_long(rows, unit="school", group="race", count="n"))
        0.8
        """
        frame, group, dimensions = crossed_rows(frame, group)
        given: dict[str, Any] = {"unit": unit, "group": group, "count": count, "moe": moe, "missing": missing}
        given |= {"suppressed": suppressed, "marks": marks, "decimal": decimal, "thousands": thousands}
        parts = long_fields(frame, **given, area=area, points=points, crs=crs)
        return cls(**parts, _dimensions=dimensions)

    # what there is ---------------------------------------------------------------------

    @property
    def n_units(self) -> int:
        """Number of units."""
        return len(self.counts)

    @property
    def n_groups(self) -> int:
        """Number of groups."""
        return len(self.groups)

    @property
    def totals(self) -> Floats:
        """People of all groups in each unit, (n_units,)."""
        return self.segments.totals

    @property
    def size(self) -> float:
        """Number of people."""
        return float(self.segments.group_sizes.sum())

    @property
    def surroundings(self) -> Floats:
        """People of each group around each unit, (n_units, n_groups); `counts` at home."""
        return self.counts if self._surroundings is None else self._surroundings

    @cached_property
    def composition(self) -> Floats:
        """Shares of the groups among the people met in each unit; NaN where there is nobody."""
        composition = self.segments.composition.copy()
        composition[self.surroundings.sum(axis=1) <= 0] = np.nan
        return sealed(composition)  # type: ignore[no-any-return]

    @cached_property
    def shares(self) -> Floats:
        """Shares of the groups in the whole population, (n_groups,); NaN without people."""
        return frozen(self.segments.shares[0] if self.size > 0 else np.full(self.n_groups, np.nan))  # type: ignore[no-any-return]

    @property
    def attributes(self) -> pd.DataFrame:
        """The frame's other columns, with the ids as index."""
        return self._attributes.copy(deep=False)

    @property
    def geometry(self) -> gpd.GeoSeries | None:
        """Shapes (or points) of the units in the CRS of the data, with the ids as index."""
        return None if self._geometry is None else self._geometry.copy()

    @property
    def crs(self) -> Any:
        """Coordinate reference system of the geometry, or None."""
        return None if self._geometry is None else self._geometry.crs

    @property
    def points(self) -> Floats:
        """Where the people of each unit are, (n_units, 2) in metres."""
        return self.places.points

    @property
    def area(self) -> Floats:
        """Area of each unit in m2, (n_units,)."""
        return self.places.area

    @cached_property
    def places(self) -> Places:
        """Points, areas and borders of the units, each computed when first asked for."""
        return Places(self.ids, self._geometry, self._points, self._area)

    @property
    def at_home(self) -> bool:
        """Whether people meet those of their own unit: there is no environment."""
        return self._surroundings is None

    # other populations -----------------------------------------------------------------

    def select(self, *groups: str) -> Population:
        """Return only the people of these groups, in this order."""
        return self._regroup(selected_groups(self.groups, groups), groups)

    def versus(self, group: str) -> Population:
        """Return two groups: this one, and "rest", everybody else."""
        return self._regroup(against_the_rest(self.groups, group), (group, REST))

    def within(
        self,
        environment: Environment,
        *,
        by: Hashable | npt.ArrayLike | None = None,
        buffer: Population | None = None,
    ) -> Population:
        """Return the same people who meet those of an environment.

        Parameters
        ----------
        environment : Environment
            Replaces any earlier one. Groups chosen afterwards keep the surroundings that are
            computed here; rows chosen afterwards (`subset`, `split`) keep those of the whole.
        by : column name or array of shape (n_units,), optional
            The environment stops at the edge of each unit's region.
        buffer : Population, optional
            Units around these, of the same groups, whose people are met but not measured.

        Returns
        -------
        Population
        """
        if isinstance(environment, type) or not callable(getattr(environment, "on", None)):
            raise ParameterError(
                f"within takes an environment such as sg.Home() or sg.Weights(graph), not {environment!r}."
            )
        if isinstance(environment, Home):
            return self.home()
        if buffer is not None:
            if by is not None:
                raise ParameterError("buffer= and by= do not go together: an environment that stops at edges has none.")
            return surrounded(self, environment, buffer)
        regions = None if by is None else encode_regions(self, by).codes
        operator = environment.on(self.home(), regions=regions)
        around = met_within(operator, self.counts)
        steps = then(self.provenance, f"within {environment}")
        return self._share_places(replace(self, environment=environment, provenance=steps, **around.fields))

    def home(self) -> Population:
        """Return the same people without an environment."""
        if self._surroundings is None:
            return self
        return self._share_places(replace(self, environment=Home(), _surroundings=None, _presence=None, _raised=None))

    def subset(self, mask: npt.ArrayLike | pd.Series[Any]) -> Population:
        """Return some of the units; their surroundings stay those of the whole.

        Parameters
        ----------
        mask : array or Series of bool, shape (n_units,)
            A Series whose index holds the ids is matched by id.
        """
        keep = np.asarray(by_unit(mask, self.ids, "mask") if isinstance(mask, pd.Series) else mask)
        if keep.dtype != bool or keep.shape != (self.n_units,):
            raise ParameterError(f"subset takes {self.n_units:,} values of true or false, one per unit.")
        if not keep.any():
            raise DataError("No unit would be left; the mask is false everywhere.")
        points = self._points
        arrays: dict[str, Any] = {name: self.__dict__[name] for name in PER_UNIT}
        kept: dict[str, Any] = {name: None if array is None else sealed(array[keep]) for name, array in arrays.items()}
        return replace(
            self,
            **kept,
            ids=self.ids[keep],
            _attributes=self._attributes.loc[keep],
            _geometry=None if self._geometry is None else self._geometry.loc[keep],
            _points=points if isinstance(points, str) else points.loc[keep],
            uncertainty=None if self.uncertainty is None else self.uncertainty.subset(keep),
            disclosure=None if self.disclosure is None else self.disclosure.subset(keep),
            provenance=then(self.provenance, f"{int(keep.sum()):,} of {self.n_units:,} units"),
        )

    def split(self, by: Hashable | npt.ArrayLike) -> dict[Any, Population]:
        """Return one population per region; units without a region are left out with a warning."""
        found = encode_regions(self, by)
        return {label: self.subset(found.codes == r) for r, label in enumerate(found.labels)}

    def regions(self, by: Hashable | npt.ArrayLike) -> Regions:
        """Return the regions as one object on which every index gives an array, one value a region."""
        return Regions(self, encode_regions(self, by))

    def to_frame(self) -> pd.DataFrame:
        """Return counts, attributes and geometry, not the uncertainty, as a (Geo)DataFrame with the ids as index."""
        frame = pd.DataFrame(self.counts.copy(), index=self.ids.copy(), columns=list(self.groups))
        taken = [*self.groups, self.ids.name]
        frame = pd.concat([frame, self._attributes.loc[:, ~self._attributes.columns.isin(taken)]], axis=1)
        if self._geometry is None:
            return frame
        name = self._geometry.name or "geometry"
        located: pd.DataFrame = gpd.GeoDataFrame(frame.assign(**{name: self._geometry.copy()}), geometry=name)
        return located

    # indices ---------------------------------------------------------------------------

    def evaluate(
        self,
        kernel: Kernel,
        *params: float,
        focal: Sequence[str | None] = (),
        each: Kernel | None = None,  # noqa: ARG002 - for `segregate.local`
        conditions: Conditions = Conditions(),  # noqa: B008 - frozen
        extra: Extra | None = None,
        notes: Notes | None = None,
    ) -> float:
        """Return the value of a kernel on the whole population; the indices call this.

        The parameters are those of `segregate._segments.Segments.assess`.
        """
        found = self.segments.assess(kernel, *params, focal=focal, conditions=conditions, extra=extra, notes=notes)
        warn_about(found)
        return float(found.values[0])

    def each(
        self,
        kernel: Kernel,
        *params: float,
        focal: Sequence[str | None] = (),
        reference: Any = None,
        extra: Extra | None = None,
        why: str | None = None,
    ) -> pd.Series[float]:
        """Return the value of a kernel in every unit; the local indices call this."""
        shares = self.reference_shares(reference)
        values, told = self.segments.each(kernel, *params, focal=focal, reference=shares, extra=extra, why=why)
        warn_undefined(told)
        return pd.Series(values, index=self.ids)

    def reference_shares(self, reference: Population | Mapping[str, float] | None) -> Floats | None:
        """Return the shares of a wider area, in the order of the groups; see `segregate._reference.shares_of`."""
        if isinstance(reference, Population):
            reference = dict(zip(reference.groups, reference.counts.sum(axis=0).tolist(), strict=True))
        return shares_of(reference, self.groups)

    @cached_property
    def segments(self) -> Segments:
        """The population as one region."""
        starts = frozen(np.array([0, self.n_units]), np.int64)
        beside = (self._presence, self._raised)
        return Segments(self.counts, self.surroundings, starts, self.groups, self.ids, self.places, *beside)

    def _regroup(self, target: npt.NDArray[np.int64], groups: tuple[str, ...]) -> Population:
        around, doubt, kinds = self._surroundings, self.uncertainty, self.disclosure
        counts = sealed(merge_columns(self.counts, target, len(groups)))
        regrouped = replace(
            self,
            counts=counts,
            groups=groups,
            _dimensions=kept_dimensions(self._dimensions, groups),
            uncertainty=None if doubt is None else doubt.regroup(target, counts),
            disclosure=None if kinds is None else kinds.regroup(target, groups, counts.sum(axis=1)),
            provenance=then(self.provenance, f"groups {', '.join(groups)} from {', '.join(self.groups)}"),
            _surroundings=None if around is None else sealed(merge_columns(around, target, len(groups))),
        )
        return self._share_places(regrouped)

    def _share_places(self, other: Population) -> Population:
        """Hand on where the same units are, with all that is computed already."""
        other.__dict__["places"] = self.places
        return other

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_html(self)

    def __getstate__(self) -> dict[str, Any]:
        return {item.name: self.__dict__[item.name] for item in fields(self)}

    def __post_init__(self) -> None:
        for name in ("counts", "_surroundings"):
            if self.__dict__[name] is not None:
                object.__setattr__(self, name, frozen(self.__dict__[name]))

    def __setstate__(self, state: dict[str, Any]) -> None:
        for value in state.values():
            if isinstance(value, np.ndarray):
                value.setflags(write=False)
        self.__dict__.update(state)
