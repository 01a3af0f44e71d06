"""A style for QGIS (QML): the layer opens as the map that was printed."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ElementTree
from xml.etree.ElementTree import Element, SubElement

from ._gis_style import LayerStyle, Step, xml_text
from ._palettes import NO_DATA
from ._shapes import HATCH_COLOUR, OUTLINE

__all__ = ["as_qml"]

VERSION = "3.22.0"
"""Of QGIS: that and later ones read what is written here."""
HATCH_DISTANCE = 72 / 18 / math.sqrt(2)
"""Points from line to line of the hatch: in print six marks are 18 lines an inch, slanted."""
HATCH_WIDTH = 0.5
HAIR = 0.15
POINT_EDGE = "#555555"
SYMBOLS = {"polygon": "fill", "line": "line", "point": "marker"}


def as_qml(style: LayerStyle) -> str:
    """Write a style as QGIS does.

    Ranges make a graduated renderer, categories a categorized one. Where units have no value, ranges
    are written as rules, since a graduated renderer does not draw such units. Continuous colours are those of
    the units themselves (data-defined), beside a legend of ten steps.

    Parameters
    ----------
    style : LayerStyle
        From `layer_style`.

    Returns
    -------
    str
        The QML document.
    """
    root = Element("qgis", version=VERSION, styleCategories="Symbology")
    if style.categories:
        root.append(_categorized(style))
    elif style.rules:
        root.append(_rules(style))
    else:
        root.append(_graduated(style))
    for name, content in (("blendMode", "0"), ("featureBlendMode", "0"), ("layerOpacity", "1")):
        SubElement(root, name).text = content
    ElementTree.indent(root)
    body = ElementTree.tostring(root, encoding="unicode")
    return f"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n{body}\n"


def _renderer(kind: str, **attributes: str) -> Element:
    fixed = {"forceraster": "0", "symbollevels": "0", "enableorderby": "0"}
    return Element("renderer-v2", {"type": kind, **fixed, **attributes})


def _graduated(style: LayerStyle) -> Element:
    renderer = _renderer("graduatedSymbol", attr=xml_text(style.column), graduatedMethod="GraduatedColor")
    ranges = SubElement(renderer, "ranges")
    for place, step in enumerate(style.steps):
        SubElement(
            ranges,
            "range",
            lower=repr(float(step.low)),
            upper=repr(float(step.high)),
            symbol=str(place),
            label=xml_text(step.label),
            render="true",
        )
    renderer.append(_symbols(style))
    SubElement(renderer, "classificationMethod", id="Custom")
    return renderer


def _categorized(style: LayerStyle) -> Element:
    renderer = _renderer("categorizedSymbol", attr=xml_text(style.column))
    listed = SubElement(renderer, "categories")
    for place, step in enumerate(style.steps):
        kind = "string" if step.value is None or isinstance(step.value, str) else "long"
        # an empty value takes all that no other takes, missing values too
        value = "" if step.value is None else xml_text(str(step.value))
        attributes = {"value": value, "type": kind, "symbol": str(place), "label": xml_text(step.label)}
        SubElement(listed, "category", {**attributes, "render": "true"})
    renderer.append(_symbols(style))
    return renderer


def _rules(style: LayerStyle) -> Element:
    renderer = _renderer("RuleRenderer")
    # fixed keys in the form that QGIS uses: the same map makes the same file
    rules = SubElement(renderer, "rules", key=_key(0))
    for place, step in enumerate(style.steps):
        condition = _condition(style.column, step)
        attributes = {"key": _key(place + 1), "symbol": str(place), "label": xml_text(step.label)}
        SubElement(rules, "rule", {"filter": condition, **attributes})
    renderer.append(_symbols(style))
    return renderer


def _key(number: int) -> str:
    return f"{{00000000-0000-4000-8000-{number:012d}}}"


def _condition(column: str, step: Step) -> str:
    """Write the condition of a step as an expression of QGIS."""
    name = '"{}"'.format(xml_text(column).replace('"', '""'))
    if step.hatched:
        return f"{name} IS NULL"
    parts = []
    if math.isfinite(step.low):
        parts.append(f"{name} {'>=' if step.closed_below else '>'} {step.low!r}")
    if math.isfinite(step.high):
        parts.append(f"{name} <= {step.high!r}")
    return " AND ".join(parts) or f"{name} IS NOT NULL"


def _symbols(style: LayerStyle) -> Element:
    symbols = Element("symbols")
    for place, step in enumerate(style.steps):
        symbol = _symbol(symbols, str(place), style.kind, style.opacity)
        {"polygon": _polygon, "line": _line, "point": _point}[style.kind](symbol, step, style)
    return symbols


def _symbol(parent: Element, name: str, kind: str, opacity: float) -> Element:
    attributes = {"type": SYMBOLS[kind], "name": name, "alpha": f"{opacity:g}"}
    return SubElement(parent, "symbol", {**attributes, "clip_to_extent": "1", "force_rhr": "0"})


def _polygon(symbol: Element, step: Step, style: LayerStyle) -> None:
    width = style.outline
    fill = NO_DATA if step.hatched else step.color
    if not step.hatched:
        # a hair of the fill's own colour closes the seams between neighbours
        edge = OUTLINE if width else step.color
        own = {"fillColor": style.colour_column} | ({} if width else {"outlineColor": style.colour_column})
        _layer(symbol, "SimpleFill", _filled(fill, edge, width or HAIR), own)
        return
    _layer(symbol, "SimpleFill", _filled(fill, HATCH_COLOUR, width or 0.1))
    pattern = {"angle": "45", "distance": f"{HATCH_DISTANCE:.4f}", "distance_unit": "Point"}
    layer = _layer(symbol, "LinePatternFill", pattern)
    line = SubElement(layer, "symbol", {"type": "line", "name": f"@{symbol.get('name')}@1", "alpha": "1"})
    _layer(line, "SimpleLine", _stroked(HATCH_COLOUR, HATCH_WIDTH, "solid"))


def _line(symbol: Element, step: Step, style: LayerStyle) -> None:
    look = _stroked(HATCH_COLOUR if step.hatched else step.color, 1.5, "dot" if step.hatched else "solid")
    _layer(symbol, "SimpleLine", look, {} if step.hatched else {"outlineColor": style.colour_column})


def _point(symbol: Element, step: Step, style: LayerStyle) -> None:
    look = {
        "name": "circle",
        "color": _rgb(step.color),
        "size": f"{style.size:.4f}",
        "size_unit": "Point",
        "outline_style": "solid",
        "outline_color": _rgb(HATCH_COLOUR if step.hatched else POINT_EDGE),
        "outline_width": "0.6" if step.hatched else "0.25",
        "outline_width_unit": "Point",
    }
    _layer(symbol, "SimpleMarker", look, {} if step.hatched else {"fillColor": style.colour_column})


def _filled(fill: str, edge: str, width: float) -> dict[str, str]:
    return {
        "color": _rgb(fill),
        "style": "solid",
        "outline_color": _rgb(edge),
        "outline_style": "solid",
        "outline_width": f"{width:g}",
        "outline_width_unit": "Point",
        "joinstyle": "round",
    }


def _stroked(color: str, width: float, pattern: str) -> dict[str, str]:
    return {
        "line_color": _rgb(color),
        "line_style": pattern,
        "line_width": f"{width:g}",
        "line_width_unit": "Point",
        "capstyle": "flat" if pattern == "dot" else "round",
        "joinstyle": "round",
    }


def _rgb(color: str) -> str:
    red, green, blue = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    return f"{red},{green},{blue},255"


def _layer(
    symbol: Element, kind: str, look: dict[str, str], from_column: dict[str, str | None] | None = None
) -> Element:
    """Add a symbol layer; properties named in ``from_column`` are read from a column."""
    layer = SubElement(symbol, "layer", {"class": kind, "enabled": "1", "pass": "0", "locked": "0"})
    options = SubElement(layer, "Option", type="Map")
    for name, value in look.items():
        SubElement(options, "Option", type="QString", name=name, value=value)
    columns = {name: column for name, column in (from_column or {}).items() if column is not None}
    if columns:
        defined = SubElement(layer, "data_defined_properties")
        whole = SubElement(defined, "Option", type="Map")
        SubElement(whole, "Option", type="QString", name="name", value="")
        properties = SubElement(whole, "Option", type="Map", name="properties")
        for name, column in columns.items():
            one = SubElement(properties, "Option", type="Map", name=name)
            SubElement(one, "Option", type="bool", name="active", value="true")
            SubElement(one, "Option", type="QString", name="field", value=xml_text(column))
            SubElement(one, "Option", type="int", name="type", value="2")
        SubElement(whole, "Option", type="QString", name="type", value="collection")
    return layer
