"""Reports of several years or cities, of a user's own looks, and as PDF."""

import shutil
import subprocess

import numpy as np
import pytest

import segregate as sg
from segregate.reporting import _pdf

from .report_pages import GROUPS, city, csv_of, parsed, rows_of, table_called

HOW = {"replicates": 39, "environments": [500], "indices": ["H", "D"]}


@pytest.fixture(scope="module")
def years():
    return {"2010": city(seed=1), 2000: city(seed=2), 2020: city(seed=3)}


@pytest.fixture(scope="module")
def cities():
    return {name: city(seed=seed) for name, seed in (("Northtown", 1), ("Southtown", 2), ("Easttown", 3))}


@pytest.fixture(scope="module")
def over_years(years, tmp_path_factory):
    path = tmp_path_factory.mktemp("years") / "report.html"
    return parsed(sg.report(years, path, **HOW).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def compared(cities, tmp_path_factory):
    path = tmp_path_factory.mktemp("cities") / "report.html"
    return parsed(sg.report(cities, path, **HOW).read_text(encoding="utf-8"))


# years ---------------------------------------------------------------------------------


def test_years_have_the_trend_of_trend(over_years, years):
    assert not over_years.find("section", id="ranking")
    pops = {int(year): pop for year, pop in years.items()}
    found = sg.trend(pops, "H", replicates=39, rng=0).table
    shown = csv_of(over_years, "trend-information_theory.csv")
    assert shown["year"].tolist() == [2000, 2010, 2020]
    assert shown["value"].to_numpy() == pytest.approx(found["value"].to_numpy(), rel=1e-12)
    rows = table_called(over_years, "Information theory by year")[1:]
    assert [row[1] for row in rows] == [f"{value:.3f}" for value in found["value"]]
    assert [row[5] for row in rows] == ["", *("yes" if told else "no" for told in found["told_apart"][1:])]
    first, last = found["value"].iloc[0], found["value"].iloc[-1]
    way = "rose" if last > first else "fell"
    text = over_years.one("section", id="trend").text
    assert f"Information theory {way} from {first:.3f} in 2000 to {last:.3f} in 2020." in text


def test_years_have_the_parts_of_change(over_years, years):
    found = sg.change(years[2000], years[2020])
    rows = {row[0]: row[1] for row in table_called(over_years, "What has changed, 2000 to 2020")[1:]}
    assert rows["Then"] == f"{found.then:.3f}"
    assert rows["Now"] == f"{found.now:.3f}"
    assert float(rows["Structure"].replace("−", "-")) == pytest.approx(found.structure, abs=5e-4)
    assert "Residual" not in rows


def test_years_have_maps_side_by_side_and_details_of_the_last(over_years, years):
    table = csv_of(over_years, "maps-divergence.csv")
    assert table["map"].unique().tolist() == [2000, 2010, 2020]
    value = sg.local(years[2000], "divergence")["value"]
    assert table.loc[table["map"] == 2000, "value"].to_numpy() == pytest.approx(value.to_numpy(), nan_ok=True)
    assert "about the latest year, 2020" in over_years.one("section", id="exposure").text
    cards = {card.one("h3").text: card.one(class_="number").text for card in over_years.find("li", class_="card")}
    assert cards["Information theory"] == f"{sg.information_theory(years[2020]):.3f}"


def test_a_mapping_of_one_year_is_one_population(years, tmp_path):
    path = sg.report({"2020": years[2020]}, tmp_path / "one.html", **HOW)
    page = parsed(path.read_text(encoding="utf-8"))
    assert not page.find("section", id="trend")
    assert page.find("h1")[0].text == "Segregation report: 2020"


def test_years_whose_groups_differ_say_why_there_is_no_trend(years, tmp_path):
    other = {2000: years[2000], 2020: city(groups=("red", "green", "other"), seed=3)}
    path = sg.report(other, tmp_path / "other.html", **HOW)
    text = parsed(path.read_text(encoding="utf-8")).one("section", id="trend").text
    assert "Not made:" in text
    assert "other" in text


# cities --------------------------------------------------------------------------------


def test_cities_have_the_ranking_of_rank(compared, cities):
    assert not compared.find("section", id="trend")
    found = sg.rank(cities, "H", replicates=39, rng=0)
    shown = csv_of(compared, "ranking-information_theory.csv")
    assert shown["value"].to_numpy() == pytest.approx(found.table["value"].to_numpy(), rel=1e-12)
    first = found.table["name"].iloc[0]
    text = compared.one("section", id="ranking").text
    assert f"{first} has the highest Information theory: {found.table['value'].iloc[0]:.3f}." in text
    tied = found.tied_with[first]
    assert ("told apart from all others" in text) or all(name in text for name in tied)
    rows = rows_of(compared.one("section", id="headline").find("table")[0])
    assert rows[0] == ["Index", *cities]
    assert rows[1][1].startswith(f"{sg.information_theory(cities['Northtown']):.3f} (")


def test_cities_have_details_of_each(compared, cities):
    profile = csv_of(compared, "profile-information_theory.csv")
    assert {line.split()[0] for line in profile["line"]} == set(cities)
    headings = [one.text for one in compared.one("section", id="areas").find("h3")]
    assert headings == list(cities)


def test_many_cities_have_details_of_the_largest(tmp_path):
    pops = {f"City {seed}": city(side=4, seed=seed) for seed in range(5)}
    path = sg.report(pops, tmp_path / "many.html", indices="H", replicates=19, environments=[])
    page = parsed(path.read_text(encoding="utf-8"))
    smallest = min(pops, key=lambda name: pops[name].size)
    headings = [one.text for one in page.one("section", id="areas").find("h3")]
    assert headings == [name for name in pops if name != smallest]
    assert "This section is about 4 of 5, those with the most people." in page.one("section", id="areas").text
    rows = rows_of(page.one("section", id="headline").find("table")[0])
    assert [row[0] for row in rows[1:]] == list(pops)


# looks ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small():
    return city(side=4)


QUICK = {"replicates": 19, "environments": [], "indices": "H"}


def test_a_template_overrides_blocks_and_a_style_sheet_comes_last(small, tmp_path):
    template, css = tmp_path / "mine.html", tmp_path / "mine.css"
    (tmp_path / "foot.html").write_text("<p>Department {{ title }}</p>", encoding="utf-8")
    template.write_text(
        '{% extends "report.html" %}{% block references %}{% endblock %}'
        '{% block footer %}{% include "foot.html" %}{{ super() }}{% endblock %}',
        encoding="utf-8",
    )
    css.write_text("\ufeffh1 { color: rebeccapurple; } /* </style><b> */", encoding="utf-8")
    path = sg.report(small, tmp_path / "report.html", title="Ours", template=template, css=css, **QUICK)
    page = parsed(path.read_text(encoding="utf-8"))
    assert not page.find("section", id="references")
    assert "Department Ours" in page.one("footer").text
    assert "segregate" in page.one("footer").text
    assert page.find("style")[-1].text.strip().startswith("h1 { color: rebeccapurple; }")
    assert not page.find("b")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{% extends "report.html" %}{% block footer %}{{ titel }}{% endblock %}', "'titel' is undefined. .*title"),
        ('{% extends "report.html" %}\n{% block footer %}{{ title %}{% endblock %}', r"mine.html, line 2"),
        ('{% extends "raport.html" %}', "asks for 'raport.html', which is neither in its folder nor one of ours"),
        ("{{ 1 / 0 }}", "The template mine.html cannot be filled: division by zero"),
    ],
)
def test_a_template_that_cannot_be_filled_is_refused(small, tmp_path, text, said):
    template, path = tmp_path / "mine.html", tmp_path / "report.html"
    template.write_text(text, encoding="utf-8")
    with pytest.raises(sg.ParameterError, match=said):
        sg.report(small, path, template=template, **QUICK)
    assert not path.exists()


