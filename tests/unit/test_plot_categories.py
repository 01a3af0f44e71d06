"""Maps of categories: classes, colours, legend, texts and files."""

import geopandas as gpd
import geopandas.testing
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from matplotlib.colors import to_rgb

import segregate as sg
from segregate.errors import DataError, ParameterError, UnknownNameError
from segregate.plot import draw_map, map, prepare_map  # noqa: A004
from segregate.plot._palettes import QUALITATIVE, ROLES, SEQUENTIAL

MISSING = "No people / no data"
RECORD = {
    "index": "hotspots",
    "symbol": "G",
    "title": "Spots",
    "params": {"neighbours": "queen contiguity", "replicates": 99, "level": 0.05},
    "group": "black",
    "groups": ["white", "black"],
    "environment": "home",
    "units": 4,
    "people": 100.0,
    "source": "city.gpkg",
    "column": "class",
    "roles": {"hot": "high", "nothing": "neutral", "cold": "low"},
    "classes": "p-values up to 0.05",
    "notes": ["1 unit without neighbours left out"],
    "date": "2026-11-22",
    "version": "0.1.0",
}


def frame(content, column="kind", record=None):
    made = gpd.GeoDataFrame(
        {"tract": [f"{i:03d}" for i in range(len(content))], column: content},
        geometry=[shapely.box(i, 0, i + 1, 1) for i in range(len(content))],
        crs=25833,
    )
    if record is not None:
        made.attrs["segregate"] = dict(record)
    return made


def assert_near(found, expected):
    """Compare colours; a colour map has 256 steps, so what lies between its ends may be off by one."""
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert np.abs(np.subtract(to_rgb(one), to_rgb(other))).max() < 1.5 / 255


def kinds(content, categories, *, ordered=False):
    return pd.Categorical(content, categories=categories, ordered=ordered)


def test_one_class_for_each_category_in_their_order():
    prepared = prepare_map(frame(kinds(["b", "a", "b", None, "b"], ["b", "unused", "a"])), "kind")
    assert prepared.classes["label"].tolist() == ["b", "unused", "a", MISSING]
    assert prepared.classes["units"].tolist() == [3, 0, 1, 1]
    assert prepared.classes["class"].tolist()[:3] == [1, 2, 3]
    assert prepared.classes["class"].isna().tolist() == [False, False, False, True]
    assert prepared.classes["hatched"].tolist() == [False, False, False, True]
    assert prepared.classes[["low", "high"]].isna().all(axis=None)
    assert prepared.units["map_class"].tolist()[:3] == [1, 3, 1]
    assert prepared.units["map_label"].tolist() == ["b", "a", "b", MISSING, "b"]
    assert prepared.units["map_hatched"].tolist() == [False, False, False, True, False]
    meadow = QUALITATIVE["meadow"]
    assert prepared.classes["color"].tolist() == [*meadow[:3], "#ffffff"]
    assert prepared.units["map_color"].tolist() == [meadow[0], meadow[2], meadow[0], "#ffffff", meadow[0]]
    assert (prepared.palette, prepared.breaks, prepared.limits, prepared.center) == ("meadow", (), None, None)


def test_text_is_sorted():
    for kind in ("str", "object"):
        content = pd.Series(["west", "east", None, "north"], dtype=kind)
        assert prepare_map(frame(content), "kind").classes["label"].tolist() == ["east", "north", "west", MISSING]


@pytest.mark.parametrize("kind", ["bool", "boolean"])
def test_true_and_false(kind):
    prepared = prepare_map(frame(pd.array([True, False, True], dtype=kind)), "kind")
    assert prepared.classes["label"].tolist() == ["False", "True"]
    assert prepared.classes["units"].tolist() == [1, 2]
    assert prepared.classes["color"].tolist() == [SEQUENTIAL["lagoon"][0], SEQUENTIAL["lagoon"][-1]]
    one_sided = prepare_map(frame(pd.array([True, True], dtype=kind)), "kind")
    assert one_sided.classes["units"].tolist() == [0, 2]


def test_categories_that_are_numbers_or_intervals_are_labelled():
    assert prepare_map(frame(kinds([2, 1, 2], [2, 1])), "kind").classes["label"].tolist() == ["2", "1"]
    cut = pd.cut(pd.Series([1.0, 5, 9]), [0, 4, 10])
    assert prepare_map(frame(cut), "kind").classes["label"].tolist() == ["(0, 4]", "(4, 10]"]


