"""People put on other boundaries by share of area."""

import sys

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import segregate as sg
from segregate.errors import DataError, GeometryError, MissingDependencyError, ParameterError, SegregateWarning
from tests.helpers import quietly
from tests.sources.oracle_harmonise import by_area, by_rectangles, cut

pytest.importorskip("tobler", reason="tobler is not installed")
GROUPS = ["a", "b", "c"]
HERE = (500_000, 5_500_000, 510_000, 5_510_000)


def people(shapes, counts, ids=None, crs=32633, **columns):
    ids = [f"s{i}" for i in range(len(shapes))] if ids is None else ids
    counts = np.asarray(counts, dtype=float)
    frame = gpd.GeoDataFrame(
        {g: counts[:, m] for m, g in enumerate(GROUPS)} | columns, geometry=shapes, crs=crs, index=ids
    )
    return sg.Population.from_frame(frame, GROUPS)


def boundaries(shapes, ids=None, crs=32633, **columns):
    ids = [f"t{j}" for j in range(len(shapes))] if ids is None else ids
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=crs, index=ids)


def boxes(pieces):
    return [shapely.box(*piece) for piece in pieces]


def drawn(seed, n, where=HERE):
    rng = np.random.default_rng(seed)
    pieces = cut(rng, *where, n)
    counts = rng.integers(0, 90, (n, 3))
    counts[rng.integers(n)] = 0
    return pieces, counts


def voronoi(seed, n, where=HERE):
    """Return a partition of a rectangle into n irregular polygons."""
    rng = np.random.default_rng(seed)
    frame = shapely.box(*where)
    points = shapely.MultiPoint(rng.uniform(where[:2], where[2:], (n, 2)))
    cells = shapely.voronoi_polygons(points, extend_to=frame)
    return [shapely.intersection(cell, frame) for cell in cells.geoms]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("where", [HERE, (501_200, 5_500_700, 512_000, 5_508_000)], ids=["same area", "shifted"])
def test_rectangles_against_exact_fractions(seed, where):
    pieces, counts = drawn(seed, 25)
    others, _ = drawn(seed + 100, 12 + seed, where)
    pop = people(boxes(pieces), counts)
    made = quietly(sg.harmonise, pop, boundaries(boxes(others)))
    expected, outside = by_rectangles(pieces, counts.tolist(), others)
    assert np.allclose(made.counts, np.array(expected, dtype=float), rtol=1e-12, atol=1e-12)
    lost = made.lost["lost"].reindex(pop.ids, fill_value=0.0)
    assert np.allclose(lost, np.array(outside, dtype=float), rtol=1e-12, atol=1e-9)
    assert np.isclose(made.size + made.lost["lost"].sum(), pop.size, rtol=1e-12, atol=0)


@pytest.mark.parametrize("seed", range(4))
def test_polygons_against_plain_loops(seed):
    sources, targets = voronoi(seed, 22), voronoi(seed + 50, 15, (500_900, 5_499_000, 509_100, 5_511_500))
    counts = np.random.default_rng(seed).integers(0, 500, (22, 3))
    pop = people(sources, counts)
    made = quietly(sg.harmonise, pop, boundaries(targets))
    expected, outside = by_area(sources, counts.tolist(), targets)
    assert np.allclose(made.counts, expected, rtol=1e-9, atol=1e-9)
    assert np.allclose(made.lost["lost"].reindex(pop.ids, fill_value=0.0), outside, rtol=1e-9, atol=1e-6)
    assert np.isclose(made.size + made.lost["lost"].sum(), pop.size, rtol=1e-9, atol=0)


def test_tobler_itself_agrees_to_its_single_precision():
    from tobler.area_weighted import area_interpolate

    sources, targets = voronoi(3, 30), voronoi(4, 11)
    counts = np.random.default_rng(3).integers(1, 500, (30, 3)).astype(float)
    pop = people(sources, counts)
    frame = gpd.GeoDataFrame(pd.DataFrame(counts, columns=GROUPS), geometry=sources, crs=32633)
    alone = area_interpolate(frame, boundaries(targets), extensive_variables=GROUPS, allocate_total=False)
    assert np.allclose(quietly(sg.harmonise, pop, boundaries(targets)).counts, alone[GROUPS], rtol=1e-6)


