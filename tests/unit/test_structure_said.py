"""What `structure` refuses, where it has no value, and how a result shows itself."""

import re

import geopandas as gpd
import matplotlib
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from matplotlib import pyplot
from matplotlib.figure import Figure
from shapely import Point

import segregate as sg
from segregate.plot import draw_structure, prepare_structure

POINTS = [(0, 0), (100, 0), (200, 0), (5000, 0)]


def population(units, names=("x", "y")):
    geometry = [Point(*point) for point in POINTS[: len(units)]]
    frame = gpd.GeoDataFrame(units, columns=list(names), geometry=geometry, crs="EPSG:32633")
    return sg.Population.from_frame(frame, list(names))


A = population([(9, 1), (5, 5), (2, 8), (3, 3)])
B = population([(1, 1), (9, 3), (0, 4)])
THREE = population([(9, 1, 4), (5, 5, 1), (2, 8, 0)], ("x", "y", "z"))


@pytest.fixture(autouse=True)
def no_figure_is_left():
    yield
    pyplot.close("all")


# refused --------------------------------------------------------------------------------


def refused(kind, message, *args, **kwargs):
    with pytest.raises(kind, match=re.escape(message)):
        sg.structure(*args, **kwargs)


def test_what_is_no_population():
    frame = pd.DataFrame({"x": [1], "y": [2]})
    refused(sg.ParameterError, "structure takes two populations; pop_b is of type DataFrame", A, frame, "D")


def test_an_index_of_units_or_none():
    refused(sg.ParameterError, "location_quotient gives one value per unit", A, B, "location_quotient")
    refused(sg.UnknownNameError, "There is no index 'dissimilarty'", A, B, "dissimilarty")


def test_more_groups_than_two():
    said = (
        "structure compares two groups, and pop_b has 3 ('x', 'y', 'z'). Name one, against everybody else: group='x', "
        "as in population.versus('x'); or two: group='x', other='z', as in population.select('x', 'z')."
    )
    refused(sg.ParameterError, said, A, THREE, "D")


def test_groups_that_are_not_there_or_not_the_same():
    refused(sg.UnknownNameError, "group='q' is not a group of pop_a", A, B, "D", group="q")
    refused(sg.UnknownNameError, "other='z' is not a group of pop_a", A, THREE, "D", group="x", other="z")
    refused(sg.ParameterError, "other='y' says against whom; name the group too", A, B, "D", other="y")
    refused(sg.ParameterError, "group= and other= are both 'x'", A, B, "D", group="x", other="x")
    said = "pop_a compares 'x' and 'y', pop_b 'x' and 'rest'; shares of the same two groups are needed"
    refused(sg.ParameterError, said, A, THREE, "D", group="x")
    assert sg.structure(A, THREE, "D", group="x", other="y").a == sg.dissimilarity(A)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (sg.Home(), sg.Kernel(500)),
        (sg.Kernel(500), sg.Kernel(400)),
        (sg.Kernel(500), sg.Kernel(500, "uniform")),
        (sg.Nearest(10), sg.Kernel(500)),
    ],
)
def test_environments_that_are_not_the_same(one, other):
    said = f"pop_a is measured in '{one}', pop_b in '{other}'; a difference between environments is none between cities"
    refused(sg.ParameterError, said, A.within(one), B.within(other), "D")


def test_environments_whose_numbers_are_those_of_the_units_may_differ():
    flows = [sg.Flows(np.full((pop.n_units, k), 1 / k)) for pop, k in ((A, 2), (B, 3))]
    found = sg.structure(A.within(flows[0]), B.within(flows[1]), "D")
    assert [found.a, found.b] == pytest.approx([0, 0], abs=1e-15)
    graphs = [sg.Weights(scipy.sparse.eye_array(pop.n_units, format="csr")) for pop in (A, B)]
    found = sg.structure(A.within(graphs[0]), B.within(graphs[1]), "D")
    home = sg.structure(A, B, "D")
    assert (found.composition, found.structure) == pytest.approx((home.composition, home.structure), abs=1e-15)


