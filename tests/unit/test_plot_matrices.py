"""Heat maps of groups against groups: values from the definitions, cells that can be read."""

import math
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex, to_rgb
from matplotlib.text import Text

import segregate as sg
from segregate.errors import DataError, ParameterError
from segregate.plot import (
    draw_exposure_matrix,
    draw_pair_matrix,
    exposure_matrix,
    pair_matrix,
    prepare_exposure_matrix,
    prepare_pair_matrix,
)
from segregate.plot._grid_cells import limits_of, readable
from segregate.plot._palettes import DIVERGING, SEQUENTIAL
from tests.helpers import quietly
from tests.unit.drawn import assert_apart, assert_legible, named

COUNTS = [[10, 0, 5, 1], [3, 8, 0, 2], [0, 4, 6, 9], [7, 7, 7, 0]]
GROUPS = ["a", "b", "c", "d"]


def town(counts=COUNTS, groups=GROUPS):
    return sg.Population.from_frame(pd.DataFrame(counts, columns=groups, dtype=float), groups)


def exposure(a, b):
    """Return the mean share of group b around people of group a."""
    everyone = sum(row[a] for row in COUNTS)
    return sum(row[a] / everyone * row[b] / sum(row) for row in COUNTS)


def dissimilarity(a, b):
    first, second = sum(row[a] for row in COUNTS), sum(row[b] for row in COUNTS)
    return 0.5 * sum(abs(row[a] / first - row[b] / second) for row in COUNTS)


def test_exposure_is_that_of_the_definition():
    table = prepare_exposure_matrix(town())
    assert len(table) == 16
    people = [sum(row[m] for row in COUNTS) for m in range(4)]
    for row in table.itertuples():
        a, b = GROUPS.index(row.group), GROUPS.index(row.versus)
        assert row.value == pytest.approx(exposure(a, b), rel=1e-12)
        assert row.even == pytest.approx(people[b] / sum(people), rel=1e-12)
    assert table.groupby("group")["value"].sum().to_numpy() == pytest.approx([1, 1, 1, 1])
    assert table.groupby("group")["even"].sum().to_numpy() == pytest.approx([1, 1, 1, 1])


def test_exposure_is_that_of_the_environment():
    city = sg.sample("schools")
    around = quietly(city.within, sg.Nearest(2000))
    table = prepare_exposure_matrix(around).set_index(["group", "versus"])["value"]
    assert table["black", "white"] == sg.exposure(around, group="black", other="white")
    assert table["black", "white"] != sg.exposure(city, group="black", other="white")


def test_pairs_are_those_of_the_definition():
    table = prepare_pair_matrix(town())
    assert [*zip(table["group"], table["versus"], strict=True)] == [
        ("b", "a"),
        ("c", "a"),
        ("d", "a"),
        ("c", "b"),
        ("d", "b"),
        ("d", "c"),
    ]
    for row in table.itertuples():
        assert row.value == pytest.approx(dissimilarity(GROUPS.index(row.group), GROUPS.index(row.versus)), rel=1e-12)


@pytest.mark.parametrize("index", ["H", "gini", "V", sg.bind("atkinson", b=0.5)])
def test_pairs_of_other_indices(index):
    city = town()
    table = prepare_pair_matrix(city, index).set_index(["group", "versus"])["value"]
    found = sg.measure(city.select("a", "c"), index, versus="pairs")["value"].iloc[0]
    assert table["c", "a"] == pytest.approx(found, rel=1e-12)


def test_pairs_keep_the_environment_of_all():
    city = quietly(sg.sample("schools").within, sg.Kernel(5000))
    table = prepare_pair_matrix(city, "H").set_index(["group", "versus"])["value"]
    assert table["black", "asian"] == sg.information_theory(city.select("black", "asian"))
    assert "kernel" in prepare_pair_matrix(city).attrs["segregate"]["environment"]


@pytest.mark.parametrize(
    ("index", "message"),
    [
        ("exposure", r"exposure depends on the order .*Draw sg.plot.exposure_matrix"),
        ("gorard", r"gorard depends on the order of the two groups \(b and a: .*versus='pairs'"),
        ("share", "share gives one value per unit"),
        (sg.bind("atkinson", b=0.1), "atkinson depends on the order"),
    ],
)
def test_indices_that_a_triangle_cannot_show(index, message):
    with pytest.raises(ParameterError, match=message):
        prepare_pair_matrix(town(), index)


def test_a_group_without_people_is_undefined_and_said():
    counts = [[*row[:3], 0] for row in COUNTS]
    table = prepare_pair_matrix(town(counts))
    undefined = table[table["value"].isna()]
    assert undefined["group"].to_list() == ["d", "d", "d"]
    assert (undefined["status"] == "undefined").all()
    ax = draw_pair_matrix(table, labels={"d": "Nobody"}, managed=False)
    assert len(named(ax, "undefined")) == 3
    assert len(named(ax, "cell")) == 3
    assert all(cell.get_hatch() for cell in named(ax, "undefined"))
    caption = " ".join(named(ax, "caption")[0].get_text().split())
    assert "3 cells are undefined: Nobody / a (" in caption
    legends = [text.get_text() for text in ax.figure.findobj() if hasattr(text, "get_text")]
    assert any(text.startswith("Undefined") for text in legends)


