"""School zones: the best plan of small problems by brute force, bounds, burdens, other indices."""

import math
import time

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import segregate as sg
from segregate.schools import _rezone_solve as solving
from segregate.schools._rezone_problem import Problem, dissimilarity_weights
from segregate.schools._rezone_program import Program
from segregate.schools._rezone_reading import Asked
from segregate.schools._rezone_search import annealed, beginnings
from segregate.schools._rezone_task import prepared
from segregate.testing import school_city
from tests.unit import oracle_rezone as oracle
from tests.unit.rezone_cases import Case, check, grid

FAST = range(14)


@pytest.fixture(scope="module")
def town():
    city = school_city(1, blocks=(6, 6), schools=3)
    return city, city.schools.to_frame().loc[["S01", "S02", "S03"]]


def problem_of(case):
    o = case.options
    asked = Asked("seats", o["fill"], None, o["max_travel"], o["contiguous"], o["max_moved"], o["keep"], "today")
    return prepared(case.blocks, case.schools, asked, "dissimilarity", None, 10).reading.problem


# the best plan -------------------------------------------------------------------------


@pytest.mark.parametrize("seed", FAST)
def test_the_plan_is_the_best_of_all_that_are_possible(seed):
    check(seed)


@pytest.mark.slow
def test_the_plan_is_the_best_of_all_that_are_possible_in_two_hundred_problems():
    found = [check(seed) for seed in range(200)]
    assert sum(many > 0 for many in found) > 150
    assert sum(many > 100 for many in found) > 40


@pytest.mark.parametrize("seed", [2, 4, 6, 8, 12, 10])
def test_cuts_keep_zones_as_whole_as_flows(seed, monkeypatch):
    monkeypatch.setattr(solving, "FLOW", -1)
    assert Case(seed).contiguous
    check(seed)


@pytest.mark.parametrize("seed", [1, 2, 4, 5, 7, 12])
def test_bounds_are_below_the_best_and_searches_above(seed):
    case = Case(seed)
    least = min(map(case.value, case.possible()))
    problem = problem_of(case)
    _, searched = annealed(
        problem, beginnings(problem), np.random.default_rng(1), until=time.monotonic() + 5, seconds=0.1
    )
    assert searched >= least - 1e-12
    relaxed, state = solving._relaxed(Program(problem), problem, time.monotonic() + 5)
    assert state == "done"
    assert relaxed <= least + 1e-12
    plan = case.plan(time_limit=1e-3)
    assert plan.bound <= least + 1e-12
    assert plan.value >= least - 1e-12


def test_weights_of_two_groups_and_of_several_give_dissimilarity():
    rng = np.random.default_rng(3)
    for groups, value in ((2, oracle.dissimilarity), (4, oracle.dissimilarity_of_all)):
        people = rng.integers(1, 30, (12, groups))
        zones = rng.integers(0, 3, 12)
        weights, scale, step = dissimilarity_weights(people.astype(float))
        nets = np.zeros((3, weights.shape[1]))
        np.add.at(nets, zones, weights)
        expected = value([tuple(row) for row in people.tolist()], zones.tolist())
        assert scale * np.abs(nets).sum() / 2 == pytest.approx(expected, rel=1e-12)
        assert expected / step == pytest.approx(round(expected / step), abs=1e-6)


def test_two_groups_are_the_same_as_one_against_the_rest():
    case = Case(2)
    three = Case(4)
    assert case.plan(group="a").value == case.plan().value
    alone = three.plan(group="b")
    people = [(row[1], row[0] + row[2]) for row in three.people]
    least = min(oracle.dissimilarity(people, zones) for zones in three.possible())
    assert alone.value == pytest.approx(least, abs=1e-12)


@pytest.mark.parametrize("seed", [1, 2])
def test_counts_that_are_no_whole_numbers_have_a_best_plan_too(seed):
    case = Case(seed)
    rng = np.random.default_rng(seed)
    case.people = [tuple(n * rng.uniform(0.9, 1.0) for n in row) for row in case.people]
    frame = grid(case.rows, case.columns, case.people).assign(today=case.blocks.attributes["today"].to_numpy())
    case.blocks = sg.Population.from_frame(frame, ["a", "b"])
    plan = case.plan()
    least = min(map(case.value, case.possible()))
    assert plan.value == pytest.approx(least, abs=1e-9)
    assert plan.bound <= least + 1e-9
    assert plan.status == "optimal"


# what a plan says ----------------------------------------------------------------------


