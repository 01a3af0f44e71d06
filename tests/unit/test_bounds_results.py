"""What `segregate.bounds` returns, refuses and draws."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

import segregate as sg
from segregate.inference import table_bounds
from segregate.plot.bounds_bars import draw_bounds, prepare_bounds


@pytest.fixture(autouse=True)
def no_figure_is_left():
    yield
    pyplot.close("all")


def schools(totals="known", sizes="free", by=2):
    pop = sg.sample("schools").versus("black")
    return pop.with_intervals(np.maximum(pop.counts - by, 0), pop.counts + by, totals=totals, sizes=sizes)


def of(counts, low=None, high=None, **known):
    counts = np.asarray(counts, dtype=float)
    groups = list("abcd")[: counts.shape[1]]
    pop = sg.Population.from_frame(pd.DataFrame(counts, columns=groups, index=list("uvwxyz")[: len(counts)]), groups)
    return pop.with_intervals(counts if low is None else low, counts if high is None else high, **known)


def test_the_result():
    pop = schools()
    found = sg.bounds(pop, "D")
    assert found.value == sg.dissimilarity(pop)
    assert found.low < found.value < found.high
    assert isinstance(found.guaranteed.low, bool)
    assert found.lowest.index.equals(pop.ids)
    assert found.lowest.columns.tolist() == ["black", "rest"]
    for value, table in ((found.low, found.lowest), (found.high, found.highest)):
        assert value == pytest.approx(sg.dissimilarity(sg.Population.from_frame(table, list(table))), rel=1e-12)
    table = found.table
    assert table.columns.tolist() == ["index", "group", "versus", "params", "end", "value", "guaranteed", "outer"]
    assert table["end"].tolist() == ["low", "high"]
    assert table["value"].tolist() == [found.low, found.high]
    assert table["guaranteed"].tolist() == [True, True]
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.low = 0


def test_what_it_says():
    found = sg.bounds(schools(), "D")
    lines = repr(found).splitlines()
    assert lines[0] == (
        f"Dissimilarity: {found.value:.4g}, from {found.low:.4g} to {found.high:.4g}; 80 cells known as intervals"
    )
    assert lines[-1] == "note: the table of low holds parts of people; whole people stay within"
    gini = sg.bounds(schools(), "G")
    assert f"from {gini.low:.4g} (found; not below {gini.outer.low:.4g} proven) to" in repr(gini)
    assert "note: low and high found by a search, not proven; no table passes `outer`" in repr(gini)
    assert "<table" in gini._repr_html_()


def test_nothing_is_uncertain():
    found = sg.bounds(of([[4, 2], [1, 5]]), "H")
    assert found.low == found.value == found.high
    assert found.guaranteed == (True, True)
    assert found.outer == (found.value, found.value)
    assert found.notes == ("no cell is uncertain: the intervals and the known sums leave one table",)
    assert (found.cells, found.people) == (0, 0)


def test_known_sums_may_leave_one_table():
    """One cell of each unit is open, and the total of the unit says what it holds."""
    found = sg.bounds(of([[4, 2], [1, 5]], [[0, 2], [1, 0]], [[9, 2], [1, 9]]), "D")
    assert found.cells == 0
    assert found.low == found.high == found.value
    free = sg.bounds(of([[4, 2], [1, 5]], [[0, 2], [1, 0]], [[9, 2], [1, 9]], totals="free"), "D")
    assert free.cells == 2
    assert free.low < free.value < free.high


def test_undefined_on_the_counts():
    pop = of([[4, 0], [1, 0]], [[4, 0], [1, 0]], [[4, 3], [1, 3]], totals="free")
    with pytest.warns(sg.UndefinedIndexWarning):
        found = sg.bounds(pop, "D")
    assert np.isnan([found.value, found.low, found.high, *found.outer]).all()
    assert found.guaranteed == (False, False)
    assert found.notes[0] == "undefined: only one group has people here ('a')"


def test_a_group_that_may_be_empty():
    """Tables in which nobody is of the group have no value and are left out."""
    pop = of([[1, 9], [1, 9]], [[0, 8], [0, 8]], [[2, 10], [2, 10]])
    found = sg.bounds(pop, "D")
    assert found.high == pytest.approx(10 / 18, abs=1e-12)  # all of a in one unit: 1 - 8/18
    assert found.low == pytest.approx(0, abs=1e-8)


def test_a_value_that_is_only_come_near():
    """Where nobody is left of the others isolation has no value; it comes as near to 1 as one likes before that."""
    found = sg.bounds(of([[7, 1], [3, 0]], [[3, 0], [2, 0]], [[9, 5], [3, 2]]), "isolation", group="a")
    assert 0.95 < found.high <= 1
    assert found.outer.high == pytest.approx(1)


def test_a_group_and_the_rest():
    counts = np.array([[9, 4, 1], [2, 8, 3], [5, 5, 5], [1, 2, 8]])
    pop = of(counts, counts - 1, counts + 1)
    assert sg.bounds(pop, "D", group="a").high == pytest.approx(sg.bounds(pop.versus("a"), "D").high)
    assert sg.bounds(pop, "D", group="a", other="b").high == pytest.approx(sg.bounds(pop.select("a", "b"), "D").high)
    found = sg.bounds(pop, "isolation", group="b")
    assert found.about["group"] == "b"
    assert found.lowest.columns.tolist() == ["a", "b", "c"]


def test_known_sizes_that_are_lost():
    counts = np.array([[9, 4, 1], [2, 8, 3], [5, 5, 5], [1, 2, 8]])
    low, high = counts - 1, counts + 1
    low[:, 1] = high[:, 1] = counts[:, 1]
    pop = of(counts, low, high, totals="free")
    sums = dataclasses.replace(pop.uncertainty, sizes_known=np.array([False, True, False]))
    known = dataclasses.replace(pop, uncertainty=sums)
    note = "the known size of 'b' is not used, as other groups of unknown size are put together with it"
    assert note in sg.bounds(known, "D", group="a").notes
    assert note not in sg.bounds(known, "D", group="b").notes


def test_parameters_are_kept():
    pop = schools()
    nats, bits = sg.bounds(pop, "M"), sg.bounds(pop, sg.bind("M", base=2))
    assert bits.low == pytest.approx(nats.low / np.log(2), abs=1e-8)
    assert bits.high == pytest.approx(nats.high / np.log(2), abs=1e-8)
    assert bits.guaranteed == nats.guaranteed == (True, True)


def test_indices_of_the_sizes():
    pop = schools(totals="free", sizes="known")
    for index in ("entropy", "simpson"):
        found = sg.bounds(pop, index)
        assert found.low == pytest.approx(found.high)
        assert found.guaranteed == (True, True)


@pytest.mark.parametrize("index", ["A", "O", "entropy", "CP", "KLg", "G"])
@pytest.mark.parametrize("totals", ["known", "free"])
def test_indices_that_are_searched(index, totals):
    """What is found is reached, and wider than the counts moved a little at random."""
    pop = schools(totals=totals)
    found = sg.bounds(pop, index)
    assert found.low < found.value < found.high
    assert found.outer.low <= found.low
    assert found.outer.high >= found.high
    rng = np.random.default_rng(0)
    function = getattr(sg, found.about["index"])
    for _ in range(20):
        first = pop.counts[:, 0] + rng.uniform(-1, 1, pop.n_units) * np.minimum(2, pop.counts[:, 0])
        table = pd.DataFrame({"black": first, "rest": pop.totals - first})
        assert found.low <= function(sg.Population.from_frame(table, ["black", "rest"])) <= found.high


def test_a_bound_that_a_table_passes_proves_nothing(monkeypatch):
    """Should a solver ever be wrong, the end that contradicts it is not called proven."""
    right = table_bounds.range_of
    monkeypatch.setattr(table_bounds, "range_of", lambda *a: right(*a)._replace(low=0.5, high=0.3))
    found = sg.bounds(schools(), "D")
    assert found.guaranteed == (False, False)
    assert found.outer == (0, 1)


# refusals ------------------------------------------------------------------------------


def test_no_intervals():
    pop = sg.sample("schools").versus("black")
    with pytest.raises(sg.DataError) as caught:
        sg.bounds(pop, "D")
    assert str(caught.value) == (
        "This population has no intervals: say how far each count is known with "
        "population.with_intervals(low, high) or population.with_rounding(5)."
    )


def test_margins_of_error_are_not_intervals():
    frame = pd.DataFrame({"a": [9, 2], "b": [3, 8], "ma": [2, 1], "mb": [1, 2]})
    pop = sg.Population.from_frame(frame, ["a", "b"], moe=["ma", "mb"])
    with pytest.raises(sg.DataError, match=r"Its margins of error are what segregate\.propagate takes\.$"):
        sg.bounds(pop, "D")


@pytest.mark.filterwarnings("ignore:EPSG")
def test_an_environment():
    city = sg.sample("sacramento").versus("hisp")
    city = city.with_intervals(city.counts, city.counts + 1).within(sg.Contiguity())
    with pytest.raises(sg.ParameterError) as caught:
        sg.bounds(city, "D")
    assert str(caught.value) == (
        "bounds looks at people at home: within an environment each count is met by many units, and no method here "
        "proves how far an index may go then. Take population.home()."
    )


def test_an_index_of_places():
    city = sg.sample("sacramento").versus("hisp")
    with pytest.raises(sg.ParameterError) as caught:
        sg.bounds(city.with_intervals(city.counts, city.counts + 1), "delta", group="hisp")
    assert str(caught.value) == (
        "delta looks at area of the units, and bounds are known for indices of counts alone; segregate.propagate "
        "takes margins of error in place of intervals."
    )


def test_an_index_of_single_people():
    with pytest.raises(sg.ParameterError) as caught:
        sg.bounds(schools(), sg.bind("isolation", exact=True))
    assert str(caught.value) == (
        "isolation with exact=True counts single people, and bounds goes through tables that hold parts of people; "
        "take exact=False."
    )


# picture -------------------------------------------------------------------------------


def test_what_is_shown():
    pop = schools()
    d, g = sg.bounds(pop, "D"), sg.bounds(pop, "G")
    shown = prepare_bounds([d, g])
    assert shown["label"].tolist() == ["Dissimilarity", "Gini"]
    assert shown["low"].tolist() == [d.low, g.low]
    assert shown["high"].tolist() == [d.high, g.high]
    assert shown[["low_proven", "high_proven"]].values.tolist() == [[True, True], [False, False]]
    assert shown["text"][0] == f"{d.value:.4f} ({d.low:.4f} to {d.high:.4f})"
    assert prepare_bounds({"then": d, "now": d})["label"].tolist() == ["then", "now"]


def test_the_plot():
    pop = schools()
    d, g = sg.bounds(pop, "D"), sg.bounds(pop, "G")
    ax = d.plot()
    assert ax.get_xlabel() == "Dissimilarity"
    assert ax.get_title(loc="left") == "Dissimilarity, with its range"
    ax = draw_bounds([d, g], ax=Figure(figsize=(7, 3)).add_subplot())
    for word in ("low", "high"):
        proven, found = (line for line in ax.lines if line.get_gid() == word)
        assert proven.get_markerfacecolor() == proven.get_color()
        assert found.get_markerfacecolor() == "white"
    bars = [line.get_xdata().tolist() for line in ax.lines if line.get_gid() == "range"]
    assert bars == [[d.low, d.high], [g.low, g.high]]
    values = [line.get_xdata()[0] for line in ax.lines if line.get_gid() == "value"]
    assert values == [d.value, g.value]
    words = [text.get_text() for text in ax.get_legend().get_texts()]
    assert words == ["As counted", "Proven end", "End found by a search"]
    alone = [text.get_text() for text in draw_bounds(d, managed=False).get_legend().get_texts()]
    assert alone == ["As counted", "Proven end"]


def test_pictures_of_other_things():
    with pytest.raises(sg.ParameterError, match=r"^This plot shows what segregate\.bounds returns, not int\.$"):
        draw_bounds([3])
    with pytest.raises(sg.ParameterError, match=r"^This plot shows 1 to 200 results, not 0\.$"):
        prepare_bounds([])
    with pytest.warns(sg.UndefinedIndexWarning):
        found = sg.bounds(of([[4, 0], [1, 0]], [[4, 0], [1, 0]], [[4, 3], [1, 3]], totals="free"), "D")
    with pytest.raises(sg.DataError, match=r"^No index has a value, so there is nothing to draw: undefined: only one"):
        draw_bounds(found)
    assert len(prepare_bounds([found, sg.bounds(schools(), "D")])) == 2
    draw_bounds([found, sg.bounds(schools(), "D")], managed=False)
