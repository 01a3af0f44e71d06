"""Plots of inference as they are drawn: nothing overlaps, no name is mathematics, nothing global is touched, files."""

import itertools

import matplotlib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

import segregate as sg
from segregate.plot import (
    draw_comparison,
    draw_forest,
    draw_interval,
    draw_null,
    draw_ranking,
    draw_trend,
    forest,
    ranking,
    trend,
)
from tests.unit import made_results as made

NOISE = np.random.default_rng(0).normal(0, 1, 199)
TITLE = "dissimilarity of black against rest"


def cities(name, many=6):
    return [f"{name} {k}" for k in range(many)]


ROWS = [(0.1, 0.05, 0.2), (0.5, 0.4, 0.6), (np.nan,) * 3, (0.2, np.nan, np.nan), (0.3, 0.3, 0.3), (0.4, 0.39, 0.9)]
PLOTS = {
    "test": lambda name, **how: draw_null(made.null_of(0.5, 0.45 + 0.05 * NOISE, title=name), **how),
    "test far away": lambda name, **how: draw_null(made.null_of(0.5, 0.1 + 1e-4 * NOISE, title=name), **how),
    "interval": lambda name, **how: draw_interval(made.interval(0.5, 0.4, 0.6, 0.5 + 0.05 * NOISE), **how),
    "comparison": lambda name, **how: draw_comparison(
        made.comparison(0.5, 0.4, 0.05 * NOISE, -0.01, 0.2, title=name), **how
    ),
    "forest": lambda name, **how: draw_forest(
        {city: made.interval(*row) for city, row in zip(cities(name), ROWS, strict=True)}, **how
    ),
    "ranking": lambda name, **how: draw_ranking(
        made.ranking(
            cities(name), [*np.linspace(0.6, 0.2, 5), np.nan], 0.07, [*made.sliding(5, 2), ""], title=name
        ),
        **how,
    ),
    "trend": lambda name, **how: draw_trend(
        made.trend(range(2000, 2012), [*np.linspace(0.5, 0.2, 11), np.nan], 0.03, title=name), **how
    ),
}  # fmt: skip
MANY = {
    "many ranks": lambda name, **how: draw_ranking(
        made.ranking(cities(name, 45), np.linspace(0.6, 0.2, 45), 0.2, made.sliding(45, 20)), **how
    ),
}
SAVED = {
    "forest": lambda **how: forest([made.interval(0.5, 0.4, 0.6)], **how),
    "ranking": lambda **how: ranking(made.ranking("ab", [0.5, 0.4], 0.2, ["a", "a"]), **how),
    "trend": lambda **how: trend(made.trend([2000, 2010], [0.5, 0.4], 0.2), **how),
}


@pytest.fixture(autouse=True)
def no_figure_is_left():
    yield
    pyplot.close("all")


@pytest.fixture(params=PLOTS)
def plot(request):
    return PLOTS[request.param]


def boxes_of(ax):
    """Return the place of every text around the axes, of the bars beside them, and of the axes, in pixels."""
    found = {"axes": ax.get_window_extent()}
    found |= {"legend": ax.get_legend().get_window_extent()} if ax.get_legend() else {}
    found |= {"title": ax._left_title.get_window_extent()} if ax.get_title(loc="left") else {}
    for n, text in enumerate(ax.texts):
        found[f"{text.get_gid()} {n}"] = Text.get_window_extent(text)
    for name, axis in (("x", ax.xaxis), ("y", ax.yaxis)):
        if axis.label.get_text():
            found[f"{name} label"] = axis.label.get_window_extent()
        for side, ticks in (("label1", axis.get_major_ticks()), ("label2", axis.get_minor_ticks())):
            shown = [getattr(tick, side) for tick in ticks]
            texts = [text for text in shown if text.get_text() and text.get_visible()]
            found |= {f"{name} {side} {n}": text.get_window_extent() for n, text in enumerate(texts)}
    bars = [line for line in ax.lines if str(line.get_gid()).startswith(("group", "ranks"))]
    found |= {f"bar {n}": line.get_window_extent() for n, line in enumerate(bars)}
    return found