@pytest.mark.parametrize(
    "chosen",
    [
        lambda pop: pop.within(sg.Kernel(150)).subset([True, True, False]),
        lambda pop: pop.within(sg.Kernel(150), by=["s", "s", "t"]),
        lambda pop: pop.within(sg.Nearest(9)).select("x", "y"),
        lambda pop: pop.subset([True, False, True]).within(sg.Kernel(300), buffer=pop.subset([False, True, False])),
    ],
)
def test_surroundings_that_cannot_be_had_for_other_people(chosen):
    pop = chosen(THREE)
    other = THREE.within(pop.environment)
    refused(
        sg.ParameterError, "The surroundings of this population are not those", other, pop, "D", group="x", other="y"
    )


def test_an_index_that_counts_single_people():
    said = "bind('isolation', exact=True) needs whole numbers of people, and shares that are laid on other units give"
    refused(sg.ParameterError, said, A, B, sg.bind("isolation", exact=True))
    refused(sg.ParameterError, said, A, A, sg.bind("isolation", exact=True))


def test_an_index_with_a_meaning_at_home_only():
    assert not sg.catalogue().loc["delta", "environment"]
    pops = [pop.within(sg.Kernel(500)) for pop in (A, B)]
    refused(sg.ParameterError, "delta has a meaning only at home", *pops, "delta")


# without a value ------------------------------------------------------------------------


def test_a_city_of_one_group_has_no_value():
    alone = population([(3, 0), (4, 0)])
    said = re.escape("Parts without a value. a with the shares of b: only one group has people here ('x').")
    with pytest.warns(sg.UndefinedIndexWarning, match=said):
        found = sg.structure(A, alone, "D")
    assert found.a == sg.dissimilarity(A)
    assert np.isnan([found.b, found.a_with_shares_of_b, found.composition, found.structure, found.difference]).all()
    assert np.isfinite(found.b_with_shares_of_a)
    assert found.table["status"].tolist() == ["ok", "undefined", "ok", "undefined", "", "", ""]
    assert "b: only one group has people here ('x')" in found.notes


def test_a_city_without_people_has_no_value():
    empty = population([(0, 0), (0, 0)])
    for pops in ((A, empty), (empty, A)):
        with pytest.warns(sg.UndefinedIndexWarning, match=r"nobody|lives here"):
            found = sg.structure(*pops, "H")
        assert np.isnan([found.composition, found.structure]).all()
        assert "a with the shares of b: nobody of the two groups lives in one of the populations" in found.notes
    with pytest.raises(sg.DataError, match="A part of the difference has no value, so there is nothing to draw: a: "):
        found.plot()


def test_people_who_meet_nobody_are_said():
    weights = scipy.sparse.csr_array(np.diag([0.0, 1, 1, 1]))
    with pytest.warns(sg.SegregateWarning, match=r"People left out. a: 1 unit whose surroundings hold nobody left out"):
        found = sg.structure(A.within(sg.Weights(weights)), A.within(sg.Weights(weights)), "D")
    assert found.structure == 0
    assert found.table["status"].tolist()[:4] == ["partial"] * 4
    assert found.notes[0].startswith("a: 1 unit whose surroundings hold nobody left out (10 of 36 people)")


# shown ----------------------------------------------------------------------------------


