"""What is known of each public layout: how to recognise it, how to read it, what to say of it."""

from __future__ import annotations

import fnmatch
import inspect
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from segregate._disclosure import KINDS, Cells
from segregate._text_numbers import UnclearError
from segregate.errors import DataError, ParameterError, UnknownNameError, first_of, nearest, plural

from .._files import Keep, Some

__all__ = ["Layout", "Match", "Opened", "SourceFrame", "layout", "layouts", "recognise", "resolve"]

CERTAINTY = ("seen", "partly", "mapping")
ENOUGH = 0.5
"""A layout is recognised from this score on."""

layouts: dict[str, Layout] = {}
"""All layouts by name; filled when `segregate.io.sources` is imported."""


@dataclass(frozen=True)
class Opened:
    """A file whose columns are known; nothing else of it is read yet.

    Attributes
    ----------
    path : Path
        The file.
    names : tuple of str
        Names of its columns as they stand in it, without the geometry.
    load : callable
        Takes a list of columns, or None for all, and returns the (Geo)DataFrame. The columns of text formats and
        workbooks are text, as it stands in the file (blanks are missing); those of other formats have their types.
    spatial : bool
        Whether its rows have geometry.
    encoding : str
        "utf-8", or "cp1252" (Latin-1) where it is not UTF-8.
    scan : callable, optional
        Of text formats: reads some rows without holding the others; see `some`.
    beside : callable, optional
        Takes the name of a file and returns its bytes, if it is in the same folder or archive, or None.
    """

    path: Path
    names: tuple[str, ...]
    load: Callable[[Sequence[str] | None], pd.DataFrame]
    spatial: bool = False
    encoding: str = "utf-8"
    scan: Some | None = None
    beside: Callable[[str], bytes | None] | None = None

    def some(self, columns: Sequence[str], keep: Keep) -> pd.DataFrame:
        """Return some rows of some columns, which are categorical; the others are never held all at once.

        Parameters
        ----------
        columns : list of str
        keep : callable
            Takes a part of the table, a frame of categorical columns, and says which of its rows are kept: an array
            of bool. It is called for each part, from the first to the last.
        """
        if self.scan is not None:
            return self.scan(columns, keep)
        frame = pd.DataFrame(self.load(columns))
        frame = frame.apply(lambda column: column.astype("category"))
        kept: pd.DataFrame = frame.loc[keep(frame)].reset_index(drop=True)
        for name in kept.columns:
            kept[name] = kept[name].cat.remove_unused_categories()
        return kept

    def find(self, *names: str, optional: bool = False) -> str:
        """Return the first of some columns that the file has, whatever its case and the blanks around it.

        Raises
        ------
        UnknownNameError
            If it has none of them; the message names the nearest. With `optional` the result is "" then.
        """
        folded = {" ".join(name.split()).casefold(): name for name in reversed(self.names)}
        for name in names:
            found = folded.get(" ".join(name.split()).casefold())
            if found is not None:
                return found
        if optional:
            return ""
        listed = " or ".join(repr(name) for name in names)
        raise UnknownNameError(f"{self.path.name} has no column {listed}. {nearest(names[0], self.names)}")

    def matching(self, pattern: str) -> list[str]:
        """Return the columns whose whole name matches a regular expression, whatever its case."""
        return [name for name in self.names if re.fullmatch(pattern, name.strip(), re.IGNORECASE)]


