"""What each school adds to the segregation of its district, and whom pupils meet there."""

from __future__ import annotations

import itertools
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from .._checks import check_choice
from .._evaluate import Assessor
from .._measure import unit_table
from .._profile import view_of
from .._regions import Encoded, Regions, encode_regions
from ..errors import DataError, ParameterError, UnknownNameError, first_of, nearest, plural
from ..indices import resolve
from ..inference._statistic import CELLS, Around
from ..population import REST, Population
from ..registry import BoundIndex, IndexLike, IndexSpec
from ..results import Result

__all__ = ["Contribution", "ExposureGap", "contribution", "exposure_gap"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
METHODS = ("terms", "leave_one_out")
NAMED = ("school", "people", "contribution", "share", "rank", "group", "other", "own", "others", "gap", "pupils")
"""Columns of the tables, which regions cannot be called."""


@dataclass(frozen=True, eq=False, repr=False)
class Contribution(Result):
    """What each school adds to the segregation of its district.

    Attributes
    ----------
    rows : DataFrame
        `table`.
    districts : DataFrame
        A row per district: its label, schools, people, value of the index, status and message.
    method : str
        "terms" (they sum to the index of the district) or "leave_one_out" (the index less what it would be without
        the school; these do not sum to it).
    population : Population
        The schools.
    about : mapping
        index, symbol, title, group, versus, environment, params and by.
    """

    rows: pd.DataFrame
    districts: pd.DataFrame
    method: str
    population: Population
    about: dict[str, Any]
    notes: tuple[str, ...] = field(default=())
    picture: ClassVar[str] = "draw_contribution"

    @property
    def table(self) -> pd.DataFrame:
        """A row per school, in the order of the population.

        Returns
        -------
        DataFrame
            school; the district, where there are several; people; contribution; share (of the index of the district;
            NaN where that is 0) and rank (1 adds the most in its district).
        """
        return self.rows.copy()

    @property
    def local(self) -> gpd.GeoDataFrame:
        """The contribution of each school, for `segregate.plot.map`."""
        values = self.rows.set_index("school")["contribution"].reindex(self.population.ids).to_numpy(dtype=float)
        known = {name: self.about[name] for name in ("index", "symbol", "group", "params")}
        described = {**known, "title": f"Contribution to {self.about['title'].lower()}", "column": "value"}
        return unit_table(self.population, {"value": values}, {**described, "center": 0.0, "bounds": [None, None]})

    def _headline(self) -> str:
        known = self.rows.dropna(subset=["contribution"])
        start = f"Contribution of {plural(len(self.rows), 'school')} to {self.about['title'].lower()}"
        if self.about["group"]:
            start += f" of {self.about['group']}"
        if self.about["by"]:
            start += f" of {plural(len(self.districts), 'district')}"
        how = "terms that sum to the index" if self.method == "terms" else "the index less that without the school"
        if not len(known):
            return f"{start} ({how}): undefined"
        most = known.iloc[int(known["contribution"].to_numpy().argmax())]
        return f"{start} ({how}): {most['school']} adds the most, {most['contribution']:.4g} ({most['share']:.1%})"


def contribution(
    schools: Population,
    index: IndexLike = "dissimilarity",
    *,
    by: Hashable | npt.ArrayLike | None = None,
    group: str | None = None,
    other: str | None = None,
    method: str | None = None,
) -> Contribution:
    """Say what each school adds to the segregation of its district.

    Parameters
    ----------
    schools : Population
        One unit per school.
    index : index, optional
        Any that gives one number; D by default, of all groups or, with `group`, of one against everybody else.
    by : column name or array of shape (n_units,), optional
        The district of each school; without it all schools are one.
    group, other : str, optional
        The group, or the pair, that the index is about.
    method : {"terms", "leave_one_out"}, optional
        "terms": what each school adds to the sum that the index is (`segregate.contributions`); these sum to the index
        of the district. "leave_one_out": the index of the district less what it would be without the school; these
        need not sum to anything, and are below 0 for a school that makes the district more even. By default terms
        where the index is a sum over units, else leave-one-out; the result says which.

    Returns
    -------
    Contribution
        `.table`, `.districts`, `.local` for a map, `.plot()`.

    Raises
    ------
    ParameterError
        For a local index, for terms of an index that is no sum, and for leaving out one where it changes more than
        the units: in an environment, and for indices of space.

    Notes
    -----
    Of D every school adds half of how far its shares of the two groups are apart. Terms of H can be below 0: a school
    that is more mixed than its district takes away. A large school adds more than a small one of the same mixture. A
    term says where the index comes from; it does not say what would happen if the school closed
    (`segregate.what_if` does).

    Examples
    --------
    >>> import segregate as sg
    >>> schools = sg.sample("schools")
    >>> found = sg.schools.contribution(schools, "D", group="hispanic", by="district")
    >>> sums = found.table.groupby("district")["contribution"].sum()
    >>> bool(abs(sums["Hills"] - found.districts.set_index("district").loc["Hills", "value"]) < 1e-12)
    True
    """
    if not isinstance(schools, Population):
        raise ParameterError(f"contribution takes a Population of schools, not {type(schools).__name__}.")
    bound = resolve(index)
    spec = bound.spec
    if spec.level == "local":
        raise ParameterError(f"{spec.name} gives one value per unit; take an index of the whole, such as D or H.")
    if method is None:
        method = "terms" if spec.additive else "leave_one_out"
    check_choice("method", method, METHODS)
    if method == "terms" and not spec.additive:
        raise ParameterError(f"{spec.name} is not a sum over units, so there are no terms: method='leave_one_out'.")
    if method == "leave_one_out":
        _check_left_out(spec, schools)
    encoded, name = _districts(schools, by)
    view, focal, first, second = view_of(bound, schools, group, other)
    regions = Regions(view, encoded)
    found = bound(Assessor(regions.segments), **focal)
    if method == "terms":
        assert found.terms is not None
        starts = regions.segments.starts
        defined = np.repeat(found.status != "undefined", np.diff(starts))
        added = np.where(defined, found.terms, np.nan)
    else:
        added = _without(view, bound, focal, regions, found.values)
    order = regions.order
    codes = encoded.codes[order]
    rows = pd.DataFrame({"school": schools.ids[order], name: encoded.labels[codes].to_numpy()})
    rows["people"] = view.totals[order]
    rows["contribution"] = added
    whole = found.values[codes]
    rows["share"] = np.divide(added, whole, out=np.full(len(added), np.nan), where=whole != 0)
    rows["rank"] = rows.groupby(codes)["contribution"].rank(ascending=False, method="min").to_numpy()
    rows = rows.iloc[np.argsort(order, kind="stable")].reset_index(drop=True)
    districts = pd.DataFrame({name: encoded.labels, "schools": np.bincount(codes, minlength=len(encoded.labels))})
    districts["people"] = np.bincount(codes, weights=view.totals[order], minlength=len(encoded.labels))
    districts["value"], districts["status"], districts["message"] = found.values, found.status, found.messages
    about = {"index": spec.name, "symbol": spec.symbol, "title": spec.title, "group": first, "versus": second}
    about |= {"environment": str(schools.environment), "params": bound.params, "by": "" if by is None else name}
    if by is None:
        rows, districts = rows.drop(columns=name), districts.drop(columns=name)
    return Contribution(rows, districts, method, schools, about, _notes(schools, encoded, found.status))


def _districts(schools: Population, by: Any) -> tuple[Encoded, str]:
    """Return the district of each school; all are one where none are given."""
    if by is None:
        one = Encoded("district", np.zeros(schools.n_units, dtype=np.int64), pd.Index([""], name="district"))
        return one, "district"
    encoded = encode_regions(schools, by)
    name = str(encoded.name)
    if name in NAMED:
        raise ParameterError(f"by={name!r} is called like a column of the result; rename it, 'district' for example.")
    return encoded, name


def _notes(schools: Population, encoded: Encoded, status: npt.NDArray[np.object_]) -> tuple[str, ...]:
    notes = []
    lost = int((encoded.codes < 0).sum())
    if lost:
        notes.append(f"{plural(lost, 'school')} of {schools.n_units:,} without a district left out")
    undefined = encoded.labels[status == "undefined"]
    if len(undefined):
        which = "" if undefined[0] == "" else f" (first: {first_of(undefined)})"
        notes.append(f"undefined in {plural(len(undefined), 'district')} of {len(encoded.labels):,}{which}")
    return tuple(notes)


def _check_left_out(spec: IndexSpec, schools: Population) -> None:
    """Refuse what a school that is left out would change besides."""
    if not schools.at_home:
        raise ParameterError(
            f"In an environment a school that is left out is also missing around the others; take population.home(), "
            f"or what {spec.name} would be without it: segregate.what_if(population, close=...)."
        )
    if spec.needs:
        raise ParameterError(
            f"{spec.name} looks at {' and '.join(sorted(spec.needs))} of the units, which are not those of a district "
            "with one unit less; take an index that sees no space."
        )


def _without(view: Population, bound: BoundIndex, focal: dict[str, Any], regions: Regions, whole: Floats) -> Floats:
    """Return the index of each district less what it would be without each of its schools."""
    starts = regions.segments.starts
    around = Around(view)
    found = []
    for r, (low, high) in enumerate(itertools.pairwise(starts)):
        here = regions.order[low:high]
        many = len(here)
        if many < 2:
            found.append(np.full(many, np.nan))
            continue
        step = max(1, CELLS // max(1, (many - 1) * view.n_groups))
        for first in range(0, many, step):
            left = np.arange(first, min(first + step, many))
            kept = np.broadcast_to(np.arange(many), (len(left), many))[np.arange(many) != left[:, None]]
            segments = around.drawn(here[kept], np.arange(len(left) + 1, dtype=np.int64) * (many - 1))
            found.append(whole[r] - bound(Assessor(segments), **focal).values)
    return np.concatenate(found)


# whom pupils meet ----------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class ExposureGap(Result):
    """How much more a group meets itself than others meet it.

    Attributes
    ----------
    rows : DataFrame
        `table`.
    about : mapping
        group, other, environment and by.
    """

    rows: pd.DataFrame
    about: dict[str, str]
    notes: tuple[str, ...] = field(default=())
    picture: ClassVar[str] = "draw_exposure_gap"

    @property
    def value(self) -> float:
        """The gap, where there is one district."""
        if len(self.rows) > 1:
            raise ParameterError(f"There are {len(self.rows):,} districts; their gaps stand in .table.")
        return float(self.rows["gap"].item())

    @property
    def table(self) -> pd.DataFrame:
        """A row per district.

        Returns
        -------
        DataFrame
            The district, where there are several; group, other, own (mean share of the group that its members meet),
            others (that those of the other group meet), gap (own less others), pupils (all) and share (of the group
            among them).
        """
        return self.rows.copy()

    def _headline(self) -> str:
        against = "all others" if self.about["other"] == REST else self.about["other"]
        start = f"Exposure gap, {self.about['group']} against {against}"
        gaps = self.rows["gap"]
        if len(gaps) == 1:
            own, others = self.rows[["own", "others"]].iloc[0]
            return f"{start}: {gaps.iloc[0]:.4g} ({own:.4g} less {others:.4g})"
        if not gaps.notna().any():
            return f"{start}: undefined in {plural(len(gaps), 'district')}"
        return f"{start}: {gaps.min():.4g} to {gaps.max():.4g} in {plural(len(gaps), 'district')}"


def exposure_gap(
    schools: Population,
    group: str,
    other: str = REST,
    *,
    by: Hashable | npt.ArrayLike | None = None,
) -> ExposureGap:
    r"""Say how much larger the share of a group is in the school of its members than in the school of the others.

    .. math:: \sum_j \frac{t_{jm}}{T_m} p_{jm} - \sum_j \frac{t_{jn}}{T_n} p_{jm}

    with t_jm pupils of the group m in school j, T_m in all, p_jm the share of m among those met there, and n the
    others.

    Parameters
    ----------
    schools : Population
        One unit per school.
    group : str
        Whose share is met.
    other : str, optional
        By whom else: a group, or "rest", everybody else.
    by : column name or array of shape (n_units,), optional
        Districts, each for itself.

    Returns
    -------
    ExposureGap
        `.table`, `.value` (of one district), `.plot()`.

    Raises
    ------
    UnknownNameError
        For groups that are not there.
    ParameterError
        For a group against itself.

    Notes
    -----
    0 where pupils are spread evenly, 1 where the group and the others share no school. At home, against everybody else,
    the gap is the correlation ratio V. Against one of several groups it is not V of the two alone, for those of other
    groups are met too. A share of 0.6 against 0.2 is a gap of 0.4: forty points, easy to tell.

    References
    ----------
    Reardon and Owens (2014), 60 years after Brown: trends and consequences of school segregation,
    doi:10.1146/annurev-soc-071913-043152.

    Examples
    --------
    >>> import segregate as sg
    >>> schools = sg.sample("schools")
    >>> found = sg.schools.exposure_gap(schools, "hispanic")
    >>> bool(abs(found.value - sg.correlation_ratio(schools, group="hispanic")) < 1e-12)
    True
    """
    if not isinstance(schools, Population):
        raise ParameterError(f"exposure_gap takes a Population of schools, not {type(schools).__name__}.")
    for name in (group, *(() if other == REST else (other,))):
        if name not in schools.groups:
            raise UnknownNameError(f"There is no group {name!r}. {nearest(name, schools.groups)}")
    if group == other:
        raise ParameterError(f"The gap of {group!r} against itself is none; name another group, or 'rest'.")
    encoded, name = _districts(schools, by)
    view = schools.versus(group) if other == REST and REST not in schools.groups else schools
    regions = Regions(view, encoded)
    sees = Assessor(regions.segments)
    own = resolve("isolation")(sees, group=group)
    others = resolve("exposure")(sees, group=other, other=group)
    pupils = np.add.reduceat(regions.segments.totals, regions.segments.starts[:-1])
    members = np.add.reduceat(view.counts[regions.order, view.groups.index(group)], regions.segments.starts[:-1])
    rows = pd.DataFrame({name: encoded.labels, "group": group, "other": other, "own": own.values})
    rows["others"] = others.values
    rows["gap"] = rows["own"] - rows["others"]
    rows["pupils"] = pupils
    rows["share"] = np.divide(members, pupils, out=np.full(len(pupils), np.nan), where=pupils > 0)
    status = np.where(rows["gap"].isna(), "undefined", "ok").astype(object)
    about = {"group": group, "other": other, "environment": str(schools.environment), "by": "" if by is None else name}
    if by is None:
        rows = rows.drop(columns=name)
    if not rows["gap"].notna().any():
        why = next(filter(None, [*own.messages, *others.messages]), "nobody is there")
        raise DataError(f"The gap has no value in any district: {why}.")
    return ExposureGap(rows, about, _notes(schools, encoded, status))
