"""The page opens from a file, without a network, and hostile names are nothing but text."""

import json

import pytest

import segregate as sg
from tests.browser.looking import column, downloaded, legend
from tests.browser.pages import city_of, layer_of, page_html

pytestmark = pytest.mark.slow
SCRIPT = "<script>alert(1)</script>"
IMAGE = "\"'><img src=x onerror=alert(2)>"
BRACES = "{{ 7*7 }}{% raw %}</script><svg onload=alert(3)>"
FORMULAS = ["=1+1", "+A1", "-2", "@SUM(A1)", ' =cmd|" /C calc"!A0', "plain, with comma", 'a "quote"', "two\nlines"]


@pytest.fixture(scope="module")
def sacramento(tmp_path_factory):
    file = tmp_path_factory.mktemp("page") / "sacramento.html"
    file.write_text(page_html([layer_of(sg.sample("sacramento"), "2000")]), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A page whose groups, ids, names, layer and title are all attacks."""
    city = city_of(4, 3, groups=[SCRIPT, IMAGE, BRACES])
    frame = city.to_frame().reset_index()
    frame["unit"] = [IMAGE, SCRIPT, *(f"id {number}" for number in range(10))]
    city = sg.Population.from_frame(frame, [SCRIPT, IMAGE, BRACES], id="unit")
    names = frame["unit"].where(frame.index < 2, None)
    names[2:10] = FORMULAS
    file = tmp_path_factory.mktemp("hostile") / "page.html"
    file.write_text(
        page_html([layer_of(city, BRACES, names=names), layer_of(city, SCRIPT)], title=BRACES), encoding="utf-8"
    )
    return file


def test_it_opens_from_a_file_without_a_network(visit, sacramento):
    page = visit(sacramento)
    assert page.is_visible("#explore-app")
    assert not page.is_visible("#explore-off")
    assert legend(page)
    assert page.inner_text("#explore-found") == "403 of 403 units"
    assert (
        page.evaluate("performance.getEntriesByType('resource').filter(r => !/^(data|blob|file):/.test(r.name)).length")
        == 0
    )


def test_the_listener_sees_what_it_is_there_for(visit, wrong, tmp_path):
    file = tmp_path / "bad.html"
    file.write_text("<title>x</title><img src='https://example.org/x.png'><script>console.error('no'); f()</script>")
    visit(file).wait_for_load_state()
    seen = [line.split(":")[0] for line in wrong]
    wrong.clear()
    assert {"console", "error", "request", "failed"} <= set(seen)


def test_without_javascript_it_points_to_the_rest(visit, sacramento):
    page = visit(sacramento, java_script_enabled=False)
    assert page.locator("#explore-off").inner_text().startswith("The interactive map needs JavaScript")
    assert not page.is_visible("#explore-app")


def test_on_paper_the_static_part_stands_alone(visit, sacramento):
    page = visit(sacramento)
    assert page.is_visible("#explore")
    page.emulate_media(media="print")
    assert not page.is_visible("#explore")


def test_hostile_names_are_text(visit, hostile):
    page = visit(hostile)
    assert page.title() == BRACES
    assert page.locator("#explore-layer option").all_inner_texts() == [BRACES, SCRIPT]
    assert page.locator("#explore-group option").all_inner_texts() == [SCRIPT, IMAGE, BRACES]
    assert {IMAGE, SCRIPT} <= set(column(page, 1))
    for group in (IMAGE, BRACES):
        page.select_option("#explore-group", label=group)
        assert page.inner_text("#explore-legend-title") == f"Location quotient: {group}"
        assert page.get_attribute("#explore-map", "aria-label") == f"Map of Location quotient: {group}"
    page.focus("#explore-map")
    for _ in range(12):
        page.keyboard.press("n")
    assert BRACES in page.inner_text("#explore-detail")
    page.fill("#explore-find", "<SCRIPT>")
    assert column(page, 1) == [SCRIPT]
    page.select_option("#explore-layer", label=SCRIPT)
    page.wait_for_timeout(200)
    assert page.locator("#explore-app img, #explore-app script, #explore-app svg[onload]").count() == 0


def test_text_that_a_spreadsheet_would_run_is_escaped_in_the_file(visit, hostile):
    page = visit(hostile)
    names = {row["Id"]: row["Name"] for row in downloaded(page)}
    shown = [names[f"id {number}"] for number in range(8)]
    assert shown == [f"'{name}" for name in FORMULAS[:5]] + FORMULAS[5:]
    assert names["id 8"] == ""
    assert {IMAGE, SCRIPT} <= set(names)


def test_the_data_are_an_island_of_json(visit, sacramento):
    page = visit(sacramento)
    island = json.loads(page.inner_text("#segregate-data") or page.text_content("#segregate-data"))
    assert set(island) == {"language", "words", "layers"}
