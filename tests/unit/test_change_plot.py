"""The pictures of a change and of parts between and within regions: what they show, and that labels are free."""

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

import segregate as sg
from segregate.plot import draw_between_within, draw_change, prepare_between_within, prepare_change
from tests.helpers import quietly


@pytest.fixture(autouse=True)
def no_figure_is_left():
    yield
    pyplot.close("all")


def of_counts(counts, names=None):
    return sg.Population.from_frame(pd.DataFrame(counts, columns=["x", "y"], index=names, dtype=float), ["x", "y"])


def years():
    schools = sg.sample("schools")
    frame = schools.to_frame().iloc[2:]
    frame["asian"] += frame["white"] // 4
    return schools, sg.Population.from_frame(frame, schools.groups)


def halves():
    schools = sg.sample("schools")
    district = schools.attributes["district"]
    half = district.isin(["Hills", "North"]).map({True: "up", False: "down"}).rename("half")
    return sg.between_within(schools, "H", by=[half, "district"])


CHANGES = {
    "shapley": lambda: sg.change(*years()),
    "km": lambda: sg.change(*years(), method="km"),
    "mrc": lambda: sg.change(*years(), method="mrc"),
    "none": lambda: sg.change(years()[0], years()[0]),
    "no value": lambda: quietly(sg.change, of_counts([[9, 0], [0, 9]]), of_counts([[9, 0], [0, 19]])),
    "small": lambda: sg.change(of_counts([[500, 501], [501, 500]]), of_counts([[500, 502], [501, 500]])),
}
SPLITS = {
    "one level": lambda: sg.between_within(sg.sample("schools"), "M", by="district"),
    "two levels": halves,
    "even": lambda: sg.between_within(of_counts([[1, 1], [2, 2]]), "O", by=["a", "b"]),
}
ALL = {**CHANGES, **SPLITS}


def drawn(ax, gid):
    return [artist for artist in ax.get_children() if artist.get_gid() == gid]


@pytest.mark.parametrize("case", CHANGES)
def test_what_a_change_shows(case):
    result = CHANGES[case]()
    shown = prepare_change(result)
    parts = [part for part in result.parts if part != "residual" or case == "no value"]
    assert shown["part"].tolist() == ["then", *parts, "now"]
    assert shown["start"].tolist()[1:] == pytest.approx(shown["end"].tolist()[:-1], abs=1e-14)
    assert shown["end"].iloc[-2] == pytest.approx(result.now, abs=1e-12)
    lengths = (shown["end"] - shown["start"]).tolist()
    expected = [0, *(np.nan_to_num(getattr(result, part)) for part in parts), 0]
    assert lengths == pytest.approx(expected, abs=1e-12)
    for part, text in zip(shown["part"], shown["text"], strict=True):
        value = getattr(result, part)
        if np.isnan(value):
            assert text == "no value"
        else:
            assert float(text.replace("\N{MINUS SIGN}", "-")) == pytest.approx(
                value, abs=0.006 * max(np.ptp(shown["end"]), 0.1)
            )
            assert text[0] in "+\N{MINUS SIGN}0" or part in ("then", "now")


@pytest.mark.parametrize("case", SPLITS)
def test_what_a_split_shows(case):
    result = SPLITS[case]()
    shown = prepare_between_within(result)
    assert shown["part"].tolist() == [*result.table["between"], "total"]
    assert (shown["end"] - shown["start"]).tolist() == pytest.approx([*result.table["value"], result.total], abs=1e-15)
    assert shown["end"].iloc[-2] == pytest.approx(result.total, abs=1e-14)


def test_the_words_of_a_split():
    shown = prepare_between_within(halves())
    assert shown["label"].tolist() == ["Between half", "Between district within half", "Within district", "Total"]
    assert shown["text"].iloc[-1] == "0.141"
    assert shown["text"].iloc[2] == "0.050  (35.7 %)"


@pytest.mark.parametrize("case", ALL)
def test_labels_are_inside_and_free(case):
    ax = ALL[case]().plot()
    ax.figure.canvas.draw()
    whole = ax.figure.bbox
    box = ax.get_tightbbox()
    assert box.x0 >= whole.x0
    assert box.y0 >= whole.y0
    assert box.x1 <= whole.x1
    assert box.y1 <= whole.y1
    labels, bars = drawn(ax, "label"), drawn(ax, "bar")
    boxes = [text.get_window_extent() for text in labels]
    for k, one in enumerate(boxes):
        for other in [*boxes[k + 1 :], *(bar.get_window_extent() for bar in bars)]:
            assert not (one.x0 < other.x1 and other.x0 < one.x1 and one.y0 < other.y1 and other.y0 < one.y1)


@pytest.mark.parametrize("case", ["shapley", "km", "no value"])
def test_bars_and_dots(case):
    result = CHANGES[case]()
    shown = prepare_change(result)
    ax = draw_change(result)
    inner = shown[~shown["part"].isin(["then", "now"])]
    bars = drawn(ax, "bar")
    assert [bar.get_x() for bar in bars] == pytest.approx(inner["start"].tolist())
    assert [bar.get_width() for bar in bars] == pytest.approx((inner["end"] - inner["start"]).tolist(), abs=1e-12)
    assert [dot.get_xdata()[0] for dot in drawn(ax, "dot")] == [result.then, result.now]
    assert [text.get_text() for text in ax.get_yticklabels()] == shown["label"].tolist()
    assert ax.get_title(loc="left") == "What has changed M"
    caption = next(text for text in ax.texts if text.get_gid() == "caption").get_text()
    assert caption.startswith(f"Method: {result.method}. ")


def test_a_split_starts_at_0():
    ax = draw_between_within(halves())
    assert ax.get_xlim()[0] == 0
    assert len(drawn(ax, "bar")) == 4
    assert ax.get_title(loc="left") == "Information theory between and within half, district"
    assert ax.get_xlabel() == "Information theory (H)"


@pytest.mark.parametrize("case", ["shapley", "two levels"])
def test_text_has_eight_or_ten_points(case):
    with matplotlib.rc_context({"font.size": 30}):
        ax = ALL[case]().plot()
        ax.figure.canvas.draw()
        texts = [text for text in ax.findobj(matplotlib.text.Text) if text.get_text() and text.get_visible()]
        assert {text.get_fontsize() for text in texts} == {8.0, 10.0}


@pytest.mark.parametrize("case", ["shapley", "two levels"])
def test_axes_of_the_user_and_nothing_global(case):
    before = dict(matplotlib.rcParams)
    figure = Figure(figsize=(8, 4))
    left, right = figure.subplots(1, 2)
    assert ALL[case]().plot(ax=right) is right
    assert figure.get_size_inches().tolist() == [8, 4]
    assert not left.patches
    assert not pyplot.get_fignums()
    assert dict(matplotlib.rcParams) == before


def test_what_cannot_be_drawn():
    with pytest.raises(sg.ParameterError, match=r"shows what segregate\.change returns, not DataFrame"):
        prepare_change(pd.DataFrame())
    with pytest.raises(sg.ParameterError, match=r"shows what segregate\.between_within returns, not DataFrame"):
        prepare_between_within(pd.DataFrame())
    undefined = quietly(sg.between_within, of_counts([[1, 0], [2, 0]]), "M", by=["a", "b"])
    with pytest.raises(sg.DataError, match="mutual_information has no value here, so there are no parts to draw"):
        undefined.plot()
    assert not pyplot.get_fignums()
