"""Drawn maps: nothing covers anything, nothing global is touched, every geometry type is drawn."""

import threading

import geopandas as gpd
import geopandas.testing
import matplotlib
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.path import Path

from segregate.errors import ParameterError
from segregate.plot import draw_map, prepare_map
from segregate.plot import map as draw
from segregate.plot._shapes import polygon_paths, simple_parts

RECORD = {
    "index": "location_quotient",
    "symbol": "LQ",
    "title": "Location quotient",
    "group": "hisp",
    "groups": ["white", "black", "asian", "hisp", "other"],
    "environment": "home",
    "units": 100,
    "people": 1796857.0,
    "source": "city.gpkg",
    "center": 1.0,
    "bounds": [0.0, None],
    "date": "2026-11-22",
    "version": "0.1.0",
}


@pytest.fixture(autouse=True)
def no_figure_is_left():
    yield
    pyplot.close("all")


def city(columns=10, rows=10, *, side=1000.0, crs=25833, missing=True, **record):
    """Return squares with values around 1, some of them missing."""
    boxes = [
        shapely.box(390_000 + side * i, 5_800_000 + side * j, 390_000 + side * (i + 1), 5_800_000 + side * (j + 1))
        for j in range(rows)
        for i in range(columns)
    ]
    values = np.exp(np.random.default_rng(8).normal(0, 0.8, len(boxes)))
    if missing:
        values[:: max(len(boxes) // 7, 2)] = np.nan
    made = gpd.GeoDataFrame({"value": values}, geometry=boxes, crs=25833).to_crs(crs)
    made.attrs["segregate"] = RECORD | record
    return made


def crowded(**record):
    """Return a city whose many small units lie in the middle of a few large ones."""
    inner = city(20, 20, side=100.0, missing=False)
    outer = city(3, 3, side=12_000.0, missing=False)
    outer["geometry"] = outer.translate(-11_000, -11_000)
    outer["geometry"] = outer.difference(shapely.box(390_000, 5_800_000, 392_000, 5_802_000))
    both = gpd.GeoDataFrame(
        {"value": np.concatenate([inner["value"], outer["value"]])},
        geometry=[*inner.geometry, *outer.geometry],
        crs=25833,
    )
    both.attrs["segregate"] = RECORD | record
    return both


def named(ax, gid):
    return [found for found in ax.figure.findobj() if found.get_gid() == gid]


def boxes_of(ax):
    """Return the place of everything around the map, and of the map itself, in pixels."""
    ax.figure.canvas.draw()
    found = {"map": ax.get_window_extent()}
    for gid in ("title", "legend", "compass", "caption", "colour-bar", "inset"):
        for n, artist in enumerate(named(ax, gid)):
            found[f"{gid}-{n}"] = artist.get_tightbbox() if isinstance(artist, Axes) else artist.get_window_extent()
    return found


def assert_nothing_overlaps(ax, *, inside=True):
    found = boxes_of(ax)
    names = sorted(found)
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            a, b = found[one], found[other]
            across = min(a.x1, b.x1) - max(a.x0, b.x0)
            along = min(a.y1, b.y1) - max(a.y0, b.y0)
            assert across <= 1 or along <= 1, f"{one} and {other} overlap by {across:.1f} x {along:.1f} pixels"
    if inside:
        whole = ax.figure.bbox
        for name, box in found.items():
            assert box.x0 >= whole.x0 - 1, f"{name} sticks out on the left"
            assert box.y0 >= whole.y0 - 1, f"{name} sticks out below"
            assert box.x1 <= whole.x1 + 1, f"{name} sticks out on the right"
            assert box.y1 <= whole.y1 + 1, f"{name} sticks out above"
    return found


@pytest.mark.parametrize("shape", [(10, 10), (30, 4), (4, 30), (60, 1), (1, 60)])
@pytest.mark.parametrize(
    "how",
    [
        {},
        {"legend": "right"},
        {"legend": "bottom"},
        {"legend": False},
        {"scheme": None},
        {"scheme": None, "legend": "bottom"},
        {"scale_bar": False, "north_arrow": False},
        {"caption": "", "title": ""},
        {"width": 3.5},
        {"width": 12, "k": 9},
    ],
    ids=str,
)
def test_nothing_covers_anything(shape, how):
    assert_nothing_overlaps(draw(city(*shape), managed=False, **how))


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 30),
    st.integers(1, 30),
    st.integers(2, 9),
    st.text(st.characters(codec="latin-1", exclude_categories=["C"]), max_size=120),
    st.text(st.characters(codec="latin-1", exclude_categories=["C"]), max_size=400),
    st.floats(3, 14),
    st.sampled_from([True, "right", "bottom"]),
)
def test_nothing_covers_anything_whatever_the_texts(columns, rows, k, title, caption, width, legend):
    made = city(columns, rows)
    made.attrs = {}
    ax = draw(made, k=k, title=title, caption=caption, width=width, legend=legend, managed=False)
    assert_nothing_overlaps(ax)