def test_nobody_is_lost_where_both_cover_the_same_ground(recwarn):
    sources, targets = voronoi(5, 40), voronoi(6, 9)
    made = sg.harmonise(people(sources, np.full((40, 3), 7)), boundaries(targets))
    assert made.lost.empty
    assert np.isclose(made.size, 840, rtol=1e-12)
    assert np.allclose(made.attributes["share_of_area_covered"], 1, rtol=1e-9)
    assert not recwarn.list


@pytest.mark.parametrize("crs", [32633, 4326, 3857, 2232])
def test_same_boundaries_same_counts(crs):
    pieces, counts = drawn(2, 30)
    shapes = gpd.GeoSeries(boxes(pieces), crs=32633)
    if crs == 2232:  # feet, on the other side of the world
        shapes = shapes.translate(-500_000 + 3_100_000, -5_500_000 + 1_700_000).set_crs(2232, allow_override=True)
    pop = people(shapes.to_crs(crs).to_numpy(), counts, crs=crs)
    made = quietly(sg.harmonise, pop, pop)
    assert np.allclose(made.counts, pop.counts, rtol=1e-12, atol=1e-9)
    assert made.lost.empty
    assert any("no unit is divided" in note for note in made.notes)


@pytest.mark.parametrize(("theirs", "ours"), [(4326, 32633), (32633, 4326), (3035, 4326), (32633, 32634)])
def test_each_in_its_own_crs(theirs, ours):
    # where the two are not in one CRS, straight borders of the one are curves in the other
    sources, targets = voronoi(7, 22), voronoi(8, 15)
    counts = np.random.default_rng(7).integers(1, 500, (22, 3))
    expected, _ = by_area(sources, counts.tolist(), targets)
    source = people(gpd.GeoSeries(sources, crs=32633).to_crs(ours).to_numpy(), counts, crs=ours)
    target = boundaries(gpd.GeoSeries(targets, crs=32633).to_crs(theirs).to_numpy(), crs=theirs)
    made = quietly(sg.harmonise, source, target)
    assert np.allclose(made.counts, expected, rtol=2e-3, atol=0.05)
    assert np.isclose(made.size + made.lost["lost"].sum(), source.size, rtol=1e-9)
    assert made.crs == theirs
    if theirs == 4326:
        assert "EPSG:4326 is in degrees, so areas are taken in WGS 84 / UTM zone 33N" in made.notes


def test_what_is_far_away_is_lost_and_never_projected():
    pieces, counts = drawn(1, 10)
    shapes = gpd.GeoSeries(boxes(pieces), crs=32633).to_crs(4326).tolist()
    pop = people([*shapes, shapely.box(-120, -60, -110, -50)], [*counts.tolist(), [5, 6, 7]], crs=4326)
    with pytest.warns(SegregateWarning, match=r"18 people .* of 1 source unit of 11 are in no target unit"):
        made = sg.harmonise(pop, boundaries(boxes(pieces)))
    assert made.lost.index.tolist() == ["s10"]
    assert made.lost.loc["s10"].tolist() == [18, 18, 1]


def test_the_edges_are_said_once():
    pop = people(boxes([(0, 0, 10, 10), (10, 0, 20, 10)]), [[10, 20, 30], [1, 2, 3]])
    target = boundaries(boxes([(5, 0, 10, 10), (10, 0, 22, 10), (30, 0, 40, 10)]))
    with pytest.warns(SegregateWarning) as heard:
        made = sg.harmonise(pop, target)
    assert [str(item.message) for item in heard] == [
        "30 people (45.45%) of 1 source unit of 2 are in no target unit and lost (most: 's0': 30 of 60; all: .lost); "
        "2 target units of 3 lie by more than 1% outside the source (first: 't1', 't2'); who lives there is not known, "
        "and is not in the counts."
    ]
    assert np.allclose(made.counts, [[5, 10, 15], [1, 2, 3], [0, 0, 0]])
    assert np.allclose(made.attributes["share_of_area_covered"], [1, 10 / 12, 0])
    assert made.notes == (
        "people of 2 units put on other boundaries; no unit is divided",
        "1 target unit of 3 without any source unit (first: 't2'), counted as 0 people",
        "1 target unit of 3 partly outside the source (attribute 'share_of_area_covered'): only people of the part "
        "inside are counted",
        "30 people (45.45%) of 1 source unit of 2 are in no target unit and lost (most: 's0': 30 of 60; all: .lost)",
    )


