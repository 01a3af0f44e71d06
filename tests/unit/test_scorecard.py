"""The sheet of measured outcomes: its lines, peers and trends, and what it says it is not."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

import segregate as sg
from segregate.errors import DataError, ParameterError, UnknownNameError

GROUPS = ["a", "b", "c"]


def people(seed=1, n=12, scale=1):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.integers(1, 60, (n, 3)) * scale, columns=GROUPS, index=[f"u{k}" for k in range(n)])
    return sg.Population.from_frame(frame, GROUPS)


def reached(pop, seed=0, method="2sfca"):
    rng = np.random.default_rng(seed)
    costs = rng.uniform(0, 40, (pop.n_units, 3))
    costs[0] = 99
    limits = {"reach": 30} if method == "2sfca" else {}
    return sg.access(pop, pd.DataFrame(index=["x", "y", "z"]), costs, method=method, **limits)


FEW = {"replicates": 49, "rng": 1}


def test_populations_are_measured():
    pop = people()
    table = sg.scorecard({"education": pop}, group="b", **FEW).table.set_index("index")
    assert table.index.tolist() == ["information_theory", "dissimilarity", "correlation_ratio"]
    assert table["value"].tolist() == pytest.approx(
        [sg.information_theory(pop), sg.dissimilarity(pop.versus("b")), sg.correlation_ratio(pop, group="b")]
    )
    drawn = sg.bootstrap(pop, "D", group="b", interval="basic", **FEW)
    assert table.loc["dissimilarity", ["low", "high"]].tolist() == [drawn.low, drawn.high]
    assert table["group"].tolist() == ["", "b", "b"]
    assert (table["better"] == "lower").all()
    assert table["indicator"].iloc[0] == "How unevenly all groups are spread over schools"
    assert table["indicator"].iloc[1] == "Part of b who would have to move for an even spread"
    assert table["since"].isna().all()
    assert sg.scorecard({"housing": pop}, **FEW).table["indicator"].item().endswith("over the units")


def test_exposure_is_that_to_all_others():
    pop, later = people(1), people(2)
    row = sg.scorecard({"housing": {1: pop, 2: later}}, group="a", indices="exposure", **FEW).table.iloc[0]
    assert row["value"] == pytest.approx(1 - sg.isolation(later, group="a"), rel=1e-12)
    assert row["earlier"] == pytest.approx(1 - sg.isolation(pop, group="a"), rel=1e-12)
    assert row["low"] < row["high"]
    assert row["change_low"] < row["change_high"]
    assert (row["better"], row["indicator"]) == ("higher", "Share of all others around a")


def test_years_make_a_trend():
    first, middle, last = people(1), people(2), people(3)
    sheet = sg.scorecard({"neighborhoods": {2020: last, 2000: first, 2010: middle}}, indices="D", group="a", **FEW)
    row = sheet.table.iloc[0]
    assert row["theme"] == "neighbourhoods"
    assert (row["since"], row["year"]) == (2000, 2020)
    before, now = (sg.dissimilarity(pop.versus("a")) for pop in (first, last))
    assert [row["earlier"], row["value"], row["change"]] == pytest.approx([before, now, now - before])
    change = sg.trend({2000: first, 2020: last}, "D", group="a", **FEW).table.iloc[1]
    assert [row["change_low"], row["change_high"]] == change[["change_low", "change_high"]].tolist()
    years = sg.scorecard({"education": {"2016-17": first, "2018/19": last}}, **FEW).table.iloc[0]
    assert (years["since"], years["year"]) == ("2016/17", "2018/19")


def test_it_says_what_it_is_not():
    sheet = sg.scorecard({"education": people()}, **FEW)
    said = "not the score of the Council of Europe's Intercultural Cities programme"
    assert said in sheet.table.attrs["segregate"]["statement"]
    assert said in repr(sheet)
    assert said.replace("'", "&#x27;") in sheet._repr_html_()
    assert len(repr(sheet).splitlines()[1]) < 120


def test_access_is_a_ratio():
    pop = people()
    found = reached(pop)
    table = sg.scorecard({"public services": found}).table
    assert table["index"].tolist() == ["access", "without_access"] * 3
    means = found.table.set_index("group")["mean"]
    assert table.loc[table["index"] == "access", "value"].tolist() == pytest.approx(
        (means[GROUPS] / means[""]).tolist()
    )
    assert table["better"].tolist() == ["higher", "lower"] * 3
    assert table["low"].isna().all()
    assert table["note"].str.contains("no interval").all()
    near = sg.scorecard({"public services": reached(pop, method="nearest")}, group="c").table
    assert near["indicator"].tolist() == ["Way of c to the nearest, against everybody"]
    assert near["better"].tolist() == ["lower"]
    years = sg.scorecard({"public services": {2015: reached(pop, 1), 2025: reached(pop, 2)}}, group="a").table.iloc[0]
    old = reached(pop, 1).table.set_index("group")["mean"]
    assert years["earlier"] == pytest.approx(old["a"] / old[""])
    assert years["change"] == pytest.approx(years["value"] - years["earlier"])
    assert (years["since"], years["year"]) == (2015, 2025)


def test_meeting_and_gap():
    pop = people()
    rng = np.random.default_rng(3)
    found = sg.meeting(pop, {"squares": sg.Flows(rng.uniform(0, 1, (12, 4)))})
    table = sg.scorecard({"public space": found}, group="b").table
    expected = found.table.query("setting == 'squares' and group == 'b' and versus == 'b'")["value"].item()
    assert table["value"].tolist() == [expected]
    assert table["indicator"].item() == "Share of b around their own members (squares)"
    assert "at home" in table["note"].item()
    whole = sg.meeting(pop, {"squares": sg.Flows(rng.uniform(0, 1, (12, 4)))}, "H")
    assert len(sg.scorecard({"public space": [found, whole]}).table) == 4
    homes = pop.to_frame().assign(zone=["x", "y"] * 6)
    homes = sg.Population.from_frame(homes, GROUPS)
    assigned = homes.to_frame().groupby("zone")[GROUPS].sum()
    gap = sg.schools.gap(sg.Population.from_frame(assigned, GROUPS), homes, zones="zone")
    lines = sg.scorecard({"education": gap}).table
    assert lines["value"].tolist() == pytest.approx([gap.schools, gap.zoning + gap.choice])
    assert "residence" in lines["note"].iloc[0]


def test_peers_by_city():
    pop, cities = people(1), {f"city {k}": people(k) for k in range(2, 7)}
    row = sg.scorecard({"housing": pop}, group="a", indices="V", peers=cities, **FEW).table.iloc[0]
    values = [sg.correlation_ratio(city, group="a") for city in cities.values()]
    assert [row["peer_low"], row["peer_middle"], row["peer_high"]] == pytest.approx(
        [min(values), float(np.median(values)), max(values)]
    )
    assert row["peers"] == 5
    assert row["peers_better"] == sum(value < row["value"] for value in values)
    both = {"housing": pop, "education": pop}
    with pytest.raises(ParameterError, match="2 themes of the sheet hold populations"):
        sg.scorecard(both, peers=cities, **FEW)
    table = sg.scorecard(both, peers={"schools": cities}, **FEW).table.set_index("theme")
    assert table["peers"].to_dict() == {"housing": 0, "education": 5}


def test_peers_of_a_table():
    table = pd.DataFrame(
        {"city": list("pqrs"), "index": ["information_theory"] * 3 + ["access"], "value": [0.1, 0.2, 0.9, 1.2]}
    )
    pop = people()
    sheet = sg.scorecard({"education": pop, "public services": reached(pop)}, peers=table, **FEW).table
    assert sheet.set_index("index").loc["information_theory", ["peers", "peer_low", "peer_high"]].tolist() == [
        3,
        0.1,
        0.9,
    ]
    access = sheet[sheet["index"] == "access"]
    assert access["peers"].tolist() == [1, 1, 1]
    assert access["peers_better"].tolist() == [int(value < 1.2) for value in access["value"]]


def test_notes_on_intervals():
    frame = people().to_frame() * 0.37
    row = sg.scorecard({"housing": sg.Population.from_frame(frame, GROUPS)}, **FEW).table.iloc[0]
    assert "not a whole number" in row["note"]
    pop = people()
    part = pop.within(sg.Weights(scipy.sparse.csr_array(np.ones((12, 12))))).subset(np.arange(12) < 6)
    row = sg.scorecard({"housing": part}, **FEW).table.iloc[0]
    assert row["note"].startswith("no interval: The matrix of weights is for 12 units")
    assert np.isnan(row["low"])
    assert np.isfinite(row["value"])


def test_sources_and_order_of_themes():
    pop = people()
    sheet = sg.scorecard({"housing": pop, "education": pop}, sources={"housing": "City register 2024"}, **FEW)
    assert sheet.table["theme"].tolist() == ["education", "housing"]
    assert sheet.table["source"].tolist() == ["", "City register 2024"]
    assert sg.scorecard({"education": pop}, indices={"education": ["D", "entropy"]}, **FEW).table[
        "better"
    ].tolist() == [
        "lower",
        "",
    ]


@pytest.mark.parametrize(
    ("data", "given", "kind", "message"),
    [
        ({"transport": 1}, {}, UnknownNameError, "There is no theme 'transport'"),
        ({}, {}, ParameterError, "what was measured by theme"),
        ({"education": "file.csv"}, {}, ParameterError, "'education' holds 'str'"),
        ({"education": {}}, {}, ParameterError, "mapping of no years"),
        ({"education": {"soon": people()}}, {}, ParameterError, "is no school year"),
        ({"education": {2000: people(), 2010: 3}}, {}, ParameterError, "'education' holds 'Population', 'int'"),
        ({"education": people()}, {"group": "z"}, UnknownNameError, "There is no group 'z'"),
        ({"education": people()}, {"indices": "divergence"}, ParameterError, "a sheet shows indices of the whole"),
        ({"education": people()}, {"peers": [1]}, ParameterError, "peers= is {theme"),
        (
            {"education": people()},
            {"peers": {"housing": {"x": people()}}},
            ParameterError,
            "names 'housing', for",
        ),
        ({"education": people()}, {"peers": {"education": [1]}}, ParameterError, "a mapping of cities"),
        ({"education": people()}, {"peers": pd.DataFrame({"x": [1]})}, ParameterError, "with the column value"),
        (
            {"education": people()},
            {"peers": pd.DataFrame({"index": ["gini"], "value": [1]})},
            DataError,
            "No row of peers= fits",
        ),
        ({"education": []}, {}, DataError, "nothing to put on the sheet"),
    ],
)
def test_refused(data, given, kind, message):
    with pytest.raises(kind, match=message):
        sg.scorecard(data, **{**FEW, **given})


def test_groups_that_are_not_in_results():
    pop = people()
    with pytest.raises(UnknownNameError, match="no group 'z' in the access"):
        sg.scorecard({"public services": reached(pop)}, group="z")
    with pytest.raises(UnknownNameError, match="no group 'z' in the settings"):
        sg.scorecard({"public space": sg.meeting(pop, {"x": sg.Flows(np.ones((12, 2)))})}, group="z")
    with pytest.raises(ParameterError, match="takes what was measured by theme"):
        sg.scorecard(pop)