def test_a_crowded_middle_gets_an_inset():
    ax = draw(crowded(), managed=False)
    found = assert_nothing_overlaps(ax)
    assert "inset-0" in found
    (inset,) = named(ax, "inset")
    (frame,) = named(ax, "inset-frame")
    assert frame.get_x() == pytest.approx(inset.get_xlim()[0])
    assert frame.get_y() + frame.get_height() == pytest.approx(inset.get_ylim()[1])
    times = (inset.get_window_extent().width / (inset.get_xlim()[1] - inset.get_xlim()[0])) / (
        ax.get_window_extent().width / (ax.get_xlim()[1] - ax.get_xlim()[0])
    )
    assert times >= 2
    (units,) = named(ax, "inset-units")
    window = shapely.box(frame.get_x(), frame.get_y(), *frame.get_corners()[2]).buffer(1e-6)
    assert all(window.contains(shapely.LineString(path.vertices)) for path in units.get_paths())
    assert inset.get_title(loc="left") == f"Framed part, {times:.1f} times as large"
    assert not named(draw(crowded(), inset=False, managed=False), "inset")
    assert not named(draw(crowded(), legend=False, managed=False), "inset")
    assert not named(draw(city(), managed=False), "inset")


def test_the_legend_has_ranges_and_counts():
    made = city()
    prepared = prepare_map(made)
    ax = draw_map(prepared, managed=False)
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    counts = zip(prepared.classes["label"], prepared.classes["units"], strict=True)
    assert texts == [f"{label}\N{EN SPACE}({units})" for label, units in counts]
    assert texts[-1].startswith("No people / no data\N{EN SPACE}(")
    assert ax.get_legend().get_title().get_text() == "Location quotient"
    assert ax.get_legend().legend_handles[-1].get_hatch()
    without = draw(city(missing=False), managed=False)
    assert not any("No people" in text.get_text() for text in without.get_legend().get_texts())
    assert not named(without, "no-data")
    assert draw(made, legend=False, managed=False).get_legend() is None


def test_every_unit_has_its_colour():
    made = city()
    prepared = prepare_map(made)
    ax = draw_map(prepared, managed=False)
    (units,) = named(ax, "units")
    drawn = [matplotlib.colors.to_hex(colour) for colour in units.get_facecolors()]
    assert drawn == prepared.units.loc[~prepared.units["map_hatched"], "map_color"].tolist()
    (empty,) = named(ax, "no-data")
    assert empty.get_hatch()


def test_texts_are_between_six_and_ten_points_and_not_mathematics():
    made = city(group="his$panic$ ^2", title="A_B")
    ax = draw(made, managed=False)
    ax.figure.canvas.draw()
    texts = [t for t in ax.figure.findobj(matplotlib.text.Text) if t.get_text()]
    assert {t.get_fontsize() for t in texts} <= {8.0, 10.0}
    assert "A_B: his$panic$ ^2" in [t.get_text() for t in texts]
    assert not any(t.get_parse_math() for t in texts if "$" in t.get_text())
    assert {t.get_fontname() for t in texts} == {"DejaVu Sans"}


def test_there_are_no_axes_around_the_map():
    ax = draw(city(), managed=False)
    assert not ax.axison


def test_long_words_are_broken():
    ax = draw(city(), caption="x" * 400, title="y" * 300, managed=False)
    assert_nothing_overlaps(ax)


def test_axes_that_are_given_keep_their_neighbours_free():
    figure, axes = pyplot.subplots(1, 2, figsize=(12, 5))
    slots = [ax.get_position().bounds for ax in axes]
    returned = [draw(city(12, 8), ax=axes[0]), draw(crowded(), ax=axes[1])]
    assert returned == list(axes)
    figure.canvas.draw()
    for ax, (left, _, width, _) in zip(axes, slots, strict=True):
        mine = [a for a in ax.get_children() if a.get_gid() in ("title", "legend", "compass", "caption")]
        assert len(mine) == 4
        found = [a.get_window_extent() for a in (ax, *mine)]
        assert min(box.x0 for box in found) >= left * figure.bbox.width - 1
        assert max(box.x1 for box in found) <= (left + width) * figure.bbox.width + 1


