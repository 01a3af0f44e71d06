"""Plots of profiles, sensitivity and edges: what they show, and that nothing global is touched."""

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

import segregate as sg
from tests.helpers import quietly


@pytest.fixture(autouse=True)
def no_figure_is_left():
    yield
    pyplot.close("all")


@pytest.fixture(scope="module")
def city():
    return quietly(sg.sample, "sacramento").select("white", "black", "asian", "hisp")


@pytest.fixture(scope="module")
def profile(city):
    return quietly(sg.profile, city, ["H", "isolation"], [0, 1000, 4000], group="hisp")


def test_a_label_that_is_the_group_stands_once(city):
    found = {name: quietly(sg.profile, city, "isolation", [0, 1000], group=name) for name in ("hisp", "black")}
    assert sg.plot.prepare_profile(found)["line"].unique().tolist() == ["hisp", "black"]


def test_profile_table_has_a_line_for_each_index(profile, city):
    shown = sg.plot.prepare_profile(profile)
    assert shown["line"].unique().tolist() == ["Information theory", "Isolation hisp"]
    assert shown["scale"].tolist() == [0, 0, 1000, 1000, 4000, 4000]
    assert shown["value"][0] == sg.information_theory(city)
    two = sg.plot.prepare_profile({"2000": profile, "2010": profile})
    assert set(two["line"]) == {
        f"{year} {name}" for year in (2000, 2010) for name in ("Information theory", "Isolation hisp")
    }


def test_profile_is_drawn_as_the_table_says(profile):
    ax = sg.plot.profile(profile, managed=False)
    lines = {line.get_gid(): line for line in ax.lines}
    np.testing.assert_array_equal(lines["line-1"].get_xdata(), [0, 1000, 4000])
    expected = sg.plot.prepare_profile(profile).query("line == 'Information theory'")["value"]
    np.testing.assert_array_equal(lines["line-1"].get_ydata(), expected)
    ax.figure.canvas.draw()
    assert ax.get_xticklabels()[0].get_text() == "home"
    assert ax.get_title(loc="left") == "Segregation by scale"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["Information theory", "Isolation hisp"]
    assert ax.get_ylim()[0] == 0


def test_a_band_is_drawn_where_there_is_an_interval(profile):
    from dataclasses import replace

    rows = profile.rows.assign(low=profile.rows["value"] - 0.01, high=profile.rows["value"] + 0.01)
    ax = sg.plot.profile(replace(profile, rows=rows), managed=False)
    assert {band.get_gid() for band in ax.collections} == {"band-1", "band-2"}


def test_profile_files_and_given_axes(profile, tmp_path):
    sg.plot.profile(profile, managed=False, save=[tmp_path / "scale.png", tmp_path / "scale.svg"])
    assert (tmp_path / "scale.png").stat().st_size > 10_000
    assert "Segregation by scale" in (tmp_path / "scale.svg").read_text()
    ax = Figure().add_subplot()
    assert sg.plot.draw_profile(profile, ax=ax, title="") is ax
    assert profile.plot(ax=Figure().add_subplot()).lines


def test_what_the_plots_refuse(profile, city):
    with pytest.raises(sg.ParameterError, match=r"shows what segregate\.profile returns"):
        sg.plot.profile({}, managed=False)
    people = sg.profile(city, "H", people=[5000])
    with pytest.raises(sg.ParameterError, match="have no common axis"):
        sg.plot.prepare_profile({"a": profile, "b": people})
    with pytest.raises(sg.ParameterError, match="local indices only"):
        sg.plot.prepare_profile(quietly(sg.profile, city, "divergence", [500]))
    with pytest.raises(sg.ParameterError, match="8 lines cannot be told apart"):
        sg.plot.draw_profile({str(k): people for k in range(8)}, managed=False)
    with pytest.raises(sg.ParameterError, match=r"shows what segregate\.sensitivity returns"):
        sg.plot.draw_sensitivity(profile)
    with pytest.raises(sg.ParameterError, match=r"shows what segregate\.edges returns"):
        sg.plot.draw_edges(profile)


def test_sensitivity_has_a_dot_for_each_choice(city):
    found = quietly(sg.sensitivity, city, "H", radius=3000)
    before = dict(matplotlib.rcParams)
    ax = sg.plot.draw_sensitivity(found, managed=False)
    dots = [line for line in ax.lines if line.get_gid() in ("base", "choice")]
    assert sorted(dot.get_xdata()[0] for dot in dots) == sorted(found.table["value"])
    assert sum(dot.get_gid() == "base" for dot in dots) == found.table["base"].sum()
    assert [label.get_text() for label in ax.get_yticklabels()] == found.table["setting"].tolist()
    assert dict(matplotlib.rcParams) == before
    assert not pyplot.get_fignums()


def test_edges_are_mapped(city):
    found = sg.edges(quietly(city.within, sg.Kernel(5000)))
    ax = found.plot(ax=Figure(figsize=(7, 5)).add_subplot())
    assert ax.get_title(loc="left") == "Share of the environment outside the data"
