"""A style as OGC Styled Layer Descriptor 1.1 (Symbology Encoding), for a GIS other than QGIS."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from xml.etree.ElementTree import Element, SubElement

from ._gis_style import LayerStyle, Step, xml_text
from ._palettes import NO_DATA
from ._shapes import HATCH_COLOUR, OUTLINE

__all__ = ["as_sld"]

NAMESPACES = {
    "xmlns": "http://www.opengis.net/sld",
    "xmlns:se": "http://www.opengis.net/se",
    "xmlns:ogc": "http://www.opengis.net/ogc",
    "xmlns:xlink": "http://www.w3.org/1999/xlink",
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xsi:schemaLocation": ("http://www.opengis.net/sld http://schemas.opengis.net/sld/1.1.0/StyledLayerDescriptor.xsd"),
}
PIXELS = 25.4 / 72 / 0.28
"""Pixels in a point: those of SLD are 0.28 mm wide."""
HAIR = 0.15


def as_sld(style: LayerStyle, layer: str) -> str:
    """Write a style as SLD 1.1.

    Parameters
    ----------
    style : LayerStyle
        From `layer_style`.
    layer : str
        Name of the layer.

    Returns
    -------
    str
        The document. A continuous map has one rule that reads the colour of each unit from its column.
    """
    root = Element("StyledLayerDescriptor", {"version": "1.1.0", **NAMESPACES})
    named = SubElement(root, "NamedLayer")
    SubElement(named, "se:Name").text = xml_text(layer)
    user = SubElement(named, "UserStyle")
    SubElement(user, "se:Name").text = xml_text(layer)
    description = SubElement(user, "se:Description")
    SubElement(description, "se:Title").text = xml_text(style.title)
    SubElement(description, "se:Abstract").text = xml_text(style.caption)
    rules = SubElement(user, "se:FeatureTypeStyle")
    hatched = [step for step in style.steps if step.hatched]
    classed = [step for step in style.steps if not step.hatched]
    if style.colour_column is not None and classed:
        classed = [Step(style.title, classed[len(classed) // 2].color, -math.inf, math.inf)]
    if classed and not style.categories:
        # no unit is beyond the outer ends, and a program that rounds them when it reads would lose those on them
        classed[0] = replace(classed[0], low=-math.inf)
        classed[-1] = replace(classed[-1], high=math.inf)
    for step in (*classed, *hatched):
        _rule(rules, step, style)
    ElementTree.indent(root)
    body = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _rule(parent: Element, step: Step, style: LayerStyle) -> None:
    rule = SubElement(parent, "se:Rule")
    SubElement(rule, "se:Name").text = xml_text(step.label)
    SubElement(SubElement(rule, "se:Description"), "se:Title").text = xml_text(step.label)
    _condition(SubElement(rule, "ogc:Filter"), step, style.column)
    own = None if step.hatched else style.colour_column
    {"polygon": _polygon, "line": _line, "point": _point}[style.kind](rule, step, style, own)


def _condition(parent: Element, step: Step, column: str) -> None:
    """Write which units a step is about."""
    bounds: list[tuple[str, object]] = []
    if step.value is not None:
        bounds.append(("ogc:PropertyIsEqualTo", step.value))
    if math.isfinite(step.low):
        bounds.append(("ogc:PropertyIsGreaterThan", repr(float(step.low))))
    if math.isfinite(step.high):
        bounds.append(("ogc:PropertyIsLessThanOrEqualTo", repr(float(step.high))))
    if not bounds:
        outer = parent if step.hatched else SubElement(parent, "ogc:Not")
        _property(SubElement(outer, "ogc:PropertyIsNull"), column)
        return
    if len(bounds) > 1:
        parent = SubElement(parent, "ogc:And")
    for word, value in bounds:
        compared = SubElement(parent, word)
        _property(compared, column)
        SubElement(compared, "ogc:Literal").text = xml_text(str(value))


def _property(parent: Element, column: str) -> None:
    SubElement(parent, "ogc:PropertyName").text = xml_text(column)


def _parameter(parent: Element, name: str, value: str, own: str | None = None) -> None:
    """Add a value, or the column that it is read from."""
    parameter = SubElement(parent, "se:SvgParameter", name=name)
    if own is None:
        parameter.text = value
    else:
        _property(parameter, own)


def _stroke(parent: Element, color: str, width: float, style: LayerStyle, own: str | None = None) -> Element:
    stroke = SubElement(parent, "se:Stroke")
    _parameter(stroke, "stroke", color, own)
    _parameter(stroke, "stroke-width", f"{width * PIXELS:.4g}")
    if style.opacity < 1:
        _parameter(stroke, "stroke-opacity", f"{style.opacity:g}")
    _parameter(stroke, "stroke-linejoin", "round")
    return stroke


def _fill(parent: Element, color: str, style: LayerStyle, own: str | None = None) -> None:
    fill = SubElement(parent, "se:Fill")
    _parameter(fill, "fill", color, own)
    if style.opacity < 1:
        _parameter(fill, "fill-opacity", f"{style.opacity:g}")


def _polygon(rule: Element, step: Step, style: LayerStyle, own: str | None) -> None:
    symbolizer = SubElement(rule, "se:PolygonSymbolizer")
    width = style.outline
    if not step.hatched:
        _fill(symbolizer, step.color, style, own)
        _stroke(symbolizer, OUTLINE if width else step.color, width or HAIR, style, None if width else own)
        return
    _fill(symbolizer, NO_DATA, style)
    _stroke(symbolizer, HATCH_COLOUR, width or 0.1, style)
    pattern = SubElement(SubElement(rule, "se:PolygonSymbolizer"), "se:Fill")
    graphic = SubElement(SubElement(pattern, "se:GraphicFill"), "se:Graphic")
    mark = SubElement(graphic, "se:Mark")
    SubElement(mark, "se:WellKnownName").text = "shape://slash"
    _stroke(mark, HATCH_COLOUR, 0.5, style)
    SubElement(graphic, "se:Size").text = "6"


def _line(rule: Element, step: Step, style: LayerStyle, own: str | None) -> None:
    stroke = _stroke(
        SubElement(rule, "se:LineSymbolizer"), HATCH_COLOUR if step.hatched else step.color, 1.5, style, own
    )
    if step.hatched:
        _parameter(stroke, "stroke-dasharray", "2 3")


def _point(rule: Element, step: Step, style: LayerStyle, own: str | None) -> None:
    graphic = SubElement(SubElement(rule, "se:PointSymbolizer"), "se:Graphic")
    mark = SubElement(graphic, "se:Mark")
    SubElement(mark, "se:WellKnownName").text = "circle"
    _fill(mark, step.color, style, own)
    _stroke(mark, HATCH_COLOUR if step.hatched else "#555555", 0.6 if step.hatched else 0.25, style)
    SubElement(graphic, "se:Size").text = f"{style.size * PIXELS:.4g}"
