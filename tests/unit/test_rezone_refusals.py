"""School zones that cannot be: which limit, and by how much; and arguments that cannot be used."""

import builtins
import sys

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import shapely

import segregate as sg
from segregate.errors import DataError, GeometryError, MissingDependencyError, ParameterError, UnknownNameError
from segregate.schools import NoPlanError
from tests.unit import oracle_rezone as oracle
from tests.unit.rezone_cases import Case, grid


@pytest.fixture
def row():
    """Six blocks in a row, a school at each end."""
    people = [(9, 1), (8, 2), (7, 3), (3, 7), (2, 8), (1, 9)]
    frame = grid(1, 6, people, "ab").assign(today=["x", "x", "x", "y", "y", "y"])
    schools = gpd.GeoDataFrame(
        {"seats": [40, 40]}, geometry=shapely.points([(50, 50), (550, 50)]), crs=frame.crs, index=["x", "y"]
    )
    return sg.Population.from_frame(frame, ["a", "b"]), schools


def asked(row, **options):
    return sg.schools.rezone(*row, **({"capacity": "seats", "current": "today", "time_limit": 5, "rng": 1} | options))


# by how much ---------------------------------------------------------------------------


def least(case, name):
    """Return the least by which a limit must be passed, by brute force."""
    free = {"seats": "high", "pupils short": "low", "moved": "max_moved", "travel": "max_travel"}[name]
    many, given = len(case.asked["high"]), dict(case.asked)
    given[free] = {"high": [1e9] * many, "low": [0] * many}.get(free)
    pupils, limits = [sum(one) for one in case.people], case.asked
    found = []
    for zones in oracle.possible(case.people, **given):
        loads = [sum(n for n, z in zip(pupils, zones, strict=True) if z == s) for s in range(many)]
        found.append(
            {
                "high": lambda loads=loads: sum(max(k - h, 0) for k, h in zip(loads, limits["high"], strict=True)),
                "low": lambda loads=loads: sum(max(h - k, 0) for k, h in zip(loads, limits["low"], strict=True)),
                "max_moved": lambda zones=zones: (
                    sum(n for n, a, b in zip(pupils, limits["today"], zones, strict=True) if a != b)
                    - limits["max_moved"]
                ),
                "max_travel": lambda zones=zones: sum(
                    n
                    for b, (n, s) in enumerate(zip(pupils, zones, strict=True))
                    if limits["cost"][b][s] > limits["max_travel"]
                ),
            }[free]()
        )
    return min(found, default=None)


@pytest.mark.parametrize(
    ("seed", "name", "argument"),
    [
        (10, "seats", "capacity="),
        (20, "seats", "capacity="),
        (62, "seats", "capacity="),
        (41, "seats", "capacity="),
        (41, "travel", "max_travel="),
        (25, "pupils short", "fill="),
        (161, "moved", "max_moved="),
    ],
)
def test_the_least_violation_is_that_of_brute_force(seed, name, argument):
    case = Case(seed)
    with pytest.raises(NoPlanError, match="No plan keeps all limits") as error:
        case.plan()
    table = error.value.table
    whole = table[(table["limit"] == argument) & (table["where"] == "") & table["message"].str.contains("else holds")]
    assert whole["by"].item() == pytest.approx(least(case, name), abs=1e-6)
    at = table[(table["limit"] == argument) & table["where"].isin(case.names) & (table["message"] == "")]
    if len(at):
        assert at["by"].sum() == pytest.approx(whole["by"].item(), abs=1e-6)


def test_blocks_without_a_school_within_the_limit_are_named(row):
    with pytest.raises(
        NoPlanError, match=r"2 blocks with 20 pupils have no school within max_travel=150 \(first: 'b2', 'b3'\)"
    ) as e:
        asked(row, max_travel=150)
    assert "the farthest needs 200 m" in str(e.value)
    assert e.value.table["where"].to_list() == ["b2", "b3"]
    assert e.value.table["by"].to_list() == [50.0, 50.0]


def test_blocks_that_cannot_reach_a_school_at_all_are_named(row):
    blocks, schools = row
    costs = pd.DataFrame(1.0, index=blocks.ids, columns=schools.index)
    costs.loc["b4"] = np.nan
    with pytest.raises(NoPlanError, match=r"1 block cannot reach any school \(first: 'b4'\); complete travel="):
        asked(row, travel=costs)
    with pytest.raises(NoPlanError, match=r"1 of them cannot reach any school at all"):
        asked(row, travel=costs, max_travel=3)