def test_ordered_categories_run_from_light_to_dark():
    prepared = prepare_map(frame(kinds(["low", "high", "middle"], ["low", "middle", "high"], ordered=True)), "kind")
    lagoon = SEQUENTIAL["lagoon"]
    assert_near(prepared.classes["color"].tolist(), [lagoon[0], lagoon[5], lagoon[10]])
    assert prepared.palette == "lagoon"


def test_a_single_category_and_none_at_all():
    assert prepare_map(frame(["a", "a"]), "kind").classes["units"].tolist() == [2]
    ordered = prepare_map(frame(kinds(["a", "a"], ["a"], ordered=True)), "kind")
    assert_near(ordered.classes["color"].tolist(), [SEQUENTIAL["lagoon"][5]])
    for content in (kinds([None, None], []), pd.Series([None, None], dtype="str"), [None, None]):
        nothing = prepare_map(frame(content), "kind")
        assert nothing.classes["label"].tolist() == [MISSING]
        assert nothing.classes["units"].tolist() == [2]
        draw_map(nothing, managed=False)


def test_colours_follow_what_the_categories_mean():
    content = kinds(["hot", "cold", "nothing", None], ["hot", "nothing", "cold"], ordered=True)
    prepared = prepare_map(frame(content, "class", RECORD))
    assert prepared.column == "class"
    assert prepared.palette == "roles"
    assert prepared.classes["color"].tolist() == [ROLES["high"], ROLES["neutral"], ROLES["low"], "#ffffff"]
    # other words than those that are recorded, or roles that maps do not know: colours of an order
    renamed = frame(content.rename_categories(["chaud", "rien", "froid"]), "class", RECORD)
    assert prepare_map(renamed).palette == "lagoon"
    strange = RECORD | {"roles": {"hot": "sideways", "nothing": "neutral", "cold": "low"}}
    assert prepare_map(frame(content, "class", strange)).palette == "lagoon"
    assert prepare_map(frame(content, "class", RECORD | {"roles": None})).palette == "lagoon"
    assert prepare_map(frame(content, "class", RECORD), palette="meadow").palette == "meadow"


def test_the_caption_says_how_the_classes_were_found():
    content = kinds(["hot", "cold", "nothing", None], ["hot", "nothing", "cold"])
    prepared = prepare_map(frame(content, "class", RECORD))
    assert prepared.title == "Spots: black"
    assert prepared.legend_title == "Spots"
    assert prepared.caption == (
        "Spots (G) of black, neighbours = queen contiguity, replicates = 99, level = 0.05. Groups: white, black. "
        "Environment: home. 4 units, 100 people. Source: city.gpkg. Computed 2026-11-22 with segregate 0.1.0. "
        "Classes: p-values up to 0.05. 1 unit without neighbours left out."
    )


def test_without_a_record_the_caption_does_not_speak_of_classes():
    prepared = prepare_map(frame(["a", "b"]), "kind")
    assert prepared.caption == "2 units. Index, groups, environment, source and date: not recorded."
    assert prepared.title == "kind"


def test_the_record_is_of_its_own_column():
    content = kinds(["hot", "cold", "nothing", None], ["hot", "nothing", "cold"])
    both = frame(content, "class", RECORD).assign(value=[1.0, 2.0, 3.0, 4.0])
    both.attrs["segregate"] = dict(RECORD)
    assert prepare_map(both).column == "class"
    other = prepare_map(both, "value")
    assert other.title == "value"
    assert "Spots" not in other.caption
    assert "Source: city.gpkg." in other.caption
    lost = frame([1.0, 2.0], "value", RECORD | {"column": None})
    assert prepare_map(lost).column == "value"
    with pytest.raises(UnknownNameError, match=r"There is no column 'class' to map\. Did you mean 'klass'"):
        prepare_map(both.rename(columns={"class": "klass"}))


def test_units_without_geometry_are_counted():
    holes = frame(["a", "b", "a"])
    holes.loc[1, "geometry"] = None
    prepared = prepare_map(holes, "kind")
    assert prepared.notes == ("1 unit without geometry counted but not drawn",)
    assert prepared.classes["units"].tolist() == [2, 1]


