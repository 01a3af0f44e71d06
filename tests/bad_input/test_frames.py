"""Malformed tables in memory: each is a clear error, or the behaviour that the documentation names.

A message says what is wrong, how many, which (the first labels) and what to do; the frame stays as it was.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

import segregate as sg
from segregate import Population
from segregate._checks import check_ids
from segregate.errors import DataError

GROUPS = ["white", "black", "asian"]


def counts(**columns: Any) -> pd.DataFrame:
    """Return four good units, with some columns put in place of the good ones."""
    frame = pd.DataFrame(
        {"white": [90, 10, 40, 25], "black": [10, 90, 20, 25], "asian": [5, 0, 45, 50]},
        index=["north", "south", "east", "west"],
    )
    return frame.assign(**columns)


def shapes(geometry: list[Any] | None = None, crs: Any = "EPSG:32633") -> gpd.GeoDataFrame:
    """Return the same with geometry."""
    squares = [box(i * 1000, 0, (i + 1) * 1000, 1000) for i in range(4)]
    return gpd.GeoDataFrame(counts(), geometry=squares if geometry is None else geometry, crs=crs)


def made(**options: Any) -> Callable[[pd.DataFrame], Population]:
    """Return the making of a population."""
    return lambda frame: Population.from_frame(frame, **{"groups": GROUPS, **options})


def then(use: Callable[[Population], Any], **options: Any) -> Callable[[pd.DataFrame], Any]:
    """Return the making of a population and a use of it."""
    return lambda frame: use(made(**options)(frame))


def space(population: Population) -> list[float]:
    """Return a distance, an area and an index."""
    x, y = population.points[0] - population.points[1]
    return [float(np.hypot(x, y)), float(population.area[0]), sg.dissimilarity(population)]


def value_and_reason(population: Population) -> list[Any]:
    """Return value, status and message of an index in a table."""
    return sg.measure(population, "D")[["value", "status", "message"]].iloc[0].to_list()


@dataclass(frozen=True)
class Case:
    """A malformed table.

    Attributes
    ----------
    name
        What is wrong.
    frame
        Makes the table.
    ask
        What is done with it.
    expects
        The error, or the warning, or None where neither is due.
    says
        Regular expressions that all occur in the message (of a population: in its notes).
    gives
        Where it is no error: what comes out; numbers to 5e-3.
    """

    name: str
    frame: Callable[[], pd.DataFrame]
    ask: Callable[[pd.DataFrame], Any] = field(default_factory=made)
    expects: type[Exception] | None = sg.DataError
    says: tuple[str, ...] = ()
    gives: Any = None


BOWTIE = Polygon([(0, 0), (1000, 1000), (1000, 0), (0, 1000)])
SQUARES = [box(i * 1000, 0, (i + 1) * 1000, 1000) for i in range(4)]
LONLAT = [box(15 + i / 100, 50, 15 + (i + 1) / 100, 50.01) for i in range(4)]


def good() -> float:
    """Return D of the good units, from the definition."""
    t = counts()[GROUPS].to_numpy(dtype=float)
    pi = t.sum(axis=0) / t.sum()
    p = t / t.sum(axis=1, keepdims=True)
    return float((t.sum(axis=1)[:, None] * abs(p - pi)).sum() / (2 * t.sum() * (pi * (1 - pi)).sum()))


# fmt: off
TABLE = [
    # counts that are missing
    Case("NaN", lambda: counts(black=[10, np.nan, 20, np.nan]),
         says=("2 units of 4", "'black': 2", "'south', 'west'", "missing='drop'")),
    Case("None", lambda: counts(black=pd.Series([10, None, 20, 5], index=counts().index, dtype=object)),
         says=("1 unit of 4", "'south'", "not zero")),
    Case("nullable integers with NA", lambda: counts(black=pd.array([10, None, 20, 5], dtype="Int64")),
         says=("1 unit of 4", "'black': 1", "'south'")),
    Case("missing everywhere in a column", lambda: counts(asian=np.nan), says=("4 units of 4", "'asian': 4")),
    Case("missing dropped, which is said", lambda: counts(black=[10, np.nan, 20, 5]),
         lambda f: made(missing="drop")(f).notes[0], None, ("1 unit of 4", "'south'", "10 people")),
    Case("missing dropped until nobody is left", lambda: counts(black=np.nan), made(missing="drop"),
         says=("nothing is left",)),
    Case("missing total", lambda: counts(people=[200, np.nan, 200, 200]), made(total="people"),
         says=("1 unit of 4", "'people': 1", "'south'")),
    Case("an unknown word for missing=", counts, made(missing="zero"), sg.ParameterError,
         ("missing='zero'", "'raise', 'drop'")),
    # counts that are no counts
    Case("negative", lambda: counts(black=[10, -3, 20, -1.5]),
         says=("2 units of 4", "negative 'black'", "'south', 'west'", "correct")),
    Case("mark of a small number", lambda: counts(black=["10", "<5", "20", "5"]),
         says=("1 unit of 4", "'black'", "'<5'", "suppressed")),
    Case("one mark far down a column of text",
         lambda: pd.DataFrame({"white": 1, "black": [*map(str, range(40)), "<5", "41"], "asian": 1}),
         says=("1 unit of 42", "'<5'", "first.*40", "suppressed")),
    Case("marks as text", lambda: counts(black=[10, "*", "..", "5"]),
         says=("2 units of 4", "'\\*', '..'", "'south', 'east'")),
    Case("numbers stored as text", lambda: counts(black=["10", "90", "20", "25"]),
         says=("4 units of 4", "numbers stored as text", "to_numeric")),
    Case("text of pandas' own type", lambda: counts(black=pd.array(["10", "n/a", None, "5"], dtype="string")),
         says=("1 unit of 4", "'n/a'")),
    Case("categories of text", lambda: counts(black=pd.Categorical(["1", "x", "2", "3"])),
         says=("1 unit of 4", "'x'")),
    Case("empty text", lambda: counts(black=[10, "", 20, 5]), says=("1 unit of 4", "''", "'south'")),
    Case("infinite", lambda: counts(black=[10, np.inf, 20, -np.inf]),
         says=("2 units of 4", "infinite 'black'", "'south', 'west'", "correct")),
    Case("code -9999", lambda: counts(black=[10, -9999, 20, -9999]),
         says=("negative codes", "-9999 in 2 units", "'south', 'west'", "missing values")),
    Case("code -666666666", lambda: counts(black=[10, -666666666, 20, -9999]),
         says=("-666666666 in 1 unit", "-9999 in 1 unit", "'south'")),
    Case("1e300 people", lambda: counts(black=[10, 1e300, 20, 5]),
         says=("1 unit of 4", "'black'", "no population reaches", "'south'")),
    Case("true and false", lambda: counts(black=[True, False, True, True]),
         says=("'black'", "true and false", "from_long")),
    Case("true and false with NA", lambda: counts(black=pd.array([True, None, True, False], dtype="boolean")),
         says=("'black'", "true and false")),
    Case("true and false with NA, dropped",
         lambda: counts(black=pd.array([True, None, True, False], dtype="boolean")), made(missing="drop"),
         says=("'black'", "true and false")),
    Case("true among numbers", lambda: counts(black=pd.Series([10, True, 20, 5], index=counts().index, dtype=object)),
         says=("1 unit of 4", "'True'", "'south'")),
    Case("dates", lambda: counts(black=pd.date_range("2020-04-01", periods=4)), says=("'black'", "datetime64")),
    Case("dates among numbers",
         lambda: counts(black=pd.Series([1, pd.Timestamp("2020-04-01"), 2, 3], index=counts().index, dtype=object)),
         says=("1 unit of 4", "2020-04-01")),
    Case("durations", lambda: counts(black=pd.to_timedelta([1, 2, 3, 4], unit="h")), says=("'black'", "timedelta64")),
    Case("complex", lambda: counts(black=np.array([10, 2j, 3, 4])), says=("'black'", "complex128")),
    Case("mixed objects", lambda: counts(black=pd.Series([10, [1], {"n": 2}, 5], index=counts().index, dtype=object)),
         says=("2 units of 4", "'south', 'east'")),
    Case("lists", lambda: counts(black=pd.Series([[1]] * 4, index=counts().index)), says=("4 units of 4",)),
    Case("decimals", lambda: counts(black=[Decimal("10.5")] * 4), says=("4 units of 4", "to_numeric")),
    Case("fractional counts are counts", lambda: counts(black=[10.5, 90.25, 20.0, 25.125]),
         lambda f: made()(f).counts[:, 1].tolist(), None, gives=[10.5, 90.25, 20.0, 25.125]),
    # columns
    Case("unknown column", counts, made(groups=["white", "balck", "asian"]), sg.UnknownNameError,
         ("'balck'", "groups=", "'black'")),
    Case("unknown column of another case", counts, made(groups=["White", "black"]), sg.UnknownNameError,
         ("'White'", "'white'")),
    Case("unknown total", counts, made(total="totl"), sg.UnknownNameError, ("'totl'", "total=")),
    Case("unknown id", lambda: counts(geoid=[1, 2, 3, 4]), made(id="geo_id"), sg.UnknownNameError,
         ("'geo_id'", "id=", "'geoid'")),
    Case("unknown area", counts, made(area="land"), sg.UnknownNameError, ("'land'", "area=")),
    Case("duplicate column", lambda: counts().set_axis(["white", "black", "black"], axis=1),
         made(groups=["white", "black"]), says=("2 columns", "'black'", "rename or drop")),
    Case("duplicate column of ids", lambda: counts(x=1, y=2).rename(columns={"x": "id", "y": "id"}), made(id="id"),
         says=("2 columns", "'id'")),
    Case("columns in two levels",
         lambda: counts().set_axis(pd.MultiIndex.from_product([["white", "black", "asian"], ["2020"]]), axis=1),
         made(groups=["white", "black"]), sg.SegregateError, ("columns", "levels")),
    Case("one group", counts, made(groups=["white"]), says=("'white'", "at least two", "total=")),
    Case("a group twice", counts, made(groups=["white", "black", "white"]), says=("twice", "'white'")),
    Case("groups as one text", counts, made(groups="white"), sg.ParameterError, ("list of column names", "'white'")),
    Case("no groups", counts, made(groups=[]), sg.ParameterError, ("empty",)),
    Case("groups=None", counts, made(groups=None), sg.ParameterError, ("list of column names",)),
    Case("groups without an order", counts, made(groups={"white", "black"}), sg.ParameterError, ("order",)),
    Case("groups as a mapping", counts, made(groups={"white": "w", "black": "b"}), sg.ParameterError,
         ("list of column names",)),
    Case("groups in a list in a list", counts, made(groups=[["white", "black"]]), sg.SegregateError, ("groups=",)),
    Case("not a frame", lambda: counts().to_numpy(), made(), sg.ParameterError, ("not ndarray", "DataFrame")),
    Case("no rows", lambda: counts().iloc[:0], says=("no rows",)),
    # ids
    Case("duplicate ids", lambda: counts().set_axis(["a", "b", "a", "a"]),
         says=("1 id names", "3 rows", "'a'", "from_long")),
    Case("duplicate ids in a column", lambda: counts(tract=["1", "2", "2", "1"]), made(id="tract"),
         says=("2 ids name", "4 rows", "'1', '2'")),
    Case("missing ids", lambda: counts(tract=["1", None, "3", None]), made(id="tract"),
         says=("2 units of 4", "row 1", "fill them in")),
    Case("missing ids in the index", lambda: counts().set_axis([1.0, np.nan, 3.0, 4.0]),
         says=("1 unit of 4", "row 1")),
    Case("ids in two levels", lambda: counts().set_index([["x", "x", "y", "y"], [1, 2, 1, 2]]),
         expects=sg.SegregateError, says=("id=",)),
    # totals
    Case("groups above the total", lambda: counts(people=[105, 99, 105, 80]), made(total="people"),
         says=("2 units of 4", "'south', 'west'", "21 people", "at most 20", "excess='groups'")),
    Case("groups above the total, taken", lambda: counts(people=[105, 99, 105, 80]),
         lambda f: made(total="people", excess="groups")(f).notes[0], None,
         ("2 units of 4", "21 people", "sum of the groups")),
    Case("an unknown word for excess=", lambda: counts(people=999), made(total="people", excess="clip"),
         sg.ParameterError, ("excess='clip'", "'raise', 'groups'")),
    Case("total with a group named other", lambda: counts(other=1, people=999),
         made(groups=["white", "other"], total="people"), says=("'other'", "Rename", "merge")),
    Case("negative total", lambda: counts(people=[999, -5, 999, 999]), made(total="people"),
         says=("negative", "'people'", "'south'")),
    Case("text total", lambda: counts(people=["999", "x", "1", "2"]), made(total="people"),
         says=("'people'", "not numbers")),
    # nobody
    Case("units without people are kept and weigh nothing",
         lambda: pd.concat([counts(), counts().iloc[:2].mul(0).set_axis(["lake", "park"])]), then(sg.dissimilarity),
         None, gives=good()),
    Case("a city without people", lambda: counts() * 0, then(sg.dissimilarity), sg.UndefinedIndexWarning,
         ("undefined", "nobody lives here"), gives=np.nan),
    Case("a city without people in a table", lambda: counts() * 0, then(value_and_reason), None,
         gives=[np.nan, "undefined", "nobody lives here"]),
    Case("people of one group only", lambda: counts(white=0, asian=0), then(sg.dissimilarity),
         sg.UndefinedIndexWarning, ("only one group", "'black'"), gives=np.nan),
    Case("a group without people", lambda: counts(nobody=0), then(sg.dissimilarity, groups=[*GROUPS, "nobody"]), None,
         gives=good()),
    Case("one unit", lambda: counts().iloc[:1], then(sg.dissimilarity), None, gives=0.0),
    Case("a mask without a true", counts, then(lambda p: p.subset(np.zeros(4, bool))),
         says=("No unit would be left",)),
    # space
    Case("no geometry, distances asked", counts, then(space), sg.GeometryError, ("no geometry", "points=")),
    Case("no CRS, distances asked", lambda: shapes(crs=None), then(space), sg.GeometryError,
         ("no coordinate reference system", "crs='EPSG")),
    Case("no CRS, none needed", lambda: shapes(crs=None), then(sg.dissimilarity), None, gives=good()),
    Case("empty geometry", lambda: shapes([Polygon(), *SQUARES[1:3], Polygon()]), then(space), sg.GeometryError,
         ("2 units of 4", "'north', 'west'", "subset")),
    Case("missing geometry", lambda: shapes([SQUARES[0], None, *SQUARES[2:]]), then(space), sg.GeometryError,
         ("1 unit of 4", "'south'", "subset")),
    Case("missing geometry, none needed", lambda: shapes([SQUARES[0], None, Polygon(), SQUARES[3]]),
         then(sg.dissimilarity), None, gives=good()),
    Case("invalid polygons", lambda: shapes([BOWTIE, *SQUARES[1:]]), then(space), sg.SegregateWarning,
         ("1 unit with invalid geometry", "'north'", "repaired"), gives=[1000, 500_000, good()]),
    Case("mixed geometry types",
         lambda: shapes([SQUARES[0], MultiPolygon([SQUARES[1]]), GeometryCollection([SQUARES[2]]), SQUARES[3]]),
         then(space), None, gives=[1000, 1e6, good()]),
    Case("polygons among points, areas asked",
         lambda: shapes([SQUARES[0], Point(1, 1), LineString([(0, 0), (1, 1)]), SQUARES[3]]), then(lambda p: p.area),
         sg.GeometryError, ("2 units of 4 have no area", "'south', 'east'", "area=")),
    Case("degrees", lambda: shapes(LONLAT, "EPSG:4326"), then(space), sg.SegregateWarning,
         ("degrees", "UTM zone 33N"), gives=[716.6, 716.6 * 1112.3, good()]),
    Case("numbers in metres called degrees", lambda: shapes(SQUARES, "EPSG:4326"), then(space), sg.GeometryError,
         ("cannot be degrees", "WGS 84")),
    Case("feet", lambda: shapes(SQUARES, "+proj=utm +zone=33 +datum=WGS84 +units=ft"), then(space), None,
         gives=[304.8, 304.8**2, good()]),
    Case("Web Mercator", lambda: shapes(LONLAT, "EPSG:4326").to_crs(3857), then(space), sg.SegregateWarning,
         ("EPSG:3857", "scale of 1.5", "UTM zone 33N"), gives=[716.6, 716.6 * 1112.3, good()]),
    Case("crs= that contradicts the data", shapes, made(crs="EPSG:4326"), sg.ParameterError,
         ("crs='EPSG:4326'", "the data say EPSG:32633", "to_crs")),
    Case("crs= that does not exist", lambda: shapes(crs=None), made(crs="EPSG:123456"), sg.ParameterError,
         ("crs=", "123456")),
    Case("coordinates missing", lambda: counts(x=[0, 1.0, np.nan, 3], y=[0, 1, 2, np.nan]),
         then(space, points=("x", "y"), crs=32633), sg.GeometryError, ("2 units of 4", "'east', 'west'")),
    Case("coordinates infinite", lambda: counts(x=[0, 1.0, np.inf, 3], y=0),
         then(space, points=("x", "y"), crs=32633), sg.GeometryError, ("1 unit of 4", "'east'")),
    Case("coordinates as text", lambda: counts(x=["0", "1,5", "2", "3"], y=0), made(points=("x", "y"), crs=32633),
         says=("1 unit of 4", "'x'", "not numbers")),
    Case("coordinates without a CRS", lambda: counts(x=[0, 1, 2, 3], y=0), then(space, points=("x", "y")),
         sg.GeometryError, ("no coordinate reference system",)),
    Case("points= that is no geometry", shapes, made(points="white"), sg.ParameterError,
         ("'white'", "not a geometry column")),
    Case("area of nothing", lambda: counts(land=[1, 0, -2, np.nan]), made(area="land"),
         says=("3 units of 4", "no positive area", "'south', 'east', 'west'")),
    Case("area as text", lambda: counts(land=["1 ha"] * 4), made(area="land"),
         says=("4 units of 4", "'land'", "'1 ha'")),
    Case("area of true and false", lambda: counts(land=[True] * 4), made(area="land"), says=("'land'", "area")),
    Case("unknown unit of area", lambda: counts(land=1), made(area=("land", "hectares")), sg.UnknownNameError,
         ("'hectares'", "'ha'")),
    Case("area without its unit", lambda: counts(land=1), made(area=("land",)), sg.ParameterError, ("area=",)),
    # regions
    Case("regions missing for some units", lambda: counts(town=["p", "p", None, "q"]),
         then(lambda p: list(p.regions("town").labels)), sg.SegregateWarning,
         ("1 unit of 4", "'town'", "105 of 410 people", "'east'"), gives=["p", "q"]),
    Case("regions missing for all units", lambda: counts(town=None), then(lambda p: p.regions("town")),
         says=("No unit has a region", "'town'")),
    Case("regions of another length", counts, then(lambda p: p.regions(["p", "q"])), sg.ParameterError,
         ("2 values", "4 units")),
    Case("regions of text and numbers", lambda: counts(town=["p", 1, "p", 1]), then(lambda p: p.regions("town")),
         says=("'town'", "mix text and numbers")),
    Case("unknown region column", lambda: counts(town="p"), then(lambda p: p.regions("twon")), sg.UnknownNameError,
         ("'twon'", "'town'")),
]
# fmt: on


def unchanged(before: Any, after: Any) -> bool:
    """Say whether a frame is what it was, bit by bit."""
    if not isinstance(before, pd.DataFrame):
        return bool(np.array_equal(before, after))
    same = type(before) is type(after) and before.columns.equals(after.columns) and before.index.equals(after.index)
    same = same and before.index.names == after.index.names and before.attrs == after.attrs
    same = same and list(before.dtypes) == list(after.dtypes) and getattr(before, "crs", 0) == getattr(after, "crs", 0)
    for i in range(before.shape[1] if same else 0):
        one, two = before.iloc[:, i], after.iloc[:, i]
        if isinstance(one, gpd.GeoSeries):
            same = same and one.to_wkt().tolist() == two.to_wkt().tolist()
        else:
            same = same and one.equals(two)
    return same


def close(found: Any, expected: Any) -> bool:
    """Say whether a result is what is expected; numbers to 5e-3, NaN is NaN."""
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(close, found, expected))
    if isinstance(expected, (int, float)):
        return found == pytest.approx(expected, rel=5e-3, nan_ok=True)
    return bool(found == expected)


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case.name)
def test_malformed_frame(case: Case):
    frame = case.frame()
    before = frame.copy()
    found: Any = None
    raised: Exception | None = None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            found = case.ask(frame)
        except sg.SegregateError as error:
            raised = error
    assert unchanged(before, frame), "the frame was changed"
    heard = [str(warning.message) for warning in caught]

    if case.expects is not None and issubclass(case.expects, Warning):
        assert raised is None, raised
        assert len(heard) == 1, heard
        assert issubclass(caught[0].category, case.expects)
        text = heard[0]
    elif case.expects is None:
        assert raised is None, raised
        assert not heard
        text = str(found)
    else:
        assert raised is not None, f"no error but {found!r}"
        assert isinstance(raised, case.expects)
        assert not heard
        text = str(raised)
    for pattern in case.says:
        with pytest.raises(ValueError, match=pattern):  # shows pattern and text where they differ
            raise ValueError(text)
    if case.gives is not None:
        assert close(found, case.gives), found


def test_the_table_is_long_enough_and_names_each_case_once():
    names = [case.name for case in TABLE]
    assert len(set(names)) == len(names) >= 60
    assert all(case.says or case.gives is not None for case in TABLE)


def test_coordinates_of_the_table_are_what_is_written():
    """The distance and the area expected in degrees are those of the spheroid."""
    geod = shapely.box(15, 50, 15.01, 50.01)
    from pyproj import Geod

    spheroid = Geod(ellps="WGS84")
    assert spheroid.inv(15.005, 50.005, 15.015, 50.005)[2] == pytest.approx(716.6, rel=1e-3)
    assert abs(spheroid.geometry_area_perimeter(geod)[0]) == pytest.approx(716.6 * 1112.3, rel=1e-3)


@pytest.mark.parametrize("n", [10, 700_000])
def test_texts_that_differ_are_known_without_looking_at_each(n, monkeypatch):
    ids = pd.Index([f"{'x' * (k % 7)}{k}" for k in range(n)], dtype="str")
    seen = []
    monkeypatch.setattr(
        pd.Index, "duplicated", lambda self, keep="first": seen.append(self) or np.zeros(len(self), bool)
    )
    check_ids(ids)
    check_ids(ids[3:])
    check_ids(pd.Index(["a", "a\0", "", "\0", "é", "e"], dtype="str"))
    assert not seen


@pytest.mark.parametrize("place", [0, 1, 350_000])
def test_one_text_twice_among_many_is_found(place):
    ids = [f"{'x' * (k % 7)}{k}" for k in range(600_000)]
    ids[-1] = ids[place]
    for labels in (pd.Index(ids, dtype="str"), pd.Index(["before", *ids], dtype="str")[1:]):
        with pytest.raises(DataError, match=rf"1 id names more than one unit \(2 rows; first: '{ids[place]}'\)"):
            check_ids(labels)


def test_texts_whose_numbers_are_the_same_are_compared(monkeypatch):
    monkeypatch.setattr("segregate._checks._numbered", lambda text: np.zeros(len(text), np.uint64))
    check_ids(pd.Index(["a", "b", "c"], dtype="str"))
    with pytest.raises(DataError, match="1 id names more than one unit"):
        check_ids(pd.Index(["a", "b", "a"], dtype="str"))
