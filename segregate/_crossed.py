"""Groups that are classified in several ways at once: origin by age by sex."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Self

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from ._checks import check_columns
from ._grouping import merged_groups
from .errors import DataError, ParameterError, UnknownNameError, first_of, nearest, plural

__all__ = ["SEPARATOR", "WithDimensions", "crossed_rows", "flat_columns", "kept_dimensions"]

Ints = npt.NDArray[np.int64]
SEPARATOR = " | "
"""Between the categories in the name of a group: "asian | 0-14 | f"."""
OUTSIDE = "other"
"""The group of the people in no listed group, which has no categories."""


def crossed_rows(frame: Any, group: Any) -> tuple[Any, Any, tuple[str, ...]]:
    """Put several columns that say the group of a row together into one.

    Parameters
    ----------
    frame : DataFrame
        One row per unit and group, or per person; it is not changed.
    group : column name or list of column names
        A list holds the dimensions.

    Returns
    -------
    frame : DataFrame
        With one column in the place of the others.
    group : column name
        Which.
    dimensions : tuple of str
        Names of the dimensions; none where `group` is a column.
    """
    if not isinstance(group, list) or not isinstance(frame, pd.DataFrame):
        return frame, group, ()
    if not group or len({str(name) for name in group}) < len(group):
        raise ParameterError(f"group= takes a column, or a list of different columns, not {group!r}.")
    check_columns(frame, group, role="group=")
    sizes, codes = [], []
    words: list[list[str]] = []
    for name in group:
        categories = frame[name].astype("category").cat
        words.append([_category(value, str(name)) for value in categories.categories])
        if len(set(words[-1])) < len(words[-1]):
            raise DataError(f"Two different values of {name!r} read the same ({first_of(words[-1])}); make them one.")
        codes.append(np.asarray(categories.codes, dtype=np.int64))
        sizes.append(max(len(words[-1]), 1))
    missing = np.any([code < 0 for code in codes], axis=0)
    cells = np.ravel_multi_index([np.maximum(code, 0) for code in codes], sizes)
    present, place = np.unique(cells[~missing], return_inverse=True)
    places = np.full(len(frame), -1)
    places[~missing] = place
    found = np.unravel_index(present, sizes)
    labels = [SEPARATOR.join(words[d][at[k]] for d, at in enumerate(found)) for k in range(len(present))]
    name = SEPARATOR.join(map(str, group))
    column = pd.Categorical.from_codes(places.tolist(), categories=pd.Index(labels))
    return frame.drop(columns=group).assign(**{name: column}), name, tuple(map(str, group))


def flat_columns(frame: Any, groups: Any) -> tuple[Any, Any, tuple[str, ...]]:
    """Give columns of several levels names of one, where the groups are columns of all levels.

    Parameters
    ----------
    frame : DataFrame
        It is not changed.
    groups : list of tuples
        Columns; other columns are called by what is not blank in them: ``("id", "", "")`` is "id".

    Returns
    -------
    frame, groups
        With plain names; as they are where the columns have one level.
    dimensions : tuple of str
        Names of the levels.
    """
    if (
        not isinstance(frame, pd.DataFrame)
        or frame.columns.nlevels == 1
        or not isinstance(groups, (list, pd.MultiIndex))
    ):
        return frame, groups, ()
    depth = frame.columns.nlevels
    wanted = list(groups)
    if not all(isinstance(name, tuple) and len(name) == depth for name in wanted):
        return frame, groups, ()
    unnamed = [place for place, name in enumerate(frame.columns.names) if name is None]
    if unnamed:
        raise ParameterError(
            f"{plural(len(unnamed), 'level')} of the columns {'has' if len(unnamed) == 1 else 'have'} no name; name "
            f"what the groups are classified by: frame.columns.names = {['origin', 'age', 'sex', 'class'][:depth]!r}."
        )
    unknown = [name for name in wanted if name not in frame.columns]
    if unknown:
        known = [name for name in frame.columns if "" not in name]
        raise UnknownNameError(f"There is no column {unknown[0]!r} (groups=). {nearest(unknown[0], known)}")
    names = [str(name) for name in frame.columns.names]
    chosen = set(wanted)

    def flat(column: str | tuple[Hashable, ...]) -> str:
        if isinstance(column, str):
            return column
        parts = [_category(part, names[k]) if column in chosen else str(part) for k, part in enumerate(column)]
        return SEPARATOR.join(parts if column in chosen else [part for part in parts if part])

    plain = pd.DataFrame(frame).set_axis([flat(column) for column in frame.columns], axis=1)
    shape = frame.active_geometry_name if isinstance(frame, gpd.GeoDataFrame) else None
    if shape is not None:
        plain = gpd.GeoDataFrame(plain, geometry=flat(shape), crs=frame.crs)
    plain.attrs = dict(frame.attrs)
    return plain, [flat(column) for column in wanted], tuple(names)


def kept_dimensions(dimensions: tuple[str, ...], groups: Sequence[str]) -> tuple[str, ...]:
    """Return the dimensions if all groups still have a category of each, and none otherwise."""
    depth = len(dimensions)
    fits = all(len(name.split(SEPARATOR)) == depth for name in groups if name != OUTSIDE)
    return dimensions if fits else ()


def _category(value: Hashable, dimension: str) -> str:
    """Return the name of a category; one that could not be told from the next is refused."""
    name = str(value)
    if SEPARATOR.join(("x", name, "x")).split(SEPARATOR) != ["x", name, "x"]:
        raise DataError(
            f"The value {name!r} of {dimension!r} holds {SEPARATOR.strip()!r} between blanks or at its end, which "
            "stands between the categories in the names of groups; write it with another sign."
        )
    return name


class WithDimensions:
    """What a population does with groups that are classified in several ways."""

    counts: npt.NDArray[np.float64]
    groups: tuple[str, ...]
    _dimensions: tuple[str, ...]

    def _regroup(self, target: Ints, groups: tuple[str, ...]) -> Self:
        raise NotImplementedError

    @property
    def dimensions(self) -> dict[str, tuple[str, ...]]:
        """What the groups are classified by, and the categories of each; empty where they are plain groups."""
        inside = [name.split(SEPARATOR) for name in self.groups if name != OUTSIDE or len(self._dimensions) == 1]
        return {name: tuple(dict.fromkeys(parts[k] for parts in inside)) for k, name in enumerate(self._dimensions)}

    def with_dimensions(self, *names: str, separator: str = "|") -> Self:
        """Return the same people, whose groups are known to be classified in several ways.

        Parameters
        ----------
        *names : str
            What the parts of the names of the groups say: "origin", "age", "sex".
        separator : str
            What stands between the parts: with "|" a group is called "asian|0-14|f". Blanks around it do not matter.

        Returns
        -------
        Population
            Its groups are called "asian | 0-14 | f". The group "other" of ``total=`` has no parts.

        Raises
        ------
        DataError
            For groups that have more or fewer parts; the message names them.

        Examples
        --------
        >>> import pandas as pd
        >>> import segregate as sg
        >>> frame = pd.DataFrame({"a_f": [9, 1], "a_m": [8, 2], "b_f": [1, 9], "b_m": [2, 8]})
        >>> pop = sg.Population.from_frame(frame, list(frame)).with_dimensions("origin", "sex", separator="_")
        >>> pop.dimensions
        {'origin': ('a', 'b'), 'sex': ('f', 'm')}
        >>> pop.margin("origin").groups
        ('a', 'b')
        """
        if not names or len(set(names)) < len(names) or not all(isinstance(name, str) and name for name in names):
            raise ParameterError(
                f"with_dimensions takes different names, such as 'origin', 'age', 'sex', not {names!r}."
            )
        if not isinstance(separator, str) or not separator:
            raise ParameterError(f"separator={separator!r} is no text that stands between the parts of a name.")
        parts = {group: [part.strip() for part in group.split(separator)] for group in self.groups if group != OUTSIDE}
        wrong = [group for group, found in parts.items() if len(found) != len(names) or not all(found)]
        if wrong:
            raise DataError(
                f"{plural(len(wrong), 'group')} of {len(self.groups):,} {'is' if len(wrong) == 1 else 'are'} not "
                f"called by {plural(len(names), 'part')} with {separator!r} between them (first: {first_of(wrong)}); "
                "rename the columns, name as many dimensions as there are parts, or say what separator= is."
            )
        labels = [SEPARATOR.join(parts[group]) if group in parts else group for group in self.groups]
        twice = sorted({label for label in labels if labels.count(label) > 1})
        if twice:
            raise DataError(f"Two groups have the same parts ({first_of(twice)}); put them together first.")
        return self._classified(np.arange(len(labels)), tuple(labels), names)

    def margin(self, *dimensions: str) -> Self:
        """Return the same people, grouped by some of the dimensions: all others are added up.

        Parameters
        ----------
        *dimensions : str
            Which to keep, in the order in which they stand in the names of the groups.

        Returns
        -------
        Population

        Raises
        ------
        ParameterError
            Where the groups are not classified, or one group would be left.
        UnknownNameError
            For a dimension that is not there.

        Examples
        --------
        >>> import pandas as pd
        >>> import segregate as sg
        >>> rows = pd.DataFrame({"place": list("ssnn"), "origin": list("abab"), "sex": list("fmmf"), "n": [4, 1, 1, 4]})
        >>> pop = sg.Population.from_long(rows, unit="place", group=["origin", "sex"], count="n")
        >>> pop.groups
        ('a | f', 'a | m', 'b | f', 'b | m')
        >>> round(sg.dissimilarity(pop.margin("origin")), 12)
        0.6
        """
        known = self.dimensions
        self._check_dimensions(dimensions)
        places = [self._dimensions.index(name) for name in dimensions]
        ranks = [{category: rank for rank, category in enumerate(known[name])} for name in dimensions]
        labels: dict[str, tuple[int, ...]] = {}
        label_of = []
        for group in self.groups:
            parts = group.split(SEPARATOR)
            outside = group == OUTSIDE and len(self._dimensions) > 1
            label = group if outside else SEPARATOR.join(parts[place] for place in places)
            rank = (len(self.groups),) if outside else tuple(r[parts[p]] for r, p in zip(ranks, places, strict=True))
            if labels.setdefault(label, rank) != rank:
                raise ParameterError(
                    f"{OUTSIDE!r} is a category of {dimensions[0]!r} and also the group of those in no listed group: "
                    f"merge({{'unlisted': [{OUTSIDE!r}]}}) gives that one another name."
                )
            label_of.append(label)
        names = sorted(labels, key=lambda label: labels[label])
        if len(names) < 2:
            raise ParameterError(
                f"Everybody is {names[0]!r} by {' and '.join(dimensions)}; an index compares at least two groups."
            )
        target = np.array([names.index(label) for label in label_of])
        return self._classified(target, tuple(names), dimensions)

    def merge(self, groups: Mapping[str, Sequence[str]], *, dimension: str | None = None) -> Self:
        """Put groups together under new names: ``merge({"asian": ["chinese", "indian"]})``.

        Parameters
        ----------
        groups : mapping of str to list of str
            New name and the groups that go into it; all others stay.
        dimension : str, optional
            Put categories of this dimension together instead, whatever the others are:
            ``merge({"0-29": ["0-14", "15-29"]}, dimension="age")``.

        Returns
        -------
        Population
            Its groups are classified as before where all names still say how.
        """
        if dimension is None:
            return self._regroup(*merged_groups(self.groups, groups))
        self._check_dimensions((dimension,))
        place, depth = self._dimensions.index(dimension), len(self._dimensions)
        categories = self.dimensions[dimension]
        for name in groups:
            _category(name, dimension)
        inside, merged = merged_groups((*categories, ""), groups)  # with one more, all may become one
        new = dict(zip(categories, (merged[k] for k in inside), strict=False))
        labels = []
        for group in self.groups:
            parts = group.split(SEPARATOR)
            if len(parts) == depth and (group != OUTSIDE or depth == 1):
                parts[place] = new[parts[place]]
            labels.append(SEPARATOR.join(parts))
        names = tuple(dict.fromkeys(labels))
        if len(names) < 2:
            raise ParameterError("One group would be left; an index compares at least two.")
        return self._classified(np.array([names.index(label) for label in labels]), names, self._dimensions)

    def _check_dimensions(self, names: Sequence[str]) -> None:
        if not self._dimensions:
            raise ParameterError(
                "The groups are not classified by dimensions. Say what the parts of their names are, "
                "population.with_dimensions('origin', 'age', separator='|'), or read them from columns of a long "
                "table: Population.from_long(group=['origin', 'age'])."
            )
        for name in names:
            if name not in self._dimensions:
                raise UnknownNameError(f"{name!r} is not a dimension. {nearest(name, self._dimensions)}")
        if not names or len(set(names)) < len(names):
            raise ParameterError(f"Name one or more different dimensions of {', '.join(map(repr, self._dimensions))}.")

    def _classified(self, target: Ints, groups: tuple[str, ...], dimensions: Sequence[str]) -> Self:
        """Regroup, and say what the new groups are classified by."""
        made = self._regroup(target, groups)
        made.__dict__["_dimensions"] = tuple(dimensions)
        return made
