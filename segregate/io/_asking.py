"""Which columns may hold people, and how to ask for them."""

from __future__ import annotations

import pandas as pd

from segregate.errors import first_of

__all__ = ["ask_for_groups", "candidate_groups"]

LABELS = {"fid", "ogc_fid", "objectid", "gid", "id", "fips", "geoid", "code", "polyid", "year", "zip", "zcta"}
PLACES = {
    "lon",
    "lat",
    "longitude",
    "latitude",
    "lng",
    "x",
    "y",
    "intptlat",
    "intptlon",
    "shape_area",
    "shape_length",
    "aland",
    "awater",
    "area",
    "area_km2",
    "area_ha",
    "area_m2",
}
"""Columns of numbers that are no people, in lower case."""
TOTALS = {
    "total",
    "totals",
    "total_e",
    "all",
    "people",
    "persons",
    "pop",
    "population",
    "tot_pop",
    "totpop",
    "n",
    "count",
}
"""Columns that as a rule hold everybody, in lower case."""


def candidate_groups(frame: pd.DataFrame) -> list[str]:
    """Return the columns that may hold people: numbers of 0 or more that look like no id or place."""
    numbers = frame.select_dtypes("number")
    return [
        str(name)
        for name in numbers.columns
        if not _is_label(str(name).casefold()) and not (numbers[name] < 0).any() and numbers[name].notna().any()
    ]


def _is_label(name: str) -> bool:
    return (
        name in LABELS | PLACES
        or name.endswith(("_id", "_code", "fips", "fipsno", "geoid"))
        or name.startswith("unnamed:")
    )


def ask_for_groups(file: str, frame: pd.DataFrame) -> str:
    """Return the question which columns of a file hold the people of each group."""
    found = candidate_groups(frame)
    if not found:
        return (
            f"groups= is needed: which columns of {file} hold the people of each group? None holds numbers; "
            f"the columns are {first_of(frame.columns, 30)}."
        )
    everybody = [name for name in found if name.casefold() in TOTALS]
    some = [name for name in found if name not in everybody]
    whole = f", total={everybody[0]!r}" if everybody and some else ""
    example = f"For example groups={some[:2]!r}{whole}."
    if len(some) < 2:
        example = "Where a row is one unit and one group: Population.from_long(frame, unit=, group=, count=)."
    return (
        f"groups= is needed: which columns of {file} hold the people of each group? These hold numbers: "
        f"{first_of(found, 30)}. {example}"
    )
