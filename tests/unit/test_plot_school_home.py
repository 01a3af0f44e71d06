"""Schools against homes: matching, signs, and names that keep clear of each other."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

import segregate as sg
from segregate.errors import DataError, ParameterError, UnknownNameError
from segregate.plot import draw_school_home, prepare_school_home, school_home
from tests.helpers import quietly
from tests.unit.drawn import assert_legible, named


def two(n=30, seed=1):
    """Return values at home and at school, by name."""
    rng = np.random.default_rng(seed)
    names = pd.Index([f"School {k}" for k in range(n)], name="school")
    home = pd.Series(rng.beta(2, 4, n), index=names)
    return (home + rng.normal(0, 0.15, n)).clip(0, 1), home


def test_series_are_matched_by_name():
    school, home = two()
    table = prepare_school_home(school, home.iloc[::-1])
    assert table["home"].to_list() == home.to_list()
    assert table["difference"].to_list() == (school - home).to_list()
    farthest = (school - home).abs().nlargest(5).index
    assert set(table.index[table["named"]]) == set(farthest)
    assert table["size"].isna().all()


def test_unmatched_schools_are_kept_and_said():
    school, home = two()
    table = prepare_school_home(school, home.iloc[:28])
    assert len(table) == 30
    assert table["home"].isna().sum() == 2
    ax = draw_school_home(table, managed=False)
    caption = " ".join(named(ax, "caption")[0].get_text().split())
    assert "2 schools are not drawn, without a value at school or at home: School 28, School 29." in caption
    above, below = int((school[:28] > home[:28]).sum()), int((school[:28] < home[:28]).sum())
    assert f"28 schools: {above} above the line, {below} below." in caption
    assert len(named(ax, "schools")[0].get_offsets()) == 28


def test_populations_by_zone():
    schools = sg.sample("schools")
    table = prepare_school_home(schools, schools, group="black", key="district")
    counts = pd.DataFrame(schools.counts, columns=schools.groups)
    zone = schools.attributes["district"].to_numpy()
    by_zone = counts.groupby(zone).sum()
    share = by_zone["black"] / by_zone.sum(axis=1)
    assert table["home"].to_numpy() == pytest.approx(share[zone].to_numpy(), rel=1e-12)
    assert table["school"].to_numpy() == pytest.approx((counts["black"] / counts.sum(axis=1)).to_numpy(), rel=1e-12)
    assert table["size"].to_list() == schools.totals.tolist()
    assert table.index.equals(schools.ids)


def test_homes_keyed_by_their_ids():
    schools = sg.sample("schools")
    homes = pd.DataFrame({"zone": ["North", "River", "South"], "black": [10, 20, 30], "white": [90, 80, 70]})
    homes = sg.Population.from_frame(homes, ["black", "white"], id="zone")
    chosen = schools.select("black", "white")
    table = prepare_school_home(chosen, homes, group="black", key="district")
    zone = schools.attributes["district"]
    expected = zone.map({"North": 0.1, "River": 0.2, "South": 0.3})
    assert table["home"].to_numpy() == pytest.approx(expected.to_numpy(), nan_ok=True)
    assert table["home"].isna().sum() == (zone == "Hills").sum()


def test_divergence_is_the_index_unasked_and_means_separation():
    schools = sg.sample("schools")
    table = prepare_school_home(schools, schools, key="district")
    assert table["school"].to_list() == sg.local(schools, "divergence")["value"].to_list()
    ax = draw_school_home(table, managed=False)
    assert [text.get_text() for text in named(ax, "side")] == ["more separated at school", "less separated at school"]
    shares = draw_school_home(prepare_school_home(schools, schools, group="black"), managed=False)
    assert [text.get_text() for text in named(shares, "side")] == ["higher at school", "lower at school"]


def test_local_tables():
    schools = sg.sample("schools")
    at_school = sg.local(schools, "share", group="white")
    at_school["district"] = schools.attributes["district"].to_numpy()
    homes = pd.DataFrame({"zone": ["Hills", "North", "River", "South"], "value": [0.1, 0.2, 0.3, 0.4]})
    homes.attrs["segregate"] = {"index": "share", "group": "white"}
    table = prepare_school_home(at_school, homes, key="district")
    assert table["zone"].to_list() == at_school["district"].to_list()
    assert table["home"].to_list() == at_school["district"].map(homes.set_index("zone")["value"]).to_list()
    homes.attrs["segregate"] = {"index": "share", "group": "black"}
    with pytest.raises(ParameterError, match="share of white and share of black"):
        prepare_school_home(at_school, homes, key="district")


SCHOOL, HOME = two(6)


@pytest.mark.parametrize(
    ("schools", "homes", "how", "error", "message"),
    [
        (SCHOOL, HOME.to_frame("value"), {}, ParameterError, "not Series and DataFrame"),
        (SCHOOL, HOME, {"index": "share"}, ParameterError, "index= is for populations, and these are Series"),
        (SCHOOL, HOME, {"key": "zone"}, ParameterError, "key= is for populations"),
        (SCHOOL, HOME, {"most": -1}, ParameterError, "whole number from 0, not -1"),
        (SCHOOL, HOME, {"meaning": "x"}, ParameterError, "meaning"),
        (
            SCHOOL,
            HOME.rename(lambda name: name + "?"),
            {},
            DataError,
            "No school has a value at school and one at home",
        ),
        (SCHOOL.rename(lambda _: "A"), HOME, {}, DataError, "1 name of schools is there more than once .*'A'"),
        (SCHOOL, pd.concat([HOME, HOME]), {}, DataError, "6 names of homes are there more than once"),
        (SCHOOL.astype(str), HOME, {}, DataError, "values of schools are not numbers"),
        (SCHOOL, HOME.replace(HOME.iloc[0], np.inf), {}, DataError, "1 value of homes is infinite .*School 0"),
        (SCHOOL, HOME, {"sizes": HOME - 1}, DataError, "6 schools of 6 have no number of pupils"),
        (SCHOOL, HOME, {"sizes": HOME.iloc[1:]}, DataError, "1 school of 6 has no number of pupils.*School 0"),
        (SCHOOL.to_frame("x"), HOME.to_frame("value"), {}, UnknownNameError, "table of schools has no column 'value'"),
    ],
)
def test_refusals(schools, homes, how, error, message):
    with pytest.raises(error, match=message):
        prepare_school_home(schools, homes, **how)


def test_refusals_of_populations():
    schools = sg.sample("schools")
    with pytest.raises(UnknownNameError, match="schools have no column 'distrikt'.*district"):
        prepare_school_home(schools, schools, key="distrikt")
    with pytest.raises(ParameterError, match="summed by 'district' have no environment"):
        prepare_school_home(schools, quietly(schools.within, sg.Nearest(500)), key="district")
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [2.0, 1.0], "zone": ["x", None]})
    homes = sg.Population.from_frame(frame, ["a", "b"])
    with pytest.raises(DataError, match="1 unit of the homes has no 'zone'"):
        prepare_school_home(homes, homes, key="zone")
    with pytest.raises(ParameterError, match="The index gives categories"):
        prepare_school_home(schools, schools, index=sg.bind("typology", host="white"))
    with pytest.raises(ParameterError, match="prepare_school_home"):
        draw_school_home(frame, managed=False)


# drawing -------------------------------------------------------------------------------


def test_areas_are_pupils():
    school, home = two()
    sizes = pd.Series(np.linspace(100, 1000, 30), index=school.index)
    ax = school_home(school, home, sizes=sizes, managed=False)
    areas = np.sort(named(ax, "schools")[0].get_sizes())
    assert areas / areas[-1] == pytest.approx(np.linspace(0.1, 1, 30))
    legend = [text.get_text() for text in named(ax, "legend")[0].get_texts()]
    assert legend == ["The same at school and at home", "200 pupils", "500 pupils", "1,000 pupils"]
    marks = [line.get_markersize() ** 2 for line in named(ax, "legend")[0].get_lines()[1:]]
    assert marks == pytest.approx([areas[-1] * part for part in (0.2, 0.5, 1)])


@pytest.mark.parametrize("size", [None, "slide", "column", (9, 5)])
def test_both_axes_have_one_scale(size):
    ax = school_home(*two(), size=size, managed=False)
    ax.figure.canvas.draw()
    assert ax.get_xlim() == ax.get_ylim()
    box = ax.get_window_extent()
    assert box.width == pytest.approx(box.height, rel=0.01)


def tags(ax):
    ax.figure.canvas.draw()
    return [text.get_window_extent() for text in named(ax, "tag")]


@pytest.mark.parametrize("seed", range(3))
def test_names_keep_clear_of_each_other(seed):
    school, home = two(200, seed)
    ax = school_home(school, home, most=15, managed=False)
    boxes = tags(ax) + [text.get_window_extent() for text in named(ax, "side")]
    assert len(boxes) > 8
    for a, b in combinations(boxes, 2):
        assert min(a.x1, b.x1) <= max(a.x0, b.x0) or min(a.y1, b.y1) <= max(a.y0, b.y0)
    frame = ax.get_window_extent()
    assert all(frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1 for box in boxes)


def test_names_of_a_few_lie_on_no_dot():
    school, home = two(25, 3)
    ax = school_home(school, home, managed=False)
    boxes = tags(ax)
    assert len(boxes) == 5
    dots = ax.transData.transform(named(ax, "schools")[0].get_offsets())
    for box in boxes:
        assert not any(box.x0 < x < box.x1 and box.y0 < y < box.y1 for x, y in dots)


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"width": 3},
        {"size": "slide"},
        {"size": "column", "language": "de"},
        {"size": "half-page", "language": "es"},
        {"title": "", "caption": ""},
        {"name": "A measure with quite a long name that has to be broken into lines", "meaning": "separation"},
    ],
    ids=str,
)
def test_nothing_covers_anything(how):
    assert_legible(school_home(*two(12), managed=False, **how))


def test_extremes():
    one = pd.Series([0.5], index=["A"])
    ax = school_home(one, one, managed=False)
    assert not named(ax, "tag")
    assert_legible(ax)
    big = pd.Series([0.0, 0.0], index=["A", "B"])
    assert_legible(school_home(big, big, sizes=pd.Series([0.0, 0.0], index=["A", "B"]), managed=False))


def test_labels_are_text():
    school, home = two(4)
    labels = pd.Series(["$x$", "<b>", "{{", "\\frac"], index=school.index)
    ax = school_home(school, home, labels=labels, managed=False)
    assert {text.get_text() for text in named(ax, "tag")} == {"$x$", "<b>", "{{", "\\frac"}
    assert not any(text.get_parse_math() for text in named(ax, "tag"))