def test_the_frame_is_not_changed():
    given = frame(kinds(["b", None, "a"], ["b", "a"]))
    before = given.copy()
    prepared = prepare_map(given, "kind")
    assert list(prepared.units.columns) == [
        *("tract", "kind", "geometry", "map_class", "map_label", "map_color", "map_hatched")
    ]
    geopandas.testing.assert_geodataframe_equal(given, before)
    assert "a" in repr(prepared)


# palettes


def test_palettes_by_name():
    content = frame(list("abcd"))
    assert prepare_map(content, "kind", palette="Meadow").classes["color"].tolist() == list(QUALITATIVE["meadow"][:4])
    tab = prepare_map(content, "kind", palette="tab10").classes["color"].tolist()
    assert tab == ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728"]  # the first four of that palette
    ember = prepare_map(frame(list("abc")), "kind", palette="ember").classes["color"].tolist()
    assert_near(ember, [SEQUENTIAL["ember"][i] for i in (0, 5, 10)])
    with pytest.raises(UnknownNameError, match="There is no palette 'medow'. Did you mean 'meadow'"):
        prepare_map(content, "kind", palette="medow")
    with pytest.raises(ParameterError, match="The palette 'Set1' has 9 colours for 10 categories; take another"):
        prepare_map(frame(list("abcdefghij")), "kind", palette="Set1")


def test_a_list_holds_one_colour_each():
    content = frame(list("abc"))
    own = prepare_map(content, "kind", palette=["red", "#00ff00", "navy"])
    assert own.classes["color"].tolist() == ["#ff0000", "#00ff00", "#000080"]
    assert own.palette == "own colours"
    with pytest.raises(ParameterError, match="has one for each of the 3; 2 given"):
        prepare_map(content, "kind", palette=["red", "navy"])
    with pytest.raises(ParameterError, match="has one for each of the 3; 'blau' is not a colour"):
        prepare_map(content, "kind", palette=["red", "blau", "navy"])


def test_palettes_for_categories_are_not_for_numbers():
    with pytest.raises(ParameterError, match="'meadow' is for categories, and this column holds numbers.*'lagoon'"):
        prepare_map(frame([1.0, 2.0], "value"), palette="meadow")


# refusals


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"scheme": "quantiles"}, "scheme= is for numbers. Leave it out"),
        ({"scheme": None}, "scheme= is for numbers"),
        ({"k": 3}, "k= is for numbers"),
        ({"breaks": [1.0]}, "breaks= is for numbers"),
        ({"limits": (0.0, 1.0)}, "limits= is for numbers"),
        ({"center": 0.5}, "center= is for numbers"),
        ({"center": None}, "center= is for numbers"),
        ({"k": 3, "center": 1}, "k=, center= are for numbers. Leave them out"),
    ],
)
def test_what_is_for_numbers_is_refused(given, named):
    with pytest.raises(ParameterError, match=f"Column 'kind' holds categories, which are mapped as they are; {named}"):
        prepare_map(frame(["a", "b"]), "kind", **given)


def test_too_many_categories():
    assert len(prepare_map(frame(list("abcdefghijkl")), "kind").classes) == 12
    with pytest.raises(DataError, match=r"has 13 categories \(first: 'a', 'b', 'c', \.\.\.\), and .* no more than 12"):
        prepare_map(frame(list("abcdefghijklm")), "kind")
    unused = frame(kinds(["a", "b"], list("abcdefghijklm")))
    with pytest.raises(DataError, match=r"11 categories without a unit can go: frame\['kind'\]\.cat\.remove_unused"):
        prepare_map(unused, "kind")
    unused["kind"] = unused["kind"].cat.remove_unused_categories()
    assert len(prepare_map(unused, "kind").classes) == 2


def test_numbers_kept_as_text_are_not_guessed():
    with pytest.raises(DataError, match=r"'kind' is not numeric: .*, into categories: frame\['kind'\]\.astype"):
        prepare_map(frame(["01", "02", None]), "kind")
    named = frame(["01", "02", None])
    named["kind"] = named["kind"].astype("category")
    assert prepare_map(named, "kind").classes["label"].tolist() == ["01", "02", MISSING]


# drawn and saved


