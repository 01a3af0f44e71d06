"""Plots of schools, services, plans and the scorecard: what they show, and that it can be read."""

import functools

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.text import Text

import segregate as sg
from segregate._languages import LANGUAGES
from segregate.errors import DataError, ParameterError
from segregate.testing import school_city
from tests.unit.drawn import assert_legible, named


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    pyplot.close("all")


@functools.cache
def city():
    return school_city(2, blocks=(10, 12), schools=5)


@functools.cache
def results():
    """Return a result of each kind."""
    town = city()
    clinics = town.places[town.places["kind"] == "clinic"]
    squares = sg.schools.huff(town.blocks, town.places[town.places["kind"] == "square"], scale=600)
    reached = sg.access(town.blocks, clinics, supply="size", reach=700.0)
    gap = sg.schools.gap(town.schools, town.blocks, zones=town.zones)
    met = sg.meeting(town.blocks, {"squares": squares})
    few = {"replicates": 29, "rng": 0}
    return {
        "access": reached,
        "nearest": sg.access(town.blocks, clinics, method="nearest"),
        "gap": gap,
        "meeting": met,
        "what_if": sg.what_if(town.schools, close=["S02"], to="nearest", indices=["H", "D", "V", "isolation"]),
        "contribution": sg.schools.contribution(town.schools, "H", by="district"),
        "exposure_gap": sg.schools.exposure_gap(town.schools, "minority", by="district"),
        "before_after": sg.before_after(
            *town.blocks_by_year.values(), area="invested", index="share", group="minority", placebos=49, **few
        ),
        "scorecard": sg.scorecard(
            {
                "neighbourhoods": town.blocks_by_year,
                "education": gap,
                "public space": met,
                "public services": reached,
            },
            group="minority",
            peers={"neighbourhoods": {str(k): school_city(k, blocks=(8, 8), schools=3).blocks for k in (3, 4)}},
            **few,
        ),
        "trend": sg.schools.trend({"2020-21": town.schools_by_year[2020], "2025-26": town.schools}, **few),
    }


@pytest.mark.parametrize(
    "name",
    [
        "access",
        "nearest",
        "gap",
        "meeting",
        "what_if",
        "contribution",
        "exposure_gap",
        "before_after",
        "scorecard",
        "trend",
    ],
)
def test_every_result_draws_itself_legibly(name):
    assert_legible(results()[name].plot())


@pytest.mark.parametrize(
    "name", ["access", "gap", "meeting", "what_if", "contribution", "exposure_gap", "before_after", "trend"]
)
def test_they_fit_into_a_column(name):
    with sg.plot.style(size="column", language="fr"):
        assert_legible(results()[name].plot())


def test_a_scorecard_fits_on_a_page():
    for size in ("A4", "A4-landscape"):
        with sg.plot.style(size=size, language="de", grey=True):
            assert_legible(results()["scorecard"].plot())


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
@pytest.mark.parametrize("name", ["access", "gap", "meeting", "what_if", "contribution", "before_after", "scorecard"])
def test_they_speak(name, code):
    with sg.plot.style(language=code):
        ax = results()[name].plot()
        assert_legible(ax)
    english = results()[name].plot()
    titles = [axes.get_title(loc="left") for axes in (ax, english)]
    assert titles[0] != titles[1]


def test_the_scorecard_says_what_it_is_not_whatever_the_caption():
    for caption in (None, "", "A word."):
        ax = sg.plot.draw_scorecard(results()["scorecard"], caption=caption)
        (text,) = named(ax, "caption")
        plain = " ".join(text.get_text().split())
        assert "not the score of the Council of Europe’s Intercultural Cities programme" in plain
        assert ("A word." in plain) == (caption == "A word.")