def test_a_style_sheet_that_is_no_text_is_refused(small, tmp_path):
    css = tmp_path / "mine.css"
    css.write_bytes(b"h1 { content: '\xff' }")
    with pytest.raises(sg.ParameterError, match=r"mine.css is no text in UTF-8 \(byte 15\)"):
        sg.report(small, tmp_path / "report.html", css=css, **QUICK)


# PDF -----------------------------------------------------------------------------------


def test_without_a_printer_the_error_says_how_to_get_one(small, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(_pdf.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(sg.MissingDependencyError, match=r"apt install chromium.*segregate\[pdf\]"):
        sg.report(small, tmp_path / "report.html", pdf=True, **QUICK)
    assert not (tmp_path / "report.html").exists()


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("#!/bin/sh\necho broken pipe >&2\nexit 3\n", r"printed no PDF of page.html \(exit code 3: broken pipe\)"),
        ("#!/bin/sh\nexec sleep 30\n", "has not printed page.html within 0.2 seconds and was stopped"),
    ],
)
def test_a_browser_that_fails_or_hangs(tmp_path, monkeypatch, script, said):
    browser = tmp_path / "chromium"
    browser.write_text(script, encoding="utf-8")
    browser.chmod(0o755)
    page, target = tmp_path / "page.html", tmp_path / "page.pdf"
    page.write_text("<p>", encoding="utf-8")
    target.write_bytes(b"older")
    monkeypatch.setattr(shutil, "which", lambda name: str(browser))
    monkeypatch.setattr(_pdf, "TIMEOUT", 0.2 if "sleep" in script else 10)
    with pytest.raises(sg.SegregateError, match=said):
        _pdf.print_pdf(page, target)
    assert target.read_bytes() == b"older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["chromium", "page.html", "page.pdf"]


