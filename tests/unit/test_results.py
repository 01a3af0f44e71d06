"""What results share: they show themselves as text, as HTML and as a picture."""

from dataclasses import FrozenInstanceError, dataclass
from typing import ClassVar

import pandas as pd
import pytest

import segregate.plot
from segregate.results import Result


@dataclass(frozen=True)
class Counted(Result):
    """A result of a few numbers."""

    picture: ClassVar[str] = "draw_counted"
    values: tuple[float, ...]
    notes: tuple[str, ...] = ()

    @property
    def table(self) -> pd.DataFrame:
        return pd.DataFrame({"<name>": [f"v{k}" for k in range(len(self.values))], "value": self.values})

    def _headline(self) -> str:
        return f"Counted: {len(self.values)} values & more"


def test_text_is_headline_table_and_notes():
    shown = repr(Counted((1.5, 2.5), ("2 units left out",)))
    assert shown.splitlines() == [
        "Counted: 2 values & more",
        "  <name>  value",
        "0     v0    1.5",
        "1     v1    2.5",
        "note: 2 units left out",
    ]
    assert len(repr(Counted((1.5,))).splitlines()) == 3


def test_a_dataclass_keeps_the_repr_of_results():
    """The decorator would write one that lists the fields."""
    assert repr(Counted((1.0,))).startswith("Counted: 1 values")


def test_a_repr_of_its_own_stays():
    @dataclass(frozen=True)
    class Own(Counted):
        def __repr__(self) -> str:
            return "mine"

    @dataclass(frozen=True)
    class Further(Own):
        """Inherits it."""

    assert repr(Own(())) == "mine"
    assert repr(Further(())) == "mine"


def test_html_is_escaped():
    shown = Counted((1.5,), ("a < b", "<script>"))._repr_html_()
    assert "<b>Counted: 1 values &amp; more</b>" in shown
    assert "&lt;name&gt;" in shown
    assert ">note: a &lt; b</p>" in shown
    assert "<script" not in shown
    assert "color:" not in shown.replace("currentColor", "")


def test_many_notes_are_folded():
    shown = Counted((1.5,), tuple("abcd"))._repr_html_()
    assert "<details><summary>4 notes</summary>" in shown
    assert "<details" not in Counted((1.5,), tuple("abc"))._repr_html_()


def test_long_tables_are_cut_and_say_so():
    result = Counted(tuple(range(1000)))
    said = "10 of 1,000 rows shown; all are in .table"
    *lines, last = repr(result).splitlines()
    assert len(lines) == 13  # headline, names, ten rows and the dots
    assert lines[-1].split() == ["999", "v999", "999"]
    assert last == said
    assert result._repr_html_().count("<tr") == 12
    assert said in result._repr_html_()
    assert len(result.table) == 1000
    assert "shown" not in repr(Counted(tuple(range(10))))


def test_rows_with_labels_keep_them_in_html():
    class Labelled(Counted):
        @property
        def table(self) -> pd.DataFrame:
            return pd.DataFrame({"value": self.values}, index=pd.Index(["<b>"], name="unit"))

    shown = Labelled((float("nan"),))._repr_html_()
    assert "&lt;b&gt;" in shown
    assert "<td>\N{EN DASH}</td>" in shown


def test_plot_calls_the_function_of_its_name(monkeypatch):
    asked = []

    def draw_counted(result, *, ax):
        asked.append((result, ax))
        return "axes"

    monkeypatch.setattr(segregate.plot, "draw_counted", draw_counted, raising=False)
    result = Counted((1.0,))
    assert result.plot() == "axes"
    assert result.plot(ax="here") == "axes"
    assert asked == [(result, None), (result, "here")]


def test_results_do_not_change():
    with pytest.raises(FrozenInstanceError):
        Counted((1.0,)).values = ()


def test_table_and_headline_are_asked_for():
    class Half(Result):
        def _headline(self) -> str:
            return ""

    with pytest.raises(TypeError, match="table"):
        Half()
