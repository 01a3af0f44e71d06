"""Years and sources on different boundaries: the people of one set of units put on another."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse

from segregate._arrays import sealed
from segregate._checks import check_columns, check_ids
from segregate._optional import require
from segregate._provenance import FileRead, Provenance, fingerprint, joined, then
from segregate._uncertain import Uncertainty, replicate_errors
from segregate.errors import DataError, ParameterError, first_of, plural, warn
from segregate.population import Population

from ._crosswalk import Weight, crosswalk_of
from ._overlay import ROUNDING, interpolated, overlaid

__all__ = ["Harmonised", "harmonise"]

Floats = npt.NDArray[np.float64]
Matrices = tuple[scipy.sparse.csr_array, ...]
COVERED = "share_of_area_covered"
EDGE = 0.99
"""A target unit with less than that share of its area in the source is warned about."""


@dataclass(frozen=True, eq=False, repr=False)
class Harmonised(Population):
    """People put on other boundaries by `segregate.harmonise`: a population like any other, and how it was made."""

    _lost: pd.DataFrame = field(default_factory=pd.DataFrame)
    _moved: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def lost(self) -> pd.DataFrame:
        """Source units of which people are in no target unit.

        Returns
        -------
        DataFrame
            The ids of the source as index, the units that lose most first. Columns: ``people`` of the unit,
            ``lost`` of them, and ``share``, lost / people. Groups and units chosen afterwards change nothing here.
        """
        return self._lost.copy()

    @property
    def crosswalk(self) -> pd.DataFrame:
        """The weights by which people were moved, as ``crosswalk=`` of `segregate.harmonise` takes them.

        Returns
        -------
        DataFrame
            Columns: ``source``, ``target`` (missing for the share that is lost) and ``weight``; where groups have
            weights of their own, a column of them for each group, called like it.
        """
        return self._moved.copy()


class _Target(NamedTuple):
    """The units that people are put on."""

    ids: pd.Index
    attributes: pd.DataFrame
    geometry: gpd.GeoSeries | None
    population: Population | None


def harmonise(
    source: Population,
    target: Population | gpd.GeoDataFrame | gpd.GeoSeries | pd.DataFrame | pd.Series[Any],
    *,
    crosswalk: pd.DataFrame | str | os.PathLike[str] | None = None,
    from_id: str | None = None,
    to_id: str | None = None,
    weight: Weight = None,
    id: str | None = None,  # noqa: A002
) -> Harmonised:
    r"""Put people on other boundaries: those of another year, or of another source.

    Of the people of source unit i, the share w_ij goes to target unit j, the same share of each group (unless
    `weight` names a column for each):

    .. math:: \hat t_{jm} = \sum_i w_{ij} t_{im}

    With a crosswalk the shares are those of its table. Without, they are shares of area,
    :math:`w_{ij} = |A_i \cap B_j| / |A_i|`, as if people were spread evenly over their unit; this is tobler's
    area-weighted interpolation (``pip install 'segregate[harmonise]'``). Areas are taken in the CRS in which the
    target is measured in metres. A crosswalk that is weighted by people or dwellings is better wherever one is
    published: parks, water and fields hold nobody, and a district that was cut in two was as a rule cut because it
    was not even.

    Parameters
    ----------
    source : Population
        People on the boundaries that are left, at home.
    target : Population, GeoDataFrame, GeoSeries, DataFrame or Series
        The units they are put on. Of a Population, ids, geometry, points, areas and attributes are kept, but not its
        people. A GeoDataFrame, GeoSeries or DataFrame has the ids in its index, or in the column `id`; a Series holds
        ids as its values, and needs a crosswalk.
    crosswalk : DataFrame or path, optional
        A row for each pair of units: id of the source unit, id of the target unit, weight. A table is read as by
        `segregate.read`. A number matches text of the same digits. Rows about other source units are left
        out. A row without target id, and weights that add up to less than 1, say that people go nowhere.
    from_id, to_id : column name, optional
        Columns of source and target ids; by default those that hold more of the ids than any other column.
    weight : column name or mapping of group to column name, optional
        Share of the source unit's people (0 to 1) who belong to the target unit; by default the only column of
        numbers beside the ids, and 1 where there is none. The weights of a unit add up to 1 within 1e-6, and are
        divided by their sum then. Some tables have weights for people and for dwellings; a mapping gives groups the
        ones that suit them.
    id : column name, optional
        Column of a GeoDataFrame or DataFrame `target` with the ids.

    Returns
    -------
    Harmonised
        A Population with the ids, geometry, points and areas of the target. `notes` say how it was made and whom it
        lacks; ``lost`` has the source units of which people are lost, ``crosswalk`` the weights. With shares of
        area, the attribute ``share_of_area_covered`` says how much of each target unit lies in source units:
        people of the rest are not known, and not in the counts.

        Standard errors, intervals and replicates of the source come along as if the weights were exact; units are
        taken as independent. The error of the weights themselves is not in them. `disclosure` does not come along.

    Raises
    ------
    DataError
        For source units with people that are not in the crosswalk, weights that are missing, negative or add up to
        more than 1, target ids that the target does not have, target units that overlap by more than 1 % of the
        smaller one, and boundaries that do not meet at all.
    GeometryError
        For boundaries without CRS, geometry or area.
    MissingDependencyError
        When tobler is asked for and not installed.

    Warns
    -----
    SegregateWarning
        Where people are lost, with the number of units and people; where target units lie by more than 1 % outside
        the source.

    Notes
    -----
    Counts are no whole numbers any more, and units that share a source unit look more alike than they are: as a
    rule dividing people evenly lowers the segregation that is measured. Compare years on boundaries that both can be
    added up to where there are any.

    The two files of boundaries may draw the same border a few metres apart. The slivers between are moved to the
    neighbour, and lost along the outer edge; ``lost`` shows how small they are. Shares that differ from
    1 by less than 1e-9 come from the rounding of coordinates and are taken as 1.

    References
    ----------
    Goodchild and Lam (1980), Areal interpolation: a variant of the traditional spatial problem, Geo-Processing 1,
    297-312; tobler, https://pysal.org/tobler.

    Examples
    --------
    >>> import pandas as pd
    >>> import segregate as sg
    >>> then = sg.Population.from_frame(pd.DataFrame({"a": [90, 10], "b": [10, 50]}, index=["1", "2"]), ["a", "b"])
    >>> table = pd.DataFrame({"old": ["1", "2", "2"], "new": ["A", "A", "B"], "weight": [1, 0.4, 0.6]})
    >>> sg.harmonise(then, pd.Series(["A", "B"]), crosswalk=table).to_frame()
          a     b
    A  94.0  30.0
    B   6.0  30.0
    """
    if not isinstance(source, Population):
        raise ParameterError(f"harmonise takes a Population as its source, not {type(source).__name__}.")
    if not source.at_home:
        raise ParameterError(
            "The source is in an environment, which does not come along: harmonise(source.home(), ...), and choose an "
            "environment on the target."
        )
    units = _target(target, id)
    if crosswalk is None:
        if from_id is not None or to_id is not None or weight is not None:
            raise ParameterError("from_id=, to_id= and weight= are columns of a table: give crosswalk= as well.")
        return _by_area(source, units)
    moved = crosswalk_of(
        crosswalk, source.ids, units.ids, source.counts, source.groups, from_id=from_id, to_id=to_id, weight=weight
    )
    columns = [weights.T @ source.counts[:, m] for m, weights in enumerate(moved.weights)]
    counts = np.column_stack(columns)
    notes = [*moved.notes, *_divided(moved.weights, source, "as the weights of the crosswalk say")]
    nobody = ~(sum(weights.sum(axis=0) for weights in _distinct(moved.weights)) > 0)
    if nobody.any():
        notes.append(_without_source(nobody, units.ids))
    table = fingerprint(Path(crosswalk)) if isinstance(crosswalk, str | os.PathLike) else ()
    return _made(source, units, counts, moved.weights, notes, [], {}, table)


def _by_area(source: Population, units: _Target) -> Harmonised:
    """Put people on other boundaries by area."""
    for geometry, what in ((source._geometry, "source"), (units.geometry, "target")):
        if geometry is None:
            raise ParameterError(
                f"The {what} has no geometry, so shares of area are not known. Give a crosswalk= of ids, or read the "
                f"{what} with its boundaries."
            )
    assert source._geometry is not None
    assert units.geometry is not None
    tobler = require("tobler", extra="harmonise")
    found = overlaid(source._geometry, source.totals > 0, units.geometry)
    counts = interpolated(tobler, found, source.counts)
    matrices = (found.weights,) * source.n_groups
    notes = [
        *found.notes,
        *_divided(matrices, source, "by share of area, as if people were spread evenly over their unit"),
    ]
    edges = []
    nobody, beyond = found.covered <= ROUNDING, found.covered < 1 - ROUNDING
    if nobody.any():
        notes.append(_without_source(nobody, units.ids))
    if (beyond & ~nobody).any():
        notes.append(
            f"{plural(int((beyond & ~nobody).sum()), 'target unit')} of {len(beyond):,} partly outside the source "
            f"(attribute {COVERED!r}): only people of the part inside are counted"
        )
    far = found.covered < EDGE
    if far.any():
        edges.append(
            f"{plural(int(far.sum()), 'target unit')} of {len(far):,} {'lies' if far.sum() == 1 else 'lie'} by more "
            f"than {1 - EDGE:.0%} outside the source (first: {first_of(units.ids[far][:4])}); who lives there is not "
            "known, and is not in the counts"
        )
    if COVERED in units.attributes.columns:
        notes.append(f"attribute {COVERED!r} of the target replaced")
    return _made(source, units, counts, matrices, notes, edges, {COVERED: found.covered})


def _target(target: Any, id: str | None) -> _Target:  # noqa: A002
    """Return the units that people are put on."""
    if isinstance(target, Population):
        if id is not None:
            raise ParameterError("id= is a column of a table; a Population has its ids.")
        return _Target(target.ids, target._attributes, target._geometry, target)
    if isinstance(target, pd.DataFrame):
        if id is not None:
            check_columns(target, [id], role="id=")
        ids = target.index.view() if id is None else pd.Index(target[id], name=id)
        located = isinstance(target, gpd.GeoDataFrame) and target.active_geometry_name is not None
        geometry = target.geometry if located else None
        used = {id, target.active_geometry_name if located else None}
        attributes = pd.DataFrame(target.drop(columns=[name for name in target.columns if name in used]))
        attributes = attributes.set_axis(ids, axis=0)
        attributes.attrs = {}
    elif isinstance(target, pd.Series):
        if id is not None:
            raise ParameterError(
                "id= is a column of a table; of a Series the values, of a GeoSeries the index is taken."
            )
        located = isinstance(target, gpd.GeoSeries)
        ids = target.index.view() if located else pd.Index(target, name=target.name)
        geometry = target if located else None
        attributes = pd.DataFrame(index=ids)
    else:
        raise ParameterError(
            "harmonise takes as its target a Population, a GeoDataFrame or GeoSeries with boundaries, or a Series of "
            f"ids, not {type(target).__name__}."
        )
    if not len(ids):
        raise DataError("The target has no units.")
    check_ids(ids)
    if geometry is not None:
        geometry = gpd.GeoSeries(geometry.array, index=ids, name=geometry.name)
    return _Target(ids, attributes, geometry, None)


def _distinct(matrices: Matrices) -> list[scipy.sparse.csr_array]:
    return list({id(matrix): matrix for matrix in matrices}.values())


def _divided(matrices: Matrices, source: Population, how: str) -> list[str]:
    """Say how many units were divided."""
    parts = np.zeros(source.n_units, dtype=bool)
    for matrix in _distinct(matrices):
        parts |= np.diff((matrix > 0).indptr) > 1
    parts &= source.totals > 0
    said = f"people of {plural(source.n_units, 'unit')} put on other boundaries"
    if not parts.any():
        return [f"{said}; no unit is divided"]
    many = f"{plural(int(parts.sum()), 'unit')} with {_people(source.totals[parts].sum())} people"
    return [f"{said}: {many} divided {how}, so that counts are fractions"]


def _without_source(nobody: npt.NDArray[np.bool_], ids: pd.Index) -> str:
    return (
        f"{plural(int(nobody.sum()), 'target unit')} of {len(ids):,} without any source unit (first: "
        f"{first_of(ids[nobody][:4])}), counted as 0 people"
    )


def _made(
    source: Population,
    units: _Target,
    counts: Floats,
    matrices: Matrices,
    notes: Sequence[str],
    edges: Sequence[str],
    attributes: dict[str, Floats],
    read: tuple[FileRead, ...] = (),
) -> Harmonised:
    """Return the population on the target, and say once whom it lacks."""
    kept = np.column_stack([np.asarray(matrix.sum(axis=1)).ravel() for matrix in matrices])
    outside = np.where(np.abs(1 - kept) <= ROUNDING, 0.0, 1 - kept)
    lost = (source.counts * outside).sum(axis=1)
    said = [*_loss(source, lost), *edges]
    if said:
        warn(f"{'; '.join(said)}.")
    doubt, about = _uncertainty(source.uncertainty, counts, matrices, outside)
    people = source.totals
    table = pd.DataFrame({"people": people, "lost": lost}, index=source.ids)[lost > 0]
    table["share"] = table["lost"] / table["people"]
    if source.disclosure is not None:
        about.append("which counts are suppressed, rounded or imputed (disclosure) is not known on other boundaries")
    whole = units.population
    goal = f" of {whole.source}" if whole is not None and whole.source else ""
    made = Harmonised(
        counts=sealed(np.ascontiguousarray(counts)),
        groups=source.groups,
        ids=units.ids,
        _attributes=units.attributes.assign(**attributes),
        _geometry=units.geometry,
        source=source.source,
        notes=(*source.notes, *notes, *_loss(source, lost), *about),
        _points="centroid" if whole is None else whole._points,
        _area=None if whole is None else whole._area,
        uncertainty=doubt,
        provenance=_provenance(source, whole, read, f"{source.n_units:,} units put on {len(units.ids):,} units{goal}"),
        _dimensions=source._dimensions,
        _lost=table.sort_values("lost", ascending=False, kind="stable"),
        _moved=_table(source, units.ids, matrices, outside),
    )
    if whole is not None:
        made.__dict__["places"] = whole.places
    return made


def _provenance(
    source: Population, target: Population | None, read: tuple[FileRead, ...], step: str
) -> Provenance | None:
    """Return the provenance of the source, with the files of target and crosswalk beside its own."""
    about = then(source.provenance, step if not read else f"{step} by {read[0].name}")
    if about is None:
        return None
    beside = Provenance("", read)
    return replace(about, files=joined(about, None if target is None else target.provenance, beside))


def _people(number: float) -> str:
    return f"{number:,.0f}" if number >= 1e5 else f"{number:,.6g}"


def _loss(source: Population, lost: Floats) -> list[str]:
    """Say how many people are in no target unit, and where they are."""
    if not (lost > 0).any():
        return []
    worst = np.argsort(-lost, kind="stable")[: min(3, int((lost > 0).sum()))]
    named = ", ".join(f"{first_of([source.ids[i]])}: {_people(lost[i])} of {_people(source.totals[i])}" for i in worst)
    units = f"{plural(int((lost > 0).sum()), 'source unit')} of {source.n_units:,}"
    return [
        f"{_people(lost.sum())} people ({lost.sum() / source.size:.2%}) of {units} are in no target unit and lost "
        f"(most: {named}; all: .lost)"
    ]


def _table(source: Population, ids: pd.Index, matrices: Matrices, outside: Floats) -> pd.DataFrame:
    """Return the weights as a crosswalk; the last rows are those that lead nowhere."""
    single = len(_distinct(matrices)) == 1
    named = {"weight": 0} if single else {name: m for m, name in enumerate(source.groups)}
    every = sum(_distinct(matrices)).tocoo()
    order = np.lexsort((every.col, every.row))
    row, column = every.row[order], every.col[order]
    nowhere = np.flatnonzero((outside > 0).any(axis=1))
    goals = np.concatenate([ids[column].astype(object).to_numpy(), np.full(len(nowhere), None, dtype=object)])
    ends = {"source": source.ids[np.concatenate([row, nowhere])].to_numpy(), "target": goals}
    weights = {
        name: np.concatenate([np.asarray(matrices[m].tocsr()[row, column]).ravel(), outside[nowhere, m]])
        for name, m in named.items()
    }
    table = pd.DataFrame(ends)
    return pd.concat([table, pd.DataFrame(weights)], axis=1)


def _uncertainty(
    doubt: Uncertainty | None, counts: Floats, matrices: Matrices, outside: Floats
) -> tuple[Uncertainty | None, list[str]]:
    """Put what is known of the counts on the target too, as if the weights were exact."""
    if doubt is None:
        return None, []

    def moved(table: Floats, power: int = 1) -> Floats:
        columns = [(matrix.power(power) if power > 1 else matrix).T @ table[:, m] for m, matrix in enumerate(matrices)]
        return np.ascontiguousarray(np.column_stack(columns))

    same = len(_distinct(matrices)) == 1
    unknown = (~doubt.totals_known).astype(float)
    reached = np.column_stack([matrix.T @ unknown for matrix in _distinct(matrices)]).sum(axis=1)
    exact = np.column_stack([matrix.T @ (~doubt.exact[:, m]).astype(float) for m, matrix in enumerate(matrices)])
    replicates, se = doubt.replicates, doubt.se
    if replicates is not None:
        replicates = sealed(np.stack([moved(table) for table in replicates]))
        se = replicate_errors(replicates, counts, doubt.factor)
    elif se is not None:
        se = sealed(np.sqrt(moved(se**2, power=2)))
    made = Uncertainty(
        totals_known=sealed((reached == 0) if same else (exact == 0).all(axis=1)),
        sizes_known=sealed(doubt.sizes_known & (doubt.exact | (outside == 0)).all(axis=0)),
        se=se,
        low=None if doubt.low is None else sealed(np.minimum(moved(doubt.low), counts)),
        high=None if doubt.high is None else sealed(np.maximum(moved(doubt.high), counts)),
        replicates=replicates,
        factor=doubt.factor,
    )
    return made, ["margins, intervals and replicates of the counts moved as if the weights were exact"]