@pytest.mark.slow
def test_chromium_prints_the_report_with_its_text(small, tmp_path):
    if not any(map(shutil.which, _pdf.BROWSERS)):
        pytest.skip("Chromium is not here")
    path = sg.report(small, tmp_path / "report.html", title="A printed city", pdf=True, **QUICK)
    content = path.with_suffix(".pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    assert len(content) > 20_000
    if shutil.which("pdftotext"):
        ended = subprocess.run(["pdftotext", path.with_suffix(".pdf"), "-"], capture_output=True, text=True, check=True)
        assert "A printed city" in ended.stdout
        assert f"{sg.information_theory(small):.3f}" in ended.stdout
        assert "Explore" not in ended.stdout


# arguments -----------------------------------------------------------------------------


def changed(**options):
    return QUICK | options


@pytest.mark.parametrize(
    ("data", "options", "error", "said"),
    [
        (lambda pop: 5, {}, sg.ParameterError, "report takes a Population, .* not int"),
        (lambda pop: {}, {}, sg.ParameterError, "the mapping is empty"),
        (
            lambda pop: {2000: pop, 2010: 7},
            {},
            sg.ParameterError,
            r"1 value of the mapping is no Population \(first: 2010",
        ),
        (lambda pop: {2000: pop, "2000": pop}, {}, sg.ParameterError, "there is '2000' twice"),
        (lambda pop: {"a": pop, " ": pop}, {}, sg.ParameterError, "a name without a letter"),
        (lambda pop: pop.subset(pop.ids == "u004"), {}, sg.DataError, "All people of the data are of one group"),
        (lambda pop: pop.subset(pop.totals == 0), {}, sg.DataError, "no people in the data"),
        (lambda pop: {2000: pop, 2010: pop.subset(pop.totals == 0)}, {}, sg.DataError, "the data of '2010'"),
        (lambda pop: pop, {"title": " "}, sg.ParameterError, "title= is a text"),
        (lambda pop: pop, {"source": ""}, sg.ParameterError, "source= is a text"),
        (lambda pop: pop, {"language": "xx"}, sg.UnknownNameError, "no language 'xx'"),
        (lambda pop: pop, {"names": "caled"}, sg.UnknownNameError, "names='caled' is no column of the data.*called"),
        (lambda pop: pop, {"indices": "divergence"}, sg.ParameterError, "divergence gives one value per unit"),
        (lambda pop: pop, {"indices": "exposure"}, sg.ParameterError, "exposure is about two groups"),
        (lambda pop: pop, {"indices": []}, sg.ParameterError, "indices= is empty"),
        (lambda pop: pop, {"indices": "nonsense"}, sg.UnknownNameError, "nonsense"),
        (lambda pop: pop, {"environments": ["near"]}, sg.ParameterError, "environments= has 'near'"),
        (lambda pop: pop, {"environments": -5}, sg.ParameterError, "environments= has -5"),
        (lambda pop: pop, {"group_labels": {"rd": "Red"}}, sg.UnknownNameError, "1 name of no group.*red"),
        (lambda pop: pop, {"group_labels": {"red": "blue"}}, sg.ParameterError, "two groups the same name.*'blue'"),
        (lambda pop: pop, {"interval": 95}, sg.ParameterError, "level=95"),
        (lambda pop: pop, {"replicates": 0}, sg.ParameterError, "replicates=0"),
        (
            lambda pop: pop,
            {"replicates": 10},
            sg.ParameterError,
            "replicates=10 are too few for interval=0.95: it takes 19",
        ),
        (lambda pop: pop, {"seed": None}, sg.ParameterError, "seed= is a whole number"),
        (lambda pop: pop, {"seed": -1}, sg.ParameterError, "seed= is a whole number"),
        (lambda pop: pop, {"template": "none.html"}, sg.ParameterError, "template='none.html' is no file"),
        (lambda pop: pop, {"css": "none.css"}, sg.ParameterError, "css='none.css' is no file"),
    ],
)
def test_what_cannot_be_used_is_refused(small, tmp_path, data, options, error, said):
    with pytest.raises(error, match=said):
        sg.report(data(small), tmp_path / "report.html", **changed(**options))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("report.pdf", "name it .html; pdf=True writes the PDF beside it"),
        ("report", "give it the suffix .html"),
        ("none/report.html", "does not exist; make it first"),
        ("folder.html", "is a folder"),
    ],
)
def test_a_file_that_cannot_be_written_is_refused_first(small, tmp_path, name, said):
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(sg.ParameterError, match=said):
        sg.report(small, tmp_path / name, **QUICK)


def test_more_groups_than_fit_are_refused(tmp_path):
    many = city(side=3, groups=[f"g{number}" for number in range(41)])
    with pytest.raises(sg.ParameterError, match="41 groups, and a report shows 40 at the most"):
        sg.report(many, tmp_path / "report.html", **QUICK)


def test_a_clock_that_is_none_is_refused(small, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(sg.ParameterError, match="SOURCE_DATE_EPOCH is a number of seconds since 1970, not 'yesterday'"):
        sg.report(small, tmp_path / "report.html", **QUICK)


def test_progress_is_told(small, tmp_path):
    told = []
    sg.report(small, tmp_path / "report.html", progress=lambda done, all_: told.append((done, all_)), **QUICK)
    assert told == [(number, 9) for number in range(1, 10)]


def test_the_population_is_not_changed(small, tmp_path):
    before = np.array(small.counts)
    sg.report(small, tmp_path / "report.html", group_labels={"red": "R"}, source="S", **QUICK)
    assert (small.counts == before).all()
    assert small.groups == GROUPS
    assert small.source == "A made city"
