"""Open a layer in QGIS as a user does, with its default style, and say what is seen; run by QGIS' own Python.

Prints JSON: the renderer, the legend, and the colours of the symbol that every unit gets, by its place in the layer.
With a third argument the map is also drawn to that PNG.
"""

import json
import os
import sys

from qgis.core import (
    QgsApplication,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsRenderContext,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor


def looked(layer):
    """Return what the renderer does with every unit."""
    renderer = layer.renderer()
    context = QgsRenderContext()
    context.setExpressionContext(QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer)))
    renderer.startRender(context, layer.fields())
    units = []
    for feature in layer.getFeatures():
        context.expressionContext().setFeature(feature)
        symbols = renderer.originalSymbolsForFeature(feature, context)
        layers = [part for symbol in symbols for part in symbol.symbolLayers()]
        colours = []
        for part in layers:
            name = "outlineColor" if part.layerType() == "SimpleLine" else "fillColor"
            key = {"fillColor": part.PropertyFillColor, "outlineColor": part.PropertyStrokeColor}[name]
            own, _ = part.dataDefinedProperties().valueAsColor(key, context.expressionContext(), part.color())
            colours.append(own.name())
        units.append({"symbols": len(symbols), "kinds": [part.layerType() for part in layers], "colours": colours})
    renderer.stopRender(context)
    return {
        "renderer": renderer.type(),
        "attribute": getattr(renderer, "classAttribute", lambda: "")(),
        "legend": [item.label() for item in renderer.legendSymbolItems()],
        "ranges": [(r.lowerValue(), r.upperValue()) for r in renderer.ranges()] if "grad" in renderer.type() else [],
        "units": units,
    }


def main():
    path, name = sys.argv[1:3]
    application = QgsApplication([], False)
    application.initQgis()
    source = f"{path}|layername={name}" if path.endswith(".gpkg") else path
    layer = QgsVectorLayer(source, name, "ogr")
    assert layer.isValid(), source
    found = looked(layer)
    if len(sys.argv) > 3:
        settings = QgsMapSettings()
        settings.setLayers([layer])
        settings.setDestinationCrs(layer.crs())
        settings.setBackgroundColor(QColor("white"))
        settings.setOutputSize(QSize(1400, 1000))
        settings.setOutputDpi(200)
        extent = layer.extent()
        extent.scale(1.05)
        settings.setExtent(extent)
        job = QgsMapRendererParallelJob(settings)
        job.start()
        job.waitForFinished()
        job.renderedImage().save(sys.argv[3])
    sys.stdout.write(json.dumps(found))
    sys.stdout.flush()
    os._exit(0)  # QGIS is taken down in an order that its Python does not survive


main()
