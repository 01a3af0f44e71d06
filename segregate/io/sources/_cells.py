"""Ids of grid cells, which say where the cells are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from segregate.errors import DataError, ParameterError, first_of, plural

__all__ = ["GridCells", "grid_cells"]

Ints = npt.NDArray[np.int64]
FULL = r"^(?:CRS|crs)(?P<epsg>[0-9]{4,5})(?:RES|res)(?P<size>[0-9]+)(?P<unit>m|km|M|KM)N(?P<n>[0-9]+)E(?P<e>[0-9]+)$"
"""CRS3035RES1000mN2685000E4286000: coordinate system, width in metres, northing and easting in metres."""
SHORT = r"^(?P<size>10{0,5})(?P<unit>m|km)N(?P<n>[0-9]+)E(?P<e>[0-9]+)$"
"""1kmN2689E4337 and 100mN26890E43370: northing and easting counted in widths of a cell."""
EASTFIRST = r"^E(?P<e>[0-9]+)N(?P<n>[0-9]+)$"
"""E1300N4786: easting first, counted in a unit that the column tells."""


@dataclass(frozen=True, eq=False)
class GridCells:
    """Square cells of one width in one coordinate system.

    Attributes
    ----------
    north, east : ndarray of int64, shape (n,)
        Coordinates of the south-west corner of each cell in metres.
    size : int
        Width in metres.
    epsg : int
        EPSG code of the coordinate system.
    """

    north: Ints
    east: Ints
    size: int
    epsg: int

    @property
    def crs(self) -> str:
        """The coordinate system, as geopandas takes it."""
        return f"EPSG:{self.epsg}"

    def polygons(self) -> gpd.GeoSeries:
        """Return the cells as squares."""
        east, north = self.east.astype(np.float64), self.north.astype(np.float64)
        return gpd.GeoSeries(shapely.box(east, north, east + self.size, north + self.size), crs=self.crs)

    def points(self) -> gpd.GeoSeries:
        """Return the centres of the cells."""
        return gpd.GeoSeries(gpd.points_from_xy(self.east + self.size / 2, self.north + self.size / 2), crs=self.crs)


def grid_cells(
    ids: pd.Series[Any],
    *,
    epsg: int | None = None,
    size: int | None = None,
    unit: int | None = None,
) -> GridCells:
    """Read where cells are from their ids.

    Three forms are known: ``CRS3035RES1000mN2685000E4286000`` (metres), ``1kmN2689E4337`` or
    ``100mN26890E43370`` (counted in cells), each with the northing of the south-west corner before its easting, and
    ``E1300N4786`` (easting first, counted in `unit`).

    Parameters
    ----------
    ids : Series of text, shape (n,)
        All of one form, width and coordinate system.
    epsg : int, optional
        Coordinate system of ids that do not say it; ids that say another are refused.
    size : int, optional
        Width in metres of ids that do not say it; ids that say another are refused.
    unit : int, optional
        Metres in which ids of the third form count; by default `size`.

    Returns
    -------
    GridCells

    Raises
    ------
    DataError
        For ids of no such form, of several widths or coordinate systems, and corners that are no multiple of the
        width; the message gives the first.
    ParameterError
        If `epsg` or `size` is needed.
    """
    text = pc.utf8_trim_whitespace(pa.array(ids.astype("str"), pa.string(), from_pandas=True))
    if isinstance(text, pa.ChunkedArray):
        text = text.combine_chunks()
    name = repr(ids.name)
    first = next((value for value in text[:1000].to_pylist() if value), "")
    forms = {"full": FULL, "short": SHORT, "east": EASTFIRST}
    form = next((key for key, pattern in forms.items() if re.match(pattern, first)), None)
    if form is None:
        raise DataError(
            f"{name} holds no ids of grid cells that are known (first: {first!r}); they look like "
            "CRS3035RES1000mN2685000E4286000, 1kmN2689E4337 or 100mN26890E43370."
        )
    parts = pc.extract_regex(text, forms[form])
    wrong = parts.is_null().to_numpy(zero_copy_only=False)
    if wrong.any():
        raise DataError(
            f"{plural(int(wrong.sum()), 'id')} of {len(text):,} in {name} "
            f"{'is' if wrong.sum() == 1 else 'are'} not written as {first!r} is "
            f"(first: {first_of(text.filter(pa.array(wrong)).to_pylist())})."
        )
    n, e = (_whole(pc.struct_field(parts, key)) for key in ("n", "e"))
    if form != "east":
        widths = _one_of(
            pc.binary_join_element_wise(pc.struct_field(parts, "size"), pc.struct_field(parts, "unit"), "")
        )
        said = _one(widths, f"{name} holds cells of {{}} widths ({{}}); read one width at a time.")
        size = _agreed(size, _metres(said), "size", name)
    if form == "full":
        systems = _one_of(pc.struct_field(parts, "epsg"))
        said = _one(systems, f"{name} holds cells in {{}} coordinate systems ({{}}); read one at a time.")
        epsg = _agreed(epsg, int(said), "epsg", name)
    if epsg is None or size is None:
        raise ParameterError(
            f"The ids in {name} (first: {first!r}) do not say their "
            f"{'coordinate system: give epsg=' if epsg is None else 'width: give size='}."
        )
    if form != "full":
        step = size if form == "short" or unit is None else unit
        n, e = n * step, e * step
    else:
        off = (n % size != 0) | (e % size != 0)
        if off.any():
            raise DataError(
                f"{plural(int(off.sum()), 'id')} in {name} with a corner that is no multiple of {size} m "
                f"(first: {first_of(text.filter(pa.array(off)).to_pylist())})."
            )
    return GridCells(n, e, size, epsg)


def _whole(values: Any) -> Ints:
    return pc.cast(values, pa.int64()).to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]


def _one_of(values: Any) -> list[str]:
    return pc.unique(values).to_pylist()  # type: ignore[no-any-return]


def _one(found: list[str], message: str) -> str:
    if len(found) > 1:
        raise DataError(message.format(len(found), ", ".join(found[:4])))
    return found[0]


def _metres(width: str) -> int:
    number = int(width.rstrip("kmKM"))
    return number * 1000 if "k" in width.casefold() else number


def _agreed(given: int | None, said: int, what: str, name: str) -> int:
    if given is not None and given != said:
        raise DataError(f"The ids in {name} say {what}={said}, not {given}.")
    return said