@dataclass(frozen=True, eq=False)
class SourceFrame:
    """A table of a public source with one row per unit, ready for `Population.from_frame`.

    Attributes
    ----------
    frame : DataFrame or GeoDataFrame
        Ids, counts under the human names of the groups (NaN where suppressed or missing), and attributes.
    groups : tuple of str
        Columns of the groups, which do not overlap.
    id : str
        Column of the ids, as text.
    total : str or None
        Column of all people, where the groups are not everybody or where the source publishes it.
    cells : mapping of column to Cells
        Kind and interval of the counts of groups and total; a column that is not there is known as it stands.
    excess : str
        As in `Population.from_frame`.
    moe : mapping of column to column
        Margins of error, as in `Population.from_frame`.
    area, points
        As in `Population.from_frame`.
    meanings : mapping of group to sentence
        What the groups are, where the file says it; otherwise the layout does.
    notes : tuple of str
        What was decided or found while this file was read.
    caveats : tuple of str
        What to know about the source; those of the layout come first.
    rest : str
        The one of the groups that the publisher does not print, but that the others leave of ``published_total``; ""
        where there is none.
    alike : mapping of str to str
        What files must have in common to be parts of one table: ``{"year": "2021", "areas": "output areas"}``.
    licence : str
        Line to print with results.
    source : str
        Publisher and title.
    """

    frame: pd.DataFrame
    groups: tuple[str, ...]
    id: str
    total: str | None = None
    cells: Mapping[str, Cells] = field(default_factory=dict)
    excess: str = "raise"
    moe: Mapping[str, str] = field(default_factory=dict)
    area: str | tuple[str, str] | None = None
    points: str | tuple[str, str] = "centroid"
    meanings: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    rest: str = ""
    alike: Mapping[str, str] = field(default_factory=dict)
    licence: str = ""
    source: str = ""

    @classmethod
    def of(
        cls,
        ids: pd.Series[Any],
        cells: Mapping[str, Cells],
        *,
        total: str | None = None,
        attributes: pd.DataFrame | None = None,
        geometry: Any = None,
        **more: Any,
    ) -> SourceFrame:
        """Put a table together.

        Parameters
        ----------
        ids : Series of text, shape (n,)
            Its name is the column of the ids.
        cells : mapping of group to Cells
            All groups, in their order, and the total if there is one.
        total : str, optional
            Which of them is the total.
        attributes : DataFrame, optional
            Other columns, in the order of the ids.
        geometry : GeoSeries or geometry array with a CRS, optional
        **more
            Other fields of a `SourceFrame`.
        """
        columns: dict[str, Any] = {str(ids.name): ids.astype("str").to_numpy()}
        columns |= {name: column.value for name, column in cells.items()}
        if attributes is not None:
            columns |= {name: attributes[name].array for name in attributes.columns if name not in columns}
        frame = pd.DataFrame(columns)
        if geometry is not None:
            crs = geometry.crs
            frame = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(np.asarray(geometry), crs=crs), crs=crs)
        groups = tuple(name for name in cells if name != total)
        return cls(frame, groups, str(ids.name), total=total, cells=dict(cells), **more)

    def __post_init__(self) -> None:
        columns = [*self.groups, *([] if self.total is None else [self.total])]
        for name in [self.id, *columns, *self.cells]:
            if name not in self.frame.columns:
                raise UnknownNameError(f"The table has no column {name!r}. {nearest(name, self.frame.columns)}")
        if self.total is not None and "other" in self.groups:
            raise ParameterError("With a total the people of no group become 'other': call the group something else.")
        for name, column in self.cells.items():
            if len(column) != len(self.frame):
                raise DataError(f"{name!r} has {len(column):,} cells for {plural(len(self.frame), 'row')}.")

    @property
    def geometry(self) -> Any:
        """The geometry of the units, or None."""
        return self.frame.geometry if isinstance(self.frame, gpd.GeoDataFrame) else None

    @property
    def columns(self) -> tuple[str, ...]:
        """The groups, and the total where there is one."""
        return (*self.groups, *(() if self.total is None else (self.total,)))

    @property
    def kinds(self) -> pd.DataFrame:
        """Kind of each count of the groups and the total, as a word."""
        return self._table(lambda cells: self.words({"": cells})[""])

    @staticmethod
    def words(cells: Mapping[str, Cells]) -> dict[str, Any]:
        """Return the kinds of cells as words."""
        words = np.array(KINDS, dtype=object)
        return {name: words[column.kind] for name, column in cells.items()}

    @property
    def low(self) -> pd.DataFrame:
        """The least number of people of each count."""
        return self._table(lambda cells: cells.low)

    @property
    def high(self) -> pd.DataFrame:
        """The greatest number of people of each count; infinite where nothing bounds it."""
        return self._table(lambda cells: cells.high)

    def typed(self, column: str) -> Cells:
        """Return a column of counts with kinds and intervals."""
        return self.cells[column] if column in self.cells else Cells.known(self.frame[column].to_numpy(np.float64))

    def with_attributes(self, names: Sequence[str]) -> SourceFrame:
        """Return the same with only these of the columns that are neither ids nor counts nor geometry."""
        if isinstance(names, str):
            raise ParameterError(f"columns= takes a list of column names: columns=[{names!r}].")
        shape = self.frame.active_geometry_name if isinstance(self.frame, gpd.GeoDataFrame) else None
        area = self.area[0] if isinstance(self.area, tuple) else self.area
        points = list(self.points) if isinstance(self.points, tuple) else [self.points]
        kept = {self.id, *self.columns, *self.moe.values(), shape, area, *points, *names}
        for name in names:
            if name not in self.frame.columns:
                raise UnknownNameError(f"There is no column {name!r} (columns=). {nearest(name, self.frame.columns)}")
        return replace(self, frame=self.frame[[name for name in self.frame.columns if name in kept]])

    def _table(self, take: Callable[[Cells], Any]) -> pd.DataFrame:
        table = pd.DataFrame({name: take(self.typed(name)) for name in self.columns})
        return table.set_axis(pd.Index(self.frame[self.id], name=self.id))


