"""What a synthetic file of a source must give when it is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Read:
    """One way to read one file that a maker wrote.

    Attributes
    ----------
    file : str
        Name of the file in the folder.
    units : int
        Rows that come out.
    groups : mapping of str to float
        People of each group that are printed, in all units (suppressed and missing cells left out).
    published : float
        People in all units, as the file itself publishes them.
    source : str or mapping
        How the source is asked for; "auto" if the file must be recognised.
    crs : int or None
        EPSG code of the geometry that comes out.
    spare : float
        Largest difference from `published` that the source itself explains (noise, rounding); 0 as a rule.
    notes : tuple of str
        Regular expressions, each of which some note must match.
    """

    file: str
    units: int
    groups: Mapping[str, float]
    published: float
    source: str | Mapping[str, object] = "auto"
    crs: int | None = None
    spare: float = 0
    notes: tuple[str, ...] = field(default=())
