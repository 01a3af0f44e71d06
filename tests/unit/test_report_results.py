"""Further results in a report: each with its picture and table."""

import numpy as np
import pandas as pd
import pytest

import segregate as sg
from segregate.errors import ParameterError
from segregate.results import Result
from tests.helpers import quietly


@pytest.fixture(scope="module")
def schools():
    return sg.sample("schools").split("district")["North"]


def made(schools, path, results, **how):
    quietly(sg.report, schools, path, indices="H", environments=[], replicates=19, results=results, seed=1, **how)
    return path.read_text(encoding="utf-8")


def test_results_stand_in_a_section_of_their_own(schools, tmp_path):
    found = {
        "A <b>closed</b> school": quietly(
            sg.what_if, schools, close=schools.ids[0], to="nearest", indices=["H", "isolation"]
        ),
        "Would chance do the same?": sg.monte_carlo_test(schools, "H", replicates=19, rng=1),
        "Change": sg.change(schools, schools.subset(schools.totals > 300)),
    }
    page = made(schools, tmp_path / "report.html", found)
    assert '<h2 id="results-title">Further results</h2>' in page
    assert "A &lt;b&gt;closed&lt;/b&gt; school" in page
    assert "<b>closed</b>" not in page
    for one in found.values():
        assert str(one._headline()).split(":")[0] in page
    assert page[page.index('id="results"') :].count("<figure") >= 3
    assert "results=..." in page


def test_lists_languages_and_long_tables(schools, tmp_path):
    long = sg.schools.contribution(sg.sample("schools").select("black", "white"), "H")
    page = made(schools, tmp_path / "bericht.html", [long], language="de")
    assert "Weitere Ergebnisse" in page
    plain = made(schools, tmp_path / "plain.html", None)
    assert 'id="results"' not in plain


def test_what_is_no_result_is_refused(schools, tmp_path):
    with pytest.raises(ParameterError, match=r"results= takes what segregate.access, .* not DataFrame"):
        sg.report(schools, tmp_path / "x.html", results=[pd.DataFrame()])
    assert not (tmp_path / "x.html").exists()


def test_every_result_can_be_drawn_unseen():
    """A report draws results on figures that pyplot does not know."""
    import inspect

    def below(kind):
        for one in kind.__subclasses__():
            yield one
            yield from below(one)

    sg.report, sg.run, sg.access, sg.schools, sg.edges, sg.barriers, sg.compress  # noqa: B018 - loads the rooms
    kinds = [kind for kind in below(Result) if kind.__module__.startswith("segregate.")]
    assert len(kinds) > 20
    for kind in kinds:
        parameters = inspect.signature(getattr(sg.plot, kind.picture)).parameters
        assert {"width", "managed"} <= set(parameters), kind


def test_numbers_are_written_in_the_language():
    from segregate._languages import language_of
    from segregate.reporting._results import _grid

    table = pd.DataFrame(
        {"name": ["x", "y"], "value": [0.25, np.nan], "n": [1000, 2], "yes": [True, False], "no": ["", ""]}
    )
    shown = _grid("t", table, language_of("de"))
    assert [cell.text for cell in shown.head] == ["name", "value", "n", "yes"]
    assert [cell.text for cell in shown.rows[0]] == ["x", "0,250", "1000", "true"]
    assert [cell.text for cell in shown.rows[1]] == ["y", "", "2", "false"]
