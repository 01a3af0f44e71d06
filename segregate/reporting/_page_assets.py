"""Style and script of the interactive part, as text to be put into the page."""

from __future__ import annotations

import re
from importlib.resources import files

__all__ = ["page_script", "page_style"]

LIBRARY = "vendor/leaflet"
SCRIPTS = ("text", "units", "map", "chart", "table", "main")
STYLES = ("map", "charts", "table", "frame")
"""Files of `assets/page`, in this order."""
FETCHING = re.compile(r"[^{}]*\{[^{}]*url\([^{}]*\}")
"""A rule of a style sheet that would fetch something."""
SOURCE_MAP = re.compile(r"^//[#@] sourceMappingURL=.*$", re.MULTILINE)


def page_style() -> str:
    """Return the style sheets, without anything that would be fetched."""
    library = FETCHING.sub("", _read(f"{LIBRARY}/leaflet.css"))
    own = "\n".join(_read(f"page/{name}.css") for name in STYLES)
    return _inline(f"{library}\n{own}", "style")


def page_script() -> str:
    """Return the scripts: the library with its licence, then our own in a scope of their own."""
    licence = _read(f"{LIBRARY}/LICENSE").replace("*/", "* /")
    library = SOURCE_MAP.sub("", _read(f"{LIBRARY}/leaflet.js"))
    own = "\n".join(_read(f"page/{name}.js") for name in SCRIPTS)
    return _inline(f'/*!\n{licence}*/\n{library}\n(() => {{\n"use strict";\n{own}}})();\n', "script")


def _read(path: str) -> str:
    return files("segregate").joinpath("reporting", "assets", *path.split("/")).read_text(encoding="utf-8")


def _inline(text: str, element: str) -> str:
    r"""Return text that does not end its element: ``</script`` is written ``<\/script``."""
    return re.sub(rf"<(/{element}|!--)", lambda found: "<\\" + found[1], text, flags=re.IGNORECASE)