def test_refusals():
    with pytest.raises(ParameterError, match="shows a Population, not DataFrame"):
        prepare_exposure_matrix(pd.DataFrame())
    many = [f"g{k}" for k in range(41)]
    with pytest.raises(ParameterError, match="matrix of 41 groups cannot be read; 40 can"):
        prepare_pair_matrix(town([[1] * 41, [2] * 41], many))
    with pytest.raises(DataError, match="No pair of groups has a value"):
        prepare_pair_matrix(town([[5, 0], [3, 0]], ["a", "b"]))
    with pytest.raises(ParameterError, match=r"labels= names 'x'.*groups are a, b, c, d"):
        exposure_matrix(town(), labels={"x": "X"}, managed=False)
    with pytest.raises(ParameterError, match="prepare_exposure_matrix, and the table is one with the columns a"):
        draw_exposure_matrix(pd.DataFrame({"a": [1]}), managed=False)
    with pytest.raises(ParameterError, match="prepare_pair_matrix, and the table is of type int"):
        draw_pair_matrix(3, managed=False)
    names = [f"A rather long name of group {k}" for k in range(30)]
    with pytest.raises(ParameterError, match=r"30 groups do not fit .* inches; the matrix needs about"):
        exposure_matrix(town(np.arange(60).reshape(2, 30) + 1, names), width=3, managed=False)


def light(colour):
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2] + 0.05


@pytest.mark.parametrize("palette", [*SEQUENTIAL.values(), *DIVERGING.values()])
def test_numbers_stand_out_from_every_colour(palette):
    for colour in palette:
        one, other = sorted((light(colour), light(readable(colour))))
        assert other / one >= 4.5


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.1, 0.74], (0, 0.8)),
        ([0.0, 1.0], (0, 1)),
        ([0.02, 0.031], (0, 0.035)),
        ([-0.02, 0.3], (-0.05, 0.3)),
        ([0.0, 0.0], (0, 1)),
        ([0.111, math.nan], (0, 0.12)),
    ],
)
def test_ends_of_colours(values, expected):
    low, high = limits_of(np.array(values))
    assert low <= np.nanmin(values)
    assert high >= np.nanmax(values)
    if expected[1] != 1 or values[1] == 1.0:
        assert (low, high) == pytest.approx(expected)


def test_cells_have_the_colours_and_numbers_of_their_values():
    ax = exposure_matrix(town(), managed=False)
    numbers = [float(text.get_text()) for text in named(ax, "number")]
    table = prepare_exposure_matrix(town())
    expected = [*table["value"], *table["even"].iloc[:4]]
    assert numbers == pytest.approx(expected, abs=0.005)
    cells = named(ax, "cell")
    order = np.argsort(expected)
    lightness = [light(to_hex(cells[k].get_facecolor())) for k in order]
    assert all(a >= b - 1e-9 for a, b in pairwise(lightness))


NAMES = ["White British", "Mixed or multiple ethnic groups", "Bangladeshi", "Gypsy or Irish Traveller", "Arab", "Other"]


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"width": 3.5},
        {"width": 10},
        {"size": "slide"},
        {"size": "column", "language": "fr"},
        {"size": "A4", "language": "it"},
        {"title": "", "caption": ""},
    ],
    ids=str,
)
@pytest.mark.parametrize("groups", [2, 6])
def test_nothing_covers_anything(how, groups):
    counts = np.random.default_rng(groups).integers(0, 60, (9, groups))
    if groups == 6:
        counts[:, 4] = 0
        how = {**how, "caption": ""} if how.get("size") == "slide" else how
    city = town(counts, NAMES[:groups])
    for ax in (exposure_matrix(city, managed=False, **how), pair_matrix(city, managed=False, **how)):
        assert_legible(ax)
        assert_apart(ax, *named(ax, "key"))


def test_in_axes_of_the_user():
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4))
    left, right = figure.subplots(1, 2)
    assert exposure_matrix(town(), ax=left, caption="") is left
    assert_apart(left, right)
    assert figure.get_size_inches() == pytest.approx([9, 4])


def test_decimal_marks_of_the_language():
    ax = pair_matrix(town(), language="de", managed=False)
    assert all("," in text.get_text() for text in named(ax, "number"))


def test_files(tmp_path):
    path = tmp_path / "a.svg"
    exposure_matrix(town(), labels={"a": "<script>$x$"}, managed=False, save=path)
    text = path.read_text(encoding="utf-8")
    assert "&lt;script&gt;$x$" in text
    with pytest.raises(ParameterError, match="layer of units"):
        pair_matrix(town(), managed=False, save=tmp_path / "a.gpkg")


def test_a_notebook_cuts_nothing_off():
    ax = sg.plot.exposure_matrix(sg.sample("schools"), managed=False)
    renderer = ax.figure.canvas.get_renderer()
    held = ax.figure.get_tightbbox(renderer).x1 * ax.figure.dpi
    ends = [text.get_window_extent(renderer).x1 for text in ax.figure.findobj(Text) if text.get_text()]
    assert max(ends) <= held + 0.5