Read = Callable[..., SourceFrame]
Recogniser = Callable[[Opened], float]


@dataclass(frozen=True)
class Layout:
    """What is known of a public layout; see `layout` for the fields."""

    name: str
    function: Read
    title: str
    publisher: str
    area: str
    years: str
    units: str
    groups: Mapping[str, str]
    licence: str
    page: str
    certain: str
    columns: tuple[str | tuple[str, ...], ...]
    files: tuple[str, ...]
    caveats: tuple[str, ...]
    latin: bool
    looks: Recogniser | None
    options: Mapping[str, Any]

    @property
    def source(self) -> str:
        """Publisher and title, for captions."""
        return f"{self.publisher}, {self.title}"

    def match(self, opened: Opened) -> Match:
        """Say how well a file fits: 0 where a column is missing, 0.7 for all of them, 1 with the name of the file."""
        if self.looks is not None:
            score = float(self.looks(opened))
            return Match(self.name, score, "it looks like that layout" if score else "")
        known = {" ".join(name.split()).casefold() for name in opened.names}
        asked = [(names,) if isinstance(names, str) else names for names in self.columns]
        found = [next((name for name in names if name.casefold() in known), None) for names in asked]
        if not asked or None in found:
            return Match(self.name, 0.0, "")
        why = f"it has {plural(len(found), 'column')} of that layout: {first_of(found, 4)}"
        pattern = next((p for p in self.files if fnmatch.fnmatchcase(opened.path.name.casefold(), p.casefold())), None)
        if pattern is None:
            return Match(self.name, 0.7, why)
        return Match(self.name, 1.0, f"{why}, and its name is as {pattern}")

    def read(self, opened: Opened, options: Mapping[str, Any]) -> SourceFrame:
        """Read a file, and say what is to be said of the source.

        Raises
        ------
        ParameterError
            For an option that the source does not take, and for text in an encoding that it does not come in.
        """
        if opened.encoding != "utf-8" and not self.latin:
            raise DataError(
                f"{opened.path.name} is not UTF-8, and files of {self.name} are. Save it again as UTF-8 "
                "(in Excel: Save as, 'CSV UTF-8')."
            )
        for key in options:
            if key not in self.options:
                raise ParameterError(f"The source {self.name} has no option {key!r}. {nearest(key, self.options)}")
        try:
            made = self.function(opened, **options)
        except UnclearError as error:
            raise DataError(f"{error.found} {self._advice(error.mark)}") from None
        notes = list(made.notes)
        if opened.encoding != "utf-8":
            notes.insert(0, "read as Windows-1252 (Latin-1), because it is not UTF-8")
        return replace(
            made,
            meanings={**{k: v for k, v in self.groups.items() if k in made.columns}, **made.meanings},
            caveats=(*self.caveats, *made.caveats),
            licence=made.licence or self.licence,
            source=made.source or self.source,
            notes=tuple(notes),
        )

    def _advice(self, mark: str | None) -> str:
        """Say what to do about a cell without a certain meaning, in the words of what the source takes."""
        option = "decimal" if mark is None else "marks"
        value = "','" if mark is None else f"{{{mark}: 'missing'}}"
        told = "say which" if mark is None else "Say what it stands for"
        if option in self.options:
            return f"{told}: source={{'source': {self.name!r}, {option!r}: {value}}}."
        start = "" if mark is None else f"{self.name} knows no such mark. "
        look = "look" if mark is None else "Look"
        return (
            f"{start}{look} whether the file is as it was published; if it is, name its columns instead of the source: "
            f"groups=[...], {option}={value}."
        )


