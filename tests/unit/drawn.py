"""What tests of drawn plots share: nothing overlaps, nothing sticks out."""

from itertools import combinations

from matplotlib.axes import Axes
from matplotlib.text import Text


def named(ax, gid):
    """Return the artists of a name."""
    return [found for found in ax.figure.findobj() if found.get_gid() == gid]


def words(ax):
    """Return the visible texts of a figure."""
    return [text for text in ax.figure.findobj(Text) if text.get_text().strip() and text.get_visible()]


def assert_legible(ax, *, slack=2.5):
    """Check that no two texts overlap, and that all lie in the figure."""
    ax.figure.canvas.draw()
    boxes = [(text.get_text(), text.get_window_extent()) for text in words(ax)]
    shown = [(name, box) for name, box in boxes if box.width > 0]
    assert shown
    for (one, a), (other, b) in combinations(shown, 2):
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        along = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert across <= slack or along <= slack, f"{one!r} and {other!r} overlap by {across:.1f} x {along:.1f} pixels"
    whole = ax.figure.bbox
    for name, box in shown:
        inside = box.x0 >= -slack and box.y0 >= -slack and box.x1 <= whole.x1 + slack and box.y1 <= whole.y1 + slack
        assert inside, f"{name!r} sticks out of the figure: {box} of {whole}"


def assert_apart(*axes: Axes):
    """Check that axes do not overlap."""
    for one, other in combinations(axes, 2):
        a, b = one.get_window_extent(), other.get_window_extent()
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        along = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert across <= 1 or along <= 1, f"{one.get_gid()} and {other.get_gid()} overlap"
