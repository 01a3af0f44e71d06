"""Greys: what black-and-white print tells apart, and palettes of the user that it would not."""

import itertools

import numpy as np
import pytest
from matplotlib.colors import to_rgb

import segregate as sg
from segregate.errors import ParameterError
from segregate.plot._drawing import greyed
from segregate.plot._palettes import (
    DIVERGING,
    GREYS,
    HATCHES,
    MOST,
    NO_DATA,
    QUALITATIVE,
    SEQUENTIAL,
    category_colours,
    colour_map,
    grey_safe,
    hatches,
)
from segregate.plot._shapes import HATCH, pattern_colour
from tests.unit.style_cases import CALLS, DRAWS, local, overlaps, spots, town
from tests.unit.test_plot_palettes import VIEWS, all_apart, seen_by

SEEN = 10.0
"""Lightness that two greys on paper must differ by."""


def in_grey(call):
    with sg.plot.style(grey=True):
        return call()


def lightness(hexes):
    return seen_by(hexes)[:, 0]


def coloured(ax):
    """Return every colour of a drawn figure that is not grey."""
    ax.figure.canvas.draw()
    pixels = np.asarray(ax.figure.canvas.buffer_rgba())[..., :3].astype(int)
    return np.ptp(pixels, axis=-1).max()


@pytest.mark.parametrize("name", [name for name in (*CALLS, *DRAWS) if name != "bivariate"])
def test_plots_for_print_have_no_colour(name):
    assert coloured(in_grey(lambda: {**CALLS, **DRAWS}[name](managed=False))) <= 1


def test_greys_of_colours_have_their_lightness():
    every = [*QUALITATIVE["meadow"], *SEQUENTIAL["lagoon"], "#ff0000", "#0000ff", "#ffffff", "#000000"]
    rgba = np.array([[*to_rgb(colour), 0.5] for colour in every])
    found = greyed(rgba)
    assert (found[:, 3] == 0.5).all()
    assert np.ptp(found[:, :3], axis=1).max() < 1e-12
    hexes = [tuple(row[:3]) for row in found]
    assert np.allclose(seen_by(hexes)[:, 0], seen_by(every)[:, 0], atol=0.05)


def test_numbers_run_from_light_to_dark_with_and_without_a_centre():
    for diverging in (False, True):
        name, palette = in_grey(lambda side=diverging: colour_map(None, diverging=side))
        assert name == GREYS
        steps = np.diff(lightness([palette(place)[:3] for place in np.linspace(0, 1, 5)]))
        assert steps.max() < -SEEN


def test_classes_around_a_centre_are_told_apart_in_grey():
    prepared = in_grey(lambda: sg.plot.prepare_map(local("location_quotient", group="red")))
    classes = prepared.classes[~prepared.classes["hatched"]]
    assert len(classes) >= 3
    assert np.diff(lightness(classes["color"])).max() < -SEEN
    assert prepared.center == 1


@pytest.mark.parametrize("k", range(1, MOST + 1))
def test_categories_are_told_apart_by_grey_and_hatch(k):
    _, chosen, _ = in_grey(lambda: category_colours(None, k, ordered=False))
    patterns = hatches(k)
    assert len(set(zip(chosen, patterns, strict=True))) == len(chosen) == k
    assert k > 5 or not any(patterns)
    for (one, a), (other, b) in itertools.combinations(zip(chosen, patterns, strict=True), 2):
        assert a != b or abs(np.diff(lightness([one, other]))[0]) > SEEN
    for colour, pattern in zip(chosen, patterns, strict=True):
        assert abs(np.diff(lightness([colour, NO_DATA]))[0]) > 5
        assert not pattern or abs(np.diff(lightness([colour, pattern_colour(colour)]))[0]) > 30
    assert HATCH not in HATCHES
    assert not set("".join(HATCHES)) & set(HATCH)


def test_patterns_are_drawn_and_stand_in_the_legend():
    kinds = list("abcdefg")
    frame = local().assign(value=[kinds[i % 7] for i in range(64)])
    ax = in_grey(lambda: sg.plot.map(frame, managed=False))
    drawn = {patch.get_hatch() for patch in ax.patches if patch.get_gid() == "pattern"}
    assert drawn == {pattern for pattern in hatches(7) if pattern}
    signs = [patch.get_hatch() or "" for patch in ax.get_legend().get_patches()]
    assert signs == hatches(7)
    assert "hatch" not in sg.plot.prepare_map(frame).classes


def test_groups_of_a_segplot_have_patterns_where_greys_do_not_do():
    table = town().to_frame()
    rng = np.random.default_rng(1)
    names = list("abcdefgh")
    many = sg.Population.from_frame(table.assign(**{name: rng.integers(1, 9, 64) for name in names}), names)
    prepared = in_grey(lambda: sg.plot.prepare_segplot(many))
    assert sorted(prepared.hatches) == sorted(hatches(8))
    ax = in_grey(lambda: sg.plot.draw_segplot(prepared, managed=False))
    areas = {patch.get_gid(): patch.get_hatch() or "" for patch in ax.patches if "group-" in str(patch.get_gid())}
    assert [areas[f"group-{m + 1}"] for m in range(8)] == list(prepared.hatches)
    assert not any(sg.plot.prepare_segplot(many).hatches)
    assert overlaps(ax) == []


def test_lines_are_told_apart_by_dashes():
    ax = in_grey(lambda: CALLS["segregation_curve"](managed=False))
    lines = [line for line in ax.lines if str(line.get_gid()).startswith("curve-")]
    assert len(lines) == 4
    assert len({str(line._dash_pattern) for line in lines}) == 4


def test_hot_spots_are_told_apart_in_grey():
    prepared = in_grey(lambda: sg.plot.prepare_map(spots()))
    assert all_apart(seen_by(prepared.classes.loc[~prepared.classes["hatched"], "color"])) > SEEN


# palettes of the user ------------------------------------------------------------------


@pytest.mark.parametrize("name", [*DIVERGING, "RdBu", "jet"])
def test_palettes_with_two_dark_ends_are_refused_in_grey(name):
    assert not grey_safe(colour_map(name, diverging=True)[1])
    with pytest.raises(ParameterError, match=r"not told apart in grey.*one that runs from light to dark: 'lagoon'"):
        in_grey(lambda: sg.plot.map(local(), palette=name, managed=False))


@pytest.mark.parametrize("name", [*SEQUENTIAL, "viridis", "Greys_r"])
def test_palettes_from_light_to_dark_may_be_chosen_in_grey(name):
    assert grey_safe(colour_map(name, diverging=False)[1])
    assert in_grey(lambda: sg.plot.prepare_map(local(), palette=name)).palette == name


# colour-blind readers ------------------------------------------------------------------


@pytest.mark.parametrize("view", VIEWS)
def test_lines_and_areas_of_plots_stay_apart(view):
    from segregate.plot._axes import LINES
    from segregate.plot._distribution import CHANCE, REACHED
    from segregate.plot.decompositions import BLUE, GREEN, ORANGE

    assert all_apart(seen_by(LINES, view)) > SEEN
    assert all_apart(seen_by([CHANCE, REACHED], view)) > 3 * SEEN
    assert all_apart(seen_by([BLUE, ORANGE, GREEN], view)) > SEEN
    for colour in LINES:  # 3 : 1 on white, WCAG 2.2
        light = float(np.array(seen_by([colour])[0])[0])
        assert 1.05 / (((light + 16) / 116) ** 3 + 0.05) > 3