def test_tables_are_those_of_plain_loops(town):
    city, sites = town
    plan = sg.schools.rezone(
        city.blocks, sites, capacity="capacity", group="minority", current="zone", max_moved=0.2, time_limit=5, rng=1
    )
    blocks = city.blocks
    zones, today = plan.assignment.to_numpy(), city.zones.to_numpy()
    ways = {
        school: [math.hypot(x - sites.geometry[school].x, y - sites.geometry[school].y) for x, y in blocks.points]
        for school in sites.index
    }
    for m, group in enumerate([*blocks.groups, "everybody"]):
        people = blocks.totals if group == "everybody" else blocks.counts[:, m]
        row = plan.burden.set_index("group").loc[group]
        moved = sum(n for n, old, new in zip(people, today, zones, strict=True) if old != new)
        late = sum(n * ways[new][b] for b, (n, new) in enumerate(zip(people, zones, strict=True))) / people.sum()
        early = sum(n * ways[old][b] for b, (n, old) in enumerate(zip(people, today, strict=True))) / people.sum()
        assert row["moved"] == moved
        assert row["share_moved"] == pytest.approx(moved / people.sum(), rel=1e-12)
        assert row["travel_after"] == pytest.approx(late, rel=1e-12)
        assert row["travel_before"] == pytest.approx(early, rel=1e-12)
        assert row["extra_travel"] == pytest.approx(late - early, abs=1e-9)
    assert plan.moved == plan.burden["moved"].iloc[-1] <= 0.2 * blocks.size
    table = plan.table.set_index("school")
    for school in sites.index:
        assert table.loc[school, "pupils"] == blocks.totals[zones == school].sum() <= sites.loc[school, "capacity"]
        assert table.loc[school, "minority"] == blocks.counts[zones == school, 1].sum()
        assert table.loc[school, "blocks"] == (zones == school).sum()
    assert (plan.zones["moved"].to_numpy() == (zones != today)).all()
    pairs = [tuple(row) for row in np.column_stack([blocks.counts[:, 1], blocks.totals - blocks.counts[:, 1]])]
    assert plan.value == pytest.approx(oracle.dissimilarity(pairs, zones.tolist()), abs=1e-12)
    assert plan.before == pytest.approx(oracle.dissimilarity(pairs, today.tolist()), abs=1e-12)
    assert plan.gap == plan.value - plan.bound
    assert set(plan.travel.columns) < set(plan.burden.columns)
    assert "Dissimilarity of 'minority'" in repr(plan)


def test_no_better_plan_is_said_only_where_it_is_true():
    frame = grid(1, 4, [(10, 0), (0, 10), (10, 0), (0, 10)], "ab").assign(today=["x", "x", "y", "y"])
    blocks = sg.Population.from_frame(frame, ["a", "b"])
    where = gpd.GeoDataFrame(geometry=shapely.points([(50, 50), (350, 50)]), crs=frame.crs, index=["x", "y"])
    plan = sg.schools.rezone(blocks, where, capacity=None, current="today", time_limit=5, rng=1)
    assert plan.status == "optimal"
    assert (plan.value, plan.bound, plan.gap, plan.moved) == (0.0, 0.0, 0.0, 0.0)
    assert plan.notes == ("no plan is better than the zones of today",)


def test_a_plan_that_ran_out_of_time_says_how_far_it_may_be(town):
    city, sites = town
    plan = sg.schools.rezone(
        city.blocks, sites, capacity="capacity", current="zone", group="minority", time_limit=0.3, rng=1
    )
    assert plan.status == "time limit"
    assert plan.bound < plan.value
    assert any(f"no better plan found, bound {plan.bound:.6g}" in note for note in plan.notes)


def test_pupils_go_back_where_that_costs_nothing():
    people = [(5, 5)] * 6
    frame = grid(1, 6, people, "ab").assign(today=["x", "x", "x", "y", "y", "y"])
    blocks = sg.Population.from_frame(frame, ["a", "b"])
    where = gpd.GeoDataFrame(geometry=shapely.points([(50, 50), (550, 50)]), crs=frame.crs, index=["x", "y"])
    for contiguous in (True, False):
        plan = sg.schools.rezone(
            blocks, where, capacity=40, current="today", contiguous=contiguous, time_limit=5, rng=3
        )
        assert plan.moved == 0


def test_the_same_seed_gives_the_same_plan(town):
    city, sites = town
    given = {"capacity": "capacity", "objective": "H", "current": "zone", "max_moved": 0.1, "time_limit": 20}
    one, other = (sg.schools.rezone(city.blocks, sites, **given, rng=5) for _ in range(2))
    pd.testing.assert_series_equal(one.assignment, other.assignment)
    assert one.value == other.value


