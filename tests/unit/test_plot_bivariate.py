"""Maps of two columns: classes of both, colours that are told apart, a square legend."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import shapely.affinity
from matplotlib.colors import to_hex

from segregate.errors import DataError, GeometryError, ParameterError, UnknownNameError
from segregate.plot import bivariate, draw_bivariate, prepare_bivariate
from segregate.plot._two_way import TWO_WAY, blended
from tests.unit.drawn import assert_apart, assert_legible, named
from tests.unit.test_plot_palettes import SEEN, VIEWS, all_apart, seen_by


def town(n=120, seed=0):
    rng = np.random.default_rng(seed)
    boxes = [
        shapely.box(1000 * (k % 12), 1000 * (k // 12), 1000 * (k % 12 + 1), 1000 * (k // 12 + 1)) for k in range(n)
    ]
    income = rng.lognormal(10, 0.5, n).round()
    return gpd.GeoDataFrame({"income": income, "share": rng.beta(2, 5, n)}, geometry=boxes, crs=25833)


@pytest.mark.parametrize("k", [2, 3, 4])
def test_classes_are_quantiles_of_each_column(k):
    frame = town()
    prepared = prepare_bivariate(frame, "income", "share", k=k, scheme="quantiles")
    assert len(prepared.classes) == k * k
    for column, mark in (("income", "map_class_x"), ("share", "map_class_y")):
        expected = pd.qcut(frame[column], k, labels=False) + 1
        assert prepared.units[mark].to_list() == expected.to_list()
    table = pd.crosstab(prepared.units["map_class_x"], prepared.units["map_class_y"])
    for row in prepared.classes.itertuples():
        counted = table.get(row.class_y, pd.Series(dtype=int)).get(row.class_x, 0)
        assert row.units == counted


def test_limits_set_by_hand():
    frame = town()
    prepared = prepare_bivariate(frame, "income", "share", breaks=([20000, 40000], [0.25]))
    x = np.searchsorted([20000, 40000], frame["income"], side="left") + 1
    assert prepared.units["map_class_x"].to_list() == x.tolist()
    assert prepared.units["map_class_y"].to_list() == ((frame["share"] > 0.25) + 1).to_list()
    assert prepared.limits == (("", "20,000", "40,000", ""), ("", "0.25", ""))
    assert np.isinf(prepared.classes["low_x"].iloc[0])


def test_units_without_one_of_the_values_are_hatched():
    frame = town()
    frame.loc[[1, 2], "income"] = np.nan
    frame.loc[[2, 3], "share"] = np.nan
    prepared = prepare_bivariate(frame, "income", "share")
    assert prepared.missing == 3
    assert prepared.units.index[prepared.units["map_hatched"]].to_list() == [1, 2, 3]
    assert prepared.units["map_class_x"].isna().sum() == 3
    assert prepared.classes["units"].sum() == len(frame) - 3
    assert "3 units without a value of one or the other are hatched" in prepared.caption
    assert "map_class_x" not in frame


def test_written_limits_hold_all_values():
    frame = town()
    prepared = prepare_bivariate(frame, "income", "share")
    for column, texts in zip(("income", "share"), prepared.limits, strict=True):
        ends = [float(text.replace(",", "")) for text in texts]
        assert ends == sorted(ends)
        assert ends[0] <= frame[column].min()
        assert ends[-1] >= frame[column].max()


@pytest.mark.parametrize(
    ("how", "error", "message"),
    [
        ({"y": "income"}, ParameterError, "needs two"),
        ({"y": "nothing"}, UnknownNameError, "no column 'nothing'"),
        ({"k": 5}, ParameterError, "is 2, 3 or 4, not 5"),
        ({"k": True}, ParameterError, "is 2, 3 or 4"),
        ({"breaks": [1, 2]}, ParameterError, "limits of x and those of y"),
        ({"breaks": ([1], [0.1], [2])}, ParameterError, "limits of x and those of y"),
        ({"breaks": ([1], [0.1]), "k": 2}, ParameterError, "leave out"),
        ({"breaks": ([1, 2, 3, 4], [0.1])}, ParameterError, "at most 4 classes .* 'income' has 5 by breaks="),
        ({"scheme": "box_plot", "k": 3}, ParameterError, "sets its own number"),
        ({"palette": "lagoon"}, UnknownNameError, "no palette 'lagoon' of two directions"),
        ({"palette": ["red", "blue"]}, ParameterError, "2 given"),
        ({"palette": ["red", "blue", "green", "x"]}, ParameterError, "'x' is not a colour"),
        ({"names": "xy"}, ParameterError, "two texts"),
    ],
)
def test_refusals(how, error, message):
    with pytest.raises(error, match=message):
        prepare_bivariate(town(), "income", **({"y": "share"} | how))


def test_no_unit_with_both():
    frame = town().assign(share=np.nan)
    with pytest.raises(DataError, match=r"No unit has both values \(units with a value: 'income': 120, 'share': 0\)"):
        prepare_bivariate(frame, "income", "share")
    with pytest.raises(GeometryError, match="without geometry"):
        prepare_bivariate(pd.DataFrame(frame.drop(columns="geometry")), "income", "share")
    with pytest.raises(DataError, match="not numeric"):
        prepare_bivariate(frame.assign(share="x"), "income", "share")


# colours -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TWO_WAY)
@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(("k", "least"), [(2, 3.0), (3, 1.5), (4, 1.0)])
def test_colours_stay_apart_for_all_readers(name, view, k, least):
    colours = [one for row in blended(name, k, k)[1] for one in row]
    assert all_apart(seen_by(colours, view)) > least * SEEN


@pytest.mark.parametrize(("k", "least"), [(2, 15), (3, 7), (4, 4)])
def test_default_colours_differ_in_lightness_in_a_grey_copy(k, least):
    colours = [one for row in blended(None, k, k)[1] for one in row]
    lightness = np.sort(seen_by(colours)[:, 0])
    assert np.diff(lightness).min() > least


@pytest.mark.parametrize("name", TWO_WAY)
def test_colours_get_darker_along_both_directions(name):
    lightness = seen_by([one for row in blended(name, 4, 4)[1] for one in row])[:, 0].reshape(4, 4)
    assert (np.diff(lightness, axis=0) < 0).all()
    assert (np.diff(lightness, axis=1) < 0).all()


def test_own_corners_are_kept():
    corners = ["#f0f0f0", "#3070c0", "#c07030", "#202040"]
    name, colours = blended(corners, 3, 3)
    assert name == "own colours"
    assert [colours[0][0], colours[2][0], colours[0][2], colours[2][2]] == [to_hex(one) for one in corners]


# drawing -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"k": 2, "legend": "right"},
        {"k": 4, "legend": "bottom", "palette": "harbour"},
        {"width": 3.5},
        {"size": "slide"},
        {"size": "column", "language": "es"},
        {"names": ("Median income of households in dollars of 1999", "Share of all people who are in that group")},
        {"breaks": ([20000], [0.2, 0.4])},
        {"title": "", "caption": ""},
    ],
    ids=str,
)
def test_nothing_covers_anything(how):
    frame = town()
    frame.loc[5, "share"] = np.nan
    ax = bivariate(frame, "income", "share", managed=False, **how)
    assert_legible(ax)
    assert_apart(ax.child_axes[0], *named(ax, "key"))
    assert named(ax, "panel-0-no-data")


def test_the_legend_shows_every_class_and_both_names():
    prepared = prepare_bivariate(town(), "income", "share", names=("Income", "Share"))
    ax = draw_bivariate(prepared, managed=False)
    for row in prepared.classes.itertuples():
        (cell,) = named(ax, f"class-{row.class_x}-{row.class_y}")
        assert to_hex(cell.get_facecolor()) == row.color
    assert [text.get_text() for text in named(ax, "axis-name")] == ["Income", "Share"]
    assert [text.get_text() for text in named(ax, "limit")] == [*prepared.limits[0], *prepared.limits[1]]


def test_the_legend_is_higher_up_and_to_the_right():
    ax = draw_bivariate(prepare_bivariate(town(), "income", "share"), managed=False)
    low, right, up = (named(ax, f"class-{name}")[0] for name in ("1-1", "3-1", "1-3"))
    assert right.get_x() > low.get_x()
    assert right.get_y() == low.get_y()
    assert up.get_y() > low.get_y()


def test_layer(tmp_path):
    path = tmp_path / "both.gpkg"
    bivariate(town(), "income", "share", managed=False, save=[path, tmp_path / "both.png"])
    layer = gpd.read_file(path, layer="both")
    assert len(layer) == 120
    assert {"map_class_x", "map_class_y", "map_label", "map_color"} <= set(layer.columns)


def test_legend_is_checked():
    with pytest.raises(ParameterError, match="legend="):
        bivariate(town(), "income", "share", legend="left", managed=False)