def test_too_few_seats_in_all(row):
    with pytest.raises(NoPlanError, match="there are 60 pupils and 50 seats: short by 10") as error:
        asked(row, capacity=25)
    assert error.value.table.iloc[0].to_dict() == {
        "limit": "capacity=",
        "where": "",
        "by": 10.0,
        "unit": "pupils",
        "message": "there are 60 pupils and 50 seats: short by 10",
    }


def test_too_many_pupils_asked_for(row):
    with pytest.raises(NoPlanError, match="schools ask for 72 pupils and there are 60: 12 are missing"):
        asked(row, fill=(0.9, 1.0))


def test_pupils_who_must_move(row):
    with pytest.raises(
        NoPlanError, match="30 pupils cannot stay at the school of today, and 10 may change: 20 more must"
    ):
        asked((row[0], row[1].drop(index="y")), capacity=None, max_moved=10)


def test_too_many_pupils_of_whom_one_school_is_left(row):
    costs = pd.DataFrame({"x": [1.0] * 6, "y": [np.nan] * 5 + [1.0]}, index=row[0].ids)
    with pytest.raises(NoPlanError, match="50 pupils may go to 'x' only, which takes 40: short by 10"):
        asked(row, travel=costs)


def test_a_block_cut_off(row):
    apart = scipy.sparse.csr_array(([1, 1, 1], ([0, 1, 4], [1, 2, 5])), shape=(6, 6))
    with pytest.raises(
        NoPlanError, match=r"1 block with 10 pupils has no way over neighbouring .*\(first: 'b3'\)"
    ) as error:
        asked(row, contiguous=apart)
    assert error.value.table["limit"].to_list() == ["contiguous="]


def test_zones_that_cannot_hang_together(row):
    """Blocks in the middle must change places over each other."""
    blocks, schools = row
    costs = pd.DataFrame(1.0, index=blocks.ids, columns=schools.index)
    costs.loc["b1", "x"] = np.nan
    costs.loc["b4", "y"] = np.nan
    with pytest.raises(NoPlanError, match=r"hangs together with them \(contiguous=\)"):
        asked(row, travel=costs)


def test_what_is_kept_against_the_other_limits(row):
    with pytest.raises(NoPlanError, match="keep= leaves the block 'b2' to 'x', which max_travel= does not"):
        asked(row, keep=["b2"], max_travel=290, travel=pd.DataFrame({"x": 300.0, "y": 250.0}, index=row[0].ids))
    swapped = pd.Series(["y", "x", "x", "y", "y", "x"], index=row[0].ids)
    with pytest.raises(NoPlanError, match="keep= leaves the block 'b0' to 'y', and 'x' lies in it"):
        asked(row, keep=["b0"], current=swapped)
    with pytest.raises(NoPlanError, match="'b0' is that of 'x', which is beyond max_travel="):
        asked(row, max_travel=5, travel=pd.DataFrame({"x": 9.0, "y": 1.0}, index=row[0].ids))


def test_a_time_that_is_too_short_rules_nothing_out(row, monkeypatch):
    from segregate.schools import _rezone_task as tasks
    from segregate.schools._rezone_solve import Outcome

    nothing = Outcome(None, np.inf, 0.0, "time limit", np.inf, "")
    monkeypatch.setattr(tasks, "solve", lambda *_, **__: nothing)
    with pytest.raises(NoPlanError, match=r"No plan was found in the time, and none is ruled out: give more time"):
        asked(row)


