"""Palettes keep their order in grey, have equal steps, and stay readable for colour-blind readers."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from segregate.plot._palettes import DIVERGING, MOST, QUALITATIVE, ROLES, SEQUENTIAL, colour_map, colours
from segregate.plot._scale import positions

# Machado, Oliveira and Fernandes (2009), severity 1.0, for linear RGB
BLINDNESS = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])
SEEN = 10.0
"""Difference in CIELAB that two neighbouring classes must keep; a just noticeable one is about 2.3."""


def linear(hexes):
    rgb = np.array([to_rgb(colour) for colour in hexes])
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    xyz = rgb @ TO_XYZ.T / WHITE
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=1)


def seen_by(hexes, blindness=None):
    rgb = linear(hexes)
    return lab(rgb if blindness is None else np.clip(rgb @ np.array(BLINDNESS[blindness]).T, 0, 1))


def steps(seen):
    return np.linalg.norm(np.diff(seen, axis=0), axis=1)


def classed(name, k, diverging=False):
    _, palette = colour_map(name, diverging=diverging)
    return colours(palette, positions(k, (), None) if k > 1 else np.array([0.5]))


VIEWS = [None, *BLINDNESS]


@pytest.mark.parametrize("name", SEQUENTIAL)
@pytest.mark.parametrize("view", VIEWS)
def test_sequential_palettes_get_darker_step_by_step(name, view):
    lightness = seen_by(classed(name, 64), view)[:, 0]
    assert (np.diff(lightness) < 0).all()
    assert lightness[0] > 90
    assert lightness[-1] < 25


@pytest.mark.parametrize("name", SEQUENTIAL)
def test_sequential_palettes_have_equal_steps(name):
    # eleven classes: in finer steps the rounding to 256 levels is all that is measured
    sizes = steps(seen_by(classed(name, 11)))
    assert sizes.std() < 0.05 * sizes.mean()


@pytest.mark.parametrize("name", SEQUENTIAL)
@pytest.mark.parametrize("k", [3, 5, 7])
@pytest.mark.parametrize("view", VIEWS)
def test_neighbouring_classes_stay_apart(name, k, view):
    seen = seen_by(classed(name, k), view)
    assert steps(seen).min() > SEEN
    assert -np.diff(seen[:, 0]).max() > 5  # lightness alone, for a copy in grey


@pytest.mark.parametrize("name", DIVERGING)
@pytest.mark.parametrize("k", [4, 5, 6, 7, 9])
@pytest.mark.parametrize("view", VIEWS)
def test_all_classes_of_diverging_palettes_stay_apart(name, k, view):
    seen = seen_by(classed(name, k, diverging=True), view)
    apart = np.linalg.norm(seen[:, None] - seen[None], axis=2)[~np.eye(k, dtype=bool)]
    assert apart.min() > SEEN


@pytest.mark.parametrize("name", DIVERGING)
@pytest.mark.parametrize("view", VIEWS)
def test_diverging_palettes_are_lightest_in_the_middle(name, view):
    lightness = seen_by(classed(name, 65, diverging=True), view)[:, 0]
    assert (np.diff(lightness[:33]) > 0).all()
    assert (np.diff(lightness[32:]) < 0).all()
    assert lightness[0] == pytest.approx(lightness[-1], abs=6)


@pytest.mark.parametrize("name", DIVERGING)
def test_arms_of_diverging_palettes_have_equal_steps(name):
    seen = seen_by(classed(name, 11, diverging=True))
    for arm in (seen[:6], seen[5:]):
        assert steps(arm).std() < 0.06 * steps(arm).mean()
    middle = seen[5]
    assert np.hypot(*middle[1:]) < 4  # grey


def test_no_data_is_unlike_any_class():
    for name in (*SEQUENTIAL, *DIVERGING):
        seen = seen_by([*classed(name, 5), "#ffffff"])
        assert np.linalg.norm(seen[:-1] - seen[-1], axis=1).min() > 5


def test_defaults():
    assert colour_map(None, diverging=False)[0] == "lagoon"
    assert colour_map(None, diverging=True)[0] == "tide"


def all_apart(seen):
    return np.linalg.norm(seen[:, None] - seen[None], axis=2)[~np.eye(len(seen), dtype=bool)].min()


@pytest.mark.parametrize("name", QUALITATIVE)
@pytest.mark.parametrize("view", VIEWS)
def test_categories_stay_apart_from_each_other(name, view):
    palette = QUALITATIVE[name]
    assert len(palette) == MOST
    assert all_apart(seen_by(palette, view)) > 1.5 * SEEN
    assert all_apart(seen_by(palette[:6], view)) > 3 * SEEN


@pytest.mark.parametrize("name", QUALITATIVE)
def test_categories_are_of_different_lightness_in_a_grey_copy(name):
    for k, least in ((3, 20), (6, 10), (MOST, 5)):
        lightness = np.sort(seen_by(QUALITATIVE[name][:k])[:, 0])
        assert np.diff(lightness).min() > least
    assert lightness[-1] < 90  # no category looks like paper


@pytest.mark.parametrize("view", VIEWS)
def test_roles_stay_apart_in_colour_and_in_grey(view):
    seen = seen_by(ROLES.values(), view)
    assert all_apart(seen) > 1.5 * SEEN
    assert (np.diff(seen[:, 0]) > 7).all()  # in the order of the mapping


def test_roles_are_warm_above_cool_below_and_grey_between():
    seen = dict(zip(ROLES, seen_by(ROLES.values()), strict=True))
    warmth = {role: one[2] for role, one in seen.items()}  # from blue to yellow
    assert warmth["high"] > 20
    assert warmth["high outlier"] > 20
    assert warmth["low"] < -15
    assert warmth["low outlier"] < -15
    assert np.hypot(*seen["neutral"][1:]) < 2
    assert 5 < np.linalg.norm(seen["neutral"] - seen_by(["#ffffff"])[0]) < 12  # light, and not the paper
