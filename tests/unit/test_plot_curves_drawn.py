"""Plots with axes as they are drawn: nothing overlaps, nothing global is touched, files are fit for print."""

import itertools
import xml.etree.ElementTree as ElementTree

import matplotlib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

import segregate as sg
from segregate.plot import (
    concentration_profile,
    draw_segplot,
    prepare_segplot,
    rank_order_profile,
    segplot,
    segregation_curve,
)

PLOTS = {
    "several curves": lambda pop, **how: segregation_curve(pop, **how),
    "one curve": lambda pop, **how: segregation_curve(pop, group=pop.groups[0], **how),
    "segplot": lambda pop, **how: segplot(pop, **how),
    "concentration profile": lambda pop, **how: concentration_profile(pop, group=pop.groups[-1], **how),
    "rank-order profile": lambda pop, **how: rank_order_profile(pop, **how),
}


@pytest.fixture(autouse=True)
def no_figure_is_left():
    yield
    pyplot.close("all")


@pytest.fixture(params=PLOTS)
def plot(request):
    return PLOTS[request.param]


def town(units=40, groups=4, prefix="g"):
    """Return a city with units of all sizes."""
    counts = np.random.default_rng(3).gamma(0.7, 60, (units, groups)).round()
    counts[0] += 1
    names = [f"{prefix}{m}" for m in range(groups)]
    return sg.Population.from_frame(pd.DataFrame(counts, columns=names), names)


def overlap(a, b):
    """Return how far two boxes reach into one another, in pixels."""
    return min(min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0))


def boxes_of(ax):
    """Return the place of everything around the axes, and of the axes, in pixels."""
    found = {"axes": ax.get_window_extent(), "legend": ax.get_legend().get_window_extent()}
    found |= {"title": ax._left_title.get_window_extent()} if ax.get_title(loc="left") else {}
    for n, text in enumerate(ax.texts):
        found[f"{text.get_gid()} {n}"] = Text.get_window_extent(text)
    for name, axis in (("x", ax.xaxis), ("y", ax.yaxis)):
        found[f"{name} label"] = axis.label.get_window_extent()
        ticks = [tick.label1 for tick in axis.get_major_ticks() if tick.label1.get_text()]
        found |= {f"{name} tick {text.get_text()}": text.get_window_extent() for text in ticks}
    return found


def assert_nothing_overlaps(ax, *, inside=True):
    ax.figure.canvas.draw()
    found = boxes_of(ax)
    for (one, a), (other, b) in itertools.combinations(found.items(), 2):
        if {one, other} == {"axes", "legend"} and b.x0 < a.x1 and b.y0 > a.y0:
            corner = ax.transAxes.inverted().transform((b.x1, b.y0))
            assert corner[1] > corner[0], "the legend reaches the diagonal"
            continue
        assert overlap(a, b) <= 1, f"{one} and {other} overlap by {overlap(a, b):.1f} pixels"
    if inside:
        whole = ax.figure.bbox
        for name, box in found.items():
            sticks_out = max(whole.x0 - box.x0, whole.y0 - box.y0, box.x1 - whole.x1, box.y1 - whole.y1)
            assert sticks_out <= 1, f"{name} sticks out by {sticks_out:.1f} pixels"
    return found


@pytest.mark.parametrize(
    "how", [{}, {"width": 3}, {"width": 12}, {"title": "", "caption": ""}, {"title": "t " * 150}], ids=str
)
@pytest.mark.parametrize("prefix", ["g", "a group with quite a long name, number "])
def test_nothing_covers_anything(plot, prefix, how):
    assert_nothing_overlaps(plot(town(prefix=prefix), managed=False, **how))


@settings(max_examples=15, deadline=None)
@given(
    st.sampled_from(list(PLOTS)),
    st.lists(st.text("abcdef gh", min_size=1, max_size=60), min_size=2, max_size=7, unique=True),
    st.text(st.characters(codec="latin-1", exclude_categories=["C"]), max_size=120),
    st.text(st.characters(codec="latin-1", exclude_categories=["C"]), max_size=400),
    st.floats(3, 14),
)
def test_nothing_covers_anything_whatever_the_texts(name, groups, title, caption, width):
    counts = np.random.default_rng(1).gamma(0.5, 50, (30, len(groups))).round() + 1
    pop = sg.Population.from_frame(pd.DataFrame(counts, columns=groups), groups)
    assert_nothing_overlaps(PLOTS[name](pop, title=title, caption=caption, width=width, managed=False))


def test_texts_have_eight_or_ten_points_and_are_no_mathematics(plot):
    ax = plot(town(prefix="$x^2$ "), managed=False)
    ax.figure.canvas.draw()
    texts = [text for text in ax.figure.findobj(Text) if text.get_text()]
    assert {text.get_fontsize() for text in texts} == {8.0, 10.0}
    assert not [text for text in texts if "$" in text.get_text() and text.get_parse_math()]


