"""Indices corrected for small units, side by side, and their picture."""

import math
import warnings

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

import segregate as sg
from segregate.inference._corrected_methods import METHODS
from segregate.inference.small import WHEN
from segregate.plot.small_units_bars import LABELS, draw_small_units, prepare_small_units
from tests.unit.test_corrected import environment


@pytest.fixture(autouse=True)
def no_figure_is_left():
    yield
    pyplot.close("all")


@pytest.fixture(scope="module")
def pairs() -> sg.SmallUnits:
    rng = np.random.default_rng(3)
    t = np.full(300, 4)
    x = rng.binomial(t, rng.beta(1, 2, 300))
    pop = sg.Population.from_frame(pd.DataFrame({"a": x, "b": t - x}), ["a", "b"])
    return sg.small_units(pop, replicates=19, rng=1)


def drawn(ax, gid):
    return [artist for artist in ax.get_children() if artist.get_gid() == gid]


def test_the_table(pairs):
    table = pairs.table
    of_d = table[table["index"] == "dissimilarity"].set_index("method")
    assert of_d.index.to_list() == [
        *("raw", "expected", "carrington_troske", "allen_bootstrap", "allen_density", "beta_mixture", "bounds"),
    ]
    assert "miller_madow" in table.loc[table["index"] == "information_theory", "method"].to_list()
    assert "leave_one_out" in table.loc[table["index"] == "correlation_ratio", "method"].to_list()
    assert set(table["method"]) == {"raw", "expected", *METHODS}
    assert (table["when"] == table["method"].map(WHEN)).all()
    assert table["when"].notna().all()
    assert (table["group"] == "a").all()
    bounds = of_d.loc["bounds"]
    assert bounds["low"] < bounds["least"] < bounds["greatest"] < bounds["high"]
    assert of_d.loc["raw", "value"] > of_d.loc["allen_density", "value"] > of_d.loc["carrington_troske", "value"]


def test_values_are_those_of_the_single_functions(pairs):
    rng = np.random.default_rng(3)
    t = np.full(300, 4)
    x = rng.binomial(t, rng.beta(1, 2, 300))
    pop = sg.Population.from_frame(pd.DataFrame({"a": x, "b": t - x}), ["a", "b"])
    for by_chance in pairs.expected:
        focal = {"group": "a"} if by_chance.about["symbol"] == "V" else {}
        assert by_chance.value == sg.expected(pop, by_chance.about["index"], **focal).value
    for one in pairs.corrected:
        focal = {"group": "a"} if one.about["symbol"] == "V" else {}
        if one.method != "allen_bootstrap":
            assert one.value == pytest.approx(
                sg.corrected(pop, one.about["index"], method=one.method, **focal).value, nan_ok=True
            )


def test_what_is_said(pairs):
    assert pairs.units == 300
    assert pairs.typical == 4
    assert pairs.people == 1200
    assert "300 units with a median of 4 people: dissimilarity of a against b is" in repr(pairs)
    assert "chance alone would make" in pairs._repr_html_()
    assert any("moments of the share" in note for note in pairs.notes)
    assert len(set(pairs.notes)) == len(pairs.notes)


def test_more_groups_and_environments():
    schools = sg.sample("schools")
    found = sg.small_units(schools, replicates=9, rng=1)
    assert set(found.table["method"]) == {"raw", "expected", "carrington_troske", "allen_bootstrap", "miller_madow"}
    assert set(found.table["symbol"]) == {"D", "H", "R"}
    assert any("are about two groups: name one by group=" in note for note in found.notes)
    one = sg.small_units(schools, group="black", other="white", replicates=9, rng=1)
    assert set(one.table["method"]) == {"raw", "expected", *METHODS}
    assert one.table["group"].eq("black").all()
    assert one.table.loc[0, "versus"] == "white"
    within = sg.small_units(environment(3), group="a", replicates=9, rng=1)
    assert set(within.table["method"]) == {"raw", "expected", "carrington_troske", "allen_bootstrap"}
    assert any("for people at home" in note for note in within.notes)


def test_bounds_of_many_units_are_left_out():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.integers(0, 3, (6_000, 2)), columns=["a", "b"])
    found = sg.small_units(sg.Population.from_frame(frame, ["a", "b"]), replicates=3, rng=1)
    assert "bounds" not in set(found.table["method"])
    assert "beta_mixture" in set(found.table["method"])
    note = "bounds are left out, since they take long for more than 5,000 units: method='bounds'"
    assert found.units > 5_000
    assert note in found.notes