def test_axes_under_a_layout_engine():
    figure, axes = pyplot.subplots(1, 2, figsize=(12, 5), layout="constrained")
    for ax in axes:
        draw(city(12, 8), ax=ax)
    figure.canvas.draw()
    first, second = (ax.get_tightbbox() for ax in axes)
    assert first.x1 <= second.x0
    assert second.x1 <= figure.bbox.x1 + 1


def test_axes_of_a_subfigure():
    figure = pyplot.figure(figsize=(12, 5))
    left, right = figure.subfigures(1, 2)
    draw(city(12, 8), ax=left.add_subplot())
    ax = draw(city(12, 8), ax=right.add_subplot())
    figure.canvas.draw()
    assert ax.get_window_extent().x0 > left.bbox.x1


def test_small_multiples_without_legend():
    figure, axes = pyplot.subplots(2, 3, figsize=(9, 6))
    breaks = prepare_map(city()).breaks
    for ax in axes.flat:
        draw(city(), ax=ax, breaks=breaks, legend=False, caption="", scale_bar=False, north_arrow=False)
    figure.canvas.draw()
    for ax in axes.flat:
        found = {a.get_gid() for a in ax.get_children()}
        assert found & {"title", "legend", "compass", "caption"} == {"title"}
    assert figure is axes[0, 0].figure


def test_pyplot_knows_the_figure_unless_told_not_to():
    assert pyplot.get_fignums() == []
    ax = draw(city(2, 2))
    assert pyplot.gcf() is ax.figure
    pyplot.close(ax.figure)
    draw(city(2, 2), managed=False)
    assert pyplot.get_fignums() == []


def test_a_map_that_fails_leaves_no_figure(tmp_path):
    broken = city(2, 2)
    with pytest.raises(ParameterError):
        draw(broken, save=tmp_path / "map.gif")
    with pytest.raises(ParameterError):
        draw(broken, crs="nonsense")
    far = city(2, 2, crs=4326)
    far.loc[0, "geometry"] = shapely.box(0, -91, 1, -89)
    with pytest.raises(ValueError, match="cannot"):
        draw(far, crs=3857)
    assert pyplot.get_fignums() == []


def test_maps_are_drawn_in_threads():
    done = []

    def work():
        done.append(draw(city(4, 4), managed=False).figure)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(figure) for figure in done}) == 3


def test_nothing_global_is_touched_and_the_frame_is_left_alone():
    made = city()
    copy, attrs = made.copy(), dict(made.attrs)
    settings_before = dict(matplotlib.rcParams)
    colour_maps = set(matplotlib.colormaps)
    with matplotlib.rc_context():
        draw(made, managed=False)
        draw(made, scheme=None, palette="viridis", managed=False)
        assert dict(matplotlib.rcParams) == settings_before
    assert set(matplotlib.colormaps) == colour_maps
    geopandas.testing.assert_geodataframe_equal(made, copy)
    assert made.attrs == attrs


def test_user_settings_do_not_break_the_map():
    with matplotlib.rc_context({"figure.autolayout": True, "axes.grid": True, "axes.titlelocation": "right"}):
        assert_nothing_overlaps(draw(city()))
    with matplotlib.rc_context({"figure.constrained_layout.use": True, "figure.dpi": 200}):
        assert_nothing_overlaps(draw(city(), managed=False))
    with matplotlib.style.context("dark_background"):
        ax = draw(city(), managed=False)
        assert matplotlib.colors.to_hex(ax.figure.get_facecolor()) == "#ffffff"
        assert matplotlib.colors.to_hex(named(ax, "caption")[0].get_color()) == "#222222"
        given_axes = Figure().add_subplot()
        draw(city(), ax=given_axes)
        assert matplotlib.colors.to_hex(named(given_axes, "caption")[0].get_color()) == "#ffffff"