def test_closed_schools_and_new_blocks_are_said(town):
    city, sites = town
    zones = city.zones.copy()
    zones.iloc[0] = None
    plan = sg.schools.rezone(
        city.blocks, sites.drop(index="S03"), capacity=None, group="minority", current=zones, time_limit=1, rng=1
    )
    forced = city.blocks.totals[(zones == "S03").to_numpy()].sum()
    assert plan.moved >= forced
    assert (
        f"15 blocks with {forced:,.6g} pupils go today to schools that are not among the schools ('S03')"
        in plan.notes[0]
    )
    assert plan.notes[1].startswith("1 block with")
    assert math.isnan(plan.before)
    whole = sg.schools.rezone(
        city.blocks, sites.drop(index="S03"), capacity=None, group="minority", current="zone", time_limit=1, rng=1
    )
    pairs = [
        tuple(row) for row in np.column_stack([city.blocks.counts[:, 1], city.blocks.counts[:, [0, 2]].sum(axis=1)])
    ]
    assert whole.before == pytest.approx(oracle.dissimilarity(pairs, city.zones.to_list()), abs=1e-12)


def test_progress_is_told_in_hundredths(town):
    city, sites = town
    seen = []
    sg.schools.rezone(
        *(city.blocks, sites),
        capacity="capacity",
        current="zone",
        max_moved=0.0,
        time_limit=5,
        progress=lambda done, n: seen.append((done, n)),
    )
    assert seen == [(k, 100) for k in range(1, 101)]


# other ways to say what is there -------------------------------------------------------


def test_tables_of_travel_and_blocks_without_geometry():
    case = Case(1)
    costs = pd.DataFrame(case.asked["cost"], index=case.blocks.ids, columns=case.names)
    plain = sg.Population.from_frame(pd.DataFrame(case.blocks.to_frame().drop(columns="geometry")), ["a", "b"])
    schools = pd.DataFrame(case.schools.drop(columns="geometry"))
    given = case.options | {"time_limit": 20, "rng": 1}
    plan = sg.schools.rezone(plain, schools, **given, travel=costs)
    assert plan.value == case.plan().value
    assert plan.burden["travel_after"].notna().all()
    far = costs.where(costs <= given["max_travel"])
    by_table = sg.schools.rezone(plain, schools, **(given | {"max_travel": None}), travel=far)
    assert by_table.value == plan.value
    unknown = sg.schools.rezone(plain, schools, **(given | {"max_travel": None}))
    assert unknown.notes[0].startswith("travel is not known")
    assert unknown.burden["travel_after"].isna().all()


def test_neighbours_can_be_given_as_an_array():
    case = Case(2)
    n = case.blocks.n_units
    links = np.zeros((n, n))
    for b, others in enumerate(case.asked["neighbours"]):
        links[b, others] = 1
    import scipy.sparse

    assert case.plan(contiguous=scipy.sparse.csr_array(links)).value == case.plan().value


@pytest.mark.parametrize("where", ["one block", "outside"])
def test_schools_that_share_a_block_or_lie_in_none(where):
    people = [(9, 1), (8, 1), (1, 7), (2, 9), (5, 3), (1, 1)]
    frame = grid(2, 3, people, "ab")
    blocks = sg.Population.from_frame(frame, ["a", "b"])
    points = {"one block": [(40, 50), (60, 50)], "outside": [(-50, 50), (350, 50)]}[where]
    schools = gpd.GeoDataFrame(geometry=shapely.points(points), crs=frame.crs, index=["x", "y"])
    plan = sg.schools.rezone(blocks, schools, capacity=30, time_limit=10, rng=1)
    neighbours = [[1, 3], [0, 2, 4], [1, 5], [0, 4], [1, 3, 5], [2, 4]]
    possible = oracle.possible(people, low=[0, 0], high=[30, 30], neighbours=neighbours)
    assert plan.value == pytest.approx(min(oracle.dissimilarity(people, zones) for zones in possible), abs=1e-12)
    assert plan.status == "optimal"
    said = {"one block": "2 schools in a block with another", "outside": "2 schools in no block"}[where]
    assert plan.notes[0].startswith(said)


def test_a_school_on_a_border_has_the_first_block():
    frame = grid(1, 3, [(5, 1), (1, 5), (3, 3)], "ab")
    blocks = sg.Population.from_frame(frame, ["a", "b"])
    schools = gpd.GeoDataFrame(geometry=shapely.points([(100, 50), (250, 50)]), crs=frame.crs, index=["x", "y"])
    plan = sg.schools.rezone(blocks, schools, capacity=None, time_limit=5, rng=1)
    assert plan.assignment["b0"] == "x"
    assert plan.notes[0].startswith("1 school on the border of blocks (first: 'x')")