def test_the_table_and_the_line_above():
    found = sg.structure(A, B, sg.bind("M", base=2))
    table = found.table
    assert table["part"].tolist() == [
        "a",
        "a with the shares of b",
        "b with the shares of a",
        "b",
        "difference",
        "composition",
        "structure",
    ]
    values = [found.a, found.a_with_shares_of_b, found.b_with_shares_of_a, found.b]
    assert table["value"].tolist() == [*values, found.difference, found.composition, found.structure]
    shares = [19 / 36, 10 / 18, 19 / 36, 10 / 18]
    assert table["share"].tolist()[:4] == pytest.approx(shares)
    assert table[["share", "spread"]].tail(3).isna().all(axis=None)
    assert dict(found.about) == {
        "index": "mutual_information",
        "symbol": "M",
        "group": "x",
        "versus": "y",
        "environment": "home",
        "params": '{"base": 2.0}',
    }
    line = (
        f"Mutual information, x against y, home: a {found.a:.4g}, b {found.b:.4g}, difference {found.difference:+.4g} "
        f"= composition {found.composition:+.4g} and structure {found.structure:+.4g}"
    )
    assert repr(found).startswith(line)
    assert line in found._repr_html_()


def drawn(ax, gid):
    return [artist for artist in ax.get_children() if artist.get_gid() == gid]


def test_what_the_picture_shows():
    found = sg.structure(A, B, "D")
    shown = prepare_structure(found)
    between = found.a + found.composition
    assert shown["part"].tolist() == ["a", "composition", "structure", "b"]
    assert shown["start"].tolist() == [found.a, found.a, between, found.b]
    assert shown["end"].tolist() == [found.a, between, found.b, found.b]
    for text, value in zip(shown["text"], [found.a, found.composition, found.structure, found.b], strict=True):
        digits = len(text.split(".")[1])
        assert float(text.replace("\N{MINUS SIGN}", "-")) == pytest.approx(value, abs=0.51 * 10.0**-digits)
    assert all(text[0] in "+\N{MINUS SIGN}" for text in shown["text"][1:3])

    ax = found.plot()
    assert [text.get_text() for text in ax.get_yticklabels()] == ["a", "Composition", "Spatial structure", "b"]
    assert [text.get_text() for text in drawn(ax, "label")] == shown["text"].tolist()
    bars = drawn(ax, "bar")
    assert [bar.get_x() for bar in bars] == shown["start"].tolist()[1:3]
    assert [bar.get_width() for bar in bars] == pytest.approx((shown["end"] - shown["start"]).tolist()[1:3])
    assert [dot.get_xdata()[0] for dot in drawn(ax, "dot")] == [found.a, found.b]
    assert ax.get_title(loc="left") == "Dissimilarity of x against y: b less a"
    low, high = ax.get_xlim()
    assert low < min(shown["start"].min(), shown["end"].min())
    assert high > max(shown["start"].max(), shown["end"].max())


@pytest.mark.parametrize("width", [3.0, 6.0, 9.0])
@pytest.mark.parametrize("pops", [(A, B), (B, A), (A, A)])
def test_labels_stay_inside_and_apart(width, pops):
    ax = draw_structure(sg.structure(*pops, "H"), width=width, managed=False)
    ax.figure.canvas.draw()
    box, whole = ax.get_tightbbox(), ax.figure.bbox
    assert box.x0 >= whole.x0
    assert box.x1 <= whole.x1
    assert box.y0 >= whole.y0
    assert box.y1 <= whole.y1
    names = [label.get_window_extent() for label in ax.get_yticklabels()]
    for k, label in enumerate(drawn(ax, "label")):
        assert label.get_window_extent().x0 > names[k].x1


def test_given_axes_a_title_and_other_results():
    before = dict(matplotlib.rcParams)
    axes = Figure(figsize=(5, 3)).add_subplot()
    assert draw_structure(sg.structure(A, B, "D"), title="", ax=axes) is axes
    assert axes.get_title(loc="left") == ""
    assert dict(matplotlib.rcParams) == before
    with pytest.raises(sg.ParameterError, match=r"This plot shows what segregate.structure returns, not DataFrame"):
        prepare_structure(A.to_frame().drop(columns="geometry"))
    assert prepare_structure(sg.structure(A, A, "D"))["text"].tolist()[1:3] == ["0.000", "0.000"]
