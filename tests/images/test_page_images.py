"""Maps side by side, maps of two columns, heat maps and schools look as they did; text left out.

Made anew as those of `tests.images.test_map_images`: ``python -m tests.images.test_page_images``.
"""

from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.testing.compare import compare_images
from matplotlib.text import Text

from segregate.plot import bivariate, exposure_matrix, pair_matrix, school_home, small_multiples
from tests.images.test_curve_images import town
from tests.images.test_map_images import honeycomb

MATPLOTLIB = "3.11.2"
"""The release that drew the stored pictures."""
TOLERANCE = 3
BASELINE = Path(__file__).parent / "baseline"


def multiples() -> Axes:
    frames = {year: honeycomb(3) for year in (2000, 2010, 2020)}
    for shift, frame in enumerate(frames.values()):
        frame["value"] *= 1.3**shift
    return small_multiples(frames, k=4, caption="", managed=False)


def cities() -> Axes:
    near, far = honeycomb(2), honeycomb(4)
    far["geometry"] = far.translate(90_000, -200_000)
    return small_multiples({"a": near, "b": far}, scale="own", center=1, caption="", managed=False, width=5)


def two_ways() -> Axes:
    frame = honeycomb(4)
    frame["other"] = np.sin(np.arange(len(frame)) / 5)
    return bivariate(frame, "value", "other", caption="", managed=False, width=5)


def exposure() -> Axes:
    return exposure_matrix(town(), caption="", managed=False, width=4)


def pairs() -> Axes:
    wide = town()
    counts = pd.DataFrame(wide.counts, columns=list(wide.groups)).assign(none=0.0)
    return pair_matrix(type(wide).from_frame(counts, [*wide.groups, "none"]), caption="", managed=False, width=5)


def schools() -> Axes:
    k = np.arange(40)
    home = pd.Series(0.5 + 0.4 * np.sin(k), index=[f"s{j}" for j in k])
    school = home + 0.15 * np.cos(3 * k)
    return school_home(school, home, sizes=pd.Series(100.0 + 20 * k, index=home.index), managed=False, caption="")


PICTURES = {function.__name__: function for function in (multiples, cities, two_ways, exposure, pairs, schools)}


def picture(name: str, path: Path) -> None:
    """Draw a plot without its text."""
    figure = PICTURES[name]().figure
    for text in figure.findobj(Text):
        text.set_color("none")
        text.set_path_effects([])
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
