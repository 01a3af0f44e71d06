"""The scree plot of merged units: what it shows, and that no label covers anything."""

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

import segregate as sg
from segregate.plot.scree import draw_scree, prepare_scree


@pytest.fixture(autouse=True)
def no_figure_is_left():
    yield
    pyplot.close("all")


def of_counts(counts) -> sg.Population:
    counts = np.asarray(counts)
    groups = [f"g{m}" for m in range(counts.shape[1])]
    return sg.Population.from_frame(pd.DataFrame(counts, columns=groups), groups)


def clusters(kinds: int, units: int, seed: int = 0) -> sg.Population:
    """Return units of a few kinds, nearly equal within a kind: few merged units keep nearly all of M."""
    rng = np.random.default_rng(seed)
    shares = np.linspace(0.02, 0.98, kinds)[rng.integers(0, kinds, units)]
    first = rng.binomial(3000, shares)
    return of_counts(np.column_stack([first, 3000 - first]))


def drawn(ax, gid):
    return [artist for artist in ax.get_children() if artist.get_gid() == gid]


CASES = {
    "schools": lambda: sg.compress(sg.sample("schools")),
    "two kinds": lambda: sg.compress(clusters(2, 800)),
    "three kinds": lambda: sg.compress(clusters(3, 800)),
    "five kinds": lambda: sg.compress(clusters(5, 2000)),
    "eight kinds": lambda: sg.compress(clusters(8, 100)),
    "few": lambda: sg.compress(of_counts([[9, 1], [1, 9], [5, 5]])),
    "in a row": lambda: sg.compress(clusters(50, 400), neighbours=[(j, j + 1) for j in range(399)]),
    "not at all": lambda: sg.compress(of_counts([[9, 1], [1, 9]]), neighbours=[]),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_shown(case):
    result = CASES[case]()
    shown = prepare_scree(result)
    table = result.table.sort_values("n_units")
    assert shown["n_units"].tolist() == table["n_units"].tolist()
    assert shown["share"].tolist() == table["share"].tolist()
    expected = {}
    for share in (0.99, 0.95, 0.9):
        fewest = table.loc[table["share"] >= share, "n_units"].min()
        expected.setdefault(fewest, []).append(f"{100 * share:.0f}")
    labelled = shown[shown["label"] != ""].set_index("n_units")["label"]
    assert {units: label.split(" %")[0].split(", ") for units, label in labelled.items()} == expected
    for units, label in labelled.items():
        assert label.endswith(f": {units:,} units")


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("size", [None, (4.0, 3.0), (9.0, 6.0)])
def test_no_label_covers_anything(case, size):
    ax = None if size is None else Figure(figsize=size).add_subplot()
    ax = draw_scree(CASES[case](), ax=ax)
    ax.figure.canvas.draw()
    labels = drawn(ax, "label")
    (line,) = drawn(ax, "scree")
    stems = [stem.get_window_extent() for stem in drawn(ax, "stem")]
    highest = line.get_window_extent().y1
    frame = ax.get_window_extent()
    assert len(labels) == len(stems) == len(drawn(ax, "mark"))
    boxes = [text.get_window_extent() for text in labels]
    (title,) = [text for text in ax.figure.findobj() if text.get_gid() == "title"]
    boxes.append(title.get_window_extent())
    for k, box in enumerate(boxes):
        assert box.y0 > highest
        assert box.x0 >= frame.x0
        for other in boxes[k + 1 :]:
            assert not (box.x0 < other.x1 and other.x0 < box.x1 and box.y0 < other.y1 and other.y0 < box.y1)
        for stem in stems:
            assert not (box.x0 < stem.x0 < box.x1 and stem.y0 < box.y1 and box.y0 < stem.y1)
    for box in boxes[:-1]:
        assert box.x1 <= frame.x1 + 1


def test_the_line_and_the_marks():
    result = sg.compress(sg.sample("schools"))
    ax = draw_scree(result)
    shown = prepare_scree(result)
    (line,) = drawn(ax, "scree")
    assert line.get_xdata().tolist() == shown["n_units"].tolist()
    assert line.get_ydata().tolist() == shown["share"].tolist()
    marks = [(mark.get_xdata()[0], mark.get_ydata()[0]) for mark in drawn(ax, "mark")]
    assert marks == [tuple(row) for row in shown.loc[shown["label"] != "", ["n_units", "share"]].to_numpy()]
    assert ax.get_xscale() == "log"
    assert ax.get_title(loc="left") == "40 units merged (all pairs)"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("Number of units", "Share of M kept")


def test_everything_is_inside_a_new_figure():
    ax = draw_scree(CASES["five kinds"]())
    ax.figure.canvas.draw()
    box, whole = ax.get_tightbbox(), ax.figure.bbox
    assert box.x0 >= whole.x0
    assert box.y0 >= whole.y0
    assert box.x1 <= whole.x1
    assert box.y1 <= whole.y1


def test_ticks_are_whole_numbers():
    for case, expected in {
        "schools": ["1", "2", "5", "10", "20"],
        "five kinds": ["1", "10", "100", "1,000"],
        "not at all": ["2"],
    }.items():
        ax = draw_scree(CASES[case]())
        ax.figure.canvas.draw()
        assert [tick.get_text() for tick in ax.get_xticklabels() if tick.get_text()] == expected
        assert [tick.get_text() for tick in ax.get_yticklabels()] == ["0 %", "20 %", "40 %", "60 %", "80 %", "100 %"]


def test_text_has_eight_or_ten_points():
    with matplotlib.rc_context({"font.size": 30}):
        ax = draw_scree(CASES["schools"]())
        ax.figure.canvas.draw()
        texts = [text for text in ax.findobj(matplotlib.text.Text) if text.get_text() and text.get_visible()]
        assert {text.get_fontsize() for text in texts} == {8.0, 10.0}


def test_nothing_global_is_touched():
    before = dict(matplotlib.rcParams)
    draw_scree(CASES["few"]())
    assert dict(matplotlib.rcParams) == before


def test_axes_of_the_user_are_drawn_in():
    figure = Figure(figsize=(8, 4))
    left, right = figure.subplots(1, 2)
    assert draw_scree(CASES["few"](), ax=right) is right
    assert figure.get_size_inches().tolist() == [8, 4]
    assert not left.lines
    assert not pyplot.get_fignums()


def test_a_result_draws_itself():
    ax = Figure().add_subplot()
    assert CASES["few"]().plot(ax=ax) is ax
    assert drawn(ax, "scree")


def test_what_cannot_be_drawn():
    with pytest.raises(sg.DataError, match="M is 0 before any merging, so there is no share of it to draw"):
        draw_scree(sg.compress(of_counts([[1, 2], [2, 4]])))
    assert not pyplot.get_fignums()
    with pytest.raises(sg.ParameterError, match=r"shows what segregate\.compress returns, not DataFrame"):
        prepare_scree(pd.DataFrame())