def test_the_page_of_a_scorecard():
    result = results()["scorecard"]
    shown = sg.plot.prepare_scorecard(result)
    lines = shown[shown["kind"] == "line"].reset_index(drop=True)
    assert shown.loc[shown["kind"] == "theme", "label"].tolist() == [
        "Neighbourhoods",
        "Education",
        "Public space",
        "Public services",
    ]
    table = result.table
    assert lines["value"].tolist() == table["value"].tolist()
    assert lines["label"].str.rstrip(" ↓↑").tolist() == table["indicator"].tolist()
    assert lines["label"].str[-1].tolist() == [{"lower": "↓", "higher": "↑"}[one] for one in table["better"]]
    assert (lines["peer_low"].notna() == (table["theme"] == "neighbourhoods")).all()
    ax = sg.plot.draw_scorecard(result)
    assert len(named(ax, "value")) == len(lines)
    assert len(named(ax, "peers")) == 3
    assert len(named(ax, "interval")) == 3
    assert len(named(ax, "change")) == int((table["change"].fillna(0) != 0).sum())


def test_access_shows_means_and_ranges():
    result = results()["access"]
    shown = sg.plot.prepare_access(result).set_index("group")
    table = result.table.set_index("group")
    assert shown.index.tolist() == ["", *city().blocks.groups]
    for column in ("mean", "low", "high"):
        assert shown[column].to_dict() == table[column].to_dict()
    ax = sg.plot.draw_access(result)
    assert [line.get_xdata()[0] for line in named(ax, "mean")] == shown["mean"].tolist()
    assert [list(line.get_xdata()) for line in named(ax, "range")] == shown[["low", "high"]].to_numpy().tolist()
    assert "Cost of the nearest (m)" in sg.plot.draw_access(results()["nearest"]).get_xlabel()


def test_curves_of_access_end_at_one():
    shown = sg.plot.prepare_access_curves(results()["access"])
    assert shown["group"].unique().tolist() == list(city().blocks.groups)
    last = shown.groupby("group").last()
    np.testing.assert_allclose(last, 1)
    weights = city().blocks.shares
    wide = shown.pivot_table(index="people", columns="group", values="share")[list(city().blocks.groups)]
    np.testing.assert_allclose(wide.to_numpy() @ weights, wide.index, atol=1e-12)
    ax = sg.plot.draw_access_curves(results()["access"])
    assert_legible(ax)
    assert len([line for line in ax.lines if str(line.get_gid()).startswith("curve")]) == 3


def test_the_way_from_homes_to_schools():
    result = results()["gap"]
    shown = sg.plot.prepare_gap(result).set_index("part")
    assert shown.loc["homes", "end"] == result.homes
    assert shown.loc["schools", "end"] == result.schools
    assert shown.loc["choice", "end"] == pytest.approx(result.schools, abs=1e-12)
    steps = (shown["end"] - shown["start"])[["residence", "zone drawing", "choice"]].tolist()
    assert steps == pytest.approx([result.residence - result.homes, result.zoning, result.choice], abs=1e-12)


def test_settings_lie_between_home_and_mixing():
    result = results()["meeting"]
    shown = sg.plot.prepare_meeting(result)
    assert shown["row"].nunique() == 9
    assert shown["label"].iloc[0] == "majority meet majority"
    ax = sg.plot.draw_meeting(result)
    assert len(named(ax, "home")) == len(named(ax, "mixing")) == len(named(ax, "setting")) == 9
    homes = [line.get_xdata()[0] for line in named(ax, "home")]
    assert homes == result.table.query("setting == 'home'")["value"].tolist()


def test_many_pairs_are_too_many():
    rng = np.random.default_rng(1)
    groups = list("abcdefg")
    pop = sg.Population.from_frame(pd.DataFrame(rng.integers(1, 9, (6, 7)), columns=groups), groups)
    result = sg.meeting(pop, {"x": sg.Flows(rng.uniform(0, 1, (6, 2)))})
    assert sg.plot.prepare_meeting(result)["label"].nunique() == 7
    (caption,) = named(sg.plot.draw_meeting(result), "caption")
    assert "Of 49 pairs of groups" in " ".join(caption.get_text().split())


