"""Styles: sizes that figures keep, and nothing global that is touched."""

import inspect
import threading

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

import segregate as sg
from segregate._languages import language_of
from segregate.errors import ParameterError, UnknownNameError
from segregate.plot._style import FIXED, SIZES, page_asked, pt
from tests.unit.style_cases import CALLS, DRAWS, MINE, local, overlaps

MM = 25.4
LOW = [name for name in DRAWS if name != "sensitivity"]
"""Plots that a slide has room for; a sensitivity has many rows."""


@pytest.fixture(autouse=True)
def no_figure_is_left():
    yield
    assert not pyplot.get_fignums()


def public():
    return [name for name in sg.plot.__all__ if name[0].islower() and not name.startswith(("draw_", "prepare_"))]


def test_every_public_function_has_a_case():
    assert set(public()) == {*CALLS, "style"}


@pytest.mark.parametrize("name", CALLS)
def test_size_and_language_are_arguments_of_every_public_function(name):
    parameters = inspect.signature(getattr(sg.plot, name)).parameters
    for word in ("size", "language"):
        assert parameters[word].kind is inspect.Parameter.KEYWORD_ONLY
        assert parameters[word].default is None


# nothing global ------------------------------------------------------------------------


@pytest.mark.parametrize("name", CALLS)
def test_settings_of_matplotlib_are_what_they_were(name, tmp_path):
    with matplotlib.rc_context({"lines.marker": "x", "axes.unicode_minus": False, "xtick.direction": "in"}):
        before = dict(matplotlib.rcParams)
        with sg.plot.style(size="A4", language="it", grey=True):
            CALLS[name](managed=False, save=tmp_path / "plot.svg")
        assert dict(matplotlib.rcParams) == before
    assert pt(1.0) == 1.0


@pytest.mark.parametrize("name", CALLS)
def test_settings_and_style_are_what_they_were_after_an_error(name):
    with matplotlib.rc_context({"lines.marker": "x"}):
        before = dict(matplotlib.rcParams)
        with pytest.raises(ParameterError, match=r"needs [\d.]+ inches of height .* size=\(2, 1.5\) has 1.5"):
            CALLS[name](size=(2, 1.5), title="a " * 300, language="fr")
        assert dict(matplotlib.rcParams) == before
    assert pt(1.0) == 1.0
    assert language_of().code == "en"


def test_settings_of_the_user_do_not_change_a_plot():
    def drawn():
        ax = CALLS["trend"](managed=False)
        ax.figure.canvas.draw()
        return np.asarray(ax.figure.canvas.buffer_rgba()).copy()

    plain = drawn()
    with matplotlib.rc_context({"lines.marker": "x", "xtick.direction": "in", "path.sketch": (2, 90, 3)}):
        assert {"lines.marker", "xtick.direction", "path.sketch"} <= set(FIXED)
        assert np.array_equal(drawn(), plain)


# sizes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "width", "height"),
    [("A4", 160, 247), ("A4-landscape", 247, 160), ("half-page", 160, 120), ("column", 80, 180)],
)
def test_figures_are_as_wide_as_the_page_and_no_higher(size, width, height):
    for call in (CALLS["map"], CALLS["trend"], CALLS["forest"], CALLS["segregation_curve"]):
        ax = call(size=size, managed=False)
        got = ax.figure.get_size_inches() * MM
        assert got[0] == pytest.approx(width, abs=0.01)
        assert 30 < got[1] <= height + 0.2


@pytest.mark.parametrize("name", MINE)
def test_sizes_in_inches_are_filled(name):
    ax = CALLS[name](size=[4.5, 6], managed=False)
    assert ax.figure.get_size_inches() == pytest.approx((4.5, 6))
    assert not overlaps(ax)


def drawn_in(name, size, language):
    with sg.plot.style(size=size, language=language):
        ax = {**CALLS, **DRAWS}[name](managed=False)
    assert overlaps(ax) == []
    if size == "slide":
        assert ax.figure.get_size_inches() == pytest.approx((40 / 3, 7.5))
    texts = [text for text in ax.figure.findobj(Text) if text.get_text() and text.get_visible()]
    return {text.get_fontsize() for text in texts}


@pytest.mark.parametrize(
    ("size", "language", "sizes"), [("column", "fr", {8, 10}), ("half-page", "de", {8, 10}), ("slide", "it", {16, 20})]
)
@pytest.mark.parametrize("name", [*MINE, *LOW])
def test_nothing_covers_anything_and_text_is_larger_on_slides(name, size, language, sizes):
    assert drawn_in(name, size, language) == sizes


@pytest.mark.parametrize("size", ["A4", "column"])
def test_nothing_covers_anything_in_many_rows(size):
    drawn_in("sensitivity", size, "de")


@pytest.mark.slow
@pytest.mark.parametrize(("size", "language"), [("A4-landscape", "es"), ("column", "de")], ids=str)
@pytest.mark.parametrize("name", [*MINE, *LOW])
def test_nothing_covers_anything_on_other_pages(name, size, language):
    drawn_in(name, size, language)


