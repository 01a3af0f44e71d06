"""What is chosen, met and selected is the same on the map, in the charts and in the table."""

from dataclasses import replace

import pytest

import segregate as sg
from tests.browser.looking import column, downloaded, found, legend, picture, settle
from tests.browser.pages import city_of, layer_of, page_html

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sacramento():
    return sg.sample("sacramento")


@pytest.fixture(scope="module")
def file(tmp_path_factory, sacramento):
    """Two years of one city, the second without the first unit."""
    later = sacramento.subset([False] + [True] * (sacramento.n_units - 1))
    names = sacramento.ids.to_series().map(lambda name: f"Tract {name[-4:]}")
    layers = [layer_of(sacramento, "2000", names=names), layer_of(later, "2010", names=names.iloc[1:])]
    file = tmp_path_factory.mktemp("use") / "page.html"
    file.write_text(page_html(layers), encoding="utf-8")
    return file


def numbers(texts):
    return [float(text.replace(",", "").replace("\N{MINUS SIGN}", "-")) for text in texts]


def test_group_and_index_change_the_map_and_its_legend(visit, file):
    page = visit(file)
    seen = [(picture(page), tuple(legend(page)))]
    page.select_option("#explore-group", label="hisp")
    seen.append((picture(page), tuple(legend(page))))
    page.select_option("#explore-index", label="Share")
    seen.append((picture(page), tuple(legend(page))))
    assert page.locator("#explore-group option:checked").inner_text() == "hisp"
    page.select_option("#explore-index", label="Divergence")
    seen.append((picture(page), tuple(legend(page))))
    assert not page.is_visible("#explore-group")
    assert page.inner_text("#explore-meaning") == "What divergence says."
    assert len({pixels for pixels, _ in seen}) == len({rows for _, rows in seen}) == 4


def test_the_legend_counts_the_units_of_the_print_map(visit, file, sacramento):
    page = visit(file)
    page.select_option("#explore-group", label="black")
    classes = sg.plot.prepare_map(sg.local(sacramento, "location_quotient", group="black")).classes
    shown = [row.split("\n") for row in legend(page)]
    units = ["1 unit" if n == 1 else f"{n} units" for n in classes["units"]]
    assert [" ".join(row) for row in shown] == [f"{a} {b}" for a, b in zip(classes["label"], units, strict=True)]


def test_a_unit_has_the_colour_of_its_class(visit, file, sacramento):
    page = visit(file)
    prepared = sg.plot.prepare_map(sg.local(sacramento, "location_quotient", group="white"))
    area = prepared.units.geometry.to_crs("EPSG:3310").area.to_numpy()
    for place in area.argsort()[-3:]:
        page.fill("#explore-find", sacramento.ids[place])
        own = prepared.units["map_color"].iloc[place]
        # all others are faded while the table holds this one alone
        assert colours(page) & set(prepared.classes["color"]) == {own}


def colours(page):
    """Return the colours of the map that nothing shines through."""
    return set(
        page.evaluate(
            """() => {
              const map = document.querySelector('.explore-canvases canvas');
              const context = new OffscreenCanvas(map.width, map.height).getContext('2d', { willReadFrequently: true });
              context.drawImage(map, 0, 0);
              const { data } = context.getImageData(0, 0, map.width, map.height);
              const seen = new Set();
              for (let at = 0; at < data.length; at += 4) {
                if (data[at + 3] === 255) seen.add((data[at] << 16) | (data[at + 1] << 8) | data[at + 2]);
              }
              return [...seen].map(number => '#' + number.toString(16).padStart(6, '0'));
            }"""
        )
    )


@pytest.mark.parametrize(("header", "is_text"), [(0, True), (2, False), (6, False)])
def test_sorting_both_ways(visit, file, header, is_text):
    page = visit(file)
    button = page.locator("#explore-head button").nth(header)
    ways = set()
    for _ in range(2):
        button.click()
        way = page.locator("#explore-head th").nth(header).get_attribute("aria-sort")
        ways.add(way)
        rows = downloaded(page)
        name = list(rows[0])[header]
        values = [row[name] for row in rows] if is_text else [float(row[name]) for row in rows]
        assert values == sorted(values, reverse=way == "descending")
        assert len(values) == 403
        assert column(page, header) == [shown(value, header) for value in values[:50]]
        assert page.locator("#explore-head [aria-sort]").count() == 1
    assert ways == {"ascending", "descending"}


def shown(value, header):
    return value if isinstance(value, str) else f"{value:,.{2 if header == 2 else 0}f}"


def test_the_file_holds_what_is_filtered_with_all_digits(visit, file, sacramento):
    page = visit(file)
    page.select_option("#explore-group", label="asian")
    page.fill("#explore-find", "061130")
    rows = downloaded(page)
    values = sg.local(sacramento, "location_quotient", group="asian").set_index("fips")["value"]
    expected = {name for name in sacramento.ids if "061130" in name}
    assert {row["Id"] for row in rows} == expected
    assert len(rows) == found(page) == len(expected)
    for row in rows:
        assert float(row["Location quotient: asian"]) == values[row["Id"]]
        assert float(row["hisp"]) == sacramento.counts[sacramento.ids.get_loc(row["Id"]), 3]


def test_names_are_found_whatever_their_case(visit, file):
    page = visit(file)
    page.fill("#explore-find", "tRaCt 0101")
    assert found(page) >= 1
    assert {name[-4:] for name in column(page, 1)} == {"0101"}
    page.fill("#explore-find", "nowhere")
    assert (found(page), page.is_visible("#explore-empty")) == (0, True)
    page.click("#explore-all")
    assert (found(page), page.input_value("#explore-find")) == (403, "")