def test_fractions_are_said():
    pop = people(boxes([(0, 0, 10, 10), (10, 0, 20, 10)]), [[10, 20, 30], [1, 2, 3]])
    made = sg.harmonise(pop, boundaries(boxes([(0, 0, 4, 10), (4, 0, 20, 10)])))
    assert made.notes == (
        "people of 2 units put on other boundaries: 1 unit with 60 people divided by share of area, as if people were "
        "spread evenly over their unit, so that counts are fractions",
    )
    assert np.allclose(made.counts, [[4, 8, 12], [7, 14, 21]])


def test_the_places_of_the_target_are_kept():
    pieces, counts = drawn(3, 20)
    others, more = drawn(4, 9)
    points = gpd.GeoSeries([shapely.Point(w + 1, s + 2) for w, s, _, _ in others], crs=32633)
    frame = boundaries(
        boxes(others), ids=pd.Index(range(100, 109), name="tract"), land=np.arange(9) + 1.0, a=more[:, 0], b=1
    )
    frame["where"] = points.to_numpy()
    frame["where"] = gpd.GeoSeries(frame["where"], crs=32633)
    target = sg.Population.from_frame(frame.assign(name="x"), ["a", "b"], area=("land", "ha"), points="where")
    made = quietly(sg.harmonise, people(boxes(pieces), counts), target)
    assert made.ids.equals(target.ids)
    assert made.ids.name == "tract"
    assert made.geometry.geom_equals(target.geometry).all()
    assert np.array_equal(made.area, (np.arange(9) + 1) * 1e4)
    assert np.array_equal(made.points, target.points)
    assert made.attributes["name"].tolist() == ["x"] * 9
    assert made.groups == ("a", "b", "c")
    assert not made.counts.flags.writeable
    assert sg.dissimilarity(made.versus("a")) >= 0
    assert quietly(sg.change, made, quietly(sg.harmonise, people(boxes(pieces), counts[:, ::-1]), target)).now > 0


def test_a_frame_with_ids_in_a_column_and_a_geoseries():
    pieces, counts = drawn(3, 20)
    others, _ = drawn(4, 9)
    pop = people(boxes(pieces), counts)
    frame = boundaries(boxes(others), name=list("abcdefghi")).rename_geometry("shape")
    by_name = quietly(sg.harmonise, pop, frame, id="name")
    assert by_name.ids.tolist() == list("abcdefghi")
    assert by_name.geometry.name == "shape"
    assert list(by_name.attributes) == ["share_of_area_covered"]
    series = quietly(sg.harmonise, pop, frame.geometry)
    assert series.ids.tolist() == [f"t{j}" for j in range(9)]
    assert np.array_equal(series.counts, by_name.counts)


def test_rows_and_columns_may_come_in_any_order():
    sources, targets = voronoi(9, 25), voronoi(10, 25)
    counts = np.random.default_rng(9).integers(0, 500, (25, 3))
    made = quietly(sg.harmonise, people(sources, counts), boundaries(targets))
    order = np.random.default_rng(1).permutation(25)
    mixed = quietly(
        sg.harmonise,
        people([sources[i] for i in order], counts[order], ids=[f"s{i}" for i in order]),
        boundaries([targets[j] for j in order], ids=[f"t{j}" for j in order]),
    )
    assert np.allclose(mixed.counts, made.counts[order], rtol=1e-12)