def test_names_of_thresholds_do_not_overlap_or_are_left_off():
    crowded = town(60, 22, prefix="from one income to the next and to yet another, number ")
    ax = rank_order_profile(crowded, managed=False)
    ax.figure.canvas.draw()
    boxes = [Text.get_window_extent(text) for text in ax.texts if text.get_gid().startswith("threshold")]
    assert len(boxes) == 21
    assert all(a.x1 <= b.x0 + 0.5 for a, b in itertools.pairwise(boxes))
    assert all(text.get_text().endswith("...") for text in ax.texts if text.get_gid().startswith("threshold"))
    assert_nothing_overlaps(ax)
    many = rank_order_profile(town(60, 60), managed=False)
    assert not [text for text in many.texts if text.get_gid().startswith("threshold")]


def test_the_legend_of_curves_names_d_and_g():
    pop = town()
    ax = segregation_curve(pop, managed=False)
    texts = [text.get_text().replace("\N{NO-BREAK SPACE}", " ") for text in ax.get_legend().get_texts()]
    for group, text in zip(pop.groups, texts, strict=False):
        two = pop.versus(group)
        assert text == f"{group}: D = {sg.dissimilarity(two):.3f}, G = {sg.gini(two):.3f}"
    assert texts[4:] == ["D: greatest vertical distance", "Even spread"]
    lines = {line.get_gid(): line for line in ax.lines}
    assert len({lines[f"curve-{k}"].get_color() for k in (1, 2, 3, 4)}) == 4
    assert len({str(lines[f"curve-{k}"]._dash_pattern) for k in (1, 2, 3, 4)}) == 4
    for k, group in enumerate(pop.groups):
        (x, top), (low, high) = lines[f"distance-{k + 1}"].get_xydata().T
        assert x == top == high
        assert high - low == pytest.approx(sg.dissimilarity(pop.versus(group)), abs=1e-12)
    single = segregation_curve(pop, group="g1", managed=False)
    assert [text.get_text() for text in single.get_legend().get_texts()][2] == "G: twice this area"
    assert [found for found in single.collections if found.get_gid() == "area"]


def test_the_drawn_profile_has_the_area_of_the_index():
    pop = town()
    ax = concentration_profile(pop, group="g2", managed=False)
    (line,) = [line for line in ax.lines if line.get_gid() == "profile"]
    (area,) = [patch for patch in ax.patches if patch.get_gid() == "area"]
    values, edges, baseline = area.get_data()
    share = pop.counts[:, 2].sum() / pop.size
    found = (np.diff(edges) * abs(values - baseline)).sum() / (1 - share)
    assert found == pytest.approx(sg.concentration_profile(pop, group="g2"), abs=1e-12)
    x, y = line.get_xydata().T
    assert (x[0], y[0], x[-1], y[-1]) == (0, 1, 1, 0)
    assert np.trapezoid(y, x) == pytest.approx((np.diff(edges) * values).sum(), abs=1e-12)


def test_bars_of_a_segplot_have_the_colours_of_the_legend():
    pop = town()
    prepared = prepare_segplot(pop, palette=["red", "lime", "blue", "gold"])
    ax = draw_segplot(prepared, managed=False)
    parts = {patch.get_gid(): patch for patch in ax.patches}
    entries = zip(ax.get_legend().legend_handles, ax.get_legend().get_texts(), strict=True)
    named = {text.get_text().split("\N{EN SPACE}")[0]: handle.get_facecolor() for handle, text in entries}
    colours = dict(zip(pop.groups, ["red", "lime", "blue", "gold"], strict=True))
    for m, group in enumerate(prepared.reference["group"]):
        expected = matplotlib.colors.to_rgba(colours[group])
        assert named[group] == parts[f"group-{m + 1}"].get_facecolor() == expected
        assert parts[f"reference-{m + 1}"].get_facecolor() == expected
    heights = [parts[f"reference-{m}"].get_height() for m in (1, 2, 3, 4)]
    assert heights == pytest.approx(np.cumsum(prepared.reference["share"]), abs=1e-15)
    assert parts["reference-1"].get_x() > pop.size


def test_white_lines_stand_between_few_units_only():
    def between(pop):
        return [found for found in segplot(pop, managed=False).collections if found.get_gid() == "between"]

    assert len(between(town(10))) == 1
    assert not between(town(300))


def test_axes_that_are_given_keep_their_place(plot):
    figure, axes = pyplot.subplots(1, 2, figsize=(12, 7))
    left, bottom, width, height = axes[0].get_position().bounds
    assert plot(town(), ax=axes[0]) is axes[0]
    found = assert_nothing_overlaps(axes[0])
    whole = figure.bbox
    for name in ("axes", "title", "legend"):
        assert found[name].x0 >= left * whole.width - 1
        assert found[name].x1 <= (left + width) * whole.width + 1
        assert found[name].y1 <= (bottom + height) * whole.height + 1
    assert min(box.y0 for box in found.values()) >= bottom * whole.height - 1