def assert_nothing_overlaps(ax, *, inside=True):
    ax.figure.canvas.draw()
    found = boxes_of(ax)
    for (one, a), (other, b) in itertools.combinations(found.items(), 2):
        if one.startswith("bar") and other.startswith("bar"):
            continue
        over = min(min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0))
        assert over <= 1, f"{one} and {other} overlap by {over:.1f} pixels"
    if inside:
        whole = ax.figure.bbox
        for name, box in found.items():
            sticks_out = max(whole.x0 - box.x0, whole.y0 - box.y0, box.x1 - whole.x1, box.y1 - whole.y1)
            assert sticks_out <= 1, f"{name} sticks out by {sticks_out:.1f} pixels"
    return found


@pytest.mark.parametrize("how", [{}, {"width": 3.5}, {"title": "", "caption": ""}], ids=str)
@pytest.mark.parametrize("name", ["Ada", "A city with quite a long name of $many$ words_and no end, number"])
def test_nothing_covers_anything(plot, name, how):
    assert_nothing_overlaps(plot(name, managed=False, **how))


@pytest.mark.slow
@pytest.mark.parametrize("how", [{}, {"width": 3.5}], ids=str)
def test_nothing_covers_anything_in_many_rows(how):
    name = "A city with a long name that has no end, number"
    assert_nothing_overlaps(MANY["many ranks"](name, managed=False, **how))


@pytest.mark.slow
@settings(max_examples=8, deadline=None)
@given(
    st.sampled_from(list(PLOTS)),
    st.text(st.characters(codec="latin-1", exclude_categories=["C"]), max_size=120),
    st.text(st.characters(codec="latin-1", exclude_categories=["C"]), max_size=200),
    st.floats(3.5, 12),
)
def test_nothing_covers_anything_whatever_the_texts(kind, name, caption, width):
    assert_nothing_overlaps(PLOTS[kind](name, caption=caption, width=width, managed=False))


def test_texts_have_eight_or_ten_points_and_are_no_mathematics(plot):
    name = "$a_b$ and $c^2"
    with matplotlib.rc_context({"font.size": 30}):
        ax = plot(name, managed=False)
        ax.figure.canvas.draw()
    texts = [text for text in ax.figure.findobj(Text) if text.get_text() and text.get_visible()]
    assert {text.get_fontsize() for text in texts} == {8.0, 10.0}
    assert not [text for text in texts if "$" in text.get_text() and text.get_parse_math()]


def test_names_are_drawn_letter_by_letter(tmp_path):
    ranking(made.ranking(["$x_1$", "a_b"], [0.5, 0.4], 0.2), save=tmp_path / "a.svg", managed=False)
    drawn = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert ">1. $x_1$<" in drawn
    assert ">2. a_b<" in drawn


def test_everything_is_told_apart_in_grey(plot):
    """Colours of areas and lines that lie on one another differ in lightness."""
    ax = plot("Ada", managed=False)
    bars = [patch.get_facecolor() for patch in ax.patches if patch.get_gid() in ("bar", "reached")]
    lightness = {colour: np.dot(colour[:3], [0.2126, 0.7152, 0.0722]) for colour in bars}
    assert all(abs(a - b) > 0.3 for a, b in itertools.combinations(lightness.values(), 2))
    for line in ax.lines:
        if line.get_gid() in ("statistic", "difference", "interval", "value"):
            assert np.dot(matplotlib.colors.to_rgb(line.get_color()), [0.2126, 0.7152, 0.0722]) < 0.3


def test_nothing_global_is_touched(plot):
    before = dict(matplotlib.rcParams)
    plot("Ada", managed=False)
    assert dict(matplotlib.rcParams) == before
    assert not pyplot.get_fignums()


def test_pyplot_knows_the_figure_unless_told_not_to(plot):
    figure = plot("Ada").figure
    assert pyplot.gcf() is figure


