"""The report as PDF: printed by Chromium, or by WeasyPrint."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from .._optional import require
from ..errors import MissingDependencyError, SegregateError
from ..io._writing import whole

__all__ = ["check_printer", "print_pdf"]

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
TIMEOUT = 180.0
"""Seconds that a browser may take."""


def _browser() -> str | None:
    return next((found for found in map(shutil.which, BROWSERS) if found), None)


def check_printer() -> None:
    """Refuse, before anything is computed, where nothing can print.

    Raises
    ------
    MissingDependencyError
        When neither a browser nor WeasyPrint is there.
    """
    if _browser() is None and importlib.util.find_spec("weasyprint") is None:
        raise MissingDependencyError(
            f"A PDF is printed by Chromium ({', '.join(BROWSERS)} on the PATH; Debian: apt install chromium) "
            "or by WeasyPrint (pip install 'segregate[pdf]'), and neither is here. Any browser can print the HTML "
            "file."
        )


def print_pdf(page: Path, target: Path) -> None:
    """Print a page.

    Parameters
    ----------
    page : Path
        The HTML file.
    target : Path
        The PDF file; an existing one is replaced when all went well.

    Raises
    ------
    SegregateError
        When the browser fails or takes too long.
    MissingDependencyError
        When nothing can print.
    """
    check_printer()
    browser = _browser()
    with whole(target) as temporary:
        if browser is None:
            require("weasyprint", extra="pdf").HTML(filename=str(page)).write_pdf(str(temporary))
        else:
            _by_browser(browser, page, temporary)


def _by_browser(browser: str, page: Path, target: Path) -> None:
    """Let a headless browser print, with a profile of its own."""
    with tempfile.TemporaryDirectory(prefix="segregate-", ignore_cleanup_errors=True) as profile:
        command = [
            browser,
            "--headless",
            "--disable-gpu",
            "--disable-extensions",
            "--no-first-run",
            "--no-pdf-header-footer",
            f"--user-data-dir={profile}",
            f"--print-to-pdf={target}",
            page.resolve().as_uri(),
        ]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.insert(1, "--no-sandbox")  # Chromium refuses to run as root with its sandbox
        try:
            ended = subprocess.run(command, capture_output=True, timeout=TIMEOUT, check=False)
        except subprocess.TimeoutExpired:
            raise SegregateError(
                f"{Path(browser).name} has not printed {page.name} within {TIMEOUT:g} seconds and was stopped. The "
                "HTML file is written; print it from a browser."
            ) from None
        if ended.returncode != 0 or not target.is_file() or not target.stat().st_size:
            said = ended.stderr.decode(errors="replace").strip().splitlines()
            raise SegregateError(
                f"{Path(browser).name} has printed no PDF of {page.name} (exit code {ended.returncode}"
                f"{f': {said[-1][:200]}' if said else ''}). The HTML file is written; print it from a browser."
            )
