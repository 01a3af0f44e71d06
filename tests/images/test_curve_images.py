"""Plots with axes look as they did: compared pixel by pixel with stored pictures, text left out.

Made anew as those of `tests.images.test_map_images`: ``python -m tests.images.test_curve_images``.
"""

from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.testing.compare import compare_images
from matplotlib.text import Text

import segregate as sg
from segregate.plot import concentration_profile, segplot, segregation_curve

MATPLOTLIB = "3.11.2"
"""The release that drew the stored pictures."""
TOLERANCE = 3
BASELINE = Path(__file__).parent / "baseline"


def town() -> sg.Population:
    """Return 30 units of 4 groups whose shares wave along the units."""
    unit, group = np.arange(30)[:, None], np.arange(4)[None]
    counts = np.round((60 + 5 * unit) * np.exp(1.2 * np.sin(unit / (3 + group) + group)))
    names = ["a", "b", "c", "d"]
    return sg.Population.from_frame(pd.DataFrame(counts, columns=names), names)


def curves() -> Axes:
    return segregation_curve(town(), caption="", managed=False)


def bars() -> Axes:
    return segplot(town(), caption="", managed=False, width=5)


def profile() -> Axes:
    return concentration_profile(town(), group="b", caption="", managed=False, width=4)


PICTURES = {function.__name__: function for function in (curves, bars, profile)}


def picture(name: str, path: Path) -> None:
    """Draw a plot without its text."""
    figure = PICTURES[name]().figure
    for text in figure.findobj(Text):
        text.set_color("none")
    figure.savefig(path, dpi=80)


@pytest.mark.skipif(
    matplotlib.__version__ != MATPLOTLIB, reason=f"pictures are compared with matplotlib {MATPLOTLIB} only"
)
@pytest.mark.parametrize("name", PICTURES)
def test_plots_look_as_they_did(name, tmp_path):
    picture(name, tmp_path / f"{name}.png")
    difference = compare_images(BASELINE / f"{name}.png", tmp_path / f"{name}.png", tol=TOLERANCE)
    assert difference is None, difference


if __name__ == "__main__":
    for each in PICTURES:
        picture(each, BASELINE / f"{each}.png")