# arguments -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"capacity": "rooms"}, UnknownNameError, "rooms"),
        ({"capacity": 0}, ParameterError, "capacity=0 is no room"),
        ({"capacity": {"x": 30}}, DataError, r"1 school without a number of seats .*\(first: 'y'\)"),
        ({"capacity": [30, 30]}, ParameterError, "not list"),
        ({"capacity": None, "fill": (0.5, 1.0)}, ParameterError, "shares of capacity=, which is None"),
        ({"fill": (1.0, 0.5)}, ParameterError, "two shares of the capacity"),
        ({"fill": 0.5}, ParameterError, "two shares of the capacity"),
        ({"max_travel": -1}, ParameterError, "max_travel=-1 is a number above 0"),
        ({"max_moved": "all"}, ParameterError, "max_moved='all' is a share"),
        ({"max_moved": 0.1, "current": None}, ParameterError, "say where they go today"),
        ({"current": "zone"}, UnknownNameError, "no column 'zone'"),
        ({"current": {"b0": "far"}}, UnknownNameError, r"None of the schools of today \('far'\)"),
        ({"current": {"other": "x"}}, DataError, "No block has a school of today"),
        ({"keep": ["b9"]}, UnknownNameError, "keep= names 'b9', which is no block and no school"),
        ({"keep": ["b1"], "current": None}, ParameterError, "say how: current="),
        ({"keep": ["b1"], "current": {"b0": "x"}}, ParameterError, "has no school of today"),
        ({"contiguous": "queen"}, ParameterError, "contiguous= is True, False, or a sparse array"),
        ({"contiguous": scipy.sparse.eye_array(3)}, ParameterError, "contiguous= is 3 x 3"),
        ({"objective": "moran"}, UnknownNameError, "moran"),
        ({"objective": "spatial_proximity"}, ParameterError, "sees where units lie"),
        ({"objective": "divergence"}, ParameterError, "sees where units lie, or each unit"),
        ({"objective": "entropy"}, ParameterError, "whatever their schools"),
        ({"group": "b"}, ParameterError, "put 'b' first"),
        ({"time_limit": 0}, ParameterError, "time_limit=0"),
    ],
)
def test_arguments_that_cannot_be_used(row, options, error, message):
    with pytest.raises(error, match=message):
        asked(row, **options)


def test_a_name_of_a_block_and_a_school(row):
    blocks, schools = row
    with pytest.raises(ParameterError, match="'b0', which is a block and a school"):
        asked(
            (blocks, schools.rename(index={"x": "b0"})),
            keep="b0",
            current=pd.Series(["b0", "b0", "b0", "y", "y", "y"], index=blocks.ids),
        )


def test_data_that_cannot_be_used(row):
    blocks, schools = row
    with pytest.raises(ParameterError, match="blocks is a Population, not DataFrame"):
        asked((pd.DataFrame(), schools))
    one = sg.Population.from_frame(grid(1, 2, [(1, 0), (2, 0)], "ab"), ["a", "b"])
    with pytest.raises(ParameterError, match="Pupils of two groups are needed"):
        asked((one, schools), current=None)
    points = gpd.GeoDataFrame(blocks.to_frame())
    points = points.set_geometry(points.centroid)
    with pytest.raises(GeometryError, match=r"Zones that hang together need blocks with borders; .*contiguous=False"):
        asked((sg.Population.from_frame(points, ["a", "b"]), schools))
    assert asked((sg.Population.from_frame(points, ["a", "b"]), schools), contiguous=False).status == "optimal"


def test_frontiers_that_cannot_be(row):
    given = {"capacity": "seats", "time_limit": 2}
    for options, message in (
        ({"over": "capacity"}, "over"),
        ({"max_moved": 0.1, "current": "today"}, "max_moved is varied"),
        ({}, "say where they go today"),
        ({"current": "today", "values": []}, "numbers of 0 or more"),
        ({"current": "today", "values": [-1]}, "numbers of 0 or more"),
        ({"current": "today", "values": [0.5, 20]}, "all shares .* or all numbers"),
    ):
        with pytest.raises((ParameterError, UnknownNameError), match=message):
            sg.schools.frontier(*row, **(given | options))
    plain = sg.Population.from_frame(pd.DataFrame(row[0].to_frame().drop(columns="geometry")), ["a", "b"])
    with pytest.raises(ParameterError, match="needs travel"):
        sg.schools.frontier(plain, row[1], **given, over="max_travel", contiguous=False)


def test_without_the_solver_it_says_what_to_install(row, monkeypatch):
    real = builtins.__import__
    monkeypatch.delitem(sys.modules, "highspy", raising=False)
    import importlib

    def missing(name, *args):
        if name == "highspy":
            raise ModuleNotFoundError("No module named 'highspy'", name="highspy")
        return real(name, *args)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(MissingDependencyError, match=r"pip install 'segregate\[rezone\]'"):
        asked(row)
