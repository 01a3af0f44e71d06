"""The style sheet of all plots: sizes of text and pages, and what `style` changes of them.

Nothing here is global: what `style` says holds in its context only, and the settings of matplotlib that the sheet
fixes are put back after every plot.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from weakref import WeakKeyDictionary

import matplotlib
from matplotlib.axes import Axes

from .._languages import language_of, speak
from ..errors import ParameterError, UnknownNameError, nearest

__all__ = [
    "BOLD_TITLE_PAD",
    "INK",
    "SIZES",
    "SMALL",
    "TITLE_SIZE",
    "Page",
    "Size",
    "in_grey",
    "noted",
    "on_page",
    "page_asked",
    "page_of",
    "pt",
    "refuse_low",
    "sheet",
    "style",
    "styled",
    "texts_of",
]

INK = "#222222"
"""Colour of text and axes."""
SMALL = 8.0
"""Size of all text but titles, in points on paper."""
TITLE_SIZE = 10.0
"""Size of titles, in points on paper."""
BOLD_TITLE_PAD = 6.0
"""Points between a title and what is below it."""
MM = 1 / 25.4
"""Inches."""
LEAST, MOST = 1.5, 60.0
"""Smallest and greatest width and height of a page in inches."""
FIXED = (
    "axes.axisbelow",
    "axes.autolimit_mode",
    "axes.labelpad",
    "axes.labelweight",
    "axes.linewidth",
    "axes.titlelocation",
    "axes.titley",
    "axes.unicode_minus",
    "axes.xmargin",
    "axes.ymargin",
    "axes.formatter.use_mathtext",
    "hatch.linewidth",
    "legend.borderpad",
    "legend.fancybox",
    "legend.markerscale",
    "legend.numpoints",
    "legend.scatterpoints",
    "legend.shadow",
    "lines.dash_capstyle",
    "lines.dash_joinstyle",
    "lines.linestyle",
    "lines.marker",
    "lines.markeredgewidth",
    "lines.scale_dashes",
    "lines.solid_capstyle",
    "lines.solid_joinstyle",
    "patch.force_edgecolor",
    "patch.linewidth",
    "path.effects",
    "path.sketch",
    "scatter.edgecolors",
    "text.usetex",
    "xtick.alignment",
    "xtick.direction",
    "xtick.major.pad",
    "xtick.major.size",
    "xtick.major.width",
    "xtick.minor.visible",
    "ytick.alignment",
    "ytick.direction",
    "ytick.major.pad",
    "ytick.major.size",
    "ytick.major.width",
    "ytick.minor.visible",
)
"""Settings that have matplotlib's own values while a plot is drawn. The font is the user's."""

Size = str | Sequence[float]
"""What ``size=`` takes: a name, or width and height in inches."""


@dataclass(frozen=True)
class Page:
    """The place that a figure has on paper or on a screen.

    Attributes
    ----------
    name : str
        For messages.
    width, height : float
        In inches. The figure has this width.
    whole : bool
        Whether it has this height too; else it is as high as it needs, and no higher.
    scale : float
        Size of text and lines over that on paper.
    """

    name: str
    width: float
    height: float
    whole: bool
    scale: float = 1.0


SIZES = {
    "A4": Page("'A4'", 160 * MM, 247 * MM, whole=False),
    "A4-landscape": Page("'A4-landscape'", 247 * MM, 160 * MM, whole=False),
    "half-page": Page("'half-page'", 160 * MM, 120 * MM, whole=False),
    "column": Page("'column'", 80 * MM, 180 * MM, whole=False),
    "slide": Page("'slide'", 40 / 3, 7.5, whole=True, scale=2.0),
}
"""Pages by name."""


@dataclass(frozen=True)
class _Style:
    """What a context says."""

    page: Page | None = None
    grey: bool = False


PLAIN = _Style()
_style: ContextVar[_Style] = ContextVar("segregate-style", default=PLAIN)
_page: ContextVar[Page | None] = ContextVar("segregate-page", default=None)
_outer: ContextVar[tuple[tuple[_Style, str], ...]] = ContextVar("segregate-styles", default=())
_lock = threading.RLock()
_texts: WeakKeyDictionary[Axes, tuple[str, str]] = WeakKeyDictionary()


class _Styled(AbstractContextManager[None]):
    """A style that holds inside ``with``; one object serves any number of times, and in threads."""

    def __init__(self, page: Page | None, language: str | None, grey: bool) -> None:
        self._page, self._language, self._grey = page, language, grey

    def __enter__(self) -> None:
        before = _style.get()
        spoken = speak(self._language)
        _outer.set((*_outer.get(), (before, spoken)))
        _style.set(_Style(self._page or before.page, self._grey or before.grey))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        *outer, (before, spoken) = _outer.get()
        _outer.set(tuple(outer))
        _style.set(before)
        speak(spoken)


def style(*, size: Size | None = None, language: str | None = None, grey: bool = False) -> AbstractContextManager[None]:
    """Give the plots drawn inside ``with`` a size, a language, or the look of black-and-white print.

    Parameters
    ----------
    size : str or (float, float), optional
        ``"A4"``: the text of a page, 160 mm wide and up to 247 mm high. ``"A4-landscape"``: 247 mm wide, up to 160 mm
        high. ``"half-page"``: 160 mm wide, up to 120 mm high. ``"column"``: 80 mm wide, up to 180 mm high. ``"slide"``:
        16 : 9 (13.33 by 7.5 inches), with text and lines twice as large. Or width and height in inches. On pages a
        figure is as high as it needs; a slide, or a size in inches, it fills. In points text has 8 and 10, on a slide
        16 and 20.
    language : str, optional
        Of titles, captions, legends and numbers: ``"en"``, ``"fr"``, ``"de"``, ``"es"`` or ``"it"``.
    grey : bool, optional
        Whether to draw in greys: numbers from light to dark, lines told apart by dashes, categories by hatches.

    Returns
    -------
    context manager
        It may be kept and entered again. What a style does not name is that of the style around it. Titles and captions
        are written where ``prepare_*`` is called, so call that inside too.

    Raises
    ------
    ParameterError
        When a size cannot be used.
    UnknownNameError
        When there is no size or language of that name.

    Notes
    -----
    The settings of matplotlib (``matplotlib.rcParams``) stay what they are; the font is the one that is set there
    (``font.family``). Names of groups and what is recorded in notes stay as they are in the data, whatever the
    language.

    Examples
    --------
    >>> import segregate as sg
    >>> with sg.plot.style(size="column", language="de"):
    ...     ax = sg.plot.map(sg.local(sg.sample("sacramento"), "entropy"), managed=False)
    >>> ax.get_title(loc="left")
    'Entropie'
    >>> print(round(ax.figure.get_size_inches()[0] * 25.4))
    80
    """
    if not isinstance(grey, bool):
        raise ParameterError(f"grey= is True or False, not {grey!r}.")
    page = None if size is None else page_asked(size)
    return _Styled(page, None if language is None else language_of(language).code, grey)


def styled(size: Size | None, language: str | None, *, ax: Axes | None, width: float | None) -> _Styled:
    """Return the style that a call asks for.

    Raises
    ------
    ParameterError
        When ``size=`` is given for axes that are there, or beside ``width=``.
    """
    if size is not None and (ax is not None or width is not None):
        other = "ax=" if ax is not None else "width="
        raise ParameterError(f"size= is the size of a new figure; leave it out when {other} is given.")
    page = None if size is None else page_asked(size)
    return _Styled(page, None if language is None else language_of(language).code, grey=False)


def page_asked(size: Size) -> Page:
    """Return the page of a name or of width and height."""
    if isinstance(size, str):
        folded = {name.casefold(): page for name, page in SIZES.items()}
        if size.casefold() not in folded:
            raise UnknownNameError(
                f"There is no size {size!r}. {nearest(size, SIZES)} Or give (width, height) in inches."
            )
        return folded[size.casefold()]
    problem = f"size= is a name, or width and height in inches, each from {LEAST:g} to {MOST:g}; got {size!r}."
    try:
        width, height = (float(side) for side in size)
    except (TypeError, ValueError) as error:
        raise ParameterError(problem) from error
    if not all(math.isfinite(side) and LEAST <= side <= MOST for side in (width, height)):
        raise ParameterError(problem)
    return Page(f"({width:g}, {height:g})", width, height, whole=True)


def pt(points: float) -> float:
    """Return a length in points on paper as it is on the medium at hand."""
    page = _style.get().page
    return points if page is None else points * page.scale


def in_grey() -> bool:
    """Say whether plots are for black-and-white print."""
    return _style.get().grey


def page_of() -> Page | None:
    """Return the page of the figure that is drawn; None where its size is not that of a style."""
    return _page.get()


@contextmanager
def on_page(ax: Axes | None, width: float | None) -> Iterator[Page | None]:
    """Say where a figure is drawn: on the page of the style, unless there are axes already, or a width."""
    page = _style.get().page if ax is None and width is None else None
    before = _page.get()
    _page.set(page)
    try:
        yield page
    finally:
        _page.set(before)


def refuse_low(needed: float, page: Page) -> None:
    """Refuse a plot that does not fit its page.

    Parameters
    ----------
    needed : float
        Height in points.
    page : Page
        Where it is drawn.

    Raises
    ------
    ParameterError
        When it is higher than the page.
    """
    if needed > 72 * page.height + 0.5:
        raise ParameterError(
            f"The plot needs {needed / 72:.1f} inches of height to be legible, and size={page.name} has "
            f"{page.height:.1f}. Take a larger size, show less in one plot, or shorten what stands around it "
            "(title=, caption=)."
        )


@contextmanager
def sheet() -> Iterator[None]:
    """Hold the settings of matplotlib that the style sheet fixes, and put the user's back.

    They are shared by all threads: where any of them has to be changed, plots are drawn one at a time.
    """
    settings: dict[Any, Any] = matplotlib.rcParams
    usual: dict[Any, Any] = matplotlib.rcParamsDefault
    own: dict[Any, Any] = {name: usual[name] for name in FIXED if name in settings}
    with _lock:
        same = all(settings[name] == value for name, value in own.items())
        if not same:
            with matplotlib.rc_context(own):
                yield
    if same:
        yield


def noted(ax: Axes, title: str, caption: str) -> None:
    """Keep the texts of a plot as they are before they are broken into lines, for the metadata of files."""
    _texts[ax] = (title, caption)


def texts_of(ax: Axes) -> tuple[str, str]:
    """Return title and caption of a plot."""
    return _texts.get(ax, (ax.get_title(loc="left"), ""))