# other indices -------------------------------------------------------------------------


def entropy(row):
    total = sum(row)
    return -sum(n / total * math.log(n / total) for n in row if n > 0)


def information(people, zones):
    sizes = [sum(column) for column in zip(*people, strict=True)]
    inside = 0.0
    for school in set(zones):
        row = [sum(r[m] for r, z in zip(people, zones, strict=True) if z == school) for m in range(len(sizes))]
        if sum(row):
            inside += sum(row) / sum(sizes) * entropy(row)
    return 1 - inside / entropy(sizes)


@pytest.mark.parametrize("seed", [1, 2, 4, 5, 13])
def test_another_index_is_improved_within_the_limits(seed):
    case = Case(seed)
    plans = case.possible()
    plan = case.plan(objective="H")
    zones = case.zones(plan)
    assert zones in plans
    assert plan.value == pytest.approx(information(case.people, zones), abs=1e-12)
    assert plan.value >= min(information(case.people, one) for one in plans) - 1e-12
    near = [one for one in plans if sum(old != new for old, new in zip(one, zones, strict=True)) == 1]
    assert all(information(case.people, one) >= plan.value - 1e-9 for one in near)
    assert plan.status == "local search"
    assert math.isnan(plan.bound)
    assert math.isnan(plan.gap)
    least = min(map(case.value, plans))
    assert plan.dissimilarity_bound <= least + 1e-12 <= plan.dissimilarity + 2e-12
    assert plan.dissimilarity == pytest.approx(case.value(zones), abs=1e-12)
    assert any("a bound of that index, not of the objective" in note for note in plan.notes)


def test_exposure_is_raised():
    case = Case(2)
    plan = case.plan(objective="exposure", group="a")
    apart = case.plan(objective="isolation", group="a")
    assert plan.value >= plan.before
    assert apart.value <= apart.before
    assert plan.value == pytest.approx(1 - apart.value, abs=1e-12)


# frontiers -----------------------------------------------------------------------------


def test_a_frontier_is_the_best_for_each_limit():
    case = Case(2)
    limits = [0, 20, 45, 70, 200]
    given = {key: value for key, value in case.options.items() if key != "max_moved"}
    line = sg.schools.frontier(case.blocks, case.schools, **given, values=limits[::-1], time_limit=60, rng=1)
    table = line.table
    assert table["limit"].to_list() == limits
    for limit, row in zip(limits, table.to_dict("records"), strict=True):
        case.asked["max_moved"] = limit
        least = min(map(case.value, case.possible()), default=None)
        if least is None:
            assert row["status"] == "infeasible"
            assert math.isnan(row["value"])
            continue
        assert row["value"] == pytest.approx(least, abs=1e-12)
        assert row["bound"] <= least + 1e-12
        assert row["moved"] <= limit
    known = table["value"].dropna()
    assert known.is_monotonic_decreasing
    assert table["bound"].dropna().is_monotonic_decreasing
    dominated = np.r_[False, np.diff(known) > -1e-12]
    assert table["dominated"][known.index].to_list() == dominated.tolist()
    assert set(line.plans) == set(table["limit"][known.index])


def test_a_frontier_without_time_is_monotone_all_the_same(town):
    city, sites = town
    given = {"capacity": "capacity", "group": "minority", "current": "zone"}
    for over in ("max_moved", "max_travel"):
        table = sg.schools.frontier(city.blocks, sites, **given, over=over, time_limit=1.5, rng=2).table
        assert table["value"].is_monotonic_decreasing
        assert table["bound"].is_monotonic_decreasing
        assert (table["bound"] <= table["value"]).all()
        assert (table["gap"] == table["value"] - table["bound"]).all()
    assert len(table) == 6


def test_a_frontier_of_another_index_has_no_bound(town):
    city, sites = town
    line = sg.schools.frontier(
        *(city.blocks.versus("minority"), sites),
        capacity="capacity",
        current="zone",
        objective="exposure",
        group="minority",
        values=[0.0, 0.1, 0.3],
        time_limit=3,
        rng=2,
    )
    assert line.table["value"].is_monotonic_increasing
    assert line.table["bound"].isna().all()


def test_problems_keep_what_they_say():
    case = Case(2)
    problem = problem_of(case)
    assert isinstance(problem, Problem)
    for zones in case.possible()[:20]:
        assert problem.breaks(np.array(zones)) == {}
    apart = np.zeros(problem.n, dtype=np.int64)
    assert problem.breaks(apart)
