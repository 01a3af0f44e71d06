"""From the sections of a report to its page."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from ..errors import ParameterError, nearest
from ._page_assets import page_script, page_style

__all__ = ["page_of"]

OURS = "report.html"
FOLDER = ("reporting", "templates")
UNDEFINED = re.compile(r"'(\w+)' is undefined")


def _template(name: str) -> str | None:
    """Return one of our templates."""
    found = files("segregate").joinpath(*FOLDER, name)
    return found.read_text(encoding="utf-8") if "/" not in name and found.is_file() else None


def _environment(user: Path | None) -> jinja2.Environment:
    """Return where templates are looked for: ours first, so that a user's may extend them, then the user's folder."""
    loaders: list[jinja2.BaseLoader] = [jinja2.FunctionLoader(_template)]
    if user is not None:
        loaders += [
            jinja2.PrefixLoader({"user": jinja2.FileSystemLoader(user.parent)}),
            jinja2.FileSystemLoader(user.parent),
        ]
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader(loaders),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "allow_nan": False}
    return environment


def page_of(
    context: dict[str, Any], *, say: Callable[..., str], interactive: bool, template: Path | None, css: Path | None
) -> str:
    """Return the page.

    Parameters
    ----------
    context : dict
        What the template knows.
    say : callable
        Messages of the report by key, for the template.
    interactive : bool
        Whether there is an interactive part, which needs its script.
    template, css : Path or None
        Files of the user: a template that extends ours, and a style sheet that comes after ours.

    Raises
    ------
    ParameterError
        When a file of the user cannot be used; the message names the line.
    """
    script = page_script() if interactive else ""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = "; ".join(
        [
            "default-src 'none'",
            "style-src 'unsafe-inline'",
            f"script-src 'sha256-{digest}'" if script else "script-src 'none'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    own = _read(css) if css is not None else ""
    values = context | {
        "say": say,
        "policy": policy,
        "style": _style(_asset("report.css")),
        "page_style": Markup(page_style()) if interactive else "",
        "user_style": _style(own),
        "script": Markup(script),
    }
    environment = _environment(template)
    name = OURS if template is None else f"user/{template.name}"
    try:
        return environment.get_template(name).render(values)
    except jinja2.TemplateSyntaxError as error:
        where = f"{Path(error.filename or error.name or '').name}, line {error.lineno}"
        raise ParameterError(f"The template cannot be read ({where}): {error.message}") from error
    except jinja2.UndefinedError as error:
        raise ParameterError(
            f"The template cannot be filled: {error.message}. {_near(str(error.message), values)}"
        ) from error
    except jinja2.TemplateNotFound as error:
        raise ParameterError(
            f"The template asks for {error.name!r}, which is neither in its folder nor one of ours. Ours is {OURS!r}: "
            "{% extends 'report.html' %}."
        ) from error
    except (jinja2.TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
        if template is None:
            raise
        raise ParameterError(f"The template {template.name} cannot be filled: {error}") from error


def _near(message: str, values: dict[str, Any]) -> str:
    found = UNDEFINED.search(message)
    return nearest(found[1], values) if found else f"It knows: {', '.join(sorted(values))}."


def _asset(name: str) -> str:
    return files("segregate").joinpath("reporting", "assets", name).read_text(encoding="utf-8")


def _style(text: str) -> Markup:
    """Return a style sheet that does not end its element."""
    return Markup(re.sub(r"<(/style|!--)", lambda found: "<\\" + found[1], text, flags=re.IGNORECASE))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ParameterError(f"{os.fspath(path.name)} is no text in UTF-8 (byte {error.start:,}).") from None
