"""A real Chromium without a network, and pages to open in it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb"]
INSIDE = ("file:", "data:", "blob:")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Return Chromium, or skip where it or its driver is not here."""
    driver = pytest.importorskip("playwright.sync_api", reason="Playwright is not here (the extra browser)")
    executable = next(filter(None, map(shutil.which, NAMES)), None)
    if executable is None:
        pytest.skip(f"Chromium is not here (none of {', '.join(NAMES)} is a command)")
    with driver.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def wrong() -> list[str]:
    """Return what went wrong on the pages of a test: errors, dialogs, requests."""
    return []


@pytest.fixture
def visit(browser: Any, wrong: list[str]) -> Iterator[Callable[..., Any]]:
    """Return a function that opens a file; afterwards anything that went wrong on the page fails the test."""
    contexts = []

    def visit(file: Path, *, width: int = 1280, height: int = 900, **options: Any) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": height}, accept_downloads=True, locale="en-US", **options
        )
        contexts.append(context)
        context.set_offline(True)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on(
            "console", lambda said: wrong.append(f"console: {said.text}") if said.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (wrong.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on(
            "request", lambda asked: None if asked.url.startswith(INSIDE) else wrong.append(f"request: {asked.url}")
        )
        page.on("requestfailed", lambda asked: wrong.append(f"failed: {asked.url}"))
        page.goto(file.as_uri())
        return page

    yield visit
    for context in contexts:
        context.close()
    assert wrong == []
