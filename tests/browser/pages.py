"""Pages made of the interactive part and as little as possible around it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import jinja2
import numpy as np
import pandas as pd

import segregate as sg
from segregate._languages import language_of
from segregate.reporting._page_assets import page_script, page_style
from segregate.reporting._page_data import Layer, Measure, page_data

TEMPLATES = Path(sg.__file__).parent / "reporting" / "templates"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
PAGE = """<!doctype html>
<html lang="{{ page.language.code }}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{{ policy }}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>{{ title }}</title>
<style>
body { max-width: 76rem; margin: 0 auto; padding: 1rem; background: #fff; color: #1c2430; font: 16px/1.5 sans-serif; }
{{ style }}
</style>
</head>
<body>
<main>
<h1>{{ title }}</h1>
<section id="explore" aria-labelledby="explore-title">
<h2 id="explore-title">Map</h2>
{% include "explore.html" %}
</section>
</main>
<script>{{ script }}</script>
</body>
</html>
"""
SHOWN = (("location_quotient", True), ("share", True), ("divergence", False))
"""Indices of the pages, and whether they are about a group."""


def page_html(layers: Sequence[Layer], *, language: str = "en", title: str = "Sacramento") -> str:
    """Return a whole page."""
    loader = jinja2.ChoiceLoader([jinja2.DictLoader({"page.html": PAGE}), jinja2.FileSystemLoader(TEMPLATES)])
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "allow_nan": False}
    return environment.get_template("page.html").render(
        page=page_data(layers, language=language_of(language)),
        policy=POLICY,
        title=title,
        style=jinja2.utils.markupsafe.Markup(page_style()),
        script=jinja2.utils.markupsafe.Markup(page_script()),
    )


def measure_of(population: sg.Population, index: str, group: str | None) -> Measure:
    """Return an index with the classes of its map."""
    frame = sg.local(population, index, group=group)
    prepared = sg.plot.prepare_map(frame)
    return Measure(
        key=index,
        title=index.replace("_", " ").capitalize(),
        group=group,
        values=frame["value"],
        classes=prepared.classes,
        no_data_label="No people / no data",
        digits=2,
        meaning=f"What {index} says.",
    )


def layer_of(
    population: sg.Population,
    name: str,
    *,
    names: pd.Series | None = None,
    labels: Mapping[str, str] | None = None,
    shown: Sequence[tuple[str, bool]] = SHOWN,
) -> Layer:
    """Return a layer of a population with a few indices of every group."""
    measures = [
        measure_of(population, index, group)
        for index, of_group in shown
        for group in (population.groups if of_group else (None,))
    ]
    frame = sg.local(population, "divergence").drop(columns="value")
    return Layer(name=name, frame=frame, names=names, population=population, measures=measures, labels=labels or {})


def city_of(
    side_x: int, side_y: int, groups: Sequence[str] = ("white", "black", "asian"), seed: int = 1
) -> sg.Population:
    """Return a made city of plots with wavy borders; neighbours share them, and a few are empty."""
    import geopandas as gpd
    from shapely import Polygon

    rng = np.random.default_rng(seed)

    def corner(x: float, y: float) -> tuple[float, float]:
        return 500_000 + 400 * (x + 0.2 * np.sin(2.1 * y + x)), 5_500_000 + 400 * (y + 0.2 * np.sin(1.7 * x - y))

    def plot(x: int, y: int) -> Polygon:
        along = np.linspace(0, 1, 6)[:-1]
        ring = [corner(x + t, y) for t in along] + [corner(x + 1, y + t) for t in along]
        return Polygon(ring + [corner(x + 1 - t, y + 1) for t in along] + [corner(x, y + 1 - t) for t in along])

    cells = [(x, y) for y in range(side_y) for x in range(side_x)]
    waves = [rng.uniform(0.02, 0.12, 2) for _ in groups]
    counts = np.column_stack(
        [rng.poisson([60 * (1.2 + np.sin(a * x) * np.cos(b * y)) for x, y in cells]) for a, b in waves]
    )
    counts[:: max(7, len(cells) // 5)] = 0
    frame = gpd.GeoDataFrame(counts, columns=list(groups), geometry=[plot(*cell) for cell in cells], crs="EPSG:32633")
    frame["unit"] = [f"{number:05d}" for number in range(len(cells))]
    return sg.Population.from_frame(frame, list(groups), id="unit")