def test_pages_of_the_table(visit, file):
    page = visit(file)
    first = column(page, 1)
    assert page.is_disabled("#explore-previous")
    for _ in range(8):
        page.click("#explore-next")
    assert page.is_disabled("#explore-next")
    assert page.inner_text("#explore-place") == "401 to 403 of 403"
    assert len(column(page, 1)) == 3
    for _ in range(8):
        page.click("#explore-previous")
    assert column(page, 1) == first


def test_bars_of_the_distribution_filter_map_and_table(visit, file):
    page = visit(file)
    before = picture(page)
    bars = page.locator("#explore-bars button")
    units = [int(label.split(": ")[1].split(" ")[0]) for label in bars.evaluate_all("b => b.map(e => e.ariaLabel)")]
    assert sum(units) == 403
    bar = bars.nth(units.index(max(units)))
    low, high = numbers(bar.get_attribute("aria-label").split(":")[0].split(" to "))
    bar.hover()
    peeked = picture(page)
    assert peeked != before
    assert found(page) == 403
    page.mouse.move(5, 5)
    assert picture(page) == before
    bar.click()
    assert bar.get_attribute("aria-pressed") == "true"
    assert found(page) == max(units)
    values = [float(row["Location quotient: white"]) for row in downloaded(page)]
    assert all(low < value <= high for value in values)
    page.mouse.move(5, 5)
    assert picture(page) == peeked
    bar.click()
    assert found(page) == 403


def test_classes_of_the_legend_filter_too(visit, file):
    page = visit(file)
    row = page.locator("#explore-legend button").nth(1)
    units = int(row.inner_text().split("\n")[-1].split(" ")[0])
    row.click()
    assert found(page) == units
    assert page.inner_text("#explore-only") == f"(only {row.inner_text().splitlines()[0]})"


def test_hovering_shows_the_unit_and_its_place_in_the_charts(visit, file, sacramento):
    page = visit(file)
    box = page.locator("#explore-map").bounding_box()
    empty = picture(page, 1)
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
    tooltip = [line for line in page.inner_text("#explore-tooltip").split("\n") if line]
    name = tooltip[1]
    unit = sacramento.ids.get_loc(name)
    value = sg.local(sacramento, "location_quotient", group="white")["value"][unit]
    assert tooltip[0] == f"Tract {name[-4:]}"
    assert tooltip[2:4] == ["Location quotient: white", f"{value:.2f}"]
    assert tooltip[4] == f"{sacramento.counts[unit].sum():,.0f} people"
    for group, count in zip(sacramento.groups, sacramento.counts[unit], strict=True):
        assert tooltip[tooltip.index(group) + 1] == f"{count:,.0f}"
    assert picture(page, 1) != empty
    assert page.is_visible("#explore-pointer")
    assert page.locator("#explore-legend .is-current").count() == 1
    page.mouse.move(5, 5)
    assert not page.is_visible("#explore-tooltip")
    assert picture(page, 1) == empty


def test_selection_is_shared_and_stays_from_year_to_year(visit, file):
    page = visit(file)
    box = page.locator("#explore-map").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
    chosen = page.locator("#explore-body tr.is-selected")
    name = chosen.locator("td").first.inner_text()
    assert name in page.inner_text("#explore-detail")
    assert chosen.locator("button").get_attribute("aria-pressed") == "true"
    page.select_option("#explore-layer", label="2010")
    assert found(page) == 402
    assert name in page.inner_text("#explore-detail")
    other = page.locator("#explore-body tr").nth(3)
    other.click()
    outlined = picture(page, 1)
    assert other.locator("td").first.inner_text() in page.inner_text("#explore-detail")
    other.click()
    assert "No unit is selected" in page.inner_text("#explore-detail")
    assert picture(page, 1) != outlined


def test_a_unit_that_is_gone_is_no_longer_selected(visit, file, sacramento):
    page = visit(file)
    page.fill("#explore-find", sacramento.ids[0])
    page.locator("#explore-body button").first.click()
    page.select_option("#explore-layer", label="2010")
    assert "No unit is selected" in page.inner_text("#explore-detail")


def test_zoom_and_move(visit, file):
    page = visit(file)
    seen = [picture(page)]
    for name in ("zoom-in", "right", "down", "left", "up", "zoom-out", "whole"):
        page.click(f"#explore-{name}")
        seen.append(picture(page))
    assert len(set(seen[:5])) == 5
    assert seen[-1] == seen[0]
    box = page.locator("#explore-map").bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.click("#explore-zoom-in")
    settle(page)
    before = picture(page)
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] - 80, middle[1] - 40, steps=4)
    page.mouse.up()
    page.wait_for_timeout(500)
    assert picture(page) != before


def test_schools_are_points(visit, tmp_path):
    schools = sg.sample("schools")
    file = tmp_path / "schools.html"
    file.write_text(page_html([layer_of(schools, "schools")], language="de"), encoding="utf-8")
    page = visit(file)
    assert page.inner_text("#explore-found") == "40 von 40 Einheiten"
    assert page.locator("html").get_attribute("lang") == "de"
    page.locator("#explore-body button").nth(4).click()
    assert "," in page.inner_text("#explore-tooltip .explore-value strong")
    assert page.is_visible("#explore-map")


def test_units_without_geometry_have_charts_and_a_table(visit, tmp_path):
    city = city_of(5, 4)
    frame = city.to_frame().drop(columns="geometry")
    flat = sg.Population.from_frame(frame, list(city.groups))
    file = tmp_path / "flat.html"
    made = layer_of(city, "flat")
    layer = replace(made, frame=made.frame.drop(columns="geometry"), population=flat)
    file.write_text(page_html([layer]), encoding="utf-8")
    page = visit(file)
    assert "no geometry" in page.inner_text("#explore-no-map")
    assert not page.is_visible("#explore-map")
    assert found(page) == 20
