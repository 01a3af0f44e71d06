"""Style and script of the interactive part: whole, with their licence, and fetching nothing."""

import hashlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import segregate as sg
from segregate._languages import LANGUAGES, language_of
from segregate.reporting._page_assets import SCRIPTS, STYLES, page_script, page_style

FOLDER = Path(sg.__file__).parent / "reporting"
ASSETS = FOLDER / "assets"
LIBRARY = ASSETS / "vendor" / "leaflet"
TEMPLATE = (FOLDER / "templates" / "explore.html").read_text(encoding="utf-8")
OWN = {path.stem: path.read_text(encoding="utf-8") for path in (ASSETS / "page").glob("*.js")}


@pytest.mark.parametrize("name", ["leaflet.js", "leaflet.css", "LICENSE"])
def test_the_library_is_the_published_one(name):
    stated = dict(re.findall(r"^\| `(.+)` \| `([0-9a-f]{64})` \|$", (LIBRARY / "README.md").read_text("utf-8"), re.M))
    assert hashlib.sha256((LIBRARY / name).read_bytes()).hexdigest() == stated[name]


def test_every_file_is_in_the_page():
    assert {path.name for path in (ASSETS / "page").iterdir()} == {f"{name}.js" for name in SCRIPTS} | {
        f"{name}.css" for name in STYLES
    }


def test_nothing_is_fetched():
    style, script = page_style(), page_script()
    assert "url(" not in style
    assert "@import" not in style
    assert "sourceMappingURL" not in script
    for own in OWN.values():
        assert not re.search(
            r"https?:|fetch\(|XMLHttpRequest|import\(|eval\(|new Function|innerHTML|insertAdjacentHTML", own
        )


def test_rules_without_images_are_kept():
    style = page_style()
    assert ".leaflet-container" in style
    assert "#explore-app" in style
    assert style.count("{") == style.count("}")


def test_nothing_ends_the_element_early():
    assert not re.search(r"</script|<!--", page_script(), re.IGNORECASE)
    assert "</style" not in page_style().lower()


def test_the_licence_goes_along():
    script = page_script()
    assert "Redistribution and use in source and binary forms" in script
    assert script.index("Vladimir Agafonkin") < script.index("!function")


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not here")
def test_scripts_are_javascript(tmp_path):
    bundle = tmp_path / "bundle.js"
    bundle.write_text(page_script(), encoding="utf-8")
    for path in [bundle, *(ASSETS / "page").glob("*.js")]:
        done = subprocess.run(["node", "--check", path], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_every_word_is_there_and_used():
    asked = set(re.findall(r'words\["(\w+)"\]', TEMPLATE)) | set(re.findall(r'say\(\s*"(\w+)"', "".join(OWN.values())))
    messages = {key.split(".")[0] for key in words("en")}
    assert asked == messages


@pytest.mark.parametrize("code", LANGUAGES)
def test_words_have_the_same_places_in_every_language(code):
    for key, message in words("en").items():
        assert places(words(code)[key]) == places(message), key


def words(code):
    from segregate._languages import _messages

    assert language_of(code).has("page.off")
    return {key.removeprefix("page."): text for key, text in _messages(code).items() if key.startswith("page.")}


def places(message):
    return set(re.findall(r"\{(\w+)\}", message))


def test_every_element_that_the_script_asks_for_is_in_the_template():
    script = "".join(OWN.values())
    asked = set(re.findall(r'byId\("([\w-]+)"\)', script)) | set(re.findall(r'(?<![.\w])on\("([\w-]+)"', script))
    for group in re.findall(r"parts\(([^)]*)\)", script):
        asked |= set(re.findall(r'"(\w+)"', group))
    there = set(re.findall(r'id="explore-([\w-]+)"', TEMPLATE)) | set(re.findall(r'tool\("([\w-]+)"', TEMPLATE))
    assert asked - there == set()
    assert len(asked) > 25


def test_no_file_is_long():
    for path in (ASSETS / "page").iterdir():
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 500, path.name
