"""A population in a notebook."""

import html.parser

import numpy as np
import pandas as pd
import pytest

import segregate as sg


def city(**columns):
    frame = pd.DataFrame({"id": ["u1", "u2", "u3"], **columns})
    return sg.Population.from_frame(frame, list(columns), id="id")


class Tags(html.parser.HTMLParser):
    """Counts tags that are opened and closed."""

    def __init__(self, text):
        super().__init__()
        self.open, self.all = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.all.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_groups_totals_and_what_is_known():
    pop = sg.sample("sacramento")
    shown = pop._repr_html_()
    assert "Population: 403 units, 4 groups, 1,701,630 people" in shown
    assert ">1,143,214</td>" in shown
    assert ">67.2%</td>" in shown
    for name, value in [
        ("environment", "home"),
        ("CRS", "NAD83"),
        ("bounds", "-122.422, 38.0184 to -119.877, 39.3165"),
        ("source", "US Census Bureau, Census 2000 SF3"),
        ("licence", "Public domain."),
    ]:
        assert f">{name}</th>" in shown
        assert f">{value}</td>" in shown
    assert not Tags(shown).open


def test_bars_are_as_long_as_shares():
    shown = city(a=[3.0, 0, 0], b=[1.0, 0, 0])._repr_html_()
    widths = [float(part.split("em")[0]) for part in shown.split("inline-block;width:")[1:]]
    assert widths == pytest.approx([6.0, 2.0])
    assert ">2 units</td>" in shown  # without people


def test_names_are_shown_as_text():
    shown = city(**{"<script>alert(1)</script>": [1.0, 2, 3], 'b"&': [1.0, 2, 3]})._repr_html_()
    assert "<script" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "b&quot;&amp;" in shown


def test_of_many_groups_the_first_are_shown():
    shown = city(**{f"g{k}": np.ones(3) for k in range(25)})._repr_html_()
    assert ">g19</td>" in shown
    assert ">g20</td>" not in shown
    assert "and 5 more groups" in shown


def test_disclosure_and_notes_are_told():
    frame = pd.DataFrame({"a": ["<5", "10", "20"], "b": [1, 2, 3]})
    pop = sg.Population.from_frame(frame, ["a", "b"], suppressed="middle")
    shown = pop._repr_html_()
    assert ">disclosure</th>" in shown
    assert pop.disclosure.sentence() in shown
    assert "note: " in shown


def test_no_colour_is_set_that_a_dark_page_would_hide():
    shown = sg.sample("schools")._repr_html_()
    styles = [part.split('"')[0] for part in shown.split('style="')[1:]]
    assert styles
    assert not any("color" in style.replace("currentColor", "") for style in styles)
