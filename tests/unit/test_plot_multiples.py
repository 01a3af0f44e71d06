"""Small multiples: classes of all maps together, one legend, one ground and one scale."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib import pyplot
from matplotlib.figure import Figure

import segregate as sg
from segregate.errors import DataError, GeometryError, ParameterError, SegregateError
from segregate.plot import draw_map, prepare_small_multiples, small_multiples, style
from tests.unit.drawn import assert_apart, assert_legible, named


@pytest.fixture(autouse=True)
def no_figure_is_left():
    yield
    pyplot.close("all")


def town(columns=6, rows=4, *, seed=0, at=(390_000, 5_800_000), side=1000.0, crs=25833, **record):
    """Return squares with random values."""
    boxes = [
        shapely.box(at[0] + side * i, at[1] + side * j, at[0] + side * (i + 1), at[1] + side * (j + 1))
        for j in range(rows)
        for i in range(columns)
    ]
    values = np.random.default_rng(seed).gamma(2, 1, len(boxes))
    made = gpd.GeoDataFrame({"value": values}, geometry=boxes, crs=crs)
    if record:
        made.attrs["segregate"] = record
    return made


def three(**how):
    return {year: town(seed=year, **how) for year in (2000, 2010, 2020)}


def test_classes_are_those_of_all_values_together():
    frames = three()
    prepared = prepare_small_multiples(frames, scheme="quantiles", k=4)
    pooled = np.concatenate([frame["value"] for frame in frames.values()])
    limits = [panel.breaks for panel in prepared.panels.values()]
    assert limits[0] == limits[1] == limits[2]
    assert len(limits[0]) == 3
    counts = np.bincount(np.searchsorted(limits[0], pooled, side="left"), minlength=4)
    assert prepared.classes["units"].to_list() == counts.tolist()
    assert (abs(counts - len(pooled) / 4) <= 1).all()
    for label, frame in frames.items():
        of_map = prepared.counts[prepared.counts["map"] == str(label)]["units"]
        expected = np.bincount(np.searchsorted(limits[0], frame["value"], side="left"), minlength=4)
        assert of_map.to_list() == expected.tolist()


def test_same_value_same_colour_on_every_map():
    frames = three()
    for frame in frames.values():
        frame.loc[0, "value"] = 1.25
    prepared = prepare_small_multiples(frames)
    assert len({panel.units["map_color"].iloc[0] for panel in prepared.panels.values()}) == 1


def test_frames_are_not_changed():
    frames = three()
    before = {key: frame.copy() for key, frame in frames.items()}
    prepare_small_multiples(frames)
    for key, frame in frames.items():
        pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(before[key]))


def test_columns_of_one_frame():
    frame = town().assign(other=lambda table: table["value"] * 3)
    prepared = prepare_small_multiples(frame, {"value": "Then", "other": "Now"})
    assert list(prepared.panels) == ["Then", "Now"]
    assert prepared.classes["units"].sum() == 2 * len(frame)
    assert prepared.caption.startswith("24 units.")
    assert list(prepare_small_multiples(frame, ["other", "value"]).panels) == ["other", "value"]


def test_no_data_is_counted_in_the_maps_that_have_it():
    frames = three()
    frames[2010].loc[[3, 4], "value"] = np.nan
    prepared = prepare_small_multiples(frames, k=3)
    none = prepared.counts[prepared.counts["class"].isna()].set_index("map")["units"]
    assert none.to_dict() == {"2000": 0, "2010": 2, "2020": 0}
    assert prepared.classes["units"].iloc[-1] == 2
    assert prepared.panels["2010"].units["map_hatched"].sum() == 2


def test_categories_share_their_colours():
    left, right = town(), town(seed=1)
    left["value"] = pd.Categorical(["a", "b"] * 12)
    right["value"] = pd.Categorical(["b", "c"] * 12)
    prepared = prepare_small_multiples({"l": left, "r": right})
    assert prepared.classes["label"].to_list() == ["a", "b", "c"]
    assert prepared.classes["units"].to_list() == [12, 24, 12]
    colour = prepared.classes.set_index("label")["color"]
    assert prepared.panels["r"].units["map_color"].iloc[0] == colour["b"]
    assert prepared.panels["l"].units["map_color"].iloc[1] == colour["b"]


def test_centre_is_that_of_the_index():
    city = sg.sample("sacramento")
    prepared = prepare_small_multiples({g: sg.local(city, "location_quotient", group=g) for g in city.groups})
    panels = list(prepared.panels.values())
    assert all(panel.center == 1 for panel in panels)
    assert prepared.title == "Location quotient"
    assert "All 4 maps share their classes" in prepared.caption
    assert "403 units, 1,701,630 people" in prepared.caption


def test_caption_says_what_differs():
    one = town(index="share", title="Share", environment="home", units=24, people=10.0, source="A", groups=["x", "y"])
    two = town(
        4,
        index="share",
        title="Share",
        environment="kernel",
        units=16,
        people=5.0,
        source="B",
        groups=["x"],
        notes=["old"],
    )
    caption = prepare_small_multiples({"here": one, "there": two}).caption
    assert "here: 24 units, 10 people." in caption
    assert "there: 16 units, 5 people." in caption
    assert "A; B" in caption
    assert "here: home; there: kernel" in caption
    assert "there: old." in caption


def test_a_map_of_several_can_be_drawn_alone():
    prepared = prepare_small_multiples(three())
    ax = draw_map(prepared.panels["2010"], managed=False)
    assert ax.get_title(loc="left") == "2010"


@pytest.mark.parametrize(
    ("frames", "column", "error", "message"),
    [
        (lambda: {"a": town()}, None, ParameterError, "2 to 60 maps, and 1 was given"),
        (lambda: {}, None, ParameterError, "2 to 60 maps, and 0 were given"),
        (lambda: {1: town(), "1": town()}, None, ParameterError, "told apart by their labels"),
        (lambda: town(), None, ParameterError, "of one frame map several of its columns"),
        (lambda: town(), "value", ParameterError, "of one frame map several of its columns"),
        (lambda: town(), {"value": "x", "geometry": "x"}, ParameterError, "a name of its own"),
        (lambda: {"a": town(), "b": town()}, ["value"], ParameterError, "one column is mapped"),
        (lambda: {"a": town(), "b": pd.DataFrame({"value": [1]})}, None, GeometryError, "Map 'b': A map needs"),
        (lambda: {"a": town(), "b": town(crs=None)}, None, GeometryError, "1 map of 2 has no coordinate"),
        (lambda: {"a": town(), "b": town().assign(value="x")}, None, DataError, "Some maps hold numbers"),
        (
            lambda: {"a": town().assign(value=np.nan), "b": town().assign(value=np.nan)},
            None,
            DataError,
            "No unit of the 2",
        ),
        (lambda: {"a": town(index="share"), "b": town(index="entropy")}, None, ParameterError, "different indices"),
        (
            lambda: {"a": town(index="x", center=1.0), "b": town(index="x", center=0.0)},
            None,
            ParameterError,
            r"different values in the middle .* Set one for all: center=",
        ),
    ],
)
def test_refusals(frames, column, error, message):
    with pytest.raises(error, match=message):
        prepare_small_multiples(frames(), column)


def test_number_options_are_refused_for_categories():
    frames = {label: town().assign(value="x") for label in "ab"}
    with pytest.raises(ParameterError, match="breaks="):
        prepare_small_multiples(frames, breaks=[1, 2])


# drawing -------------------------------------------------------------------------------


def panels_of(ax, n):
    return ax.child_axes[:n]


def metres_per_pixel(panel):
    box = panel.get_window_extent()
    low, high = panel.get_xlim()
    bottom, top = panel.get_ylim()
    across, along = (high - low) / box.width, (top - bottom) / box.height
    assert across == pytest.approx(along, rel=1e-6)
    return across


def test_maps_of_one_area_show_the_same_ground():
    frames = three()
    frames[2010] = frames[2010].iloc[6:]  # a row of units is not there yet
    ax = small_multiples(frames, managed=False)
    ax.figure.canvas.draw()
    limits = {(panel.get_xlim(), panel.get_ylim()) for panel in panels_of(ax, 3)}
    assert len(limits) == 1
    assert len(named(ax, "scale-bar")) == 1
    assert len(named(ax, "legend")) == 1
    assert "scale" not in named(ax, "caption")[0].get_text()


@pytest.mark.parametrize("scale", ["same", "own"])
def test_different_cities(scale):
    frames = {
        "Small": town(3, 3),
        "Large": town(12, 12, at=(700_000, 5_400_000)),
        "Flat": town(9, 2, at=(450_000, 5_000_000)),
    }
    ax = small_multiples(frames, scale=scale, managed=False)
    ax.figure.canvas.draw()
    found = [metres_per_pixel(panel) for panel in panels_of(ax, 3)]
    text = " ".join(named(ax, "caption")[0].get_text().split())
    if scale == "same":
        assert found == pytest.approx([found[0]] * 3, rel=1e-3)
        assert len(named(ax, "scale-bar")) == 1
        assert text.endswith("All maps are at one scale.")
    else:
        assert found[0] < 0.5 * found[1]
        assert len(named(ax, "scale-bar")) == 3
        assert text.endswith("Each map has its own scale.")
    assert_legible(ax)
    assert_apart(*panels_of(ax, 3), *named(ax, "key"))


def test_one_scale_is_one_on_the_ground_too():
    # a metre of Web Mercator is cos(latitude) of one on the ground
    north = town(5, 5, at=(0, 8_399_737), crs=3857)  # 60 degrees
    south = town(5, 5, at=(3_000_000, 0), crs=3857)
    ax = small_multiples({"north": north, "south": south}, managed=False, crs=3857)
    ax.figure.canvas.draw()
    found = [metres_per_pixel(panel) for panel in panels_of(ax, 2)]
    assert found[0] / found[1] == pytest.approx(2, rel=0.01)


def test_an_unknown_scale_is_refused():
    plane = 'ENGCRS["site",EDATUM["x"],CS[Cartesian,2],AXIS["a",east],AXIS["b",north],LENGTHUNIT["metre",1]]'
    frames = {"a": town(), "b": town(at=(9e6, 9e6)).set_crs(None, allow_override=True)}
    frames = {"a": town(crs=plane), "b": town(at=(9e6, 9e6), crs=plane)}
    assert len(named(small_multiples(frames, managed=False), "scale-bar")) == 1
    frames = {label: town(at=at, crs=None) for label, at in {"a": (0, 0), "b": (9e6, 9e6)}.items()}
    assert not named(small_multiples(frames, managed=False), "scale-bar")


@pytest.mark.parametrize(
    ("n", "shape"), [(2, (6, 4)), (2, (3, 20)), (3, (20, 3)), (5, (3, 20)), (7, (6, 4)), (12, (12, 3))]
)
def test_nothing_covers_anything(n, shape):
    frames = {f"Map {k} with a name of some length": town(*shape, seed=k) for k in range(n)}
    ax = small_multiples(frames, managed=False)
    assert_legible(ax)
    assert_apart(*panels_of(ax, n), *named(ax, "key"))


@pytest.mark.parametrize(
    "how",
    [
        {"legend": "right"},
        {"legend": "bottom"},
        {"legend": False},
        {"scheme": None},
        {"scheme": None, "legend": "bottom"},
        {"scale_bar": False, "north_arrow": False},
        {"title": "", "caption": ""},
        {"width": 3},
        {"size": "slide"},
        {"size": "column", "language": "de"},
        {"size": (8, 5), "language": "fr"},
    ],
    ids=str,
)
def test_nothing_covers_anything_however_it_is_asked(how):
    ax = small_multiples(three(index="share", title="Share", units=24, people=100.0), managed=False, **how)
    assert_legible(ax)
    assert_apart(*panels_of(ax, 3), *named(ax, "key"))


def test_the_legend_takes_an_empty_place():
    frames = {f"{k}": town(6, 6, seed=k) for k in range(5)}
    ax = small_multiples(frames, managed=False)
    ax.figure.canvas.draw()
    key, last = named(ax, "key")[0].get_window_extent(), panels_of(ax, 5)[-1].get_window_extent()
    assert key.x0 > last.x1
    assert key.y1 == pytest.approx(last.y1, abs=2)


def test_size_of_a_slide_is_kept():
    with style(size="slide"):
        ax = small_multiples(three(), managed=False)
    assert ax.figure.get_size_inches() == pytest.approx([40 / 3, 7.5])


def test_in_axes_of_the_user():
    figure = Figure(figsize=(8, 6))
    left, right = figure.subplots(1, 2)
    ax = small_multiples(three(), ax=left, caption="")
    assert ax is left
    assert figure.get_size_inches() == pytest.approx([8, 6])
    assert_apart(*panels_of(left, 3), right)


def test_text_is_not_mathematics():
    ax = small_multiples({"$a$ {x}": town(), "<b>": town(seed=1)}, title="$x_1$", managed=False)
    titles = [panel.get_title(loc="left") for panel in panels_of(ax, 2)]
    assert titles == ["$a$ {x}", "<b>"]
    assert not any(text.get_parse_math() for text in named(ax, "panel-title") + named(ax, "title"))


def test_files(tmp_path):
    paths = [tmp_path / name for name in ("a.png", "b.svg", "c.pdf")]
    small_multiples(three(), managed=False, save=paths)
    first = [path.read_bytes() for path in paths]
    small_multiples(three(), managed=False, save=paths)
    assert first == [path.read_bytes() for path in paths]
    with pytest.raises(ParameterError, match="layer of units"):
        small_multiples(three(), managed=False, save=tmp_path / "d.gpkg")


@pytest.mark.parametrize(
    ("how", "message"),
    [({"scale": "one"}, "scale"), ({"legend": "left"}, "legend="), ({"width": 0.5}, "width=")],
)
def test_refusals_of_drawing(how, message):
    with pytest.raises(SegregateError, match=message):
        small_multiples(three(), managed=False, **how)