def test_arguments_about_a_new_figure_do_not_go_with_axes():
    for how in ({"width": 5}, {"managed": False}):
        with pytest.raises(ParameterError, match="width= and managed= are about a new figure"):
            draw(city(), ax=Figure().add_subplot(), **how)
    for width in (0, -1, np.nan, 1000):
        with pytest.raises(ParameterError, match="from 2 to 60, not"):
            draw(city(), width=width)
    with pytest.raises(ParameterError, match="legend= is True, False, 'right' or 'bottom', not 'left'"):
        draw(city(), legend="left")


KINDS = {
    "points": [shapely.Point(0, 0), shapely.Point(1, 1), shapely.MultiPoint([(2, 2), (3, 0)])],
    "lines": [shapely.LineString([(0, 0), (1, 1)]), shapely.MultiLineString([[(0, 1), (1, 0)], [(2, 2), (3, 2)]])],
    "rings": [shapely.LinearRing([(0, 0), (1, 0), (1, 1)])],
    "polygons": [shapely.box(0, 0, 1, 1), shapely.MultiPolygon([shapely.box(2, 0, 3, 1), shapely.box(2, 2, 3, 3)])],
    "collections": [
        shapely.GeometryCollection([shapely.box(0, 0, 1, 1), shapely.Point(3, 3)]),
        shapely.GeometryCollection([shapely.GeometryCollection([shapely.box(5, 5, 6, 6)]), shapely.Point(4, 4)]),
    ],
    "missing": [shapely.box(0, 0, 1, 1), None, shapely.Point(), shapely.Polygon(), shapely.GeometryCollection()],
    "3d": [shapely.box(0, 0, 1, 1), shapely.Polygon([(1, 1, 5), (2, 1, 5), (2, 2, 5)])],
    "bow tie": [shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])],
    "one point": [shapely.Point(3, 4)],
    "flat": [shapely.LineString([(0, 0), (5, 0)])],
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("missing", [False, True])
def test_every_kind_of_geometry_is_drawn(kind, missing):
    shapes = KINDS[kind]
    values = np.arange(len(shapes), dtype=float)
    if missing:
        values[0] = np.nan
    made = gpd.GeoDataFrame({"value": values}, geometry=shapes, crs=25833)
    ax = draw(made, managed=False)
    assert_nothing_overlaps(ax)
    drawn = {found.get_gid() for found in ax.figure.findobj()} & {
        f"{name}{end}" for name in ("units", "no-data") for end in ("", "-lines", "-points")
    }
    assert drawn


def test_holes_stay_open_whatever_way_rings_run():
    hole = [(0.3, 0.3), (0.7, 0.3), (0.7, 0.7), (0.3, 0.7)]
    shell = [(0, 0), (1, 0), (1, 1), (0, 1)]
    for outer in (shell, shell[::-1]):
        for inner in (hole, hole[::-1]):
            shape = shapely.MultiPolygon([shapely.Polygon(outer, [inner]), shapely.box(2, 0, 3, 1)])
            parts, owner = simple_parts(np.array([shape], dtype=object))
            (path,), units = polygon_paths(parts, owner)
            assert units.tolist() == [0]
            starts = np.flatnonzero(path.codes == Path.MOVETO)
            rings = np.split(path.vertices, starts[1:])
            turns = [shapely.LinearRing(ring).is_ccw for ring in rings]
            assert turns == [True, False, True]
            made = gpd.GeoDataFrame({"value": [1.0]}, geometry=[shape])
            ax = draw(made, legend=False, title="", caption="", palette=["#000000", "#000000"], managed=False)
            ax.figure.canvas.draw()
            pixels = np.asarray(ax.figure.canvas.buffer_rgba())[::-1, :, 0]
            x, y = ax.transData.transform([(0.5, 0.5), (0.1, 0.5), (2.5, 0.5)]).astype(int).T
            assert pixels[y, x].tolist() == [255, 0, 0]


def test_paths_belong_to_their_units():
    shapes = np.array(
        [shapely.box(0, 0, 1, 1), None, shapely.MultiPolygon([shapely.box(i, 5, i + 1, 6) for i in (0, 3)])]
    )
    paths, units = polygon_paths(*simple_parts(shapes))
    assert units.tolist() == [0, 2]
    assert paths[1].get_extents().bounds == (0, 5, 4, 1)


def test_many_units_have_no_outlines():
    few = named(draw(city(10, 10, missing=False), managed=False), "units")[0]
    many = named(draw(city(50, 50, missing=False), managed=False), "units")[0]
    assert few.get_linewidths()[0] > many.get_linewidths()[0]
    assert np.array_equal(many.get_edgecolors(), many.get_facecolors())
