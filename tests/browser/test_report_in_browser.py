"""Whole reports in a real browser."""

import re
import urllib.parse
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pandas as pd
import pytest

import segregate as sg
from segregate.reporting import report
from tests.browser.looking import column, downloaded, found, legend, picture
from tests.browser.pages import city_of

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::segregate.SegregateWarning")]
SCRIPT = "<script>alert(1)</script>"
IMAGE = "\"'><img src=x onerror=alert(2)>"
BRACES = "{{ 7*7 }}{% raw %}</script><svg onload=alert(3)>"
QUICK = {"environments": [], "replicates": 19}


@pytest.fixture(scope="module")
def sacramento(tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "sacramento.html"
    return report(sg.sample("sacramento"), path, title="Sacramento", **QUICK)


@pytest.fixture(scope="module")
def years(tmp_path_factory):
    path = tmp_path_factory.mktemp("years") / "years.html"
    return report({2011: city_of(9, 8), 2021: city_of(9, 8, seed=5)}, path, title="Two years", language="fr", **QUICK)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    groups = [SCRIPT, IMAGE, BRACES]
    frame = city_of(6, 5, groups=groups).to_frame().reset_index()
    frame["unit"] = [IMAGE, SCRIPT, BRACES, *(f"unit {number}" for number in range(27))]
    frame["called"] = [BRACES, IMAGE, SCRIPT, *(f"=cmd{number}" for number in range(27))]
    city = sg.Population.from_frame(frame, groups, id="unit")
    path = tmp_path_factory.mktemp("hostile") / "hostile.html"
    return report(city, path, title=BRACES, source=SCRIPT, names="called", **QUICK)


def test_a_report_opens_and_its_map_answers(visit, sacramento):
    page = visit(sacramento)
    assert page.is_visible("#explore-app")
    seen = {(picture(page), tuple(legend(page)))}
    for index, group in (("Location quotient", "hisp"), ("Location quotient", "black"), ("Share", "black")):
        page.select_option("#explore-index", label=index)
        page.select_option("#explore-group", label=group)
        assert page.inner_text("#explore-legend-title") == f"{index}: {group}"
        seen.add((picture(page), tuple(legend(page))))
    assert len(seen) == 4
    header = page.locator("#explore-head button").first
    header.click()
    assert column(page, 0) == sorted(column(page, 0))
    page.fill("#explore-find", "06067")
    shares = sg.local(sg.sample("sacramento"), "share", group="black").set_index("fips")["value"]
    rows = downloaded(page)
    assert len(rows) == found(page) == shares.index.str.startswith("06067").sum()
    assert all(float(row["Share: black"]) == shares[row["Id"]] for row in rows)


def test_figures_are_saved_by_a_click(visit, sacramento):
    page = visit(sacramento)
    for kind in ("svg", "csv"):
        link = page.locator(f"figure a[download$='.{kind}']").first
        with page.expect_download() as download:
            link.click()
        content = Path(download.value.path())
        assert download.value.suggested_filename.endswith(f".{kind}")
        if kind == "svg":
            assert ElementTree.parse(content).getroot().tag.endswith("svg")
        else:
            assert len(pd.read_csv(content)) > 3


def test_the_tabulator_walks_through_a_whole_report(visit, years):
    page = visit(years)
    names = page.evaluate(
        """() => [...document.querySelectorAll('a[href], button, select, input, summary, [tabindex]')]
          .filter(e => e.tabIndex >= 0 && !e.disabled && e.getClientRects().length)
          .filter(e => !e.closest('details:not([open]) > :not(summary)'))
          .map((e, place) => e.dataset.stop = String(place))"""
    )
    seen = []
    for _ in range(len(names) + 2):
        page.keyboard.press("Tab")
        stop = page.evaluate("document.activeElement.dataset.stop ?? ''")
        if not stop:
            break
        seen.append(stop)
    assert seen == names
    assert len(seen) > 40


@pytest.mark.parametrize("width", [1280, 320])
def test_axe_finds_nothing_serious_in_a_report(visit, sacramento, years, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not here (the extra browser)")
    for file in (sacramento, years):
        page = visit(file, width=width)
        broken = axe.Axe().run(page).response["violations"]
        listed = [(rule["impact"], rule["id"], rule["nodes"][0]["target"]) for rule in broken]
        assert [one for one in listed if one[0] in ("serious", "critical")] == []
        print(listed)  # noqa: T201
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width


def test_years_share_the_map_and_the_selection(visit, years):
    page = visit(years)
    assert page.locator("#explore-layer option").all_inner_texts() == ["2011", "2021"]
    before = picture(page)
    page.locator("#explore-body button").first.click()
    name = page.inner_text("#explore-detail .explore-name")
    page.select_option("#explore-layer", label="2021")
    assert page.inner_text("#explore-detail .explore-name") == name
    assert picture(page) != before
    assert page.inner_text("#explore-download") == "Télécharger en CSV"


def test_on_paper_the_static_maps_stand_for_it(visit, sacramento):
    page = visit(sacramento)
    page.emulate_media(media="print")
    assert not page.is_visible("#explore")
    assert page.locator("#maps figure").first.is_visible()


def test_without_javascript_all_else_is_there(visit, sacramento):
    page = visit(sacramento, java_script_enabled=False)
    assert page.is_visible("#explore-off")
    assert page.locator("#maps figure svg, #maps figure img").first.is_visible()


def test_hostile_names_in_a_report_are_text(visit, hostile):
    page = visit(hostile)
    assert page.title() == page.inner_text("h1") == BRACES
    text = page.inner_text("main")
    for name in (SCRIPT, IMAGE, BRACES):
        assert name in text
    page.select_option("#explore-index", label="Share")
    page.select_option("#explore-group", label=IMAGE)
    page.focus("#explore-map")
    for _ in range(30):
        page.keyboard.press("n")
    page.wait_for_timeout(200)
    assert page.locator("img[src='x'], [onload], [onerror]").count() == 0
    assert page.locator("script:not([type])").count() == 1
    rows = downloaded(page)
    assert sum(row["Name"].startswith("'=cmd") for row in rows) == 27
    assert {row["Id"] for row in rows} >= {SCRIPT, IMAGE, BRACES}


def test_only_links_of_references_lead_out(sacramento):
    page = re.sub(r"<script>.*?</script>", "", sacramento.read_text(encoding="utf-8"), flags=re.DOTALL)
    outside = set(re.findall(r'(?:src|href|action|data|poster)="(?!#|data:)([^"]+)"', page))
    assert {urllib.parse.urlsplit(link).netloc for link in outside} == {"doi.org"}
