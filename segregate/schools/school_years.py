"""Between districts, sectors and schools, and from one school year to the next."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._progress import Progress
from .._regions import encode_regions
from ..decomposition.nested import ARRAYS, BetweenWithin
from ..decomposition.nested import between_within as split_levels
from ..errors import ParameterError, first_of, plural
from ..inference.over_years import Trend
from ..inference.over_years import trend as follow
from ..population import Population
from ..registry import IndexLike

__all__ = ["SchoolTrend", "begins", "between_within", "trend"]

LEVELS = ("district", "sector")
YEAR = re.compile(r"\s*(\d{4})\s*(?:[-/\u2013]\s*(\d{2}|\d{4}))?\s*")
"""2016, 2016-17, 2016/17, 2016-2017."""
BETWEEN_YEARS = "/"


def between_within(
    schools: Population,
    *,
    by: Hashable | Sequence[Hashable | npt.ArrayLike] = LEVELS,
    index: IndexLike = "mutual_information",
) -> BetweenWithin:
    """Split the segregation of schools: between districts, between sectors within them, between schools within these.

    Parameters
    ----------
    schools : Population
        One unit per school.
    by : column name or list of columns, optional
        Levels from the widest to the finest: the district, then the sector (public, private, charter) by default. A
        level that lies across the wider ones, such as a sector that is there in every district, is taken within each
        of them.
    index : index, optional
        M, H or Hutchens' O. D and the Gini index do not split: what is left over belongs neither to the part between
        nor to the part within.

    Returns
    -------
    BetweenWithin
        `.table` (a row per level), `.regions`, `.plot()`; see `segregate.between_within`.

    Raises
    ------
    ParameterError
        For another index, with the reason, and for a population within an environment.
    UnknownNameError
        For columns that are not there.

    Notes
    -----
    With ``by="sector"`` alone the part between says how much the sectors differ in the whole; with district and sector
    it says how much they differ inside districts, which is what a district can act upon.

    Examples
    --------
    >>> import segregate as sg
    >>> found = sg.schools.between_within(sg.sample("schools"), index="H")
    >>> found.table["between"].to_list()
    ['district', 'sector', 'unit']
    >>> bool(abs(found.table["value"].sum() - found.total) < 1e-12)
    True
    """
    if not isinstance(schools, Population):
        raise ParameterError(f"between_within takes a Population of schools, not {type(schools).__name__}.")
    levels = list(by) if isinstance(by, (list, tuple)) and not _one_label_each(by, schools) else [by]
    if len(levels) < 2:
        return split_levels(schools, index, by=cast("Hashable", levels[0] if levels else []))
    named: list[pd.Series[Any]] = []
    for level in levels:
        encoded = encode_regions(schools, level)
        name = str(encoded.name)
        labels = [*map(str, encoded.labels), None]  # the last one is that of schools without
        here = pd.Series([labels[code] for code in encoded.codes], index=schools.ids, name=name, dtype=object)
        if named and _crossed(here, named[-1]):
            absent = here.isna() | named[-1].isna()
            here = (named[-1].astype(str) + ", " + here.astype(str)).where(~absent, None).rename(name)
        named.append(here)
    return split_levels(schools, index, by=cast("Sequence[Hashable]", named))


def _one_label_each(by: Sequence[Any], schools: Population) -> bool:
    """Say whether a list holds a label for each school, not levels."""
    columns = schools.attributes.columns
    levels = all(isinstance(one, ARRAYS) or (isinstance(one, Hashable) and one in columns) for one in by)
    return isinstance(by, list) and len(by) == schools.n_units and not levels


def _crossed(fine: pd.Series[Any], wide: pd.Series[Any]) -> bool:
    """Say whether a label of the finer level is there in several of the wider ones."""
    return bool((wide.groupby(fine).nunique() > 1).any())


@dataclass(frozen=True, repr=False)
class SchoolTrend(Trend):
    """An index over school years; see `Trend`."""

    school_years: tuple[str, ...] = ()
    picture: ClassVar[str] = "draw_trend"

    @property
    def table(self) -> pd.DataFrame:
        """A row per school year, the first one first.

        Returns
        -------
        DataFrame
            school_year ("2016/17"), year (in which it begins), and the columns of `Trend.table`.
        """
        found = self.rows.copy()
        found.insert(0, "school_year", list(self.school_years))
        return found

    def _headline(self) -> str:
        first, last = (f"{self.rows['year'].iloc[k]:g}" for k in (0, -1))
        return super()._headline().replace(f"{first} to {last}", f"{self.school_years[0]} to {self.school_years[-1]}")


def trend(
    years: Mapping[Any, Population] | Sequence[tuple[Any, Population]],
    index: IndexLike = "information_theory",
    *,
    level: float = 0.95,
    replicates: int = 999,
    resample: str = "people",
    group: str | None = None,
    other: str | None = None,
    rng: np.random.Generator | int | None = None,
    progress: Progress = None,
) -> SchoolTrend:
    """Follow the segregation of schools over school years, and say which changes are more than chance.

    Parameters
    ----------
    years : mapping of school year to Population, or list of (school year, Population)
        School years are "2016-17", "2016/17", "2016-2017", or the year in which they begin, 2016. Schools are matched
        by their ids, to say which opened and closed.
    index, level, replicates, resample, group, other, rng, progress
        As in `segregate.trend`. With ``resample="units"`` schools are drawn in place of pupils.

    Returns
    -------
    SchoolTrend
        `.table`, `.slope` (per year), `.p_values` and `.plot()`.

    Raises
    ------
    ParameterError
        For school years that cannot be read, or are there twice, and as `segregate.trend`.

    Notes
    -----
    A school that opens or closes changes an index as pupils who move do; a note says how many schools are there in some
    years only. To see the change without them take the schools that are there in all years (``population.subset``).

    Examples
    --------
    >>> import segregate as sg
    >>> schools = sg.sample("schools")
    >>> districts = schools.split("district")
    >>> found = sg.schools.trend({"2016-17": districts["North"], "2017-18": districts["South"]}, replicates=99, rng=1)
    >>> found.table["school_year"].to_list()
    ['2016/17', '2017/18']
    """
    given = list(years.items()) if isinstance(years, Mapping) else list(years)
    if not all(isinstance(item, tuple) and len(item) == 2 for item in given):
        raise ParameterError("trend takes populations by school year: {'2016-17': pop, '2017-18': pop}.")
    begun = [begins(year) for year, _ in given]
    if len({year for year, _ in begun}) < len(begun):
        twice = [name for k, (year, name) in enumerate(begun) if year in [one for one, _ in begun[:k]]]
        raise ParameterError(f"{plural(len(twice), 'school year')} there twice (first: {first_of(twice)}).")
    found = follow(
        [(year, pop) for (year, _), (_, pop) in zip(begun, given, strict=True)],
        index,
        level=level,
        replicates=replicates,
        resample=resample,
        group=group,
        other=other,
        rng=rng,
        progress=progress,
    )
    parts = {item.name: getattr(found, item.name) for item in fields(found)}
    parts["notes"] = (*_opened_and_closed([pop for _, pop in given]), *found.notes)
    return SchoolTrend(**parts, school_years=tuple(name for _, name in sorted(begun)))


def begins(year: Any) -> tuple[float, str]:
    """Return the year in which a school year begins, and how it is written."""
    if isinstance(year, (int, float, np.integer, np.floating)) and not isinstance(year, bool) and np.isfinite(year):
        return float(year) if not float(year).is_integer() else int(year), f"{float(year):.10g}"
    found = YEAR.fullmatch(year) if isinstance(year, str) else None
    if found is None:
        raise ParameterError(f"{year!r} is no school year; write '2016-17', '2016/17' or 2016.")
    first, last = found.groups()
    if last is None:
        return int(first), first
    if int(last) % 100 != (int(first) + 1) % 100 or (len(last) == 4 and int(last) != int(first) + 1):
        raise ParameterError(f"{year!r} is no school year: it ends in the year after the one in which it begins.")
    return int(first), f"{first}{BETWEEN_YEARS}{int(last) % 100:02d}"


def _opened_and_closed(pops: Sequence[Population]) -> list[str]:
    """Say how many schools are there in some years only."""
    everywhere, anywhere = pops[0].ids, pops[0].ids
    for pop in pops[1:]:
        everywhere, anywhere = everywhere.intersection(pop.ids), anywhere.union(pop.ids, sort=False)
    some = len(anywhere) - len(everywhere)
    return [f"{plural(some, 'school')} of {len(anywhere):,} there in some of the years only"] if some else []
