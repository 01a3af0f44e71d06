"""Languages: every message in each, numbers as each writes them, and plots that speak them."""

import ast
import re
import string
import tomllib
from pathlib import Path

import numpy as np
import pytest
from matplotlib.text import Text

import segregate as sg
from segregate._languages import LANGUAGES, _messages, language_of
from segregate.errors import UnknownNameError
from segregate.indices import specs
from tests.unit.style_cases import CALLS, DRAWS, MINE, local, spots, town

ROOT = Path(sg.__file__).parent
OTHERS = [code for code in LANGUAGES if code != "en"]
SPACE = "\N{NO-BREAK SPACE}"


def fields(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


# messages ------------------------------------------------------------------------------


@pytest.mark.parametrize("code", OTHERS)
def test_every_language_has_every_message_with_its_values(code):
    english, own = _messages("en"), _messages(code)
    assert sorted(set(english) ^ set(own)) == []
    wrong = [key for key in english if fields(english[key]) != fields(own[key])]
    assert wrong == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_messages_are_texts_without_white_space_at_their_ends(code):
    for key, text in _messages(code).items():
        if key in ("curve.or", "number.thousands"):
            continue
        assert text.strip()
        assert "  " not in text
        assert text == text.rstrip(), key
        # what begins with a space goes on after something else
        assert text == text.lstrip() or key.split(".")[0] in ("about", "caption", "scheme"), key


@pytest.mark.parametrize("code", LANGUAGES)
def test_numbers_have_both_forms(code):
    keys = set(_messages(code))
    assert {key for key in keys if key.endswith(".one")} == {
        f"{key.removesuffix('.other')}.one" for key in keys if key.endswith(".other") and "name" not in key
    }


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_index_has_a_name_of_its_own(code):
    language = language_of(code)
    names = [language.title(name) for name in specs]
    assert all(language.has(f"index.{name}") for name in specs)
    assert len(set(names)) == len(names)


def test_english_names_are_the_titles_of_the_catalogue():
    assert {name: language_of("en").title(name) for name in specs} == {name: spec.title for name, spec in specs.items()}


def test_an_index_of_the_user_is_named_by_itself():
    assert language_of("de").title("my_own_index") == "My own index"


@pytest.mark.parametrize("code", OTHERS)
def test_messages_are_translated(code):
    """Few of them are the same in English: names and symbols."""
    english, own = _messages("en"), _messages(code)
    words = {key for key, text in english.items() if re.search(r"[a-z]{4}", re.sub(r"{\w+}", "", text))}
    same = [key for key in words if own.get(key) == english[key]]
    assert len(same) < 0.1 * len(english), same


def said_in(path):
    """Return the keys of messages that a module names."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say" and node.args:
            for one in ast.walk(node.args[0]):
                if isinstance(one, ast.Constant) and isinstance(one.value, str) and "." in one.value.strip("."):
                    yield one.value


def test_every_message_that_plots_name_is_there():
    english = _messages("en")
    named = [(path.name, key) for path in (ROOT / "plot").glob("*.py") for key in said_in(path)]
    assert len(named) > 150
    there = {*english, *(key.rpartition(".")[0] for key in english)}
    assert [one for one in named if one[1][-1] not in "._" and one[1] not in there] == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_files_are_plain_tables_of_texts(code):
    def look(table):
        for content in table.values():
            if isinstance(content, dict):
                look(content)
            else:
                assert isinstance(content, str)

    look(tomllib.loads((ROOT / "messages" / f"{code}.toml").read_text(encoding="utf-8")))


# numbers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("en", ("1,234.5", "12,345.6", "−0.25", "1,234,567", "12.3 %", "undefined")),
        ("fr", (f"1{SPACE}234,5", f"12{SPACE}345,6", "−0,25", f"1{SPACE}234{SPACE}567", f"12,3{SPACE}%", "non défini")),
        ("de", ("1.234,5", "12.345,6", "−0,25", "1.234.567", f"12,3{SPACE}%", "nicht definiert")),
        ("es", ("1234,5", f"12{SPACE}345,6", "−0,25", f"1{SPACE}234{SPACE}567", f"12,3{SPACE}%", "no definido")),
        ("it", ("1.234,5", "12.345,6", "−0,25", "1.234.567", "12,3%", "non definito")),
    ],
)
def test_numbers_as_each_language_writes_them(code, written):
    say = language_of(code)
    assert (
        say.number(1234.5, 1),
        say.number(12345.6, 1),
        say.number(-0.25, 2),
        say.people(1234567),
        say.percent(0.123, 1),
        say.number(float("nan"), 3),
    ) == written


def test_numbers_that_are_none():
    german = language_of("de")
    assert german.number(float("-inf"), 2) == "−∞"
    assert german.number(-0.0001, 2) == "0,00"
    assert german.percent(float("nan")) == "nicht definiert"
    assert german.people(0.5) == "0,5"


@pytest.mark.parametrize(
    ("code", "zero", "one", "two"),
    [
        ("en", "0 units", "1 unit", "2 units"),
        ("fr", "0 unité", "1 unité", "2 unités"),
        ("de", "0 Einheiten", "1 Einheit", "2 Einheiten"),
        ("es", "0 unidades", "1 unidad", "2 unidades"),
        ("it", "0 unità", "1 unità", "2 unità"),
    ],
)
def test_forms_of_numbers(code, zero, one, two):
    say = language_of(code)
    assert [say.text("count.unit", n=n) for n in (0, 1, 2)] == [zero, one, two]
    assert say.text("count.unit", n=np.int64(12345)).startswith(say.number(12345))


def test_lists():
    assert language_of("de").listed(["a", "b", "c"]) == "a, b und c"
    assert language_of("fr").listed(["a"]) == "a"
    assert language_of("es").listed([]) == ""


def test_values_are_not_messages():
    text = language_of("en").text("about.source", source="{n} {0.__class__} %s")
    assert text == "Source: {n} {0.__class__} %s"


def test_messages_that_there_are_not():
    with pytest.raises(UnknownNameError, match="no message 'about.sorce'. Did you mean 'about.source'"):
        language_of("de").text("about.sorce")
    with pytest.raises(UnknownNameError, match=r"no language 'pt'. There are: 'en' \(English\)"):
        language_of("pt")


# plots ---------------------------------------------------------------------------------


def texts_of(ax):
    ax.figure.canvas.draw()
    return [text.get_text() for text in ax.figure.findobj(Text) if text.get_text() and text.get_visible()]


ENGLISH = re.compile(
    r"\b(the|and|of|with|without|units|people|share|value|year|change|chance|replicates?|interval|classes|source|groups"
    r"|environment|computed|measured|against|rest|up to|home)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize("code", OTHERS)
@pytest.mark.parametrize("name", [*MINE, *(name for name in DRAWS if name not in ("sensitivity", "small units"))])
def test_plots_have_no_english_word_left(name, code):
    with sg.plot.style(language=code):
        said = " ".join(texts_of({**CALLS, **DRAWS}[name](managed=False)))
    said = said.replace("segregate", "").replace("\n", " ")
    left = {word.lower() for word in ENGLISH.findall(said)}
    french = {"source", "classes"} if code == "fr" else set()
    assert left - french - ({"replicates"} if name == "categories" else set()) == set(), said  # names of parameters


def test_a_map_in_german():
    ax = sg.plot.map(local("location_quotient", group="red"), language="de", managed=False)
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert ax.get_title(loc="left") == "Lokationsquotient: red"
    assert ax.get_legend().get_title().get_text() == "Lokationsquotient"
    assert legend[0].startswith("bis 0,")
    assert legend[-1] == "Keine Personen / keine Daten\N{EN SPACE}(1)"
    caption = " ".join(next(text for text in ax.texts if text.get_gid() == "caption").get_text().split())
    assert caption.startswith("Lokationsquotient (LQ), Gruppe red. Gruppen: red, green, blue, grey. Umgebung: eigene")
    assert f"64 Einheiten, {language_of('de').people(town().size)} Personen." in caption
    assert "Klassen: gleiche Verhältnisse auf beiden Seiten von 1 (obere Grenze eingeschlossen)" in caption


def test_numbers_on_axes_are_those_of_the_language():
    ax = CALLS["trend"](language="it", managed=False)
    ticks = [label.get_text() for label in ax.get_yticklabels()]
    assert ticks
    assert all(re.fullmatch(r"\d,\d+", tick) for tick in ticks)
    ax = CALLS["segplot"](language="de", managed=False)
    ax.figure.canvas.draw()
    assert [label.get_text() for label in ax.get_yticklabels()][-1] == f"100{SPACE}%"
    assert [label.get_text() for label in ax.get_xticklabels()][1] == "10.000"


def test_categories_of_hot_spots_are_translated_and_those_of_the_user_are_not():
    with sg.plot.style(language="es"):
        assert list(sg.plot.prepare_map(spots()).classes["label"])[:3] == [
            "punto caliente",
            "no significativo",
            "punto frío",
        ]
        own = local().assign(value=np.where(np.arange(64) % 2, "hot spot", "ghetto"))
        assert list(sg.plot.prepare_map(own).classes["label"]) == ["ghetto", "hot spot"]


def test_environments_are_translated():
    frame = sg.local(town().within(sg.Kernel(1200.5)), "divergence")
    with sg.plot.style(language="fr"):
        assert f"Environnement{SPACE}: noyau biquadratique 1200,5 m." in sg.plot.prepare_map(frame).caption
    assert "Environment: kernel biweight 1200.5 m." in sg.plot.prepare_map(frame).caption


def test_names_of_groups_and_notes_stay_as_they_are():
    frame = local("share", group="red")
    frame.attrs["segregate"]["notes"] = ["2 units were left out"]
    with sg.plot.style(language="de"):
        prepared = sg.plot.prepare_map(frame)
    assert prepared.title == "Anteil: red"
    assert prepared.caption.endswith("2 units were left out.")
