"""Maps of plans and plots of frontiers: what they show, without pixels."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib.figure import Figure

import segregate as sg
from segregate.errors import DataError, GeometryError, ParameterError
from segregate.testing import school_city

GIDS = {"zones", "schools", "moved"}


@pytest.fixture(scope="module")
def town():
    city = school_city(2, blocks=(6, 7), schools=4)
    return city, city.schools.to_frame().iloc[:4]


@pytest.fixture(scope="module")
def plan(town):
    city, sites = town
    return sg.schools.rezone(
        city.blocks, sites, capacity="capacity", group="minority", current="zone", max_moved=0.3, time_limit=1, rng=1
    )


@pytest.fixture(scope="module")
def line(town):
    city, sites = town
    return sg.schools.frontier(
        *(city.blocks, sites),
        capacity="capacity",
        group="minority",
        current="zone",
        values=[0.0, 0.05, 0.2, 1.0],
        time_limit=2,
        rng=1,
    )


def artists(ax):
    return {one.get_gid(): one for one in ax.get_children() if one.get_gid()}


def test_zones_that_touch_have_different_colours_and_a_school_has_one(plan):
    shown = sg.plot.prepare_plan(plan)
    schools = {}
    for name in ("before", "after"):
        for school, colour in zip(shown[name], shown[f"colour_{name}"], strict=True):
            assert schools.setdefault(school, colour) == colour
        shapes = {school: shapely.union_all(rows.array) for school, rows in shown.geometry.groupby(shown[name])}
        for one, shape in shapes.items():
            for other, beside in shapes.items():
                if one != other and shape.intersects(beside):
                    assert schools[one] != schools[other]
    assert shown["moved"].to_list() == (shown["before"] != shown["after"]).to_list()


def test_maps_stand_side_by_side_and_say_who_moves(plan):
    ax = sg.plot.draw_plan(plan, managed=False)
    today, after = ax.child_axes[:2]
    assert [one.get_title(loc="left") for one in (today, after)] == ["Today", "Plan"]
    assert GIDS - {"moved"} <= set(artists(today))
    assert set(artists(after)) >= GIDS
    assert "moved" not in artists(today)
    assert len(artists(after)["schools"].get_xdata()) == 4
    caption = artists(ax)["caption"].get_text().replace("\n", " ")
    assert f"{plan.moved:,.0f} pupils of {plan.burden['pupils'].iloc[-1]:,.0f}" in caption
    assert "minority" in caption
    assert artists(ax)["title"].get_text().startswith("Dissimilarity: minority, from")
    area = sum(path.vertices.shape[0] > 0 for path in [artists(after)["moved"].get_path()])
    assert area == 1
    words = {text.get_text() for child in ax.child_axes for text in child.texts}
    assert set(plan.schools["school"]) <= words


def test_without_zones_of_today_there_is_one_map(town):
    city, sites = town
    plan = sg.schools.rezone(city.blocks, sites, capacity="capacity", objective="H", time_limit=1, rng=1)
    ax = sg.plot.draw_plan(plan, managed=False)
    assert "zones" in artists(ax.child_axes[0])
    assert "moved" not in artists(ax.child_axes[0])
    assert artists(ax)["title"].get_text().startswith("Information theory with these zones")
    assert "better plans may exist" in artists(ax)["caption"].get_text().replace("\n", " ")


def test_blocks_without_a_school_today_are_hatched(town):
    city, sites = town
    zones = city.zones.copy()
    zones.iloc[:3] = None
    plan = sg.schools.rezone(
        city.blocks, sites, capacity=None, group="minority", current=zones, max_moved=0.0, time_limit=2, rng=1
    )
    ax = sg.plot.draw_plan(plan, managed=False)
    legend = [text.get_text() for child in ax.child_axes for text in getattr(child.get_legend(), "texts", [])]
    assert "Blocks without a school today" in legend
    assert (sg.plot.prepare_plan(plan)["colour_before"] == -1).sum() == 3


def test_a_plan_draws_in_other_languages_and_in_given_axes(plan):
    with sg.plot.style(language="de"):
        ax = sg.plot.draw_plan(plan, managed=False)
    assert ax.child_axes[1].get_title(loc="left") == "Vorschlag"
    given = Figure(figsize=(8, 5)).add_subplot()
    assert plan.plot(ax=given) is given
    plain = sg.plot.draw_plan(plan, title="Mine", caption="", managed=False)
    assert artists(plain)["title"].get_text() == "Mine"
    assert "caption" not in artists(plain)


def test_plans_without_maps_are_refused(plan):
    with pytest.raises(GeometryError, match="no geometry, so there is no map"):
        sg.plot.draw_plan(replace(plan, zones=pd.DataFrame(plan.zones.drop(columns="geometry"))), managed=False)
    with pytest.raises(ParameterError, match=r"what segregate\.schools\.rezone returns, not int"):
        sg.plot.prepare_plan(3)


# frontiers -----------------------------------------------------------------------------


def test_a_frontier_holds_between_its_limits(line):
    shown = sg.plot.prepare_frontier(line)
    table = line.table
    assert shown["highest"].to_list()[:-1] == table["value"].to_list()[:-1]
    assert shown["lowest"].to_list()[:-1] == table["bound"].to_list()[1:]
    assert (shown["lowest"].dropna() <= shown["highest"].dropna() + 1e-12).all()
    assert shown[["highest", "lowest"]].iloc[-1].isna().all()


def test_a_frontier_shows_plans_bounds_and_today(line):
    ax = sg.plot.draw_frontier(line, managed=False)
    found = artists(ax)
    assert {"line", "bounds", "gaps", "today", "plans"} <= set(found)
    np.testing.assert_array_equal(found["bounds"].get_ydata(), line.table["bound"])
    assert found["today"].get_ydata()[0] == line.plans[0.0].before
    entries = [text.get_text() for text in ax.get_legend().get_texts()]
    assert entries[:2] == ["Where the best plan lies", "No plan is below"]
    assert ax.get_xlabel() == "Pupils who may change school"
    given = Figure().add_subplot()
    assert line.plot(ax=given).get_title(loc="left") == "What fewer moves cost"


def test_limits_without_a_plan_are_counted(line):
    rows = line.rows.copy()
    rows.loc[0, ["value", "bound"]] = np.nan
    caption = artists(sg.plot.draw_frontier(replace(line, rows=rows), managed=False))["caption"].get_text()
    assert "1 limit that no plan keeps is left out" in caption.replace("\n", " ")
    rows["value"] = np.nan
    with pytest.raises(DataError, match="No limit has a plan"):
        sg.plot.prepare_frontier(replace(line, rows=rows))
    with pytest.raises(ParameterError, match=r"segregate\.schools\.frontier returns"):
        sg.plot.prepare_frontier(3)


def test_zones_keep_their_places(plan, town):
    city, sites = town
    assert isinstance(plan.zones, gpd.GeoDataFrame)
    assert plan.zones.crs == city.blocks.crs
    assert plan.points.geom_equals(sites.geometry).all()