def test_the_same_seed_and_progress():
    calls = []
    pop = sg.sample("schools")
    one = sg.small_units(pop, replicates=9, rng=5, progress=lambda *at: calls.append(at))
    assert calls[-1][0] == calls[-1][1]
    pd.testing.assert_frame_equal(one.table, sg.small_units(pop, replicates=9, rng=5).table)


def test_undefined_and_refused():
    alone = sg.Population.from_frame(pd.DataFrame({"a": [3, 5], "b": [0, 0]}), ["a", "b"])
    with pytest.warns(sg.UndefinedIndexWarning, match="only one group has people here"):
        found = sg.small_units(alone, replicates=9)
    assert found.table["value"].isna().all()
    with pytest.raises(sg.DataError, match="Nothing has a value, so there is nothing to draw: only one group"):
        draw_small_units(found)
    with pytest.raises(sg.ParameterError, match="small_units takes a Population, not DataFrame"):
        sg.small_units(pd.DataFrame())
    with pytest.raises(sg.ParameterError, match="replicates=0"):
        sg.small_units(alone, replicates=0)
    with pytest.raises(sg.ParameterError, match="shows what segregate.small_units, corrected or expected return"):
        prepare_small_units(pd.DataFrame())
    half = sg.Population.from_frame(pd.DataFrame({"a": [3.5, 5], "b": [2, 7]}), ["a", "b"])
    with pytest.raises(sg.DataError, match="whole numbers"):
        sg.small_units(half)
    assert any("rounded" in n for n in sg.small_units(half, round="largest_remainder", replicates=9, rng=1).notes)
    assert not pyplot.get_fignums()


# the picture ---------------------------------------------------------------------------


def test_what_is_shown(pairs):
    shown = prepare_small_units(pairs)
    table = pairs.table
    for column in ("index", "method", "value", "low", "high", "least", "greatest"):
        pd.testing.assert_series_equal(shown[column], table[column])
    assert shown.loc[0, "label"] == "Dissimilarity, as measured"
    assert shown.loc[1, "label"] == "By chance alone"
    assert set(LABELS) == {"raw", "expected", *METHODS}
    bounds = shown[(shown["method"] == "bounds") & (shown["index"] == "dissimilarity")].iloc[0]
    assert " to " in bounds["text"].split(" (")[0]
    assert shown.loc[0, "text"] == f"{table.loc[0, 'value']:.3f}"


def test_the_drawing(pairs):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax = draw_small_units(pairs)
        ax.figure.canvas.draw()
    shown = prepare_small_units(pairs)
    values = [dot.get_xdata()[0] for dot in drawn(ax, "value")]
    assert values == shown["value"].dropna().to_list()
    assert len(drawn(ax, "interval")) == shown["low"].notna().sum()
    wide = shown["greatest"] - shown["least"] > 1e-6
    assert len(drawn(ax, "bounds")) == wide.sum() >= 1
    assert ax.get_title(loc="left") == "Segregation of a against b, corrected for small units"
    assert ax.get_xlabel() == "Value of the index"
    box, whole = ax.get_tightbbox(), ax.figure.bbox
    assert box.x0 >= whole.x0
    assert box.x1 <= whole.x1
    assert box.y1 <= whole.y1
    texts = [text for text in ax.findobj(matplotlib.text.Text) if text.get_text() and text.get_visible()]
    assert {text.get_fontsize() for text in texts} == {8.0, 10.0}


def test_single_results_are_drawn():
    pop = sg.sample("schools").versus("black")
    for result, rows in (
        (sg.expected(pop, "D"), ["raw", "expected"]),
        (sg.corrected(pop, "D"), ["raw", "expected", "carrington_troske"]),
        (sg.corrected(pop, "D", method="bounds"), ["raw", "bounds"]),
    ):
        assert prepare_small_units(result)["method"].to_list() == rows
        ax = Figure(figsize=(7, 3)).add_subplot()
        assert result.plot(ax=ax) is ax
        assert len(drawn(ax, "value")) == len(rows)
    assert draw_small_units(sg.expected(pop, "D"), title="", caption="", width=5).get_title(loc="left") == ""
    assert math.isnan(sg.expected(pop, "D").table["se"].sum()) is False