def test_axes_under_a_layout_engine(plot):
    figure, axes = pyplot.subplots(1, 2, figsize=(14, 8), layout="constrained")
    for ax in axes:
        plot(town(), ax=ax)
    figure.canvas.draw()
    first, second = (ax.get_tightbbox() for ax in axes)
    assert first.x1 <= second.x0
    assert second.x1 <= figure.bbox.x1 + 1
    for ax in axes:
        assert_nothing_overlaps(ax)


def test_axes_of_a_subfigure(plot):
    figure = pyplot.figure(figsize=(14, 7))
    _, right = figure.subfigures(1, 2)
    assert_nothing_overlaps(plot(town(), ax=right.add_subplot()))


def test_pyplot_knows_the_figure_unless_told_not_to(plot):
    ax = plot(town())
    assert pyplot.gcf() is ax.figure
    pyplot.close(ax.figure)
    plot(town(), managed=False)
    assert pyplot.get_fignums() == []


def test_nothing_global_is_touched_and_the_population_is_left_alone(plot):
    pop = town()
    counts = pop.counts.copy()
    before = dict(matplotlib.rcParams)
    with matplotlib.rc_context():
        plot(pop, managed=False)
        assert dict(matplotlib.rcParams) == before
    assert np.array_equal(pop.counts, counts)


def test_settings_of_the_user_do_not_break_a_plot(plot):
    with matplotlib.rc_context({"figure.autolayout": True, "axes.grid": True, "axes.titlelocation": "right"}):
        ax = plot(town(), managed=False)
        assert_nothing_overlaps(ax)
        assert not [line for line in ax.get_xgridlines() if line.get_visible()]
    with matplotlib.style.context("dark_background"):
        ax = plot(town(), managed=False)
        assert matplotlib.colors.to_hex(ax.get_facecolor()) == "#ffffff"
        assert matplotlib.colors.to_hex(ax.xaxis.label.get_color()) == "#222222"
        theirs = plot(town(), ax=Figure().add_subplot())
        assert matplotlib.colors.to_hex(theirs.xaxis.label.get_color()) == "#ffffff"


def test_arguments_about_a_new_figure_do_not_go_with_axes(plot):
    for how in ({"width": 5}, {"managed": False}):
        with pytest.raises(sg.ParameterError, match="width= and managed= are about a new figure"):
            plot(town(), ax=Figure().add_subplot(), **how)
    for width in (0, -1, np.nan, 1000):
        with pytest.raises(sg.ParameterError, match="from 2 to 60, not"):
            plot(town(), width=width)
    removed = Figure().add_subplot()
    removed.remove()
    with pytest.raises(sg.ParameterError, match="ax= has been removed from its figure"):
        plot(town(), ax=removed)


def test_plots_are_saved_for_print(plot, tmp_path):
    files = [tmp_path / name for name in ("plot.png", "plot.svg", "plot.pdf")]
    ax = plot(town(), managed=False, save=files, title="A title", caption="Said below.")
    with Image.open(files[0]) as picture:
        assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        assert (picture.info["Title"], picture.info["Description"]) == ("A title", "Said below.")
        assert picture.size == tuple((ax.figure.get_size_inches() * 300).astype(int))
    root = ElementTree.parse(files[1]).getroot()
    texts = ["".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"A title", "Said below."} <= set(texts)
    names = [node.get("id") for node in root.iter() if node.get("id")]
    assert len(names) == len(set(names))
    assert b"/FontFile2" in files[2].read_bytes()


def test_files_that_cannot_be_written_are_refused_before_drawing(plot, tmp_path):
    with pytest.raises(sg.ParameterError, match=r"plot\.gpkg' would be a layer of units, .* \.png, \.svg or \.pdf"):
        plot(town(), save=tmp_path / "plot.gpkg")
    with pytest.raises(sg.ParameterError, match="has the suffix '.gif'"):
        plot(town(), save=tmp_path / "plot.gif")
    with pytest.raises(sg.ParameterError, match="does not exist"):
        plot(town(), save=tmp_path / "nowhere" / "plot.png")
    assert pyplot.get_fignums() == []
    assert list(tmp_path.iterdir()) == []


def test_a_plot_that_fails_leaves_no_figure(plot, tmp_path, monkeypatch):
    def broken(*_, **__):
        raise OSError("disk full")

    monkeypatch.setattr(Figure, "savefig", broken)
    with pytest.raises(OSError, match="disk full"):
        plot(town(), save=tmp_path / "plot.png")
    monkeypatch.setattr(matplotlib.axes.Axes, "legend", broken)
    with pytest.raises(OSError, match="disk full"):
        plot(town())
    assert pyplot.get_fignums() == []
