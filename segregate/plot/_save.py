"""Maps to files: PNG, SVG and PDF; the layers for a GIS are in `_layers`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from ..errors import ParameterError
from ..io._writing import whole

__all__ = ["FORMATS", "LAYERS", "SavePath", "check_targets", "save_figure"]

SavePath = str | os.PathLike[str]
FORMATS = {
    ".png": "picture, 300 dots per inch",
    ".svg": "drawing, text kept as text",
    ".pdf": "drawing, fonts embedded",
    ".gpkg": "the mapped layer for a GIS, with its style",
    ".geojson": "the mapped layer for the web",
}
LAYERS = (".gpkg", ".geojson")
"""Formats of the mapped layer."""
DPI = 300


def check_targets(save: SavePath | Iterable[SavePath] | None) -> list[Path]:
    """Check where to save before anything is drawn.

    Parameters
    ----------
    save : path, iterable of paths or None
        Files to write; the suffix says the format.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    ParameterError
        When a suffix is not known, the folder does not exist, or the path is a folder.
    """
    if save is None:
        return []
    paths = [Path(save)] if isinstance(save, str | os.PathLike) else [Path(item) for item in save]
    for path in paths:
        if path.suffix.lower() not in FORMATS:
            what = f"the suffix {path.suffix!r}" if path.suffix else "no suffix"
            known = ", ".join(f"{suffix} ({meaning})" for suffix, meaning in FORMATS.items())
            raise ParameterError(f"{str(path)!r} has {what}; a map is saved as {known}.")
        if path.is_dir():
            raise ParameterError(f"{str(path)!r} is a folder; name a file in it.")
        if not path.parent.is_dir():
            raise ParameterError(f"The folder {str(path.parent)!r} does not exist; make it first.")
    return paths


def save_figure(figure: Figure, path: Path, *, title: str, caption: str) -> None:
    """Save a figure as PNG, SVG or PDF.

    PNG has 300 dots per inch. PDF embeds its fonts as TrueType. SVG keeps text as text, so that
    it can be searched, read aloud and edited; a reader without the font sees a similar one. The
    files carry title and caption, and no time stamp: the same map gives the same file.

    Parameters
    ----------
    figure : Figure
        The whole figure.
    path : Path
        Where; an existing file is replaced.
    title, caption : str
        Texts for the file's metadata.
    """
    suffix = path.suffix.lower()
    metadata: dict[str, dict[str, str | None]] = {
        ".png": {"Title": title, "Description": caption},
        ".svg": {"Title": title, "Description": caption, "Date": None},
        ".pdf": {"Title": title, "Subject": caption, "CreationDate": None},
    }
    settings: dict[Any, Any] = {"pdf.fonttype": 42, "svg.fonttype": "none", "svg.hashsalt": "segregate"}
    with whole(path) as temporary, matplotlib.rc_context(settings):
        figure.savefig(temporary, format=suffix[1:], dpi=DPI, metadata=metadata[suffix])
