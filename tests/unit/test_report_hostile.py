"""Names from data are text wherever they stand: in the page, in drawings, in JSON and in tables."""

import json
from xml.etree import ElementTree

import pytest

import segregate as sg

from .report_pages import city, csv_of, downloads, parsed, table_called

SCRIPT = "<script>alert(1)</script>"
GROUPS = (SCRIPT, "a & b", "{{ 7 * 7 }}", "$x^2$")
IDS = [f"u{number:02d}" for number in range(33)] + ["\"quoted\" 'id'", "</script><b>", "=cmd|' /C calc'!A0"]
TITLE = '{{ title }} {% raw %} <b>bold</b> & "more"'
SOURCE = "</style><script>alert(2)</script>"


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    names = [f"Quarter {number}" for number in range(33)] + ["<img src=x onerror=alert(3)>", "=1+1", "@SUM(A1)"]
    pop = city(groups=GROUPS, ids=IDS, names=names, source=SOURCE)
    path = tmp_path_factory.mktemp("hostile") / "report.html"
    sg.report(pop, path, title=TITLE, replicates=19, environments=[500], names="called")
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(html):
    return parsed(html)


def test_nothing_of_the_data_is_an_element(page):
    scripts = page.find("script")
    assert [one.attributes.get("id") for one in scripts] == ["segregate-data", None]
    assert "alert(" not in scripts[1].text
    assert not page.find("img")
    assert not page.find("b")
    assert len(page.find("style")) == 2
    for element in page.find():
        assert not [name for name in element.attributes if name.startswith("on")], element.tag


def test_names_are_shown_as_they_are(page):
    assert page.one("head").one("title").text == TITLE
    assert page.find("h1")[0].text == TITLE
    assert [row[0] for row in table_called(page, "The groups")[1:]] == list(GROUPS)
    assert any(SOURCE in one.text for one in page.find("p", class_="about"))
    shown = [row[0] for row in table_called(page, "Divergence: the 10 highest")]
    assert "Quarter 4" in shown


def test_drawings_show_them_as_text(page):
    for name, text in downloads(page, ".svg").items():
        root = ElementTree.fromstring(text)
        tags = {one.tag.rpartition("}")[2] for one in root.iter()}
        assert not tags & {"script", "b", "img", "foreignObject", "style"}, name
    matrix = "".join(ElementTree.fromstring(downloads(page, ".svg")["exposure.svg"]).itertext())
    for group in GROUPS:
        assert group.replace(" ", "") in matrix.replace(" ", "").replace("\n", ""), group
    for svg in page.find("svg"):
        assert not svg.find("script")


def test_json_holds_them_as_they_are(html, page):
    data = json.loads(page.one(id="segregate-data").text)
    (layer,) = data["layers"]
    assert layer["name"] == TITLE
    assert [group["name"] for group in layer["groups"]] == list(GROUPS)
    assert layer["ids"] == IDS
    assert "</script><b>" not in html
    found = json.loads(page.one(id="manifest-json").text)
    assert found["parameters"]["title"] == TITLE
    assert found["inputs"][0]["groups"] == list(GROUPS)


def test_tables_hold_no_formula(page):
    table = csv_of(page, "map-divergence.csv")
    assert table["unit"].tolist() == [*IDS[:-1], "'" + IDS[-1]]
    assert table["name"].tolist()[-2:] == ["'=1+1", "'@SUM(A1)"]
    assert csv_of(page, "exposure.csv")["group"].iloc[0] == SCRIPT


def test_texts_of_the_data_are_escaped_in_a_template_of_the_user_too(tmp_path):
    template = tmp_path / "mine.html"
    template.write_text(
        '{% extends "report.html" %}{% block header %}<h1 id="mine">{{ title }} {{ source }}</h1>{% endblock %}',
        encoding="utf-8",
    )
    pop = city(side=4, groups=GROUPS, source=SOURCE)
    path = sg.report(pop, tmp_path / "report.html", title=TITLE, replicates=19, environments=[], template=template)
    page = parsed(path.read_text(encoding="utf-8"))
    assert page.one(id="mine").text == f"{TITLE} Source: {SOURCE}"
    assert len(page.find("script")) == 2