def test_lines_are_twice_as_thick_on_slides():
    widths = {}
    for size in ("half-page", "slide"):
        ax = CALLS["trend"](size=size, managed=False)
        (line,) = [one for one in ax.lines if one.get_gid() == "values"]
        ticks = [tick.tick1line.get_markersize() for tick in ax.xaxis.get_major_ticks()]
        widths[size] = (line.get_markersize(), ax.spines["left"].get_linewidth(), *ticks[:1])
    assert np.array(widths["slide"]) == pytest.approx(2 * np.array(widths["half-page"]))


def test_files_have_the_size_too(tmp_path):
    CALLS["map"](size="slide", managed=False, save=tmp_path / "map.png")
    with Image.open(tmp_path / "map.png") as image:
        assert image.size == (4000, 2250)


def test_axes_of_the_user_keep_their_figure():
    figure = Figure(figsize=(9, 7))
    with sg.plot.style(size="column", language="de"):
        ax = sg.plot.map(local(), ax=figure.add_subplot())
    assert figure.get_size_inches().tolist() == [9, 7]
    assert ax.get_title(loc="left") == "Divergenz"


def test_a_width_goes_before_the_size_of_the_style():
    with sg.plot.style(size="column"):
        ax = CALLS["trend"](width=5, managed=False)
    assert ax.figure.get_size_inches()[0] == 5


def test_style_of_files_has_the_whole_texts(tmp_path):
    CALLS["trend"](size="column", language="fr", managed=False, save=tmp_path / "trend.png")
    with Image.open(tmp_path / "trend.png") as image:
        assert image.info["Title"] == "Indice de dissimilarité, groupe black face à tous les autres, par année"
        assert image.info["Description"].startswith("Changement par an\N{NO-BREAK SPACE}: ")


# context -------------------------------------------------------------------------------


def test_a_style_may_be_kept_and_stand_in_another():
    paper = sg.plot.style(size="column", language="de")
    for _ in range(2):
        with paper:
            assert CALLS["map"](managed=False).get_title(loc="left") == "Divergenz"
            with sg.plot.style(language="fr"), paper, sg.plot.style(language="it"):
                ax = CALLS["forest"](managed=False)
                assert ax.get_xlabel() == "Indice di dissimilarità"
                assert ax.figure.get_size_inches()[0] == pytest.approx(80 / MM)
            assert CALLS["forest"](managed=False).get_xlabel() == "Dissimilaritätsindex"
    assert CALLS["forest"](managed=False).get_xlabel() == "Dissimilarity"


def test_a_style_is_that_of_its_thread():
    paper, ready, done = sg.plot.style(size="slide", language="de"), threading.Event(), threading.Event()
    seen = []

    def other():
        with paper:
            ready.set()
            done.wait(10)
            seen.append((pt(1.0), CALLS["forest"](managed=False).get_xlabel()))

    thread = threading.Thread(target=other)
    thread.start()
    ready.wait(10)
    with sg.plot.style(language="es"):
        assert pt(1.0) == 1.0
        assert CALLS["forest"](managed=False).get_xlabel() == "Índice de disimilitud"
        done.set()
        thread.join()
    assert seen == [(2.0, "Dissimilaritätsindex")]


def test_threads_leave_the_settings_of_matplotlib_as_they_were():
    with matplotlib.rc_context({"lines.marker": "x"}):
        before = dict(matplotlib.rcParams)
        threads = [threading.Thread(target=lambda: CALLS["trend"](managed=False)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert dict(matplotlib.rcParams) == before


# refusals ------------------------------------------------------------------------------


def test_sizes_by_name():
    assert page_asked("a4") is SIZES["A4"]
    with pytest.raises(UnknownNameError, match=r"no size 'A5'.*'A4'.*Or give .width, height. in inches"):
        sg.plot.style(size="A5")


@pytest.mark.parametrize("size", [(5,), (5, 4, 3), (5, float("nan")), (1, 5), (5, 61), 5, ("a", "b"), None])
def test_sizes_that_are_none_are_refused(size):
    if size is None:
        sg.plot.style(size=size)
        return
    with pytest.raises(ParameterError, match="size= is a name, or width and height in inches, each from 1.5 to 60"):
        sg.plot.style(size=size)


def test_languages_that_there_are_not_are_refused():
    with pytest.raises(UnknownNameError, match=r"no language 'xx'. There are: 'en' \(English\), 'fr' \(français\)"):
        sg.plot.style(language="xx")
    with pytest.raises(UnknownNameError, match="no language 'German'"):
        CALLS["map"](language="German", managed=False)


def test_grey_is_true_or_false():
    with pytest.raises(ParameterError, match="grey= is True or False, not 'yes'"):
        sg.plot.style(grey="yes")


def test_a_size_is_that_of_a_new_figure():
    with pytest.raises(ParameterError, match="size of a new figure; leave it out when ax= is given"):
        CALLS["map"](size="A4", ax=Figure().add_subplot())
    with pytest.raises(ParameterError, match="leave it out when width= is given"):
        CALLS["map"](size="A4", width=5, managed=False)


def test_rows_that_do_not_fit_are_refused():
    table = sg.measure(sg.sample("schools"), ["D", "isolation"], by="district", interval=0.95)
    with pytest.raises(ParameterError, match=r"size='half-page' has 4.7. Take a larger size, show less in one plot"):
        sg.plot.forest(table, size="half-page", managed=False)
    assert not overlaps(sg.plot.forest(table, size="A4", managed=False))
