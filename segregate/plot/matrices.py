"""Heat maps of groups against groups: whom they meet, and how apart they live."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes

from .._languages import language_of
from .._measure import measure
from ..errors import DataError, ParameterError, first_of
from ..indices import resolve
from ..population import Population
from ..registry import BoundIndex, IndexLike
from ._caption import caption_of
from ._drawing import drawing, one_call
from ._grid_cells import Cells, draw_cells
from ._save import SavePath
from ._style import Size

__all__ = [
    "draw_exposure_matrix",
    "draw_pair_matrix",
    "exposure_matrix",
    "pair_matrix",
    "prepare_exposure_matrix",
    "prepare_pair_matrix",
]

WIDTH = 6.0
"""Width of a new figure in inches."""
MOST_GROUPS = 40
SAME = 1e-9
"""By how much a value and that of the other order may differ, relatively."""
COLUMNS = ["group", "versus", "value", "status", "message"]
Floats = npt.NDArray[np.float64]


# exposure ------------------------------------------------------------------------------


def prepare_exposure_matrix(pop: Population) -> pd.DataFrame:
    """Return whom people of each group meet.

    Parameters
    ----------
    pop : Population
        In its environment: at home people meet those of their unit, within an environment those around.

    Returns
    -------
    DataFrame
        One row per ordered pair of groups: ``group``, ``versus`` (whom they meet, themselves included), ``value`` (the
        exposure; the rows of a group sum to 1), ``even`` (what it would be if everybody were spread evenly: the share
        of ``versus``), ``status`` and ``message``.

    Raises
    ------
    ParameterError
        When this is no Population, or one of more than 40 groups.
    DataError
        When no exposure is defined.

    Examples
    --------
    >>> import segregate as sg
    >>> table = sg.plot.prepare_exposure_matrix(sg.sample("sacramento"))
    >>> table.groupby("group", sort=False)["value"].sum().round(12).to_dict()
    {'white': 1.0, 'black': 1.0, 'asian': 1.0, 'hisp': 1.0}
    """
    _check(pop)
    found = measure(pop, "exposure", versus="pairs")
    shares = dict(zip(pop.groups, np.asarray(pop.shares, dtype=np.float64).tolist(), strict=True))
    table = found[COLUMNS].reset_index(drop=True)
    table.insert(3, "even", table["versus"].map(shares).astype(float))
    table.attrs = _attrs(found, {"index": "exposure", "symbol": found["symbol"].iloc[0]})
    _some(table)
    return table


def draw_exposure_matrix(
    prepared: pd.DataFrame,
    *,
    labels: Mapping[str, str] | None = None,
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
) -> Axes:
    """Draw whom people of each group meet, as a heat map.

    Parameters
    ----------
    prepared : DataFrame
        From `prepare_exposure_matrix`.
    labels : mapping from group to str, optional
        What groups are called in the picture.
    title, caption : str, optional
        Texts in place of those written from what was computed; ``""`` for none.
    ax : Axes, optional
        Axes to draw in; as a rule those of a new figure.
    width : float, optional
        Width of a new figure in inches, 6 if not said.
    managed : bool, optional
        Whether pyplot knows the new figure.

    Returns
    -------
    Axes
        One row per group, and a last one of what all would meet if everybody were spread evenly.

    Raises
    ------
    ParameterError
        When the table is not one of `prepare_exposure_matrix`, or arguments contradict each other.
    """
    _table(prepared, [*COLUMNS, "even"], "prepare_exposure_matrix")
    language = language_of(None)
    groups = list(dict.fromkeys(prepared["group"]))
    called = _called(groups, labels)
    values = prepared.pivot(index="group", columns="versus", values="value").loc[groups, groups].to_numpy(dtype=float)
    even = prepared.drop_duplicates("versus").set_index("versus")["even"].loc[groups].to_numpy(dtype=float)
    cells = Cells(
        values=np.vstack([values, even]),
        there=np.ones((len(groups) + 1, len(groups)), dtype=bool),
        rows=[*called, language.text("matrix.exposure.city")],
        columns=called,
        apart=len(groups),
        heads=(language.text("matrix.exposure.rows"), language.text("matrix.exposure.columns")),
        legend=language.text("matrix.exposure.bar"),
    )
    what = language.text("matrix.exposure.what")
    said = [language.text("matrix.exposure.said"), *_said(prepared, labels)]
    with drawing(ax, width, managed, WIDTH) as (axes, own):
        draw_cells(
            axes,
            cells,
            title=language.text("matrix.exposure.title") if title is None else title,
            caption=_caption(prepared, what, said) if caption is None else caption,
            own=own,
        )
    return axes


def exposure_matrix(
    pop: Population,
    *,
    labels: Mapping[str, str] | None = None,
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    size: Size | None = None,
    language: str | None = None,
    managed: bool = True,
    save: SavePath | Iterable[SavePath] | None = None,
) -> Axes:
    """Draw whom people of each group meet: the exposure of each group to each.

    Parameters
    ----------
    pop : Population
        In its environment.
    labels, title, caption, ax, width, managed
        As in `draw_exposure_matrix`.
    size : str or (float, float), optional
        Of a new figure: ``"A4"``, ``"half-page"``, ``"column"``, ``"slide"`` ..., or width and height in inches; see
        `style`.
    language : str, optional
        Of the texts; see `style`.
    save : path or iterable of paths, optional
        Files to write: ``.png``, ``.svg`` or ``.pdf``.

    Returns
    -------
    Axes

    Raises
    ------
    SegregateError
        See `prepare_exposure_matrix`; ParameterError when a file cannot be saved there.

    Examples
    --------
    >>> import segregate as sg
    >>> ax = sg.plot.exposure_matrix(sg.sample("sacramento"), labels={"hisp": "Hispanic"}, managed=False)
    >>> ax.get_title(loc="left")
    'Whom people of each group meet'
    """

    def draw() -> Axes:
        prepared = prepare_exposure_matrix(pop)
        return draw_exposure_matrix(
            prepared, labels=labels, title=title, caption=caption, ax=ax, width=width, managed=managed
        )

    return one_call(draw, save=save, size=size, language=language, ax=ax, width=width, managed=managed)


# pairs ---------------------------------------------------------------------------------


def prepare_pair_matrix(pop: Population, index: IndexLike = "dissimilarity") -> pd.DataFrame:
    """Return an index between every two groups.

    Parameters
    ----------
    pop : Population
        In its environment.
    index : str, function or bound index
        One that is the same for a and b as for b and a: dissimilarity, Gini, information theory ... Each value is among
        the people of the two groups alone.

    Returns
    -------
    DataFrame
        One row per pair: ``group``, ``versus`` (an earlier group), ``value`` (NaN where it is undefined), ``status``
        and ``message``.

    Raises
    ------
    ParameterError
        When this is no Population, or one of more than 40 groups, or the index depends on the order of the two groups.
    DataError
        When the index is undefined between every two.

    Examples
    --------
    >>> import segregate as sg
    >>> table = sg.plot.prepare_pair_matrix(sg.sample("sacramento"))
    >>> table["value"].round(3).to_list()
    [0.58, 0.511, 0.404, 0.336, 0.391, 0.381]
    """
    _check(pop)
    bound = resolve(index)
    if bound.spec.level == "local":
        raise ParameterError(f"{bound.spec.name} gives one value per unit, and a matrix shows one per pair of groups.")
    found = _measured(pop, bound)
    place = {group: k for k, group in enumerate(pop.groups)}
    backward = {(row[0], row[1]): row[2] for row in found[["group", "versus", "value"]].to_numpy().tolist()}
    lopsided = [
        f"{a} and {b}: {one:.4g}, {b} and {a}: {other:.4g}"
        for (a, b), one in backward.items()
        if place[a] > place[b] and _differ(one, other := backward[b, a])
    ]
    if lopsided:
        hint = (
            "Draw sg.plot.exposure_matrix(population)."
            if bound.spec.name == "exposure"
            else (f"segregate.measure(population, {bound.spec.name!r}, versus='pairs') gives its values.")
        )
        raise ParameterError(
            f"{bound.spec.name} depends on the order of the two groups ({lopsided[0]}), and this matrix shows one "
            f"value per pair. {hint}"
        )
    lower = found["group"].map(place) > found["versus"].map(place)
    table = found.loc[lower, COLUMNS].reset_index(drop=True)
    order = table["versus"].map(place).to_numpy() * len(place) + table["group"].map(place).to_numpy()
    table = table.iloc[np.argsort(order, kind="stable")].reset_index(drop=True)
    said = {"index": bound.spec.name, "symbol": bound.spec.symbol, "params": json.loads(bound.params)}
    table.attrs = _attrs(found, said)
    _some(table)
    return table


def _measured(pop: Population, bound: BoundIndex) -> pd.DataFrame:
    """Measure every ordered pair; where the index is about no group, among the people of two groups, once a pair."""
    first = measure(pop.select(*pop.groups[:2]), bound, versus="pairs")
    if first["group"].iloc[0]:
        return measure(pop, bound, versus="pairs")
    tables = []
    for a, b in combinations(pop.groups, 2):
        one = measure(pop.select(a, b), bound, versus="pairs")
        tables += [one.assign(group=a, versus=b), one.assign(group=b, versus=a)]
    found = pd.concat(tables, ignore_index=True)
    found.attrs = {"segregate": {**tables[0].attrs["segregate"], **_provenance_of(pop)}}
    return found


def _provenance_of(pop: Population) -> dict[str, Any]:
    """Return what the caption says of all groups, and not of the first two."""
    return {"groups": list(pop.groups), "people": pop.size, "notes": list(pop.notes)}


def _differ(one: float, other: float) -> bool:
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) != math.isnan(other)
    return abs(one - other) > SAME * max(1.0, abs(one), abs(other))


def draw_pair_matrix(
    prepared: pd.DataFrame,
    *,
    labels: Mapping[str, str] | None = None,
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
) -> Axes:
    """Draw an index between every two groups as a heat map, the lower triangle.

    Parameters
    ----------
    prepared : DataFrame
        From `prepare_pair_matrix`.
    labels : mapping from group to str, optional
        What groups are called in the picture.
    title, caption : str, optional
        Texts in place of those written from what was computed; ``""`` for none.
    ax : Axes, optional
        Axes to draw in; as a rule those of a new figure.
    width : float, optional
        Width of a new figure in inches, 6 if not said.
    managed : bool, optional
        Whether pyplot knows the new figure.

    Returns
    -------
    Axes
        Pairs without a value are hatched, and the caption says why they have none.

    Raises
    ------
    ParameterError
        When the table is not one of `prepare_pair_matrix`, or arguments contradict each other.
    """
    _table(prepared, COLUMNS, "prepare_pair_matrix")
    language = language_of(None)
    groups = list(dict.fromkeys([*prepared["versus"], *prepared["group"]]))
    called = _called(groups, labels)
    place = {group: k for k, group in enumerate(groups)}
    n = len(groups)
    values = np.full((n, n), np.nan)
    values[prepared["group"].map(place), prepared["versus"].map(place)] = prepared["value"].to_numpy(dtype=float)
    record = prepared.attrs.get("segregate") or {}
    name = str(record.get("index") or "")
    index = language.title(name) if name else ""
    cells = Cells(
        values=values[1:, :-1],
        there=np.tri(n, n, -1, dtype=bool)[1:, :-1],
        rows=called[1:],
        columns=called[:-1],
        apart=None,
        heads=("", ""),
        legend=index,
    )
    said = [language.text("matrix.pair.said"), *_said(prepared, labels)]
    heading = language.text("matrix.pair.title", index=index) if index else ""
    with drawing(ax, width, managed, WIDTH) as (axes, own):
        draw_cells(
            axes,
            cells,
            title=heading if title is None else title,
            caption=_caption(prepared, index, said) if caption is None else caption,
            own=own,
        )
    return axes


def pair_matrix(
    pop: Population,
    index: IndexLike = "dissimilarity",
    *,
    labels: Mapping[str, str] | None = None,
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    size: Size | None = None,
    language: str | None = None,
    managed: bool = True,
    save: SavePath | Iterable[SavePath] | None = None,
) -> Axes:
    """Draw an index between every two groups: who lives apart from whom.

    Parameters
    ----------
    pop : Population
        In its environment.
    index : str, function or bound index
        One that is the same for a and b as for b and a.
    labels, title, caption, ax, width, managed
        As in `draw_pair_matrix`.
    size : str or (float, float), optional
        Of a new figure: ``"A4"``, ``"half-page"``, ``"column"``, ``"slide"`` ..., or width and height in inches; see
        `style`.
    language : str, optional
        Of the texts; see `style`.
    save : path or iterable of paths, optional
        Files to write: ``.png``, ``.svg`` or ``.pdf``.

    Returns
    -------
    Axes

    Raises
    ------
    SegregateError
        See `prepare_pair_matrix`; ParameterError when a file cannot be saved there.

    Examples
    --------
    >>> import segregate as sg
    >>> ax = sg.plot.pair_matrix(sg.sample("sacramento"), "dissimilarity", managed=False)
    >>> ax.get_title(loc="left")
    'Dissimilarity between every two groups'
    """

    def draw() -> Axes:
        prepared = prepare_pair_matrix(pop, index)
        return draw_pair_matrix(
            prepared, labels=labels, title=title, caption=caption, ax=ax, width=width, managed=managed
        )

    return one_call(draw, save=save, size=size, language=language, ax=ax, width=width, managed=managed)


# both ----------------------------------------------------------------------------------


def _check(pop: object) -> None:
    if not isinstance(pop, Population):
        raise ParameterError(f"A matrix of groups shows a Population, not {type(pop).__name__}.")
    if pop.n_groups > MOST_GROUPS:
        raise ParameterError(
            f"A matrix of {pop.n_groups} groups cannot be read; {MOST_GROUPS} can. Choose some: "
            "population.select(...), or put some together: population.merge({...})."
        )


def _some(table: pd.DataFrame) -> None:
    if not table["value"].notna().any():
        raise DataError(f"No pair of groups has a value, so there is nothing to draw: {table['message'].iloc[0]}")


def _table(prepared: object, columns: Sequence[str], maker: str) -> None:
    """Refuse what is not a prepared table."""
    if not isinstance(prepared, pd.DataFrame) or not set(columns) <= set(prepared.columns):
        what = (
            f"one with the columns {', '.join(map(str, prepared.columns))}"
            if isinstance(prepared, pd.DataFrame)
            else (f"of type {type(prepared).__name__}")
        )
        raise ParameterError(f"This matrix shows the table of sg.plot.{maker}, and the table is {what}.")


def _attrs(found: pd.DataFrame, described: Mapping[str, Any]) -> dict[Any, Any]:
    return {"segregate": {**described, **found.attrs["segregate"]}}


def _called(groups: Sequence[str], labels: Mapping[str, str] | None) -> list[str]:
    """Return what groups are called."""
    unknown = [name for name in labels or {} if name not in groups]
    if unknown:
        raise ParameterError(f"labels= names {first_of(unknown)}, and the groups are {', '.join(groups)}.")
    return [str((labels or {}).get(group, group)) for group in groups]


def _said(table: pd.DataFrame, labels: Mapping[str, str] | None) -> list[str]:
    """Say which cells are undefined or leave people out."""
    language = language_of(None)
    said = []
    for rows, key in ((table["value"].isna(), "lost"), (table["status"] == "partial", "partial")):
        if rows.any():
            number = int(rows.sum())
            which = []
            for group, versus, message in table.loc[rows, ["group", "versus", "message"]].to_numpy().tolist()[:3]:
                a, b = ((labels or {}).get(one, one) for one in (group, versus))
                which.append(f"{a} / {b}" + (f" ({message.rstrip('.')})" if message else ""))
            if number > len(which):
                which.append(language.text("matrix.more", n=number - len(which)))
            said.append(language.text(f"matrix.{key}", n=number, which="; ".join(which)))
    return said


def _caption(table: pd.DataFrame, what: str, said: Sequence[str]) -> str:
    record = dict(table.attrs.get("segregate") or {})
    record |= {"title": what} if record else {}
    units = record.get("units")
    number = units if isinstance(units, int) else 0
    return caption_of(record, n_units=number, classes=None, notes=said, palette_center=None)
