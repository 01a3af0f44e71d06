"""Plots of inference look as they did: compared pixel by pixel with stored pictures, text left out.

Made anew as those of `tests.images.test_map_images`: ``python -m tests.images.test_inference_images``.
"""

from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.testing.compare import compare_images
from matplotlib.text import Text

from segregate.plot import draw_null, draw_ranking, draw_trend, forest
from tests.unit import made_results as made

MATPLOTLIB = "3.11.2"
"""The release that drew the stored pictures."""
TOLERANCE = 3
BASELINE = Path(__file__).parent / "baseline"
WAVE = np.sin(np.arange(1, 400)) + np.sin(1.7 * np.arange(1, 400))


def null() -> Axes:
    return draw_null(made.null_of(0.9, 0.1 + 0.01 * WAVE), caption="", managed=False)


def rows() -> Axes:
    value = 0.4 + 0.1 * WAVE[:9]
    table = pd.DataFrame({"index": ["gini"] * 5 + ["dissimilarity"] * 4, "group": list("abcdefghi"), "value": value})
    table["low"], table["high"] = value - 0.03, value + 0.02 + 0.01 * np.arange(9)
    table.loc[2, ["value", "low", "high"]] = np.nan
    table.loc[6, ["low", "high"]] = np.nan
    return forest(table, caption="", managed=False)


def ties() -> Axes:
    letters = ["a", "ab", "ab", "bc", "cd", "ce", "d", "e", "f"]
    result = made.ranking([f"City {k}" for k in range(9)], np.linspace(0.8, 0.3, 9), 0.06, letters)
    return draw_ranking(result, caption="", managed=False)


def years() -> Axes:
    value = 0.4 + 0.05 * WAVE[:12]
    value[7] = np.nan
    return draw_trend(made.trend(range(2000, 2012), value, 0.03), caption="", managed=False)


PICTURES = {function.__name__: function for function in (null, rows, ties, years)}


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