def test_settings_of_the_user_do_not_break_a_plot(plot):
    rc = {"figure.autolayout": True, "axes.grid": True, "axes.titlelocation": "right", "ytick.labelright": True}
    with matplotlib.rc_context(rc):
        ax = plot("Ada", managed=False)
        assert_nothing_overlaps(ax)
        for one in (ax, *ax.child_axes):
            assert not [line for line in one.get_xgridlines() if line.get_visible()]
    with matplotlib.style.context("dark_background"):
        ax = plot("Ada", managed=False)
        assert matplotlib.colors.to_hex(ax.get_facecolor()) == "#ffffff"
        assert matplotlib.colors.to_hex(ax.xaxis.label.get_color()) == "#222222"
        theirs = plot("Ada", ax=Figure().add_subplot())
        assert matplotlib.colors.to_hex(theirs.xaxis.label.get_color()) == "#ffffff"


def test_axes_that_are_given_keep_their_place():
    for kind in ("test", "test far away", "interval", "comparison", "forest", "ranking", "trend"):
        figure, axes = pyplot.subplots(1, 2, figsize=(14, 8))
        left, bottom, width, height = axes[1].get_position().bounds
        assert PLOTS[kind]("Ada", ax=axes[1]) is axes[1]
        found = assert_nothing_overlaps(axes[1])
        names = ["axes", "title"]
        if kind in ("forest", "ranking"):
            names += [name for name in found if name.startswith(("y label1", "y label2", "bar", "head"))]
        for name in names:
            assert found[name].x0 >= left * figure.bbox.width - 1, (kind, name)
            assert found[name].x1 <= (left + width) * figure.bbox.width + 1, (kind, name)
        assert max(found[name].y1 for name in names) <= (bottom + height) * figure.bbox.height + 1
        assert min(box.y0 for box in found.values()) >= bottom * figure.bbox.height - 1


@pytest.mark.slow
def test_axes_under_a_layout_engine(plot):
    figure, axes = pyplot.subplots(1, 2, figsize=(16, 12), layout="constrained")
    for ax in axes:
        plot("Ada", ax=ax)
    figure.canvas.draw()
    first, second = (ax.get_tightbbox() for ax in axes)
    assert first.x1 <= second.x0 + 1
    assert second.x1 <= figure.bbox.x1 + 1
    for ax in axes:
        assert_nothing_overlaps(ax)


@pytest.mark.parametrize("kind", ["test far away", "forest", "ranking"])
def test_axes_of_a_subfigure(kind):
    figure = pyplot.figure(figsize=(16, 12))
    _, right = figure.subfigures(1, 2)
    assert_nothing_overlaps(PLOTS[kind]("Ada", ax=right.add_subplot()))


def test_arguments_about_a_new_figure_do_not_go_with_axes(plot):
    with pytest.raises(sg.ParameterError, match="width= and managed= are about a new figure"):
        plot("Ada", ax=Figure().add_subplot(), width=5)
    with pytest.raises(sg.ParameterError, match="from 2 to 60, not"):
        plot("Ada", width=100)
    assert not pyplot.get_fignums()


@pytest.mark.parametrize("kind", SAVED)
def test_files_are_fit_for_print(kind, tmp_path):
    files = [tmp_path / f"plot.{suffix}" for suffix in ("png", "svg", "pdf")]
    ax = SAVED[kind](save=files, managed=False)
    with Image.open(files[0]) as picture:
        assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        assert picture.info["Title"] == ax.get_title(loc="left")
        assert picture.width == pytest.approx(300 * ax.figure.get_size_inches()[0], abs=1)
    assert "<text" in files[1].read_text(encoding="utf-8")
    assert b"/FontFile2" in files[2].read_bytes()
    first = [file.read_bytes() for file in files]
    SAVED[kind](save=files, managed=False)
    assert [file.read_bytes() for file in files] == first
    with pytest.raises(sg.ParameterError, match="would be a layer of units, and this plot is none"):
        SAVED[kind](save=tmp_path / "plot.gpkg")
    with pytest.raises(sg.ParameterError, match="a map is saved as"):
        SAVED[kind](save=tmp_path / "plot.bmp")


def test_a_result_draws_itself_in_axes_of_the_user():
    for result in (
        made.null_of(0.5, NOISE),
        made.interval(0.5, 0.4, 0.6),
        made.comparison(0.5, 0.4, NOISE),
        made.ranking("ab", [0.5, 0.4], 0.2),
        made.trend([2000, 2010], [0.5, 0.4], 0.2),
    ):
        ax = Figure().add_subplot()
        assert result.plot(ax=ax) is ax
        assert ax.lines
