"""A report says what the verbs say, opens without a network, and is the same each time."""

import itertools
import json
import re
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

import segregate as sg
from segregate._languages import LANGUAGES, language_of

from .report_pages import GROUPS, city, csv_of, downloads, parsed, rows_of, table_called

HOW = {"environments": [500, 1000], "replicates": 39, "names": "called"}


@pytest.fixture(scope="module")
def pop():
    return city()


@pytest.fixture(scope="module")
def html(pop, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    assert sg.report(pop, path, title="A made city", **HOW) == path
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(html):
    return parsed(html)


# numbers -------------------------------------------------------------------------------


def test_the_headline_is_that_of_measure_with_intervals_of_bootstrap(page, pop):
    cards = {card.one("h3").text: card for card in page.find("li", class_="card")}
    assert list(cards) == ["Information theory", "Dissimilarity", "Simpson"]
    for title, index in (("Information theory", "H"), ("Dissimilarity", "D"), ("Simpson", "I")):
        found = sg.bootstrap(pop, index, replicates=39, rng=0)
        assert cards[title].one(class_="number").text == f"{found.value:.3f}"
        assert cards[title].one(class_="interval").text == f"95\u00a0% interval: {found.low:.3f} to {found.high:.3f}"
    share = f"{sg.information_theory(pop):.1%}".replace("%", "\u00a0%")
    assert share in cards["Information theory"].text


def test_each_group_has_its_numbers_in_words(page, pop):
    isolation = {row[0]: row for row in table_called(page, "Isolation of each group")[1:]}
    against = {row[0]: row for row in table_called(page, "Dissimilarity of each group against everybody else")[1:]}
    sizes = {row[0]: row for row in table_called(page, "The groups")[1:]}
    shares = dict(zip(pop.groups, pop.shares, strict=True))
    for group in GROUPS:
        value = sg.isolation(pop, group=group)
        own = sg.bootstrap(pop, "isolation", group=group, replicates=39, rng=0)
        assert isolation[group][1:3] == [f"{value:.3f}", f"{own.low:.3f} to {own.high:.3f}"]
        assert f"{value:.1%}".replace("%", "\u00a0%") in isolation[group][3]
        assert f"{shares[group]:.1%}".replace("%", "\u00a0%") in isolation[group][3]
        assert against[group][1] == f"{sg.dissimilarity(pop.versus(group)):.3f}"
        pair = sg.bootstrap(pop, "D", group=group, replicates=39, rng=0)
        assert against[group][2] == f"{pair.low:.3f} to {pair.high:.3f}"
        assert sizes[group][1] == f"{pop.counts[:, pop.groups.index(group)].sum():,.0f}"


def test_the_profile_is_that_of_profile_and_its_band_that_of_bootstrap(page, pop):
    found = sg.bootstrap(sg.profile(pop, "H", radii=[0, 500, 1000]), replicates=39, rng=0)
    table = csv_of(page, "profile-information_theory.csv")
    for column in ("value", "low", "high"):
        assert table[column].to_numpy() == pytest.approx(found.table[column].to_numpy(), rel=1e-12)
    said = page.one("section", id="scales").text
    values = found.table["value"].tolist()
    assert f"{values[0]:.3f} (own unit), {values[-1]:.3f} (1,000 m)" in said


def test_the_matrix_is_that_of_exposure(page, pop):
    shown = table_called(page, "Whom people of each group meet")
    assert shown[0] == ["Group", *GROUPS]
    for row in shown[1:-1]:
        for other, cell in zip(GROUPS, row[1:], strict=True):
            value = sg.isolation(pop, group=other) if other == row[0] else sg.exposure(pop, group=row[0], other=other)
            assert cell == f"{value:.1%}".replace("%", "\u00a0%")
    assert shown[-1][1:] == [f"{share:.1%}".replace("%", "\u00a0%") for share in pop.shares]


def test_areas_are_named_and_ordered(page, pop):
    local = sg.local(pop, "divergence").set_index("unit")["value"]
    names = pop.attributes["called"]
    highest = table_called(page, "Divergence: the 10 highest")[1:]
    assert [row[0] for row in highest] == names.loc[local.dropna().nlargest(10).index].tolist()
    lowest = table_called(page, "Divergence: the 10 lowest")[1:]
    assert [row[0] for row in lowest] == names.loc[local.dropna().nsmallest(10).index].tolist()
    shares = sg.local(pop, "share", group="red").set_index("unit")["value"]
    first = table_called(page, "Share of red: the 10 highest")[1]
    assert first[0] == names[shares.idxmax()] == "Quarter 4"
    assert first[1:] == ["100\u00a0%", "200"]


def test_ties_at_the_end_of_a_list_are_counted(page, pop):
    zero = int((sg.local(pop, "share", group="blue")["value"] == 0).sum())
    assert zero == 1
    many = city(side=8)
    counts = np.array(many.counts)
    counts[:30, 2] = 0
    frame = pd.DataFrame(counts, columns=list(GROUPS))
    plain = sg.Population.from_frame(frame, list(GROUPS))
    from segregate.reporting._asked import asked
    from segregate.reporting._content import area_parts
    from segregate.reporting._figures import Drawer

    nothing = dict.fromkeys(("title", "indices", "group_labels", "source", "language", "names", "template", "css"))
    what = asked(plain, "report.html", environments=[], interval=0.95, replicates=19, seed=0, **nothing)
    tables = {table.caption: table for part in area_parts(what, Drawer(what.language)) for table in part.tables}
    none = int((sg.local(plain, "share", group="blue")["value"] == 0).sum())
    assert tables["Share of blue: the 10 lowest"].rows[-1][0].text == f"and {none - 10} more with this value"


def test_quality_says_what_is_empty_and_how_much_lies_outside(page, pop):
    facts = dict(row for row in table_called(page, "Data quality")[1:])
    assert facts == {
        "Units": "36",
        "People": f"{pop.size:,.0f}",
        "Units without people": "1",
        "Units without geometry": "0",
    }
    edges = {row[0]: row[1:] for row in table_called(page, "The edge of the data")[1:]}
    for radius in (500, 1000):
        found = sg.edges(pop.within(sg.Kernel(radius)))
        shown = edges[f"kernel biweight {radius} m"]
        assert [text.replace("\u00a0%", "") for text in shown] == [
            "100" if value > 0.9995 else f"{100 * value:.1f}" for value in (found.people, found.mean)
        ]


def test_references_have_text_and_link(page):
    listed = page.one("ul", class_="references")
    links = {link.attributes["href"]: link.parent.text for link in listed.find("a")}
    assert "Duncan and Duncan (1955)" in links["https://doi.org/10.2307/2088328"]
    assert "Bootstrap Methods" in links["https://doi.org/10.1017/CBO9780511802843"]
    cited = {doi for name in ("dissimilarity", "information_theory", "isolation", "simpson", "exposure") for doi in
             sg.catalogue().loc[name, "cite"].split(", ")}  # fmt: skip
    shown = {link.removeprefix("https://doi.org/") for link in links}
    assert {doi for doi in cited if doi.startswith("10.")} <= shown


def test_the_manifest_says_what_it_takes(page, pop):
    found = json.loads(page.one(id="manifest-json").text)
    assert found["parameters"]["seed"] == 0
    assert found["parameters"]["replicates"] == 39
    assert found["parameters"]["environments"] == [500.0, 1000.0]
    assert found["versions"]["numpy"] == np.__version__
    assert found["inputs"][0]["people"] == pop.size
    assert len(found["inputs"][0]["content_sha256"]) == 64
    code = page.one("section", id="manifest").find("code")[0].text
    assert "environments=[500, 1000]" in code
    assert "names='called'" in code


def test_the_command_of_a_report_makes_it_again(html, pop, tmp_path):
    code = parsed(html).one("section", id="manifest").find("code")[0].text
    again = code.replace("'report.html'", repr(str(tmp_path / "report.html")))
    exec(again, {"population": pop})
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == html


# the page ------------------------------------------------------------------------------


def test_two_runs_differ_in_the_line_of_the_date_alone(html, pop, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    path = sg.report(pop, tmp_path / "report.html", title="A made city", **HOW)
    first, again = html.split("\n"), path.read_text(encoding="utf-8").split("\n")
    assert len(first) == len(again)
    different = [number for number, pair in enumerate(zip(first, again, strict=True)) if pair[0] != pair[1]]
    assert len(different) == 1
    assert "1970-01-02" in again[different[0]]


def test_nothing_is_fetched(page):
    for element in page.find():
        for name in ("src", "srcset", "data", "poster", "action", "xlink:href", "background"):
            value = element.attributes.get(name) or ""
            assert not value or value.startswith(("data:", "#")), (element.tag, name, value[:60])
        target = element.attributes.get("href") or ""
        outside = target.startswith("http")
        assert not outside or (element.tag == "a" and target.startswith("https://doi.org/")), target[:60]
        assert element.tag not in ("iframe", "object", "embed", "base")
    styles = "".join(element.text for element in page.find("style"))
    assert "@import" not in styles
    assert "url(" not in styles
    policy = page.one("meta", **{"http-equiv": "Content-Security-Policy"}).attributes["content"]
    assert "default-src 'none'" in policy
    assert "http" not in policy


def test_headings_landmarks_and_language(page):
    assert page.one("html").attributes["lang"] == "en"
    for tag in ("main", "h1"):
        page.one(tag)
    levels = [int(one.tag[1]) for one in page.find() if re.fullmatch(r"h[1-6]", one.tag)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    ids = [one.attributes["id"] for one in page.find() if one.attributes.get("id")]
    assert len(ids) == len(set(ids))
    links = [one.attributes["href"][1:] for one in page.find("a") if one.attributes["href"].startswith("#")]
    assert set(links) <= set(ids)
    labelled = [
        one.attributes["aria-labelledby"].split() for one in page.find() if one.attributes.get("aria-labelledby")
    ]
    assert {name for names in labelled for name in names} <= set(ids)


def test_every_figure_has_words_numbers_and_files(page):
    figures = page.find("figure")
    assert len(figures) == 5
    drawings, tables = downloads(page, ".svg"), downloads(page, ".csv")
    assert len(drawings) == len(tables) == len(figures)
    for figure in figures:
        said = figure.one("svg").one("desc").text
        assert re.search(r"\d", said), said
        assert figure.find("table")
    for name, text in drawings.items():
        root = ElementTree.fromstring(text)
        assert root.tag == "{http://www.w3.org/2000/svg}svg", name
    for name in tables:
        assert len(csv_of(page, name)), name


def test_the_table_of_a_map_is_that_of_local(page, pop):
    table = csv_of(page, "map-divergence.csv")
    assert list(table.columns) == ["unit", "name", "value", "map_label"]
    local = sg.local(pop, "divergence")
    assert table["value"].to_numpy() == pytest.approx(local["value"].to_numpy(), rel=1e-12, nan_ok=True)
    legend = {row[0]: row[1] for row in rows_of(page.find("figure")[0].one("table"))[1:]}
    counted = table["map_label"].value_counts()
    assert legend == {label: str(counted[label]) for label in legend}


def test_static_and_interactive_maps_share_their_classes(page):
    data = json.loads(page.one(id="segregate-data").text)
    (layer,) = data["layers"]
    assert [measure["title"] for measure in layer["measures"]][:2] == ["Divergence", "Location quotient"]
    for number, figure in enumerate(page.find("figure")[:2]):
        measure = layer["measures"][number]
        static = [row[0] for row in rows_of(figure.one("table"))]
        labels = [one["label"] for one in measure["classes"]]
        assert labels == (static[1 : 1 + len(labels)] if number == 0 else rows_of(figure.one("table"))[0][1:6])


def test_without_geometry_there_are_no_maps(tmp_path):
    path = sg.report(city(geometry=False), tmp_path / "report.html", replicates=19)
    page = parsed(path.read_text(encoding="utf-8"))
    assert "have no geometry" in page.one("section", id="maps").text
    assert "no profile over scale" in page.one("section", id="scales").text
    assert not page.one("section", id="maps").find("figure")


def test_surroundings_of_the_data_are_those_of_the_report(pop, tmp_path):
    near = pop.within(sg.Kernel(900))
    around = [sg.Nearest(2000), sg.Contiguity()]
    path = sg.report(near, tmp_path / "report.html", environments=around, replicates=19)
    page = parsed(path.read_text(encoding="utf-8"))
    cards = {card.one("h3").text: card for card in page.find("li", class_="card")}
    assert cards["Information theory"].one(class_="number").text == f"{sg.information_theory(near):.3f}"
    others = table_called(page, "In other environments")
    assert others[1][:3] == [
        "contiguity queen, 1 step",
        "Information theory",
        f"{sg.information_theory(pop.within(sg.Contiguity())):.3f}",
    ]
    profile = csv_of(page, "profile-information_theory.csv")
    assert profile["scale"].tolist() == [0, 2000]
    assert "kernel biweight 900 m" in page.one("section", id="method").text


# words ---------------------------------------------------------------------------------


def messages(code):
    path = Path(sg.__file__).parent / "messages" / f"{code}.toml"
    found = tomllib.loads(path.read_text(encoding="utf-8"))["report"]

    def flat(table, path=""):
        for key, value in table.items():
            if isinstance(value, dict):
                yield from flat(value, f"{path}{key}.")
            else:
                yield f"{path}{key}", value

    return dict(flat(found))


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_every_language_has_every_message_with_its_values(code):
    english, other = messages("en"), messages(code)
    assert set(english) == set(other)
    for key, text in english.items():
        assert set(re.findall(r"{(\w+)}", text)) == set(re.findall(r"{(\w+)}", other[key])), key


@pytest.mark.parametrize(("code", "value"), [("de", "0,"), ("fr", "0,")])
def test_a_report_in_another_language(pop, code, value, tmp_path):
    path = sg.report(
        pop, tmp_path / "report.html", language=code, indices=["H", "M"], replicates=19, environments=[500]
    )
    page = parsed(path.read_text(encoding="utf-8"))
    assert page.one("html").attributes["lang"] == code
    language = language_of(code)
    first, second = page.find("li", class_="card")
    assert first.one(class_="number").text.startswith(value)
    assert language.text("report.beware.information_theory") in first.text
    title = language.title("mutual_information")
    number = language.number(sg.mutual_information(pop), 3)
    assert second.find("p")[2].text == f"{title}: {number}."
    for key in ("maps", "scales", "exposure", "areas", "method", "quality"):
        assert page.one(id=f"{key}-title").text == language.text(f"report.section.{key}")


def test_in_english_an_index_without_a_sentence_is_explained(pop, tmp_path):
    path = sg.report(pop, tmp_path / "report.html", indices="M", replicates=19, environments=[])
    page = parsed(path.read_text(encoding="utf-8"))
    row = sg.measure(pop, "M").iloc[0]
    assert sg.explain(row) in page.one("li", class_="card").text


def test_a_sentence_of_per_cent_is_not_said_of_a_negative_value():
    from segregate.reporting._reading import reading

    row = {"index": "information_theory", "group": "", "versus": "", "value": -0.02, "params": "{}", "message": ""}
    assert reading(language_of("en"), row, {}) == "Information theory: −0.020."
    assert reading(language_of("de"), row, {}).endswith(": −0,020.")


def test_labels_of_groups_are_those_of_the_whole_page(pop, tmp_path):
    labels = {"red": "Rote", "green": "Grüne"}
    path = sg.report(pop, tmp_path / "report.html", group_labels=labels, replicates=19, environments=[500])
    html = path.read_text(encoding="utf-8")
    page = parsed(html)
    assert [row[0] for row in table_called(page, "The groups")[1:]] == ["Rote", "Grüne", "blue"]
    assert {group["name"] for group in json.loads(page.one(id="segregate-data").text)["layers"][0]["groups"]} == {
        "Rote",
        "Grüne",
        "blue",
    }
    plain = sg.isolation(pop, group="red")
    assert table_called(page, "Isolation of each group")[1][:2] == ["Rote", f"{plain:.3f}"]