def test_weights_can_be_used_again():
    sources, targets = voronoi(11, 25), voronoi(12, 10, (501_000, 5_500_000, 509_000, 5_510_000))
    rng = np.random.default_rng(11)
    pops = [people(sources, rng.integers(0, 500, (25, 3))) for _ in range(2)]
    first = quietly(sg.harmonise, pops[0], boundaries(targets))
    table = first.crosswalk
    assert list(table) == ["source", "target", "weight"]
    assert np.allclose(table.groupby("source")["weight"].sum(), 1, rtol=1e-12)
    for pop in pops:
        again = quietly(sg.harmonise, pop, boundaries(targets), crosswalk=table)
        direct = quietly(sg.harmonise, pop, boundaries(targets))
        assert np.allclose(again.counts, direct.counts, rtol=1e-12)
        assert np.allclose(again.lost, direct.lost, rtol=1e-9)


def test_chains_replace_the_coverage():
    pieces, counts = drawn(3, 20)
    others, _ = drawn(4, 9)
    once = quietly(sg.harmonise, people(boxes(pieces), counts), boundaries(boxes(others)))
    twice = quietly(sg.harmonise, once, once)
    assert list(twice.attributes) == ["share_of_area_covered"]
    assert "attribute 'share_of_area_covered' of the target replaced" in twice.notes


def test_units_without_people_need_no_geometry():
    pieces, counts = drawn(3, 20)
    counts[5] = 0
    shapes = boxes(pieces)
    whole = quietly(sg.harmonise, people(shapes, counts), boundaries(boxes(pieces[::2])))
    shapes[5] = None
    made = quietly(sg.harmonise, people(shapes, counts), boundaries(boxes(pieces[::2])))
    assert np.array_equal(made.counts, whole.counts)


def test_invalid_shapes_are_repaired_and_said():
    bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    pop = people([bow, shapely.box(20, 0, 30, 10)], [[8, 8, 8], [1, 1, 1]])
    target = boundaries(
        [*boxes([(0, 0, 5, 10), (5, 0, 10, 10)]), shapely.Polygon([(20, 0), (30, 10), (30, 0), (20, 10)])]
    )
    made = quietly(sg.harmonise, pop, target)
    assert np.allclose(made.counts[:, 0], [4, 4, 0.5])
    assert made.notes[:2] == (
        "1 target unit with invalid geometry (first: 't2') repaired for areas",
        "1 source unit with invalid geometry (first: 's0') repaired for areas",
    )


def test_overlapping_targets_are_refused():
    pop = people(boxes([(0, 0, 10, 10)]), [[1, 2, 3]])
    with pytest.raises(
        DataError, match=r"1 pair of target units overlaps \('t0' and 't1': 20% of the smaller\), so people"
    ):
        sg.harmonise(pop, boundaries(boxes([(0, 0, 6, 10), (5, 0, 10, 10)])))
    with pytest.raises(
        DataError, match=r"3 pairs of target units overlap \('t0' and 't1': 100% of the smaller; .*drop dup"
    ):
        sg.harmonise(pop, boundaries(boxes([(0, 0, 6, 10), (0, 0, 6, 10), (2, 2, 9, 9)])))


def test_slivers_between_targets_are_said_and_make_no_people():
    pop = people(boxes([(0, 0, 10, 10)]), [[100, 200, 300]])
    made = sg.harmonise(pop, boundaries(boxes([(0, 0, 5.02, 10), (5, 0, 10, 10)])))
    assert np.isclose(made.size, 600, rtol=1e-12)
    assert np.allclose(made.counts[:, 0], [100 * 5.02 / 10.02, 100 * 5 / 10.02])
    assert made.notes[0] == (
        "1 pair of target units overlaps in slivers, at most 0.004 of the smaller unit; where the shares of a source "
        "unit add up to more than 1 they are divided by their sum"
    )


def test_nothing_in_common():
    pop = people(boxes([(0, 0, 10, 10)]), [[1, 2, 3]])
    with pytest.raises(
        DataError, match=r"No unit of the source \(1 unit, WGS 84 / UTM zone 33N: 0, 0 to 10, 10\) lies in any"
    ):
        sg.harmonise(pop, boundaries(boxes([(20, 0, 30, 10)])))


