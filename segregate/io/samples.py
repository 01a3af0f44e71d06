"""The sample data that come with the package."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from segregate._provenance import Provenance, fingerprint, now
from segregate.errors import DataError, UnknownNameError, nearest
from segregate.population import Population

from .readers import open_frame

__all__ = ["sample", "sample_path"]

SAMPLES: dict[str, dict[str, Any]] = {
    "sacramento": {
        "file": "sacramento.parquet",
        "source": "US Census Bureau, Census 2000 SF3",
        "licence": "Public domain.",
        "caveats": (
            "estimates from the long form, which about one household in six filled in",
            "people of two or more races and of other races (5.3 %) are not in the four groups",
        ),
        "groups": ["white", "black", "asian", "hisp"],
        "id": "fips",
    },
    "schools": {
        "file": "schools.csv",
        "source": "synthetic schools (no real school, invented numbers)",
        "licence": "Public domain.",
        "caveats": (),
        "groups": ["asian", "black", "hispanic", "white"],
        "id": "school_id",
        "points": ("lon", "lat"),
        "crs": "EPSG:4326",
    },
}
FILES = {"sacramento": "sacramento.gpkg", "schools": "schools.csv"}
FOLDERS = (Path(__file__).parents[1] / "samples", Path(__file__).parents[2] / "data" / "samples")
"""In an installed package, and in the source tree."""


def sample(name: str) -> Population:
    """Return a sample population.

    Parameters
    ----------
    name : {"sacramento", "schools"}
        "sacramento": the 403 census tracts of the Sacramento metropolitan area in 2000, with the
        groups white, black, asian (each not Hispanic) and hisp; other people are left out.
        "schools": 40 synthetic schools with the groups asian, black, hispanic and white; no
        real school is among them.

    Returns
    -------
    Population

    Raises
    ------
    UnknownNameError
        For other names.

    Examples
    --------
    >>> import segregate as sg
    >>> sg.sample("sacramento").groups
    ('white', 'black', 'asian', 'hisp')
    """
    if name not in SAMPLES:
        raise UnknownNameError(f"There is no sample {name!r}. {nearest(name, SAMPLES)}")
    how = dict(SAMPLES[name])
    path = sample_path(how.pop("file"))
    frame, _, _ = open_frame(path)
    said: dict[str, Any] = {key: how.pop(key) for key in ("source", "licence", "caveats")}
    frame.attrs["segregate"] = {"source": said["source"]}
    population = Population.from_frame(frame, how.pop("groups"), **how)
    return replace(population, provenance=Provenance(files=fingerprint(path), read=now(), **said))


def sample_path(name: str) -> Path:
    """Return the path of a sample file, to try `segregate.read` on it.

    Parameters
    ----------
    name : str
        "sacramento" (the GeoPackage), "schools" (the CSV file), or the name of a file:
        "sacramento.gpkg", "sacramento.parquet", "schools.csv".

    Returns
    -------
    Path

    Raises
    ------
    UnknownNameError
        For other names.
    DataError
        If the installation lacks its sample files.

    Examples
    --------
    >>> import segregate as sg
    >>> sg.sample_path("schools").name
    'schools.csv'
    """
    files = [
        *FILES.values(),
        *(str(how["file"]) for how in SAMPLES.values() if how["file"] not in FILES.values()),
    ]
    file = FILES.get(name, name)
    if file not in files:
        raise UnknownNameError(f"There is no sample file {name!r}. {nearest(name, [*FILES, *files])}")
    for folder in FOLDERS:
        if (folder / file).is_file():
            return folder / file
    raise DataError(f"The sample file {file} is not installed; install segregate again.")