def labels(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_the_legend_names_and_counts_all_categories():
    axes = map(frame(kinds(["b", "a", "b", None], ["b", "c", "a"])), "kind", managed=False)
    assert labels(axes) == [f"{name}\N{EN SPACE}({n})" for name, n in (("b", 2), ("c", 0), ("a", 1), (MISSING, 1))]
    assert axes.get_title(loc="left") == "kind"


def test_points_and_lines_have_categories_too():
    content = frame(["a", "b", None])
    for shapes in (content.centroid, content.boundary):
        axes = map(content.set_geometry(shapes), "kind", managed=False)
        assert len(labels(axes)) == 3


def test_files(tmp_path):
    content = kinds(["hot", "cold", "nothing", None], ["hot", "nothing", "cold"], ordered=True)
    targets = [tmp_path / f"spots.{suffix}" for suffix in ("png", "svg", "pdf", "gpkg")]
    map(frame(content, "class", RECORD), managed=False, save=targets)
    assert all(target.stat().st_size > 1000 for target in targets)
    assert "not significant" not in targets[1].read_text()
    assert "nothing" in targets[1].read_text()
    layer = pyogrio.read_dataframe(targets[3], layer=targets[3].stem)
    assert layer["class"].tolist()[:3] == ["hot", "cold", "nothing"]
    assert layer["class"].isna().tolist() == [False, False, False, True]
    assert layer["map_label"].tolist() == ["hot", "cold", "nothing", MISSING]
    assert layer["map_color"].tolist() == [ROLES["high"], ROLES["low"], ROLES["neutral"], "#ffffff"]
    assert layer["map_class"].tolist()[:3] == [1, 3, 2]
    about = pyogrio.read_info(targets[3], layer=targets[3].stem)["layer_metadata"]
    assert about["caption"].startswith("Spots (G) of black")


@pytest.mark.parametrize(("kind", "content"), [("boolean", [True, False, None]), ("str", ["a", "b", None])])
def test_columns_of_other_types_are_saved_too(tmp_path, kind, content):
    map(frame(pd.array(content, dtype=kind)), "kind", managed=False, save=tmp_path / "kinds.gpkg")
    layer = pyogrio.read_dataframe(tmp_path / "kinds.gpkg", layer="kinds")
    assert layer["map_label"].tolist() == [str(content[0]), str(content[1]), MISSING]
    assert layer["kind"].tolist()[:2] == content[:2]


# what the package makes


def test_the_typology_is_mapped(land):
    city = sg.Population.from_frame(land, ["white", "black", "asian"], id="unit")
    local = sg.local(city, sg.bind("typology", host="white"))
    prepared = prepare_map(local)
    counts = local["value"].value_counts(sort=False)
    assert prepared.classes["label"].tolist() == [*counts.index.tolist(), MISSING]
    assert prepared.classes["units"].tolist() == [*counts.tolist(), 2]
    assert prepared.palette == "lagoon"
    assert "host = white" in prepared.caption


@pytest.mark.parametrize("method", ["getis-ord", "local-moran"])
def test_hot_spots_are_mapped(land, method):
    shares = np.where(np.arange(60) % 7 < 2, 90, 10)
    city = sg.Population.from_frame(land.assign(white=shares, black=100 - shares), ["white", "black"], id="unit")
    spots = sg.hotspots(city, "white", method=method, rng=1)
    prepared = prepare_map(spots)
    assert prepared.column == "class"
    assert prepared.palette == "roles"
    assert prepared.classes["label"].tolist() == spots["class"].cat.categories.tolist()
    assert prepared.classes["units"].tolist() == spots["class"].value_counts(sort=False).tolist()
    assert dict(zip(prepared.classes["label"], prepared.classes["color"], strict=True))["not significant"] == "#ebebeb"
    for said in ("neighbours = queen contiguity", "replicates = 9999", "level = 0.05", "seed = 1", "false discovery"):
        assert said in prepared.caption
    assert ("Getis-Ord G*" if method == "getis-ord" else "local Moran I") in prepared.caption
    assert "Source: not recorded" in prepared.caption  # a frame has none, and all else is there
    assert prepared.caption.count("recorded") == 1
    draw_map(prepared, managed=False)
    assert prepare_map(spots, "z", center=0).center == 0