def test_plans_show_what_changes_the_most():
    result = results()["what_if"]
    table = result.table
    shown = sg.plot.prepare_what_if(result)
    assert len(shown) == len(table)
    assert shown["end"].tolist() == pytest.approx((table["change"] / table["before"].abs()).tolist())
    few = sg.plot.prepare_what_if(result, most=2)
    largest = (table["change"] / table["before"]).abs().nlargest(2)
    assert sorted(few["before"]) == sorted(table.loc[largest.index, "before"])
    ends = named(sg.plot.draw_what_if(result), "end")
    assert [line.get_xdata()[0] for line in ends] == pytest.approx((100 * shown["end"]).tolist())


def test_contributions_are_sorted_within_districts():
    result = results()["contribution"]
    shown = sg.plot.prepare_contribution(result)
    assert len(shown) == len(result.table)
    for _, rows in shown.groupby("district"):
        assert rows["contribution"].is_monotonic_decreasing
    assert shown["first"].sum() == 2
    assert len(named(sg.plot.draw_contribution(result, most=4), "bar")) == 4
    (caption,) = named(sg.plot.draw_contribution(result, most=4), "caption")
    assert "The 4 schools of 7 that add the most are shown" in " ".join(caption.get_text().split())


def test_gaps_are_points():
    result = results()["exposure_gap"]
    shown = sg.plot.prepare_exposure_gap(result)
    assert shown["gap"].is_monotonic_decreasing
    assert (shown["end"] - shown["start"]).tolist() == pytest.approx(shown["gap"].tolist())
    texts = [text.get_text() for text in sg.plot.draw_exposure_gap(result).figure.findobj(Text)]
    assert all(any(row in text for text in texts) for row in shown["text"])


def test_the_difference_in_differences_is_drawn():
    result = results()["before_after"]
    shown = sg.plot.prepare_before_after(result).set_index("line")
    assert shown.loc["area", "after"] - shown.loc["expected", "after"] == pytest.approx(result.value, abs=1e-12)
    (bar,) = named(sg.plot.draw_before_after(result), "difference")
    low, high = bar.get_ydata()
    assert high - low == pytest.approx(result.value, abs=1e-12)


def test_school_years_stand_on_the_axis():
    ax = results()["trend"].plot()
    assert [label.get_text() for label in ax.get_xticklabels()] == ["2020/21", "2025/26"]
    assert ax.get_xlabel() == "School year"


@pytest.mark.parametrize(
    "name",
    [
        "access",
        "access_curves",
        "gap",
        "meeting",
        "what_if",
        "contribution",
        "exposure_gap",
        "before_after",
        "scorecard",
    ],
)
def test_other_things_are_refused(name):
    with pytest.raises(ParameterError, match="shows what segregate"):
        getattr(sg.plot, f"prepare_{name}")(pd.DataFrame())


def test_nothing_to_draw():
    alone = sg.Population.from_frame(pd.DataFrame({"a": [1.0, 2], "b": [0.0, 0]}), ["a", "b"])
    with pytest.raises(DataError, match="No school has a value"):
        sg.plot.prepare_contribution(sg.schools.contribution(alone, "H"))
    with pytest.raises(DataError, match="No line has a value"):
        sg.plot.prepare_scorecard(sg.scorecard({"housing": alone}))
    with pytest.raises(DataError, match="No setting has a value"):
        sg.plot.prepare_meeting(sg.meeting(alone, {"x": sg.Flows(np.ones((2, 1)))}, "H"))
    with pytest.raises(DataError, match="No value is there before and after"):
        sg.plot.prepare_what_if(sg.what_if(alone, add={0: {"a": 1}}, indices="H"))
    with pytest.raises(DataError, match="A part of the difference has no value"):
        sg.plot.prepare_gap(sg.schools.gap(alone, alone, zones={0: 0, 1: 1}))
    for name in ("contribution", "what_if"):
        with pytest.raises(ParameterError, match="most=0 is a number"):
            getattr(sg.plot, f"prepare_{name}")(results()[name], most=0)