def test_geometry_that_cannot_be_used():
    square = boxes([(0, 0, 10, 10)])
    pop = people(square, [[1, 2, 3]])
    with pytest.raises(GeometryError, match=r"The source has no coordinate reference system"):
        sg.harmonise(people(square, [[1, 2, 3]], crs=None), boundaries(square))
    with pytest.raises(GeometryError, match=r"The target has no coordinate reference system.*frame.set_crs"):
        sg.harmonise(pop, boundaries(square, crs=None))
    with pytest.raises(
        GeometryError, match=r"1 source unit of 2 has missing or empty geometry with people \(first: 's1'\)"
    ):
        sg.harmonise(people([*square, None], [[1, 2, 3]] * 2), boundaries(square))
    with pytest.raises(GeometryError, match=r"1 target unit of 2 has missing or empty geometry \(first: 't1'\)"):
        sg.harmonise(pop, boundaries([*square, shapely.Polygon()]))
    with pytest.raises(GeometryError, match=r"1 source unit of 1 has no area \(first: 's0'\): points or lines cannot"):
        sg.harmonise(people([shapely.Point(1, 1)], [[1, 2, 3]]), boundaries(square))
    with pytest.raises(GeometryError, match=r"1 target unit of 2 has no area \(first: 't1'\)"):
        sg.harmonise(pop, boundaries([*square, shapely.Point(1, 1)]))
    with pytest.raises(
        ParameterError, match=r"The target has no geometry, so shares of area are not known. Give a crosswalk="
    ):
        sg.harmonise(pop, pd.Series(["t0"]))
    with pytest.raises(ParameterError, match=r"The source has no geometry"):
        sg.harmonise(sg.Population.from_frame(pd.DataFrame({"a": [1], "b": [2]}), ["a", "b"]), boundaries(square))


def test_what_cannot_be_projected():
    pop = people([shapely.box(10, 50, 11, 51)], [[1, 2, 3]], crs=4326)
    far = people([shapely.box(10, 50, 11, 51), shapely.box(9, 50, 200, 95)], [[1, 2, 3]] * 2, crs=4326)
    target = boundaries([shapely.box(10, 50, 11, 51)], crs=4326)
    assert quietly(sg.harmonise, pop, target).size == 6
    with pytest.raises(
        GeometryError, match=r"1 source unit \(first: 's1'\) cannot be projected to WGS 84 / UTM zone 32N"
    ):
        sg.harmonise(far, target)


def test_arguments():
    pop = people(boxes([(0, 0, 10, 10)]), [[1, 2, 3]])
    target = boundaries(boxes([(0, 0, 10, 10)]))
    with pytest.raises(ParameterError, match=r"takes a Population as its source, not GeoDataFrame"):
        sg.harmonise(target, target)
    with pytest.raises(ParameterError, match=r"takes as its target a Population, .* not list"):
        sg.harmonise(pop, ["t0"])
    with pytest.raises(ParameterError, match=r"harmonise\(source.home\(\), ...\)"):
        sg.harmonise(pop.within(sg.Kernel(100)), target)
    with pytest.raises(ParameterError, match=r"weight= are columns of a table: give crosswalk="):
        sg.harmonise(pop, target, weight="w")
    with pytest.raises(ParameterError, match=r"id= is a column of a table; a Population has its ids"):
        sg.harmonise(pop, pop, id="a")
    with pytest.raises(ParameterError, match=r"of a GeoSeries the index is taken"):
        sg.harmonise(pop, target.geometry, id="a")
    with pytest.raises(DataError, match=r"The target has no units"):
        sg.harmonise(pop, target.iloc[:0])
    with pytest.raises(DataError, match=r"1 id names more than one unit"):
        sg.harmonise(pop, pd.concat([target, target]))


def test_without_tobler(monkeypatch):
    monkeypatch.setitem(sys.modules, "tobler", None)
    pop = people(boxes([(0, 0, 10, 10)]), [[1, 2, 3]])
    with pytest.raises(MissingDependencyError, match=r"package tobler, .*pip install 'segregate\[harmonise\]'"):
        sg.harmonise(pop, pop)
    table = pd.DataFrame({"old": ["s0"], "new": ["x"]})
    assert sg.harmonise(pop, pd.Series(["x"]), crosswalk=table).size == 6
