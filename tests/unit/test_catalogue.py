"""The catalogue is complete, and what it says of each index is so."""

import importlib
import inspect
import re
from pathlib import Path

import pandas as pd
import pytest

import segregate as sg
from segregate import _stub
from segregate.indices import names
from segregate.registry import index, specs

sg.bind  # noqa: B018 - fills the registry
ROOT = Path(__file__).parents[2]
SECTIONS = ["Parameters", "Returns", "References", "Examples"]


def test_function_file_oracle_and_public_name_are_one():
    assert set(specs) == set(names())
    for name, spec in specs.items():
        assert spec.function.__module__ == f"segregate.indices.{name}"
        assert getattr(sg, name) is spec.function
        assert (ROOT / "tests" / "oracles" / f"{name}.py").exists()


def test_symbols_are_unique():
    symbols = [spec.symbol for spec in specs.values()]
    assert len(set(symbols)) == len(symbols)
    with pytest.raises(sg.ParameterError, match="symbol 'D' of newcomer is that of dissimilarity"):

        @index(symbol="D", family="evenness", bounds=(0, 1), cite=("x",), means="", beware="")
        def newcomer(population):
            """Nothing."""


@pytest.mark.parametrize("name", specs)
def test_docstring_says_everything(name):
    doc = inspect.getdoc(specs[name].function)
    for section in SECTIONS:
        assert re.search(rf"^{section}\n-+$", doc, re.M), section
    assert "NaN" in doc
    assert "sg." in doc
    listed = re.findall(r"^([a-z_, ]+) : ", doc.split("Returns\n")[0], re.M)
    documented = {word.strip() for line in listed for word in line.split(",")}
    assert documented == set(inspect.signature(specs[name].function).parameters)
    for doi in specs[name].cite:
        assert doi in doc


@pytest.mark.parametrize("name", specs)
def test_plain_words_can_be_filled_in(name):
    spec = specs[name]
    row = {"index": name, "value": 0.25, "group": "a", "versus": "rest", "params": "{}", "message": ""}
    text = sg.explain(row)
    assert text.count(". ") >= 1
    assert "{" not in text
    assert len(spec.means) > 20
    assert len(spec.beware) > 20


def test_the_stub_is_fresh():
    assert _stub.PATH.read_text(encoding="utf-8") == _stub.render(), "run python -m segregate._stub"


def test_catalogue_is_a_table_that_filters():
    table = sg.catalogue()
    assert list(table.index) == sorted(specs)
    assert table.loc["dissimilarity", "symbol"] == "D"
    assert set(sg.catalogue("exposure").index) == {"isolation", "exposure", "correlation_ratio", "extremes"}
    with pytest.raises(sg.ParameterError, match="no family 'eveness'. Did you mean 'evenness'"):
        sg.catalogue("eveness")


def test_bind_checks_what_it_is_given():
    assert sg.bind("M", base=2).params == '{"base": 2.0}'
    assert sg.bind(sg.isolation).params == "{}"
    assert sg.bind("isolation", exact=False).params == "{}"
    with pytest.raises(sg.UnknownNameError, match="no index 'isolatoin'. Did you mean 'isolation'"):
        sg.bind("isolatoin")
    with pytest.raises(sg.ParameterError, match="isolation has no parameter 'exakt'. Did you mean 'exact'"):
        sg.bind("isolation", exakt=True)
    with pytest.raises(sg.ParameterError, match="exact='yes' is not true or false"):
        sg.bind("isolation", exact="yes")
    with pytest.raises(sg.ParameterError, match="base='two' is not a number"):
        sg.bind("M", base="two")
    with pytest.raises(sg.ParameterError, match="group= is not bound"):
        sg.bind("isolation", group="white")


def test_an_index_is_accepted_in_every_form():
    city = sg.sample("schools")
    forms = ["mutual_information", "M", sg.mutual_information, sg.bind("M"), {"index": "M"}]
    tables = [sg.measure(city, form).drop(columns="params") for form in forms]
    for table in tables[1:]:
        pd.testing.assert_frame_equal(table, tables[0])
    bits = sg.measure(city, {"index": "M", "base": 2})
    assert bits["params"][0] == '{"base": 2.0}'


def test_what_does_not_fit_the_data_is_skipped_and_said(monkeypatch):
    from dataclasses import replace

    home_only = replace(specs["gini"], name="gini", environment=False)
    monkeypatch.setitem(specs, "gini", home_only)
    monkeypatch.setitem(specs, "simpson", replace(specs["simpson"], needs=frozenset({"area"})))
    city = sg.Population.from_frame(pd.DataFrame({"a": [1, 2], "b": [3, 1]}), ["a", "b"])
    import scipy.sparse

    nearby = city.within(sg.Weights(scipy.sparse.csr_array([[1.0, 1.0], [1.0, 1.0]])))
    with pytest.warns(
        sg.SegregateWarning, match=r"Skipped: .*gini \(has a meaning only at home\).*simpson \(needs areas\)"
    ):
        table = sg.measure(nearby)
    assert "gini" not in set(table["index"])
    assert "dissimilarity" in set(table["index"])


def test_oracles_stand_alone():
    for name in specs:
        module = importlib.import_module(f"tests.oracles.{name}")
        assert "segregate" not in inspect.getsource(module).replace("segregated", "").replace("segregation", "")