class Match(NamedTuple):
    """How well a file fits a layout.

    Attributes
    ----------
    name : str
        The layout.
    score : float
        0 to 1.
    why : str
        What it was recognised by.
    """

    name: str
    score: float
    why: str


def layout(
    *,
    title: str,
    publisher: str,
    area: str,
    years: str,
    units: str,
    groups: Mapping[str, str],
    licence: str,
    page: str,
    certain: str,
    columns: Sequence[str | tuple[str, ...]] = (),
    files: Sequence[str] = (),
    caveats: Sequence[str] = (),
    latin: bool = False,
    looks: Recogniser | None = None,
) -> Callable[[Read], Read]:
    """Enter a source in the registry, under the name of the function, which is the name of its file.

    The function takes an `Opened` and, after it, keyword-only options with defaults; it returns a `SourceFrame`.

    Parameters
    ----------
    title, publisher, area, years, units, licence, page
        For `segregate.sources`; `page` is the address where the data are published.
    groups : mapping of str to str
        Human name of each group, and what it means: place of birth, citizenship, ethnic group as people say it
        themselves. Empty where the file alone can say it.
    certain : {"seen", "partly", "mapping"}
        The layout was read in the publisher's documentation or in public code; some of it is from memory, and the
        caveats say what; or the user says which column is what.
    columns : list of str or tuple of str
        Columns that a file of this layout has, whatever their case; of a tuple, one. They must tell it from others.
    files : list of str
        Patterns of the names that the publisher gives to files: ``"ESTAT_Census_2021*"``.
    caveats : list of str
        What everybody who uses the data should know; printed once.
    latin : bool
        Whether files come in Latin-1 as well.
    looks : callable, optional
        Takes the `Opened` and gives the score from 0 to 1, where columns and files do not say it.
    """
    if certain not in CERTAINTY:
        raise ParameterError(f"certain={certain!r} is not known; it is one of {', '.join(map(repr, CERTAINTY))}.")

    def enter(function: Read) -> Read:
        parameters = list(inspect.signature(function).parameters.values())[1:]
        layouts[function.__name__] = Layout(
            name=function.__name__,
            function=function,
            title=title,
            publisher=publisher,
            area=area,
            years=years,
            units=units,
            groups=dict(groups),
            licence=licence,
            page=page,
            certain=certain,
            columns=tuple(columns),
            files=tuple(files),
            caveats=tuple(caveats),
            latin=latin,
            looks=looks,
            options={p.name: p.default for p in parameters},
        )
        return function

    return enter


def recognise(opened: Opened) -> list[Match]:
    """Return the layouts that a file may have, the best first."""
    found = [match for match in (known.match(opened) for known in layouts.values()) if match.score >= ENOUGH]
    return sorted(found, key=lambda match: (-match.score, match.name))


def resolve(source: str | Mapping[str, Any]) -> tuple[Layout, dict[str, Any]]:
    """Return the layout and its options that a name, ``"name:option=value"`` or a mapping asks for.

    Parameters
    ----------
    source : str or mapping
        ``"nomis_ts021"``, ``"nomis_ts021:detail=detailed"`` or ``{"source": "nomis_ts021", "detail": "detailed"}``.
        Values in text are JSON, or text as they stand.
    """
    if isinstance(source, Mapping):
        options = dict(source)
        if "source" not in options:
            raise ParameterError(f"{options!r} does not say which source: {{'source': 'nomis_ts021', ...}}.")
        name = options.pop("source")
    elif isinstance(source, str):
        name, _, listed = source.partition(":")
        options = {}
        for part in filter(None, re.split(r",(?=\s*\w+\s*=)", listed)):
            key, equals, value = part.partition("=")
            if not equals:
                raise ParameterError(f"Options of a source are written name=value: {name}:{key}=... (in {source!r}).")
            try:
                options[key.strip()] = json.loads(value)
            except json.JSONDecodeError:
                options[key.strip()] = value.strip()
    else:
        raise ParameterError(f"source= takes the name of a source, or a mapping with its options, not {source!r}.")
    if name not in layouts:
        raise UnknownNameError(f"There is no source {name!r}. {nearest(name, layouts)}")
    return layouts[name], options
